# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The IAM documents of examples/accounts/: a hub and its accounts, under enforcement, and what each lacks without a part.

The permissions of the hub in docs/permissions.md are here, too.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sealed_lab.policy_language import PolicyKind, parse_policy

from . import permissions
from .account_world import (
    AUDIT_ROLE,
    DOCUMENTS,
    HUB,
    HUB_ROLE,
    MEMBER_ROLE,
    MEMBERS,
    REGION,
    UNIT,
    AccountWorld,
    Document,
    allowing,
    environment_of,
    make_account_world,
    without,
)
from .conftest import Result, Task
from .permissions import HUB as HUB_NEEDS

DEFAULT, DEFAULT_INFO = "bucket_default_encryption", "bucket_default_encryption_info"
POLICY, POLICY_INFO = "bucket_encryption_policy", "bucket_encryption_policy_info"
KEY, KEY_INFO = "kms_key_for_s3", "kms_key_for_s3_info"
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html without white space
ROLE_POLICY_SIZE, TRUST_POLICY_SIZE = 10240, 2048


@pytest.fixture
def world(lab: Any, at_aws: None, monkeypatch: pytest.MonkeyPatch) -> AccountWorld:
    """The organization. The tasks run as the role of the hub."""
    made, environment = make_account_world(lab)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return made


def account_of(world: AccountWorld, name: str = "production", **options: Any) -> list[dict[str, Any]]:
    """The option `accounts` for one account."""
    return [{"account_id": world.ids[name], "role_name": MEMBER_ROLE, **options}]


def named(result: Result) -> str:
    """All that a result says."""
    return json.dumps(result)


def test_the_readme_names_each_document() -> None:
    files = sorted(path.name for path in DOCUMENTS.glob("*.json"))
    for page in (DOCUMENTS / "README.md", DOCUMENTS.parents[1] / "docs" / "accounts.md"):
        text = page.read_text(encoding="utf-8")
        assert [name for name in files if f"{name})" not in text] == []


@pytest.mark.parametrize("path", sorted(DOCUMENTS.glob("*.json")), ids=lambda path: str(path.stem))
def test_grammar_and_size(path: Any) -> None:
    """What IAM accepts. The documents name only actions that exist in the tables of docs/permissions.md."""
    text = path.read_text(encoding="utf-8")
    is_trust = path.name.startswith("trust")
    parse_policy(text, PolicyKind.TRUST if is_trust else PolicyKind.IDENTITY)
    assert len("".join(text.split())) <= (TRUST_POLICY_SIZE if is_trust else ROLE_POLICY_SIZE)
    documented = {action for need in HUB_NEEDS for action in need.required}
    for needs in permissions.PERMISSIONS.values():
        for need in needs:
            documented |= {*need.required, *(each.action for each in need.optional)}
    assert set(allowing(json.loads(text))) <= documented


# Each action of member_policy.json, and a task that needs it, with the name of a new bucket and of a new alias.
def _encrypt(name: str) -> tuple[str, dict[str, Any]]:
    return DEFAULT, {"buckets": [name], "encryption": "SSE-KMS"}


def _require_tls(name: str) -> tuple[str, dict[str, Any]]:
    return POLICY, {"buckets": [name], "require_tls": True}


def _remove_tls(name: str) -> tuple[str, dict[str, Any]]:
    return POLICY, {"buckets": [name], "remove_rules": ["require_tls"]}


def _encrypt_under_alias(name: str) -> tuple[str, dict[str, Any]]:
    return DEFAULT, {"buckets": [name], "encryption": "SSE-KMS", "kms_key": f"alias/{name}"}


def _make_key(name: str) -> tuple[str, dict[str, Any]]:
    return KEY, {"alias": f"alias/{name}", "administrators": [f"role/{MEMBER_ROLE}"], "tags": {"a": "b"}}


MakeTask = Callable[[str], tuple[str, dict[str, Any]]]
NEEDED_FOR: dict[str, MakeTask] = {
    "s3:ListAllMyBuckets": _encrypt,
    "s3:GetEncryptionConfiguration": _encrypt,
    "s3:PutEncryptionConfiguration": _encrypt,
    "s3:GetBucketAcl": _encrypt,
    "s3:GetBucketPolicy": _require_tls,
    "s3:PutBucketPolicy": _require_tls,
    "s3:GetBucketWebsite": _require_tls,
    "s3:DeleteBucketPolicy": _remove_tls,
    "kms:DescribeKey": _encrypt_under_alias,
}


def test_the_policy_of_a_member_has_what_its_tasks_need(world: AccountWorld, task: Task) -> None:
    """With it, each task is done without a warning. Without an action, the result of the account names it."""
    policy = world.document("member_policy")
    for number, action in enumerate(["", *allowing(policy)]):
        name = f"example-{number}"
        world.permit("production", MEMBER_ROLE, policy)
        world.make_bucket("production", name)
        tasks = [NEEDED_FOR.get(action, _make_key)(name)] if action else [_make_key(name), *_all_tasks(name)]
        if tasks[0][0] == POLICY and "remove_rules" in tasks[0][1]:
            module, options = _require_tls(name)
            assert task(module, accounts=account_of(world), **options)["changed"]
        if action:
            world.permit("production", MEMBER_ROLE, without(policy, action))
        for module, options in tasks:
            result = task(module, accounts=account_of(world), **options)
            if action:
                assert action in named(result), f"without {action}: {result}"
            else:
                assert result["changed"], result
                assert "warnings" not in result


def _all_tasks(name: str) -> list[tuple[str, dict[str, Any]]]:
    return [_encrypt_under_alias(name), _require_tls(name), _remove_tls(name)]

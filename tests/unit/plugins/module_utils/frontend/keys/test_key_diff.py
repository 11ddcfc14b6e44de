# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The diff of a key: short enough to be read, and complete for what changes."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from ansible_collections.sealed.s3.plugins.module_utils.frontend.keys.key_diff import key_diff
from ansible_collections.sealed.s3.plugins.module_utils.frontend.keys.serialize import key_plan_to_dict
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.desired_key import DesiredPolicy, PolicyScope
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_policy import merge_policy
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_rotation import Rotation
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_state import KeyState

SCOPE = PolicyScope("aws", "eu-west-1", "111122223333")
ADMIN = "arn:aws:iam::111122223333:role/admin"
USER = "arn:aws:iam::111122223333:role/app"
POLICY = merge_policy(None, DesiredPolicy((ADMIN,), (USER,)), SCOPE)
KEY = KeyState(aliases=("alias/app",), policy=POLICY, rotation=Rotation(True, 365), tags=())


def diff_of(before: KeyState | None, after: KeyState | None) -> dict[str, Any]:
    old, new = (key_plan_to_dict(key, "alias/app", "eu-west-1") for key in (before, after))
    return key_diff(old, new, "alias/app")


def without_sid(statement: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in statement.items() if name != "Sid"}


def test_a_new_key() -> None:
    """Each fact once: no empty part, no list of actions twice."""
    diff = diff_of(None, KEY)
    assert diff["before"] == {}
    policy = diff["after"].pop("policy")
    assert diff["after"] == {
        "aliases": ["alias/app"],
        "multi_region": False,
        "origin": "AWS_KMS",
        "region": "eu-west-1",
        "rotation": {"enabled": True, "period_in_days": 365},
        "state": "Enabled",
    }
    written = {each["Sid"]: without_sid(each) for each in json.loads(POLICY or "")["Statement"]}
    written["S3KeyAdministrators"]["Action"] = "as in S3KeyAccount"
    written["S3KeyAccount"]["Principal"]["AWS"] = [written["S3KeyAccount"]["Principal"]["AWS"]]
    assert policy == {"Version": "2012-10-17", "Statement": written}
    assert len(json.dumps(diff_of(None, KEY), indent=4).splitlines()) < 100


def test_a_change_of_one_statement() -> None:
    """The other statements are not shown."""
    changed = merge_policy(POLICY, DesiredPolicy(users=(ADMIN, USER)), SCOPE)
    diff = diff_of(KEY, replace(KEY, policy=changed))
    principals = {"Principal": {"AWS": [USER]}}, {"Principal": {"AWS": [ADMIN, USER]}}
    for side, principal in zip(("before", "after"), principals, strict=True):
        assert diff[side] == {"policy": {"Statement": {"S3KeyUsers": principal, "S3KeyDescribe": principal}}}


def as_aws_reports_it(text: str | None) -> str:
    """A policy with one principal as a text, and several in another order."""
    policy = json.loads(text or "")
    for statement in policy["Statement"]:
        for kind, names in statement["Principal"].items():
            if isinstance(names, list):
                statement["Principal"][kind] = names[0] if len(names) == 1 else names[::-1]
    return json.dumps(policy)


def test_the_form_of_principals_is_not_a_change() -> None:
    """AWS reports principals in another form than they were written. That is neither a change nor another result."""
    several = merge_policy(POLICY, DesiredPolicy(users=(ADMIN, USER), services=("logging.s3.amazonaws.com",)), SCOPE)
    reported = as_aws_reports_it(several)
    assert key_plan_to_dict(replace(KEY, policy=reported), None, "") == key_plan_to_dict(
        replace(KEY, policy=several), None, ""
    )
    diff = diff_of(replace(KEY, policy=reported), replace(KEY, policy=merge_policy(reported, DesiredPolicy(()), SCOPE)))
    assert list(diff["before"]["policy"]["Statement"]) == ["S3KeyAdministrators"]


def test_statements_without_a_sid_and_with_the_same_one() -> None:
    """None hides another, and one that is removed is shown."""
    found = [
        {"Sid": sid, "Effect": "Allow", "Action": f"kms:{number}"} for number, sid in enumerate(["", "A", "", "A"])
    ]
    before = replace(KEY, policy=json.dumps({"Statement": found}))
    shown = diff_of(before, replace(KEY, policy=json.dumps({"Statement": found[:2]})))
    assert set(shown["before"]["policy"]["Statement"]) == {"without a Sid (2)", "A (2)"}


def test_a_part_that_becomes_empty_is_shown() -> None:
    """Of a key that exists, empty is news."""
    diff = diff_of(replace(KEY, description="x", tags=(("a", "b"),)), KEY)
    assert diff["after"] == {"description": "", "tags": {"a": None}}


def test_a_new_replica() -> None:
    """Like a new key."""
    replica = replace(KEY, region="us-east-1")
    diff = diff_of(KEY, replace(KEY, replica_regions=("us-east-1",), replicas=(replica,)))
    assert set(diff["after"]["replicas"]["us-east-1"]) == {"region", "state", "policy", "aliases"}
    assert diff["before"]["replicas"] == {"us-east-1": None}

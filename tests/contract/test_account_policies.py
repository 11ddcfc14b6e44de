# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The IAM documents of examples/accounts/ under enforcement: a hub, its accounts, and what fails without a part.

The permissions of the hub in docs/permissions.md are here, too.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sealed_lab.policy_language import PolicyKind, parse_policy

from ansible_collections.sealed.s3.plugins.module_utils.aws.accounts import organizations
from ansible_collections.sealed.s3.plugins.module_utils.model.accounts.account import ORGANIZATION_ROLE

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
REGIONS = [REGION, "eu-west-1"]
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
    return KEY, {"alias": f"alias/new-{name}"}


def _change_key(name: str) -> tuple[str, dict[str, Any]]:
    # Another role than the one of the task, which then may do no more than its own policy allows.
    return KEY, {"alias": f"alias/{name}", "administrators": [f"role/{ORGANIZATION_ROLE}"], "tags": {"a": "b"}}


MakeTask = Callable[[str], tuple[str, dict[str, Any]]]
# All other actions are for a change of a key.
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
    "kms:CreateKey": _make_key,
    "kms:CreateAlias": _make_key,
    "kms:ListKeys": _make_key,
}


def test_the_policy_of_a_member_has_what_its_tasks_need(world: AccountWorld, task: Task) -> None:
    """With it, each task is done, and nothing is unknown. Without an action, the result of the account names it."""
    policy, kms = world.document("member_policy"), world.client("kms", "production")

    def run(make_task: MakeTask, name: str) -> Result:
        module, options = make_task(name)
        return task(module, accounts=account_of(world), **options)

    def prepare(name: str) -> None:
        world.make_bucket("production", name)
        key_id = kms.create_key(Tags=[{"TagKey": "old", "TagValue": ""}])["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=key_id)

    prepare("complete")
    for make_task in (_make_key, _change_key, _encrypt_under_alias, _require_tls, _remove_tls):
        result = run(make_task, "complete")
        assert result["changed"], named(result)
        assert "forbidden" not in named(result)
    for number, action in enumerate(allowing(policy)):
        name = f"example-{number}"
        prepare(name)
        needing = NEEDED_FOR.get(action, _change_key)
        if needing is _remove_tls:
            assert run(_require_tls, name)["changed"]
        world.permit("production", MEMBER_ROLE, without(policy, action))
        result = run(needing, name)
        assert action in named(result), f"without {action}: {result}"
        world.permit("production", MEMBER_ROLE, policy)


# The tasks of an audit, and the actions of each. Without one that the task cannot do without, the task fails.
_KEY_PARTS = ("kms:GetKeyLastUsage", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListAliases")
AUDIT: tuple[tuple[str, dict[str, Any], tuple[tuple[str, ...], ...]], ...] = (
    (DEFAULT_INFO, {"buckets": ["audited"]}, (("s3:ListAllMyBuckets",), ("s3:GetEncryptionConfiguration",))),
    (POLICY_INFO, {"buckets": ["audited"]}, (("s3:GetBucketPolicy",),)),
    (
        KEY_INFO,
        {"alias": "alias/audited"},
        (("kms:DescribeKey",), (*_KEY_PARTS, "kms:ListGrants", "kms:ListResourceTags")),
    ),
    (KEY_INFO, {}, (("kms:ListKeys",),)),
)


def test_the_audit_policy_has_what_the_info_modules_need(world: AccountWorld, task: Task) -> None:
    """And it allows no change."""
    policy = world.document("member_audit_policy")
    assert {action for audit in AUDIT for actions in audit[2] for action in actions} == set(allowing(policy))
    world.make_role("production", AUDIT_ROLE, world.document("trust_policy"), policy)
    world.permit("hub", HUB_ROLE, _entering(world, AUDIT_ROLE))
    world.make_bucket("production", "audited")
    kms = world.client("kms", "production")
    kms.create_alias(AliasName="alias/audited", TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
    account = account_of(world, role_name=AUDIT_ROLE)
    module, change = _encrypt("audited")
    assert "s3:PutEncryptionConfiguration" in task(module, accounts=account, **change)["msg"]
    for module, options, needed in AUDIT:
        result = task(module, accounts=account, **options)
        assert not result.get("failed"), result
        assert "forbidden" not in named(result)
        for actions in needed:
            world.permit("production", AUDIT_ROLE, without(policy, *actions))
            refused = named(task(module, accounts=account, **options))
            assert [action for action in actions if action not in refused] == []
        world.permit("production", AUDIT_ROLE, policy)


def _entering(world: AccountWorld, role: str) -> Document:
    """The policy of the hub for another role."""
    text = json.dumps(world.document("hub_policy"))
    document: Document = json.loads(text.replace(f"role/{MEMBER_ROLE}", f"role/{role}"))
    return document


def _trusting(document: Document, **changes: Any) -> Document:
    (statement,) = document["Statement"]
    return {**document, "Statement": [{**statement, **changes}]}


def _of_another_role(world: AccountWorld) -> None:
    world.make_role("hub", "Other", world.document("trust_policy"), world.document("hub_policy"))
    principal = {"AWS": world.role_arn("hub", "Other")}
    world.trust("production", _trusting(world.document("trust_policy"), Principal=principal))


def _of_another_organization(world: AccountWorld) -> None:
    condition = {"StringEquals": {"aws:PrincipalOrgID": "o-another1"}}
    world.trust("production", _trusting(world.document("trust_policy"), Condition=condition))


def _of_the_account(world: AccountWorld) -> None:
    """The account of the hub, and its role in a condition."""
    condition = {"ArnEquals": {"aws:PrincipalArn": world.role_arn("hub", HUB_ROLE)}}
    principal = {"AWS": f"arn:aws:iam::{HUB}:root"}
    world.trust("production", _trusting(world.document("trust_policy"), Principal=principal, Condition=condition))


def _with_external_id(world: AccountWorld) -> None:
    world.trust("production", world.document("trust_policy_external_id"))


def _hub_without_permission(world: AccountWorld) -> None:
    world.permit("hub", HUB_ROLE, without(world.document("hub_policy"), "sts:AssumeRole"))


def _hub_of_another_organization(world: AccountWorld) -> None:
    policy = world.document("hub_policy")
    policy["Statement"][0]["Condition"] = {"StringEquals": {"aws:ResourceOrgID": "o-another1"}}
    world.permit("hub", HUB_ROLE, policy)


def _closed(world: AccountWorld) -> None:
    world.client("organizations", "management").close_account(AccountId=world.ids["production"])


@dataclass(frozen=True)
class Entry:
    """How an account is entered, what is changed before, and what the error says; "" if it is entered."""

    prepare: Callable[[AccountWorld], None] = lambda world: None
    says: str = ""
    options: tuple[tuple[str, Any], ...] = ()
    others_fail: bool = False


_NOT_ALLOWED = "STS does not report the cause. The role has to exist, in an account that is not closed;"
_HUB = f"the role {HUB_ROLE} of the account {HUB}"
_EXTERNAL_ID = ("external_id", "c0a6f5e2-example")
ENTRIES = {
    "as documented": Entry(),
    "an external id that is not asked for": Entry(options=(_EXTERNAL_ID,)),
    "the right external id": Entry(_with_external_id, options=(_EXTERNAL_ID,)),
    "another external id": Entry(
        _with_external_id, "with the external id that the task sends", (("external_id", "another"),)
    ),
    "no external id": Entry(_with_external_id, "without a condition on sts:ExternalId"),
    "the account of the hub, with a condition": Entry(_of_the_account),
    "another role of the hub": Entry(_of_another_role, f"has to allow sts:AssumeRole to {_HUB}"),
    "another organization": Entry(_of_another_organization, _NOT_ALLOWED),
    "a role that does not exist": Entry(says=_NOT_ALLOWED, options=(("role_name", "Missing"),)),
    "a hub without permission": Entry(
        _hub_without_permission, "a policy of these credentials has to allow sts:AssumeRole", others_fail=True
    ),
    "a hub for another organization": Entry(_hub_of_another_organization, _NOT_ALLOWED, others_fail=True),
    "a session that is too long": Entry(
        says="Set duration_seconds to at most 3600, or leave it out", options=(("duration_seconds", 7200),)
    ),
    "a closed account": Entry(_closed, _NOT_ALLOWED),
}


@pytest.mark.parametrize("name", ENTRIES)
def test_who_may_enter(world: AccountWorld, task: Task, name: str) -> None:
    """Without the trust, or the permission of the hub: a sentence that says what may be missing. Others are entered."""
    entry = ENTRIES[name]
    entry.prepare(world)
    for account in MEMBERS:
        world.make_bucket(account, f"of-{account}")
    accounts = [*account_of(world, **dict(entry.options)), *account_of(world, "staging")]
    result = task(DEFAULT, accounts=accounts, select={"names": ["*"]}, encryption="SSE-KMS")
    failed = [
        world.ids[account] for account in MEMBERS if entry.says and (account == "production" or entry.others_fail)
    ]
    assert result["failed_accounts"] == failed, result
    assert bool(result.get("failed")) is bool(failed)
    assert result["summary"]["changed"] == 2 - len(failed)
    if failed:
        row = next(each for each in result["accounts"] if each["account_id"] == failed[0])
        assert entry.says in row["error"]["message"], row
        assert row["error"]["action"] in ("sts:AssumeRole", None)


def test_the_first_check_run_of_an_organization(world: AccountWorld, task: Task) -> None:
    """The key of each account and region does not exist yet. Nothing is written, and nothing fails."""
    for account in MEMBERS:
        for region in REGIONS:
            world.make_bucket(account, f"of-{account}-{region}", region)
    world.lab.calls.clear()
    organization = {"units": [UNIT], "role_name": MEMBER_ROLE}
    keys = task(KEY, check=True, organization=organization, regions=REGIONS, alias="alias/data")
    assert (keys["summary"]["changed"], keys["summary"]["failed"]) == (4, 0)
    options = {"organization": organization, "select": {"names": ["*"]}, "encryption": "SSE-KMS"}
    planned = task(DEFAULT, check=True, kms_key="alias/data", **options)
    assert (planned["summary"]["changed"], planned["summary"]["failed"]) == (4, 0)
    assert {row["after"]["kms_key"] for row in planned["buckets"]} == {row["arn"] for row in keys["kms_keys"]}
    assert any("alias/data" in each for each in planned["not_there_yet"]), planned["not_there_yet"]
    assert not [each for each in world.lab.calls.operations() if each.startswith(("Create", "Put"))]


def test_a_hub_that_was_made_again(world: AccountWorld, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    """A trust policy that names the role keeps the unique id of the former one."""
    iam = world.client("iam", "hub")
    trust = iam.get_role(RoleName=HUB_ROLE)["Role"]["AssumeRolePolicyDocument"]
    iam.delete_role_policy(RoleName=HUB_ROLE, PolicyName="own")
    iam.delete_role(RoleName=HUB_ROLE)
    _of_the_account(replace(world, ids={**world.ids, "production": world.ids["staging"]}))
    world.make_role("hub", HUB_ROLE, trust, world.document("hub_policy"))
    user = world.client("iam", "hub").create_access_key(UserName="operator")["AccessKey"]
    for variable, value in environment_of(world.session_of_hub(user)).items():
        monkeypatch.setenv(variable, value)
    accounts = [*account_of(world), *account_of(world, "staging")]
    result = task(DEFAULT_INFO, accounts=accounts, select={"names": ["*"]})
    assert result["failed_accounts"] == [world.ids["production"]]
    world.trust("production", world.document("trust_policy"))
    assert task(DEFAULT_INFO, accounts=accounts, select={"names": ["*"]})["failed_accounts"] == []


def test_the_management_account(world: AccountWorld, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its administrator enters it without a role, and the accounts that Organizations created with their default role.

    An invited account has no such role.
    """
    iam = world.client("iam", "management")
    iam.create_user(UserName="administrator")
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
    iam.put_user_policy(UserName="administrator", PolicyName="own", PolicyDocument=document)
    access = iam.create_access_key(UserName="administrator")["AccessKey"]
    for variable, value in environment_of(access).items():
        monkeypatch.setenv(variable, value)
    for account in ("management", "hub", *MEMBERS):
        world.make_bucket(account, f"of-{account}")
    organization = {"role_name": ORGANIZATION_ROLE}
    result = task(DEFAULT_INFO, organization=organization, select={"names": ["*"]})
    assert result["failed_accounts"] == [HUB]
    assert {row["name"] for row in result["buckets"]} == {"of-management", "of-production", "of-staging"}


def _needs_of_organization(world: AccountWorld) -> dict[str, dict[str, Any]]:
    client = world.client("organizations", "management")
    root = client.list_roots()["Roots"][0]["Id"]
    empty = client.create_organizational_unit(ParentId=root, Name="Empty")["OrganizationalUnit"]["Id"]
    client.tag_resource(ResourceId=world.ids["staging"], Tags=[{"Key": "stage", "Value": "test"}])
    unit = world.unit_id
    return {
        "each role that is assumed": {"units": [unit]},
        "`organization`": {"units": [unit]},
        "`organization` with a path in `units`": {"units": [UNIT]},
        "`organization` with the id of a unit that has no accounts": {"units": [unit, empty]},
        "`organization` with `units`, if the SDK does not report the units of accounts": {"units": [unit]},
        "`organization` with `tags`": {"tags": {"stage": "test"}},
    }


def test_each_documented_permission_of_the_hub(
    world: AccountWorld, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The actions of a row, with those of every run, suffice, and without one of them the error names it."""
    every = (*HUB_NEEDS[0].required, *HUB_NEEDS[1].required)
    options = _needs_of_organization(world)
    assert list(options) == [need.purpose for need in HUB_NEEDS]
    for need in HUB_NEEDS:
        organization = {**options[need.purpose], "role_name": MEMBER_ROLE}

        def run(*actions: str, chosen: dict[str, Any] = organization) -> Result:
            statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
            world.permit("hub", HUB_ROLE, {"Version": "2012-10-17", "Statement": [statement]})
            return task(DEFAULT_INFO, organization=chosen, select={"names": ["*"]})

        with monkeypatch.context() as patch:
            if "does not report" in need.purpose:
                _hide_units_of_accounts(patch)
            actions = dict.fromkeys((*every, *need.required))
            complete = run(*actions)
            assert not complete.get("failed"), complete["msg"]
            for action in need.required:
                refused = run(*(each for each in actions if each != action))
                assert refused["failed"]
                assert action in refused["msg"], f"without {action}: {refused['msg']}"


@pytest.mark.parametrize(
    ("selected", "expected"),
    [
        ({}, {"AssumeRole": 2, "ListBuckets": 3}),
        ({"tags": {"stage": "test"}}, {"AssumeRole": 1, "ListBuckets": 1, "ListTagsForResource": 3}),
        (
            {"units": [UNIT]},
            {"AssumeRole": 2, "ListBuckets": 2, "ListRoots": 1, "ListOrganizationalUnitsForParent": 1},
        ),
    ],
    ids=["all", "tags", "a path"],
)
def test_the_calls_of_an_organization(
    world: AccountWorld, task: Task, selected: dict[str, Any], expected: dict[str, int]
) -> None:
    """As in docs/api_calls.md: the hub is entered without a role, and the management account is left out."""
    _needs_of_organization(world)
    statements = world.document("hub_policy")["Statement"]
    own = {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}
    world.permit("hub", HUB_ROLE, {"Version": "2012-10-17", "Statement": [*statements, own]})
    world.lab.calls.clear()
    organization = {"role_name": MEMBER_ROLE, "exclude": ["management"], **selected}
    result = task(DEFAULT_INFO, organization=organization, select={"names": ["*"]})
    assert not result.get("failed"), result["msg"]
    assert Counter(world.lab.calls.operations()) == {"ListAccounts": 1, "GetCallerIdentity": 1, **expected}
    assert result["summary"]["sts_calls"] == expected["AssumeRole"] + 1
    assert result["summary"]["api_calls"] == len(world.lab.calls.operations())


def _hide_units_of_accounts(patch: pytest.MonkeyPatch) -> None:
    flatten = organizations.flatten_account
    patch.setattr(organizations, "flatten_account", lambda found: replace(flatten(found), unit_ids=None))

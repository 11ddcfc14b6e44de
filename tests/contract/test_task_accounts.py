# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The accounts of a task: named, or those of an organization by unit, tag and name, with the calls that they cost."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws.accounts import organizations
from ansible_collections.sealed.s3.plugins.module_utils.aws.accounts.sts import Sts
from ansible_collections.sealed.s3.plugins.module_utils.aws.session import Clients, Connection
from ansible_collections.sealed.s3.plugins.module_utils.frontend.accounts.task_accounts import task_accounts
from ansible_collections.sealed.s3.plugins.module_utils.model.accounts.account import Account
from ansible_collections.sealed.s3.plugins.module_utils.model.caller import Caller
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import OperationError

from .conftest import ACCOUNT, REGION, Task

EVERY = {"role_name": "OrganizationAccountAccessRole"}
ROLE_OF_EACH = "arn:aws:iam::{}:role/OrganizationAccountAccessRole"


@dataclass
class Hub:
    """The credentials of the environment. It counts how often it is asked who they are."""

    clients: Clients = field(default_factory=lambda: Clients(Connection(region=REGION)))
    asked: int = 0

    def caller(self) -> Caller:
        self.asked += 1
        return Sts(self.clients).get_caller_identity()


@dataclass
class Module:
    """The warnings of a task."""

    warnings: list[str] = field(default_factory=list)

    def warn(self, warning: str) -> None:
        self.warnings.append(warning)


@dataclass
class OptionsOfTask:
    """What the accounts of a task depend on."""

    params: dict[str, Any]
    clients: Clients
    module: Module = field(default_factory=Module)


def accounts_of(**options: Any) -> list[Account]:
    """The accounts that a task with these options has."""
    hub = Hub()
    task: Any = OptionsOfTask({"accounts": None, "organization": None, **options}, hub.clients)
    return list(task_accounts(task, hub))


def names_of(**organization: Any) -> list[str]:
    """The names of the accounts of an organization that a task has, sorted."""
    return sorted(account.name for account in accounts_of(organization=organization))


@dataclass(frozen=True)
class World:
    """An organization with the units Workloads/{Prod,Test} and Security, and their accounts by name."""

    client: Any
    units: Mapping[str, str]
    accounts: Mapping[str, str]


UNITS = ("Workloads", "Workloads/Prod", "Workloads/Prod/Web", "Workloads/Test", "Security")
MEMBERS = {
    "shop": "Workloads/Prod/Web",
    "payments": "Workloads/Prod",
    "shop-test": "Workloads/Test",
    "logs": "Security",
    "sandbox": "",
    "closed": "Workloads/Prod",
}
TAGS = {"shop": {"stage": "prod", "cost": "7"}, "payments": {"stage": "prod"}, "shop-test": {"stage": "test"}}


@pytest.fixture
def world(lab: Any) -> World:
    """An organization whose management account is that of the environment."""
    client = lab.client("organizations", account=ACCOUNT)
    client.create_organization()
    root = client.list_roots()["Roots"][0]["Id"]
    units = {"": root}
    for path in UNITS:
        parent, _slash, name = path.rpartition("/")
        made = client.create_organizational_unit(ParentId=units[parent], Name=name)
        units[path] = made["OrganizationalUnit"]["Id"]
    accounts = {"management": ACCOUNT}
    for name, unit in MEMBERS.items():
        tags = [{"Key": key, "Value": value} for key, value in TAGS.get(name, {}).items()]
        request = client.create_account(AccountName=name, Email=f"{name}@example.com", Tags=tags)
        status = client.describe_create_account_status(CreateAccountRequestId=request["CreateAccountStatus"]["Id"])
        accounts[name] = status["CreateAccountStatus"]["AccountId"]
        if unit:
            client.move_account(AccountId=accounts[name], SourceParentId=root, DestinationParentId=units[unit])
    client.close_account(AccountId=accounts["closed"])
    lab.calls.clear()
    return World(client, units, accounts)


ALL = ["logs", "management", "payments", "sandbox", "shop", "shop-test"]
WALK = {"ListRoots": 1, "ListOrganizationalUnitsForParent": 1}


@pytest.mark.parametrize("without_paths", [False, True], ids=["paths", "an SDK without paths"])
def test_the_accounts_of_an_organization(
    world: World, calls: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch, without_paths: bool
) -> None:
    """Each selection with its accounts, and the calls besides ListAccounts and GetCallerIdentity."""
    ids, flatten = world.units, organizations.flatten_account
    if without_paths:
        monkeypatch.setattr(
            organizations,
            "flatten_account",
            lambda found: flatten({key: value for key, value in found.items() if key not in ("Paths", "State")}),
        )
    for options, names, more in (
        (EVERY, ALL, {}),
        ({**EVERY, "exclude": ["sand*", world.accounts["logs"]]}, ["management", "payments", "shop", "shop-test"], {}),
        ({"units": [ids["Workloads/Prod"]]}, ["payments", "shop"], {}),
        ({"units": [ids[""]]}, ALL, {}),
        ({"units": ["Workloads"]}, ["payments", "shop", "shop-test"], WALK),
        ({"units": ["/Workloads/Prod/Web/", ids["Security"]]}, ["logs", "shop"], {**WALK, WALK_UNITS: 3}),
        ({"units": ["*/T*", "Sec?rity"]}, ["logs", "shop-test"], {**WALK, WALK_UNITS: 3}),
        ({"tags": {"stage": "prod"}, "exclude": ["sandbox", "logs"]}, ["payments", "shop"], {"ListTagsForResource": 4}),
        ({"tags": {"stage": "prod", "cost": 7}, "units": [ids["Workloads"]]}, ["shop"], {"ListTagsForResource": 3}),
    ):
        found = accounts_of(organization=options)
        assert sorted(account.name for account in found) == names
        assert [account.account_id for account in found] == sorted(world.accounts[name] for name in names)
        counted = Counter(calls())
        if not without_paths:
            assert counted == {"ListAccounts": 1, "GetCallerIdentity": len(names), **more}


WALK_UNITS = "ListOrganizationalUnitsForParent"


def test_how_the_accounts_of_an_organization_are_entered(world: World) -> None:
    options = {"role_name": "path/admin", "external_id": "42", "regions": ["eu-west-1"], "duration_seconds": 900}
    found = {account.name: account for account in accounts_of(organization=options)}
    assert found["management"] == Account(
        ACCOUNT, "management", (), ("eu-west-1",), "organization (its management account)"
    )
    entered = found["logs"]
    assert (entered.place, entered.regions) == ("organization", ("eu-west-1",))
    [role] = entered.roles
    assert str(role.arn) == f"arn:aws:iam::{world.accounts['logs']}:role/path/admin"
    assert (role.external_id, role.session_name, role.duration_seconds) == ("42", "sealed.s3", 900)


def test_many_accounts_cost_one_call_for_20(lab: Any, calls: Callable[[], list[str]]) -> None:
    client = lab.client("organizations", account=ACCOUNT)
    client.create_organization()
    for number in range(40):
        client.create_account(AccountName=f"a{number}", Email=f"a{number}@example.com")
    calls()
    assert len(accounts_of(organization=EVERY)) == 41
    assert Counter(calls())["ListAccounts"] == 3


def test_a_pattern_that_excludes_nothing_is_reported(world: World) -> None:
    hub = Hub()
    options = {**EVERY, "exclude": ["sandbx", "closed"]}
    task: Any = OptionsOfTask({"accounts": None, "organization": options}, hub.clients)
    assert len(list(task_accounts(task, hub))) == 6
    assert task.module.warnings == ["organization.exclude: 'sandbx' matches no account of the organization."]


def assert_refused(kind: str, words: str, **organization: Any) -> None:
    with pytest.raises(OperationError) as raised:
        accounts_of(organization=organization)
    failure = raised.value.failure
    assert failure.kind.value == kind
    assert words in failure.sentence()


def test_units_and_accounts_that_do_not_exist(world: World) -> None:
    unknown = f"{world.units['Security'][:-8]}00000000"
    for kind, words, options in (
        ("absent", "there is no unit 'Workloads/Prd' in the organization. 'Workloads' has the units 'Prod', 'Test'.",
         {"units": ["Workloads/Prd"]}),
        ("absent", "there is no unit 'prod' in the organization. The root has the units 'Security', 'Workloads'.",
         {"units": ["Security", "prod"]}),
        ("absent", "there is no unit 'Security/Logs' in the organization. 'Security' has no units.",
         {"units": ["Security/Logs"]}),
        ("absent", f"there is no unit '{unknown}' in the organization.", {"units": [unknown]}),
        ("invalid", "organization selects no account: 7 are listed, 1 of them are not active, 6 are excluded.",
         {**EVERY, "exclude": ["*"]}),
        ("invalid", "0 are excluded, 1 of the rest are in the units, none of the rest has the tags.",
         {"units": ["Security"], "tags": {"stage": "prod"}, "exclude": ["nothing"]}),
    ):  # fmt: skip
        assert_refused(kind, words, **options)


def test_an_organization_that_cannot_be_listed(world: World, lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "999999999999")
    assert_refused("invalid", "Your account is not a member of an organization. Run the task with credentials", **EVERY)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", world.accounts["logs"])
    assert_refused("forbidden", "Organizations answers this call only to its management account and to the", **EVERY)
    world.client.enable_aws_service_access(ServicePrincipal="config.amazonaws.com")
    world.client.register_delegated_administrator(
        AccountId=world.accounts["logs"], ServicePrincipal="config.amazonaws.com"
    )
    entered = {account.name: account for account in accounts_of(organization=EVERY)}
    assert entered["logs"].roles == ()
    assert str(entered["management"].roles[0].arn) == ROLE_OF_EACH.format(ACCOUNT)


def test_the_permissions_of_the_hub(world: World, lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each call needs its own permission, and without it the error names it."""
    iam = lab.client("iam", account=ACCOUNT)
    iam.create_user(UserName="hub")
    access = iam.create_access_key(UserName="hub")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", access["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", access["SecretAccessKey"])
    needed = ["ListAccounts", "ListRoots", "ListOrganizationalUnitsForParent", "ListTagsForResource"]
    for missing in (None, *needed):
        actions = [f"organizations:{each}" for each in needed if each != missing]
        statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        lab.enforcing = False
        lab.client("iam", account=ACCOUNT).put_user_policy(UserName="hub", PolicyName="own", PolicyDocument=document)
        lab.enforcing = True
        if missing is None:
            assert names_of(units=["Workloads"], tags={"stage": "test"}) == ["shop-test"]
        else:
            words = f"organizations:{missing} on "
            assert_refused("forbidden", words, units=["Workloads"], tags={"stage": "test"})
            assert_refused(
                "forbidden", "Ask for that permission, or use other", units=["Workloads"], tags={"stage": "test"}
            )


def test_named_accounts_cost_one_call_at_most(calls: Callable[[], list[str]]) -> None:
    """GetCallerIdentity, and only if it says how an account is entered."""
    logs = "444455556666"
    roles: list[dict[str, Any]] = [{"role_arn": [ROLE_OF_EACH.format(each)]} for each in (ACCOUNT, logs)]
    found = accounts_of(accounts=roles)
    assert [(account.account_id, str(account.roles[0].arn)) for account in found] == [
        (each, ROLE_OF_EACH.format(each)) for each in (ACCOUNT, logs)
    ]
    assert calls() == []
    with pytest.raises(OperationError, match=r"accounts\[0\].regions has an empty entry"):
        accounts_of(accounts=[{"account_id": logs, "regions": [""]}])
    found = accounts_of(accounts=[{"account_id": logs, "name": "logs"}, {"account_id": ACCOUNT, "role_name": "x"}])
    assert [(account.label, len(account.roles)) for account in found] == [(f"{logs} (logs)", 1), (ACCOUNT, 0)]


@pytest.mark.parametrize("options", [{"accounts": [{"account_id": "444455556666", "regions": ["eu-wst-1"]}]},
                                     {"organization": {**EVERY, "regions": ["eu-wst-1"]}}])  # fmt: skip
def test_a_region_that_does_not_exist(at_aws: None, options: dict[str, Any], calls: Callable[[], list[str]]) -> None:
    with pytest.raises(OperationError, match=r"regions: the SDK's data of AWS partitions does not know eu-wst-1"):
        accounts_of(**options)
    assert calls() == []


# What each module needs besides its accounts.
MODULES: dict[str, dict[str, Any]] = {
    "bucket_default_encryption": {"select": {"names": ["*"]}, "encryption": "SSE-S3"},
    "bucket_default_encryption_info": {"select": {"names": ["*"]}},
    "bucket_encryption_policy": {"select": {"names": ["*"]}, "require_tls": True},
    "bucket_encryption_policy_info": {"select": {"names": ["*"]}},
    "kms_key_for_s3": {"alias": "app"},
    "kms_key_for_s3_info": {},
}


@pytest.mark.parametrize("module", MODULES)
def test_each_module_refuses_wrong_accounts_before_any_call(
    module: str, task: Task, calls: Callable[[], list[str]]
) -> None:
    logs = {"account_id": "444455556666"}
    for words, options in (
        ("accounts is empty, so there is no account to work in.", {"accounts": []}),
        ("organization names neither units, tags nor a role.", {"organization": {}}),
        ("accounts[1]: the account 444455556666 is already in accounts[0].", {"accounts": [logs, logs]}),
        ("accounts[0].role_arn[0] is null, which often is an", {"accounts": [{"role_arn": [None]}]}),
        ("accounts is null, which often is an undefined variable.", {"accounts": None}),
        ("organization is null, which often is an undefined variable.", {"organization": None}),
        ("assume_role is null, which often is an undefined variable.", {"assume_role": None}),
        (
            "accounts[1] is not a dict. Write it as options with their names, such as account_id: ...",
            {"accounts": [logs, "111122223333"]},
        ),
        ("accounts[0] is not a dict.", {"accounts": [111122223333]}),
        ("accounts[0] is not a dict.", {"accounts": [None]}),
        ("organization is not a dict.", {"organization": ["Workloads"]}),
        ("assume_role is not a dict.", {"assume_role": ROLE_OF_EACH.format(ACCOUNT)}),
        ("mutually exclusive: assume_role|accounts|organization", {"accounts": [logs], "organization": EVERY}),
        (
            "mutually exclusive: assume_role|accounts|organization",
            {"accounts": [logs], "assume_role": {"role_arn": ROLE_OF_EACH.format(ACCOUNT)}},
        ),
    ):
        result = task(module, **MODULES[module], **options)
        assert result["failed"] is True
        assert words in result["msg"]
    assert calls() == []


@pytest.mark.parametrize("module", MODULES)
def test_each_module_works_in_an_organization(module: str, task: Task, world: World, lab: Any) -> None:
    """In its active accounts, and in the management account with the credentials of the task."""
    iam = lab.client("iam", account=ACCOUNT)
    iam.create_user(UserName="hub")
    access = iam.create_access_key(UserName="hub")["AccessKey"]
    keys = {"access_key": access["AccessKeyId"], "secret_key": access["SecretAccessKey"]}
    result = task(module, **MODULES[module], **keys, organization={**EVERY, "exclude": ["sandbox"]})
    assert result.get("failed") is not True, result["msg"]
    assert (result["summary"]["accounts"], result["summary"]["sts_calls"]) == (5, 5)
    refused = task(module, **MODULES[module], **keys, organization={"units": ["Workloads/None"]})
    assert refused["failed"] is True
    assert "there is no unit 'Workloads/None' in the organization." in refused["msg"]

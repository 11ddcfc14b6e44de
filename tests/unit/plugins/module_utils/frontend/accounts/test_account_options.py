# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The options for accounts: what a task means by them, and what is refused before any call."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.frontend.accounts.account_options import (
    AccountEntry,
    OrganizationEntry,
    parse_accounts,
    parse_organization,
)
from ansible_collections.sealed.s3.plugins.module_utils.frontend.arguments import has_accounts
from ansible_collections.sealed.s3.plugins.module_utils.frontend.assume_role import parse_assume_role
from ansible_collections.sealed.s3.plugins.module_utils.model.accounts.account import Account, AssumedRole
from ansible_collections.sealed.s3.plugins.module_utils.model.accounts.organization import OrganizationSelection
from ansible_collections.sealed.s3.plugins.module_utils.model.accounts.role_rules import (
    RoleInAccount,
    SessionOptions,
    parse_role_arn,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.arn import Arn
from ansible_collections.sealed.s3.plugins.module_utils.model.caller import Caller
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError

PLATFORM, LOGS = "111122223333", "444455556666"
HUB = "arn:aws:iam::111122223333:role/hub"
ADMIN = "arn:aws:iam::444455556666:role/path/admin"
ROLE = RoleInAccount("OrganizationAccountAccessRole", SessionOptions())


def role(text: str, **session: Any) -> AssumedRole:
    return AssumedRole(Arn.parse(text), **session)


@pytest.mark.parametrize(
    ("given", "roles"),
    [
        pytest.param(None, (), id="omitted"),
        pytest.param({"role_arn": [HUB]}, (role(HUB),), id="one role"),
        pytest.param({"role_arn": [HUB, ADMIN]}, (role(HUB), role(ADMIN)), id="a chain"),
        pytest.param(
            {"role_arn": [HUB, ADMIN], "external_id": "x:1/2", "session_name": "nightly", "duration_seconds": 3600},
            tuple(
                role(each, external_id="x:1/2", session_name="nightly", duration_seconds=3600) for each in (HUB, ADMIN)
            ),
            id="a session for each",
        ),
        pytest.param(
            {"role_arn": ["arn:aws-us-gov:iam::111122223333:role/a"], "duration_seconds": 43200},
            (role("arn:aws-us-gov:iam::111122223333:role/a", duration_seconds=43200),),
            id="another partition",
        ),
    ],
)
def test_the_roles_of_assume_role(given: dict[str, Any] | None, roles: tuple[AssumedRole, ...]) -> None:
    assert parse_assume_role({"assume_role": given}) == roles


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"role_arn": []}, "assume_role.role_arn is empty."),
        ({"role_arn": [""]}, "assume_role.role_arn is empty."),
        ({"role_arn": ["hub"]}, "assume_role.role_arn: 'hub' is not the ARN of an IAM role."),
        ({"role_arn": [HUB, "arn:aws:iam::1:role/a"]}, "assume_role.role_arn[1]: 'arn:aws:iam::1:role/a' is not"),
        ({"role_arn": ["arn:aws:iam::111122223333:user/a"]}, "is not the ARN of an IAM role"),
        ({"role_arn": ["arn:aws:iam:us-east-1:111122223333:role/a"]}, "is not the ARN of an IAM role"),
        ({"role_arn": ["arn:aws:iam::111122223333:role/"]}, "is not the ARN of an IAM role"),
        ({"role_arn": ["arn::iam::111122223333:role/a"]}, "is not the ARN of an IAM role"),
        ({"role_arn": ["arn:aws:iam::111122223333:role/a b"]}, "is not the ARN of an IAM role"),
        ({"role_arn": [f"arn:aws:iam::111122223333:role/{'a' * 65}"]}, "is not the ARN of an IAM role"),
        ({"role_arn": [f"arn:aws:iam::111122223333:role/{'p' * 511}/a"]}, "is not the ARN of an IAM role"),
        ({"role_arn": ["arn:aws:sts::111122223333:assumed-role/hub/me"]}, "is the ARN of a session. Name the role"),
        ({"role_arn": [HUB, ADMIN, HUB]}, f"assume_role.role_arn names {HUB} twice."),
        ({"role_arn": [HUB], "session_name": "a"}, "assume_role.session_name: STS does not accept 'a'."),
        ({"role_arn": [HUB], "session_name": "not a name"}, "STS does not accept 'not a name'."),
        ({"role_arn": [HUB], "session_name": "ä" * 9}, "STS does not accept"),
        ({"role_arn": [HUB], "external_id": ""}, "assume_role.external_id: STS does not accept ''."),
        ({"role_arn": [HUB], "external_id": "a b"}, "STS does not accept 'a b'."),
        ({"role_arn": [HUB], "duration_seconds": 899}, "assume_role.duration_seconds: 899 is out of bounds."),
        ({"role_arn": [HUB], "duration_seconds": 43201}, "Give 900 to 43200,"),
        ({"role_arn": [HUB, ADMIN], "duration_seconds": 3601}, "3601 is too long for a chain of 2 roles."),
    ],
)
def test_roles_that_cannot_be_assumed_are_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(OperationError) as raised:
        parse_assume_role({"assume_role": given})
    assert raised.value.failure.kind is FailureKind.INVALID
    assert words in raised.value.failure.sentence()


@pytest.mark.parametrize(
    ("entry", "parsed"),
    [
        pytest.param(
            {"account_id": LOGS}, AccountEntry(Account(LOGS, place="accounts[0]"), ROLE), id="an id, and the usual role"
        ),
        pytest.param(
            {"account_id": LOGS, "role_name": "path/admin", "external_id": "42", "name": "logs"},
            AccountEntry(Account(LOGS, "logs", place="accounts[0]"), RoleInAccount("path/admin", SessionOptions("42"))),
            id="a role by its name",
        ),
        pytest.param(
            {"role_arn": [HUB, ADMIN], "regions": ["eu-west-1", "eu-west-1"]},
            AccountEntry(Account(LOGS, "", (role(HUB), role(ADMIN)), ("eu-west-1",), "accounts[0]")),
            id="the account of the last role",
        ),
        pytest.param(
            {"account_id": LOGS, "role_arn": [ADMIN], "regions": []},
            AccountEntry(Account(LOGS, "", (role(ADMIN),), (), "accounts[0]")),
            id="both",
        ),
    ],
)
def test_an_account(entry: dict[str, Any], parsed: AccountEntry) -> None:
    assert parse_accounts([entry]) == (parsed,)


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([], "accounts is empty, so there is no account to work in."),
        ([{"name": "logs"}], "accounts[0] names no account."),
        ([{"role_name": "admin"}], "accounts[0] names no account."),
        ([{"account_id": ""}], "accounts[0].account_id is empty."),
        ([{"account_id": "1402433619"}], "accounts[0].account_id: '1402433619' is not the ID of an account."),
        ([{"account_id": LOGS, "name": ""}], "accounts[0].name is empty."),
        ([{"account_id": LOGS, "role_arn": []}], "accounts[0].role_arn is empty."),
        ([{"account_id": LOGS, "role_arn": [HUB]}], f"the role {HUB} is of the account {PLATFORM}, and account_id is"),
        ([{"account_id": LOGS, "role_arn": [ADMIN], "role_name": "admin"}], "accounts[0] has role_arn and role_name."),
        ([{"account_id": LOGS, "role_name": ADMIN}], "accounts[0].role_name: "),
        ([{"account_id": LOGS, "role_name": "a b"}], "'a b' is not the name of a role."),
        ([{"account_id": LOGS, "role_name": "/a"}], "'/a' is not the name of a role."),
        ([{"account_id": LOGS, "duration_seconds": 1}], "accounts[0].duration_seconds: 1 is out of bounds."),
        (
            [{"account_id": LOGS}, {"account_id": PLATFORM}, {"role_arn": [HUB, ADMIN]}],
            f"accounts[2]: the account {LOGS} is already in accounts[0].",
        ),
    ],
)
def test_accounts_that_are_wrong_are_refused(entries: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(OperationError) as raised:
        parse_accounts(entries)
    assert raised.value.failure.kind is FailureKind.INVALID
    assert words in raised.value.failure.sentence()


@pytest.mark.parametrize(
    ("given", "parsed"),
    [
        pytest.param({"role_name": ROLE.name}, OrganizationEntry(OrganizationSelection(), ROLE), id="every account"),
        pytest.param(
            {"units": ["ou-ab12-34567890", "Workloads/Prod"], "exclude": ["sandbox-*"], "regions": ["eu-west-1"]},
            OrganizationEntry(
                OrganizationSelection(("ou-ab12-34567890", "Workloads/Prod"), (), ("sandbox-*",)), ROLE, ("eu-west-1",)
            ),
            id="units",
        ),
        pytest.param(
            {"tags": {"stage": "prod", "cost": 7}, "role_name": "admin", "duration_seconds": 900},
            OrganizationEntry(
                OrganizationSelection(tags=(("cost", "7"), ("stage", "prod"))),
                RoleInAccount("admin", SessionOptions(duration_seconds=900)),
            ),
            id="tags",
        ),
    ],
)
def test_an_organization(given: dict[str, Any], parsed: OrganizationEntry) -> None:
    assert parse_organization(given) == parsed


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            {},
            "organization names neither units, tags nor a role. For all accounts of the organization, write role_name:",
        ),
        ({"exclude": ["sandbox"]}, "organization names neither units, tags nor a role."),
        ({"role_name": "admin", "units": []}, "organization.units is empty, so it would not limit the accounts."),
        ({"role_name": "admin", "tags": {}}, "organization.tags is empty, so it would not limit the accounts."),
        ({"units": [""]}, "organization.units has an empty entry."),
        ({"role_name": "admin", "exclude": [""]}, "organization.exclude has an empty entry."),
        ({"role_name": ""}, "organization.role_name is empty."),
        ({"role_name": ADMIN}, "is an ARN. Give the name of the role."),
        ({"tags": {"stage": None}}, "organization.tags: 'stage' has no value."),
        ({"tags": {"stage": "prod"}, "session_name": "?!"}, "organization.session_name: STS does not accept '?!'."),
        ({"tags": {"stage": "prod"}, "external_id": ""}, "organization.external_id is empty."),
    ],
)
def test_an_organization_that_is_wrong_is_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(OperationError) as raised:
        parse_organization(given)
    assert raised.value.failure.kind is FailureKind.INVALID
    assert words in raised.value.failure.sentence()


def test_units_by_id_and_by_path() -> None:
    selection = OrganizationSelection(("r-ab12", "ou-ab12-34567890", "/Workloads/Prod*/", "ou-of-a-name"))
    assert selection.unit_ids == ("r-ab12", "ou-ab12-34567890")
    assert selection.paths == (("Workloads", "Prod*"), ("ou-of-a-name",))


def test_the_account_of_the_task_is_entered_without_a_role() -> None:
    caller = Caller(PLATFORM, Arn.parse("arn:aws-cn:sts::111122223333:assumed-role/hub/me"))
    own, other = Account(PLATFORM), Account(LOGS)
    assert RoleInAccount("path/admin").enter(own, caller).roles == ()
    entered = RoleInAccount("path/admin", SessionOptions("42")).enter(other, caller)
    assert entered.roles == (role("arn:aws-cn:iam::444455556666:role/path/admin", external_id="42"),)
    assert parse_role_arn("role_arn", str(entered.roles[0].arn)) == entered.roles[0].arn


def test_a_task_without_accounts() -> None:
    assert not has_accounts({"accounts": None, "organization": None})
    assert not has_accounts({})
    assert has_accounts({"accounts": []})
    assert has_accounts({"accounts": None, "organization": {}})

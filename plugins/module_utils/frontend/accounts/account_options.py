# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The options `accounts` and `organization`: many accounts in one task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...model.accounts.account import ORGANIZATION_ROLE, Account
from ...model.accounts.organization import OrganizationSelection
from ...model.accounts.role_rules import RoleInAccount, require_account_id, require_role_name
from ...model.errors import invalid_input
from ...model.tags import freeze_texts
from ..arguments import require_no_empty_text
from ..assume_role import parse_chain, parse_session


@dataclass(frozen=True, slots=True)
class AccountEntry:
    """An account of the task. With `role`, it is not known yet how it is entered: the task may run in this account."""

    account: Account
    role: RoleInAccount | None = None


@dataclass(frozen=True, slots=True)
class OrganizationEntry:
    """The accounts of an organization, the role that enters each, and the regions that the task works in."""

    selection: OrganizationSelection
    role: RoleInAccount
    regions: tuple[str, ...] = ()


def parse_accounts(entries: Sequence[Mapping[str, Any]]) -> tuple[AccountEntry, ...]:
    """The accounts of the option `accounts`; raises OperationError for one that is wrong or named twice."""
    if not entries:
        raise invalid_input(
            "accounts is empty, so there is no account to work in.",
            "Name at least one, or leave it out to work in the account of the credentials.",
        )
    parsed = tuple(_parse_account(entry, f"accounts[{position}]") for position, entry in enumerate(entries))
    places: dict[str, str] = {}
    for entry in parsed:
        first = places.setdefault(entry.account.account_id, entry.account.place)
        if first != entry.account.place:
            raise invalid_input(
                f"{entry.account.place}: the account {entry.account.account_id} is already in {first}.",
                "Name each account once.",
            )
    return parsed


def _parse_account(entry: Mapping[str, Any], place: str) -> AccountEntry:
    account_id, role_name = entry.get("account_id"), entry.get("role_name")
    _require_no_empty_text(entry, place)
    if account_id is not None:
        require_account_id(f"{place}.account_id", account_id)
    name, regions = entry.get("name") or "", _regions(entry)
    if entry.get("role_arn") is not None:
        if role_name is not None:
            raise invalid_input(
                f"{place} has role_arn and role_name.", "Leave one of them out: role_arn names the whole role."
            )
        roles = parse_chain(entry, f"{place}.")
        last = roles[-1]
        if account_id not in (None, last.account_id):
            raise invalid_input(
                f"{place}: the role {last.arn} is of the account {last.account_id}, and account_id is {account_id}.",
                "Correct one of them. The last role of role_arn has to be of the account to work in.",
            )
        return AccountEntry(Account(last.account_id, name, roles, regions, place))
    if account_id is None:
        raise invalid_input(f"{place} names no account.", "Give it account_id or role_arn.")
    return AccountEntry(Account(account_id, name, (), regions, place), _parse_role(entry, f"{place}."))


def _parse_role(given: Mapping[str, Any], place: str) -> RoleInAccount:
    """The role that is named by `role_name`, with its session."""
    name = given.get("role_name")
    name = ORGANIZATION_ROLE if name is None else name
    require_role_name(f"{place}role_name", name)
    session = parse_session(given)
    session.require_valid(place)
    return RoleInAccount(name, session)


def parse_organization(given: Mapping[str, Any]) -> OrganizationEntry:
    """The option `organization`; raises OperationError for a selection that names nothing, which often is an undefined
    variable, and for options of a session that STS refuses."""
    units, tags = given.get("units"), given.get("tags")
    _require_no_empty_text(given, "organization")
    every = f"For all accounts of the organization, write role_name: {ORGANIZATION_ROLE}, and neither units nor tags."
    for option, value in (("units", units), ("tags", tags)):
        if value is not None and not value:
            raise invalid_input(f"organization.{option} is empty, so it would not limit the accounts.", every)
    for option in ("units", "exclude"):
        if "" in (given.get(option) or ()):
            raise invalid_input(f"organization.{option} has an empty entry.", "Give it a value, or leave it out.")
    if all(given.get(name) is None for name in ("role_name", "units", "tags")):
        raise invalid_input("organization names neither units, tags nor a role.", every)
    return OrganizationEntry(
        OrganizationSelection(
            units=tuple(dict.fromkeys(units or ())),
            tags=freeze_texts("organization.tags", tags or {}),
            exclude=tuple(dict.fromkeys(given.get("exclude") or ())),
        ),
        _parse_role(given, "organization."),
        _regions(given),
    )


def _regions(given: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(given.get("regions") or ()))


def _require_no_empty_text(given: Mapping[str, Any], place: str) -> None:
    names = ("account_id", "role_name", "name", "external_id", "session_name")
    require_no_empty_text({f"{place}.{name}": given.get(name) for name in names}, tuple(f"{place}.{n}" for n in names))

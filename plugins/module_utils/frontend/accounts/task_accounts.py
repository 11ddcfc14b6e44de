# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The accounts of a task, from its options `accounts` or `organization`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

from ...aws.accounts.organizations import Organizations
from ...engine.accounts.organization_accounts import select_accounts
from ...model.accounts.account import Account
from ...model.errors import invalid_input
from ..region_names import require_regions
from .account_options import AccountEntry, OrganizationEntry, parse_accounts, parse_organization

if TYPE_CHECKING:
    from ...model.caller import Caller
    from ..run import ModuleContext


class HubIdentity(Protocol):
    """The identity of the credentials of the task."""

    def caller(self) -> Caller:
        """The account and the principal, with one call at most."""


def task_accounts(task: ModuleContext, hub: HubIdentity) -> Iterator[Account]:
    """The accounts in the order of the task, and those of an organization by their ID.

    Raises OperationError for options that are wrong, at once and before any call. The iterator makes calls if
    something depends on the account of the task: GetCallerIdentity, and those that list an organization. It raises
    OperationError if they fail, and if the organization has no such unit or account.
    """
    params = task.params
    if params["accounts"] is not None:
        entries = parse_accounts(params["accounts"])
        for entry in entries:
            place = f"{entry.account.place}.regions"
            require_regions(task.clients, place, entry.account.regions, task.module.warn)
        return _named(entries, hub)
    if params["organization"] is None:
        raise invalid_input("No accounts are named.", "Give accounts, or organization.")
    organization = parse_organization(params["organization"])
    require_regions(task.clients, "organization.regions", organization.regions, task.module.warn)
    return _listed(task, organization, hub)


def _named(entries: tuple[AccountEntry, ...], hub: HubIdentity) -> Iterator[Account]:
    for entry in entries:
        yield entry.role.enter(entry.account, hub.caller()) if entry.role else entry.account


def _listed(task: ModuleContext, organization: OrganizationEntry, hub: HubIdentity) -> Iterator[Account]:
    chosen = select_accounts(organization.selection, Organizations(task.clients))
    for pattern in chosen.unused_exclusions:
        task.module.warn(f"organization.exclude: {pattern!r} matches no account of the organization.")
    for each in chosen.accounts:
        place = "organization (its management account)" if each.is_management else "organization"
        account = Account(each.account_id, each.name, (), organization.regions, place)
        yield organization.role.enter(account, hub.caller())

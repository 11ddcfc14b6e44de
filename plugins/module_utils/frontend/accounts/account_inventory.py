# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The inventory sealed.s3.accounts: the accounts of an organization as hosts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...aws.accounts.organizations import Organizations
from ...aws.accounts.sts import Sts
from ...engine.accounts.organization_accounts import read_tags, read_unit_paths, select_accounts
from ...engine.clock import SYSTEM_CLOCK
from ...model.accounts.account import Account
from ...model.accounts.organization import OrganizationAccount
from ...model.errors import invalid_input
from ..arguments import ArgumentSpec, account_arguments, require_plain_text, require_text
from ..controller_plugin import clients_of_plugin, run_plugin
from ..run import METADATA_TIMEOUTS
from .account_options import parse_organization

# What the session of assume_role_arn may do.
_ACTIONS = (
    "organizations:ListAccounts",
    "organizations:ListAccountsForParent",
    "organizations:ListOrganizationalUnitsForParent",
    "organizations:ListRoots",
    "organizations:ListTagsForResource",
)


@dataclass(frozen=True, slots=True)
class AccountHost:
    """An account as a host of an inventory."""

    name: str
    variables: Mapping[str, Any]


def list_hosts(options: Mapping[str, Any], warn: Callable[[str], object]) -> list[AccountHost]:
    """The selected accounts as hosts, by their ID. Raises OperationError with every failure, as `run_plugin` does."""
    return run_plugin(lambda: list(_hosts(dict(options), warn)))


def _hosts(options: dict[str, Any], warn: Callable[[str], object]) -> Iterator[AccountHost]:
    spec = _arguments()
    require_text(options, spec)
    require_plain_text(options, spec)
    organization = parse_organization({name: options[name] for name in ("role_name", "units", "tags", "exclude")})
    clients = clients_of_plugin(options, METADATA_TIMEOUTS, _ACTIONS, SYSTEM_CLOCK)
    port = Organizations(clients)
    chosen = select_accounts(organization.selection, port)
    for pattern in chosen.unused_exclusions:
        warn(f"exclude: {pattern!r} matches no account of the organization.")
    units = read_unit_paths(chosen.accounts, port)
    tags = chosen.tags or (read_tags(chosen.accounts, port) if options["include_tags"] else {})
    caller = Sts(clients).get_caller_identity()
    for account, name in zip(chosen.accounts, _names(chosen.accounts, options["hostname"]), strict=True):
        entered = organization.role.enter(Account(account.account_id), caller)
        variables: dict[str, Any] = {
            "account_id": account.account_id,
            "account_name": account.name,
            "account_email": account.email,
            "account_unit": units.get(account.account_id),
            "role_arn": str(entered.roles[0].arn) if entered.roles else None,
        }
        if options["include_tags"]:
            variables["account_tags"] = dict(tags.get(account.account_id, ()))
        yield AccountHost(name, variables)


def _arguments() -> ArgumentSpec:
    """The options that are texts, for the checks that modules make too."""
    organization: ArgumentSpec = account_arguments()["organization"]["options"]
    others = ("assume_role_arn", "endpoint_url", "region", "profile")
    return {
        **{name: organization[name] for name in ("role_name", "units", "tags", "exclude")},
        **{name: {"type": "str"} for name in others},
    }


def _names(accounts: tuple[OrganizationAccount, ...], hostname: str) -> list[str]:
    """The names of the hosts; raises OperationError for two accounts with the same name."""
    if hostname == "account_id":
        return [account.account_id for account in accounts]
    owners: dict[str, str] = {}
    for account in accounts:
        first = owners.setdefault(account.name, account.account_id)
        if first != account.account_id:
            raise invalid_input(
                f"The accounts {first} and {account.account_id} have the same name, {account.name!r}.",
                "Set hostname: account_id, which is unique, or exclude one of them.",
            )
    return list(owners)

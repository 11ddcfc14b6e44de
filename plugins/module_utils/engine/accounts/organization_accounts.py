# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The accounts of an organization that match a selection, with few calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...model.accounts.organization import (
    OrganizationAccount,
    OrganizationalUnit,
    OrganizationSelection,
    matches_name,
)
from ...model.errors import Failure, FailureKind, OperationError, invalid_input
from ..fleet.worker_pool import map_unordered
from ..once_per_key import OncePerKey

if TYPE_CHECKING:
    from ...aws.accounts.ports import OrganizationPort
    from ...model.tags import Tags

# Organizations limits the rate of its calls for the whole organization.
# Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
_CONCURRENCY = 8
# The names that a message shows.
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class ChosenAccounts:
    """The accounts that match a selection, by their ID, and the patterns of `exclude` that match none at all.

    `tags` are those of the accounts by ID, if the selection has tags.
    """

    accounts: tuple[OrganizationAccount, ...]
    unused_exclusions: tuple[str, ...] = ()
    tags: Mapping[str, Tags] = field(default_factory=dict)


def select_accounts(selection: OrganizationSelection, port: OrganizationPort) -> ChosenAccounts:
    """The active accounts of the organization that match. Raises OperationError if a call fails, if a unit does not
    exist, and if no account matches.

    One ListAccounts for 20 accounts is all, unless the selection has units that are named by a path, or tags. With
    these it is one more call for each unit that a path leads through, and for each account whose tags are read.
    """
    # An account that joins between two pages can move others, so that one is on both.
    listed = tuple({account.account_id: account for account in port.list_accounts()}.values())
    unused = tuple(each for each in selection.exclude if not any(found.matches((each,)) for found in listed))
    active = [each for each in listed if each.is_active]
    chosen = [each for each in active if not each.matches(selection.exclude)]
    excluded = len(active) - len(chosen)
    if selection.units:
        chosen = _Units(port, OncePerKey(port.list_organizational_units_for_parent)).select(selection, chosen, listed)
    in_units = len(chosen)
    tags: Mapping[str, Tags] = {}
    if selection.tags:
        tags = read_tags(chosen, port)
        wanted = set(selection.tags)
        chosen = [account for account in chosen if wanted <= set(tags.get(account.account_id, ()))]
    if not chosen:
        parts = [f"{len(listed)} are listed", f"{len(listed) - len(active)} of them are not active"]
        parts += [f"{excluded} are excluded"] if selection.exclude else []
        parts += [f"{in_units} of the rest are in the units"] if selection.units else []
        parts += ["none of the rest has the tags"] if selection.tags and in_units else []
        raise invalid_input(
            f"organization selects no account: {', '.join(parts)}.", "Check units, tags and exclude of organization."
        )
    return ChosenAccounts(tuple(sorted(chosen, key=lambda each: each.account_id)), unused, tags)


def read_tags(accounts: Iterable[OrganizationAccount], port: OrganizationPort) -> Mapping[str, Tags]:
    """The tags of these accounts, by the ID of each, with one call for each. An account that has left the organization
    since it was listed has no entry."""

    def read(account: OrganizationAccount) -> Tags | None:
        try:
            return port.list_tags_for_resource(account.account_id)
        except OperationError as error:
            if error.failure.kind is FailureKind.ABSENT:
                return None
            raise

    tags = map_unordered(accounts, read, concurrency=_CONCURRENCY)
    return {account.account_id: found for _position, account, found in tags if found is not None}


def read_unit_paths(accounts: Sequence[OrganizationAccount], port: OrganizationPort) -> Mapping[str, str]:
    """The unit of each of these accounts as the path of its names, by the ID of the account; empty for the root.

    It costs one call for each root and unit that has another unit with accounts in it. An account whose units are not
    known has no entry.
    """
    known = [account for account in accounts if account.unit_ids]
    parents = sorted({unit_id for account in known for unit_id in (account.unit_ids or ())[:-1]})
    children = map_unordered(parents, port.list_organizational_units_for_parent, concurrency=_CONCURRENCY)
    names = {unit.unit_id: unit.name for _position, _parent, units in children for unit in units}
    return {
        account.account_id: "/".join(names.get(unit_id, unit_id) for unit_id in (account.unit_ids or ())[1:])
        for account in known
    }


@dataclass(frozen=True, slots=True)
class _Units:
    """The tree of units, which is read as far as it is needed."""

    port: OrganizationPort
    children: OncePerKey[str, tuple[OrganizationalUnit, ...]]

    def select(
        self,
        selection: OrganizationSelection,
        candidates: Sequence[OrganizationAccount],
        listed: Sequence[OrganizationAccount],
    ) -> list[OrganizationAccount]:
        """The candidates that are in the units of the selection, or below them. `listed` are all accounts."""
        roots = self.port.list_roots() if selection.paths else ()
        units = {unit.unit_id for path in selection.paths for unit in self._find(path, roots)}
        known = {unit_id for account in listed for unit_id in account.unit_ids or ()}
        for unit_id in selection.unit_ids:
            if unit_id not in known:
                self._require_exists(unit_id)
        units.update(selection.unit_ids)
        if all(account.unit_ids is not None for account in candidates):
            return [account for account in candidates if not units.isdisjoint(account.unit_ids or ())]
        # An SDK that is older than the field Paths drops it.
        below = self._with_all_below(units)
        inside = {account.account_id for unit in below for account in self.port.list_accounts_for_parent(unit)}
        return [account for account in candidates if account.account_id in inside]

    def _require_exists(self, unit_id: str) -> None:
        try:
            self.children.get(unit_id)
        except OperationError as error:
            if error.failure.kind is not FailureKind.ABSENT:
                raise
            raise _no_unit(unit_id, error.failure.advice) from error

    def _find(self, path: tuple[str, ...], roots: tuple[OrganizationalUnit, ...]) -> tuple[OrganizationalUnit, ...]:
        """The units that a path of names leads to; raises OperationError if there is none."""
        parents = roots
        for depth, pattern in enumerate(path):
            children = [child for parent in parents for child in self.children.get(parent.unit_id)]
            parents = tuple(child for child in children if matches_name(child, pattern))
            if not parents:
                above = "/".join(path[:depth])
                raise _no_unit("/".join(path), _names_at(above, children))
        return parents

    def _with_all_below(self, units: Iterable[str]) -> set[str]:
        found: set[str] = set()
        waiting = list(units)
        while waiting:
            unit_id = waiting.pop()
            if unit_id not in found:
                found.add(unit_id)
                waiting += [child.unit_id for child in self.children.get(unit_id)]
        return found


def _names_at(path: str, children: Sequence[OrganizationalUnit]) -> str:
    place = repr(path) if path else "The root"
    if not children:
        return f"{place} has no units."
    names = sorted({child.name for child in children})
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{place} has the units {', '.join(map(repr, names[:_SHOWN]))}{more}."


def _no_unit(unit: str, advice: str) -> OperationError:
    return OperationError(
        Failure(
            FailureKind.ABSENT,
            f"organization.units: there is no unit {unit!r} in the organization.",
            f"{advice} Give the ID of a unit, or the names of the units from below the root on, such as "
            "Workloads/Prod.",
            resource=unit,
        )
    )

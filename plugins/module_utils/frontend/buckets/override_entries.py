# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The option `overrides`: exceptions for some of the buckets of a task, for any module that has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from ...model.buckets.overrides import Override
from ...model.buckets.selection import ANY_NAME
from ...model.errors import Failure, OperationError, invalid_input
from ..arguments import ArgumentSpec
from ..written import written_options

TargetT = TypeVar("TargetT")

STATES = ("present", "absent")
# What an entry may set besides the options of its buckets.
_SETTINGS: ArgumentSpec = {"minimum": {"type": "bool"}, "state": {"type": "str"}}


@dataclass(frozen=True)
class OverrideOptions(Generic[TargetT]):
    """The entries of one module.

    `spec` has the options of the buckets, and `choices` the values of those that have some, without AWS's words for
    them. `merge` makes the options for the buckets of an entry, from those of the task
    and those that are written in the entry. `parse` makes their desired state; its second argument is whether nothing
    may remain to set. `more_settings` are options of the task that no bucket has a value of.
    """

    spec: ArgumentSpec
    choices: Mapping[str, tuple[str, ...]]
    merge: Callable[[Mapping[str, Any], Mapping[str, Any]], dict[str, Any]]
    parse: Callable[[Mapping[str, Any], bool], TargetT]
    more_settings: ArgumentSpec = field(default_factory=dict)

    @property
    def _settings(self) -> ArgumentSpec:
        return {**_SETTINGS, **self.more_settings}

    def arguments(self) -> ArgumentSpec:
        """The option `overrides`.

        No option of an entry has a default, so that an omitted one differs from null. None has choices, because Ansible
        refuses null for an option with choices; `parse_all` checks them.
        """
        free = {
            name: {attribute: value for attribute, value in about.items() if attribute != "choices"}
            for name, about in self.spec.items()
        }
        patterns = {"type": "list", "elements": "str"}
        criteria: ArgumentSpec = {"names": patterns, "accounts": patterns}
        return {
            "overrides": {
                "type": "list",
                "elements": "dict",
                "options": {**criteria, **free, **self._settings},
                "required_one_of": [("names", "accounts")],
            }
        }

    def parse_all(
        self, params: Mapping[str, Any], written: Mapping[str, Any], *, many_accounts: bool = False
    ) -> tuple[Override[TargetT], ...]:
        """The entries of a task; raises OperationError for one that names nothing, or whose options contradict.

        `written` are the options as the task has them, so that null differs from an omitted option. Without
        `many_accounts`, an entry cannot choose among accounts.
        """
        entries = params.get("overrides") or []
        named = written_options(written.get("overrides"), self.arguments()["overrides"]["options"])
        return tuple(
            self._parse_one(params, entry, names, position, many_accounts)
            for position, (entry, names) in enumerate(zip(entries, named, strict=True))
        )

    def _parse_one(
        self,
        task: Mapping[str, Any],
        entry: Mapping[str, Any],
        written: frozenset[str],
        position: int,
        many_accounts: bool,
    ) -> Override[TargetT]:
        place = f"overrides[{position}]"
        for name in ("names", "accounts"):
            if name in written and entry[name] is None:
                raise invalid_input(f"{place}: {name} is null, which often is an undefined variable.", "Leave it out.")
        names = ANY_NAME if entry["names"] is None else tuple(entry["names"])
        if not any(names):
            raise invalid_input(
                f"{place}: names is empty, so no bucket matches.", "Give shell patterns of bucket names."
            )
        accounts = _accounts_of(entry, place, many_accounts=many_accounts)
        criteria = Override(names, None, accounts).criteria
        options = {name: entry[name] for name in (*self.spec, *self._settings) if name in written}
        if not options:
            *most, last = (*self.spec, *self._settings)
            raise invalid_input(
                f"{place} has no option for its buckets.",
                f"Name at least one of {', '.join(most)} and {last} in it.",
            )
        try:
            for name, choices in {**self.choices, "state": STATES}.items():
                _require_choice(name, options.get(name), choices)
            # With null, an entry may leave nothing to set: its buckets stay as they are.
            target = self.parse(self.merge(task, options), None in options.values())
        except OperationError as error:
            failure = error.failure
            message = f"{place} ({criteria}): {failure.message}"
            raise OperationError(Failure(failure.kind, message, failure.advice)) from error
        return Override(names, target, accounts)


def _accounts_of(entry: Mapping[str, Any], place: str, *, many_accounts: bool) -> tuple[str, ...]:
    """The accounts that an entry is for; raises OperationError where it cannot choose."""
    if entry["accounts"] is None:
        return ()
    if not many_accounts:
        raise invalid_input(
            f"{place} is for some accounts, and the task is for one.",
            "Name the accounts of the task in accounts or organization, or leave accounts out of the entry.",
        )
    if not any(entry["accounts"]):
        raise invalid_input(
            f"{place}: accounts is empty, so no account matches.", "Give shell patterns of account IDs or names."
        )
    return tuple(entry["accounts"])


def _require_choice(name: str, value: Any, choices: tuple[str, ...]) -> None:
    for each in value if isinstance(value, list) else [] if value is None else [value]:
        if each not in choices:
            raise invalid_input(f"{each!r} is no value of {name}.", f"Give {' or '.join(choices)}.")

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The result of a run for many resources: counted, grouped, and listed as far as the task wants it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import groupby
from typing import TYPE_CHECKING, Any, Generic, NamedTuple

from ..engine.fleet.fleet import FleetStatus
from ..model.diff import difference
from ..model.errors import Failure, FailureKind
from ..model.outcome import Outcome
from ..model.plan import NotThereYet, StateT
from .result import Result, account_columns, error_details, error_of_row

if TYPE_CHECKING:
    from ..model.accounts.account import Account
    from .result_rows import ResultRows

# The number of warnings of one kind that a person reads.
_MOST_WARNINGS = 10


@dataclass(frozen=True)
class FleetWords(Generic[StateT]):
    """What a report calls its resources, and how it shows one: as a dict, and in one line of a diff.

    `to_row` makes the entry of one resource in the result, of its name, its region and its outcome. None: the entry has
    both states, as `before` and `after`.
    """

    singular: str
    plural: str
    to_dict: Callable[[StateT | None], Result | None]
    to_line: Callable[[StateT], str]
    to_row: Callable[[str, str, Outcome[StateT, Any]], Result] | None = None

    def count(self, number: int) -> str:
        """A number of resources in words, such as `3 buckets`."""
        return f"1 {self.singular}" if number == 1 else f"{number:,} {self.plural}"


@dataclass
class FleetReport(Generic[StateT]):
    """Collects outcomes in any order. It keeps only the name of a resource, unless the resource is to be listed.

    With `limit`, at most so many resources are listed, failed ones first. The diff then has at most as many names, in
    equal shares for each change; the changes of most resources come first. `container` is what failures write before
    the name of a resource, such as its bucket and a slash. `rows` gets all resources, whatever is to be listed. With
    `by_account`, each row says which account has the resource, and what is about several is grouped by account.
    """

    words: FleetWords[StateT]
    list_unchanged: bool = False
    list_changed: bool = True
    limit: int | None = None
    container: str = ""
    rows: ResultRows | None = None
    by_account: bool = False
    _listed: dict[int, Result] = field(default_factory=dict, init=False)
    # The listed positions, negative, in heaps: those that did not fail, and those that failed.
    _order: dict[bool, list[int]] = field(default_factory=lambda: {False: [], True: []}, init=False)
    # The accounts of the positions below, in a task for many accounts.
    _accounts: dict[int, str] = field(default_factory=dict, init=False)
    _failures: dict[int, tuple[str, Failure]] = field(default_factory=dict, init=False)
    _changes: dict[tuple[StateT | None, StateT], dict[int, str]] = field(
        default_factory=lambda: defaultdict(dict), init=False
    )
    _warnings: Counter[str] = field(default_factory=Counter, init=False)
    _shared_warnings: set[str] = field(default_factory=set, init=False)
    _run_warnings: list[str] = field(default_factory=list, init=False)
    _not_there_yet: dict[int, tuple[NotThereYet, ...]] = field(default_factory=dict, init=False)
    _not_listed: int = field(default=0, init=False)
    _vanished: list[str] = field(default_factory=list, init=False)
    _wrote: bool = field(default=False, init=False)

    def add(
        self,
        position: int,
        name: str,
        region: str,
        outcome: Outcome[StateT, Any],
        shared_warnings: tuple[str, ...] = (),
        account: Account | None = None,
        shown: StateT | None = None,
    ) -> None:
        """Add the outcome of one resource. Of its warnings, the shared ones are reported once, the others counted.

        `account` is the one that has the resource; None in a task for one account. `shown` is the planned state as the
        diff shows it (None: as it is).

        A change that was refused or is not proven has no warning and is not in the diff, because both say what changes.
        """
        self._wrote |= outcome.changed
        is_change = outcome.failure is None or outcome.failure.may_have_been_applied
        if is_change:
            self._warnings.update(warning for warning in outcome.warnings if warning not in shared_warnings)
        self._shared_warnings.update(shared_warnings)
        if account and (outcome.failure or outcome.not_there_yet or outcome.changed):
            self._accounts[position] = account.label
        if outcome.failure:
            self._failures[position] = (name, outcome.failure)
        if outcome.not_there_yet:
            self._not_there_yet[position] = outcome.not_there_yet
        if is_change and outcome.changed and outcome.planned:
            self._changes[outcome.before, shown or outcome.planned][position] = name
        is_listed = outcome.failure or (self.list_changed if outcome.changed else self.list_unchanged)
        if not (is_listed or self.rows):
            return
        row = (self.words.to_row or self._row)(name, region, outcome)
        if self.by_account:
            row = {**account_columns(account), **row}
        if self.rows:
            self.rows.add(position, row)
        if is_listed:
            self._listed[position] = row
            heappush(self._order[outcome.failure is not None], -position)
            self._drop_beyond_limit()

    def _row(self, name: str, region: str, outcome: Outcome[StateT, Any]) -> Result:
        return {
            "name": name,
            "region": region or None,
            "changed": outcome.changed,
            "before": self.words.to_dict(outcome.before),
            "after": self.words.to_dict(outcome.after),
            "error": error_of_row(outcome.failure) if outcome.failure else None,
        }

    def _drop_beyond_limit(self) -> None:
        """Drop the last resource of the list that did not fail, or the last one if all of them failed."""
        if self.limit is not None and len(self._listed) > self.limit:
            del self._listed[-heappop(self._order[False] or self._order[True])]
            self._not_listed += 1

    def vanish(self, name: str) -> None:
        """Add a resource that was deleted after it was listed."""
        self._vanished.append(name)

    def miss(self, missing: NotThereYet) -> None:
        """Add what the run as a whole needs, and what does not exist yet."""
        self._not_there_yet[-1] = (missing,)

    def warn(self, sentence: str) -> None:
        """Add a warning about the run as a whole."""
        self._run_warnings.append(sentence)

    def result(self, status: FleetStatus, *, api_calls: int, seconds: float) -> Result:
        """The module's result. Its lists are in the order in which the resources were named or listed."""
        missing = [
            (each, self._accounts.get(position, ""))
            for position, found in sorted(self._not_there_yet.items())
            for each in found
        ]
        result: Result = {
            "changed": self._wrote,
            self.words.plural: [self._listed[position] for position in sorted(self._listed)],
            f"failed_{self.words.plural}": [self._failures[position][0] for position in sorted(self._failures)],
            "summary": {
                "matched": status.matched,
                "changed": status.changed,
                "unchanged": status.unchanged,
                "failed": status.failed,
                "skipped": status.skipped,
                "not_listed": self._not_listed,
                "api_calls": api_calls,
                "seconds": round(seconds, 3),
            },
            "not_there_yet": list(dict.fromkeys(each.name for each, _account in missing)),
            "diff": self._diff(),
            "warnings": [
                *(f"{self.words.count(number)}: {warning}." for warning, number in sorted(self._warnings.items())),
                *self._run_warnings,
                *self._vanished_warnings(),
                *sorted(self._shared_warnings),
                *_not_there_yet_warnings(missing),
            ],
        }
        end = status.listing_failure or status.fatal
        messages = [self._message(status.matched)] if self._failures else []
        if status.matched and (end or status.not_started):
            messages.insert(0, self._how_far(status))
        if end:
            messages.insert(0, end.sentence())
            result["error"] = error_details(end)
        elif not status.matched and status.is_complete:
            result["warnings"].append(f"No {self.words.singular} matches: nothing was checked.")
        if messages:
            result |= {"failed": True, "msg": " ".join(messages)}
        return result

    def _vanished_warnings(self) -> list[str]:
        if not self._vanished:
            return []
        count = self.words.count(len(self._vanished))
        return [f"Skipped, because deleted since the list was read: {count} ({first_names(sorted(self._vanished))})."]

    def _how_far(self, status: FleetStatus) -> str:
        """How far a run came that ended early."""
        done = f"{status.done - status.failed:,} of {self.words.count(status.matched)} done"
        return f"The run ended early, with {done}{'' if status.is_complete else ' and an incomplete list'}."

    def _diff(self) -> dict[str, Any]:
        """Before and after of one changed resource; for several, equal changes together with the names."""
        groups = sorted(self._changes.items(), key=lambda group: (-len(group[1]), min(group[1])))
        if not groups:
            return {"before": {}, "after": {}}
        if sum(len(names) for _change, names in groups) == 1:
            (((before, after), names),) = groups
            ((position, name),) = names.items()
            account = f" in account {self._accounts[position]}" if position in self._accounts else ""
            return difference(self.words.to_dict(before), self.words.to_dict(after), f"{name}{account}")
        shown = groups[: self.limit]
        most_names = None if self.limit is None else max(1, self.limit // len(shown))
        lines = [self._format_change(change, names, most_names) for change, names in shown]
        if len(shown) < len(groups):
            rest = groups[len(shown) :]
            count = self.words.count(sum(len(names) for _change, names in rest))
            lines.append(f"{count} with {len(rest):,} other change{'s' if len(rest) > 1 else ''}\n")
        return {"prepared": "".join(lines)}

    def _format_change(
        self, change: tuple[StateT | None, StateT], names: dict[int, str], most_names: int | None
    ) -> str:
        before, after = (self._format_state(state) for state in change)
        shown = sorted(names)[:most_names]
        lines = ""
        for account, positions in groupby(shown, lambda position: self._accounts.get(position, "")):
            lines += f"    {account}\n" if account else ""
            indent = "      " if account else "    "
            lines += "".join(f"{indent}{names[position]}\n" for position in positions)
        if len(shown) < len(names):
            lines += f"    and {len(names) - len(shown):,} more\n"
        return f"{self.words.count(len(names))}:\n  - {before}\n  + {after}\n{lines}"

    def _format_state(self, state: StateT | None) -> str:
        return f"the {self.words.singular} does not exist yet" if state is None else self.words.to_line(state)

    def _message(self, matched: int) -> str:
        """The causes of the failures, each with the first of its resources; the cause of most resources first."""
        causes: dict[tuple[str, ...], list[_Failed]] = defaultdict(list)
        for position, (name, failure) in sorted(self._failures.items()):
            failed = _Failed(name, failure, self._accounts.get(position, ""))
            causes[cause_of(f"{self.container}{name}", failure, also=name)].append(failed)
        groups = sorted(causes.values(), key=lambda group: -len(group))
        shown = [_format_cause(group) for group in groups[:_SHOWN_CAUSES]]
        others = count_others(len(groups) - len(shown), "cause", "causes")
        return " ".join([f"{len(self._failures):,} of {self.words.count(matched)} failed.", *shown, *others])


def _not_there_yet_warnings(missing: Iterable[tuple[NotThereYet, str]]) -> list[str]:
    """One warning for each thing that does not exist yet, with its accounts, and their number where they are many."""
    accounts: dict[str, dict[str, NotThereYet]] = defaultdict(dict)
    for each, account in missing:
        accounts[each.warning].setdefault(account, each)
    warnings = [next(iter(found.values())).warning_in(_accounts_in_words(list(found))) for found in accounts.values()]
    rest = len(warnings) - _MOST_WARNINGS
    if rest > 0:
        warnings[_MOST_WARNINGS:] = [f"{rest:,} more do not exist yet either. not_there_yet lists all of them."]
    return warnings


def _accounts_in_words(accounts: list[str]) -> str:
    """Accounts for a sentence; empty for one without a name, which is that of the task."""
    if len(accounts) == 1:
        return f"account {accounts[0]}" if accounts[0] else ""
    return f"{len(accounts):,} accounts ({first_names(accounts)})"


class _Failed(NamedTuple):
    """A resource that failed, with its account in a task for many accounts."""

    name: str
    failure: Failure
    account: str


# The number of causes, and of names for each cause, that a message shows. All names are in the result.
_SHOWN_CAUSES, _SHOWN_NAMES = 5, 5


# Failures of these kinds are about the values of the resource, such as those that a store did not keep. So the cause is
# in the sentence only.
_KINDS_OF_MANY_CAUSES = (FailureKind.INVALID, FailureKind.UNSUPPORTED, FailureKind.UNVERIFIED)


def cause_of(name: str, failure: Failure, *, also: str = "") -> tuple[str, ...]:
    """What resources have to share so that the sentence about one is true for all, but for the resource's own name.

    `also` is another form of that name.
    """
    other_resource = failure.resource if failure.resource != name else ""
    words = _without(also, _without(name, failure.sentence())) if failure.kind in _KINDS_OF_MANY_CAUSES else ""
    return (failure.kind.value, failure.code, failure.action, failure.layer, failure.advice, other_resource, words)


def _without(name: str, sentence: str) -> str:
    return sentence.replace(name, "") if name else sentence


def _format_cause(group: list[_Failed]) -> str:
    (name, failure, account), *others = group
    sentence = failure.sentence()
    first = sentence if name in sentence else f"{name}: {sentence}"
    if account and account not in first:
        first = f"In account {account}: {first}"
    if not others:
        return first
    accounts = {each.account for each in group if each.account}
    where = f" in {len(accounts):,} accounts" if len(accounts) > 1 else ""
    return f"{first} The same cause for {len(others):,} more{where}: {first_names([each.name for each in others])}."


def first_names(names: list[str]) -> str:
    """The first names of a list, and how many more there are."""
    more = len(names) - _SHOWN_NAMES
    return ", ".join(names[:_SHOWN_NAMES]) + (f" and {more:,} more" if more > 0 else "")


def count_others(number: int, singular: str, plural: str) -> list[str]:
    """The sentence about what a message does not show; none if it shows all."""
    if number <= 0:
        return []
    return [f"And {number:,} more {singular if number == 1 else plural}."]

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""One run for many resources: bounded, with progress, and with the failure of one resource kept to itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from ...model.errors import Failure, FailureKind, OperationError, internal_error
from ...model.outcome import Outcome
from ...model.plan import ContextT, StateT
from .worker_pool import LOOKAHEAD, map_unordered

ItemT = TypeVar("ItemT")


@dataclass(frozen=True, slots=True)
class FleetStatus:
    """The numbers of a fleet, during the run and after it.

    `matched` is the number of items listed so far, of all items once `is_complete`. `listing_failure` is the failure
    that ended the list early. Each finished item counts once: as `failed`, else as `changed` or `unchanged`; or as
    `vanished` if it was deleted after it was listed, or as `kept` if the task wants it to stay as it is. `fatal` is a
    failure that every further item would have too.
    """

    matched: int = 0
    is_complete: bool = False
    listing_failure: Failure | None = None
    changed: int = 0
    unchanged: int = 0
    failed: int = 0
    vanished: int = 0
    fatal: Failure | None = None
    kept: int = 0

    @property
    def done(self) -> int:
        """The number of items whose work has ended."""
        return self.changed + self.unchanged + self.failed + self.vanished + self.kept

    @property
    def not_started(self) -> int:
        """After the run: the number of items that were listed and not started."""
        return self.matched - self.done

    @property
    def skipped(self) -> int:
        """After the run: the number of items that were not brought to the desired state, without a failure."""
        return self.not_started + self.vanished + self.kept


@dataclass(slots=True)
class Tally(Generic[StateT, ContextT]):
    """Counts the outcomes of a run. `is_kept` is as in `run_fleet`."""

    is_kept: Callable[[Outcome[StateT, ContextT]], bool]
    changed: int = 0
    unchanged: int = 0
    failed: int = 0
    vanished: int = 0
    kept: int = 0

    def add(self, outcome: Outcome[StateT, ContextT], *, is_vanished: bool) -> None:
        """Count one outcome, in one of the numbers."""
        if is_vanished:
            self.vanished += 1
        elif outcome.failure:
            self.failed += 1
        elif self.is_kept(outcome):
            self.kept += 1
        elif outcome.changed:
            self.changed += 1
        else:
            self.unchanged += 1

    def status(
        self, matched: int, failure: Failure | None = None, *, is_complete: bool, fatal: Failure | None = None
    ) -> FleetStatus:
        """The numbers of a run with so many listed items."""
        return FleetStatus(
            matched,
            is_complete,
            failure,
            self.changed,
            self.unchanged,
            self.failed,
            self.vanished,
            fatal,
            self.kept,
        )


def work_safely(work: Callable[[], Outcome[StateT, ContextT]]) -> Outcome[StateT, ContextT]:
    """The outcome of the work, or a failed one that names an unexpected exception."""
    try:
        return work()
    except Exception as error:
        return Outcome(failure=internal_error(error))


def _is_fatal(failure: Failure | None) -> bool:
    """Whether every further item would fail in the same way: no service accepts these credentials."""
    return failure is not None and failure.kind is FailureKind.CREDENTIALS


@dataclass(slots=True)
class _Listing(Generic[ItemT]):
    """Counts items while they are listed, and ends at a failure of the list."""

    items: Iterable[ItemT]
    matched: int = 0
    is_complete: bool = False
    failure: Failure | None = None

    def __iter__(self) -> Iterator[ItemT]:
        try:
            for item in self.items:
                self.matched += 1
                yield item
            self.is_complete = True
        except OperationError as error:  # the results of earlier items are still reported
            self.failure = error.failure


def run_fleet(
    items: Iterable[ItemT],
    work: Callable[[ItemT], Outcome[StateT, ContextT]],
    *,
    concurrency: int,
    on_outcome: Callable[[int, ItemT, Outcome[StateT, ContextT]], None],
    on_progress: Callable[[FleetStatus], None] = lambda status: None,
    stop_on_failure: bool = False,
    group_by: Callable[[ItemT], str] | None = None,
    is_vanished: Callable[[ItemT, Outcome[StateT, ContextT]], bool] = lambda item, outcome: False,
    is_kept: Callable[[Outcome[StateT, ContextT]], bool] = lambda outcome: False,
    abort: Callable[[], None] = lambda: None,
    lookahead: int = LOOKAHEAD,
) -> FleetStatus:
    """Do `work` for each item in at most `concurrency` threads, and return the final numbers.

    `items` may be a generator that makes calls, and may raise OperationError: the items listed before are worked on.
    An unexpected exception in `work` becomes the failed outcome of its item. `on_outcome` gets (position, item,
    outcome) as the items finish, in any order, and `on_progress` the numbers after each; both are called in the
    calling thread. No outcome is kept here, so memory does not grow with the fleet. After a failure of the credentials,
    or with `stop_on_failure` after any, no item is started, and the rest is only counted. `group_by` is as in
    `map_unordered`. An outcome that `is_vanished` accepts is counted, and not reported. One that `is_kept`
    accepts is reported, and counted apart unless it failed. `abort` and `lookahead` are as in `map_unordered`.
    """

    listing = _Listing(items)
    entries = iter(listing)
    tally = Tally(is_kept)
    fatal: Failure | None = None

    def status() -> FleetStatus:
        return tally.status(listing.matched, listing.failure, is_complete=listing.is_complete, fatal=fatal)

    for position, item, outcome in map_unordered(
        entries,
        lambda item: work_safely(lambda: work(item)),
        concurrency=concurrency,
        should_stop=lambda outcome: outcome.failure is not None and (stop_on_failure or _is_fatal(outcome.failure)),
        group_by=group_by,
        abort=abort,
        lookahead=lookahead,
    ):
        vanished = is_vanished(item, outcome)
        tally.add(outcome, is_vanished=vanished)
        if not vanished:
            fatal = fatal or (outcome.failure if _is_fatal(outcome.failure) else None)
            on_outcome(position, item, outcome)
        on_progress(status())
    for _skipped in entries:  # count the items that a stopped run did not start
        pass
    return status()

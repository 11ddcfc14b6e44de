# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""One run for the resources of many accounts: each account is entered once, and what fails in one stays there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from typing import Generic, Protocol, TypeVar, Union

from ...model.accounts.account import Account
from ...model.errors import Failure, OperationError, Reason, internal_error
from ...model.outcome import Outcome
from ...model.plan import ContextT, StateT
from ..fleet.fleet import FleetStatus, Tally, work_safely
from ..fleet.worker_pool import map_unordered
from .refused_credentials import RefusedCredentials

ItemT = TypeVar("ItemT")

# The number of accounts that are open at the same time. Each has a session and clients of its own, which take memory.
MOST_OPEN = 16
# The number of resources that are listed at a time. More are listed as soon as fewer are left.
LISTED_AT_A_TIME = 256
# The number of positions of one account: more than it can have resources.
_POSITIONS = 1 << 32


class AccountJob(Protocol[ItemT, StateT, ContextT]):
    """The work of a task in one account that was entered."""

    def items(self) -> Iterator[ItemT]:
        """The resources of the task in this account, which may be listed while they are iterated.

        Raises OperationError if the list cannot be read.
        """

    def work(self, item: ItemT) -> Outcome[StateT, ContextT]:
        """Do the work for one resource."""

    def close(self) -> None:
        """Give back what the account takes, such as connections. Called once no work is left."""


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """What became of one account: the numbers of its resources.

    Their `listing_failure` is why the account could not be entered, or why its list ended early.
    """

    account: Account
    status: FleetStatus

    @property
    def failure(self) -> Failure | None:
        """Why the account could not be entered or listed; None if it was."""
        return self.status.listing_failure


@dataclass(frozen=True, slots=True)
class AccountsStatus:
    """The numbers of a run, in the order of its accounts. `fatal` is a failure that all further ones would have."""

    accounts: tuple[AccountStatus, ...]
    fatal: Failure | None = None

    @property
    def failed(self) -> tuple[AccountStatus, ...]:
        """The accounts that could not be entered or listed."""
        return tuple(each for each in self.accounts if each.failure)

    @property
    def unfinished(self) -> tuple[AccountStatus, ...]:
        """The accounts that a run which ended early has not entered, or not listed to the end."""
        return tuple(each for each in self.accounts if not (each.failure or each.status.is_complete))

    @property
    def total(self) -> FleetStatus:
        """The numbers of all accounts together. The list is complete if that of each account is."""
        parts = [each.status for each in self.accounts]
        return FleetStatus(
            matched=sum(part.matched for part in parts),
            is_complete=all(part.is_complete for part in parts),
            changed=sum(part.changed for part in parts),
            unchanged=sum(part.unchanged for part in parts),
            failed=sum(part.failed for part in parts),
            vanished=sum(part.vanished for part in parts),
            fatal=self.fatal,
            kept=sum(part.kept for part in parts),
        )


def position_of(order: int, place: int) -> int:
    """The position of a resource in a result: by the order of its account, then by its place in that account's list."""
    return order * _POSITIONS + place


@dataclass(slots=True)
class _Run(Generic[ItemT, StateT, ContextT]):
    """One account during the run. Its numbers are written by the calling thread only."""

    order: int
    account: Account
    enter: Callable[[Account], AccountJob[ItemT, StateT, ContextT]]
    tally: Tally[StateT, ContextT]
    refused: RefusedCredentials
    listed: int = 0
    left: int = 0  # resources that were listed, and whose work has not ended
    is_listing: bool = False
    is_complete: bool = False
    failure: Failure | None = None
    _job: AccountJob[ItemT, StateT, ContextT] | None = None
    _items: Iterator[ItemT] | None = None

    @property
    def has_more(self) -> bool:
        """Whether its list has not ended."""
        return not self.is_complete and self.failure is None

    def list_more(self) -> _Listed[ItemT]:
        """Enter the account if that was not done, and list its next resources. Called by one thread at a time."""
        found: list[ItemT] = []
        failure: Failure | None = None
        try:
            if self._items is None:
                self._job = self.enter(self.account)
                self._items = iter(self._job.items())
            found.extend(islice(self._items, LISTED_AT_A_TIME))
        except OperationError as error:
            failure = error.failure
        except Exception as error:
            failure = internal_error(error)
        return _Listed(tuple(found), failure)

    def work(self, item: ItemT, region: str) -> Outcome[StateT, ContextT]:
        """Do the work for one resource, without a call where the credentials of the account were refused."""
        refusal = self.refused.refusal(region)
        if refusal:
            return Outcome(failure=refusal)
        if self._job is None:
            raise AssertionError("the account is closed")
        return self.refused.record(region, self._job.work(item))

    def close(self) -> None:
        """Give back what the account takes."""
        job, self._job, self._items = self._job, None, None
        if job:
            job.close()

    def status(self) -> AccountStatus:
        """The numbers so far."""
        return AccountStatus(self.account, self.tally.status(self.listed, self.failure, is_complete=self.is_complete))


@dataclass(frozen=True, slots=True)
class _Listed(Generic[ItemT]):
    """The next resources of an account, and the failure that ended their list."""

    items: tuple[ItemT, ...]
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class _Task(Generic[ItemT, StateT, ContextT]):
    """What a worker does next in an account: the work for a resource; without one, the list of the next resources."""

    run: _Run[ItemT, StateT, ContextT]
    group: str
    resource: _Resource[ItemT] | None = None

    def do(self) -> _Result[ItemT, StateT, ContextT]:
        """The outcome of the work, or the list."""
        found = self.resource
        if found is None:
            return self.run.list_more()
        return work_safely(lambda: self.run.work(found.item, found.region))


@dataclass(frozen=True, slots=True)
class _Resource(Generic[ItemT]):
    """A resource of an account, with its place in the list of the account."""

    item: ItemT
    region: str
    place: int


_Result = Union[_Listed[ItemT], Outcome[StateT, ContextT]]


@dataclass(slots=True)
class _Accounts(Generic[ItemT, StateT, ContextT]):
    """The accounts of a run, few of which are open. Used by the calling thread only."""

    runs: Sequence[_Run[ItemT, StateT, ContextT]]
    region_of: Callable[[ItemT], str]
    tally: Tally[StateT, ContextT]
    listed: int = 0
    begun: int = 0
    ended: int = 0

    def begin(self) -> Iterator[_Task[ItemT, StateT, ContextT]]:
        """Begin the next account, if one is left."""
        if self.begun < len(self.runs):
            run = self.runs[self.begun]
            self.begun += 1
            yield self._list(run)

    def follow(
        self, task: _Task[ItemT, StateT, ContextT], result: _Result[ItemT, StateT, ContextT]
    ) -> Iterator[_Task[ItemT, StateT, ContextT]]:
        """What is to be done after a task: the resources that it listed, the next list, or the next account."""
        run = task.run
        if isinstance(result, _Listed):
            run.is_listing = False
            run.failure = result.failure
            run.is_complete = result.failure is None and len(result.items) < LISTED_AT_A_TIME
            for item in result.items:
                yield self._work(run, item)
        else:
            run.left -= 1
        if run.has_more and not run.is_listing and run.left < LISTED_AT_A_TIME:
            yield self._list(run)
        elif not (run.has_more or run.left):
            run.close()
            self.ended += 1
            yield from self.begin()

    def _list(self, run: _Run[ItemT, StateT, ContextT]) -> _Task[ItemT, StateT, ContextT]:
        run.is_listing = True
        return _Task(run, run.account.account_id)

    def _work(self, run: _Run[ItemT, StateT, ContextT], item: ItemT) -> _Task[ItemT, StateT, ContextT]:
        region = self.region_of(item)
        task = _Task(run, f"{run.account.account_id} {region}", _Resource(item, region, run.listed))
        run.listed += 1
        run.left += 1
        self.listed += 1
        return task

    def count(self, run: _Run[ItemT, StateT, ContextT], outcome: Outcome[StateT, ContextT], is_vanished: bool) -> None:
        """Count the outcome of a resource of an account."""
        for tally in (run.tally, self.tally):
            tally.add(outcome, is_vanished=is_vanished)

    def progress(self) -> tuple[FleetStatus, int]:
        """The numbers of all accounts so far, and the number of accounts that have ended."""
        return self.tally.status(self.listed, is_complete=self.ended == len(self.runs)), self.ended

    def close(self) -> None:
        """Close what is still open, after the run."""
        for run in self.runs:
            run.close()


def run_in_accounts(
    accounts: Sequence[Account],
    enter: Callable[[Account], AccountJob[ItemT, StateT, ContextT]],
    *,
    concurrency: int,
    region_of: Callable[[ItemT], str],
    on_outcome: Callable[[int, Account, ItemT, Outcome[StateT, ContextT]], None],
    on_progress: Callable[[FleetStatus, int], None] = lambda status, ended: None,
    stop_on_failure: bool = False,
    is_vanished: Callable[[ItemT, Outcome[StateT, ContextT]], bool] = lambda item, outcome: False,
    is_kept: Callable[[Outcome[StateT, ContextT]], bool] = lambda outcome: False,
) -> AccountsStatus:
    """Do the work for each resource of each account in at most `concurrency` threads, and return the final numbers.

    `enter` makes calls, and may raise OperationError: then this account has that failure, and all others are worked in.
    It is the same for a list that cannot be read; the resources listed before are worked on. Credentials of an account
    that are refused end the work in that region of the account, or in all of it. A failure with the reason
    OWN_CREDENTIALS, and with `stop_on_failure` any failure, ends the run: no account and no resource is started.

    Few accounts are open at a time. The next resource is from the account and region with the fewest running ones, so a
    slow one delays only itself. `on_outcome` gets (position, account, resource, outcome). The positions are in the
    order of the accounts, and for one account in that of its list; they do not depend on which one answered first.
    `on_progress` gets the numbers of all accounts, and how many accounts have ended. Both are called in the calling
    thread. `is_vanished` and `is_kept` are as in `run_fleet`.
    """
    runs = [
        _Run(order, account, enter, Tally(is_kept), RefusedCredentials(account))
        for order, account in enumerate(accounts)
    ]
    state = _Accounts(runs, region_of, Tally(is_kept))
    fatal: Failure | None = None
    with ExitStack() as stack:
        stack.callback(state.close)
        results = map_unordered(
            [task for _number in range(MOST_OPEN) for task in state.begin()],
            lambda task: task.do(),
            concurrency=concurrency,
            should_stop=lambda result: _ends(result.failure, stop_on_failure=stop_on_failure),
            group_by=lambda task: task.group,
            follow=state.follow,
        )
        stack.callback(results.close)  # also where what is called below raises, so that nothing works on
        for _position, task, result in results:
            fatal = fatal or (result.failure if _ends(result.failure, stop_on_failure=False) else None)
            if task.resource and isinstance(result, Outcome):
                item = task.resource.item
                vanished = is_vanished(item, result)
                state.count(task.run, result, vanished)
                if not vanished:
                    on_outcome(position_of(task.run.order, task.resource.place), task.run.account, item, result)
            on_progress(*state.progress())
    return AccountsStatus(tuple(run.status() for run in runs), fatal)


def _ends(failure: Failure | None, *, stop_on_failure: bool) -> bool:
    """Whether no further account and resource is started after this failure."""
    return failure is not None and (stop_on_failure or failure.reason is Reason.OWN_CREDENTIALS)

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The buckets of a task in many accounts: each is worked on by the account that lists it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Generic

from ...aws.buckets.bucket_list import BucketList
from ...engine.accounts.account_fleet import AccountsStatus, position_of
from ...engine.accounts.refused_credentials import refused_in_region
from ...engine.buckets.bucket_access import require_general_purpose
from ...engine.buckets.selection import select_buckets
from ...model.buckets.selection import Bucket, Selection
from ...model.errors import Failure, FailureKind, OperationError
from ...model.outcome import Outcome
from ...model.plan import ContextT, NotThereYet, StateT
from ..accounts.account_run import run_in_task_accounts
from ..arguments import workers
from ..fleet_report import first_names
from .bucket_selection import parse_choice
from .fleet_run import BucketRun

if TYPE_CHECKING:
    from ...aws.buckets.ports import BucketListPort
    from ...aws.session import Clients
    from ...engine.fleet.fleet import FleetStatus
    from ...model.accounts.account import Account
    from ..run import ModuleContext


@dataclass(frozen=True)
class _BucketsOfAccount(Generic[StateT, ContextT]):
    """The job of one account: it has the clients of that account."""

    account: Account
    clients: Clients
    find: Callable[[Account, Clients], Iterator[Bucket]]
    do: Callable[[Bucket], Outcome[StateT, ContextT]]

    def items(self) -> Iterator[Bucket]:
        """The buckets of the task that this account lists. Raises OperationError if it cannot list them."""
        return self.find(self.account, self.clients)

    def work(self, item: Bucket) -> Outcome[StateT, ContextT]:
        """The outcome for one bucket, unless it failed while it was selected."""
        return Outcome(failure=item.failure) if item.failure else self.do(item)

    def close(self) -> None:
        """Close the connections of the account."""
        self.clients.close()


@dataclass(frozen=True)
class _Choice:
    """The buckets of the task in any account. `listed` has the names that some account lists."""

    chosen: Selection | tuple[str, ...]
    listed: set[str] = field(default_factory=set)

    def find(self, account: Account, clients: Clients) -> Iterator[Bucket]:
        """The buckets of an account that the task chooses. Raises OperationError if they cannot be listed."""
        port = BucketList(clients)
        if isinstance(self.chosen, Selection):
            selection = _in_regions(self.chosen, account.regions)
            found = self._selected(port, account, selection) if selection else iter(())
        else:
            found = self._named(port, frozenset(self.chosen))
        for bucket in found:
            yield replace(bucket, account=account, failure=bucket.failure or _outside(account, bucket))

    def _selected(self, port: BucketListPort, account: Account, selection: Selection) -> Iterator[Bucket]:
        try:
            yield from select_buckets(selection, port, regions_may_refuse=True)
        except OperationError as error:
            if len(selection.regions) != 1:
                raise
            # The buckets of one region are listed there.
            raise OperationError(refused_in_region(error.failure, selection.regions[0])) from error

    def _named(self, port: BucketListPort, names: frozenset[str]) -> Iterator[Bucket]:
        for bucket in port.list_buckets(Selection(tuple(names)).prefix, None):
            if bucket.name in names:
                self.listed.add(bucket.name)
                yield bucket

    @property
    def not_listed(self) -> tuple[str, ...]:
        """The names that no account lists."""
        names = () if isinstance(self.chosen, Selection) else self.chosen
        return tuple(name for name in names if name not in self.listed)


def _in_regions(selection: Selection, regions: tuple[str, ...]) -> Selection | None:
    """The selection in those regions of an account; None if no bucket can match."""
    if not regions:
        return selection
    both = tuple(region for region in selection.regions or regions if region in regions)
    return replace(selection, regions=both) if both else None


def _outside(account: Account, bucket: Bucket) -> Failure | None:
    """The failure of a bucket that is not in the regions in which the task works in its account."""
    if not account.regions or bucket.region in account.regions:
        return None
    return Failure(
        FailureKind.INVALID,
        f"The bucket {bucket.name} of account {account.label} is in {bucket.region}, and the task works in "
        f"{', '.join(account.regions)} there.",
        f"Add {bucket.region} to the regions of {account.place}, or leave the bucket out.",
        resource=bucket.name,
    )


def run_in_each_account(
    task: ModuleContext,
    make_work: Callable[[Clients], Callable[[Bucket], Outcome[StateT, ContextT]]],
    *,
    seen: Callable[[Bucket], Bucket],
    on_outcome: Callable[[int, Bucket, Outcome[StateT, ContextT]], None],
    on_progress: Callable[[FleetStatus, str], None],
    stop_on_failure: bool,
    is_vanished: Callable[[Bucket, Outcome[StateT, ContextT]], bool],
    is_kept: Callable[[Outcome[StateT, ContextT]], bool],
    may_be_created: bool,
    warn: Callable[[str], None],
) -> BucketRun:
    """Do the work for each chosen bucket of each account. The arguments are as in `run_buckets` and `run_in_accounts`.

    Raises OperationError for bad options, and if the accounts cannot be found, before any account is entered.
    """
    choice = _Choice(parse_choice(task, warn))

    def make_job(account: Account, clients: Clients) -> _BucketsOfAccount[StateT, ContextT]:
        return _BucketsOfAccount(account, clients, lambda *place: map(seen, choice.find(*place)), make_work(clients))

    status = run_in_task_accounts(
        task,
        make_job,
        concurrency=workers(task.params),
        region_of=lambda bucket: bucket.region,
        on_outcome=lambda position, _account, bucket, outcome: on_outcome(position, bucket, outcome),
        on_progress=on_progress,
        stop_on_failure=stop_on_failure,
        is_vanished=is_vanished,
        is_kept=is_kept,
    )
    total = status.total
    for place, name in enumerate(() if status.unfinished else choice.not_listed):
        outcome: Outcome[StateT, ContextT] = _not_listed(name, status, may_be_created=may_be_created)
        on_outcome(position_of(len(status.accounts), place), seen(Bucket(name)), outcome)
        total = replace(
            total,
            matched=total.matched + 1,
            changed=total.changed + (outcome.failure is None),
            failed=total.failed + (outcome.failure is not None),
        )
    return BucketRun(total, status)


def _not_listed(name: str, status: AccountsStatus, *, may_be_created: bool) -> Outcome[StateT, ContextT]:
    """The outcome for a bucket that no account lists: a failure, unless an earlier task may create it in one of them.

    Which account that will be is not known, and so neither is the key that an alias stands for. Where an account could
    not be listed, the bucket may be in that one.
    """
    try:
        require_general_purpose(name, "ListBuckets does not list it")
    except OperationError as error:
        return Outcome(failure=error.failure)
    missing = Failure(
        FailureKind.ABSENT,
        f"No account of the task lists the bucket {name}.",
        "Check its name, or add its account to the task.",
        resource=name,
    )
    unlisted = [each for each in status.failed if each.failure]
    if unlisted:
        labels = first_names([each.account.label for each in unlisted])
        number = "1 account" if len(unlisted) == 1 else f"{len(unlisted):,} accounts"
        return Outcome(
            failure=replace(
                missing,
                kind=unlisted[0].failure.kind if unlisted[0].failure else missing.kind,
                message=f"No account that could be listed has the bucket {name}. It may be in {number} that could not: "
                f"{labels}.",
            ).with_advice("Run the task again when that account can be listed.")
        )
    if not may_be_created:
        return Outcome(failure=missing)
    return Outcome(
        changed=True, not_there_yet=(NotThereYet(name, f"In the accounts of the task, the bucket {name}", missing),)
    )

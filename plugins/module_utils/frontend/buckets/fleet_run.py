# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A run of one task for all its buckets: its options, its progress, and what each module's report begins with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...engine.fleet.fleet import FleetStatus, run_fleet
from ...model.errors import Reason
from ...model.outcome import Outcome
from ...model.plan import ContextT, StateT
from ..arguments import (
    ACCOUNT_CONSTRAINTS,
    ArgumentSpec,
    account_arguments,
    has_accounts,
    results_file_arguments,
    workers,
)
from ..fleet_report import FleetReport, FleetWords
from ..progress import Progress
from .bucket_selection import SELECTION_CONSTRAINTS, chosen_buckets, selection_arguments

if TYPE_CHECKING:
    from ...aws.session import Clients
    from ...engine.accounts.account_fleet import AccountsStatus
    from ...model.buckets.overrides import Targets
    from ...model.buckets.selection import Bucket
    from ..result import Result
    from ..run import ModuleContext

# The number of buckets that a result lists unless the task says what to list, so that it stays small for any fleet.
MOST_LISTED = 100

FLEET_CONSTRAINTS: dict[str, Any] = {
    **SELECTION_CONSTRAINTS,
    "mutually_exclusive": [*SELECTION_CONSTRAINTS["mutually_exclusive"], *ACCOUNT_CONSTRAINTS["mutually_exclusive"]],
}


def fleet_arguments() -> ArgumentSpec:
    """The options of every module for many buckets: which buckets, and how the run does its work."""
    return {
        **selection_arguments(),
        **account_arguments(),
        "concurrency": {"type": "int", "default": 32},
        "progress": {"type": "bool", "default": True},
        **results_file_arguments(),
    }


def change_arguments() -> ArgumentSpec:
    """The options of a module that changes many buckets: what a failure ends, and what the result lists."""
    return {
        "on_error": {"type": "str", "choices": ["continue", "stop"], "default": "continue"},
        "results": {"type": "str", "choices": ["changed", "all", "none"]},
    }


def report_of_changes(task: ModuleContext, words: FleetWords[StateT]) -> FleetReport[StateT]:
    """The report of a task with `change_arguments`."""
    results = task.params["results"]
    return FleetReport(
        words,
        list_unchanged=results == "all",
        list_changed=results != "none",
        limit=MOST_LISTED if results is None else None,
        rows=task.rows,
        by_account=has_accounts(task.params),
    )


def counts_of_changes(status: FleetStatus) -> str:
    """The numbers so far, for the progress of a task that changes buckets."""
    return f"{status.changed:,} changed, {status.failed:,} failed"


@dataclass(frozen=True)
class BucketRun:
    """A run that has ended: the numbers of all buckets, and of each account in a task for many of them."""

    status: FleetStatus
    accounts: AccountsStatus | None = None


def run_buckets(
    task: ModuleContext,
    report: FleetReport[StateT],
    targets: Targets[Any],
    make_work: Callable[[Clients], Callable[[Bucket], Outcome[StateT, ContextT]]],
    on_outcome: Callable[[int, Bucket, Outcome[StateT, ContextT]], None],
    *,
    counts: Callable[[FleetStatus], str],
    stop_on_failure: bool = False,
    is_kept: Callable[[Outcome[StateT, ContextT]], bool] = lambda outcome: False,
    may_be_created: bool = False,
) -> BucketRun:
    """Do the work for each chosen bucket, in each account of the task. `make_work` makes the work of one account.

    A bucket that already failed while it was selected gets that outcome. A bucket that was listed and is deleted
    meanwhile is skipped; one that the task names is a failure. An entry of `overrides` that applies to no bucket is a
    warning. `is_kept` is as in `run_fleet`.

    In a task for many accounts, a bucket is worked on by the account that lists it. One that the task names and that no
    account lists is a failure. With `may_be_created`, an earlier task of the play may create it.
    """
    applied: set[int | None] = set()
    progress = Progress(task.clock, report.words.plural)
    is_selected = task.params["select"] is not None

    def seen(bucket: Bucket) -> Bucket:
        applied.add(targets.position(bucket))
        return bucket

    def is_vanished(bucket: Bucket, outcome: Outcome[StateT, ContextT]) -> bool:
        failure = None if outcome.changed else outcome.failure
        vanished = is_selected and failure is not None and failure.reason is Reason.BUCKET_NOT_FOUND
        if vanished:
            report.vanish(bucket.name)
        return vanished

    def show(status: FleetStatus, *more: str) -> None:
        numbers = ", ".join((counts(status), *more))
        progress.update(status.done, status.matched, is_complete=status.is_complete, counts=numbers)

    if has_accounts(task.params):
        from .account_buckets import run_in_each_account

        run = run_in_each_account(
            task,
            make_work,
            seen=seen,
            on_outcome=on_outcome,
            on_progress=show,
            stop_on_failure=stop_on_failure,
            is_vanished=is_vanished,
            is_kept=is_kept,
            may_be_created=may_be_created,
            warn=report.warn,
        )
    else:
        work = make_work(task.clients)
        status = run_fleet(
            map(seen, chosen_buckets(task, report.warn)),
            lambda bucket: Outcome(failure=bucket.failure) if bucket.failure else work(bucket),
            concurrency=workers(task.params),
            on_outcome=on_outcome,
            on_progress=show,
            stop_on_failure=stop_on_failure,
            group_by=lambda bucket: bucket.region,
            is_vanished=is_vanished,
            is_kept=is_kept,
        )
        run = BucketRun(status)
    if run.status.is_complete and run.status.matched:
        for position in sorted(set(range(len(targets.overrides))) - applied):
            criteria = targets.overrides[position].criteria
            report.warn(f"overrides[{position}] ({criteria}) applies to no bucket of the task.")
    return run


def fleet_result(
    task: ModuleContext, report: FleetReport[Any], run: BucketRun, began: float, *, results: str | None = "all"
) -> Result:
    """The result of a run that began at this time of the task's clock. `results` says which accounts it lists."""
    seconds = task.clock.monotonic() - began
    calls = task.clients.calls
    result = report.result(run.status, api_calls=calls.requests, seconds=seconds)
    if run.accounts is None:
        return result
    from ..accounts.account_report import with_accounts

    return with_accounts(result, run.accounts, results=results, sts_calls=calls.requests_of("sts"), rows=task.rows)

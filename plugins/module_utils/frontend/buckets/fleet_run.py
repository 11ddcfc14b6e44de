# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A run of one task for all its buckets: its options, its progress, and what each module's report begins with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ...engine.fleet.fleet import FleetStatus, run_fleet
from ...model.errors import Reason
from ...model.outcome import Outcome
from ...model.plan import ContextT, StateT
from ..arguments import ArgumentSpec, results_file_arguments, workers
from ..fleet_report import FleetReport, FleetWords
from ..progress import Progress
from .bucket_selection import chosen_buckets, selection_arguments

if TYPE_CHECKING:
    from ...model.buckets.overrides import Targets
    from ...model.buckets.selection import Bucket
    from ..result import Result
    from ..run import ModuleContext

# The number of buckets that a result lists unless the task says what to list, so that it stays small for any fleet.
MOST_LISTED = 100


def fleet_arguments() -> ArgumentSpec:
    """The options of every module for many buckets: which buckets, and how the run does its work."""
    return {
        **selection_arguments(),
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
    )


def counts_of_changes(status: FleetStatus) -> str:
    """The numbers so far, for the progress of a task that changes buckets."""
    return f"{status.changed:,} changed, {status.failed:,} failed"


def run_buckets(
    task: ModuleContext,
    report: FleetReport[StateT],
    targets: Targets[Any],
    work: Callable[[Bucket], Outcome[StateT, ContextT]],
    on_outcome: Callable[[int, Bucket, Outcome[StateT, ContextT]], None],
    *,
    counts: Callable[[FleetStatus], str],
    stop_on_failure: bool = False,
    is_kept: Callable[[Outcome[StateT, ContextT]], bool] = lambda outcome: False,
) -> FleetStatus:
    """Do the work for each chosen bucket. A bucket that already failed while it was selected gets that outcome.

    A bucket that was listed and is deleted meanwhile is skipped; one that the task names is a failure. An entry of
    `overrides` that applies to no bucket is a warning. `is_kept` is as in `run_fleet`.
    """
    applied: set[int | None] = set()
    progress = Progress(task.clock, report.words.plural)
    is_selected = task.params["select"] is not None

    def chosen() -> Iterator[Bucket]:
        for bucket in chosen_buckets(task, report.warn):
            applied.add(targets.position(bucket.name))
            yield bucket

    def is_vanished(bucket: Bucket, outcome: Outcome[StateT, ContextT]) -> bool:
        failure = None if outcome.changed else outcome.failure
        vanished = is_selected and failure is not None and failure.reason is Reason.BUCKET_NOT_FOUND
        if vanished:
            report.vanish(bucket.name)
        return vanished

    status = run_fleet(
        chosen(),
        lambda bucket: Outcome(failure=bucket.failure) if bucket.failure else work(bucket),
        concurrency=workers(task.params),
        on_outcome=on_outcome,
        on_progress=lambda status: progress.update(
            status.done, status.matched, is_complete=status.is_complete, counts=counts(status)
        ),
        stop_on_failure=stop_on_failure,
        group_by=lambda bucket: bucket.region,
        is_vanished=is_vanished,
        is_kept=is_kept,
    )
    if status.is_complete and status.matched:
        for position in sorted(set(range(len(targets.overrides))) - applied):
            names = ", ".join(targets.overrides[position].names)
            report.warn(f"overrides[{position}] (names: {names}) applies to no bucket of the task.")
    return status


def fleet_result(task: ModuleContext, report: FleetReport[Any], status: FleetStatus, began: float) -> Result:
    """The result of a run that began at this time of the task's clock."""
    seconds = task.clock.monotonic() - began
    return report.result(status, api_calls=task.clients.calls.requests, seconds=seconds)

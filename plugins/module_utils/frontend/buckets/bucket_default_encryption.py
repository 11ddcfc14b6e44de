# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The modules bucket_default_encryption and bucket_default_encryption_info."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ...aws.accounts.sts import Sts
from ...aws.buckets.s3_buckets import S3Buckets
from ...aws.keys.key_lookup import KeyLookup
from ...engine.buckets.bucket_audit import BucketAudit, audit_bucket
from ...engine.buckets.bucket_default import BucketContext, BucketDefaultResource
from ...engine.clock import SYSTEM_CLOCK, Clock
from ...engine.fleet.circuit_breaker import RegionCircuitBreaker
from ...engine.fleet.fleet import FleetStatus, run_fleet
from ...engine.keys.key_resolver import KeyResolver
from ...engine.reconcile import reconcile
from ...model.buckets.bucket_default import BucketDefault, NewBucket
from ...model.errors import Reason, invalid_input
from ...model.outcome import Outcome
from ..arguments import ArgumentSpec, bucket_encryption_arguments, require_no_placeholder, workers
from ..fleet_report import FleetReport
from ..progress import Progress
from ..run import METADATA_TIMEOUTS, ModuleContext, Timeouts, run_module
from ..written import read_written_params, written_suboptions
from .audit_report import AuditReport
from .bucket_selection import SELECTION_CONSTRAINTS, chosen_buckets, selection_arguments
from .desired_defaults import (
    NOTHING_DESIRED,
    STATES,
    Target,
    overrides_arguments,
    parse_expected,
    parse_targets,
)
from .serialize import BUCKETS

if TYPE_CHECKING:
    from ...model.buckets.overrides import Targets
    from ...model.buckets.selection import Bucket
    from ...model.plan import ContextT
    from ..result import Result

# The number of buckets that a result lists unless the task says what to list, so that it stays small for any fleet.
_MOST_LISTED = 100


def main(clock: Clock = SYSTEM_CLOCK, timeouts: Timeouts = METADATA_TIMEOUTS) -> None:
    """Run bucket_default_encryption."""
    run_module(
        {
            **_fleet_arguments(),
            **bucket_encryption_arguments(),
            **overrides_arguments(),
            "state": {"type": "str", "choices": list(STATES), "default": "present"},
            "minimum": {"type": "bool", "default": False},
            "on_error": {"type": "str", "choices": ["continue", "stop"], "default": "continue"},
            "results": {"type": "str", "choices": ["changed", "all", "none"]},
        },
        ensure_present,
        clock=clock,
        timeouts=timeouts,
        **SELECTION_CONSTRAINTS,
    )


def main_info(clock: Clock = SYSTEM_CLOCK, timeouts: Timeouts = METADATA_TIMEOUTS) -> None:
    """Run bucket_default_encryption_info."""
    expected = {
        **bucket_encryption_arguments(),
        **overrides_arguments(),
        "minimum": {"type": "bool", "default": False},
    }
    run_module(
        {
            **_fleet_arguments(),
            "expected": {"type": "dict", "options": expected},
            "fail_on_findings": {"type": "bool", "default": False},
        },
        gather_info,
        clock=clock,
        timeouts=timeouts,
        **SELECTION_CONSTRAINTS,
    )


def _fleet_arguments() -> ArgumentSpec:
    return {
        **selection_arguments(),
        "concurrency": {"type": "int", "default": 32},
        "progress": {"type": "bool", "default": True},
    }


def ensure_present(task: ModuleContext) -> Result:
    """Bring every chosen bucket to the desired default encryption."""
    began = task.clock.monotonic()
    targets = parse_targets(task.params, read_written_params())
    results = task.params["results"]
    report = FleetReport(
        BUCKETS,
        list_unchanged=results == "all",
        list_changed=results != "none",
        limit=_MOST_LISTED if results is None else None,
    )
    # A bucket that the account lists existed a moment ago, so no task of this play has to create it.
    at_aws = not task.clients.custom_endpoint("s3")
    new_bucket = NewBucket(task.clients.region, at_aws) if task.params["buckets"] else None
    make = _resource_factory(task, targets, new_bucket)

    def work(bucket: Bucket) -> Outcome[BucketDefault, BucketContext]:
        return reconcile(make(bucket), check_mode=task.check_mode)

    def add(position: int, bucket: Bucket, outcome: Outcome[BucketDefault, BucketContext]) -> None:
        context = outcome.context or BucketContext(bucket.region)
        report.add(position, bucket.name, context.region, outcome, context.key_warnings)

    stops = task.params["on_error"] == "stop"
    status = _run(task, report, targets, work, add, counts=_counts_of_changes, stop_on_failure=stops)
    return _result(task, report, status, began)


def gather_info(task: ModuleContext) -> Result:
    """Report the default encryption of every chosen bucket, and what it lacks of the expected one."""
    began = task.clock.monotonic()
    require_no_placeholder(task.params)
    targets = _expected_targets(task)
    report = FleetReport(BUCKETS)
    audits = AuditReport(BUCKETS, BucketDefault(None), has_expectation=task.params["expected"] is not None)
    make = _resource_factory(task, targets)

    def work(bucket: Bucket) -> Outcome[BucketDefault, BucketAudit]:
        return audit_bucket(make(bucket))

    def add(position: int, bucket: Bucket, outcome: Outcome[BucketDefault, BucketAudit]) -> None:
        audit = outcome.context or BucketAudit(bucket.region)
        report.add(position, bucket.name, audit.region, outcome)
        audits.add(position, bucket.name, outcome, audit)

    status = _run(task, report, targets, work, add, counts=audits.counts)
    return audits.result(_result(task, report, status, began), fail_on_findings=task.params["fail_on_findings"])


def _expected_targets(task: ModuleContext) -> Targets[Target]:
    expected = task.params["expected"]
    if expected is not None:
        return parse_expected(expected, written_suboptions(read_written_params(), "expected"))
    if task.params["fail_on_findings"]:
        raise invalid_input(
            "fail_on_findings has no effect without expected, because then there are no findings.",
            "Name in expected what the buckets should have.",
        )
    return NOTHING_DESIRED


def _run(
    task: ModuleContext,
    report: FleetReport[BucketDefault],
    targets: Targets[Target],
    work: Callable[[Bucket], Outcome[BucketDefault, ContextT]],
    on_outcome: Callable[[int, Bucket, Outcome[BucketDefault, ContextT]], None],
    *,
    counts: Callable[[FleetStatus], str],
    stop_on_failure: bool = False,
) -> FleetStatus:
    """Do the work for each chosen bucket. A bucket that already failed while it was selected gets that outcome.

    A bucket that was listed and is deleted meanwhile is skipped; one that the task names is a failure.
    """
    applied: set[int | None] = set()
    progress = Progress(task.clock, BUCKETS.plural)
    is_selected = task.params["select"] is not None

    def chosen() -> Iterator[Bucket]:
        for bucket in chosen_buckets(task, report.warn):
            applied.add(targets.position(bucket.name))
            yield bucket

    def is_vanished(bucket: Bucket, outcome: Outcome[BucketDefault, ContextT]) -> bool:
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
    )
    if status.is_complete and status.matched:
        for position in sorted(set(range(len(targets.overrides))) - applied):
            names = ", ".join(targets.overrides[position].names)
            report.warn(f"overrides[{position}] (names: {names}) applies to no bucket of the task.")
    return status


def _counts_of_changes(status: FleetStatus) -> str:
    return f"{status.changed:,} changed, {status.failed:,} failed"


def _result(task: ModuleContext, report: FleetReport[BucketDefault], status: FleetStatus, began: float) -> Result:
    seconds = task.clock.monotonic() - began
    return report.result(status, api_calls=task.clients.calls.requests, seconds=seconds)


def _resource_factory(
    task: ModuleContext, targets: Targets[Target], new_bucket: NewBucket | None = None
) -> Callable[[Bucket], BucketDefaultResource]:
    """Make the resource of a bucket, with the clients and caches that all buckets of the run share."""
    s3, regions = S3Buckets(task.clients), RegionCircuitBreaker()
    keys = KeyResolver(KeyLookup(task.clients), Sts(task.clients))

    def make(bucket: Bucket) -> BucketDefaultResource:
        target = targets.find(bucket.name)
        return BucketDefaultResource(
            bucket.name, target.desired, target.kms_key, s3, keys, regions, bucket.region, new_bucket
        )

    return make

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The modules bucket_default_encryption and bucket_default_encryption_info."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ...aws.accounts.sts import Sts
from ...aws.buckets.s3_buckets import S3Buckets
from ...aws.keys.key_lookup import KeyLookup
from ...engine.buckets.bucket_audit import audit_bucket
from ...engine.buckets.bucket_default import BucketContext, BucketDefaultResource
from ...engine.clock import SYSTEM_CLOCK, Clock
from ...engine.fleet.circuit_breaker import RegionCircuitBreaker
from ...engine.keys.key_resolver import KeyResolver
from ...engine.once_per_key import OncePerKey
from ...engine.reconcile import reconcile
from ...model.buckets.bucket_default import BucketDefault, NewBucket
from ...model.outcome import Outcome
from ..arguments import bucket_encryption_arguments, require_no_placeholder
from ..run import METADATA_TIMEOUTS, ModuleContext, Timeouts, run_module
from ..written import read_written_params
from .audit_report import AuditReport
from .audit_run import audit_arguments, audit_buckets, expected_targets
from .bucket_selection import SELECTION_CONSTRAINTS
from .desired_defaults import (
    LOG_TARGET_CHOICES,
    NOTHING_DESIRED,
    Target,
    overrides_arguments,
    parse_expected,
    parse_targets,
)
from .fleet_run import (
    change_arguments,
    counts_of_changes,
    fleet_arguments,
    fleet_result,
    report_of_changes,
    run_buckets,
)
from .override_entries import STATES
from .serialize import BUCKETS

if TYPE_CHECKING:
    from ...aws.session import Clients
    from ...engine.buckets.log_targets import LogTargets
    from ...model.buckets.overrides import Targets
    from ...model.buckets.selection import Bucket
    from ..fleet_report import FleetReport
    from ..result import Result


def main(clock: Clock = SYSTEM_CLOCK, timeouts: Timeouts = METADATA_TIMEOUTS) -> None:
    """Run bucket_default_encryption."""
    run_module(
        {
            **fleet_arguments(),
            **bucket_encryption_arguments(),
            **overrides_arguments(),
            "state": {"type": "str", "choices": list(STATES), "default": "present"},
            "minimum": {"type": "bool", "default": False},
            "log_targets": {"type": "str", "choices": list(LOG_TARGET_CHOICES), "default": "warn"},
            **change_arguments(),
        },
        ensure_present,
        name="bucket_default_encryption",
        clock=clock,
        timeouts=timeouts,
        **SELECTION_CONSTRAINTS,
    )


def main_info(clock: Clock = SYSTEM_CLOCK, timeouts: Timeouts = METADATA_TIMEOUTS) -> None:
    """Run bucket_default_encryption_info."""
    run_module(
        audit_arguments({**bucket_encryption_arguments(), **overrides_arguments()}),
        gather_info,
        name="bucket_default_encryption_info",
        clock=clock,
        timeouts=timeouts,
        **SELECTION_CONSTRAINTS,
    )


def ensure_present(task: ModuleContext) -> Result:
    """Bring every chosen bucket to the desired default encryption."""
    began = task.clock.monotonic()
    targets = parse_targets(task.params, read_written_params())
    report = report_of_changes(task, BUCKETS)
    # A bucket that the account lists existed a moment ago, so no task of this play has to create it.
    at_aws = not task.clients.custom_endpoint("s3")
    new_bucket = NewBucket(task.clients.region, at_aws) if task.params["buckets"] else None
    make = _resource_factory(task, targets, new_bucket)
    with_logs: list[tuple[int, str, Outcome[BucketDefault, BucketContext]]] = []

    def work(bucket: Bucket) -> Outcome[BucketDefault, BucketContext]:
        return reconcile(make(bucket), check_mode=task.check_mode)

    def add(position: int, bucket: Bucket, outcome: Outcome[BucketDefault, BucketContext]) -> None:
        context = outcome.context or BucketContext(bucket.region)
        report.add(position, bucket.name, context.region, outcome, context.key_warnings)
        if context.logs:
            with_logs.append((position, bucket.name, outcome))

    stops = task.params["on_error"] == "stop"
    status = run_buckets(
        task, report, targets, work, add, counts=counts_of_changes, stop_on_failure=stops, is_kept=_is_skipped
    )
    names = _report_logs(report, with_logs) if with_logs else []
    return {**fleet_result(task, report, status, began), "log_target_buckets": names}


def _report_logs(
    report: FleetReport[BucketDefault], found: list[tuple[int, str, Outcome[BucketDefault, BucketContext]]]
) -> list[str]:
    """Warn about the logs of buckets, and return the names of the buckets whose logs take no KMS key."""
    from .log_target_report import LogTargetReport

    logs = LogTargetReport()
    for position, name, outcome in found:
        logs.add(position, name, outcome)
    for warning in logs.warnings():
        report.warn(warning)
    return logs.buckets


def _is_skipped(outcome: Outcome[BucketDefault, BucketContext]) -> bool:
    return outcome.context is not None and outcome.context.is_skipped


def gather_info(task: ModuleContext) -> Result:
    """Report the default encryption of every chosen bucket, and what it lacks of the expected one."""
    began = task.clock.monotonic()
    require_no_placeholder(task.params)
    targets = expected_targets(task, parse_expected, NOTHING_DESIRED)
    has_expectation = task.params["expected"] is not None
    audits = AuditReport(BUCKETS, BucketDefault(None), has_expectation=has_expectation, rows=task.rows)
    make = _resource_factory(task, targets)
    return audit_buckets(task, audits, targets, lambda bucket: audit_bucket(make(bucket)), began)


def _resource_factory(
    task: ModuleContext, targets: Targets[Target], new_bucket: NewBucket | None = None
) -> Callable[[Bucket], BucketDefaultResource]:
    """Make the resource of a bucket, with the clients and caches that all buckets of the run share."""
    s3, regions = S3Buckets(task.clients), RegionCircuitBreaker()
    keys = KeyResolver(KeyLookup(task.clients), Sts(task.clients))
    logs = OncePerKey(_log_targets)

    def make(bucket: Bucket) -> BucketDefaultResource:
        target = targets.find(bucket.name)
        return BucketDefaultResource(
            bucket.name,
            target.desired,
            target.kms_key,
            s3,
            keys,
            regions,
            bucket.region,
            new_bucket,
            log_targets=None if target.log_targets == "ignore" else lambda: logs.get(task.clients),
            skip_log_targets=target.log_targets == "skip",
        )

    return make


def _log_targets(clients: Clients) -> LogTargets:
    """What finds the logs of buckets. It is imported for the first bucket that moves to a KMS key."""
    from ...aws.buckets.s3_bucket_policies import S3BucketPolicies
    from ...aws.keys.key_policies import KeyPolicies
    from ...engine.buckets.log_targets import LogTargets

    return LogTargets(S3BucketPolicies(clients), KeyPolicies(clients))

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The modules bucket_default_encryption and bucket_default_encryption_info."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from ...aws.accounts.sts import Sts
from ...aws.buckets.s3_buckets import S3Buckets
from ...aws.keys.key_lookup import KeyLookup
from ...engine.buckets.bucket_audit import BucketAudit, audit_bucket
from ...engine.buckets.bucket_default import BucketContext, BucketDefaultResource
from ...engine.clock import SYSTEM_CLOCK, Clock
from ...engine.fleet.circuit_breaker import RegionCircuitBreaker
from ...engine.keys.key_resolver import KeyResolver
from ...engine.once_per_key import OncePerKey
from ...engine.reconcile import reconcile
from ...model.buckets.bucket_default import BucketDefault, NewBucket
from ...model.outcome import Outcome
from ..arguments import bucket_encryption_arguments, has_accounts, require_no_placeholder
from ..run import METADATA_TIMEOUTS, ModuleContext, Timeouts, run_module
from ..written import read_written_params
from .audit_run import audit_arguments, audit_buckets, audit_report, expected_targets
from .desired_defaults import (
    LOG_TARGET_CHOICES,
    NOTHING_DESIRED,
    Target,
    overrides_arguments,
    parse_expected,
    parse_targets,
)
from .fleet_run import (
    FLEET_CONSTRAINTS,
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
        **FLEET_CONSTRAINTS,
    )


def main_info(clock: Clock = SYSTEM_CLOCK, timeouts: Timeouts = METADATA_TIMEOUTS) -> None:
    """Run bucket_default_encryption_info."""
    run_module(
        audit_arguments({**bucket_encryption_arguments(), **overrides_arguments()}),
        gather_info,
        name="bucket_default_encryption_info",
        clock=clock,
        timeouts=timeouts,
        **FLEET_CONSTRAINTS,
    )


def ensure_present(task: ModuleContext) -> Result:
    """Bring every chosen bucket to the desired default encryption."""
    began = task.clock.monotonic()
    targets = parse_targets(task.params, read_written_params(), many_accounts=has_accounts(task.params))
    report = report_of_changes(task, BUCKETS)
    # A bucket that the account lists existed a moment ago, so no task of this play has to create it.
    at_aws = not task.clients.custom_endpoint("s3")
    may_be_new = task.params["buckets"] and not has_accounts(task.params)
    new_bucket = NewBucket(task.clients.region, at_aws) if may_be_new else None
    resources = _resources(targets, new_bucket)
    with_logs: list[tuple[int, str, Outcome[BucketDefault, BucketContext]]] = []

    def make_work(clients: Clients) -> Callable[[Bucket], Outcome[BucketDefault, BucketContext]]:
        make = resources(clients)
        return lambda bucket: reconcile(make(bucket), check_mode=task.check_mode)

    def add(position: int, bucket: Bucket, outcome: Outcome[BucketDefault, BucketContext]) -> None:
        context = outcome.context or BucketContext(bucket.region)
        shown = _as_named(outcome, targets.find(bucket)) if bucket.account else None
        report.add(position, bucket.name, context.region, outcome, context.key_warnings, bucket.account, shown)
        if context.logs:
            with_logs.append((position, bucket.name, outcome))

    stops = task.params["on_error"] == "stop"
    run = run_buckets(
        task,
        report,
        targets,
        make_work,
        add,
        counts=counts_of_changes,
        stop_on_failure=stops,
        is_kept=_is_skipped,
        may_be_created=task.check_mode,
    )
    names = _report_logs(report, with_logs) if with_logs else []
    result = fleet_result(task, report, run, began, results=task.params["results"])
    return {**result, "log_target_buckets": names}


def _as_named(outcome: Outcome[BucketDefault, BucketContext], target: Target) -> BucketDefault | None:
    """The planned rule for the diff of many accounts: a new key by the alias of the task, whose ARN differs in each."""
    before, planned, key = outcome.before, outcome.planned, target.kms_key
    if planned is None or planned.kms_key is None or key is None or not key.is_alias:
        return None
    if before and before.kms_key == planned.kms_key:
        return None
    return replace(planned, kms_key=key.text, kms_key_arn=None)


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
    audits = audit_report(task, BUCKETS, BucketDefault(None))
    resources = _resources(targets)

    def make_work(clients: Clients) -> Callable[[Bucket], Outcome[BucketDefault, BucketAudit]]:
        make = resources(clients)
        return lambda bucket: audit_bucket(make(bucket))

    return audit_buckets(task, audits, targets, make_work, began)


def _resources(
    targets: Targets[Target], new_bucket: NewBucket | None = None
) -> Callable[[Clients], Callable[[Bucket], BucketDefaultResource]]:
    """Make the resource of a bucket, with the caches that all buckets of these clients share. A region that does not
    answer is the same for all clients."""
    regions = RegionCircuitBreaker()

    def factory(clients: Clients) -> Callable[[Bucket], BucketDefaultResource]:
        s3, keys = S3Buckets(clients), KeyResolver(KeyLookup(clients), Sts(clients))
        logs = OncePerKey(_log_targets)

        def make(bucket: Bucket) -> BucketDefaultResource:
            target = targets.find(bucket)
            return BucketDefaultResource(
                bucket.name,
                target.desired,
                target.kms_key,
                s3,
                keys,
                regions,
                bucket.region,
                new_bucket,
                log_targets=None if target.log_targets == "ignore" else lambda: logs.get(clients),
                skip_log_targets=target.log_targets == "skip",
            )

        return make

    return factory


def _log_targets(clients: Clients) -> LogTargets:
    """What finds the logs of buckets. It is imported for the first bucket that moves to a KMS key."""
    from ...aws.buckets.s3_bucket_policies import S3BucketPolicies
    from ...aws.keys.key_policies import KeyPolicies
    from ...engine.buckets.log_targets import LogTargets

    return LogTargets(S3BucketPolicies(clients), KeyPolicies(clients))

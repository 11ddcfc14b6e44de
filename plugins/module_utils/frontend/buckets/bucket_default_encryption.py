# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The modules bucket_default_encryption and bucket_default_encryption_info."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...aws.accounts.sts import Sts
from ...aws.buckets.s3_buckets import S3Buckets
from ...aws.keys.kms import Kms
from ...engine.buckets.bucket_audit import BucketAudit, audit_bucket
from ...engine.buckets.bucket_default import BucketContext, BucketDefaultResource
from ...engine.clock import SYSTEM_CLOCK, Clock
from ...engine.fleet.circuit_breaker import RegionCircuitBreaker
from ...engine.fleet.fleet import FleetStatus, run_fleet
from ...engine.keys.key_resolver import KeyResolver
from ...engine.reconcile import reconcile
from ...model.buckets.bucket_default import BucketDefault, DesiredBucketDefault, NewBucket
from ...model.buckets.selection import Bucket
from ...model.errors import invalid_input
from ...model.keys.key_ref import KeyRef
from ...model.kinds.registry import bucket_kinds_with_option, find_kind, require_accepted_options
from ...model.outcome import Outcome
from ...model.plan import ContextT
from ..arguments import (
    ArgumentSpec,
    bucket_encryption_arguments,
    require_no_empty_text,
    require_no_placeholder,
    workers,
)
from ..fleet_report import FleetReport
from ..progress import Progress
from ..result import Result, error_details, findings_to_list
from ..run import METADATA_TIMEOUTS, ModuleContext, Timeouts, run_module
from .bucket_selection import SELECTION_CONSTRAINTS, chosen_buckets, selection_arguments
from .serialize import BUCKETS, bucket_default_to_dict


def main(clock: Clock = SYSTEM_CLOCK, timeouts: Timeouts = METADATA_TIMEOUTS) -> None:
    """Run bucket_default_encryption."""
    run_module(
        {
            **_fleet_arguments(),
            **bucket_encryption_arguments(),
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "minimum": {"type": "bool", "default": False},
            "on_error": {"type": "str", "choices": ["continue", "stop"], "default": "continue"},
            "results": {"type": "str", "choices": ["changed", "all", "none"], "default": "changed"},
        },
        ensure_present,
        clock=clock,
        timeouts=timeouts,
        **SELECTION_CONSTRAINTS,
    )


def main_info(clock: Clock = SYSTEM_CLOCK, timeouts: Timeouts = METADATA_TIMEOUTS) -> None:
    """Run bucket_default_encryption_info."""
    expected = {**bucket_encryption_arguments(), "minimum": {"type": "bool", "default": False}}
    run_module(
        {**_fleet_arguments(), "expected": {"type": "dict", "options": expected}},
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
    desired, kms_key = _parse(task.params)
    report = FleetReport(
        BUCKETS,
        list_unchanged=task.params["results"] == "all",
        list_changed=task.params["results"] != "none",
    )
    # A bucket that the account lists existed a moment ago, so no task of this play has to create it.
    at_aws = not task.clients.custom_endpoint("s3")
    new_bucket = NewBucket(task.clients.region, at_aws) if task.params["buckets"] else None
    make = _resource_factory(task, desired, kms_key, new_bucket=new_bucket)

    def work(bucket: Bucket) -> Outcome[BucketDefault, BucketContext]:
        return reconcile(make(bucket), check_mode=task.check_mode)

    def add(position: int, bucket: Bucket, outcome: Outcome[BucketDefault, BucketContext]) -> None:
        context = outcome.context or BucketContext(bucket.region)
        report.add(position, bucket.name, context.region, outcome, context.key_warnings)

    status = _run(task, report, work, add, stop_on_failure=task.params["on_error"] == "stop")
    return _result(task, report, status, began)


def gather_info(task: ModuleContext) -> Result:
    """Report the default encryption of every chosen bucket, and what it lacks of the expected one."""
    began = task.clock.monotonic()
    require_no_placeholder(task.params)
    expected = task.params["expected"]
    desired, kms_key = _parse_expected(expected) if expected is not None else (DesiredBucketDefault(), None)
    report = FleetReport(BUCKETS)
    make = _resource_factory(task, desired, kms_key, checks_key=False)
    buckets: dict[int, Result] = {}

    def work(bucket: Bucket) -> Outcome[BucketDefault, BucketAudit]:
        return audit_bucket(make(bucket))

    def add(position: int, bucket: Bucket, outcome: Outcome[BucketDefault, BucketAudit]) -> None:
        audit = outcome.context or BucketAudit(bucket.region)
        report.add(position, bucket.name, audit.region, outcome)
        buckets[position] = _audit_to_dict(bucket.name, outcome, audit, with_findings=expected is not None)

    status = _run(task, report, work, add)
    result = _result(task, report, status, began)
    result["buckets"] = [buckets[position] for position in sorted(buckets)]
    for of_a_change in ("changed", "unchanged", "skipped"):
        del result["summary"][of_a_change]
    del result["diff"], result["not_there_yet"]
    if expected is not None:
        result["compliant"] = all(bucket["compliant"] for bucket in result["buckets"])
    return result


def _run(
    task: ModuleContext,
    report: FleetReport[BucketDefault],
    work: Callable[[Bucket], Outcome[BucketDefault, ContextT]],
    on_outcome: Callable[[int, Bucket, Outcome[BucketDefault, ContextT]], None],
    *,
    stop_on_failure: bool = False,
) -> FleetStatus:
    """Do the work for each chosen bucket. A bucket that already failed while it was selected gets that outcome."""
    return run_fleet(
        chosen_buckets(task, report.warn),
        lambda bucket: Outcome(failure=bucket.failure) if bucket.failure else work(bucket),
        concurrency=workers(task.params),
        on_outcome=on_outcome,
        on_progress=Progress(task.clock).update,
        stop_on_failure=stop_on_failure,
        group_by=lambda bucket: bucket.region,
    )


def _result(task: ModuleContext, report: FleetReport[BucketDefault], status: FleetStatus, began: float) -> Result:
    seconds = task.clock.monotonic() - began
    return report.result(status, api_calls=task.clients.calls.requests, seconds=seconds)


def _audit_to_dict(
    name: str, outcome: Outcome[BucketDefault, BucketAudit], audit: BucketAudit, *, with_findings: bool
) -> Result:
    rule = bucket_default_to_dict(outcome.before or BucketDefault(None)) or {}
    if outcome.before is None:
        rule = dict.fromkeys(rule)
    result = {"name": name, "region": audit.region or None, **rule}
    if with_findings:
        result["compliant"] = outcome.failure is None and not audit.findings
        result["findings"] = findings_to_list(audit.findings)
    return {**result, "error": error_details(outcome.failure) if outcome.failure else None}


def _resource_factory(
    task: ModuleContext,
    desired: DesiredBucketDefault,
    kms_key: KeyRef | None,
    *,
    checks_key: bool = True,
    new_bucket: NewBucket | None = None,
) -> Callable[[Bucket], BucketDefaultResource]:
    """Make the resource of a bucket, with the clients and caches that all buckets of the run share."""
    s3, regions = S3Buckets(task.clients), RegionCircuitBreaker()
    keys = KeyResolver(Kms(task.clients), Sts(task.clients))

    def make(bucket: Bucket) -> BucketDefaultResource:
        return BucketDefaultResource(
            bucket.name, desired, kms_key, s3, keys, regions, bucket.region, checks_key, new_bucket
        )

    return make


def _parse_expected(expected: dict[str, Any]) -> tuple[DesiredBucketDefault, KeyRef | None]:
    """The expected state of `expected`; raises OperationError where it names nothing to compare."""
    if not any(expected.get(name) is not None for name in bucket_encryption_arguments()):
        raise invalid_input(
            "expected names nothing to compare the buckets with.",
            "Name at least one of encryption, kms_key, bucket_key_enabled and blocked_encryption_types in it, or leave "
            "it out to only read the buckets.",
        )
    return _parse({**expected, "state": "present"})


def _parse(params: dict[str, Any]) -> tuple[DesiredBucketDefault, KeyRef | None]:
    """The desired state and its KMS key; raises OperationError where the options contradict each other."""
    require_no_empty_text(params, ("kms_key",))
    named = {name for name in bucket_encryption_arguments() if params[name] is not None}
    if params["state"] == "absent":
        if named or params["minimum"]:
            extra = ", ".join(sorted({*named, *({"minimum"} if params["minimum"] else set())}))
            raise invalid_input(
                f"state: absent resets a bucket to S3's default, so {extra} has no effect.", "Leave it out."
            )
        return DesiredBucketDefault(absent=True), None
    kind = find_kind(params["encryption"]) if params["encryption"] else None
    if kind:
        options = named & {"kms_key"} | ({"bucket_key_enabled"} if params["bucket_key_enabled"] else set())
        require_accepted_options(kind, options)
    if not named:
        raise invalid_input(
            "The task has no option to set on the buckets.",
            "Name at least one of encryption, kms_key, bucket_key_enabled and blocked_encryption_types, "
            "or use bucket_default_encryption_info to read them.",
        )
    if params["minimum"] and kind is None and params["kms_key"]:
        kinds = " or ".join(bucket_kinds_with_option("kms_key"))
        raise invalid_input("minimum needs encryption: a key alone is not a minimum.", f"Set encryption: {kinds} too.")
    blocked = params["blocked_encryption_types"]
    return (
        DesiredBucketDefault(
            kind=kind,
            bucket_key_enabled=params["bucket_key_enabled"],
            blocked=None if blocked is None else tuple(sorted(set(blocked))),
            minimum=params["minimum"],
        ),
        KeyRef.parse(params["kms_key"]) if params["kms_key"] else None,
    )

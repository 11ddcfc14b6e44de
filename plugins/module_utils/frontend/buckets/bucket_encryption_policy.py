# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The module bucket_encryption_policy."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ...aws.accounts.sts import Sts
from ...aws.buckets.s3_bucket_policies import S3BucketPolicies
from ...aws.buckets.s3_buckets import S3Buckets
from ...aws.keys.key_lookup import KeyLookup
from ...engine.buckets.allowed_keys import AllowedKeys
from ...engine.buckets.bucket_policy import BucketPolicyResource, PolicyContext
from ...engine.buckets.policy_effects import PolicyEffects
from ...engine.clock import SYSTEM_CLOCK, Clock
from ...engine.fleet.circuit_breaker import RegionCircuitBreaker
from ...engine.keys.key_resolver import KeyResolver
from ...engine.reconcile import reconcile
from ...model.buckets.bucket_default import NewBucket
from ...model.buckets.policy.policy_state import PolicyState
from ...model.outcome import Outcome
from ..run import METADATA_TIMEOUTS, ModuleContext, Timeouts, run_module
from ..written import read_written_params
from .bucket_selection import SELECTION_CONSTRAINTS
from .desired_policies import PolicyTarget, parse_policy_targets, policy_overrides_arguments, rule_arguments
from .fleet_run import (
    change_arguments,
    counts_of_changes,
    fleet_arguments,
    fleet_result,
    report_of_changes,
    run_buckets,
)
from .override_entries import STATES
from .policy_rows import POLICIES

if TYPE_CHECKING:
    from ...model.buckets.overrides import Targets
    from ...model.buckets.selection import Bucket
    from ..result import Result


def main(clock: Clock = SYSTEM_CLOCK, timeouts: Timeouts = METADATA_TIMEOUTS) -> None:
    """Run bucket_encryption_policy."""
    run_module(
        {
            **fleet_arguments(),
            **rule_arguments(),
            **policy_overrides_arguments(),
            "state": {"type": "str", "choices": list(STATES), "default": "present"},
            "minimum": {"type": "bool", "default": False},
            **change_arguments(),
        },
        ensure_present,
        name="bucket_encryption_policy",
        clock=clock,
        timeouts=timeouts,
        **SELECTION_CONSTRAINTS,
    )


def ensure_present(task: ModuleContext) -> Result:
    """Bring the policy of every chosen bucket to the desired rules."""
    began = task.clock.monotonic()
    targets = parse_policy_targets(task.params, read_written_params())
    report = report_of_changes(task, POLICIES)
    # A bucket that the account lists existed a moment ago, so no task of this play has to create it.
    new_bucket = NewBucket(task.clients.region) if task.params["buckets"] else None
    make = policy_resource_factory(task, targets, new_bucket)

    def work(bucket: Bucket) -> Outcome[PolicyState, PolicyContext]:
        return reconcile(make(bucket), check_mode=task.check_mode)

    def add(position: int, bucket: Bucket, outcome: Outcome[PolicyState, PolicyContext]) -> None:
        context = outcome.context or PolicyContext(bucket.region)
        report.add(position, bucket.name, context.region, outcome, context.key_warnings)

    stops = task.params["on_error"] == "stop"
    status = run_buckets(task, report, targets, work, add, counts=counts_of_changes, stop_on_failure=stops)
    return fleet_result(task, report, status, began)


def policy_resource_factory(
    task: ModuleContext, targets: Targets[PolicyTarget], new_bucket: NewBucket | None = None
) -> Callable[[Bucket], BucketPolicyResource]:
    """Make the resource of a bucket, with the clients and caches that all buckets of the run share."""
    s3, regions = S3BucketPolicies(task.clients), RegionCircuitBreaker()
    keys = KeyResolver(KeyLookup(task.clients), Sts(task.clients))
    allowed, effects = AllowedKeys(keys), PolicyEffects(s3, S3Buckets(task.clients), keys)

    def make(bucket: Bucket) -> BucketPolicyResource:
        target = targets.find(bucket.name)
        return BucketPolicyResource(
            bucket.name,
            target.desired,
            target.kms_keys,
            s3,
            allowed,
            effects,
            regions,
            bucket.region,
            new_bucket,
            task.clock,
        )

    return make

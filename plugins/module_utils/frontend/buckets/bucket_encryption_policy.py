# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The module bucket_encryption_policy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
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
from ..arguments import has_accounts
from ..run import METADATA_TIMEOUTS, ModuleContext, Timeouts, run_module
from ..written import read_written_params
from .desired_policies import PolicyTarget, parse_policy_targets, policy_overrides_arguments, rule_arguments
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
from .policy_rows import POLICIES

if TYPE_CHECKING:
    from ...aws.session import Clients
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
        **FLEET_CONSTRAINTS,
    )


def ensure_present(task: ModuleContext) -> Result:
    """Bring the policy of every chosen bucket to the desired rules."""
    began = task.clock.monotonic()
    targets = parse_policy_targets(task.params, read_written_params(), many_accounts=has_accounts(task.params))
    report = report_of_changes(task, POLICIES)
    # A bucket that the account lists existed a moment ago, so no task of this play has to create it.
    may_be_new = task.params["buckets"] and not has_accounts(task.params)
    resources = policy_resources(task.clock, targets, NewBucket(task.clients.region) if may_be_new else None)

    def make_work(clients: Clients) -> Callable[[Bucket], Outcome[PolicyState, PolicyContext]]:
        make = resources(clients)
        return lambda bucket: reconcile(make(bucket), check_mode=task.check_mode)

    def add(position: int, bucket: Bucket, outcome: Outcome[PolicyState, PolicyContext]) -> None:
        context = outcome.context or PolicyContext(bucket.region)
        shown = _as_named(outcome, targets.find(bucket)) if bucket.account else None
        report.add(position, bucket.name, context.region, outcome, context.key_warnings, bucket.account, shown)

    stops = task.params["on_error"] == "stop"
    run = run_buckets(
        task,
        report,
        targets,
        make_work,
        add,
        counts=counts_of_changes,
        stop_on_failure=stops,
        may_be_created=task.check_mode,
    )
    return fleet_result(task, report, run, began, results=task.params["results"])


def _as_named(outcome: Outcome[PolicyState, PolicyContext], target: PolicyTarget) -> PolicyState | None:
    """The planned rules for the diff of many accounts: new keys by the aliases of the task, whose ARNs differ in each.

    Only where the policy gets just these keys: with `minimum`, it may get other ones.
    """
    before, planned, keys = outcome.before, outcome.planned, target.kms_keys
    if planned is None or not keys or target.desired.minimum or not any(key.is_alias for key in keys):
        return None
    if before and before.rules.allow_kms_keys == planned.rules.allow_kms_keys:
        return None
    return replace(planned, rules=replace(planned.rules, allow_kms_keys=tuple(key.text for key in keys)))


def policy_resources(
    clock: Clock, targets: Targets[PolicyTarget], new_bucket: NewBucket | None = None
) -> Callable[[Clients], Callable[[Bucket], BucketPolicyResource]]:
    """Make the resource of a bucket, with the caches that all buckets of these clients share. A region that does not
    answer is the same for all clients."""
    regions = RegionCircuitBreaker()

    def factory(clients: Clients) -> Callable[[Bucket], BucketPolicyResource]:
        s3, keys = S3BucketPolicies(clients), KeyResolver(KeyLookup(clients), Sts(clients))
        allowed, effects = AllowedKeys(keys), PolicyEffects(s3, S3Buckets(clients), keys)

        def make(bucket: Bucket) -> BucketPolicyResource:
            target = targets.find(bucket)
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
                clock,
            )

        return make

    return factory

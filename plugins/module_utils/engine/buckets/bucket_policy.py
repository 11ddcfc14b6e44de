# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The policy of one bucket: read, plan, write, and read back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ...model.buckets.policy.desired_policy import DesiredPolicy
from ...model.buckets.policy.plan import DeleteBucketPolicy, PolicyPlan, PolicyStep, PutBucketPolicy, plan_policy
from ...model.buckets.policy.policy_state import PolicyState, read_policy_state
from ...model.errors import OperationError, assert_never
from ...model.plan import Applied, NotThereYet, PreparedPlan
from ..clock import SYSTEM_CLOCK, Clock
from ..fleet.circuit_breaker import RegionCircuitBreaker
from .allowed_keys import AllowedKeys, with_allowed_keys
from .bucket_access import mark_missing, read_in_region, read_or_new, require_general_purpose
from .policy_effects import PolicyEffects

if TYPE_CHECKING:
    from ...aws.buckets.ports import BucketPolicyPort
    from ...model.buckets.bucket_default import NewBucket
    from ...model.keys.key_ref import KeyRef

_OF_DIRECTORY_BUCKETS = "its policy follows other rules, and has other actions"


@dataclass(frozen=True, slots=True)
class PolicyContext:
    """What a plan found out about a bucket, also where the plan failed.

    `region` is the bucket's region, empty while it is unknown. `state` is the policy as it was read. `key_warnings` are
    the warnings of the plan that are the same for every bucket whose policy allows that key.
    """

    region: str
    state: PolicyState | None = None
    key_warnings: tuple[str, ...] = ()


PreparedPolicyPlan = PreparedPlan[PolicyState, PolicyStep, PolicyContext]


@dataclass(frozen=True, slots=True)
class BucketPolicyResource:
    """The policy of one bucket: one read; where something differs, one write, and reads that show it.

    `kms_keys` are the keys of `allow_kms_keys` as the task names them (None: not named). `region` may be empty: the
    read finds the bucket's region. `new_bucket` is what a bucket has that does not exist yet and that an earlier task
    may create (None: a bucket that does not exist is a failure). `keys`, `effects` and `regions` are shared by all
    buckets of a run.
    """

    bucket: str
    desired: DesiredPolicy
    kms_keys: tuple[KeyRef, ...] | None
    s3: BucketPolicyPort
    keys: AllowedKeys
    effects: PolicyEffects
    regions: RegionCircuitBreaker = field(default_factory=RegionCircuitBreaker)
    region: str = ""
    new_bucket: NewBucket | None = None
    clock: Clock = SYSTEM_CLOCK

    def plan(self) -> PreparedPolicyPlan:
        """Read the policy and compare it. A failure is in the plan's `failures`, so that the context is not lost."""
        new = self.new_bucket
        try:
            document, region, missing = read_or_new(
                self.bucket, self._read_document, None if new is None else (None, new.region)
            )
        except OperationError as error:
            return PreparedPlan.failed(error.failure, PolicyContext(self.region))
        context = PolicyContext(region)
        try:
            context = replace(context, state=self._parse(document, region))
            prepared = self._compare(context, exists=not missing)
        except OperationError as error:
            return PreparedPlan.failed(error.failure.with_resource(self.bucket), context, missing)
        return mark_missing(prepared, missing)

    def apply(self, step: PolicyStep, context: PolicyContext) -> Applied[PolicyContext] | PreparedPolicyPlan:
        """Write the policy in the bucket's own region."""
        match step:
            case PutBucketPolicy():
                self.s3.put_bucket_policy(self.bucket, step.document, context.region)
            case DeleteBucketPolicy():
                self.s3.delete_bucket_policy(self.bucket, context.region)
            case _:
                assert_never(step)
        return Applied(context)

    def read_back(self, planned: PolicyState | None, context: PolicyContext) -> PolicyState | None:
        """The planned policy, once S3 reports it; raises OperationError if it reports another one.

        PutBucketPolicy has no condition, so that a change by another client between the read and the write is lost
        without an error. One after the write is found here.
        """
        if planned is None or context.state is None or planned.document == context.state.document:
            return planned
        from .policy_read_back import require_written  # a task that changes nothing starts faster without it

        require_written(self.bucket, context.region, context.state.document, planned.document, self.s3, self.clock)
        return planned

    def read(self) -> tuple[PolicyState, str]:
        """The policy, and the bucket's region. Raises OperationError."""
        document, region = self._read_document()
        return self._parse(document, region), region

    def _read_document(self) -> tuple[str | None, str]:
        require_general_purpose(self.bucket, _OF_DIRECTORY_BUCKETS)
        return read_in_region(
            self.bucket, self.region, self.regions, lambda region: self.s3.get_bucket_policy(self.bucket, region)
        )

    def _parse(self, document: str | None, region: str) -> PolicyState:
        return read_policy_state(document, self.s3.bucket_arn(self.bucket, region))

    def resolve(self, state: PolicyState, region: str) -> tuple[DesiredPolicy, tuple[NotThereYet, ...]]:
        """The desired rules with the ARNs of the keys in this region, and the keys that do not exist yet.

        KMS is called only to resolve the name of a key; and where the policy is not as asked, to find out whether a key
        ARN is that of S3's AWS managed key. Raises OperationError, also where no key is in the region.
        """
        if self.kms_keys is None:
            return self.desired, ()
        desired, missing = with_allowed_keys(self.desired, self.keys.resolve(self.kms_keys, region, self.bucket))
        if (
            not desired.allows_aws_managed_key
            and self._has_to_change(desired, state, region)
            and self.keys.has_aws_managed_key(self.kms_keys, region)
        ):
            desired = replace(desired, allows_aws_managed_key=True)
        return desired, missing

    def _has_to_change(self, desired: DesiredPolicy, state: PolicyState, region: str) -> bool:
        try:
            return bool(plan_policy(desired, state, self.s3.bucket_arn(self.bucket, region)).steps)
        except OperationError:  # the plan itself raises it
            return True

    def _compare(self, context: PolicyContext, *, exists: bool) -> PreparedPolicyPlan:
        """The plan. The keys that it newly allows are checked first, unless they do not exist yet."""
        state = context.state or self._parse(None, context.region)
        desired, not_there_yet = self.resolve(state, context.region)
        plan = plan_policy(desired, state, self.s3.bucket_arn(self.bucket, context.region))
        key_warnings = self._check_new_keys(plan, context.region)
        effects = self.effects.warnings(self.bucket, context.region, plan) if exists else ()
        plan = replace(plan, warnings=(*plan.warnings, *key_warnings, *effects), not_there_yet=not_there_yet)
        return PreparedPlan(plan, replace(context, key_warnings=key_warnings))

    def _check_new_keys(self, plan: PolicyPlan, region: str) -> tuple[str, ...]:
        if self.kms_keys is None or not plan.steps or plan.after is None or plan.before is None:
            return ()
        written = plan.after.rules.allow_kms_keys or ()
        return self.keys.require_usable(
            self.kms_keys, region, set(written) - set(plan.before.rules.allow_kms_keys or ())
        )

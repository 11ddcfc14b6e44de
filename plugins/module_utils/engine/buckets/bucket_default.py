# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The default encryption of one bucket: read, plan, and write it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ...model.arn import same_kms_key
from ...model.buckets.bucket_default import (
    BucketDefault,
    BucketPlan,
    BucketStep,
    DeleteBucketEncryption,
    DesiredBucketDefault,
    NewBucket,
    PutBucketEncryption,
    plan_bucket_default,
)
from ...model.buckets.written_rule import unproven_values
from ...model.errors import Failure, FailureKind, OperationError, assert_never
from ...model.keys.key_ref import AWS_MANAGED_S3_ALIAS, KeyRef
from ...model.plan import Applied, Plan, PreparedPlan
from ..fleet.circuit_breaker import RegionCircuitBreaker
from .bucket_access import mark_missing, read_in_region, read_or_new, require_general_purpose

if TYPE_CHECKING:
    from ...aws.buckets.ports import BucketEncryptionPort
    from ..keys.key_resolver import KeyResolver
    from .log_targets import LogFinding, LogTargets

_OF_DIRECTORY_BUCKETS = "its encryption follows other rules, and its key can never be changed"


@dataclass(frozen=True, slots=True)
class BucketContext:
    """What a plan found out about a bucket, also where the plan failed.

    `region` is the bucket's region, empty while it is unknown. `rule` is the rule as it was read. `key_warnings` are
    the warnings of the plan that are about its KMS key, so that they are the same for every bucket with that key.
    `logs` is what a change to a KMS key means for logs that are delivered to the bucket. `is_skipped` is whether the
    bucket is not changed because of them.
    """

    region: str
    rule: BucketDefault | None = None
    key_warnings: tuple[str, ...] = ()
    logs: tuple[LogFinding, ...] = ()
    is_skipped: bool = False


PreparedBucketPlan = PreparedPlan[BucketDefault, BucketStep, BucketContext]


@dataclass(frozen=True, slots=True)
class BucketDefaultResource:
    """The default encryption of one bucket: one read, and one write where something differs.

    `region` may be empty: the read finds the bucket's region. `new_bucket` is what a bucket has that does not exist yet
    and that an earlier task may create (None: a bucket that does not exist is a failure). `keys` and `regions` are
    shared by all buckets of a run, and so is what `log_targets` returns, which is called for a bucket that moves to a
    KMS key (None: logs are not examined). With `skip_log_targets`, a bucket whose logs would stop is not changed.
    """

    bucket: str
    desired: DesiredBucketDefault
    kms_key: KeyRef | None
    s3: BucketEncryptionPort
    keys: KeyResolver
    regions: RegionCircuitBreaker = field(default_factory=RegionCircuitBreaker)
    region: str = ""
    new_bucket: NewBucket | None = None
    log_targets: Callable[[], LogTargets] | None = None
    skip_log_targets: bool = False

    def plan(self) -> PreparedBucketPlan:
        """Read the rule and compare it. A failure is in the plan's `failures`, so that the context is not lost."""
        new = self.new_bucket
        try:
            rule, region, missing = read_or_new(self.bucket, self.read, None if new is None else (new.rule, new.region))
        except OperationError as error:
            return PreparedPlan.failed(error.failure, BucketContext(self.region))
        try:
            prepared = self._compare(rule, region, None if missing else self.log_targets)
        except OperationError as error:
            return PreparedPlan.failed(error.failure, BucketContext(region, rule), missing)
        return mark_missing(prepared, missing)

    def apply(self, step: BucketStep, context: BucketContext) -> Applied[BucketContext] | PreparedBucketPlan:
        """Write the rule in the bucket's own region."""
        match step:
            case PutBucketEncryption():
                self.s3.put_bucket_encryption(self.bucket, step.rule, context.region)
            case DeleteBucketEncryption():
                self.s3.delete_bucket_encryption(self.bucket, context.region)
            case _:
                assert_never(step)
        return Applied(context)

    def read_back(self, planned: BucketDefault | None, context: BucketContext) -> BucketDefault | None:
        """The rule that the store reports; raises OperationError if it did not keep the written one.

        AWS writes all of a rule or refuses it, so no read is needed there. Some stores answer 200 and drop a part.
        """
        if planned is None or not self.s3.custom_endpoint:
            return planned
        found, _region = self.s3.get_bucket_encryption(self.bucket, region=context.region or None)
        found = replace(found, kms_key_arn=self._arn_of_rule(found, planned.kms_key_arn or "", context.region))
        differences = unproven_values(self.desired, planned, found)
        if differences:
            raise OperationError(
                Failure(
                    FailureKind.UNVERIFIED,
                    f"The default encryption of {self.bucket} was written, but the store does not report it: "
                    f"{'; '.join(differences)}.",
                    "The store at this endpoint does not keep this setting: leave the option out, and do not rely on "
                    "it.",
                    resource=self.bucket,
                )
            )
        return found

    def read(self) -> tuple[BucketDefault, str]:
        """The rule, and the bucket's region. Raises OperationError."""
        require_general_purpose(self.bucket, _OF_DIRECTORY_BUCKETS)
        return read_in_region(
            self.bucket,
            self.region,
            self.regions,
            lambda region: self.s3.get_bucket_encryption(self.bucket, region=region),
        )

    def resolve(self, rule: BucketDefault, region: str) -> tuple[DesiredBucketDefault, BucketDefault]:
        """The desired state and the rule with the ARNs of their keys, so that they can be compared.

        KMS is called only to resolve the name of a key. Raises OperationError, also for a key that does not exist yet.
        """
        if self.kms_key is None:
            return self.desired, rule
        return self._with_arns(rule, region, self.kms_key, self.keys.arn(self.kms_key, region))

    def _with_arns(
        self, rule: BucketDefault, region: str, key: KeyRef, arn: str
    ) -> tuple[DesiredBucketDefault, BucketDefault]:
        return (
            replace(self.desired, kms_key_arn=arn, kms_key_is_aws_managed=key.is_aws_managed_s3),
            replace(rule, kms_key_arn=self._arn_of_rule(rule, arn, region)),
        )

    def _compare(self, rule: BucketDefault, region: str, logs: Callable[[], LogTargets] | None) -> PreparedBucketPlan:
        """The plan. A key that it writes is checked first, unless it does not exist yet."""
        context = BucketContext(region, rule)
        if self.kms_key is None:
            plan = self._plan(self.desired, rule)
            return self._with_logs(plan, context, plan.after.kms_key if plan.after else None, logs)
        key = self.keys.resolve(self.kms_key, region)
        plan = self._plan(*self._with_arns(rule, region, self.kms_key, key.arn))
        plan = replace(plan, not_there_yet=key.not_there_yet)
        prepared = self._with_logs(plan, context, None if self.kms_key.is_aws_managed_s3 else key.arn, logs)
        plan = prepared.plan
        if key.not_there_yet or not (plan.steps and plan.after and plan.after.kms_key_arn == key.arn):
            return prepared
        warnings = self.keys.require_usable(self.kms_key, region)
        plan = replace(plan, warnings=(*plan.warnings, *warnings))
        return PreparedPlan(plan, replace(prepared.context, key_warnings=warnings))

    def _with_logs(
        self, plan: BucketPlan, context: BucketContext, key: str | None, logs: Callable[[], LogTargets] | None
    ) -> PreparedBucketPlan:
        """The plan with what it means for logs, if the bucket moves to a KMS key; without steps if it is skipped.

        `key` is the new key; None for the AWS managed one.
        """
        before, after = plan.before, plan.after
        if not (logs and plan.steps and before and after and after.has_kms_key and not before.has_kms_key):
            return PreparedPlan(plan, context)
        found = logs().examine(self.bucket, context.region, key, key_exists=not plan.not_there_yet)
        if not self.skip_log_targets or not any(finding.stops for finding in found):
            return PreparedPlan(plan, replace(context, logs=found))
        stopping = tuple(finding for finding in found if finding.stops)
        unchanged: BucketPlan = Plan(before, (), before, not_there_yet=plan.not_there_yet)
        return PreparedPlan(unchanged, replace(context, logs=stopping, is_skipped=True))

    def _plan(self, desired: DesiredBucketDefault, actual: BucketDefault) -> BucketPlan:
        try:
            return plan_bucket_default(desired, actual)
        except OperationError as error:
            raise OperationError(error.failure.with_resource(self.bucket)) from error

    def _arn_of_rule(self, rule: BucketDefault, desired_arn: str, region: str) -> str | None:
        """The ARN of the rule's key. A rule without a key uses S3's AWS managed key."""
        text = rule.kms_key or AWS_MANAGED_S3_ALIAS
        if same_kms_key(desired_arn, text):
            return desired_arn
        if not self._may_name(text):
            return rule.kms_key
        try:
            return self.keys.arn(KeyRef.parse(text), region)
        except OperationError:  # the rule's key is deleted, or may not be read: it is not the desired key
            return rule.kms_key

    def _may_name(self, text: str) -> bool:
        """Whether the rule's text may be another name of the desired key, so that it has to be resolved."""
        if text == AWS_MANAGED_S3_ALIAS:
            return self.kms_key is not None and self.kms_key.is_aws_managed_s3
        return not text.startswith("arn:") or ":alias/" in text

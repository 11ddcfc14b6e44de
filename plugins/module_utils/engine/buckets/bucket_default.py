# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The default encryption of one bucket, between the plan and S3."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ...aws.buckets.ports import BucketEncryptionPort
from ...model.buckets.bucket_default import (
    BucketDefault,
    BucketPlan,
    BucketStep,
    DeleteBucketEncryption,
    DesiredBucketDefault,
    PutBucketEncryption,
    plan_bucket_default,
)
from ...model.errors import Failure, FailureKind, OperationError, assert_never
from ...model.keys.key_ref import AWS_MANAGED_S3_ALIAS, KeyRef
from ..fleet.circuit_breaker import RegionCircuitBreaker
from ..keys.key_resolver import KeyResolver

# Directory buckets end so. Their default encryption follows other rules, at another endpoint.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/directory-bucket-naming-rules.html
_DIRECTORY_BUCKET_SUFFIX = "--x-s3"


@dataclass
class BucketDefaultResource:
    """One bucket's rule. One read, and one write where something differs. The region, where it is not known before,
    becomes known by the read."""

    bucket: str
    desired: DesiredBucketDefault
    kms_key: KeyRef | None
    s3: BucketEncryptionPort
    keys: KeyResolver
    regions: RegionCircuitBreaker = field(default_factory=RegionCircuitBreaker)
    region: str = ""
    actual: BucketDefault | None = None
    _arn: str = ""

    def read(self) -> BucketDefault:
        """The rule, with its key resolved where a comparison needs that."""
        if self.bucket.endswith(_DIRECTORY_BUCKET_SUFFIX):
            raise OperationError(
                Failure(
                    FailureKind.UNSUPPORTED,
                    f"{self.bucket} is a directory bucket, which this module does not manage: its encryption follows "
                    "other rules, and its key can never be changed.",
                    "Leave it out of the task.",
                    resource=self.bucket,
                )
            )
        asked = self.region
        silent = self.regions.given_up(asked) if asked else None
        if silent:
            raise OperationError(silent.with_resource(self.bucket))
        try:
            actual, self.region = self.s3.get_bucket_encryption(self.bucket, region=asked or None)
        except OperationError as error:
            if asked:  # where the region is not known, nothing is learnt of it
                self.regions.note(asked, error.failure)
            raise
        self.regions.note(self.region, None)
        self.actual = actual
        return actual

    def plan(self) -> BucketPlan:
        """Compare; a key is looked at only where it has to be resolved, or is about to be written."""
        plan = self.compare()
        if plan.steps and self.kms_key and plan.after and plan.after.kms_key_arn == self._arn:
            self.keys.require_usable(self.kms_key, self.region)
        return plan

    def compare(self) -> BucketPlan:
        """The plan alone, without a look at the state of a key that it would write."""
        actual = self.read()
        desired = self.desired
        if self.kms_key:
            self._arn = arn = self.keys.arn(self.kms_key, self.region)
            desired = replace(desired, kms_key_arn=arn, kms_key_is_aws_managed=self.kms_key.is_aws_managed_s3)
            actual = replace(actual, kms_key_arn=self._arn_of_rule(actual, arn))
        try:
            return plan_bucket_default(desired, actual)
        except OperationError as error:
            raise OperationError(error.failure.with_resource(self.bucket)) from error

    def apply(self, step: BucketStep) -> None:
        """Write the rule in the bucket's own region."""
        match step:
            case PutBucketEncryption():
                self.s3.put_bucket_encryption(self.bucket, step.rule, self.region)
            case DeleteBucketEncryption():
                self.s3.delete_bucket_encryption(self.bucket, self.region)
            case _:
                assert_never(step)

    def read_back(self, planned: BucketDefault | None) -> BucketDefault | None:
        """The rule as written: PutBucketEncryption takes it whole or not at all."""
        return planned

    def _arn_of_rule(self, actual: BucketDefault, desired_arn: str) -> str | None:
        """The key that the rule stands for. A rule without one stands for S3's AWS managed key."""
        text = actual.kms_key or AWS_MANAGED_S3_ALIAS
        if text == desired_arn or not self._may_name(text, desired_arn):
            return actual.kms_key
        try:
            return self.keys.arn(KeyRef.parse(text), self.region)
        except OperationError:  # a rule may name a key that is gone, or that nobody here may look at: it is another one
            return actual.kms_key

    def _may_name(self, text: str, desired_arn: str) -> bool:
        """Whether a look-up could show that the rule's text and the desired ARN are the same key."""
        if text == AWS_MANAGED_S3_ALIAS:
            return self.kms_key is not None and self.kms_key.is_aws_managed_s3
        return not text.startswith("arn:") or ":alias/" in text

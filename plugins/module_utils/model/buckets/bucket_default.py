# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The default encryption of a bucket: current state, desired state, and the plan between them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Union

from ..errors import Failure, FailureKind, OperationError, invalid_input
from ..kinds.registry import BLOCKABLE_KINDS, S3_DEFAULT, bucket_kinds_with_option, find_kind
from ..plan import Plan

if TYPE_CHECKING:
    from ..kinds.kind import Kind
    from ..operations import Operations


@dataclass(frozen=True, slots=True)
class BucketDefault:
    """The rule of one bucket, as GetBucketEncryption reports it.

    `encryption` is the name of a kind, or the wire value of an algorithm that is not one of our kinds (aws:fsx,
    aws:backup), or None if the store reports no configuration. `kms_key` is the text in the rule (None: S3's AWS
    managed key), and `kms_key_arn` the ARN that it was resolved to. `blocked` are the blocked encryption types (None:
    not reported). `foreign` is the JSON of the fields that this collection does not know; they are written back.
    """

    encryption: str | None
    kms_key: str | None = None
    kms_key_arn: str | None = None
    bucket_key_enabled: bool = False
    blocked: tuple[str, ...] | None = None
    foreign: str = ""

    @property
    def strength(self) -> int:
        """The rank of the algorithm among the kinds; 0 for no algorithm, and for one that is not a kind."""
        return find_kind(self.encryption).strength or 0

    @property
    def has_kms_key(self) -> bool:
        """Whether the algorithm has a KMS key; False for an algorithm that is not a kind."""
        return find_kind(self.encryption).accepts("kms_key")


@dataclass(frozen=True, slots=True)
class NewBucket:
    """What a bucket has right after its creation: the region of the task, and S3's default.

    New buckets block every type that can be blocked, except in two regions (me-south-1 and me-central-1). A store that
    is not AWS reports no blocked types.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-s3-c-encryption-setting-faq.html
    """

    region: str
    at_aws: bool = True

    @property
    def rule(self) -> BucketDefault:
        """The default encryption."""
        return BucketDefault(S3_DEFAULT.name, blocked=BLOCKABLE_KINDS if self.at_aws else None)


@dataclass(frozen=True, slots=True)
class DesiredBucketDefault:
    """The desired rule of a bucket. None: not named in the task, so the current value is kept.

    `absent` resets the rule to S3's default. With `minimum`, the rest is the least that is required. `kms_key_arn` is
    the ARN in the bucket's own region.
    """

    kind: Kind | None = None
    kms_key_arn: str | None = None
    kms_key_is_aws_managed: bool = False
    bucket_key_enabled: bool | None = None
    blocked: tuple[str, ...] | None = None
    minimum: bool = False
    absent: bool = False


@dataclass(frozen=True, slots=True)
class PutBucketEncryption:
    """Write the whole rule, because the operation resets every field that the request does not have.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketEncryption.html
    """

    rule: BucketDefault
    operations: ClassVar[Operations] = ("PutBucketEncryption",)


@dataclass(frozen=True, slots=True)
class DeleteBucketEncryption:
    """Reset the rule to S3's default. On AWS the rule is not deleted: it becomes that of a new bucket.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketEncryption.html
    """

    operations: ClassVar[Operations] = ("DeleteBucketEncryption",)


# The algorithms that Amazon FSx and AWS Backup set for the buckets that they manage.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ServerSideEncryptionByDefault.html
SERVICE_OWNED = ("aws:fsx", "aws:backup")

BucketStep = Union[PutBucketEncryption, DeleteBucketEncryption]
BucketPlan = Plan[BucketDefault, BucketStep]


def plan_bucket_default(desired: DesiredBucketDefault, actual: BucketDefault) -> BucketPlan:
    """The plan with the one write that brings a bucket's rule to the desired state, or without a step.

    Raises OperationError if the desired state cannot apply to this bucket, such as a KMS key for an algorithm without
    one, and for a bucket whose algorithm was set by another AWS service.
    """
    if desired.absent:
        return _plan_absent(actual)
    if desired.minimum:
        desired = apply_minimum(desired, actual)
    after = _merge(desired, actual)
    if _same(after, actual):
        return Plan(actual, (), actual)
    _require_not_service_owned(actual, after)
    return Plan(actual, (PutBucketEncryption(after),), after, _downgrade_warnings(desired, actual, after))


def _plan_absent(actual: BucketDefault) -> BucketPlan:
    after = BucketDefault(S3_DEFAULT.name, blocked=actual.blocked, foreign=actual.foreign)
    if actual.encryption is None or _same(after, actual):
        return Plan(actual, (), actual)
    _require_not_service_owned(actual, after)
    # What DeleteBucketEncryption does to blocked types is not documented. They are not named in the task, so they must
    # be kept: PutBucketEncryption writes S3's default together with them.
    reported = after.blocked is not None
    step = PutBucketEncryption(after) if reported or after.foreign else DeleteBucketEncryption()
    return Plan(actual, (step,), after, _downgrade_warnings(DesiredBucketDefault(), actual, after))


def _require_not_service_owned(before: BucketDefault, after: BucketDefault) -> None:
    if before.encryption in SERVICE_OWNED and after.encryption != before.encryption:
        raise OperationError(
            Failure(
                FailureKind.UNSUPPORTED,
                f"The bucket's default encryption is {before.encryption}, which the AWS service that uses the bucket "
                "has set for itself.",
                "Leave the bucket out of the task.",
            )
        )


def _downgrade_warnings(desired: DesiredBucketDefault, before: BucketDefault, after: BucketDefault) -> tuple[str, ...]:
    """Warnings about what the desired state protects less than the current one."""
    found = []
    if after.strength < before.strength:
        found.append(f"the default encryption gets weaker, from {before.encryption} to {after.encryption}")
    elif before.kms_key and desired.kms_key_is_aws_managed and after.kms_key != before.kms_key:
        found.append("the default key changes from one of your own to the AWS managed key")
    unblocked = sorted(set(before.blocked or ()) - set(after.blocked or ()))
    found += [f"{name} is no longer blocked" for name in unblocked]
    return tuple(found)


def _merge(desired: DesiredBucketDefault, actual: BucketDefault) -> BucketDefault:
    """The current rule with the desired values; values that are not named are kept."""
    encryption = desired.kind.name if desired.kind else actual.encryption
    if encryption is None and desired != DesiredBucketDefault(minimum=desired.minimum):
        encryption = S3_DEFAULT.name
    has_key = find_kind(encryption).accepts("kms_key")
    if desired.kms_key_arn and not has_key:
        raise invalid_input(
            f"kms_key is named, but the bucket's default encryption is {encryption}, which has no KMS key.",
            f"Set encryption: {' or '.join(bucket_kinds_with_option('kms_key'))} too.",
        )
    # An algorithm that is not named is kept with its key, also if it is not one of our kinds.
    has_key = has_key or desired.kind is None
    keeps_key = has_key and desired.kms_key_arn in (None, actual.kms_key_arn)
    return BucketDefault(
        encryption=encryption,
        kms_key=actual.kms_key if keeps_key else desired.kms_key_arn,
        kms_key_arn=actual.kms_key_arn if keeps_key else desired.kms_key_arn,
        bucket_key_enabled=find_kind(encryption).bucket_key_of_rule(
            desired.bucket_key_enabled, actual.bucket_key_enabled, moves=actual.encryption != encryption
        ),
        blocked=actual.blocked if desired.blocked is None else desired.blocked,
        foreign=actual.foreign,
    )


def apply_minimum(desired: DesiredBucketDefault, actual: BucketDefault) -> DesiredBucketDefault:
    """The desired state with a minimum: without what the bucket already exceeds, and without unblocking a type."""
    if desired.blocked is not None:
        desired = replace(desired, blocked=tuple(sorted({*desired.blocked, *(actual.blocked or ())})))
    if _at_least(desired, actual):
        return replace(desired, kind=None, kms_key_arn=None, bucket_key_enabled=None)
    return desired


def _at_least(desired: DesiredBucketDefault, actual: BucketDefault) -> bool:
    """Whether the bucket is at least as strong as the minimum. If the minimum names a key, the key counts, too."""
    minimum = desired.kind.strength or 0 if desired.kind else 0
    # A customer managed key is not weaker than the AWS managed one.
    if actual.strength != minimum or desired.kms_key_arn is None or desired.kms_key_is_aws_managed:
        return actual.strength >= minimum
    return actual.kms_key_arn == desired.kms_key_arn


def _same(left: BucketDefault, right: BucketDefault) -> bool:
    # Types that are not reported are not blocked: after a write of `NONE`, S3 may report no types at all.
    return replace(left, blocked=left.blocked or ()) == replace(right, blocked=right.blocked or ())

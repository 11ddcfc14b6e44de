# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The default encryption of a bucket: state, desire, and the plan between them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Union

from ..errors import Failure, FailureKind, OperationError
from ..kinds.kind import Kind
from ..kinds.registry import BUCKET_DEFAULT_KINDS, S3_DEFAULT, find_kind, kinds_with_option
from ..operations import Operations
from ..plan import Plan


@dataclass(frozen=True, slots=True)
class BucketDefault:
    """One bucket's rule, as GetBucketEncryption reports it.

    `encryption` is a kind's name, or the wire value of an algorithm that is no kind of ours (aws:fsx, aws:backup), or
    None where the store answers that there is no configuration. `kms_key` is the text of the rule (None: S3's AWS
    managed key), `kms_key_arn` the key that it stands for. `blocked` are the blocked encryption types (None: not
    reported). `foreign` is the JSON of the rule's fields that this collection does not know, to be sent back as read.
    """

    encryption: str | None
    kms_key: str | None = None
    kms_key_arn: str | None = None
    bucket_key_enabled: bool = False
    blocked: tuple[str, ...] | None = None
    foreign: str = ""

    @property
    def strength(self) -> int:
        """The place of the algorithm in the order of kinds; 0 for none, and for those that are no kind."""
        return find_kind(self.encryption).strength or 0


@dataclass(frozen=True, slots=True)
class DesiredBucketDefault:
    """What a playbook asks of a bucket. None: not named, so kept.

    `absent` gives back S3's own default. `minimum` makes the rest a floor. `kms_key_arn` is resolved in the
    bucket's own region.
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
    """Write the whole rule, as the operation replaces whatever it is not told.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketEncryption.html
    """

    rule: BucketDefault
    operations: ClassVar[Operations] = ("PutBucketEncryption",)


@dataclass(frozen=True, slots=True)
class DeleteBucketEncryption:
    """Give the bucket back S3's default. On AWS the rule does not go away: it becomes that of a new bucket.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketEncryption.html
    """

    operations: ClassVar[Operations] = ("DeleteBucketEncryption",)


# Algorithms that Amazon FSx and AWS Backup set for the storage that they manage.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ServerSideEncryptionByDefault.html
_SERVICE_OWNED = ("aws:fsx", "aws:backup")

BucketStep = Union[PutBucketEncryption, DeleteBucketEncryption]
BucketPlan = Plan[BucketDefault, BucketStep]


def plan_bucket_default(desired: DesiredBucketDefault, actual: BucketDefault) -> BucketPlan:
    """The one write that brings a bucket's rule to what is asked, or none.

    Raises OperationError where what is asked means nothing for this bucket, such as a key for an algorithm without one.
    """
    if desired.absent:
        return _plan_absent(actual)
    if desired.minimum:
        desired = _apply_minimum(desired, actual)
    after = _merge(desired, actual)
    if _same(after, actual):
        return Plan(actual, (), actual)
    _require_ours_to_change(actual, after)
    return Plan(actual, (PutBucketEncryption(after),), after, _downgrade_warnings(desired, actual, after))


def _plan_absent(actual: BucketDefault) -> BucketPlan:
    after = BucketDefault(S3_DEFAULT.name, blocked=actual.blocked, foreign=actual.foreign)
    if actual.encryption is None or _same(after, actual):
        return Plan(actual, (), actual)
    _require_ours_to_change(actual, after)
    # What DeleteBucketEncryption does to blocked types is not documented. They are not named, so they are kept: by
    # writing S3's default in full.
    reported = after.blocked is not None
    step = PutBucketEncryption(after) if reported or after.foreign else DeleteBucketEncryption()
    return Plan(actual, (step,), after, _downgrade_warnings(DesiredBucketDefault(), actual, after))


def _require_ours_to_change(before: BucketDefault, after: BucketDefault) -> None:
    if before.encryption in _SERVICE_OWNED and after.encryption != before.encryption:
        raise OperationError(
            Failure(
                FailureKind.UNSUPPORTED,
                f"The bucket's default encryption is {before.encryption}, which the AWS service that uses the bucket "
                "has set for itself.",
                "Leave the bucket out of the task.",
            )
        )


def _downgrade_warnings(desired: DesiredBucketDefault, before: BucketDefault, after: BucketDefault) -> tuple[str, ...]:
    """What is made as asked, and protects less than before."""
    found = []
    if after.strength < before.strength:
        found.append(f"the default encryption gets weaker, from {before.encryption} to {after.encryption}")
    elif before.kms_key and desired.kms_key_is_aws_managed and after.kms_key != before.kms_key:
        found.append("the default key changes from one of your own to the AWS managed key")
    unblocked = sorted(set(before.blocked or ()) - set(after.blocked or ()))
    found += [f"{name} is no longer blocked" for name in unblocked]
    return tuple(found)


def _merge(desired: DesiredBucketDefault, actual: BucketDefault) -> BucketDefault:
    """The rule with all that is named changed, and all else kept."""
    encryption = desired.kind.name if desired.kind else actual.encryption
    if encryption is None and desired != DesiredBucketDefault(minimum=desired.minimum):
        encryption = S3_DEFAULT.name
    takes_key = find_kind(encryption).takes("kms_key")
    if desired.kms_key_arn and not takes_key:
        raise OperationError(
            Failure(
                FailureKind.INVALID,
                f"kms_key is named, but the bucket's default encryption is {encryption}, which has no KMS key.",
                f"Set encryption: {' or '.join(kinds_with_option('kms_key', BUCKET_DEFAULT_KINDS))} too.",
            )
        )
    # An algorithm that is not named is kept with all that it has, also one that is no kind of ours.
    takes_key = takes_key or desired.kind is None
    keeps_key = takes_key and desired.kms_key_arn in (None, actual.kms_key_arn)
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


def _apply_minimum(desired: DesiredBucketDefault, actual: BucketDefault) -> DesiredBucketDefault:
    """What is left to ask when it is a floor: nothing that the bucket exceeds, and no type unblocked."""
    if desired.blocked is not None:
        desired = replace(desired, blocked=tuple(sorted({*desired.blocked, *(actual.blocked or ())})))
    if _at_least(desired, actual):
        return replace(desired, kind=None, kms_key_arn=None, bucket_key_enabled=None)
    return desired


def _at_least(desired: DesiredBucketDefault, actual: BucketDefault) -> bool:
    """Whether the bucket is as strong as the floor. Where the floor names a key, the key counts too."""
    floor = desired.kind.strength or 0 if desired.kind else 0
    # A key of one's own is no weaker than the AWS managed one.
    if actual.strength != floor or desired.kms_key_arn is None or desired.kms_key_is_aws_managed:
        return actual.strength >= floor
    return actual.kms_key_arn == desired.kms_key_arn


def _same(left: BucketDefault, right: BucketDefault) -> bool:
    # Types that are not reported are not blocked: `NONE` written may be reported as nothing at all.
    return replace(left, blocked=left.blocked or ()) == replace(right, blocked=right.blocked or ())

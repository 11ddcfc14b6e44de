# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Encryption kinds that a bucket blocks. S3 names this cause only within the account or organization of the bucket.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/blocking-unblocking-s3-c-encryption-gpb.html
"""

from __future__ import annotations

from ...model.errors import EXPLICIT_DENIALS, Failure, FailureKind, OperationError, Reason
from ...model.kinds.kind import Kind
from ...model.objects.object_steps import ObjectStep, as_write
from .object_access import ObjectAccess

_UNBLOCK = "bucket_default_encryption and blocked_encryption_types: []"


def require_unblocked(access: ObjectAccess, kind: Kind) -> None:
    """Raise OperationError where the bucket blocks this kind. If that cannot be read, the write itself finds out."""
    if kind.blockable and _blocks(access, kind):
        bucket = access.target.bucket
        raise OperationError(
            Failure(
                FailureKind.BLOCKED,
                f"The bucket {bucket} blocks uploads under {kind.name}. New buckets may do so by default.",
                f"Unblock it with {_UNBLOCK}, or choose another encryption.",
                "s3:PutObject",
                access.name,
                layer="blocked encryption type",
            )
        )


def warn_of_new_bucket(access: ObjectAccess, kind: Kind) -> tuple[str, ...]:
    """A warning if the task uploads under a kind that new buckets block, to a bucket that does not exist yet."""
    if not kind.blockable:
        return ()
    return (
        f"New buckets may block uploads under {kind.name} by default. Before this task, unblock it in "
        f"{access.target.bucket} with {_UNBLOCK}.",
    )


def explain_blocked(failure: Failure, access: ObjectAccess, step: ObjectStep) -> Failure:
    """Add to a forbidden write that the bucket may block its kind, where the blocked kinds cannot be read."""
    write = as_write(step)
    kind = write.encryption.kind if write else None
    if failure.kind is not FailureKind.FORBIDDEN or kind is None or not kind.blockable:
        return failure
    if failure.reason in (*EXPLICIT_DENIALS, Reason.NOT_ALLOWED):
        return failure  # S3 names the cause
    if _blocks(access, kind) is not None:
        return failure
    return failure.with_more_advice(
        f"Or the bucket blocks {kind.name}, as new buckets may do by default, which cannot be read without "
        f"s3:GetEncryptionConfiguration: unblock it with {_UNBLOCK}."
    )


def _blocks(access: ObjectAccess, kind: Kind) -> bool | None:
    """None: the blocked kinds cannot be read."""
    try:
        rule = access.buckets.default_encryption(access.target.bucket)
    except OperationError:
        return None
    return kind.name in (rule.blocked or ())

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Kinds that a bucket blocks. S3 refuses them with an AccessDenied that does not say so.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/blocking-unblocking-s3-c-encryption-gpb.html
"""

from __future__ import annotations

from ...aws.objects.ports import ObjectPort
from ...model.errors import Failure, FailureKind, OperationError
from ...model.kinds.kind import Kind
from ...model.objects.object_id import ObjectId
from ...model.objects.object_steps import ObjectStep, as_write

_UNBLOCK = "bucket_default_encryption and blocked_encryption_types: []"


def require_unblocked(s3: ObjectPort, target: ObjectId, kind: Kind) -> None:
    """Raise OperationError where the bucket blocks this kind. Whoever may not look learns from the write."""
    if kind.blockable and _blocks(s3, target, kind):
        raise OperationError(
            Failure(
                FailureKind.BLOCKED,
                f"The bucket {target.bucket} blocks uploads under {kind.name}. New buckets may do so by default.",
                f"Allow it with {_UNBLOCK}, or choose another encryption.",
                "s3:PutObject",
                f"{target.bucket}/{target.key}",
                layer="blocked encryption type",
            )
        )


def explain_blocked(failure: Failure, s3: ObjectPort, target: ObjectId, step: ObjectStep) -> Failure:
    """Where a write under a kind that can be blocked is forbidden, and nobody can tell whether it is, say so."""
    write = as_write(step)
    kind = write.encryption.kind if write else None
    if failure.kind is not FailureKind.FORBIDDEN or kind is None or not kind.blockable:
        return failure
    if _blocks(s3, target, kind) is not None:
        return failure
    return failure.with_more_advice(
        f"Or the bucket blocks {kind.name}, as new buckets may do by default, and s3:GetEncryptionConfiguration is "
        f"missing to tell: allow it with {_UNBLOCK}."
    )


def _blocks(s3: ObjectPort, target: ObjectId, kind: Kind) -> bool | None:
    """None: it may not be asked."""
    try:
        rule, _region = s3.get_bucket_encryption(target.bucket, target.expected_bucket_owner)
    except OperationError:
        return None
    return kind.name in (rule.blocked or ())

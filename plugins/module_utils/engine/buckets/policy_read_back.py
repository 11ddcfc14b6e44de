# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Reading a bucket policy after its change, until S3 reports what was written.

The configurations of buckets are eventually consistent.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model.errors import Failure, FailureKind, OperationError
from ...model.iam.policy_document import differing_statements, same_policy
from ...model.iam.policy_kind import BUCKET_POLICY

if TYPE_CHECKING:
    from ...aws.buckets.ports import BucketPolicyPort
    from ..clock import Clock

# Seconds after a read that still shows the policy from before the write.
READ_BACK_DELAYS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)

_NO_POLICY = '{"Statement": []}'


def require_written(
    bucket: str, region: str, before: str | None, written: str | None, s3: BucketPolicyPort, clock: Clock
) -> None:
    """Return when S3 reports a policy with the meaning of the written one (JSON; None: no policy).

    Raises OperationError for another policy at once, and for the one from before the write after READ_BACK_DELAYS.
    """
    delays = iter(READ_BACK_DELAYS)
    while True:
        found, _region = s3.get_bucket_policy(bucket, region or None)
        if _is_same(found, written):
            return
        if not _is_same(found, before):
            raise OperationError(_reported_otherwise(bucket, found, written, at_store=s3.custom_endpoint))
        delay = next(delays, None)
        if delay is None:
            raise OperationError(_not_reported(bucket))
        clock.sleep(delay)


def _is_same(left: str | None, right: str | None) -> bool:
    if left is None or right is None:
        return left is right
    return same_policy(left, right, BUCKET_POLICY)


def _reported_otherwise(bucket: str, found: str | None, written: str | None, *, at_store: bool) -> Failure:
    names = differing_statements(found or _NO_POLICY, written or _NO_POLICY, BUCKET_POLICY)
    statements = f" It differs in {'the statement' if len(names) == 1 else 'the statements'} {', '.join(names)}."
    # At AWS, only another client can be the cause.
    by = "the store does not keep it as it is written, or another client" if at_store else "another client"
    store = " If the failure remains, the store at this endpoint cannot have this policy." if at_store else ""
    return Failure(
        FailureKind.UNVERIFIED,
        f"The policy of {bucket} was written, but {'the store' if at_store else 'S3'} reports "
        f"{'another one' if found else 'none'}: {by} changed it meanwhile.{statements if names else ''}",
        f"Run the task again: it keeps the statements of others, and adds what is missing.{store}",
        "s3:GetBucketPolicy",
        bucket,
    )


def _not_reported(bucket: str) -> Failure:
    return Failure(
        FailureKind.UNVERIFIED,
        f"The policy of {bucket} was written, but after {sum(READ_BACK_DELAYS):.0f} seconds S3 still reports the one "
        "from before.",
        "Run the task again in some minutes. If the failure remains, another client changes the policy back, or this "
        "store does not keep the change.",
        "s3:GetBucketPolicy",
        bucket,
    )

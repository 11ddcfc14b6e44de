# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A warning for an object under the AWS managed key of the caller in a bucket of another account.

S3 encrypts with the AWS managed key of the account that sends the request. No other account can be allowed to use it.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
"""

from __future__ import annotations

from ...model.arn import Arn
from ...model.keys.key_ref import KeyRef
from ...model.objects.object_steps import ObjectPlan, ObjectStep, as_update, as_upload, as_write
from .object_access import ObjectAccess
from .object_reading import bucket_default, managed_key


def managed_key_warnings(access: ObjectAccess, plan: ObjectPlan, kms_key: KeyRef | None) -> tuple[str, ...]:
    """Warnings, as far as the account of the bucket is known. See `_bucket_account`."""
    for step in plan.steps:
        write = as_write(step) or as_update(step)
        if write is None or not write.encryption.kind.has_managed_key:
            continue
        if write.encryption.kms_key_arn and not (kms_key and kms_key.is_aws_managed_s3):
            continue
        owner = _bucket_account(access, step)
        caller = _account(write.encryption.kms_key_arn or managed_key(access)) if owner else None
        if owner and caller and owner != caller:
            return (
                f"{access.name} is encrypted under the AWS managed key of the account {caller}, but its bucket belongs "
                f"to the account {owner}, which cannot read the object. Name a kms_key that both accounts may use, or "
                "omit encryption to use the bucket's default.",
            )
    return ()


def _bucket_account(access: ObjectAccess, step: ObjectStep) -> str | None:
    """The account that the task names as owner, or that of the key in the bucket's default. None: unknown.

    The default is read before an upload only, once for each bucket in a run.
    """
    if access.target.expected_bucket_owner:
        return access.target.expected_bucket_owner
    default = bucket_default(access) if as_upload(step) else None
    return _account(default.kms_key_arn) if default else None


def _account(arn: str | None) -> str | None:
    parsed = Arn.try_parse(arn or "")
    return parsed.account if parsed else None

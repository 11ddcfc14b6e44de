# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What S3 chooses for a write that does not name it, read where the choice may protect less than the current state."""

from __future__ import annotations

from ...model.errors import OperationError
from ...model.keys.key_ref import AWS_MANAGED_S3_ALIAS, KeyRef
from ...model.kinds.encryption import ObjectEncryption
from ...model.kinds.registry import UNENCRYPTED, find_kind
from ...model.objects.desired_object import DesiredObject, Overwrite
from ...model.objects.downgrade_warnings import ImplicitDefaults, needs_default
from ...model.objects.object_state import ObjectState
from .object_access import ObjectAccess


def resolve_implicit_defaults(
    access: ObjectAccess, desired: DesiredObject, kms_key: KeyRef | None, current: ObjectState, writes_content: bool
) -> ImplicitDefaults:
    """The bucket's default for an upload that names no encryption, and the AWS managed key where no key is named.

    This costs at most one GetBucketEncryption and one DescribeKey, and nothing for objects that are encrypted with a
    key of S3 itself. What cannot be read is omitted.
    """
    before, after = current.encryption, ObjectEncryption(desired.encryption.kind.name, desired.encryption.kms_key_arn)
    default: ObjectEncryption | None = None
    if desired.overwrite is Overwrite.NEVER or not needs_default(before):
        return ImplicitDefaults()
    if desired.encryption.kind.defers_to_bucket:
        default = _default(access) if writes_content else None
        if default is None:
            return ImplicitDefaults()
        after = default
    takes_managed_key = kms_key is not None and kms_key.is_aws_managed_s3
    if after.kms_key_arn is None and find_kind(after.type).has_managed_key:
        # If the encryption type stays, a key that is not named stays as well.
        takes_managed_key = default is not None or after.type != before.type
    return ImplicitDefaults(default, _managed_key(access) if before.kms_key_arn and takes_managed_key else None)


def _default(access: ObjectAccess) -> ObjectEncryption | None:
    try:
        rule = access.buckets.default_encryption(access.target.bucket)
    except OperationError:  # the plan then warns that the default cannot be read
        return None
    is_managed = (rule.kms_key or "").endswith(AWS_MANAGED_S3_ALIAS)
    return ObjectEncryption(rule.encryption or UNENCRYPTED.name, None if is_managed else rule.kms_key)


def _managed_key(access: ObjectAccess) -> str | None:
    try:
        return access.keys.arn(KeyRef.parse(AWS_MANAGED_S3_ALIAS), access.region)
    except OperationError:  # a new account does not have this key yet, and not every caller may describe it
        return None

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What S3 will choose for a write that does not name it, looked up where it may protect less than what is there."""

from __future__ import annotations

from ...aws.objects.ports import ObjectPort
from ...model.errors import OperationError
from ...model.keys.key_ref import AWS_MANAGED_S3_ALIAS, KeyRef
from ...model.kinds.registry import UNENCRYPTED, find_kind
from ...model.objects.desired_object import DesiredObject, Overwrite
from ...model.objects.downgrade_warnings import ImplicitDefaults, needs_default
from ...model.objects.encryption import ObjectEncryption
from ...model.objects.object_id import ObjectId
from ...model.objects.object_state import ObjectState
from ..keys.key_resolver import KeyResolver


def resolve_implicit_defaults(
    s3: ObjectPort,
    keys: KeyResolver,
    target: ObjectId,
    desired: DesiredObject,
    kms_key: KeyRef | None,
    actual: ObjectState,
    writes_content: bool,
) -> ImplicitDefaults:
    """The bucket's default for an upload that names no encryption, and S3's own key where none is named.

    At most one GetBucketEncryption and one DescribeKey, for objects whose key S3 does not hold itself. What may not be
    read is left out.
    """
    before, after = actual.encryption, ObjectEncryption(desired.encryption.kind.name, desired.encryption.kms_key_arn)
    default: ObjectEncryption | None = None
    if desired.overwrite is Overwrite.NEVER or not needs_default(before):
        return ImplicitDefaults()
    if desired.encryption.kind.defers_to_bucket:
        default = _default(s3, target) if writes_content else None
        if default is None:
            return ImplicitDefaults()
        after = default
    takes_managed_key = kms_key is not None and kms_key.is_aws_managed_s3
    if after.kms_key_arn is None and find_kind(after.type).has_managed_key:
        # A key that is not named is kept where the encryption stays.
        takes_managed_key = default is not None or after.type != before.type
    return ImplicitDefaults(
        default, _managed_key(s3, keys, target) if before.kms_key_arn and takes_managed_key else None
    )


def _default(s3: ObjectPort, target: ObjectId) -> ObjectEncryption | None:
    try:
        rule, _region = s3.get_bucket_encryption(target.bucket, target.expected_bucket_owner)
    except OperationError:  # a warning says so
        return None
    is_managed = (rule.kms_key or "").endswith(AWS_MANAGED_S3_ALIAS)
    return ObjectEncryption(rule.encryption or UNENCRYPTED.name, None if is_managed else rule.kms_key)


def _managed_key(s3: ObjectPort, keys: KeyResolver, target: ObjectId) -> str | None:
    try:
        return keys.arn(KeyRef.parse(AWS_MANAGED_S3_ALIAS), s3.bucket_region(target.bucket))
    except OperationError:  # a new account has none yet, and not everybody may look
        return None

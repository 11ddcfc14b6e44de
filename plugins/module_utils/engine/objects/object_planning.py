# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The plan for an object, with all that a check run has to foresee: what S3 refuses, and what a write would lose."""

from __future__ import annotations

from dataclasses import replace

from ...model.errors import FailureKind, OperationError
from ...model.kinds.encryption import ObjectEncryption
from ...model.kinds.registry import CUSTOMER_KEY, find_kind
from ...model.objects.desired_object import DesiredObject, ObjectReading
from ...model.objects.encrypted_object import plan_encrypted_object
from ...model.objects.large_objects import Limits, needs_multipart_copy, to_multipart
from ...model.objects.object_state import ObjectState
from ...model.objects.object_steps import ObjectPlan, as_copy, as_update, as_write
from ...model.plan import Plan
from ...model.secret import CustomerKey
from ..transfer.digests import WHOLE_OF_PARTS
from .blocked_encryption import require_unblocked
from .client_side.instruction_file_use import keep_needed_file, require_room
from .client_side.required_file import require_no_loss_of_file
from .head_object import find_object, missing_bucket
from .kms_keys import KmsKeys
from .managed_key import managed_key_warnings
from .object_access import ObjectAccess
from .object_reading import read_tags
from .preserved_attributes import preserve_acl_and_lock


def complete_bucket_key(access: ObjectAccess, desired: DesiredObject, reading: ObjectReading) -> DesiredObject:
    """The desired state with the bucket key of the bucket's default, where UpdateObjectEncryption needs it.

    Other writes that do not name a bucket key get that of the bucket's default from S3.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_SSEKMSEncryption.html
    """
    encryption, before = desired.encryption.of_server_side, reading.object
    if before is None or encryption.bucket_key_enabled is not None:
        return desired
    if find_kind(before.encryption.server_side.type).accepts("bucket_key_enabled"):
        return desired
    if not any(as_update(step) for step in plan_encrypted_object(desired, reading).steps):
        return desired
    try:
        rule = access.buckets.default_encryption(access.target.bucket)
    except OperationError as error:
        failure = error.failure.with_alternative("Allow s3:GetEncryptionConfiguration", "name bucket_key_enabled")
        raise OperationError(failure) from error
    completed = replace(encryption, bucket_key_enabled=bool(rule.bucket_key_enabled))
    if not desired.encryption.kind.is_client_side:
        return replace(desired, encryption=completed)
    return replace(desired, encryption=replace(desired.encryption, server_side=completed))


def plan_object(
    access: ObjectAccess, desired: DesiredObject, kms_keys: KmsKeys, reading: ObjectReading, limits: Limits
) -> ObjectPlan:
    """The plan from the current to the desired state; raises OperationError where S3 would refuse it, or lose data."""
    plan = _split_large_writes(access, desired, plan_encrypted_object(desired, reading), limits)
    plan = _without_unread_checksums(access, plan)
    plan = keep_needed_file(access.client_side.files, access.target, plan)
    plan = _keep_other_object_readable(access, plan)
    require_room(plan, access.target)
    key_warnings: dict[str, None] = {}
    for step in plan.steps:
        for kms_key in kms_keys.of_step(step):
            direct = kms_key is kms_keys.of_client
            key_warnings |= dict.fromkeys(access.keys.require_usable(kms_key, access.region, direct=direct))
        write = as_write(step) or as_update(step)
        if write:
            require_unblocked(access, write.encryption.of_server_side.kind)
    plan = preserve_acl_and_lock(access, plan)
    warnings = (*key_warnings, *managed_key_warnings(access, plan, kms_keys.of_s3))
    return replace(plan, warnings=(*plan.warnings, *warnings)) if warnings else plan


def plan_removal(access: ObjectAccess, desired: DesiredObject, previous_key: CustomerKey | None) -> ObjectPlan:
    """The plan that deletes the object. It needs no customer key.

    Without the key of an object, the plan knows that the object exists, and which version a delete marker would hide.
    """
    bucket, key = desired.bucket, desired.key
    try:
        found = find_object(access.s3, access.target, None, previous_key)
    except OperationError as error:
        if missing := missing_bucket(access.target, error.failure):
            return Plan(None, (), None, not_there_yet=missing)
        if error.failure.kind is not FailureKind.WRONG_KEY:
            raise
        version = desired.version_id or _current_version(access)
        unread = ObjectState(bucket, key, None, ObjectEncryption(CUSTOMER_KEY.name), version_id=version)
        return _keep_other_object_readable(access, plan_encrypted_object(desired, ObjectReading(unread)))
    if found.delete_marker:
        marker = ObjectState(bucket, key, None, ObjectEncryption(None))
        return plan_encrypted_object(desired, ObjectReading(marker))
    plan = plan_encrypted_object(desired, ObjectReading(found.object))
    plan = keep_needed_file(access.client_side.files, access.target, plan)
    return _keep_other_object_readable(access, plan)


def _keep_other_object_readable(access: ObjectAccess, plan: ObjectPlan) -> ObjectPlan:
    """The plan, with a warning if the object may be an instruction file. Raises OperationError if it is one in use."""
    warnings = require_no_loss_of_file(access.s3, access.client_side.files, access.target, plan)
    return replace(plan, warnings=(*plan.warnings, *warnings)) if warnings else plan


def _split_large_writes(access: ObjectAccess, desired: DesiredObject, plan: ObjectPlan, limits: Limits) -> ObjectPlan:
    """The plan, with writes that are too large for one request in parts. A copy in parts has to name the tags."""
    if needs_multipart_copy(plan, limits) and plan.before and plan.after and desired.tags is None:
        tags = read_tags(access)
        plan = replace(plan, before=replace(plan.before, tags=tags), after=replace(plan.after, tags=tags))
    return to_multipart(plan, limits, WHOLE_OF_PARTS)


def _without_unread_checksums(access: ObjectAccess, plan: ObjectPlan) -> ObjectPlan:
    """The plan without the checksum of an upload, where none is sent, or none is read after it."""
    uploads = any(as_write(step) and not as_copy(step) for step in plan.steps)
    if plan.after is None or not uploads or (access.s3.sends_checksums and access.s3.reads_checksums):
        return plan
    return replace(plan, after=replace(plan.after, checksums=()))


def _current_version(access: ObjectAccess) -> str | None:
    """The current version, which only the diff shows: a caller without the permission can still delete the object."""
    try:
        return access.s3.current_version(access.target)
    except OperationError:
        return None

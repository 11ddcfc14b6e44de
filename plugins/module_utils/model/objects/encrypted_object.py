# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The plan from the current to the desired state of an object in S3."""

from __future__ import annotations

from dataclasses import replace

from ..errors import Failure, FailureKind, OperationError, invalid_input
from ..kinds.encryption import DesiredEncryption
from ..kinds.registry import find_kind
from ..plan import Plan
from ..secret import CustomerKey
from ..tags import Tags, merge_tags
from .archive import require_readable
from .change_method import Change, ChangeMethod, can_update_in_place, in_place_blocker
from .desired_object import DesiredObject, ObjectReading, Overwrite
from .downgrade_warnings import downgrade_warnings
from .limits import require_few_tags
from .object_state import DEFAULT_STORAGE_CLASS, Checksum, ObjectState, Properties
from .object_steps import (
    CopyObject,
    DeleteObject,
    ObjectPlan,
    ObjectStep,
    PutObject,
    PutObjectTagging,
    UpdateObjectEncryption,
    require_encrypted,
)


def plan_encrypted_object(desired: DesiredObject, reading: ObjectReading) -> ObjectPlan:
    """The steps to the desired state of an object that transfer the least data.

    Raises OperationError if there is no content to upload, or if the change would lose what cannot be kept.
    """
    before = reading.object
    if desired.absent:
        return _plan_removal(desired, before)
    if desired.content:  # even if nothing seems to differ: metadata alone does not prove that it is encrypted
        require_encrypted(desired.encryption, desired.content, f"{desired.bucket}/{desired.key}")
    if before is None:
        return _plan_upload(desired, reading)
    if desired.overwrite is Overwrite.NEVER:
        return Plan(before, (), before)
    if desired.content and (desired.overwrite is Overwrite.ALWAYS or not reading.same_content):
        return _plan_upload(desired, reading)
    return _plan_change(desired, before, reading)


def _plan_removal(desired: DesiredObject, before: ObjectState | None) -> ObjectPlan:
    """Delete the object or a version. A locked version cannot be deleted, but a delete marker can hide it.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
    """
    if before is None:
        return Plan(None, (), None)
    if desired.version_id and before.lock:
        raise _refused(
            before,
            f"cannot be deleted: its version {desired.version_id} is under Object Lock ({before.lock.describe()})",
            "Release the lock with the tool that set it, or wait until it expires.",
        )
    return Plan(before, (DeleteObject(desired.version_id),), None)


def _plan_upload(desired: DesiredObject, reading: ObjectReading) -> ObjectPlan:
    content, before = desired.content, reading.object
    if content is None:
        raise OperationError(
            Failure(
                FailureKind.ABSENT,
                f"There is no object {desired.key!r} in the bucket {desired.bucket}.",
                "Name its content with src, content or content_base64.",
                resource=f"{desired.bucket}/{desired.key}",
            )
        )
    if before:
        _require_no_envelope(before)
    kept = before.properties if before else Properties(content_type=desired.new_content_type)
    properties = desired.properties.merged_with(kept)
    tags = _merged_tags(desired, before)
    encryption = desired.encryption.with_current_values(before.encryption if before else None)
    after = ObjectState(
        bucket=desired.bucket,
        key=desired.key,
        size=content.size,
        encryption=desired.encryption.expected_after_write(before.encryption if before else None),
        properties=replace(properties, storage_class=properties.storage_class or DEFAULT_STORAGE_CLASS),
        checksums=(content.checksum,),
        tags=tags,
        tag_count=len(tags),
    )
    step = PutObject(properties, tags, encryption, content, before.etag if before else None)
    warnings = _warnings(before, after, reading) if before else ()
    return Plan(before, (step,), after, (*_lock_left_behind(before), *warnings))


def _plan_change(desired: DesiredObject, before: ObjectState, reading: ObjectReading) -> ObjectPlan:
    """Keep the content, and change the rest: only tags, only the encryption in place, or all by a copy onto itself."""
    steps: list[ObjectStep] = []
    after = before
    if _updates_in_place(desired, before, reading):
        update, after = _plan_update(desired, before)
        steps.append(update)
    elif not desired.encryption.is_satisfied_by(before.encryption) or _changes_properties(desired, before):
        copy, after = _plan_copy(desired, before, reading.decrypted_with)
        steps.append(copy)
    if desired.tags is not None:
        tags = _merged_tags(desired, before)
        if tags != (before.tags or ()):
            steps.append(PutObjectTagging(tags))
        after = replace(after, tags=tags, tag_count=len(tags))
    return Plan(before, tuple(steps), after, _warnings(before, after, reading))


def _merged_tags(desired: DesiredObject, before: ObjectState | None) -> Tags:
    """The tags after the run; raises OperationError if the task adds more than an object can have."""
    tags = merge_tags((before.tags if before else None) or (), desired.tags, desired.purge_tags)
    if desired.tags is not None:
        require_few_tags(tags, f"With those that are kept, {desired.bucket}/{desired.key} would have")
    return tags


def _changes_properties(desired: DesiredObject, before: ObjectState) -> bool:
    return desired.properties.merged_with(before.properties) != before.properties


def _updates_in_place(desired: DesiredObject, before: ObjectState, reading: ObjectReading) -> bool:
    """Whether the encryption differs and is changed in place. Raises OperationError if only that is desired, and
    impossible."""
    if desired.encryption.is_satisfied_by(before.encryption):
        return False
    kept = desired.encryption.with_current_values(before.encryption)
    changes_properties, is_locked = _changes_properties(desired, before), before.lock is not None
    change = Change(before.encryption, kept, changes_properties, is_locked, reading.bucket_owner)
    if can_update_in_place(change, desired.change_method, reading.in_place):
        return True
    if desired.change_method is not ChangeMethod.UPDATE:
        return False
    if reason := in_place_blocker(change):
        raise _refused(before, f"cannot be encrypted in place: {reason}", "Set change_method: auto, or copy.")
    raise OperationError(
        Failure(
            FailureKind.UNSUPPORTED,
            "The installed boto3 does not support UpdateObjectEncryption.",
            "Install a newer boto3 on the host that runs the task, or set change_method: auto.",
            "s3:UpdateObjectEncryption",
            before.name,
        )
    )


def _plan_update(desired: DesiredObject, before: ObjectState) -> tuple[UpdateObjectEncryption, ObjectState]:
    """Change in place. A bucket key that is not named is kept, and is off for an object that has none."""
    kept = desired.encryption.with_current_values(before.encryption)
    kept = replace(kept, bucket_key_enabled=bool(kept.bucket_key_enabled))
    step = UpdateObjectEncryption(kept, before.version_id)
    return step, replace(before, encryption=kept.expected_after_write(before.encryption))


def _plan_copy(
    desired: DesiredObject, before: ObjectState, decrypted_with: CustomerKey | None
) -> tuple[CopyObject, ObjectState]:
    """Copy the object onto itself, naming everything that S3 does not copy by itself."""
    _require_copyable(before)
    properties = desired.properties.merged_with(before.properties)
    is_satisfied = desired.encryption.is_satisfied_by(before.encryption)
    encryption = _current_encryption(before, desired, decrypted_with) if is_satisfied else desired.encryption
    step = CopyObject(
        properties,
        properties != before.properties,
        encryption.with_current_values(before.encryption),
        decrypted_with,
        before.etag or "",
        before.lock,
    )
    require_encrypted(step.encryption, None, before.name)
    return step, replace(
        before,
        version_id=None,
        etag=None,
        last_modified=None,
        properties=properties,
        encryption=encryption.expected_after_write(before.encryption),
        checksums=tuple(_copied(checksum) for checksum in before.checksums),
    )


def _copied(checksum: Checksum) -> Checksum:
    """The checksum after a copy. CopyObject writes no parts, so a composite checksum becomes one of the whole object.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
    """
    return checksum if checksum.full_object else Checksum(checksum.algorithm, "", full_object=True)


def _current_encryption(
    before: ObjectState, desired: DesiredObject, decrypted_with: CustomerKey | None
) -> DesiredEncryption:
    """The current encryption, named in full, because S3 does not copy it from the source."""
    kind = find_kind(before.encryption.type)
    if not kind.choosable:
        return desired.encryption
    return DesiredEncryption(
        kind,
        before.encryption.kms_key_arn,
        encryption_context=desired.encryption.encryption_context,
        customer_key=decrypted_with,
    )


def _require_no_envelope(before: ObjectState) -> None:
    if before.envelope:
        raise _refused(
            before,
            f"is encrypted on the client side ({before.envelope}): a write by this collection would make it unreadable",
            "Delete it first (state: absent) if it is to be replaced, or change it with the client that wrote it.",
        )


def _require_copyable(before: ObjectState) -> None:
    _require_no_envelope(before)
    require_readable(before.bucket, before.key, before.archive, "copied")


def _refused(before: ObjectState, reason: str, advice: str) -> OperationError:
    message = f"The object {before.key!r} in the bucket {before.bucket} {reason}."
    return invalid_input(message, advice, resource=before.name)


def _warnings(before: ObjectState, after: ObjectState, reading: ObjectReading) -> tuple[str, ...]:
    """Warnings about a change of encryption: it protects less, or noncurrent versions keep theirs."""
    if after.encryption == before.encryption:
        return ()
    found = downgrade_warnings(before.key, before.encryption, after.encryption, reading.implicit_defaults)
    # A change in place keeps the version. The encryption that the bucket's default gives an upload is not known yet.
    if before.version_id and after.version_id is None and after.encryption.type:
        found = (
            *found,
            f"The bucket keeps versions: the version {before.version_id} of {before.key!r} stays "
            f"under {before.encryption.type}.",
        )
    return found


def _lock_left_behind(before: ObjectState | None) -> tuple[str, ...]:
    """A warning that the new version of a locked object is not locked."""
    if before is None or before.lock is None:
        return ()
    return (
        f"{before.key!r} is under Object Lock ({before.lock.describe()}). The lock stays on the version "
        f"{before.version_id}. The new content gets only the default retention of the bucket, if it has one.",
    )

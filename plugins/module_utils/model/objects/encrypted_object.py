# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The plan from the current to the desired state of an object in S3."""

from __future__ import annotations

from dataclasses import replace

from ..errors import Failure, FailureKind, OperationError
from ..kinds.encryption import DesiredEncryption, ObjectEncryption
from ..kinds.registry import find_kind
from ..plan import Plan
from ..secret import CustomerKey
from ..tags import Tags, merge_tags
from .archive import require_readable
from .change_method import Change, ChangeMethod, can_update_in_place, in_place_blocker
from .change_warnings import change_warnings, lock_left_behind
from .client_side_plan import (
    EnvelopeChange,
    Sealed,
    delete_file_of,
    is_padded,
    needs_rewrite,
    own_content,
    plan_envelope,
    refused_change,
    require_no_update,
    seal,
    with_plaintext_size,
    without_file,
)
from .copy_plan import copied_checksum, plan_copy_of
from .copy_source import CopySource
from .desired_object import DesiredObject, ObjectReading, Overwrite
from .limits import require_few_tags
from .object_state import DEFAULT_STORAGE_CLASS, ObjectState, Properties
from .object_steps import (
    CopyObject,
    DeleteObject,
    ObjectPlan,
    ObjectStep,
    PutObject,
    PutObjectTagging,
    UpdateObjectEncryption,
    as_upload,
)


def plan_encrypted_object(desired: DesiredObject, reading: ObjectReading) -> ObjectPlan:
    """The steps to the desired state of an object that transfer the least data.

    Raises OperationError if there is no content to upload, or if the change would lose what cannot be kept.
    """
    before = reading.object
    if desired.absent:
        return _plan_removal(desired, before)
    if before is None:
        return _plan_content(desired, reading)
    if desired.overwrite is Overwrite.NEVER:
        return Plan(before, (), before)
    if desired.content and (desired.overwrite is Overwrite.ALWAYS or not reading.same_content):
        return _plan_content(desired, reading)
    return _plan_change(desired, before, reading)


def _plan_removal(desired: DesiredObject, before: ObjectState | None) -> ObjectPlan:
    """Delete the object or a version. A locked version cannot be deleted, but a delete marker can hide it.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
    """
    if before is None:
        return Plan(None, (), None)
    if desired.version_id and before.lock:
        raise refused_change(
            before,
            f"cannot be deleted: its version {desired.version_id} is under Object Lock ({before.lock.describe()})",
            "Release the lock with the tool that set it, or wait until it expires.",
        )
    steps: list[ObjectStep] = [DeleteObject(desired.version_id)]
    if before.needs_file and not desired.version_id:
        steps.append(replace(delete_file_of(before), after_object=True))
    return Plan(before, tuple(steps), None)


def _plan_content(desired: DesiredObject, reading: ObjectReading) -> ObjectPlan:
    """Upload the content of the task, or copy that of another object: by S3, or (if S3 cannot) by an upload."""
    source = desired.copied_from
    if source is None:
        return _plan_upload(desired, reading)
    if needs_rewrite(desired.encryption, source.state, source.opened):
        return _plan_streamed_copy(source, desired, reading)
    properties, tags = _written_properties(desired, reading.object), _merged_tags(desired, reading.object)
    return plan_copy_of(source, desired, reading, properties, tags)


def _plan_streamed_copy(source: CopySource, desired: DesiredObject, reading: ObjectReading) -> ObjectPlan:
    """Read the source, and write it under another encryption."""
    require_readable(source.state.bucket, source.state.key, source.state.archive, "copied")
    plan = _plan_upload(replace(desired, content=own_content(source.state)), reading)
    steps = tuple(_from_source(step, source) for step in plan.steps)
    return replace(plan, steps=steps, after=_unmeasured(plan.after, source.state))


def _from_source(step: ObjectStep, source: CopySource) -> ObjectStep:
    upload = as_upload(step)
    return replace(upload, rewrites=True, source=source) if upload else step


def _unmeasured(after: ObjectState | None, content_of: ObjectState) -> ObjectState | None:
    """The state after an upload of a content that is read first. Its checksum is known once it has been read, and how
    long it is without its padding, too."""
    if after is None:
        return None
    after = replace(after, checksums=())
    if is_padded(content_of):
        after = replace(after, size=None, encryption=with_plaintext_size(after.encryption, None))
    return after


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
    properties = _written_properties(desired, before)
    tags = _merged_tags(desired, before)
    encryption = desired.encryption.with_current_values(before.encryption if before else None)
    step = PutObject(properties, tags, encryption, content, before.etag if before else None)
    name = f"{desired.bucket}/{desired.key}"
    upload = seal(step, reading, name) if encryption.kind.is_client_side else Sealed((step,), step, encryption)
    after = ObjectState(
        bucket=desired.bucket,
        key=desired.key,
        size=upload.step.content.size,
        encryption=upload.expected(content.size),
        properties=replace(properties, storage_class=properties.storage_class or DEFAULT_STORAGE_CLASS),
        checksums=(content.checksum,) if upload.step is step else (),
        tags=tags,
        tag_count=len(tags),
    )
    steps, warnings = (*upload.steps, *without_file(before, encryption.kind)), upload.warnings
    if before:
        warnings = (*warnings, *change_warnings(before, after, reading.implicit_defaults))
    return Plan(before, steps, after, (*lock_left_behind(before), *warnings))


def _plan_rewrite(desired: DesiredObject, before: ObjectState, reading: ObjectReading) -> ObjectPlan:
    """Read the object, and write it under another encryption, where S3 cannot do that by a copy. Its lock stays."""
    require_no_update(desired, before)
    require_readable(before.bucket, before.key, before.archive, "encrypted again")
    encryption = _with_server_side_of(before.encryption, desired.encryption)
    plan = _plan_upload(replace(desired, encryption=encryption, content=own_content(before)), reading)
    steps = tuple(_with_lock(step, before) for step in plan.steps)
    after = _unmeasured(plan.after, before)
    after = replace(after, lock=before.lock) if after else None
    return replace(plan, steps=steps, after=after, warnings=plan.warnings[len(lock_left_behind(before)) :])


def _with_server_side_of(actual: ObjectEncryption, desired: DesiredEncryption) -> DesiredEncryption:
    """The desired encryption, with the current one of the ciphertext by S3, because omitted means keep."""
    is_kept = actual.client_side is not None and desired.kind.is_client_side and desired.server_side is None
    if not is_kept or find_kind(actual.server_side.type).key_in_requests:
        return desired
    kept = _current_encryption(actual.server_side, DesiredEncryption(), None)
    return replace(desired, server_side=kept.with_current_values(actual.server_side))


def _with_lock(step: ObjectStep, before: ObjectState) -> ObjectStep:
    upload = as_upload(step)
    return replace(upload, rewrites=True, lock=before.lock) if upload else step


def _plan_change(desired: DesiredObject, before: ObjectState, reading: ObjectReading) -> ObjectPlan:
    """Keep the content, and change the rest: only tags, only the encryption in place, or all by a copy onto itself."""
    if needs_rewrite(desired.encryption, before, reading.opened):
        return _plan_rewrite(desired, before, reading)
    envelope = plan_envelope(desired, before, reading)
    steps: list[ObjectStep] = list(envelope.steps)
    after = before if envelope.expected is before.encryption else replace(before, encryption=envelope.expected)
    if not envelope.needs_copy and _updates_in_place(desired, before, reading):
        update, after = _plan_update(desired, before, after)
        steps.insert(0, update)  # first, because S3 may refuse it, and then the object is copied instead
    elif envelope.needs_copy or not _is_server_side_satisfied(desired, before) or _changes_properties(desired, before):
        copy, after = _plan_copy(desired, before, after, reading.decrypted_with, envelope)
        steps.append(copy)
    if desired.tags is not None:
        tags = _merged_tags(desired, before)
        if tags != (before.tags or ()):
            steps.append(PutObjectTagging(tags))
        after = replace(after, tags=tags, tag_count=len(tags))
    return Plan(
        before, tuple(steps), after, (*envelope.warnings, *change_warnings(before, after, reading.implicit_defaults))
    )


def _written_properties(desired: DesiredObject, before: ObjectState | None) -> Properties:
    """The properties of new content: those of the task, and for the rest those of the object, or of what is copied."""
    if before:
        kept = before.properties
    elif desired.copied_from:
        kept = desired.copied_from.properties
    else:
        kept = Properties(content_type=desired.new_content_type)
    return desired.properties.merged_with(kept)


def _merged_tags(desired: DesiredObject, before: ObjectState | None) -> Tags:
    """The tags after the run; raises OperationError if the task adds more than an object can have."""
    kept = before or (desired.copied_from.state if desired.copied_from else None)
    tags = merge_tags((kept.tags if kept else None) or (), desired.tags, desired.purge_tags)
    if desired.tags is not None:
        require_few_tags(tags, f"With those that are kept, {desired.bucket}/{desired.key} would have")
    return tags


def _changes_properties(desired: DesiredObject, before: ObjectState) -> bool:
    return desired.properties.merged_with(before.properties) != before.properties


def _updates_in_place(desired: DesiredObject, before: ObjectState, reading: ObjectReading) -> bool:
    """Whether the encryption by S3 differs and is changed in place. Raises OperationError if only that is desired, and
    impossible."""
    if _is_server_side_satisfied(desired, before):
        return False
    kept = desired.encryption.of_server_side.with_current_values(before.encryption.server_side)
    changes_properties, is_locked = _changes_properties(desired, before), before.lock is not None
    change = Change(before.encryption.server_side, kept, changes_properties, is_locked, reading.bucket_owner)
    if can_update_in_place(change, desired.change_method, reading.in_place):
        return True
    if desired.change_method is not ChangeMethod.UPDATE:
        return False
    if reason := in_place_blocker(change):
        raise refused_change(before, f"cannot be encrypted in place: {reason}", "Set change_method: auto, or copy.")
    raise OperationError(
        Failure(
            FailureKind.UNSUPPORTED,
            "The installed boto3 does not support UpdateObjectEncryption.",
            "Install a newer boto3 on the host that runs the task, or set change_method: auto.",
            "s3:UpdateObjectEncryption",
            before.name,
        )
    )


def _is_server_side_satisfied(desired: DesiredObject, before: ObjectState) -> bool:
    return desired.encryption.of_server_side.is_satisfied_by(before.encryption.server_side)


def _plan_update(
    desired: DesiredObject, before: ObjectState, after: ObjectState
) -> tuple[UpdateObjectEncryption, ObjectState]:
    """Change in place. A bucket key that is not named is kept, and is off for an object that has none."""
    actual = before.encryption.server_side
    kept = desired.encryption.of_server_side.with_current_values(actual)
    kept = replace(kept, bucket_key_enabled=bool(kept.bucket_key_enabled))
    # The version `null` has no id in the state. Without it, the request would change the current version.
    step = UpdateObjectEncryption(kept, desired.version_id or before.version_id)
    expected = after.encryption.with_server_side(kept.expected_after_write(actual))
    return step, replace(after, encryption=expected)


def _plan_copy(
    desired: DesiredObject,
    before: ObjectState,
    after: ObjectState,
    decrypted_with: CustomerKey | None,
    envelope: EnvelopeChange,
) -> tuple[CopyObject, ObjectState]:
    """Copy the object onto itself, naming everything that S3 does not copy by itself.

    The fields of client-side encryption stay in its metadata, unless the envelope is to be written again.
    """
    require_readable(before.bucket, before.key, before.archive, "copied")
    properties = desired.properties.merged_with(before.properties)
    actual, wanted = before.encryption.server_side, desired.encryption.of_server_side
    if wanted.is_satisfied_by(actual):
        wanted = _current_encryption(actual, wanted, decrypted_with)
    step = CopyObject(
        properties,
        properties != before.properties or envelope.needs_copy,
        wanted.with_current_values(actual),
        decrypted_with,
        before.etag or "",
        before.lock,
    )
    step = replace(step, envelope_fields=envelope.envelope_fields, rewrap=envelope.rewrap)
    return step, replace(
        after,
        version_id=None,
        etag=None,
        last_modified=None,
        properties=properties,
        encryption=after.encryption.with_server_side(wanted.expected_after_write(actual)),
        checksums=tuple(copied_checksum(checksum) for checksum in before.checksums),
    )


def _current_encryption(
    actual: ObjectEncryption, desired: DesiredEncryption, decrypted_with: CustomerKey | None
) -> DesiredEncryption:
    """The current encryption by S3, named in full, because S3 does not copy it from the source."""
    kind = find_kind(actual.type)
    if not kind.choosable:
        return desired
    return DesiredEncryption(
        kind,
        actual.kms_key_arn,
        encryption_context=desired.encryption_context,
        customer_key=decrypted_with,
    )

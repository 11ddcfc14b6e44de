# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Whether a write succeeded: although its response was lost, or although the store accepted it and did not apply it.

The SDK repeats a request whose response is lost. If the first attempt succeeded, a conditional write then fails,
because the object has changed, as after a write by another client. So the current state has to decide.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...model.errors import Failure, FailureKind, OperationError, Reason, assert_never
from ...model.objects.encoded_words import in_reported_words
from ...model.objects.object_state import DEFAULT_STORAGE_CLASS, ObjectId, ObjectState, Properties
from ...model.objects.object_steps import (
    CopyObject,
    DeleteInstructionFile,
    DeleteObject,
    ObjectStep,
    PutInstructionFile,
    PutObject,
    PutObjectTagging,
    UpdateObjectEncryption,
    WriteCustomerKeyFile,
    as_write,
)
from ...model.objects.write_answer import lacks_kms_key

if TYPE_CHECKING:
    from ...aws.objects.ports import InstructionFilePort, ObjectPort
    from ...model.kinds.encryption import DesiredEncryption, ObjectEncryption
    from ...model.secret import CustomerKey


@dataclass(frozen=True)
class Written:
    """A step as it was sent, and the object before it.

    `has_desired_content` compares the content with that of the task, if checksums do not decide.
    """

    step: ObjectStep
    before: ObjectState | None
    has_desired_content: Callable[[ObjectState, CustomerKey | None], bool] | None = None


def was_applied(s3: ObjectPort, files: InstructionFilePort, target: ObjectId, written: Written) -> bool:
    """Whether the current state is what the step makes of the object before it; False if it cannot be read."""
    step, before, has_desired_content = written.step, written.before, written.has_desired_content
    try:
        match step:
            case PutObject():
                key = step.encryption.request_key
                now = s3.head_object(target, key)
                if s3.sends_checksums and s3.reads_checksums:
                    has_desired_content = None
                return _is_uploaded(step, now, key, has_desired_content)
            case CopyObject():
                key = step.encryption.request_key
                now = s3.head_object(target, key)
                copied = step.source.state if step.source else before
                return copied is not None and _is_copied(step, copied, now, key, has_desired_content)
            case UpdateObjectEncryption():
                now = s3.head_object(target._replace(version_id=step.version_id), None)
                return step.encryption.is_satisfied_by(now.encryption)
            case PutObjectTagging():
                return s3.get_object_tagging(target) == step.tags
            case DeleteObject():
                return _is_deleted(s3, target)
            case PutInstructionFile():
                found = files.get_instruction_file(target)
                return found is not None and found.body == step.body
            case DeleteInstructionFile():
                return files.get_instruction_file(target) is None
            case WriteCustomerKeyFile():  # the result of a local write is never lost
                return False
            case _:
                assert_never(step)
    except OperationError:
        return False


def as_conflict(failure: Failure, step: ObjectStep) -> Failure:
    """A conditional write that finds no object is a conflict: another client has deleted it since it was read."""
    write = as_write(step)
    if failure.reason is not Reason.OBJECT_NOT_FOUND or write is None:
        return failure
    if write.if_match is None and write.source is None:
        return failure
    conflict = replace(failure, kind=FailureKind.CONFLICT)
    what = f"The object or its source {write.source.id.name}" if write.source else "The object"
    return conflict.with_advice(f"{what} was deleted by another client during the run: run the task again.")


def _is_uploaded(
    step: PutObject,
    now: ObjectState,
    key: CustomerKey | None,
    has_desired_content: Callable[[ObjectState, CustomerKey | None], bool] | None,
) -> bool:
    """Whether an upload was applied, by the checksum; or by the content, if it is to be compared."""
    if not step.encryption.of_server_side.is_satisfied_by(now.encryption) or not _has(step.properties, now):
        return False
    if step.sealing:  # the message id in these fields is random, so no other client has written them
        return step.envelope_fields == now.envelope_fields and step.content.size == now.size
    if has_desired_content:
        return has_desired_content(now, key)
    return step.content.checksum in now.checksums


def _is_copied(
    step: CopyObject,
    copied: ObjectState,
    now: ObjectState,
    key: CustomerKey | None,
    has_desired_content: Callable[[ObjectState, CustomerKey | None], bool] | None,
) -> bool:
    same = same_checksums(copied, now)
    if same is None:
        same = has_desired_content is None or has_desired_content(now, key)
    return (
        same
        and step.encryption.is_satisfied_by(now.encryption)
        and _has(step.properties, now)
        and step.envelope_fields == now.envelope_fields
        and step.lock in (None, now.lock)
        and now.size == copied.size
    )


def _has(properties: Properties, now: ObjectState) -> bool:
    """Whether the object has all properties of a write, and no others. S3 chooses a content type if there is none."""
    written = replace(
        properties,
        content_type=properties.content_type or now.properties.content_type,
        metadata=in_reported_words(properties.metadata or (), now.properties.metadata or ()),
        storage_class=properties.storage_class or DEFAULT_STORAGE_CLASS,
    )
    return written == replace(now.properties, metadata=now.properties.metadata or ())


def same_checksums(before: ObjectState, now: ObjectState) -> bool | None:
    """Whether a copy has the checksum of its source. None: unknown, as a copy replaces a composite checksum."""
    known = {checksum.algorithm: checksum.value for checksum in before.checksums if checksum.full_object}
    shared = [checksum for checksum in now.checksums if checksum.full_object and checksum.algorithm in known]
    return all(known[checksum.algorithm] == checksum.value for checksum in shared) if shared else None


def _is_deleted(s3: ObjectPort, target: ObjectId) -> bool:
    try:
        s3.head_object(target, None)
    except OperationError as error:
        return error.failure.reason is Reason.UNEXPLAINED_ABSENCE
    return False


def require_as_planned(planned: ObjectState, found: ObjectState, desired: DesiredEncryption) -> None:
    """Raise OperationError where the store did not apply the encryption, or did not lock a copy."""
    name = planned.name
    require_key_reported(found)
    planned_by_s3, found_by_s3 = planned.encryption.server_side, found.encryption.server_side
    if planned_by_s3.type and not desired.of_server_side.is_satisfied_by(found_by_s3):
        raise OperationError(
            Failure(
                FailureKind.UNVERIFIED,
                f"{name} was written as {_in_words(planned_by_s3)}, but is reported as {_in_words(found_by_s3)}.",
                "The store at this endpoint does not apply this encryption; the object is not protected by it.",
                resource=name,
            )
        )
    if planned.lock and not (found.lock and found.lock.is_at_least(planned.lock)):
        reported = f"with {found.lock.describe()}" if found.lock else "without a lock"
        raise OperationError(
            Failure(
                FailureKind.UNVERIFIED,
                f"The copy of {name} should have the lock of the object ({planned.lock.describe()}), but is reported "
                f"{reported}.",
                "The store at this endpoint does not keep the lock of an object that is copied: lock the object again.",
                resource=name,
            )
        )


def require_key_reported(found: ObjectState) -> None:
    """Raise OperationError for an object that is reported under a KMS key without the key, which AWS always names.

    SeaweedFS without a KMS does that, and cannot decrypt the object any more.
    """
    if lacks_kms_key(found.encryption.server_side):
        raise OperationError(
            Failure(
                FailureKind.UNVERIFIED,
                f"{found.name} is reported as {found.encryption.type} without a KMS key.",
                "The store at this endpoint may have no KMS: the object may be unencrypted or unreadable. Read it, and "
                "choose another encryption at this endpoint.",
                resource=found.name,
            )
        )


def require_unmoved(planned: ObjectState, found: ObjectState) -> None:
    """Raise OperationError where a change in place changed more than the encryption.

    S3 keeps ETag, size and LastModified. A store that does not know the request overwrites the object with it.
    """
    names = [name for name in ("etag", "size", "last_modified") if getattr(planned, name) != getattr(found, name)]
    if not names:
        return
    version = f" Its previous content is in the version {planned.version_id}." if planned.version_id else ""
    raise OperationError(
        Failure(
            FailureKind.UNVERIFIED,
            f"UpdateObjectEncryption changed more than the encryption of {planned.name}: "
            f"{' and '.join(names)} changed. The store treated the request as an upload and overwrote the object with "
            f"it, or another client wrote the object at the same moment.{version}",
            "Check the object, restore it if it was overwritten, and do not use change_method: update at this "
            "endpoint.",
            resource=planned.name,
        )
    )


def _in_words(encryption: ObjectEncryption) -> str:
    """An encryption with everything in which two of the same type can differ."""
    parts = [
        str(encryption.type),
        f"with the key {encryption.kms_key_arn}" if encryption.kms_key_arn else "",
        "with a bucket key" if encryption.bucket_key_enabled else "",
        f"with the customer key whose MD5 is {encryption.customer_key_md5}" if encryption.customer_key_md5 else "",
    ]
    return " ".join(filter(None, parts))

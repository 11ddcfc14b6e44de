# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The part of a plan that is about client-side encryption: what is sealed, and what becomes of the envelope.

An object is never less readable than before: a complete envelope in the metadata counts, so that an instruction file is
written before the object that needs it, is replaced by the same data key only, and is deleted last.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..envelope import EnvelopePlace, Format, KeyWrap, Texts, ciphertext_size, require_encryptable
from ..errors import OperationError, assert_never, invalid_input
from ..kinds.encryption import DesiredEncryption, ObjectEncryption
from ..kinds.kind import Kind
from ..kinds.registry import find_kind
from .change_method import ChangeMethod
from .client_side_steps import (
    not_encrypted,
)
from .desired_object import Content, DesiredObject, ObjectReading
from .envelope_fields import CONTENT_FIELDS_V3
from .object_state import Checksum, ObjectState
from .object_steps import (
    DeleteInstructionFile,
    ObjectStep,
    PutInstructionFile,
    PutObject,
)
from .sealing import FoundFile, OpenedKey, Rewrap, Sealing

# A checksum that is known only once the content is encrypted, or read.
_UNKNOWN = Checksum("", "", full_object=True)


@dataclass(frozen=True, slots=True)
class Sealed:
    """The steps of an upload, of which `step` uploads the content, and the encryption that they make."""

    steps: tuple[ObjectStep, ...]
    step: PutObject
    encryption: DesiredEncryption
    warnings: tuple[str, ...] = ()

    def expected(self, size: int) -> ObjectEncryption:
        """What is reported after the upload of a content of this size."""
        return with_plaintext_size(self.encryption.kind.expected_after_write(self.encryption), size)


@dataclass(frozen=True, slots=True)
class EnvelopeChange:
    """The steps that write the instruction file, and the encryption after the change.

    With `needs_copy`, the metadata changes: a copy writes these `envelope_fields`, or (`rewrap`) those that it makes.
    """

    expected: ObjectEncryption
    steps: tuple[ObjectStep, ...] = ()
    envelope_fields: Texts = ()
    rewrap: Rewrap | None = None
    needs_copy: bool = False
    warnings: tuple[str, ...] = ()


def needs_rewrite(desired: DesiredEncryption, before: ObjectState, opened: OpenedKey | None) -> bool:
    """Whether the encryption of an existing content can only be changed by reading it and writing it again.

    The data key is kept only in V3, which commits to it.
    """
    kind, envelope = desired.kind, before.envelope
    if kind.defers_to_bucket:
        return False
    if not kind.is_client_side or envelope is None:
        return kind.is_client_side or envelope is not None
    if kind.is_satisfied(replace(desired, server_side=None), before.encryption):
        return False
    return envelope.format is not Format.V3 or opened is None


def is_padded(before: ObjectState) -> bool:
    """Whether the ciphertext does not show the size of its plaintext."""
    found = before.encryption.client_side
    return found is not None and found.plaintext_size is None


def own_content(before: ObjectState) -> Content:
    """The content of an object that is written again. Under CBC, its size is an estimate until it has been read."""
    found = before.encryption.client_side
    size = before.size if found is None else found.plaintext_size
    return Content((before.size or 0) if size is None else size, _UNKNOWN)


def seal(step: PutObject, reading: ObjectReading, resource: str) -> Sealed:
    """The steps of an upload to `resource` whose content is encrypted first. Without `envelope`, the data key is new.

    Raises OperationError for a content that is larger than one message of AES-GCM.
    """
    size = step.content.size
    require_encryptable(size)
    encryption = replace(step.encryption, envelope=step.encryption.envelope or EnvelopePlace.METADATA)
    if encryption.envelope is EnvelopePlace.INSTRUCTION_FILE and reading.found_file:
        encryption = _with_key_of_file(encryption, reading.found_file)
    require_key(encryption, resource)
    content = Content(ciphertext_size(Format.V3, size), _UNKNOWN)
    step = replace(step, content=content)
    match encryption.envelope:
        case EnvelopePlace.METADATA | None:
            sealing = Sealing(EnvelopePlace.METADATA)
            return _sealed((), step, encryption, sealing, file_left_behind(reading.object))
        case EnvelopePlace.INSTRUCTION_FILE:
            return _seal_with_file(step, encryption, reading)
        case _:
            assert_never(encryption.envelope)


def _seal_with_file(step: PutObject, encryption: DesiredEncryption, reading: ObjectReading) -> Sealed:
    """With a new instruction file, or with the data key of the one that is there already.

    A file that the object does not need yet is written again also under the same key: another client that deletes it at
    this moment has the condition that it has not changed. With a file that the object needs, the condition on the
    object does the same.
    """
    found = reading.found_file
    if found is None:
        return _sealed((PutInstructionFile(encryption),), step, encryption, Sealing(EnvelopePlace.INSTRUCTION_FILE))
    if found.opened is None or found.envelope is None:
        encryption = replace(encryption, envelope=EnvelopePlace.METADATA)
        return _sealed((), step, encryption, Sealing(EnvelopePlace.METADATA), (not_kept(found.problem),))
    sealing = Sealing(EnvelopePlace.INSTRUCTION_FILE, found.opened)
    is_needed = reading.object is not None and reading.object.needs_file
    stays = is_needed and is_wrapped_as(encryption, found)
    files = () if stays else (_rewrapped(encryption, found, found.opened),)
    return _sealed(files, step, encryption, sealing)


def _sealed(
    files: tuple[ObjectStep, ...],
    step: PutObject,
    encryption: DesiredEncryption,
    sealing: Sealing,
    warnings: tuple[str, ...] = (),
) -> Sealed:
    step = replace(step, encryption=encryption, sealing=sealing)
    return Sealed((*files, step), step, encryption, warnings)


def _with_key_of_file(encryption: DesiredEncryption, found: FoundFile) -> DesiredEncryption:
    """The encryption, with KMS key and context of the instruction file for what is not named."""
    if found.opened is None or found.envelope is None or found.envelope.wrap is not encryption.kind.wraps[0]:
        return encryption
    return replace(
        encryption,
        kms_key_arn=encryption.kms_key_arn or found.opened.kms_key_arn,
        encryption_context=encryption.encryption_context or found.envelope.named_context,
    )


def require_key(encryption: DesiredEncryption, resource: str) -> None:
    """Raise OperationError if nothing encrypts a data key: the kind has no way, or no KMS key is named or kept."""
    wrap = encryption.kind.wraps[0]
    match wrap:
        case KeyWrap.KMS_CONTEXT:
            if encryption.kms_key_arn is None:
                raise invalid_input(
                    f"encryption: {encryption.kind.name} needs a KMS key for a new data key.",
                    "Name it in kms_key. Only S3 can use the AWS managed key alias/aws/s3, so it is no choice here.",
                )
        case KeyWrap.AES_GCM:  # the options require the customer key
            pass
        case KeyWrap.KMS | KeyWrap.AES_KEY_WRAP | KeyWrap.AES_ECB | KeyWrap.RSA:
            raise not_encrypted(encryption.kind, resource)
        case _:
            assert_never(wrap)


def plan_envelope(desired: DesiredObject, before: ObjectState, reading: ObjectReading) -> EnvelopeChange:
    """The envelope of a content that stays: the same data key, under the desired key and at the desired place."""
    kind, envelope, opened = desired.encryption.kind, before.envelope, reading.opened
    unchanged = EnvelopeChange(before.encryption, envelope_fields=before.envelope_fields)
    if not kind.is_client_side or envelope is None:
        return unchanged
    wanted = replace(desired.encryption, server_side=None)
    if _file_blocks(wanted, before, reading):
        wanted = replace(wanted, envelope=EnvelopePlace.METADATA)
        problem = reading.found_file.problem if reading.found_file else ""
        unchanged = replace(unchanged, warnings=(not_kept(problem or _OTHER_DATA_KEY),))
    if kind.is_satisfied(wanted, before.encryption) or opened is None:
        return unchanged
    place = wanted.envelope or envelope.place
    kept = replace(wanted.with_current_values(before.encryption), envelope=place)
    require_key(kept, before.name)
    same_key = kind.is_satisfied(replace(wanted, envelope=None), before.encryption)
    rewrap = Rewrap(envelope, opened, place, None if same_key else kept)
    change = replace(unchanged, expected=expected_after_rewrap(kept, before.encryption))
    if envelope.place is place is EnvelopePlace.INSTRUCTION_FILE:
        file = before.instruction_file
        by_s3 = _kept_by_s3(file.encryption if file else before.encryption.server_side)
        kept = replace(kept, server_side=desired.encryption.server_side or by_s3)
        return replace(change, steps=(PutInstructionFile(kept, file.etag if file else None, rewrap),))
    require_no_update(desired, before)
    match place:
        case EnvelopePlace.METADATA:
            warnings = (*change.warnings, *file_left_behind(before))
            return replace(change, rewrap=rewrap, needs_copy=True, warnings=warnings)
        case EnvelopePlace.INSTRUCTION_FILE:
            fields = tuple((name, value) for name, value in before.envelope_fields if name in CONTENT_FIELDS_V3)
            by_s3 = _kept_by_s3(before.encryption.server_side)
            kept = replace(kept, server_side=desired.encryption.server_side or by_s3)
            files = _moved_to_file(kept, rewrap, reading.found_file)
            return replace(change, steps=files, envelope_fields=fields, needs_copy=True)
        case _:
            assert_never(place)


def _kept_by_s3(actual: ObjectEncryption) -> DesiredEncryption | None:
    """The encryption of an instruction file by S3, named in full, as each write resets it. None: it cannot be named."""
    kind = find_kind(actual.type)
    if not kind.choosable or kind.key_in_requests:
        return None
    bucket_key = actual.bucket_key_enabled if kind.accepts("bucket_key_enabled") else None
    return DesiredEncryption(kind, actual.kms_key_arn, bucket_key)


def expected_after_rewrap(kept: DesiredEncryption, actual: ObjectEncryption) -> ObjectEncryption:
    """What is reported after the data key is encrypted again. Content and server-side encryption stay."""
    size = actual.client_side.plaintext_size if actual.client_side else None
    return with_plaintext_size(kept.kind.expected_after_write(kept), size).with_server_side(actual.server_side)


def _moved_to_file(kept: DesiredEncryption, rewrap: Rewrap, file: FoundFile | None) -> tuple[ObjectStep, ...]:
    """The step that writes the instruction file of an envelope that moves there, unless an earlier run did so."""
    if file and is_wrapped_as(kept, file):
        return ()
    return (PutInstructionFile(kept, file.file.etag if file else None, rewrap),)


_OTHER_DATA_KEY = "it has another data key than the object"


def _file_blocks(wanted: DesiredEncryption, before: ObjectState, reading: ObjectReading) -> bool:
    """Whether the envelope is to move to an instruction file, and there is one already with another data key."""
    file, envelope = reading.found_file, before.envelope
    if wanted.envelope is not EnvelopePlace.INSTRUCTION_FILE or file is None or envelope is None:
        return False
    if envelope.place is EnvelopePlace.INSTRUCTION_FILE:
        return False
    return file.opened is None or reading.opened is None or file.opened.data_key != reading.opened.data_key


def is_wrapped_as(encryption: DesiredEncryption, found: FoundFile) -> bool:
    """Whether the instruction file has its data key under the desired key and context already."""
    if found.opened is None or found.envelope is None:
        return False
    kind, opened = encryption.kind, found.opened
    if found.envelope.wrap is not kind.wraps[0]:
        return False
    if encryption.customer_key is not None:
        return encryption.customer_key == opened.customer_key
    return (encryption.kms_key_arn, encryption.encryption_context) == (
        opened.kms_key_arn,
        found.envelope.named_context,
    )


def _rewrapped(encryption: DesiredEncryption, found: FoundFile, opened: OpenedKey) -> PutInstructionFile:
    if found.envelope is None:
        raise AssertionError("a data key is opened only where there is an envelope")
    rewrap = Rewrap(found.envelope, opened, EnvelopePlace.INSTRUCTION_FILE, encryption)
    named = encryption.server_side
    by_s3 = named if named and not named.kind.defers_to_bucket else _kept_by_s3(found.file.encryption)
    return PutInstructionFile(replace(encryption, server_side=by_s3), found.file.etag, rewrap)


def without_file(before: ObjectState | None, kind: Kind) -> tuple[ObjectStep, ...]:
    """The step that deletes the instruction file of an object that is no longer encrypted on the client side."""
    if before is None or not before.needs_file or kind.is_client_side:
        return ()
    return (delete_file_of(before),)


def delete_file_of(before: ObjectState) -> DeleteInstructionFile:
    """The step that deletes the instruction file of an object."""
    return DeleteInstructionFile(before.instruction_file.etag if before.instruction_file else None)


def file_left_behind(before: ObjectState | None) -> tuple[str, ...]:
    """A warning that an instruction file stays although the current object does not need it any more."""
    if before is None or not before.needs_file:
        return ()
    return (
        f"The instruction file of {before.key!r} stays, because versions of the object may need it. The object itself "
        "has its envelope in its metadata now.",
    )


def not_kept(problem: str) -> str:
    """A warning that the envelope is in the metadata, and not in the instruction file that exists already."""
    return (
        f"The envelope is in the metadata of the object, because the instruction file that exists already is not used: "
        f"{problem.removesuffix('.')}. Delete that file if no version of the object needs it, and run the task again."
    )


def require_no_update(desired: DesiredObject, before: ObjectState) -> None:
    """Raise OperationError if the object has to be written, and the task wants it to be changed in place."""
    if desired.change_method is ChangeMethod.UPDATE:
        raise refused_change(
            before,
            "cannot be encrypted in place: S3 does not see client-side encryption",
            "Set change_method: auto, or copy.",
        )


def with_plaintext_size(encryption: ObjectEncryption, size: int | None) -> ObjectEncryption:
    """The same, with the size of the plaintext, for client-side encryption."""
    found = encryption.client_side
    return replace(encryption, client_side=replace(found, plaintext_size=size)) if found else encryption


def refused_change(before: ObjectState, reason: str, advice: str) -> OperationError:
    """The exception for a change of an object that cannot be made."""
    message = f"The object {before.key!r} in the bucket {before.bucket} {reason}."
    return invalid_input(message, advice, resource=before.name)

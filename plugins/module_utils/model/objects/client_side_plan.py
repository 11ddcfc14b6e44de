# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The part of a plan that is about client-side encryption: what is sealed, and what becomes of the envelope.

An object is never less readable than before: a complete envelope in the metadata counts, so that an instruction file is
written before the object that needs it, is replaced by the same data key only, and is deleted last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ..envelope import LARGEST_PLAINTEXT, EnvelopePlace, Format, KeyWrap, ciphertext_size
from ..errors import OperationError, assert_never, invalid_input
from ..kinds.encryption import DesiredEncryption, ObjectEncryption
from ..kinds.kind import Kind
from .change_method import ChangeMethod
from .desired_object import Content, DesiredObject, ObjectReading
from .envelope_fields import CONTENT_FIELDS_V3
from .object_state import Checksum, ObjectState
from .object_steps import (
    CopyObject,
    DeleteInstructionFile,
    ObjectStep,
    PutInstructionFile,
    PutObject,
    not_encrypted,
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
    """The steps that write the instruction file, what a copy needs in addition, and the encryption after both."""

    expected: ObjectEncryption
    steps: tuple[ObjectStep, ...] = ()
    copy: Callable[[CopyObject], CopyObject] | None = None
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
    if size > LARGEST_PLAINTEXT:
        raise invalid_input(
            f"The content has {size} bytes, and client-side encryption is possible up to {LARGEST_PLAINTEXT} bytes "
            "(64 GiB less 32 bytes).",
            "Split the content into several objects, or choose server-side encryption.",
        )
    encryption = replace(step.encryption, envelope=step.encryption.envelope or EnvelopePlace.METADATA)
    if encryption.envelope is EnvelopePlace.INSTRUCTION_FILE and reading.found_file:
        encryption = _with_key_of_file(encryption, reading.found_file)
    _require_key(encryption, resource)
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
        return _sealed((), step, encryption, Sealing(EnvelopePlace.METADATA), (_not_kept(found.problem),))
    sealing = Sealing(EnvelopePlace.INSTRUCTION_FILE, found.opened)
    is_needed = reading.object is not None and reading.object.needs_file
    stays = is_needed and _is_wrapped_as(encryption, found)
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


def _require_key(encryption: DesiredEncryption, resource: str) -> None:
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
    encryption, envelope, opened = desired.encryption, before.envelope, reading.opened
    kind = encryption.kind
    if not kind.is_client_side or envelope is None:
        return EnvelopeChange(before.encryption)
    wanted = replace(encryption, server_side=None)
    warnings: tuple[str, ...] = ()
    if _file_blocks(wanted, before, reading):
        wanted = replace(wanted, envelope=EnvelopePlace.METADATA)
        warnings = (_not_kept((reading.found_file.problem if reading.found_file else "") or _OTHER_DATA_KEY),)
    if kind.is_satisfied(wanted, before.encryption) or opened is None:
        return EnvelopeChange(before.encryption, warnings=warnings)
    place = wanted.envelope or envelope.place
    kept = replace(wanted.with_current_values(before.encryption), envelope=place)
    _require_key(kept, before.name)
    same_key = kind.is_satisfied(replace(wanted, envelope=None), before.encryption)
    rewrap = Rewrap(envelope, opened, place, None if same_key else kept)
    found = before.encryption.client_side
    expected = with_plaintext_size(kind.expected_after_write(kept), found.plaintext_size if found else None)
    expected = expected.with_server_side(before.encryption.server_side)
    change = EnvelopeChange(expected, warnings=warnings)
    if place is EnvelopePlace.METADATA:
        require_no_update(desired, before)
        return replace(
            change,
            copy=lambda step: replace(step, rewrap=rewrap),
            warnings=(*warnings, *file_left_behind(before)),
        )
    if envelope.place is place:
        etag = before.instruction_file.etag if before.instruction_file else None
        return replace(change, steps=(PutInstructionFile(kept, etag, rewrap),))
    require_no_update(desired, before)
    fields = tuple((name, value) for name, value in before.envelope_fields if name in CONTENT_FIELDS_V3)
    file = reading.found_file
    is_there = file is not None and _is_wrapped_as(kept, file)
    write = PutInstructionFile(kept, file.file.etag if file else None, rewrap)
    return replace(change, steps=() if is_there else (write,), copy=lambda step: replace(step, envelope_fields=fields))


_OTHER_DATA_KEY = "it has another data key than the object"


def _file_blocks(wanted: DesiredEncryption, before: ObjectState, reading: ObjectReading) -> bool:
    """Whether the envelope is to move to an instruction file, and there is one already with another data key."""
    file, envelope = reading.found_file, before.envelope
    if wanted.envelope is not EnvelopePlace.INSTRUCTION_FILE or file is None or envelope is None:
        return False
    if envelope.place is EnvelopePlace.INSTRUCTION_FILE:
        return False
    return file.opened is None or reading.opened is None or file.opened.data_key != reading.opened.data_key


def _is_wrapped_as(encryption: DesiredEncryption, found: FoundFile) -> bool:
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
    return PutInstructionFile(encryption, found.file.etag, rewrap)


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


def _not_kept(problem: str) -> str:
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

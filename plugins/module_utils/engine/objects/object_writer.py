# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The calls of each step that changes an object."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from ...envelope.serializing import serialize_envelope
from ...model.envelope import Envelope, EnvelopePlace
from ...model.errors import Failure, FailureKind, OperationError, assert_never, invalid_input
from ...model.objects.client_side_steps import (
    require_encrypted,
)
from ...model.objects.copy_source import CopySource
from ...model.objects.desired_object import ObjectReading
from ...model.objects.object_state import Deleted
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
)
from ...model.objects.write_answer import WriteAnswer
from ..transfer.atomic_file import write_atomically
from ..transfer.content import Source
from .client_side.instruction_file_use import file_in_use, file_stays
from .client_side.sealing import SealedEnvelope, Sealer
from .content_upload import ContentUpload, Uploaded, copy_in_parts
from .object_access import ObjectAccess


@dataclass(frozen=True, slots=True)
class StepAnswer:
    """What a step returned: what was deleted, what the answer of an upload reports, and warnings about what is left.

    `sent` is the step as it was sent, once its content or its envelope is encrypted, and `failure` that of a request
    that may have been carried out. `sealed` is the envelope for new content, and `sample` a digest of its bytes.
    `unproven` says that the store accepted the step, and what shows that it did not carry it out.
    """

    deleted: Deleted | None = None
    written: WriteAnswer | None = None
    warnings: tuple[str, ...] = ()
    sent: ObjectStep | None = None
    sealed: SealedEnvelope | None = None
    sample: str | None = None
    failure: Failure | None = None
    unproven: Failure | None = None


@dataclass(frozen=True)
class ObjectWriter:
    """Carries out the steps for one object.

    `reading` is what the plan read, and `sealed` the envelope that an earlier step has made.
    """

    access: ObjectAccess
    upload: ContentUpload
    source: Source | None
    reading: ObjectReading
    sealed: SealedEnvelope | None

    def write(self, step: ObjectStep) -> StepAnswer:
        """Make the calls of one step, and return what their answers report, or the failure."""
        try:
            return self._write(step)
        except OperationError as error:
            return StepAnswer(failure=error.failure)

    def _write(self, step: ObjectStep) -> StepAnswer:
        s3, target = self.access.s3, self.access.target
        match step:
            case PutObject():
                return self._put(step)
            case CopyObject():
                return self._copy(step)
            case UpdateObjectEncryption():
                s3.update_object_encryption(target, step)
            case PutObjectTagging():
                s3.put_object_tagging(target, step.tags)
            case DeleteObject():
                return StepAnswer(s3.delete_object(target, step.if_match))
            case PutInstructionFile():
                return self._put_instruction_file(step)
            case DeleteInstructionFile():
                return self._delete_instruction_file(step)
            case WriteCustomerKeyFile():
                write_key_file(step)
            case _:
                assert_never(step)
        return StepAnswer()

    @property
    def _sealer(self) -> Sealer:
        return Sealer(self.access.client_side.data_keys, self.access.region)

    def _put(self, step: PutObject) -> StepAnswer:
        if step.rewrites:
            with self.upload.content_of(step.source or self._itself) as source:
                return self._put_content(step if step.sealing else self.upload.measured(step, source), source)
        if self.source is None:
            raise AssertionError("a content is uploaded only where the task names one")
        return self._put_content(step, self.source)

    @property
    def _itself(self) -> CopySource:
        """The object as it was read, for a content that is written again."""
        reading = self.reading
        if reading.object is None:
            raise AssertionError("only an existing object is written again")
        return CopySource(self.access.target, reading.object, reading.decrypted_with, reading.opened)

    def _put_content(self, step: PutObject, source: Source) -> StepAnswer:
        sealed = self._seal(step)
        done: Uploaded = self.upload.put(step, source, sealed)
        sample = done.sample
        if step.rewrites and sealed is None:
            sample = self.upload.sample(source, step.content.size)
        return StepAnswer(
            written=done.answer,
            warnings=done.warnings,
            sent=done.sent,
            sealed=sealed,
            sample=sample,
            failure=done.failure,
        )

    def _seal(self, step: PutObject) -> SealedEnvelope | None:
        """The envelope of an upload. Each upload has a new message id, also under a data key that is kept."""
        sealing = step.sealing
        if sealing is None:
            return None
        if sealing.kept:
            return self._sealer.envelope_with(sealing.kept, step.encryption)
        match sealing.place:
            case EnvelopePlace.METADATA:
                return self._sealer.new_envelope(step.encryption, sealing.place)
            case EnvelopePlace.INSTRUCTION_FILE:
                if self.sealed is None:
                    raise AssertionError("the instruction file is written before its object")
                return self.sealed
            case _:
                assert_never(sealing.place)

    def _copy(self, step: CopyObject) -> StepAnswer:
        if step.rewrap:
            fields, _file = serialize_envelope(self._sealer.rewrapped(step.rewrap))
            step = replace(step, envelope_fields=fields)
        require_encrypted(step, self.access.name)
        target = self.access.target
        try:
            if step.in_parts is None:
                self.access.s3.copy_object(target, step)
                return StepAnswer(sent=step)
            upload = self.upload
            warning = copy_in_parts(
                upload.multipart, target, step, step.in_parts, concurrency=upload.concurrency
            ).warning
        except OperationError as error:
            return StepAnswer(sent=step, failure=error.failure)
        return StepAnswer(warnings=(warning,) if warning else (), sent=step)

    def _put_instruction_file(self, step: PutInstructionFile) -> StepAnswer:
        is_new = not (step.rewrap or step.is_copy)
        sealed = self._sealer.new_envelope(step.encryption, EnvelopePlace.INSTRUCTION_FILE) if is_new else None
        step = replace(step, body=self._body_of_file(step, sealed))
        files, target = self.access.client_side.files, self.access.target
        try:
            files.put_instruction_file(
                target, step.body, if_match=step.if_match, encryption=step.encryption.of_server_side
            )
            unproven = self._unproven_file(step) if self.access.s3.custom_endpoint else None
        except OperationError as error:
            return StepAnswer(sent=step, sealed=sealed, failure=error.failure)
        return StepAnswer(sent=step, sealed=sealed, unproven=unproven)

    def _body_of_file(self, step: PutInstructionFile, sealed: SealedEnvelope | None) -> bytes:
        envelope: Envelope
        if step.is_copy:
            return step.body
        if step.rewrap:
            envelope = self._sealer.rewrapped(step.rewrap)
        elif sealed:
            envelope = sealed.envelope
        else:
            raise AssertionError("an instruction file has a new data key, or one that is encrypted again")
        body = serialize_envelope(envelope)[1]
        if body is None:
            raise AssertionError("an envelope in the metadata has no instruction file")
        return body

    def _unproven_file(self, step: PutInstructionFile) -> Failure | None:
        """A store other than AWS has to prove that it has the file: without it the object cannot be read."""
        found = self.access.client_side.files.get_instruction_file(self.access.target)
        if found and found.body == step.body:
            return None
        return Failure(
            FailureKind.UNVERIFIED,
            f"The instruction file of {self.access.name} was written, but the store returns another content.",
            "Do not use envelope: instruction_file at this endpoint.",
            resource=self.access.name,
        )

    def _delete_instruction_file(self, step: DeleteInstructionFile) -> StepAnswer:
        """Delete the file, unless another client has written the object or the file again since the plan."""
        files, target = self.access.client_side.files, self.access.target
        if step.after_object:
            needed = files.has_other_versions(target)
            if needed:
                raise file_in_use(target)
            if needed is None:
                return StepAnswer(warnings=file_stays(target, needed))
        if self.access.s3.custom_endpoint:  # not every store has a condition for a deletion
            current = files.get_instruction_file(target)
            if current and step.etag and current.etag != step.etag:
                raise file_in_use(target)
        files.delete_instruction_file(target, step.etag)
        return StepAnswer()


def write_key_file(step: WriteCustomerKeyFile) -> None:
    """Write a new customer key to its file. Raises OperationError if the file exists by now, or cannot be written."""
    content = (step.customer_key.base64.encode("ascii"), b"\n")
    try:
        write_atomically(Path(step.path), content, private=True, exclusive=True)
    except FileExistsError:
        message = f"customer_key_file {step.path} was created by another run meanwhile."
        raise OperationError(Failure(FailureKind.CONFLICT, message, "Run the task again, to use its key.")) from None
    except OSError as error:
        raise invalid_input(
            f"customer_key_file {step.path} cannot be written: {error.strerror or error}.",
            "Check the folder, its permissions and the free space.",
        ) from error

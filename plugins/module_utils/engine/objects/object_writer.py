# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The calls of each step that changes an object."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event

from ...aws.objects.ports import MultipartPort
from ...model.errors import Failure, FailureKind, OperationError, Reason, assert_never, invalid_input
from ...model.objects.object_state import Deleted, ObjectId
from ...model.objects.object_steps import (
    CopyObject,
    DeleteObject,
    InParts,
    ObjectStep,
    ObjectWrite,
    PutObject,
    PutObjectTagging,
    UpdateObjectEncryption,
    WriteCustomerKeyFile,
    require_encrypted,
)
from ...model.objects.parts import Part, SentPart
from ...model.objects.unfinished_upload import describe_unfinished
from ...model.objects.write_answer import WriteAnswer
from ..transfer.atomic_file import write_atomically
from ..transfer.content import Source
from ..transfer.multipart import MultipartUpload, Transferred, transfer
from ..transfer.upload_body import SourceReader, UploadAborted, open_source
from .object_access import ObjectAccess


@dataclass(frozen=True, slots=True)
class StepAnswer:
    """What a deletion deleted, what the answer of an upload reports, and warnings about what a step left behind."""

    deleted: Deleted | None = None
    written: WriteAnswer | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class ObjectWriter:
    """Carries out the steps for one object, with at most `concurrency` parts at a time."""

    access: ObjectAccess
    multipart: MultipartPort
    source: Source | None
    concurrency: int

    def write(self, step: ObjectStep) -> StepAnswer:
        """Make the calls of one step, and return what their answers report. Raises OperationError."""
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
                return StepAnswer(s3.delete_object(target))
            case WriteCustomerKeyFile():
                _write_key_file(step)
            case _:
                assert_never(step)
        return StepAnswer()

    def _put(self, step: PutObject) -> StepAnswer:
        require_encrypted(step.encryption, step.content, self.access.name)
        if self.source is None:
            raise AssertionError("a content is uploaded only where the task names one")
        target = self.access.target
        try:
            with open_source(self.source, step.content) as body:
                if step.in_parts is None:
                    written = self.access.s3.put_object(target, step, body.slice())
                    if not self.access.s3.sends_checksums:
                        _require_unchanged(body, self.access.name)
                    return StepAnswer(written=written)
                answer, warning = upload_in_parts(
                    self.multipart, target, step, step.in_parts, body, concurrency=self.concurrency
                )
                return StepAnswer(written=answer, warnings=(warning,) if warning else ())
        except UploadAborted as aborted:
            raise OperationError(aborted.failure) from aborted

    def _copy(self, step: CopyObject) -> StepAnswer:
        require_encrypted(step.encryption, None, self.access.name)
        target = self.access.target
        if step.in_parts is None:
            self.access.s3.copy_object(target, step)
            return StepAnswer()
        warning = copy_in_parts(self.multipart, target, step, step.in_parts, concurrency=self.concurrency).warning
        return StepAnswer(warnings=(warning,) if warning else ())


def _require_unchanged(body: SourceReader, name: str) -> None:
    """Raise OperationError if the file changed while it was sent without a checksum that S3 would have verified."""
    try:
        body.require_unchanged()
    except OperationError as error:
        raise OperationError(
            replace(
                error.failure,
                kind=FailureKind.UNVERIFIED,
                message=f"The file changed while it was uploaded to {name} without a checksum, so the object may have "
                "parts of both contents.",
                may_have_been_applied=True,
            )
        ) from error


def _write_key_file(step: WriteCustomerKeyFile) -> None:
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


# How often a part is read and sent. The SDK also retries each request.
ATTEMPTS = 3


def upload_in_parts(
    s3: MultipartPort,
    target: ObjectId,
    step: PutObject,
    in_parts: InParts,
    source: SourceReader,
    *,
    concurrency: int,
) -> Transferred:
    """Upload the content, or nothing if the file changes before the end.

    A part is read from the file while it is sent, so that the memory does not depend on the size of parts.
    """
    return transfer(
        _upload_of(s3, target, step, in_parts),
        in_parts.parts,
        lambda upload_id, part: _send(s3, target, step, source, upload_id, part),
        concurrency=concurrency,
        stop=source.stop.set,
        before_complete=source.require_unchanged,
    )


def copy_in_parts(
    s3: MultipartPort, target: ObjectId, step: CopyObject, in_parts: InParts, *, concurrency: int
) -> Transferred:
    """Copy the object onto itself, or change nothing if another client changes it before the end."""
    stopped = Event()

    def send(upload_id: str, part: Part) -> SentPart:
        if stopped.is_set():
            raise OperationError(Failure(FailureKind.FAILED, "The copy was stopped.", code="Stopped"))
        return s3.upload_part_copy(target, upload_id, part, step, in_parts)

    upload = _upload_of(s3, target, step, in_parts)
    return transfer(upload, in_parts.parts, send, concurrency=concurrency, stop=stopped.set)


def _upload_of(s3: MultipartPort, target: ObjectId, step: ObjectWrite, in_parts: InParts) -> MultipartUpload:
    return MultipartUpload(
        create=lambda: s3.create_multipart_upload(target, step, in_parts),
        complete=lambda upload_id, sent: s3.complete_multipart_upload(target, upload_id, step, in_parts, sent),
        abort=lambda upload_id: s3.abort_multipart_upload(target, upload_id),
        describe_unfinished=lambda: _describe_unfinished(s3, target),
        resource=target.name,
    )


def _describe_unfinished(s3: MultipartPort, target: ObjectId) -> str:
    try:
        return describe_unfinished(target.name, s3.list_unfinished_uploads(target))
    except OperationError as error:
        return (
            f"CreateMultipartUpload was sent again, so an unfinished upload of {target.name} may be left, and cost. "
            f"Whether there is one cannot be read: {error.failure.sentence()}"
        )


def _send(
    s3: MultipartPort, target: ObjectId, step: PutObject, source: SourceReader, upload_id: str, part: Part
) -> SentPart:
    """Send one part with its checksum. Each attempt reads it from the file again."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            checksum = source.checksum_of(part, step.content.checksum.algorithm)
            body = source.slice(part.start, part.size)
            return s3.upload_part(target, upload_id, part, body, checksum, step.encryption.request_key)
        except UploadAborted as aborted:
            raise OperationError(aborted.failure) from aborted
        except OperationError as error:
            if attempt == ATTEMPTS or not _can_be_retried(error.failure) or source.stop.is_set():
                raise
    raise AssertionError("unreachable")


def _can_be_retried(failure: Failure) -> bool:
    lost = failure.kind in (FailureKind.UNREACHABLE, FailureKind.THROTTLED)
    return lost or failure.may_have_been_applied or failure.reason is Reason.BODY_DAMAGED

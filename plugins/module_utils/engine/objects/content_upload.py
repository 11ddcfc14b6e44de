# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The upload of a content, in one request or in parts: as it is, encrypted first, or read from S3."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from ...envelope.content_cipher import ContentCipher
from ...envelope.serializing import serialize_envelope
from ...model.errors import Failure, FailureKind, OperationError, Reason
from ...model.objects.client_side_steps import (
    require_encrypted,
)
from ...model.objects.desired_object import Content
from ...model.objects.object_steps import (
    CopyObject,
    InParts,
    ObjectWrite,
    PutObject,
)
from ...model.objects.parts import Part, SentPart, split_into_parts
from ...model.objects.unfinished_upload import describe_unfinished
from ..transfer.encrypted_body import measure, open_encrypted
from ..transfer.encrypted_stream import EncryptedSource
from ..transfer.listed_file import source_changed
from ..transfer.multipart import MultipartUpload, Transferred, transfer
from ..transfer.upload_aborted import UploadAborted
from ..transfer.upload_body import SourceReader, open_source
from .comparison import StoredContent
from .object_fetch import ObjectFetch
from .stored_bytes import digest_of_source
from .temporary_copy import temporary_copy

if TYPE_CHECKING:
    from ...aws.objects.ports import MultipartPort
    from ...model.objects.copy_source import CopySource
    from ...model.objects.object_state import ObjectId
    from ...model.objects.write_answer import WriteAnswer
    from ..clock import Clock
    from ..transfer.content import Source
    from .client_side.sealing import SealedEnvelope
    from .object_access import ObjectAccess


@dataclass(frozen=True, slots=True)
class Uploaded:
    """An upload as it was sent, with the answer, or with the failure of the request that may have been carried out.

    `sample` is a digest of bytes that a store other than AWS has to prove.
    """

    sent: PutObject
    answer: WriteAnswer | None = None
    warnings: tuple[str, ...] = ()
    sample: str | None = None
    failure: Failure | None = None


@dataclass(frozen=True)
class ContentUpload:
    """Uploads contents of one object, in parts of `part_size` bytes, `concurrency` at a time."""

    access: ObjectAccess
    multipart: MultipartPort
    concurrency: int
    part_size: int
    clock: Clock

    def put(self, step: PutObject, source: Source, sealed: SealedEnvelope | None) -> Uploaded:
        """Upload a content. With `sealed`, it is encrypted before it is sent. Raises OperationError if nothing was."""
        try:
            if sealed:
                return self._put_sealed(step, source, sealed)
            require_encrypted(step, self.access.name)
            with open_source(source, step.content) as body:
                return self._send(step, body)
        except UploadAborted as aborted:
            raise OperationError(aborted.failure) from aborted

    @contextmanager
    def content_of(self, source: CopySource) -> Iterator[Source]:
        """The plaintext of an object, read once into a temporary file and verified."""
        state, s3 = source.state, self.access.s3
        cipher = (
            ContentCipher.open(state.envelope, source.opened.data_key) if state.envelope and source.opened else None
        )
        fetch = ObjectFetch(
            s3,
            source.id,
            source.decrypted_with,
            state,
            self.clock,
            self.part_size,
            self.concurrency,
            cipher=cipher,
        )
        stored = StoredContent(s3, source.id, source.decrypted_with, state)
        with temporary_copy(fetch, stored, Path(tempfile.gettempdir())) as content:
            yield content

    def measured(self, step: PutObject, source: Source) -> PutObject:
        """The step with size and checksum of a content that is read from S3, and is not encrypted."""
        content = source.describe(self.part_size)
        parts = split_into_parts(content.size, self.part_size)
        in_parts = InParts(parts, step.tags, content.checksum) if content.size > self.part_size else None
        return replace(step, content=content, in_parts=in_parts)

    def _put_sealed(self, step: PutObject, source: Source, sealed: SealedEnvelope) -> Uploaded:
        """Encrypt the content twice: for its checksums, and as it is sent, when it has to have the same ones."""
        cipher = sealed.cipher
        size = cipher.ciphertext_size(source.size())
        if size != step.content.size and not step.rewrites:
            raise OperationError(source_changed("The content"))
        measured = measure(source, cipher, self.part_size if size > self.part_size else max(size, 1))
        content = Content(measured.size, measured.checksum, encrypted_as=step.encryption.kind)
        in_parts = InParts(measured.parts, step.tags, measured.checksum) if size > self.part_size else None
        fields, _file = serialize_envelope(sealed.envelope)
        step = replace(step, content=content, in_parts=in_parts, envelope_fields=fields)
        require_encrypted(step, self.access.name)
        sample = self.sample(EncryptedSource(source, cipher), measured.size)
        with open_encrypted(source, cipher, measured) as body:
            return replace(self._send(step, body), sample=sample)

    def sample(self, source: Source | EncryptedSource, size: int) -> str | None:
        """A digest of what is sent to a store other than AWS, which may damage it."""
        return digest_of_source(source, size) if self.access.s3.custom_endpoint else None

    def _send(self, step: PutObject, body: SourceReader) -> Uploaded:
        target = self.access.target
        try:
            if step.in_parts is None:
                answer = self.access.s3.put_object(target, step, body.slice())
                if not self.access.s3.sends_checksums:
                    _require_unchanged(body, self.access.name)
                return Uploaded(step, answer)
            answer, warning = upload_in_parts(
                self.multipart, target, step, step.in_parts, body, concurrency=self.concurrency
            )
            return Uploaded(step, answer, (warning,) if warning else ())
        except OperationError as error:
            return Uploaded(step, failure=error.failure)


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
    """Let S3 copy an object in parts, or change nothing if another client changes it before the end."""
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

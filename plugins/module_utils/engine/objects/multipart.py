# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Objects that are too large for one request: uploaded, or copied onto themselves by S3, in parts."""

from __future__ import annotations

from threading import Event

from ...aws.objects.ports import MultipartPort
from ...model.errors import Failure, FailureKind, OperationError, Reason
from ...model.objects.object_id import ObjectId
from ...model.objects.object_steps import CopyObject, InParts, ObjectWrite, PutObject
from ...model.objects.parts import Part, SentPart
from ..transfer.content import digest_of_stream
from ..transfer.multipart import MultipartUpload, transfer
from ..transfer.upload_body import SourceReader, UploadAborted

# How often a part is read and sent, on top of the SDK's own retries of each request.
ATTEMPTS = 3


def upload_in_parts(
    s3: MultipartPort,
    target: ObjectId,
    step: PutObject,
    in_parts: InParts,
    source: SourceReader,
    *,
    concurrency: int,
) -> None:
    """Upload the content, if the file stays what it was until the end; otherwise nothing.

    A part is read from the file as it is sent, so that memory does not grow with the size of parts.
    """
    transfer(
        _upload_of(s3, target, step, in_parts),
        in_parts.parts,
        lambda upload_id, part: _send(s3, target, step, source, upload_id, part),
        concurrency=concurrency,
        stop=source.stop.set,
        before_complete=source.require_unchanged,
    )


def copy_in_parts(
    s3: MultipartPort, target: ObjectId, step: CopyObject, in_parts: InParts, *, concurrency: int
) -> None:
    """Copy the object onto itself, if it stays the one that was read until the end; otherwise nothing changes."""
    stopped = Event()

    def send(upload_id: str, part: Part) -> SentPart:
        if stopped.is_set():
            raise OperationError(Failure(FailureKind.FAILED, "The copy was given up.", code="Stopped"))
        return s3.upload_part_copy(target, upload_id, part, step, in_parts)

    upload = _upload_of(s3, target, step, in_parts)
    transfer(upload, in_parts.parts, send, concurrency=concurrency, stop=stopped.set)


def _upload_of(s3: MultipartPort, target: ObjectId, step: ObjectWrite, in_parts: InParts) -> MultipartUpload:
    return MultipartUpload(
        create=lambda: s3.create_multipart_upload(target, step, in_parts),
        complete=lambda upload_id, sent: s3.complete_multipart_upload(target, upload_id, step, in_parts, sent),
        abort=lambda upload_id: s3.abort_multipart_upload(target, upload_id),
        resource=f"{target.bucket}/{target.key}",
    )


def _send(
    s3: MultipartPort, target: ObjectId, step: PutObject, source: SourceReader, upload_id: str, part: Part
) -> SentPart:
    """One part with its checksum, read from the file again for every attempt."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            body = source.window(part.start, part.size)
            checksum = digest_of_stream(body, step.content.checksum.algorithm)
            body.seek(0)
            return s3.upload_part(target, upload_id, part, body, checksum, step.encryption.request_key)
        except UploadAborted as unsent:
            raise OperationError(unsent.failure) from unsent
        except OperationError as error:
            if attempt == ATTEMPTS or not _worth_another(error.failure) or source.stop.is_set():
                raise
    raise AssertionError("unreachable")


def _worth_another(failure: Failure) -> bool:
    lost = failure.kind in (FailureKind.UNREACHABLE, FailureKind.THROTTLED)
    return lost or failure.may_have_been_applied or failure.reason is Reason.BODY_DAMAGED

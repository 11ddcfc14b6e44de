# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Large content in parts, each read from the file as it is sent: memory does not grow with the parts' size."""

from __future__ import annotations

from ..aws.ports import MultipartPort, ObjectId, SentPart
from ..model.encrypted_object import InParts, PutObject
from ..model.errors import Failure, FailureKind, Reason, Refused
from ..model.parts import Part
from .content import digest_of_stream
from .multipart import transfer
from .source_window import OpenSource, Unsent

# How often a part is read and sent, on top of the SDK's own retries of each request.
ATTEMPTS = 3


def upload_in_parts(
    s3: MultipartPort,
    target: ObjectId,
    step: PutObject,
    in_parts: InParts,
    source: OpenSource,
    *,
    concurrency: int,
) -> None:
    """Upload the content, if the file stays what it was until the end; otherwise nothing."""
    transfer(
        s3,
        target,
        step,
        in_parts,
        lambda upload_id, part: _send(s3, target, step, source, upload_id, part),
        concurrency=concurrency,
        stop=source.stop.set,
        before_the_end=source.require_unchanged,
    )


def _send(
    s3: MultipartPort, target: ObjectId, step: PutObject, source: OpenSource, upload_id: str, part: Part
) -> SentPart:
    """One part with its checksum, read from the file again for every attempt."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            body = source.window(part.start, part.size)
            checksum = digest_of_stream(body, step.content.checksum.algorithm)
            body.seek(0)
            return s3.upload_part(target, upload_id, part, body, checksum, step.encryption.request_key)
        except Unsent as unsent:
            raise Refused(unsent.failure) from unsent
        except Refused as refused:
            if attempt == ATTEMPTS or not _worth_another(refused.failure) or source.stop.is_set():
                raise
    raise AssertionError("unreachable")


def _worth_another(failure: Failure) -> bool:
    lost = failure.kind in (FailureKind.UNREACHABLE, FailureKind.THROTTLED)
    return lost or failure.uncertain or failure.reason is Reason.BODY_DAMAGED

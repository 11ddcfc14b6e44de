# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A multipart upload from its beginning to its end: parts in flight, and given up where anything fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace

from ..aws.ports import MultipartPort, ObjectId, SentPart
from ..model.encrypted_object import InParts, ObjectWrite
from ..model.errors import Failure, FailureKind, Reason, Refused
from ..model.parts import Part

# Seconds to wait for the parts under way when an upload is given up. What S3 has not taken by then may stay behind.
PATIENCE = 20

Send = Callable[[str, Part], SentPart]


def transfer(
    s3: MultipartPort,
    target: ObjectId,
    step: ObjectWrite,
    in_parts: InParts,
    send: Send,
    *,
    concurrency: int,
    stop: Callable[[], None] = lambda: None,
    before_the_end: Callable[[], None] = lambda: None,
) -> None:
    """Write one object in parts, at most `concurrency` of them under way, or nothing at all.

    `stop` makes the parts under way end early, and `before_the_end` may still refuse the whole.
    """
    upload_id = s3.create_multipart_upload(target, step, in_parts)
    try:
        sent = send_all(in_parts.parts, lambda part: send(upload_id, part), concurrency, stop)
        before_the_end()
        _complete(s3, target, upload_id, step, in_parts, sent)
    except BaseException as error:
        _give_up(s3, target, upload_id, error)
        raise


def send_all(
    parts: Iterable[Part], send: Callable[[Part], SentPart], concurrency: int, stop: Callable[[], None]
) -> list[SentPart]:
    """Send the parts in their order, each as soon as one before it is done; raises what the first failure raised."""
    pool = ThreadPoolExecutor(concurrency)
    sent: list[SentPart] = []
    under_way: set[Future[SentPart]] = set()
    try:
        for part in parts:
            if len(under_way) >= concurrency:
                finished, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                sent += [future.result() for future in finished]
            under_way.add(pool.submit(send, part))
        while under_way:
            finished, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            sent += [future.result() for future in finished]
    except Refused as refused:
        _stop(under_way, stop)
        # Whether S3 has a part or not: there is no object without the last call.
        raise Refused(replace(refused.failure, uncertain=False)) from refused
    except BaseException:  # an interruption, too
        _stop(under_way, stop)
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return sent


def _stop(under_way: set[Future[SentPart]], stop: Callable[[], None]) -> None:
    stop()
    wait(under_way, timeout=PATIENCE)


def _complete(
    s3: MultipartPort, target: ObjectId, upload_id: str, step: ObjectWrite, in_parts: InParts, sent: list[SentPart]
) -> None:
    """CompleteMultipartUpload. Where its answer was lost, its repetition may be told that there is no such upload."""
    try:
        s3.complete_multipart_upload(target, upload_id, step, in_parts, sent)
    except Refused as refused:
        lost = refused.failure.uncertain or refused.failure.reason is Reason.UPLOAD_NOT_FOUND
        raise Refused(replace(refused.failure, uncertain=lost)) from refused


def _give_up(s3: MultipartPort, target: ObjectId, upload_id: str, error: BaseException) -> None:
    """AbortMultipartUpload; raises Refused with both causes where that fails, as the parts then stay and cost."""
    try:
        s3.abort_multipart_upload(target, upload_id)
    except Refused as refused:
        if refused.failure.reason is Reason.UPLOAD_NOT_FOUND:
            return
        first = error.failure if isinstance(error, Refused) else _interrupted(target)
        left = (
            f"The upload {upload_id} could not be aborted either: {refused.failure.message} The parts that S3 has of "
            "it stay, and cost, until AbortMultipartUpload or a lifecycle rule (AbortIncompleteMultipartUpload) "
            "removes them."
        )
        raise Refused(replace(first, message=f"{first.message} {left}")) from error


def _interrupted(target: ObjectId) -> Failure:
    return Failure(
        FailureKind.FAILED,
        f"The upload of {target.bucket}/{target.key} was interrupted.",
        "Run the task again.",
        resource=f"{target.bucket}/{target.key}",
        code="Interrupted",
    )

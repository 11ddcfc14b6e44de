# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A multipart upload from its beginning to its end: parts in flight, and given up where anything fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace

from ...model.errors import Failure, FailureKind, OperationError, Reason
from ...model.objects.parts import Part, SentPart

# Seconds to wait for the parts under way when an upload is given up. What S3 has not taken by then may stay behind.
PATIENCE = 20

Send = Callable[[str, Part], SentPart]


@dataclass(frozen=True)
class MultipartUpload:
    """The calls of one multipart upload, which know their object; `resource` names it to a person.

    `create` returns the id of the upload, which `complete` and `abort` take. Each raises OperationError.
    """

    create: Callable[[], str]
    complete: Callable[[str, list[SentPart]], None]
    abort: Callable[[str], None]
    resource: str


def transfer(
    upload: MultipartUpload,
    parts: Iterable[Part],
    send: Send,
    *,
    concurrency: int,
    stop: Callable[[], None] = lambda: None,
    before_the_end: Callable[[], None] = lambda: None,
) -> None:
    """Write one object in parts, at most `concurrency` of them under way, or nothing at all.

    `stop` makes the parts under way end early, and `before_the_end` may still refuse the whole.
    """
    upload_id = upload.create()
    try:
        sent = send_all(parts, lambda part: send(upload_id, part), concurrency, stop)
        before_the_end()
        _complete(upload, upload_id, sent)
    except BaseException as error:
        _give_up(upload, upload_id, error)
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
    except OperationError as error:
        _stop(under_way, stop)
        # Whether S3 has a part or not: there is no object without the last call.
        raise OperationError(replace(error.failure, may_have_been_applied=False)) from error
    except BaseException:  # an interruption, too
        _stop(under_way, stop)
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return sent


def _stop(under_way: set[Future[SentPart]], stop: Callable[[], None]) -> None:
    stop()
    wait(under_way, timeout=PATIENCE)


def _complete(upload: MultipartUpload, upload_id: str, sent: list[SentPart]) -> None:
    """CompleteMultipartUpload. Where its answer was lost, its repetition may be told that there is no such upload."""
    try:
        upload.complete(upload_id, sent)
    except OperationError as error:
        lost = error.failure.may_have_been_applied or error.failure.reason is Reason.UPLOAD_NOT_FOUND
        raise OperationError(replace(error.failure, may_have_been_applied=lost)) from error


def _give_up(upload: MultipartUpload, upload_id: str, cause: BaseException) -> None:
    """AbortMultipartUpload; raises OperationError with both causes where that fails, as the parts then stay and
    cost."""
    try:
        upload.abort(upload_id)
    except OperationError as error:
        if error.failure.reason is Reason.UPLOAD_NOT_FOUND:
            return
        first = cause.failure if isinstance(cause, OperationError) else _interrupted(upload.resource)
        left = (
            f"The upload {upload_id} could not be aborted either: {error.failure.message} The parts that S3 has of "
            "it stay, and cost, until AbortMultipartUpload or a lifecycle rule (AbortIncompleteMultipartUpload) "
            "removes them."
        )
        raise OperationError(replace(first, message=f"{first.message} {left}")) from cause


def _interrupted(resource: str) -> Failure:
    return Failure(
        FailureKind.FAILED,
        f"The upload of {resource} was interrupted.",
        "Run the task again.",
        resource=resource,
        code="Interrupted",
    )

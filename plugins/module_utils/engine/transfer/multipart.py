# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A multipart upload: several parts at a time, and aborted if anything fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from typing import NamedTuple

from ...model.errors import Failure, FailureKind, OperationError, Reason
from ...model.objects.parts import Part, SentPart
from ...model.objects.unfinished_upload import BegunUpload
from ...model.objects.write_answer import WriteAnswer
from .ordered_map import ordered_map

# How long running parts may take to end before an upload is aborted. A part that arrives at S3 after the abort may
# be kept, and costs. Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html
GRACE_SECONDS = 20

Send = Callable[[str, Part], SentPart]


@dataclass(frozen=True)
class MultipartUpload:
    """The calls of one multipart upload of one object. `resource` names the object in messages.

    `create` returns the id of the upload, which is passed to `complete` and `abort`. Each raises OperationError.
    `describe_unfinished` says which uploads of the object are unfinished; empty if there are none.
    """

    create: Callable[[], BegunUpload]
    complete: Callable[[str, list[SentPart]], WriteAnswer]
    abort: Callable[[str], None]
    describe_unfinished: Callable[[], str]
    resource: str


class Transferred(NamedTuple):
    """The answer of CompleteMultipartUpload, and a warning if an upload may be left; empty if there is none."""

    answer: WriteAnswer
    warning: str = ""


def transfer(
    upload: MultipartUpload,
    parts: Iterable[Part],
    send: Send,
    *,
    concurrency: int,
    stop: Callable[[], None] = lambda: None,
    before_complete: Callable[[], None] = lambda: None,
) -> Transferred:
    """Write one object in parts, at most `concurrency` of them at a time, or nothing at all.

    `stop` makes running parts end early. `before_complete` may still raise OperationError to refuse the upload.
    """
    upload_id, repeated = _begin(upload)
    try:
        try:
            sent = send_all(parts, lambda part: send(upload_id, part), concurrency, stop)
            before_complete()
            answer = _complete(upload, upload_id, sent)
        except BaseException as error:
            _abort(upload, upload_id, error)
            raise
    except OperationError as error:
        if not repeated:
            raise
        raise _with_unfinished(upload, error.failure) from error
    return Transferred(answer, upload.describe_unfinished() if repeated else "")


def _begin(upload: MultipartUpload) -> BegunUpload:
    """CreateMultipartUpload. If its answer is lost, no object is written, but an upload may be left."""
    try:
        return upload.create()
    except OperationError as error:
        if not error.failure.may_have_been_applied:
            raise
        raise _with_unfinished(upload, replace(error.failure, may_have_been_applied=False)) from error


def _with_unfinished(upload: MultipartUpload, failure: Failure) -> OperationError:
    return OperationError(replace(failure, message=f"{failure.message} {upload.describe_unfinished()}".rstrip()))


def send_all(
    parts: Iterable[Part], send: Callable[[Part], SentPart], concurrency: int, stop: Callable[[], None]
) -> list[SentPart]:
    """Send all parts. Raises the first failure, once the running parts have ended or their time is over."""
    sending = ordered_map(parts, lambda part, _goes_on: send(part), concurrency, stop=stop, grace_seconds=GRACE_SECONDS)
    try:
        with closing(sending):
            return list(sending)
    except OperationError as error:
        # Whether S3 has stored this part or not: without CompleteMultipartUpload there is no object.
        raise OperationError(replace(error.failure, may_have_been_applied=False)) from error


def _complete(upload: MultipartUpload, upload_id: str, sent: list[SentPart]) -> WriteAnswer:
    """CompleteMultipartUpload. If its response is lost, S3 answers its repetition with the same response.

    Another store may report that the upload no longer exists.
    Source: https://github.com/getmoto/moto/blob/master/tests/test_s3/test_s3_multipart.py
    (test_idempotent_multipart_upload, which was verified on AWS)
    """
    try:
        return upload.complete(upload_id, sent)
    except OperationError as error:
        lost = error.failure.may_have_been_applied or error.failure.reason is Reason.UPLOAD_NOT_FOUND
        raise OperationError(replace(error.failure, may_have_been_applied=lost)) from error


def _abort(upload: MultipartUpload, upload_id: str, cause: BaseException) -> None:
    """AbortMultipartUpload. Raises OperationError with both causes if it fails, as S3 then keeps and bills the
    parts."""
    try:
        upload.abort(upload_id)
    except OperationError as error:
        if error.failure.reason is Reason.UPLOAD_NOT_FOUND:
            return
        first = cause.failure if isinstance(cause, OperationError) else _interrupted(upload.resource)
        remains = (
            f"The upload {upload_id} could not be aborted either: {error.failure.message} The parts that S3 has of "
            "it stay, and cost, until AbortMultipartUpload or a lifecycle rule (AbortIncompleteMultipartUpload) "
            "removes them."
        )
        raise OperationError(replace(first, message=f"{first.message} {remains}")) from cause


def _interrupted(resource: str) -> Failure:
    return Failure(
        FailureKind.FAILED,
        f"The upload of {resource} was interrupted.",
        "Run the task again.",
        resource=resource,
        code="Interrupted",
    )

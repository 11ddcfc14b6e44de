# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The failed tasks of a job, as its report lists them.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-examples-reports.html
"""

from __future__ import annotations

import codecs
import csv
import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from ...model.arn import Arn
from ...model.batch_jobs.completion_report import FailedTask, ReportFile
from ...model.batch_jobs.job_state import JobState
from ...model.errors import Failure, FailureKind, OperationError
from ...model.objects.object_state import ObjectId

if TYPE_CHECKING:
    from ...aws.objects.ports import ObjectPort

_CHUNK = 256 * 1024
_COLUMNS = 7


def read_failed_tasks(s3: ObjectPort, job: JobState) -> Iterator[FailedTask]:
    """The failed tasks of a job that has ended, in bounded memory. Raises OperationError."""
    if job.report is None:
        return
    bucket, text, key = _read_manifest(s3, job, *job.report)
    for file in _files(text, bucket, key):
        yield from _tasks(s3, file)


def report_address(job: JobState) -> str:
    """The address of the report of a job; empty if it has none."""
    if job.report is None:
        return ""
    return f"s3://{Arn.parse(job.report[0]).resource}/{_keys_of_manifest(job, job.report[1])[0]}"


def _read_manifest(s3: ObjectPort, job: JobState, bucket_arn: str, prefix: str) -> tuple[str, bytes, str]:
    """The bucket, the content and the key of the manifest of a report."""
    bucket = Arn.parse(bucket_arn).resource
    first, *others = _keys_of_manifest(job, prefix)
    try:
        return bucket, _read(s3, bucket, first), first
    except OperationError as error:
        for key in others:
            with suppress(OperationError):
                return bucket, _read(s3, bucket, key), key
        raise OperationError(error.failure) from error


def _read(s3: ObjectPort, bucket: str, key: str) -> bytes:
    return b"".join(s3.get_object(ObjectId(bucket, key), None, None, _CHUNK))


def _keys_of_manifest(job: JobState, prefix: str) -> list[str]:
    """Where the manifest can be. S3 puts a slash after the prefix.

    For a prefix that ends with one, as those of other tools may, that makes two, which S3 does not document.
    """
    name = f"job-{job.id}/manifest.json"
    prefixes = dict.fromkeys((prefix, prefix.rstrip("/")))
    return [f"{each}/{name}" if each else name for each in prefixes]


def _files(text: bytes, bucket: str, key: str) -> list[ReportFile]:
    """The files with failed tasks that the manifest of a report names."""
    try:
        document: Any = json.loads(text)
        results = [each for each in document["Results"] if each["TaskExecutionStatus"] == "failed"]
        return [ReportFile(str(each["Bucket"]), str(each["Key"])) for each in results]
    except (ValueError, KeyError, TypeError) as error:
        raise OperationError(_unreadable(f"{bucket}/{key}")) from error


def _tasks(s3: ObjectPort, file: ReportFile) -> Iterator[FailedTask]:
    """Yield the tasks of one file. The schema has the error code before the status, AWS's examples have it after.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-examples-reports.html
    """
    chunks = s3.get_object(ObjectId(file.bucket, file.key), None, None, _CHUNK)
    for row in csv.reader(_lines(chunks)):
        if not row:  # a blank line
            continue
        if len(row) < _COLUMNS:
            raise OperationError(_unreadable(f"{file.bucket}/{file.key}"))
        bucket, key, version, _outcome, code, status, text = row[:_COLUMNS]
        if code.isdecimal():
            code, status = status, code
        yield FailedTask(unquote_plus(key), version or None, code, status, text, bucket)


def _lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """The lines of a text that comes in chunks, each with its end."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    rest = ""
    for chunk in chunks:
        *lines, rest = (rest + decoder.decode(chunk)).split("\n")
        yield from (f"{line}\n" for line in lines)
    rest += decoder.decode(b"", final=True)
    if rest:
        yield rest


def _unreadable(name: str) -> Failure:
    return Failure(
        FailureKind.UNVERIFIED,
        f"{name} is not the report of a job of S3 Batch Operations.",
        "Check who else writes below the prefix of the reports.",
        "s3:GetObject",
        name,
    )

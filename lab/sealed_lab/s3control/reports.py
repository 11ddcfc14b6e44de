# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The completion report of a job.

Its rows have the HTTP status before the error code, as the examples of the User Guide, although the schema has them in
the other order.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-examples-reports.html
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ..protocol.values import iso8601
from ..s3.role_client import RoleClient
from .manifests import Target, bucket_of_arn
from .state import Job
from .turns import Turns

_SCHEMA = "Bucket, Key, VersionId, TaskStatus, ErrorCode, HTTPStatusCode, ResultMessage"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one task."""

    target: Target
    error: str = ""
    status: int = 200
    message: str = ""

    @property
    def task_status(self) -> str:
        """``succeeded`` or ``failed``."""
        return "failed" if self.error else "succeeded"


async def write_report(client: RoleClient, job: Job, outcomes: list[Outcome], now: float, turns: Turns) -> None:
    """Store a CSV file for each task status, and a manifest of the files, if a task was run.

    Reports are always encrypted with SSE-S3.
    """
    settings = job.request["Report"]
    if not settings["Enabled"] or not outcomes:
        return
    options: dict[str, Any] = {"ServerSideEncryption": "AES256"}
    if settings.get("ExpectedBucketOwner"):
        options["ExpectedBucketOwner"] = settings["ExpectedBucketOwner"]
    bucket = bucket_of_arn(settings["Bucket"])
    prefix = settings.get("Prefix", "").rstrip("/")
    base = f"{prefix}/job-{job.job_id}" if prefix else f"job-{job.job_id}"
    statuses = ("failed",) if settings.get("ReportScope") == "FailedTasksOnly" else ("succeeded", "failed")
    results = []
    for task_status in statuses:
        rows = [each for each in outcomes if each.task_status == task_status]
        if not rows:
            continue
        data = await _csv(rows, turns)
        digest = hashlib.md5(data).hexdigest()
        key = f"{base}/results/{hashlib.sha1(data).hexdigest()}.csv"
        await client.invoke("PutObject", {"Bucket": bucket, "Key": key, "ContentType": "text/csv", **options}, data)
        results.append({"TaskExecutionStatus": task_status, "Bucket": bucket, "MD5Checksum": digest, "Key": key})
    manifest = json.dumps(
        {
            "Format": "Report_CSV_20180820",
            "ReportCreationDate": iso8601(now),
            "Results": results,
            "ReportSchema": _SCHEMA,
        }
    ).encode()
    await client.invoke(
        "PutObject",
        {"Bucket": bucket, "Key": f"{base}/manifest.json", "ContentType": "application/json", **options},
        manifest,
    )
    checksum = {"Bucket": bucket, "Key": f"{base}/manifest.json.md5", **options}
    await client.invoke("PutObject", checksum, hashlib.md5(manifest).hexdigest().encode())


async def _csv(outcomes: list[Outcome], turns: Turns) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for each in outcomes:
        target = each.target
        writer.writerow(
            [
                target.bucket,
                quote(target.key, safe="/") if target.decoded else target.key,
                target.version_id or "",
                each.task_status,
                each.status,
                each.error,
                each.message,
            ]
        )
        await turns.yield_turn()
    return text.getvalue().encode()

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Jobs of S3 Batch Operations as values of the model.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_JobDescriptor.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...model.batch_jobs.job_state import JobState, JobStatus, ListedJob, TaskCounts
from ...model.errors import Failure, FailureKind, OperationError

# What S3 says of a generated manifest without objects, for which it ends the job as failed.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshooting-batch-operations.html
_NOTHING_MATCHED = "no keys matching the filter"


def flatten_listed_job(job: Mapping[str, Any]) -> ListedJob:
    """A job of a ListJobs response."""
    job_id = str(job["JobId"])
    return ListedJob(
        job_id,
        flatten_status(job_id, str(job["Status"])),
        str(job.get("Description") or ""),
        str(job.get("Operation") or ""),
        job.get("CreationTime"),
    )


def flatten_job(job: Mapping[str, Any]) -> JobState:
    """The job of a DescribeJob response."""
    job_id, report = str(job["JobId"]), job.get("Report") or {}
    failures = [_sentence(each) for each in job.get("FailureReasons") or ()]
    bucket = report.get("Bucket") if report.get("Enabled") else None
    return JobState(
        job_id,
        flatten_status(job_id, str(job["Status"])),
        str(job.get("Description") or ""),
        next(iter(job.get("Operation") or {}), ""),
        int(job.get("Priority") or 0),
        _flatten_counts(job.get("ProgressSummary") or {}),
        job.get("CreationTime"),
        job.get("TerminationDate"),
        tuple(failures),
        _manifest(job),
        (str(bucket), str(report.get("Prefix") or "")) if bucket else None,
        bool(job.get("ConfirmationRequired")),
        any(_NOTHING_MATCHED in each.lower() for each in failures),
    )


def flatten_status(job_id: str, status: str) -> JobStatus:
    """The status. Raises OperationError for one that S3 did not have when this was written."""
    try:
        return JobStatus(status)
    except ValueError as error:
        raise OperationError(
            Failure(
                FailureKind.UNSUPPORTED,
                f"S3 reports the status {status} of the job {job_id}, which sealed.s3 does not know.",
                "Install a newer version of the collection.",
                resource=job_id,
            )
        ) from error


def _flatten_counts(progress: Mapping[str, Any]) -> TaskCounts:
    return TaskCounts(
        int(progress.get("TotalNumberOfTasks") or 0),
        int(progress.get("NumberOfTasksSucceeded") or 0),
        int(progress.get("NumberOfTasksFailed") or 0),
    )


def _sentence(failure: Mapping[str, Any]) -> str:
    parts = filter(None, (failure.get("FailureCode"), failure.get("FailureReason")))
    return ": ".join(str(each).rstrip(".") for each in parts) + "."


def _manifest(job: Mapping[str, Any]) -> str:
    """The ARN of the manifest, also of one that S3 has generated."""
    stored = (job.get("Manifest") or {}).get("Location") or {}
    generated = (job.get("GeneratedManifestDescriptor") or {}).get("Location") or {}
    return str(stored.get("ObjectArn") or generated.get("ObjectArn") or "")

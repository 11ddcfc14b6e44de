# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Batch Operations: create, describe, list and control jobs."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from ..call import Call, Handler, Output
from ..errors import ServiceError
from ..page_tokens import decode_offset, encode_token
from ..protocol.constraints import validate
from ..tags import tag_list
from .account_settings import require_own_account
from .execution import SERVICE, JobRunner
from .job_requests import check_partition, check_request
from .resource_tags import MOST_TAGS, checked_tags
from .state import Job

_running_tasks: set[asyncio.Task[None]] = set()


def create_job(call: Call) -> Output:
    """Create a job and start it. A repeated client token returns the same job."""
    request = {name: value for name, value in call.params.items() if name not in ("AccountId", "ClientRequestToken")}
    tags = checked_tags(request.get("Tags", ()))
    require_own_account(call, "CreateJob", context={**_request_conditions(request), **_tag_conditions("request", tags)})
    validate(call.operation.model.input_shape, call.params, code="InvalidRequest")
    check_request(request)
    check_partition(request, call.partition)
    for job in _jobs(call):
        if job.token == call["ClientRequestToken"]:
            if job.request != request:
                raise ServiceError(
                    "IdempotencyException", "The client token was used with other parameters before.", 400
                )
            return {"JobId": job.job_id}
    passed = {"iam:passedtoservice": [SERVICE]}
    call.lab.authorizer.require(call.caller, "iam:PassRole", request["RoleArn"], call.account, passed)
    job = Job(str(uuid.uuid4()), call.account, call.region, call.now(), call["ClientRequestToken"], request,
              priority=call["Priority"])  # fmt: skip
    if tags:
        _check_number(tags)
        require_own_account(call, "PutJobTagging", job.arn, _tag_conditions("request", tags))
    job.tags = tags
    call.lab.state.control.add_job(job)
    task = asyncio.get_running_loop().create_task(JobRunner(call.lab, job).run())
    _running_tasks.add(task)
    task.add_done_callback(_running_tasks.discard)
    return {"JobId": job.job_id}


def _request_conditions(request: Mapping[str, Any]) -> dict[str, list[str]]:
    return {
        "s3:requestjoboperation": [next(iter(request["Operation"]), "")],
        "s3:requestjobpriority": [str(request["Priority"])],
    }


def _tag_conditions(kind: str, tags: Mapping[str, str]) -> dict[str, list[str]]:
    found = {f"aws:{kind}tag/{name.lower()}": [value] for name, value in tags.items()}
    return {**found, "aws:tagkeys": list(tags)} if kind == "request" and tags else found


def _check_number(tags: Mapping[str, str]) -> None:
    if len(tags) > MOST_TAGS:
        raise ServiceError("TooManyTags", f"The number of tags exceeds the limit of {MOST_TAGS} tags.", 400)


def _jobs(call: Call) -> list[Job]:
    return call.lab.state.control.jobs(call.account, call.region, call.now())


def _find_job(call: Call, action: str, context: Mapping[str, Sequence[str]] | None = None) -> Job:
    job = next((each for each in _jobs(call) if each.job_id == call["JobId"]), None)
    if job is None:
        require_own_account(call, action)
        raise ServiceError("NoSuchJob", f"The specified job does not exist: {call['JobId']}", 404)
    existing = {
        "s3:existingjoboperation": [job.operation],
        "s3:existingjobpriority": [str(job.priority)],
        **({"s3:jobsuspendedcause": [job.suspended_cause]} if job.suspended_cause else {}),
        **_tag_conditions("resource", job.tags),
    }
    require_own_account(call, action, job.arn, {**existing, **(context or {})})
    validate(call.operation.model.input_shape, call.params, code="InvalidRequest")
    return job


def _progress(call: Call, job: Job) -> dict[str, Any]:
    elapsed = job.active_seconds
    if job.active_since and not job.finished:
        elapsed = call.now() - job.active_since
    return {
        "TotalNumberOfTasks": job.total,
        "NumberOfTasksSucceeded": job.succeeded,
        "NumberOfTasksFailed": job.failed,
        "Timers": {"ElapsedTimeInActiveSeconds": int(elapsed)},
    }


def describe_job(call: Call) -> Output:
    """Return the status, the progress and the request of a job."""
    job = _find_job(call, "DescribeJob")
    description: dict[str, Any] = {
        "JobId": job.job_id,
        "JobArn": job.arn,
        "ConfirmationRequired": bool(job.request.get("ConfirmationRequired")),
        "Status": job.status,
        "Operation": job.request["Operation"],
        "Priority": job.priority,
        "ProgressSummary": _progress(call, job),
        "FailureReasons": [{"FailureCode": code, "FailureReason": reason[:256]} for code, reason in job.failures],
        "Report": job.request["Report"],
        "CreationTime": job.created,
        "RoleArn": job.request["RoleArn"],
    }
    for name in ("Description", "Manifest", "ManifestGenerator"):
        if job.request.get(name):
            description[name] = job.request[name]
    if job.ended:
        description["TerminationDate"] = job.ended
    if job.suspended:
        description["SuspendedDate"], description["SuspendedCause"] = job.suspended, job.suspended_cause
    if job.reason:
        description["StatusUpdateReason"] = job.reason
    if job.manifest is not None:
        description["GeneratedManifestDescriptor"] = {
            "Format": "S3InventoryReport_CSV_20211130",
            "Location": job.manifest,
        }
    return {"Job": description}


def list_jobs(call: Call) -> Output:
    """List the account's jobs in this region, newest first."""
    require_own_account(call, "ListJobs")
    requested = call.get("JobStatuses")
    jobs = [job for job in reversed(_jobs(call)) if not requested or job.status in requested]
    start = 0
    if call.get("NextToken"):
        try:
            start = decode_offset(call["NextToken"])
        except ValueError as exc:
            raise ServiceError("InvalidNextTokenException", "The next token is not valid.", 400) from exc
    limit = call.get("MaxResults") or 1000
    output: Output = {
        "Jobs": [
            {
                "JobId": job.job_id,
                "Description": job.request.get("Description"),
                "Operation": job.operation,
                "Priority": job.priority,
                "Status": job.status,
                "CreationTime": job.created,
                "TerminationDate": job.ended or None,
                "ProgressSummary": _progress(call, job),
            }
            for job in jobs[start : start + limit]
        ]
    }
    if start + limit < len(jobs):
        output["NextToken"] = encode_token(start + limit)
    return output


def update_job_status(call: Call) -> Output:
    """Confirm a suspended job, or cancel an unfinished one."""
    job = _find_job(call, "UpdateJobStatus")
    requested = call["RequestedJobStatus"]
    if job.finished or (requested == "Ready" and job.status != "Suspended"):
        raise ServiceError("JobStatusException", f"The job is {job.status}: it cannot be made {requested}.", 400)
    job.reason = call.get("StatusUpdateReason", "")
    job.status = "Ready" if requested == "Ready" else "Cancelling"
    return {"JobId": job.job_id, "Status": job.status, "StatusUpdateReason": job.reason or None}


def update_job_priority(call: Call) -> Output:
    """Store the priority. It has no effect in the lab."""
    job = _find_job(call, "UpdateJobPriority", {"s3:requestjobpriority": [str(call["Priority"])]})
    job.priority = call["Priority"]
    return {"JobId": job.job_id, "Priority": job.priority}


def put_job_tagging(call: Call) -> Output:
    """Replace the tags."""
    tags = checked_tags(call["Tags"])
    _check_number(tags)
    _find_job(call, "PutJobTagging", _tag_conditions("request", tags)).tags = tags
    return {}


def get_job_tagging(call: Call) -> Output:
    """Return the tags."""
    job = _find_job(call, "GetJobTagging")
    return {"Tags": tag_list(job.tags)}


def delete_job_tagging(call: Call) -> Output:
    """Delete the tags."""
    _find_job(call, "DeleteJobTagging").tags = {}
    return {}


OPERATIONS: dict[str, Handler] = {
    "CreateJob": create_job,
    "DescribeJob": describe_job,
    "ListJobs": list_jobs,
    "UpdateJobStatus": update_job_status,
    "UpdateJobPriority": update_job_priority,
    "PutJobTagging": put_job_tagging,
    "GetJobTagging": get_job_tagging,
    "DeleteJobTagging": delete_job_tagging,
}

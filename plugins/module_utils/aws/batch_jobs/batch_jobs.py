# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""S3 Batch Operations, one method per API call.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_AWS_S3_Control.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

from ...model.batch_jobs.completion_report import FailedTask
from ...model.batch_jobs.job_request import JobRequest
from ...model.batch_jobs.job_state import JobState, ListedJob, RequestedStatus
from ...model.errors import Failure, OperationError, Reason
from ...model.tags import Tags, freeze_tags
from ..errors import translate_errors
from ..session import Clients
from .expand import expand_request
from .flatten import flatten_job, flatten_listed_job
from .task_errors import explain_task_error

_PAGE = 1000


class BatchJobs:
    """The jobs of one account in the region of its bucket. A list raises OperationError, like every call."""

    def __init__(self, clients: Clients, account: str, region: str) -> None:
        self._clients = clients
        self._account = account
        self._region = region
        self._answered_at: datetime | None = None

    @property
    def answered_at(self) -> datetime | None:
        """The time of S3 when it answered the last list of jobs, in whole seconds."""
        return self._answered_at

    def create_job(self, request: JobRequest) -> str:
        """CreateJob. It is safe to repeat: the token makes S3 answer with the same job."""
        parameters = expand_request(request, self._account, self._clients.partition(self._region))
        with translate_errors("s3", "CreateJob", f"{request.target_bucket} in {self._region}"):
            return str(self._client().create_job(**parameters)["JobId"])

    def describe_job(self, job_id: str) -> JobState | None:
        """DescribeJob."""
        try:
            with translate_errors("s3", "DescribeJob", f"job {job_id}"):
                answer = self._client().describe_job(AccountId=self._account, JobId=job_id)
        except OperationError as error:
            if error.failure.reason is Reason.JOB_NOT_FOUND:
                return None
            raise
        return flatten_job(answer["Job"])

    def list_jobs(self) -> Iterator[ListedJob]:
        """ListJobs, page by page."""
        request: dict[str, Any] = {"AccountId": self._account, "MaxResults": _PAGE}
        while True:
            with translate_errors("s3", "ListJobs", f"account {self._account} in {self._region}"):
                page = self._client().list_jobs(**request)
            self._answered_at = _date_of(page)
            for job in page.get("Jobs") or ():
                yield flatten_listed_job(job)
            token = page.get("NextToken")
            if not token or token == request.get("NextToken"):
                return
            request["NextToken"] = token

    def get_job_tagging(self, job_id: str) -> Tags:
        """GetJobTagging."""
        try:
            with translate_errors("s3", "GetJobTagging", f"job {job_id}"):
                answer = self._client().get_job_tagging(AccountId=self._account, JobId=job_id)
        except OperationError as error:
            if error.failure.reason is Reason.JOB_NOT_FOUND:
                return ()
            raise
        return freeze_tags({tag["Key"]: tag["Value"] for tag in answer.get("Tags") or ()})

    def update_job_status(self, job_id: str, status: RequestedStatus, why: str) -> None:
        """UpdateJobStatus."""
        with translate_errors("s3", "UpdateJobStatus", f"job {job_id}"):
            self._client().update_job_status(
                AccountId=self._account, JobId=job_id, RequestedJobStatus=status.value, StatusUpdateReason=why
            )

    def explain_task(self, job: JobState, bucket: str, task: FailedTask) -> Failure:
        """The failure of one task, by the codes and messages of its operation."""
        return explain_task_error(job.operation, f"{bucket}/{task.key}", task)

    def _client(self) -> Any:
        return self._clients.get("s3control", self._region)


def _date_of(answer: Mapping[str, Any]) -> datetime | None:
    """The time in the header Date of an answer."""
    text = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date", "")
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)

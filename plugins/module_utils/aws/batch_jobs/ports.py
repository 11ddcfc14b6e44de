# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The API calls for jobs of S3 Batch Operations as the engine uses them, with values of the model."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ...model.batch_jobs.completion_report import FailedTask
    from ...model.batch_jobs.job_request import JobRequest
    from ...model.batch_jobs.job_state import JobState, ListedJob, RequestedStatus
    from ...model.errors import Failure
    from ...model.tags import Tags


class BatchJobPort(Protocol):
    """The jobs of one account in one region."""

    @property
    def answered_at(self) -> datetime | None:
        """The time of S3 when it answered the last list of jobs. None: no list was read, or S3 did not say."""

    def create_job(self, request: JobRequest) -> str:
        """Create a job, and return its id; that of the existing job if the same request was sent before.

        Raises OperationError with the reason TOKEN_OF_ANOTHER_REQUEST if the token was used for another request.
        """

    def describe_job(self, job_id: str) -> JobState | None:
        """The job; None if S3 does not know it: not yet, or no more, 90 days after its end."""

    def list_jobs(self) -> Iterator[ListedJob]:
        """All jobs that have not ended, or not longer than 90 days ago."""

    def get_job_tagging(self, job_id: str) -> Tags:
        """The tags of a job; none for a job that S3 does not know any more."""

    def update_job_status(self, job_id: str, status: RequestedStatus, why: str) -> None:
        """Let a suspended job run, or end a job.

        Raises OperationError of the kind CONFLICT if the status of the job does not allow that.
        """

    def explain_task(self, job: JobState, bucket: str, task: FailedTask) -> Failure:
        """Why the task of an object failed. Makes no call."""

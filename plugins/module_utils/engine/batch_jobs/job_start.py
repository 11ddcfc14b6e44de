# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The creation of a job: one for a wish, however often it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...model.batch_jobs.job_request import JobRequest
from ...model.batch_jobs.job_state import JobState, JobStatus
from ...model.batch_jobs.wish import JobWish
from ...model.errors import Failure, FailureKind, OperationError, Reason
from .job_search import find_jobs

if TYPE_CHECKING:
    from ...aws.batch_jobs.ports import BatchJobPort
    from ..clock import Clock

# A new job may not be known at once to all of S3: how long to wait for it, in seconds.
_WAITS = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
# How many forgotten jobs there may be behind one another.
_MOST_FORGOTTEN = 3


@dataclass(frozen=True)
class StartedJob:
    """A job for a wish. `is_new` says that this run created it; otherwise another run did, at the same time."""

    state: JobState
    is_new: bool


@dataclass(frozen=True)
class JobStart:
    """Creates jobs."""

    jobs: BatchJobPort
    clock: Clock

    def start(self, wish: JobWish, last_ended: str, request: JobRequest) -> StartedJob:
        """Create the job that follows `last_ended`. Raises OperationError.

        S3 may still answer with a job that it has forgotten, 90 days after its end. That one then counts as the last.
        """
        for _attempt in range(_MOST_FORGOTTEN):
            try:
                job_id = self.jobs.create_job(replace(request, token=wish.token(last_ended)))
            except OperationError as error:
                if error.failure.reason is not Reason.TOKEN_OF_ANOTHER_REQUEST:
                    raise
                return StartedJob(self._of_other_run(wish, last_ended, error), is_new=False)
            try:
                state = self._wait(lambda job_id=job_id: self.jobs.describe_job(job_id))  # type: ignore[misc]
            except OperationError:  # the job exists, and its next look says what is wrong
                state = JobState(job_id, JobStatus.NEW, request.description, priority=request.priority)
            if state is not None:
                return StartedJob(state, is_new=True)
            last_ended = job_id
        raise OperationError(_unknown_job(last_ended))

    def _of_other_run(self, wish: JobWish, last_ended: str, error: OperationError) -> JobState:
        """The job that another run has created for the same wish, with another manifest."""

        def find() -> JobState | None:
            found = find_jobs(self.jobs, {"": wish})[""]
            if found.unfinished:
                return self.jobs.describe_job(found.unfinished.id)
            return self.jobs.describe_job(found.last_ended) if found.last_ended not in ("", last_ended) else None

        state = self._wait(find)
        if state is None:
            raise error
        return state

    def _wait(self, find: Callable[[], JobState | None]) -> JobState | None:
        state = find()
        for seconds in _WAITS:
            if state is not None:
                break
            self.clock.sleep(seconds)
            state = find()
        return state


def _unknown_job(job_id: str) -> Failure:
    return Failure(
        FailureKind.UNVERIFIED,
        f"S3 has created the job {job_id}, and does not know it.",
        "Look for it in the console of S3 Batch Operations, and run the task again.",
        "s3:DescribeJob",
        job_id,
    )

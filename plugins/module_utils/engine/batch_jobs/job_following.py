# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Following jobs until they have ended, or wait for a person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...model.batch_jobs.job_state import JobState, JobStatus, RequestedStatus
from ...model.errors import Failure, FailureKind, OperationError

if TYPE_CHECKING:
    from ...aws.batch_jobs.ports import BatchJobPort
    from ..clock import Clock

# Seconds between two looks at a job.
_FIRST_WAIT, _LONGEST_WAIT, _GROWTH = 5.0, 30.0, 1.5
# A job goes on without this process, so a few looks in a row may fail.
_MOST_FAILED_LOOKS = 10
_PASSING = (FailureKind.THROTTLED, FailureKind.UNREACHABLE)


@dataclass(frozen=True, slots=True)
class Followed:
    """The jobs as they were seen last. `confirmed` are the ids of those that this run has let go on."""

    jobs: tuple[JobState, ...]
    confirmed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class JobFollowing:
    """Looks at jobs, every five to thirty seconds.

    With `confirms`, a suspended job is let run. `on_look` gets the jobs after each look. `until` is the time of the
    clock (monotonic) at which to stop; None: when all have ended or are suspended.
    """

    jobs: BatchJobPort
    clock: Clock
    confirms: bool
    on_look: Callable[[Sequence[JobState]], None]
    until: float | None = None

    def follow(self, started: Sequence[JobState], *, waits: bool) -> Followed:
        """Follow these jobs. Without `waits`, suspended ones are let run, and nothing else. Raises OperationError."""
        found = list(started)
        confirmed: set[str] = set()
        failed_looks, wait = 0, _FIRST_WAIT
        while True:
            for position, state in enumerate(found):
                if state.status is JobStatus.SUSPENDED:
                    found[position] = self._settle(state, confirmed)
            self.on_look(found)
            if not waits or all(map(self._is_settled, found)) or not self._sleep(wait):
                return Followed(tuple(found), frozenset(confirmed))
            wait = min(wait * _GROWTH, _LONGEST_WAIT)
            try:
                found = [state if self._is_settled(state) else self._look(state) for state in found]
                failed_looks = 0
            except OperationError as error:
                failed_looks += 1
                if error.failure.kind not in _PASSING or failed_looks >= _MOST_FAILED_LOOKS:
                    raise OperationError(_goes_on(error.failure, found)) from error

    def _is_settled(self, state: JobState) -> bool:
        return state.status.has_ended or (state.status is JobStatus.SUSPENDED and not self.confirms)

    def _settle(self, state: JobState, confirmed: set[str]) -> JobState:
        """A suspended job: it is let run if this run confirms jobs, and ended if it has no task."""
        if not state.tasks.total:
            return self._update(state, RequestedStatus.CANCELLED, "The job has no task.")
        if not self.confirms:
            return state
        after = self._update(state, RequestedStatus.READY, "Confirmed by a task of sealed.s3.")
        if after.status is not JobStatus.SUSPENDED:
            confirmed.add(state.id)
        return after

    def _update(self, state: JobState, status: RequestedStatus, why: str) -> JobState:
        """The job after a request. If another run was faster, it is what it is by then."""
        try:
            self.jobs.update_job_status(state.id, status, why)
        except OperationError as error:
            if error.failure.kind is not FailureKind.CONFLICT:
                raise
        found = self._look(state)
        return replace(found, matched_nothing=found.matched_nothing or status is RequestedStatus.CANCELLED)

    def _look(self, state: JobState) -> JobState:
        found = self.jobs.describe_job(state.id)
        if found is None:
            raise OperationError(_vanished(state.id))
        return found if not state.matched_nothing else replace(found, matched_nothing=True)

    def _sleep(self, seconds: float) -> bool:
        """Wait, at most until the end of the time; False once it is over."""
        if self.until is not None:
            left = self.until - self.clock.monotonic()
            if left <= 0:
                return False
            seconds = min(seconds, left)
        self.clock.sleep(seconds)
        return True


def _goes_on(failure: Failure, jobs: Sequence[JobState]) -> Failure:
    names = " and ".join(job.id for job in jobs if not job.status.has_ended)
    verb = "job goes" if " " not in names else "jobs go"
    return failure.with_more_advice(f"The {verb} on: {names}. Run the task again to follow.")


def _vanished(job_id: str) -> Failure:
    return Failure(
        FailureKind.ABSENT,
        f"S3 does not know the job {job_id} any more.",
        "Run the task again: it makes a new job for the objects that are left.",
        "s3:DescribeJob",
        job_id,
    )

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Jobs are created once, found, followed and confirmed, whatever S3 answers in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.batch_jobs.job_following import JobFollowing
from ansible_collections.sealed.s3.plugins.module_utils.engine.batch_jobs.job_search import FoundJobs, find_jobs
from ansible_collections.sealed.s3.plugins.module_utils.engine.batch_jobs.job_start import JobStart
from ansible_collections.sealed.s3.plugins.module_utils.model.batch_jobs.completion_report import FailedTask
from ansible_collections.sealed.s3.plugins.module_utils.model.batch_jobs.job_request import (
    JobRequest,
    ReportLocation,
    StoredManifest,
    UpdateEncryption,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.batch_jobs.job_state import (
    JobState,
    JobStatus,
    ListedJob,
    RequestedStatus,
    TaskCounts,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.batch_jobs.wish import JobWish
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import (
    Failure,
    FailureKind,
    OperationError,
    Reason,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import DesiredEncryption
from ansible_collections.sealed.s3.plugins.module_utils.model.tags import Tags
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_clock import NOW, FakeClock

WISH = JobWish("0" * 64, "data")
REQUEST = JobRequest(
    UpdateEncryption(DesiredEncryption()),
    "data",
    StoredManifest("files", "m", "etag"),
    ReportLocation("files"),
    "role",
    "",
    "words",
    WISH.tags,
)
BUSY = Failure(FailureKind.THROTTLED, "Slow down.")
OTHER_REQUEST = Failure(FailureKind.CONFLICT, "Other parameters.", reason=Reason.TOKEN_OF_ANOTHER_REQUEST)


def state(status: JobStatus, total: int = 2, done: int = 0, job_id: str = "one") -> JobState:
    return JobState(job_id, status, tasks=TaskCounts(total, done))


@dataclass
class Jobs:
    """Answers DescribeJob with these states in turn, the last one again and again, and records what is asked."""

    states: list[JobState | Failure | None] = field(default_factory=list)
    listed: list[ListedJob] = field(default_factory=list)
    tags: dict[str, Tags] = field(default_factory=dict)
    refuses: Failure | None = None
    created: list[str] = field(default_factory=list)
    updates: list[tuple[str, RequestedStatus]] = field(default_factory=list)
    on_update: Callable[[], Any] = lambda: None
    tag_reads: int = 0
    answered_at: datetime | None = None

    def create_job(self, request: JobRequest) -> str:
        self.created.append(request.token)
        if self.refuses:
            raise OperationError(self.refuses)
        return f"job {len(self.created)}"

    def describe_job(self, job_id: str) -> JobState | None:
        answer = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        if isinstance(answer, Failure):
            raise OperationError(answer)
        return answer

    def list_jobs(self) -> Iterator[ListedJob]:
        return iter(self.listed)

    def get_job_tagging(self, job_id: str) -> Tags:
        self.tag_reads += 1
        return self.tags.get(job_id, ())

    def update_job_status(self, job_id: str, status: RequestedStatus, why: str) -> None:
        self.updates.append((job_id, status))
        if self.refuses:
            raise OperationError(self.refuses)

    def explain_task(self, job: JobState, bucket: str, task: FailedTask) -> Failure:
        raise AssertionError


def follow(
    jobs: Jobs, first: JobState, clock: FakeClock, *, confirms: bool = True, until: float | None = None
) -> tuple[JobState, frozenset[str], list[Sequence[JobState]]]:
    looks: list[Sequence[JobState]] = []
    following = JobFollowing(jobs, clock, confirms, lambda found: looks.append(list(found)), until)
    followed = following.follow([first], waits=True)
    return followed.jobs[0], followed.confirmed, looks


def test_waits_grow() -> None:
    """Five seconds at first, and thirty at most."""
    clock = FakeClock()
    active = state(JobStatus.ACTIVE)
    jobs = Jobs([*[active] * 8, state(JobStatus.COMPLETE, done=2)])
    ended, confirmed, looks = follow(jobs, active, clock)
    assert (ended.status, confirmed, len(looks)) == (JobStatus.COMPLETE, frozenset(), 10)
    assert clock.slept[:6] == [5.0, 7.5, 11.25, 16.875, 25.3125, 30.0]
    assert max(clock.slept) == 30.0


def test_a_wait_that_ends() -> None:
    """The job goes on without the task."""
    clock = FakeClock()
    found, _confirmed, _looks = follow(Jobs([state(JobStatus.ACTIVE)]), state(JobStatus.ACTIVE), clock, until=20)
    assert (found.status, sum(clock.slept)) == (JobStatus.ACTIVE, 20)


def test_looks_that_fail_in_between() -> None:
    """A job does not depend on them."""
    active = state(JobStatus.ACTIVE)
    jobs = Jobs([BUSY, BUSY, active, BUSY, state(JobStatus.COMPLETE)])
    ended, _confirmed, _looks = follow(jobs, active, FakeClock())
    assert ended.status is JobStatus.COMPLETE


@pytest.mark.parametrize(
    ("failure", "looks"), [(BUSY, 10), (Failure(FailureKind.CREDENTIALS, "The token has expired."), 1)]
)
def test_looks_that_go_on_failing(failure: Failure, looks: int) -> None:
    """The task fails, and says that the job goes on."""
    clock = FakeClock()
    with pytest.raises(OperationError, match="The job goes on: one. Run the task again") as raised:
        follow(Jobs([failure]), state(JobStatus.ACTIVE), clock)
    assert (raised.value.failure.kind, len(clock.slept)) == (failure.kind, looks)


def test_a_job_that_is_gone() -> None:
    """Nobody knows what became of it."""
    with pytest.raises(OperationError, match="does not know the job one any more"):
        follow(Jobs([None]), state(JobStatus.ACTIVE), FakeClock())


def test_a_suspended_job_is_confirmed_once() -> None:
    """By a task that does not ask for a confirmation."""
    jobs = Jobs([state(JobStatus.READY), state(JobStatus.COMPLETE, done=2)])
    ended, confirmed, _looks = follow(jobs, state(JobStatus.SUSPENDED), FakeClock())
    assert (ended.status, set(confirmed)) == (JobStatus.COMPLETE, {"one"})
    assert jobs.updates == [("one", RequestedStatus.READY)]


def test_a_suspended_job_waits_for_a_person() -> None:
    """The task that asks for that does not wait."""
    jobs, clock = Jobs(), FakeClock()
    found, _confirmed, _looks = follow(jobs, state(JobStatus.SUSPENDED), clock, confirms=False)
    assert (found.status, jobs.updates, clock.slept) == (JobStatus.SUSPENDED, [], [])


def test_another_run_confirms_the_job_first() -> None:
    """A refusal then means nothing: the job is what it is."""
    refused = Failure(FailureKind.CONFLICT, "The job is Ready.")
    jobs = Jobs([state(JobStatus.ACTIVE), state(JobStatus.COMPLETE)], refuses=refused)
    ended, _confirmed, _looks = follow(jobs, state(JobStatus.SUSPENDED), FakeClock())
    assert ended.status is JobStatus.COMPLETE


def test_a_suspended_job_without_objects_is_ended() -> None:
    """Nobody has to confirm it."""
    jobs = Jobs([state(JobStatus.CANCELLED, 0)])
    ended, _confirmed, _looks = follow(jobs, state(JobStatus.SUSPENDED, 0), FakeClock(), confirms=False)
    assert (ended.is_empty, jobs.updates) == (True, [("one", RequestedStatus.CANCELLED)])


def test_without_waiting_a_job_is_confirmed_only() -> None:
    """One look, and no wait."""
    jobs, clock = Jobs([state(JobStatus.READY)]), FakeClock()
    following = JobFollowing(jobs, clock, True, lambda found: None)
    followed = following.follow([state(JobStatus.SUSPENDED)], waits=False)
    assert (followed.jobs[0].status, clock.slept) == (JobStatus.READY, [])


def listed(job_id: str, status: JobStatus, minute: int, description: str = WISH.mark) -> ListedJob:
    return ListedJob(job_id, status, description, created=NOW.replace(minute=minute))


def test_jobs_are_found_by_mark_and_tag() -> None:
    """The newest of each sort. A description that a person copied is not enough, and other jobs' tags are not read."""
    jobs = Jobs(
        listed=[
            listed("new", JobStatus.ACTIVE, 5),
            listed("copied", JobStatus.ACTIVE, 9),
            listed("old", JobStatus.COMPLETE, 1),
            listed("older", JobStatus.COMPLETE, 0),
            listed("other", JobStatus.COMPLETE, 3, "something else"),
        ],
        tags=dict.fromkeys(("new", "old", "older", "other"), WISH.tags),
    )
    assert find_jobs(jobs, {"": WISH, "none": JobWish("1" * 64, "data")}) == {
        "": FoundJobs(jobs.listed[0], "old"),
        "none": FoundJobs(),
    }
    assert jobs.tag_reads == 3


def test_a_new_job_is_waited_for() -> None:
    """S3 may not know it at once."""
    clock = FakeClock()
    jobs = Jobs([None, None, state(JobStatus.NEW)])
    started = JobStart(jobs, clock).start(WISH, "last", REQUEST)
    assert (started.is_new, jobs.created, clock.slept) == (True, [WISH.token("last")], [1.0, 2.0])


def test_a_forgotten_job_counts_as_the_last() -> None:
    """Its token is used up, though S3 does not know the job any more."""
    jobs = Jobs([*[None] * 7, state(JobStatus.NEW)])
    started = JobStart(jobs, FakeClock()).start(WISH, "", REQUEST)
    assert (started.is_new, jobs.created) == (True, [WISH.token(""), WISH.token("job 1")])
    with pytest.raises(OperationError, match="S3 has created the job job 3, and does not know it"):
        JobStart(Jobs([None]), FakeClock()).start(WISH, "", REQUEST)


@pytest.mark.parametrize("status", [JobStatus.ACTIVE, JobStatus.COMPLETE])
def test_the_job_of_another_run(status: JobStatus) -> None:
    """It has made one for the same wish with another manifest."""
    jobs = Jobs([state(status)], [listed("theirs", status, 1)], {"theirs": WISH.tags}, OTHER_REQUEST)
    started = JobStart(jobs, FakeClock()).start(WISH, "last", REQUEST)
    assert (started.is_new, started.state.status) == (False, status)


def test_no_job_of_another_run() -> None:
    """The refusal of S3 is the failure, after a while."""
    clock = FakeClock()
    jobs = Jobs(
        [state(JobStatus.COMPLETE)], [listed("last", JobStatus.COMPLETE, 1)], {"last": WISH.tags}, OTHER_REQUEST
    )
    with pytest.raises(OperationError, match="Other parameters"):
        JobStart(jobs, clock).start(WISH, "last", REQUEST)
    assert sum(clock.slept) == 60
    jobs = replace(jobs, refuses=BUSY)
    with pytest.raises(OperationError, match="Slow down"):
        JobStart(jobs, clock).start(WISH, "last", REQUEST)

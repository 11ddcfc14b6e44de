# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The jobs of a bucket, or one job, with what their reports say of failed tasks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ....aws.accounts.sts import Sts
from ....aws.batch_jobs.batch_jobs import BatchJobs
from ....aws.objects.object_list import ObjectList
from ....aws.objects.s3_objects import S3Objects
from ....engine.batch_jobs.bucket_jobs import jobs_of_bucket
from ....engine.batch_jobs.completion_report import read_failed_tasks
from ....model.batch_jobs.completion_report import FailedTask
from ....model.batch_jobs.job_state import JobState
from ....model.errors import Failure, FailureKind, OperationError
from ...progress import Progress
from ...result import Result, error_of_row
from ...run import ModuleContext
from ..failure_causes import FailureCauses
from .job_rows import job_to_dict

# The numbers of jobs that a result lists, and for each job those of causes and of objects.
_MOST_JOBS, _MOST_CAUSES, _MOST_OBJECTS = 100, 20, 100


@dataclass
class _FailedTasks:
    """The failed tasks of one job, by their cause, and the first of them. Its size has a bound."""

    causes: FailureCauses = field(default_factory=FailureCauses)
    first: list[Result] = field(default_factory=list)

    def add(self, bucket: str, task: FailedTask, failure: Failure) -> None:
        """Add a task, in the order of the report."""
        self.causes.add(self.causes.number, bucket, task.key, failure)
        if len(self.first) < _MOST_OBJECTS:
            row = {"bucket": bucket, "key": task.key, "version_id": task.version_id, "error": error_of_row(failure)}
            self.first.append(row)

    def causes_to_list(self) -> list[Result]:
        """The causes of most tasks."""
        return [
            {"error": error_of_row(failure), "tasks": names.number, "first_keys": names.first}
            for failure, names in self.causes.by_number()[:_MOST_CAUSES]
        ]


@dataclass(frozen=True)
class JobReports:
    """Reads jobs, and the reports of those that have ended."""

    task: ModuleContext
    s3: S3Objects
    jobs: BatchJobs
    place: str

    @classmethod
    def of(cls, task: ModuleContext) -> JobReports:
        """The jobs of the caller's account in the region of the bucket, which the answer to a list tells."""
        s3, bucket = S3Objects(task.clients, wants_checksums=False), task.params["bucket"]
        if bucket not in task.clients.bucket_regions:
            listed = ObjectList(task.clients).list_objects(bucket, "", task.params["expected_bucket_owner"], 1)
            next(listed, None)
        account, region = Sts(task.clients).get_caller_identity().account, s3.bucket_region(bucket)
        return cls(task, s3, BatchJobs(task.clients, account, region), f"the account {account} in {region}")

    def result(self) -> Result:
        """The jobs that the task names, with warnings. Raises OperationError for a job that S3 does not know."""
        rows: list[Result] = []
        warnings: list[str] = []
        for job in self._described(warnings):
            row, about_report = self._row(job)
            rows.append(row)
            warnings += about_report
        return {"jobs": rows, "warnings": warnings}

    def _described(self, warnings: list[str]) -> Iterator[JobState]:
        job_id = self.task.params["job_id"]
        if job_id is not None:
            found = self.jobs.describe_job(job_id)
            if found is None:
                raise OperationError(_unknown_job(job_id, self.place))
            yield found
            return
        found_jobs = jobs_of_bucket(self.jobs, self.task.params["bucket"], _MOST_JOBS)
        if found_jobs.more:
            warnings.append(
                f"Only the newest {_MOST_JOBS} jobs of the bucket are in the result, and there are {found_jobs.more:,} "
                "more. Set job_id to report one of them."
            )
        described = (self.jobs.describe_job(job.id) for job in found_jobs.newest)
        yield from (job for job in described if job)  # S3 may have forgotten one since it was listed

    def _row(self, job: JobState) -> tuple[Result, list[str]]:
        """A job, and a warning if its report cannot be read."""
        row = job_to_dict(job)
        if not self.task.params["job_reports"] or not job.status.has_ended:
            return {**row, "failed_tasks": None, "failed_objects": None}, []
        found = _FailedTasks()
        if job.tasks.failed and job.report:
            try:
                self._read(job, found)
            except OperationError as error:
                if error.failure.kind is FailureKind.CREDENTIALS:
                    raise
                about = f"The report of the job {job.id} could not be read: {error.failure.sentence()}"
                return {**row, "failed_tasks": None, "failed_objects": None}, [about]
        return {**row, "failed_tasks": found.causes_to_list(), "failed_objects": found.first}, []

    def _read(self, job: JobState, found: _FailedTasks) -> None:
        progress = Progress(self.task.clock, "failed tasks")
        for task in progress.track(read_failed_tasks(self.s3, job), job.tasks.failed):
            bucket = task.bucket or self.task.params["bucket"]
            found.add(bucket, task, self.jobs.explain_task(job, bucket, task))


def _unknown_job(job_id: str, place: str) -> Failure:
    return Failure(
        FailureKind.ABSENT,
        f"S3 Batch Operations does not know the job {job_id} in {place}.",
        "Check its ID, and that the bucket is in the region of the job. S3 forgets a job 90 days after its end.",
        "s3:DescribeJob",
        job_id,
    )

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The part of a result that is about jobs of S3 Batch Operations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ....engine.batch_jobs.completion_report import report_address
from ....model.batch_jobs.completion_report import FailedTask
from ....model.batch_jobs.job_parts import JobPart
from ....model.batch_jobs.job_request import CopyObjects, UpdateEncryption
from ....model.batch_jobs.job_state import JobState, JobStatus
from ....model.errors import Failure, FailureKind, Reason, assert_never
from ....model.objects.reencryption.decision import Route, SkipReason
from ...result import Result, error_details, error_of_row
from ..failure_causes import FailureCauses
from ..object_report import MOST_LISTED
from .job_rows import job_to_dict
from .report_file import ReportFile

_UPDATE = "S3UpdateObjectEncryption"
_VANISHED = (Reason.OBJECT_NOT_FOUND, Reason.VERSION_NOT_FOUND)


class BatchReport:
    """Collects the jobs of a run and the objects that they have not changed."""

    def __init__(self, bucket: str, file: ReportFile, *, skips_locked: bool = False) -> None:
        self._bucket = bucket
        self._skips_locked = skips_locked
        self._locked = 0
        self._file = file
        self._rows: list[Result] = []
        self._failures = FailureCauses()
        self._listed: list[Result] = []
        self._ended_badly: list[Failure] = []
        self._vanished = self._tasks = self._failed = 0
        # By the route of the operation of their job.
        self._succeeded: Counter[str] = Counter()
        self.warnings: list[str] = []

    @property
    def has_new_jobs(self) -> bool:
        """Whether this run has created a job."""
        return any(row["is_new"] and row["id"] for row in self._rows)

    def add_plan(self, part: JobPart, number: int | None) -> None:
        """Add a job that a real run would create. `number` is that of its objects; None: it is not known."""
        planned = job_to_dict(JobState("", JobStatus.NEW, operation=operation_of(part)))
        unknown = ("id", "status", "description", "priority")
        tasks = {"total": number, "succeeded": 0, "failed": 0}
        self._rows.append({**planned, **dict.fromkeys(unknown), "tasks": tasks, "is_new": True})

    def add_job(self, state: JobState, *, is_new: bool) -> None:
        """Add a job as it was seen last."""
        self._rows.append({**job_to_dict(state), "is_new": is_new})
        counts = state.tasks
        self._tasks += counts.total
        self._failed += counts.failed
        route = Route.UPDATE if state.operation == _UPDATE else Route.COPY
        self._succeeded[route.value] += counts.succeeded
        self._tell(state)

    def _tell(self, state: JobState) -> None:
        """What a person has to know of a job that is not complete."""
        counts = state.tasks
        so_far = f"{counts.succeeded:,} of {counts.total:,} objects were changed"
        match state.status:
            case JobStatus.COMPLETE:
                return
            case JobStatus.FAILED | JobStatus.CANCELLED:
                if not state.matched_nothing:
                    self._ended_badly.append(_bad_end(state, so_far))
            case JobStatus.SUSPENDED:
                self.warnings.append(
                    f"The job {state.id} waits for a confirmation: it has {counts.total:,} objects. Run the task "
                    "without batch.confirmation_required to let it run, or confirm it in the console of S3."
                )
            case (
                JobStatus.NEW
                | JobStatus.PREPARING
                | JobStatus.READY
                | JobStatus.ACTIVE
                | JobStatus.PAUSING
                | JobStatus.PAUSED
                | JobStatus.COMPLETING
                | JobStatus.CANCELLING
                | JobStatus.FAILING
            ):
                known = f"{so_far}, {counts.failed:,} failed" if counts.total else "it is not prepared yet"
                self.warnings.append(
                    f"The job {state.id} goes on ({state.status.value}: {known}). Run the task again to follow it."
                )
            case _:
                assert_never(state.status)

    def add_failed_task(self, position: int, task: FailedTask, failure: Failure) -> None:
        """Add an object that a job has not changed. One that was deleted meanwhile is no failure.

        Nor is one under Object Lock that the task skips: not every caller can read a lock before.
        """
        if failure.reason in _VANISHED:
            self._vanished += 1
            return
        if failure.reason is Reason.OBJECT_LOCKED and self._skips_locked:
            self._locked += 1
            reason = SkipReason.LOCKED.value
            self._file.add({"key": task.key, "version_id": task.version_id, "reason": reason, "error": None})
            return
        failure = failure.with_option("change_method", "method")
        if failure.reason is Reason.OBJECT_LOCKED:
            failure = failure.with_advice("Set on_locked: skip, or release the lock with the tool that set it.")
        self._failures.add(position, self._bucket, task.key, failure)
        row = {"key": task.key, "version_id": task.version_id, "reason": "failed", "error": error_of_row(failure)}
        self._file.add(row)
        if len(self._listed) < MOST_LISTED:
            self._listed.append(row)

    def add_untold(self, number: int, state: JobState, why: str) -> None:
        """Add failed tasks that no report names."""
        self._ended_badly.append(
            Failure(
                FailureKind.FAILED,
                f"{number:,} objects of the job {state.id} were not changed. {why}",
                "The report of the job names them.",
                resource=report_address(state),
            )
        )

    def complete(self, result: Result, *, changed: bool, is_check: bool) -> Result:
        """The result of the module: that of the objects which were read, with the jobs."""
        summary: dict[str, Any] = result["summary"]
        diff: dict[str, Any] = result["diff"]
        if not is_check:
            summary = {**summary, **self._counts(summary)}
            if not changed or summary["failed"] or self._failed:
                diff = {"before": {}, "after": {}}  # what was planned, and is not so
        whole: Result = {
            **result,
            "changed": changed,
            "summary": summary,
            "diff": diff,
            "jobs": self._rows,
            "failed_objects": [*result["failed_objects"], *self._listed][:MOST_LISTED],
            "warnings": [*result["warnings"], *self.warnings],
        }
        return whole | self._failure(result)

    def _counts(self, summary: Mapping[str, Any]) -> dict[str, Any]:
        """What the jobs have done, in place of what the run has planned for them.

        No report tells the sizes and versions of what succeeded. So with some of the copies, these numbers are None.
        """
        copied = self._succeeded[Route.COPY.value]
        is_whole = copied == summary["by_route"][Route.COPY.value]
        return {
            "done": self._succeeded.total(),
            "failed": summary["failed"] + self._failed - self._vanished - self._locked,
            "vanished": summary["vanished"] + self._vanished,
            "skipped": summary["skipped"] + self._locked,
            "skipped_by_reason": _with_locked(summary["skipped_by_reason"], self._locked),
            "by_route": {name: self._succeeded[name] for name in summary["by_route"]},
            **{
                name: summary[name] if is_whole else (None if copied else 0)
                for name in ("new_versions", "bytes_copied")
            },
        }

    def _failure(self, result: Result) -> Result:
        messages = [failure.sentence() for failure in self._ended_badly]
        if self._failures.number:
            messages.append(f"Of {self._tasks:,} objects of jobs, {self._failures.number:,} failed.")
            messages += self._failures.sentences()
        if not messages:
            return {}
        if result.get("msg"):
            messages.append(result["msg"])
        failed: Result = {"failed": True, "msg": " ".join(messages)}
        return failed | ({"error": error_details(self._ended_badly[0])} if self._ended_badly else {})


def _with_locked(reasons: Mapping[str, int], number: int) -> dict[str, int]:
    """The skipped objects by their reason, with those that a job found locked."""
    if not number:
        return dict(reasons)
    reason = SkipReason.LOCKED.value
    return dict(sorted({**reasons, reason: reasons.get(reason, 0) + number}.items()))


def operation_of(part: JobPart) -> str:
    """The name of the operation of a job, in the words of S3."""
    match part.operation:
        case UpdateEncryption():
            return _UPDATE
        case CopyObjects():
            return "S3PutObjectCopy"
        case _:
            assert_never(part.operation)


def _bad_end(state: JobState, so_far: str) -> Failure:
    reasons = " ".join(state.failure_reasons)
    if state.status is JobStatus.CANCELLED:
        return Failure(
            FailureKind.CONFLICT,
            f"The job {state.id} was cancelled: {so_far} before that.",
            "Run the task again: it makes a new job for the objects that are left.",
            resource=state.id,
        )
    return Failure(
        FailureKind.FAILED,
        f"The job {state.id} failed: {so_far}. {reasons}".strip(),
        "Correct what S3 names, and run the task again: it makes a new job for the objects that are left.",
        resource=state.id,
    )


def progress_of(jobs: Sequence[JobState]) -> tuple[int, int, bool, str]:
    """The tasks that have ended, all tasks, whether that number is known, and the state of the jobs in words."""
    done = sum(job.tasks.done for job in jobs)
    total = sum(job.tasks.total for job in jobs)
    failed = sum(job.tasks.failed for job in jobs)
    is_known = all(job.status.is_prepared for job in jobs)
    return done, total, is_known, f"{failed:,} failed" if is_known else _statuses(jobs)


def _statuses(jobs: Iterable[JobState]) -> str:
    return ", ".join(dict.fromkeys(job.status.value for job in jobs))

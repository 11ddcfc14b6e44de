# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A job of S3 Batch Operations as S3 reports it.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-job-status.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from ..errors import assert_never


class JobStatus(str, Enum):
    """The status of a job, in the words of S3."""

    NEW = "New"
    PREPARING = "Preparing"
    SUSPENDED = "Suspended"
    READY = "Ready"
    ACTIVE = "Active"
    PAUSING = "Pausing"
    PAUSED = "Paused"
    COMPLETING = "Completing"
    COMPLETE = "Complete"
    CANCELLING = "Cancelling"
    CANCELLED = "Cancelled"
    FAILING = "Failing"
    FAILED = "Failed"

    @property
    def has_ended(self) -> bool:
        """Whether the job never goes on. S3 forgets it 90 days later."""
        match self:
            case JobStatus.COMPLETE | JobStatus.CANCELLED | JobStatus.FAILED:
                return True
            case (
                JobStatus.NEW
                | JobStatus.PREPARING
                | JobStatus.SUSPENDED
                | JobStatus.READY
                | JobStatus.ACTIVE
                | JobStatus.PAUSING
                | JobStatus.PAUSED
                | JobStatus.COMPLETING
                | JobStatus.CANCELLING
                | JobStatus.FAILING
            ):
                return False
            case _:
                assert_never(self)

    @property
    def is_prepared(self) -> bool:
        """Whether the number of its tasks is known."""
        return self not in (JobStatus.NEW, JobStatus.PREPARING)


class RequestedStatus(str, Enum):
    """What can be asked of a job: that a suspended job runs, or that a job ends."""

    READY = "Ready"
    CANCELLED = "Cancelled"


@dataclass(frozen=True, slots=True)
class TaskCounts:
    """The tasks of a job: one for each object of its manifest. `total` is 0 until the manifest is read."""

    total: int = 0
    succeeded: int = 0
    failed: int = 0

    @property
    def done(self) -> int:
        """The tasks that have ended."""
        return self.succeeded + self.failed


@dataclass(frozen=True, slots=True)
class ListedJob:
    """A job as a list of jobs shows it, without tags, filter and target."""

    id: str
    status: JobStatus
    description: str = ""
    operation: str = ""
    created: datetime | None = None


@dataclass(frozen=True, slots=True)
class JobState:
    """A job as DescribeJob returns it.

    `failure_reasons` are sentences. `manifest` is the ARN of its manifest, empty for one that S3 has not stored.
    `report` is the ARN of the bucket and the prefix of its report, None without one. `matched_nothing` says that S3
    ended it because its filter matches no object.
    """

    id: str
    status: JobStatus
    description: str = ""
    operation: str = ""
    priority: int = 0
    tasks: TaskCounts = TaskCounts()
    created: datetime | None = None
    ended: datetime | None = None
    failure_reasons: tuple[str, ...] = ()
    manifest: str = ""
    report: tuple[str, str] | None = None
    confirmation_required: bool = False
    matched_nothing: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether the job has no task and never gets one."""
        return self.matched_nothing or (self.status is JobStatus.COMPLETE and not self.tasks.total)

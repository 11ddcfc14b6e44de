# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The state of S3 Control: batch jobs, public access blocks and access points."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..partitions import partition_of

FINAL = frozenset({"Complete", "Failed", "Cancelled"})
_DAY = 86400.0
# A suspended job waits so long for its confirmation, and an ended one is remembered so long.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshooting-batch-operations.html
_CONFIRMATION = 30 * _DAY
_MEMORY = 90 * _DAY


@dataclass(slots=True)
class Job:
    """One Batch Operations job: its request and its progress."""

    job_id: str
    account: str
    region: str
    created: float
    token: str
    request: dict[str, Any]
    status: str = "New"
    total: int = 0
    succeeded: int = 0
    failed: int = 0
    active_since: float = 0.0
    active_seconds: float = 0.0
    ended: float = 0.0
    suspended: float = 0.0
    suspended_cause: str = ""
    priority: int = 0
    reason: str = ""
    failures: list[tuple[str, str]] = field(default_factory=list)
    manifest: dict[str, str] | None = None
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def operation(self) -> str:
        """The name of the operation, e.g. ``S3PutObjectCopy``."""
        return str(next(iter(self.request["Operation"])))

    @property
    def arn(self) -> str:
        """The job's ARN."""
        return f"arn:{partition_of(self.region)}:s3:{self.region}:{self.account}:job/{self.job_id}"

    @property
    def finished(self) -> bool:
        """Whether the job has a final status."""
        return self.status in FINAL

    def expire_confirmation(self, now: float) -> None:
        """Let the job fail if nobody has confirmed it in 30 days."""
        if self.status == "Suspended" and now >= self.suspended + _CONFIRMATION:
            self.status, self.ended = "Failed", self.suspended + _CONFIRMATION
            self.failures.append(("JobConfirmationExpired", "The job was not confirmed within 30 days."))

    def is_forgotten(self, now: float) -> bool:
        """Return whether the job ended more than 90 days ago."""
        return self.finished and now >= self.ended + _MEMORY


@dataclass(frozen=True, slots=True)
class AccessPoint:
    """An access point of a bucket. ``vpc`` is empty if it has access from the internet."""

    name: str
    arn: str
    bucket_arn: str
    bucket_account: str
    created: float
    alias: str
    block: dict[str, bool]
    vpc: str = ""
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class ControlState:
    """Jobs by id, the public access block of each account, and access points by their ARNs."""

    _jobs: dict[str, Job] = field(default_factory=dict)
    public_access: dict[str, dict[str, bool]] = field(default_factory=dict)
    access_points: dict[str, AccessPoint] = field(default_factory=dict)

    def add_job(self, job: Job) -> None:
        """Store a new job."""
        self._jobs[job.job_id] = job

    def jobs(self, account: str, region: str, now: float) -> list[Job]:
        """Return the jobs of an account in a region, oldest first. Those that S3 has forgotten are deleted."""
        for job in list(self._jobs.values()):
            job.expire_confirmation(now)
            if job.is_forgotten(now):
                del self._jobs[job.job_id]
        return [job for job in self._jobs.values() if (job.account, job.region) == (account, region)]

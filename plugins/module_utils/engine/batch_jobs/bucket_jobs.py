# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The jobs that were made for the objects of a bucket, by any task."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from ...model.batch_jobs.job_state import ListedJob
from ...model.batch_jobs.wish import is_of_bucket, may_be_of_bucket

if TYPE_CHECKING:
    from ...aws.batch_jobs.ports import BatchJobPort

_LONG_AGO = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True, slots=True)
class BucketJobs:
    """The newest jobs, newest first, and how many more there seem to be."""

    newest: tuple[ListedJob, ...] = ()
    more: int = 0


def jobs_of_bucket(jobs: BatchJobPort, bucket: str, most: int) -> BucketJobs:
    """At most so many jobs for this bucket, of one list of all jobs of the account. Raises OperationError.

    The tags of a job are read only if its description names the bucket, which a person may have copied.
    """
    number = 0

    def marked() -> Iterator[ListedJob]:
        nonlocal number
        for job in jobs.list_jobs():
            if may_be_of_bucket(job.description, bucket):
                number += 1
                yield job

    newest = heapq.nlargest(most, marked(), key=lambda job: job.created or _LONG_AGO)
    own = (job for job in newest if is_of_bucket(jobs.get_job_tagging(job.id), bucket))
    return BucketJobs(tuple(own), number - len(newest))

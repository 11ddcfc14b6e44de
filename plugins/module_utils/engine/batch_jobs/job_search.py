# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The jobs that there are for a wish."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from ...model.batch_jobs.job_state import ListedJob
from ...model.batch_jobs.wish import JobWish

if TYPE_CHECKING:
    from ...aws.batch_jobs.ports import BatchJobPort

_LONG_AGO = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True, slots=True)
class FoundJobs:
    """The newest job for a wish that has not ended, and the id of the newest that has; empty: there is none."""

    unfinished: ListedJob | None = None
    last_ended: str = ""


def find_jobs(jobs: BatchJobPort, wishes: Mapping[str, JobWish]) -> dict[str, FoundJobs]:
    """The jobs for each of these wishes, by their names, in one list of all jobs. Raises OperationError.

    The tags of a job are read only if its description has the mark of a wish, which a person may have copied.
    """
    marked: dict[str, list[ListedJob]] = {name: [] for name in wishes}
    for job in jobs.list_jobs():
        for name, wish in wishes.items():
            if wish.is_marked(job.description):
                marked[name].append(job)
    return {name: _newest(jobs, wishes[name], found) for name, found in marked.items()}


def _newest(jobs: BatchJobPort, wish: JobWish, found: Iterable[ListedJob]) -> FoundJobs:
    newest_first = sorted(found, key=lambda job: job.created or _LONG_AGO, reverse=True)

    def first(*, has_ended: bool) -> ListedJob | None:
        candidates = (job for job in newest_first if job.status.has_ended is has_ended)
        return next((job for job in candidates if wish.is_wish_of(jobs.get_job_tagging(job.id))), None)

    ended = first(has_ended=True)
    return FoundJobs(first(has_ended=False), ended.id if ended else "")

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A job of S3 Batch Operations in a result."""

from __future__ import annotations

from datetime import datetime

from ....engine.batch_jobs.completion_report import report_address
from ....model.batch_jobs.job_state import JobState
from ...result import Result


def job_to_dict(job: JobState) -> Result:
    """What S3 reports of a job. The number of its tasks is None until S3 has read or made its manifest."""
    return {
        "id": job.id,
        "status": job.status.value,
        "operation": job.operation,
        "tasks": {
            "total": job.tasks.total if job.status.is_prepared else None,
            "succeeded": job.tasks.succeeded,
            "failed": job.tasks.failed,
        },
        "description": job.description,
        "priority": job.priority,
        "created": _time(job.created),
        "ended": _time(job.ended),
        "failure_reasons": list(job.failure_reasons),
        "manifest": job.manifest or None,
        "report": report_address(job) or None,
    }


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What the report of a job says of one failed task."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FailedTask:
    """One object that a job has not changed. `code`, `status` and `text` are those of S3's answer.

    `bucket` is empty if the report names none.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-examples-reports.html
    """

    key: str
    version_id: str | None = None
    code: str = ""
    status: str = ""
    text: str = ""
    bucket: str = ""


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A file of a report, with the failed tasks in CSV."""

    bucket: str
    key: str

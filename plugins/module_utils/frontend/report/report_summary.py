# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The numbers of a report, as the result of its task."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone

from ...model.report.observation import ResourceKind
from ...model.report.report import Comparison, Status, Totals
from ...model.report.rules import RULES, Severity
from ..result import Result

# What a report is about. An account has its own numbers, and a region is listed only if it could not be read.
_INSPECTED = (ResourceKind.BUCKET, ResourceKind.KMS_KEY, ResourceKind.OBJECT)


def summary_of(totals: Totals) -> Result:
    """The numbers. A region that could not be read counts as not available, and an account as unread."""
    of_kind = {kind: _number(totals, (kind,), Status) for kind in _INSPECTED}
    by_status = {status: _number(totals, (*_INSPECTED, ResourceKind.REGION), (status,)) for status in Status}
    by_severity = dict.fromkeys(Severity, 0)
    for rule, number in totals.by_rule:
        by_severity[RULES[rule].severity] += number
    return {
        "accounts": totals.accounts,
        "unread_accounts": totals.unread_accounts,
        "buckets": of_kind[ResourceKind.BUCKET],
        "keys": of_kind[ResourceKind.KMS_KEY],
        "objects": of_kind[ResourceKind.OBJECT],
        "counted_objects": totals.objects,
        "passed": by_status[Status.PASSED],
        "failed": by_status[Status.FAILED],
        "not_available": by_status[Status.NOT_AVAILABLE],
        "not_compared": by_status[Status.NOT_COMPARED],
        "findings": totals.findings,
        "by_severity": {severity.value: number for severity, number in by_severity.items()},
        "by_rule": {rule.value: number for rule, number in totals.by_rule},
    }


def is_compliant(totals: Totals) -> bool:
    """Whether nothing was found, everything could be read, and there is something."""
    wrong = _number(totals, ResourceKind, (Status.FAILED, Status.NOT_AVAILABLE))
    return bool(_number(totals, _INSPECTED, Status)) and not (wrong or totals.findings or totals.unread_accounts)


def comparison_of(comparison: Comparison | None) -> Result | None:
    """The difference from the earlier report."""
    if comparison is None:
        return None
    return {
        "new": comparison.new,
        "unchanged": comparison.unchanged,
        "absent": comparison.absent,
        "not_read": comparison.not_read,
        "title": comparison.title,
        "time": written_time(comparison.time),
        "before": summary_of(comparison.before),
    }


def written_time(time: datetime | None) -> str | None:
    """A time in UTC, in whole seconds."""
    if time is None:
        return None
    return time.astimezone(timezone.utc).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _number(totals: Totals, kinds: Iterable[ResourceKind], statuses: Iterable[Status]) -> int:
    """The number of resources of these kinds that have one of these statuses."""
    wanted_kinds, wanted_statuses = set(kinds), set(statuses)
    return sum(
        number for kind, status, number in totals.resources if kind in wanted_kinds and status in wanted_statuses
    )

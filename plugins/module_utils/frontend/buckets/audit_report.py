# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The buckets that were inspected: the state of each, and how it differs from the expected one."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic

from ...model.errors import Failure, FailureKind
from ...model.plan import StateT
from ..fleet_report import FleetWords, count_others, first_names
from ..result import Result, account_columns, error_details, error_of_row, findings_to_list

if TYPE_CHECKING:
    from ...engine.buckets.bucket_audit import BucketAudit
    from ...engine.fleet.fleet import FleetStatus
    from ...model.buckets.selection import Bucket
    from ...model.outcome import Outcome
    from ..result_rows import ResultRows

# The number of different findings that the message of a failed task shows.
_SHOWN_FINDINGS = 5
# What the result of a fleet has that may change something.
_OF_CHANGES = ("diff", "not_there_yet")
_COUNTS_OF_CHANGES = ("changed", "unchanged", "not_listed")


@dataclass
class AuditReport(Generic[StateT]):
    """Collects the inspected buckets in any order.

    `unread` is any state: a bucket that could not be read has the same fields, all null. `has_expectation`: the buckets
    are compared with an expected state. `rows` gets each row, too. `by_account` is as in `FleetReport`.
    """

    words: FleetWords[StateT]
    unread: StateT
    has_expectation: bool
    rows: ResultRows | None = None
    by_account: bool = False
    _rows: dict[int, Result] = field(default_factory=dict, init=False)
    _compliant: int = field(default=0, init=False)

    def add(self, position: int, bucket: Bucket, outcome: Outcome[StateT, BucketAudit], audit: BucketAudit) -> None:
        """Add one bucket."""
        state = self.words.to_dict(outcome.before) or dict.fromkeys(self.words.to_dict(self.unread) or ())
        columns = account_columns(bucket.account) if self.by_account else {}
        row = {**columns, "name": bucket.name, "region": audit.region or None, **state}
        if self.has_expectation:
            row["compliant"] = outcome.failure is None and not audit.findings
            row["findings"] = findings_to_list(audit.findings)
            self._compliant += row["compliant"] is True
        row["error"] = error_of_row(outcome.failure) if outcome.failure else None
        self._rows[position] = row
        if self.rows:
            self.rows.add(position, row)

    def counts(self, status: FleetStatus) -> str:
        """The results so far, for the progress of the task."""
        comply = [f"{self._compliant:,} comply"] if self.has_expectation else []
        return ", ".join([*comply, f"{status.failed:,} failed"])

    def result(self, fleet: Result, *, fail_on_findings: bool) -> Result:
        """The result of the module, from that of the fleet."""
        rows = [self._rows[position] for position in sorted(self._rows)]
        summary = {name: number for name, number in fleet["summary"].items() if name not in _COUNTS_OF_CHANGES}
        result = {name: value for name, value in fleet.items() if name not in _OF_CHANGES}
        result |= {self.words.plural: rows, "summary": summary}
        if "accounts" in result:
            result["accounts"] = self._accounts(result["accounts"])
        if not self.has_expectation:
            return result
        deviating = [row for row in rows if row["findings"]]
        summary["compliant"] = sum(row["compliant"] for row in rows)
        summary["non_compliant"] = len(deviating)
        # The buckets of an account that could not be entered are not known to comply.
        result["compliant"] = all(row["compliant"] for row in rows) and not result.get("failed_accounts")
        return _failed(result, deviating, self.words.count(len(rows))) if fail_on_findings and deviating else result

    def _accounts(self, accounts: list[Result]) -> list[Result]:
        """The rows of the accounts, with what was found instead of what changed."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for row in self._rows.values() if self.has_expectation else ():
            number = "compliant" if row["compliant"] else "non_compliant" if row["findings"] else ""
            found[row["account_id"]][number] += 1
        numbers = ("compliant", "non_compliant") if self.has_expectation else ()
        return [
            {name: value for name, value in row.items() if name not in (*_COUNTS_OF_CHANGES, "error")}
            | {name: found[row["account_id"]][name] for name in numbers}
            | {"error": row["error"]}
            for row in accounts
        ]


def _failed(result: Result, deviating: list[Result], total: str) -> Result:
    """The result as that of a failed task. If some buckets could not be read, that comes first."""
    failure = Failure(
        FailureKind.NON_COMPLIANT,
        f"{len(deviating)} of {total} {'does' if len(deviating) == 1 else 'do'} not comply: "
        f"{_findings_in_words(deviating)}",
        "The findings of each are in buckets.",
    )
    message = " ".join(filter(None, (result.get("msg", ""), failure.sentence())))
    details = {} if result.get("failed") else {"error": error_details(failure)}
    return {**result, **details, "failed": True, "msg": message}


def _findings_in_words(deviating: list[Result]) -> str:
    """Each finding with the first of its buckets; the finding of most buckets first."""
    names: dict[str, list[str]] = defaultdict(list)
    for row in deviating:
        for finding in row["findings"]:
            names[finding["message"]].append(row["name"])
    groups = sorted(names.items(), key=lambda group: -len(group[1]))
    shown = [f"{message.removesuffix('.')} ({first_names(buckets)})." for message, buckets in groups[:_SHOWN_FINDINGS]]
    return " ".join([*shown, *count_others(len(groups) - len(shown), "finding", "findings")])

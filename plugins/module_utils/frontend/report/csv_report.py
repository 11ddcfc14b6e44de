# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A report for spreadsheets and scripts: comma-separated values as in RFC 4180, in UTF-8.

A spreadsheet evaluates a cell that begins like a formula. Each such cell gets an apostrophe at its front, as do the
places inside of a cell where a reader with another separator would begin a new cell.

Source: https://owasp.org/www-community/attacks/CSV_Injection
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator

from ...model.report.controls import CONTROLS
from ...model.report.observation import Resource, ResourceKind
from ...model.report.report import Change, FindingRow, Report, Status
from ...model.report.rules import RULES
from .sentences import NO_REASON

COLUMNS = (
    *("status", "severity", "rule", "control", "requirements", "account_id", "account_name", "region", "type"),
    *("resource", "arn", "message", "mended_by", "change"),
)

# Where a cell begins: at its front, and where the separator is another one, or the quotation marks mean nothing. The
# formula may follow after spaces and apostrophes. The last four characters are the full-width forms, which a
# spreadsheet of East Asia takes for the same.
_SPACES = "(?:(?![\t\r\n])[\\s'])*"
_FORMULA = re.compile(f'(?:^|(?<=[,;|"\t\r\n]))(?={_SPACES}[=+\\-@\uff1d\uff0b\uff0d\uff20])|^(?={_SPACES}[\t\r\n])')


def csv_report(report: Report) -> Iterator[str]:
    """The lines of the file: a header, the findings, the resources without one, and what could not be read.

    The status of a finding that only the earlier report has is empty. Lines end with CR LF.
    """
    writer = csv.writer(_Line(), lineterminator="\r\n")
    for cells in _lines(report):
        line: str = writer.writerow(map(_defuse, cells))
        yield line


class _Line:
    """What `csv.writer` writes to. The writer returns what this returns."""

    def write(self, text: str) -> str:
        return text


def _lines(report: Report) -> Iterator[Iterable[str]]:
    yield COLUMNS
    for finding in report.findings():
        yield _finding(finding)
    for kind in ResourceKind:
        for row in report.rows(kind):
            if not row.findings and not row.errors:
                message = NO_REASON if row.status is Status.FAILED else ""
                yield (row.status.value, "", "", "", "", *_resource(row.resource), message, "", "")
    for error in report.errors():
        yield (Status.NOT_AVAILABLE.value, "", "", "", "", *_resource(error.resource), error.message, "", "")


def _finding(finding: FindingRow) -> Iterable[str]:
    text = RULES[finding.rule]
    return (
        "" if finding.change is Change.ABSENT else Status.FAILED.value,
        text.severity.value,
        finding.rule.value,
        finding.control or "",
        _requirements(finding.control),
        *_resource(finding.resource),
        finding.message,
        text.module or "",
        finding.change.value if finding.change else "",
    )


def _requirements(name: str | None) -> str:
    control = CONTROLS.get(name) if name else None
    return "; ".join(f"{framework}: {', '.join(ids)}" for framework, ids in control.requirements) if control else ""


def _resource(resource: Resource) -> tuple[str, ...]:
    return (
        *(resource.account_id, resource.account_name, resource.region),
        *(resource.kind.value, resource.name, resource.arn),
    )


def _defuse(cell: str) -> str:
    # Python 3.10 reads no line with NUL.
    return _FORMULA.sub("'", cell).replace("\0", "\ufffd")

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A report as JSON, which programs read, and with which a later report is compared.

The document is one object. Each of its values, and each item of a list, is in a line of its own, so that programs that
compare lines show which findings came and went. It is ASCII; other characters are escaped.

`schema`: 1. It grows when a name is removed or gets another meaning; new names may come without that.
`title`, `time`: of the report; `time` in ISO 8601 and UTC, null if no result says it.
`totals`: `accounts`, `unread_accounts`, `resources` (an object: the kind, then the status, then the number),
  `findings`, `by_rule`, `objects` and `stored_bytes`.
`comparison`: null, or `title`, `time`, `before` (the totals of the earlier report), `new`, `unchanged`, `absent`, and
  `not_read`: of those absent, the findings about what could not be read this time.
`rules`: each rule that has findings, with its `title`, `severity`, `explanation`, `advice` and the `module` that mends
  it (null if none does).
`controls`: each control of AWS that findings name, as they name it, with its `title` and `requirements` (an object: the
  framework, then the ids of its requirements).
`accounts`: each with its numbers, and the `error` why it could not be entered (empty if it could).
`errors`: what could not be read, each with its `aspect` and a `message`.
`buckets`, `kms_keys`, `objects`: the resources, each with its `status`, the `aspects` that were inspected, `columns`
  (what was read), `errors` and the number of its `findings`.
`object_counts`: the objects of each bucket by their encryption.
`groups`: the findings that the same options mend, each with the most frequent messages, the first resources, and the
  `task` that mends these, in YAML (empty if no module mends them).
`findings`: each with its `fingerprint`, which is the same in every report; `change` is `new`, `unchanged` or `absent`,
  and null without an earlier report. `options` are those of the module that mends it.

A resource has `kind`, `name`, `arn`, `account_id`, `account_name` and `region`; what is not known is an empty text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import BinaryIO, TypeVar

from ...model.errors import OperationError, invalid_input
from ...model.finding import Rule
from ...model.report.controls import CONTROLS
from ...model.report.earlier_report import EarlierReport
from ...model.report.fields import Fields, parse_json
from ...model.report.mending import mending_task
from ...model.report.observation import ObjectCount, Resource, ResourceKind
from ...model.report.report import (
    AccountRow,
    Change,
    Comparison,
    ErrorRow,
    FindingGroup,
    FindingRow,
    Report,
    Row,
    Status,
    Totals,
)
from ...model.report.rules import RULES
from ..result import Result
from .report_summary import written_time
from .results_reading import lines_of, open_regular_file

SCHEMA = 1
_ADVICE = "Name a file that encryption_report wrote with format: json."
_LISTS = {ResourceKind.BUCKET: "buckets", ResourceKind.KMS_KEY: "kms_keys", ResourceKind.OBJECT: "objects"}
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_EnumT = TypeVar("_EnumT", bound=Enum)


def json_report(report: Report) -> Iterator[str]:
    """The document in parts. Memory holds one row."""
    totals, comparison = report.totals(), report.comparison()
    yield "{\n"
    yield _line("schema", SCHEMA)
    yield _line("title", report.title)
    yield _line("time", written_time(report.time))
    yield _line("totals", _totals_to_dict(totals))
    yield _line("comparison", _comparison_to_dict(comparison))
    yield from _list("rules", (_rule_to_dict(rule) for rule, _number in totals.by_rule))
    yield from _list("controls", map(_control_to_dict, _controls(report)))
    yield from _list("accounts", map(_account_to_dict, report.accounts()))
    yield from _list("errors", map(_error_to_dict, report.errors()))
    for kind, name in _LISTS.items():
        yield from _list(name, map(_row_to_dict, report.rows(kind)))
    yield from _list("object_counts", map(_count_to_dict, report.object_counts()))
    yield from _list("groups", map(_group_to_dict, report.groups()))
    yield from _list("findings", map(_finding_to_dict, report.findings()), is_last=True)
    yield "}\n"


def _line(name: str, value: object) -> str:
    return f'"{name}": {json.dumps(value)},\n'


def _list(name: str, items: Iterable[Result], *, is_last: bool = False) -> Iterator[str]:
    yield f'"{name}": ['
    separator = "\n"
    for item in items:
        yield separator + json.dumps(item)
        separator = ",\n"
    yield "\n]\n" if is_last else "\n],\n"


def _totals_to_dict(totals: Totals) -> Result:
    resources: dict[str, dict[str, int]] = {}
    for kind, status, number in totals.resources:
        resources.setdefault(kind.value, {})[status.value] = number
    return {
        "accounts": totals.accounts,
        "unread_accounts": totals.unread_accounts,
        "resources": resources,
        "findings": totals.findings,
        "by_rule": {rule.value: number for rule, number in totals.by_rule},
        "objects": totals.objects,
        "stored_bytes": totals.stored_bytes,
    }


def _comparison_to_dict(comparison: Comparison | None) -> Result | None:
    if comparison is None:
        return None
    return {
        "title": comparison.title,
        "time": written_time(comparison.time),
        "before": _totals_to_dict(comparison.before),
        "new": comparison.new,
        "unchanged": comparison.unchanged,
        "absent": comparison.absent,
        "not_read": comparison.not_read,
    }


def _rule_to_dict(rule: Rule) -> Result:
    text = RULES[rule]
    return {
        "rule": rule.value,
        "title": text.title,
        "severity": text.severity.value,
        "explanation": text.explanation,
        "advice": text.advice,
        "module": text.module,
    }


def _controls(report: Report) -> list[str]:
    """The controls of all findings. There are a few, whatever the number of findings."""
    return sorted({group.control for group in report.groups() if group.control})


def _control_to_dict(name: str) -> Result:
    control = CONTROLS.get(name)
    return {
        "control": name,
        "title": control.title if control else "",
        "requirements": {framework: list(ids) for framework, ids in control.requirements} if control else {},
    }


def _resource_to_dict(resource: Resource) -> Result:
    return {
        "kind": resource.kind.value,
        "name": resource.name,
        "arn": resource.arn,
        "account_id": resource.account_id,
        "account_name": resource.account_name,
        "region": resource.region,
    }


def _account_to_dict(account: AccountRow) -> Result:
    return {
        "account_id": account.account_id,
        "account_name": account.account_name,
        "resources": account.resources,
        "passed": account.passed,
        "failed": account.failed,
        "not_available": account.not_available,
        "not_compared": account.not_compared,
        "findings": account.findings,
        "error": account.error,
    }


def _error_to_dict(error: ErrorRow) -> Result:
    return {**_resource_to_dict(error.resource), "aspect": error.aspect.value, "message": error.message}


def _row_to_dict(row: Row) -> Result:
    return {
        **_resource_to_dict(row.resource),
        "status": row.status.value,
        "aspects": [aspect.value for aspect in row.aspects],
        "columns": dict(row.columns),
        "errors": list(row.errors),
        "findings": row.findings,
    }


def _count_to_dict(count: ObjectCount) -> Result:
    return {
        "account_id": count.account_id,
        "bucket": count.bucket,
        "encryption": count.encryption,
        "kms_key_arn": count.kms_key_arn,
        "objects": count.objects,
        "stored_bytes": count.stored_bytes,
        "is_estimate": count.is_estimate,
    }


def _group_to_dict(group: FindingGroup) -> Result:
    return {
        "rule": group.rule.value,
        "control": group.control,
        "options": json.loads(group.options),
        "findings": group.findings,
        "resources": group.resources,
        "accounts": group.accounts,
        "messages": [{"message": message, "findings": number} for message, number in group.messages],
        "other_messages": group.other_messages,
        "names": [_resource_to_dict(each) for each in group.names],
        "task": mending_task(group),
    }


def _finding_to_dict(finding: FindingRow) -> Result:
    return {
        "fingerprint": finding.fingerprint,
        "change": finding.change.value if finding.change else None,
        "rule": finding.rule.value,
        "control": finding.control,
        "message": finding.message,
        **_resource_to_dict(finding.resource),
        "options": json.loads(finding.options),
    }


def read_json_report(path: Path, name: str) -> EarlierReport:
    """The report of a file, whose findings are read when they are iterated, once. `name` is what the task calls it.

    Raises OperationError for anything else than such a file, also while the findings are read.
    """
    file = open_regular_file(path, name, _ADVICE)
    reader = _Reader(file, name, enumerate(lines_of(file, name, _ADVICE), 1))
    try:
        reader.expect(b"{")
        schema = reader.value("schema").number("schema")
        if schema != SCHEMA:
            raise invalid_input(
                f"{name} has the schema {schema}, and this version of the collection reads {SCHEMA}.",
                "Write it again with this version.",
            )
        title = reader.value("title").text("title")
        time = reader.value("time").time_or_none("time")
        totals = _totals_of(reader.value("totals").fields("totals"))
    except BaseException:
        file.close()
        raise
    return EarlierReport(title, time, totals, reader.findings())


@dataclass(frozen=True)
class _Reader:
    """The lines of a report in a file."""

    file: BinaryIO
    name: str
    lines: Iterator[tuple[int, bytes]]

    def value(self, name: str) -> Fields:
        """The value of the next line, as an object with that name only."""
        number, line = self._next()
        if not line.startswith(f'"{name}": '.encode()):
            raise self._refuse(number, f"it has no {name} here")
        return self._object(number, b"{" + line.removesuffix(b",") + b"}")

    def expect(self, expected: bytes) -> None:
        """Read a line that has to be this one."""
        number, line = self._next()
        if line != expected:
            raise self._refuse(number, f"it has no {expected.decode()} here")

    def findings(self) -> Iterator[FindingRow]:
        """The findings that are not absent, after all else is skipped."""
        with self.file:
            line = b""
            while line != b'"findings": [':
                number, line = self._next()
            while True:
                number, line = self._next()
                if line == b"]":
                    break
                if not line:  # an empty list
                    continue
                finding = _finding_of(self._object(number, line.removesuffix(b",")))
                if finding.change is not Change.ABSENT:
                    yield finding
            self.expect(b"}")

    def _next(self) -> tuple[int, bytes]:
        number, line = next(self.lines, (0, b""))
        if not line.endswith(b"\n"):
            raise self._refuse(number, "the file ends before the report does")
        return number, line[:-1]

    def _object(self, number: int, text: bytes) -> Fields:
        try:
            value = parse_json(text)
        except ValueError as error:
            raise self._refuse(number, "it is not JSON here") from error
        return Fields.of(value, f"{self.name}, line {number:,},", _ADVICE)

    def _refuse(self, number: int, cause: str) -> OperationError:
        line = f", line {number:,}" if number else ""
        return invalid_input(
            f"{self.name} is not a report as encryption_report writes it with format: json: {cause}{line}.",
            "Name the file as it was written. A file that another program has formatted is not read.",
        )


def _totals_of(fields: Fields) -> Totals:
    kinds = fields.fields("resources")
    resources = tuple(
        (kind, status, statuses.number(status.value))
        for kind in _members(kinds, ResourceKind)
        for statuses in (kinds.fields(kind.value),)
        for status in _members(statuses, Status)
    )
    rules = fields.fields("by_rule")
    return Totals(
        fields.number("accounts"),
        fields.number("unread_accounts"),
        resources,
        fields.number("findings"),
        tuple((rule, rules.number(rule.value)) for rule in _members(rules, Rule)),
        fields.number("objects"),
        fields.number("stored_bytes"),
    )


def _members(fields: Fields, members: type[_EnumT]) -> list[_EnumT]:
    """The names of an object, in their order, each of which has to be a member."""
    return [_member(fields, str(name), members) for name in fields.values]


def _member(fields: Fields, value: str, members: type[_EnumT]) -> _EnumT:
    try:
        return members(value)
    except ValueError as error:
        raise invalid_input(
            f"{fields.where} has {value!r}, which this version of the collection does not know.", fields.advice
        ) from error


def _finding_of(fields: Fields) -> FindingRow:
    fingerprint, change = fields.text("fingerprint"), fields.text_or_none("change")
    if not _FINGERPRINT.fullmatch(fingerprint):
        raise invalid_input(f"{fields.where} has no fingerprint of 64 hexadecimal digits.", fields.advice)
    return FindingRow(
        Resource(
            _member(fields, fields.text("kind"), ResourceKind),
            fields.text("name"),
            fields.text("arn"),
            fields.text("account_id"),
            fields.text("account_name"),
            fields.text("region"),
        ),
        _member(fields, fields.text("rule"), Rule),
        fields.text("message"),
        fields.text_or_none("control"),
        fields.json("options"),
        fingerprint,
        _member(fields, change, Change) if change is not None else None,
    )

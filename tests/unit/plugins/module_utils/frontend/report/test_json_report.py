# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The JSON report: what it has, that it is the same for the same results, and that only it is read back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.engine.report.report_store import ReportStore
from ansible_collections.sealed.s3.plugins.module_utils.frontend.report.json_report import (
    json_report,
    read_json_report,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.report.observation import ResourceKind
from ansible_collections.sealed.s3.plugins.module_utils.model.report.report import Change, Status
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.report_world import (
    HOSTILE_NAMES,
    TITLE,
    observations,
    report_of,
)

OBSERVED = list(observations(8))


def written(report: ReportStore, path: Path) -> Path:
    path.write_text("".join(json_report(report)), encoding="ascii")
    return path


def test_the_document() -> None:
    """It has what the report has, and nothing but ASCII."""
    with report_of(30) as report:
        text = "".join(json_report(report))
        found = json.loads(text)
        assert text.isascii()
        assert text.endswith("\n}\n")
        assert (found["schema"], found["title"], found["time"]) == (1, TITLE, "2026-11-27T08:30:00Z")
        totals = report.totals()
        assert sum(len(found[name]) for name in ("buckets", "kms_keys", "objects")) == sum(
            number for kind, _status, number in totals.resources if kind.value not in ("account", "region")
        )
        assert found["totals"]["resources"]["bucket"]["FAILED"] == sum(
            row.status is Status.FAILED for row in report.rows(ResourceKind.BUCKET)
        )
        assert len(found["findings"]) == totals.findings == found["totals"]["findings"]
        assert [each["fingerprint"] for each in found["findings"]] == [each.fingerprint for each in report.findings()]
        assert [rule["rule"] for rule in found["rules"]] == [rule.value for rule, _number in totals.by_rule]
        assert {each["control"] for each in found["controls"]} == {
            each["control"] for each in found["findings"] if each["control"]
        }
        assert all(each["title"] and each["requirements"] for each in found["controls"])
        assert any(each["task"] for each in found["groups"])
        names = {each["name"] for each in found["buckets"]}
        assert {name.replace("\ud800", "\ufffd") for name in HOSTILE_NAMES} <= names
        assert len(found["accounts"]) == len(list(report.accounts()))
        assert len(found["errors"]) == len(list(report.errors()))
        assert len(found["groups"]) == len(list(report.groups()))
        assert len(found["object_counts"]) == len(list(report.object_counts()))
        assert found["comparison"] is None


def test_each_finding_has_a_line_of_its_own() -> None:
    """So that a comparison of lines shows which came and went."""
    with report_of(30) as report:
        lines = "".join(json_report(report)).splitlines()
        findings = lines[lines.index('"findings": [') + 1 : -2]
        assert [json.loads(line.removesuffix(","))["message"] for line in findings] == [
            each.message for each in report.findings()
        ]


def test_an_empty_report(tmp_path: Path) -> None:
    """It is read back, too."""
    with ReportStore("Nothing") as report:
        assert json.loads("".join(json_report(report)))["time"] is None
        earlier = read_json_report(written(report, tmp_path / "report"), "report")
        assert (earlier.title, earlier.time, earlier.totals) == ("Nothing", None, report.totals())
        assert list(earlier.findings) == []


@settings(max_examples=10)
@given(st.sets(st.sampled_from(range(len(OBSERVED))), max_size=25))
def test_a_report_that_is_compared_with_itself(tmp_path_factory: pytest.TempPathFactory, chosen: set[int]) -> None:
    """Has nothing new, and lacks nothing; and so has the report about that comparison."""
    path = tmp_path_factory.mktemp("reports") / "report"
    with ReportStore(TITLE) as report:
        for position in sorted(chosen):
            report.add(OBSERVED[position])
        findings = list(report.findings())
        for change in (None, Change.UNCHANGED):
            assert {each.change for each in report.findings()} <= {change}
            earlier = read_json_report(written(report, path), "report")
            assert earlier.totals == report.totals()
            report.compare(earlier)
            comparison = report.comparison()
            assert comparison
            assert (comparison.new, comparison.unchanged, comparison.absent) == (0, len(findings), 0)
            assert comparison.before == report.totals()


def test_findings_that_are_absent(tmp_path: Path) -> None:
    """They are in the report, but not findings of it: the next comparison does not know them."""
    with report_of(30) as earlier, ReportStore("Later") as report:
        report.compare(read_json_report(written(earlier, tmp_path / "earlier"), "earlier"))
        found = json.loads("".join(json_report(report)))
        assert {each["change"] for each in found["findings"]} == {"absent"}
        assert found["comparison"]["absent"] == len(found["findings"]) == earlier.totals().findings
        assert found["comparison"]["before"]["findings"] == earlier.totals().findings
        assert list(read_json_report(written(report, tmp_path / "later"), "later").findings) == []
        for before, after in zip(earlier.findings(), report.findings(), strict=True):
            assert (before.fingerprint, before.resource, before.message) == (
                after.fingerprint,
                after.resource,
                after.message,
            )


def read_wholly(path: Path) -> None:
    list(read_json_report(path, "before.json").findings)


def report_text() -> str:
    with report_of(4, is_hostile=False) as report:
        return "".join(json_report(report))


def test_a_truncated_report(tmp_path: Path) -> None:
    """Whichever line it ends at, or in."""
    text, path = report_text(), tmp_path / "report"
    ends = [place for place, character in enumerate(text) if character == "\n"]
    for end in {0, 1, *ends, *(end - 3 for end in ends[1:-1])}:
        path.write_text(text[:end], encoding="ascii")
        with pytest.raises(OperationError, match=r"before.json is not a report .* ends before the report does"):
            read_wholly(path)
    path.write_text(text, encoding="ascii")
    read_wholly(path)


STRANGE = [
    ("<!DOCTYPE html>\n<title>x</title>\n", "it has no { here, line 1"),
    ("{}\n", "it has no { here, line 1"),
    ('{\n"version": "2.1.0",\n', "it has no schema here, line 2"),
    ('{\n"schema": 2,\n', "the schema 2, and this version of the collection reads 1. Write it again"),
    ('{\n"schema": "1",\n', "schema of before.json, line 2, is a text, and not a whole number"),
    ('{\n"schema": 1,\n"title": [[,\n', "it is not JSON here, line 3"),
    ("\x00" * 10 + "\n", "it has no { here"),
]


@pytest.mark.parametrize(("text", "message"), STRANGE)
def test_what_is_no_report(tmp_path: Path, text: str, message: str) -> None:
    """The error says what it lacks."""
    path = tmp_path / "report"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(OperationError, match=message) as raised:
        read_json_report(path, "before.json")
    assert raised.value.failure.kind is FailureKind.INVALID


CHANGES = [
    ('"rule": "bucket-', '"rule": "basket-', "which this version of the collection does not know"),
    ('{"fingerprint": "', '{"fingerprint": "X', "has no fingerprint of 64 hexadecimal digits"),
    ('"change": null', '"change": "gone"', "has 'gone', which this version"),
    ('"kind": "bucket"', '"kind": "basket"', "has 'basket', which this version"),
    ('"options": {', '"options": [{', "it is not JSON here"),
    ('"message": "', '"message": 1, "x": "', "message of before.json, line .*, is a number, and not a text"),
]


@pytest.mark.parametrize(("before", "after", "message"), CHANGES)
def test_a_finding_that_was_changed(tmp_path: Path, before: str, after: str, message: str) -> None:
    """The line is named."""
    head, mark, findings = report_text().partition('"findings": [')
    assert before in findings
    path = tmp_path / "report"
    path.write_text(head + mark + findings.replace(before, after), encoding="ascii")
    with pytest.raises(OperationError, match=message):
        read_wholly(path)


def test_a_report_that_was_formatted(tmp_path: Path) -> None:
    """The error says that another program may have done that."""
    path = tmp_path / "report"
    path.write_text(json.dumps(json.loads(report_text()), indent=2), encoding="ascii")
    with pytest.raises(OperationError, match="A file that another program has formatted is not read"):
        read_wholly(path)

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The CSV file: its lines, and that no cell of it is a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

import pytest
from hypothesis import given

from ansible_collections.sealed.s3.plugins.module_utils.engine.report.report_store import ReportStore
from ansible_collections.sealed.s3.plugins.module_utils.frontend.report.csv_report import COLUMNS, csv_report
from ansible_collections.sealed.s3.plugins.module_utils.model.finding import Rule
from ansible_collections.sealed.s3.plugins.module_utils.model.report.earlier_report import EarlierReport
from ansible_collections.sealed.s3.plugins.module_utils.model.report.observation import (
    Aspect,
    Observation,
    ReportedFinding,
    Resource,
    ResourceKind,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.report.report import FindingRow
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.report_strategies import ROWS

FORMULA = "[=+\\-@＝＋－＠]"
SPACES = "(?:(?![\t\r\n])[\\s'])*"
# What the file adds, for somebody who wants the names back.
ADDED = re.compile(f"(?:^|(?<=[,;|\"\t\r\n]))'(?={SPACES}{FORMULA})|^'(?={SPACES}[\t\r\n])")


def lines_of(rows: Sequence[Observation], earlier: Sequence[FindingRow] = ()) -> list[dict[str, str]]:
    """The lines of a report of these rows, each by the names of its cells."""
    with ReportStore("Report") as report:
        for row in rows:
            report.add(row)
        if earlier:
            report.compare(EarlierReport("Before", None, report.totals(), earlier))
        text = "".join(csv_report(report))
    assert text.encode().decode() == text
    header, *lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert header == list(COLUMNS)
    return [dict(zip(COLUMNS, line, strict=True)) for line in lines]


def test_a_line_for_each_finding_resource_and_error() -> None:
    """Status, rule, control and module of a finding; the two others have less to say."""
    tls = ReportedFinding(Rule.TLS, "The bucket policy does not deny plain HTTP.", "Security Hub S3.5")
    first = Resource(ResourceKind.BUCKET, "first", "arn:aws:s3:::first", "111122223333", "production", "eu-west-1")
    rows = [
        Observation(first, Aspect.POLICY, is_compliant=False, findings=(tls,)),
        Observation(Resource(ResourceKind.BUCKET, "good"), Aspect.POLICY, is_compliant=True),
        Observation(Resource(ResourceKind.BUCKET, "any"), Aspect.POLICY),
        Observation(Resource(ResourceKind.BUCKET, "bad"), Aspect.POLICY, is_compliant=False),
        Observation(Resource(ResourceKind.KMS_KEY, "alias/k"), Aspect.KEY, error="AccessDenied."),
    ]
    found = lines_of(rows)
    assert [(line["status"], line["resource"], line["message"]) for line in found] == [
        ("FAILED", "first", "The bucket policy does not deny plain HTTP."),
        ("FAILED", "bad", "It is not as expected. The result does not say what differs."),
        ("PASSED", "good", ""),
        ("NOT_COMPARED", "any", ""),
        ("NOT_AVAILABLE", "alias/k", "AccessDenied."),
    ]
    assert found[0]["rule"] == "bucket-policy-tls"
    assert found[0]["severity"] == "MEDIUM"
    assert found[0]["control"] == "Security Hub S3.5"
    assert "PCI DSS" in found[0]["requirements"]
    assert found[0]["mended_by"] == "sealed.s3.bucket_encryption_policy"
    assert (found[0]["account_id"], found[0]["account_name"]) == ("111122223333", "production")


def test_a_report_without_resources_has_the_header() -> None:
    """Lines end as RFC 4180 wants them."""
    with ReportStore("Report") as report:
        assert list(csv_report(report)) == [",".join(COLUMNS) + "\r\n"]


def test_changes_from_an_earlier_report() -> None:
    """What is absent is no failure."""
    bucket, finding = Resource(ResourceKind.BUCKET, "b"), ReportedFinding(Rule.TLS, "now")
    row = Observation(bucket, Aspect.POLICY, is_compliant=False, findings=(finding,))
    gone = FindingRow(bucket, Rule.BUCKET_KEY, "then", None, "{}", "0" * 64)
    lines = lines_of([row], [gone])
    assert [(line["status"], line["message"], line["change"]) for line in lines] == [
        ("FAILED", "now", "new"),
        ("", "then", "absent"),
    ]


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        pytest.param("=1+1", "'=1+1", id="formula"),
        pytest.param("\uff1d1", "'\uff1d1", id="full width"),
        pytest.param("a;=1;-2", "a;'=1;'-2", id="another separator"),
        pytest.param('a"=1', "a\"'=1", id="quotation mark"),
        pytest.param("\n=1", "'\n'=1", id="line feed"),
        pytest.param(" \u00a0=1", "' \u00a0=1", id="spaces"),
        pytest.param("'=1", "''=1", id="an apostrophe already"),
        pytest.param("2026-11-27 a=b", "2026-11-27 a=b", id="no formula"),
        pytest.param("a\0b", "a\ufffdb", id="NUL"),
    ],
)
def test_formulas(name: str, cell: str) -> None:
    """At each place where some reader could begin a cell."""
    row = Observation(Resource(ResourceKind.OBJECT, name), Aspect.ENCRYPTION, is_compliant=True)
    assert [line["resource"] for line in lines_of([row])] == [cell]


@given(ROWS)
def test_hostile_names(rows: Sequence[Observation]) -> None:
    """Each cell is text for a reader of any separator, and gives the name back."""
    lines = lines_of(rows)
    for cell in (cell for line in lines for cell in line.values()):
        assert not re.match(f"{SPACES}{FORMULA}|[\t\r\n]", cell) or cell.startswith("'")
        assert not any(re.match(FORMULA, part) for part in re.split('[,;|"\t\r\n]', cell))
    named = {ADDED.sub("", line["resource"]) for line in lines if line["type"] not in ("account", "region")}
    # A key has one of its names.
    assert named <= {as_written(row.resource.name) for row in rows}
    assert named >= {as_written(row.resource.name) for row in rows if row.resource.kind in NAMED}


NAMED = (ResourceKind.BUCKET, ResourceKind.OBJECT)


def as_written(name: str) -> str:
    """The name without what a CSV file cannot hold."""
    return re.sub("[\0\ud800-\udfff]", "\ufffd", name)

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Reports as the programs of others read them: SARIF by its schema and an object model, JUnit by junitparser."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite
from sarif_pydantic import Sarif

from ansible_collections.sealed.s3.plugins.module_utils.engine.report.report_store import ReportStore
from ansible_collections.sealed.s3.plugins.module_utils.frontend.report.junit_report import junit_report
from ansible_collections.sealed.s3.plugins.module_utils.frontend.report.sarif_report import sarif_report
from ansible_collections.sealed.s3.plugins.module_utils.model.report.earlier_report import EarlierReport
from ansible_collections.sealed.s3.plugins.module_utils.model.report.observation import ResourceKind
from ansible_collections.sealed.s3.plugins.module_utils.model.report.report import Report, Status
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.report_world import TITLE, report_of

# With this file, GitHub's action checks a SARIF file before it uploads it.
SCHEMA = Path(__file__).with_name("sarif-schema-2.1.0.json")


@pytest.fixture(scope="module")
def report() -> Iterator[ReportStore]:
    """A report with hostile names, compared with one that has other buckets."""
    with report_of(30) as found, report_of(5, is_hostile=False, has_accounts=False) as before:
        found.compare(EarlierReport(before.title, before.time, before.totals(), before.findings()))
        yield found


def schema_problems(text: str) -> list[str]:
    """Where the file does not fulfil the schema."""
    errors = Draft202012Validator(json.loads(SCHEMA.read_text())).iter_errors(json.loads(text))
    return [f"{error.json_path}: {error.message}" for error in errors]


def test_sarif_fulfils_its_schema(report: Report) -> None:
    """As a file with everything, and as one of a report without resources."""
    assert schema_problems("".join(sarif_report(report))) == []
    with ReportStore("Empty") as empty:
        text = "".join(sarif_report(empty))
    assert schema_problems(text) == []
    assert len(schema_problems(text.replace('"version"', '"versions"'))) == 2


def test_sarif_in_an_object_model(report: Report) -> None:
    """It finds each finding with its rule, and each unread resource."""
    (run,) = Sarif.model_validate_json("".join(sarif_report(report))).runs
    rules = run.tool.driver.rules or []
    found = Counter(result.rule_id for result in run.results or [])
    expected = Counter(finding.rule.value for finding in report.findings())
    expected["not-read"] = sum(1 for _error in report.errors())
    assert found == expected
    for result in run.results or []:
        assert rules[result.rule_index or 0].id == result.rule_id
    (invocation,) = run.invocations or []
    assert invocation.execution_successful is False


def test_junit_in_junitparser(report: Report) -> None:
    """Its own counts are those of the file, and the file has each aspect of each resource with its status."""
    read = JUnitXml.fromstring("".join(junit_report(report)).encode())
    assert read.name == TITLE
    outcomes: Counter[Status] = Counter()
    words = {Failure: Status.FAILED, Error: Status.NOT_AVAILABLE, Skipped: Status.NOT_COMPARED}
    for suite in read:
        assert isinstance(suite, TestSuite)
        written = (suite.tests, suite.failures, suite.errors, suite.skipped)
        suite.update_statistics()
        assert (suite.tests, suite.failures, suite.errors, suite.skipped) == written
        for test in suite:
            assert isinstance(test, TestCase)
            assert len(test.result) <= 1
            outcomes[words[type(test.result[0])] if test.result else Status.PASSED] += 1
    rows = [row for kind in ResourceKind for row in report.rows(kind)]
    assert outcomes == Counter(each.status for row in rows for each in row.by_aspect)
    assert (read.tests, read.failures, read.errors) == (
        sum(outcomes.values()),
        outcomes[Status.FAILED],
        outcomes[Status.NOT_AVAILABLE],
    )

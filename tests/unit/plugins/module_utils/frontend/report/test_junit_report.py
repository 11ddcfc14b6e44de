# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The JUnit file: which outcome each resource has, right counts, and well-formed for any name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timezone
from xml.etree import ElementTree

import pytest
from hypothesis import given

from ansible_collections.sealed.s3.plugins.module_utils.engine.report.report_store import ReportStore
from ansible_collections.sealed.s3.plugins.module_utils.frontend.report.junit_report import junit_report
from ansible_collections.sealed.s3.plugins.module_utils.model.finding import Rule
from ansible_collections.sealed.s3.plugins.module_utils.model.report.observation import (
    Aspect,
    Observation,
    ReportedFinding,
    Resource,
    ResourceKind,
)
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.report_strategies import ROWS, TEXTS

BUCKET = Resource(ResourceKind.BUCKET, "b", "arn:aws:s3:::b", "111122223333", "production", "eu-west-1")
TLS = ReportedFinding(Rule.TLS, "HTTP is not denied.", "Security Hub S3.5")
OTHER = ReportedFinding(Rule.POLICY_STATEMENT, "A statement differs.")
KEYS_OFF = ReportedFinding(Rule.BUCKET_KEY, "S3 bucket keys are off.")


def parsed(*rows: Observation, title: str = "Report", time: datetime | None = None) -> ElementTree.Element:
    """The root of the file about these rows."""
    with ReportStore(title) as report:
        for row in rows:
            report.add(row)
        if time:
            report.set_time(time)
        return ElementTree.fromstring("".join(junit_report(report)).encode())


@pytest.mark.parametrize(
    ("observed", "outcome", "attributes"),
    [
        pytest.param(Observation(BUCKET, Aspect.POLICY, is_compliant=True), None, {}, id="passed"),
        pytest.param(
            Observation(BUCKET, Aspect.POLICY), "skipped", {"message": "Nothing was expected of it."}, id="not compared"
        ),
        pytest.param(
            Observation(BUCKET, Aspect.POLICY, is_compliant=False, findings=(TLS,)),
            "failure",
            {"type": "bucket-policy-tls", "message": "HTTP is not denied."},
            id="a finding",
        ),
        pytest.param(
            Observation(BUCKET, Aspect.POLICY, findings=(KEYS_OFF, TLS, OTHER), error="AccessDenied."),
            "failure",
            {
                "type": "bucket-policy-tls",
                "message": "HTTP is not denied. And 2 more findings. Not all of it could be read.",
            },
            id="findings and an error",
        ),
        pytest.param(
            Observation(BUCKET, Aspect.POLICY, is_compliant=False),
            "failure",
            {"type": "not-compliant", "message": "It is not as expected. The result does not say what differs."},
            id="no finding",
        ),
        pytest.param(
            Observation(BUCKET, Aspect.POLICY, error="AccessDenied."),
            "error",
            {"type": "not-read", "message": "AccessDenied."},
            id="not read",
        ),
    ],
)
def test_the_outcome_of_a_resource(observed: Observation, outcome: str | None, attributes: dict[str, str]) -> None:
    """At most one element says it, because readers take the first only."""
    root = parsed(observed)
    (test,) = root.iter("testcase")
    assert (test.get("classname"), test.get("name")) == ("111122223333 production.bucket", "b: policy")
    assert [(each.tag, each.attrib) for each in test] == ([(outcome, attributes)] if outcome else [])
    counted = {"skipped": "skipped", "failure": "failures", "error": "errors"}
    expected = {"tests": 1, **{name: int(outcome == tag) for tag, name in counted.items()}}
    (suite,) = root
    assert {name: int(suite.attrib[name]) for name in expected} == expected
    assert {name: int(number) for name, number in root.attrib.items() if name in expected} == {
        name: number for name, number in expected.items() if name != "skipped"
    }


def test_the_text_of_a_failure() -> None:
    """All findings with what mends them, then what could not be read."""
    row = Observation(BUCKET, Aspect.POLICY, findings=(TLS, OTHER), error="AccessDenied.")
    (failure,) = parsed(row).iter("failure")
    text = failure.text or ""
    assert "bucket-policy-tls, Security Hub S3.5: HTTP is not denied.\n" in text
    assert "(sealed.s3.bucket_encryption_policy)" in text
    assert text.endswith("\nNot all of it could be read. AccessDenied.\narn:aws:s3:::b\nRegion eu-west-1")


def test_each_aspect_of_a_bucket() -> None:
    """One that passed, and one whose findings are not those of the other. What is not compared is not passed."""
    found = {
        Aspect.DEFAULT_ENCRYPTION: Observation(BUCKET, Aspect.DEFAULT_ENCRYPTION, is_compliant=True),
        Aspect.POLICY: Observation(BUCKET, Aspect.POLICY, is_compliant=False, findings=(TLS,)),
    }
    names = ["b: default encryption", "b: policy"]
    tests = list(parsed(*found.values()).iter("testcase"))
    assert [(test.get("name"), [each.tag for each in test]) for test in tests] == list(
        zip(names, ([], ["failure"]), strict=True)
    )
    for changed in (
        {Aspect.POLICY: Observation(BUCKET, Aspect.POLICY)},
        {Aspect.DEFAULT_ENCRYPTION: Observation(BUCKET, Aspect.DEFAULT_ENCRYPTION, findings=(KEYS_OFF,), error="No.")},
    ):
        root = parsed(*{**found, **changed}.values())
        (skipped, failed) = (len(list(root.iter(name))) for name in ("skipped", "failure"))
        assert (skipped, failed) == ((1, 0) if Aspect.POLICY in changed else (0, 2))
        assert root.get("tests") == "2"


def test_a_report_without_resources_fails() -> None:
    """An empty suite would pass."""
    root = parsed()
    assert {name: root.attrib[name] for name in ("tests", "failures", "errors")} == {
        "tests": "1",
        "failures": "1",
        "errors": "0",
    }
    (failure,) = root.iter("failure")
    assert failure.get("message") == "No resource was inspected."


def test_keys_of_one_name() -> None:
    """A reader takes two tests of one class and name for one."""
    keys = [Resource(ResourceKind.KMS_KEY, "alias/k", region=region) for region in ("eu-west-1", "us-east-1")]
    rows = [Observation(key, Aspect.KEY, is_compliant=True) for key in keys]
    root = parsed(*rows, time=datetime(2026, 11, 27, 8, tzinfo=timezone.utc))
    assert [test.get("name") for test in root.iter("testcase")] == ["alias/k (eu-west-1)", "alias/k (us-east-1)"]
    assert root[0].get("timestamp") == "2026-11-27T08:00:00+00:00"


def test_a_task_that_failed_as_a_whole() -> None:
    """Its result names no account. A test without a name is none for many readers."""
    root = parsed(Observation(Resource(ResourceKind.ACCOUNT, ""), Aspect.ACCESS, error="AccessDenied."))
    (test,) = root.iter("testcase")
    assert (test.get("classname"), test.get("name")) == ("unknown.account", "unknown")
    assert [error.get("message") for error in test.iter("error")] == ["AccessDenied."]


@given(ROWS, TEXTS)
def test_hostile_names(rows: Sequence[Observation], title: str) -> None:
    """The file is well-formed, its counts are right, and it gives back the names that XML can hold."""
    root = parsed(*rows, title=title)
    tests = list(root.iter("testcase"))
    assert root.get("name") == permitted(title)
    assert tests
    for suite in [root, *root]:
        inside = list(suite.iter("testcase"))
        assert all(len(test) < 2 for test in inside)
        assert suite.get("tests") == str(len(inside))
        assert suite.get("failures") == str(len(list(suite.iter("failure"))))
        assert suite.get("errors") == str(len(list(suite.iter("error"))))
    for suite in root:
        assert suite.get("skipped", "0") == str(len(list(suite.iter("skipped"))))
    named = {row.resource.name for row in rows if row.resource.kind in (ResourceKind.BUCKET, ResourceKind.OBJECT)}
    assert {permitted(name) for name in named} <= {(test.get("name") or "").rpartition(": ")[0] for test in tests} | {
        test.get("name") for test in tests
    }


def permitted(name: str) -> str:
    """The name without the characters that XML forbids."""
    return re.sub("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "\ufffd", name)

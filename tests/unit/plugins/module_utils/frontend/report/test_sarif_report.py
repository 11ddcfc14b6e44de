# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The SARIF file: what its results say, and that no name in it is more than text."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any
from urllib.parse import unquote, urljoin

import pytest
from hypothesis import given

from ansible_collections.sealed.s3.plugins.module_utils.engine.report.report_store import ReportStore
from ansible_collections.sealed.s3.plugins.module_utils.frontend.report.sarif_report import sarif_report
from ansible_collections.sealed.s3.plugins.module_utils.frontend.report.sarif_text import (
    message_markdown,
    message_text,
    resource_uri,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.finding import Rule
from ansible_collections.sealed.s3.plugins.module_utils.model.report.earlier_report import EarlierReport
from ansible_collections.sealed.s3.plugins.module_utils.model.report.fingerprint import fingerprint
from ansible_collections.sealed.s3.plugins.module_utils.model.report.observation import (
    Aspect,
    Observation,
    ReportedFinding,
    Resource,
    ResourceKind,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.report.report import FindingRow
from ansible_collections.sealed.s3.plugins.module_utils.model.report.rules import RULES, Severity
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.report_strategies import ROWS, TEXTS

BUCKET = Resource(ResourceKind.BUCKET, "b", "arn:aws:s3:::b", "111122223333", "production", "eu-west-1")
TLS = ReportedFinding(Rule.TLS, "HTTP is not denied.", "Security Hub S3.5", '{"require_tls": true}')
LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning"}


def run_of(
    *rows: Observation, title: str = "Report", time: datetime | None = None, earlier: Sequence[FindingRow] = ()
) -> dict[str, Any]:
    """The run of the file about these rows."""
    with ReportStore(title) as report:
        for row in rows:
            report.add(row)
        if time:
            report.set_time(time)
        if earlier:
            report.compare(EarlierReport("Before", None, report.totals(), earlier))
        text = "".join(sarif_report(report))
    assert text.encode().decode() == text
    log = json.loads(text)
    (run,) = log["runs"]
    assert log["version"] == "2.1.0"
    found: dict[str, Any] = run
    return found


def test_the_result_of_a_finding() -> None:
    """Its rule, place, fingerprint, control and the task that mends it."""
    row = Observation(BUCKET, Aspect.POLICY, is_compliant=False, findings=(TLS,))
    run = run_of(row, time=datetime(2026, 11, 27, 8, tzinfo=timezone.utc))
    (result,) = run["results"]
    mark = fingerprint(Rule.TLS, BUCKET, TLS.message)
    assert result["message"] == {"text": "Bucket b: HTTP is not denied."}
    (place,) = result["locations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "buckets/111122223333/b"
    assert place["logicalLocations"] == [{"name": "b", "kind": "resource", "fullyQualifiedName": "arn:aws:s3:::b"}]
    assert result["partialFingerprints"] == {"primaryLocationLineHash": mark, "sealedS3Finding/v1": mark}
    properties = result["properties"]
    assert (properties["account"], properties["accountName"]) == ("111122223333", "production")
    assert properties["control"] == "Security Hub S3.5"
    assert any(framework.startswith("PCI DSS") for framework in properties["requirements"])
    assert "bucket_encryption_policy" in properties["mendingTask"]
    rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert rule["id"] == result["ruleId"] == "bucket-policy-tls"
    assert rule["defaultConfiguration"]["level"] == result["level"] == "warning"
    taxon = run["taxonomies"][0]["taxa"][result["taxa"][0]["index"]]
    assert taxon["id"] == result["taxa"][0]["id"] == "Security Hub S3.5"
    assert run["invocations"] == [{"executionSuccessful": True, "endTimeUtc": "2026-11-27T08:00:00Z"}]


def test_what_could_not_be_read() -> None:
    """A result, so that somebody sees it, and a notification of an execution without success."""
    run = run_of(Observation(BUCKET, Aspect.POLICY, error="AccessDenied."))
    (result,) = run["results"]
    assert (result["ruleId"], result["level"]) == ("not-read", "error")
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "not-read"
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    (notification,) = invocation["toolExecutionNotifications"]
    assert notification["message"] == result["message"] == {"text": "Bucket b: AccessDenied."}


def test_a_task_that_failed_as_a_whole() -> None:
    """Its result names no account."""
    run = run_of(Observation(Resource(ResourceKind.ACCOUNT, ""), Aspect.ACCESS, error="AccessDenied."))
    (result,) = run["results"]
    assert result["message"] == {"text": "Account unknown: AccessDenied."}
    (place,) = result["locations"]
    assert place["logicalLocations"] == [{"name": "unknown", "kind": "resource"}]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "accounts/unknown"


def test_what_is_not_compliant_without_a_finding() -> None:
    """The file does not say less than the result."""
    run = run_of(Observation(BUCKET, Aspect.POLICY, is_compliant=False))
    (result,) = run["results"]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "not-compliant"


def test_a_report_without_resources() -> None:
    """It has no result, and no success either."""
    run = run_of()
    assert (run["results"], run["invocations"][0]["executionSuccessful"]) == ([], False)
    assert run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"] == "No resource was inspected."


def test_changes_from_an_earlier_report() -> None:
    """What is absent has its rule too."""
    row = Observation(BUCKET, Aspect.POLICY, is_compliant=False, findings=(TLS,))
    run = run_of(row, earlier=[FindingRow(BUCKET, Rule.BUCKET_KEY, "then", None, "{}", "0" * 64)])
    assert [(result["ruleId"], result["baselineState"]) for result in run["results"]] == [
        ("bucket-policy-tls", "new"),
        ("bucket-s3-bucket-key", "absent"),
    ]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]][:2] == ["bucket-s3-bucket-key", "bucket-policy-tls"]


def test_the_rules() -> None:
    """What GitHub requires of each, within its limits."""
    findings = tuple(ReportedFinding(rule, "x") for rule in Rule)
    run = run_of(Observation(BUCKET, Aspect.POLICY, findings=findings))
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [*(rule.value for rule in Rule), "not-read", "not-compliant"]
    for rule in rules:
        assert 0 < len(rule["shortDescription"]["text"]) <= 1024
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert rule["help"]["text"]
        assert rule["help"]["markdown"]
        assert len(rule["name"]) <= 255
        assert len(rule["properties"]["tags"]) <= 10
    for rule, described in zip(Rule, rules[: len(Rule)], strict=True):
        severity = RULES[rule].severity
        assert described["defaultConfiguration"]["level"] == LEVELS.get(severity, "note")
        score = described["properties"].get("security-severity", "0")
        assert severity is github_word(float(score))


def github_word(score: float) -> Severity:
    """What GitHub shows for a security-severity."""
    bounds = {Severity.CRITICAL: 9.0, Severity.HIGH: 7.0, Severity.MEDIUM: 4.0, Severity.LOW: 0.1}
    return next((word for word, least in bounds.items() if score >= least), Severity.INFORMATIONAL)


@pytest.mark.parametrize(
    ("resource", "uri"),
    [
        (BUCKET, "buckets/111122223333/b"),
        (Resource(ResourceKind.BUCKET, "b"), "buckets/unknown/b"),
        (Resource(ResourceKind.BUCKET, ".."), "buckets/unknown/%252E%252E"),
        (Resource(ResourceKind.BUCKET, "a b/../ö", account_id="1"), "buckets/1/a%20b%2F..%2F%C3%B6"),
        (Resource(ResourceKind.KMS_KEY, "alias/k", account_id="1", region="r"), "kms-keys/1/r/alias%2Fk"),
        (Resource(ResourceKind.OBJECT, "b/a key", account_id="1"), "objects/1/b%2Fa%20key"),
        (Resource(ResourceKind.ACCOUNT, "1", account_id="1"), "accounts/1"),
        (Resource(ResourceKind.ACCOUNT, "1"), "accounts/1"),
        (Resource(ResourceKind.REGION, "eu-west-1", account_id="1"), "regions/1/eu-west-1"),
    ],
)
def test_uris(resource: Resource, uri: str) -> None:
    """Relative, and below the folder of the kind."""
    assert resource_uri(resource) == uri


def test_texts() -> None:
    """Neither a placeholder, nor a link, nor HTML."""
    assert message_text("{0} [x](y) [z]") == "{{0}} [x\\](y) [z]"
    assert message_markdown("{0} [x](y) <b> *a* `c`") == "{{0}} \\[x\\](y) \\<b\\> \\*a\\* \\`c\\`"


@given(ROWS, TEXTS)
def test_hostile_names(rows: Sequence[Observation], title: str) -> None:
    """The file is JSON in UTF-8, each place is below its kind, and the names come back."""
    run = run_of(*rows, title=title)
    rules = run["tool"]["driver"]["rules"]
    names = set()
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        for taxon in result.get("taxa", ()):
            assert run["taxonomies"][0]["taxa"][taxon["index"]]["id"] == taxon["id"]
        text = result["message"]["text"]
        assert not re.search(r"(?<!\\)\]\(", text)
        assert "{" not in text.replace("{{", "")
        (place,) = result["locations"]
        uri, (logical,) = place["physicalLocation"]["artifactLocation"]["uri"], place["logicalLocations"]
        assert urljoin("https://example.com/root/", uri) == f"https://example.com/root/{uri}"
        assert unquote(uri).endswith(logical["name"]) or logical["name"] in (".", "..")
        names.add(logical["name"])
    named = {row.resource.name for row in rows if row.error or row.findings or row.is_compliant is False}
    assert names >= {
        re.sub("[\ud800-\udfff]", "\ufffd", row.resource.name)
        for row in rows
        if row.resource.kind in (ResourceKind.BUCKET, ResourceKind.OBJECT) and row.resource.name in named
    }

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What the `_info` modules return and write to a file is what a report reads: nothing of it is refused or lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.report.report_store import ReportStore
from ansible_collections.sealed.s3.plugins.module_utils.frontend.report.results_reading import read_results_file
from ansible_collections.sealed.s3.plugins.module_utils.frontend.result_rows import FILE_VARIABLE
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.finding import Rule
from ansible_collections.sealed.s3.plugins.module_utils.model.report.observation import Aspect, ResourceKind
from ansible_collections.sealed.s3.plugins.module_utils.model.report.report import Status
from ansible_collections.sealed.s3.plugins.module_utils.model.report.result_reading import read_results

from .account_world import MEMBER_ROLE, REGION, make_account_world
from .conftest import Result, Task

DEFAULTS, POLICIES = "bucket_default_encryption_info", "bucket_encryption_policy_info"
KEYS, OBJECTS, COUNTS = "kms_key_for_s3_info", "s3_encrypted_object_info", "bucket_reencryption_info"


@pytest.fixture
def report() -> Iterator[ReportStore]:
    """An empty report."""
    with ReportStore("Report") as store:
        yield store


def add(report: ReportStore, *results: Result) -> None:
    for each in read_results(results):
        report.add(each)


def statuses(report: ReportStore, kind: ResourceKind) -> list[tuple[str, Status, int]]:
    return [(row.resource.name, row.status, row.findings) for row in report.rows(kind)]


def test_buckets_and_keys(report: ReportStore, task: Task, s3: Any, bucket: str, key_arn: str) -> None:
    """Two aspects of a bucket are one row; without accounts, the account is not known."""
    s3.create_bucket(Bucket="other")
    options: dict[str, Any] = {"buckets": [bucket, "missing", "other"]}
    expected = {"encryption": "SSE-KMS", "kms_key": "alias/app"}
    defaults = task(DEFAULTS, **options, expected=expected)
    policies = task(POLICIES, **options, expected={"require_tls": True}, fail_on_findings=True)
    add(report, {"results": [defaults, policies]}, task(KEYS), {"skipped": True, "changed": False})
    assert report.time
    assert statuses(report, ResourceKind.BUCKET) == [
        (bucket, Status.FAILED, 2),
        ("other", Status.FAILED, 2),
        ("missing", Status.NOT_AVAILABLE, 0),
    ]
    (first, *_others) = report.rows(ResourceKind.BUCKET)
    assert first.aspects == (Aspect.DEFAULT_ENCRYPTION, Aspect.POLICY)
    assert dict(first.columns)["encryption"] == "SSE-S3"
    assert first.resource.arn == f"arn:aws:s3:::{bucket}"
    (key,) = report.rows(ResourceKind.KMS_KEY)
    assert (key.resource.arn, key.resource.name, dict(key.columns)["state"]) == (key_arn, "alias/app", "Enabled")
    assert [(each.rule, each.resource.name) for each in report.findings_of(key.resource)] == [
        (Rule.KEY_ROTATION, "alias/app")
    ]
    assert [account.account_id for account in report.accounts()] == [""]
    assert all(each.options != "{}" for each in report.findings())
    assert {each.resource.name for each in report.errors()} == {"missing"}


def test_objects(report: ReportStore, task: Task, s3: Any, bucket: str) -> None:
    """Those that are listed, and of the others their number."""
    for number in range(3):
        s3.put_object(Bucket=bucket, Key=f"a/{number}", Body=b"four")
    expected = {"encryption": "SSE-KMS"}
    listed = task(OBJECTS, bucket=bucket, prefix="a/", expected=expected)
    add(report, listed)
    assert [status for _name, status, _findings in statuses(report, ResourceKind.OBJECT)] == [Status.FAILED] * 3
    assert statuses(report, ResourceKind.BUCKET) == []
    counted = task(OBJECTS, bucket=bucket, prefix="a/", expected=expected, results="none")
    with ReportStore("Without rows") as other:
        add(other, counted)
        assert statuses(other, ResourceKind.OBJECT) == []
        assert statuses(other, ResourceKind.BUCKET) == [(bucket, Status.FAILED, 1)]
        (finding,) = other.findings()
        assert finding.rule is Rule.OBJECT_ENCRYPTION
        assert finding.message.startswith("3 objects under SSE-S3: ")
        assert [(each.encryption, each.objects, each.stored_bytes) for each in other.object_counts()] == [
            ("SSE-S3", 3, 12)
        ]
    for options in ({"key": "a/0"}, {"prefix": "a/"}, {"key": "a/0", "expected": {"encryption": "SSE-S3"}}):
        add(report, task(OBJECTS, bucket=bucket, **options))
    missing = task(OBJECTS, bucket=bucket, key="missing", expected=expected)
    with ReportStore("Nothing") as other:
        add(other, missing, task(OBJECTS, bucket="missing", prefix=""))
        assert statuses(other, ResourceKind.BUCKET) == [
            (bucket, Status.NOT_AVAILABLE, 0),
            ("missing", Status.NOT_AVAILABLE, 0),
        ]
    truncated = task(OBJECTS, bucket=bucket, prefix="a/", expected={"encryption": "SSE-S3"}, max_keys=2)
    with ReportStore("A part") as other:
        add(other, truncated)
        assert statuses(other, ResourceKind.BUCKET) == [(bucket, Status.NOT_AVAILABLE, 0)]


@pytest.mark.usefixtures("at_aws")
def test_counts(report: ReportStore, task: Task, s3: Any, bucket: str) -> None:
    """All objects, and an estimate."""
    for number in range(4):
        s3.put_object(Bucket=bucket, Key=str(number), Body=b"four")
    add(report, task(COUNTS, bucket=bucket))
    assert [(each.objects, each.stored_bytes, each.is_estimate) for each in report.object_counts()] == [(4, 16, False)]
    with ReportStore("Sample") as other:
        add(other, task(COUNTS, bucket=bucket, sample=2, sample_seed=1))
        assert [(each.objects, each.stored_bytes, each.is_estimate) for each in other.object_counts()] == [
            (4, 16, True)
        ]
    with pytest.raises(OperationError, match="counts no objects"):
        add(report, task(COUNTS, bucket=bucket, jobs=True))
    with ReportStore("Nothing") as other:
        add(other, task(COUNTS, bucket="missing"))
        assert statuses(other, ResourceKind.BUCKET) == [("missing", Status.NOT_AVAILABLE, 0)]


def test_accounts(report: ReportStore, task: Task, lab: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An account and a region that could not be entered are errors of the report, from results and from rows."""
    world, environment = make_account_world(lab)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    world.make_bucket("production", "data")
    world.permit(
        "production",
        MEMBER_ROLE,
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": ["s3:*", "kms:*"], "Resource": "*"},
                {
                    "Effect": "Deny",
                    "Action": "kms:ListKeys",
                    "Resource": "*",
                    "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
                },
            ],
        },
    )
    world.client("kms", "production").create_key()
    unknown = "999988887777"
    accounts = [
        {"account_id": world.ids["production"], "name": "production", "role_name": MEMBER_ROLE},
        {"account_id": unknown, "name": "unknown", "role_name": MEMBER_ROLE},
    ]
    rows, file = tmp_path / "rows", tmp_path / "rows.jsonl"
    monkeypatch.setenv(FILE_VARIABLE, str(rows))
    with ReportStore("Rows") as of_rows:
        for module, options in (
            (DEFAULTS, {"select": {"names": ["*"]}, "expected": {"encryption": "SSE-KMS"}}),
            (KEYS, {"regions": [REGION, "eu-west-1"]}),
        ):
            rows.write_bytes(b"")
            result = task(module, accounts=accounts, results_file="rows.jsonl", **options)
            add(report, result)
            lines = [line.split(b" ", 1) for line in rows.read_bytes().splitlines()[:-1]]
            file.write_bytes(b"\n".join(row for _position, row in sorted(lines, key=lambda each: int(each[0]))))
            for each in read_results_file(file, "rows.jsonl"):
                of_rows.add(each)
        for store in (report, of_rows):
            assert statuses(store, ResourceKind.BUCKET) == [("data", Status.FAILED, 1)]
            assert [(row.status, row.findings) for row in store.rows(ResourceKind.KMS_KEY)] == [(Status.FAILED, 1)]
            errors = [(each.resource.kind, each.resource.name) for each in store.errors()]
            assert errors == [(ResourceKind.ACCOUNT, unknown), (ResourceKind.REGION, "eu-west-1")]
            first, second = store.accounts()
            assert (first.account_id, first.account_name, bool(first.error)) == (unknown, "unknown", True)
            assert (second.account_name, second.failed, second.not_available) == ("production", 2, 1)
        assert report.totals() == of_rows.totals()

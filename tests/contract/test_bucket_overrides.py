# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Exceptions inside one task (`overrides`), and what `expected` finds, with the same list."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Task

BLOCKED = ["SSE-C"]


@pytest.fixture
def fleet(s3: Any, lab: Any) -> list[str]:
    """Four new buckets."""
    names = ["data-1", "data-2", "logs-1", "legacy"]
    for name in names:
        s3.create_bucket(Bucket=name)
    lab.calls.clear()
    return names


def after(result: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
    """The rule of each bucket in a result, without the blocked types."""
    assert not result.get("failed"), result
    return {
        row["name"]: (row["after"]["encryption"], row["after"]["kms_key"], row["after"]["bucket_key_enabled"])
        for row in result["buckets"]
    }


def test_a_baseline_with_exceptions(task: Task, fleet: list[str], key_arn: str, kms: Any) -> None:
    """One task for all buckets: each has what the first matching entry says. The same list can be expected."""
    logs = kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/logs", TargetKeyId=logs)
    options: dict[str, Any] = {
        "encryption": "SSE-KMS",
        "kms_key": "alias/app",
        "overrides": [
            {"names": ["logs-*"], "kms_key": "alias/logs"},
            {"names": ["*-2"], "encryption": "SSE-S3"},
            {"names": ["legacy", "logs-1"], "encryption": None},
        ],
    }
    select = {"names": ["*"]}
    before = task("bucket_default_encryption_info", select=select, expected=options)
    assert [row["name"] for row in before["buckets"] if row["compliant"]] == ["data-2", "legacy"]
    assert (before["summary"]["compliant"], before["summary"]["non_compliant"]) == (2, 2)
    check = task("bucket_default_encryption", check=True, select=select, results="all", **options)
    done = task("bucket_default_encryption", select=select, results="all", **options)
    assert (check["diff"], check["buckets"]) == (done["diff"], done["buckets"])
    assert after(done) == {
        "data-1": ("SSE-KMS", key_arn, True),
        "data-2": ("SSE-S3", None, False),
        "legacy": ("SSE-S3", None, False),
        "logs-1": ("SSE-KMS", logs, True),
    }
    assert done["summary"]["changed"] == 2
    assert "warnings" not in done
    assert not task("bucket_default_encryption", select=select, **options)["changed"]
    compliant = task("bucket_default_encryption_info", select=select, expected=options)
    assert compliant["compliant"]


def test_null_keeps_the_value_of_the_bucket(task: Task, fleet: list[str], key_arn: str) -> None:
    """An omitted option is that of the task. Null is no value: the bucket keeps its own."""
    task("bucket_default_encryption", buckets=["legacy"], encryption="DSSE-KMS", kms_key=key_arn)
    options = {"encryption": "SSE-KMS", "kms_key": "alias/aws/s3"}
    names = {"names": ["legacy"]}
    kept = task(
        "bucket_default_encryption", buckets=fleet, overrides=[{**names, "encryption": None}], results="all", **options
    )
    assert after(kept)["legacy"] == ("DSSE-KMS", key_arn, False)
    keeps_key = task("bucket_default_encryption", buckets=fleet, overrides=[{**names, "kms_key": None}], **options)
    assert after(keeps_key) == {"legacy": ("SSE-KMS", key_arn, True)}
    omitted = task("bucket_default_encryption", buckets=fleet, overrides=[{**names, "minimum": False}], **options)
    assert after(omitted)["legacy"][1] not in (None, key_arn)


def test_absent_for_some_buckets(task: Task, fleet: list[str]) -> None:
    """Their rule is S3's own, without any option of the task; their blocked types are kept."""
    task("bucket_default_encryption", buckets=fleet, encryption="SSE-KMS")
    options: dict[str, Any] = {"encryption": "DSSE-KMS", "blocked_encryption_types": []}
    result = task(
        "bucket_default_encryption", buckets=fleet, overrides=[{"names": ["l*"], "state": "absent"}], **options
    )
    assert {name: rule[0] for name, rule in after(result).items()} == {
        "data-1": "DSSE-KMS",
        "data-2": "DSSE-KMS",
        "logs-1": "SSE-S3",
        "legacy": "SSE-S3",
    }
    blocked = {row["name"]: row["after"]["blocked_encryption_types"] for row in result["buckets"]}
    assert (blocked["legacy"], blocked["data-1"]) == (BLOCKED, [])


def test_an_entry_that_applies_to_no_bucket_is_a_warning(task: Task, fleet: list[str]) -> None:
    """Also one whose buckets all have an earlier entry. The task itself is done."""
    entries = [{"names": ["logs-*"], "encryption": "SSE-S3"}, {"names": ["logs-1", "old-*"], "encryption": "SSE-S3"}]
    for options in (
        {"module": "bucket_default_encryption", "encryption": "SSE-S3", "overrides": entries},
        {"module": "bucket_default_encryption_info", "expected": {"encryption": "SSE-S3", "overrides": entries}},
    ):
        result = task(buckets=fleet, **options)
        assert result["warnings"] == ["overrides[1] (names: logs-1, old-*) applies to no bucket of the task."]


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (
            {"names": ["a"], "encryption": "SSE-S3", "kms_key": "alias/app"},
            "kms_key has no effect with encryption: SSE-S3",
        ),
        ({"names": ["a"], "kms_key": ""}, "kms_key is empty."),
        ({"names": ["a"], "kms_key": "alias"}, "'alias' does not name a KMS key."),
        (
            {"names": ["a"], "encryption": "SSE-X"},
            "'SSE-X' is no value of encryption. Give SSE-S3 or SSE-KMS or DSSE-KMS.",
        ),
        ({"names": ["a"], "blocked_encryption_types": ["SSE-S3"]}, "'SSE-S3' is no value of blocked_encryption_types."),
        ({"names": ["a"], "state": "gone"}, "'gone' is no value of state. Give present or absent."),
        (
            {"names": ["a"], "state": "absent", "minimum": True},
            "state: absent resets a bucket to S3's default, so minimum",
        ),
        ({"names": ["a"], "encryption": None, "minimum": True, "kms_key": "alias/app"}, "minimum needs encryption"),
        ({"names": ["a"]}, "has no option for its buckets. Name at least one of encryption,"),
        ({"names": [], "encryption": "SSE-S3"}, "names is empty, so no bucket matches."),
    ],
)
def test_every_combination_is_checked_before_the_first_call(
    task: Task, fleet: list[str], lab: Any, entry: dict[str, Any], words: str
) -> None:
    """Each entry is checked together with the options of the task, and also if no bucket has its name."""
    options = {"encryption": "SSE-KMS", "overrides": [{"names": ["b"], "minimum": True}, entry]}
    for result in (
        task("bucket_default_encryption", buckets=fleet, **options),
        task("bucket_default_encryption_info", buckets=fleet, expected=options),
    ):
        assert result["error"]["kind"] == "invalid"
        assert result["msg"].startswith("overrides[1]")
        assert words in result["msg"]
    assert lab.calls.operations() == []


@pytest.mark.parametrize("entry", ["names=legacy encryption=SSE-S3", '{"names": "legacy", "encryption": "SSE-S3"}'])
def test_an_entry_in_another_form(task: Task, fleet: list[str], entry: str) -> None:
    """Ansible also takes a dict as text."""
    result = task("bucket_default_encryption", buckets=fleet, encryption="SSE-KMS", overrides=[entry])
    assert set(after(result)) == {"data-1", "data-2", "logs-1"}


def test_a_task_fails_on_findings(task: Task, fleet: list[str], key_arn: str) -> None:
    """The message has each finding with its buckets, and the result is otherwise that of a task that does not fail."""
    task("bucket_default_encryption", buckets=["data-1"], encryption="SSE-KMS", kms_key=key_arn)
    expected = {"encryption": "SSE-KMS", "kms_key": "alias/app", "blocked_encryption_types": BLOCKED}
    options = {"buckets": fleet, "expected": expected}
    audit = task("bucket_default_encryption_info", **options)
    failed = task("bucket_default_encryption_info", fail_on_findings=True, **options)
    assert failed["msg"] == (
        "3 of 4 buckets do not comply: New objects get SSE-S3 by default, not SSE-KMS with the key alias/app (data-2, "
        "logs-1, legacy). The findings of each are in buckets."
    )
    assert (failed["failed"], failed["error"]["kind"]) == (True, "non_compliant")
    assert (failed["compliant"], failed["buckets"]) == (False, audit["buckets"])
    assert (failed["summary"]["compliant"], failed["summary"]["non_compliant"]) == (1, 3)
    compliant = task("bucket_default_encryption_info", buckets=["data-1"], expected=expected, fail_on_findings=True)
    assert (compliant.get("failed"), compliant["compliant"]) == (None, True)


def test_buckets_that_cannot_be_read_are_no_findings(task: Task, fleet: list[str]) -> None:
    """They are counted as failed, and the message begins with them."""
    result = task(
        "bucket_default_encryption_info",
        buckets=["missing", "data-1"],
        expected={"encryption": "SSE-KMS"},
        fail_on_findings=True,
    )
    counts = result["summary"]
    assert (counts["compliant"], counts["non_compliant"], counts["failed"]) == (0, 1, 1)
    assert result["msg"].startswith("1 of 2 buckets failed. There is no bucket missing.")
    assert "1 of 2 buckets does not comply" in result["msg"]
    assert "error" not in result


def test_findings_need_an_expectation(task: Task, fleet: list[str], lab: Any) -> None:
    """Without one, the task could never fail."""
    result = task("bucket_default_encryption_info", buckets=fleet, fail_on_findings=True)
    assert result["msg"].startswith("fail_on_findings has no effect without expected")
    assert lab.calls.operations() == []

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""bucket_encryption_policy for many buckets: exceptions, failures, the grouped diff, and the number of calls."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from .conftest import ACCOUNT, Task
from .test_bucket_policies import MODULE, done, own_sids, policy_of

pytestmark = pytest.mark.usefixtures("at_aws")

NAMES = ["data-1", "data-2", "legacy", "logs-1", "web"]


@pytest.fixture
def fleet(s3: Any, lab: Any) -> list[str]:
    """Five new buckets."""
    for name in NAMES:
        s3.create_bucket(Bucket=name)
    lab.calls.clear()
    return NAMES


def sids_of(s3: Any) -> dict[str, list[str]]:
    """The rules of each bucket by their Sids."""
    return {name: own_sids(policy_of(s3, name)) for name in NAMES}


def test_a_baseline_with_exceptions(task: Task, s3: Any, fleet: list[str]) -> None:
    """The first entry that matches applies. What it says about a rule replaces what the task says about it."""
    done(task(MODULE, buckets=["legacy", "web"], require_encryption_header=True))
    options: dict[str, Any] = {
        "select": {"names": ["*"]},
        "minimum_tls_version": "1.2",
        "deny_customer_keys": True,
        "remove_rules": ["require_encryption_header"],
        "results": "all",
        "overrides": [
            {"names": ["web"], "require_tls": None, "require_encryption_header": True},
            {"names": ["logs-*"], "deny_customer_keys": None},
            {"names": ["legacy"], "state": "absent"},
            {"names": ["data-2"], "remove_rules": ["deny_customer_keys"], "minimum_tls_version": "1.3"},
            {"names": ["none-*"], "require_tls": False},
        ],
    }
    check = done(task(MODULE, check=True, **options))
    result = done(task(MODULE, **options))
    assert (check["buckets"], check["diff"]) == (result["buckets"], result["diff"])
    tls = ["RequireTls", "MinimumTlsVersion"]
    assert sids_of(s3) == {
        "data-1": [*tls, "DenyCustomerKeys"],
        "data-2": tls,
        "legacy": [],
        "logs-1": tls,
        "web": ["RequireEncryptionHeader", "DenyCustomerKeys"],
    }
    versions = {row["name"]: row["after"]["minimum_tls_version"] for row in result["buckets"]}
    assert versions == {"data-1": "1.2", "data-2": "1.3", "legacy": None, "logs-1": "1.2", "web": None}
    assert "overrides[4] (names: none-*) applies to no bucket of the task." in result["warnings"]
    again = done(task(MODULE, **options))
    assert (again["changed"], again["summary"]["unchanged"]) == (False, 5)


def test_one_bad_bucket_never_hides_the_others(task: Task, s3: Any, fleet: list[str], lab: Any) -> None:
    """Each failure is in the result with its cause, and the others are done. A second run for the failed ones is."""
    lab.faults.add("deny", operation="s3:PutBucketPolicy", resource="arn:aws:s3:::data-2", times=None)
    lab.faults.add("deny", operation="s3:GetBucketPolicy", resource="arn:aws:s3:::web", times=None)
    result = task(MODULE, buckets=["missing", *fleet], require_tls=True)
    assert (result["failed"], result["changed"]) == (True, True)
    assert result["failed_buckets"] == ["missing", "data-2", "web"]
    kinds = {row["name"]: row["error"] and row["error"]["kind"] for row in result["buckets"]}
    assert [kinds[name] for name in ("missing", "data-2", "web", "data-1")] == [
        "absent",
        "forbidden",
        "forbidden",
        None,
    ]
    assert {name: result["summary"][name] for name in ("matched", "changed", "failed")} == {
        "matched": 6,
        "changed": 3,
        "failed": 3,
    }
    lab.faults.clear()
    assert done(task(MODULE, buckets=result["failed_buckets"][1:], require_tls=True))["changed"]
    assert all(sids == ["RequireTls"] for sids in sids_of(s3).values())


def test_on_error_stop_starts_no_further_bucket(task: Task, fleet: list[str]) -> None:
    """One worker: the first fails, and the others are counted as skipped."""
    result = task(MODULE, buckets=["missing", *fleet], require_tls=True, on_error="stop", concurrency=1)
    assert (result["summary"]["failed"], result["summary"]["skipped"], result["changed"]) == (1, 5, False)


def test_the_diff_groups_equal_changes(task: Task, fleet: list[str], key_arn: str) -> None:
    """By the rules, in the words of the options. The names are below each group."""
    done(task(MODULE, buckets=["legacy", "web"], require_tls=True))
    role = f"arn:aws:iam::{ACCOUNT}:role/backup"
    options = {
        "minimum_tls_version": "1.2",
        "allow_encryption": ["SSE-KMS"],
        "allow_kms_keys": [key_arn],
        "require_encryption_header": True,
        "exempt_principals": [role],
    }
    result = done(task(MODULE, check=True, select={"names": ["*"]}, **options))
    new = f"TLS 1.2 or newer; encryption: SSE-KMS; KMS keys: {key_arn}; encryption header required; exempt: {role}"
    assert result["diff"]["prepared"] == (
        f"3 buckets:\n  - no rule on TLS or encryption\n  + {new}\n    data-1\n    data-2\n    logs-1\n"
        f"2 buckets:\n  - TLS\n  + {new}\n    legacy\n    web\n"
    )


def test_a_fleet_costs_one_read_for_each_bucket_as_asked(task: Task, fleet: list[str], key_arn: str, lab: Any) -> None:
    """A changed one costs the reads of what it would stop, one write, and one read that shows it."""
    options = {"select": {"names": ["*"]}, "require_tls": True, "allow_kms_keys": ["alias/app"]}
    lab.calls.clear()
    result = done(task(MODULE, **options))
    assert Counter(lab.calls.operations()) == {
        "ListBuckets": 1,
        "DescribeKey": 1,
        "GetBucketPolicy": 10,
        "GetBucketWebsite": 5,
        "GetBucketEncryption": 5,
        "PutBucketPolicy": 5,
    }
    assert result["summary"]["api_calls"] == 27
    lab.calls.clear()
    done(task(MODULE, **options))
    assert Counter(lab.calls.operations()) == {"ListBuckets": 1, "DescribeKey": 1, "GetBucketPolicy": 5}


def test_a_bucket_of_another_region(task: Task, s3: Any, lab: Any) -> None:
    """Its region is found by the first read, and the write goes there."""
    s3.create_bucket(Bucket="example-west", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    result = done(task(MODULE, buckets=["example-west"], require_tls=True))
    assert result["buckets"][0]["region"] == "eu-west-1"
    assert own_sids(policy_of(lab.client("s3", region="eu-west-1", account=ACCOUNT), "example-west")) == ["RequireTls"]
    assert not done(task(MODULE, select={"regions": ["eu-west-1"]}, require_tls=True))["changed"]


def test_a_silent_region_costs_its_own_buckets_only(task: Task, s3: Any, fleet: list[str], lab: Any) -> None:
    """After three calls without an answer, the rest of the region is not tried."""
    west = [f"west-{number}" for number in range(5)]
    for name in west:
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        lab.faults.add("reset_before", operation="GetBucketPolicy", resource=f"*{name}", times=None)
    config = {"retries": {"total_max_attempts": 1}}
    result = task(MODULE, select={"names": ["*"]}, require_tls=True, concurrency=1, aws_config=config)
    assert (sorted(result["failed_buckets"]), result["summary"]["changed"]) == (west, 5)
    assert sum("Not tried" in row["error"]["message"] for row in result["buckets"] if row["error"]) == 2

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""bucket_reencryption with S3 Batch Operations: jobs are made, found again, confirmed, followed and reported."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import ACCOUNT, REGION, LabClock, Result, Task, TestClock

ROLE = f"arn:aws:iam::{ACCOUNT}:role/jobs"
FILES = "job-files"


@pytest.fixture
def clock(lab: Any) -> TestClock:
    """The clock of the lab."""
    return LabClock(lab)


@pytest.fixture
def control(lab: Any) -> Any:
    """A client for S3 Control, to check."""
    return lab.client("s3control", region=REGION, account=ACCOUNT)


@pytest.fixture(autouse=True)
def role(lab: Any, s3: Any, bucket: str) -> str:
    """A role that jobs can use, and a bucket for their files."""
    iam = lab.client("iam", region=REGION, account=ACCOUNT)
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "batchoperations.s3.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": trust})
    iam.create_role(RoleName="jobs", AssumeRolePolicyDocument=document)
    allowed = {"Effect": "Allow", "Action": ["s3:*", "kms:*"], "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": allowed})
    iam.put_role_policy(RoleName="jobs", PolicyName="jobs", PolicyDocument=policy)
    s3.create_bucket(Bucket=FILES)
    return ROLE


def options(bucket: str, key_arn: str, **batch: Any) -> dict[str, Any]:
    """A task that lets jobs encrypt the objects under a key."""
    return {
        "bucket": bucket,
        "engine": "batch_operations",
        "encryption": "SSE-KMS",
        "kms_key": key_arn,
        "batch": {"role_arn": ROLE, "manifest": {"bucket": FILES}, "report": {"bucket": FILES}, **batch},
    }


def put(s3: Any, bucket: str, *keys: str, **parameters: Any) -> None:
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode(), **parameters)


def key_of(s3: Any, bucket: str, key: str) -> Any:
    return s3.head_object(Bucket=bucket, Key=key).get("SSEKMSKeyId")


def only(result: Result) -> dict[str, Any]:
    """The one job of a result."""
    (job,) = result["jobs"]
    return dict(job)


def test_a_job(task: Task, s3: Any, bucket: str, key_arn: str, control: Any) -> None:
    """A check run tells what the job changes, the job changes it, and then nothing remains."""
    put(s3, bucket, "a", "b", "ü, +%.txt")
    put(s3, bucket, "done", ServerSideEncryption="aws:kms", SSEKMSKeyId=key_arn, BucketKeyEnabled=True)
    asked = options(bucket, key_arn, description="the words of the task")
    predicted = task("bucket_reencryption", check=True, **asked)
    assert predicted["changed"], predicted
    assert only(predicted)["tasks"]["total"] == 3
    assert control.list_jobs(AccountId=ACCOUNT)["Jobs"] == []
    result = task("bucket_reencryption", **asked)
    assert not result.get("failed"), result
    job = only(result)
    print(json.dumps(result, indent=1))
    assert (job["status"], job["tasks"]) == ("Complete", {"total": 3, "succeeded": 3, "failed": 0})
    assert job["is_new"] and job["operation"] == "S3UpdateObjectEncryption"
    assert job["description"].startswith("sealed.s3 ") and job["description"].endswith(": the words of the task")
    assert {key_of(s3, bucket, key) for key in ("a", "b", "ü, +%.txt", "done")} == {key_arn}
    assert result["changed"] and result["summary"]["done"] == 3 and result["summary"]["as_asked"] == 1
    again = task("bucket_reencryption", **asked)
    assert not again["changed"] and again["jobs"] == [], again
    assert again["summary"]["as_asked"] == 4

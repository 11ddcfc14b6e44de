# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""What the tests of batch jobs share: requests, reports, and fixtures that create jobs and wait for them."""

from __future__ import annotations

import csv
import io
import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from client_calls import read_object

ACCOUNT = "000000000000"
FINAL = ("Complete", "Failed", "Cancelled")
SERVICE = "batchoperations.s3.amazonaws.com"


def arn(bucket: str) -> str:
    """The ARN of a bucket."""
    return f"arn:aws:s3:::{bucket}"


def kms_copy_operation(bucket: str, key: dict[str, Any]) -> dict[str, Any]:
    """The operation that copies objects in place with SSE-KMS."""
    copy = {"TargetResource": arn(bucket), "SSEAwsKmsKeyId": key["Arn"], "BucketKeyEnabled": True}
    return {"S3PutObjectCopy": copy}


def kms_update_operation(key: dict[str, Any]) -> dict[str, Any]:
    """The operation that updates the encryption in place."""
    target = {"SSEKMS": {"KMSKeyArn": key["Arn"], "BucketKeyEnabled": True}}
    return {"S3UpdateObjectEncryption": {"ObjectEncryption": target}}


def report_settings(bucket: str, scope: str = "AllTasks") -> dict[str, Any]:
    """The settings of a completion report."""
    return {
        "Enabled": True,
        "Bucket": arn(bucket),
        "Format": "Report_CSV_20180820",
        "Prefix": "reports",
        "ReportScope": scope,
    }


@pytest.fixture
def create_job(s3: Any, s3control: Any) -> Callable[..., str]:
    """Creates a job for listed objects. Options replace parameters of the request."""

    def make(bucket: str, operation: dict[str, Any], keys: list[str] | None = None, **more: Any) -> str:
        request: dict[str, Any] = {
            "AccountId": ACCOUNT,
            "ConfirmationRequired": False,
            "Operation": operation,
            "Priority": 10,
            "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/batch",
            "ClientRequestToken": str(uuid.uuid4()),
            "Report": report_settings(bucket),
        }
        if keys is not None:
            rows = "\n".join(f"{bucket},{each}" for each in keys)
            put = s3.put_object(Bucket=bucket, Key="manifest.csv", Body=rows.encode(), ServerSideEncryption="AES256")
            request["Manifest"] = {
                "Spec": {"Format": "S3BatchOperations_CSV_20180820", "Fields": ["Bucket", "Key"]},
                "Location": {"ObjectArn": f"{arn(bucket)}/manifest.csv", "ETag": put["ETag"].strip('"')},
            }
        job: str = s3control.create_job(**{**request, **more})["JobId"]
        return job

    return make


@pytest.fixture
def wait_for_job(s3control: Any) -> Callable[[str], dict[str, Any]]:
    """Waits for the end of a job, and describes it."""

    def wait(job: str, *states: str) -> dict[str, Any]:
        for _ in range(400):
            found: dict[str, Any] = s3control.describe_job(AccountId=ACCOUNT, JobId=job)["Job"]
            if found["Status"] in (states or FINAL):
                return found
            time.sleep(0.02)
        raise AssertionError(found)

    return wait


@pytest.fixture
def run_job(create_job: Callable[..., str], wait_for_job: Callable[[str], dict[str, Any]]) -> Callable[..., Any]:
    """Creates a job, waits for its end, and describes it."""

    def run(*arguments: Any, **more: Any) -> dict[str, Any]:
        return wait_for_job(create_job(*arguments, **more))

    return run


def report_rows(s3: Any, bucket: str, job: dict[str, Any]) -> list[list[str]]:
    """The rows of the completion report of a job."""
    manifest = json.loads(read_object(s3, bucket, f"reports/job-{job['JobId']}/manifest.json"))
    texts = [read_object(s3, bucket, each["Key"]).decode() for each in manifest["Results"]]
    return [row for text in texts for row in csv.reader(io.StringIO(text))]


def manifest_generator(bucket: str, **filters: Any) -> dict[str, Any]:
    """A manifest of the objects that match a filter."""
    output = {"Bucket": arn(bucket), "ManifestPrefix": "manifests", "ManifestFormat": "S3InventoryReport_CSV_20211130"}
    found = {
        "SourceBucket": arn(bucket),
        "EnableManifestOutput": True,
        "ManifestOutputLocation": output,
        "Filter": filters,
    }
    return {"S3JobManifestGenerator": found}

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Requests for jobs in the SDK's shapes, and its answers as values."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from functools import cache
from typing import Any

import pytest
from botocore.session import Session
from botocore.validate import ParamValidator

from ansible_collections.sealed.s3.plugins.module_utils.aws.batch_jobs.expand import expand_request
from ansible_collections.sealed.s3.plugins.module_utils.aws.batch_jobs.flatten import flatten_job, flatten_listed_job
from ansible_collections.sealed.s3.plugins.module_utils.aws.batch_jobs.task_errors import explain_task_error
from ansible_collections.sealed.s3.plugins.module_utils.model.batch_jobs.completion_report import FailedTask
from ansible_collections.sealed.s3.plugins.module_utils.model.batch_jobs.job_request import (
    CopyObjects,
    GeneratedManifest,
    JobRequest,
    ManifestFilter,
    ManifestFormat,
    ReportLocation,
    StoredManifest,
    UpdateEncryption,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.batch_jobs.job_state import JobStatus, TaskCounts
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError, Reason
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import DesiredEncryption
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import find_kind

NOW = datetime(2026, 11, 27, tzinfo=timezone.utc)
KEY = "arn:aws:kms:us-east-1:111122223333:key/new"
TARGET = DesiredEncryption(find_kind("SSE-KMS"), KEY, bucket_key_enabled=False)
REQUEST = JobRequest(
    UpdateEncryption(TARGET),
    "data",
    StoredManifest("files", "m/one.csv", '"etag"', names_versions=True),
    ReportLocation("files", "r"),
    "arn:aws:iam::111122223333:role/jobs",
    "token",
    "words",
    (("sealed.s3:wish", "digest"),),
)


@cache
def service() -> Any:
    return Session().get_service_model("s3control")


def expanded(request: JobRequest, partition: str = "aws") -> dict[str, Any]:
    """The parameters, which the SDK accepts."""
    parameters = expand_request(request, "111122223333", partition)
    shape = service().operation_model("CreateJob").input_shape
    report = ParamValidator().validate(parameters, shape)
    assert not report.has_errors(), report.generate_report()
    return parameters


def test_a_change_in_place() -> None:
    """The bucket key is always named: a job takes it off otherwise."""
    parameters = expanded(REQUEST)
    encryption = {"SSEKMS": {"KMSKeyArn": KEY, "BucketKeyEnabled": False}}
    assert parameters["Operation"] == {"S3UpdateObjectEncryption": {"ObjectEncryption": encryption}}
    assert parameters["Manifest"] == {
        "Spec": {"Format": "S3BatchOperations_CSV_20180820", "Fields": ["Bucket", "Key", "VersionId"]},
        "Location": {"ObjectArn": "arn:aws:s3:::files/m/one.csv", "ETag": "etag"},
    }
    assert parameters["Report"]["ReportScope"] == "FailedTasksOnly"
    assert (parameters["ConfirmationRequired"], parameters["Priority"]) == (False, 10)


@pytest.mark.parametrize(
    ("encryption", "expected"),
    [
        (TARGET, {"NewObjectMetadata": {"SSEAlgorithm": "KMS"}, "SSEAwsKmsKeyId": KEY, "BucketKeyEnabled": False}),
        (
            DesiredEncryption(find_kind("SSE-KMS"), bucket_key_enabled=True),
            {"NewObjectMetadata": {"SSEAlgorithm": "KMS"}, "BucketKeyEnabled": True},
        ),
        (DesiredEncryption(find_kind("SSE-S3")), {"NewObjectMetadata": {"SSEAlgorithm": "AES256"}}),
    ],
)
def test_a_copy(encryption: DesiredEncryption, expected: dict[str, Any]) -> None:
    """Metadata and storage class are named, so that they stay."""
    request = replace(REQUEST, operation=CopyObjects(encryption, "STANDARD_IA", NOW))
    copy = expanded(request, "aws-cn")["Operation"]["S3PutObjectCopy"]
    assert copy == {
        "TargetResource": "arn:aws-cn:s3:::data",
        "MetadataDirective": "COPY",
        "StorageClass": "STANDARD_IA",
        "UnModifiedSinceConstraint": NOW,
        **expected,
    }


def test_a_manifest_in_the_form_of_an_inventory() -> None:
    """It names its columns itself."""
    manifest = StoredManifest("files", "m/manifest.json", "etag", ManifestFormat.INVENTORY, names_versions=True)
    spec = expanded(replace(REQUEST, manifest=manifest))["Manifest"]["Spec"]
    assert spec == {"Format": "S3InventoryReport_CSV_20161130"}


def test_a_generated_manifest() -> None:
    """The lists of a filter have one item each."""
    chosen = ManifestFilter(
        "SSE-KMS", KEY, False, "p", "s", NOW, NOW, 1, 9, ("STANDARD",)
    )  # fmt: skip
    manifest = GeneratedManifest("data", chosen, "files", "m", KEY, "111122223333")
    generator = expanded(replace(REQUEST, manifest=manifest))["ManifestGenerator"]["S3JobManifestGenerator"]
    assert generator["Filter"] == {
        "CreatedAfter": NOW,
        "CreatedBefore": NOW,
        "KeyNameConstraint": {"MatchAnyPrefix": ["p"], "MatchAnySuffix": ["s"]},
        "ObjectSizeGreaterThanBytes": 1,
        "ObjectSizeLessThanBytes": 9,
        "MatchAnyStorageClass": ["STANDARD"],
        "MatchAnyObjectEncryption": [{"SSEKMS": {"KmsKeyArn": KEY, "BucketKeyEnabled": False}}],
    }
    assert generator["ManifestOutputLocation"]["ManifestEncryption"] == {"SSEKMS": {"KeyId": KEY}}
    assert generator["ExpectedBucketOwner"] == "111122223333"
    plain = GeneratedManifest("data", ManifestFilter("NONE"), "files")
    generator = expanded(replace(REQUEST, manifest=plain))["ManifestGenerator"]["S3JobManifestGenerator"]
    assert generator["Filter"] == {"MatchAnyObjectEncryption": [{"NOTSSE": {}}]}
    assert generator["ManifestOutputLocation"]["ManifestEncryption"] == {"SSES3": {}}
    assert "ManifestPrefix" not in generator["ManifestOutputLocation"]


def test_a_described_job() -> None:
    """All that a result shows of it."""
    job = {
        "JobId": "one",
        "Status": "Failed",
        "Description": "words",
        "Operation": {"S3PutObjectCopy": {}},
        "Priority": 3,
        "ProgressSummary": {
            "TotalNumberOfTasks": 4,
            "NumberOfTasksSucceeded": 1,
            "NumberOfTasksFailed": 3,
        },
        "CreationTime": NOW,
        "TerminationDate": NOW,
        "FailureReasons": [{"FailureCode": "JobFailureThreshold", "FailureReason": "Too many."}],
        "Report": {"Enabled": True, "Bucket": "arn:aws:s3:::files", "Prefix": "r"},
        "Manifest": {"Location": {"ObjectArn": "arn:aws:s3:::files/m"}},
        "ConfirmationRequired": True,
    }
    state = flatten_job(job)
    assert (state.status, state.operation, state.tasks) == (JobStatus.FAILED, "S3PutObjectCopy", TaskCounts(4, 1, 3))
    assert (state.failure_reasons, state.report) == (
        ("JobFailureThreshold: Too many.",),
        ("arn:aws:s3:::files", "r"),
    )
    assert (state.manifest, state.tasks.done, state.matched_nothing) == ("arn:aws:s3:::files/m", 4, False)


def test_a_job_whose_filter_matches_nothing() -> None:
    """S3 ends it as failed."""
    reason = {"FailureReason": "Manifest generation found no keys matching the filter criteria."}
    state = flatten_job({"JobId": "one", "Status": "Failed", "FailureReasons": [reason], "Report": {"Enabled": False}})
    assert (state.matched_nothing, state.is_empty, state.report) == (True, True, None)


def test_a_status_that_is_not_known() -> None:
    """It is no reason to guess."""
    with pytest.raises(OperationError, match="the status Frozen of the job one"):
        flatten_listed_job({"JobId": "one", "Status": "Frozen"})


@pytest.mark.parametrize(
    ("operation", "task", "kind", "reason", "text"),
    [
        ("S3PutObjectCopy", FailedTask("k", None, "NoSuchKey", "404", "x"), "absent", Reason.OBJECT_NOT_FOUND, ""),
        ("S3PutObjectCopy", FailedTask("k", None, "PreconditionFailed", "412", "x"), "conflict", None, "run the task"),
        ("S3PutObjectCopy", FailedTask("k", None, "AccessDenied", "403", "Access Denied"), "forbidden", None, "s3:Put"),
        (
            "S3UpdateObjectEncryption",
            FailedTask(
                "k", None, "AccessDenied", "403", "The KMS key must be owned by the same account as the bucket."
            ),
            "forbidden",
            Reason.KEY_OF_ANOTHER_ACCOUNT,
            "or set method: auto or copy",
        ),
        ("S3UpdateObjectEncryption", FailedTask("k", None, "", "", ""), "failed", None, ""),
    ],
)
def test_why_a_task_failed(operation: str, task: FailedTask, kind: str, reason: Reason | None, text: str) -> None:
    """As the same request by this process."""
    failure = explain_task_error(operation, "data/k", task)
    assert (failure.kind, failure.reason) == (FailureKind(kind), reason)
    assert text in failure.sentence()
    assert "change_method" not in failure.sentence()

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""What AWS documents of batch jobs: their life, their manifests, their reports, and what a copy keeps and loses."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from batch_jobs import (
    ACCOUNT,
    SERVICE,
    arn,
    create_job,
    kms_copy_operation,
    kms_update_operation,
    manifest_generator,
    report_rows,
    report_settings,
    run_job,
    wait_for_job,
)
from client_calls import (
    BODY,
    FIRST_KEY,
    put_default_encryption,
    raises_client_error,
    read_object,
    sse_c,
    sse_kms,
)

from sealed_lab import RunningLab
from sealed_lab.s3 import copying

__all__ = ["create_job", "run_job", "wait_for_job"]

Create = Callable[..., str]
Run = Callable[..., dict[str, Any]]


def put_manifest(s3: Any, bucket: str, text: str, fields: list[str], **options: Any) -> dict[str, Any]:
    """Write a manifest in CSV format, and return how a job names it."""
    put = s3.put_object(
        Bucket=bucket, Key="manifest.csv", Body=text.encode(), **{"ServerSideEncryption": "AES256", **options}
    )
    return {
        "Spec": {"Format": "S3BatchOperations_CSV_20180820", "Fields": fields},
        "Location": {"ObjectArn": f"{arn(bucket)}/manifest.csv", "ETag": put["ETag"].strip('"')},
    }


def status(s3control: Any, job: str) -> str:
    """The status of a job."""
    return str(s3control.describe_job(AccountId=ACCOUNT, JobId=job)["Job"]["Status"])


# ---------------------------------------------------------------- copies


@pytest.mark.behaviour
def test_copy_job_keeps_and_loses(s3: Any, key: dict[str, Any], run_job: Run) -> None:
    """A copy keeps metadata and tags. It loses the storage class, the ACL and the lock, unless the job names them."""
    s3.create_bucket(Bucket="acls", ObjectOwnership="ObjectWriter", ObjectLockEnabledForBucket=True)
    s3.delete_public_access_block(Bucket="acls")
    s3.put_object(
        Bucket="acls", Key="one", Body=BODY, StorageClass="STANDARD_IA", Metadata={"a": "b"}, Tagging="c=d",
        ContentType="text/plain", ObjectLockLegalHoldStatus="ON", GrantRead='uri="http://acs.amazonaws.com/groups/global/'
        'AuthenticatedUsers"', ChecksumAlgorithm="SHA256",
    )  # fmt: skip
    assert [each["Permission"] for each in s3.get_object_acl(Bucket="acls", Key="one")["Grants"]] == ["READ"]
    operation = kms_copy_operation("acls", key)
    assert run_job("acls", operation, ["one"])["Status"] == "Complete"
    head = s3.head_object(Bucket="acls", Key="one")
    assert (head["Metadata"], head["ContentType"], head["TagCount"]) == ({"a": "b"}, "text/plain", 1)
    assert (head.get("StorageClass"), head.get("ObjectLockLegalHoldStatus")) == (None, None)
    assert (head["ServerSideEncryption"], head["BucketKeyEnabled"]) == ("aws:kms", True)
    assert [each["Permission"] for each in s3.get_object_acl(Bucket="acls", Key="one")["Grants"]] == ["FULL_CONTROL"]
    operation["S3PutObjectCopy"].update(StorageClass="STANDARD_IA", ObjectLockLegalHoldStatus="ON", NewObjectTagging=[])
    assert run_job("acls", operation, ["one"])["Status"] == "Complete"
    head = s3.head_object(Bucket="acls", Key="one")
    assert (head["StorageClass"], head["ObjectLockLegalHoldStatus"]) == ("STANDARD_IA", "ON")
    assert "TagCount" not in head


@pytest.mark.behaviour
def test_objects_that_a_copy_job_cannot_copy(
    lab: RunningLab, s3: Any, sse_c_bucket: str, key: dict[str, Any], run_job: Run
) -> None:
    bucket = sse_c_bucket
    s3.put_object(Bucket=bucket, Key="customer", Body=BODY, **sse_c(FIRST_KEY))
    s3.put_object(Bucket=bucket, Key="archived", Body=BODY, StorageClass="GLACIER")
    s3.put_object(Bucket=bucket, Key="large", Body=BODY)
    version = lab._lab.state.s3.buckets[bucket].objects.latest("large")
    assert version is not None
    version.size = copying.MAX_COPY + 1
    job = run_job(bucket, kms_copy_operation(bucket, key), ["customer", "archived", "large"])
    assert (job["Status"], job["ProgressSummary"]["NumberOfTasksFailed"]) == ("Complete", 3)
    assert {row[1]: row[4:6] for row in report_rows(s3, bucket, job)} == {
        "customer": ["400", "InvalidRequest"],
        "archived": ["403", "ObjectNotInActiveTierError"],
        "large": ["400", "InvalidRequest"],
    }


@pytest.mark.behaviour
def test_targets_that_a_copy_job_does_not_have(s3: Any, bucket: str, create_job: Create) -> None:
    s3.put_object(Bucket=bucket, Key="one", Body=b"x")
    copy = {"TargetResource": arn(bucket), "NewObjectMetadata": {"SSEAlgorithm": "aws:kms:dsse"}}
    with raises_client_error("MalformedXML", 400):
        create_job(bucket, {"S3PutObjectCopy": copy}, ["one"])


@pytest.mark.behaviour
def test_copied_noncurrent_version_becomes_the_current_one(
    s3: Any, bucket: str, key: dict[str, Any], run_job: Run
) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    old = s3.put_object(Bucket=bucket, Key="one", Body=b"old")["VersionId"]
    s3.put_object(Bucket=bucket, Key="one", Body=b"new")
    manifest = put_manifest(s3, bucket, f"{bucket},one,{old}\n", ["Bucket", "Key", "VersionId"])
    assert run_job(bucket, kms_copy_operation(bucket, key), Manifest=manifest)["Status"] == "Complete"
    assert read_object(s3, bucket, "one") == b"old"
    assert len(s3.list_object_versions(Bucket=bucket, Prefix="one")["Versions"]) == 3


# ---------------------------------------------------------------- encryption in place


@pytest.mark.behaviour
def test_objects_that_an_update_job_cannot_update(s3: Any, key: dict[str, Any], run_job: Run) -> None:
    """Each fails in the report, with the words of the API reference."""
    s3.create_bucket(Bucket="locks", ObjectLockEnabledForBucket=True)
    rule = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
        "BlockedEncryptionTypes": {"EncryptionType": ["NONE"]},
    }
    s3.put_bucket_encryption(Bucket="locks", ServerSideEncryptionConfiguration={"Rules": [rule]})
    until = datetime.now(timezone.utc) + timedelta(days=1)
    s3.put_object(Bucket="locks", Key="held", Body=BODY, ObjectLockLegalHoldStatus="ON", ChecksumAlgorithm="SHA256")
    for mode in ("GOVERNANCE", "COMPLIANCE"):
        s3.put_object(Bucket="locks", Key=mode, Body=BODY, ObjectLockMode=mode, ObjectLockRetainUntilDate=until)
    s3.put_object(Bucket="locks", Key="customer", Body=BODY, **sse_c(FIRST_KEY))
    s3.put_object(Bucket="locks", Key="dsse", Body=BODY, ServerSideEncryption="aws:kms:dsse", SSEKMSKeyId=key["Arn"])
    s3.put_object(Bucket="locks", Key="archived", Body=BODY, StorageClass="DEEP_ARCHIVE")
    names = ["held", "GOVERNANCE", "COMPLIANCE", "customer", "dsse", "archived"]
    job = run_job("locks", kms_update_operation(key), names)
    rows = {row[1]: row[3:] for row in report_rows(s3, "locks", job)}
    assert rows.pop("archived")[:2] == ["succeeded", "200"]
    for name, (_, code, error, message) in rows.items():
        if name in ("customer", "dsse"):
            assert (code, error) == ("400", "InvalidRequest")
            assert "doesn't support source objects with the encryption type DSSE-KMS or SSE-C" in message
        else:
            assert (code, error) == ("403", "AccessDenied")
            assert "be updated because that object is protected by S3 Object Lock" in message
    assert s3.head_object(Bucket="locks", Key="archived")["StorageClass"] == "DEEP_ARCHIVE"


@pytest.mark.behaviour
def test_encryption_of_one_version_is_updated(s3: Any, bucket: str, key: dict[str, Any]) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    old, new = (s3.put_object(Bucket=bucket, Key="one", Body=body)["VersionId"] for body in (b"old", b"new"))
    before = s3.list_object_versions(Bucket=bucket)["Versions"]
    target = {"SSEKMS": {"KMSKeyArn": key["Arn"], "BucketKeyEnabled": True}}
    s3.update_object_encryption(Bucket=bucket, Key="one", VersionId=old, ObjectEncryption=target)
    heads = [s3.head_object(Bucket=bucket, Key="one", VersionId=each) for each in (old, new)]
    assert [each["ServerSideEncryption"] for each in heads] == ["aws:kms", "AES256"]
    assert s3.list_object_versions(Bucket=bucket)["Versions"] == before
    marker = s3.delete_object(Bucket=bucket, Key="one")["VersionId"]
    with raises_client_error("MethodNotAllowed", 405):
        s3.update_object_encryption(Bucket=bucket, Key="one", VersionId=marker, ObjectEncryption=target)
    with raises_client_error("NoSuchKey", 404):
        s3.update_object_encryption(Bucket=bucket, Key="one", ObjectEncryption=target)


@pytest.mark.behaviour
def test_archive_tiers_of_intelligent_tiering(
    lab: RunningLab, s3: Any, bucket: str, key: dict[str, Any], run_job: Run
) -> None:
    """The encryption changes in place. A copy needs a restored object, which moves back for good."""
    tierings = [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}, {"Days": 180, "AccessTier": "DEEP_ARCHIVE_ACCESS"}]
    configuration = {"Id": "a", "Status": "Enabled", "Filter": {"Prefix": "in/"}, "Tierings": tierings}
    s3.put_bucket_intelligent_tiering_configuration(
        Bucket=bucket, Id="a", IntelligentTieringConfiguration=configuration
    )
    for name, size in (("in/large", 128 * 1024), ("in/small", 100), ("out", 128 * 1024)):
        s3.put_object(Bucket=bucket, Key=name, Body=b"x" * size, StorageClass="INTELLIGENT_TIERING")

    def tier(name: str) -> str | None:
        found: str | None = s3.head_object(Bucket=bucket, Key=name).get("ArchiveStatus")
        return found

    assert tier("in/large") is None
    lab.clock.advance(days=90)
    assert [tier(name) for name in ("in/large", "in/small", "out")] == ["ARCHIVE_ACCESS", None, None]
    with raises_client_error("InvalidObjectState", 403):
        s3.get_object(Bucket=bucket, Key="in/large")
    job = run_job(bucket, kms_copy_operation(bucket, key), ["in/large"])
    assert report_rows(s3, bucket, job)[0][4:6] == ["403", "ObjectNotInActiveTierError"]
    lab.clock.advance(days=90)
    assert tier("in/large") == "DEEP_ARCHIVE_ACCESS"
    run_job(bucket, kms_update_operation(key), ["in/large"])
    head = s3.head_object(Bucket=bucket, Key="in/large")
    assert (head["ServerSideEncryption"], head["ArchiveStatus"]) == ("aws:kms", "DEEP_ARCHIVE_ACCESS")
    s3.restore_object(Bucket=bucket, Key="in/large", RestoreRequest={})
    assert s3.head_object(Bucket=bucket, Key="in/large")["Restore"] == 'ongoing-request="true"'
    lab.clock.advance(seconds=12 * 3600)
    head = s3.head_object(Bucket=bucket, Key="in/large")
    assert ("Restore" in head, "ArchiveStatus" in head) == (False, False)
    assert len(read_object(s3, bucket, "in/large")) == 128 * 1024


# ---------------------------------------------------------------- manifests


@pytest.mark.behaviour
def test_manifest_with_versions(s3: Any, bucket: str, key: dict[str, Any], run_job: Run) -> None:
    """A version of each kind, with keys that are URL-encoded. An empty version id fails: the null version is "null"."""
    s3.put_object(Bucket=bucket, Key='a b+c/ä,"', Body=b"null")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    old = s3.put_object(Bucket=bucket, Key="one", Body=b"old")["VersionId"]
    s3.put_object(Bucket=bucket, Key="one", Body=b"new")
    s3.put_object(Bucket=bucket, Key="gone", Body=b"x")
    marker = s3.delete_object(Bucket=bucket, Key="gone")["VersionId"]
    encoded = "a%20b%2Bc/%C3%A4%2C%22"
    rows = [(encoded, "null"), ("one", old), ("gone", marker), ("one", ""), ("%FF", old), ("absent", old)]
    text = "".join(f"{bucket},{name},{version}\r\n" for name, version in rows)
    manifest = put_manifest(s3, bucket, text, ["Bucket", "Key", "VersionId"])
    job = run_job(bucket, kms_update_operation(key), Manifest=manifest)
    assert job["ProgressSummary"]["TotalNumberOfTasks"] == 6
    assert {(row[1], row[2]): row[3:6] for row in report_rows(s3, bucket, job)} == {
        (encoded, "null"): ["succeeded", "200", ""],
        ("one", old): ["succeeded", "200", ""],
        ("gone", marker): ["failed", "405", "MethodNotAllowed"],
        ("one", ""): ["failed", "400", "InvalidArgument"],
        ("%FF", old): ["failed", "400", "InvalidRequest"],
        ("absent", old): ["failed", "404", "NoSuchVersion"],
    }
    assert s3.head_object(Bucket=bucket, Key="one")["ServerSideEncryption"] == "AES256"


@pytest.mark.behaviour
@pytest.mark.parametrize("algorithm", ["aws:kms", "aws:kms:dsse"])
def test_csv_manifests_under_kms_keys_are_not_supported(
    s3: Any, bucket: str, key: dict[str, Any], run_job: Run, algorithm: str
) -> None:
    s3.put_object(Bucket=bucket, Key="one", Body=b"x")
    put_default_encryption(s3, bucket, algorithm, key["Arn"])
    manifest = put_manifest(s3, bucket, f"{bucket},one", ["Bucket", "Key"], ServerSideEncryption=algorithm)
    job = run_job(bucket, kms_update_operation(key), Manifest=manifest)
    assert (job["Status"], job["ProgressSummary"]["TotalNumberOfTasks"]) == ("Failed", 0)
    assert "does not support CSV manifest files" in job["FailureReasons"][0]["FailureReason"]


@pytest.mark.parametrize("text", ["{bucket},one,more\n", "{bucket}\n"])
def test_manifest_with_other_columns(s3: Any, bucket: str, key: dict[str, Any], run_job: Run, text: str) -> None:
    manifest = put_manifest(s3, bucket, text.format(bucket=bucket), ["Bucket", "Key"])
    job = run_job(bucket, kms_update_operation(key), Manifest=manifest)
    assert (job["Status"], job["FailureReasons"][0]["FailureCode"]) == ("Failed", "InvalidManifestContent")


@pytest.mark.behaviour
def test_generated_manifest_lists_all_versions(
    s3: Any, s3control: Any, bucket: str, key: dict[str, Any], create_job: Create, wait_for_job: Run
) -> None:
    """Delete markers are no objects. The manifest is readable by its role, and written as the job demands."""
    s3.put_object(Bucket=bucket, Key="in/one", Body=b"null")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    new = s3.put_object(Bucket=bucket, Key="in/one", Body=b"new")["VersionId"]
    gone = s3.put_object(Bucket=bucket, Key="in/gone", Body=b"x")["VersionId"]
    s3.delete_object(Bucket=bucket, Key="in/gone")
    generator = manifest_generator(bucket, KeyNameConstraint={"MatchAnyPrefix": ["in/"]})
    location = generator["S3JobManifestGenerator"]["ManifestOutputLocation"]
    location.update(ManifestEncryption={"SSEKMS": {"KeyId": key["Arn"]}}, ExpectedManifestBucketOwner=ACCOUNT)
    job = create_job(bucket, kms_update_operation(key), ManifestGenerator=generator, ConfirmationRequired=True)
    found = wait_for_job(job, "Suspended")
    assert (found["ProgressSummary"]["TotalNumberOfTasks"], found["SuspendedCause"]) == (3, "AWAITING_CONFIRMATION")
    name = found["GeneratedManifestDescriptor"]["Location"]["ObjectArn"].partition("/")[2]
    assert s3.head_object(Bucket=bucket, Key=name)["SSEKMSKeyId"] == key["Arn"]
    document = json.loads(read_object(s3, bucket, name))
    assert document["fileSchema"] == "Bucket, Key, VersionId"
    data = gzip.decompress(read_object(s3, bucket, document["files"][0]["key"])).decode()
    rows = list(csv.reader(io.StringIO(data)))
    assert sorted(rows) == sorted([[bucket, "in/one", "null"], [bucket, "in/one", new], [bucket, "in/gone", gone]])
    s3control.update_job_status(AccountId=ACCOUNT, JobId=job, RequestedJobStatus="Ready")
    assert wait_for_job(job)["ProgressSummary"]["NumberOfTasksSucceeded"] == 3


@pytest.mark.behaviour
@pytest.mark.parametrize("part", ["source", "manifest", "report"])
def test_expected_owners(s3: Any, bucket: str, key: dict[str, Any], run_job: Run, part: str) -> None:
    s3.put_object(Bucket=bucket, Key="one", Body=b"x")
    generator = manifest_generator(bucket)
    inner = generator["S3JobManifestGenerator"]
    report = report_settings(bucket)
    other = "111111111111"
    if part == "source":
        inner["ExpectedBucketOwner"] = other
    elif part == "manifest":
        inner["ManifestOutputLocation"]["ExpectedManifestBucketOwner"] = other
    else:
        report["ExpectedBucketOwner"] = other
    job = run_job(bucket, kms_update_operation(key), ManifestGenerator=generator, Report=report)
    assert job["Status"] == "Failed"
    assert job["ProgressSummary"]["NumberOfTasksSucceeded"] == (1 if part == "report" else 0)
    if part == "report":
        assert "could not be written to your report bucket" in job["FailureReasons"][0]["FailureReason"]


# ---------------------------------------------------------------- reports


@pytest.mark.behaviour
def test_reports(s3: Any, bucket: str, key: dict[str, Any], run_job: Run) -> None:
    """They are always encrypted with SSE-S3. With the scope FailedTasksOnly, succeeded tasks are missing."""
    put_default_encryption(s3, bucket, "aws:kms", key["Arn"])
    s3.put_object(Bucket=bucket, Key="one", Body=b"x")
    job = run_job(
        bucket, kms_update_operation(key), ["one", "absent"], Report=report_settings(bucket, "FailedTasksOnly")
    )
    base = f"reports/job-{job['JobId']}"
    manifest = json.loads(read_object(s3, bucket, f"{base}/manifest.json"))
    assert [each["TaskExecutionStatus"] for each in manifest["Results"]] == ["failed"]
    assert manifest["ReportSchema"] == "Bucket, Key, VersionId, TaskStatus, ErrorCode, HTTPStatusCode, ResultMessage"
    assert [row[1:6] for row in report_rows(s3, bucket, job)] == [["absent", "", "failed", "404", "NoSuchKey"]]
    for entry in s3.list_objects_v2(Bucket=bucket, Prefix=base)["Contents"]:
        assert s3.head_object(Bucket=bucket, Key=entry["Key"])["ServerSideEncryption"] == "AES256"


@pytest.mark.behaviour
def test_no_report_without_a_task(s3: Any, bucket: str, key: dict[str, Any], run_job: Run) -> None:
    s3.put_object(Bucket=bucket, Key="one", Body=b"x")
    generator = manifest_generator(bucket, MatchAnyObjectEncryption=[{"DSSEKMS": {}}])
    job = run_job(bucket, kms_update_operation(key), ManifestGenerator=generator)
    assert (job["Status"], job["ProgressSummary"]["TotalNumberOfTasks"]) == ("Complete", 0)
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket, Prefix="reports")


@pytest.mark.behaviour
@pytest.mark.parametrize(("failing", "expected"), [(501, "Failed"), (500, "Complete")])
def test_job_fails_above_half_of_its_tasks(
    lab: RunningLab, bucket: str, key: dict[str, Any], run_job: Run, failing: int, expected: str
) -> None:
    """The share is watched from 1,000 tasks on. What was not run is in no report."""
    s3 = lab.client("s3")
    s3.put_object(Bucket=bucket, Key="like", Body=b"x")
    lab.add_objects(bucket, "like", 510, prefix="data/")
    keys = [f"absent/{number}" for number in range(failing)]
    keys += [f"data/{number:07d}" for number in range(510)]
    job = run_job(bucket, kms_update_operation(key), keys)
    summary = job["ProgressSummary"]
    run = summary["NumberOfTasksSucceeded"] + summary["NumberOfTasksFailed"]
    assert (job["Status"], run) == (expected, 1_000 if expected == "Failed" else len(keys))
    assert len(report_rows(s3, bucket, job)) == run
    if expected == "Failed":
        assert "50%" in job["FailureReasons"][0]["FailureReason"]


# ---------------------------------------------------------------- the life of a job


@pytest.fixture
def suspended(s3: Any, bucket: str, key: dict[str, Any], create_job: Create, wait_for_job: Run) -> Callable[..., str]:
    """Creates jobs that wait for their confirmation."""
    s3.put_object(Bucket=bucket, Key="one", Body=b"x")

    def make(**more: Any) -> str:
        job = create_job(bucket, kms_update_operation(key), ["one"], **{"ConfirmationRequired": True, **more})
        wait_for_job(job, "Suspended")
        return job

    return make


@pytest.mark.behaviour
def test_statuses_that_can_be_requested(s3control: Any, suspended: Create, wait_for_job: Run) -> None:
    job = suspended()
    answer = s3control.update_job_status(
        AccountId=ACCOUNT, JobId=job, RequestedJobStatus="Ready", StatusUpdateReason="reviewed"
    )
    assert (answer["Status"], answer["StatusUpdateReason"]) == ("Ready", "reviewed")
    found = wait_for_job(job)
    assert (found["Status"], found["StatusUpdateReason"]) == ("Complete", "reviewed")
    assert found["SuspendedDate"] <= found["TerminationDate"]
    for requested in ("Ready", "Cancelled"):
        with raises_client_error("JobStatusException", 400):
            s3control.update_job_status(AccountId=ACCOUNT, JobId=job, RequestedJobStatus=requested)
    cancelled = suspended()
    s3control.update_job_status(AccountId=ACCOUNT, JobId=cancelled, RequestedJobStatus="Cancelled")
    with raises_client_error("JobStatusException", 400):
        s3control.update_job_status(AccountId=ACCOUNT, JobId=cancelled, RequestedJobStatus="Ready")
    assert wait_for_job(cancelled)["Status"] == "Cancelled"


@pytest.mark.behaviour
def test_unconfirmed_job_fails_after_a_month(lab: RunningLab, s3control: Any, suspended: Create) -> None:
    job = suspended()
    lab.clock.advance(days=29)
    assert status(s3control, job) == "Suspended"
    lab.clock.advance(days=1)
    with raises_client_error("JobStatusException", 400):
        s3control.update_job_status(AccountId=ACCOUNT, JobId=job, RequestedJobStatus="Ready")
    assert status(s3control, job) == "Failed"


@pytest.mark.behaviour
def test_ended_jobs_are_forgotten(
    lab: RunningLab, s3control: Any, suspended: Create, wait_for_job: Run, bucket: str, create_job: Create
) -> None:
    """After 90 days, also for their tokens. One that was never confirmed ended after 30 days."""
    suspended(ClientRequestToken="unconfirmed")
    operation = {"S3PutObjectCopy": {"TargetResource": arn(bucket)}}
    ended = create_job(bucket, operation, ["one"], ClientRequestToken="wish")
    wait_for_job(ended)
    lab.clock.advance(days=89)
    assert create_job(bucket, operation, ["one"], ClientRequestToken="wish") == ended
    assert len(s3control.list_jobs(AccountId=ACCOUNT)["Jobs"]) == 2
    lab.clock.advance(days=1)
    with raises_client_error("NoSuchJob", 404):
        s3control.describe_job(AccountId=ACCOUNT, JobId=ended)
    assert len(s3control.list_jobs(AccountId=ACCOUNT)["Jobs"]) == 1
    again = create_job(bucket, operation, ["one"], ClientRequestToken="wish")
    assert again != ended
    wait_for_job(again)
    lab.clock.advance(days=31)
    assert [each["JobId"] for each in s3control.list_jobs(AccountId=ACCOUNT)["Jobs"]] == [again]


@pytest.mark.behaviour
def test_list_of_jobs(s3control: Any, suspended: Create, wait_for_job: Run) -> None:
    """The newest first, in pages, and only those of the requested statuses."""
    jobs = [suspended(Description=f"number {number}") for number in range(5)]
    s3control.update_job_status(AccountId=ACCOUNT, JobId=jobs[1], RequestedJobStatus="Ready")
    wait_for_job(jobs[1])
    found: list[dict[str, Any]] = []
    options: dict[str, Any] = {}
    while True:
        page = s3control.list_jobs(AccountId=ACCOUNT, MaxResults=2, **options)
        found += page["Jobs"]
        assert len(page["Jobs"]) <= 2
        if "NextToken" not in page:
            break
        options = {"NextToken": page["NextToken"]}
    assert [each["JobId"] for each in found] == jobs[::-1]
    assert [each["Description"] for each in found] == [f"number {number}" for number in range(4, -1, -1)]
    assert found[-2]["ProgressSummary"]["NumberOfTasksSucceeded"] == 1
    for statuses, expected in ((["Complete"], [jobs[1]]), (["Suspended", "Failed"], [*jobs[:1:-1], jobs[0]])):
        listed = s3control.list_jobs(AccountId=ACCOUNT, JobStatuses=statuses)["Jobs"]
        assert [each["JobId"] for each in listed] == expected


@pytest.mark.behaviour
@pytest.mark.parametrize(
    "more",
    [
        {"ClientRequestToken": "t" * 65},
        {"Description": "d" * 257},
        {"Priority": 2**31},
        {"RoleArn": "arn:aws:iam::000000000000:user/zoe"},
    ],
)
def test_requests_out_of_bounds(s3: Any, bucket: str, key: Any, create_job: Create, more: dict[str, Any]) -> None:
    s3.put_object(Bucket=bucket, Key="one", Body=b"x")
    with raises_client_error("InvalidRequest", 400):
        create_job(bucket, kms_update_operation(key), ["one"], **more)


@pytest.mark.behaviour
def test_longest_token_and_description(s3control: Any, suspended: Create) -> None:
    job = suspended(ClientRequestToken="t" * 64, Description="d" * 256)
    assert s3control.describe_job(AccountId=ACCOUNT, JobId=job)["Job"]["Description"] == "d" * 256


@pytest.mark.behaviour
def test_tags_of_jobs(s3control: Any, suspended: Create) -> None:
    job = suspended(Tags=[{"Key": "sealed.s3:wish", "Value": "0" * 64}])
    names = {"AccountId": ACCOUNT, "JobId": job}
    assert s3control.get_job_tagging(**names)["Tags"] == [{"Key": "sealed.s3:wish", "Value": "0" * 64}]
    s3control.put_job_tagging(Tags=[{"Key": "a", "Value": "1"}], **names)
    assert s3control.get_job_tagging(**names)["Tags"] == [{"Key": "a", "Value": "1"}]
    with raises_client_error("TooManyTags", 400):
        s3control.put_job_tagging(Tags=[{"Key": f"a{number}", "Value": ""} for number in range(51)], **names)
    s3control.delete_job_tagging(**names)
    assert s3control.get_job_tagging(**names).get("Tags", []) == []
    with raises_client_error("InvalidTag", 400):
        suspended(Tags=[{"Key": "aws:a", "Value": ""}])


# ---------------------------------------------------------------- permissions of the caller


@pytest.mark.enforcement
def test_permissions_to_create_a_job(
    lab: RunningLab, s3: Any, iam: Any, bucket: str, key: dict[str, Any], create_job: Create
) -> None:
    """A job with tags needs s3:PutJobTagging too. iam:PassRole can be limited to the service."""
    s3.put_object(Bucket=bucket, Key="manifest.csv", Body=f"{bucket},one".encode())
    etag = s3.head_object(Bucket=bucket, Key="manifest.csv")["ETag"].strip('"')
    iam.create_user(UserName="zoe")
    access = iam.create_access_key(UserName="zoe")["AccessKey"]
    control = lab.client("s3control", credentials=access)
    request = {
        "AccountId": ACCOUNT,
        "Operation": kms_update_operation(key),
        "Priority": 7,
        "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/batch",
        "Report": {"Enabled": False},
        "Manifest": {
            "Spec": {"Format": "S3BatchOperations_CSV_20180820", "Fields": ["Bucket", "Key"]},
            "Location": {"ObjectArn": f"{arn(bucket)}/manifest.csv", "ETag": etag},
        },
    }
    conditions = {
        "s3:CreateJob": {
            "StringEquals": {"s3:RequestJobOperation": "S3UpdateObjectEncryption", "s3:RequestJobPriority": "7"}
        },
        "iam:PassRole": {"StringEquals": {"iam:PassedToService": SERVICE}},
        "s3:PutJobTagging": {"StringEquals": {"aws:RequestTag/wish": "1"}},
    }
    lab.enforcing = True
    for missing in ("", "s3:CreateJob", "iam:PassRole", "s3:PutJobTagging"):
        statements = [
            {"Effect": "Allow", "Action": name, "Resource": "*", "Condition": condition}
            for name, condition in conditions.items()
            if name != missing
        ]
        iam.put_user_policy(UserName="zoe", PolicyName="p", PolicyDocument=json.dumps({"Statement": statements}))
        with_tags = {**request, "Tags": [{"Key": "wish", "Value": "1"}]}
        if missing:
            with raises_client_error("AccessDenied", 403) as messages:
                control.create_job(**with_tags)
            assert missing in messages[0]
        else:
            control.create_job(**with_tags)
        if missing == "s3:PutJobTagging":
            control.create_job(**request)


@pytest.mark.enforcement
def test_permissions_by_job(lab: RunningLab, iam: Any, suspended: Create) -> None:
    """Who may cancel jobs of one tag or priority, or those that wait for their confirmation."""
    job, other = suspended(Tags=[{"Key": "team", "Value": "a"}]), suspended(Tags=[{"Key": "team", "Value": "b"}])
    iam.create_user(UserName="zoe")
    access = iam.create_access_key(UserName="zoe")["AccessKey"]
    control = lab.client("s3control", credentials=access)
    condition = {
        "StringEquals": {"aws:ResourceTag/team": "a", "s3:JobSuspendedCause": "AWAITING_CONFIRMATION"},
        "NumericLessThanEquals": {"s3:ExistingJobPriority": "10"},
    }
    statement = {"Effect": "Allow", "Action": "s3:UpdateJobStatus", "Resource": "*", "Condition": condition}
    iam.put_user_policy(UserName="zoe", PolicyName="p", PolicyDocument=json.dumps({"Statement": statement}))
    lab.enforcing = True
    with raises_client_error("AccessDenied", 403):
        control.update_job_status(AccountId=ACCOUNT, JobId=other, RequestedJobStatus="Cancelled")
    control.update_job_status(AccountId=ACCOUNT, JobId=job, RequestedJobStatus="Cancelled")


# ---------------------------------------------------------------- replication


@pytest.mark.behaviour
def test_replication_status_of_new_objects(s3: Any, new_bucket: Callable[..., str], key: dict[str, Any]) -> None:
    """An in-place change makes no event: the status remains. Nothing is replicated in the lab."""
    source, target = new_bucket(), new_bucket()
    for name in (source, target):
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    with raises_client_error("ReplicationConfigurationNotFoundError", 404):
        s3.get_bucket_replication(Bucket=source)
    s3.put_object(Bucket=source, Key="in/before", Body=b"x")
    rule = {
        "ID": "one",
        "Priority": 1,
        "Status": "Enabled",
        "Filter": {"Prefix": "in/"},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "Destination": {"Bucket": arn(target)},
    }
    configuration = {"Role": f"arn:aws:iam::{ACCOUNT}:role/replication", "Rules": [rule]}
    s3.put_bucket_replication(Bucket=source, ReplicationConfiguration=configuration)
    assert s3.get_bucket_replication(Bucket=source)["ReplicationConfiguration"] == configuration
    s3.put_object(Bucket=source, Key="in/after", Body=b"x")
    s3.put_object(Bucket=source, Key="in/kms", Body=b"x", **sse_kms(key["Arn"]))
    s3.put_object(Bucket=source, Key="out", Body=b"x")

    def replication_status(name: str) -> str | None:
        found: str | None = s3.head_object(Bucket=source, Key=name).get("ReplicationStatus")
        return found

    assert [replication_status(name) for name in ("in/before", "in/after", "in/kms", "out")] == [
        None, "PENDING", None, None,
    ]  # fmt: skip
    target_encryption = {"SSEKMS": {"KMSKeyArn": key["Arn"]}}
    for name in ("in/before", "in/after"):
        s3.update_object_encryption(Bucket=source, Key=name, ObjectEncryption=target_encryption)
    assert [replication_status(name) for name in ("in/before", "in/after")] == [None, "PENDING"]


@pytest.mark.enforcement
@pytest.mark.parametrize(
    ("operation", "action"),
    [("get_bucket_versioning", "s3:GetBucketVersioning"), ("get_bucket_replication", "s3:GetReplicationConfiguration")],
)
def test_permissions_to_read_settings(
    lab: RunningLab, s3: Any, iam: Any, bucket: str, operation: str, action: str
) -> None:
    iam.create_user(UserName="zoe")
    access = iam.create_access_key(UserName="zoe")["AccessKey"]
    call = getattr(lab.client("s3", credentials=access), operation)
    lab.enforcing = True
    with raises_client_error("AccessDenied", 403) as messages:
        call(Bucket=bucket)
    assert action in messages[0]
    statement = {"Effect": "Allow", "Action": action, "Resource": arn(bucket)}
    iam.put_user_policy(UserName="zoe", PolicyName="p", PolicyDocument=json.dumps({"Statement": statement}))
    if operation == "get_bucket_versioning":
        assert "Status" not in call(Bucket=bucket)
    else:
        with raises_client_error("ReplicationConfigurationNotFoundError", 404):
            call(Bucket=bucket)

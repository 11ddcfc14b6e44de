# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""S3 Control: the settings of the account, and batch jobs."""

from __future__ import annotations

import json
from collections.abc import Callable
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
from botocore.exceptions import ConnectionClosedError
from client_calls import BODY, FIRST_KEY, put_default_encryption, raises_client_error, read_object, sse_c, sse_kms

from sealed_lab import RunningLab

__all__ = ["create_job", "run_job", "wait_for_job"]


@pytest.mark.behaviour
def test_public_access_block_of_the_account(s3control: Any) -> None:
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    filters = dict.fromkeys(names, True)
    s3control.put_public_access_block(AccountId=ACCOUNT, PublicAccessBlockConfiguration=filters)
    assert s3control.get_public_access_block(AccountId=ACCOUNT)["PublicAccessBlockConfiguration"] == filters


def test_tags_of_a_bucket(s3: Any, s3control: Any, bucket: str) -> None:
    names = {"AccountId": ACCOUNT, "ResourceArn": arn(bucket)}
    s3control.tag_resource(Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}], **names)
    s3control.untag_resource(TagKeys=["a", "absent"], **names)
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == [{"Key": "b", "Value": "2"}]
    assert s3control.list_tags_for_resource(**names)["Tags"] == [{"Key": "b", "Value": "2"}]
    s3control.untag_resource(TagKeys=["b"], **names)
    with raises_client_error("NoSuchTagSet", 404):
        s3.get_bucket_tagging(Bucket=bucket)
    for tags in ([{"Key": "AWS:a", "Value": ""}], [{"Key": "a,b", "Value": ""}], [{"Key": "a", "Value": "b"}] * 2):
        with raises_client_error("InvalidTag", 400):
            s3control.tag_resource(Tags=tags, **names)


@pytest.mark.behaviour
def test_job_is_described_and_listed(s3: Any, s3control: Any, bucket: str, key: Any, create_job: Any) -> None:
    s3.put_object(Bucket=bucket, Key="one", Body=b"x")
    job = create_job(bucket, kms_copy_operation(bucket, key), ["one"])
    assert s3control.describe_job(AccountId=ACCOUNT, JobId=job)["Job"]["JobId"] == job
    assert job in [each["JobId"] for each in s3control.list_jobs(AccountId=ACCOUNT)["Jobs"]]


@pytest.mark.behaviour
def test_copy_job(s3: Any, bucket: str, key: Any, run_job: Any) -> None:
    for name in ("a", "b", "c"):
        s3.put_object(Bucket=bucket, Key=name, Body=BODY)
    job = run_job(bucket, kms_copy_operation(bucket, key), ["a", "b", "c"])
    assert job["Status"] == "Complete"
    assert job["ProgressSummary"]["NumberOfTasksSucceeded"] == 3
    for name in ("a", "b", "c"):
        assert s3.head_object(Bucket=bucket, Key=name)["SSEKMSKeyId"] == key["Arn"]
        assert read_object(s3, bucket, name) == BODY
    assert s3.list_objects_v2(Bucket=bucket, Prefix="reports")["KeyCount"] > 0


@pytest.mark.behaviour
def test_update_job(s3: Any, bucket: str, key: Any, run_job: Any) -> None:
    s3.put_object(Bucket=bucket, Key="one", Body=BODY)
    run_job(bucket, kms_update_operation(key), ["one"])
    assert s3.head_object(Bucket=bucket, Key="one")["ServerSideEncryption"] == "aws:kms"


# ---------------------------------------------------------------- other tests


def test_report_lists_each_task(s3: Any, bucket: str, key: Any, run_job: Any) -> None:
    s3.put_object(Bucket=bucket, Key="existing", Body=b"x")
    job = run_job(bucket, kms_update_operation(key), ["existing", "absent"])
    assert job["Status"] == "Complete"
    assert job["ProgressSummary"]["NumberOfTasksFailed"] == 1
    rows = {row[1]: row[3:6] for row in report_rows(s3, bucket, job)}
    assert rows["existing"] == ["succeeded", "200", ""]
    assert rows["absent"] == ["failed", "404", "NoSuchKey"]


@pytest.fixture
def generate_manifest(s3: Any, sse_c_bucket: str, key: Any, create_job: Any) -> Callable[[list[Any]], str]:
    """Creates a job for those of an object of each kind that match the filters. It waits for its confirmation."""
    bucket = sse_c_bucket
    s3.put_object(Bucket=bucket, Key="in/plain", Body=b"x")
    s3.put_object(Bucket=bucket, Key="in/customer", Body=b"x", **sse_c(FIRST_KEY))
    s3.put_object(Bucket=bucket, Key="in/kms", Body=b"x", **sse_kms(key["Arn"]))
    s3.put_object(Bucket=bucket, Key="in/kms-bucket-key", Body=b"x", **sse_kms(key["Arn"], BucketKeyEnabled=True))
    s3.put_object(Bucket=bucket, Key="in/dsse", Body=b"x", ServerSideEncryption="aws:kms:dsse", SSEKMSKeyId=key["Arn"])

    def make(filters: list[Any]) -> str:
        names = {"MatchAnyPrefix": ["in/"]}
        generator = manifest_generator(bucket, KeyNameConstraint=names, MatchAnyObjectEncryption=filters)
        operation = kms_update_operation(key)
        job: str = create_job(bucket, operation, ManifestGenerator=generator, ConfirmationRequired=True)
        return job

    return make


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ([{"SSES3": {}}], {"plain"}),
        ([{"SSEC": {}}], {"customer"}),
        ([{"SSEKMS": {}}], {"kms", "kms-bucket-key"}),
        ([{"SSEKMS": {"BucketKeyEnabled": False}}], {"kms"}),
        ([{"DSSEKMS": {}}], {"dsse"}),
        ([{"NOTSSE": {}}], set()),
    ],
)
def test_generated_manifest_by_encryption(
    s3control: Any,
    sse_c_bucket: str,
    generate_manifest: Any,
    wait_for_job: Any,
    filters: list[Any],
    expected: set[str],
) -> None:
    job = wait_for_job(generate_manifest(filters), "Suspended")
    assert job["ProgressSummary"]["TotalNumberOfTasks"] == len(expected)
    location = job["GeneratedManifestDescriptor"]["Location"]["ObjectArn"]
    assert location.startswith(f"{arn(sse_c_bucket)}/manifests/")
    s3control.update_job_status(AccountId=ACCOUNT, JobId=job["JobId"], RequestedJobStatus="Cancelled")
    assert wait_for_job(job["JobId"])["Status"] == "Cancelled"


def test_job_runs_after_confirmation(
    s3: Any, s3control: Any, bucket: str, key: Any, create_job: Any, wait_for_job: Any
) -> None:
    s3.put_object(Bucket=bucket, Key="one", Body=b"x")
    generator = manifest_generator(bucket, MatchAnyObjectEncryption=[{"SSES3": {}}])
    job = create_job(bucket, kms_update_operation(key), ManifestGenerator=generator, ConfirmationRequired=True)
    assert wait_for_job(job, "Suspended")["ProgressSummary"]["TotalNumberOfTasks"] == 1
    assert s3.head_object(Bucket=bucket, Key="one")["ServerSideEncryption"] == "AES256"
    s3control.update_job_status(AccountId=ACCOUNT, JobId=job, RequestedJobStatus="Ready")
    assert wait_for_job(job)["Status"] == "Complete"
    assert s3.head_object(Bucket=bucket, Key="one")["ServerSideEncryption"] == "aws:kms"


def test_repeated_token_returns_the_same_job(s3: Any, bucket: str, key: Any, create_job: Any) -> None:
    s3.put_object(Bucket=bucket, Key="one", Body=b"x")
    first = create_job(bucket, kms_update_operation(key), ["one"], ClientRequestToken="t-1")
    assert create_job(bucket, kms_update_operation(key), ["one"], ClientRequestToken="t-1") == first
    with raises_client_error("IdempotencyException", 400):
        create_job(bucket, kms_copy_operation(bucket, key), ["one"], ClientRequestToken="t-1")


def test_changed_manifest_fails_the_job(s3: Any, s3control: Any, bucket: str, key: Any, wait_for_job: Any) -> None:
    s3.put_object(Bucket=bucket, Key="manifest.csv", Body=f"{bucket},one".encode())
    manifest = {
        "Spec": {"Format": "S3BatchOperations_CSV_20180820", "Fields": ["Bucket", "Key"]},
        "Location": {"ObjectArn": f"{arn(bucket)}/manifest.csv", "ETag": "0" * 32},
    }
    job = s3control.create_job(
        AccountId=ACCOUNT,
        Operation=kms_update_operation(key),
        Priority=1,
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/batch",
        ClientRequestToken="t",
        Report={"Enabled": False},
        Manifest=manifest,
    )["JobId"]
    found = wait_for_job(job)
    assert found["Status"] == "Failed"
    assert "ETag" in found["FailureReasons"][0]["FailureReason"]


def test_job_uses_the_default_encryption_of_the_bucket(s3: Any, bucket: str, key: Any, run_job: Any) -> None:
    s3.put_object(Bucket=bucket, Key="one", Body=b"x")
    put_default_encryption(s3, bucket, "aws:kms", key["Arn"], bucket_key=True)
    job = run_job(bucket, {"S3PutObjectCopy": {"TargetResource": arn(bucket)}}, ["one"])
    assert job["Status"] == "Complete"
    head = s3.head_object(Bucket=bucket, Key="one")
    assert (head["SSEKMSKeyId"], head["BucketKeyEnabled"]) == (key["Arn"], True)


def test_faults_apply_to_tasks(lab: RunningLab, s3: Any, bucket: str, key: Any, run_job: Any) -> None:
    for name in ("a", "b"):
        s3.put_object(Bucket=bucket, Key=name, Body=b"x")
    lab.faults.add("throttle", operation="UpdateObjectEncryption", resource=f"{arn(bucket)}/a")
    job = run_job(bucket, kms_update_operation(key), ["a", "b"])
    assert job["ProgressSummary"]["NumberOfTasksFailed"] == 1
    assert s3.head_object(Bucket=bucket, Key="a")["ServerSideEncryption"] == "AES256"


def test_a_job_has_no_address_of_a_client(s3: Any, bucket: str, key: Any, run_job: Any) -> None:
    """A policy that denies all other addresses stops batch jobs: their requests come from S3."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:UpdateObjectEncryption", "Resource": f"{arn(bucket)}/*"}
    condition = {"NotIpAddress": {"aws:SourceIp": "127.0.0.0/8"}}
    policy = {"Version": "2012-10-17", "Statement": {**deny, "Condition": condition}}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    job = run_job(bucket, kms_update_operation(key), ["a"])
    assert job["ProgressSummary"]["NumberOfTasksFailed"] == 1
    target = {"SSEKMS": {"KMSKeyArn": key["Arn"]}}
    s3.update_object_encryption(Bucket=bucket, Key="a", ObjectEncryption=target)


def test_unsupported_batch_operation(s3: Any, bucket: str, create_job: Any) -> None:
    s3.put_object(Bucket=bucket, Key="one", Body=b"x")
    with raises_client_error("NotImplemented", 501):
        create_job(bucket, {"S3DeleteObjectTagging": {}}, ["one"])


@pytest.mark.parametrize(
    "filters",
    [
        {"MatchAnyObjectEncryption": [{"SSES3": {}}, {"DSSEKMS": {}}]},
        {"KeyNameConstraint": {"MatchAnyPrefix": ["a", "b"]}},
        {"KeyNameConstraint": {"MatchAnySuffix": ["a", "b"]}},
        {"KeyNameConstraint": {"MatchAnySubstring": ["a", "b"]}},
    ],
)
def test_filters_of_a_generated_manifest_have_one_item(bucket: str, key: Any, create_job: Any, filters: Any) -> None:
    with raises_client_error("InvalidRequest", 400):
        create_job(bucket, kms_update_operation(key), ManifestGenerator=manifest_generator(bucket, **filters))


ROLE_ACTIONS = ["s3:GetObject", "s3:PutObject", "s3:UpdateObjectEncryption", "s3:PutInventoryConfiguration", "kms:*"]


@pytest.mark.enforcement
def test_permissions_of_the_role(lab: RunningLab, s3: Any, iam: Any, bucket: str, key: Any, run_job: Any) -> None:
    s3.create_bucket(Bucket="reports")
    trust = {"Effect": "Allow", "Principal": {"Service": SERVICE}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName="batch", AssumeRolePolicyDocument=json.dumps({"Statement": trust}))
    reporting = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::reports/*"}
    lab.enforcing = True
    generator = manifest_generator(bucket)
    generator["S3JobManifestGenerator"].update(EnableManifestOutput=False)
    del generator["S3JobManifestGenerator"]["ManifestOutputLocation"]
    for missing, status, failed in (
        ("", "Complete", 0),
        ("s3:GetObject", "Complete", 1),
        ("s3:PutObject", "Complete", 1),
        ("s3:UpdateObjectEncryption", "Complete", 1),
        ("s3:PutInventoryConfiguration", "Failed", 0),
    ):
        actions = {"Effect": "Allow", "Action": [name for name in ROLE_ACTIONS if name != missing], "Resource": "*"}
        iam.put_role_policy(
            RoleName="batch", PolicyName="p", PolicyDocument=json.dumps({"Statement": [actions, reporting]})
        )
        s3.put_object(Bucket=bucket, Key="one", Body=b"x")
        operation = kms_update_operation(key)
        job = run_job(bucket, operation, ManifestGenerator=generator, Report=report_settings("reports"))
        assert (job["Status"], job["ProgressSummary"]["NumberOfTasksFailed"]) == (status, failed), missing
        reasons = [each["FailureReason"] for each in job["FailureReasons"]]
        assert len(reasons) == (1 if status == "Failed" else 0)
        assert all("s3:PutInventoryConfiguration" in each and "role/batch" in each for each in reasons)


def test_lost_answer_of_create_job(lab: RunningLab, s3: Any, s3control: Any, bucket: str, key: Any) -> None:
    """The job exists, and the same request with the same token returns it."""
    s3.put_object(Bucket=bucket, Key="one", Body=b"x")
    request = {
        "AccountId": ACCOUNT,
        "Operation": kms_update_operation(key),
        "Priority": 1,
        "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/batch",
        "ClientRequestToken": "lost",
        "Report": {"Enabled": False},
        "ManifestGenerator": manifest_generator(bucket),
    }
    lab.faults.add("lost_answer", operation="CreateJob")
    with pytest.raises(ConnectionClosedError):
        s3control.create_job(**request)
    (made,) = s3control.list_jobs(AccountId=ACCOUNT)["Jobs"]
    assert s3control.create_job(**request)["JobId"] == made["JobId"]
    assert len(s3control.list_jobs(AccountId=ACCOUNT)["Jobs"]) == 1


def test_share_of_the_tasks_fails(lab: RunningLab, s3: Any, bucket: str, key: Any, run_job: Any) -> None:
    s3.put_object(Bucket=bucket, Key="like", Body=b"x")
    lab.add_objects(bucket, "like", 12, prefix="data/", digits=1)
    caller = "arn:aws:sts::*:assumed-role/batch/s3-batch-operations_*"
    lab.faults.add("throttle", operation="UpdateObjectEncryption", caller=caller, every=4, times=None)
    lab.faults.add("deny", operation="s3:UpdateObjectEncryption", resource=f"{arn(bucket)}/data/5")
    keys = [f"data/{number}" for number in range(12)]
    job = run_job(bucket, kms_update_operation(key), keys)
    assert job["ProgressSummary"]["NumberOfTasksFailed"] == 4
    rows = {row[1]: row[3:6] for row in report_rows(s3, bucket, job)}
    failed = {name: row[1:] for name, row in rows.items() if row[0] == "failed"}
    assert failed.pop("data/5") == ["403", "AccessDenied"]
    assert failed == {f"data/{number}": ["503", "SlowDown"] for number in (3, 7, 11)}


def test_calls_run_beside_a_job(lab: RunningLab, s3: Any, bucket: str, create_job: Any, wait_for_job: Any) -> None:
    """A job of many tasks lets the calls of clients in between: the client sees its progress, and can cancel it."""
    s3.put_object(Bucket=bucket, Key="like", Body=b"x")
    lab.add_objects(bucket, "like", 20_000, prefix="data/")
    generator = manifest_generator(bucket, KeyNameConstraint={"MatchAnyPrefix": ["data/"]})
    job = create_job(bucket, {"S3PutObjectCopy": {"TargetResource": arn(bucket)}}, ManifestGenerator=generator)
    wait_for_job(job, "Active")
    lab.client("s3control").update_job_status(AccountId=ACCOUNT, JobId=job, RequestedJobStatus="Cancelled")
    found = wait_for_job(job)
    summary = found["ProgressSummary"]
    assert (found["Status"], summary["TotalNumberOfTasks"]) == ("Cancelled", 20_000)
    assert summary["NumberOfTasksSucceeded"] < 20_000
    rows = report_rows(s3, bucket, found) if summary["NumberOfTasksSucceeded"] else []
    assert len(rows) == summary["NumberOfTasksSucceeded"]


@pytest.mark.enforcement
def test_the_role_reads_the_manifest(lab: RunningLab, s3: Any, iam: Any, bucket: str, key: Any, run_job: Any) -> None:
    """Every policy that AWS documents for a role has both actions, for a manifest that S3 generates, too."""
    s3.put_object(Bucket=bucket, Key="one", Body=b"x")
    s3.create_bucket(Bucket="manifests")
    trust = {"Effect": "Allow", "Principal": {"Service": SERVICE}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName="batch", AssumeRolePolicyDocument=json.dumps({"Statement": trust}))
    lab.enforcing = True
    generator = manifest_generator(bucket)
    generator["S3JobManifestGenerator"]["ManifestOutputLocation"]["Bucket"] = arn("manifests")
    for missing in ("", "s3:GetObject", "s3:GetObjectVersion"):
        on_objects = {"Effect": "Allow", "Action": [*ROLE_ACTIONS, "s3:GetObjectVersion"]}
        denied = {"Effect": "Deny", "Action": missing or "s3:Any", "Resource": "arn:aws:s3:::manifests/*"}
        document = {"Statement": [{**on_objects, "Resource": "*"}, denied]}
        iam.put_role_policy(RoleName="batch", PolicyName="p", PolicyDocument=json.dumps(document))
        job = run_job(bucket, kms_update_operation(key), ManifestGenerator=generator)
        assert job["Status"] == ("Failed" if missing else "Complete")
        reasons = [each["FailureReason"] for each in job["FailureReasons"]]
        assert [missing in each for each in reasons] == [True] * bool(missing)


@pytest.mark.enforcement
def test_a_key_policy_can_name_the_role(
    lab: RunningLab, iam: Any, kms: Any, bucket: str, key: Any, run_job: Any
) -> None:
    """The sessions of a role have what a policy allows to its ARN. Each key takes part in one half of ReEncrypt."""
    s3 = lab.client("s3")
    trust = {"Effect": "Allow", "Principal": {"Service": SERVICE}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName="batch", AssumeRolePolicyDocument=json.dumps({"Statement": trust}))
    role = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/batch"}, "Resource": "*"}
    owner = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"}
    old = kms.create_key()["KeyMetadata"]
    allow = {"Effect": "Allow", "Action": ["s3:*"], "Resource": "*"}
    document = json.dumps({"Statement": [allow]})
    iam.put_role_policy(RoleName="batch", PolicyName="p", PolicyDocument=document)
    lab.enforcing = True
    for old_actions, failed in ((["kms:Decrypt"], 1), (["kms:Decrypt", "kms:ReEncryptFrom"], 0)):
        for each, actions in ((old, old_actions), (key, ["kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptTo"])):
            policy = json.dumps({"Version": "2012-10-17", "Statement": [owner, {**role, "Action": actions}]})
            kms.put_key_policy(KeyId=each["Arn"], Policy=policy)
        s3.put_object(Bucket=bucket, Key="one", Body=b"x", **sse_kms(old["Arn"]))
        job = run_job(bucket, kms_update_operation(key), ["one"])
        assert (job["Status"], job["ProgressSummary"]["NumberOfTasksFailed"]) == ("Complete", failed), job

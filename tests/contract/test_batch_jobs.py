# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""bucket_reencryption with S3 Batch Operations: jobs are made, found again, confirmed, followed and reported."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws.batch_jobs.batch_jobs import BatchJobs
from ansible_collections.sealed.s3.plugins.module_utils.engine.batch_jobs.job_examination import JobExamination
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.reencryption.reencryption import Reencrypted
from ansible_collections.sealed.s3.plugins.module_utils.model.batch_jobs.job_request import JobRequest
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.listed_object import ListedObject

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


def jobs_of(control: Any) -> list[dict[str, Any]]:
    return list(control.list_jobs(AccountId=ACCOUNT)["Jobs"])


def succeed(result: Result) -> Result:
    assert not result.get("failed"), result
    return result


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
    assert jobs_of(control) == []
    result = succeed(task("bucket_reencryption", **asked))
    job = only(result)
    assert (job["status"], job["tasks"]) == ("Complete", {"total": 3, "succeeded": 3, "failed": 0})
    assert (job["is_new"], job["operation"]) == (True, "S3UpdateObjectEncryption")
    assert job["description"].startswith("sealed.s3 ")
    assert job["description"].endswith(f" {bucket}: the words of the task")
    assert {key_of(s3, bucket, key) for key in ("a", "b", "ü, +%.txt", "done")} == {key_arn}
    summary = result["summary"]
    assert (result["changed"], summary["done"], summary["as_asked"]) == (True, 3, 1)
    again = succeed(task("bucket_reencryption", **asked))
    assert (again["changed"], again["jobs"], again["summary"]["as_asked"]) == (False, [], 4)
    listed = succeed(task("bucket_reencryption_info", bucket=bucket, jobs=True))
    assert {**only(listed), "is_new": True} == {**job, "failed_tasks": [], "failed_objects": []}


@pytest.mark.usefixtures("at_aws")
def test_at_aws(task: Task, s3: Any, lab: Any, bucket: str, key_arn: str, control: Any, clock: TestClock) -> None:
    """Under AWS's own host names, with versions in the manifest, and an answer of CreateJob that is lost."""
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    put(s3, bucket, "a", "a", "b")
    fault = lab.faults.add("lost_answer", operation="CreateJob")
    result = succeed(task("bucket_reencryption", **options(bucket, key_arn), versions="all"))
    assert fault.hits == 1
    assert only(result)["tasks"] == {"total": 3, "succeeded": 3, "failed": 0}
    assert len(jobs_of(control)) == 1
    versions = s3.list_object_versions(Bucket=bucket)["Versions"]
    heads = [s3.head_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"]) for each in versions]
    assert ({each["SSEKMSKeyId"] for each in heads}, len(heads)) == ({key_arn}, 3)
    assert clock.slept[:1] in ([], [5.0])


def test_noncurrent_versions_from_before_versioning(task: Task, s3: Any, bucket: str, key_arn: str) -> None:
    """They have the version id `null`, which the manifest names: without it, the job would change the current one."""
    put(s3, bucket, "a", "b")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    put(s3, bucket, "a", "b", ServerSideEncryption="aws:kms", SSEKMSKeyId=key_arn, BucketKeyEnabled=True)
    result = succeed(task("bucket_reencryption", **options(bucket, key_arn), versions="all"))
    assert (only(result)["tasks"]["succeeded"], result["summary"]["as_asked"]) == (2, 2)
    heads = [s3.head_object(Bucket=bucket, Key=key, VersionId="null") for key in ("a", "b")]
    assert [head.get("SSEKMSKeyId") for head in heads] == [key_arn] * 2


def test_an_answer_that_never_comes(task: Task, s3: Any, lab: Any, bucket: str, key_arn: str, control: Any) -> None:
    """The task fails, the job exists, and the next run finds it by its tag."""
    put(s3, bucket, "a")
    asked = options(bucket, key_arn, confirmation_required=True)
    lab.faults.add("lost_answer", operation="CreateJob", times=None)
    config = {"retries": {"mode": "standard", "total_max_attempts": 2}}
    failed = task("bucket_reencryption", **asked, aws_config=config)
    assert failed["failed"]
    lab.faults.clear()
    found = succeed(task("bucket_reencryption", **asked))
    assert [each["JobId"] for each in jobs_of(control)] == [only(found)["id"]]
    assert (found["changed"], only(found)["is_new"], only(found)["status"]) == (False, False, "Suspended")


def test_confirmed_later(task: Task, s3: Any, bucket: str, key_arn: str, calls: Any) -> None:
    """A job waits, further runs leave it, and the one without the option confirms it without listing an object."""
    put(s3, bucket, "a", "b")
    waiting = options(bucket, key_arn, confirmation_required=True)
    result = succeed(task("bucket_reencryption", **waiting))
    assert (result["changed"], only(result)["status"], only(result)["tasks"]["total"]) == (True, "Suspended", 2)
    assert any("waits for a confirmation: it has 2 objects" in each for each in result["warnings"])
    for check in (True, False):
        again = succeed(task("bucket_reencryption", check=check, **waiting))
        assert (again["changed"], only(again)["id"]) == (False, only(result)["id"])
        assert (again["summary"]["done"], again["diff"]) == (0, {"before": {}, "after": {}})
    asked = options(bucket, key_arn)
    assert task("bucket_reencryption", check=True, **asked)["changed"]
    assert key_of(s3, bucket, "a") is None
    calls()
    done = succeed(task("bucket_reencryption", **asked))
    made = calls()
    assert (done["changed"], only(done)["id"], only(done)["status"]) == (True, only(result)["id"], "Complete")
    assert "HeadObject" not in made
    assert made.count("UpdateJobStatus") == 1
    assert key_of(s3, bucket, "a") == key_arn


def test_without_waiting(task: Task, s3: Any, bucket: str, key_arn: str) -> None:
    """The task ends with the job under way, and a later one follows it or finds nothing left."""
    put(s3, bucket, "a", "b")
    asked = options(bucket, key_arn, wait=False)
    result = succeed(task("bucket_reencryption", **asked))
    assert (result["changed"], only(result)["is_new"]) == (True, True)
    later = succeed(task("bucket_reencryption", **options(bucket, key_arn)))
    assert later["jobs"] == [] or only(later)["id"] == only(result)["id"]
    assert key_of(s3, bucket, "b") == key_arn


@pytest.mark.parametrize("is_another_manifest", [False, True])
def test_two_runs_at_once(
    task: Task, s3: Any, bucket: str, key_arn: str, control: Any, monkeypatch: pytest.MonkeyPatch,
    is_another_manifest: bool,
) -> None:  # fmt: skip
    """The second run creates its job between the last look of the first one and its own request: one job."""
    put(s3, bucket, "a", "b")
    asked = options(bucket, key_arn)
    create, nested = BatchJobs.create_job, []

    def create_after_other_run(self: BatchJobs, request: JobRequest) -> str:
        monkeypatch.setattr(BatchJobs, "create_job", create)
        if is_another_manifest:
            put(s3, bucket, "c")
        nested.append(task("bucket_reencryption", **asked))
        return create(self, request)

    monkeypatch.setattr(BatchJobs, "create_job", create_after_other_run)
    first = succeed(task("bucket_reencryption", **asked))
    (second,) = nested
    assert only(first)["id"] == only(succeed(second))["id"]
    assert len(jobs_of(control)) == 1
    assert key_of(s3, bucket, "a") == key_arn


def test_the_same_wish_later(task: Task, s3: Any, lab: Any, bucket: str, key_arn: str, control: Any) -> None:
    """New objects a month later get a new job, and also after S3 has forgotten the jobs of before."""
    asked = options(bucket, key_arn)
    ids = []
    for key, days in (("a", 0), ("b", 31), ("c", 120)):
        lab.clock.advance(days=days)
        put(s3, bucket, key)
        job = only(succeed(task("bucket_reencryption", **asked)))
        assert job["tasks"] == {"total": 1, "succeeded": 1, "failed": 0}
        assert key_of(s3, bucket, key) == key_arn
        ids.append(job["id"])
    assert len(set(ids)) == 3


def test_objects_that_fail(task: Task, s3: Any, lab: Any, bucket: str, key_arn: str, tmp_path: Path) -> None:
    """The task fails with the causes and the objects, of which those that were deleted meanwhile are none."""
    put(s3, bucket, "a, 1", "b", "c", "gone", "ok")
    waiting = options(bucket, key_arn, confirmation_required=True)
    succeed(task("bucket_reencryption", **waiting))
    s3.delete_object(Bucket=bucket, Key="gone")
    for key in ("a, 1", "b", "c"):
        lab.faults.add(
            "deny", operation="s3:UpdateObjectEncryption", resource=f"arn:aws:s3:::{bucket}/{key}", times=None
        )
    path = tmp_path / "report"
    path.write_text("of an earlier run", encoding="utf-8")
    path.chmod(0o644)
    result = task("bucket_reencryption", **options(bucket, key_arn), report_file=str(path))
    assert (result["failed"], result["changed"]) == (True, True)
    assert only(result)["tasks"] == {"total": 5, "succeeded": 1, "failed": 4}
    assert "Of 5 objects of jobs, 3 failed." in result["msg"]
    assert "The same cause for 2 more: b, c." in result["msg"]
    summary = result["summary"]
    assert (summary["done"], summary["failed"], summary["vanished"]) == (1, 3, 1)
    assert (summary["by_route"]["in_place"], result["diff"]) == (1, {"before": {}, "after": {}})
    rows = result["failed_objects"]
    assert [(row["key"], row["error"]["kind"]) for row in rows] == [(key, "forbidden") for key in ("a, 1", "b", "c")]
    assert [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] == rows
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("check", [False, True])
def test_a_list_that_ends_early(task: Task, s3: Any, lab: Any, bucket: str, key_arn: str, check: bool) -> None:
    """No job is created, and nothing is told as done."""
    put(s3, bucket, "a", "b", "c")
    lab.faults.add("deny", operation="s3:GetObject", resource=f"arn:aws:s3:::{bucket}/c", times=None)
    result = task("bucket_reencryption", check=check, **options(bucket, key_arn), on_error="stop", concurrency=1)
    assert (result["failed"], result["changed"], result["jobs"]) == (True, False, [])
    summary = result["summary"]
    assert (summary["done"], summary["by_route"]["in_place"], summary["failed"]) == (0, 0, 1)
    assert (result["resume"], result["diff"]) == ("b", {"before": {}, "after": {}})


@pytest.mark.parametrize("operation", ["CreateJob", "DescribeJob"])
def test_a_refused_request_for_a_job(
    task: Task, s3: Any, lab: Any, bucket: str, key_arn: str, control: Any, operation: str
) -> None:
    """What was listed is told, and nothing as done; and the job, if it was created before."""
    put(s3, bucket, "a", "b")
    lab.faults.add("throttle", operation=operation, times=None)
    once = {"retries": {"total_max_attempts": 1}}
    result = task("bucket_reencryption", **options(bucket, key_arn), aws_config=once)
    jobs = [each["JobId"] for each in jobs_of(control)]
    assert (result["failed"], [each["id"] for each in result["jobs"]]) == (True, jobs)
    assert result["changed"] is bool(jobs)
    summary = result["summary"]
    assert (summary["seen"], summary["done"], summary["by_route"]["in_place"]) == (2, 0, 0)
    assert result["diff"] == {"before": {}, "after": {}} or jobs


def test_a_report_that_cannot_be_read(task: Task, s3: Any, lab: Any, bucket: str, key_arn: str) -> None:
    """What failed is told by its number."""
    put(s3, bucket, "a")
    succeed(task("bucket_reencryption", **options(bucket, key_arn, confirmation_required=True)))
    s3.delete_object(Bucket=bucket, Key="a")
    lab.faults.add("deny", operation="s3:GetObject", resource=f"arn:aws:s3:::{FILES}/job-*", times=None)
    result = task("bucket_reencryption", **options(bucket, key_arn))
    assert "1 objects of the job" in result["msg"]
    assert "Its report cannot be read" in result["msg"]
    assert (result["failed"], result["changed"], result["summary"]["failed"]) == (True, False, 1)


def test_a_job_that_fails(task: Task, s3: Any, lab: Any, bucket: str, key_arn: str) -> None:
    """The task tells why S3 ended the job."""
    put(s3, bucket, "a")
    lab.faults.add("deny", operation="s3:PutObject", resource=f"arn:aws:s3:::{FILES}/*/job-*", times=None)
    result = task("bucket_reencryption", **options(bucket, key_arn, report={"bucket": FILES, "prefix": "reports"}))
    assert (result["failed"], result["error"]["kind"]) == (True, "failed")
    assert only(result)["status"] == "Failed"
    assert "ReportWriteFailed" in result["msg"]


def test_a_job_whose_half_fails(task: Task, s3: Any, lab: Any, bucket: str, key_arn: str) -> None:
    """S3 ends the job, and the task tells the cause once."""
    number = 1100
    s3.put_object(Bucket=bucket, Key="template", Body=b"x")
    lab.add_objects(bucket, "template", number, prefix="many/")
    asked = {**options(bucket, key_arn, manifest={"bucket": FILES, "generated": True})}
    asked["select"] = {"prefix": "many/", "encryption": ["SSE-S3"]}
    resource = f"arn:aws:s3:::{bucket}/many/*[02468]"
    lab.faults.add("deny", operation="s3:UpdateObjectEncryption", resource=resource, times=None)
    lab.faults.add("deny", operation="s3:UpdateObjectEncryption", resource=f"{resource[:-7]}*1", times=None)
    result = task("bucket_reencryption", **asked)
    job = only(result)
    assert (result["failed"], result["changed"], job["status"]) == (True, True, "Failed")
    assert job["tasks"]["failed"] > job["tasks"]["succeeded"] > 0
    assert job["tasks"]["failed"] + job["tasks"]["succeeded"] < number
    assert "Job failure rate is above 50%" in result["msg"]
    assert result["msg"].count("The same cause for") == 1
    assert (len(result["failed_objects"]), result["summary"]["failed"]) == (100, job["tasks"]["failed"])


def test_a_cancelled_job(task: Task, s3: Any, bucket: str, key_arn: str, control: Any) -> None:
    """Somebody cancels the job: the task says so, and the next one makes a new job."""
    put(s3, bucket, "a")
    waiting = options(bucket, key_arn, confirmation_required=True)
    first = only(succeed(task("bucket_reencryption", **waiting)))
    control.update_job_status(AccountId=ACCOUNT, JobId=first["id"], RequestedJobStatus="Cancelled")
    while control.describe_job(AccountId=ACCOUNT, JobId=first["id"])["Job"]["Status"] != "Cancelled":
        pass
    second = only(succeed(task("bucket_reencryption", **options(bucket, key_arn))))
    assert second["id"] != first["id"]
    assert key_of(s3, bucket, "a") == key_arn


def test_copies(task: Task, s3: Any, bucket: str, key_arn: str, control: Any) -> None:
    """One job for each storage class; what a copy would lose is left out, and told."""
    under_key = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key_arn}
    put(s3, bucket, "a", **under_key, Metadata={"one": "1"}, ContentType="text/x-a", Tagging="t=1")
    put(s3, bucket, "ia", **under_key, StorageClass="STANDARD_IA")
    put(s3, bucket, "redirect", **under_key, WebsiteRedirectLocation="/a")
    put(s3, bucket, "old", **under_key, StorageClass="REDUCED_REDUNDANCY")
    asked = {**options(bucket, key_arn), "encryption": "SSE-S3"}
    del asked["kms_key"]
    predicted = task("bucket_reencryption", check=True, **asked)
    result = succeed(task("bucket_reencryption", **asked))
    for each in (predicted, result):
        assert [job["tasks"]["total"] for job in each["jobs"]] == [1, 1]
        assert each["summary"]["skipped_by_reason"] == {"storage_class": 1, "website_redirect": 1}
    heads = {key: s3.head_object(Bucket=bucket, Key=key) for key in ("a", "ia", "redirect")}
    assert [each["ServerSideEncryption"] for each in heads.values()] == ["AES256", "AES256", "aws:kms"]
    assert (heads["a"]["Metadata"], heads["a"]["ContentType"]) == ({"one": "1"}, "text/x-a")
    assert heads["ia"]["StorageClass"] == "STANDARD_IA"
    assert s3.get_object_tagging(Bucket=bucket, Key="a")["TagSet"] == [{"Key": "t", "Value": "1"}]
    again = succeed(task("bucket_reencryption", **asked))
    assert (again["changed"], again["jobs"]) == (False, [])


def test_objects_with_an_acl_are_left_out(task: Task, s3: Any, bucket: str, key_arn: str) -> None:
    """A job would make the ACL of a copy private."""
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    put(s3, bucket, "a", ServerSideEncryption="aws:kms", SSEKMSKeyId=key_arn)
    put(s3, bucket, "shared", ServerSideEncryption="aws:kms", SSEKMSKeyId=key_arn, ACL="authenticated-read")
    asked = {**options(bucket, key_arn), "encryption": "SSE-S3", "kms_key": None}
    result = succeed(task("bucket_reencryption", **asked))
    assert result["summary"]["skipped_by_reason"] == {"acl": 1}
    assert only(result)["tasks"]["succeeded"] == 1


def test_a_copy_of_an_object_that_was_written_meanwhile(
    task: Task, s3: Any, lab: Any, bucket: str, key_arn: str
) -> None:
    """It is not copied: what the task decided about it is no longer true."""
    put(s3, bucket, "a", ServerSideEncryption="aws:kms", SSEKMSKeyId=key_arn)
    asked = {**options(bucket, key_arn, confirmation_required=True), "encryption": "SSE-S3", "kms_key": None}
    succeed(task("bucket_reencryption", **asked))
    lab.clock.advance(seconds=60)
    put(s3, bucket, "a", ServerSideEncryption="aws:kms", SSEKMSKeyId=key_arn)
    asked["batch"]["confirmation_required"] = False
    result = task("bucket_reencryption", **asked)
    assert (result["failed"], result["failed_objects"][0]["error"]["kind"]) == (True, "conflict")
    assert key_of(s3, bucket, "a") == key_arn
    assert only(succeed(task("bucket_reencryption", **asked)))["tasks"]["succeeded"] == 1


def test_an_object_that_is_written_while_the_others_are_read(
    task: Task, s3: Any, lab: Any, bucket: str, key_arn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not copied, though another object of the job is newer."""
    under_key = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key_arn}
    put(s3, bucket, "a", "b", **under_key)
    lab.clock.advance(seconds=60)
    read = JobExamination.work

    def work(self: JobExamination, listed: ListedObject) -> Reencrypted:
        examined = read(self, listed)
        lab.clock.advance(seconds=60)
        put(s3, bucket, "a", **under_key)
        lab.clock.advance(seconds=60)
        put(s3, bucket, "z", **under_key)
        monkeypatch.setattr(JobExamination, "work", read)
        return examined

    monkeypatch.setattr(JobExamination, "work", work)
    asked = {**options(bucket, key_arn), "encryption": "SSE-S3", "kms_key": None, "concurrency": 1}
    result = task("bucket_reencryption", **asked)
    assert [row["key"] for row in result["failed_objects"]] == ["a"]
    assert (key_of(s3, bucket, "a"), key_of(s3, bucket, "b")) == (key_arn, None)


def test_a_lock_that_the_job_finds(task: Task, s3: Any, bucket: str, key_arn: str) -> None:
    """It is skipped, or fails, as for an object whose lock was read before."""
    locked = "locked-bucket"
    s3.create_bucket(Bucket=locked, ObjectLockEnabledForBucket=True)
    put(s3, locked, "a", "b")
    asked = options(locked, key_arn, confirmation_required=True)
    succeed(task("bucket_reencryption", **asked))
    s3.put_object_legal_hold(Bucket=locked, Key="a", LegalHold={"Status": "ON"})
    asked["batch"]["confirmation_required"] = False
    result = succeed(task("bucket_reencryption", **asked))
    summary = result["summary"]
    assert (summary["done"], summary["failed"], summary["skipped_by_reason"]) == (1, 0, {"locked": 1})
    assert only(result)["tasks"] == {"total": 2, "succeeded": 1, "failed": 1}


def test_a_manifest_under_a_key(task: Task, s3: Any, bucket: str, key_arn: str, kms: Any) -> None:
    """It has the form of an inventory, and may be in the bucket itself, outside of the prefix that is selected."""
    put(s3, bucket, "data/a", "data/b c")
    own_key = kms.create_key()["KeyMetadata"]["Arn"]
    files = {"bucket": bucket, "prefix": "jobs"}
    asked = options(bucket, key_arn, manifest={**files, "kms_key": own_key}, report=files)
    asked["select"] = {"prefix": "data/"}
    result = succeed(task("bucket_reencryption", **asked))
    assert only(result)["tasks"] == {"total": 2, "succeeded": 2, "failed": 0}
    again = succeed(task("bucket_reencryption", **asked))
    assert (again["changed"], again["summary"]["seen"]) == (False, 2)
    found = [each["Key"] for each in s3.list_objects_v2(Bucket=bucket, Prefix=f"jobs/{bucket}-")["Contents"]]
    assert [each.rpartition("/")[2] for each in found] == ["data.csv.gz", "manifest.json"]
    assert {key_of(s3, bucket, each) for each in found} == {own_key}


def test_generated_manifests(task: Task, s3: Any, bucket: str, key_arn: str, kms: Any, calls: Any) -> None:
    """One job for each source; nothing is read by the task, and a job that matches nothing changes nothing."""
    old = kms.create_key()["KeyMetadata"]["Arn"]
    put(s3, bucket, "p/a", "other")
    put(s3, bucket, "p/b", ServerSideEncryption="aws:kms", SSEKMSKeyId=old)
    put(s3, bucket, "p/c", ServerSideEncryption="aws:kms", SSEKMSKeyId=key_arn)  # without a bucket key
    sources = ["SSE-S3", {"encryption": "SSE-KMS", "kms_key": old}, {"encryption": "SSE-KMS", "kms_key": key_arn}]
    asked = options(bucket, key_arn, manifest={"bucket": FILES, "generated": True})
    asked["select"] = {"prefix": "p/", "encryption": sources}
    predicted = task("bucket_reencryption", check=True, **asked)
    assert [job["tasks"]["total"] for job in predicted["jobs"]] == [None] * 3
    assert any("is not known before" in each for each in predicted["warnings"])
    assert any(
        "the objects of jobs that are not prepared yet" in each for each in predicted["estimate"]["not_included"]
    )
    calls()
    result = succeed(task("bucket_reencryption", **asked))
    assert "HeadObject" not in calls()
    assert [job["tasks"] for job in result["jobs"]] == [{"total": 1, "succeeded": 1, "failed": 0}] * 3
    assert all(job["manifest"] for job in result["jobs"])
    estimate = result["estimate"]
    assert {"type": "batch_job_object", "number": 3, "storage_class": None} in estimate["requests"]
    assert {"type": "update_object_encryption", "number": 3, "storage_class": None} in estimate["requests"]
    assert any("the manifests that S3 generates" in each for each in estimate["not_included"])
    assert not any("not prepared yet" in each for each in estimate["not_included"])
    heads = [s3.head_object(Bucket=bucket, Key=key) for key in ("p/a", "p/b", "p/c")]
    assert [(each["SSEKMSKeyId"], each["BucketKeyEnabled"]) for each in heads] == [(key_arn, True)] * 3
    assert key_of(s3, bucket, "other") is None
    again = succeed(task("bucket_reencryption", **asked))
    assert (again["changed"], [job["tasks"]["total"] for job in again["jobs"]]) == (False, [0, 0, 0])


def test_a_generated_manifest_that_waits(task: Task, s3: Any, bucket: str, key_arn: str) -> None:
    """The number of objects is told before anything runs. A job without objects does not wait."""
    put(s3, bucket, "a")
    files = {"bucket": FILES, "generated": True}
    asked = options(bucket, key_arn, manifest=files, confirmation_required=True)
    asked["select"] = {"encryption": ["SSE-S3"]}
    result = succeed(task("bucket_reencryption", **asked))
    assert (only(result)["status"], only(result)["tasks"]["total"]) == ("Suspended", 1)
    confirmed = succeed(
        task("bucket_reencryption", **{**asked, "batch": {**asked["batch"], "confirmation_required": False}})
    )
    assert only(confirmed)["tasks"]["succeeded"] == 1
    empty = succeed(task("bucket_reencryption", **asked))
    assert (empty["changed"], only(empty)["status"]) == (False, "Cancelled")


def test_generated_manifests_of_a_bucket_with_versions(task: Task, s3: Any, bucket: str, key_arn: str) -> None:
    """They may name all versions: that has to be meant, and none of them is copied over a newer one."""
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    put(s3, bucket, "a", "a")
    asked = options(bucket, key_arn, manifest={"bucket": FILES, "generated": True})
    asked["select"] = {"encryption": ["SSE-S3"], "storage_classes": ["STANDARD"]}
    assert "Set versions: all if that is meant" in task("bucket_reencryption", check=True, **asked)["msg"]
    copies = task("bucket_reencryption", **{**asked, "versions": "all", "method": "copy"})
    assert "A copy of a noncurrent version would become the current one" in copies["msg"]
    result = succeed(task("bucket_reencryption", **asked, versions="all"))
    assert only(result)["tasks"] == {"total": 2, "succeeded": 2, "failed": 0}


def test_generated_manifests_for_a_key_of_another_account(task: Task, s3: Any, lab: Any, bucket: str) -> None:
    """S3 changes nothing in place under it, so the job copies; and what a check run says is what a run would do."""
    put(s3, bucket, "a")
    other = "444455556666"
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": [f"arn:aws:iam::{ACCOUNT}:root", f"arn:aws:iam::{other}:root"]},
    }
    policy = json.dumps({"Statement": {**statement, "Action": "kms:*", "Resource": "*"}})
    foreign = lab.client("kms", account=other).create_key(Policy=policy)["KeyMetadata"]["Arn"]
    asked = options(bucket, foreign, manifest={"bucket": FILES, "generated": True})
    asked["select"] = {"encryption": ["SSE-S3"], "storage_classes": ["STANDARD"]}
    assert only(succeed(task("bucket_reencryption", check=True, **asked)))["operation"] == "S3PutObjectCopy"


def test_what_does_not_exist_yet(task: Task, s3: Any, lab: Any, bucket: str, key_arn: str) -> None:
    """A check run goes on without the bucket or the role, which an earlier task of the play would create."""
    put(s3, bucket, "a")
    nowhere = task("bucket_reencryption", check=True, **options("not-yet", key_arn))
    assert succeed(nowhere)["not_there_yet"], nowhere
    asked = options(bucket, key_arn)
    asked["batch"]["role_arn"] = f"arn:aws:iam::{ACCOUNT}:role/not-yet"
    predicted = succeed(task("bucket_reencryption", check=True, **asked))
    assert (predicted["changed"], only(predicted)["tasks"]["total"]) == (True, 1)
    assert predicted["not_there_yet"] == [asked["batch"]["role_arn"]]
    failed = task("bucket_reencryption", **asked)
    assert (failed["failed"], failed["error"]["kind"]) == (True, "absent")


def test_reports_in_a_bucket_with_a_retention(task: Task, s3: Any, bucket: str, key_arn: str, control: Any) -> None:
    """S3 does not write them, so that no job is made."""
    put(s3, bucket, "a")
    s3.create_bucket(Bucket="worm", ObjectLockEnabledForBucket=True)
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
    configuration = {"ObjectLockEnabled": "Enabled", "Rule": rule}
    s3.put_object_lock_configuration(Bucket="worm", ObjectLockConfiguration=configuration)
    result = task("bucket_reencryption", **options(bucket, key_arn, report={"bucket": "worm"}))
    assert "Name another bucket in batch.report.bucket" in result["msg"]
    assert jobs_of(control) == []


def test_locked_objects(task: Task, s3: Any, key_arn: str) -> None:
    """They are left out, or fail the task, whose job changes the others."""
    name = "locked-bucket"
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    put(s3, name, "a", "b")
    s3.put_object_legal_hold(Bucket=name, Key="a", LegalHold={"Status": "ON"})
    result = task("bucket_reencryption", **options(name, key_arn), on_locked="fail")
    assert [row["key"] for row in result["failed_objects"]] == ["a"]
    assert (result["failed"], only(result)["tasks"]["succeeded"]) == (True, 1)
    again = succeed(task("bucket_reencryption", **options(name, key_arn)))
    assert (again["changed"], again["summary"]["skipped_by_reason"]) == (False, {"locked": 1})


BATCH: dict[str, Any] = {"role_arn": ROLE, "manifest": {"bucket": FILES}}
GENERATED = {**BATCH, "manifest": {"bucket": FILES, "generated": True}}


def test_where_the_files_of_jobs_can_be(task: Task, s3: Any, lab: Any, bucket: str, key_arn: str, control: Any) -> None:
    """In the region of the objects, which a check run says, too. A bucket that is not there yet is told by it."""
    west = lab.client("s3", region="eu-west-1", account=ACCOUNT)
    west.create_bucket(Bucket="example-west", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    put(s3, bucket, "a")
    for option in ("manifest", "report"):
        for check in (True, False):
            elsewhere = options(bucket, key_arn, **{option: {"bucket": "example-west"}})
            result = task("bucket_reencryption", check=check, **elsewhere)
            assert result.get("failed"), result
            assert f"batch.{option}.bucket: the bucket example-west is in eu-west-1" in result["msg"]
        nowhere = options(bucket, key_arn, **{option: {"bucket": "example-nowhere"}})
        assert task("bucket_reencryption", check=True, **nowhere)["not_there_yet"] == ["example-nowhere"]
        assert "There is no bucket example-nowhere" in task("bucket_reencryption", **nowhere)["msg"]
    assert jobs_of(control) == []


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "DSSE-KMS": ({"encryption": "DSSE-KMS"}, "cannot encrypt objects under DSSE-KMS"),
    "no batch": ({"batch": None}, "batch is missing"),
    "batch with here": ({"engine": "here"}, "batch has no effect"),
    "role": ({"batch": {**BATCH, "role_arn": "jobs"}}, "batch.role_arn"),
    "role of another account": (
        {"batch": {**BATCH, "role_arn": "arn:aws:iam::999999999999:role/jobs"}},
        "a role of the account 999999999999",
    ),
    "priority": ({"batch": {**BATCH, "priority": -1}}, "out of bounds"),
    "description": ({"batch": {**BATCH, "description": "x" * 200}}, "has 200 characters"),
    "place": ({"batch": {**BATCH, "manifest": {"bucket": FILES, "prefix": "/a"}}}, "begins with a slash"),
    "manifest among the objects": (
        {"batch": {**BATCH, "manifest": {"bucket": "example-bucket", "prefix": "m"}}},
        "batch.manifest is among the objects",
    ),
    "report among the objects": (
        {"batch": {**BATCH, "report": {"bucket": "example-bucket"}}, "select": {"prefix": "job"}},
        "batch.report is among the objects",
    ),
    "generated with limits": (
        {"batch": GENERATED, "select": {"encryption": ["SSE-S3"]}, "max_objects": 1, "start_after": "a"},
        "max_objects and start_after cannot be combined",
    ),
    "generated without encryption": ({"batch": GENERATED}, "select.encryption is missing"),
    "generated with the target's kind": (
        {"batch": GENERATED, "select": {"encryption": ["SSE-KMS"]}},
        "includes the objects that have the key already",
    ),
}


@pytest.mark.parametrize("case", list(REFUSED))
def test_what_jobs_cannot_do(task: Task, bucket: str, key_arn: str, control: Any, case: str) -> None:
    """It is refused before a job is made, in a check run, too."""
    changed, message = REFUSED[case]
    asked = {**options(bucket, key_arn), **changed}
    for check in (True, False):
        result = task("bucket_reencryption", check=check, **asked)
        assert result.get("failed"), result
        assert message in result["msg"]
    assert jobs_of(control) == []

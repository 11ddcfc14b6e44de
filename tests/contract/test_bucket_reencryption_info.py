# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What bucket_reencryption_info counts and estimates, and what it costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws.objects import object_list
from ansible_collections.sealed.s3.plugins.module_utils.aws.objects.object_list import ObjectList
from ansible_collections.sealed.s3.plugins.module_utils.model.batch_jobs.wish import JobWish
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.listed_object import ListedObject

from .conftest import ACCOUNT, REGION, Result, Task
from .made_jobs import MadeJobs
from .scale import number

pytestmark = pytest.mark.usefixtures("at_aws")

INFO = "bucket_reencryption_info"
BUCKET, STORE = "example-bucket", "job-store"
OWN, OTHER = "a" * 32, "b" * 32
SSE_C = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": OWN}
ROW = {"noncurrent": 0, "archived": 0, "locked": 0, "over_5_gib": 0}
Calls = Callable[[], list[str]]


def by_encryption(result: Result) -> list[tuple[Any, ...]]:
    """The kind, the bucket key and the number of each group."""
    rows = result["summary"]["by_encryption"]
    return [(row["encryption"], row["bucket_key_enabled"], row["objects"]) for row in rows]


def numbers(result: Result, *names: str) -> list[Any]:
    """These numbers of the summary."""
    return [result["summary"][name] for name in names]


@pytest.fixture(autouse=True)
def nothing_is_written(lab: Any) -> Iterator[None]:
    """Check after each test that no task has written."""
    yield
    assert [call.operation for call in lab.calls.writes() if "sealed.s3" in call.user_agent] == []


@pytest.fixture
def world(s3: Any, key_arn: str) -> str:
    """A bucket with versions and Object Lock, and one or more objects of each kind: eight keys, ten versions."""
    s3.create_bucket(Bucket=BUCKET, ObjectLockEnabledForBucket=True)
    rule = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
        "BlockedEncryptionTypes": {"EncryptionType": ["NONE"]},
    }
    s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": [rule]})
    kms = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key_arn}
    objects: list[tuple[str, dict[str, Any]]] = [
        ("a-twice", {}),
        ("a-twice", kms),
        ("b-sse-kms", kms),
        ("c-bucket-key", {**kms, "BucketKeyEnabled": True}),
        ("d-dsse-kms", {**kms, "ServerSideEncryption": "aws:kms:dsse", "StorageClass": "STANDARD_IA"}),
        ("e-sse-c", SSE_C),
        ("f-cold", {"StorageClass": "GLACIER"}),
        ("g-locked", {"ObjectLockLegalHoldStatus": "ON"}),
        ("h-deleted", {}),
        ("i.log", {"Body": b"a log"}),
    ]
    for key, options in objects:
        s3.put_object(**{"Bucket": BUCKET, "Key": key, "Body": b"four", **options})
    s3.delete_object(Bucket=BUCKET, Key="h-deleted")
    return BUCKET


def test_all_objects_by_what_decides_how_they_can_be_encrypted_again(
    task: Task, world: str, key_arn: str, calls: Calls
) -> None:
    """One request for each object. A check run is the same, and nothing is written."""
    found = task(INFO, bucket=world)
    assert not found.get("failed"), found
    assert Counter(calls()) == {
        "ListObjectsV2": 1,
        # Without its key, only GetObject says what the object under SSE-C needs.
        "HeadObject": 8 + 1,
        "HeadBucket": 1,
        "GetObject": 1,
        # Once for the bucket: whether S3 would show locks to the caller.
        "GetObjectLockConfiguration": 1,
        "GetObjectRetention": 1,
        "GetObjectLegalHold": 1,
    }
    none = {"kms_key_arn": None, "bucket_key_enabled": None, "customer_key_md5": None}
    key = {"kms_key_arn": key_arn, "customer_key_md5": None}
    one = {**ROW, "objects": 1, "stored_bytes": 4}
    assert found["summary"]["by_encryption"] == [
        {**none, "encryption": "SSE-S3", **ROW, "objects": 3, "stored_bytes": 13, "archived": 1, "locked": 1},
        {**key, "encryption": "SSE-KMS", "bucket_key_enabled": False, **one, "objects": 2, "stored_bytes": 8},
        {**key, "encryption": "DSSE-KMS", "bucket_key_enabled": None, **one},
        {**none, "encryption": "SSE-C", **one},
        {**key, "encryption": "SSE-KMS", "bucket_key_enabled": True, **one},
    ]
    sizes = {"noncurrent": 0, "over_5_gib": 0}
    assert found["summary"]["by_storage_class"] == [
        {"storage_class": "STANDARD", "objects": 6, "stored_bytes": 25, **sizes},
        {"storage_class": "GLACIER", "objects": 1, "stored_bytes": 4, **sizes},
        {"storage_class": "STANDARD_IA", "objects": 1, "stored_bytes": 4, **sizes},
    ]
    assert numbers(found, "objects", "stored_bytes", "read", "failed", "vanished") == [8, 33, 8, 0, 0]
    assert numbers(found, "archived", "locked", "noncurrent", "api_calls") == [1, 1, 0, 15]
    assert found["summary"]["other_encryptions"] == {"objects": 0, "stored_bytes": 0}
    assert (found["changed"], found["sample"], found["failed_objects"]) == (False, None, [])
    check = task(INFO, check=True, bucket=world)
    assert {**check["summary"], "seconds": 0} == {**found["summary"], "seconds": 0}


def test_all_versions(task: Task, world: str, calls: Calls) -> None:
    """Each version is one object, and a delete marker is none. The deleted object has one version."""
    found = task(INFO, bucket=world, versions="all", customer_key=OWN)
    assert not found.get("failed"), found
    made = Counter(calls())
    assert (made["ListObjectVersions"], made["ListObjectsV2"]) == (1, 0)
    assert numbers(found, "objects", "read", "noncurrent", "locked") == [10, 10, 2, 1]
    assert by_encryption(found)[0] == ("SSE-S3", None, 5)
    first, *_others = found["summary"]["by_encryption"]
    assert (first["noncurrent"], first["archived"]) == (2, 1)
    (own,) = (row for row in found["summary"]["by_encryption"] if row["encryption"] == "SSE-C")
    assert own["customer_key_md5"] is not None
    wrong = task(INFO, bucket=world, versions="all", customer_key=OTHER)
    (other,) = (row for row in wrong["summary"]["by_encryption"] if row["encryption"] == "SSE-C")
    assert (wrong.get("failed"), other) == (None, {**own, "customer_key_md5": None})


def test_only_selected_objects_are_read(task: Task, world: str, calls: Calls) -> None:
    """Everything that is selected by is in the list. The time is that of the task's clock."""
    for select, keys in (
        ({"prefix": "b-"}, 1),
        ({"suffix": ".log"}, 1),
        ({"larger_than": "4"}, 1),
        ({"prefix": "b", "smaller_than": "5", "newer_than": "1d"}, 1),
        ({"storage_classes": ["GLACIER", "STANDARD_IA"]}, 2),
        ({"older_than": "1d"}, 0),
    ):
        calls()
        found = task(INFO, bucket=world, select=select)
        made = Counter(calls())
        assert (numbers(found, "objects", "read"), made["HeadObject"]) == ([keys, keys], keys), select
        # Nothing is asked about locks where no object was read that could have one.
        assert made["GetObjectLockConfiguration"] == min(keys, 1)


def test_a_sample_says_how_exact_it_is(task: Task, lab: Any, world: str, calls: Calls) -> None:
    """The list is read whole. `make soak` does it with a million objects."""
    under_key, unencrypted = number(700, 700_000), number(392, 299_992)
    lab.add_objects(BUCKET, "b-sse-kms", under_key, prefix="k/")
    lab.add_objects(BUCKET, "i.log", unencrypted, prefix="l/")
    total = under_key + unencrypted + 8
    calls()
    found = task(INFO, bucket=world, sample=100, sample_seed=7)
    made = Counter(calls())
    assert (made["ListObjectsV2"], made["HeadObject"]) == (-(-total // 1000), 100)
    assert numbers(found, "objects", "stored_bytes", "read") == [total, 33 + 4 * under_key + 5 * unencrypted, 100]
    sample = found["sample"]
    assert (sample["size"], sample["drawn"], sample["seed"], sample["is_complete"]) == (100, 100, 7, False)
    truth = {"SSE-KMS": under_key + 2, "SSE-S3": unencrypted + 3}
    rows = found["summary"]["by_encryption"]
    assert sum(row["objects"] for row in rows) == 100
    for row in rows[:2]:
        estimate = row["estimate"]
        assert estimate["share"] == row["objects"] / 100
        assert estimate["objects_low"] <= truth[row["encryption"]] <= estimate["objects_high"]
        assert estimate["objects_high"] - estimate["objects_low"] < total / 4
        assert estimate["text"].startswith(f"About {row['objects']}.0 % of {total:,} objects, which are ")
    at_most = sample["unseen"]["objects_high"]
    assert 0.03 * total < at_most < 0.04 * total
    assert sample["unseen"]["text"].startswith(
        "None of the 100 objects of the sample. With 95 % confidence, at most 3."
    )
    assert sample["unseen"]["text"].endswith(f" % of {total:,} objects, which are {at_most:,}.")


def test_a_seed_repeats_a_sample(task: Task, lab: Any, world: str) -> None:
    """Other samples differ. Without a seed, the result has the one that was drawn."""
    lab.add_objects(BUCKET, "b-sse-kms", 30, prefix="k/")
    found = [task(INFO, bucket=world, sample=10, sample_seed=seed)["summary"]["by_encryption"] for seed in range(4)]
    assert len({str(rows) for rows in found}) > 1
    drawn = task(INFO, bucket=world, sample=10)
    again = task(INFO, bucket=world, sample=10, sample_seed=drawn["sample"]["seed"])
    assert again["summary"]["by_encryption"] == drawn["summary"]["by_encryption"]


def test_a_sample_of_few_objects(task: Task, world: str) -> None:
    """It has all of them, so that it is exact; or there is none."""
    chosen = task(INFO, bucket=world, sample=50, select={"prefix": "a"})
    assert (chosen["sample"]["is_complete"], chosen["sample"]["unseen"]) == (True, None)
    (row,) = chosen["summary"]["by_encryption"]
    assert row["estimate"]["text"] == "1 of 1 object: the sample has all of them."
    empty = task(INFO, bucket=world, sample=50, select={"prefix": "none"})
    assert (empty.get("failed"), empty["sample"]["drawn"], empty["sample"]["unseen"]) == (None, 0, None)


def test_objects_that_cannot_be_read_fail_the_task(task: Task, lab: Any, world: str) -> None:
    """The others are counted, and a bounded number is named."""
    lab.add_objects(BUCKET, "b-sse-kms", 120, prefix="secret/", digits=3)
    lab.faults.add("deny", operation="s3:GetObject", resource="*/secret/*", times=None)
    found = task(INFO, bucket=world)
    assert found["failed"]
    assert found["msg"].startswith(
        "120 of 128 objects could not be read, and are in no count by encryption. "
        "s3:GetObject on example-bucket/secret/000 is forbidden"
    )
    assert numbers(found, "objects", "read", "failed") == [128, 8, 120]
    assert [row["key"] for row in found["failed_objects"]] == [f"secret/{number:03}" for number in range(100)]
    assert found["failed_objects"][0]["error"]["kind"] == "forbidden"


@pytest.mark.parametrize("action", ["s3:GetObjectRetention", "s3:GetObjectLegalHold"])
def test_locks_that_may_not_be_read_are_not_counted_as_none(task: Task, lab: Any, world: str, action: str) -> None:
    lab.faults.add("deny", operation=action, times=None)
    found = task(INFO, bucket=world)
    assert (found.get("failed"), numbers(found, "locked")) == (None, [None])
    assert {row["locked"] for row in found["summary"]["by_encryption"]} == {None}
    assert found["warnings"] == [
        f"The number of locked objects is not known: S3 shows locks only to a caller with {action}. Allow it, or "
        "expect that objects are skipped as locked."
    ]


def test_a_bucket_without_versions_is_not_asked_about_locks(task: Task, s3: Any, bucket: str, calls: Calls) -> None:
    s3.put_object(Bucket=bucket, Key="a")
    for versions in ("current", "all"):
        calls()
        found = task(INFO, bucket=bucket, versions=versions)
        assert numbers(found, "objects", "locked", "noncurrent") == [1, 0, 0]
        assert calls()[1:] == ["HeadObject"]


@pytest.mark.parametrize("sample", [None, 3])
def test_a_list_that_fails_is_a_failure(
    task: Task, lab: Any, world: str, monkeypatch: pytest.MonkeyPatch, sample: int | None
) -> None:
    """What was listed before is reported, but it is no fair sample."""
    monkeypatch.setattr(object_list, "_PAGE", 2)
    lab.faults.add("deny", operation="s3:ListBucket", after=2, times=None)
    found = task(INFO, bucket=world, sample=sample)
    assert (found["failed"], found["error"]["kind"]) == (True, "forbidden")
    if sample is None:
        assert "The run ended early, with 4 of 4 objects read and an incomplete list." in found["msg"]
        assert numbers(found, "objects", "read") == [4, 4]
    else:
        assert "summary" not in found


def test_an_object_that_is_deleted_meanwhile_is_counted_apart(
    task: Task, world: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    list_objects = ObjectList.list_objects

    def with_deleted(objects: ObjectList, *parameters: Any) -> Iterator[ListedObject]:
        yield from list_objects(objects, *parameters)
        yield ListedObject("z-deleted", 4, "", "")

    monkeypatch.setattr(ObjectList, "list_objects", with_deleted)
    found = task(INFO, bucket=world)
    assert (found.get("failed"), numbers(found, "objects", "read", "vanished")) == (None, [9, 8, 1])


def test_credentials_that_expire_end_the_run(task: Task, lab: Any, world: str) -> None:
    lab.faults.add("expired_credentials", operation="*", after=4, times=None)
    found = task(INFO, bucket=world, concurrency=1)
    assert (found["failed"], found["error"]["kind"]) == (True, "credentials")
    assert numbers(found, "objects", "read", "failed") == [8, 3, 1]
    assert "warnings" not in found


# Jobs of S3 Batch Operations


@pytest.fixture
def jobs(s3: Any, client_of_service: Callable[[str], Any], world: str, key_arn: str) -> MadeJobs:
    """Creates jobs for the bucket with the objects. Their manifests and reports are in another one."""
    return MadeJobs(s3, client_of_service("s3control"), BUCKET, STORE, key_arn)


def test_the_jobs_of_a_bucket_and_why_their_tasks_failed(task: Task, jobs: MadeJobs, calls: Calls) -> None:
    """Those that bucket_reencryption made for this bucket, newest first, without a count of its objects."""
    wish, other = JobWish.of(BUCKET, {}, "a"), JobWish.of("another-bucket", {}, "a")
    done = jobs.create(["h-deleted", "i.log"], wish=wish)
    waiting = jobs.create(["i.log"], wish=JobWish.of(BUCKET, {}, "b"), ConfirmationRequired=True)
    jobs.create(["i.log"], wish=other)
    jobs.create(["i.log"])
    jobs.create(["i.log"], Description=wish.describe("copied"))
    calls()
    found = task(INFO, bucket=BUCKET, jobs=True)
    assert not found.get("failed"), found
    assert Counter(calls()) == {
        "ListObjectsV2": 1,  # it tells the region of the bucket
        "GetCallerIdentity": 1,
        "ListJobs": 1,
        "GetJobTagging": 3,
        "DescribeJob": 2,
        "GetObject": 2,  # the manifest of the report, and its file with failed tasks
    }
    assert sorted(row["id"] for row in found["jobs"]) == sorted([done, waiting])
    (row,) = (row for row in found["jobs"] if row["id"] == done)
    assert (row["status"], row["tasks"]) == ("Complete", {"total": 2, "succeeded": 1, "failed": 1})
    assert row["report"] == f"s3://{STORE}/reports/job-{done}/manifest.json"
    assert row["operation"] == "S3UpdateObjectEncryption"
    (cause,) = row["failed_tasks"]
    assert (cause["tasks"], cause["first_keys"], cause["error"]["kind"]) == (1, ["h-deleted"], "absent")
    (failed,) = row["failed_objects"]
    assert (failed["bucket"], failed["key"], failed["version_id"]) == (BUCKET, "h-deleted", None)
    assert failed["error"] == cause["error"]
    (row,) = (row for row in found["jobs"] if row["id"] == waiting)
    assert (row["status"], row["ended"], row["failed_tasks"], row["failed_objects"]) == ("Suspended", None, None, None)
    assert set(found["summary"]) == {"api_calls", "seconds"}
    assert "failed_objects" not in found


def test_one_job_of_any_tool(task: Task, lab: Any, jobs: MadeJobs, calls: Calls) -> None:
    """Without its report if that may not be read, or is not wanted. Objects can be counted in the same task."""
    job_id = jobs.create(["a-twice", "g-locked", "e-sse-c", "none"])
    calls()
    found = task(INFO, bucket=BUCKET, job_id=job_id)
    (row,) = found["jobs"]
    assert (row["id"], row["tasks"]["failed"], row["priority"]) == (job_id, 3, 7)
    assert sum(cause["tasks"] for cause in row["failed_tasks"]) == 3
    assert {each["key"] for each in row["failed_objects"]} == {"g-locked", "e-sse-c", "none"}
    assert "ListJobs" not in calls()
    both = task(INFO, bucket=BUCKET, job_id=job_id, counts=True, job_reports=False)
    assert (numbers(both, "objects"), both["jobs"]) == ([8], [{**row, "failed_tasks": None, "failed_objects": None}])
    lab.faults.add("deny", operation="s3:GetObject", resource=f"*{STORE}*", times=None)
    denied = task(INFO, bucket=BUCKET, job_id=job_id)
    assert (denied.get("failed"), denied["jobs"]) == (None, both["jobs"])
    (warning,) = denied["warnings"]
    assert warning.startswith(f"The report of the job {job_id} could not be read: s3:GetObject on {STORE}/reports/")
    for more in ({}, {"counts": True, "sample": 1}):
        unknown = task(INFO, bucket=BUCKET, job_id="no-such-job", **more)
        assert (unknown["failed"], unknown["error"]["kind"]) == (True, "absent")
        assert f"does not know the job no-such-job in the account {ACCOUNT} in {REGION}." in unknown["msg"]
        assert ("by_encryption" in unknown.get("summary", {})) is bool(more)


BAD: list[tuple[dict[str, Any], str]] = [
    ({"sample": 0}, "sample: 0 is out of bounds. Give 1 to 100000, or leave it out."),
    ({"sample": 100_001}, "sample: 100001 is out of bounds."),
    ({"sample_seed": 1}, "sample_seed has no effect without sample."),
    ({"bucket": ""}, "bucket is empty."),
    ({"job_id": ""}, "job_id is empty."),
    ({"job_id": "a", "jobs": True}, "jobs and job_id exclude each other."),
    ({"counts": False}, "counts: false leaves nothing to report."),
    ({"jobs": True, "sample": 5}, "sample has no effect, because a task with jobs or job_id does not count objects."),
    ({"jobs": True, "customer_key": OWN, "select": {"prefix": "a"}}, "select and customer_key have no effect"),
    ({"expected_bucket_owner": ""}, "expected_bucket_owner is empty."),
    ({"select": {"older_than": "long ago"}}, "select.older_than"),
    ({"select": {"encryption": ["SSE-S3"]}}, "encryption"),
    ({"concurrency": 0}, "concurrency: 0 is out of bounds."),
    ({"customer_key": OWN, "customer_key_file": "own.key"}, "mutually exclusive"),
]


def test_bad_options_are_refused_before_any_call(task: Task, lab: Any) -> None:
    lab.calls.clear()
    for options, words in BAD:
        result = task(INFO, **{"bucket": BUCKET, **options})
        assert (result["failed"], words in result["msg"]) == (True, True), (options, result)
    assert lab.calls.operations() == []

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The API calls of each task, as in the table of docs/api_calls.md."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .conftest import ACCOUNT, Task

pytestmark = pytest.mark.usefixtures("at_aws")

OWN_KEY = "0123456789abcdef0123456789abcdef"
OTHER_KEY = "fedcba9876543210fedcba9876543210"
# The reads that show whether logs of AWS services are delivered to a bucket.
OF_LOGS = ("GetBucketPolicy", "GetBucketAcl")
Calls = Callable[[], list[str]]


def test_a_bucket_costs_one_read_and_one_write_if_it_differs(
    task: Task, bucket: str, key_arn: str, calls: Calls
) -> None:
    """GetBucketEncryption and PutBucketEncryption. A key that is named by its ARN is checked before it is written.

    A bucket that moves to a KMS key costs two reads more, unless logs are ignored.
    """
    options = {"buckets": [bucket], "encryption": "SSE-KMS", "kms_key": key_arn}
    assert task("bucket_default_encryption", **options)["changed"]
    assert calls() == ["GetBucketEncryption", *OF_LOGS, "DescribeKey", "PutBucketEncryption"]
    assert not task("bucket_default_encryption", **options)["changed"]
    assert calls() == ["GetBucketEncryption"]
    assert task("bucket_default_encryption", buckets=[bucket], encryption="SSE-S3")["changed"]
    assert calls() == ["GetBucketEncryption", "PutBucketEncryption"]
    assert task("bucket_default_encryption", **options, log_targets="ignore")["changed"]
    assert calls() == ["GetBucketEncryption", "DescribeKey", "PutBucketEncryption"]


def test_a_bucket_that_gets_another_key_costs_two_calls(
    task: Task, bucket: str, key_arn: str, kms: Any, calls: Calls
) -> None:
    """One read and one write: logs that take no KMS key have stopped before. The key is checked once."""
    task("bucket_default_encryption", buckets=[bucket], encryption="SSE-KMS")
    other = kms.create_key()["KeyMetadata"]["Arn"]
    calls()
    for key in (key_arn, other):
        assert task("bucket_default_encryption", buckets=[bucket], encryption="SSE-KMS", kms_key=key)["changed"]
        assert calls() == ["GetBucketEncryption", "DescribeKey", "PutBucketEncryption"]


def test_a_bucket_without_a_named_key_costs_two_calls(task: Task, bucket: str, calls: Calls) -> None:
    """One read and one write, and the two reads about logs for a bucket that moves to a KMS key."""
    assert task("bucket_default_encryption", buckets=[bucket], encryption="SSE-KMS")["changed"]
    assert calls() == ["GetBucketEncryption", *OF_LOGS, "PutBucketEncryption"]
    assert task("bucket_default_encryption", buckets=[bucket], encryption="DSSE-KMS")["changed"]
    assert calls() == ["GetBucketEncryption", "PutBucketEncryption"]


def test_an_alias_is_resolved_once_for_all_buckets_of_a_region(task: Task, s3: Any, key_arn: str, calls: Calls) -> None:
    """Ten buckets, one DescribeKey."""
    names = [f"example-{number}" for number in range(10)]
    for name in names:
        s3.create_bucket(Bucket=name)
    calls()
    result = task("bucket_default_encryption", buckets=names, encryption="SSE-KMS", kms_key="alias/app")
    made = calls()
    assert {name: made.count(name) for name in set(made)} == {
        "GetBucketEncryption": 10,
        "DescribeKey": 1,
        "GetBucketPolicy": 10,
        "GetBucketAcl": 10,
        "PutBucketEncryption": 10,
    }
    assert result["summary"]["api_calls"] == len(made)


def test_a_policy_costs_one_read_as_asked(task: Task, bucket: str, key_arn: str, calls: Calls) -> None:
    """A change also costs the write, the read that shows it, and the reads of what the new rules would stop."""
    policy = "bucket_encryption_policy"
    customer_keys = {"buckets": [bucket], "deny_customer_keys": True}
    assert task(policy, **customer_keys)["changed"]
    assert calls() == ["GetBucketPolicy", "PutBucketPolicy", "GetBucketPolicy"]
    assert not task(policy, **customer_keys)["changed"]
    assert calls() == ["GetBucketPolicy"]
    more = {"buckets": [bucket], "require_tls": True, "allow_encryption": ["SSE-KMS"], "allow_kms_keys": [key_arn]}
    reads = ["GetBucketPolicy", "DescribeKey", "GetBucketWebsite", "GetBucketEncryption"]
    assert task(policy, check=True, **more)["changed"]
    assert calls() == reads
    assert task(policy, **more)["changed"]
    assert calls() == [*reads, "PutBucketPolicy", "GetBucketPolicy"]
    assert not task(policy, **more)["changed"]
    assert calls() == ["GetBucketPolicy"]
    assert task(policy, buckets=[bucket], state="absent")["changed"]
    assert calls() == ["GetBucketPolicy", "DeleteBucketPolicy", "GetBucketPolicy"]


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="bucket default"),
        pytest.param({"encryption": "SSE-S3"}, id="SSE-S3"),
        pytest.param({"encryption": "SSE-KMS", "bucket_key_enabled": True}, id="SSE-KMS"),
        pytest.param({"encryption": "DSSE-KMS"}, id="DSSE-KMS"),
        pytest.param({"encryption": "SSE-C", "customer_key": OWN_KEY}, id="SSE-C"),
    ],
)
def test_an_unchanged_object_costs_one_call(
    task: Task, open_bucket: str, calls: Calls, options: dict[str, Any]
) -> None:
    """A new object: HeadObject, GetObject and the upload, whose answer proves the rest. An unchanged one: HeadObject.

    Before a write with SSE-C, the blocked types of the bucket are read. Before one under a KMS key that is not named,
    its default is, which may show that the bucket belongs to another account.
    """
    upload = {"bucket": open_bucket, "key": "a", "content": "text", **options}
    assert task("s3_encrypted_object", **upload)["changed"]
    made = calls()
    assert made[-1] == "PutObject"
    more = {"GetBucketEncryption"} if options.get("encryption") in ("SSE-KMS", "DSSE-KMS", "SSE-C") else set()
    assert set(made[:-1]) == {"HeadObject", "GetObject", *more}
    assert not task("s3_encrypted_object", **upload)["changed"]
    assert calls() == ["HeadObject"]


def test_a_change_of_encryption_moves_no_data(task: Task, bucket: str, key_arn: str, calls: Calls, lab: Any) -> None:
    """A copy or an update in place transfers no content. Before a copy, the grants that it would lose are read."""
    task("s3_encrypted_object", bucket=bucket, key="a", content="text", encryption="SSE-S3")
    calls()
    under_key = {"encryption": "SSE-KMS", "kms_key": key_arn}
    result = task("s3_encrypted_object", bucket=bucket, key="a", content="text", change_method="copy", **under_key)
    assert result["actions"] == ["CopyObject"]
    assert calls() == ["HeadObject", "DescribeKey", "GetObjectAcl", "CopyObject", "HeadObject"]
    options = {**under_key, "change_method": "update"}
    result = task("s3_encrypted_object", bucket=bucket, key="a", bucket_key_enabled=True, **options)
    assert result["actions"] == ["UpdateObjectEncryption"]
    assert calls() == ["HeadObject", "DescribeKey", "UpdateObjectEncryption"]
    task("s3_encrypted_object", bucket=bucket, key="b", content="text", encryption="SSE-S3")
    calls()
    task("s3_encrypted_object", bucket=bucket, key="b", **options)
    assert calls() == ["HeadObject", "GetBucketEncryption", "DescribeKey", "UpdateObjectEncryption"]
    both = {**options, "bucket_key_enabled": True, "tags": {"a": "b"}}
    assert len(task("s3_encrypted_object", bucket=bucket, key="b", **both)["actions"]) == 2
    reads = ["HeadObject", "GetObjectTagging", "DescribeKey"]
    assert calls() == [*reads, "UpdateObjectEncryption", "PutObjectTagging"]


def test_other_content_costs_four_calls(task: Task, bucket: str, key_arn: str, s3: Any, calls: Calls) -> None:
    """PutObject resets tags and ACL, so they are read, as is a default that may be weaker. Tags may all be named."""
    task("s3_encrypted_object", bucket=bucket, key="a", content="text")
    calls()
    assert task("s3_encrypted_object", bucket=bucket, key="a", content="news")["changed"]
    assert calls() == ["HeadObject", "GetObjectTagging", "GetObjectAcl", "PutObject"]
    assert task("s3_encrypted_object", bucket=bucket, key="a", content="more", tags={})["changed"]
    assert calls() == ["HeadObject", "GetObjectAcl", "PutObject"]
    task("s3_encrypted_object", bucket=bucket, key="a", encryption="SSE-KMS", kms_key=key_arn)
    calls()
    assert task("s3_encrypted_object", bucket=bucket, key="a", content="weak", tags={})["warnings"]
    assert calls() == ["HeadObject", "GetBucketEncryption", "GetObjectAcl", "PutObject"]


def test_other_tags_are_read_back_where_they_are_merged(task: Task, bucket: str, calls: Calls) -> None:
    """Tags that replace all others cost no read after them. Merged ones cost one, as S3 has no condition for them."""
    task("s3_encrypted_object", bucket=bucket, key="a", content="text")
    calls()
    assert task("s3_encrypted_object", bucket=bucket, key="a", tags={"team": "a"})["changed"]
    assert calls() == ["HeadObject", "GetObjectTagging", "PutObjectTagging"]
    assert task("s3_encrypted_object", bucket=bucket, key="a", tags={"app": "b"}, purge_tags=False)["changed"]
    assert calls() == ["HeadObject", "GetObjectTagging", "PutObjectTagging", "GetObjectTagging"]


def test_a_copy_in_a_bucket_with_versions_reads_locks(task: Task, s3: Any, calls: Calls) -> None:
    """Of the bucket; and if it has Object Lock, whether the caller may read the locks of the object."""
    for bucket, locks in (("example-plain", False), ("example-locked", True)):
        s3.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=locks)
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        s3.put_object(Bucket=bucket, Key="a", Body=b"x")
        calls()
        encrypt = {"bucket": bucket, "key": "a", "encryption": "SSE-KMS", "change_method": "copy"}
        assert task("s3_encrypted_object", **encrypt)["changed"]
        lock_reads = ["GetObjectRetention", "GetObjectLegalHold"] if locks else []
        lock = ["GetObjectLockConfiguration", *lock_reads]
        assert calls() == ["HeadObject", "GetObjectAcl", *lock, "CopyObject", "HeadObject"]
        assert task("s3_encrypted_object", **encrypt)["changed"] is False
        assert calls() == ["HeadObject"]


def test_an_unchanged_download_costs_one_call(task: Task, bucket: str, s3: Any, calls: Calls, tmp_path: Any) -> None:
    """First HeadObject and GetObject; then HeadObject and a local digest."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"text")
    calls()
    options = {"bucket": bucket, "key": "a", "dest": str(tmp_path / "a")}
    assert task("s3_encrypted_object_download", **options)["changed"]
    assert calls() == ["HeadObject", "GetObject"]
    assert not task("s3_encrypted_object_download", **options)["changed"]
    assert calls() == ["HeadObject"]


@pytest.mark.parametrize("envelope", ["metadata", "instruction_file"])
@pytest.mark.parametrize("kind", ["CSE-KMS", "CSE-C"])
def test_client_side_encryption_calls_kms_once_and_reads_its_file_once(
    task: Task, bucket: str, key_arn: str, kms: Any, calls: Calls, tmp_path: Any, kind: str, envelope: str
) -> None:
    """An unchanged object costs HeadObject; Decrypt under a KMS key, and GetObject of an instruction file. Another key
    for an instruction file moves only that file."""
    by_kms, in_file = kind == "CSE-KMS", envelope == "instruction_file"
    where = {"bucket": bucket, "key": "a"}
    own = {"encryption": kind, **({"kms_key": key_arn} if by_kms else {"customer_key": OWN_KEY})}

    def cost(module: str, **options: Any) -> list[str]:
        calls()
        result = task(module, **where, **options)
        assert not result.get("failed"), result["msg"]
        return calls()

    def if_(condition: bool, *names: str) -> list[str]:
        return list(names) if condition else []

    file, new_key = if_(in_file, "GetObject"), if_(by_kms, "GenerateDataKey")
    opened = ["HeadObject", *file, *if_(by_kms, "Decrypt")]
    content = {"content": "text", "envelope": envelope, **own}
    made = cost("s3_encrypted_object", **content)
    check = if_(by_kms, "DescribeKey")
    assert made == ["HeadObject", "GetObject", *file, *check, *new_key, *if_(in_file, "PutObject"), "PutObject"]
    assert cost("s3_encrypted_object", **content) == opened
    assert cost("s3_encrypted_object", **own) == opened
    made = cost("s3_encrypted_object", **{**content, "content": "other"})
    if in_file:  # the data key is kept
        assert made == [*opened, "GetObjectTagging", "GetObjectAcl", "PutObject"]
    else:
        assert made == [*opened, "GetObjectTagging", *check, "GetObjectAcl", *new_key, "PutObject"]
    assert cost("s3_encrypted_object", cache_control="no-store", **own) == [
        *opened,
        "GetObjectAcl",
        "CopyObject",
        "HeadObject",
    ]
    assert cost("s3_encrypted_object_info") == ["HeadObject", *file]
    dest, key = {"dest": str(tmp_path / "a")}, {} if by_kms else {"customer_key": OWN_KEY}
    named = [*opened, *if_(by_kms, "GetCallerIdentity")]
    assert cost("s3_encrypted_object_download", **dest, **key) == [*named, "GetObject"]
    assert cost("s3_encrypted_object_download", **dest, **key) == named
    assert cost("s3_encrypted_object_download", **dest, **own) == opened

    second = str(kms.create_key()["KeyMetadata"]["Arn"])
    other = {"kms_key": second} if by_kms else {"customer_key": OTHER_KEY, "previous_customer_key": OWN_KEY}
    rotated = cost("s3_encrypted_object", encryption=kind, **other)
    found = [*opened, *if_(by_kms, "Decrypt", "GetCallerIdentity", "DescribeKey")]
    if in_file:
        assert rotated == [*found, *if_(by_kms, "Encrypt"), "PutObject"]
    else:
        assert rotated == [*found, "GetObjectAcl", *if_(by_kms, "Encrypt"), "CopyObject", "HeadObject"]
    assert cost("s3_encrypted_object", encryption=kind, **other) == opened

    gone = cost("s3_encrypted_object", state="absent")
    if in_file:
        # The file is deleted as it was before its object.
        versions = "ListObjectVersions"
        assert gone == ["HeadObject", versions, "GetObject", "DeleteObject", versions, "DeleteObject"]
    else:
        assert gone == ["HeadObject", "DeleteObject"]


def test_a_change_to_client_side_encryption_reads_the_content_and_writes_it(
    task: Task, bucket: str, s3: Any, calls: Calls
) -> None:
    """And back: S3 cannot do that by a copy. On the way there, an instruction file of an older client is searched."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"text")
    own = {"encryption": "CSE-C", "customer_key": OWN_KEY}
    calls()
    done = task("s3_encrypted_object", bucket=bucket, key="a", **own)
    assert done["actions"] == ["GetObject", "PutObject"]
    reads = ["GetObjectTagging", "GetObjectAcl", "ListObjectAnnotations"]
    assert calls() == ["HeadObject", "GetObject", *reads, "GetObject", "PutObject"]
    back = {"encryption": "SSE-S3", "previous_customer_key": OWN_KEY}
    assert task("s3_encrypted_object", bucket=bucket, key="a", **back)["actions"] == ["GetObject", "PutObject"]
    assert calls() == ["HeadObject", *reads, "GetObject", "PutObject"]


def test_a_read_sends_a_customer_key_only_where_s3_needs_it(
    task: Task, open_bucket: str, s3: Any, calls: Calls, tmp_path: Any
) -> None:
    """It may be the key of client-side encryption. An object under SSE-C costs four requests more, unless the task
    names SSE-C; then S3 gets the key with the first request."""
    s3.put_object(Bucket=open_bucket, Key="plain", Body=b"text")
    s3.put_object(Bucket=open_bucket, Key="own", Body=b"text", SSECustomerAlgorithm="AES256", SSECustomerKey=OWN_KEY)
    calls()
    key = {"bucket": open_bucket, "customer_key": OWN_KEY}
    task("s3_encrypted_object_info", key="plain", **key)
    assert calls() == ["HeadObject"]
    refused = ["HeadObject", "HeadBucket", "HeadObject", "GetObject"]  # only GetObject says that a key is missing
    task("s3_encrypted_object_info", key="own", **key)
    assert calls() == [*refused, "HeadObject"]
    task("s3_encrypted_object_download", key="plain", dest=str(tmp_path / "plain"), **key)
    assert calls() == ["HeadObject", "GetObject", "GetObject"]  # one of them searches an instruction file
    download = {**key, "key": "own", "dest": str(tmp_path / "own")}
    task("s3_encrypted_object_download", **download)
    assert calls() == [*refused, "HeadObject", "GetObject"]
    task("s3_encrypted_object_download", encryption="SSE-C", **download)
    assert calls() == ["HeadObject", "GetObject"]  # a named kind is accepted only without an instruction file
    other = {"bucket": open_bucket, "key": "own", "encryption": "SSE-C", "customer_key": OTHER_KEY}
    task("s3_encrypted_object", **other, previous_customer_key=OWN_KEY)
    write = ["GetBucketEncryption", "GetObjectAcl", "CopyObject", "HeadObject"]
    assert calls() == ["HeadObject", *refused, "HeadObject", *write]


def test_an_unchanged_key_costs_at_most_five_reads(task: Task, calls: Calls) -> None:
    """Only what the task compares is read: five calls if everything is named."""
    named = {
        "alias": "alias/app",
        "description": "for the app",
        "administrators": ["arn:aws:iam::123456789012:root"],
        "users": ["arn:aws:iam::123456789012:root"],
        "tags": {"app": "orders"},
        "rotation_period_in_days": 180,
    }
    assert task("kms_key_for_s3", **named)["changed"]
    reads = ["DescribeKey", "ListKeys", "ListKeys", "ListKeys", "ListAliases", "GetCallerIdentity"]
    made = [*reads, "CreateKey", "CreateAlias", "EnableKeyRotation"]
    again = ["DescribeKey", "GetKeyRotationStatus", "ListResourceTags"]
    assert calls() == [*made, "UntagResource", *again, *again, *again]
    assert not task("kms_key_for_s3", **named)["changed"]
    assert sorted(calls()) == [
        "DescribeKey",
        "GetKeyPolicy",
        "GetKeyRotationStatus",
        "ListAliases",
        "ListResourceTags",
    ]
    assert not task("kms_key_for_s3", alias="alias/app")["changed"]
    assert calls() == ["DescribeKey", "ListAliases", "GetKeyRotationStatus", "ListResourceTags"]


@pytest.fixture(scope="module")
def thousand_aliases() -> dict[str, list[str]]:
    """The calls of each case in an account with one alias, to compare with those in an account with a thousand."""
    return {}


@pytest.mark.parametrize("others", [0, 999])
def test_the_calls_of_a_key_do_not_depend_on_the_number_of_keys(
    task: Task, kms: Any, lab: Any, calls: Calls, others: int, thousand_aliases: dict[str, list[str]]
) -> None:
    """With one alias and with a thousand: the same calls, each for this key only.

    Only a new key costs one ListAliases for every hundred aliases, and at most eleven: then the index is searched.
    """
    role = f"arn:aws:iam::{ACCOUNT}:root"
    named = {"description": "for the app", "users": [role], "tags": {"app": "orders"}, "rotation_period_in_days": 180}
    target = ""
    for number in range(others):
        if number % 50 == 0:  # the quota of aliases for a key
            target = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName=f"alias/other-{number:03}", TargetKeyId=target)
    calls()
    cost = {}
    assert task("kms_key_for_s3", alias="alias/app", **named)["changed"]
    cost["new"] = calls()
    assert cost["new"].count("ListAliases") == {0: 1, 999: 10}[others]
    cost["new"] = [operation for operation in cost["new"] if operation != "ListAliases"]
    for case, options in {"unchanged": named, "plain": {}}.items():
        assert not task("kms_key_for_s3", alias="alias/app", **options)["changed"]
        cost[case] = calls()
    assert task("kms_key_for_s3", alias="alias/app", check=True, state="absent", unused_days=0)["changed"]
    cost["deleted"] = calls()
    assert task("kms_key_for_s3_info", alias="alias/app")["kms_keys"]
    cost["reported"] = calls()
    assert (len(cost["unchanged"]), len(cost["plain"]), len(cost["reported"])) == (5, 4, 8)
    for case, made in cost.items():
        assert thousand_aliases.setdefault(case, made) == made


def test_a_check_run_writes_nothing(task: Task, bucket: str, lab: Any) -> None:
    """No module makes a write call in check mode."""
    lab.calls.clear()
    task("kms_key_for_s3", check=True, alias="alias/new", tags={"a": "b"})
    task("bucket_default_encryption", check=True, buckets=[bucket], encryption="SSE-KMS")
    task("s3_encrypted_object", check=True, bucket=bucket, key="a", content="text")
    assert [call.operation for call in lab.calls.writes()] == []


def test_a_task_that_names_client_side_encryption_never_sends_its_key(
    task: Task, open_bucket: str, s3: Any, calls: Calls, tmp_path: Any
) -> None:
    """Not even if somebody has put an object under SSE-C there, which S3 does not return without a key."""
    s3.put_object(Bucket=open_bucket, Key="a", Body=b"text", SSECustomerAlgorithm="AES256", SSECustomerKey=OTHER_KEY)
    own = {"bucket": open_bucket, "key": "a", "customer_key": OWN_KEY}
    without_key = ["HeadObject", "HeadBucket", "HeadObject", "GetObject"]
    cases: list[tuple[str, dict[str, Any]]] = [
        ("s3_encrypted_object", {"content": "text"}),
        ("s3_encrypted_object_download", {"dest": str(tmp_path / "a")}),
    ]
    for module, options in cases:
        calls()
        assert task(module, **own, **options, encryption="CSE-C")["error"]["kind"] == "wrong_key"
        assert calls() == without_key
    task("s3_encrypted_object_download", **own, dest=str(tmp_path / "a"))
    assert calls() == [*without_key, "HeadObject"]  # with the key, as the task does not name its kind

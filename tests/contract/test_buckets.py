# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The default encryption of buckets: every option, kept where it is not named, and one bad bucket among many."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import ACCOUNT, Task


def rule_of(s3: Any, bucket: str) -> dict[str, Any]:
    """The one rule of a bucket."""
    (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    found: dict[str, Any] = rule
    return found


def step(task: Task, bucket: str, **options: Any) -> dict[str, Any]:
    """One task: foretold by its check run, done, and with nothing left to do."""
    foretold = task("bucket_default_encryption", check=True, buckets=[bucket], **options)
    done = task("bucket_default_encryption", buckets=[bucket], **options)
    assert not done.get("failed"), done
    assert (foretold["changed"], foretold["diff"], foretold["buckets"]) == (
        done["changed"],
        done["diff"],
        done["buckets"],
    )
    assert not task("bucket_default_encryption", buckets=[bucket], **options)["changed"]
    return done


def test_omitted_means_keep(task: Task, s3: Any, bucket: str, key_arn: str, kms: Any) -> None:
    """Each option changes what it names, and nothing else."""
    step(task, bucket, encryption="SSE-KMS", kms_key="alias/app", bucket_key_enabled=False)
    assert rule_of(s3, bucket) == {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key_arn},
        "BucketKeyEnabled": False,
        "BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]},
    }
    step(task, bucket, bucket_key_enabled=True)
    assert rule_of(s3, bucket)["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == key_arn
    step(task, bucket, blocked_encryption_types=[])
    assert rule_of(s3, bucket)["BlockedEncryptionTypes"] == {"EncryptionType": ["NONE"]}
    other = kms.create_key()["KeyMetadata"]["Arn"]
    step(task, bucket, kms_key=other)
    assert rule_of(s3, bucket) == {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": other},
        "BucketKeyEnabled": True,
        "BlockedEncryptionTypes": {"EncryptionType": ["NONE"]},
    }
    step(task, bucket, blocked_encryption_types=["SSE-C"])
    assert rule_of(s3, bucket)["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == other
    step(task, bucket, state="absent")
    assert rule_of(s3, bucket) == {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
        "BucketKeyEnabled": False,
        "BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]},
    }


@pytest.mark.parametrize("form", ["id", "arn", "alias", "alias arn"])
def test_every_form_of_a_key_is_the_same_key(task: Task, bucket: str, key_arn: str, form: str, s3: Any) -> None:
    """Whatever form the rule was written with, and whatever the task names, the same key is no change."""
    prefix, _slash, key_id = key_arn.partition("key/")
    forms = {"id": key_id, "arn": key_arn, "alias": "alias/app", "alias arn": f"{prefix}alias/app"}
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": forms[form]}
    s3.put_bucket_encryption(
        Bucket=bucket,
        ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": default}]},
    )
    for named in forms.values():
        assert not task("bucket_default_encryption", buckets=[bucket], kms_key=named)["changed"], named


def test_no_key_is_the_aws_managed_key(task: Task, bucket: str) -> None:
    """SSE-KMS without a key stands for alias/aws/s3, however it is said."""
    step(task, bucket, encryption="SSE-KMS")
    assert not task("bucket_default_encryption", buckets=[bucket], kms_key="alias/aws/s3")["changed"]


def test_minimum(task: Task, s3: Any, bucket: str, key_arn: str) -> None:
    """A floor raises what is below it, and leaves alone what is not."""
    step(task, bucket, encryption="SSE-KMS", minimum=True)
    assert rule_of(s3, bucket)["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    step(task, bucket, encryption="DSSE-KMS", kms_key=key_arn)
    assert not task("bucket_default_encryption", buckets=[bucket], encryption="SSE-KMS", minimum=True)["changed"]
    assert not task("bucket_default_encryption", buckets=[bucket], encryption="SSE-S3", minimum=True)["changed"]


def test_one_bad_bucket_never_hides_the_others(task: Task, s3: Any, lab: Any) -> None:
    """The good ones are changed, the bad ones are named with their cause, and the task fails."""
    names = [f"example-{number}" for number in range(6)]
    for name in names:
        s3.create_bucket(Bucket=name)
    theirs = lab.client("s3", region="us-east-1", account="222222222222")
    theirs.create_bucket(Bucket="example-theirs")
    asked = [*names[:3], "example-gone", "example-theirs", *names[3:], names[0]]
    result = task("bucket_default_encryption", buckets=asked, encryption="SSE-KMS")
    assert (result["failed"], result["changed"]) == (True, True)
    assert result["failed_buckets"] == ["example-gone", "example-theirs"]
    assert [shown["name"] for shown in result["buckets"]] == list(dict.fromkeys(asked))
    kinds = {shown["name"]: shown["error"]["kind"] for shown in result["buckets"] if shown["error"]}
    assert kinds == {"example-gone": "absent", "example-theirs": "forbidden"}
    assert all(name in result["msg"] for name in result["failed_buckets"])
    counts = result["summary"]
    assert (counts["matched"], counts["changed"], counts["unchanged"], counts["failed"]) == (8, 6, 0, 2)


def test_on_error_stop(task: Task, s3: Any) -> None:
    """With stop, buckets not yet begun are left alone, and counted as skipped."""
    names = [f"example-{number}" for number in range(20)]
    for name in names:
        s3.create_bucket(Bucket=name)
    result = task(
        "bucket_default_encryption",
        buckets=["example-gone", *names],
        encryption="SSE-KMS",
        on_error="stop",
        concurrency=1,
    )
    assert result["failed_buckets"] == ["example-gone"]
    assert result["summary"]["skipped"] >= 18


def test_results(task: Task, bucket: str) -> None:
    """Which buckets are listed in full."""
    options = {"buckets": [bucket], "encryption": "SSE-S3"}
    assert task("bucket_default_encryption", **options)["buckets"] == []
    (shown,) = task("bucket_default_encryption", results="all", **options)["buckets"]
    assert (shown["name"], shown["region"], shown["changed"]) == (bucket, "us-east-1", False)
    assert shown["before"] == shown["after"]
    assert task("bucket_default_encryption", buckets=[bucket], encryption="SSE-KMS", results="none")["buckets"] == []


def test_info(task: Task, bucket: str, key_arn: str) -> None:
    """The info module tells the same in the same words."""
    step(task, bucket, encryption="SSE-KMS", kms_key=key_arn)
    (shown,) = task("bucket_default_encryption_info", buckets=[bucket])["buckets"]
    assert shown == {
        "name": bucket,
        "region": "us-east-1",
        "encryption": "SSE-KMS",
        "kms_key": key_arn,
        "bucket_key_enabled": True,
        "blocked_encryption_types": ["SSE-C"],
        "error": None,
    }


def test_a_key_that_may_not_be_described(task: Task, bucket: str, key_arn: str, lab: Any) -> None:
    """Without permission to look at a key, its full ARN is used as it is, and the task says so."""
    lab.faults.add("deny", operation="kms:DescribeKey", times=None)
    result = task("bucket_default_encryption", buckets=[bucket], encryption="SSE-KMS", kms_key=key_arn)
    assert result["changed"]
    assert "kms:DescribeKey" in str(result["warnings"])
    refused = task("bucket_default_encryption", buckets=[bucket], encryption="SSE-KMS", kms_key="alias/app")
    assert refused["failed"]
    assert "kms:DescribeKey" in refused["msg"]


def test_forbidden_is_not_unencrypted(task: Task, bucket: str, lab: Any) -> None:
    """A read that is forbidden fails, and says which permission is missing."""
    lab.faults.add("deny", operation="s3:GetEncryptionConfiguration", times=None)
    for module, options in (
        ("bucket_default_encryption_info", {}),
        ("bucket_default_encryption", {"encryption": "SSE-S3"}),
    ):
        result = task(module, buckets=[bucket], **options)
        assert result["failed"]
        assert "s3:GetEncryptionConfiguration" in result["msg"]


def test_directory_buckets_are_recognised(task: Task) -> None:
    """A directory bucket is refused with a sentence, without a call to the wrong endpoint."""
    result = task("bucket_default_encryption", buckets=["fast--use1-az4--x-s3"], encryption="SSE-S3")
    assert result["failed"]
    assert "directory bucket" in result["msg"]


def test_the_account_is_that_of_the_credentials(s3: Any, bucket: str, key_arn: str) -> None:
    """The lab's keys and buckets are where these tests think they are."""
    assert key_arn.split(":")[4] == ACCOUNT

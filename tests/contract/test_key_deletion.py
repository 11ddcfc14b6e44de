# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The deletion of keys: refused for a key in use, replicas first, and scheduled once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .conftest import ACCOUNT, REGION, Task
from .test_keys import step


def name_key(s3: Any, bucket: str, key: str) -> None:
    """Make a key the default of a bucket."""
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rule = {"ApplyServerSideEncryptionByDefault": default}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})


def test_an_unused_key_is_scheduled_for_deletion(task: Task, kms: Any, bucket: str, key_arn: str) -> None:
    """Scheduled once, with the date in the result; cancelled by state: present; deleted at the end."""
    done = step(task, alias="app", state="absent", deletion_window_in_days=7)
    assert done["actions"] == ["ScheduleKeyDeletion"]
    assert done["diff"]["after"] == {"state": "PendingDeletion", "pending_deletion_window_in_days": 7}
    metadata = kms.describe_key(KeyId=key_arn)["KeyMetadata"]
    assert done["kms_key"]["deletion_date"] == metadata["DeletionDate"].isoformat()
    again = task("kms_key_for_s3", alias="app", state="absent")
    assert again["kms_key"]["deletion_date"] == done["kms_key"]["deletion_date"]
    back = step(task, alias="app")
    assert back["actions"][:2] == ["CancelKeyDeletion", "EnableKey"]
    assert back["kms_key"]["deletion_date"] is None
    assert task("kms_key_for_s3", alias="none", state="absent")["kms_key"] is None
    assert task("kms_key_for_s3", key_id=key_arn, state="absent", check=True)["changed"]


@pytest.mark.parametrize("kind", ["lost_answer", "reset_after"])
def test_a_lost_response_of_the_deletion(task: Task, kms: Any, lab: Any, key_arn: str, kind: str) -> None:
    """KMS refuses the repeated request; the result is that of an undisturbed run, with the date."""
    lab.faults.add(kind, operation="ScheduleKeyDeletion")
    done = task("kms_key_for_s3", alias="app", state="absent", deletion_window_in_days=7)
    assert (done.get("failed", False), done["actions"]) == (False, ["ScheduleKeyDeletion"])
    metadata = kms.describe_key(KeyId=key_arn)["KeyMetadata"]
    assert (metadata["KeyState"], done["kms_key"]["deletion_date"]) == (
        "PendingDeletion",
        metadata["DeletionDate"].isoformat(),
    )
    assert not task("kms_key_for_s3", alias="app", state="absent")["changed"]


@pytest.mark.parametrize("form", ["id", "arn", "alias", "alias arn"])
def test_a_key_that_a_bucket_names_is_not_deleted(
    task: Task, s3: Any, lab: Any, bucket: str, key_arn: str, form: str
) -> None:
    """Refused with the name of the bucket, for every form of reference; with force the diff lists the bucket."""
    prefix, _slash, key_id = key_arn.partition("key/")
    forms = {"id": key_id, "arn": key_arn, "alias": "alias/app", "alias arn": f"{prefix}alias/app"}
    s3.create_bucket(Bucket="another-bucket")
    name_key(s3, "another-bucket", "alias/deleted")
    name_key(s3, bucket, forms[form])
    lab.calls.clear()
    result = task("kms_key_for_s3", alias="app", state="absent")
    assert (result["failed"], result["error"]["kind"]) == (True, "in_use")
    assert bucket in result["msg"]
    assert "another-bucket" not in result["msg"]
    assert list(lab.calls.writes()) == []
    forced = step(task, alias="app", state="absent", force=True)
    assert forced["diff"]["after"] == {
        "state": "PendingDeletion",
        "pending_deletion_window_in_days": 30,
        "unreadable_buckets": [bucket],
    }
    assert f"is forced, although the default encryption of {bucket} names it" in forced["warnings"][0]


def test_a_bucket_that_cannot_be_read_prevents_the_deletion(
    task: Task, s3: Any, lab: Any, bucket: str, key_arn: str
) -> None:
    """It may name the key, so the deletion is refused."""
    lab.faults.add("deny", operation="s3:GetEncryptionConfiguration", times=None)
    result = task("kms_key_for_s3", key_id=key_arn, state="absent")
    assert result["error"]["kind"] == "in_use"
    assert "could not be read" in result["msg"]
    forced = step(task, key_id=key_arn, state="absent", force=True)
    assert forced["diff"]["after"]["buckets_not_looked_at"] == [bucket]
    assert f"the default encryption of {bucket} could not be read" in forced["warnings"][0]


def test_a_deletion_that_is_reported_late(task: Task, lab: Any, key_arn: str, calls: Callable[[], list[str]]) -> None:
    """The task ends when KMS reports the deletion, so that the next task sees it; or it fails after a minute."""
    lab.faults.add("stale_read", operation="DescribeKey", times=3)
    assert not task("kms_key_for_s3", alias="app", state="absent").get("failed")
    assert calls().count("DescribeKey") == 1 + 2 + 3
    assert step(task, alias="app")["actions"][0] == "CancelKeyDeletion"
    lab.faults.add("stale_read", operation="DescribeKey", times=None)
    result = task("kms_key_for_s3", alias="app", state="absent")
    assert (result["failed"], result["changed"], result["error"]["kind"]) == (True, True, "unverified")


def test_a_key_that_was_used_recently_is_not_deleted(task: Task, kms: Any, key_arn: str) -> None:
    """KMS reports the last use; unused_days: 0 skips this check."""
    kms.encrypt(KeyId=key_arn, Plaintext=b"text")
    result = task("kms_key_for_s3", alias="app", state="absent", unused_days=1)
    assert result["error"]["kind"] == "in_use"
    assert "last used 0 days ago" in result["msg"]
    forced = task("kms_key_for_s3", check=True, alias="app", state="absent", unused_days=1, force=True)
    assert (
        forced["kms_key"]["last_used"] == kms.get_key_last_usage(KeyId=key_arn)["KeyLastUsage"]["Timestamp"].isoformat()
    )
    assert step(task, alias="app", state="absent", unused_days=0)["actions"] == ["ScheduleKeyDeletion"]


def test_replicas_are_scheduled_before_their_primary(task: Task, kms: Any, lab: Any) -> None:
    """Each in its region, and the buckets of that region are checked."""
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]
    kms.create_alias(AliasName="alias/many", TargetKeyId=key["KeyId"])
    kms.replicate_key(KeyId=key["KeyId"], ReplicaRegion="eu-west-1")
    lab.clock.advance(seconds=1)  # the replica is created asynchronously
    there = lab.client("s3", region="eu-west-1", account=ACCOUNT)
    there.create_bucket(Bucket="there", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    name_key(there, "there", key["KeyId"])
    assert "there" in task("kms_key_for_s3", alias="many", state="absent")["msg"]
    done = step(task, alias="many", state="absent", force=True)
    assert done["actions"] == ["ScheduleKeyDeletion", "ScheduleKeyDeletion"]
    assert done["kms_key"]["state"] == "PendingReplicaDeletion"
    assert [call.region for call in lab.calls.select(operation="ScheduleKeyDeletion")] == ["eu-west-1", REGION]


def test_invalid_deletions_are_refused(task: Task, s3: Any, bucket: str) -> None:
    """A waiting period that KMS does not accept, and a key that AWS manages."""
    assert "7 to 30" in task("kms_key_for_s3", alias="app", state="absent", deletion_window_in_days=6)["msg"]
    head = s3.put_object(Bucket=bucket, Key="a", Body=b"x", ServerSideEncryption="aws:kms")
    assert "managed by AWS" in task("kms_key_for_s3", key_id=head["SSEKMSKeyId"], state="absent")["msg"]


@pytest.mark.usefixtures("at_aws")
def test_the_calls_of_a_deletion(
    task: Task, s3: Any, bucket: str, key_arn: str, calls: Callable[[], list[str]]
) -> None:
    """As in the table of docs/api_calls.md."""
    s3.create_bucket(Bucket="another-bucket")
    calls()
    assert task("kms_key_for_s3", alias="app", state="absent")["changed"]
    assert sorted(calls()) == sorted(
        ["DescribeKey", "ListAliases", "ListBuckets", "GetKeyLastUsage", "ScheduleKeyDeletion"]
        + ["GetBucketEncryption"] * 2
        + ["DescribeKey"] * 3
    )
    assert not task("kms_key_for_s3", alias="app", state="absent")["changed"]
    assert calls() == ["DescribeKey", "ListAliases"]
    assert not task("kms_key_for_s3", alias="none", state="absent")["changed"]
    assert calls() == ["DescribeKey"]

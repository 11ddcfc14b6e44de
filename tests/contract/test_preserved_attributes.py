# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A change of an object keeps what the task does not name; if that is not possible, it warns or fails."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from .conftest import ACCOUNT, Task
from .sdk_calls import SdkCalls, before_requests

OWN_KEY, OTHER_KEY = "12345678901234567890123456789012", "abcdefghabcdefghabcdefghabcdefgh"
STRANGER = "b" * 64
ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
Calls = Callable[[], list[str]]

ENCRYPTIONS: dict[str, dict[str, Any]] = {
    "SSE-S3": {"encryption": "SSE-S3"},
    "SSE-KMS": {"encryption": "SSE-KMS", "kms_key": "alias/app", "bucket_key_enabled": True},
    "DSSE-KMS": {"encryption": "DSSE-KMS", "kms_key": "alias/app"},
    "SSE-C": {"encryption": "SSE-C", "customer_key": OWN_KEY},
    "SSE-C, another key": {"encryption": "SSE-C", "customer_key": OTHER_KEY},
}


def in_days(days: int) -> datetime.datetime:
    """A retention date, in whole seconds as S3 stores it."""
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    return now + datetime.timedelta(days=days)


@pytest.fixture
def rich_bucket(s3: Any) -> str:
    """A bucket that allows versions, locks, ACLs (also public ones) and customer keys."""
    name = "example-rich"
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True, ObjectOwnership="BucketOwnerPreferred")
    s3.delete_public_access_block(Bucket=name)
    rule = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
        "BlockedEncryptionTypes": {"EncryptionType": ["NONE"]},
    }
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})
    return name


def decryption_parameters(options: dict[str, Any]) -> dict[str, Any]:
    """The SDK's parameters to decrypt an object that was written with these options."""
    key = options.get("customer_key")
    return {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": key} if key else {}


def put_rich_object(s3: Any, bucket: str, **more: Any) -> None:
    """Write an object with every attribute, as another client does."""
    own = s3.list_buckets()["Owner"]["ID"]
    s3.put_object(
        Bucket=bucket, Key="a", Body=b"text", ChecksumAlgorithm="SHA1", ContentType="text/html",
        CacheControl="no-cache", ContentDisposition="inline", ContentEncoding="gzip", ContentLanguage="de",
        Expires=datetime.datetime(2044, 12, 1, tzinfo=datetime.timezone.utc), WebsiteRedirectLocation="/there",
        Metadata={"team": "blue", "note": "a b"}, StorageClass="STANDARD_IA", Tagging="a=1&b=%C3%BC",
        ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=in_days(30), ObjectLockLegalHoldStatus="ON",
        GrantFullControl=f'id="{own}"', GrantRead=f'uri="{ALL_USERS}", id="{STRANGER}"',
        GrantReadACP=f'id="{STRANGER}"', **more,
    )  # fmt: skip


# Fields that differ with every write, or describe the encryption.
OF_THE_WRITE = {
    *("ResponseMetadata", "LastModified", "VersionId", "ETag"),
    *("ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled", "SSECustomerAlgorithm", "SSECustomerKeyMD5"),
}


def attributes_of(s3: Any, bucket: str, options: dict[str, Any]) -> dict[str, Any]:
    """All that S3 reports about an object, without its encryption and the fields that differ with every write."""
    head = s3.head_object(Bucket=bucket, Key="a", ChecksumMode="ENABLED", **decryption_parameters(options))
    return {
        **{name: value for name, value in head.items() if name not in OF_THE_WRITE},
        "tags": s3.get_object_tagging(Bucket=bucket, Key="a")["TagSet"],
        "acl": s3.get_object_acl(Bucket=bucket, Key="a")["Grants"],
        "content": s3.get_object(Bucket=bucket, Key="a", **decryption_parameters(options))["Body"].read(),
    }


@pytest.mark.parametrize("after", ENCRYPTIONS)
@pytest.mark.parametrize("before", ENCRYPTIONS)
def test_a_change_of_encryption_keeps_all_attributes(
    task: Task, rich_bucket: str, key_arn: str, s3: Any, before: str, after: str
) -> None:
    """From any encryption to any other: headers, metadata, tags, storage class, redirect, checksum, lock and ACL."""
    where = {"bucket": rich_bucket, "key": "a"}
    put_rich_object(s3, rich_bucket)
    open_source = {"previous_customer_key": OWN_KEY} if before == "SSE-C" else {}
    open_source = {"previous_customer_key": OTHER_KEY} if before == "SSE-C, another key" else open_source
    made = task("s3_encrypted_object", **where, **ENCRYPTIONS[before])["object"]["encryption"]
    assert made["type"] == before.partition(",")[0]
    was = attributes_of(s3, rich_bucket, ENCRYPTIONS[before])
    assert len(was) > 18
    options = {**open_source, **ENCRYPTIONS[after]}
    predicted = task("s3_encrypted_object", check=True, **where, **options)
    done = task("s3_encrypted_object", **where, **options)
    assert not done.get("failed"), done
    assert (predicted["diff"], predicted.get("warnings")) == (done["diff"], done.get("warnings"))
    assert done["actions"] == ([] if before == after else ["CopyObject"])
    assert done["object"]["encryption"]["type"] == after.partition(",")[0]
    assert attributes_of(s3, rich_bucket, ENCRYPTIONS[after]) == was
    assert not task("s3_encrypted_object", **where, **ENCRYPTIONS[after])["changed"]


@pytest.mark.parametrize("encryption", ENCRYPTIONS)
def test_a_change_of_a_property_keeps_all_else(
    task: Task, rich_bucket: str, key_arn: str, s3: Any, encryption: str
) -> None:
    """The encryption and all attributes that the task does not name stay the same."""
    where = {"bucket": rich_bucket, "key": "a"}
    put_rich_object(s3, rich_bucket)
    options = ENCRYPTIONS[encryption]
    made = task("s3_encrypted_object", **where, **options)["object"]["encryption"]
    was = attributes_of(s3, rich_bucket, options)
    opener = {"previous_customer_key": options["customer_key"]} if "customer_key" in options else {}
    done = task("s3_encrypted_object", **where, **opener, cache_control="max-age=60")
    assert (done["actions"], done["object"]["encryption"]) == (["CopyObject"], made)
    assert attributes_of(s3, rich_bucket, options) == {**was, "CacheControl": "max-age=60"}


def test_new_content_keeps_all_but_the_lock(task: Task, rich_bucket: str, s3: Any) -> None:
    """Properties, tags and ACL are kept. A lock belongs to the former version, and a warning says so."""
    put_rich_object(s3, rich_bucket)
    was = attributes_of(s3, rich_bucket, {})
    for check in (True, False):
        done = task("s3_encrypted_object", check=check, bucket=rich_bucket, key="a", content="news")
        assert any("under Object Lock (GOVERNANCE until" in warning for warning in done["warnings"])
        assert done["diff"]["before"]["object_lock"]["mode"] == "GOVERNANCE"
        assert done["diff"]["after"]["object_lock"] is None
    now = attributes_of(s3, rich_bucket, {})
    assert {name for name in was.keys() | now.keys() if was.get(name) != now.get(name)} == {
        *("ChecksumSHA1", "ChecksumSHA256", "content"),
        *("ObjectLockMode", "ObjectLockRetainUntilDate", "ObjectLockLegalHoldStatus"),
    }


# Annotations


def test_a_copy_keeps_annotations(task: Task, bucket: str, s3: Any, request: pytest.FixtureRequest) -> None:
    """An object under SSE-C cannot have annotations, so such a copy is refused; at AWS before the request."""
    task("bucket_default_encryption", buckets=[bucket], blocked_encryption_types=[])
    where = {"bucket": bucket, "key": "a"}
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    s3.put_object_annotation(Bucket=bucket, Key="a", AnnotationName="labels", AnnotationPayload=b"cat")
    for encryption in ("SSE-KMS", "DSSE-KMS", "SSE-S3"):
        assert task("s3_encrypted_object", **where, encryption=encryption)["actions"] == ["CopyObject"]
        assert task("s3_encrypted_object", **where, cache_control=encryption)["actions"] == ["CopyObject"]
        found = s3.list_object_annotations(Bucket=bucket, Key="a")["Annotations"]
        assert [each["AnnotationName"] for each in found] == ["labels"]
    error = task("s3_encrypted_object", **where, encryption="SSE-C", customer_key=OWN_KEY)
    assert "cannot have annotations" in error["msg"]
    request.getfixturevalue("at_aws")
    for check in (True, False):
        error = task("s3_encrypted_object", check=check, **where, encryption="SSE-C", customer_key=OWN_KEY)
        assert "has annotations, and an object under SSE-C can have none" in error["msg"]
    s3.delete_object_annotation(Bucket=bucket, Key="a", AnnotationName="labels")
    assert task("s3_encrypted_object", **where, encryption="SSE-C", customer_key=OWN_KEY)["changed"]


# Object Lock


def test_new_content_gets_the_default_retention_of_its_bucket(task: Task, rich_bucket: str, s3: Any) -> None:
    """S3 applies it, and the result reports it."""
    rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}}
    s3.put_object(Bucket=rich_bucket, Key="a", Body=b"x")
    s3.put_object_lock_configuration(
        Bucket=rich_bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )
    lock = task("s3_encrypted_object", bucket=rich_bucket, key="a", content="news")["object"]["object_lock"]
    assert (lock["mode"], lock["legal_hold"]) == ("COMPLIANCE", False)


def test_a_copy_gets_the_default_retention_of_its_bucket(task: Task, rich_bucket: str, s3: Any) -> None:
    """If the object has no retention of its own, S3 applies the default; a warning says so, in check mode, too."""
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
    s3.put_object(Bucket=rich_bucket, Key="b", Body=b"x")
    put_rich_object(s3, rich_bucket)
    s3.put_object_lock_configuration(
        Bucket=rich_bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )
    options = {"bucket": rich_bucket, "key": "b", "encryption": "SSE-KMS"}
    check = task("s3_encrypted_object", check=True, **options)
    done = task("s3_encrypted_object", **options)
    for result in (check, done):
        assert any("default retention of the bucket, GOVERNANCE for 1 day," in each for each in result["warnings"])
    assert done["object"]["object_lock"]["mode"] == "GOVERNANCE"
    own = task("s3_encrypted_object", bucket=rich_bucket, key="a", encryption="SSE-KMS")
    assert own["object"]["object_lock"]["retain_until"] > in_days(29).isoformat()
    assert not any("default retention" in each for each in own["warnings"])


def test_an_expired_retention_is_not_copied(task: Task, rich_bucket: str, s3: Any, lab: Any) -> None:
    """S3 still reports it, and would refuse it in a copy."""
    put_rich_object(s3, rich_bucket)
    lab.clock.advance(days=31)
    done = task("s3_encrypted_object", bucket=rich_bucket, key="a", encryption="SSE-KMS")
    assert not done.get("failed"), done
    assert done["object"]["object_lock"] == {
        "mode": None, "retain_until": None, "legal_hold": True, "event_hold": False,
    }  # fmt: skip


def test_a_locked_object_is_not_updated_in_place(
    task: Task, rich_bucket: str, s3: Any, key_arn: str, at_aws: None
) -> None:
    """change_method: update fails, in check mode, too; otherwise a copy keeps the lock."""
    put_rich_object(s3, rich_bucket)
    options = {"bucket": rich_bucket, "key": "a", "encryption": "SSE-KMS", "kms_key": key_arn}
    error = task("s3_encrypted_object", check=True, **options, change_method="update")
    assert "Object Lock" in error["msg"]
    assert "change_method: auto, or copy" in error["msg"]
    done = task("s3_encrypted_object", **options)
    assert (done["actions"], done["object"]["object_lock"]["legal_hold"]) == (["CopyObject"], True)


def test_a_lock_that_may_not_be_read(
    task: Task, rich_bucket: str, s3: Any, key_arn: str, lab: Any, at_aws: None
) -> None:
    """A copy warns that it may lose a lock. If S3 refuses an update in place, the error suggests the copy."""
    put_rich_object(s3, rich_bucket)
    for permission in ("s3:GetObjectRetention", "s3:GetObjectLegalHold"):
        lab.faults.add("deny", operation=permission, times=None)
    options = {"bucket": rich_bucket, "key": "a", "encryption": "SSE-KMS", "kms_key": key_arn}
    in_place = task("s3_encrypted_object", **options)
    assert (in_place["failed"], in_place["changed"]) == (True, False)
    assert "change_method: copy" in in_place["msg"]
    copied = task("s3_encrypted_object", **options, change_method="copy")
    assert any("s3:GetObjectRetention and s3:GetObjectLegalHold" in warning for warning in copied["warnings"])
    assert (copied["diff"]["before"]["object_lock"], copied["diff"]["after"]["object_lock"]) == ("unknown", None)


def test_a_locked_version_is_not_deleted(task: Task, rich_bucket: str, s3: Any) -> None:
    """It is refused in check mode, too. A delete marker on top of it is allowed."""
    put_rich_object(s3, rich_bucket)
    version = s3.head_object(Bucket=rich_bucket, Key="a")["VersionId"]
    where = {"bucket": rich_bucket, "key": "a", "state": "absent"}
    error = task("s3_encrypted_object", check=True, **where, version_id=version)
    assert "is under Object Lock (GOVERNANCE until" in error["msg"]
    assert task("s3_encrypted_object", **where)["deleted"]["delete_marker"] is True


@pytest.mark.parametrize("permission", ["s3:PutObjectAcl", "s3:PutObjectRetention", "s3:PutObjectLegalHold"])
def test_a_missing_permission_to_preserve_attributes_is_named(
    task: Task, rich_bucket: str, s3: Any, lab: Any, permission: str
) -> None:
    """Nothing is written without it."""
    put_rich_object(s3, rich_bucket)
    lab.faults.add("deny", operation=permission, times=None)
    error = task("s3_encrypted_object", bucket=rich_bucket, key="a", encryption="SSE-KMS")
    assert (error["error"]["kind"], error["changed"]) == ("forbidden", False)
    assert permission in error["msg"]


# ACLs


@pytest.mark.parametrize("options", [{"encryption": "SSE-KMS"}, {"content": "news"}], ids=["copy", "upload"])
def test_an_acl_that_may_not_be_read(
    task: Task, rich_bucket: str, bucket: str, s3: Any, lab: Any, options: dict[str, Any]
) -> None:
    """A warning says what may be lost, unless ACLs are disabled for the bucket."""
    lab.faults.add("deny", operation="s3:GetObjectAcl", times=None)
    for name in (rich_bucket, bucket):
        s3.put_object(Bucket=name, Key="a", Body=b"x")
        result = task("s3_encrypted_object", bucket=name, key="a", **options)
        assert not result.get("failed"), result
        assert any("ACL" in warning for warning in result.get("warnings", ())) is (name == rich_bucket)
        acls = (result["diff"]["before"].get("acl"), result["diff"]["after"].get("acl"))
        assert acls == (("unknown", "private") if name == rich_bucket else (None, None))


def test_a_grant_that_cannot_be_written_is_an_error(task: Task, rich_bucket: str, s3: Any) -> None:
    """Neither a copy nor an upload loses it silently."""
    s3.put_object(Bucket=rich_bucket, Key="a", Body=b"x")
    acl = s3.get_object_acl(Bucket=rich_bucket, Key="a")
    more = {"Grantee": {"ID": STRANGER, "Type": "CanonicalUser"}, "Permission": "WRITE"}
    policy = {"Owner": acl["Owner"], "Grants": [*acl["Grants"], more]}
    s3.put_object_acl(Bucket=rich_bucket, Key="a", AccessControlPolicy=policy)
    for options in ({"encryption": "SSE-KMS"}, {"content": "news"}):
        for check in (True, False):
            error = task("s3_encrypted_object", check=check, bucket=rich_bucket, key="a", **options)
            assert f"grants WRITE to {STRANGER}" in error["msg"]
            assert error["changed"] is False
    assert s3.get_object(Bucket=rich_bucket, Key="a")["Body"].read() == b"x"


def test_a_public_acl_that_a_setting_blocks_since_then(task: Task, rich_bucket: str, s3: Any) -> None:
    """S3 names the setting. A permission or another encryption does not help."""
    s3.put_object(Bucket=rich_bucket, Key="a", Body=b"x", ACL="public-read")
    block = {"BlockPublicAcls": True}
    s3.put_public_access_block(Bucket=rich_bucket, PublicAccessBlockConfiguration=block)
    for options in ({"encryption": "SSE-KMS"}, {"content": "news"}):
        error = task("s3_encrypted_object", bucket=rich_bucket, key="a", **options)
        assert (error["error"]["layer"], error["changed"]) == ("S3 Block Public Access", False)
        assert error["msg"].endswith("change the setting BlockPublicAcls of the bucket and of the account.")


# Lost responses


@pytest.mark.parametrize(("fault", "place"), [("lost_answer", "at_aws"), ("reset_after", "environment")])
@pytest.mark.parametrize("attempts", [1, 3])
@pytest.mark.parametrize(
    ("operation", "options"),
    [
        ("CopyObject", {"encryption": "SSE-KMS"}),
        ("CopyObject", {"encryption": "SSE-KMS", "content": "text"}),
        ("PutObject", {"content": "news"}),
        ("PutObject", {"content": "news", "metadata": {"a": "=?UTF-8?B?w6k=?="}}),
        ("PutObjectTagging", {"tags": {"a": "b"}}),
        ("DeleteObject", {"state": "absent"}),
        ("UpdateObjectEncryption", {"encryption": "SSE-KMS", "kms_key": "alias/app", "change_method": "update"}),
    ],
)
def test_a_change_whose_response_is_lost_is_recognised(
    task: Task,
    bucket: str,
    key_arn: str,
    s3: Any,
    lab: Any,
    operation: str,
    options: dict[str, Any],
    attempts: int,
    fault: str,
    place: str,
    request: pytest.FixtureRequest,
) -> None:
    """The object is in the desired state, whether the SDK tried again and found its own write, or gave up.

    In AWS's place the lab is behind a proxy, and the SDK reports a lost response as a failure of the proxy.
    """
    request.getfixturevalue(place)
    s3.put_object(Bucket=bucket, Key="a", Body=b"text", ContentType="text/plain")
    lab.faults.add(fault, operation=operation)
    retries = {"retries": {"total_max_attempts": attempts}}
    result = task("s3_encrypted_object", bucket=bucket, key="a", aws_config=retries, **options)
    assert not result.get("failed"), result
    assert (result["changed"], result["actions"]) == (True, [operation])
    lab.faults.clear()
    assert not task("s3_encrypted_object", bucket=bucket, key="a", **options)["changed"]


def test_a_lost_request_is_a_failure(task: Task, bucket: str, s3: Any, lab: Any) -> None:
    """Without a response and without a change, the request may still take effect later."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"text")
    lab.faults.add("reset_before", operation="CopyObject", times=None)
    retries = {"retries": {"total_max_attempts": 1}}
    result = task("s3_encrypted_object", bucket=bucket, key="a", encryption="SSE-KMS", aws_config=retries)
    assert result["failed"]
    assert "may have been carried out" in result["msg"]


@pytest.mark.parametrize(
    ("operation", "options"),
    [
        pytest.param("PutObject", {"content": "ours"}, id="upload"),
        pytest.param("CopyObject", {"encryption": "SSE-KMS"}, id="copy"),
    ],
)
@pytest.mark.parametrize("place", ["at_aws", "environment"])
def test_a_concurrent_deletion_or_write_is_a_conflict(
    task: Task,
    bucket: str,
    s3: Any,
    monkeypatch: pytest.MonkeyPatch,
    operation: str,
    options: dict[str, Any],
    request: pytest.FixtureRequest,
    place: str,
) -> None:
    """Neither is undone. At AWS, a copy is conditional on the object that it replaces, too."""
    request.getfixturevalue(place)
    sdk = SdkCalls(monkeypatch)
    for theirs in (None, b"theirs"):
        s3.put_object(Bucket=bucket, Key="a", Body=b"read")
        delete = partial(s3.delete_object, Bucket=bucket, Key="a")
        write = partial(s3.put_object, Bucket=bucket, Key="a", Body=theirs)
        sdk.before(operation, delete if theirs is None else write)
        result = task("s3_encrypted_object", bucket=bucket, key="a", **options)
        assert (result["error"]["kind"], result["changed"]) == ("conflict", False), result
        assert "by another client during the run" in result["msg"]
        found = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
        assert [each["Size"] for each in found] == ([] if theirs is None else [len(theirs)])


def test_at_aws_a_copy_is_conditional_on_its_destination(
    task: Task, bucket: str, s3: Any, request: pytest.FixtureRequest, headers: list[tuple[str, dict[str, str]]]
) -> None:
    """The condition on the source is checked only when the copy begins."""
    for place in ("environment", "at_aws"):
        request.getfixturevalue(place)
        etag = s3.put_object(Bucket=bucket, Key="a", Body=b"read")["ETag"]
        headers.clear()
        options = {"encryption": "SSE-KMS", "change_method": "copy"}
        assert task("s3_encrypted_object", bucket=bucket, key="a", **options)["changed"]
        (sent,) = (sent for _request, sent in headers if "x-amz-copy-source" in sent)
        assert sent.get("if-match") == (etag if place == "at_aws" else None)
        assert "x-amz-copy-source-if-match" in sent


# Versions


def test_the_diff_shows_what_happens_to_versions(task: Task, bucket: str, s3: Any) -> None:
    """In check mode, too. One warning if the former version keeps another encryption."""
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    where = {"bucket": bucket, "key": "a"}
    first = task("s3_encrypted_object", **where, content="x")["object"]["version_id"]
    cases: list[tuple[dict[str, Any], str, int]] = [
        ({"content": "y"}, "a new version", 0),
        ({"encryption": "SSE-KMS"}, "a new version", 1),
        ({"content": "z", "encryption": "DSSE-KMS"}, "a new version", 1),
        ({"cache_control": "no-cache"}, "a new version", 0),
        ({"state": "absent"}, "a delete marker", 0),
    ]
    current = first
    done: dict[str, Any] = {}
    for options, made, warnings in cases:
        predicted = task("s3_encrypted_object", check=True, **where, **options)
        done = task("s3_encrypted_object", **where, **options)
        for result in (predicted, done):
            diff = result["diff"]
            assert diff["before"]["version_id"] == current
            assert diff["after"]["version_id"] == f"{made}, and {current} stays"
            assert all(current in warning for warning in result.get("warnings", ()))
            assert len(result.get("warnings", ())) == warnings, result
        assert predicted["diff"] == done["diff"]
        assert "deleted" not in predicted
        if done["object"]:
            current = done["object"]["version_id"]
    marker = s3.list_object_versions(Bucket=bucket)["DeleteMarkers"][0]["VersionId"]
    assert done["deleted"] == {"version_id": marker, "delete_marker": True}
    deleted = task("s3_encrypted_object", **where, state="absent", version_id=first)
    assert deleted["deleted"] == {"version_id": first, "delete_marker": False}
    assert "version_id" not in deleted["diff"]["after"]


@pytest.mark.parametrize("versions", [True, False])
def test_the_diff_of_a_delete_marker_over_an_object_under_a_customer_key(
    task: Task, rich_bucket: str, bucket: str, s3: Any, calls: Calls, lab: Any, versions: bool
) -> None:
    """Without the key, the version id costs one more call. Without permission for it, the object is deleted, too."""
    name = rich_bucket if versions else bucket
    task("bucket_default_encryption", buckets=[name], blocked_encryption_types=[])
    where = {"bucket": name, "key": "a"}
    made = task("s3_encrypted_object", **where, content="x", encryption="SSE-C", customer_key=OWN_KEY)["object"]
    calls()
    predicted = task("s3_encrypted_object", check=True, **where, state="absent")
    assert calls().count("GetObjectTagging") == 1
    done = task("s3_encrypted_object", **where, state="absent")
    assert predicted["diff"] == done["diff"]
    expected = {"version_id": f"a delete marker, and {made['version_id']} stays"} if versions else {}
    assert done["diff"]["after"] == expected
    assert done["deleted"]["delete_marker"] is versions
    task("s3_encrypted_object", **where, content="x", encryption="SSE-C", customer_key=OWN_KEY)
    lab.faults.add("deny", operation="s3:GetObjectTagging", times=None)
    assert task("s3_encrypted_object", **where, state="absent")["changed"]


@pytest.mark.parametrize("options", [{"cache_control": "no-cache"}, {"encryption": "SSE-KMS"}, {"content": "y"}])
def test_the_diff_of_a_write_says_that_s3_chooses_its_time(
    task: Task, bucket: str, s3: Any, options: dict[str, Any]
) -> None:
    """The same in check mode and in the real run. A change of only the tags keeps last_modified."""
    where = {"bucket": bucket, "key": "a"}
    before = task("s3_encrypted_object", **where, content="x")["object"]["last_modified"]
    tagged = task("s3_encrypted_object", **where, tags={"a": "b"})
    assert tagged["diff"]["after"].keys() == {"tags"}
    predicted = task("s3_encrypted_object", check=True, **where, **options)
    done = task("s3_encrypted_object", **where, **options)
    assert predicted["diff"] == done["diff"]
    times = (done["diff"]["before"]["last_modified"], done["diff"]["after"]["last_modified"])
    assert times == (before, "the time of the write")


def test_the_diff_of_an_unversioned_bucket_has_no_versions(task: Task, bucket: str) -> None:
    """A deletion is final, without a delete marker."""
    task("s3_encrypted_object", bucket=bucket, key="a", content="x")
    done = task("s3_encrypted_object", bucket=bucket, key="a", content="y")
    assert "version_id" not in done["diff"]["after"]
    deleted = task("s3_encrypted_object", bucket=bucket, key="a", state="absent")
    assert deleted["deleted"] == {"version_id": None, "delete_marker": False}
    assert deleted["diff"]["after"] == {}


# Weaker encryption


def test_an_upload_that_weakens_the_encryption_warns(task: Task, bucket: str, key_arn: str) -> None:
    """In check mode, too, with advice. No warning if the default encryption of the bucket is as strong."""
    where = {"bucket": bucket, "key": "a"}
    task("s3_encrypted_object", **where, content="x", encryption="SSE-KMS", kms_key=key_arn)
    for check in (True, False):
        (warning,) = task("s3_encrypted_object", check=check, **where, content="y")["warnings"]
        assert "becomes weaker, from SSE-KMS to the bucket's default, SSE-S3. Name encryption to keep it." in warning
    assert "warnings" not in task("s3_encrypted_object", **where, content="z")
    task("bucket_default_encryption", buckets=[bucket], encryption="SSE-KMS", kms_key=key_arn)
    task("s3_encrypted_object", **where, encryption="SSE-KMS", kms_key=key_arn)
    assert "warnings" not in task("s3_encrypted_object", **where, content="y")
    (warning,) = task("s3_encrypted_object", **where, encryption="SSE-S3")["warnings"]
    assert "becomes weaker, from SSE-KMS to SSE-S3." in warning


def test_an_upload_that_changes_to_the_aws_managed_key_warns(task: Task, bucket: str, key_arn: str) -> None:
    """From a customer managed key to the AWS managed key of the bucket default; the second upload does not warn."""
    where = {"bucket": bucket, "key": "a"}
    task("bucket_default_encryption", buckets=[bucket], encryption="SSE-KMS")
    task("s3_encrypted_object", **where, content="x", encryption="SSE-KMS", kms_key=key_arn)
    (warning,) = task("s3_encrypted_object", **where, content="y")["warnings"]
    assert "from a customer managed key to the AWS managed key. Name encryption to keep it." in warning
    assert "warnings" not in task("s3_encrypted_object", **where, content="z")


# Blocked SSE-C


@pytest.mark.parametrize("before", [None, {"content": "x"}, {"content": "x", "encryption": "SSE-KMS"}])
def test_blocked_customer_keys_are_reported(task: Task, bucket: str, lab: Any, before: dict[str, Any] | None) -> None:
    """For uploads and copies, in both modes. If the setting cannot be read, S3 names the cause when it refuses."""
    where = {"bucket": bucket, "key": "a"}
    if before:
        task("s3_encrypted_object", **where, **before)
    under_key = {"encryption": "SSE-C", "customer_key": OWN_KEY, **({} if before else {"content": "x"})}
    for check in (True, False):
        error = task("s3_encrypted_object", check=check, **where, **under_key)
        assert (error["error"]["kind"], error["error"]["layer"]) == ("blocked", "blocked encryption type")
        assert "blocked_encryption_types: []" in error["msg"]
    lab.faults.add("deny", operation="s3:GetEncryptionConfiguration", times=None)
    error = task("s3_encrypted_object", **where, **under_key)
    assert (error["error"]["kind"], error["error"]["layer"]) == ("blocked", "blocked encryption type")
    assert not error["changed"]
    assert "blocked_encryption_types: []" in error["msg"]


# The cause behind a bare status of HEAD

KMS_OBJECT = {"content": "x", "encryption": "SSE-KMS", "kms_key": "alias/app"}
CAUSES: list[Any] = [
    pytest.param(KMS_OBJECT, "kms:Decrypt", "forbidden", "kms:Decrypt", id="kms:Decrypt"),
    pytest.param({"content": "x"}, "s3:GetObject", "forbidden", "s3:GetObject", id="s3:GetObject"),
    pytest.param(None, "s3:ListBucket", "forbidden", "s3:ListBucket", id="no object, and no s3:ListBucket"),
]


@pytest.mark.parametrize(("made", "denied", "kind", "named"), CAUSES)
@pytest.mark.parametrize("module", ["s3_encrypted_object", "s3_encrypted_object_info", "s3_encrypted_object_download"])
def test_the_missing_permission_of_a_read_is_named(
    task: Task,
    bucket: str,
    key_arn: str,
    lab: Any,
    tmp_path: Any,
    made: dict[str, Any] | None,
    denied: str,
    kind: str,
    named: str,
    module: str,
) -> None:
    """HEAD returns a bare 403, without a cause."""
    where = {"bucket": bucket, "key": "a"}
    if made:
        task("s3_encrypted_object", **where, **made)
    lab.faults.add("deny", operation=denied, times=None)
    more = {"s3_encrypted_object": {"content": "y"}, "s3_encrypted_object_download": {"dest": str(tmp_path / "a")}}
    error = task(module, **where, **more.get(module, {}))
    assert error["failed"]
    assert error["error"]["kind"] == kind, error["msg"]
    assert named in error["msg"], error["msg"]
    assert not error.get("changed")


def test_a_disabled_kms_key_is_reported(task: Task, bucket: str, key_arn: str, kms: Any) -> None:
    """HEAD returns a bare 400, as it does for an object under a customer key."""
    where = {"bucket": bucket, "key": "a"}
    task("s3_encrypted_object", **where, **KMS_OBJECT)
    kms.disable_key(KeyId=key_arn)
    for module, more in (("s3_encrypted_object", {"content": "y"}), ("s3_encrypted_object_info", {})):
        error = task(module, **where, **more)
        assert error["error"]["kind"] == "key_unusable", error["msg"]
        assert "Enable the KMS key" in error["msg"]


# The owner of the bucket


@pytest.fixture
def headers(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, str]]]:
    """Records every request of the SDK: its method and URL, and its headers."""
    seen: list[tuple[str, dict[str, str]]] = []

    def record(method: str, url: str, named: dict[str, str], _body: Callable[[], bytes]) -> None:
        seen.append((f"{method} {url}", named))

    before_requests(monkeypatch, record)
    return seen


def test_every_call_names_the_expected_owner(
    task: Task, rich_bucket: str, key_arn: str, s3: Any, headers: list[tuple[str, dict[str, str]]], tmp_path: Any
) -> None:
    """Reads, writes, copies (source and destination), tags, ACLs, locks and settings of the bucket."""
    s3.put_bucket_encryption(
        Bucket=rich_bucket,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BlockedEncryptionTypes":
                       {"EncryptionType": ["NONE"]}}]
        },
    )  # fmt: skip
    where = {"bucket": rich_bucket, "key": "a", "expected_bucket_owner": ACCOUNT}
    headers.clear()
    for options in (
        {"content": "x", "tags": {"a": "b"}},
        {"content": "y"},
        {"encryption": "SSE-S3"},
        {"encryption": "SSE-KMS", "kms_key": key_arn, "change_method": "update"},
        {"encryption": "SSE-C", "customer_key": OWN_KEY},
        {"previous_customer_key": OWN_KEY, "tags": {"a": "c"}},
        {"state": "absent"},
        {"content": "again"},
    ):
        done = task("s3_encrypted_object", **where, **options)
        assert done["changed"], done
    task("s3_encrypted_object_info", **where)
    task("s3_encrypted_object_info", bucket=rich_bucket, prefix="", expected_bucket_owner=ACCOUNT)
    task("s3_encrypted_object_download", **where, dest=str(tmp_path / "a"))
    to_s3 = [(request, sent) for request, sent in headers if "x-amz-target" not in sent]
    assert len(to_s3) > 30
    copies = [sent for _request, sent in to_s3 if "x-amz-copy-source" in sent]
    assert [sent.get("x-amz-source-expected-bucket-owner") for sent in copies] == [ACCOUNT] * len(copies)
    assert copies
    # After a bare 400, the SDK itself requests the region of the bucket, without the owner. It reads nothing else.
    unnamed = {request for request, sent in to_s3 if sent.get("x-amz-expected-bucket-owner") != ACCOUNT}
    assert all(request.startswith("HEAD") and request.endswith(rich_bucket) for request in unnamed), unnamed


def test_another_owner_is_refused_everywhere(task: Task, bucket: str, s3: Any, tmp_path: Any) -> None:
    """Nothing is read or written, and the error names the option."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    where = {"bucket": bucket, "key": "a", "expected_bucket_owner": "999999999999"}
    for module, options in (
        ("s3_encrypted_object", {"content": "y"}),
        ("s3_encrypted_object", {"state": "absent"}),
        ("s3_encrypted_object", {"key": "new", "content": "y"}),
        ("s3_encrypted_object_info", {}),
        ("s3_encrypted_object_download", {"dest": str(tmp_path / "a")}),
    ):
        error = task(module, **{**where, **options})
        assert (error["failed"], error.get("changed", False)) == (True, False)
        assert "expected_bucket_owner" in error["msg"], error["msg"]
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"x"

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What changing an object that exists keeps, and what it tells or refuses where it cannot."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from botocore.httpsession import URLLib3Session

from .conftest import ACCOUNT, Task
from .sdk_calls import SdkCalls

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
    """A date to which S3 retains, to the second."""
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    return now + datetime.timedelta(days=days)


@pytest.fixture
def rich_bucket(s3: Any) -> str:
    """A bucket whose objects can have everything: versions, locks, ACLs (public ones too), customer keys."""
    name = "example-rich"
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True, ObjectOwnership="BucketOwnerPreferred")
    s3.delete_public_access_block(Bucket=name)
    rule = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
        "BlockedEncryptionTypes": {"EncryptionType": ["NONE"]},
    }
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})
    return name


def of_key(options: dict[str, Any]) -> dict[str, Any]:
    """The SDK's parameters to open an object that was written with these options."""
    key = options.get("customer_key")
    return {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": key} if key else {}


def put_rich_object(s3: Any, bucket: str, **more: Any) -> None:
    """An object with everything that a playbook may not name, as others write it."""
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


# What says that it is another version, and how it is encrypted.
OF_THE_WRITE = {
    *("ResponseMetadata", "LastModified", "VersionId", "ETag"),
    *("ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled", "SSECustomerAlgorithm", "SSECustomerKeyMD5"),
}


def whole(s3: Any, bucket: str, options: dict[str, Any]) -> dict[str, Any]:
    """All that S3 tells of an object, but for its encryption, and what is another with every write."""
    head = s3.head_object(Bucket=bucket, Key="a", ChecksumMode="ENABLED", **of_key(options))
    return {
        **{name: value for name, value in head.items() if name not in OF_THE_WRITE},
        "tags": s3.get_object_tagging(Bucket=bucket, Key="a")["TagSet"],
        "acl": s3.get_object_acl(Bucket=bucket, Key="a")["Grants"],
        "content": s3.get_object(Bucket=bucket, Key="a", **of_key(options))["Body"].read(),
    }


@pytest.mark.parametrize("after", ENCRYPTIONS)
@pytest.mark.parametrize("before", ENCRYPTIONS)
def test_nothing_that_was_not_named_changes(
    task: Task, rich_bucket: str, key_arn: str, s3: Any, before: str, after: str
) -> None:
    """From any encryption to any other: headers, metadata, tags, class, redirect, checksum, lock and ACL."""
    where = {"bucket": rich_bucket, "key": "a"}
    put_rich_object(s3, rich_bucket)
    open_source = {"previous_customer_key": OWN_KEY} if before == "SSE-C" else {}
    open_source = {"previous_customer_key": OTHER_KEY} if before == "SSE-C, another key" else open_source
    made = task("s3_encrypted_object", **where, **ENCRYPTIONS[before])["object"]["encryption"]
    assert made["type"] == before.partition(",")[0]
    was = whole(s3, rich_bucket, ENCRYPTIONS[before])
    assert len(was) > 18
    options = {**open_source, **ENCRYPTIONS[after]}
    foretold = task("s3_encrypted_object", check=True, **where, **options)
    done = task("s3_encrypted_object", **where, **options)
    assert not done.get("failed"), done
    assert (foretold["diff"], foretold.get("warnings")) == (done["diff"], done.get("warnings"))
    assert done["actions"] == ([] if before == after else ["CopyObject"])
    assert whole(s3, rich_bucket, ENCRYPTIONS[after]) == was


@pytest.mark.parametrize("encryption", ENCRYPTIONS)
def test_a_property_changes_alone(task: Task, rich_bucket: str, key_arn: str, s3: Any, encryption: str) -> None:
    """The encryption stays, and so does all that is not named."""
    where = {"bucket": rich_bucket, "key": "a"}
    put_rich_object(s3, rich_bucket)
    options = ENCRYPTIONS[encryption]
    made = task("s3_encrypted_object", **where, **options)["object"]["encryption"]
    was = whole(s3, rich_bucket, options)
    opener = {"previous_customer_key": options["customer_key"]} if "customer_key" in options else {}
    done = task("s3_encrypted_object", **where, **opener, cache_control="max-age=60")
    assert (done["actions"], done["object"]["encryption"]) == (["CopyObject"], made)
    assert whole(s3, rich_bucket, options) == {**was, "CacheControl": "max-age=60"}


def test_new_content_keeps_all_but_the_lock(task: Task, rich_bucket: str, s3: Any) -> None:
    """Properties, tags and ACL are the object's; a lock is a version's, and a warning says that it stays there."""
    put_rich_object(s3, rich_bucket)
    was = whole(s3, rich_bucket, {})
    for check in (True, False):
        done = task("s3_encrypted_object", check=check, bucket=rich_bucket, key="a", content="news")
        assert any("under Object Lock (GOVERNANCE until" in warning for warning in done["warnings"])
        assert done["diff"]["before"]["object_lock"]["mode"] == "GOVERNANCE"
        assert done["diff"]["after"]["object_lock"] is None
    now = whole(s3, rich_bucket, {})
    assert {name for name in was.keys() | now.keys() if was.get(name) != now.get(name)} == {
        *("ChecksumSHA1", "ChecksumSHA256", "content"),
        *("ObjectLockMode", "ObjectLockRetainUntilDate", "ObjectLockLegalHoldStatus"),
    }


# Annotations


def test_annotations_are_carried_over(task: Task, bucket: str, s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """S3 does so with a copy. Under a customer key there are none, so that such a copy is refused, at AWS before it."""
    from ansible_collections.sealed.s3.plugins.module_utils.aws.objects.s3_objects import S3Objects

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
    monkeypatch.setattr(S3Objects, "custom_endpoint", False)
    for check in (True, False):
        error = task("s3_encrypted_object", check=check, **where, encryption="SSE-C", customer_key=OWN_KEY)
        assert "has annotations, and an object under SSE-C can have none" in error["msg"]
    s3.delete_object_annotation(Bucket=bucket, Key="a", AnnotationName="labels")
    assert task("s3_encrypted_object", **where, encryption="SSE-C", customer_key=OWN_KEY)["changed"]


# Object Lock


def test_new_content_gets_the_default_retention_of_its_bucket(task: Task, rich_bucket: str, s3: Any) -> None:
    """As S3 has it, and it is in the result."""
    rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}}
    s3.put_object(Bucket=rich_bucket, Key="a", Body=b"x")
    s3.put_object_lock_configuration(
        Bucket=rich_bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )
    lock = task("s3_encrypted_object", bucket=rich_bucket, key="a", content="news")["object"]["object_lock"]
    assert (lock["mode"], lock["legal_hold"]) == ("COMPLIANCE", False)


def test_a_copy_gets_the_default_retention_of_its_bucket(task: Task, rich_bucket: str, s3: Any) -> None:
    """Where the object has none of its own. S3 does that, and a warning tells it, in check mode as well."""
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


def test_a_retention_that_is_over_is_not_carried_over(task: Task, rich_bucket: str, s3: Any, lab: Any) -> None:
    """S3 goes on reporting it, and would refuse it in a copy."""
    put_rich_object(s3, rich_bucket)
    lab.clock.advance(days=31)
    done = task("s3_encrypted_object", bucket=rich_bucket, key="a", encryption="SSE-KMS")
    assert not done.get("failed"), done
    assert done["object"]["object_lock"] == {
        "mode": None, "retain_until": None, "legal_hold": True, "event_hold": False,
    }  # fmt: skip


def test_a_locked_object_in_place(task: Task, rich_bucket: str, s3: Any, key_arn: str, monkeypatch: Any) -> None:
    """S3 refuses that: told in check mode where it is asked for, and else a copy carries the lock."""
    from ansible_collections.sealed.s3.plugins.module_utils.aws.objects.s3_objects import S3Objects

    monkeypatch.setattr(S3Objects, "custom_endpoint", False)
    put_rich_object(s3, rich_bucket)
    options = {"bucket": rich_bucket, "key": "a", "encryption": "SSE-KMS", "kms_key": key_arn}
    error = task("s3_encrypted_object", check=True, **options, change_method="update")
    assert "Object Lock" in error["msg"]
    assert "change_method: auto, or copy" in error["msg"]
    done = task("s3_encrypted_object", **options)
    assert (done["actions"], done["object"]["object_lock"]["legal_hold"]) == (["CopyObject"], True)


def test_a_lock_that_is_not_seen(
    task: Task, rich_bucket: str, s3: Any, key_arn: str, lab: Any, monkeypatch: Any
) -> None:
    """A copy warns that it may lose one; in place, S3's refusal names the other way."""
    from ansible_collections.sealed.s3.plugins.module_utils.aws.objects.s3_objects import S3Objects

    monkeypatch.setattr(S3Objects, "custom_endpoint", False)
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
    """Told in check mode; a delete marker over it is no matter."""
    put_rich_object(s3, rich_bucket)
    version = s3.head_object(Bucket=rich_bucket, Key="a")["VersionId"]
    where = {"bucket": rich_bucket, "key": "a", "state": "absent"}
    error = task("s3_encrypted_object", check=True, **where, version_id=version)
    assert "is under Object Lock (GOVERNANCE until" in error["msg"]
    assert task("s3_encrypted_object", **where)["deleted"]["delete_marker"] is True


@pytest.mark.parametrize("permission", ["s3:PutObjectAcl", "s3:PutObjectRetention", "s3:PutObjectLegalHold"])
def test_what_carrying_needs_is_named(task: Task, rich_bucket: str, s3: Any, lab: Any, permission: str) -> None:
    """And nothing is written without it."""
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
    """A warning says what may be lost; but not where the bucket has no ACLs, which may be asked instead."""
    lab.faults.add("deny", operation="s3:GetObjectAcl", times=None)
    for name in (rich_bucket, bucket):
        s3.put_object(Bucket=name, Key="a", Body=b"x")
        result = task("s3_encrypted_object", bucket=name, key="a", **options)
        assert not result.get("failed"), result
        assert any("ACL" in warning for warning in result.get("warnings", ())) is (name == rich_bucket)
        told = (result["diff"]["before"].get("acl"), result["diff"]["after"].get("acl"))
        assert told == (("unknown", "private") if name == rich_bucket else (None, None))


def test_a_grant_that_no_write_takes(task: Task, rich_bucket: str, s3: Any) -> None:
    """Neither by a copy nor by an upload is it lost in silence."""
    s3.put_object(Bucket=rich_bucket, Key="a", Body=b"x")
    acl = s3.get_object_acl(Bucket=rich_bucket, Key="a")
    more = {"Grantee": {"ID": STRANGER, "Type": "CanonicalUser"}, "Permission": "WRITE"}
    policy = {"Owner": acl["Owner"], "Grants": [*acl["Grants"], more]}
    s3.put_object_acl(Bucket=rich_bucket, Key="a", AccessControlPolicy=policy)
    for options in ({"encryption": "SSE-KMS"}, {"content": "news"}):
        for check in (True, False):
            error = task("s3_encrypted_object", check=check, bucket=rich_bucket, key="a", **options)
            assert f"grants WRITE to {STRANGER}" in error["msg"]


# Answers that are lost


@pytest.mark.parametrize("fault", ["lost_answer", "reset_after"])
@pytest.mark.parametrize("attempts", [1, 3])
@pytest.mark.parametrize(
    ("operation", "options"),
    [
        ("CopyObject", {"encryption": "SSE-KMS"}),
        ("CopyObject", {"encryption": "SSE-KMS", "content": "text"}),
        ("PutObject", {"content": "news"}),
        ("PutObjectTagging", {"tags": {"a": "b"}}),
        ("DeleteObject", {"state": "absent"}),
        ("UpdateObjectEncryption", {"encryption": "SSE-KMS", "kms_key": "alias/app", "change_method": "update"}),
    ],
)
def test_a_change_whose_answer_is_lost_is_recognised(
    task: Task,
    bucket: str,
    key_arn: str,
    s3: Any,
    lab: Any,
    operation: str,
    options: dict[str, Any],
    attempts: int,
    fault: str,
) -> None:
    """Whether the SDK tried again and met its own work, or gave up: what is there is what was asked."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"text", ContentType="text/plain")
    lab.faults.add(fault, operation=operation)
    retries = {"retries": {"total_max_attempts": attempts}}
    result = task("s3_encrypted_object", bucket=bucket, key="a", aws_config=retries, **options)
    assert not result.get("failed"), result
    assert (result["changed"], result["actions"]) == (True, [operation])
    lab.faults.clear()
    assert not task("s3_encrypted_object", bucket=bucket, key="a", **options)["changed"]


def test_a_change_that_was_not_carried_out_stays_a_failure(task: Task, bucket: str, s3: Any, lab: Any) -> None:
    """No answer, and the object is as it was: it may still come."""
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
@pytest.mark.parametrize("at_aws", [True, False])
def test_an_object_that_somebody_else_deletes_or_writes_meanwhile(
    task: Task,
    bucket: str,
    s3: Any,
    monkeypatch: pytest.MonkeyPatch,
    operation: str,
    options: dict[str, Any],
    at_aws: bool,
) -> None:
    """Both are conflicts, and neither is undone. At AWS a copy is conditional on what it replaces, too."""
    from ansible_collections.sealed.s3.plugins.module_utils.aws.objects.s3_objects import S3Objects

    if at_aws:
        monkeypatch.setattr(S3Objects, "custom_endpoint", False)
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


def test_at_aws_a_copy_names_what_it_replaces(
    task: Task, bucket: str, s3: Any, monkeypatch: pytest.MonkeyPatch, headers: list[tuple[str, dict[str, str]]]
) -> None:
    """The condition on the source holds only when the copy begins."""
    from ansible_collections.sealed.s3.plugins.module_utils.aws.objects.s3_objects import S3Objects

    etag = s3.put_object(Bucket=bucket, Key="a", Body=b"read")["ETag"]
    for at_aws, encryption in ((True, "SSE-KMS"), (False, "SSE-S3")):
        monkeypatch.setattr(S3Objects, "custom_endpoint", not at_aws)
        headers.clear()
        assert task("s3_encrypted_object", bucket=bucket, key="a", encryption=encryption)["changed"]
        (sent,) = (sent for _asked, sent in headers if "x-amz-copy-source" in sent)
        assert sent.get("if-match") == (etag if at_aws else None)
        assert "x-amz-copy-source-if-match" in sent


# Versions


def test_what_becomes_of_versions_is_told(task: Task, bucket: str, s3: Any) -> None:
    """In the diff, in check mode as well; where the former one is encrypted otherwise, in one warning."""
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
        foretold = task("s3_encrypted_object", check=True, **where, **options)
        done = task("s3_encrypted_object", **where, **options)
        for told in (foretold, done):
            diff = told["diff"]
            assert diff["before"]["version_id"] == current
            assert diff["after"]["version_id"] == f"{made}, and {current} stays"
            assert [warning for warning in told.get("warnings", ()) if current in warning] == told.get("warnings", [])
            assert len(told.get("warnings", ())) == warnings, told
        assert foretold["diff"] == done["diff"]
        assert "deleted" not in foretold
        if done["object"]:
            current = done["object"]["version_id"]
    marker = s3.list_object_versions(Bucket=bucket)["DeleteMarkers"][0]["VersionId"]
    assert done["deleted"] == {"version_id": marker, "delete_marker": True}
    gone = task("s3_encrypted_object", **where, state="absent", version_id=first)
    assert gone["deleted"] == {"version_id": first, "delete_marker": False}
    assert "version_id" not in gone["diff"]["after"]


@pytest.mark.parametrize("versions", [True, False])
def test_a_delete_marker_over_an_object_under_a_customer_key_is_told(
    task: Task, rich_bucket: str, bucket: str, s3: Any, calls: Calls, lab: Any, versions: bool
) -> None:
    """Without the key, by one call more; whoever may not ask deletes all the same."""
    name = rich_bucket if versions else bucket
    task("bucket_default_encryption", buckets=[name], blocked_encryption_types=[])
    where = {"bucket": name, "key": "a"}
    made = task("s3_encrypted_object", **where, content="x", encryption="SSE-C", customer_key=OWN_KEY)["object"]
    calls()
    foretold = task("s3_encrypted_object", check=True, **where, state="absent")
    assert calls().count("GetObjectTagging") == 1
    done = task("s3_encrypted_object", **where, state="absent")
    assert foretold["diff"] == done["diff"]
    told = {"version_id": f"a delete marker, and {made['version_id']} stays"} if versions else {}
    assert done["diff"]["after"] == told
    assert done["deleted"]["delete_marker"] is versions
    task("s3_encrypted_object", **where, content="x", encryption="SSE-C", customer_key=OWN_KEY)
    lab.faults.add("deny", operation="s3:GetObjectTagging", times=None)
    assert task("s3_encrypted_object", **where, state="absent")["changed"]


@pytest.mark.parametrize("options", [{"cache_control": "no-cache"}, {"encryption": "SSE-KMS"}, {"content": "y"}])
def test_the_diff_of_a_write_has_its_time(task: Task, bucket: str, s3: Any, options: dict[str, Any]) -> None:
    """Which S3 chooses: the same words in check mode and in the real run. Tags alone keep it."""
    where = {"bucket": bucket, "key": "a"}
    before = task("s3_encrypted_object", **where, content="x")["object"]["last_modified"]
    tagged = task("s3_encrypted_object", **where, tags={"a": "b"})
    assert tagged["diff"]["after"].keys() == {"tags"}
    foretold = task("s3_encrypted_object", check=True, **where, **options)
    done = task("s3_encrypted_object", **where, **options)
    assert foretold["diff"] == done["diff"]
    told = (done["diff"]["before"]["last_modified"], done["diff"]["after"]["last_modified"])
    assert told == (before, "the time of the write")


def test_without_versions_there_is_nothing_to_tell(task: Task, bucket: str) -> None:
    """A deletion is one."""
    task("s3_encrypted_object", bucket=bucket, key="a", content="x")
    done = task("s3_encrypted_object", bucket=bucket, key="a", content="y")
    assert "version_id" not in done["diff"]["after"]
    gone = task("s3_encrypted_object", bucket=bucket, key="a", state="absent")
    assert gone["deleted"] == {"version_id": None, "delete_marker": False}
    assert gone["diff"]["after"] == {}


# Weaker than before


def test_an_upload_that_weakens_the_object_says_so(task: Task, bucket: str, key_arn: str) -> None:
    """In check mode too, and with what to do; not where the default of the bucket is as strong."""
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


def test_the_key_of_an_upload_is_compared(task: Task, bucket: str, key_arn: str) -> None:
    """From a key of one's own to the AWS managed one, by the default of the bucket; and the managed one itself."""
    where = {"bucket": bucket, "key": "a"}
    task("bucket_default_encryption", buckets=[bucket], encryption="SSE-KMS")
    task("s3_encrypted_object", **where, content="x", encryption="SSE-KMS", kms_key=key_arn)
    (warning,) = task("s3_encrypted_object", **where, content="y")["warnings"]
    assert "from a customer managed key to the AWS managed key. Name encryption to keep it." in warning
    assert "warnings" not in task("s3_encrypted_object", **where, content="z")


# Customer keys that are blocked


@pytest.mark.parametrize("before", [None, {"content": "x"}, {"content": "x", "encryption": "SSE-KMS"}])
def test_blocked_customer_keys_are_told_whatever_may_be_asked(
    task: Task, bucket: str, lab: Any, before: dict[str, Any] | None
) -> None:
    """An upload and a copy, in check mode and not; and with no permission to look at the setting, from the refusal."""
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
    assert (error["error"]["kind"], error["changed"]) == ("forbidden", False)
    assert "Or the bucket blocks SSE-C, as new buckets do by default" in error["msg"]
    assert "blocked_encryption_types: []" in error["msg"]


# The cause behind a bare status of HEAD

KMS_OBJECT = {"content": "x", "encryption": "SSE-KMS", "kms_key": "alias/app"}
CAUSES: list[Any] = [
    pytest.param(KMS_OBJECT, "kms:Decrypt", "forbidden", "kms:Decrypt", id="kms:Decrypt"),
    pytest.param({"content": "x"}, "s3:GetObject", "forbidden", "s3:GetObject", id="s3:GetObject"),
    pytest.param(None, "s3:ListBucket", "forbidden", "s3:ListBucket", id="no object, and no s3:ListBucket"),
]


@pytest.mark.parametrize(("made", "denied", "kind", "told"), CAUSES)
@pytest.mark.parametrize("module", ["s3_encrypted_object", "s3_encrypted_object_info", "s3_encrypted_object_download"])
def test_the_permission_that_a_look_lacks_is_told(
    task: Task,
    bucket: str,
    key_arn: str,
    lab: Any,
    tmp_path: Any,
    made: dict[str, Any] | None,
    denied: str,
    kind: str,
    told: str,
    module: str,
) -> None:
    """HEAD says 403, and no more."""
    where = {"bucket": bucket, "key": "a"}
    if made:
        task("s3_encrypted_object", **where, **made)
    lab.faults.add("deny", operation=denied, times=None)
    more = {"s3_encrypted_object": {"content": "y"}, "s3_encrypted_object_download": {"dest": str(tmp_path / "a")}}
    error = task(module, **where, **more.get(module, {}))
    assert error["failed"]
    assert error["error"]["kind"] == kind, error["msg"]
    assert told in error["msg"], error["msg"]
    assert not error.get("changed")


def test_a_key_that_is_gone_is_told(task: Task, bucket: str, key_arn: str, kms: Any) -> None:
    """HEAD says 400, and no more, as it does for a customer key."""
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
    """Every request of the SDK: its method and path, and its headers."""
    seen: list[tuple[str, dict[str, str]]] = []
    send = URLLib3Session.send

    def record(self: URLLib3Session, request: Any) -> Any:
        named = {
            name.lower(): value.decode() if isinstance(value, bytes) else str(value)
            for name, value in request.headers.items()
        }
        seen.append((f"{request.method} {request.url}", named))
        return send(self, request)

    monkeypatch.setattr(URLLib3Session, "send", record)
    return seen


def test_every_call_names_the_expected_owner(
    task: Task, rich_bucket: str, key_arn: str, s3: Any, headers: list[tuple[str, dict[str, str]]], tmp_path: Any
) -> None:
    """Reads and writes, copies (for both sides), tags, ACLs, locks and what the bucket says."""
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
    to_s3 = [(asked, sent) for asked, sent in headers if "x-amz-target" not in sent]
    assert len(to_s3) > 30
    copies = [sent for _asked, sent in to_s3 if "x-amz-copy-source" in sent]
    assert [sent.get("x-amz-source-expected-bucket-owner") for sent in copies] == [ACCOUNT] * len(copies)
    assert copies
    # The SDK itself asks for the region of the bucket after a bare 400, without the owner, and reads nothing else.
    unnamed = {asked for asked, sent in to_s3 if sent.get("x-amz-expected-bucket-owner") != ACCOUNT}
    assert all(asked.startswith("HEAD") and asked.endswith(rich_bucket) for asked in unnamed), unnamed


def test_another_owner_is_refused_everywhere(task: Task, bucket: str, s3: Any, tmp_path: Any) -> None:
    """Nothing is read or written, and the sentence says which option to look at."""
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

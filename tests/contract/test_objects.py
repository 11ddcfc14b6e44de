# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Objects: what a task makes of them. Each operation under each kind is in test_kinds.py."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws.objects.s3_objects import S3Objects

from .conftest import ACCOUNT, Task
from .sdk_calls import SdkCalls

OWN_KEY = "12345678901234567890123456789012"
OWN_KEY_MD5 = "dnF5x6K/8ZZRzpfSlMMM+w=="
OTHER_KEY = "abcdefghabcdefghabcdefghabcdefgh"


def test_an_object_changes_from_one_customer_key_to_another(task: Task, open_bucket: str) -> None:
    """previous_customer_key decrypts the object; without it, the error message names that option."""
    where = {"bucket": open_bucket, "key": "a"}
    task("s3_encrypted_object", **where, content="text", encryption="SSE-C", customer_key=OWN_KEY)
    stuck = task("s3_encrypted_object", **where, encryption="SSE-C", customer_key=OTHER_KEY)
    assert stuck["error"]["kind"] == "wrong_key"
    assert "previous_customer_key" in stuck["msg"]
    moved = task(
        "s3_encrypted_object",
        **where,
        encryption="SSE-C",
        customer_key=OTHER_KEY,
        previous_customer_key=OWN_KEY,
    )
    assert moved["actions"] == ["CopyObject"]
    assert not task("s3_encrypted_object", **where, encryption="SSE-C", customer_key=OTHER_KEY)["changed"]


def test_a_missing_or_wrong_customer_key_is_reported(task: Task, open_bucket: str, tmp_path: Path) -> None:
    """A missing key and a wrong key are different errors; a key that the object does not need is ignored."""
    task("s3_encrypted_object", bucket=open_bucket, key="c", content="x", encryption="SSE-C", customer_key=OWN_KEY)
    task("s3_encrypted_object", bucket=open_bucket, key="plain", content="x")
    for module, more in (
        ("s3_encrypted_object_info", {}),
        ("s3_encrypted_object_download", {"dest": str(tmp_path / "c")}),
    ):
        none = task(module, bucket=open_bucket, key="c", **more)
        assert none["error"]["kind"] == "wrong_key"
        assert "the task has none" in none["msg"]
        wrong = task(module, bucket=open_bucket, key="c", customer_key=OTHER_KEY, **more)
        assert wrong["error"]["kind"] == "wrong_key"
        assert "whose MD5 is" in wrong["msg"]
        assert not task(module, bucket=open_bucket, key="plain", customer_key=OWN_KEY, **more).get("failed")
    assert list(tmp_path.iterdir()) == [tmp_path / "c"]  # only the object without a customer key was downloaded


def test_a_customer_key_is_generated_once(task: Task, open_bucket: str, tmp_path: Path) -> None:
    """Its file is readable only by its owner, and a check run does not create it."""
    path = tmp_path / "customer.key"
    options = {
        "bucket": open_bucket,
        "key": "a",
        "content": "x",
        "encryption": "SSE-C",
        "customer_key_file": str(path),
        "customer_key_generate": True,
    }
    predicted = task("s3_encrypted_object", check=True, **options)
    assert predicted["changed"]
    assert not path.exists()
    done = task("s3_encrypted_object", **options)
    assert done["actions"] == ["WriteCustomerKeyFile", "PutObject"]
    assert done["diff"] == predicted["diff"]
    assert path.stat().st_mode & 0o777 == 0o600
    made = path.read_bytes()
    assert not task("s3_encrypted_object", **options)["changed"]
    assert path.read_bytes() == made


def test_overwrite_never_and_always(task: Task, bucket: str) -> None:
    """`never` keeps an existing object, `always` uploads it again."""
    where = {"bucket": bucket, "key": "a"}
    task("s3_encrypted_object", **where, content="x")
    assert not task("s3_encrypted_object", **where, content="y", overwrite="never")["changed"]
    assert task("s3_encrypted_object", **where, content="x", overwrite="always")["actions"] == ["PutObject"]


def test_the_checksum_of_another_client_is_compared(task: Task, bucket: str, s3: Any) -> None:
    """The same content is not uploaded again, whichever checksum algorithm the other client used."""
    for algorithm in ("CRC32", "SHA1", "SHA256", "CRC64NVME", "CRC32C"):
        s3.put_object(Bucket=bucket, Key=algorithm, Body=b"text", ContentType="text/plain", ChecksumAlgorithm=algorithm)
        result = task("s3_encrypted_object", bucket=bucket, key=algorithm, content="text")
        assert not result["changed"], (algorithm, result)
        result = task("s3_encrypted_object", bucket=bucket, key=algorithm, content="texT")
        assert result["actions"] == ["PutObject"], algorithm


def test_keys_with_special_characters(task: Task, bucket: str, s3: Any) -> None:
    """Keys are neither decoded nor normalized."""
    for key in ("a b", "a+b", "100%", "per%20cent", "é/ü", "/leading", "a//b", "q?z#f", "..", "emoji 🗝", "trailing/"):
        assert task("s3_encrypted_object", bucket=bucket, key=key, content=key)["changed"]
        assert not task("s3_encrypted_object", bucket=bucket, key=key, content=key)["changed"]
        assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == key.encode()


def test_versions_are_created_and_deleted(task: Task, bucket: str, s3: Any) -> None:
    """A change creates a new version and warns about the former one; version_id deletes one version."""
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    where = {"bucket": bucket, "key": "a"}
    first = task("s3_encrypted_object", **where, content="x")["object"]["version_id"]
    moved = task("s3_encrypted_object", **where, encryption="SSE-KMS")
    assert moved["object"]["version_id"] not in (None, first)
    assert any(first in str(warning) for warning in moved["warnings"])
    assert task("s3_encrypted_object", **where, state="absent")["changed"]
    assert not task("s3_encrypted_object", **where, state="absent")["changed"]
    assert task("s3_encrypted_object", **where, state="absent", version_id=first)["changed"]
    assert not task("s3_encrypted_object", **where, state="absent", version_id=first)["changed"]
    assert [version["VersionId"] for version in s3.list_object_versions(Bucket=bucket)["Versions"]] == [
        moved["object"]["version_id"]
    ]


def test_an_upload_that_would_lose_unreadable_tags_is_refused(task: Task, bucket: str, lab: Any, s3: Any) -> None:
    """Without s3:GetObjectTagging the current tags are unknown. A task that names all tags need not read them."""
    where = {"bucket": bucket, "key": "a"}
    task("s3_encrypted_object", **where, content="one", tags={"team": "blue"})
    lab.faults.add("deny", operation="s3:GetObjectTagging", times=None)
    error = task("s3_encrypted_object", **where, content="two")
    assert "would lose the tags" in error["msg"]
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"one"
    assert task("s3_encrypted_object", **where, content="two", tags={"team": "red"})["changed"]


def test_properties_and_tags_change_under_the_same_customer_key(task: Task, open_bucket: str) -> None:
    """The task names previous_customer_key and no encryption, so the encryption is kept."""
    where = {"bucket": open_bucket, "key": "a"}
    task("s3_encrypted_object", **where, content="x", encryption="SSE-C", customer_key=OWN_KEY)
    for options in ({"cache_control": "max-age=5"}, {"tags": {"a": "b"}}):
        result = task("s3_encrypted_object", **where, previous_customer_key=OWN_KEY, **options)
        assert not result.get("failed"), result
        assert result["object"]["encryption"] == {
            "type": "SSE-C",
            "kms_key_arn": None,
            "bucket_key_enabled": None,
            "customer_key_md5": OWN_KEY_MD5,
        }


def test_an_incomplete_envelope_is_refused(task: Task, bucket: str, s3: Any, tmp_path: Path) -> None:
    """Its ciphertext is not downloaded as content, and not overwritten or copied."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"cipher", Metadata={"x-amz-c": "115", "x-amz-3": "key"})
    where = {"bucket": bucket, "key": "a"}
    got = task("s3_encrypted_object_download", **where, dest=str(tmp_path / "a"))
    assert got["error"]["kind"] == "not_authentic"
    assert list(tmp_path.iterdir()) == []
    assert task("s3_encrypted_object", **where, content="x")["failed"]
    assert task("s3_encrypted_object", **where, encryption="SSE-KMS")["failed"]


@pytest.mark.parametrize(("refused", "kind"), [(0, "unsupported"), (1, "unverified")], ids=["always", "with any key"])
def test_info_does_not_report_sse_c_for_what_is_readable_without_the_key(
    task: Task, open_bucket: str, monkeypatch: pytest.MonkeyPatch, refused: int, kind: str
) -> None:
    """A store that refuses HEAD without the key, and returns the content: always, or only with any other key.

    If GET works without a key, S3 does not get the key, which may be one of client-side encryption.
    """
    secret = {"customer_key": "32 bytes of a customer's own key"}
    where = {"bucket": open_bucket, "key": "a"}
    task("s3_encrypted_object", **where, content="text", encryption="SSE-C", **secret)
    assert task("s3_encrypted_object_info", **where, **secret)["objects"][0]["encryption"]["type"] == "SSE-C"
    get_first_byte = S3Objects.get_first_byte
    first_calls: list[int] = []

    def get(s3: S3Objects, *parameters: Any) -> None:
        if first_calls:
            first_calls.pop()
            get_first_byte(s3, *parameters)

    monkeypatch.setattr(S3Objects, "get_first_byte", get)
    first_calls[:] = [1] * refused
    assert task("s3_encrypted_object_info", **where, **secret)["error"]["kind"] == kind
    first_calls[:] = [1] * refused
    (listed,) = task("s3_encrypted_object_info", bucket=open_bucket, prefix="", **secret)["objects"]
    assert listed["error"]["kind"] == kind


def test_info_reports_all_objects_under_a_prefix(task: Task, open_bucket: str) -> None:
    """An object that cannot be decrypted is reported with its error."""
    for key, options in (("in/a", {}), ("in/b", {"encryption": "SSE-C", "customer_key": OWN_KEY}), ("out/c", {})):
        task("s3_encrypted_object", bucket=open_bucket, key=key, content="x", **options)
    found = task("s3_encrypted_object_info", bucket=open_bucket, prefix="in/")
    assert [(item["key"], item["encryption"]["type"]) for item in found["objects"]] == [
        ("in/a", "SSE-S3"),
        ("in/b", "SSE-C"),
    ]
    assert found["objects"][1]["error"]["kind"] == "wrong_key"
    assert not found["truncated"]
    assert "warnings" not in found
    cut = task("s3_encrypted_object_info", bucket=open_bucket, prefix="", max_keys=1)
    (warning,) = cut["warnings"]
    assert (cut["truncated"], warning.startswith("Only the first 1 objects of the bucket example-bucket")) == (
        True,
        True,
    )
    assert task("s3_encrypted_object_info", bucket=open_bucket, key="none")["objects"] == []


def test_a_key_file_that_another_run_creates_is_not_replaced(
    task: Task, open_bucket: str, tmp_path: Path, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file of the first run stays. The second run fails, and encrypts nothing with a key that is not stored."""
    path = tmp_path / "customer.key"
    options: dict[str, Any] = {
        "encryption": "SSE-C",
        "customer_key_file": str(path),
        "customer_key_generate": True,
        "content": "x",
    }
    # At this point, the run has found no file and generated a key of its own.
    SdkCalls(monkeypatch).before("HeadObject", partial(path.write_bytes, OTHER_KEY.encode()))
    second = task("s3_encrypted_object", bucket=open_bucket, key="b", **options)
    assert second["error"]["kind"] == "conflict"
    assert path.read_bytes() == OTHER_KEY.encode()
    assert "Contents" not in s3.list_objects_v2(Bucket=open_bucket)


@pytest.mark.parametrize("state", ["present", "absent"])
def test_expired_credentials_are_not_reported_as_a_missing_customer_key(
    task: Task, bucket: str, s3: Any, lab: Any, state: str
) -> None:
    """HEAD returns a bare 400 for both. With expired credentials the task fails, in check mode, too."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    lab.faults.add("expired_credentials", operation="*Object", times=None)
    for check in (True, False):
        result = task("s3_encrypted_object", check=check, bucket=bucket, key="a", state=state)
        assert (result["failed"], result["changed"]) == (True, False)
        assert result["error"]["kind"] == "credentials", result["msg"]


@pytest.mark.parametrize("fault", ["lost_answer", "reset_after"])
def test_an_upload_whose_response_is_lost_is_recognised(task: Task, bucket: str, lab: Any, fault: str) -> None:
    """The retry of the SDK finds the object of the first attempt: that is not a conflict."""
    lab.faults.add(fault, operation="PutObject")
    result = task("s3_encrypted_object", bucket=bucket, key="a", content="x")
    assert not result.get("failed"), result
    assert result["changed"]


def test_a_write_that_may_have_been_carried_out_counts_as_changed(task: Task, bucket: str, lab: Any) -> None:
    """If no response arrives, the failure says so, and a second run finds the new state."""
    lab.faults.add("lost_answer", operation="PutBucketEncryption", times=None)
    retries = {"retries": {"total_max_attempts": 1}}
    result = task("bucket_default_encryption", buckets=[bucket], encryption="SSE-KMS", aws_config=retries)
    assert (result["failed"], result["changed"]) == (True, True)
    assert "may have been carried out" in result["msg"]
    lab.faults.clear()
    assert not task("bucket_default_encryption", buckets=[bucket], encryption="SSE-KMS")["changed"]


def test_a_delete_marker_can_be_removed(task: Task, bucket: str, s3: Any) -> None:
    """The deletion of the marker restores the object."""
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    marker = s3.delete_object(Bucket=bucket, Key="a")["VersionId"]
    where = {"bucket": bucket, "key": "a", "version_id": marker}
    assert task("s3_encrypted_object_info", **where)["objects"] == []
    for changed in (True, False):
        assert task("s3_encrypted_object", **where, state="absent")["changed"] is changed
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"x"


EMPTY = [
    ("content_type", "text/plain", "", "binary/octet-stream"),
    ("cache_control", "no-cache", "", None),
    ("content_disposition", "inline", " ", None),
    ("content_language", "de", "", None),
    ("content_encoding", "br", "", None),
    ("content_encoding", "br", "aws-chunked", None),
    ("content_encoding", "br", "gzip,aws-chunked", "gzip"),
    ("content_encoding", "br", "aws-chunked, gzip", "gzip"),
    ("metadata", {"a": "b"}, {}, {}),
    ("metadata", {"a": "b"}, {"a": ""}, {"a": ""}),
]


def test_an_empty_property_is_removed_once(task: Task, bucket: str, s3: Any) -> None:
    """Of a new object and of one that has it, and a second run changes nothing: S3 does not store an empty header."""
    for number, (name, before, value, after) in enumerate(EMPTY):
        where = {"bucket": bucket, "key": f"{number}"}
        for first in ({"content": "x", name: before}, {"content": "x", "key": f"{number} new"}):
            task("s3_encrypted_object", **{**where, **first})
            options = {**where, **first, name: value}
            check = task("s3_encrypted_object", check=True, **options)
            done = task("s3_encrypted_object", **options)
            assert (done["object"][name], check["diff"]) == (after, done["diff"]), (name, value)
            assert not task("s3_encrypted_object", **options)["changed"], (name, value)
    assert "failed" in task("s3_encrypted_object", bucket=bucket, key="0", storage_class="")


def test_values_that_s3_normalizes_are_no_change(task: Task, bucket: str) -> None:
    """S3 lowercases metadata names and strips spaces around values."""
    options = {"bucket": bucket, "key": "a", "content": "x", "metadata": {"Team": " blue "}, "content_language": "de "}
    assert task("s3_encrypted_object", **options)["changed"]
    assert not task("s3_encrypted_object", **options)["changed"]


def test_another_encoded_word_for_the_same_text_is_no_change(task: Task, bucket: str, s3: Any) -> None:
    """S3 stores the text, and returns a word of its own for it."""
    options = {"bucket": bucket, "key": "a", "content": "x"}
    for word in ("=?ISO-8859-1?Q?caf=E9?=", "=?UTF-8?B?Y2Fmw6k=?="):
        assert not task("s3_encrypted_object", **options, metadata={"a": word}).get("failed"), word
        assert not task("s3_encrypted_object", **options, metadata={"a": word})["changed"], word
    assert s3.head_object(Bucket=bucket, Key="a")["Metadata"] == {"a": "=?UTF-8?Q?caf=C3=A9?="}
    assert task("s3_encrypted_object", **options, metadata={"a": "=?UTF-8?Q?caf=C3=A8?="})["changed"]


def test_an_expected_owner_that_is_no_account_id_is_invalid(task: Task, bucket: str) -> None:
    """S3 reports it with a code of its own. The advice names the option."""
    for module, options in (("s3_encrypted_object", {"content": "x"}), ("s3_encrypted_object_info", {})):
        result = task(module, check=True, bucket=bucket, key="a", expected_bucket_owner="12345678901", **options)
        assert result["error"]["kind"] == "invalid"
        assert "Set expected_bucket_owner" in result["msg"]


def test_change_method_update_changes_the_encryption_in_place(task: Task, bucket: str, s3: Any, key_arn: str) -> None:
    """Version, ETag and date stay; check mode reports the same diff; a second run changes nothing."""
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    where = {"bucket": bucket, "key": "a"}
    first = task("s3_encrypted_object", **where, content="x", metadata={"a": "b"}, tags={"c": "d"})["object"]
    options = {"encryption": "SSE-KMS", "kms_key": "alias/app", "change_method": "update"}
    predicted = task("s3_encrypted_object", check=True, **where, **options)
    done = task("s3_encrypted_object", **where, **options)
    assert (done["actions"], done["diff"]) == (["UpdateObjectEncryption"], predicted["diff"])
    assert done["object"]["encryption"]["kms_key_arn"] == key_arn
    for name in ("version_id", "etag", "last_modified", "size", "metadata"):
        assert done["object"][name] == first[name], name
    assert "warnings" not in done
    assert not task("s3_encrypted_object", **where, **options)["changed"]
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"x"


def test_change_method_auto_changes_in_place_only_at_aws(
    task: Task, bucket: str, key_arn: str, request: pytest.FixtureRequest, s3: Any
) -> None:
    """At a custom endpoint `auto` copies. At AWS it updates in place if only the encryption changes."""
    options = {"bucket": bucket, "encryption": "SSE-KMS", "kms_key": key_arn}
    for key in "abc":
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    assert task("s3_encrypted_object", key="a", **options)["actions"] == ["CopyObject"]
    request.getfixturevalue("at_aws")
    assert task("s3_encrypted_object", key="b", **options)["actions"] == ["UpdateObjectEncryption"]
    assert task("s3_encrypted_object", key="c", cache_control="no-cache", **options)["actions"] == ["CopyObject"]
    assert task("s3_encrypted_object", key="b", bucket=bucket, encryption="SSE-S3")["actions"] == ["CopyObject"]


def test_an_overwritten_object_is_reported_before_a_failure_of_its_tags(
    task: Task, bucket: str, key_arn: str, s3: Any, lab: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that treats UpdateObjectEncryption as an upload destroys the object: that error comes first."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"text")
    overwrite = partial(s3.put_object, Bucket=bucket, Key="a", Body=b"<xml/>")
    SdkCalls(monkeypatch).instead("UpdateObjectEncryption", overwrite)
    lab.faults.add("deny", operation="s3:PutObjectTagging", times=None)
    options = {"bucket": bucket, "key": "a", "encryption": "SSE-KMS", "kms_key": key_arn, "tags": {"a": "b"}}
    overwritten = task("s3_encrypted_object", **options, change_method="update")
    assert (overwritten["error"]["kind"], overwritten["changed"]) == ("unverified", True)
    assert overwritten["actions"] == ["UpdateObjectEncryption"]
    assert "UpdateObjectEncryption changed more than the encryption" in overwritten["msg"]


OTHER_ACCOUNT = "222222222222"


@pytest.fixture
def foreign_key(lab: Any) -> str:
    """A KMS key of another account, which this account may use."""
    root = [f"arn:aws:iam::{account}:root" for account in (OTHER_ACCOUNT, ACCOUNT)]
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:*", "Resource": "*"}],
    }
    theirs = lab.client("kms", region="us-east-1", account=OTHER_ACCOUNT)
    arn: str = theirs.create_key(Policy=json.dumps(policy))["KeyMetadata"]["Arn"]
    return arn


@pytest.mark.parametrize("owner", [{}, {"expected_bucket_owner": ACCOUNT}], ids=["owner unknown", "owner known"])
def test_a_kms_key_of_another_account_causes_a_copy(
    task: Task, bucket: str, foreign_key: str, s3: Any, at_aws: None, owner: dict[str, Any]
) -> None:
    """S3 refuses the update in place. A known bucket owner predicts that; otherwise the refusal shows it."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    options = {
        "bucket": bucket,
        "key": "a",
        "encryption": "SSE-KMS",
        "kms_key": foreign_key,
        "tags": {"a": "b"},
        **owner,
    }
    predicted = task("s3_encrypted_object", check=True, **options)
    done = task("s3_encrypted_object", **options)
    assert not done.get("failed"), done
    assert (done["changed"], done["actions"]) == (predicted["changed"], ["CopyObject", "PutObjectTagging"])
    assert done["object"]["encryption"]["kms_key_arn"] == foreign_key
    warned = any("in place under a KMS key of another account" in each for each in done.get("warnings", ()))
    assert warned is (not owner)
    if owner:
        assert (predicted["actions"], predicted["diff"]) == (done["actions"], done["diff"])
    assert not task("s3_encrypted_object", **options)["changed"]


def test_update_to_a_kms_key_of_another_account_is_refused(task: Task, bucket: str, foreign_key: str, s3: Any) -> None:
    """With change_method: update the request is sent, and its error names the other methods."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    options = {"bucket": bucket, "key": "a", "encryption": "SSE-KMS", "kms_key": foreign_key, "change_method": "update"}
    error = task("s3_encrypted_object", **options, expected_bucket_owner=ACCOUNT)
    assert (error["error"]["kind"], error["changed"]) == ("forbidden", False)
    assert "set change_method: auto or copy" in error["msg"]


def test_an_update_in_place_that_s3_cannot_do_is_refused(task: Task, bucket: str, key_arn: str, lab: Any) -> None:
    """An unsupported encryption is refused before any write. A missing permission suggests change_method: copy."""
    where = {"bucket": bucket, "key": "a", "change_method": "update"}
    task("s3_encrypted_object", **where, content="x")
    error = task("s3_encrypted_object", **where, encryption="DSSE-KMS", kms_key=key_arn)
    assert error["error"]["kind"] == "invalid"
    assert "only for a change to SSE-KMS" in error["msg"]
    lab.faults.add("deny", operation="s3:UpdateObjectEncryption", times=None)
    denied = task("s3_encrypted_object", **where, encryption="SSE-KMS", kms_key=key_arn)
    assert (denied["error"]["kind"], denied["changed"]) == ("forbidden", False)
    assert "change_method: copy" in denied["msg"]


def test_the_diff_has_the_text_on_request(task: Task, open_bucket: str, s3: Any) -> None:
    """In both modes; never of binary or large content, nor under a customer key."""
    where = {"bucket": open_bucket, "key": "a", "content_diff": True}

    def diff_of(**options: Any) -> dict[str, Any]:
        check = task("s3_encrypted_object", check=True, **where, **options)
        done = task("s3_encrypted_object", **where, **options)
        assert check["diff"] == done["diff"]
        return {side: done["diff"][side].get("content") for side in ("before", "after")}

    assert diff_of(content="one\ntwo\n") == {"before": None, "after": ["one", "two", ""]}
    assert diff_of(content="one\n2") == {"before": ["one", "two", ""], "after": ["one", "2"]}
    assert diff_of(content="one\n2", cache_control="no-cache") == {"before": None, "after": None}
    assert (
        "content"
        not in task("s3_encrypted_object", bucket=open_bucket, key="a", content="x", check=True)["diff"]["after"]
    )
    for content, reason in (
        ({"content_base64": "AP8="}, "it is not text in UTF-8"),
        ({"content": "text"}, "it is not text in UTF-8"),  # the object is not
        ({"content": "x" * 104_449}, "it has more than 104,448 bytes"),
        ({"content": "secret", "encryption": "SSE-C", "customer_key": OWN_KEY}, "a customer key protects it"),
        ({"content": "y", "encryption": "SSE-S3", "previous_customer_key": OWN_KEY}, "a customer key protects it"),
    ):
        assert diff_of(**content) == {"before": None, "after": f"not shown: {reason}"}

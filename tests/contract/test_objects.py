# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Objects under every server-side kind: put, put again, other content, other encryption, look, download, delete."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from .conftest import ACCOUNT, Task
from .sdk_calls import SdkCalls

OWN_KEY = "12345678901234567890123456789012"
OWN_KEY_MD5 = "dnF5x6K/8ZZRzpfSlMMM+w=="
OTHER_KEY = "abcdefghabcdefghabcdefghabcdefgh"

KINDS: dict[str, tuple[dict[str, Any], str]] = {
    "bucket default": ({}, "SSE-S3"),
    "SSE-S3": ({"encryption": "SSE-S3"}, "SSE-S3"),
    "SSE-KMS": ({"encryption": "SSE-KMS", "kms_key": "alias/app", "bucket_key_enabled": True}, "SSE-KMS"),
    "DSSE-KMS": ({"encryption": "DSSE-KMS", "kms_key": "alias/app"}, "DSSE-KMS"),
    "SSE-C": ({"encryption": "SSE-C", "customer_key": OWN_KEY}, "SSE-C"),
}


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest, key_arn: str) -> tuple[dict[str, Any], str]:
    """Options of one kind of encryption, and what S3 then reports."""
    return KINDS[request.param]


def secrets_of(options: dict[str, Any]) -> dict[str, Any]:
    """The options that a reader needs too."""
    return {name: value for name, value in options.items() if name == "customer_key"}


def test_the_life_of_an_object(
    task: Task, open_bucket: str, kind: tuple[dict[str, Any], str], tmp_path: Path, key_arn: str
) -> None:
    """Every step reports in check mode what the real run does, and a second run changes nothing."""
    options, reported = kind
    where = {"bucket": open_bucket, "key": "reports/année 2026+1%.txt"}

    def step(**more: Any) -> dict[str, Any]:
        foretold = task("s3_encrypted_object", check=True, **where, **more)
        done = task("s3_encrypted_object", **where, **more)
        assert not done.get("failed"), done
        assert (foretold["changed"], foretold["diff"]) == (done["changed"], done["diff"])
        again = task("s3_encrypted_object", **where, **more)
        assert (again["changed"], again["diff"]["before"], again["diff"]["after"]) == (False, {}, {})
        return done

    created = step(content="one", metadata={"Owner": "ann"}, tags={"team": "blue"}, **options)
    assert created["changed"]
    assert created["actions"] == ["PutObject"]
    encryption = created["object"]["encryption"]
    assert encryption["type"] == reported
    assert encryption["kms_key_arn"] == (key_arn if "kms_key" in options else None)
    assert encryption["customer_key_md5"] == (OWN_KEY_MD5 if "customer_key" in options else None)

    replaced = step(content="two and more", **options)
    assert replaced["actions"] == ["PutObject"]
    assert (replaced["object"]["metadata"], replaced["object"]["tags"]) == ({"owner": "ann"}, {"team": "blue"})

    looked = task("s3_encrypted_object_info", **where, **secrets_of(options))["objects"][0]
    assert looked == replaced["object"]

    dest = tmp_path / "copy"
    for changed in (True, False):
        got = task("s3_encrypted_object_download", **where, dest=str(dest), **secrets_of(options))
        assert (got["changed"], dest.read_text()) == (changed, "two and more")

    kept = step(metadata={"owner": "bea"}, **options)
    assert kept["actions"] == ["CopyObject"]
    assert kept["object"]["encryption"]["type"] == reported

    gone = step(state="absent")
    assert gone["actions"] == ["DeleteObject"]


@pytest.mark.parametrize("after", [name for name in KINDS if name != "bucket default"])
@pytest.mark.parametrize("before", [name for name in KINDS if name != "bucket default"])
def test_from_any_encryption_to_any_other(
    task: Task, open_bucket: str, key_arn: str, before: str, after: str, s3: Any
) -> None:
    """The content stays in S3, and comes back the same."""
    where = {"bucket": open_bucket, "key": "a"}
    task("s3_encrypted_object", **where, content="text", **KINDS[before][0])
    options = dict(KINDS[after][0])
    if before == "SSE-C" and after != "SSE-C":
        options["previous_customer_key"] = OWN_KEY
    moved = task("s3_encrypted_object", **where, **options)
    assert not moved.get("failed"), moved
    assert moved["actions"] == ([] if before == after else ["CopyObject"])
    assert moved["object"]["encryption"]["type"] == KINDS[after][1]
    again = task("s3_encrypted_object", **where, **KINDS[after][0])
    assert not again["changed"]
    raw = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": OWN_KEY} if after == "SSE-C" else {}
    assert s3.get_object(Bucket=open_bucket, Key="a", **raw)["Body"].read() == b"text"


def test_from_one_customer_key_to_another(task: Task, open_bucket: str) -> None:
    """With the former key at hand an object moves to a new one; without it, the sentence says whose key is missing."""
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


def test_reading_without_the_key(task: Task, open_bucket: str, tmp_path: Path) -> None:
    """No key, another key, and a key that the object does not want: each is told for what it is."""
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
    assert list(tmp_path.iterdir()) == [tmp_path / "c"]  # what came of the plain object


def test_a_bucket_that_blocks_customer_keys(task: Task, bucket: str) -> None:
    """New buckets block SSE-C: the refusal says so, and which setting unblocks it."""
    result = task("s3_encrypted_object", bucket=bucket, key="a", content="x", encryption="SSE-C", customer_key=OWN_KEY)
    assert result["error"]["kind"] == "blocked"
    assert "blocked_encryption_types: []" in result["msg"]


def test_a_generated_key(task: Task, open_bucket: str, tmp_path: Path) -> None:
    """The key's file is made for its owner alone, once, and not at all in a check run."""
    path = tmp_path / "customer.key"
    options = {
        "bucket": open_bucket,
        "key": "a",
        "content": "x",
        "encryption": "SSE-C",
        "customer_key_file": str(path),
        "customer_key_generate": True,
    }
    foretold = task("s3_encrypted_object", check=True, **options)
    assert foretold["changed"]
    assert not path.exists()
    done = task("s3_encrypted_object", **options)
    assert done["actions"] == ["WriteCustomerKeyFile", "PutObject"]
    assert done["diff"] == foretold["diff"]
    assert path.stat().st_mode & 0o777 == 0o600
    made = path.read_bytes()
    assert not task("s3_encrypted_object", **options)["changed"]
    assert path.read_bytes() == made


def test_overwrite(task: Task, bucket: str) -> None:
    """never leaves an object alone, always uploads again."""
    where = {"bucket": bucket, "key": "a"}
    task("s3_encrypted_object", **where, content="x")
    assert not task("s3_encrypted_object", **where, content="y", overwrite="never")["changed"]
    assert task("s3_encrypted_object", **where, content="x", overwrite="always")["actions"] == ["PutObject"]


def test_content_of_others(task: Task, bucket: str, s3: Any) -> None:
    """What others uploaded is compared too, whichever checksum they left: none of it is uploaded again."""
    for algorithm in ("CRC32", "SHA1", "SHA256", "CRC64NVME", "CRC32C"):
        s3.put_object(Bucket=bucket, Key=algorithm, Body=b"text", ContentType="text/plain", ChecksumAlgorithm=algorithm)
        result = task("s3_encrypted_object", bucket=bucket, key=algorithm, content="text")
        assert not result["changed"], (algorithm, result)
        result = task("s3_encrypted_object", bucket=bucket, key=algorithm, content="texT")
        assert result["actions"] == ["PutObject"], algorithm


def test_keys_of_all_sorts(task: Task, bucket: str, s3: Any) -> None:
    """Keys are taken as they are."""
    for key in ("a b", "a+b", "100%", "per%20cent", "é/ü", "/leading", "a//b", "q?z#f", "..", "emoji 🗝", "trailing/"):
        assert task("s3_encrypted_object", bucket=bucket, key=key, content=key)["changed"]
        assert not task("s3_encrypted_object", bucket=bucket, key=key, content=key)["changed"]
        assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == key.encode()


def test_versions(task: Task, bucket: str, s3: Any) -> None:
    """A change under versioning makes a new version, and says what the former one keeps."""
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


def test_somebody_else_writes_meanwhile(task: Task, bucket: str, s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A concurrent writer is never overwritten: neither by an upload nor by a copy."""
    sdk = SdkCalls(monkeypatch)
    writes: dict[str, dict[str, Any]] = {"PutObject": {"content": "ours"}, "CopyObject": {"encryption": "SSE-KMS"}}
    for operation, options in writes.items():
        s3.put_object(Bucket=bucket, Key="a", Body=b"read")
        sdk.before(operation, lambda: s3.put_object(Bucket=bucket, Key="a", Body=b"theirs"))
        result = task("s3_encrypted_object", bucket=bucket, key="a", **options)
        assert result["error"]["kind"] == "conflict"
        assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"theirs"


def test_tags_that_may_not_be_read_are_not_lost(task: Task, bucket: str, lab: Any, s3: Any) -> None:
    """Without s3:GetObjectTagging an upload says that it would lose the tags; named in full, they need no reading."""
    where = {"bucket": bucket, "key": "a"}
    task("s3_encrypted_object", **where, content="one", tags={"team": "blue"})
    lab.faults.add("deny", operation="s3:GetObjectTagging", times=None)
    error = task("s3_encrypted_object", **where, content="two")
    assert "would lose the tags" in error["msg"]
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"one"
    assert task("s3_encrypted_object", **where, content="two", tags={"team": "red"})["changed"]


def test_properties_of_an_object_under_a_customer_key(task: Task, open_bucket: str) -> None:
    """With the key in previous_customer_key and no encryption named, the rest is changed under the same key."""
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


def test_a_client_side_encrypted_object_is_not_mistaken(task: Task, bucket: str, s3: Any, tmp_path: Path) -> None:
    """Its ciphertext is neither downloaded as if it were the content, nor written again."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"cipher", Metadata={"x-amz-c": "115", "x-amz-3": "key"})
    where = {"bucket": bucket, "key": "a"}
    got = task("s3_encrypted_object_download", **where, dest=str(tmp_path / "a"))
    assert got["error"]["kind"] == "unsupported"
    assert list(tmp_path.iterdir()) == []
    assert task("s3_encrypted_object", **where, content="x")["failed"]
    assert task("s3_encrypted_object", **where, encryption="SSE-KMS")["failed"]


def test_info_by_prefix(task: Task, open_bucket: str) -> None:
    """All objects under a prefix, those that cannot be opened among them."""
    for key, options in (("in/a", {}), ("in/b", {"encryption": "SSE-C", "customer_key": OWN_KEY}), ("out/c", {})):
        task("s3_encrypted_object", bucket=open_bucket, key=key, content="x", **options)
    found = task("s3_encrypted_object_info", bucket=open_bucket, prefix="in/")
    assert [(shown["key"], shown["encryption"]["type"]) for shown in found["objects"]] == [
        ("in/a", "SSE-S3"),
        ("in/b", "SSE-C"),
    ]
    assert found["objects"][1]["error"]["kind"] == "wrong_key"
    assert not found["truncated"]
    assert task("s3_encrypted_object_info", bucket=open_bucket, prefix="", max_keys=1)["truncated"]
    assert task("s3_encrypted_object_info", bucket=open_bucket, key="none")["objects"] == []


def test_two_runs_that_make_the_same_key_file_lose_no_key(
    task: Task, open_bucket: str, tmp_path: Path, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file of the run that comes first stays; the other one encrypts nothing under a key that is nowhere."""
    path = tmp_path / "customer.key"
    options: dict[str, Any] = {
        "encryption": "SSE-C",
        "customer_key_file": str(path),
        "customer_key_generate": True,
        "content": "x",
    }
    # By then this run has found no file, and made a key of its own.
    SdkCalls(monkeypatch).before("HeadObject", partial(path.write_bytes, OTHER_KEY.encode()))
    second = task("s3_encrypted_object", bucket=open_bucket, key="b", **options)
    assert second["error"]["kind"] == "conflict"
    assert path.read_bytes() == OTHER_KEY.encode()
    assert "Contents" not in s3.list_objects_v2(Bucket=open_bucket)


@pytest.mark.parametrize("state", ["present", "absent"])
def test_expired_credentials_are_not_taken_for_a_missing_key(
    task: Task, bucket: str, s3: Any, lab: Any, state: str
) -> None:
    """HEAD answers both with a bare 400. Nothing is deleted, and nothing is foretold, for want of credentials."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    lab.faults.add("expired_credentials", operation="*Object", times=None)
    for check in (True, False):
        result = task("s3_encrypted_object", check=check, bucket=bucket, key="a", state=state)
        assert (result["failed"], result["changed"]) == (True, False)
        assert result["error"]["kind"] == "credentials", result["msg"]


@pytest.mark.parametrize("fault", ["lost_answer", "reset_after"])
def test_an_upload_whose_answer_is_lost_is_recognised(task: Task, bucket: str, lab: Any, fault: str) -> None:
    """The SDK's repetition meets the object that the first attempt has written: that is no conflict."""
    lab.faults.add(fault, operation="PutObject")
    result = task("s3_encrypted_object", bucket=bucket, key="a", content="x")
    assert not result.get("failed"), result
    assert result["changed"]


def test_a_write_that_may_have_been_carried_out_counts_as_changed(task: Task, bucket: str, lab: Any) -> None:
    """Where no answer ever came, the failure says so, and a second run finds out."""
    lab.faults.add("lost_answer", operation="PutBucketEncryption", times=None)
    retries = {"retries": {"total_max_attempts": 1}}
    result = task("bucket_default_encryption", buckets=[bucket], encryption="SSE-KMS", aws_config=retries)
    assert (result["failed"], result["changed"]) == (True, True)
    assert "may have been carried out" in result["msg"]
    lab.faults.clear()
    assert not task("bucket_default_encryption", buckets=[bucket], encryption="SSE-KMS")["changed"]


def test_a_delete_marker_can_be_removed(task: Task, bucket: str, s3: Any) -> None:
    """Which brings the object back."""
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    marker = s3.delete_object(Bucket=bucket, Key="a")["VersionId"]
    where = {"bucket": bucket, "key": "a", "version_id": marker}
    assert task("s3_encrypted_object_info", **where)["objects"] == []
    for changed in (True, False):
        assert task("s3_encrypted_object", **where, state="absent")["changed"] is changed
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"x"


def test_what_s3_writes_otherwise_is_no_change(task: Task, bucket: str) -> None:
    """Letter case of names, and blanks around values."""
    options = {"bucket": bucket, "key": "a", "content": "x", "metadata": {"Team": " blue "}, "content_language": "de "}
    assert task("s3_encrypted_object", **options)["changed"]
    assert not task("s3_encrypted_object", **options)["changed"]


def test_in_place_where_asked(task: Task, bucket: str, s3: Any, key_arn: str) -> None:
    """The same version, ETag and date, under another key; check mode tells it; again there is nothing to do."""
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    where = {"bucket": bucket, "key": "a"}
    first = task("s3_encrypted_object", **where, content="x", metadata={"a": "b"}, tags={"c": "d"})["object"]
    options = {"encryption": "SSE-KMS", "kms_key": "alias/app", "change_method": "update"}
    foretold = task("s3_encrypted_object", check=True, **where, **options)
    done = task("s3_encrypted_object", **where, **options)
    assert (done["actions"], done["diff"]) == (["UpdateObjectEncryption"], foretold["diff"])
    assert done["object"]["encryption"]["kms_key_arn"] == key_arn
    for name in ("version_id", "etag", "last_modified", "size", "metadata"):
        assert done["object"][name] == first[name], name
    assert "warnings" not in done
    assert not task("s3_encrypted_object", **where, **options)["changed"]
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"x"


def test_in_place_by_itself_only_at_aws(
    task: Task, bucket: str, key_arn: str, monkeypatch: pytest.MonkeyPatch, s3: Any
) -> None:
    """At a custom endpoint auto copies; at AWS it changes the encryption in place, unless more is asked for."""
    from ansible_collections.sealed.s3.plugins.module_utils.aws.objects.s3_objects import S3Objects

    options = {"bucket": bucket, "encryption": "SSE-KMS", "kms_key": key_arn}
    for key in "abc":
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    assert task("s3_encrypted_object", key="a", **options)["actions"] == ["CopyObject"]
    monkeypatch.setattr(S3Objects, "custom_endpoint", False)
    assert task("s3_encrypted_object", key="b", **options)["actions"] == ["UpdateObjectEncryption"]
    assert task("s3_encrypted_object", key="c", cache_control="no-cache", **options)["actions"] == ["CopyObject"]
    assert task("s3_encrypted_object", key="b", bucket=bucket, encryption="SSE-S3")["actions"] == ["CopyObject"]


def test_a_store_that_overwrites_the_object_is_told_before_tags_fail(
    task: Task, bucket: str, key_arn: str, s3: Any, lab: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message is of the object that is lost, whatever else would fail."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"text")
    overwrite = partial(s3.put_object, Bucket=bucket, Key="a", Body=b"<xml/>")
    SdkCalls(monkeypatch).instead("UpdateObjectEncryption", overwrite)
    lab.faults.add("deny", operation="s3:PutObjectTagging", times=None)
    options = {"bucket": bucket, "key": "a", "encryption": "SSE-KMS", "kms_key": key_arn, "tags": {"a": "b"}}
    lost = task("s3_encrypted_object", **options, change_method="update")
    assert (lost["error"]["kind"], lost["changed"], lost["actions"]) == ("unverified", True, ["UpdateObjectEncryption"])
    assert "UpdateObjectEncryption changed more than the encryption" in lost["msg"]


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
def test_a_key_of_another_account_takes_a_copy(
    task: Task, bucket: str, foreign_key: str, s3: Any, monkeypatch: pytest.MonkeyPatch, owner: dict[str, Any]
) -> None:
    """At AWS, where S3 would refuse it in place: foretold where the owner is known, and else upon the refusal."""
    from ansible_collections.sealed.s3.plugins.module_utils.aws.objects.s3_objects import S3Objects

    monkeypatch.setattr(S3Objects, "custom_endpoint", False)
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    options = {
        "bucket": bucket,
        "key": "a",
        "encryption": "SSE-KMS",
        "kms_key": foreign_key,
        "tags": {"a": "b"},
        **owner,
    }
    foretold = task("s3_encrypted_object", check=True, **options)
    done = task("s3_encrypted_object", **options)
    assert not done.get("failed"), done
    assert (done["changed"], done["actions"]) == (foretold["changed"], ["CopyObject", "PutObjectTagging"])
    assert done["object"]["encryption"]["kms_key_arn"] == foreign_key
    told = any("in place under a KMS key of another account" in each for each in done.get("warnings", ()))
    assert told is (not owner)
    if owner:
        assert (foretold["actions"], foretold["diff"]) == (done["actions"], done["diff"])
    assert not task("s3_encrypted_object", **options)["changed"]


def test_a_key_of_another_account_in_place(task: Task, bucket: str, foreign_key: str, s3: Any) -> None:
    """Asked for in so many words, it is tried and told."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    options = {"bucket": bucket, "key": "a", "encryption": "SSE-KMS", "kms_key": foreign_key, "change_method": "update"}
    error = task("s3_encrypted_object", **options, expected_bucket_owner=ACCOUNT)
    assert (error["error"]["kind"], error["changed"]) == ("forbidden", False)
    assert "set change_method: auto or copy" in error["msg"]


def test_in_place_in_vain(task: Task, bucket: str, key_arn: str, lab: Any) -> None:
    """What S3 cannot do in place is told before any write; a missing permission names the other way."""
    where = {"bucket": bucket, "key": "a", "change_method": "update"}
    task("s3_encrypted_object", **where, content="x")
    error = task("s3_encrypted_object", **where, encryption="DSSE-KMS", kms_key=key_arn)
    assert error["error"]["kind"] == "invalid"
    assert "only to SSE-KMS" in error["msg"]
    lab.faults.add("deny", operation="s3:UpdateObjectEncryption", times=None)
    denied = task("s3_encrypted_object", **where, encryption="SSE-KMS", kms_key=key_arn)
    assert (denied["error"]["kind"], denied["changed"]) == ("forbidden", False)
    assert "change_method: copy" in denied["msg"]

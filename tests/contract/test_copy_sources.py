# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a copy of another object keeps, how it is compared, its conditions, and the sources that cannot be copied."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.frontend.objects import s3_encrypted_object

from .conftest import ACCOUNT, REGION, Result, Task
from .encryption_client import EncryptionClient, seal, seal_by_kms, seal_v2
from .lying_store import Lie, lying_store
from .sdk_calls import SdkCalls

OWN_KEY, OTHER_KEY = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"
SSE_C = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": OWN_KEY}
PROPERTIES: dict[str, Any] = {
    "ContentType": "text/css",
    "CacheControl": "no-cache",
    "ContentLanguage": "fr",
    "Metadata": {"owner": "ann"},
    "Tagging": "team=blue",
}
MIB = 1024**2
Calls = Callable[[], list[str]]


@pytest.fixture(params=["AWS", "another store"])
def place(request: pytest.FixtureRequest) -> str:
    """The lab in the place of AWS, and as another store."""
    if request.param == "AWS":
        request.getfixturevalue("at_aws")
    return str(request.param)


def copied(task: Task, bucket: str, *, source: dict[str, Any] | None = None, **options: Any) -> Result:
    """The result of a task that copies in.txt to out.txt, after a check run with the same result."""
    where = {"bucket": bucket, "key": "out.txt", "copy_src": {"bucket": bucket, "key": "in.txt", **(source or {})}}
    predicted = task("s3_encrypted_object", check=True, **where, **options)
    done = task("s3_encrypted_object", **where, **options)
    for name in ("failed", "changed", "diff", "actions", "warnings"):
        assert predicted.get(name) == done.get(name), (name, predicted, done)
    again = task("s3_encrypted_object", **where, **options)
    assert done.get("failed") or options.get("overwrite") or not again["changed"], again
    return done


def headers(s3: Any, bucket: str, key: str = "out.txt", **more: Any) -> dict[str, Any]:
    """What PROPERTIES has, as the object has it."""
    head = s3.head_object(Bucket=bucket, Key=key, **more)
    tags = s3.get_object_tagging(Bucket=bucket, Key=key)["TagSet"]
    tagging = "&".join(f"{tag['Key']}={tag['Value']}" for tag in tags)
    return {**{name: head.get(name) for name in PROPERTIES}, "Tagging": tagging}


def content(s3: Any, bucket: str, key: str = "out.txt", **more: Any) -> bytes:
    """The bytes that S3 returns."""
    data: bytes = s3.get_object(Bucket=bucket, Key=key, **more)["Body"].read()
    return data


@pytest.mark.usefixtures("place")
def test_a_new_object_gets_what_the_source_has(task: Task, s3: Any, bucket: str) -> None:
    """But for the storage class, as with S3's own copy."""
    s3.put_object(Bucket=bucket, Key="in.txt", Body=b"text", StorageClass="STANDARD_IA", **PROPERTIES)
    done = copied(task, bucket)
    assert done["actions"] == ["CopyObject"]
    assert done["object"]["tags"] == {"team": "blue"}
    assert headers(s3, bucket) == PROPERTIES
    assert content(s3, bucket) == b"text"
    assert done["object"]["storage_class"] == "STANDARD"


@pytest.mark.usefixtures("place")
def test_what_the_task_names_replaces_it(task: Task, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="in.txt", Body=b"text", **PROPERTIES)
    named: dict[str, Any] = {"content_type": "text/plain", "metadata": {"a": "b"}, "storage_class": "STANDARD_IA"}
    done = copied(task, bucket, tags={"c": "d"}, purge_tags=False, cache_control="", **named)
    assert headers(s3, bucket) == {
        "ContentType": "text/plain",
        "CacheControl": None,
        "ContentLanguage": "fr",
        "Metadata": {"a": "b"},
        "Tagging": "c=d&team=blue",
    }
    assert done["object"]["storage_class"] == "STANDARD_IA"


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("same", [True, False])
def test_an_existing_object_keeps_its_own(task: Task, s3: Any, bucket: str, same: bool) -> None:
    """Its properties, tags, and (with the same content) its encryption, in all runs."""
    s3.put_object(Bucket=bucket, Key="in.txt", Body=b"text", **PROPERTIES)
    own = {**PROPERTIES, "ContentType": "text/plain", "Metadata": {"a": "b"}, "Tagging": "c=d"}
    s3.put_object(Bucket=bucket, Key="out.txt", Body=b"text" if same else b"old", StorageClass="STANDARD_IA", **own)
    done = copied(task, bucket)
    assert done["changed"] is not same
    assert headers(s3, bucket) == own
    assert content(s3, bucket) == b"text"
    assert done["object"]["storage_class"] == "STANDARD_IA"


def test_overwrite(task: Task, s3: Any, bucket: str, calls: Calls) -> None:
    """Always: a copy in each run. Never: the source is not even read."""
    for key in ("in.txt", "out.txt"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"text")
    assert copied(task, bucket, overwrite="always")["actions"] == ["CopyObject"]
    calls()
    assert not copied(task, bucket, source={"key": "missing"}, overwrite="never")["changed"]
    assert {*calls()} == {"HeadObject"}


@pytest.mark.usefixtures("at_aws")
def test_the_calls(task: Task, s3: Any, bucket: str, calls: Calls) -> None:
    """As in the table of docs/api_calls.md."""
    where = {"bucket": bucket, "key": "out.txt", "copy_src": {"bucket": bucket, "key": "in.txt"}}
    s3.put_object(Bucket=bucket, Key="in.txt", Body=b"text")
    calls()
    for options, expected in (
        ({"check": True}, ["HeadObject", "GetObject", "HeadObject", "GetObject", "GetObjectTagging"]),
        ({}, ["HeadObject", "GetObject", "HeadObject", "GetObject", "GetObjectTagging", "CopyObject", "HeadObject"]),
        ({}, ["HeadObject", "HeadObject"]),
    ):
        task("s3_encrypted_object", **where, **options)
        assert calls() == expected
    s3.put_object(Bucket=bucket, Key="in.txt", Body=b"other")
    calls()
    task("s3_encrypted_object", **where)
    rest = ["GetObjectTagging", "GetObjectAcl", "CopyObject", "HeadObject"]
    assert calls() == ["HeadObject", "HeadObject", "GetObject", *rest]

    task("s3_encrypted_object", **{**where, "key": "other.txt"}, tags={})
    assert "GetObjectTagging" not in calls()
    own = {"encryption": "CSE-C", "customer_key": OWN_KEY}
    task("s3_encrypted_object", **{**where, "key": "encrypted.txt"}, **own)
    source = ["HeadObject", "GetObject", "GetObjectTagging", "GetObject"]
    assert calls() == ["HeadObject", "GetObject", *source, "PutObject"]


@pytest.mark.usefixtures("place")
def test_both_customer_keys_are_in_one_request(task: Task, s3: Any, open_bucket: str, calls: Calls) -> None:
    s3.put_object(Bucket=open_bucket, Key="in.txt", Body=b"text", **SSE_C)
    calls()
    done = copied(task, open_bucket, source={"customer_key": OWN_KEY}, encryption="SSE-C", customer_key=OTHER_KEY)
    assert done["actions"] == ["CopyObject"]
    assert calls().count("CopyObject") == 1
    assert content(s3, open_bucket, **{**SSE_C, "SSECustomerKey": OTHER_KEY}) == b"text"


@pytest.mark.usefixtures("place")
def test_a_large_object_is_copied_in_parts(
    task: Task, s3: Any, bucket: str, monkeypatch: pytest.MonkeyPatch, calls: Calls
) -> None:
    """With tags and all properties, and compared by the checksum of the whole afterwards."""
    monkeypatch.setattr(s3_encrypted_object, "COPY_LIMIT", 6 * MIB)
    data = b"0123456789abcdef" * (MIB * 13 // 16)
    s3.put_object(Bucket=bucket, Key="in.txt", Body=data, ChecksumAlgorithm="CRC64NVME", **PROPERTIES)
    done = copied(task, bucket, encryption="SSE-KMS")
    assert done["actions"] == ["CreateMultipartUpload", "UploadPartCopy", "CompleteMultipartUpload"]
    assert calls().count("UploadPartCopy") == 3
    assert headers(s3, bucket) == PROPERTIES
    assert content(s3, bucket) == data


@pytest.mark.usefixtures("at_aws")
def test_parts_have_the_keys_of_both_objects(
    task: Task, s3: Any, open_bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_encrypted_object, "COPY_LIMIT", 6 * MIB)
    data = b"0123456789abcdef" * (MIB * 7 // 16)
    s3.put_object(Bucket=open_bucket, Key="in.txt", Body=data, **SSE_C)
    own = {"encryption": "SSE-C", "customer_key": OTHER_KEY}
    done = copied(task, open_bucket, source={"customer_key": OWN_KEY}, **own)
    assert "UploadPartCopy" in done["actions"]
    assert content(s3, open_bucket, **{**SSE_C, "SSECustomerKey": OTHER_KEY}) == data


@pytest.mark.usefixtures("at_aws")
def test_a_copy_without_its_instruction_file_is_no_copy(task: Task, s3: Any, kms: Any, bucket: str) -> None:
    """It cannot be read, which the task says. It is copied again on demand."""
    seal(b"secret", OWN_KEY.encode(), in_file=True).put(s3, bucket, "in.txt")
    assert copied(task, bucket)["changed"]
    s3.delete_object(Bucket=bucket, Key="out.txt.instruction")
    failed = copied(task, bucket)
    assert (failed["failed"], failed["changed"], failed["error"]["kind"]) == (True, False, "not_authentic"), failed
    assert copied(task, bucket, overwrite="always")["actions"] == ["PutInstructionFile", "CopyObject"]
    opened = EncryptionClient(s3, kms).read(bucket, "out.txt", customer_key=OWN_KEY.encode())
    assert opened.content == b"secret"


@pytest.mark.usefixtures("at_aws")
def test_the_source_is_read_where_no_checksum_decides(task: Task, s3: Any, bucket: str, calls: Calls) -> None:
    """A checksum of parts says nothing of a copy in one part. The same bytes are found, and other ones too."""
    upload = s3.create_multipart_upload(
        Bucket=bucket, Key="in.txt", ChecksumAlgorithm="SHA256", ServerSideEncryption="aws:kms"
    )["UploadId"]
    where = {"Bucket": bucket, "Key": "in.txt", "UploadId": upload}
    sent = [
        s3.upload_part(**where, PartNumber=number, Body=part, ChecksumAlgorithm="SHA256")
        for number, part in enumerate((b"a" * 5 * MIB, b"b"), 1)
    ]
    parts = [
        {"PartNumber": number, "ETag": part["ETag"], "ChecksumSHA256": part["ChecksumSHA256"]}
        for number, part in enumerate(sent, 1)
    ]
    s3.complete_multipart_upload(**where, MultipartUpload={"Parts": parts})
    assert copied(task, bucket, encryption="SSE-KMS")["actions"] == ["CopyObject"]
    calls()
    assert not copied(task, bucket, encryption="SSE-KMS")["changed"]
    assert calls().count("GetObject") == 3 * 2  # the content, and that there is no instruction file
    s3.put_object(Bucket=bucket, Key="out.txt", Body=b"a" * 5 * MIB + b"c", ServerSideEncryption="aws:kms")
    assert copied(task, bucket)["changed"]


def test_an_earlier_version_is_restored(task: Task, s3: Any, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    old = s3.put_object(Bucket=bucket, Key="out.txt", Body=b"good")["VersionId"]
    s3.put_object(Bucket=bucket, Key="out.txt", Body=b"bad")
    done = copied(task, bucket, source={"key": "out.txt", "version_id": old})
    assert done["actions"] == ["CopyObject"]
    assert content(s3, bucket) == b"good"


@pytest.mark.usefixtures("at_aws")
def test_a_source_in_another_region_and_account(task: Task, s3: Any, lab: Any, bucket: str) -> None:
    """It is found by a redirect. Its owner may be named, and is compared."""
    other = lab.client("s3", region="eu-west-1", account="222222222222")
    other.create_bucket(Bucket="far", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    everything = {"Action": "s3:*", "Resource": ["arn:aws:s3:::far", "arn:aws:s3:::far/*"]}
    other.put_bucket_policy(
        Bucket="far",
        Policy=json.dumps({"Statement": {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, **everything}}),
    )
    other.put_object(Bucket="far", Key="in.txt", Body=b"text")
    done = copied(task, bucket, source={"bucket": "far", "expected_bucket_owner": "222222222222"})
    assert done["changed"]
    assert content(s3, bucket) == b"text"
    refused = copied(task, bucket, source={"bucket": "far", "expected_bucket_owner": ACCOUNT})
    assert refused["error"]["kind"] == "forbidden"


@pytest.mark.usefixtures("at_aws")
def test_the_source_may_not_change_before_the_copy(
    task: Task, s3: Any, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3.put_object(Bucket=bucket, Key="in.txt", Body=b"text")
    for change in (
        lambda: s3.put_object(Bucket=bucket, Key="in.txt", Body=b"other"),
        lambda: s3.delete_object(Bucket=bucket, Key="in.txt"),
    ):
        SdkCalls(monkeypatch).before("CopyObject", change)
        where = {"bucket": bucket, "key": "out.txt", "copy_src": {"bucket": bucket, "key": "in.txt"}}
        result = task("s3_encrypted_object", **where)
        assert (result["failed"], result["changed"], result["error"]["kind"]) == (True, False, "conflict"), result
        assert "Contents" not in s3.list_objects_v2(Bucket=bucket, Prefix="out")


@pytest.mark.parametrize("existing", [True, False])
@pytest.mark.parametrize("in_parts", [True, False])
def test_what_another_client_writes_meanwhile_stays(
    task: Task,
    s3: Any,
    bucket: str,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    existing: bool,
    in_parts: bool,
) -> None:
    """At AWS, and elsewhere for a copy in parts."""
    if in_parts:
        monkeypatch.setattr(s3_encrypted_object, "COPY_LIMIT", 6 * MIB)
    else:
        request.getfixturevalue("at_aws")
    s3.put_object(Bucket=bucket, Key="in.txt", Body=b"a" * 7 * MIB)
    if existing:
        s3.put_object(Bucket=bucket, Key="out.txt", Body=b"old")
    last = "CompleteMultipartUpload" if in_parts else "CopyObject"
    SdkCalls(monkeypatch).before(last, lambda: s3.put_object(Bucket=bucket, Key="out.txt", Body=b"of another client"))
    where = {"bucket": bucket, "key": "out.txt", "copy_src": {"bucket": bucket, "key": "in.txt"}}
    result = task("s3_encrypted_object", **where)
    assert (result["failed"], result["changed"], result["error"]["kind"]) == (True, False, "conflict"), result
    assert content(s3, bucket) == b"of another client"


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("existing", [True, False])
def test_a_lost_answer(task: Task, s3: Any, lab: Any, bucket: str, existing: bool) -> None:
    """The copy was made, which the object shows."""
    s3.put_object(Bucket=bucket, Key="in.txt", Body=b"text", **PROPERTIES)
    if existing:
        s3.put_object(Bucket=bucket, Key="out.txt", Body=b"old")
    lab.faults.add("lost_answer", operation="CopyObject")
    where = {"bucket": bucket, "key": "out.txt", "copy_src": {"bucket": bucket, "key": "in.txt"}}
    result = task("s3_encrypted_object", **where)
    assert (result.get("failed"), result["changed"]) == (None, True), result["msg"]
    assert content(s3, bucket) == b"text"


MISSING: dict[str, tuple[dict[str, Any], str, str]] = {
    "the object": ({"key": "none"}, "absent", "There is no object 'none' in the bucket example-bucket to copy."),
    "the version": ({"version_id": "a" * 32}, "invalid", "Check version_id"),
    "the key": ({"key": "own"}, "wrong_key", "customer_key_file of copy_src"),
    "another key": ({"key": "own", "customer_key": OTHER_KEY}, "wrong_key", "customer_key_file of copy_src"),
    "the key of an envelope": ({"key": "cse"}, "wrong_key", "customer_key_file of copy_src"),
    "an archive": ({"key": "cold"}, "invalid", "cannot be copied: it is archived in GLACIER"),
    "no key": ({"customer_key": "short"}, "invalid", "copy_src: customer_key"),
    "an empty key": ({"key": ""}, "invalid", "copy_src: key is empty"),
    "no bucket": ({"bucket": ""}, "invalid", "copy_src: bucket is empty"),
    "itself": ({"key": "out.txt"}, "invalid", "copy_src is example-bucket/out.txt, the object itself"),
}


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("row", list(MISSING))
def test_a_source_that_cannot_be_copied(task: Task, s3: Any, open_bucket: str, row: str) -> None:
    """In a check run, too. Nothing is written."""
    suboptions, kind, words = MISSING[row]
    s3.put_bucket_versioning(Bucket=open_bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=open_bucket, Key="in.txt", Body=b"text")
    s3.put_object(Bucket=open_bucket, Key="own", Body=b"text", **SSE_C)
    s3.put_object(Bucket=open_bucket, Key="cold", Body=b"text", StorageClass="GLACIER")
    seal(b"text", OWN_KEY.encode()).put(s3, open_bucket, "cse")
    result = copied(task, open_bucket, source=suboptions, encryption="SSE-S3")
    assert (result["failed"], result.get("changed", False)) == (True, False)
    assert result["error"]["kind"] == kind, result["msg"]
    assert words in result["msg"]
    assert "Contents" not in s3.list_objects_v2(Bucket=open_bucket, Prefix="out")


def test_a_bucket_that_an_earlier_task_makes(task: Task, s3: Any, bucket: str) -> None:
    """A check run goes on, for a source and for both. A real run fails, and names the bucket."""
    where = {"bucket": bucket, "key": "out.txt", "copy_src": {"bucket": "later", "key": "in.txt"}}
    for existing in (False, True):
        predicted = task("s3_encrypted_object", check=True, **where)
        assert (predicted["changed"], predicted["not_there_yet"]) == (True, ["later"])
        assert predicted["actions"] == ["CopyObject"]
        failed = task("s3_encrypted_object", **where)
        assert (failed["failed"], failed["changed"], failed["error"]["resource"]) == (True, False, "later/in.txt")
        if not existing:
            s3.put_object(Bucket=bucket, Key="out.txt", Body=b"old")
    both = task("s3_encrypted_object", check=True, **{**where, "bucket": "also-later"})
    assert both["not_there_yet"] == ["also-later", "later"]
    encrypted = task("s3_encrypted_object", check=True, **where, encryption="CSE-C", customer_key=OWN_KEY)
    assert (encrypted["changed"], encrypted["not_there_yet"]) == (True, ["later"])


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("in_file", [True, False])
@pytest.mark.parametrize("old", [True, False])
def test_an_envelope_is_copied_without_its_key(
    task: Task, s3: Any, kms: Any, bucket: str, in_file: bool, old: bool
) -> None:
    """Of the formats V3 and V2. The copy is compared as it is stored, and another client reads it."""
    make = seal_v2 if old else seal
    sealed = make(b"secret", OWN_KEY.encode(), in_file=in_file)
    replace(sealed, metadata={**sealed.metadata, "owner": "ann"}).put(s3, bucket, "in.txt")
    done = copied(task, bucket)
    assert done["actions"] == (["PutInstructionFile", "CopyObject"] if in_file else ["CopyObject"])
    if not old:
        read = EncryptionClient(s3, kms).read(bucket, "out.txt", customer_key=OWN_KEY.encode())
        assert (read.content, read.in_file) == (b"secret", in_file)
    dest = task("s3_encrypted_object_info", bucket=bucket, key="out.txt")
    assert dest["objects"][0]["metadata"] == {"owner": "ann"}
    make(b"new secret", OWN_KEY.encode(), in_file=in_file).put(s3, bucket, "in.txt")
    if in_file and old:
        where = {"bucket": bucket, "key": "out.txt", "copy_src": {"bucket": bucket, "key": "in.txt"}}
        refused = task("s3_encrypted_object", **where)
        assert "there is another instruction file already" in refused["msg"], refused
        return
    done = copied(task, bucket)
    assert done["changed"]
    assert any("is not used" in warning for warning in done.get("warnings", ())) is in_file
    if not old:
        read = EncryptionClient(s3, kms).read(bucket, "out.txt", customer_key=OWN_KEY.encode())
        assert (read.content, read.in_file) == (b"new secret", False)


@pytest.mark.usefixtures("at_aws")
def test_only_the_data_key_is_encrypted_again(
    task: Task, s3: Any, kms: Any, bucket: str, key_arn: str, calls: Calls
) -> None:
    """For another key of the same kind, and for another kind. The content does not pass this host."""
    assert key_arn
    seal(b"secret", OWN_KEY.encode()).put(s3, bucket, "in.txt")
    own = {"customer_key": OWN_KEY}
    for options in ({"encryption": "CSE-C", "customer_key": OTHER_KEY}, {"encryption": "CSE-KMS", "kms_key": key_arn}):
        calls()
        done = copied(task, bucket, source=own, **options, overwrite="always")
        assert done["actions"] == ["CopyObject"]
        assert "PutObject" not in calls()
    assert EncryptionClient(s3, kms).read(bucket, "out.txt").content == b"secret"


@pytest.mark.usefixtures("at_aws")
def test_a_kms_key_of_an_unknown_account_opens_nothing(task: Task, s3: Any, lab: Any, bucket: str) -> None:
    """Anyone who can write to the bucket of the source can put an object there under a key of their own."""
    other = lab.client("kms", region=REGION, account="222222222222")
    statement = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    foreign = other.create_key(Policy=policy, BypassPolicyLockoutSafetyCheck=True)["KeyMetadata"]["Arn"]
    seal_by_kms(b"secret", other, foreign).put(s3, bucket, "in.txt")
    refused = copied(task, bucket, encryption="SSE-S3")
    assert (refused["error"]["kind"], refused["error"]["resource"]) == ("wrong_key", foreign)
    assert "Set expected_bucket_owner of copy_src" in refused["msg"]
    assert copied(task, bucket)["actions"] == ["CopyObject"]  # as it is


@pytest.mark.usefixtures("at_aws")
def test_a_damaged_source_is_never_copied_decrypted(task: Task, s3: Any, bucket: str) -> None:
    """The content is authenticated before the upload ends."""
    sealed = seal(b"secret", OWN_KEY.encode())
    sealed.put(s3, bucket, "in.txt")
    found = s3.get_object(Bucket=bucket, Key="in.txt")
    data = bytearray(found["Body"].read())
    data[0] ^= 1
    s3.put_object(Bucket=bucket, Key="in.txt", Body=bytes(data), Metadata=found["Metadata"])
    where = {"bucket": bucket, "key": "out.txt"}
    source = {"bucket": bucket, "key": "in.txt", "customer_key": OWN_KEY}
    result = task("s3_encrypted_object", **where, copy_src=source, encryption="SSE-S3")
    assert (result["failed"], result["changed"], result["error"]["kind"]) == (True, False, "not_authentic"), result
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket, Prefix="out")


NO_COPY = ("x-amz-copy-source*", "x-amz-metadata-directive", "x-amz-tagging-directive")
LIES: dict[str, tuple[Lie, dict[str, Any], str]] = {
    "the source is ignored": (
        Lie(drops=NO_COPY),
        {},
        "and the copy has another content of",
    ),
    "the bytes are broken": (Lie(breaks="bytes"), {"encryption": "SSE-KMS"}, "has other bytes since then"),
    "the tags are dropped": (Lie(drops=("x-amz-tagging",)), {}, "The tags of example-bucket/out.txt were written"),
}


@pytest.mark.parametrize("row", list(LIES))
def test_a_store_has_to_prove_a_copy(
    task: Task, s3: Any, lab: Any, bucket: str, monkeypatch: pytest.MonkeyPatch, row: str
) -> None:
    lie, options, words = LIES[row]
    s3.put_object(Bucket=bucket, Key="in.txt", Body=b"text", **PROPERTIES)
    with lying_store(lab.url, lie) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        where = {"bucket": bucket, "key": "out.txt", "copy_src": {"bucket": bucket, "key": "in.txt"}}
        result = task("s3_encrypted_object", **where, **options)
    assert (result.get("failed"), result["changed"], result["error"]["kind"]) == (True, True, "unverified"), result[
        "msg"
    ]
    assert words in result["msg"]


def test_no_key_of_the_source_is_shown(task: Task, s3: Any, open_bucket: str, tmp_path: Path) -> None:
    """Neither a key, nor a key that is given as the name of its file."""
    s3.put_object(Bucket=open_bucket, Key="in.txt", Body=b"text", **SSE_C)
    done = copied(task, open_bucket, source={"customer_key": OWN_KEY})
    assert done["changed"]
    assert OWN_KEY not in str(done)
    wrong = copied(task, open_bucket, source={"customer_key_file": OWN_KEY})
    assert "copy_src.customer_key_file is the name of a file" in wrong["msg"]
    assert OWN_KEY not in str(wrong)
    (tmp_path / "key").write_text(OWN_KEY)
    assert not copied(task, open_bucket, source={"customer_key_file": str(tmp_path / "key")}).get("failed")

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Stores that accept a request and do not carry it out: nothing that is not proven ends as ok."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import Task
from .lying_store import Lie, lying_store

KEY, OTHER_KEY = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"
PLAIN_SSE_C = Lie(echoes_customer_keys=True)
SSE_C = {"encryption": "SSE-C", "customer_key": KEY}
CSE_C = {"encryption": "CSE-C", "customer_key": KEY}

# A lie, the object that exists (None: none), the options of the task, and words of the error.
ROWS: dict[str, tuple[Lie, bytes | None, dict[str, Any], str]] = {
    "the content type is dropped": (
        Lie(drops=("content-type",)),
        None,
        {"content": "x", "content_type": "text/css"},
        "content_type 'text/css', but is reported with 'binary/octet-stream'",
    ),
    "the cache control is dropped": (
        Lie(drops=("cache-control",)),
        None,
        {"content": "x", "cache_control": "no-cache"},
        "cache_control 'no-cache', but is reported with none",
    ),
    "a copy drops the content encoding": (
        Lie(drops=("content-encoding",)),
        b"x",
        {"content_encoding": "gzip"},
        "content_encoding 'gzip'",
    ),
    "the metadata is dropped": (
        Lie(drops=("x-amz-meta-*",)),
        None,
        {"content": "x", "metadata": {"a": "b"}},
        "metadata {'a': 'b'}, but is reported with {}",
    ),
    "the storage class is dropped": (
        Lie(drops=("x-amz-storage-class",)),
        None,
        {"content": "x", "storage_class": "STANDARD_IA"},
        "storage_class 'STANDARD_IA'",
    ),
    "the tags of an upload are dropped": (
        Lie(drops=("x-amz-tagging",)),
        None,
        {"content": "x", "tags": {"team": "a"}},
        "reported otherwise: team",
    ),
    "tags are ignored": (Lie(ignores=("PUT ?tagging",)), b"x", {"tags": {"team": "a"}}, "reported otherwise: team"),
    "merged tags are ignored": (
        Lie(ignores=("PUT ?tagging",)),
        b"x",
        {"tags": {"team": "a"}, "purge_tags": False},
        "reported otherwise: team",
    ),
    "the encryption is dropped": (
        Lie(drops=("x-amz-server-side-encryption*",)),
        None,
        {"content": "x", "encryption": "SSE-KMS"},
        "was written as SSE-KMS, but is reported as SSE-S3",
    ),
    "a customer key is echoed": (PLAIN_SSE_C, None, {"content": "x", **SSE_C}, "may be readable without the key"),
    "a customer key is echoed in a copy": (PLAIN_SSE_C, b"x", SSE_C, "may be readable without the key"),
    "an empty object under an echoed key": (PLAIN_SSE_C, None, {"content": "", **SSE_C}, "readable without the key"),
    "an archived object under an echoed key": (
        PLAIN_SSE_C,
        None,
        {"content": "x", "storage_class": "GLACIER", **SSE_C},
        "may be readable without the key",
    ),
    "any customer key is accepted": (
        Lie(accepts_any_customer_key=True),
        None,
        {"content": "x", **SSE_C},
        "answers a request with another key",
    ),
    "the source of a copy is ignored": (
        Lie(drops=("x-amz-copy-source*", "x-amz-metadata-directive", "x-amz-tagging-directive")),
        b"x",
        {"content_type": "text/css"},
        "had 1 bytes, was copied onto itself, and has another content of 0 bytes",
    ),
    "there is no KMS": (
        Lie(hides=("x-amz-server-side-encryption-aws-kms-key-id",)),
        None,
        {"content": "x", "encryption": "SSE-KMS"},
        "is reported as SSE-KMS without a KMS key",
    ),
    "a copy breaks the bytes": (Lie(breaks="bytes"), b"x", {"encryption": "SSE-KMS"}, "has other bytes since then"),
    "a copy breaks the reads": (Lie(breaks="reads"), b"x", {"encryption": "SSE-KMS"}, "cannot be read since then"),
    "another checksum is reported": (
        Lie(replaces={"x-amz-checksum-sha256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}),
        None,
        {"content": "x"},
        "the SHA256 LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=, but is reported with 1 bytes",
    ),
    "another checksum of parts is reported": (
        Lie(replaces={"x-amz-checksum-crc64nvme": "AAAAAAAAAAA="}),
        None,
        {"content": "x" * (5 * 1024 * 1024 + 1), "part_size": "5MiB"},
        "reported with 5242881 bytes and AAAAAAAAAAA=",
    ),
    "the envelope is dropped": (
        Lie(drops=("x-amz-meta-*",)),
        None,
        {"content": "x", **CSE_C},
        "was written with an envelope of client-side encryption in its metadata, but is reported with another one",
    ),
    "a part of the envelope is dropped": (
        Lie(drops=("x-amz-meta-x-amz-d",)),
        None,
        {"content": "x", **CSE_C},
        "was written with an envelope of client-side encryption in its metadata, but is reported with another one",
    ),
    "the ciphertext is damaged": (Lie(damages="*/a.bin"), None, {"content": "x", **CSE_C}, "has other bytes"),
    "the instruction file is lost": (
        Lie(loses="*.instruction"),
        None,
        {"content": "x", "envelope": "instruction_file", **CSE_C},
        "The instruction file of example-bucket/a.bin was written, but the store returns another content",
    ),
    "the instruction file is damaged": (
        Lie(damages="*.instruction"),
        None,
        {"content": "x", "envelope": "instruction_file", **CSE_C},
        "The instruction file of example-bucket/a.bin was written, but the store returns another content",
    ),
    "a deletion is ignored": (Lie(ignores=("DELETE",)), b"x", {"state": "absent"}, "still answers requests for it"),
}

SECOND_RUN_SUCCEEDS = (
    "the tags of an upload are dropped",
    "a copy breaks the bytes",
    "a copy breaks the reads",
    "the source of a copy is ignored",
    "the ciphertext is damaged",
    "the instruction file is damaged",
)


@pytest.mark.parametrize("row", list(ROWS))
def test_what_a_store_does_not_do_is_unverified(
    task: Task, open_bucket: str, s3: Any, lab: Any, monkeypatch: pytest.MonkeyPatch, row: str
) -> None:
    """The error says what is not as written. It is never ok, mostly not even in a second run."""
    lie, existing, options, words = ROWS[row]
    if existing is not None:
        s3.put_object(Bucket=open_bucket, Key="a.bin", Body=existing)
    with lying_store(lab.url, lie) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        first = task("s3_encrypted_object", bucket=open_bucket, key="a.bin", **options)
        second = task("s3_encrypted_object", bucket=open_bucket, key="a.bin", **options)
    assert (first.get("failed"), first["changed"], first["error"]["kind"]) == (True, True, "unverified"), first["msg"]
    assert words in first["msg"]
    # The second run writes the tags otherwise, cannot see what the bytes were before, and does not use a damaged file.
    assert second.get("failed") or row in SECOND_RUN_SUCCEEDS, second


# A lie about copies, what the object was put with, and words of the error.
COPIES: dict[str, tuple[Lie, dict[str, Any], str]] = {
    "the tags are dropped": (
        Lie(changes={"x-amz-tagging-directive": "REPLACE"}),
        {"Tagging": "team=a&stage=b"},
        "reported with 0 instead of 2 tags",
    ),
    "the grants are dropped": (
        Lie(drops=("x-amz-grant-*",)),
        {"ACL": "public-read"},
        "READ to http://acs.amazonaws.com/groups/global/AllUsers, but is reported with a private ACL",
    ),
    "a hold is dropped": (
        Lie(drops=("x-amz-object-lock-legal-hold",)),
        {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": "2999-01-01", "ObjectLockLegalHoldStatus": "ON"},
        "and a legal hold), but is reported with GOVERNANCE until 2999-01-01T00:00:00+00:00.",
    ),
    "the end of a lock is another": (
        Lie(changes={"x-amz-object-lock-retain-until-date": "2998-01-01T00:00:00Z"}),
        {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": "2999-01-01"},
        "but is reported with GOVERNANCE until 2998-01-01T00:00:00+00:00.",
    ),
}


@pytest.mark.parametrize("row", list(COPIES))
def test_a_copy_that_loses_what_it_was_to_keep_is_unverified(
    task: Task, s3: Any, lab: Any, monkeypatch: pytest.MonkeyPatch, row: str
) -> None:
    """Tags, grants and locks that the task does not name."""
    lie, options, words = COPIES[row]
    s3.create_bucket(
        Bucket="example-bucket", ObjectOwnership="ObjectWriter", ObjectLockEnabledForBucket="ObjectLockMode" in options
    )
    s3.delete_public_access_block(Bucket="example-bucket")
    s3.put_object(Bucket="example-bucket", Key="a", Body=b"x", ChecksumAlgorithm="SHA256", **options)
    with lying_store(lab.url, lie) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        copied = task("s3_encrypted_object", bucket="example-bucket", key="a", content_type="text/css")
    assert (copied.get("failed"), copied["changed"], copied["error"]["kind"]) == (True, True, "unverified"), copied
    assert words in copied["msg"]


def test_an_object_under_an_echoed_key_is_not_trusted(
    task: Task, open_bucket: str, s3: Any, lab: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The store returns it without the key, or with another one. It can be deleted, or written otherwise."""
    where = {"bucket": open_bucket, "key": "a"}
    with lying_store(lab.url, PLAIN_SSE_C) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        task("s3_encrypted_object", content="x", **where, **SSE_C)
        lab.calls.clear()
        refused = task("s3_encrypted_object", content="secret", **where, **SSE_C)
        assert (refused["changed"], refused["error"]["kind"]) == (False, "unverified")
        assert list(lab.calls.writes()) == []
        other: dict[str, Any] = {"customer_key": OTHER_KEY}
        # The store gets the key first only if the task names SSE-C.
        for keys, named, how in (
            ({}, {}, "without a key"),
            (other, {}, "without a key"),
            (other, SSE_C, "another key"),
        ):
            options = {**where, **named, **keys}
            read = task("s3_encrypted_object_download", dest=str(tmp_path / "a"), **options)
            assert (read["changed"], read["error"]["kind"], how in read["msg"]) == (False, "unverified", True)
            assert task("s3_encrypted_object_info", **where, **keys)["error"]["kind"] == "unverified"
            (listed,) = task("s3_encrypted_object_info", bucket=open_bucket, prefix="", **keys)["objects"]
            assert listed["error"]["kind"] == "unverified"
        assert list(tmp_path.iterdir()) == []
        assert task("s3_encrypted_object", **where, encryption="SSE-S3")["changed"]
        assert not task("s3_encrypted_object", **where, state="absent").get("failed")


def test_a_download_with_any_key_is_not_trusted(
    task: Task, open_bucket: str, s3: Any, lab: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The store takes each key for the right one, so the key has decrypted nothing."""
    where = {"bucket": open_bucket, "key": "a"}
    with lying_store(lab.url, Lie(accepts_any_customer_key=True)) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        task("s3_encrypted_object", content="x", **where, **SSE_C)
        read = task("s3_encrypted_object_download", dest=str(tmp_path / "a"), customer_key=OTHER_KEY, **where)
    assert (read["changed"], read["error"]["kind"]) == (False, "unverified")
    assert list(tmp_path.iterdir()) == []


def test_another_store_has_to_prove_what_it_wrote(task: Task, open_bucket: str, calls: Callable[[], list[str]]) -> None:
    """The write is read back. A customer key has to be needed, and an object that is encrypted again readable."""
    options = {"bucket": open_bucket, "key": "a", "content": "text"}
    task("s3_encrypted_object", **options, encryption="SSE-C", customer_key=KEY, tags={"a": "b"})
    made = calls()
    assert made[made.index("PutObject") :] == ["PutObject", "HeadObject", "GetObject", "GetObject", "GetObjectTagging"]
    task("s3_encrypted_object", **options, encryption="SSE-S3", previous_customer_key=KEY)
    made = calls()
    assert made[made.index("CopyObject") - 1 :] == ["GetObject", "CopyObject", "HeadObject", "GetObject"]
    task("s3_encrypted_object", bucket=open_bucket, key="a", state="absent")
    assert calls() == ["HeadObject", "DeleteObject", "HeadObject"]


def test_an_encryption_without_its_key_is_warned_about(
    task: Task, bucket: str, s3: Any, lab: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a list and for one object."""
    for number in range(5):
        s3.put_object(Bucket=bucket, Key=f"a{number}", ServerSideEncryption="aws:kms")
    with lying_store(lab.url, ROWS["there is no KMS"][0]) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        (about_all,) = task("s3_encrypted_object_info", bucket=bucket, prefix="")["warnings"]
        (about_one,) = task("s3_encrypted_object_info", bucket=bucket, key="a0")["warnings"]
    assert (about_all.split(" as ")[0], about_one.split(" as ")[0]) == (
        "The store reports a0, a1, a2 and 2 more",
        "The store reports a0",
    )


def test_a_key_that_cannot_decrypt_is_named_after_the_write(
    task: Task, bucket: str, key_arn: str, lab: Any, s3: Any
) -> None:
    """Without kms:Decrypt, an object can be written, and not be read back."""
    lab.faults.add("deny", operation="kms:Decrypt", times=None)
    options = {"bucket": bucket, "key": "a", "content": "x", "encryption": "SSE-KMS", "kms_key": key_arn}
    result = task("s3_encrypted_object", **options)
    assert (result["failed"], result["changed"], result["error"]["kind"]) == (True, True, "forbidden")
    assert "example-bucket/a was written, but cannot be read back: " in result["msg"]
    assert "kms:Decrypt" in result["msg"]


def test_a_copy_that_is_archived_is_not_proven(task: Task, bucket: str, s3: Any) -> None:
    """An honest store, too, refuses to return its bytes. The message does not blame the encryption."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    where = {"bucket": bucket, "key": "a", "encryption": "SSE-KMS", "storage_class": "GLACIER"}
    result = task("s3_encrypted_object", **where)
    assert (result["error"]["kind"], result["changed"]) == ("unverified", True)
    assert "in GLACIER, where the store archives it, so its bytes cannot be read and compared" in result["msg"]
    assert not task("s3_encrypted_object", **where)["changed"]


def test_an_honest_store_proves_all(task: Task, open_bucket: str, lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same tasks succeed without a lie, and change nothing the second time."""
    with lying_store(lab.url, Lie()) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        for number, (_lie, existing, options, _words) in enumerate(ROWS.values()):
            where = {"bucket": open_bucket, "key": f"{number}.bin"}
            if existing is not None:
                task("s3_encrypted_object", content=existing.decode(), **where)
            first = task("s3_encrypted_object", **where, **options)
            assert (first.get("failed"), first["changed"]) == (None, True), first["msg"]
            second = task("s3_encrypted_object", **where, **options)
            assert (second.get("failed"), second["changed"]) == (None, False), second

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Multipart uploads, and multipart copies of objects that are too large for CopyObject."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.frontend.objects import s3_encrypted_object

from .conftest import Task
from .kind_rows import CUSTOMER_KEYS, ROWS
from .sdk_calls import SdkCalls
from .test_interruption import start, wait_for_the_delayed_call
from .test_preserved_attributes import ALL_USERS, OF_THE_WRITE, STRANGER, in_days, rich_bucket

__all__ = ["rich_bucket"]  # a fixture

OWN_KEY, OTHER_KEY = CUSTOMER_KEYS["first"], CUSTOMER_KEYS["second"]
# The options of each server-side kind, and the type that S3 reports for it. The others are in test_kinds.py.
KINDS: dict[str, tuple[dict[str, Any], str]] = {
    "bucket default": ({}, "SSE-S3"),
    **{name: (rows[0].options, name) for name, rows in ROWS.items() if not rows[0].client_side},
}
MIB = 1024**2
PART = 5 * MIB
UPLOAD = ["CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"]
COPY = ["CreateMultipartUpload", "UploadPartCopy", "CompleteMultipartUpload"]
CONTENT = os.urandom(11 * MIB)
# One attempt for each request, so that a test does not wait for the SDK.
ONCE = {"retries": {"total_max_attempts": 1}}


@pytest.fixture
def src(tmp_path: Path) -> Path:
    """A file of three parts."""
    path = tmp_path / "large.bin"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def small_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits CopyObject to 6 MiB."""
    monkeypatch.setattr(s3_encrypted_object, "COPY_LIMIT", 6 * MIB)


def read(s3: Any, bucket: str, options: dict[str, Any], key: str = "large") -> bytes:
    """The object's bytes; the options may name a customer key."""
    secret = options.get("customer_key")
    raw = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": secret} if secret else {}
    content: bytes = s3.get_object(Bucket=bucket, Key=key, **raw)["Body"].read()
    return content


def unfinished_uploads(s3: Any, bucket: str) -> list[str]:
    """The ids of uploads that are neither completed nor aborted."""
    return [upload["UploadId"] for upload in s3.list_multipart_uploads(Bucket=bucket).get("Uploads", ())]


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_file_is_uploaded_in_parts(
    task: Task, open_bucket: str, key_arn: str, s3: Any, src: Path, kind: str, calls: Callable[[], list[str]]
) -> None:
    """Predicted by check mode, uploaded with all properties, and compared with one HeadObject in the next run."""
    options, reported = KINDS[kind]
    task_options = {
        "bucket": open_bucket,
        "key": "large",
        "src": str(src),
        "part_size": "5MiB",
        "metadata": {"owner": "ann"},
        "tags": {"team": "blue"},
        "cache_control": "no-cache",
        **options,
    }
    predicted = task("s3_encrypted_object", check=True, **task_options)
    calls()
    done = task("s3_encrypted_object", **task_options)
    assert not done.get("failed"), done["msg"]
    assert done["actions"] == predicted["actions"] == UPLOAD
    assert done["diff"] == predicted["diff"]
    made = calls()
    assert made.count("UploadPart") == 3
    assert "PutObject" not in made
    reported_object = done["object"]
    assert (reported_object["size"], reported_object["metadata"], reported_object["tags"]) == (
        len(CONTENT),
        {"owner": "ann"},
        {"team": "blue"},
    )
    assert (reported_object["cache_control"], reported_object["encryption"]["type"]) == ("no-cache", reported)
    assert reported_object["checksum"] == predicted["object"]["checksum"]
    assert reported_object["checksum"]["type"] == "FULL_OBJECT"
    assert reported_object["etag"].endswith('-3"')
    assert read(s3, open_bucket, options) == CONTENT
    again = {name: value for name, value in task_options.items() if name != "tags"}
    calls()
    assert not task("s3_encrypted_object", **again)["changed"]
    # The alias is resolved, and another store than AWS has to refuse the first byte without a customer key.
    assert {*calls()} - {"DescribeKey"} == {"HeadObject", *(["GetObject"] if kind == "SSE-C" else [])}
    src.write_bytes(CONTENT[:-1] + b"?")
    assert task("s3_encrypted_object", **task_options)["actions"] == UPLOAD
    assert unfinished_uploads(s3, open_bucket) == []


@pytest.mark.parametrize("size", [0, 1, PART - 1, PART, PART + 1, 2 * PART, 2 * PART + 1])
def test_sizes_around_the_boundaries_of_parts(task: Task, bucket: str, s3: Any, tmp_path: Path, size: int) -> None:
    """The object is complete, and the same file is no change, also with another part_size."""
    (tmp_path / "src").write_bytes(CONTENT[:size])
    where = {"bucket": bucket, "key": "large", "src": str(tmp_path / "src")}
    done = task("s3_encrypted_object", part_size="5MiB", **where)
    assert done["actions"] == (UPLOAD if size > PART else ["PutObject"])
    assert read(s3, bucket, {}) == CONTENT[:size]
    assert not task("s3_encrypted_object", part_size="5MiB", **where)["changed"]
    assert not task("s3_encrypted_object", part_size="64MiB", **where)["changed"]


def test_a_whole_upload_equals_an_upload_in_parts(task: Task, bucket: str, src: Path) -> None:
    """An object that was uploaded with one request is unchanged for a task with a smaller part_size."""
    where = {"bucket": bucket, "key": "large", "src": str(src)}
    assert task("s3_encrypted_object", part_size="64MiB", **where)["actions"] == ["PutObject"]
    assert not task("s3_encrypted_object", part_size="5MiB", **where)["changed"]


def test_content_is_uploaded_in_parts(task: Task, bucket: str, s3: Any) -> None:
    """From memory, too, and not only from a file."""
    text = "0123456789abcdef" * (6 * MIB // 16)
    done = task("s3_encrypted_object", bucket=bucket, key="large", content=text, part_size="5MiB")
    assert done["actions"] == UPLOAD
    assert read(s3, bucket, {}) == text.encode()


def test_a_part_that_fails_is_sent_again(task: Task, bucket: str, s3: Any, src: Path, lab: Any) -> None:
    """After the retries of the SDK, the part is read from the file and sent again."""
    for fault in ("internal_error", "reset_before", "lost_answer"):
        lab.faults.add(fault, operation="UploadPart")
    options = {"bucket": bucket, "key": "large", "src": str(src), "part_size": "5MiB", "aws_config": ONCE}
    done = task("s3_encrypted_object", **options)
    assert not done.get("failed"), done["msg"]
    assert read(s3, bucket, {}) == CONTENT


@pytest.mark.parametrize("operation", ["CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"])
def test_a_failed_upload_leaves_no_parts(task: Task, bucket: str, s3: Any, src: Path, lab: Any, operation: str) -> None:
    """No new object and no parts exist; the former object stays."""
    s3.put_object(Bucket=bucket, Key="large", Body=b"before")
    lab.faults.add("throttle", operation=operation, times=None)
    options = {"bucket": bucket, "key": "large", "src": str(src), "part_size": "5MiB", "aws_config": ONCE}
    result = task("s3_encrypted_object", **options)
    assert (result["failed"], result["changed"], result["actions"]) == (True, False, [])
    assert operation in result["msg"]
    assert unfinished_uploads(s3, bucket) == []
    assert read(s3, bucket, {}) == b"before"


def test_an_upload_that_a_lost_answer_left_is_reported(task: Task, bucket: str, s3: Any, src: Path, lab: Any) -> None:
    """The SDK sends CreateMultipartUpload again, and the first upload stays. No list proves that it is ours."""
    options = {"bucket": bucket, "key": "large", "src": str(src), "part_size": "5MiB"}
    lab.faults.add("lost_answer", operation="CreateMultipartUpload")
    done = task("s3_encrypted_object", **options)
    (left,) = unfinished_uploads(s3, bucket)
    (warning,) = done["warnings"]
    assert (done["changed"], f"{left} (begun " in warning, "AbortMultipartUpload" in warning) == (True, True, True)
    lab.faults.add("lost_answer", operation="CreateMultipartUpload")
    failed = task("s3_encrypted_object", aws_config=ONCE, overwrite="always", **options)
    assert (failed["failed"], failed["changed"]) == (True, False)
    assert all(f"{upload} (begun " in failed["msg"] for upload in unfinished_uploads(s3, bucket))


def test_parts_that_cannot_be_removed_are_reported(task: Task, bucket: str, s3: Any, src: Path, lab: Any) -> None:
    """With the id of the upload, and how to remove them."""
    lab.faults.add("throttle", operation="UploadPart", times=None)
    lab.faults.add("deny", operation="s3:AbortMultipartUpload", times=None)
    options = {"bucket": bucket, "key": "large", "src": str(src), "part_size": "5MiB", "aws_config": ONCE}
    result = task("s3_encrypted_object", **options)
    (upload_id,) = unfinished_uploads(s3, bucket)
    assert upload_id in result["msg"]
    for word in ("UploadPart", "AbortMultipartUpload", "lifecycle rule"):
        assert word in result["msg"]
    assert result["error"]["kind"] == "throttled"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_upload_leaves_no_parts(bucket: str, s3: Any, src: Path, lab: Any, number: int) -> None:
    """The signal aborts the upload. A terminal that is closed sends SIGHUP."""
    lab.faults.add("delay", operation="UploadPart", seconds=2, times=None)
    process = start("s3_encrypted_object", bucket=bucket, key="large", src=str(src), part_size="5MiB")
    wait_for_the_delayed_call(lab)
    assert unfinished_uploads(s3, bucket)
    process.send_signal(number)
    assert process.wait(20) != 0
    assert unfinished_uploads(s3, bucket) == []
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


@pytest.mark.parametrize(
    ("before", "written", "words"),
    [
        pytest.param(None, b"theirs", "changed by another client", id="new"),
        pytest.param(b"before", b"theirs", "changed by another client", id="existing"),
        pytest.param(b"before", b"before", "perhaps with the same content", id="the same content again"),
    ],
)
def test_a_concurrent_write_is_not_overwritten(
    task: Task,
    bucket: str,
    s3: Any,
    src: Path,
    monkeypatch: pytest.MonkeyPatch,
    before: bytes | None,
    written: bytes,
    words: str,
) -> None:
    """The task reports a conflict, and no parts remain."""
    if before:
        s3.put_object(Bucket=bucket, Key="large", Body=before)
    write = partial(s3.put_object, Bucket=bucket, Key="large", Body=written)
    SdkCalls(monkeypatch).before("CompleteMultipartUpload", write)
    result = task("s3_encrypted_object", bucket=bucket, key="large", src=str(src), part_size="5MiB")
    assert (result["error"]["kind"], result["changed"], words in result["msg"]) == ("conflict", False, True), result
    assert read(s3, bucket, {}) == written
    assert unfinished_uploads(s3, bucket) == []


@pytest.mark.parametrize("fault", ["lost_answer", "reset_after"])
def test_an_upload_whose_last_response_is_lost_is_recognised(
    task: Task, bucket: str, s3: Any, src: Path, lab: Any, fault: str
) -> None:
    """S3 answers the retry of the SDK as the first attempt, which has completed the upload."""
    lab.faults.add(fault, operation="CompleteMultipartUpload")
    result = task("s3_encrypted_object", bucket=bucket, key="large", src=str(src), part_size="5MiB")
    assert not result.get("failed"), result["msg"]
    assert result["changed"]
    assert read(s3, bucket, {}) == CONTENT


def grow(path: Path) -> None:
    """Append to the file."""
    with path.open("ab") as file:
        file.write(b"more")


def shrink(path: Path) -> None:
    """Truncate the file."""
    os.truncate(path, MIB)


def rewrite(path: Path) -> None:
    """Write other bytes of the same size, and restore the time of the last change."""
    status = path.stat()
    with path.open("r+b") as file:
        file.write(b"other")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.mark.parametrize("change", [grow, shrink, rewrite])
def test_a_file_that_changes_during_the_upload_is_a_conflict(
    task: Task,
    bucket: str,
    s3: Any,
    src: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Path], None],
) -> None:
    """The upload ends at once, and nothing is written."""
    operation = "UploadPart" if change is grow else "CreateMultipartUpload"
    SdkCalls(monkeypatch).before(operation, partial(change, src))
    result = task("s3_encrypted_object", bucket=bucket, key="large", src=str(src), part_size="5MiB")
    assert (result["error"]["kind"], result["changed"]) == ("conflict", False), result
    assert "changed" in result["msg"]
    assert unfinished_uploads(s3, bucket) == []
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_a_file_that_shrinks_during_a_single_upload_is_a_conflict(
    task: Task, bucket: str, s3: Any, src: Path, monkeypatch: pytest.MonkeyPatch, calls: Callable[[], list[str]]
) -> None:
    """The task fails at once; S3 does not wait for the missing bytes."""
    SdkCalls(monkeypatch).before("PutObject", partial(shrink, src))
    result = task("s3_encrypted_object", bucket=bucket, key="large", src=str(src))
    assert (result["error"]["kind"], result["changed"]) == ("conflict", False), result
    assert "changed while it was read" in result["msg"]
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


@pytest.mark.parametrize("after", [name for name in KINDS if name != "bucket default"])
@pytest.mark.parametrize("before", [name for name in KINDS if name != "bucket default"])
@pytest.mark.usefixtures("small_copies")
def test_a_multipart_copy_changes_from_any_encryption_to_any_other(
    task: Task, open_bucket: str, key_arn: str, s3: Any, src: Path, before: str, after: str
) -> None:
    """It keeps all attributes that CopyObject would keep."""
    where = {"bucket": open_bucket, "key": "large"}
    kept: dict[str, Any] = {"metadata": {"owner": "ann"}, "tags": {"team": "blue"}, "content_language": "de"}
    first = task("s3_encrypted_object", **where, src=str(src), part_size="5MiB", **kept, **KINDS[before][0])["object"]
    options = dict(KINDS[after][0])
    if before == "SSE-C":
        options["previous_customer_key"] = OWN_KEY
    if before == after:
        options |= {"customer_key": OTHER_KEY} if after == "SSE-C" else {"cache_control": "no-cache"}
    predicted = task("s3_encrypted_object", check=True, **where, **options)
    done = task("s3_encrypted_object", **where, **options)
    assert not done.get("failed"), done["msg"]
    assert done["actions"] == predicted["actions"] == COPY
    assert done["diff"] == predicted["diff"]
    reported_object = done["object"]
    for name in ("metadata", "tags", "content_language", "content_type", "storage_class", "checksum", "size"):
        assert reported_object[name] == first[name], name
    assert reported_object["encryption"]["type"] == KINDS[after][1]
    assert read(s3, open_bucket, options) == CONTENT
    options.pop("previous_customer_key", None)
    assert not task("s3_encrypted_object", **where, src=str(src), **options)["changed"]
    assert unfinished_uploads(s3, open_bucket) == []


@pytest.mark.usefixtures("small_copies")
def test_a_multipart_copy_keeps_all_attributes(task: Task, rich_bucket: str, s3: Any) -> None:
    """Also lock, ACL, redirect, expiry, storage class and checksum algorithm, which the new upload has to name."""
    s3.put_object(
        Bucket=rich_bucket, Key="large", Body=CONTENT, ChecksumAlgorithm="CRC32C", ContentType="text/html",
        Expires=in_days(365), WebsiteRedirectLocation="/there", StorageClass="STANDARD_IA", Tagging="a=1&b=%C3%BC",
        ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=in_days(30), ObjectLockLegalHoldStatus="ON",
        GrantFullControl=f'id="{s3.list_buckets()["Owner"]["ID"]}"', GrantRead=f'uri="{ALL_USERS}", id="{STRANGER}"',
    )  # fmt: skip

    def attributes() -> dict[str, Any]:
        head = s3.head_object(Bucket=rich_bucket, Key="large", ChecksumMode="ENABLED")
        kept = {name: value for name, value in head.items() if name not in OF_THE_WRITE}
        return {**kept, "acl": s3.get_object_acl(Bucket=rich_bucket, Key="large")["Grants"]}

    was = attributes()
    done = task("s3_encrypted_object", bucket=rich_bucket, key="large", encryption="SSE-KMS")
    assert not done.get("failed"), done["msg"]
    assert done["actions"] == COPY
    assert attributes() == was
    assert read(s3, rich_bucket, {}) == CONTENT


@pytest.mark.usefixtures("small_copies", "at_aws")
def test_the_calls_of_a_multipart_copy(task: Task, bucket: str, src: Path, calls: Callable[[], list[str]]) -> None:
    """The tags are read, because the new upload has to name them; and whether annotations would be lost.

    The answer of an upload in parts proves it, so that nothing is read after it.
    """
    calls()
    uploaded = task("s3_encrypted_object", bucket=bucket, key="large", src=str(src), part_size="5MiB")
    assert (uploaded["object"]["last_modified"], calls()[-1]) == (None, "CompleteMultipartUpload")
    options = {"bucket": bucket, "key": "large", "encryption": "SSE-KMS", "change_method": "copy"}
    result = task("s3_encrypted_object", **options)
    assert result["actions"] == COPY
    assert result["object"]["checksum"]["type"] == "FULL_OBJECT"
    made = calls()
    assert made == [
        "HeadObject",
        "GetObjectTagging",
        "GetObjectAcl",
        "ListObjectAnnotations",
        "CreateMultipartUpload",
        "UploadPartCopy",
        "UploadPartCopy",
        "CompleteMultipartUpload",
        "HeadObject",
    ]


@pytest.mark.usefixtures("small_copies")
def test_a_write_during_a_multipart_copy_is_not_overwritten(
    task: Task, bucket: str, s3: Any, src: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The object is not a mixture of two objects; the other client's write stays."""
    task("s3_encrypted_object", bucket=bucket, key="large", src=str(src))
    write = partial(s3.put_object, Bucket=bucket, Key="large", Body=CONTENT[::-1])
    SdkCalls(monkeypatch).before("UploadPartCopy", write, after=1)
    result = task("s3_encrypted_object", bucket=bucket, key="large", encryption="SSE-KMS", concurrency=1)
    assert (result["error"]["kind"], result["changed"]) == ("conflict", False)
    assert read(s3, bucket, {}) == CONTENT[::-1]
    assert unfinished_uploads(s3, bucket) == []


@pytest.mark.usefixtures("small_copies")
def test_a_multipart_copy_that_would_lose_unreadable_tags_is_refused(
    task: Task, bucket: str, src: Path, lab: Any
) -> None:
    """The task has to name all tags."""
    where = {"bucket": bucket, "key": "large"}
    task("s3_encrypted_object", **where, src=str(src), tags={"team": "blue"})
    lab.faults.add("deny", operation="s3:GetObjectTagging", times=None)
    error = task("s3_encrypted_object", **where, encryption="SSE-KMS")
    assert "would lose the tags" in error["msg"]


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"part_size": "1MiB"}, "5MiB to 5GiB"),
        ({"part_size": "big"}, "'big' is not a size"),
        ({"concurrency": 0}, "concurrency: 0"),
        ({"concurrency": 1000}, "concurrency: 1000"),
    ],
)
def test_options_out_of_bounds_are_refused(
    task: Task, bucket: str, calls: Callable[[], list[str]], option: dict[str, Any], message: str
) -> None:
    """Before any call."""
    result = task("s3_encrypted_object", bucket=bucket, key="a", content="x", **option)
    assert result["error"]["kind"] == "invalid"
    assert message in result["msg"]
    assert calls() == []


def test_a_multipart_copy_and_annotations(
    task: Task, bucket: str, s3: Any, small_copies: None, lab: Any, at_aws: None
) -> None:
    """It would lose them, so it is refused; without permission to read them, it warns, in check mode, too."""
    s3.put_object(Bucket=bucket, Key="large", Body=CONTENT)
    s3.put_object_annotation(Bucket=bucket, Key="large", AnnotationName="labels", AnnotationPayload=b"cat")
    options = {"bucket": bucket, "key": "large", "encryption": "SSE-KMS", "change_method": "copy"}
    for check in (True, False):
        assert "a copy in parts keeps none" in task("s3_encrypted_object", check=check, **options)["msg"]
    lab.faults.add("deny", operation="s3:ListObjectAnnotations", times=None)
    for check in (True, False):
        result = task("s3_encrypted_object", check=check, **options)
        assert not result.get("failed"), result
        assert any("The annotations of example-bucket/large cannot be read" in each for each in result["warnings"])
        assert (result["diff"]["before"]["annotations"], result["diff"]["after"]["annotations"]) == ("unknown", "none")


@pytest.mark.parametrize("in_parts", [False, True])
def test_the_diff_of_a_copy_of_an_object_with_a_composite_checksum(
    task: Task, bucket: str, s3: Any, monkeypatch: pytest.MonkeyPatch, in_parts: bool
) -> None:
    """The copy gets a checksum of the whole object, whose value is not known before. Both modes have the same diff."""
    if in_parts:
        monkeypatch.setattr(s3_encrypted_object, "COPY_LIMIT", 6 * MIB)
    where = {"Bucket": bucket, "Key": "large"}
    upload = s3.create_multipart_upload(**where, ChecksumAlgorithm="SHA256", ChecksumType="COMPOSITE")["UploadId"]
    sent = []
    for number, body in enumerate((CONTENT[:PART], CONTENT[PART:]), 1):
        part = s3.upload_part(**where, UploadId=upload, PartNumber=number, Body=body, ChecksumAlgorithm="SHA256")
        sent.append({"PartNumber": number, "ETag": part["ETag"], "ChecksumSHA256": part["ChecksumSHA256"]})
    s3.complete_multipart_upload(**where, UploadId=upload, MultipartUpload={"Parts": sent})
    options = {"bucket": bucket, "key": "large", "encryption": "SSE-KMS"}
    predicted = task("s3_encrypted_object", check=True, **options)
    done = task("s3_encrypted_object", **options)
    assert predicted["diff"] == done["diff"]
    assert done["diff"]["before"]["checksum"]["type"] == "COMPOSITE"
    after = done["diff"]["after"]["checksum"]
    assert (after["type"], after["value"]) == ("FULL_OBJECT", None)
    made = done["object"]["checksum"]
    assert (made["type"], predicted["object"]["checksum"]) == ("FULL_OBJECT", {**made, "value": None})

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Objects in parts: uploads above one part, and copies above what CopyObject takes. Whole, or not at all."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws.objects.s3_objects import S3Objects
from ansible_collections.sealed.s3.plugins.module_utils.frontend.objects import s3_encrypted_object

from .conftest import Task
from .sdk_calls import SdkCalls
from .test_carrying import ALL_USERS, OF_THE_WRITE, STRANGER, in_days, rich_bucket
from .test_interruption import start, wait_for_the_delayed_call
from .test_objects import KINDS, OTHER_KEY, OWN_KEY, secrets_of

__all__ = ["rich_bucket"]  # a fixture

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
    """CopyObject takes 6 MiB at most."""
    monkeypatch.setattr(s3_encrypted_object, "COPY_LIMIT", 6 * MIB)


def read(s3: Any, bucket: str, options: dict[str, Any], key: str = "large") -> bytes:
    """The object's bytes, with its customer key where it has one."""
    secret = secrets_of(options).get("customer_key")
    raw = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": secret} if secret else {}
    content: bytes = s3.get_object(Bucket=bucket, Key=key, **raw)["Body"].read()
    return content


def left_over(s3: Any, bucket: str) -> list[str]:
    """The ids of uploads that are neither completed nor aborted."""
    return [upload["UploadId"] for upload in s3.list_multipart_uploads(Bucket=bucket).get("Uploads", ())]


@pytest.mark.parametrize("kind", list(KINDS))
def test_an_upload_in_parts(
    task: Task, open_bucket: str, key_arn: str, s3: Any, src: Path, kind: str, calls: Callable[[], list[str]]
) -> None:
    """Foretold, carried out with all its properties, and recognised by one HeadObject the next time."""
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
    foretold = task("s3_encrypted_object", check=True, **task_options)
    calls()
    done = task("s3_encrypted_object", **task_options)
    assert not done.get("failed"), done["msg"]
    assert done["actions"] == foretold["actions"] == UPLOAD
    assert done["diff"] == foretold["diff"]
    made = calls()
    assert made.count("UploadPart") == 3
    assert "PutObject" not in made
    shown = done["object"]
    assert (shown["size"], shown["metadata"], shown["tags"]) == (len(CONTENT), {"owner": "ann"}, {"team": "blue"})
    assert (shown["cache_control"], shown["encryption"]["type"]) == ("no-cache", reported)
    assert shown["checksum"] == foretold["object"]["checksum"]
    assert shown["checksum"]["type"] == "FULL_OBJECT"
    assert shown["etag"].endswith('-3"')
    assert read(s3, open_bucket, options) == CONTENT
    again = {name: value for name, value in task_options.items() if name != "tags"}
    calls()
    assert not task("s3_encrypted_object", **again)["changed"]
    assert [call for call in calls() if call != "DescribeKey"] == ["HeadObject"]  # the alias is resolved
    src.write_bytes(CONTENT[:-1] + b"?")
    assert task("s3_encrypted_object", **task_options)["actions"] == UPLOAD
    assert left_over(s3, open_bucket) == []


@pytest.mark.parametrize("size", [0, 1, PART - 1, PART, PART + 1, 2 * PART, 2 * PART + 1])
def test_sizes_around_the_boundaries_of_parts(task: Task, bucket: str, s3: Any, tmp_path: Path, size: int) -> None:
    """Whole, whatever the rest; and the same file again is no change, whichever way it goes now."""
    (tmp_path / "src").write_bytes(CONTENT[:size])
    where = {"bucket": bucket, "key": "large", "src": str(tmp_path / "src")}
    done = task("s3_encrypted_object", part_size="5MiB", **where)
    assert done["actions"] == (UPLOAD if size > PART else ["PutObject"])
    assert read(s3, bucket, {}) == CONTENT[:size]
    assert not task("s3_encrypted_object", part_size="5MiB", **where)["changed"]
    assert not task("s3_encrypted_object", part_size="64MiB", **where)["changed"]


def test_a_single_part_is_recognised_as_several(task: Task, bucket: str, src: Path) -> None:
    """What was uploaded at once, with its SHA-256, is the same content with a smaller part_size."""
    where = {"bucket": bucket, "key": "large", "src": str(src)}
    assert task("s3_encrypted_object", part_size="64MiB", **where)["actions"] == ["PutObject"]
    assert not task("s3_encrypted_object", part_size="5MiB", **where)["changed"]


def test_content_in_parts(task: Task, bucket: str, s3: Any) -> None:
    """From memory as from a file."""
    text = "0123456789abcdef" * (6 * MIB // 16)
    done = task("s3_encrypted_object", bucket=bucket, key="large", content=text, part_size="5MiB")
    assert done["actions"] == UPLOAD
    assert read(s3, bucket, {}) == text.encode()


def test_a_part_that_fails_is_sent_again(task: Task, bucket: str, s3: Any, src: Path, lab: Any) -> None:
    """Beyond the SDK's own retries, read from the file again."""
    for fault in ("internal_error", "reset_before", "lost_answer"):
        lab.faults.add(fault, operation="UploadPart")
    options = {"bucket": bucket, "key": "large", "src": str(src), "part_size": "5MiB", "aws_config": ONCE}
    done = task("s3_encrypted_object", **options)
    assert not done.get("failed"), done["msg"]
    assert read(s3, bucket, {}) == CONTENT


@pytest.mark.parametrize("operation", ["CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"])
def test_an_upload_that_fails_leaves_nothing(
    task: Task, bucket: str, s3: Any, src: Path, lab: Any, operation: str
) -> None:
    """Neither an object nor parts; the object of before stays."""
    s3.put_object(Bucket=bucket, Key="large", Body=b"before")
    lab.faults.add("throttle", operation=operation, times=None)
    options = {"bucket": bucket, "key": "large", "src": str(src), "part_size": "5MiB", "aws_config": ONCE}
    result = task("s3_encrypted_object", **options)
    assert (result["failed"], result["changed"], result["actions"]) == (True, False, [])
    assert operation in result["msg"]
    assert left_over(s3, bucket) == []
    assert read(s3, bucket, {}) == b"before"


def test_parts_that_cannot_be_removed_are_told(task: Task, bucket: str, s3: Any, src: Path, lab: Any) -> None:
    """With the id of their upload, and with what removes them."""
    lab.faults.add("throttle", operation="UploadPart", times=None)
    lab.faults.add("deny", operation="s3:AbortMultipartUpload", times=None)
    options = {"bucket": bucket, "key": "large", "src": str(src), "part_size": "5MiB", "aws_config": ONCE}
    result = task("s3_encrypted_object", **options)
    (upload_id,) = left_over(s3, bucket)
    assert upload_id in result["msg"]
    for told in ("UploadPart", "AbortMultipartUpload", "lifecycle rule"):
        assert told in result["msg"]
    assert result["error"]["kind"] == "throttled"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_upload_leaves_no_parts(bucket: str, s3: Any, src: Path, lab: Any, number: int) -> None:
    """It is aborted on the way out."""
    lab.faults.add("delay", operation="UploadPart", seconds=2, times=None)
    process = start("s3_encrypted_object", bucket=bucket, key="large", src=str(src), part_size="5MiB")
    wait_for_the_delayed_call(lab)
    assert left_over(s3, bucket)
    process.send_signal(number)
    assert process.wait(20) != 0
    assert left_over(s3, bucket) == []
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


@pytest.mark.parametrize("before", [None, b"before"], ids=["new", "there"])
def test_somebody_else_writes_meanwhile(
    task: Task, bucket: str, s3: Any, src: Path, monkeypatch: pytest.MonkeyPatch, before: bytes | None
) -> None:
    """A concurrent writer is not overwritten, and no parts are left."""
    if before:
        s3.put_object(Bucket=bucket, Key="large", Body=before)
    write = partial(s3.put_object, Bucket=bucket, Key="large", Body=b"theirs")
    SdkCalls(monkeypatch).before("CompleteMultipartUpload", write)
    result = task("s3_encrypted_object", bucket=bucket, key="large", src=str(src), part_size="5MiB")
    assert (result["error"]["kind"], result["changed"]) == ("conflict", False)
    assert read(s3, bucket, {}) == b"theirs"
    assert left_over(s3, bucket) == []


@pytest.mark.parametrize("fault", ["lost_answer", "reset_after"])
def test_an_upload_whose_last_answer_is_lost_is_recognised(
    task: Task, bucket: str, s3: Any, src: Path, lab: Any, fault: str
) -> None:
    """The SDK's repetition is told that there is no such upload, as the first attempt has completed it."""
    lab.faults.add(fault, operation="CompleteMultipartUpload")
    result = task("s3_encrypted_object", bucket=bucket, key="large", src=str(src), part_size="5MiB")
    assert not result.get("failed"), result["msg"]
    assert result["changed"]
    assert read(s3, bucket, {}) == CONTENT


def grow(path: Path) -> None:
    """Somebody appends to the file."""
    with path.open("ab") as file:
        file.write(b"more")


def shrink(path: Path) -> None:
    """Somebody truncates the file."""
    os.truncate(path, MIB)


def rewrite(path: Path) -> None:
    """Somebody writes other bytes of the same size, and hides that from the clock."""
    status = path.stat()
    with path.open("r+b") as file:
        file.write(b"other")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.mark.parametrize("change", [grow, shrink, rewrite])
def test_a_file_that_changes_while_it_is_uploaded(
    task: Task,
    bucket: str,
    s3: Any,
    src: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Path], None],
) -> None:
    """Is refused at once, and nothing is written."""
    operation = "UploadPart" if change is grow else "CreateMultipartUpload"
    SdkCalls(monkeypatch).before(operation, partial(change, src))
    result = task("s3_encrypted_object", bucket=bucket, key="large", src=str(src), part_size="5MiB")
    assert (result["error"]["kind"], result["changed"]) == ("conflict", False), result
    assert "changed" in result["msg"]
    assert left_over(s3, bucket) == []
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_a_file_that_shrinks_while_it_is_sent_in_one_part(
    task: Task, bucket: str, s3: Any, src: Path, monkeypatch: pytest.MonkeyPatch, calls: Callable[[], list[str]]
) -> None:
    """An error at once, instead of a store that waits for bytes that never come."""
    SdkCalls(monkeypatch).before("PutObject", partial(shrink, src))
    result = task("s3_encrypted_object", bucket=bucket, key="large", src=str(src))
    assert (result["error"]["kind"], result["changed"]) == ("conflict", False), result
    assert "changed while it was read" in result["msg"]
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


@pytest.mark.parametrize("after", [name for name in KINDS if name != "bucket default"])
@pytest.mark.parametrize("before", [name for name in KINDS if name != "bucket default"])
@pytest.mark.usefixtures("small_copies")
def test_a_copy_in_parts(
    task: Task, open_bucket: str, key_arn: str, s3: Any, src: Path, before: str, after: str
) -> None:
    """From any encryption to any other, with all that CopyObject would keep."""
    where = {"bucket": open_bucket, "key": "large"}
    kept: dict[str, Any] = {"metadata": {"owner": "ann"}, "tags": {"team": "blue"}, "content_language": "de"}
    first = task("s3_encrypted_object", **where, src=str(src), part_size="5MiB", **kept, **KINDS[before][0])["object"]
    options = dict(KINDS[after][0])
    if before == "SSE-C":
        options["previous_customer_key"] = OWN_KEY
    if before == after:
        options |= {"customer_key": OTHER_KEY} if after == "SSE-C" else {"cache_control": "no-cache"}
    foretold = task("s3_encrypted_object", check=True, **where, **options)
    done = task("s3_encrypted_object", **where, **options)
    assert not done.get("failed"), done["msg"]
    assert done["actions"] == foretold["actions"] == COPY
    assert done["diff"] == foretold["diff"]
    shown = done["object"]
    for name in ("metadata", "tags", "content_language", "content_type", "storage_class", "checksum", "size"):
        assert shown[name] == first[name], name
    assert shown["encryption"]["type"] == KINDS[after][1]
    assert read(s3, open_bucket, options) == CONTENT
    options.pop("previous_customer_key", None)
    assert not task("s3_encrypted_object", **where, src=str(src), **options)["changed"]
    assert left_over(s3, open_bucket) == []


@pytest.mark.usefixtures("small_copies")
def test_a_copy_in_parts_keeps_what_nobody_names(task: Task, rich_bucket: str, s3: Any) -> None:
    """Lock, ACL, redirect, expiry, class and checksum, too, of which a new upload knows nothing."""
    s3.put_object(
        Bucket=rich_bucket, Key="large", Body=CONTENT, ChecksumAlgorithm="CRC32C", ContentType="text/html",
        Expires=in_days(365), WebsiteRedirectLocation="/there", StorageClass="STANDARD_IA", Tagging="a=1&b=%C3%BC",
        ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=in_days(30), ObjectLockLegalHoldStatus="ON",
        GrantFullControl=f'id="{s3.list_buckets()["Owner"]["ID"]}"', GrantRead=f'uri="{ALL_USERS}", id="{STRANGER}"',
    )  # fmt: skip

    def whole() -> dict[str, Any]:
        head = s3.head_object(Bucket=rich_bucket, Key="large", ChecksumMode="ENABLED")
        told = {name: value for name, value in head.items() if name not in OF_THE_WRITE}
        return {**told, "acl": s3.get_object_acl(Bucket=rich_bucket, Key="large")["Grants"]}

    was = whole()
    done = task("s3_encrypted_object", bucket=rich_bucket, key="large", encryption="SSE-KMS")
    assert not done.get("failed"), done["msg"]
    assert done["actions"] == COPY
    assert whole() == was
    assert read(s3, rich_bucket, {}) == CONTENT


@pytest.mark.usefixtures("small_copies")
def test_what_a_copy_in_parts_costs(task: Task, bucket: str, src: Path, calls: Callable[[], list[str]]) -> None:
    """The tags are read, as nothing takes them over."""
    task("s3_encrypted_object", bucket=bucket, key="large", src=str(src))
    calls()
    result = task("s3_encrypted_object", bucket=bucket, key="large", encryption="SSE-KMS")
    assert result["actions"] == COPY
    assert result["object"]["checksum"]["type"] == "FULL_OBJECT"
    made = calls()
    assert made == [
        "HeadObject",
        "GetObjectTagging",
        "GetObjectAcl",
        "CreateMultipartUpload",
        "UploadPartCopy",
        "UploadPartCopy",
        "CompleteMultipartUpload",
        "HeadObject",
    ]


@pytest.mark.usefixtures("small_copies")
def test_somebody_else_writes_while_parts_are_copied(
    task: Task, bucket: str, s3: Any, src: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No mixture of two objects, and theirs stays."""
    task("s3_encrypted_object", bucket=bucket, key="large", src=str(src))
    write = partial(s3.put_object, Bucket=bucket, Key="large", Body=CONTENT[::-1])
    SdkCalls(monkeypatch).before("UploadPartCopy", write, after=1)
    result = task("s3_encrypted_object", bucket=bucket, key="large", encryption="SSE-KMS", concurrency=1)
    assert (result["error"]["kind"], result["changed"]) == ("conflict", False)
    assert read(s3, bucket, {}) == CONTENT[::-1]
    assert left_over(s3, bucket) == []


@pytest.mark.usefixtures("small_copies")
def test_tags_that_may_not_be_read_are_not_lost_by_a_copy_in_parts(
    task: Task, bucket: str, src: Path, lab: Any
) -> None:
    """Unless they are all named."""
    where = {"bucket": bucket, "key": "large"}
    task("s3_encrypted_object", **where, src=str(src), tags={"team": "blue"})
    lab.faults.add("deny", operation="s3:GetObjectTagging", times=None)
    error = task("s3_encrypted_object", **where, encryption="SSE-KMS")
    assert "would lose the tags" in error["msg"]


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ({"part_size": "1MiB"}, "5MiB to 5GiB"),
        ({"part_size": "big"}, "'big' is not a size"),
        ({"concurrency": 0}, "concurrency: 0"),
        ({"concurrency": 1000}, "concurrency: 1000"),
    ],
)
def test_options_out_of_bounds(
    task: Task, bucket: str, calls: Callable[[], list[str]], option: dict[str, Any], told: str
) -> None:
    """Are refused before any call."""
    result = task("s3_encrypted_object", bucket=bucket, key="a", content="x", **option)
    assert result["error"]["kind"] == "invalid"
    assert told in result["msg"]
    assert calls() == []


def test_annotations_that_cannot_be_seen(
    task: Task, bucket: str, s3: Any, small_copies: None, lab: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy in parts loses them, and says so, in check mode as well; with the permission it is refused."""
    monkeypatch.setattr(S3Objects, "custom_endpoint", False)
    s3.put_object(Bucket=bucket, Key="large", Body=CONTENT)
    s3.put_object_annotation(Bucket=bucket, Key="large", AnnotationName="labels", AnnotationPayload=b"cat")
    options = {"bucket": bucket, "key": "large", "encryption": "SSE-KMS", "change_method": "copy"}
    assert "has annotations" in task("s3_encrypted_object", **options)["msg"]
    lab.faults.add("deny", operation="s3:ListObjectAnnotations", times=None)
    for check in (True, False):
        told = task("s3_encrypted_object", check=check, **options)
        assert not told.get("failed"), told
        assert any("The annotations of example-bucket/large cannot be read" in each for each in told["warnings"])
        assert (told["diff"]["before"]["annotations"], told["diff"]["after"]["annotations"]) == ("unknown", "none")


@pytest.mark.parametrize("in_parts", [False, True])
def test_the_diff_of_a_copy_tells_of_a_composed_checksum(
    task: Task, bucket: str, s3: Any, monkeypatch: pytest.MonkeyPatch, in_parts: bool
) -> None:
    """It becomes one of the whole, whose value S3 is yet to compute; in check mode as in the real run."""
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
    foretold = task("s3_encrypted_object", check=True, **options)
    done = task("s3_encrypted_object", **options)
    assert foretold["diff"] == done["diff"]
    assert done["diff"]["before"]["checksum"]["type"] == "COMPOSITE"
    after = done["diff"]["after"]["checksum"]
    assert (after["type"], after["value"]) == ("FULL_OBJECT", None)
    made = done["object"]["checksum"]
    assert (made["type"], foretold["object"]["checksum"]) == ("FULL_OBJECT", {**made, "value": None})

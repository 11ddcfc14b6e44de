# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Client-side encryption where answers are lost: the result is true, and no key stream encrypts two contents."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from .conftest import Task
from .encryption_client import EncryptionClient
from .lying_store import Lie, Sent, lying_store
from .scale import number

KEY = "a"
OWN, OTHER = "a" * 32, "b" * 32
MIB = 1024 * 1024
FILE = {"envelope": "instruction_file"}
CSE_C = {"encryption": "CSE-C", "customer_key": OWN}
CSE_KMS = {"encryption": "CSE-KMS", "kms_key": "alias/app"}
ROTATED = {"encryption": "CSE-C", "customer_key": OTHER, "previous_customer_key": OWN}
QUICK = {"retries": {"mode": "standard", "total_max_attempts": 2}}

# The options before, those of the task, the operation whose answer is lost, and the resource that it is about.
ROWS: dict[str, tuple[dict[str, Any] | None, dict[str, Any], str, str]] = {
    "PutObject": (None, {**CSE_KMS, "content": "new"}, "PutObject", "*/a"),
    "PutObject over an object": (CSE_C, {**CSE_C, "content": "new"}, "PutObject", "*/a"),
    "PutObject beside a file": ({**CSE_C, **FILE}, {**CSE_C, **FILE, "content": "new"}, "PutObject", "*/a"),
    "in parts": (None, {**CSE_C, "content": "x" * (6 * MIB)}, "CompleteMultipartUpload", "*/a"),
    "in parts beside a file": (None, {**CSE_C, **FILE, "content": "x" * (6 * MIB)}, "CompleteMultipartUpload", "*/a"),
    "a new instruction file": (None, {**CSE_KMS, **FILE, "content": "new"}, "PutObject", "*.instruction"),
    "a replaced instruction file": ({**CSE_C, **FILE}, ROTATED, "PutObject", "*.instruction"),
    "CopyObject with a new envelope": (CSE_C, ROTATED, "CopyObject", "*/a"),
    "CopyObject of the envelope to a file": (CSE_KMS, {**CSE_KMS, **FILE}, "CopyObject", "*/a"),
    "CopyObject of the envelope from a file": (
        {**CSE_C, **FILE},
        {**CSE_C, "envelope": "metadata"},
        "CopyObject",
        "*/a",
    ),
    "GenerateDataKey": (None, {**CSE_KMS, "content": "new"}, "kms:GenerateDataKey", "*"),
    "Decrypt": (CSE_KMS, {**CSE_KMS, "content": "new"}, "kms:Decrypt", "*"),
    "DeleteObject of the file": ({**CSE_C, **FILE}, {"state": "absent"}, "DeleteObject", "*.instruction"),
}
USUAL = ("PutObject", "in parts", "a new instruction file", "CopyObject with a new envelope", "Decrypt")


@pytest.mark.usefixtures("at_aws", "key_arn")
@pytest.mark.parametrize("kind", ["lost_answer", "reset_after"][: number(1, 2)])
@pytest.mark.parametrize("row", list(ROWS)[:: number(2, 1)])
def test_a_lost_answer_changes_no_result(
    task: Task, s3: Any, kms: Any, lab: Any, bucket: str, kind: str, row: str
) -> None:
    """The task reports the change, and the object is as desired: the SDK has sent the request twice."""
    before, options, operation, resource = ROWS[row]
    where = {"bucket": bucket, "key": KEY, "part_size": "5MiB"}
    if before:
        task("s3_encrypted_object", **where, content="old", **before)
    fault = lab.faults.add(kind, operation=operation, resource=resource)
    done = task("s3_encrypted_object", aws_config=QUICK, **where, **options)
    assert (fault.hits, done.get("failed"), done["changed"]) == (1, None, True), done
    is_deleted = options == {"state": "absent"}
    again = task("s3_encrypted_object", **where, **options)
    assert (again.get("failed"), again["changed"]) == (None, False), again
    found = EncryptionClient(s3, kms, (OWN.encode(), OTHER.encode())).contents(bucket, KEY)
    assert found == ({} if is_deleted else {"null": options.get("content", "old").encode()})
    assert done["object"] == again["object"] or done["object"]["etag"] == again["object"]["etag"]
    assert not s3.list_multipart_uploads(Bucket=bucket).get("Uploads")


class Recorded:
    """The bodies and message ids of the uploads that a run sends. `on_first` is called once the first body was sent."""

    def __init__(self) -> None:
        self.bodies: dict[tuple[str, ...], set[bytes]] = {}
        self.sent = 0
        self.message_ids: list[str] = []
        self.on_first: Any = None

    def __call__(self, sent: Sent) -> None:
        """Record a request."""
        if message_id := sent.headers.get("x-amz-meta-x-amz-i"):
            self.message_ids.append(message_id)
        query = parse_qs(urlsplit(sent.path).query)
        if sent.method != "PUT" or not sent.body or ".instruction" in sent.path:
            return
        self.sent += 1
        place = (*query.get("uploadId", []), *query.get("partNumber", []))
        self.bodies.setdefault(place, set()).add(sent.body)
        if self.on_first and self.sent == 1:
            self.on_first()


@pytest.mark.parametrize("size", [100, 11 * MIB])
@pytest.mark.parametrize("envelope", ["metadata", "instruction_file"][: number(1, 2)])
def test_what_is_sent_again_is_the_same(
    task: Task,
    s3: Any,
    kms: Any,
    lab: Any,
    bucket: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    size: int,
    envelope: str,
) -> None:
    """Each body, and each part, has the same bytes whenever it is sent, and there is one message id."""
    source = tmp_path / "source"
    source.write_bytes(os.urandom(size))
    recorded = Recorded()
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with lying_store(lab.url, Lie(watch=recorded)) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)
        operation = "UploadPart" if size > MIB else "PutObject"
        for after, kind in enumerate(("internal_error", "reset_after", "reset_before")):
            lab.faults.add(kind, operation=operation, resource="*/a", after=after)
        done = task(
            "s3_encrypted_object", bucket=bucket, key=KEY, src=str(source), part_size="5MiB", envelope=envelope, **CSE_C
        )
    assert (done.get("failed"), done["changed"]) == (None, True), done
    assert lab.faults.hits() == 3
    assert [len(bodies) for bodies in recorded.bodies.values()] == [1] * len(recorded.bodies)
    assert len(set(recorded.message_ids)) == 1
    assert EncryptionClient(s3, kms, (OWN.encode(),)).content(bucket, KEY) == source.read_bytes()


@pytest.mark.parametrize("size", [600 * 1024, 11 * MIB])
def test_a_file_that_changes_between_two_sendings_is_not_sent_again(
    task: Task, s3: Any, lab: Any, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """The change keeps size and time, so that only the bytes show it. There is no object and no unfinished upload."""
    source = tmp_path / "source"
    source.write_bytes(os.urandom(size))
    recorded = Recorded()

    def change() -> None:
        status = source.stat()
        with source.open("r+b") as file:
            file.write(bytes(byte ^ 1 for byte in source.read_bytes()[:50]))
        os.utime(source, ns=(status.st_atime_ns, status.st_mtime_ns))

    recorded.on_first = change
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with lying_store(lab.url, Lie(watch=recorded)) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)
        # The first part is that which changes, and nothing else is on its way then.
        lab.faults.add("internal_error", operation="UploadPart" if size > MIB else "PutObject", resource="*/a")
        done = task(
            "s3_encrypted_object", bucket=bucket, key=KEY, src=str(source), part_size="5MiB", concurrency=1, **CSE_C
        )
    assert (done.get("failed"), done["changed"]) == (True, False), done
    assert "changed" in done["msg"]
    assert [len(bodies) for bodies in recorded.bodies.values()] == [1]
    assert recorded.sent == 1
    assert not s3.list_objects_v2(Bucket=bucket).get("Contents")
    assert not s3.list_multipart_uploads(Bucket=bucket).get("Uploads")

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The table of docs/content_comparison.md: the calls that a comparison of contents needs, for every kind of upload."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import Task

# Another store has to prove first that a customer key is needed.
pytestmark = pytest.mark.usefixtures("at_aws")

OWN_KEY = "0123456789abcdef0123456789abcdef"
Calls = Callable[[], list[str]]
MIB = 1024**2
DATA = random.Random(5).randbytes(11 * MIB + 1)
OTHER = DATA[:-1] + bytes([DATA[-1] ^ 1])
EQUAL = (5 * MIB, 5 * MIB, MIB + 1)
UNEQUAL = (6 * MIB, 5 * MIB, 1)
TWO = (7 * MIB, 4 * MIB + 1)

SSE_C = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": OWN_KEY}
KINDS = {
    "SSE-S3": {},
    "SSE-KMS": {"ServerSideEncryption": "aws:kms"},
    "SSE-C": SSE_C,
}


def upload(s3: Any, bucket: str, sizes: tuple[int, ...], kind: str, algorithm: str = "", whole: bool = False) -> None:
    """Upload as another client, in parts of these sizes."""
    checksum = {"ChecksumAlgorithm": algorithm} if algorithm else {}
    if whole:
        checksum["ChecksumType"] = "FULL_OBJECT"
    key = SSE_C if kind == "SSE-C" else {}
    made = s3.create_multipart_upload(Bucket=bucket, Key="a", **KINDS[kind], **checksum)
    named = {"Bucket": bucket, "Key": "a", "UploadId": made["UploadId"]}
    parts, place = [], 0
    for number, size in enumerate(sizes, 1):
        sent = s3.upload_part(
            **named, **key, PartNumber=number, Body=DATA[place : place + size],
            **({"ChecksumAlgorithm": algorithm} if algorithm else {}),
        )  # fmt: skip
        checksums = {name: value for name, value in sent.items() if name.startswith("Checksum") and algorithm}
        parts.append({"PartNumber": number, "ETag": sent["ETag"], **checksums})
        place += size
    s3.complete_multipart_upload(**named, **key, MultipartUpload={"Parts": parts})


def without_checksums(lab: Any, bucket: str) -> None:
    """Remove the checksums. Before December 2024, S3 stored none that the uploader did not name."""
    version = lab._lab.state.s3.buckets[bucket].objects.latest("a")
    version.checksums, version.checksum_type = (), ""


def compare(
    task: Task, calls: Calls, bucket: str, folder: Path, kind: str, content: bytes
) -> tuple[bool, list[str], bool, list[str]]:
    """Whether s3_encrypted_object and s3_encrypted_object_download report a change in a check run, and their calls.

    Without those with which a download finds out whether S3 needs the customer key.
    """
    key = {"customer_key": OWN_KEY} if kind == "SSE-C" else {}
    (folder / "file").write_bytes(content)
    calls()
    options = {"bucket": bucket, "key": "a", **key}
    up = task(
        "s3_encrypted_object", check=True, src=str(folder / "file"), remote_src=True, **options,
        **({"encryption": "SSE-C"} if key else {}), tags={},
    )  # fmt: skip
    assert not up.get("failed"), up
    uploading = [call for call in calls() if call not in ("GetBucketEncryption", "GetObjectAcl")]
    down = task("s3_encrypted_object_download", check=True, dest=str(folder / "file"), **options)
    assert not down.get("failed"), down
    downloading = calls()
    if key:  # whether S3 needs it; see docs/api_calls.md
        needed, downloading = downloading[:4], downloading[4:]
        assert needed == ["HeadObject", "HeadBucket", "HeadObject", "GetObject"]
    return up["changed"], uploading, down["changed"], downloading


IN_PARTS = [
    pytest.param(TWO, [], [], id="two parts"),
    pytest.param(EQUAL, [], ["GetObjectAttributes"], id="equal parts"),
    pytest.param(UNEQUAL, ["GetObjectAttributes"], ["GetObjectAttributes"], id="unequal parts"),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("algorithm", ["SHA256", "CRC32C", "XXHASH3"])
@pytest.mark.parametrize(("sizes", "more", "more_for_other"), IN_PARTS)
def test_a_composite_checksum_is_compared(
    task: Task,
    open_bucket: str,
    s3: Any,
    calls: Calls,
    tmp_path: Path,
    kind: str,
    algorithm: str,
    sizes: tuple[int, ...],
    more: list[str],
    more_for_other: list[str],
) -> None:
    """HeadObject, HeadObject of the first part, and at most one more call. The content is not read."""
    upload(s3, open_bucket, sizes, kind, algorithm)
    reads = ["HeadObject", "HeadObject", *more]
    if sizes == EQUAL:
        reads.remove("HeadObject")  # 5 MiB is the only common size that gives three parts
    assert compare(task, calls, open_bucket, tmp_path, kind, DATA) == (False, reads, False, reads)
    reads = ["HeadObject", "HeadObject", *more_for_other]
    assert compare(task, calls, open_bucket, tmp_path, kind, OTHER) == (True, reads, True, reads)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", ""])
def test_a_checksum_of_the_whole_object_is_compared(
    task: Task, open_bucket: str, s3: Any, calls: Calls, tmp_path: Path, kind: str, algorithm: str
) -> None:
    """One HeadObject, whatever the parts. S3 adds such a checksum if the uploader names none, except under SSE-C."""
    upload(s3, open_bucket, UNEQUAL, kind, algorithm, whole=bool(algorithm))
    reads = ["HeadObject", "GetObject"] if (kind, algorithm) == ("SSE-C", "") else ["HeadObject"]
    assert compare(task, calls, open_bucket, tmp_path, kind, DATA) == (False, reads, False, reads)
    assert compare(task, calls, open_bucket, tmp_path, kind, OTHER) == (True, reads, True, reads)


@pytest.mark.parametrize("sizes", [TWO, EQUAL, UNEQUAL], ids=["two parts", "equal parts", "unequal parts"])
def test_the_etag_of_a_multipart_upload_under_sse_s3_is_compared(
    task: Task, bucket: str, s3: Any, lab: Any, calls: Calls, tmp_path: Path, sizes: tuple[int, ...]
) -> None:
    """S3 does not list the parts of such an object, so unequal parts cost one HeadObject each."""
    upload(s3, bucket, sizes, "SSE-S3")
    without_checksums(lab, bucket)
    unchanged, _calls, same, reads = compare(task, calls, bucket, tmp_path, "SSE-S3", DATA)
    assert (unchanged, same) == (False, False)
    assert reads == ["HeadObject"] * {TWO: 2, EQUAL: 1, UNEQUAL: 5}[sizes]
    changed, _calls, differs, reads = compare(task, calls, bucket, tmp_path, "SSE-S3", OTHER)
    assert (changed, differs) == (True, True)
    assert reads == ["HeadObject"] * {TWO: 2, EQUAL: 5, UNEQUAL: 5}[sizes]


def test_the_etag_of_a_single_upload_under_sse_s3_is_compared(
    task: Task, bucket: str, s3: Any, lab: Any, calls: Calls, tmp_path: Path
) -> None:
    """It is the MD5 of the content."""
    s3.put_object(Bucket=bucket, Key="a", Body=DATA)
    without_checksums(lab, bucket)
    assert compare(task, calls, bucket, tmp_path, "SSE-S3", DATA) == (False, ["HeadObject"], False, ["HeadObject"])
    assert compare(task, calls, bucket, tmp_path, "SSE-S3", OTHER) == (True, ["HeadObject"], True, ["HeadObject"])


@pytest.mark.parametrize("kind", ["SSE-KMS", "SSE-C"])
def test_without_checksum_the_object_is_read(
    task: Task, open_bucket: str, s3: Any, lab: Any, calls: Calls, tmp_path: Path, kind: str
) -> None:
    """The result is never "always changed"."""
    upload(s3, open_bucket, EQUAL, kind)
    without_checksums(lab, open_bucket)
    reads = ["HeadObject", "GetObject"]
    assert compare(task, calls, open_bucket, tmp_path, kind, DATA) == (False, reads, False, reads)
    assert compare(task, calls, open_bucket, tmp_path, kind, OTHER) == (True, reads, True, reads)


def test_another_size_needs_no_further_call(task: Task, bucket: str, s3: Any, calls: Calls, tmp_path: Path) -> None:
    """The content differs."""
    upload(s3, bucket, UNEQUAL, "SSE-S3", "SHA256")
    assert compare(task, calls, bucket, tmp_path, "SSE-S3", DATA[1:]) == (True, ["HeadObject"], True, ["HeadObject"])


def test_an_archived_object_is_reported_before_it_is_read(
    task: Task, bucket: str, s3: Any, lab: Any, calls: Calls, tmp_path: Path
) -> None:
    """Only HeadObject is called. A checksum is compared as usual."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"text", StorageClass="DEEP_ARCHIVE", ServerSideEncryption="aws:kms")
    options = {"bucket": bucket, "key": "a", "dest": str(tmp_path / "file")}
    calls()
    for check in (True, False):
        result = task("s3_encrypted_object_download", check=check, **options)
        assert result["failed"]
        assert "cannot be downloaded: it is archived in DEEP_ARCHIVE. Restore it first" in result["msg"]
        assert (result["error"]["kind"], result["changed"]) == ("invalid", False)
    assert not task("s3_encrypted_object", bucket=bucket, key="a", content="text")["changed"]
    result = task("s3_encrypted_object", check=True, bucket=bucket, key="a", encryption="SSE-S3")
    assert "cannot be copied: it is archived in DEEP_ARCHIVE" in result["msg"]
    assert set(calls()) == {"HeadObject"}
    without_checksums(lab, bucket)
    result = task("s3_encrypted_object", bucket=bucket, key="a", content="text")
    assert "cannot be compared by its content: it is archived in DEEP_ARCHIVE" in result["msg"]
    (tmp_path / "file").write_bytes(b"text")
    result = task("s3_encrypted_object_download", **options)
    assert "cannot be compared by its content" in result["msg"]

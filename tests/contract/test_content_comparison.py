# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The table of docs/content_comparison.md, held: what it costs to tell that a content is the same, whoever sent it."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import Task

OWN_KEY = "0123456789abcdef0123456789abcdef"
Calls = Callable[[], list[str]]
MIB = 1024**2
DATA = random.Random(5).randbytes(11 * MIB + 1)
OTHER = DATA[:-1] + bytes([DATA[-1] ^ 1])
ALIKE = (5 * MIB, 5 * MIB, MIB + 1)
UNLIKE = (6 * MIB, 5 * MIB, 1)
TWO = (7 * MIB, 4 * MIB + 1)

SSE_C = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": OWN_KEY}
KINDS = {
    "SSE-S3": {},
    "SSE-KMS": {"ServerSideEncryption": "aws:kms"},
    "SSE-C": SSE_C,
}


def upload(s3: Any, bucket: str, sizes: tuple[int, ...], kind: str, algorithm: str = "", whole: bool = False) -> None:
    """A multipart upload of somebody else, in parts of these sizes."""
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
        told = {name: value for name, value in sent.items() if name.startswith("Checksum") and algorithm}
        parts.append({"PartNumber": number, "ETag": sent["ETag"], **told})
        place += size
    s3.complete_multipart_upload(**named, **key, MultipartUpload={"Parts": parts})


def without_checksums(lab: Any, bucket: str) -> None:
    """As S3 kept objects before December 2024: nothing but an ETag unless the uploader named a checksum."""
    version = lab.lab.state.s3.buckets[bucket].objects.latest("a")
    version.checksums, version.checksum_type = (), ""


def compare(
    task: Task, calls: Calls, bucket: str, folder: Path, kind: str, content: bytes
) -> tuple[bool, list[str], bool, list[str]]:
    """Whether s3_encrypted_object and s3_encrypted_object_download see a change in a check run, and what that costs."""
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
    return up["changed"], uploading, down["changed"], calls()


IN_PARTS = [
    pytest.param(TWO, [], [], id="two parts"),
    pytest.param(ALIKE, [], ["GetObjectAttributes"], id="parts alike"),
    pytest.param(UNLIKE, ["GetObjectAttributes"], ["GetObjectAttributes"], id="parts not alike"),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("algorithm", ["SHA256", "CRC32C", "XXHASH3"])
@pytest.mark.parametrize(("sizes", "more", "more_for_other"), IN_PARTS)
def test_a_composed_checksum_tells(
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
    """HeadObject, HeadObject of the first part, and at most one call more: no byte of it is read."""
    upload(s3, open_bucket, sizes, kind, algorithm)
    looks = ["HeadObject", "HeadObject", *more]
    if sizes == ALIKE:
        looks.remove("HeadObject")  # 5 MiB is the only common size that gives three parts
    assert compare(task, calls, open_bucket, tmp_path, kind, DATA) == (False, looks, False, looks)
    looks = ["HeadObject", "HeadObject", *more_for_other]
    assert compare(task, calls, open_bucket, tmp_path, kind, OTHER) == (True, looks, True, looks)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", ""])
def test_a_checksum_of_the_whole_tells(
    task: Task, open_bucket: str, s3: Any, calls: Calls, tmp_path: Path, kind: str, algorithm: str
) -> None:
    """One HeadObject, however it was cut. S3 adds such a checksum by itself to what names none."""
    upload(s3, open_bucket, UNLIKE, kind, algorithm, whole=bool(algorithm))
    assert compare(task, calls, open_bucket, tmp_path, kind, DATA) == (False, ["HeadObject"], False, ["HeadObject"])
    assert compare(task, calls, open_bucket, tmp_path, kind, OTHER) == (True, ["HeadObject"], True, ["HeadObject"])


@pytest.mark.parametrize("sizes", [TWO, ALIKE, UNLIKE], ids=["two parts", "alike", "not alike"])
def test_an_etag_of_parts_tells_under_s3s_own_keys(
    task: Task, bucket: str, s3: Any, lab: Any, calls: Calls, tmp_path: Path, sizes: tuple[int, ...]
) -> None:
    """S3 lists the parts of such an object to nobody, so that each is looked at where they are not alike."""
    upload(s3, bucket, sizes, "SSE-S3")
    without_checksums(lab, bucket)
    unchanged, _calls, same, looks = compare(task, calls, bucket, tmp_path, "SSE-S3", DATA)
    assert (unchanged, same) == (False, False)
    assert looks == ["HeadObject"] * {TWO: 2, ALIKE: 1, UNLIKE: 5}[sizes]
    changed, _calls, differs, looks = compare(task, calls, bucket, tmp_path, "SSE-S3", OTHER)
    assert (changed, differs) == (True, True)
    assert looks == ["HeadObject"] * {TWO: 2, ALIKE: 5, UNLIKE: 5}[sizes]


def test_an_etag_tells_under_s3s_own_keys(
    task: Task, bucket: str, s3: Any, lab: Any, calls: Calls, tmp_path: Path
) -> None:
    """Of what was uploaded in one part."""
    s3.put_object(Bucket=bucket, Key="a", Body=DATA)
    without_checksums(lab, bucket)
    assert compare(task, calls, bucket, tmp_path, "SSE-S3", DATA) == (False, ["HeadObject"], False, ["HeadObject"])
    assert compare(task, calls, bucket, tmp_path, "SSE-S3", OTHER) == (True, ["HeadObject"], True, ["HeadObject"])


@pytest.mark.parametrize("kind", ["SSE-KMS", "SSE-C"])
def test_at_the_very_last_the_object_is_read(
    task: Task, open_bucket: str, s3: Any, lab: Any, calls: Calls, tmp_path: Path, kind: str
) -> None:
    """Where no checksum tells; never "always changed"."""
    upload(s3, open_bucket, ALIKE, kind)
    without_checksums(lab, open_bucket)
    looks = ["HeadObject", "GetObject"]
    assert compare(task, calls, open_bucket, tmp_path, kind, DATA) == (False, looks, False, looks)
    assert compare(task, calls, open_bucket, tmp_path, kind, OTHER) == (True, looks, True, looks)


def test_nothing_is_asked_of_another_size(task: Task, bucket: str, s3: Any, calls: Calls, tmp_path: Path) -> None:
    """It cannot be the same."""
    upload(s3, bucket, UNLIKE, "SSE-S3", "SHA256")
    assert compare(task, calls, bucket, tmp_path, "SSE-S3", DATA[1:]) == (True, ["HeadObject"], True, ["HeadObject"])


def test_what_is_in_an_archive_is_told_before_it_is_read(
    task: Task, bucket: str, s3: Any, lab: Any, calls: Calls, tmp_path: Path
) -> None:
    """Nothing but HeadObject is called; a checksum tells all the same."""
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

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Checksums, and the ETags of multipart objects."""

from __future__ import annotations

import base64
import hashlib
import zlib
from typing import Any

import pytest
from awscrt import checksums
from client_calls import BODY, MIB, copy_in_place, raises_client_error, sse_kms, upload_multipart

pytestmark = pytest.mark.behaviour


def head_with_checksum(s3: Any, bucket: str, key: str) -> dict[str, Any]:
    """HeadObject with its checksums."""
    head: dict[str, Any] = s3.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    return head


def test_requested_algorithm_is_stored(s3: Any, bucket: str) -> None:
    for algorithm in ("CRC32", "SHA256", "CRC64NVME"):
        s3.put_object(Bucket=bucket, Key=algorithm, Body=BODY, ChecksumAlgorithm=algorithm)
        head = head_with_checksum(s3, bucket, algorithm)
        assert head[f"Checksum{algorithm}"]
        assert head["ChecksumType"] == "FULL_OBJECT"


def test_default_checksum_of_boto3_is_stored(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    expected = base64.b64encode(zlib.crc32(BODY).to_bytes(4, "big")).decode()
    assert head_with_checksum(s3, bucket, "k")["ChecksumCRC32"] == expected


def test_wrong_checksum_is_refused(s3: Any, bucket: str) -> None:
    with raises_client_error("BadDigest", 400):
        s3.put_object(Bucket=bucket, Key="k", Body=BODY, ChecksumCRC32="AAAAAA==")


def test_full_object_checksum_of_parts(s3: Any, bucket: str) -> None:
    upload_multipart(
        s3,
        bucket,
        "m",
        part_options={"ChecksumAlgorithm": "CRC64NVME"},
        complete_options={"ChecksumType": "FULL_OBJECT"},
        ChecksumAlgorithm="CRC64NVME",
        ChecksumType="FULL_OBJECT",
    )
    head = head_with_checksum(s3, bucket, "m")
    whole = checksums.crc64nvme(b"A" * 5 * MIB + b"B" * 1000).to_bytes(8, "big")
    assert (head["ChecksumType"], head["ChecksumCRC64NVME"]) == ("FULL_OBJECT", base64.b64encode(whole).decode())


def test_checksum_and_size_of_the_whole_object_are_verified(s3: Any, bucket: str) -> None:
    options = {"ChecksumAlgorithm": "CRC32", "ChecksumType": "FULL_OBJECT"}
    whole = checksums.crc32(b"A" * 5 * MIB + b"B" * 1000).to_bytes(4, "big")
    with raises_client_error("BadDigest", 400):
        upload_multipart(
            s3,
            bucket,
            "m",
            part_options={"ChecksumAlgorithm": "CRC32"},
            complete_options={"ChecksumCRC32": "AAAAAA==", "ChecksumType": "FULL_OBJECT"},
            **options,
        )
    with raises_client_error("InvalidRequest", 400):
        upload_multipart(
            s3,
            bucket,
            "m",
            part_options={"ChecksumAlgorithm": "CRC32"},
            complete_options={"MpuObjectSize": 5 * MIB},
            **options,
        )
    whole_object = {"ChecksumCRC32": base64.b64encode(whole).decode(), "MpuObjectSize": 5 * MIB + 1000}
    with raises_client_error("BadDigest", 400):  # the type of the checksum is missing
        upload_multipart(
            s3, bucket, "m", part_options={"ChecksumAlgorithm": "CRC32"}, complete_options=whole_object, **options
        )
    whole_object["ChecksumType"] = "FULL_OBJECT"
    upload_multipart(
        s3, bucket, "m", part_options={"ChecksumAlgorithm": "CRC32"}, complete_options=whole_object, **options
    )
    assert head_with_checksum(s3, bucket, "m")["ChecksumCRC32"] == whole_object["ChecksumCRC32"]


def test_composite_checksum_of_parts(s3: Any, bucket: str) -> None:
    upload_multipart(s3, bucket, "m", part_options={"ChecksumAlgorithm": "SHA256"}, ChecksumAlgorithm="SHA256")
    head = head_with_checksum(s3, bucket, "m")
    digests = hashlib.sha256(b"A" * 5 * MIB).digest() + hashlib.sha256(b"B" * 1000).digest()
    expected = base64.b64encode(hashlib.sha256(digests).digest()).decode() + "-2"
    assert (head["ChecksumType"], head["ChecksumSHA256"]) == ("COMPOSITE", expected)


def test_copy_keeps_the_checksum(s3: Any, bucket: str, key: dict[str, Any]) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY, ChecksumAlgorithm="SHA256")
    copy_in_place(s3, bucket, "k", **sse_kms(key["Arn"]))
    expected = base64.b64encode(hashlib.sha256(BODY).digest()).decode()
    assert head_with_checksum(s3, bucket, "k")["ChecksumSHA256"] == expected


def test_attributes_contain_checksums_and_parts(s3: Any, bucket: str) -> None:
    upload_multipart(s3, bucket, "m", part_options={"ChecksumAlgorithm": "SHA256"}, ChecksumAlgorithm="SHA256")
    response = s3.get_object_attributes(
        Bucket=bucket, Key="m", ObjectAttributes=["ETag", "Checksum", "ObjectParts", "ObjectSize", "StorageClass"]
    )
    assert "ChecksumSHA256" in response["Checksum"]
    assert response["ObjectParts"]["TotalPartsCount"] == 2
    assert response["ObjectSize"] == 5 * MIB + 1000


def test_multipart_etag_ends_with_the_number_of_parts(s3: Any, bucket: str) -> None:
    upload_multipart(s3, bucket, "m")
    digests = hashlib.md5(b"A" * 5 * MIB).digest() + hashlib.md5(b"B" * 1000).digest()
    assert s3.head_object(Bucket=bucket, Key="m")["ETag"] == f'"{hashlib.md5(digests).hexdigest()}-2"'

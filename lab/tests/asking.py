# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""What the tests have in common: refusals, encryption parameters, multipart uploads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

BODY = b"the quick brown fox " * 50
MIB = 1024 * 1024
FIRST_KEY, SECOND_KEY = b"1" * 32, b"2" * 32


@contextmanager
def refused(code: str, status: int | None = None) -> Iterator[list[str]]:
    """The block must be refused with this code; the message is put into the list that it gets."""
    said: list[str] = []
    with pytest.raises(ClientError) as caught:
        yield said
    answer: Any = caught.value.response
    assert answer["Error"]["Code"] == code, answer["Error"]
    if status is not None:
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == status
    said.append(answer["Error"].get("Message", ""))


def customer(key: bytes) -> dict[str, Any]:
    """SSE-C parameters."""
    return {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": key}


def source_customer(key: bytes) -> dict[str, Any]:
    """SSE-C parameters of a copy's source."""
    return {"CopySourceSSECustomerAlgorithm": "AES256", "CopySourceSSECustomerKey": key}


def under(arn: str, **more: Any) -> dict[str, Any]:
    """SSE-KMS parameters."""
    return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": arn, **more}


def default_rule(algorithm: str, key_id: str = "", **more: Any) -> dict[str, Any]:
    """A bucket's default encryption: ``bucket_key``, ``blocked``."""
    by_default = {"SSEAlgorithm": algorithm, **({"KMSMasterKeyID": key_id} if key_id else {})}
    rule: dict[str, Any] = {"ApplyServerSideEncryptionByDefault": by_default}
    if "bucket_key" in more:
        rule["BucketKeyEnabled"] = more["bucket_key"]
    if "blocked" in more:
        rule["BlockedEncryptionTypes"] = {"EncryptionType": more["blocked"]}
    return {"Rules": [rule]}


def put_default(s3: Any, bucket: str, algorithm: str, key_id: str = "", **more: Any) -> None:
    """Set a bucket's default encryption."""
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=default_rule(algorithm, key_id, **more))


def get_default(s3: Any, bucket: str) -> dict[str, Any]:
    """The one rule of a bucket's default encryption."""
    rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert len(rules) == 1
    rule: dict[str, Any] = rules[0]
    return rule


def read(s3: Any, bucket: str, key: str, **options: Any) -> bytes:
    """An object's bytes."""
    data: bytes = s3.get_object(Bucket=bucket, Key=key, **options)["Body"].read()
    return data


def in_place(s3: Any, bucket: str, key: str, **options: Any) -> dict[str, Any]:
    """Copy an object onto itself."""
    answer: dict[str, Any] = s3.copy_object(
        Bucket=bucket, Key=key, CopySource={"Bucket": bucket, "Key": key}, **options
    )
    return answer


def multipart(
    s3: Any,
    bucket: str,
    key: str,
    *,
    each: dict[str, Any] | None = None,
    finish: dict[str, Any] | None = None,
    **options: Any,
) -> dict[str, Any]:
    """An object of two parts: 5 MiB of A and 1,000 of B."""
    upload = s3.create_multipart_upload(Bucket=bucket, Key=key, **options)["UploadId"]
    parts = []
    for number, data in ((1, b"A" * 5 * MIB), (2, b"B" * 1000)):
        answer = s3.upload_part(Bucket=bucket, Key=key, UploadId=upload, PartNumber=number, Body=data, **(each or {}))
        part = {"PartNumber": number, "ETag": answer["ETag"]}
        if "ChecksumAlgorithm" in options:
            name = f"Checksum{options['ChecksumAlgorithm']}"
            part[name] = answer[name]
        parts.append(part)
    done: dict[str, Any] = s3.complete_multipart_upload(
        Bucket=bucket, Key=key, UploadId=upload, MultipartUpload={"Parts": parts}, **(finish or {})
    )
    return done

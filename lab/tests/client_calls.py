# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""What the tests share: expected errors, encryption parameters and multipart uploads."""

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
def raises_client_error(code: str, status: int | None = None) -> Iterator[list[str]]:
    """Expect an error with this code and status. The block gets a list to which its message is added."""
    messages: list[str] = []
    with pytest.raises(ClientError) as caught:
        yield messages
    response: Any = caught.value.response
    assert response["Error"]["Code"] == code, response["Error"]
    if status is not None:
        assert response["ResponseMetadata"]["HTTPStatusCode"] == status
    messages.append(response["Error"].get("Message", ""))


def sse_c(key: bytes) -> dict[str, Any]:
    """SSE-C parameters."""
    return {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": key}


def copy_source_sse_c(key: bytes) -> dict[str, Any]:
    """SSE-C parameters for the source of a copy."""
    return {"CopySourceSSECustomerAlgorithm": "AES256", "CopySourceSSECustomerKey": key}


def sse_kms(arn: str, **more: Any) -> dict[str, Any]:
    """SSE-KMS parameters."""
    return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": arn, **more}


def encryption_rule(algorithm: str, key_id: str = "", **more: Any) -> dict[str, Any]:
    """The configuration of a default encryption. ``more`` can have ``bucket_key`` and ``blocked``."""
    by_default = {"SSEAlgorithm": algorithm, **({"KMSMasterKeyID": key_id} if key_id else {})}
    rule: dict[str, Any] = {"ApplyServerSideEncryptionByDefault": by_default}
    if "bucket_key" in more:
        rule["BucketKeyEnabled"] = more["bucket_key"]
    if "blocked" in more:
        rule["BlockedEncryptionTypes"] = {"EncryptionType": more["blocked"]}
    return {"Rules": [rule]}


def put_default_encryption(s3: Any, bucket: str, algorithm: str, key_id: str = "", **more: Any) -> None:
    """Set the default encryption of a bucket."""
    s3.put_bucket_encryption(
        Bucket=bucket, ServerSideEncryptionConfiguration=encryption_rule(algorithm, key_id, **more)
    )


def get_default_encryption(s3: Any, bucket: str) -> dict[str, Any]:
    """Return the only rule of the default encryption of a bucket."""
    rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert len(rules) == 1
    rule: dict[str, Any] = rules[0]
    return rule


def read_object(s3: Any, bucket: str, key: str, **options: Any) -> bytes:
    """Return the bytes of an object."""
    data: bytes = s3.get_object(Bucket=bucket, Key=key, **options)["Body"].read()
    return data


def copy_in_place(s3: Any, bucket: str, key: str, **options: Any) -> dict[str, Any]:
    """Copy an object onto itself."""
    response: dict[str, Any] = s3.copy_object(
        Bucket=bucket, Key=key, CopySource={"Bucket": bucket, "Key": key}, **options
    )
    return response


def upload_multipart(
    s3: Any,
    bucket: str,
    key: str,
    *,
    part_options: dict[str, Any] | None = None,
    complete_options: dict[str, Any] | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Upload an object in two parts: 5 MiB of A and 1,000 bytes of B."""
    upload = s3.create_multipart_upload(Bucket=bucket, Key=key, **options)["UploadId"]
    parts = []
    for number, data in ((1, b"A" * 5 * MIB), (2, b"B" * 1000)):
        response = s3.upload_part(
            Bucket=bucket, Key=key, UploadId=upload, PartNumber=number, Body=data, **(part_options or {})
        )
        part = {"PartNumber": number, "ETag": response["ETag"]}
        if "ChecksumAlgorithm" in options:
            name = f"Checksum{options['ChecksumAlgorithm']}"
            part[name] = response[name]
        parts.append(part)
    done: dict[str, Any] = s3.complete_multipart_upload(
        Bucket=bucket, Key=key, UploadId=upload, MultipartUpload={"Parts": parts}, **(complete_options or {})
    )
    return done

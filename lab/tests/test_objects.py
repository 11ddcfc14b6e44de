# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Objects under SSE-S3, SSE-KMS and DSSE-KMS."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from client_calls import BODY, put_default_encryption, raises_client_error, read_object, sse_kms

pytestmark = pytest.mark.behaviour
MD5 = hashlib.md5(BODY).hexdigest()


def test_sse_s3(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY, ServerSideEncryption="AES256")
    head = s3.head_object(Bucket=bucket, Key="k")
    assert head["ServerSideEncryption"] == "AES256"
    assert head["ETag"] == f'"{MD5}"'
    assert read_object(s3, bucket, "k") == BODY


@pytest.mark.parametrize("field", ["KeyId", "Arn"])
def test_kms_key_is_returned_by_its_arn(s3: Any, bucket: str, key: dict[str, Any], field: str) -> None:
    put = s3.put_object(Bucket=bucket, Key="k", Body=BODY, **sse_kms(key[field]))
    head = s3.head_object(Bucket=bucket, Key="k")
    for response in (put, head):
        assert (response["ServerSideEncryption"], response["SSEKMSKeyId"]) == ("aws:kms", key["Arn"])
    assert read_object(s3, bucket, "k") == BODY


def test_alias_is_returned_by_the_arn_of_its_key(s3: Any, kms: Any, bucket: str, key: dict[str, Any]) -> None:
    kms.create_alias(AliasName="alias/of-object", TargetKeyId=key["KeyId"])
    s3.put_object(Bucket=bucket, Key="k", Body=BODY, **sse_kms("alias/of-object"))
    assert s3.head_object(Bucket=bucket, Key="k")["SSEKMSKeyId"] == key["Arn"]


def test_default_key_is_the_aws_managed_key(s3: Any, kms: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY, ServerSideEncryption="aws:kms")
    managed = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]
    assert s3.head_object(Bucket=bucket, Key="k")["SSEKMSKeyId"] == managed["Arn"]
    assert managed["KeyManager"] == "AWS"


def test_bucket_key(s3: Any, bucket: str, key: dict[str, Any]) -> None:
    put = s3.put_object(Bucket=bucket, Key="k", Body=BODY, **sse_kms(key["Arn"], BucketKeyEnabled=True))
    assert put["BucketKeyEnabled"] is s3.head_object(Bucket=bucket, Key="k")["BucketKeyEnabled"] is True


def test_encryption_context_is_returned_only_by_the_write(s3: Any, bucket: str, key: dict[str, Any]) -> None:
    context = base64.b64encode(b'{"team": "a"}').decode()
    put = s3.put_object(Bucket=bucket, Key="k", Body=BODY, **sse_kms(key["Arn"], SSEKMSEncryptionContext=context))
    assert json.loads(base64.b64decode(put["SSEKMSEncryptionContext"]))["team"] == "a"
    assert "SSEKMSEncryptionContext" not in s3.head_object(Bucket=bucket, Key="k")
    assert read_object(s3, bucket, "k") == BODY


def test_encryption_context_must_be_json(s3: Any, bucket: str, key: dict[str, Any]) -> None:
    nonsense = base64.b64encode(b"notjson").decode()
    with raises_client_error("InvalidArgument", 400):
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", **sse_kms(key["Arn"], SSEKMSEncryptionContext=nonsense))


def test_dsse(s3: Any, bucket: str, key: dict[str, Any]) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY, ServerSideEncryption="aws:kms:dsse", SSEKMSKeyId=key["Arn"])
    head = s3.head_object(Bucket=bucket, Key="k")
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms:dsse", key["Arn"])
    assert read_object(s3, bucket, "k") == BODY


def test_key_that_does_not_exist(s3: Any, bucket: str) -> None:
    with raises_client_error("KMS.NotFoundException", 400):
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", **sse_kms("11111111-2222-3333-4444-555555555555"))


def test_disabled_key(s3: Any, kms: Any, bucket: str, key: dict[str, Any]) -> None:
    kms.disable_key(KeyId=key["KeyId"])
    with raises_client_error("KMS.DisabledException", 400):
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", **sse_kms(key["Arn"]))


def test_key_pending_deletion(s3: Any, kms: Any, bucket: str, key: dict[str, Any]) -> None:
    kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    with raises_client_error("KMS.KMSInvalidStateException", 400):
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", **sse_kms(key["Arn"]))


def test_asymmetric_key(s3: Any, kms: Any, bucket: str) -> None:
    rsa = kms.create_key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]
    with raises_client_error("KMS.InvalidKeyUsageException", 400):
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", **sse_kms(rsa["Arn"]))


def test_read_with_a_disabled_key(s3: Any, kms: Any, bucket: str, key: dict[str, Any]) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", **sse_kms(key["Arn"]))
    kms.disable_key(KeyId=key["KeyId"])
    with raises_client_error("KMS.DisabledException", 400):
        s3.get_object(Bucket=bucket, Key="k")


def test_default_key_is_disabled(s3: Any, kms: Any, bucket: str, key: dict[str, Any]) -> None:
    put_default_encryption(s3, bucket, "aws:kms", key["Arn"])
    kms.disable_key(KeyId=key["KeyId"])
    with raises_client_error("KMS.DisabledException", 400):
        s3.put_object(Bucket=bucket, Key="k", Body=b"x")


def test_unknown_encryption(s3: Any, bucket: str) -> None:
    with raises_client_error("InvalidArgument", 400):
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", ServerSideEncryption="rot13")


def test_sse_s3_refuses_a_key(s3: Any, bucket: str, key: dict[str, Any]) -> None:
    with raises_client_error("InvalidArgument", 400):
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", ServerSideEncryption="AES256", SSEKMSKeyId=key["Arn"])


def test_etag_with_kms_is_not_the_md5(s3: Any, bucket: str, key: dict[str, Any]) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY, **sse_kms(key["Arn"]))
    assert s3.head_object(Bucket=bucket, Key="k")["ETag"] != f'"{MD5}"'


def test_conditional_writes(s3: Any, bucket: str) -> None:
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["ETag"]
    with raises_client_error("PreconditionFailed", 412):
        s3.put_object(Bucket=bucket, Key="k", Body=b"y", IfNoneMatch="*")
    s3.put_object(Bucket=bucket, Key="k", Body=b"z", IfMatch=etag)
    with raises_client_error("PreconditionFailed", 412):
        s3.put_object(Bucket=bucket, Key="k", Body=b"w", IfMatch=etag)
    assert read_object(s3, bucket, "k") == b"z"

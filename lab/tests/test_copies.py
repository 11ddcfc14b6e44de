# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Copies: what they keep, what they reset, and copies between encryption keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from client_calls import (
    BODY,
    FIRST_KEY,
    MIB,
    SECOND_KEY,
    copy_in_place,
    copy_source_sse_c,
    raises_client_error,
    read_object,
    sse_c,
    sse_kms,
)

from sealed_lab.s3.copying import parse_copy_source

pytestmark = pytest.mark.behaviour


@pytest.fixture
def sse_c_object(s3: Any, sse_c_bucket: str) -> str:
    """A bucket with the object ``k``, encrypted with the first customer key."""
    s3.put_object(Bucket=sse_c_bucket, Key="k", Body=BODY, **sse_c(FIRST_KEY))
    return sse_c_bucket


@pytest.fixture
def object_with_properties(s3: Any, bucket: str) -> str:
    """A bucket with the object ``k``, which has every property that a copy can lose."""
    s3.put_object(
        Bucket=bucket,
        Key="k",
        Body=BODY,
        Metadata={"owner": "ann"},
        ContentType="text/x-a",
        CacheControl="max-age=5",
        ContentDisposition="inline",
        Tagging="t=1&u=2",
        StorageClass="STANDARD_IA",
    )
    return bucket


def test_copy_from_sse_c_to_kms(s3: Any, sse_c_object: str, key: dict[str, Any]) -> None:
    source = {"Bucket": sse_c_object, "Key": "k"}
    s3.copy_object(
        Bucket=sse_c_object, Key="d", CopySource=source, **sse_kms(key["Arn"]), **copy_source_sse_c(FIRST_KEY)
    )
    head = s3.head_object(Bucket=sse_c_object, Key="d")
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key["Arn"])
    assert "SSECustomerAlgorithm" not in head
    assert read_object(s3, sse_c_object, "d") == BODY


def test_copy_from_sse_c_without_the_key(s3: Any, sse_c_object: str) -> None:
    with raises_client_error("InvalidRequest", 400):
        s3.copy_object(Bucket=sse_c_object, Key="d", CopySource={"Bucket": sse_c_object, "Key": "k"})


def test_copy_from_sse_c_with_a_wrong_key(s3: Any, sse_c_object: str) -> None:
    source = {"Bucket": sse_c_object, "Key": "k"}
    with raises_client_error("AccessDenied", 403):
        s3.copy_object(Bucket=sse_c_object, Key="d", CopySource=source, **copy_source_sse_c(SECOND_KEY))


def test_copy_from_one_customer_key_to_another(s3: Any, sse_c_object: str) -> None:
    copy_in_place(s3, sse_c_object, "k", **copy_source_sse_c(FIRST_KEY), **sse_c(SECOND_KEY))
    assert read_object(s3, sse_c_object, "k", **sse_c(SECOND_KEY)) == BODY
    with raises_client_error("AccessDenied", 403):
        s3.get_object(Bucket=sse_c_object, Key="k", **sse_c(FIRST_KEY))


def test_copy_in_place_must_change_something(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    with raises_client_error("InvalidRequest", 400):
        copy_in_place(s3, bucket, "k")


def test_copy_in_place_to_kms(s3: Any, object_with_properties: str, key: dict[str, Any]) -> None:
    response = copy_in_place(s3, object_with_properties, "k", **sse_kms(key["Arn"], BucketKeyEnabled=True))
    head = s3.head_object(Bucket=object_with_properties, Key="k")
    assert response["ServerSideEncryption"] == head["ServerSideEncryption"] == "aws:kms"
    assert head["SSEKMSKeyId"] == key["Arn"]
    assert head["BucketKeyEnabled"] is True
    assert read_object(s3, object_with_properties, "k") == BODY


def test_copy_in_place_keeps_metadata(s3: Any, object_with_properties: str, key: dict[str, Any]) -> None:
    copy_in_place(s3, object_with_properties, "k", **sse_kms(key["Arn"]))
    head = s3.head_object(Bucket=object_with_properties, Key="k")
    assert head["Metadata"] == {"owner": "ann"}
    assert (head["ContentType"], head["CacheControl"]) == ("text/x-a", "max-age=5")
    assert head["ContentDisposition"] == "inline"


def test_copy_in_place_keeps_tags(s3: Any, object_with_properties: str, key: dict[str, Any]) -> None:
    copy_in_place(s3, object_with_properties, "k", **sse_kms(key["Arn"]))
    tags = s3.get_object_tagging(Bucket=object_with_properties, Key="k")["TagSet"]
    assert {each["Key"]: each["Value"] for each in tags} == {"t": "1", "u": "2"}


def test_copy_in_place_resets_the_storage_class(s3: Any, object_with_properties: str, key: dict[str, Any]) -> None:
    copy_in_place(s3, object_with_properties, "k", **sse_kms(key["Arn"]))
    assert s3.head_object(Bucket=object_with_properties, Key="k").get("StorageClass", "STANDARD") == "STANDARD"


def test_copy_uses_the_default_encryption_of_the_target(
    s3: Any, new_bucket: Callable[..., str], key: dict[str, Any]
) -> None:
    source, target = new_bucket(), new_bucket()
    s3.put_object(Bucket=source, Key="k", Body=BODY, **sse_kms(key["Arn"]))
    s3.copy_object(Bucket=target, Key="k", CopySource={"Bucket": source, "Key": "k"})
    head = s3.head_object(Bucket=target, Key="k")
    assert head["ServerSideEncryption"] == "AES256"
    assert "SSEKMSKeyId" not in head
    assert read_object(s3, target, "k") == BODY


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("b/k", ("b", "k", None)),
        ("/b/f/k%2F1?versionId=v", ("b", "f/k/1", "v")),
        ("b%2Fk+1%2B2", ("b", "k 1+2", None)),
        ("https://s3.amazonaws.com/b/f/k?versionId=null", ("b", "f/k", "null")),
        ("b/https://k", ("b", "https://k", None)),
    ],
)
def test_forms_of_a_copy_source(text: str, expected: tuple[str, str, str | None]) -> None:
    assert parse_copy_source(text) == expected


def test_copy_source_if_match(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    source = {"Bucket": bucket, "Key": "k"}
    with raises_client_error("PreconditionFailed", 412):
        s3.copy_object(Bucket=bucket, Key="d", CopySource=source, CopySourceIfMatch='"0123"')


def test_copy_to_a_key_that_does_not_exist(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    with raises_client_error("KMS.NotFoundException", 400):
        copy_in_place(s3, bucket, "k", **sse_kms("11111111-2222-3333-4444-555555555555"))


def test_part_copies_to_kms(s3: Any, bucket: str, key: dict[str, Any]) -> None:
    s3.put_object(Bucket=bucket, Key="s", Body=b"z" * 6 * MIB)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="d", **sse_kms(key["Arn"], BucketKeyEnabled=True))
    assert upload["ServerSideEncryption"] == "aws:kms"
    parts = []
    for number, span in ((1, "bytes=0-5242879"), (2, "bytes=5242880-6291455")):
        response = s3.upload_part_copy(
            Bucket=bucket,
            Key="d",
            UploadId=upload["UploadId"],
            PartNumber=number,
            CopySource={"Bucket": bucket, "Key": "s"},
            CopySourceRange=span,
        )
        parts.append({"PartNumber": number, "ETag": response["CopyPartResult"]["ETag"]})
    s3.complete_multipart_upload(Bucket=bucket, Key="d", UploadId=upload["UploadId"], MultipartUpload={"Parts": parts})
    head = s3.head_object(Bucket=bucket, Key="d")
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key["Arn"])
    assert head["ContentLength"] == 6 * MIB
    assert read_object(s3, bucket, "d") == b"z" * 6 * MIB


@pytest.mark.parametrize(
    ("span", "code"),
    [
        ("bytes=0-10", "InvalidArgument"),
        ("bytes=10-11", "InvalidRequest"),
        ("bytes=5-4", "InvalidArgument"),
        ("bytes=5-", "InvalidArgument"),
        ("bytes=-5", "InvalidArgument"),
        ("0-5", "InvalidArgument"),
    ],
)
def test_range_of_a_part_copy_must_be_within_the_source(s3: Any, bucket: str, span: str, code: str) -> None:
    s3.put_object(Bucket=bucket, Key="s", Body=b"z" * 10)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="d")["UploadId"]
    part = {"Bucket": bucket, "Key": "d", "UploadId": upload, "PartNumber": 1}
    with raises_client_error(code, 400):
        s3.upload_part_copy(**part, CopySource={"Bucket": bucket, "Key": "s"}, CopySourceRange=span)


def test_part_copy_checks_the_source_etag(s3: Any, bucket: str) -> None:
    etag = s3.put_object(Bucket=bucket, Key="s", Body=b"z")["ETag"]
    upload = s3.create_multipart_upload(Bucket=bucket, Key="d")["UploadId"]
    part = {"Bucket": bucket, "Key": "d", "UploadId": upload, "PartNumber": 1}
    source = {"CopySource": {"Bucket": bucket, "Key": "s"}}
    s3.upload_part_copy(**part, **source, CopySourceIfMatch=etag)
    s3.put_object(Bucket=bucket, Key="s", Body=b"y")
    with raises_client_error("PreconditionFailed", 412):
        s3.upload_part_copy(**part, **source, CopySourceIfMatch=etag)


def test_part_copies_from_one_customer_key_to_another(s3: Any, sse_c_bucket: str) -> None:
    s3.put_object(Bucket=sse_c_bucket, Key="s", Body=b"z" * 6 * MIB, **sse_c(FIRST_KEY))
    upload = s3.create_multipart_upload(Bucket=sse_c_bucket, Key="d", **sse_c(SECOND_KEY))["UploadId"]
    etag = s3.upload_part_copy(
        Bucket=sse_c_bucket,
        Key="d",
        UploadId=upload,
        PartNumber=1,
        CopySource={"Bucket": sse_c_bucket, "Key": "s"},
        **copy_source_sse_c(FIRST_KEY),
        **sse_c(SECOND_KEY),
    )["CopyPartResult"]["ETag"]
    s3.complete_multipart_upload(
        Bucket=sse_c_bucket,
        Key="d",
        UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]},
        **sse_c(SECOND_KEY),
    )
    assert read_object(s3, sse_c_bucket, "d", **sse_c(SECOND_KEY)) == b"z" * 6 * MIB


@pytest.mark.behaviour
@pytest.mark.parametrize("text", ["mine/k%20x", "/mine/k+x", "https://s3.amazonaws.com/mine/k%20x",
                                  "http://mine.s3.eu-west-1.amazonaws.com/k%20x"])  # fmt: skip
def test_forms_of_copy_sources(text: str) -> None:
    assert parse_copy_source(f"{text}?versionId=v") == ("mine", "k x", "v")

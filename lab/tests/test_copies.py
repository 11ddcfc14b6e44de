# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Copies: what they keep, what they do not, and from which key to which."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from asking import BODY, FIRST_KEY, MIB, SECOND_KEY, customer, in_place, read, refused, source_customer, under

pytestmark = pytest.mark.behaviour


@pytest.fixture
def sealed(s3: Any, open_bucket: str) -> str:
    """A bucket with one object, ``k``, under the first customer key."""
    s3.put_object(Bucket=open_bucket, Key="k", Body=BODY, **customer(FIRST_KEY))
    return open_bucket


@pytest.fixture
def dressed(s3: Any, bucket: str) -> str:
    """A bucket with one object, ``k``, that has every property that a copy may lose."""
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


def test_from_a_customer_key_to_kms(s3: Any, sealed: str, key: dict[str, Any]) -> None:
    source = {"Bucket": sealed, "Key": "k"}
    s3.copy_object(Bucket=sealed, Key="d", CopySource=source, **under(key["Arn"]), **source_customer(FIRST_KEY))
    head = s3.head_object(Bucket=sealed, Key="d")
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key["Arn"])
    assert "SSECustomerAlgorithm" not in head
    assert read(s3, sealed, "d") == BODY


def test_from_a_customer_key_without_it(s3: Any, sealed: str) -> None:
    with refused("InvalidRequest", 400):
        s3.copy_object(Bucket=sealed, Key="d", CopySource={"Bucket": sealed, "Key": "k"})


def test_from_a_customer_key_with_another(s3: Any, sealed: str) -> None:
    source = {"Bucket": sealed, "Key": "k"}
    with refused("AccessDenied", 403):
        s3.copy_object(Bucket=sealed, Key="d", CopySource=source, **source_customer(SECOND_KEY))


def test_from_one_customer_key_to_another(s3: Any, sealed: str) -> None:
    in_place(s3, sealed, "k", **source_customer(FIRST_KEY), **customer(SECOND_KEY))
    assert read(s3, sealed, "k", **customer(SECOND_KEY)) == BODY
    with refused("AccessDenied", 403):
        s3.get_object(Bucket=sealed, Key="k", **customer(FIRST_KEY))


def test_in_place_something_must_change(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    with refused("InvalidRequest", 400):
        in_place(s3, bucket, "k")


def test_in_place_to_kms(s3: Any, dressed: str, key: dict[str, Any]) -> None:
    answer = in_place(s3, dressed, "k", **under(key["Arn"], BucketKeyEnabled=True))
    head = s3.head_object(Bucket=dressed, Key="k")
    assert answer["ServerSideEncryption"] == head["ServerSideEncryption"] == "aws:kms"
    assert head["SSEKMSKeyId"] == key["Arn"]
    assert head["BucketKeyEnabled"] is True
    assert read(s3, dressed, "k") == BODY


def test_in_place_keeps_metadata(s3: Any, dressed: str, key: dict[str, Any]) -> None:
    in_place(s3, dressed, "k", **under(key["Arn"]))
    head = s3.head_object(Bucket=dressed, Key="k")
    assert head["Metadata"] == {"owner": "ann"}
    assert (head["ContentType"], head["CacheControl"]) == ("text/x-a", "max-age=5")
    assert head["ContentDisposition"] == "inline"


def test_in_place_keeps_tags(s3: Any, dressed: str, key: dict[str, Any]) -> None:
    in_place(s3, dressed, "k", **under(key["Arn"]))
    tags = s3.get_object_tagging(Bucket=dressed, Key="k")["TagSet"]
    assert {each["Key"]: each["Value"] for each in tags} == {"t": "1", "u": "2"}


def test_in_place_forgets_the_storage_class(s3: Any, dressed: str, key: dict[str, Any]) -> None:
    in_place(s3, dressed, "k", **under(key["Arn"]))
    assert s3.head_object(Bucket=dressed, Key="k").get("StorageClass", "STANDARD") == "STANDARD"


def test_the_targets_default_decides(s3: Any, new_bucket: Callable[..., str], key: dict[str, Any]) -> None:
    source, target = new_bucket(), new_bucket()
    s3.put_object(Bucket=source, Key="k", Body=BODY, **under(key["Arn"]))
    s3.copy_object(Bucket=target, Key="k", CopySource={"Bucket": source, "Key": "k"})
    head = s3.head_object(Bucket=target, Key="k")
    assert head["ServerSideEncryption"] == "AES256"
    assert "SSEKMSKeyId" not in head
    assert read(s3, target, "k") == BODY


def test_the_sources_etag_must_match(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    source = {"Bucket": bucket, "Key": "k"}
    with refused("PreconditionFailed", 412):
        s3.copy_object(Bucket=bucket, Key="d", CopySource=source, CopySourceIfMatch='"0123"')


def test_to_a_key_that_does_not_exist(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    with refused("KMS.NotFoundException", 400):
        in_place(s3, bucket, "k", **under("11111111-2222-3333-4444-555555555555"))


def test_parts_from_an_object_to_kms(s3: Any, bucket: str, key: dict[str, Any]) -> None:
    s3.put_object(Bucket=bucket, Key="s", Body=b"z" * 6 * MIB)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="d", **under(key["Arn"], BucketKeyEnabled=True))
    assert upload["ServerSideEncryption"] == "aws:kms"
    parts = []
    for number, span in ((1, "bytes=0-5242879"), (2, "bytes=5242880-6291455")):
        answer = s3.upload_part_copy(
            Bucket=bucket,
            Key="d",
            UploadId=upload["UploadId"],
            PartNumber=number,
            CopySource={"Bucket": bucket, "Key": "s"},
            CopySourceRange=span,
        )
        parts.append({"PartNumber": number, "ETag": answer["CopyPartResult"]["ETag"]})
    s3.complete_multipart_upload(Bucket=bucket, Key="d", UploadId=upload["UploadId"], MultipartUpload={"Parts": parts})
    head = s3.head_object(Bucket=bucket, Key="d")
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key["Arn"])
    assert head["ContentLength"] == 6 * MIB
    assert read(s3, bucket, "d") == b"z" * 6 * MIB


@pytest.mark.parametrize(
    "span", ["bytes=0-6291456", "bytes=6291456-6291457", "bytes=5-4", "bytes=5-", "bytes=-5", "0-5"]
)
def test_a_part_to_copy_lies_within_its_source(s3: Any, bucket: str, span: str) -> None:
    s3.put_object(Bucket=bucket, Key="s", Body=b"z" * 6 * MIB)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="d")["UploadId"]
    where = {"Bucket": bucket, "Key": "d", "UploadId": upload, "PartNumber": 1}
    with refused("InvalidArgument", 400):
        s3.upload_part_copy(**where, CopySource={"Bucket": bucket, "Key": "s"}, CopySourceRange=span)


def test_a_part_is_copied_from_the_object_that_is_meant(s3: Any, bucket: str) -> None:
    etag = s3.put_object(Bucket=bucket, Key="s", Body=b"z")["ETag"]
    upload = s3.create_multipart_upload(Bucket=bucket, Key="d")["UploadId"]
    where = {"Bucket": bucket, "Key": "d", "UploadId": upload, "PartNumber": 1}
    source = {"CopySource": {"Bucket": bucket, "Key": "s"}}
    s3.upload_part_copy(**where, **source, CopySourceIfMatch=etag)
    s3.put_object(Bucket=bucket, Key="s", Body=b"y")
    with refused("PreconditionFailed", 412):
        s3.upload_part_copy(**where, **source, CopySourceIfMatch=etag)


def test_parts_from_one_customer_key_to_another(s3: Any, open_bucket: str) -> None:
    s3.put_object(Bucket=open_bucket, Key="s", Body=b"z" * 6 * MIB, **customer(FIRST_KEY))
    upload = s3.create_multipart_upload(Bucket=open_bucket, Key="d", **customer(SECOND_KEY))["UploadId"]
    etag = s3.upload_part_copy(
        Bucket=open_bucket,
        Key="d",
        UploadId=upload,
        PartNumber=1,
        CopySource={"Bucket": open_bucket, "Key": "s"},
        **source_customer(FIRST_KEY),
        **customer(SECOND_KEY),
    )["CopyPartResult"]["ETag"]
    s3.complete_multipart_upload(
        Bucket=open_bucket,
        Key="d",
        UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]},
        **customer(SECOND_KEY),
    )
    assert read(s3, open_bucket, "d", **customer(SECOND_KEY)) == b"z" * 6 * MIB

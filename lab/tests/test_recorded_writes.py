# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Writes as AWS was recorded to answer them: conditions of multipart uploads, version ids, copies onto themselves."""

from __future__ import annotations

from collections.abc import Callable
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from client_calls import FIRST_KEY, copy_in_place, put_default_encryption, raises_client_error, sse_c, sse_kms

from sealed_lab import RunningLab

Begin = Callable[..., dict[str, Any]]


@pytest.fixture
def begin(s3: Any, bucket: str) -> Begin:
    """Begins an upload with one part, and returns the parameters that complete it."""

    def upload(key: str = "k", **options: Any) -> dict[str, Any]:
        target = {"Bucket": bucket, "Key": key, **options}
        upload_id = s3.create_multipart_upload(**target)["UploadId"]
        part = {"Bucket": bucket, "Key": key, "UploadId": upload_id, "PartNumber": 1, "Body": b"part"}
        customer = {name: value for name, value in options.items() if name.startswith("SSECustomer")}
        etag = s3.upload_part(**part, **customer)["ETag"]
        parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
        return {"Bucket": bucket, "Key": key, "UploadId": upload_id, "MultipartUpload": parts}

    return upload


def test_condition_of_complete_after_the_key_was_written(s3: Any, bucket: str, begin: Begin) -> None:
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"1")["ETag"]
    upload = begin()
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    with raises_client_error("ConditionalRequestConflict", 409):
        s3.complete_multipart_upload(**upload, IfMatch=etag)
    with raises_client_error("PreconditionFailed", 412):
        s3.complete_multipart_upload(**upload, IfNoneMatch="*")
    s3.delete_object(Bucket=bucket, Key="k")
    with raises_client_error("NoSuchKey", 404):
        s3.complete_multipart_upload(**upload, IfMatch=etag)
    with raises_client_error("ConditionalRequestConflict", 409):
        s3.complete_multipart_upload(**upload, IfNoneMatch="*")
    s3.complete_multipart_upload(**begin(), IfNoneMatch="*")
    s3.complete_multipart_upload(**upload)


def test_deleting_a_key_that_does_not_exist_is_no_conflict(s3: Any, bucket: str, begin: Begin) -> None:
    upload = begin()
    s3.delete_object(Bucket=bucket, Key="k")
    s3.put_object(Bucket=bucket, Key="other", Body=b"1")
    s3.complete_multipart_upload(**upload, IfNoneMatch="*")


def test_condition_of_an_upload_during_which_the_key_is_written(s3: Any, bucket: str) -> None:
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"1")["ETag"]
    url = urlsplit(s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "k", "IfMatch": etag}))
    connection = HTTPConnection(url.netloc)
    connection.putrequest("PUT", f"{url.path}?{url.query}")
    for name, value in (("Content-Length", "2"), ("If-Match", etag)):
        connection.putheader(name, value)
    connection.endheaders(b"2")
    s3.get_object(Bucket=bucket, Key="k")["Body"].read()  # the upload has begun when the lab answers this
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    connection.send(b"3")
    response = connection.getresponse()
    assert (response.status, b"<Code>ConditionalRequestConflict</Code>" in response.read()) == (409, True)
    connection.close()


def test_completing_an_upload_again(s3: Any, bucket: str, begin: Begin) -> None:
    upload = begin()
    first = s3.complete_multipart_upload(**upload)
    second = s3.complete_multipart_upload(**upload, IfNoneMatch="*")
    assert second["ETag"] == first["ETag"]
    with raises_client_error("NoSuchUpload", 404):
        s3.complete_multipart_upload(**{**upload, "MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": "1"}]}})
    with raises_client_error("NoSuchUpload", 404):
        s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=upload["UploadId"])


@pytest.mark.parametrize(
    ("conditions", "code", "status"),
    [
        ({"IfMatch": "*"}, "NotImplemented", 501),
        ({"IfNoneMatch": "1"}, "NotImplemented", 501),
        ({"IfMatch": "1", "IfNoneMatch": "*"}, "NotImplemented", 501),
        ({"IfMatch": "1"}, "NoSuchKey", 404),
    ],
)
def test_conditions_of_writes(
    s3: Any, bucket: str, begin: Begin, conditions: dict[str, str], code: str, status: int
) -> None:
    s3.put_object(Bucket=bucket, Key="source", Body=b"1")
    writes: list[Callable[..., Any]] = [
        lambda **condition: s3.put_object(Bucket=bucket, Key="k", Body=b"1", **condition),
        lambda **condition: s3.copy_object(Bucket=bucket, Key="k", CopySource=f"{bucket}/source", **condition),
        lambda **condition: s3.complete_multipart_upload(**begin(), **condition),
    ]
    for write in writes:
        with raises_client_error(code, status):
            write(**conditions)


def test_checksum_of_a_multipart_object(s3: Any, sse_c_bucket: str, begin: Begin, key: dict[str, Any]) -> None:
    customer = sse_c(FIRST_KEY)
    assert "ChecksumType" not in s3.complete_multipart_upload(**begin(**customer))
    assert "ChecksumType" not in s3.head_object(Bucket=sse_c_bucket, Key="k", ChecksumMode="ENABLED", **customer)
    assert "ChecksumType" not in s3.complete_multipart_upload(**begin(**sse_kms(key["Arn"])))
    assert "ChecksumCRC64NVME" in s3.head_object(Bucket=sse_c_bucket, Key="k", ChecksumMode="ENABLED")
    attributes = s3.get_object_attributes(Bucket=sse_c_bucket, Key="k", ObjectAttributes=["ObjectParts"])
    assert attributes["ObjectParts"] == {"TotalPartsCount": 1}


def test_version_ids_that_s3_never_issued(s3: Any, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket=bucket, Key="k", Body=b"1")["VersionId"]
    never_issued = version[:-4] + ("abcd" if version[-4:] != "abcd" else "dcba")
    for version_id in (never_issued, "HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD", "1"):
        for operation in (s3.get_object, s3.delete_object, s3.get_object_tagging):
            with raises_client_error("InvalidArgument", 400):
                operation(Bucket=bucket, Key="k", VersionId=version_id)
        deletion = {"Objects": [{"Key": "k", "VersionId": version_id}]}
        errors = s3.delete_objects(Bucket=bucket, Delete=deletion)["Errors"]
        assert [error["Code"] for error in errors] == ["NoSuchVersion"]
    with raises_client_error("NoSuchVersion", 404):
        s3.get_object(Bucket=bucket, Key="other", VersionId=version)


def test_versions_are_listed_after_a_deleted_marker(s3: Any, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    versions = [s3.put_object(Bucket=bucket, Key="k", Body=b"1")["VersionId"] for _ in range(3)]
    s3.delete_object(Bucket=bucket, Key="k", VersionId=versions[1])
    rest = s3.list_object_versions(Bucket=bucket, KeyMarker="k", VersionIdMarker=versions[1])["Versions"]
    assert [each["VersionId"] for each in rest] == versions[:1]


def test_copies_onto_themselves_that_name_no_change(s3: Any, bucket: str, key: dict[str, Any]) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"1", **sse_kms(key["Arn"], BucketKeyEnabled=True))
    copied = copy_in_place(s3, bucket, "k", ServerSideEncryption="aws:kms")
    assert "BucketKeyEnabled" not in copied
    assert copied["SSEKMSKeyId"] != key["Arn"]  # the AWS-managed key
    assert copy_in_place(s3, bucket, "k")["ServerSideEncryption"] == "AES256"
    with raises_client_error("InvalidRequest", 400):
        copy_in_place(s3, bucket, "k")
    s3.copy_object(Bucket=bucket, Key="k", CopySource={"Bucket": bucket, "Key": "k", "VersionId": "null"})
    put_default_encryption(s3, bucket, "AES256")
    copy_in_place(s3, bucket, "k")


def test_pages_of_uploads(lab: RunningLab, s3: Any, bucket: str) -> None:
    keys = ("f/a/1", "f/a/2", "f/b", "f/b", "f/c")
    ids = [s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"] for key in keys]
    page = s3.list_multipart_uploads(Bucket=bucket, Prefix="f/", Delimiter="/", MaxUploads=2)
    assert [each["Prefix"] for each in page["CommonPrefixes"]] == ["f/a/"]
    assert page["IsTruncated"] is True
    assert (page["NextKeyMarker"], page["NextUploadIdMarker"]) == ("f/b", ids[2])
    rest = s3.list_multipart_uploads(Bucket=bucket, KeyMarker="f/b", UploadIdMarker=ids[2])["Uploads"]
    assert [each["UploadId"] for each in rest] == ids[3:]
    with raises_client_error("InvalidArgument", 400):
        s3.list_multipart_uploads(Bucket=bucket, KeyMarker="f/c", UploadIdMarker=ids[2])

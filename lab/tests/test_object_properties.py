# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Encryption in place, versions, tags, locks, unusual keys, presigned URLs."""

from __future__ import annotations

import datetime
import io
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from client_calls import BODY, FIRST_KEY, MIB, copy_in_place, raises_client_error, read_object, sse_c, sse_kms

pytestmark = pytest.mark.behaviour
ODD_KEYS = ["a b", "é/ü", "x+y", "q?z", "per%20cent", "t\ttab"]


def update(s3: Any, bucket: str, key: str, arn: str, **options: Any) -> None:
    """Call UpdateObjectEncryption."""
    s3.update_object_encryption(
        Bucket=bucket, Key=key, ObjectEncryption={"SSEKMS": {"KMSKeyArn": arn, "BucketKeyEnabled": True}}, **options
    )


def test_encryption_is_updated_in_place(s3: Any, bucket: str, key: dict[str, Any]) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    before = s3.head_object(Bucket=bucket, Key="k")
    update(s3, bucket, "k", key["Arn"])
    head = s3.head_object(Bucket=bucket, Key="k")
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key["Arn"])
    assert head["BucketKeyEnabled"] is True
    for name in ("ETag", "LastModified", "ContentLength"):
        assert head[name] == before[name]
    assert read_object(s3, bucket, "k") == BODY


def test_sse_c_is_not_updated_in_place(s3: Any, sse_c_bucket: str, key: dict[str, Any]) -> None:
    s3.put_object(Bucket=sse_c_bucket, Key="k", Body=BODY, **sse_c(FIRST_KEY))
    with raises_client_error("InvalidRequest", 400):
        update(s3, sse_c_bucket, "k", key["Arn"])


@pytest.fixture
def versioned_bucket(s3: Any, bucket: str) -> str:
    """A bucket with versioning."""
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return bucket


def test_each_version_has_its_own_encryption(s3: Any, versioned_bucket: str, key: dict[str, Any]) -> None:
    first = s3.put_object(Bucket=versioned_bucket, Key="k", Body=b"1")["VersionId"]
    second = s3.put_object(Bucket=versioned_bucket, Key="k", Body=b"2", **sse_kms(key["Arn"]))["VersionId"]
    for version, kind in ((first, "AES256"), (second, "aws:kms")):
        head = s3.head_object(Bucket=versioned_bucket, Key="k", VersionId=version)
        assert head["ServerSideEncryption"] == kind


def test_copy_of_an_old_version_is_a_new_version(s3: Any, versioned_bucket: str, key: dict[str, Any]) -> None:
    first = s3.put_object(Bucket=versioned_bucket, Key="k", Body=b"1")["VersionId"]
    source = {"Bucket": versioned_bucket, "Key": "k", "VersionId": first}
    response = s3.copy_object(Bucket=versioned_bucket, Key="k", CopySource=source, **sse_kms(key["Arn"]))
    assert response["VersionId"] != first
    assert response["CopySourceVersionId"] == first
    assert len(s3.list_object_versions(Bucket=versioned_bucket)["Versions"]) == 2
    assert s3.head_object(Bucket=versioned_bucket, Key="k", VersionId=first)["ServerSideEncryption"] == "AES256"


def test_object_tags(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    tags = [{"Key": "a", "Value": "1"}]
    s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": tags})
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == tags


def test_copy_does_not_inherit_the_lock(s3: Any, new_bucket: Callable[..., str], key: dict[str, Any]) -> None:
    locked = new_bucket(ObjectLockEnabledForBucket=True)
    until = datetime.datetime(2030, 1, 1, tzinfo=datetime.timezone.utc)
    s3.put_object(Bucket=locked, Key="k", Body=b"x", ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=until)
    copy_in_place(s3, locked, "k", **sse_kms(key["Arn"]))
    assert "ObjectLockMode" not in s3.head_object(Bucket=locked, Key="k")


def test_unusual_keys_are_listed_and_copied(s3: Any, bucket: str, key: dict[str, Any]) -> None:
    for name in ODD_KEYS:
        s3.put_object(Bucket=bucket, Key=name, Body=b"x")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 2})
    assert sorted(each["Key"] for page in pages for each in page["Contents"]) == sorted(ODD_KEYS)
    for name in ODD_KEYS:
        copy_in_place(s3, bucket, name, **sse_kms(key["Arn"]))
        assert s3.head_object(Bucket=bucket, Key=name)["ServerSideEncryption"] == "aws:kms"


def test_presigned_put(s3: Any, bucket: str) -> None:
    content = {"ContentType": "application/octet-stream", "ServerSideEncryption": "AES256"}
    url = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "k", **content})
    headers = {"x-amz-server-side-encryption": "AES256", "Content-Type": "application/octet-stream"}
    request = urllib.request.Request(url, data=b"x", method="PUT", headers=headers)
    with urllib.request.urlopen(request, timeout=20) as response:
        assert response.status == 200
    assert read_object(s3, bucket, "k") == b"x"


def test_transfer_manager_uploads_with_kms(s3: Any, bucket: str, key: dict[str, Any]) -> None:
    s3.upload_fileobj(io.BytesIO(b"y" * 20 * MIB), bucket, "big", ExtraArgs=sse_kms(key["Arn"]))
    head = s3.head_object(Bucket=bucket, Key="big")
    assert (head["ServerSideEncryption"], head["ContentLength"]) == ("aws:kms", 20 * MIB)

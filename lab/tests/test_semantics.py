# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Details of S3 besides the conformance cases: regions, ranges, conditions, versions, locks, parts, updates."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError
from client_calls import (
    BODY,
    FIRST_KEY,
    MIB,
    copy_in_place,
    get_default_encryption,
    put_default_encryption,
    raises_client_error,
    read_object,
    sse_c,
    sse_kms,
    upload_multipart,
)

from sealed_lab import RunningLab

UTC = datetime.timezone.utc

# ---------------------------------------------------------------- regions


def test_endpoint_of_another_region_redirects(lab: RunningLab, s3: Any) -> None:
    ireland = lab.client("s3", region="eu-west-1")
    ireland.create_bucket(Bucket="far", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="far", Key="k", Body=BODY)
    assert read_object(s3, "far", "k") == BODY
    regions = [each.region for each in lab.calls.select(operation="PutObject")]
    assert (regions[0], regions[-1]) == ("us-east-1", "eu-west-1")
    assert lab.calls.select(operation="PutObject")[0].error == "PermanentRedirect"


def test_location_constraint_must_match_the_endpoint(lab: RunningLab) -> None:
    ireland = lab.client("s3", region="eu-west-1")
    with raises_client_error("IllegalLocationConstraintException", 400):
        ireland.create_bucket(Bucket="far")
    with raises_client_error("IllegalLocationConstraintException", 400):
        ireland.create_bucket(Bucket="far", CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})


def test_key_must_be_in_the_region_of_the_bucket(lab: RunningLab, s3: Any, bucket: str) -> None:
    remote_key = lab.client("kms", region="eu-west-1").create_key()["KeyMetadata"]
    with raises_client_error("KMS.NotFoundException", 400) as messages:
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", **sse_kms(remote_key["Arn"]))
    assert messages[0] == "Invalid arn eu-west-1"


def test_create_own_bucket_again(lab: RunningLab, s3: Any, bucket: str) -> None:
    s3.create_bucket(Bucket=bucket)
    ireland = lab.client("s3", region="eu-west-1")
    configuration = {"LocationConstraint": "eu-west-1"}
    ireland.create_bucket(Bucket="far", CreateBucketConfiguration=configuration)
    with raises_client_error("BucketAlreadyOwnedByYou", 409):
        ireland.create_bucket(Bucket="far", CreateBucketConfiguration=configuration)


@pytest.mark.parametrize("name", ["UPPER", "a..b", "192.168.0.1", "xn--b", "b-s3alias"])
def test_invalid_bucket_names(s3: Any, name: str) -> None:
    with raises_client_error("InvalidBucketName", 400):
        s3.create_bucket(Bucket=name)


def test_only_an_empty_bucket_is_deleted(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    with raises_client_error("BucketNotEmpty", 409):
        s3.delete_bucket(Bucket=bucket)
    s3.delete_object(Bucket=bucket, Key="k")
    s3.delete_bucket(Bucket=bucket)


def test_new_bucket_blocks_public_access(s3: Any, bucket: str) -> None:
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    rules = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert rules == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def test_whole_encryption_rule_is_replaced(s3: Any, bucket: str) -> None:
    put_default_encryption(s3, bucket, "AES256", bucket_key=True, blocked=["SSE-C"])
    put_default_encryption(s3, bucket, "AES256")
    assert "BlockedEncryptionTypes" not in get_default_encryption(s3, bucket)
    assert get_default_encryption(s3, bucket)["BucketKeyEnabled"] is False


# ---------------------------------------------------------------- reading


@pytest.mark.parametrize(
    ("span", "start", "end"),
    [("bytes=0-0", 0, 1), ("bytes=10-19", 10, 20), ("bytes=990-", 990, 1000), ("bytes=-5", 995, 1000),
     ("bytes=990-5000", 990, 1000)],
)  # fmt: skip
def test_ranges(s3: Any, bucket: str, span: str, start: int, end: int) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    response = s3.get_object(Bucket=bucket, Key="k", Range=span)
    assert response["Body"].read() == BODY[start:end]
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert response["ContentRange"] == f"bytes {start}-{end - 1}/1000"


def test_range_beyond_the_end(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    with raises_client_error("InvalidRange", 416):
        s3.get_object(Bucket=bucket, Key="k", Range="bytes=1000-")


def test_conditional_reads(s3: Any, bucket: str) -> None:
    etag = s3.put_object(Bucket=bucket, Key="k", Body=BODY)["ETag"]
    assert s3.get_object(Bucket=bucket, Key="k", IfMatch=etag)["Body"].read() == BODY
    with raises_client_error("PreconditionFailed", 412):
        s3.get_object(Bucket=bucket, Key="k", IfMatch='"other"')
    with raises_client_error("304", 304):
        s3.get_object(Bucket=bucket, Key="k", IfNoneMatch=etag)
    with raises_client_error("412", 412):
        s3.head_object(Bucket=bucket, Key="k", IfUnmodifiedSince=datetime.datetime(2020, 1, 1, tzinfo=UTC))
    with raises_client_error("304", 304):
        s3.head_object(Bucket=bucket, Key="k", IfModifiedSince=datetime.datetime.now(UTC))


def test_all_headers_are_stored(s3: Any, bucket: str) -> None:
    headers = {
        "ContentType": "text/plain; charset=utf-8",
        "CacheControl": "no-cache",
        "ContentDisposition": 'attachment; filename="a b"',
        "ContentEncoding": "gzip",
        "ContentLanguage": "de",
        "StorageClass": "STANDARD_IA",
        "Metadata": {"a": "1", "b-c": "x; y"},
    }
    s3.put_object(Bucket=bucket, Key="k", Body=BODY, Expires=datetime.datetime(2030, 1, 1, tzinfo=UTC), **headers)
    head = s3.head_object(Bucket=bucket, Key="k")
    assert {name: head[name] for name in headers} == headers
    assert head["ExpiresString"] == "Tue, 01 Jan 2030 00:00:00 GMT"
    assert read_object(s3, bucket, "k") == BODY
    other = s3.get_object(Bucket=bucket, Key="k", ResponseContentType="a/b", ResponseCacheControl="private")
    assert (other["ContentType"], other["CacheControl"]) == ("a/b", "private")


def test_listing_by_delimiter(s3: Any, bucket: str) -> None:
    for key in ("a", "b/1", "b/2", "b/c/3", "d/4", "e"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    listed: list[str] = []
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": 1})
    for page in pages:
        assert page["KeyCount"] == 1
        listed += [each["Key"] for each in page.get("Contents", [])]
        listed += [each["Prefix"] for each in page.get("CommonPrefixes", [])]
    assert listed == ["a", "b/", "d/", "e"]
    inner = s3.list_objects_v2(Bucket=bucket, Prefix="b/", Delimiter="/")
    assert [each["Key"] for each in inner["Contents"]] == ["b/1", "b/2"]
    assert [each["Prefix"] for each in inner["CommonPrefixes"]] == ["b/c/"]
    assert [each["Key"] for each in s3.list_objects_v2(Bucket=bucket, StartAfter="b/2")["Contents"]] == [
        "b/c/3", "d/4", "e",
    ]  # fmt: skip


# ---------------------------------------------------------------- versions and locks


@pytest.fixture
def versioned_bucket(s3: Any, bucket: str) -> str:
    """A bucket with versioning."""
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return bucket


def test_delete_marker_hides_the_object(s3: Any, versioned_bucket: str) -> None:
    first = s3.put_object(Bucket=versioned_bucket, Key="k", Body=b"1")["VersionId"]
    marker = s3.delete_object(Bucket=versioned_bucket, Key="k")
    assert marker["DeleteMarker"] is True
    with raises_client_error("NoSuchKey", 404):
        s3.get_object(Bucket=versioned_bucket, Key="k")
    with raises_client_error("MethodNotAllowed", 405):
        s3.get_object(Bucket=versioned_bucket, Key="k", VersionId=marker["VersionId"])
    assert read_object(s3, versioned_bucket, "k", VersionId=first) == b"1"
    s3.put_object(Bucket=versioned_bucket, Key="k2", Body=b"2", IfNoneMatch="*")
    s3.delete_object(Bucket=versioned_bucket, Key="k", VersionId=marker["VersionId"])
    assert read_object(s3, versioned_bucket, "k") == b"1"


def test_suspended_versioning_creates_null_versions(s3: Any, versioned_bucket: str) -> None:
    first = s3.put_object(Bucket=versioned_bucket, Key="k", Body=b"1")["VersionId"]
    s3.put_bucket_versioning(Bucket=versioned_bucket, VersioningConfiguration={"Status": "Suspended"})
    for body in (b"2", b"3"):
        assert "VersionId" not in s3.put_object(Bucket=versioned_bucket, Key="k", Body=body)
    assert "VersionId" not in upload_multipart(s3, versioned_bucket, "m")
    assert s3.copy_object(Bucket=versioned_bucket, Key="c", CopySource=f"{versioned_bucket}/k")["VersionId"] == "null"
    assert s3.head_object(Bucket=versioned_bucket, Key="k")["VersionId"] == "null"
    found = s3.list_object_versions(Bucket=versioned_bucket, Prefix="k")["Versions"]
    assert [each["VersionId"] for each in found] == ["null", first]


def test_list_versions_in_pages(s3: Any, versioned_bucket: str) -> None:
    expected = []
    for key in ("a", "b"):
        for number in range(3):
            expected.append(
                (key, s3.put_object(Bucket=versioned_bucket, Key=key, Body=str(number).encode())["VersionId"])
            )
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=versioned_bucket, PaginationConfig={"PageSize": 2})
    listed = [(each["Key"], each["VersionId"]) for page in pages for each in page["Versions"]]
    assert sorted(listed) == sorted(expected)
    assert len(listed) == len(set(listed)) == 6


def test_locked_version_cannot_be_deleted(s3: Any, new_bucket: Callable[..., str], key: dict[str, Any]) -> None:
    bucket = new_bucket(ObjectLockEnabledForBucket=True)
    until = datetime.datetime(2035, 1, 1, tzinfo=UTC)
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"x", ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=until)
    with raises_client_error("AccessDenied", 403):
        s3.delete_object(Bucket=bucket, Key="k", VersionId=put["VersionId"])
    with raises_client_error("AccessDenied", 403):
        s3.update_object_encryption(Bucket=bucket, Key="k", ObjectEncryption={"SSEKMS": {"KMSKeyArn": key["Arn"]}})
    s3.delete_object(Bucket=bucket, Key="k", VersionId=put["VersionId"], BypassGovernanceRetention=True)
    held_version = s3.put_object(Bucket=bucket, Key="h", Body=b"x", ObjectLockLegalHoldStatus="ON")["VersionId"]
    with raises_client_error("AccessDenied", 403):
        s3.delete_object(Bucket=bucket, Key="h", VersionId=held_version, BypassGovernanceRetention=True)
    s3.put_object_legal_hold(Bucket=bucket, Key="h", LegalHold={"Status": "OFF"})
    s3.delete_object(Bucket=bucket, Key="h", VersionId=held_version)


def test_lock_expires(lab: RunningLab, s3: Any, new_bucket: Callable[..., str]) -> None:
    bucket = new_bucket(ObjectLockEnabledForBucket=True)
    rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 10}}
    s3.put_object_lock_configuration(
        Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )
    version = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["VersionId"]
    assert s3.get_object_retention(Bucket=bucket, Key="k")["Retention"]["Mode"] == "COMPLIANCE"
    with raises_client_error("AccessDenied", 403):
        s3.delete_object(Bucket=bucket, Key="k", VersionId=version, BypassGovernanceRetention=True)
    lab.clock.advance(days=11)
    s3.delete_object(Bucket=bucket, Key="k", VersionId=version)


def test_delete_objects(s3: Any, bucket: str) -> None:
    for number in range(5):
        s3.put_object(Bucket=bucket, Key=f"k{number}", Body=b"x")
    objects = [{"Key": f"k{number}"} for number in range(4)] + [{"Key": "absent"}]
    response = s3.delete_objects(Bucket=bucket, Delete={"Objects": objects})
    assert len(response["Deleted"]) == 5
    assert [each["Key"] for each in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["k4"]


# ---------------------------------------------------------------- parts


def test_invalid_parts(s3: Any, bucket: str) -> None:
    upload = s3.create_multipart_upload(Bucket=bucket, Key="m")["UploadId"]
    parts = []
    for number in (1, 2):
        etag = s3.upload_part(Bucket=bucket, Key="m", UploadId=upload, PartNumber=number, Body=b"x")["ETag"]
        parts.append({"PartNumber": number, "ETag": etag})
    with raises_client_error("EntityTooSmall", 400):
        s3.complete_multipart_upload(Bucket=bucket, Key="m", UploadId=upload, MultipartUpload={"Parts": parts})
    with raises_client_error("InvalidPartOrder", 400):
        s3.complete_multipart_upload(Bucket=bucket, Key="m", UploadId=upload, MultipartUpload={"Parts": parts[::-1]})
    with raises_client_error("InvalidPart", 400):
        wrong = [{"PartNumber": 1, "ETag": '"0"'}]
        s3.complete_multipart_upload(Bucket=bucket, Key="m", UploadId=upload, MultipartUpload={"Parts": wrong})
    assert [each["PartNumber"] for each in s3.list_parts(Bucket=bucket, Key="m", UploadId=upload)["Parts"]] == [1, 2]
    assert [each["Key"] for each in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]] == ["m"]
    s3.abort_multipart_upload(Bucket=bucket, Key="m", UploadId=upload)
    with raises_client_error("NoSuchUpload", 404):
        s3.list_parts(Bucket=bucket, Key="m", UploadId=upload)


def test_composite_upload_requires_part_checksums(s3: Any, bucket: str) -> None:
    upload = s3.create_multipart_upload(Bucket=bucket, Key="m", ChecksumAlgorithm="SHA256")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="m", UploadId=upload, PartNumber=1, Body=b"x", ChecksumAlgorithm="SHA256")
    bare = [{"PartNumber": 1, "ETag": part["ETag"]}]
    with raises_client_error("InvalidRequest", 400):
        s3.complete_multipart_upload(Bucket=bucket, Key="m", UploadId=upload, MultipartUpload={"Parts": bare})
    full = [{**bare[0], "ChecksumSHA256": part["ChecksumSHA256"]}]
    s3.complete_multipart_upload(Bucket=bucket, Key="m", UploadId=upload, MultipartUpload={"Parts": full})


def test_read_one_part(s3: Any, bucket: str) -> None:
    upload_multipart(s3, bucket, "m")
    response = s3.get_object(Bucket=bucket, Key="m", PartNumber=2)
    assert (response["PartsCount"], response["Body"].read()) == (2, b"B" * 1000)


def test_conditional_completion(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="m", Body=b"x")
    with raises_client_error("PreconditionFailed", 412):
        upload_multipart(s3, bucket, "m", complete_options={"IfNoneMatch": "*"})


def test_parts_have_the_encryption_conditions_of_their_upload(s3: Any, bucket: str, key: dict[str, Any]) -> None:
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
        "Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}},
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny]}))
    upload_multipart(s3, bucket, "m", **sse_kms(key["Arn"]))
    with raises_client_error("AccessDenied", 403):
        upload_multipart(s3, bucket, "n")


def test_concurrent_uploads(s3: Any, bucket: str, key: dict[str, Any]) -> None:
    def put(number: int) -> None:
        s3.put_object(Bucket=bucket, Key=f"k{number}", Body=bytes([number]) * MIB, **sse_kms(key["Arn"]))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, range(24)))
    for number in range(24):
        assert read_object(s3, bucket, f"k{number}") == bytes([number]) * MIB


def test_only_one_concurrent_conditional_write_succeeds(s3: Any, bucket: str) -> None:
    def put(number: int) -> str:
        try:
            s3.put_object(Bucket=bucket, Key="k", Body=str(number).encode() * 1000, IfNoneMatch="*")
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "written"

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(put, range(16))) == ["PreconditionFailed"] * 15 + ["written"]


# ---------------------------------------------------------------- encryption in place


@pytest.mark.parametrize("wrong", ["key-id", "alias", "account", "absent"])
def test_update_requires_the_full_arn_of_a_key_of_the_owner(
    lab: RunningLab, s3: Any, kms: Any, bucket: str, key: dict[str, Any], wrong: str
) -> None:
    kms.create_alias(AliasName="alias/a", TargetKeyId=key["KeyId"])
    other_account_arn = lab.client("kms", account="222222222222").create_key()["KeyMetadata"]["Arn"]
    names = {
        "key-id": (key["KeyId"], ("InvalidRequest", "MalformedXML")),
        "alias": (key["Arn"].split(":key/")[0] + ":alias/a", ("InvalidRequest",)),
        "account": (other_account_arn, ("AccessDenied",)),
        "absent": (key["Arn"][:-4] + "0000", ("KMS.NotFoundException",)),
    }
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    name, codes = names[wrong]
    client = lab.client("s3", parameter_validation=False)
    with pytest.raises(ClientError) as caught:
        client.update_object_encryption(Bucket=bucket, Key="k", ObjectEncryption={"SSEKMS": {"KMSKeyArn": name}})
    assert caught.value.response["Error"]["Code"] in codes
    assert s3.head_object(Bucket=bucket, Key="k")["ServerSideEncryption"] == "AES256"


def test_dsse_is_not_updated_in_place(s3: Any, bucket: str, key: dict[str, Any]) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY, ServerSideEncryption="aws:kms:dsse", SSEKMSKeyId=key["Arn"])
    with raises_client_error("InvalidRequest", 400):
        s3.update_object_encryption(Bucket=bucket, Key="k", ObjectEncryption={"SSEKMS": {"KMSKeyArn": key["Arn"]}})


def test_dsse_has_no_bucket_key(s3: Any, bucket: str, key: dict[str, Any]) -> None:
    s3.put_object(
        Bucket=bucket,
        Key="k",
        Body=BODY,
        ServerSideEncryption="aws:kms:dsse",
        SSEKMSKeyId=key["Arn"],
        BucketKeyEnabled=True,
    )
    assert "BucketKeyEnabled" not in s3.head_object(Bucket=bucket, Key="k")


def test_bucket_key_setting_of_the_bucket_is_the_default(s3: Any, bucket: str, key: dict[str, Any]) -> None:
    put_default_encryption(s3, bucket, "aws:kms", key["Arn"], bucket_key=True)
    s3.put_object(Bucket=bucket, Key="silent", Body=b"x", **sse_kms(key["Arn"]))
    s3.put_object(Bucket=bucket, Key="off", Body=b"x", **sse_kms(key["Arn"], BucketKeyEnabled=False))
    assert s3.head_object(Bucket=bucket, Key="silent")["BucketKeyEnabled"] is True
    assert "BucketKeyEnabled" not in s3.head_object(Bucket=bucket, Key="off")


def test_blocking_sse_c_leaves_old_objects_readable(s3: Any, sse_c_bucket: str) -> None:
    s3.put_object(Bucket=sse_c_bucket, Key="k", Body=BODY, **sse_c(FIRST_KEY))
    put_default_encryption(s3, sse_c_bucket, "AES256", blocked=["SSE-C"])
    assert read_object(s3, sse_c_bucket, "k", **sse_c(FIRST_KEY)) == BODY
    with raises_client_error("AccessDenied", 403):
        s3.create_multipart_upload(Bucket=sse_c_bucket, Key="m", **sse_c(FIRST_KEY))
    with raises_client_error("AccessDenied", 403):
        copy_in_place(
            s3,
            sse_c_bucket,
            "k",
            CopySourceSSECustomerAlgorithm="AES256",
            CopySourceSSECustomerKey=FIRST_KEY,
            **sse_c(b"3" * 32),
        )


def test_tagging_api_finds_resources(lab: RunningLab, kms: Any) -> None:
    arn = kms.create_key(Tags=[{"TagKey": "owner", "TagValue": "ann"}])["KeyMetadata"]["Arn"]
    kms.create_key(Tags=[{"TagKey": "owner", "TagValue": "bob"}])
    tagging = lab.client("resourcegroupstaggingapi")
    found = tagging.get_resources(TagFilters=[{"Key": "owner", "Values": ["ann"]}], ResourceTypeFilters=["kms:key"])[
        "ResourceTagMappingList"
    ]
    assert found == [{"ResourceARN": arn, "Tags": [{"Key": "owner", "Value": "ann"}]}]


def test_index_of_the_tagging_api_can_lag(lab: RunningLab, kms: Any) -> None:
    """The index shows new keys, new tags and removed tags late. KMS itself shows them at once."""
    tagging = lab.client("resourcegroupstaggingapi")

    def indexed_tags() -> list[list[dict[str, str]]]:
        return [
            found["Tags"] for found in tagging.get_resources(ResourceTypeFilters=["kms:key"])["ResourceTagMappingList"]
        ]

    lab.index_seconds = 30
    arn = kms.create_key(Tags=[{"TagKey": "owner", "TagValue": "ann"}])["KeyMetadata"]["Arn"]
    assert indexed_tags() == []
    lab.clock.advance(seconds=31)
    assert indexed_tags() == [[{"Key": "owner", "Value": "ann"}]]
    kms.tag_resource(KeyId=arn, Tags=[{"TagKey": "owner", "TagValue": "bob"}])
    kms.untag_resource(KeyId=arn, TagKeys=["owner"])
    assert kms.list_resource_tags(KeyId=arn)["Tags"] == []
    assert indexed_tags() == [[{"Key": "owner", "Value": "ann"}]]
    lab.clock.advance(seconds=31)
    assert indexed_tags() == []

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Objects and buckets as AWS was recorded to answer: SSE-C, tags, locks, metadata, ACLs, regions, signatures."""

from __future__ import annotations

import base64
import re
import time
import urllib.error
import urllib.request
from typing import Any

import pytest
from botocore.exceptions import ClientError
from client_calls import BODY, FIRST_KEY, SECOND_KEY, raises_client_error, sse_c
from test_strictness import send_signed

from sealed_lab import RunningLab

WRONG_KEY = (
    "Requests specifying Server Side Encryption with Customer provided keys must provide the correct secret key."
)
LOCK = {"Mode": "GOVERNANCE", "RetainUntilDate": time.time() + 3600}


def error_of(call: Any, **parameters: Any) -> dict[str, str]:
    """Return the error of a call, without the message."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    error: Any = dict(caught.value.response["Error"])
    error.pop("Message", None)
    return dict(error)


@pytest.mark.behaviour
def test_reads_with_a_wrong_customer_key(s3: Any, sse_c_bucket: str) -> None:
    s3.put_object(Bucket=sse_c_bucket, Key="k", Body=BODY, **sse_c(FIRST_KEY))
    for key in (SECOND_KEY, FIRST_KEY[:16], base64.b64encode(FIRST_KEY)):
        with raises_client_error("AccessDenied", 403) as messages:
            s3.get_object(Bucket=sse_c_bucket, Key="k", **sse_c(key))
        assert messages == [WRONG_KEY]
        with raises_client_error("403", 403):
            s3.head_object(Bucket=sse_c_bucket, Key="k", **sse_c(key))
    short = error_of(s3.put_object, Bucket=sse_c_bucket, Key="k", Body=BODY, **sse_c(FIRST_KEY[:16]))
    assert short == {"Code": "InvalidArgument", "ArgumentName": "x-amz-server-side-encryption"}


@pytest.mark.behaviour
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_read_that_selects_an_encryption(lab: RunningLab, s3: Any, bucket: str, method: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    status, text = send_signed(lab, method, f"/{bucket}/k", headers={"x-amz-server-side-encryption": "AES256"})
    assert (status, "header is not supported for this operation" in text) == (400, method == "GET")


@pytest.mark.behaviour
def test_errors_have_no_resource(lab: RunningLab, s3: Any, bucket: str) -> None:
    status, text = send_signed(lab, "GET", f"/{bucket}/missing")
    assert (status, "<Resource>" in text, "<Key>missing</Key>" in text) == (404, False, True)


@pytest.mark.behaviour
@pytest.mark.parametrize(
    ("tag", "fields"),
    [
        (("a,b", "c"), {"TagKey": "a,b"}),
        (("a", "b,c"), {"TagKey": "a", "TagValue": "b,c"}),
        (("aws:a", "b"), {"TagKey": "aws:a"}),
        (("\U0001d54f" * 65, ""), {"TagKey": "\U0001d54f" * 65}),
    ],
    ids=["a comma in the key", "a comma in the value", "a reserved key", "a key of 130 UTF-16 units"],
)
def test_tags_that_are_refused(s3: Any, bucket: str, tag: tuple[str, str], fields: dict[str, str]) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    tagging = {"TagSet": [{"Key": tag[0], "Value": tag[1]}]}
    expected = {"Code": "InvalidTag", **fields}
    assert error_of(s3.put_bucket_tagging, Bucket=bucket, Tagging=tagging) == expected
    assert error_of(s3.put_object_tagging, Bucket=bucket, Key="k", Tagging=tagging) == expected


@pytest.mark.behaviour
def test_tags_of_uploads_and_new_buckets(s3: Any, bucket: str) -> None:
    for header in ("a=1&a=2", "a=1,b=2"):
        error = error_of(s3.put_object, Bucket=bucket, Key="k", Body=BODY, Tagging=header)
        assert error == {"Code": "InvalidArgument", "ArgumentName": "x-amz-tagging", "ArgumentValue": header}
    s3.put_object(Bucket=bucket, Key="k", Body=BODY, Tagging="a&&b=1%2B+x")
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == [
        {"Key": "a", "Value": ""},
        {"Key": "b", "Value": "1+ x"},
    ]
    tags = {"Tags": [{"Key": "a", "Value": "b"}]}
    s3.create_bucket(Bucket="tagged-bucket", CreateBucketConfiguration=tags)
    assert s3.create_bucket(Bucket="tagged-bucket")["BucketArn"] == "arn:aws:s3:::tagged-bucket"
    error = error_of(s3.create_bucket, Bucket="tagged-bucket", CreateBucketConfiguration=tags)
    assert error == {"Code": "BucketAlreadyOwnedByYou", "BucketName": "tagged-bucket"}
    done = s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags["Tags"]})
    assert done["ResponseMetadata"]["HTTPStatusCode"] == 204


@pytest.mark.behaviour
def test_requests_to_a_delete_marker(s3: Any, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    s3.delete_object(Bucket=bucket, Key="k")
    expected = {"Code": "MethodNotAllowed", "Method": "GET", "ResourceType": "DeleteMarker"}
    assert error_of(s3.get_object_tagging, Bucket=bucket, Key="k") == expected
    error = error_of(s3.put_object_acl, Bucket=bucket, Key="k", ACL="private")
    assert error == {**expected, "Method": "PUT"}
    assert error_of(s3.get_object_acl, Bucket=bucket, Key="k") == {"Code": "NoSuchKey", "Key": "k"}


@pytest.mark.behaviour
def test_legal_hold_that_was_never_set(s3: Any) -> None:
    s3.create_bucket(Bucket="locked-bucket", ObjectLockEnabledForBucket=True)
    target = {"Bucket": "locked-bucket", "Key": "k"}
    s3.put_object(**target, Body=BODY)
    s3.put_object_retention(**target, Retention=LOCK)
    assert "ObjectLockLegalHoldStatus" not in s3.head_object(**target)
    assert error_of(s3.get_object_legal_hold, **target) == {"Code": "NoSuchObjectLockConfiguration"}
    s3.put_object_legal_hold(**target, LegalHold={"Status": "OFF"})
    assert s3.head_object(**target)["ObjectLockLegalHoldStatus"] == "OFF"
    assert error_of(s3.put_object_legal_hold, **target) == {"Code": "MalformedXML"}
    past = {"Mode": "GOVERNANCE", "RetainUntilDate": "2020-01-01T00:00:00Z"}
    assert error_of(s3.put_object_retention, **target, Retention=past) == {
        "Code": "InvalidArgument",
        "ArgumentName": "RetainUntilDate",
        "ArgumentValue": "Tue Dec 31 16:00:00 PST 2019",
    }
    for period, code in (({"Days": 1, "Years": 1}, "MalformedXML"), ({"Days": 0}, "InvalidArgument")):
        document = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", **period}}}
        error = error_of(s3.put_object_lock_configuration, Bucket="locked-bucket", ObjectLockConfiguration=document)
        assert error == {"Code": code}


@pytest.mark.behaviour
def test_bypass_of_governance_without_object_lock(s3: Any, bucket: str) -> None:
    for bypass in (True, False):
        error = error_of(s3.delete_object, Bucket=bucket, Key="k", BypassGovernanceRetention=bypass)
        assert error == {"Code": "InvalidArgument", "ArgumentName": "x-amz-bypass-governance-retention"}


@pytest.mark.behaviour
@pytest.mark.parametrize(
    ("sent", "returned"),
    [
        ("=?UTF-8?Q?plain?=", "plain"),
        ("=?UTF-8?B?YWJj?=", "abc"),
        ("=?UTF-8?Q?=C3=A9_a?=", "=?UTF-8?Q?=C3=A9_a?="),
        ("=?UTF-8?B?w6kgYQ==?=", "=?UTF-8?Q?=C3=A9_a?="),
        ("=?UTF-8?B?AAEC?=", "=?UTF-8?B?AAEC?="),
        ("=?UTF-8?B?=GGG?=", "=?UTF-8?B?77+9Ye+/vQ==?="),
        ("a =b_c?", "a =b_c?"),
    ],
)
def test_user_metadata(s3: Any, bucket: str, sent: str, returned: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY, Metadata={"a": sent})
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/k")
    for key in ("k", "copy"):
        assert s3.head_object(Bucket=bucket, Key=key)["Metadata"] == {"a": returned}


@pytest.mark.behaviour
def test_parameters_of_reads(lab: RunningLab, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    status, _ = send_signed(lab, "GET", f"/{bucket}/k", headers={"x-amz-checksum-mode": "enabled"})
    assert status == 200
    assert s3.get_object(Bucket=bucket, Key="k", IfModifiedSince=time.time() + 3600)["ContentLength"] == len(BODY)
    with raises_client_error("304", 304):
        s3.get_object(Bucket=bucket, Key="k", IfModifiedSince=time.time() + 1, IfNoneMatch="*")
    s3.put_object(Bucket=bucket, Key="k", Body=BODY, ContentEncoding="deflate, gzip")
    assert s3.head_object(Bucket=bucket, Key="k")["ContentEncoding"] == "deflate, gzip"
    error = error_of(s3.put_object, Bucket=bucket, Key="k", Body=BODY, StorageClass="OUTPOSTS")
    assert error == {"Code": "InvalidStorageClass", "StorageClassRequested": "OUTPOSTS"}
    with raises_client_error("InvalidArgument", 400):
        s3.list_objects_v2(Bucket=bucket, ContinuationToken="")


@pytest.mark.behaviour
def test_a_restore_of_an_archived_object(lab: RunningLab, s3: Any, bucket: str) -> None:
    target = {"Bucket": bucket, "Key": "k"}
    s3.put_object(**target, Body=BODY, StorageClass="DEEP_ARCHIVE")
    request = {"Days": 1, "GlacierJobParameters": {"Tier": "Bulk"}}
    done = s3.restore_object(**target, RestoreRequest=request)
    assert done["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert error_of(s3.restore_object, **target, RestoreRequest=request) == {"Code": "RestoreAlreadyInProgress"}
    assert s3.head_object(**target)["Restore"] == 'ongoing-request="true"'
    with raises_client_error("InvalidObjectState", 403):
        s3.get_object(**target)
    lab.clock.advance(seconds=48 * 3600)
    s3.restore_object(**target, RestoreRequest={"Days": 3})
    assert s3.head_object(**target)["Restore"].startswith('ongoing-request="false", expiry-date="')
    assert s3.get_object(**target)["Body"].read() == BODY
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/k")
    error = error_of(s3.restore_object, Bucket=bucket, Key="copy", RestoreRequest=request)
    assert error == {"Code": "InvalidObjectState", "StorageClass": "STANDARD"}
    lab.clock.advance(days=4)
    assert "Restore" not in s3.head_object(**target)
    with raises_client_error("InvalidObjectState", 403):
        s3.get_object(**target)


@pytest.mark.behaviour
def test_acls_where_they_are_disabled(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY, ACL="private")
    s3.put_bucket_acl(Bucket=bucket, ACL="private")
    own = {"Bucket": bucket, "Key": "k"}
    assert error_of(s3.put_object_acl, **own, ACL="public-read") == {"Code": "AccessControlListNotSupported"}
    for grant, fields in (
        ('uri="http://a"', {"ArgumentName": "uri", "ArgumentValue": "http://a"}),
        ('id="1"', {"ArgumentName": "id", "ArgumentValue": "1"}),
        ("a=1", {"ArgumentName": "x-amz-grant-read", "ArgumentValue": "a=1"}),
    ):
        assert error_of(s3.put_object_acl, **own, GrantRead=grant) == {"Code": "InvalidArgument", **fields}
        assert error_of(s3.put_bucket_acl, Bucket=bucket, GrantRead=grant) == {"Code": "InvalidArgument", **fields}
    assert error_of(s3.put_object_acl, **own, AccessControlPolicy={}) == {"Code": "MalformedACLError"}
    missing = {"Code": "MissingSecurityHeader", "MissingHeaderName": "x-amz-acl"}
    assert error_of(s3.put_object_acl, **own) == missing


@pytest.mark.behaviour
def test_locations_of_buckets(lab: RunningLab, s3: Any) -> None:
    ireland = lab.client("s3", region="eu-west-1")
    ireland.create_bucket(Bucket="old-european", CreateBucketConfiguration={"LocationConstraint": "EU"})
    assert ireland.get_bucket_location(Bucket="old-european")["LocationConstraint"] == "EU"
    assert ireland.head_bucket(Bucket="old-european")["BucketRegion"] == "eu-west-1"
    for location in ("us-east-1", "mars-1"):
        configuration = {"LocationConstraint": location}
        error = error_of(s3.create_bucket, Bucket="b-1", CreateBucketConfiguration=configuration)
        assert error == {"Code": "InvalidLocationConstraint", "LocationConstraint": location}


@pytest.mark.behaviour
def test_a_missing_bucket_is_reported_before_its_document(s3: Any) -> None:
    configuration: dict[str, Any] = {"Rules": []}
    error = error_of(s3.put_bucket_encryption, Bucket="no-bucket", ServerSideEncryptionConfiguration=configuration)
    assert error == {"Code": "NoSuchBucket", "BucketName": "no-bucket"}


@pytest.mark.enforcement
def test_presigned_urls_with_other_headers(lab: RunningLab, s3: Any, bucket: str) -> None:
    lab.enforcing = True
    parameters = {"Bucket": bucket, "Key": "k", "Metadata": {"a": "b"}}
    for version in ("s3", "s3v4"):
        url = lab.client("s3", signature_version=version).generate_presigned_url("put_object", Params=parameters)
        signed = {"x-amz-meta-a": "b"} if version == "s3v4" else {}
        assert _put(url, signed) == (200, "")
        assert s3.head_object(Bucket=bucket, Key="k")["Metadata"] == {"a": "b"}
        status, text = _put(url, {**signed, "x-amz-meta-z": "1"})
        assert (status, "<HeadersNotSigned>x-amz-meta-z<" in text) == (403, version == "s3v4")
        status, text = _put(re.sub("(X-Amz-)?Signature=[^&]*&?", "", url), signed)
        assert (status, "requires the" in text) == (400 if version == "s3v4" else 403, True)


def _put(url: str, headers: dict[str, str]) -> tuple[int, str]:
    request = urllib.request.Request(url, data=b"x", method="PUT", headers={"Content-Type": "", **headers})
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()

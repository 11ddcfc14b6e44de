# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Condition keys of S3 requests: tags, grants, locks and the creation of objects; and permissions of CreateBucket."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from client_calls import BODY, copy_in_place, raises_client_error

from sealed_lab import RunningLab

pytestmark = pytest.mark.enforcement
OTHER = "222222222222"
SECRET_TAG = {"s3:ExistingObjectTag/class": "secret"}
TAGS = {"TagSet": [{"Key": "class", "Value": "secret"}]}


def put_statement(s3: Any, bucket: str, effect: str, action: str, condition: dict[str, Any]) -> None:
    """Put a bucket policy of one statement for the objects, which concerns everyone."""
    statement = {"Effect": effect, "Principal": "*", "Action": action, "Resource": f"arn:aws:s3:::{bucket}/*"}
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))


@pytest.mark.parametrize(
    ("action", "operation", "more"),
    [
        ("GetObject", "head_object", {}),
        ("GetObjectTagging", "get_object_tagging", {}),
        ("PutObjectTagging", "put_object_tagging", {"Tagging": TAGS}),
        ("DeleteObjectTagging", "delete_object_tagging", {}),
        ("GetObjectAcl", "get_object_acl", {}),
        ("PutObjectAcl", "put_object_acl", {"ACL": "private"}),
        ("GetObjectAttributes", "get_object_attributes", {"ObjectAttributes": ["ETag"]}),
    ],
)
def test_tags_of_the_object(s3: Any, bucket: str, action: str, operation: str, more: dict[str, Any]) -> None:
    s3.put_object(Bucket=bucket, Key="sealed", Body=BODY, Tagging="class=secret")
    s3.put_object(Bucket=bucket, Key="open", Body=BODY, Tagging="class=public")
    put_statement(s3, bucket, "Deny", f"s3:{action}", {"StringEquals": SECRET_TAG})
    getattr(s3, operation)(Bucket=bucket, Key="open", **more)
    with raises_client_error("403" if operation == "head_object" else "AccessDenied", 403):
        getattr(s3, operation)(Bucket=bucket, Key="sealed", **more)


def test_tags_of_the_source_of_a_copy(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY, Tagging="class=secret")
    put_statement(s3, bucket, "Deny", "s3:GetObject", {"StringEquals": SECRET_TAG})
    with raises_client_error("AccessDenied", 403):
        copy_in_place(s3, bucket, "k", StorageClass="STANDARD_IA")


def test_tags_of_an_object_that_gets_another_key(s3: Any, bucket: str, key: dict[str, Any]) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY, Tagging="class=secret")
    put_statement(s3, bucket, "Deny", "s3:UpdateObjectEncryption", {"StringEquals": SECRET_TAG})
    encryption = {"SSEKMS": {"KMSKeyArn": key["Arn"]}}
    with raises_client_error("AccessDenied", 403):
        s3.update_object_encryption(Bucket=bucket, Key="k", ObjectEncryption=encryption)


def test_deletion_of_a_known_etag_reads_the_object(s3: Any, bucket: str) -> None:
    etag = s3.put_object(Bucket=bucket, Key="k", Body=BODY)["ETag"]
    put_statement(s3, bucket, "Deny", "s3:GetObject", {"Bool": {"aws:SecureTransport": ["true", "false"]}})
    with raises_client_error("AccessDenied", 403) as messages:
        s3.delete_object(Bucket=bucket, Key="k", IfMatch=etag)
    assert "s3:GetObject" in messages[0]
    s3.delete_object(Bucket=bucket, Key="k", IfMatch="*")


def test_tags_of_the_request(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    secret = {"StringEquals": {"s3:RequestObjectTag/class": "secret"}}
    put_statement(s3, bucket, "Deny", "s3:PutObjectTagging", secret)
    s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": [{"Key": "class", "Value": "public"}]})
    with raises_client_error("AccessDenied", 403):
        s3.put_object_tagging(Bucket=bucket, Key="k", Tagging=TAGS)
    with raises_client_error("AccessDenied", 403):
        s3.put_object(Bucket=bucket, Key="new", Body=BODY, Tagging="class=secret")


def test_attributes_of_a_version_have_an_action_of_their_own(s3: Any, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket=bucket, Key="k", Body=BODY)["VersionId"]
    put_statement(s3, bucket, "Deny", "s3:GetObjectVersionAttributes", {"Bool": {"aws:SecureTransport": "true"}})
    request: dict[str, Any] = {"Bucket": bucket, "Key": "k", "ObjectAttributes": ["ETag"]}
    s3.get_object_attributes(**request)
    with raises_client_error("AccessDenied", 403):
        s3.get_object_attributes(**request, VersionId=version)


def test_grants_of_the_request(s3: Any, new_bucket: Callable[..., str]) -> None:
    bucket = new_bucket(ObjectOwnership="ObjectWriter")
    owner = f"id={s3.list_buckets()['Owner']['ID']}"
    condition = {"StringNotEquals": {"s3:x-amz-grant-full-control": owner}}
    put_statement(s3, bucket, "Deny", "s3:PutObject", condition)
    s3.put_object(Bucket=bucket, Key="k", Body=BODY, GrantFullControl=owner)
    with raises_client_error("AccessDenied", 403):
        s3.put_object(Bucket=bucket, Key="k", Body=BODY)


@pytest.mark.parametrize(
    ("condition", "days", "allowed"),
    [
        ({"NumericGreaterThan": {"s3:object-lock-remaining-retention-days": "10"}}, 10, True),
        ({"NumericGreaterThan": {"s3:object-lock-remaining-retention-days": "10"}}, 11, False),
        ({"StringEquals": {"s3:object-lock-mode": "GOVERNANCE"}}, 1, False),
        ({"StringEquals": {"s3:object-lock-mode": "COMPLIANCE"}}, 1, True),
        ({"DateGreaterThan": {"s3:object-lock-retain-until-date": "2020-01-01T00:00:00Z"}}, 1, False),
        ({"DateLessThan": {"s3:object-lock-retain-until-date": "2020-01-01T00:00:00Z"}}, 1, True),
    ],
)
def test_retention_of_the_request(
    s3: Any, new_bucket: Callable[..., str], condition: dict[str, Any], days: int, allowed: bool
) -> None:
    bucket = new_bucket(ObjectLockEnabledForBucket=True)
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    put_statement(s3, bucket, "Deny", "s3:PutObjectRetention", condition)
    until = datetime.now(timezone.utc) + timedelta(days=days)
    request = {"Bucket": bucket, "Key": "k", "Retention": {"Mode": "GOVERNANCE", "RetainUntilDate": until}}
    if allowed:
        s3.put_object_retention(**request)
        return
    with raises_client_error("AccessDenied", 403):
        s3.put_object_retention(**request)


def test_legal_hold_of_the_request(s3: Any, new_bucket: Callable[..., str]) -> None:
    bucket = new_bucket(ObjectLockEnabledForBucket=True)
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    put_statement(s3, bucket, "Deny", "s3:PutObjectLegalHold", {"StringEquals": {"s3:object-lock-legal-hold": "OFF"}})
    s3.put_object_legal_hold(Bucket=bucket, Key="k", LegalHold={"Status": "ON"})
    with raises_client_error("AccessDenied", 403):
        s3.put_object_legal_hold(Bucket=bucket, Key="k", LegalHold={"Status": "OFF"})


def test_enforced_conditional_writes_exempt_the_parts(s3: Any, bucket: str) -> None:
    """The condition of the S3 User Guide: only the requests that create an object need If-None-Match."""
    condition = {"Null": {"s3:if-none-match": "true"}, "Bool": {"s3:ObjectCreationOperation": "true"}}
    put_statement(s3, bucket, "Deny", "s3:PutObject", condition)
    upload: dict[str, Any] = {"Bucket": bucket, "Key": "k"}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    tag = s3.upload_part(**upload, PartNumber=1, Body=BODY)["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": tag}]}
    with raises_client_error("AccessDenied", 403):
        s3.complete_multipart_upload(**upload, MultipartUpload=parts)
    s3.complete_multipart_upload(**upload, MultipartUpload=parts, IfNoneMatch="*")
    with raises_client_error("AccessDenied", 403):
        s3.put_object(Bucket=bucket, Key="other", Body=BODY)
    s3.put_object(Bucket=bucket, Key="other", Body=BODY, IfNoneMatch="*")


@pytest.mark.parametrize(
    ("more", "action"),
    [
        ({"ObjectOwnership": "ObjectWriter"}, "PutBucketOwnershipControls"),
        ({"ObjectLockEnabledForBucket": True}, "PutBucketObjectLockConfiguration"),
        ({"ObjectLockEnabledForBucket": True}, "PutBucketVersioning"),
        ({"ObjectOwnership": "ObjectWriter", "GrantRead": f"id={'a' * 64}"}, "PutBucketAcl"),
    ],
)
def test_permissions_of_create_bucket(lab: RunningLab, iam: Any, more: dict[str, Any], action: str) -> None:
    """A user who may create buckets needs other permissions for what the request sets at the same time."""
    iam.create_user(UserName="creator")
    key = iam.create_access_key(UserName="creator")["AccessKey"]
    statements = [
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Deny", "Action": f"s3:{action}", "Resource": "*"},
    ]
    policy = {"Version": "2012-10-17", "Statement": statements}
    iam.put_user_policy(UserName="creator", PolicyName="p", PolicyDocument=json.dumps(policy))
    lab.enforcing = True
    creator = lab.client("s3", credentials=key)
    creator.create_bucket(Bucket="without-more", ACL="private")
    with raises_client_error("AccessDenied", 403):
        creator.create_bucket(Bucket="with-more", **more)


def test_conditions_of_create_bucket(lab: RunningLab, iam: Any) -> None:
    iam.create_user(UserName="creator")
    key = iam.create_access_key(UserName="creator")["AccessKey"]
    statement = {"Effect": "Allow", "Action": "s3:CreateBucket", "Resource": "*"}
    condition = {"StringEquals": {"s3:LocationConstraint": "eu-west-1", "aws:RequestedRegion": "us-east-1"}}
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]}
    iam.put_user_policy(UserName="creator", PolicyName="p", PolicyDocument=json.dumps(policy))
    lab.enforcing = True
    creator = lab.client("s3", credentials=key)
    creator.create_bucket(Bucket="in-europe", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    with raises_client_error("AccessDenied", 403):
        creator.create_bucket(Bucket="elsewhere", CreateBucketConfiguration={"LocationConstraint": "eu-north-1"})


def test_grants_of_a_new_bucket(s3: Any) -> None:
    """The grants of CreateBucket become the ACL of the bucket. They need ACLs, and cannot be public."""
    grantee = "a" * 64
    s3.create_bucket(Bucket="granted", ObjectOwnership="ObjectWriter", GrantRead=f"id={grantee}")
    (grant,) = s3.get_bucket_acl(Bucket="granted")["Grants"]
    assert (grant["Grantee"]["ID"], grant["Permission"]) == (grantee, "READ")
    with raises_client_error("InvalidBucketAclWithObjectOwnership", 400):
        s3.create_bucket(Bucket="refused", GrantRead=f"id={grantee}")
    everyone = 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'
    with raises_client_error("InvalidBucketAclWithBlockPublicAccessError", 400):
        s3.create_bucket(Bucket="refused", ObjectOwnership="ObjectWriter", GrantRead=everyone)


def test_signature_version_2_of_a_bucket(lab: RunningLab) -> None:
    """botocore signs the path of a bucket with a slash at the end, and sends it without one."""
    lab.enforcing = True
    client = lab.client("s3", signature_version="s3")
    client.create_bucket(Bucket="signed")
    client.put_object(Bucket="signed", Key="k", Body=BODY)
    assert client.get_bucket_versioning(Bucket="signed").get("Status") is None
    assert client.list_objects(Bucket="signed")["Contents"][0]["Key"] == "k"

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Bucket tags, policies and the other configurations."""

from __future__ import annotations

import json
from typing import Any

import pytest
from client_calls import raises_client_error, sse_kms

pytestmark = pytest.mark.behaviour


def deny_all_but_kms(bucket: str) -> dict[str, Any]:
    """A policy that denies writes without the SSE-KMS header."""
    statement = {
        "Sid": "DenyWrongEncryption",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
        "Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def test_bucket_tags(s3: Any, bucket: str) -> None:
    with raises_client_error("NoSuchTagSet", 404):
        s3.get_bucket_tagging(Bucket=bucket)
    tags = [{"Key": "a", "Value": "1"}]
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == tags


def test_policy_is_stored_and_deleted(s3: Any, bucket: str) -> None:
    with raises_client_error("NoSuchBucketPolicy", 404):
        s3.get_bucket_policy(Bucket=bucket)
    policy = deny_all_but_kms(bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]) == policy
    s3.delete_bucket_policy(Bucket=bucket)
    with raises_client_error("NoSuchBucketPolicy", 404):
        s3.get_bucket_policy(Bucket=bucket)


def test_malformed_policy_is_refused(s3: Any, bucket: str) -> None:
    statement = {"Effect": "Maybe", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::other/*"}
    with raises_client_error("MalformedPolicy", 400):
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


def test_explicit_deny_applies_to_the_owner(s3: Any, bucket: str, key: dict[str, Any]) -> None:
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(deny_all_but_kms(bucket)))
    s3.put_object(Bucket=bucket, Key="right", Body=b"x", **sse_kms(key["Arn"]))
    with raises_client_error("AccessDenied", 403) as messages:
        s3.put_object(Bucket=bucket, Key="wrong", Body=b"x", ServerSideEncryption="AES256")
    assert "s3:PutObject" in messages[0]
    assert "explicit deny in a resource-based policy" in messages[0]


def test_public_access_block_is_stored_and_deleted(s3: Any, bucket: str) -> None:
    configuration = {
        "BlockPublicAcls": True,
        "IgnorePublicAcls": True,
        "BlockPublicPolicy": False,
        "RestrictPublicBuckets": True,
    }
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=configuration)
    assert s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"] == configuration
    s3.delete_public_access_block(Bucket=bucket)
    with raises_client_error("NoSuchPublicAccessBlockConfiguration", 404):
        s3.get_public_access_block(Bucket=bucket)


def test_ownership_lifecycle_and_logging_are_stored(s3: Any, bucket: str) -> None:
    ownership = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=ownership)
    assert s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"] == ownership
    rule = {
        "ID": "a",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    }
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == [rule]
    logging = {"LoggingEnabled": {"TargetBucket": bucket, "TargetPrefix": "log/"}}
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus=logging)
    assert s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"] == logging["LoggingEnabled"]


def test_inventory_configuration_is_stored(s3: Any, bucket: str) -> None:
    target = {
        "Bucket": f"arn:aws:s3:::{bucket}",
        "Format": "CSV",
        "Prefix": "inventory",
        "Encryption": {"SSES3": {}},
    }
    configuration = {
        "Id": "i",
        "IsEnabled": True,
        "IncludedObjectVersions": "Current",
        "Schedule": {"Frequency": "Daily"},
        "OptionalFields": ["EncryptionStatus", "BucketKeyStatus", "ChecksumAlgorithm"],
        "Destination": {"S3BucketDestination": target},
    }
    s3.put_bucket_inventory_configuration(Bucket=bucket, Id="i", InventoryConfiguration=configuration)
    assert s3.get_bucket_inventory_configuration(Bucket=bucket, Id="i")["InventoryConfiguration"] == configuration

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The default encryption of buckets, and its effect on objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from client_calls import (
    FIRST_KEY,
    get_default_encryption,
    put_default_encryption,
    raises_client_error,
    sse_c,
    upload_multipart,
)

from sealed_lab import RemoteLab, RunningLab

pytestmark = pytest.mark.behaviour


def test_new_bucket_has_sse_s3(s3: Any, bucket: str) -> None:
    assert get_default_encryption(s3, bucket) == {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
        "BucketKeyEnabled": False,
        "BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]},
    }


@pytest.mark.parametrize("algorithm", ["AES256", "aws:kms"])
def test_algorithm_without_a_key(s3: Any, bucket: str, algorithm: str) -> None:
    put_default_encryption(s3, bucket, algorithm)
    assert get_default_encryption(s3, bucket)["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": algorithm}


@pytest.mark.parametrize("field", ["KeyId", "Arn"])
def test_key_is_returned_as_it_was_sent(s3: Any, bucket: str, key: dict[str, Any], field: str) -> None:
    put_default_encryption(s3, bucket, "aws:kms", key[field])
    assert get_default_encryption(s3, bucket)["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == key[field]


def test_alias_is_returned_as_an_alias(s3: Any, kms: Any, bucket: str, key: dict[str, Any]) -> None:
    kms.create_alias(AliasName="alias/of-default", TargetKeyId=key["KeyId"])
    put_default_encryption(s3, bucket, "aws:kms", "alias/of-default")
    assert (
        get_default_encryption(s3, bucket)["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == "alias/of-default"
    )


def test_bucket_key_is_stored(s3: Any, bucket: str, key: dict[str, Any]) -> None:
    put_default_encryption(s3, bucket, "aws:kms", key["Arn"], bucket_key=True)
    assert get_default_encryption(s3, bucket)["BucketKeyEnabled"] is True


def test_missing_bucket_key_is_returned_as_false(s3: Any, bucket: str, key: dict[str, Any]) -> None:
    put_default_encryption(s3, bucket, "aws:kms", key["Arn"])
    assert get_default_encryption(s3, bucket)["BucketKeyEnabled"] is False


def test_dsse_is_stored(s3: Any, bucket: str, key: dict[str, Any]) -> None:
    put_default_encryption(s3, bucket, "aws:kms:dsse", key["Arn"])
    by_default = get_default_encryption(s3, bucket)["ApplyServerSideEncryptionByDefault"]
    assert by_default == {"SSEAlgorithm": "aws:kms:dsse", "KMSMasterKeyID": key["Arn"]}


@pytest.mark.parametrize("blocked", [["SSE-C"], ["NONE"]])
def test_blocked_types_are_stored(s3: Any, bucket: str, blocked: list[str]) -> None:
    put_default_encryption(s3, bucket, "AES256", blocked=blocked)
    assert get_default_encryption(s3, bucket)["BlockedEncryptionTypes"]["EncryptionType"] == blocked


def test_blocked_sse_c_is_refused(s3: Any, bucket: str) -> None:
    put_default_encryption(s3, bucket, "AES256", blocked=["SSE-C"])
    with raises_client_error("AccessDenied", 403):
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", **sse_c(FIRST_KEY))


def test_unknown_algorithm_is_refused(s3: Any, bucket: str) -> None:
    with raises_client_error("MalformedXML", 400):
        put_default_encryption(s3, bucket, "aws:nope")


def test_sse_s3_refuses_a_key(s3: Any, bucket: str, key: dict[str, Any]) -> None:
    with raises_client_error("InvalidArgument", 400):
        put_default_encryption(s3, bucket, "AES256", key["Arn"])


def test_exactly_one_rule_is_required(s3: Any, bucket: str) -> None:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    with raises_client_error("MalformedXML", 400):
        s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule, rule]})


def test_delete_resets_to_sse_s3(s3: Any, bucket: str, key: dict[str, Any]) -> None:
    put_default_encryption(s3, bucket, "aws:kms", key["Arn"], bucket_key=True)
    s3.delete_bucket_encryption(Bucket=bucket)
    assert get_default_encryption(s3, bucket)["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


def test_object_without_headers_has_sse_s3(s3: Any, bucket: str) -> None:
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    head = s3.head_object(Bucket=bucket, Key="k")
    assert put["ServerSideEncryption"] == head["ServerSideEncryption"] == "AES256"


def test_object_without_headers_has_the_default_key(s3: Any, bucket: str, key: dict[str, Any]) -> None:
    put_default_encryption(s3, bucket, "aws:kms", key["KeyId"], bucket_key=True)
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    for response in (put, s3.head_object(Bucket=bucket, Key="k")):
        assert response["ServerSideEncryption"] == "aws:kms"
        assert response["SSEKMSKeyId"] == key["Arn"]
        assert response["BucketKeyEnabled"] is True


def test_object_without_headers_has_the_default_dsse(s3: Any, bucket: str, key: dict[str, Any]) -> None:
    put_default_encryption(s3, bucket, "aws:kms:dsse", key["Arn"])
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    head = s3.head_object(Bucket=bucket, Key="k")
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms:dsse", key["Arn"])


def test_multipart_object_has_the_default_encryption(s3: Any, bucket: str, key: dict[str, Any]) -> None:
    put_default_encryption(s3, bucket, "aws:kms", key["Arn"], bucket_key=True)
    upload_multipart(s3, bucket, "m")
    head = s3.head_object(Bucket=bucket, Key="m")
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key["Arn"])


def test_new_buckets_as_before_april_2026(lab: RunningLab, s3: Any, new_bucket: Callable[..., str]) -> None:
    """The setting applies to buckets that are created, or whose rule is deleted, after it was changed."""
    remote = RemoteLab(lab.url)
    old = new_bucket()
    remote.blocks_sse_c = False
    assert _blocked(s3, old) == ["SSE-C"]
    assert _blocked(s3, new_bucket()) is None
    s3.delete_bucket_encryption(Bucket=old)
    assert (_blocked(s3, old), remote.blocks_sse_c) == (None, False)
    lab.reset()
    assert lab.blocks_sse_c


def _blocked(s3: Any, bucket: str) -> list[str] | None:
    rule = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    types: list[str] | None = rule.get("BlockedEncryptionTypes", {}).get("EncryptionType")
    return types

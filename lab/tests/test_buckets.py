# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Buckets: regions, listing, ownership."""

from __future__ import annotations

from typing import Any

import pytest
from client_calls import raises_client_error

from sealed_lab import RunningLab

pytestmark = pytest.mark.behaviour


def test_create_bucket_in_us_east_1(s3: Any) -> None:
    s3.create_bucket(Bucket="plain")
    assert s3.head_bucket(Bucket="plain")["BucketRegion"] == "us-east-1"


def test_bucket_is_in_the_region_of_its_constraint(lab: RunningLab) -> None:
    ireland = lab.client("s3", region="eu-west-1")
    ireland.create_bucket(Bucket="far", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert ireland.get_bucket_location(Bucket="far")["LocationConstraint"] == "eu-west-1"
    assert ireland.head_bucket(Bucket="far")["BucketRegion"] == "eu-west-1"


def test_create_bucket_with_tags(s3: Any) -> None:
    tags = [{"Key": "a", "Value": "b"}]
    s3.create_bucket(Bucket="tagged", CreateBucketConfiguration={"Tags": tags})
    assert s3.get_bucket_tagging(Bucket="tagged")["TagSet"] == tags


def test_list_buckets_in_pages(s3: Any) -> None:
    for number in range(5):
        s3.create_bucket(Bucket=f"page-{number}")
    first = s3.list_buckets(MaxBuckets=2)
    assert len(first["Buckets"]) == 2
    assert first["ContinuationToken"]
    pages = s3.get_paginator("list_buckets").paginate(PaginationConfig={"PageSize": 2})
    names = [each["Name"] for page in pages for each in page["Buckets"]]
    assert names == [each["Name"] for each in s3.list_buckets()["Buckets"]] == [f"page-{n}" for n in range(5)]


def test_list_buckets_by_prefix(s3: Any) -> None:
    for name in ("one-a", "one-b", "two-a"):
        s3.create_bucket(Bucket=name)
    response = s3.list_buckets(Prefix="one-")
    assert [each["Name"] for each in response["Buckets"]] == ["one-a", "one-b"]
    assert response["Prefix"] == "one-"


def test_list_buckets_by_region(lab: RunningLab, s3: Any) -> None:
    ireland = lab.client("s3", region="eu-west-1")
    ireland.create_bucket(Bucket="far", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.create_bucket(Bucket="near")
    assert [each["Name"] for each in ireland.list_buckets(BucketRegion="eu-west-1")["Buckets"]] == ["far"]


def test_list_buckets_returns_region_and_arn(s3: Any, bucket: str) -> None:
    entry = s3.list_buckets(Prefix=bucket, MaxBuckets=10)["Buckets"][0]
    assert (entry["BucketRegion"], entry["BucketArn"]) == ("us-east-1", f"arn:aws:s3:::{bucket}")


def test_bucket_that_does_not_exist(s3: Any) -> None:
    with raises_client_error("404", 404):
        s3.head_bucket(Bucket="absent")
    with raises_client_error("NoSuchBucket", 404):
        s3.get_bucket_encryption(Bucket="absent")


def test_bucket_of_another_account(lab: RunningLab, bucket: str) -> None:
    with raises_client_error("AccessDenied", 403):
        lab.client("s3", account="222222222222").get_bucket_encryption(Bucket=bucket)


def test_bucket_of_an_unexpected_owner(s3: Any, bucket: str) -> None:
    with raises_client_error("AccessDenied", 403):
        s3.get_bucket_encryption(Bucket=bucket, ExpectedBucketOwner="999999999999")

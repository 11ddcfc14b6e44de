# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Access points, the block of public access of an account, and the tags of resources in S3 Control."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from client_calls import raises_client_error

pytestmark = pytest.mark.behaviour
ACCOUNT = {"AccountId": "000000000000"}


def test_life_of_an_access_point(s3: Any, s3control: Any, new_bucket: Callable[..., str]) -> None:
    first, second = new_bucket(), new_bucket()
    for name, bucket in (("abc", first), ("abd", second), ("abe", first)):
        s3control.create_access_point(**ACCOUNT, Name=name, Bucket=bucket)
    with raises_client_error("AccessPointAlreadyOwnedByYou", 409):
        s3control.create_access_point(**ACCOUNT, Name="abc", Bucket=second)
    found = s3control.get_access_point(**ACCOUNT, Name="abc")
    assert found["AccessPointArn"] == "arn:aws:s3:us-east-1:000000000000:accesspoint/abc"
    assert (found["NetworkOrigin"], found["Bucket"], len(found["Alias"].split("-")[1])) == ("Internet", first, 34)
    assert found["Endpoints"]["fips_dualstack"] == "s3-accesspoint-fips.dualstack.us-east-1.amazonaws.com"
    assert set(found["PublicAccessBlockConfiguration"].values()) == {True}
    page = s3control.list_access_points(**ACCOUNT, MaxResults=2)
    rest = s3control.list_access_points(**ACCOUNT, NextToken=page["NextToken"])
    assert [[each["Name"] for each in part["AccessPointList"]] for part in (page, rest)] == [["abc", "abd"], ["abe"]]
    assert "NextToken" not in rest
    assert len(s3control.list_access_points(**ACCOUNT, Bucket=first)["AccessPointList"]) == 2
    with raises_client_error("BucketHasAccessPointsAttached", 400):
        s3.delete_bucket(Bucket=second)
    s3control.tag_resource(**ACCOUNT, ResourceArn=found["AccessPointArn"], Tags=[{"Key": "a", "Value": "1"}])
    tags = s3control.list_tags_for_resource(**ACCOUNT, ResourceArn=found["AccessPointArn"])["Tags"]
    assert tags == [{"Key": "a", "Value": "1"}]
    s3control.delete_access_point(**ACCOUNT, Name="abd")
    s3.delete_bucket(Bucket=second)
    for operation in (s3control.get_access_point, s3control.delete_access_point):
        with raises_client_error("NoSuchAccessPoint", 404):
            operation(**ACCOUNT, Name="abd")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("sab", None),
        ("a" * 51, "InvalidURI"),
        ("WRONG-casing", "InvalidURI"),
        ("under_score", "InvalidURI"),
        ("-hyphen-start", "InvalidRequest"),
        ("cannot-end-s3alias", "InvalidRequest"),
        ("cannot-have.dot", "InvalidRequest"),
    ],
)
def test_names(s3control: Any, bucket: str, name: str, code: str | None) -> None:
    if code is None:
        s3control.create_access_point(**ACCOUNT, Name=name, Bucket=bucket, PublicAccessBlockConfiguration={})
        block = s3control.get_access_point(**ACCOUNT, Name=name)["PublicAccessBlockConfiguration"]
        assert set(block.values()) == {False}
        return
    with raises_client_error(code, 400):
        s3control.create_access_point(**ACCOUNT, Name=name, Bucket=bucket)


def test_the_bucket_must_exist(s3control: Any) -> None:
    with raises_client_error("InvalidRequest", 400) as messages:
        s3control.create_access_point(**ACCOUNT, Name="abc", Bucket="missing")
    assert messages == ["Amazon S3 AccessPoint can only be created for existing bucket"]


def test_tags_of_a_bucket(s3: Any, s3control: Any, bucket: str) -> None:
    """They are those of GetBucketTagging. TagResource adds, and PutBucketTagging replaces."""
    where = {**ACCOUNT, "ResourceArn": f"arn:aws:s3:::{bucket}"}
    assert s3control.list_tags_for_resource(**where)["Tags"] == []
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "a", "Value": "1"}]})
    s3control.tag_resource(**where, Tags=[{"Key": "b", "Value": "2"}])
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    s3control.untag_resource(**where, TagKeys=["a", "b", "missing"])
    with raises_client_error("NoSuchTagSet", 404):
        s3.get_bucket_tagging(Bucket=bucket)
    with raises_client_error("NoSuchResource", 404):
        s3control.list_tags_for_resource(**ACCOUNT, ResourceArn="arn:aws:s3:::missing")


def test_the_block_of_an_account(s3control: Any) -> None:
    s3control.put_public_access_block(**ACCOUNT, PublicAccessBlockConfiguration={"BlockPublicAcls": False})
    block = s3control.get_public_access_block(**ACCOUNT)["PublicAccessBlockConfiguration"]
    assert (len(block), set(block.values())) == (4, {False})
    with raises_client_error("InvalidRequest", 400) as messages:
        s3control.put_public_access_block(**ACCOUNT, PublicAccessBlockConfiguration={})
    assert messages == ["Must specify at least one configuration."]
    for _ in range(2):
        deleted = s3control.delete_public_access_block(**ACCOUNT)
        assert deleted["ResponseMetadata"]["HTTPStatusCode"] == 204

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The expiration of objects by lifecycle rules, as responses show it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from client_calls import copy_in_place

pytestmark = pytest.mark.behaviour


def put_rules(s3: Any, bucket: str, *rules: dict[str, Any]) -> None:
    """Put lifecycle rules with the ids 1, 2, … that expire objects after 7 days unless they say otherwise."""
    numbered = [
        {"Status": "Enabled", "Expiration": {"Days": 7}, "ID": str(number), **rule}
        for number, rule in enumerate(rules, 1)
    ]
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": numbered})


def rule_of(response: dict[str, Any]) -> str:
    """Return the id of the rule that expires an object, "" for none."""
    return str(response.get("Expiration", 'rule-id=""').partition("rule-id=")[2]).strip('"')


def test_the_date_is_the_next_midnight(s3: Any, bucket: str) -> None:
    put_rules(s3, bucket, {"Filter": {"Prefix": ""}, "ID": "a b"})
    written = s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    modified = s3.head_object(Bucket=bucket, Key="k")["LastModified"]
    expiry = datetime.combine(modified.date(), datetime.min.time(), timezone.utc) + timedelta(days=8)
    assert written["Expiration"] == f'expiry-date="{expiry:%a, %d %b %Y} 00:00:00 GMT", rule-id="a%20b"'
    for response in (s3.get_object(Bucket=bucket, Key="k"), copy_in_place(s3, bucket, "k", StorageClass="STANDARD_IA")):
        assert response["Expiration"] == written["Expiration"]


def test_the_filters_of_rules(s3: Any, bucket: str) -> None:
    put_rules(
        s3,
        bucket,
        {"Filter": {"Prefix": "a/"}},
        {"Filter": {"ObjectSizeGreaterThan": 20}},
        {"Filter": {"ObjectSizeLessThan": 2}},
        {"Filter": {"Tag": {"Key": "t", "Value": "1"}}},
        {"Filter": {"And": {"Prefix": "b/", "Tags": [{"Key": "t", "Value": "2"}, {"Key": "u", "Value": "3"}]}}},
        {"Filter": {"Prefix": "c/"}, "Status": "Disabled"},
        {"Filter": {"Prefix": "d/"}, "Expiration": {"ExpiredObjectDeleteMarker": True}},
        {"Filter": {"Prefix": "a/a/"}, "Expiration": {"Days": 3}},
    )
    cases = [
        ("a/k", 10, "", "1"),
        ("a/a/k", 10, "", "8"),
        ("k", 21, "", "2"),
        ("k", 20, "", ""),
        ("k", 1, "", "3"),
        ("k", 2, "", ""),
        ("k", 10, "t=1", "4"),
        ("b/k", 10, "t=2&u=3", "5"),
        ("b/k", 10, "t=2", ""),
        ("c/k", 10, "", ""),
        ("d/k", 10, "", ""),
    ]
    for key, size, tags, expected in cases:
        response = s3.put_object(Bucket=bucket, Key=key, Body=b"x" * size, Tagging=tags)
        assert rule_of(response) == expected, (key, size, tags)


def test_only_reads_without_a_version_id_show_the_expiration(s3: Any, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["VersionId"]
    put_rules(s3, bucket, {"Filter": {}})
    assert rule_of(s3.head_object(Bucket=bucket, Key="k")) == "1"
    assert rule_of(s3.head_object(Bucket=bucket, Key="k", VersionId=version)) == ""


def test_when_an_upload_in_parts_is_aborted(s3: Any, bucket: str) -> None:
    def rule(prefix: str, days: int) -> dict[str, Any]:
        abort = {"DaysAfterInitiation": days}
        return {"Filter": {"Prefix": prefix}, "AbortIncompleteMultipartUpload": abort}

    put_rules(s3, bucket, rule("a", 3), rule("a/b", 1), {"Filter": {"Prefix": ""}})
    created = s3.create_multipart_upload(Bucket=bucket, Key="a/k")
    now = created["ResponseMetadata"]["HTTPHeaders"]["date"]
    today = datetime.strptime(now, "%a, %d %b %Y %H:%M:%S GMT").replace(hour=0, minute=0, second=0, tzinfo=timezone.utc)
    listed = s3.list_parts(Bucket=bucket, Key="a/k", UploadId=created["UploadId"])
    for response in (created, listed):
        assert (response["AbortRuleId"], response["AbortDate"]) == ("1", today + timedelta(days=4))
    assert s3.create_multipart_upload(Bucket=bucket, Key="a/b")["AbortRuleId"] == "2"
    assert "AbortDate" not in s3.create_multipart_upload(Bucket=bucket, Key="k")

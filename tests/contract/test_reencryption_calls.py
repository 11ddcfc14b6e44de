# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The API calls of bucket_reencryption, as in the tables of docs/api_calls.md, and its estimate of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Result, Task

pytestmark = pytest.mark.usefixtures("at_aws")

OBJECTS = 20
Calls = Callable[[], list[str]]


def put(s3: Any, bucket: str, *keys: str) -> None:
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"text")


def count(task: Task, bucket: str, calls: Calls, **options: Any) -> tuple[Result, dict[str, int]]:
    """Run the task, and count its calls."""
    calls()
    result = task("bucket_reencryption", bucket=bucket, **options)
    assert not result.get("failed"), result
    made = Counter(calls())
    assert result["summary"]["api_calls"] == made.total()
    return result, dict(made)


def test_objects_that_change_in_place(task: Task, bucket: str, key_arn: str, s3: Any, calls: Calls) -> None:
    """One call for an object that complies, and two for one that is changed in place. The rest is for the task."""
    put(s3, bucket, *(f"{number:02}" for number in range(OBJECTS)))
    options = {"encryption": "SSE-KMS", "kms_key": key_arn}
    of_task = {"ListObjectsV2": 1, "GetBucketEncryption": 1}
    # The second list is that of the key's account, to know whether it owns the bucket.
    before_writes = {"ListObjectsV2": 2, "DescribeKey": 1, "GetBucketReplication": 1}
    planned, made = count(task, bucket, calls, check=True, **options)
    assert made == {**of_task, **before_writes, "HeadObject": OBJECTS}
    changed, made = count(task, bucket, calls, **options)
    assert made == {**of_task, **before_writes, "HeadObject": OBJECTS, "UpdateObjectEncryption": OBJECTS}
    assert planned["estimate"] == changed["estimate"]
    estimated = {row["type"]: row["number"] for row in changed["estimate"]["requests"]}
    assert (estimated["list"], estimated["update_object_encryption"]) == (1, OBJECTS)
    assert estimated["get"] >= OBJECTS
    unchanged, made = count(task, bucket, calls, **options)
    assert not unchanged["changed"]
    assert made == {**of_task, "HeadObject": OBJECTS}
    _result, made = count(task, bucket, calls, bucket_key_enabled=True, **options)
    assert made == {"ListObjectsV2": 1, "HeadObject": OBJECTS}


def test_objects_that_are_copied(task: Task, bucket: str, key_arn: str, s3: Any, calls: Calls) -> None:
    """Two calls for each, and three in a bucket with ACLs."""
    put(s3, bucket, "a", "b")
    options = {"encryption": "DSSE-KMS", "kms_key": key_arn}
    _result, made = count(task, bucket, calls, **options)
    of_task = {"ListObjectsV2": 1, "DescribeKey": 1, "GetBucketOwnershipControls": 1}
    assert made == {**of_task, "HeadObject": 2, "CopyObject": 2}
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    put(s3, bucket, "c", "d")
    _result, made = count(task, bucket, calls, select={"encryption": ["SSE-S3"]}, **options)
    assert made == {**of_task, "HeadObject": 4, "GetObjectAcl": 2, "CopyObject": 2}


def test_what_is_not_selected_costs_nothing(task: Task, bucket: str, key_arn: str, s3: Any, calls: Calls) -> None:
    """Only the prefix is a part of the list. Versions are listed with one request, too."""
    put(s3, bucket, "in/a", "in/b.txt", "out/a")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    put(s3, bucket, "in/a")
    options = {"encryption": "SSE-KMS", "kms_key": key_arn, "bucket_key_enabled": True, "versions": "all"}
    _result, made = count(task, bucket, calls, select={"prefix": "in/", "suffix": "a"}, **options)
    rest = {"ListObjectVersions": 1, "ListObjectsV2": 1, "DescribeKey": 1, "GetBucketReplication": 1}
    assert made == {**rest, "HeadObject": 2, "UpdateObjectEncryption": 2}

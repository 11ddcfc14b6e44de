# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""bucket_reencryption with many objects: both engines end in the same state, and a long list is read right.

`make soak reencryption` does it with 100,000 objects, and lists a million.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from itertools import zip_longest
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws.objects.object_list import ObjectList
from ansible_collections.sealed.s3.plugins.module_utils.aws.session import Clients, Connection

from .conftest import Task
from .scale import SEED, number
from .test_batch_jobs import FILES, clock, options, role

__all__ = ["clock", "role"]  # fixtures

INFO = "bucket_reencryption_info"
HERE, BY_JOBS = "example-here", "example-jobs"
# What an object has before, as parameters of its upload, and its share of all objects in percent.
SHARES: dict[str, tuple[int, dict[str, Any]]] = {
    "sse-s3/": (45, {}),
    "another-key/": (
        30,
        {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "alias/other", "Metadata": {"a": "b"}, "Tagging": "c=d"},
    ),
    "as-asked/": (20, {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "alias/app", "BucketKeyEnabled": True}),
    # No request changes it in place.
    "dsse/": (5, {"ServerSideEncryption": "aws:kms:dsse", "SSEKMSKeyId": "alias/other", "CacheControl": "no-cache"}),
}
TOTAL = number(2000, 100_000)


@pytest.fixture
def buckets(lab: Any, s3: Any, kms: Any, key_arn: str) -> dict[str, int]:
    """Two buckets with the same objects: how many begin with each prefix."""
    kms.create_alias(AliasName="alias/other", TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
    counts = {prefix: TOTAL * share // 100 for prefix, (share, _upload) in SHARES.items()}
    for bucket in (HERE, BY_JOBS):
        s3.create_bucket(Bucket=bucket)
        for prefix, (_share, upload) in SHARES.items():
            s3.put_object(Bucket=bucket, Key=f"{prefix}like", Body=prefix.encode(), **upload)
            lab.add_objects(bucket, f"{prefix}like", counts[prefix] - 1, prefix=prefix)
    return counts


def headers_of(s3: Any, bucket: str, key: str) -> dict[str, Any]:
    """All that S3 reports of an object, but when it was written, and its ETag, which is another one for each write."""
    found = s3.head_object(Bucket=bucket, Key=key)
    return {name: value for name, value in found.items() if name not in ("ETag", "LastModified", "ResponseMetadata")}


@pytest.mark.usefixtures("at_aws")
def test_both_engines_have_the_same_end_state(
    task: Task, s3: Any, buckets: dict[str, int], key_arn: str, calls: Callable[[], list[str]]
) -> None:
    """Each object that is not as asked is changed once, by either, and then nothing remains."""
    wish: dict[str, Any] = {"encryption": "SSE-KMS", "kms_key": key_arn, "bucket_key_enabled": True}
    calls()
    here = task("bucket_reencryption", bucket=HERE, **wish)
    assert not here.get("failed"), here
    made = Counter(calls())
    in_place, copied = buckets["sse-s3/"] + buckets["another-key/"], buckets["dsse/"]
    assert (made["UpdateObjectEncryption"], made["CopyObject"], made["HeadObject"]) == (in_place, copied, TOTAL)
    assert sum(made.values()) <= 1.01 * buckets["as-asked/"] + 2.01 * (in_place + copied)
    jobs = task("bucket_reencryption", **options(BY_JOBS, key_arn), bucket_key_enabled=True)
    assert not jobs.get("failed"), jobs
    assert sorted(job["tasks"]["succeeded"] for job in jobs["jobs"]) == sorted((in_place, copied))
    for result in (here, jobs):
        summary = result["summary"]
        counts = (summary["seen"], summary["done"], summary["as_asked"], summary["skipped"], summary["failed"])
        assert counts == (TOTAL, in_place + copied, buckets["as-asked/"], 0, 0)
    for bucket in (HERE, BY_JOBS):
        (row,) = task(INFO, bucket=bucket)["summary"]["by_encryption"]
        assert (row["kms_key_arn"], row["bucket_key_enabled"], row["objects"]) == (key_arn, True, TOTAL)
    chance = random.Random(SEED)
    for prefix, count in buckets.items():
        for key in (f"{prefix}like", *(f"{prefix}{chance.randrange(count - 1):07}" for _number in range(5))):
            assert headers_of(s3, HERE, key) == headers_of(s3, BY_JOBS, key)
    assert s3.list_objects_v2(Bucket=FILES)["KeyCount"]


def test_a_long_list_is_read_right(lab: Any, s3: Any, bucket: str, environment: None) -> None:
    """Each key once, in order, with its size; and the same for versions."""
    count = number(3000, 1_000_000)
    s3.put_object(Bucket=bucket, Key="~like", Body=b"12345")
    lab.add_objects(bucket, "~like", count - 1, prefix="a +%ü/", suffix=".txt")
    expected = [*(f"a +%ü/{index:07}.txt" for index in range(count - 1)), "~like"]
    lists = ObjectList(Clients(Connection(region="us-east-1", endpoint_url=lab.url, options=lab_keys())))
    for listed in (lists.list_objects(bucket, "", None), lists.list_versions(bucket, "", None)):
        for key, found in zip_longest(expected, listed):
            assert found is not None
            assert (found.key, found.size, found.is_noncurrent) == (key, 5, False)
    last = expected[count // 2 :]
    assert [each.key for each in lists.list_objects(bucket, "", None, start_after=expected[count // 2 - 1])] == last


def lab_keys() -> dict[str, str]:
    """Credentials that the lab accepts."""
    return {"aws_access_key_id": "123456789012", "aws_secret_access_key": "any"}

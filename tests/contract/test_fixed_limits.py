# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What AWS would refuse in the middle of a run is refused by the plan; null is refused instead of stored as text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Task

OBJECT: dict[str, Any] = {"bucket": "example-bucket", "key": "a"}

# Options for an existing object, with a change of its encryption that would be carried out first.
TOO_MUCH = [
    pytest.param({"tags": {f"t{number}": "" for number in range(11)}}, "The task names 11 tags", id="tags"),
    pytest.param(
        {"tags": {f"t{number}": "" for number in range(10)}, "purge_tags": False}, "would have 11 tags", id="kept tags"
    ),
    pytest.param({"tags": {"a": "b" * 257}}, "has 257 characters", id="a tag"),
    pytest.param({"tags": {"a": "b;c"}}, "contains ';'", id="a sign in a tag"),
    pytest.param({"metadata": {"a": "b" * 2048}}, "metadata has 2049 bytes", id="metadata"),
    pytest.param({"key": "k" * 1025}, "key has 1025 bytes", id="key"),
]


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(("options", "message"), TOO_MUCH)
def test_a_limit_is_part_of_the_plan(
    task: Task, bucket: str, s3: Any, calls: Callable[[], list[str]], options: dict[str, Any], message: str, check: bool
) -> None:
    """Nothing is written, and the check run says so as well."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"a", Tagging="kept=1")
    calls()
    result = task("s3_encrypted_object", check=check, encryption="SSE-KMS", **{**OBJECT, **options})
    assert (result["failed"], result["error"]["kind"], result.get("changed", False)) == (
        True,
        "invalid",
        False,
    )
    assert message in result["msg"]
    assert not [name for name in calls() if not name.startswith(("Head", "Get"))]


OWN: dict[str, Any] = {"encryption": "CSE-C", "customer_key": "1" * 32}
BY_KMS: dict[str, Any] = {"encryption": "CSE-KMS", "kms_key": "alias/app"}
FILE = {"envelope": "instruction_file"}
TOO_MUCH_BESIDE_AN_ENVELOPE = [
    pytest.param({**OWN, "metadata": {"a": "b" * 1848}}, "metadata has 1849 bytes", id="CSE-C"),
    pytest.param({**OWN, **FILE, "metadata": {"a": "b" * 1944}}, "metadata has 1945 bytes", id="in a file"),
    pytest.param({**BY_KMS, "metadata": {"a": "b" * 1600}}, "metadata has 1601 bytes", id="CSE-KMS"),
    pytest.param({**BY_KMS, "encryption_context": {"a": "b" * 1900}}, "metadata has 0 bytes", id="context"),
    pytest.param({**OWN, **FILE, "key": "k" * 1014}, "is longer than the 1024 bytes", id="key of the file"),
]


@pytest.mark.usefixtures("key_arn")
@pytest.mark.parametrize(("options", "message"), TOO_MUCH_BESIDE_AN_ENVELOPE)
def test_metadata_and_envelope_share_a_limit(
    task: Task, bucket: str, s3: Any, calls: Callable[[], list[str]], options: dict[str, Any], message: str
) -> None:
    """Of new content, and of an object that gets its envelope now. The plan of both modes says so."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"a")
    s3.put_object(Bucket=bucket, Key="k" * 1014, Body=b"a")
    calls()
    for check in (True, False):
        for content in ({"content": "new"}, {}):
            result = task("s3_encrypted_object", check=check, **{**OBJECT, **options}, **content)
            assert (result["failed"], result["error"]["kind"], result["changed"]) == (True, "invalid", False)
            assert message in result["msg"]
    assert not {"PutObject", "CopyObject", "GenerateDataKey"} & set(calls())


NULLS = [
    pytest.param("s3_encrypted_object", {**OBJECT, "content": "a", "tags": {"team": None}}, "tags: 'team'", id="tags"),
    pytest.param(
        "s3_encrypted_object",
        {**OBJECT, "content": "a", "encryption": "SSE-KMS", "encryption_context": {"team": None}},
        "encryption_context: 'team'",
        id="encryption_context",
    ),
    pytest.param(
        "s3_encrypted_object", {**OBJECT, "content": "a", "metadata": {"team": None}}, "metadata: 'team'", id="metadata"
    ),
    pytest.param(
        "s3_encrypted_object_download",
        {**OBJECT, "dest": "/tmp/", "encryption_context": {"team": None}},
        "encryption_context: 'team'",
        id="encryption_context of a download",
    ),
    pytest.param("kms_key_for_s3", {"alias": "a", "tags": {"team": None}}, "tags: 'team'", id="tags of a key"),
    pytest.param("kms_key_for_s3", {"alias": "a", "users": [None]}, "users[0] is null", id="users"),
    pytest.param(
        "bucket_default_encryption",
        {"encryption": "SSE-KMS", "select": {"tags": {"team": None}}},
        "select.tags: 'team'",
        id="select.tags",
    ),
    pytest.param(
        "bucket_default_encryption",
        {"encryption": "SSE-KMS", "select": {"names": ["a", None]}},
        "select.names[1] is null",
        id="select.names",
    ),
    pytest.param(
        "bucket_default_encryption",
        {"encryption": "SSE-KMS", "bucket": ["example-bucket", None]},
        "buckets[1] is null",
        id="buckets",
    ),
    pytest.param(
        "bucket_default_encryption",
        {"encryption": "SSE-KMS", "buckets": ["example-bucket"], "overrides": [{"names": [None], "minimum": True}]},
        "overrides[0].names[0] is null",
        id="overrides",
    ),
]


@pytest.mark.parametrize(("module", "options", "message"), NULLS)
def test_null_is_never_the_text_none(
    task: Task, bucket: str, calls: Callable[[], list[str]], module: str, options: dict[str, Any], message: str
) -> None:
    """An empty value in YAML, or an undefined variable. No call is made."""
    calls()
    result = task(module, **options)
    assert (result["failed"], result["error"]["kind"]) == (True, "invalid")
    assert message in result["msg"]
    assert calls() == []

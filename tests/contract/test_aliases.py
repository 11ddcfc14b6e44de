# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The names that amazon.aws has for the same options, and AWS's own words for encryption kinds."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Task

# The name in amazon.aws and its value -> the same in this collection. Each pair gets the rest of a task.
BUCKET: dict[str, Any] = {"name": "example-bucket", "encryption": "SSE-KMS"}
OBJECT: dict[str, Any] = {"bucket": "example-bucket", "key": "a", "content": "a", "encryption": "SSE-KMS"}
OWN_KEY: dict[str, Any] = {"encryption": "CSE-C", "customer_key": "1" * 32}
KEY: dict[str, Any] = {"alias": "new"}
PAIRS = [
    *(
        pytest.param("bucket_default_encryption", {**BUCKET, **theirs}, {**BUCKET, **ours}, id=f"bucket: {theirs}")
        for theirs, ours in (
            ({"encryption": "aws:kms"}, {}),
            ({"encryption": "aws:kms:dsse"}, {"encryption": "DSSE-KMS"}),
            ({"encryption": "AES256"}, {"encryption": "SSE-S3"}),
            ({"encryption_key_id": "alias/app"}, {"kms_key": "alias/app"}),
            (
                {"overrides": [{"names": ["*"], "encryption": "aws:kms:dsse", "encryption_key_id": "alias/app"}]},
                {"overrides": [{"names": ["*"], "encryption": "DSSE-KMS", "kms_key": "alias/app"}]},
            ),
        )
    ),
    *(
        pytest.param("s3_encrypted_object", {**OBJECT, **theirs}, {**OBJECT, **ours}, id=f"object: {theirs}")
        for theirs, ours in (
            ({"encryption": "aws:kms"}, {}),
            ({"encryption": "AES256"}, {"encryption": "SSE-S3"}),
            ({"encryption_kms_key_id": "alias/app"}, {"kms_key": "alias/app"}),
            ({"tags": {"encryption": "aws:kms"}}, {"resource_tags": {"encryption": "aws:kms"}}),
        )
    ),
    *(
        pytest.param(
            "s3_encrypted_object",
            {**OBJECT, **OWN_KEY, "server_side": {"encryption": theirs}},
            {**OBJECT, **OWN_KEY, "server_side": {"encryption": ours}},
            id=f"ciphertext: {theirs}",
        )
        for theirs, ours in (
            ("AES256", "SSE-S3"),
            ("aws:kms", "SSE-KMS"),
            ("aws:kms:dsse", "DSSE-KMS"),
        )
    ),
    pytest.param(
        "s3_encrypted_object",
        {"bucket_name": "example-bucket", "object_name": "a", "content": "a", "encryption_mode": "aws:kms"},
        OBJECT,
        id="object: by the names of s3_object and s3_object_info",
    ),
    *(
        pytest.param("kms_key_for_s3", {**KEY, **theirs}, {**KEY, **ours}, id=f"key: {theirs}")
        for theirs, ours in (
            ({"enable_key_rotation": False}, {"rotation_enabled": False}),
            ({"resource_tags": {"a": "b"}}, {"tags": {"a": "b"}}),
        )
    ),
    pytest.param("kms_key_for_s3", {"key_alias": "new"}, KEY, id="key: key_alias"),
    pytest.param(
        "kms_key_for_s3",
        {"key_alias": "app", "state": "absent", "pending_window": 9},
        {"alias": "app", "state": "absent", "deletion_window_in_days": 9},
        id="key: pending_window",
    ),
]


@pytest.mark.parametrize(("module", "theirs", "ours"), PAIRS)
def test_an_alias_means_the_same(
    task: Task, bucket: str, key_arn: str, module: str, theirs: dict[str, Any], ours: dict[str, Any]
) -> None:
    """The results are equal, in the words of this collection."""
    results = [task(module, check=True, **options) for options in (theirs, ours)]
    for result in results:
        assert not result.get("failed"), result
        result.get("summary", {}).pop("seconds", None)
    assert results[0] == results[1]


def test_aws_words_are_expected_in_the_words_of_this_collection(task: Task, bucket: str) -> None:
    """Also in the suboptions of expected."""
    result = task("bucket_default_encryption_info", name=bucket, expected={"encryption": "aws:kms"})
    (found,) = result["buckets"]
    assert (found["encryption"], found["compliant"]) == ("SSE-S3", False)
    assert "SSE-KMS" in found["findings"][0]["message"]
    assert task("bucket_default_encryption_info", name=bucket, expected={"encryption": "AES256"})["compliant"]


def test_a_key_is_found_by_key_arn(task: Task, key_arn: str) -> None:
    """The alias of key_id."""
    assert task("kms_key_for_s3_info", key_arn=key_arn)["kms_keys"][0]["arn"] == key_arn

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The key of an instruction file in use: no task writes another content there, or deletes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Task
from .encryption_client import seal_v2

OWN_KEY = "0123456789abcdef0123456789abcdef"
FILE = "k.instruction"


def in_file(task: Task, bucket: str, content: str = "secret") -> None:
    """Write the object k, whose data key is in an instruction file."""
    options = {"encryption": "CSE-C", "customer_key": OWN_KEY, "envelope": "instruction_file"}
    assert not task("s3_encrypted_object", bucket=bucket, key="k", content=content, **options).get("failed")


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"content": "other"}, id="content"),
        pytest.param({"copy_src": {"key": "other"}}, id="copy"),
        pytest.param({"state": "absent"}, id="deletion"),
        pytest.param({"encryption": "CSE-C", "customer_key": OWN_KEY}, id="encrypted again"),
        pytest.param({"encryption": "SSE-C", "customer_key": OWN_KEY}, id="under a customer key"),
    ],
)
def test_it_is_refused(task: Task, s3: Any, open_bucket: str, options: dict[str, Any], check: bool) -> None:
    """In a check run too, whatever would replace the file. The object stays readable."""
    in_file(task, open_bucket)
    s3.put_object(Bucket=open_bucket, Key="other", Body=b"other")
    before = s3.get_object(Bucket=open_bucket, Key=FILE)["Body"].read()
    if "copy_src" in options:
        options = {"copy_src": {"bucket": open_bucket, **options["copy_src"]}}
    result = task("s3_encrypted_object", bucket=open_bucket, key=FILE, check=check, **options)
    assert (result["failed"], result["changed"], result["error"]["kind"]) == (True, False, "invalid")
    assert f"{open_bucket}/{FILE} is the instruction file of {open_bucket}/k" in result["msg"]
    assert s3.get_object(Bucket=open_bucket, Key=FILE)["Body"].read() == before


def test_an_older_format_shows_nothing_in_its_object(task: Task, s3: Any, bucket: str) -> None:
    seal_v2(b"secret", OWN_KEY.encode(), in_file=True).put(s3, bucket, "k")
    result = task("s3_encrypted_object", bucket=bucket, key=FILE, state="absent")
    assert "is the instruction file of" in result["msg"]


def test_what_keeps_the_file_is_allowed(task: Task, s3: Any, bucket: str, key_arn: str) -> None:
    """Another encryption by S3, tags, and the same content."""
    in_file(task, bucket)
    body = s3.get_object(Bucket=bucket, Key=FILE)["Body"].read().decode()
    where = {"bucket": bucket, "key": FILE}
    assert task("s3_encrypted_object", **where, encryption="SSE-KMS", kms_key=key_arn)["changed"]
    assert task("s3_encrypted_object", **where, tags={"a": "b"})["changed"]
    assert not task("s3_encrypted_object", **where, content=body)["changed"]


@pytest.mark.usefixtures("at_aws")
def test_the_calls(task: Task, s3: Any, bucket: str, calls: Callable[[], list[str]]) -> None:
    """One HeadObject of the other object, and only where something is written to a key with this suffix."""
    s3.put_object(Bucket=bucket, Key="k2.instruction", Body=b"anything")
    calls()
    assert task("s3_encrypted_object", bucket=bucket, key=FILE, content="text")["changed"]
    made = calls()
    assert sorted(made) == ["GetObject", "HeadObject", "HeadObject", "PutObject"]
    assert not task("s3_encrypted_object", bucket=bucket, key=FILE, content="text")["changed"]
    assert calls() == ["HeadObject"]
    assert task("s3_encrypted_object", bucket=bucket, key=".instruction", content="text")["changed"]
    assert sorted(calls()) == ["GetObject", "HeadObject", "PutObject"]
    assert task("s3_encrypted_object", bucket=bucket, key="k2.instruction", state="absent")["changed"]
    assert sorted(calls()) == ["DeleteObject", "HeadObject", "HeadObject"]


def test_a_noncurrent_version_may_be_deleted(task: Task, s3: Any, bucket: str) -> None:
    """A version of the file that no object is read with any more; the current one may not."""
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    old = s3.put_object(Bucket=bucket, Key=FILE, Body=b"old")["VersionId"]
    s3.delete_object(Bucket=bucket, Key=FILE)
    in_file(task, bucket)
    current = s3.head_object(Bucket=bucket, Key=FILE)["VersionId"]
    where = {"bucket": bucket, "key": FILE, "state": "absent"}
    assert task("s3_encrypted_object", **where, version_id=current)["failed"]
    assert task("s3_encrypted_object", **where, version_id=old)["changed"]

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The option `assume_role`: one other account. test_permissions.py has each module with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import ACCOUNT, REGION, Task

MEMBER, BUCKET = "222222222222", "bucket-of-member"
ROLE = f"arn:aws:iam::{MEMBER}:role/teams/fleet"
AUDIT: dict[str, Any] = {"bucket": BUCKET}


def document(**statement: Any) -> str:
    """A policy with one statement that allows."""
    return json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", **statement}})


@pytest.fixture
def keys(lab: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The access key of a user who may assume a role with an external id, and read nothing. No other is configured."""
    iam, member = lab.client("iam", account=ACCOUNT), lab.client("iam", account=MEMBER)
    user = iam.create_user(UserName="zoe")["User"]["Arn"]
    iam.put_user_policy(UserName="zoe", PolicyName="p", PolicyDocument=document(Action="sts:AssumeRole", Resource="*"))
    trust = {"Principal": {"AWS": user}, "Condition": {"StringEquals": {"sts:ExternalId": "right"}}}
    member.create_role(
        RoleName="fleet", Path="/teams/", AssumeRolePolicyDocument=document(Action="sts:AssumeRole", **trust)
    )
    member.put_role_policy(RoleName="fleet", PolicyName="p", PolicyDocument=document(Action="*", Resource="*"))
    lab.client("s3", account=MEMBER).create_bucket(Bucket=BUCKET)
    lab.enforcing = True
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    found: dict[str, str] = iam.create_access_key(UserName="zoe")["AccessKey"]
    return found


def test_each_way_to_the_credentials_of_the_task(
    task: Task, keys: dict[str, str], calls: Callable[[], list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They assume the role and do nothing else, whether they are options or of a profile."""
    profile = (
        f"[profile hub]\naws_access_key_id = {keys['AccessKeyId']}\naws_secret_access_key = {keys['SecretAccessKey']}\n"
    )
    (tmp_path / "config").write_text(profile)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    own = {"access_key": keys["AccessKeyId"], "secret_key": keys["SecretAccessKey"]}
    role = {"role_arn": [ROLE], "external_id": "right", "session_name": "nightly", "duration_seconds": 900}
    calls()
    for connection in (own, {"profile": "hub"}):
        result = task("bucket_default_encryption", **AUDIT, encryption="SSE-S3", **connection, assume_role=role)
        assert not result.get("failed"), result["msg"]
        assert calls() == ["AssumeRole", "GetBucketEncryption"]
        assert keys["SecretAccessKey"] not in json.dumps(result)
        refused = task("bucket_default_encryption", **AUDIT, encryption="SSE-S3", **connection)
        assert refused["failed"]
        calls()
    result = task("bucket_default_encryption_info", **AUDIT, **own, assume_role=role, debug_botocore_endpoint_logs=True)
    assert result["resource_actions"] == ["s3:GetBucketEncryption", "sts:AssumeRole"]


def test_a_role_that_is_not_assumed(task: Task, keys: dict[str, str], calls: Callable[[], list[str]]) -> None:
    """Nothing else is called."""
    own = {"access_key": keys["AccessKeyId"], "secret_key": keys["SecretAccessKey"], "region": REGION}
    calls()
    result = task("s3_encrypted_object_info", **AUDIT, key="a", **own, assume_role={"role_arn": [ROLE]})
    assert result["failed"]
    assert result["error"]["action"] == "sts:AssumeRole"
    assert result["error"]["resource"] == ROLE
    assert "without a condition on sts:ExternalId, since the task sets no external_id" in result["msg"]
    assert calls() == ["AssumeRole"]
    result = task("kms_key_for_s3_info", **own, assume_role={"role_arn": ["fleet"]})
    assert "assume_role.role_arn: 'fleet' is not the ARN of an IAM role." in result["msg"]
    assert calls() == []

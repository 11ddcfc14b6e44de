# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Policies that S3 refuses, policies with deleted principals, and stores that do not keep what is written."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from .conftest import ACCOUNT, REGION, Result, Task
from .lying_store import Lie, lying_store
from .sdk_calls import SdkCalls

MODULE = "bucket_encryption_policy"
BUCKET = "example-bucket"
ARN = f"arn:aws:s3:::{BUCKET}"
TLS = {"buckets": [BUCKET], "require_tls": True}
REQUIRE_TLS = "SealedS3RequireTls"
ALL_BLOCKED = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
PUBLIC: dict[str, Any] = {
    "Sid": "Website",
    "Effect": "Allow",
    "Principal": "*",
    "Action": "s3:GetObject",
    "Resource": f"{ARN}/public/*",
}


def policy(*found: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(found)})


def stored(s3: Any) -> list[dict[str, Any]]:
    """The statements of the bucket's policy."""
    found: list[dict[str, Any]] = json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])["Statement"]
    return found


def error(result: Result) -> dict[str, Any]:
    """The error of the bucket's row."""
    assert result["failed"]
    (row,) = result["buckets"]
    return dict(row["error"])


@pytest.fixture
def public_bucket(s3: Any, bucket: str) -> str:
    """A bucket whose policy is public, from before Block Public Access."""
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=policy(PUBLIC))
    return bucket


def block_at_bucket(lab: Any) -> None:
    """The bucket's own setting."""
    client = lab.client("s3", region=REGION, account=ACCOUNT)
    client.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=ALL_BLOCKED)


def block_at_account(lab: Any) -> None:
    """The account's setting. An S3 policy of the organization has the same effect."""
    control = lab.client("s3control", region=REGION, account=ACCOUNT)
    control.put_public_access_block(AccountId=ACCOUNT, PublicAccessBlockConfiguration=ALL_BLOCKED)


@pytest.mark.parametrize("block", [block_at_bucket, block_at_account])
def test_block_public_access_is_named_as_what_refuses(
    task: Task, s3: Any, lab: Any, public_bucket: str, block: Callable[[Any], None]
) -> None:
    """With the public statement of others. A policy that is as asked stays, though it is public."""
    block(lab)
    found = error(task(MODULE, **TLS))
    assert found["kind"] == "forbidden"
    assert found["layer"] == "S3 Block Public Access"
    assert found["action"] == "s3:PutBucketPolicy"
    for part in ("BlockPublicPolicy", "public because of the statement Website, as before", "S3 policy of the organ"):
        assert part in task(MODULE, **TLS)["msg"]
    assert [each["Sid"] for each in stored(s3)] == ["Website"]
    s3.put_bucket_policy(Bucket=BUCKET, Policy=policy({**PUBLIC, "Principal": {"AWS": ACCOUNT}}))
    assert task(MODULE, **TLS)["changed"]


@pytest.mark.usefixtures("public_bucket")
def test_a_denial_without_a_reason_may_be_block_public_access(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    """S3 names no reason to callers of another organization."""

    def deny() -> None:
        body = {"Error": {"Code": "AccessDenied", "Message": "Access Denied"}, "ResponseMetadata": {}}
        raise ClientError(cast(Any, body), "PutBucketPolicy")

    SdkCalls(monkeypatch).instead("PutBucketPolicy", deny)
    result = task(MODULE, **TLS)
    assert "Or S3 Block Public Access refused it" in result["msg"]
    assert "the statement Website" in result["msg"]
    assert not result["changed"]


@pytest.fixture
def role(lab: Any) -> str:
    """A role of the account."""
    iam = lab.client("iam", region=REGION, account=ACCOUNT)
    trust = policy({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"})
    arn: str = iam.create_role(RoleName="app", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    return arn


def test_deleted_principals_are_left_out_with_a_warning(task: Task, s3: Any, lab: Any, bucket: str, role: str) -> None:
    """S3 reports their unique ids and refuses them. A statement of others that names more keeps the rest."""
    readers = {**PUBLIC, "Sid": "Readers", "Principal": {"AWS": [role, f"arn:aws:iam::{ACCOUNT}:root"]}}
    s3.put_bucket_policy(Bucket=bucket, Policy=policy(readers, {**PUBLIC, "Sid": "App", "Principal": {"AWS": role}}))
    lab.client("iam", region=REGION, account=ACCOUNT).delete_role(RoleName="app")
    (deleted,) = {each["Principal"]["AWS"] for each in stored(s3) if each["Sid"] == "App"}
    assert deleted.startswith("AROA")
    assert not task(MODULE, buckets=[bucket], state="absent")["changed"]
    check = task(MODULE, check=True, **TLS)
    result = task(MODULE, **TLS)
    assert not result.get("failed"), result["msg"]
    assert (check["diff"], check["warnings"]) == (result["diff"], result["warnings"])
    assert any(deleted in warning for warning in result["warnings"])
    assert [each["Sid"] for each in stored(s3)] == ["Readers", REQUIRE_TLS]
    assert deleted not in json.dumps(stored(s3))


def test_a_principal_that_is_deleted_during_the_run_is_named(
    task: Task, s3: Any, lab: Any, bucket: str, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S3 refuses the policy, and the bucket keeps the one that it has. The next run leaves the principal out."""
    s3.put_bucket_policy(Bucket=bucket, Policy=policy({**PUBLIC, "Sid": "App", "Principal": {"AWS": role}}))
    iam = lab.client("iam", region=REGION, account=ACCOUNT)
    become_user(iam, lab, monkeypatch)

    def delete_role() -> None:
        lab.enforcing = False
        iam.delete_role(RoleName="app")
        lab.enforcing = True

    SdkCalls(monkeypatch).before("PutBucketPolicy", delete_role)
    result = task(MODULE, **TLS)
    assert error(result)["kind"] == "invalid"
    assert f'Invalid principal in policy ("AWS" : "{role}")' in result["msg"]
    assert "S3 knows no user, role or account of that name" in result["msg"]
    assert not result["changed"]
    again = task(MODULE, **TLS)
    assert again["changed"], again["msg"]
    lab.enforcing = False
    assert [each["Sid"] for each in stored(s3)] == [REQUIRE_TLS]


def become_user(iam: Any, lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the tasks as a user who may do everything in S3, in a lab that enforces policies."""
    iam.create_user(UserName="operator")
    everything = policy({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    iam.put_user_policy(UserName="operator", PolicyName="s3", PolicyDocument=everything)
    access = iam.create_access_key(UserName="operator")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", access["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", access["SecretAccessKey"])
    lab.enforcing = True


def sized(size: int) -> dict[str, Any]:
    """A statement of others with which the policy has that many bytes after the run."""
    ours = {
        "Sid": REQUIRE_TLS,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [ARN, f"{ARN}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    empty = {**PUBLIC, "Sid": "", "Effect": "Deny"}
    length = len(json.dumps(json.loads(policy(empty, ours)), separators=(",", ":")))
    return {**empty, "Sid": "x" * (size - length)}


@pytest.mark.parametrize("check", [True, False])
def test_the_largest_policy(task: Task, s3: Any, bucket: str, check: bool) -> None:
    """S3 accepts 20480 bytes without spaces. One byte more is refused before the write, also in a check run."""
    s3.put_bucket_policy(Bucket=bucket, Policy=policy(sized(20_481)))
    result = task(MODULE, check=check, **TLS)
    assert error(result)["kind"] == "invalid"
    assert "The bucket policy would have 20481 bytes, and S3 accepts 20480. Shorten" in result["msg"]
    s3.put_bucket_policy(Bucket=bucket, Policy=policy(sized(20_480)))
    assert not task(MODULE, check=check, **TLS).get("failed")
    if not check:
        assert [each["Sid"] for each in stored(s3)][1:] == [REQUIRE_TLS]


def test_a_store_that_ignores_the_write_is_unverified(
    task: Task, s3: Any, lab: Any, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It answers with success, and keeps the policy that it has."""
    with lying_store(lab.url, Lie(ignores=("PUT ?policy",))) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        result = task(MODULE, **TLS)
    assert error(result)["kind"] == "unverified"
    assert result["changed"]
    assert "this store does not keep the change" in result["msg"]


def test_a_store_that_drops_a_condition_is_unverified(
    task: Task, s3: Any, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The statement that differs is named."""

    def drop(response: dict[str, Any]) -> None:
        found = json.loads(response["Policy"])
        for each in found["Statement"]:
            each.pop("Condition", None)
        response["Policy"] = json.dumps(found)

    SdkCalls(monkeypatch).change_response("GetBucketPolicy", drop)
    result = task(MODULE, **TLS)
    assert error(result)["kind"] == "unverified"
    assert f"It differs in the statement {REQUIRE_TLS}" in result["msg"]


def test_a_store_whose_policy_is_none_is_told(
    task: Task, bucket: str, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a bucket policy."""
    s3.put_bucket_policy(Bucket=bucket, Policy=policy({**PUBLIC, "Effect": "Deny"}))
    SdkCalls(monkeypatch).change_response(
        "GetBucketPolicy", lambda response: response.update(Policy='{"Sid": 1, "Sid": 2}')
    )
    result = task(MODULE, **TLS)
    assert error(result)["kind"] == "invalid"
    assert "The bucket policy is malformed at Sid: an object has this element twice" in result["msg"]

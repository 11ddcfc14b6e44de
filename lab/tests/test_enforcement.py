# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Enforced policies: identity, bucket, key and trust policies, and signatures."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from client_calls import raises_client_error, sse_kms

from sealed_lab import RunningLab

pytestmark = pytest.mark.enforcement
ACCOUNT = "000000000000"


def allow(actions: str | list[str], resource: str = "*", condition: dict[str, Any] | None = None) -> dict[str, Any]:
    """An Allow statement of an identity policy."""
    found: dict[str, Any] = {"Effect": "Allow", "Action": actions, "Resource": resource}
    return {**found, "Condition": condition} if condition else found


def document(*statements: dict[str, Any]) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@dataclass
class Scenario:
    """Buckets a to d, keys, users and a role, with enforcement on."""

    lab: RunningLab
    users: dict[str, dict[str, str]]
    keys: dict[str, str]

    def client(self, service: str, user: str) -> Any:
        """Return a client for one of the users."""
        return self.lab.client(service, credentials=self.users[user])


@pytest.fixture
def scenario(lab: RunningLab, s3: Any, kms: Any, iam: Any) -> Scenario:
    """The initial state of every test."""
    for name in ("bucket-a", "bucket-b", "bucket-c", "bucket-d"):
        s3.create_bucket(Bucket=name)
    kms_header = {"StringEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}
    statements: dict[str, list[dict[str, Any]]] = {
        "limited": [
            allow("s3:ListAllMyBuckets"),
            allow(["s3:GetEncryptionConfiguration", "s3:PutEncryptionConfiguration"], "arn:aws:s3:::bucket-a"),
            allow("sts:AssumeRole"),
        ],
        "conditional": [
            allow("s3:PutObject", "arn:aws:s3:::bucket-b/*", kms_header),
            allow("s3:GetObject", "arn:aws:s3:::bucket-b/*"),
            allow("kms:*"),
        ],
        "full": [allow(["s3:*", "kms:*"])],
        "without-kms": [allow("s3:*")],
        "without-anything": [],
    }
    users = {}
    for name, identity_statements in statements.items():
        iam.create_user(UserName=name)
        if identity_statements:
            iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document(*identity_statements))
        users[name] = iam.create_access_key(UserName=name)["AccessKey"]
    keys = _make_keys(kms)
    s3.put_object(Bucket="bucket-d", Key="sealed", Body=b"x", **sse_kms(keys["open"]))
    s3.put_bucket_policy(Bucket="bucket-c", Policy=_guardrails("bucket-c", keys["open"]))
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/limited"},
        "Action": "sts:AssumeRole",
    }
    iam.create_role(RoleName="reader", AssumeRolePolicyDocument=document(trust))
    iam.put_role_policy(
        RoleName="reader", PolicyName="p", PolicyDocument=document(allow("s3:GetEncryptionConfiguration"))
    )
    lab.enforcing = True
    return Scenario(lab, users, keys)


def _make_keys(kms: Any) -> dict[str, str]:
    root = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    deny_full = {
        "Effect": "Deny",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/full"},
        "Action": ["kms:GenerateDataKey*", "kms:Decrypt", "kms:Encrypt"],
        "Resource": "*",
    }
    names_no_requester = {**root, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/without-anything"}}

    def key(*statements: dict[str, Any]) -> str:
        arn: str = kms.create_key(Policy=document(*statements), BypassPolicyLockoutSafetyCheck=True)["KeyMetadata"][
            "Arn"
        ]
        return arn

    return {"open": key(root), "denies-full": key(root, deny_full), "without-root": key(names_no_requester)}


def _guardrails(bucket: str, key_arn: str) -> str:
    def deny(condition: dict[str, Any]) -> dict[str, Any]:
        return {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{bucket}/*",
            "Condition": condition,
        }

    key_header = "s3:x-amz-server-side-encryption-aws-kms-key-id"
    return document(
        deny({"StringNotEquals": {key_header: key_arn}, "Null": {key_header: "false"}}),
        deny({"Null": {"s3:x-amz-server-side-encryption-customer-algorithm": "false"}}),
        deny({"StringEquals": {"s3:x-amz-server-side-encryption": "AES256"}}),
    )


SSE_S3 = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}


def test_allowed_action(scenario: Scenario) -> None:
    scenario.client("s3", "limited").list_buckets()


def test_get_bucket_encryption_is_get_encryption_configuration(scenario: Scenario) -> None:
    scenario.client("s3", "limited").get_bucket_encryption(Bucket="bucket-a")


def test_put_bucket_encryption_is_put_encryption_configuration(scenario: Scenario) -> None:
    scenario.client("s3", "limited").put_bucket_encryption(
        Bucket="bucket-a", ServerSideEncryptionConfiguration={"Rules": [SSE_S3]}
    )


def test_policy_does_not_allow_another_bucket(scenario: Scenario) -> None:
    with raises_client_error("AccessDenied", 403) as messages:
        scenario.client("s3", "limited").get_bucket_encryption(Bucket="bucket-b")
    assert messages[0] == (
        f"User: arn:aws:iam::{ACCOUNT}:user/limited is not authorized to perform: s3:GetEncryptionConfiguration on "
        'resource: "arn:aws:s3:::bucket-b" because no identity-based policy allows the s3:GetEncryptionConfiguration '
        "action"
    )


def test_policy_does_not_allow_another_action(scenario: Scenario) -> None:
    with raises_client_error("AccessDenied", 403):
        scenario.client("s3", "limited").get_bucket_policy(Bucket="bucket-a")


def test_writing_is_not_granted(scenario: Scenario) -> None:
    with raises_client_error("AccessDenied", 403):
        scenario.client("s3", "limited").put_object(Bucket="bucket-a", Key="k", Body=b"x")


def test_creating_keys_is_not_granted(scenario: Scenario) -> None:
    with raises_client_error("AccessDeniedException", 400):
        scenario.client("kms", "limited").create_key()


def test_user_without_a_policy(scenario: Scenario) -> None:
    with raises_client_error("AccessDenied", 403):
        scenario.client("s3", "without-anything").list_buckets()


def test_condition_on_the_encryption_header(scenario: Scenario) -> None:
    scenario.client("s3", "conditional").put_object(
        Bucket="bucket-b", Key="k", Body=b"x", **sse_kms(scenario.keys["open"])
    )


def test_condition_on_the_encryption_header_with_another_value(scenario: Scenario) -> None:
    with raises_client_error("AccessDenied", 403):
        scenario.client("s3", "conditional").put_object(
            Bucket="bucket-b", Key="k", Body=b"x", ServerSideEncryption="AES256"
        )


def test_condition_on_the_encryption_header_without_the_header(scenario: Scenario) -> None:
    with raises_client_error("AccessDenied", 403):
        scenario.client("s3", "conditional").put_object(Bucket="bucket-b", Key="k", Body=b"x")


def test_guardrails_allow_the_required_key(scenario: Scenario) -> None:
    scenario.client("s3", "full").put_object(Bucket="bucket-c", Key="k", Body=b"x", **sse_kms(scenario.keys["open"]))


def test_guardrails_deny_sse_s3(scenario: Scenario) -> None:
    with raises_client_error("AccessDenied", 403):
        scenario.client("s3", "full").put_object(Bucket="bucket-c", Key="k", Body=b"x", ServerSideEncryption="AES256")


def test_guardrails_deny_another_key(scenario: Scenario) -> None:
    with raises_client_error("AccessDenied", 403):
        scenario.client("s3", "full").put_object(
            Bucket="bucket-c", Key="k", Body=b"x", **sse_kms(scenario.keys["denies-full"])
        )


def test_guardrails_deny_sse_c(scenario: Scenario) -> None:
    with raises_client_error("AccessDenied", 403):
        scenario.client("s3", "full").put_object(
            Bucket="bucket-c", Key="k", Body=b"x", SSECustomerAlgorithm="AES256", SSECustomerKey=b"k" * 32
        )


def test_guardrails_allow_a_write_without_headers(scenario: Scenario) -> None:
    scenario.client("s3", "full").put_object(Bucket="bucket-c", Key="k", Body=b"x")


def test_guardrails_deny_a_copy(scenario: Scenario) -> None:
    with raises_client_error("AccessDenied", 403):
        scenario.client("s3", "full").copy_object(
            Bucket="bucket-c",
            Key="k",
            CopySource={"Bucket": "bucket-d", "Key": "sealed"},
            ServerSideEncryption="AES256",
        )


def test_guardrails_deny_a_multipart_upload(scenario: Scenario) -> None:
    with raises_client_error("AccessDenied", 403):
        scenario.client("s3", "full").create_multipart_upload(Bucket="bucket-c", Key="k", ServerSideEncryption="AES256")


def test_root_statement_of_a_key_policy_delegates_to_iam(scenario: Scenario) -> None:
    scenario.client("kms", "full").generate_data_key(KeyId=scenario.keys["open"], KeySpec="AES_256")


@pytest.mark.parametrize(
    ("condition", "allowed"),
    [
        ({"StringEquals": {"aws:ResourceTag/team": "red"}}, True),
        ({"StringEquals": {"aws:ResourceTag/team": "blue"}}, False),
        ({"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/mine"}}, True),
        ({"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/other"}}, False),
    ],
)
def test_tags_and_aliases_of_a_key_apply_to_the_calls_of_s3(
    scenario: Scenario, kms: Any, iam: Any, condition: dict[str, Any], allowed: bool
) -> None:
    """https://docs.aws.amazon.com/kms/latest/developerguide/abac.html"""
    key = scenario.keys["open"]
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": "team", "TagValue": "red"}])
    kms.create_alias(AliasName="alias/mine", TargetKeyId=key)
    policy = document(allow("kms:GenerateDataKey", key, condition))
    iam.put_user_policy(UserName="without-kms", PolicyName="key", PolicyDocument=policy)
    client = scenario.client("s3", "without-kms")
    if allowed:
        client.put_object(Bucket="bucket-a", Key="k", Body=b"x", **sse_kms(key))
    else:
        with raises_client_error("AccessDenied", 403):
            client.put_object(Bucket="bucket-a", Key="k", Body=b"x", **sse_kms(key))


def test_deny_in_a_key_policy(scenario: Scenario) -> None:
    with raises_client_error("AccessDeniedException", 400):
        scenario.client("kms", "full").generate_data_key(KeyId=scenario.keys["denies-full"], KeySpec="AES_256")


def test_without_the_root_statement_iam_is_not_enough(scenario: Scenario) -> None:
    with raises_client_error("AccessDeniedException", 400):
        scenario.client("kms", "full").generate_data_key(KeyId=scenario.keys["without-root"], KeySpec="AES_256")


def test_key_policy_alone_is_enough(scenario: Scenario) -> None:
    scenario.client("kms", "without-anything").generate_data_key(KeyId=scenario.keys["without-root"], KeySpec="AES_256")


def test_write_with_kms_requires_kms_permission(scenario: Scenario) -> None:
    with raises_client_error("AccessDenied", 403) as messages:
        scenario.client("s3", "without-kms").put_object(
            Bucket="bucket-d", Key="z", Body=b"x", **sse_kms(scenario.keys["open"])
        )
    assert "kms:GenerateDataKey" in messages[0]
    assert scenario.keys["open"] in messages[0]


def test_read_with_kms_requires_kms_permission(scenario: Scenario) -> None:
    with raises_client_error("AccessDenied", 403) as messages:
        scenario.client("s3", "without-kms").get_object(Bucket="bucket-d", Key="sealed")
    assert "kms:Decrypt" in messages[0]


def test_write_with_a_key_that_denies_the_user(scenario: Scenario) -> None:
    with raises_client_error("AccessDenied", 403):
        scenario.client("s3", "full").put_object(
            Bucket="bucket-d", Key="z", Body=b"x", **sse_kms(scenario.keys["denies-full"])
        )


def test_read_with_kms(scenario: Scenario) -> None:
    scenario.client("s3", "full").get_object(Bucket="bucket-d", Key="sealed")["Body"].read()


def assume(scenario: Scenario, user: str) -> dict[str, str]:
    """Return the credentials of a session of the role."""
    credentials: dict[str, str] = scenario.client("sts", user).assume_role(
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/reader", RoleSessionName="sess"
    )["Credentials"]
    return credentials


def test_trust_policy_that_does_not_name_the_user(scenario: Scenario) -> None:
    with raises_client_error("AccessDenied", 403):
        assume(scenario, "full")


def test_trust_policy_that_names_the_user(scenario: Scenario) -> None:
    assert assume(scenario, "limited")["SessionToken"]


def test_session_has_the_permissions_of_its_role(scenario: Scenario) -> None:
    session = scenario.lab.client("s3", credentials=assume(scenario, "limited"))
    session.get_bucket_encryption(Bucket="bucket-b")


def test_session_has_no_other_permissions(scenario: Scenario) -> None:
    session = scenario.lab.client("s3", credentials=assume(scenario, "limited"))
    with raises_client_error("AccessDenied", 403):
        session.delete_bucket_encryption(Bucket="bucket-b")


def test_wrong_secret(scenario: Scenario) -> None:
    wrong = {**scenario.users["full"], "SecretAccessKey": "wrong" * 8}
    with raises_client_error("SignatureDoesNotMatch", 403):
        scenario.lab.client("s3", credentials=wrong).list_buckets()


UNKNOWN = {"AccessKeyId": "AKIAUNKNOWNUNKNOWN00", "SecretAccessKey": "x" * 40}


def test_unknown_access_key(scenario: Scenario) -> None:
    with raises_client_error("InvalidAccessKeyId", 403):
        scenario.lab.client("s3", credentials=UNKNOWN).list_buckets()


def test_unknown_access_key_at_kms(scenario: Scenario) -> None:
    with raises_client_error("UnrecognizedClientException", 400):
        scenario.lab.client("kms", credentials=UNKNOWN).list_keys()


def test_unique_id_in_a_key_policy_must_exist(scenario: Scenario, kms: Any, iam: Any) -> None:
    """The unique id of an existing user stands for its ARN. That of a deleted user is refused."""
    root = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
    user = iam.create_user(UserName="short-lived")["User"]
    policy = document(root, {**root, "Principal": {"AWS": user["UserId"]}, "Action": "kms:Decrypt"})
    kms.put_key_policy(KeyId=scenario.keys["open"], PolicyName="default", Policy=policy)
    iam.delete_user(UserName="short-lived")
    with raises_client_error("MalformedPolicyDocumentException", 400):
        kms.put_key_policy(KeyId=scenario.keys["open"], PolicyName="default", Policy=policy)

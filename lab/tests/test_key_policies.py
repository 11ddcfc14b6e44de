# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Key policies as KMS stores and returns them, and grants."""

from __future__ import annotations

import json
from typing import Any

import pytest
from client_calls import raises_client_error

from sealed_lab import RunningLab

ACCOUNT = "000000000000"
ROOT = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"}


def document(*statements: dict[str, Any]) -> str:
    """A key policy that also allows the account everything."""
    return json.dumps({"Version": "2012-10-17", "Statement": [ROOT, *statements]})


def stored_policy(kms: Any, key_id: str) -> str:
    """Return the text of the policy of a key."""
    text: str = kms.get_key_policy(KeyId=key_id)["Policy"]
    return text


def principals(policy: str) -> set[str]:
    """Return the principals of the last statement. Their order means nothing."""
    return set(json.loads(policy)["Statement"][-1]["Principal"]["AWS"])


def test_form_of_a_key_policy(kms: Any, key: dict[str, Any]) -> None:
    default = stored_policy(kms, key["KeyId"])
    other = {**ROOT, "Sid": "\u00e9", "Principal": {"AWS": [ACCOUNT]}, "Action": ["kms:Decrypt"], "Condition": {}}
    kms.put_key_policy(KeyId=key["KeyId"], Policy=document(other))
    root = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    text = stored_policy(kms, key["KeyId"])
    first, second = json.loads(text)["Statement"]
    assert (first, second) == ({**ROOT, "Principal": root}, {**other, "Principal": root})
    assert text.startswith('{\n  "Version" : "2012-10-17",\n  "Statement" : [ {\n    "Effect" : "Allow",\n')
    kms.put_key_policy(KeyId=key["KeyId"], Policy=json.dumps(json.loads(default)))
    assert stored_policy(kms, key["KeyId"]) == default


def test_deleted_principals_become_unique_ids(lab: RunningLab, kms: Any, iam: Any, key: dict[str, Any]) -> None:
    user = iam.create_user(UserName="reader")["User"]
    trust = json.dumps({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}})
    role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=trust)["Role"]
    policy = document({**ROOT, "Principal": {"AWS": [user["Arn"], role["Arn"]]}, "Action": "kms:Encrypt"})
    kms.put_key_policy(KeyId=key["KeyId"], Policy=policy)
    assert principals(stored_policy(kms, key["KeyId"])) == {user["Arn"], role["Arn"]}
    iam.delete_user(UserName="reader")
    shown = stored_policy(kms, key["KeyId"])
    assert principals(shown) == {user["UserId"], role["Arn"]}
    iam.create_user(UserName="reader")  # another user with the same ARN
    credentials = iam.create_access_key(UserName="reader")["AccessKey"]
    lab.enforcing = True
    stranger = lab.client("kms", credentials=credentials)
    with raises_client_error("AccessDeniedException", 400):
        stranger.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    with raises_client_error("MalformedPolicyDocumentException", 400):
        kms.put_key_policy(KeyId=key["KeyId"], Policy=shown)
    kms.put_key_policy(KeyId=key["KeyId"], Policy=policy)
    assert stranger.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["KeyId"] == key["Arn"]


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        (document({**ROOT, "Sid": "x" * 32768}), "LimitExceededException"),
        (document({**ROOT, "Action": None}), "MalformedPolicyDocumentException"),
        (document({**ROOT, "Resource": []}), "MalformedPolicyDocumentException"),
    ],
)
def test_policies_that_are_refused(lab: RunningLab, kms: Any, key: dict[str, Any], policy: str, code: str) -> None:
    with raises_client_error(code, 400):
        kms.put_key_policy(KeyId=key["KeyId"], Policy=policy)
    with raises_client_error(code, 400):
        kms.create_key(Policy=policy)
    primary = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    with raises_client_error(code, 400):
        kms.replicate_key(KeyId=primary, ReplicaRegion="eu-west-1", Policy=policy)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"GranteePrincipal": "arn:aws:s3:::bucket"}, "InvalidArnException"),
        ({"RetiringPrincipal": "someone"}, "InvalidArnException"),
        ({"Operations": ["Sign"]}, "ValidationException"),
    ],
)
def test_grants_that_are_refused(kms: Any, key: dict[str, Any], changes: dict[str, Any], code: str) -> None:
    grant = {"GranteePrincipal": f"arn:aws:iam::{ACCOUNT}:root", "Operations": ["Decrypt"]}
    with raises_client_error(code, 400):
        kms.create_grant(KeyId=key["KeyId"], **{**grant, **changes})


@pytest.mark.enforcement
def test_principals_that_may_retire_a_grant(lab: RunningLab, kms: Any, iam: Any, key: dict[str, Any]) -> None:
    clients = {}
    for name in ("retiring", "grantee", "other"):
        iam.create_user(UserName=name)
        clients[name] = lab.client("kms", credentials=iam.create_access_key(UserName=name)["AccessKey"])
    lab.enforcing = True
    names = {name: f"arn:aws:iam::{ACCOUNT}:user/{name}" for name in clients}
    for operations, retired_by in ((["Decrypt"], {"retiring"}), (["Decrypt", "RetireGrant"], {"retiring", "grantee"})):
        for name, client in clients.items():
            grant = kms.create_grant(
                KeyId=key["KeyId"], GranteePrincipal=names["grantee"], RetiringPrincipal=names["retiring"],
                Operations=operations,
            )  # fmt: skip
            if name in retired_by:
                with raises_client_error("DryRunOperationException", 400):
                    client.retire_grant(GrantToken=grant["GrantToken"], DryRun=True)
                client.retire_grant(GrantToken=grant["GrantToken"])
            else:
                with raises_client_error("AccessDeniedException", 400):
                    client.retire_grant(KeyId=key["Arn"], GrantId=grant["GrantId"])
    assert {grant["GranteePrincipal"] for grant in kms.list_grants(KeyId=key["KeyId"])["Grants"]} == {names["grantee"]}


def test_deleted_grantee(lab: RunningLab, kms: Any, iam: Any, key: dict[str, Any]) -> None:
    iam.create_user(UserName="other")
    lab.enforcing = True
    reader = f"arn:aws:iam::{ACCOUNT}:user/reader"
    grant: dict[str, Any] = {"KeyId": key["KeyId"], "GranteePrincipal": reader, "Operations": ["Encrypt"]}
    with raises_client_error("InvalidArnException", 400):
        kms.create_grant(**grant)
    user = iam.create_user(UserName="reader")["User"]
    kms.create_grant(**grant)
    iam.delete_user(UserName="reader")
    assert kms.list_grants(KeyId=key["KeyId"])["Grants"][0]["GranteePrincipal"] == user["UserId"]
    iam.create_user(UserName="reader")
    stranger = lab.client("kms", credentials=iam.create_access_key(UserName="reader")["AccessKey"])
    with raises_client_error("AccessDeniedException", 400):
        stranger.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    kms.create_grant(**grant)
    assert stranger.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["KeyId"] == key["Arn"]


@pytest.mark.parametrize(
    ("operation", "limit"), [("list_aliases", 101), ("list_grants", 101), ("list_resource_tags", 51)]
)
def test_limits_of_pages(kms: Any, key: dict[str, Any], operation: str, limit: int) -> None:
    with raises_client_error("ValidationException", 400) as messages:
        getattr(kms, operation)(KeyId=key["KeyId"], Limit=limit)
    assert messages[0].endswith(f"less than or equal to {limit - 1}")

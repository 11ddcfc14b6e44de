# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Accounts, sessions, and access between accounts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from client_calls import BODY, raises_client_error, read_object, sse_kms

from sealed_lab import RunningLab

pytestmark = pytest.mark.behaviour
OTHER = "222222222222"


def test_default_caller_is_the_root_user(sts: Any) -> None:
    assert sts.get_caller_identity()["Arn"] == "arn:aws:iam::000000000000:root"


def test_access_key_of_12_digits_is_an_account(lab: RunningLab) -> None:
    assert lab.client("sts", account=OTHER).get_caller_identity()["Account"] == OTHER


def test_session_belongs_to_the_account_of_its_role(lab: RunningLab, s3: Any, sts: Any) -> None:
    session = sts.assume_role(RoleArn="arn:aws:iam::333333333333:role/fleet", RoleSessionName="sess")["Credentials"]
    identity = lab.client("sts", credentials=session).get_caller_identity()
    assert identity["Account"] == "333333333333"
    assert identity["Arn"].endswith("assumed-role/fleet/sess")
    lab.client("s3", credentials=session).create_bucket(Bucket="other")
    assert s3.list_buckets()["Buckets"] == []
    created = lab.client("kms", credentials=session).create_key()["KeyMetadata"]
    assert created["Arn"].split(":")[4] == "333333333333"


def test_bucket_names_are_global(lab: RunningLab, bucket: str) -> None:
    with raises_client_error("BucketAlreadyExists", 409):
        lab.client("s3", account=OTHER).create_bucket(Bucket=bucket)


def test_key_policy_can_allow_another_account(lab: RunningLab, kms: Any) -> None:
    any_principal = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [any_principal]})
    key = kms.create_key(Policy=policy)["KeyMetadata"]
    other_s3 = lab.client("s3", account=OTHER)
    other_s3.create_bucket(Bucket="other")
    other_s3.put_object(Bucket="other", Key="k", Body=BODY, **sse_kms(key["Arn"]))
    assert other_s3.head_object(Bucket="other", Key="k")["SSEKMSKeyId"] == key["Arn"]
    assert read_object(other_s3, "other", "k") == BODY


def test_policy_simulator(iam: Any) -> None:
    allow = {"Effect": "Allow", "Action": "s3:GetEncryptionConfiguration", "Resource": "*"}
    results = iam.simulate_custom_policy(
        PolicyInputList=[json.dumps({"Version": "2012-10-17", "Statement": [allow]})],
        ActionNames=["s3:GetEncryptionConfiguration", "s3:PutEncryptionConfiguration"],
    )["EvaluationResults"]
    assert {each["EvalActionName"]: each["EvalDecision"] for each in results} == {
        "s3:GetEncryptionConfiguration": "allowed",
        "s3:PutEncryptionConfiguration": "implicitDeny",
    }


def test_policy_simulator_for_resources(iam: Any) -> None:
    """There is a result for each action, with one for each resource in it, and the condition keys that are missing."""
    allow = {"Effect": "Allow", "Action": "s3:GetObject"}
    on_one = {**allow, "Resource": "arn:aws:s3:::one/*"}
    on_two = {**allow, "Resource": "arn:aws:s3:::two/*", "Condition": {"Bool": {"aws:ViaAWSService": "true"}}}

    def simulate(**context: str) -> dict[str, Any]:
        entries = [
            {"ContextKeyName": f"aws:{name}", "ContextKeyValues": [value], "ContextKeyType": "boolean"}
            for name, value in context.items()
        ]
        (result,) = iam.simulate_custom_policy(
            PolicyInputList=[json.dumps({"Version": "2012-10-17", "Statement": [on_one, on_two]})],
            ActionNames=["s3:GetObject"],
            ResourceArns=["arn:aws:s3:::one/*", "arn:aws:s3:::two/*"],
            ContextEntries=entries,
        )["EvaluationResults"]
        found: dict[str, Any] = result
        return found

    found = simulate()
    assert (found["EvalActionName"], found["EvalDecision"]) == ("s3:GetObject", "implicitDeny")
    assert found["EvalResourceName"] == "arn:${Partition}:s3:::${BucketName}/${KeyName}"
    specific = {each["EvalResourceName"]: each for each in found["ResourceSpecificResults"]}
    assert {name: each["EvalResourceDecision"] for name, each in specific.items()} == {
        "arn:aws:s3:::one/*": "allowed",
        "arn:aws:s3:::two/*": "implicitDeny",
    }
    assert specific["arn:aws:s3:::one/*"]["MissingContextValues"] == []
    assert specific["arn:aws:s3:::two/*"]["MissingContextValues"] == ["aws:viaawsservice"]
    assert simulate(ViaAWSService="true")["EvalDecision"] == "allowed"


def test_names_of_iam_are_not_distinguished_by_case(iam: Any) -> None:
    """The names of users, roles and policies are unique in the account, whatever their case and their path."""
    allow = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    trust = json.dumps(
        {"Version": "2012-10-17", "Statement": [{**allow, "Principal": {"Service": "s3.amazonaws.com"}}]}
    )
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{**allow, "Resource": "*"}]})
    for create, name, more in (
        (iam.create_user, "UserName", {}),
        (iam.create_role, "RoleName", {"AssumeRolePolicyDocument": trust}),
        (iam.create_policy, "PolicyName", {"PolicyDocument": policy}),
    ):
        create(**{name: "Mine"}, **more)
        with raises_client_error("EntityAlreadyExists", 409):
            create(**{name: "mine"}, Path="/other/", **more)

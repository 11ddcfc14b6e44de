# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The users and roles of stored policies: shown by ARN while they exist, by unique id after their deletion."""

from __future__ import annotations

import json
from typing import Any

import pytest
from client_calls import raises_client_error

from sealed_lab import RunningLab
from sealed_lab.identity.directory import Directory
from sealed_lab.identity.policy_principals import StoredPrincipals, unknown_principals
from sealed_lab.identity.records import User
from sealed_lab.policy_language import Policy, PolicyKind, Principal, Request, evaluate, parse_policy

ACCOUNT = "111111111111"
ALICE, BOB = f"arn:aws:iam::{ACCOUNT}:user/alice", f"arn:aws:iam::{ACCOUNT}:user/team/bob"


@pytest.fixture
def directory() -> Directory:
    """Alice and Bob."""
    found = Directory()
    for number, (name, arn) in enumerate((("alice", ALICE), ("bob", BOB))):
        found.account(ACCOUNT, "aws").users[name] = User(name, "/", arn, f"AIDA{number:017}", 0.0)
    return found


def key_policy(*names: str) -> dict[str, Any]:
    """A policy that names principals in both elements."""
    allow = {"Effect": "Allow", "Principal": {"AWS": list(names)}, "Action": "kms:*", "Resource": "*"}
    deny = {"Effect": "Deny", "NotPrincipal": {"AWS": names[0]}, "Action": "kms:Decrypt", "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [allow, deny]}


def parse(document: dict[str, Any]) -> Policy:
    """The document as a key policy."""
    return parse_policy(json.dumps(document), PolicyKind.KEY)


def test_a_deleted_user_is_shown_by_its_unique_id(directory: Directory) -> None:
    other = "arn:aws:iam::222222222222:user/alice"
    document = key_policy(ALICE, BOB, other, ACCOUNT, "*")
    stored = StoredPrincipals.of(parse(document), directory)
    assert stored.for_reading(document, directory) == document
    assert stored.for_evaluation(document) == key_policy("AIDA" + "0" * 17, f"AIDA{1:017}", other, ACCOUNT, "*")
    users = directory.account(ACCOUNT, "aws").users
    users["alice"] = User("alice", "/", ALICE, "AIDA" + "9" * 17, 0.0)  # deleted, and created again
    assert stored.for_reading(document, directory) == key_policy("AIDA" + "0" * 17, BOB, other, ACCOUNT, "*")


def test_a_unique_id_that_is_put_is_shown_as_the_arn(directory: Directory) -> None:
    document = {"Statement": {"Effect": "Allow", "Principal": {"AWS": f"AIDA{1:017}"}, "Action": "*", "Resource": "*"}}
    stored = StoredPrincipals.of(parse(document), directory)
    assert stored.for_reading(document, directory)["Statement"]["Principal"] == {"AWS": BOB}


def test_a_user_that_was_created_again_has_no_access(directory: Directory) -> None:
    policy = parse(StoredPrincipals.of(parse(key_policy(ALICE)), directory).for_evaluation(key_policy(ALICE)))
    for unique_id, allowed in (("AIDA" + "0" * 17, True), ("AIDA" + "9" * 17, False)):
        principal = Principal.from_arn(ALICE, unique_id=unique_id)
        request = Request(principal, "kms:Encrypt", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1", ACCOUNT)
        assert evaluate(request, [], policy, key_policy=True).allowed == allowed


def test_only_principals_of_known_accounts_must_exist(directory: Directory) -> None:
    missing = f"arn:aws:iam::{ACCOUNT}:role/missing"
    wrong_path = f"arn:aws:iam::{ACCOUNT}:user/bob"
    names = (ALICE, missing, wrong_path, "AROA" + "1" * 17, ACCOUNT, "arn:aws:iam::222222222222:user/alice")
    assert set(unknown_principals(parse(key_policy(*names)), directory)) == {missing, wrong_path, "AROA" + "1" * 17}


def test_the_unique_id_of_a_role_names_its_sessions() -> None:
    session = Principal.from_arn(f"arn:aws:sts::{ACCOUNT}:assumed-role/writer/monday", unique_id="AROA1:monday")
    assert session.entity_id == "AROA1"
    assert session.context()["aws:userid"] == ["AROA1:monday"]


def test_a_deleted_user_in_a_trust_policy(lab: RunningLab, iam: Any) -> None:
    """A user of the same name that is created later cannot assume the role."""
    user = iam.create_user(UserName="u")["User"]
    trust = {"Effect": "Allow", "Principal": {"AWS": user["Arn"]}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [trust]}
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(document))["Role"]
    assert role["AssumeRolePolicyDocument"] == document
    lab.enforcing = True

    keys = iam.create_access_key(UserName="u")["AccessKey"]
    session = {"RoleArn": role["Arn"], "RoleSessionName": "session"}
    lab.client("sts", credentials=keys).assume_role(**session)
    iam.delete_access_key(UserName="u", AccessKeyId=keys["AccessKeyId"])
    iam.delete_user(UserName="u")
    shown = iam.get_role(RoleName="r")["Role"]["AssumeRolePolicyDocument"]
    assert shown["Statement"][0]["Principal"] == {"AWS": user["UserId"]}
    with raises_client_error("MalformedPolicyDocument", 400):
        iam.update_assume_role_policy(RoleName="r", PolicyDocument=json.dumps(document))
    iam.create_user(UserName="u")
    sts = lab.client("sts", credentials=iam.create_access_key(UserName="u")["AccessKey"])
    with raises_client_error("AccessDenied", 403):
        sts.assume_role(**session)
    iam.update_assume_role_policy(RoleName="r", PolicyDocument=json.dumps(document))
    sts.assume_role(**session)

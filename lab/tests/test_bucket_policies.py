# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Bucket policies: which are public, Block Public Access, the form in which they come back, and deleted principals."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from client_calls import BODY, raises_client_error

from sealed_lab import RunningLab
from sealed_lab.policy_language import PolicyError, PolicyKind, is_public, parse_policy

ACCOUNT, OTHER = "000000000000", "222222222222"
EVERYBODY = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
DENY = {**EVERYBODY, "Effect": "Deny"}


def document(*statements: dict[str, Any], bucket: str = "b") -> str:
    """A bucket policy."""
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    return text.replace("arn:aws:s3:::b/", f"arn:aws:s3:::{bucket}/")


def under(operator: str, key: str, *values: str) -> dict[str, Any]:
    """Access for everybody under a condition."""
    return {**EVERYBODY, "Condition": {operator: {key: list(values)}}}


def to(**principal: str) -> dict[str, Any]:
    """Access for one principal."""
    return {**EVERYBODY, "Principal": principal}


@pytest.mark.behaviour
@pytest.mark.parametrize(
    ("statement", "public"),
    [
        (EVERYBODY, True),
        (to(AWS="*"), True),
        (DENY, False),
        (to(AWS=OTHER), False),
        (to(AWS=f"arn:aws:iam::{OTHER}:role/reader"), False),
        (to(Service="cloudtrail.amazonaws.com"), False),
        (to(CanonicalUser="a" * 64), False),
        (to(Federated="graph.facebook.com"), True),
        (under("StringEquals", "aws:SourceVpc", "vpc-91237329"), False),
        (under("StringLike", "aws:SourceVpc", "vpc-*"), True),
        (under("StringEquals", "aws:SourceVpc", "vpc-91237329", "vpc-*"), True),
        (under("StringNotEquals", "aws:SourceVpc", "vpc-91237329"), True),
        (under("StringEqualsIfExists", "aws:SourceVpce", "vpce-1"), True),
        (under("StringEquals", "aws:SourceAccount", "${aws:PrincipalAccount}"), True),
        (under("StringEquals", "aws:PrincipalOrgID", "o-1234567890"), False),
        (under("ForAnyValue:StringEquals", "aws:PrincipalOrgPaths", "o-1/r-1/ou-1/"), False),
        (under("ForAllValues:StringEquals", "aws:PrincipalOrgPaths", "o-1/r-1/ou-1/"), True),
        (under("StringLike", "aws:userid", "AROAEXAMPLEID:*"), True),
        (under("StringEquals", "aws:userid", "AIDAEXAMPLEID"), False),
        (under("StringEquals", "aws:UserAgent", "curl"), True),
        (under("Bool", "aws:SecureTransport", "true"), True),
        (under("IpAddress", "aws:SourceIp", "203.0.113.0/24", "2001:db8::/32"), False),
        (under("IpAddress", "aws:SourceIp", "10.0.0.0/8"), False),
        (under("IpAddress", "aws:SourceIp", "0.0.0.0/1"), True),
        (under("IpAddress", "aws:SourceIp", "2001::/16"), True),
        (under("NotIpAddress", "aws:SourceIp", "203.0.113.0/24"), True),
        (under("StringLike", "s3:DataAccessPointArn", f"arn:aws:s3:us-west-2:{OTHER}:accesspoint/*"), False),
        (under("StringLike", "s3:DataAccessPointArn", "arn:aws:s3:us-west-2:*:accesspoint/*"), True),
        (under("ArnLike", "aws:SourceArn", f"arn:aws:sns:us-east-1:{OTHER}:topic"), False),
    ],
)
def test_which_statements_are_public(statement: dict[str, Any], public: bool) -> None:
    assert is_public(parse_policy(document(statement), PolicyKind.RESOURCE)) == public
    both = parse_policy(document(DENY, to(AWS=OTHER), statement), PolicyKind.RESOURCE)
    assert is_public(both) == public


@pytest.mark.behaviour
@pytest.mark.parametrize("level", ["bucket", "account"])
def test_a_public_policy_is_refused(s3: Any, s3control: Any, bucket: str, level: str) -> None:
    """The whole document is judged, and nothing of it is stored. Deletion of the block permits it."""
    if level == "account":
        s3.delete_public_access_block(Bucket=bucket)
        s3control.put_public_access_block(AccountId=ACCOUNT, PublicAccessBlockConfiguration={"BlockPublicPolicy": True})
    s3.put_bucket_policy(Bucket=bucket, Policy=document(DENY, to(AWS=OTHER), bucket=bucket))
    before = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    with raises_client_error("AccessDenied", 403) as messages:
        s3.put_bucket_policy(Bucket=bucket, Policy=document(DENY, EVERYBODY, bucket=bucket))
    assert messages == [
        f"User: arn:aws:iam::{ACCOUNT}:root is not authorized to perform: s3:PutBucketPolicy on resource: "
        f'"arn:aws:s3:::{bucket}" because public policies are prevented by the BlockPublicPolicy setting in S3 Block '
        "Public Access."
    ]
    assert s3.get_bucket_policy(Bucket=bucket)["Policy"] == before
    s3control.delete_public_access_block(AccountId=ACCOUNT)
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=document(DENY, EVERYBODY, bucket=bucket))
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"] == {"IsPublic": True}


@pytest.mark.behaviour
def test_restrict_public_buckets_keeps_other_accounts_out(lab: RunningLab, s3: Any, bucket: str) -> None:
    """A public statement renders the whole policy public, so that a named account loses its access too."""
    other = lab.client("s3", account=OTHER)
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"RestrictPublicBuckets": True})
    named = to(AWS=f"arn:aws:iam::{OTHER}:root")
    s3.put_bucket_policy(Bucket=bucket, Policy=document(named, bucket=bucket))
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"] == {"IsPublic": False}
    other.head_object(Bucket=bucket, Key="k")
    s3.put_bucket_policy(Bucket=bucket, Policy=document(named, EVERYBODY, bucket=bucket))
    with raises_client_error("AccessDenied", 403):
        other.get_object(Bucket=bucket, Key="k")
    s3.head_object(Bucket=bucket, Key="k")
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"BlockPublicPolicy": True})
    other.head_object(Bucket=bucket, Key="k")
    with raises_client_error("NoSuchBucketPolicy", 404):
        s3.delete_bucket_policy(Bucket=bucket)
        s3.get_bucket_policy_status(Bucket=bucket)


@pytest.mark.behaviour
def test_a_public_acl_is_refused(s3: Any, s3control: Any, new_bucket: Callable[..., str]) -> None:
    bucket = new_bucket(ObjectOwnership="ObjectWriter")
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="k", Body=BODY, ACL="public-read")
    s3control.put_public_access_block(AccountId=ACCOUNT, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    for operation in (s3.put_object, s3.put_object_acl):
        with raises_client_error("AccessDenied", 403) as messages:
            operation(Bucket=bucket, Key="k", ACL="public-read")
        assert "because public ACLs are prevented by the BlockPublicAcls setting" in messages[0]
    s3.put_object_acl(Bucket=bucket, Key="k", ACL="private")


@pytest.mark.behaviour
def test_a_policy_comes_back_in_the_form_of_s3(s3: Any, bucket: str) -> None:
    names = [f"arn:aws:iam::{OTHER}:user/{name}" for name in ("a", "b", "c", "d")]
    statement = {
        "Condition": {"Bool": {"aws:SecureTransport": [False]}, "NumericLessThan": {"s3:TlsVersion": 1.2}},
        "Action": ["s3:PutObject", "s3:GetObject"],
        "Resource": [f"arn:aws:s3:::{bucket}/*"],
        "Effect": "Deny",
        "Principal": {"AWS": [*names, OTHER]},
    }
    single = {"Principal": {"AWS": [OTHER]}, "Action": ["s3:ListBucket"], "Effect": "Allow", "Sid": "s"}
    single["Resource"] = f"arn:aws:s3:::{bucket}"
    sent = {"Statement": [statement, single], "Id": "i", "Version": "2012-10-17"}
    response = s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(sent, indent=2))
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 204
    text = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    first, second = json.loads(text)["Statement"]
    assert set(first["Principal"]["AWS"]) == {*names, f"arn:aws:iam::{OTHER}:root"}
    assert first["Principal"]["AWS"] != [*names, f"arn:aws:iam::{OTHER}:root"]
    assert first["Action"] == ["s3:GetObject", "s3:PutObject"]
    assert first["Resource"] == f"arn:aws:s3:::{bucket}/*"
    assert first["Condition"] == {"Bool": {"aws:SecureTransport": "false"}, "NumericLessThan": {"s3:TlsVersion": "1.2"}}
    assert text.startswith('{"Version":"2012-10-17","Id":"i","Statement":[{"Effect":"Deny","Principal":')
    assert list(second) == ["Sid", "Effect", "Principal", "Action", "Resource"]
    assert second["Principal"] == {"AWS": f"arn:aws:iam::{OTHER}:root"}
    s3.put_bucket_policy(Bucket=bucket, Policy=text)
    assert s3.get_bucket_policy(Bucket=bucket)["Policy"] == text


@pytest.mark.behaviour
@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ("", "Policies must be valid JSON and the first byte must be '{'"),
        ("invalid json", "Policies must be valid JSON and the first byte must be '{'"),
        (" " + document(DENY), "Policies must be valid JSON and the first byte must be '{'"),
        ("{}", "Missing required field Statement"),
        (document({**DENY, "Principal": {"AWS": "nobody"}}), "Invalid principal in policy"),
        (document({name: DENY[name] for name in DENY if name != "Principal"}), "Missing required field Principal"),
        (document({**DENY, "Sid": "x" * 20480}), "Normalized policy document exceeds the maximum allowed size"),
    ],
)
def test_malformed_policies(s3: Any, bucket: str, policy: str, message: str) -> None:
    with raises_client_error("MalformedPolicy", 400) as messages:
        s3.put_bucket_policy(Bucket=bucket, Policy=policy.replace(":::b/", f":::{bucket}/"))
    assert messages == [message]


@pytest.mark.behaviour
def test_a_deleted_user_is_a_unique_id_in_the_policy(lab: RunningLab, s3: Any, iam: Any, bucket: str) -> None:
    """A user of the same name that is created later has no access, and the unique id cannot be put again."""
    user = iam.create_user(UserName="reader")["User"]
    s3.put_bucket_policy(Bucket=bucket, Policy=document(to(AWS=user["Arn"]), bucket=bucket))

    def principal() -> str:
        found: str = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"][0]["Principal"]["AWS"]
        return found

    assert principal() == user["Arn"]
    iam.delete_user(UserName="reader")
    assert principal() == user["UserId"]
    iam.create_user(UserName="reader")
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    lab.enforcing = True
    reader = lab.client("s3", credentials=key)
    with raises_client_error("AccessDenied", 403):
        reader.get_object(Bucket=bucket, Key="k")
    with raises_client_error("MalformedPolicy", 400):
        s3.put_bucket_policy(Bucket=bucket, Policy=s3.get_bucket_policy(Bucket=bucket)["Policy"])
    s3.put_bucket_policy(Bucket=bucket, Policy=document(to(AWS=user["Arn"]), bucket=bucket))
    reader.get_object(Bucket=bucket, Key="k")


@pytest.mark.behaviour
@pytest.mark.parametrize("owner", ["0000", "0000000000020", "abcd", "aa000000000$"])
def test_an_expected_owner_that_is_no_account(s3: Any, bucket: str, owner: str) -> None:
    with raises_client_error("InvalidBucketOwnerAWSAccountID", 400) as messages:
        s3.get_bucket_policy(Bucket=bucket, ExpectedBucketOwner=owner)
    assert messages == [f"The value of the expected bucket owner parameter must be an AWS Account ID... [{owner}]"]


@pytest.mark.enforcement
@pytest.mark.parametrize(
    ("allowed", "denied", "missing"),
    [
        (["s3:PutObject", "s3:UpdateObjectEncryption"], None, None),
        (["s3:Put*", "s3:Update*"], None, None),
        (["s3:PutObject*"], None, "s3:UpdateObjectEncryption"),
        (["s3:UpdateObjectEncryption"], None, "s3:PutObject"),
        (["s3:*"], "s3:UpdateObjectEncryption", "s3:UpdateObjectEncryption"),
        (["s3:*"], "s3:PutObject", "s3:PutObject"),
    ],
)
def test_a_change_of_the_key_in_place_needs_two_actions(
    lab: RunningLab, clients: dict[str, Any], allowed: list[str], denied: str | None, missing: str | None
) -> None:
    """A bucket policy that denies uploads under another key does not deny this action; one of its own does."""
    s3, iam, bucket = clients["s3"], clients["iam"], "mine"
    arn = clients["kms"].create_key()["KeyMetadata"]["Arn"]
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    iam.create_user(UserName="u")
    allow = [{"Effect": "Allow", "Action": action, "Resource": "*"} for action in ([*allowed], "kms:*")]
    iam.put_user_policy(
        UserName="u", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": allow})
    )
    if denied:
        s3.put_bucket_policy(Bucket=bucket, Policy=document({**DENY, "Action": denied}, bucket=bucket))
    lab.enforcing = True
    user = lab.client("s3", credentials=iam.create_access_key(UserName="u")["AccessKey"])
    change = {"Bucket": bucket, "Key": "k", "ObjectEncryption": {"SSEKMS": {"KMSKeyArn": arn}}}
    if missing is None:
        user.update_object_encryption(**change)
        return
    with raises_client_error("AccessDenied", 403) as messages:
        user.update_object_encryption(**change)
    assert f"is not authorized to perform: {missing} on resource" in messages[0]


@pytest.mark.behaviour
def test_only_the_organization_of_the_bucket_learns_why(lab: RunningLab, s3: Any, bucket: str) -> None:
    organizations = lab.client("organizations")
    organizations.create_organization()
    started = organizations.create_account(Email="m@example.com", AccountName="member")["CreateAccountStatus"]
    status = organizations.describe_create_account_status(CreateAccountRequestId=started["Id"])["CreateAccountStatus"]
    expected = {
        status["AccountId"]: "because no resource-based policy allows the s3:ListBucket action",
        OTHER: "Access Denied",
    }
    for account, message in expected.items():
        with raises_client_error("AccessDenied", 403) as messages:
            lab.client("s3", account=account).list_objects_v2(Bucket=bucket)
        assert messages[0].endswith(message)
        assert (messages[0] == message) is (account == OTHER)


SSE, KEY_ID = "s3:x-amz-server-side-encryption", "s3:x-amz-server-side-encryption-aws-kms-key-id"


@pytest.mark.behaviour
@pytest.mark.parametrize(
    ("actions", "condition", "message"),
    [
        ("s3:PutObject", {"Null": {SSE: "true"}}, None),
        (["s3:PutObject", "s3:UpdateObjectEncryption"], {"StringNotEquals": {KEY_ID: "k"}}, None),
        ("s3:*", {"StringNotEquals": {SSE: "aws:kms"}}, None),
        (["s3:PutObject", "s3:GetObject"], {"Null": {SSE: "true"}}, "Conditions do not apply to combination"),
        ("s3:Get*", {"Null": {SSE: "true"}}, "Conditions do not apply to combination"),
        (
            ["s3:PutObject", "s3:UpdateObjectEncryption"],
            {"Null": {f"{SSE}-customer-algorithm": "false"}},
            "Conditions do not apply to combination",
        ),
        ("s3:PutObject", {"StringEquals": {"s3:prefix": "a"}}, "Conditions do not apply to combination"),
        ("s3:GetObject", {"StringEquals": {"s3:ExistingObjectTag/team": "a"}}, None),
        (["s3:GetObject", "s3:PutObject"], {"NumericLessThan": {"s3:TlsVersion": "1.2"}}, None),
        (["s3:GetObject", "s3:PutObject"], {"Bool": {"aws:SecureTransport": "false"}}, None),
        ("s3:PutObject", {"StringEquals": {"s3:x-acl": "private"}}, "Policy has an invalid condition key"),
        ("s3:PutObject", {"StringEquals": {"kms:ViaService": "s3"}}, "Policy has an invalid condition key"),
    ],
)
def test_conditions_must_apply_to_every_action(actions: Any, condition: dict[str, Any], message: str | None) -> None:
    text = document({**DENY, "Action": actions, "Condition": condition})
    if message is None:
        parse_policy(text, PolicyKind.RESOURCE, bucket="b")
        return
    with pytest.raises(PolicyError, match=message):
        parse_policy(text, PolicyKind.RESOURCE, bucket="b")


@pytest.mark.enforcement
def test_a_guard_of_the_key_covers_changes_in_place(s3: Any, kms: Any, bucket: str) -> None:
    """UpdateObjectEncryption has the condition keys of the target encryption, as PutObject has."""
    good, other = (kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    guard = {"Action": "s3:UpdateObjectEncryption", "Condition": {"StringNotEquals": {KEY_ID: good}}}
    s3.put_bucket_policy(Bucket=bucket, Policy=document({**DENY, **guard}, bucket=bucket))
    change = {"Bucket": bucket, "Key": "k"}
    with raises_client_error("AccessDenied", 403):
        s3.update_object_encryption(**change, ObjectEncryption={"SSEKMS": {"KMSKeyArn": other}})
    s3.update_object_encryption(**change, ObjectEncryption={"SSEKMS": {"KMSKeyArn": good}})


@pytest.mark.behaviour
def test_only_the_account_of_the_bucket_manages_its_policy(lab: RunningLab) -> None:
    """Another account may be allowed all actions, and gets the status 405."""
    statement = {**to(AWS=f"arn:aws:iam::{OTHER}:root"), "Action": "s3:*"}
    statement["Resource"] = ["arn:aws:s3:::policies", "arn:aws:s3:::policies/*"]
    owner = lab.client("s3")
    owner.create_bucket(Bucket="policies")
    owner.put_bucket_policy(Bucket="policies", Policy=document(statement))
    other = lab.client("s3", account=OTHER)
    lab.enforcing = True
    assert other.list_objects_v2(Bucket="policies")["KeyCount"] == 0
    policy = {"Policy": document(statement)}
    for operation, options in (("get_bucket_policy", {}), ("put_bucket_policy", policy), ("delete_bucket_policy", {})):
        with raises_client_error("MethodNotAllowed", 405):
            getattr(other, operation)(Bucket="policies", **options)
    assert owner.get_bucket_policy(Bucket="policies")["Policy"]

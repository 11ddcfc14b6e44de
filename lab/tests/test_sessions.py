# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Sessions of roles and users: trust policies, chains, session policies, tags, source identity and expiry."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from client_calls import raises_client_error

from sealed_lab import RunningLab

pytestmark = pytest.mark.enforcement
OWN, OTHER = "000000000000", "222222222222"
FLEET = f"arn:aws:iam::{OWN}:role/fleet"
TARGET = f"arn:aws:iam::{OTHER}:role/target"


def allow(actions: str | list[str], **more: Any) -> dict[str, Any]:
    """A statement that allows."""
    return {"Effect": "Allow", "Action": actions, "Resource": "*", **more}


def trust(principal: str, actions: str | list[str] = "sts:AssumeRole", **condition: Any) -> str:
    """A trust policy."""
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": actions}
    return document({**statement, "Condition": condition} if condition else statement)


def document(*statements: dict[str, Any]) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


class World:
    """The user zoe and the role fleet in one account, the role target in another one. Enforcement is on."""

    def __init__(self, lab: RunningLab) -> None:
        self.lab = lab
        iam, other_iam = lab.client("iam"), lab.client("iam", account=OTHER)
        iam.create_user(UserName="zoe")
        iam.put_user_policy(UserName="zoe", PolicyName="p", PolicyDocument=document(allow("sts:*")))
        self.zoe: dict[str, str] = iam.create_access_key(UserName="zoe")["AccessKey"]
        iam.create_role(
            RoleName="fleet", AssumeRolePolicyDocument=trust(OWN, "sts:*"), Tags=[{"Key": "team", "Value": "role"}]
        )
        iam.put_role_policy(
            RoleName="fleet", PolicyName="p", PolicyDocument=document(allow(["sts:*", "s3:*", "kms:*"]))
        )
        other_iam.create_role(
            RoleName="target",
            AssumeRolePolicyDocument=trust(FLEET, StringEquals={"sts:ExternalId": "shared"}),
            MaxSessionDuration=7200,
        )
        other_iam.put_role_policy(
            RoleName="target", PolicyName="p", PolicyDocument=document(allow("s3:ListAllMyBuckets"))
        )
        lab.enforcing = True

    def permit(self, role: str, *statements: dict[str, Any], account: str = OWN) -> None:
        """Replace the permissions of a role."""
        iam = self.lab.client("iam", account=account)
        iam.put_role_policy(RoleName=role, PolicyName="p", PolicyDocument=document(*statements))

    def assume(self, credentials: dict[str, str], arn: str = FLEET, **options: Any) -> dict[str, str]:
        """The credentials of a session."""
        options = {"RoleSessionName": "sess", **options}
        found: dict[str, str] = self.client("sts", credentials).assume_role(RoleArn=arn, **options)["Credentials"]
        return found

    def client(self, service: str, credentials: dict[str, str]) -> Any:
        """A client with these credentials."""
        return self.lab.client(service, credentials=credentials)


@pytest.fixture
def world(lab: RunningLab) -> World:
    """The initial state."""
    return World(lab)


def test_a_chain_with_an_external_id(world: World) -> None:
    """The trust policy of the last role decides by the external id and by the session that calls."""
    fleet = world.assume(world.zoe)
    target = world.assume(fleet, TARGET, ExternalId="shared")
    identity = world.client("sts", target).get_caller_identity()
    assert identity["Arn"] == f"arn:aws:sts::{OTHER}:assumed-role/target/sess"
    assert world.client("s3", target).list_buckets()["Buckets"] == []
    for credentials, options in ((fleet, {}), (fleet, {"ExternalId": "wrong"}), (world.zoe, {"ExternalId": "shared"})):
        caller = world.client("sts", credentials).get_caller_identity()["Arn"]
        with raises_client_error("AccessDenied", 403) as messages:
            world.assume(credentials, TARGET, **options)
        assert messages == [f"User: {caller} is not authorized to perform: sts:AssumeRole on resource: {TARGET}"]


def test_who_cannot_assume_a_role(world: World) -> None:
    """The root user, and every caller if the role does not exist."""
    with raises_client_error("AccessDenied", 403) as messages:
        world.lab.client("sts").assume_role(RoleArn=FLEET, RoleSessionName="sess")
    assert messages == ["Roles may not be assumed by root accounts."]
    for arn in (f"{FLEET}-2", f"arn:aws:iam::{OWN}:role/path/fleet", f"arn:aws:iam::{OWN}:user/zoe"):
        with raises_client_error("AccessDenied", 403):
            world.assume(world.zoe, arn)


@pytest.mark.parametrize(
    "arn",
    [
        "nothing-valid-in-here",
        "arn::b:::something/test-role",
        "arn:a::::something/test-role",
        "arn:a:::something/test-role",
        "arn:a:a::aaaaaaaaaa:",
    ],
)
def test_invalid_arns(sts: Any, arn: str) -> None:
    """Recorded by localstack, test_sts_invalid_parameters, 2025-07-21."""
    with raises_client_error("ValidationError", 400) as messages:
        sts.assume_role(RoleArn=arn, RoleSessionName="sess")
    assert messages == [f"{arn} is invalid"]


def test_what_operations_show_of_a_role(iam: Any) -> None:
    """Recorded by localstack, test_role_with_path_lifecycle, test_role_with_tags and test_role_attach_policy."""
    tags = [{"Key": "a", "Value": "b"}]
    created = iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust(OWN), Tags=tags)["Role"]
    assert ("MaxSessionDuration" in created, created["Tags"]) == (False, tags)
    (listed,) = iam.list_roles()["Roles"]
    assert (listed["MaxSessionDuration"], "Tags" in listed) == (3600, False)
    found = iam.get_role(RoleName="r")["Role"]
    assert (found["MaxSessionDuration"], found["Tags"], found["RoleLastUsed"]) == (3600, tags, {})
    with raises_client_error("ValidationError", 400) as messages:
        iam.attach_role_policy(RoleName="r", PolicyArn="a-name-that-is-no-arn")
    assert messages == ["Invalid ARN:  Could not be parsed!"]


def test_durations(world: World) -> None:
    """At most what the role allows, and one hour for the session of a session."""
    with raises_client_error("ValidationError", 400) as messages:
        world.assume(world.zoe, DurationSeconds=3601)
    assert messages == ["The requested DurationSeconds exceeds the MaxSessionDuration set for this role."]
    fleet = world.assume(world.zoe)
    with raises_client_error("ValidationError", 400) as messages:
        world.assume(fleet, TARGET, ExternalId="shared", DurationSeconds=3601)
    assert messages == [
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
    ]


def test_expired_sessions(world: World) -> None:
    """They end by the lab's clock, in the words of each service."""
    session = world.assume(world.zoe, DurationSeconds=900)
    world.lab.clock.advance(899)
    world.client("s3", session).list_buckets()
    world.lab.clock.advance(2)
    calls: dict[str, tuple[Callable[[Any], Any], str, int]] = {
        "s3": (lambda s3: s3.list_buckets(), "ExpiredToken", 400),
        "s3control": (lambda control: control.list_jobs(AccountId=OWN), "ExpiredToken", 400),
        "kms": (lambda kms: kms.list_keys(), "ExpiredTokenException", 400),
        "sts": (lambda sts: sts.get_caller_identity(), "ExpiredToken", 403),
        "iam": (lambda iam: iam.list_users(), "ExpiredToken", 403),
    }
    for service, (call, code, status) in calls.items():
        with raises_client_error(code, status) as messages:
            call(world.client(service, session))
        assert messages[0].startswith(
            "The provided token has expired"
            if service.startswith("s3")
            else "The security token included in the request"
        )


def test_sessions_of_a_deleted_role_and_of_a_deleted_user(world: World) -> None:
    """A role or user of the same name that is created later is another one."""
    iam = world.lab.client("iam")
    sessions = [
        world.client("sts", world.zoe).assume_role(RoleArn=FLEET, RoleSessionName="old"),
        world.client("sts", world.zoe).get_session_token(),
    ]
    clients = [world.client("kms", each["Credentials"]) for each in sessions]
    iam.put_user_policy(UserName="zoe", PolicyName="q", PolicyDocument=document(allow("kms:*")))
    for client in clients:
        client.list_keys()
    iam.delete_role_policy(RoleName="fleet", PolicyName="p")
    iam.delete_role(RoleName="fleet")
    iam.delete_user_policy(UserName="zoe", PolicyName="p")
    iam.delete_user_policy(UserName="zoe", PolicyName="q")
    iam.delete_access_key(UserName="zoe", AccessKeyId=world.zoe["AccessKeyId"])
    iam.delete_user(UserName="zoe")
    iam.create_role(RoleName="fleet", AssumeRolePolicyDocument=trust(OWN))
    iam.put_role_policy(RoleName="fleet", PolicyName="p", PolicyDocument=document(allow("*")))
    iam.create_user(UserName="zoe")
    iam.put_user_policy(UserName="zoe", PolicyName="p", PolicyDocument=document(allow("*")))
    for client in clients:
        with raises_client_error("AccessDeniedException", 400):
            client.list_keys()


def test_session_policies(world: World) -> None:
    """A session may do what its role and its session policies allow. Denials have a cause of their own."""
    managed = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    deny = {"Effect": "Deny", "Action": "s3:GetBucketTagging", "Resource": "*"}
    inline = document(allow("iam:*"), deny)
    session = world.assume(world.zoe, PolicyArns=[{"arn": managed}], Policy=inline)
    s3 = world.client("s3", session)
    s3.list_buckets()
    causes: dict[Callable[[], Any], str] = {
        lambda: s3.create_bucket(Bucket="mine"): "because no session policy allows the s3:CreateBucket action",
        lambda: world.client("iam", session).list_users(): "because no identity-based policy allows the iam:ListUsers",
        lambda: s3.get_bucket_tagging(Bucket="theirs"): "with an explicit deny in a session policy",
    }
    world.lab.client("s3").create_bucket(Bucket="theirs")
    for call, cause in causes.items():
        with raises_client_error("AccessDenied", 403) as messages:
            call()
        assert cause in messages[0]
    with raises_client_error("MalformedPolicyDocument", 400):
        world.assume(world.zoe, PolicyArns=[{"arn": f"{managed}-2"}])
    with raises_client_error("MalformedPolicyDocument", 400):
        world.assume(world.zoe, Policy="{}")


def test_session_policies_and_tags_that_are_too_large(world: World) -> None:
    sts = world.client("sts", world.zoe)
    for more, words in (
        ({"Policy": document(allow("s3:*", Sid="a" * 2048))}, "Packed policy consumes"),
        (
            {"Tags": [{"Key": f"{n:0128}", "Value": "v" * 256} for n in range(6)]},
            "Packed size of session tags consumes",
        ),
    ):
        with raises_client_error("PackedPolicyTooLarge", 400) as messages:
            sts.assume_role(RoleArn=FLEET, RoleSessionName="large", **more)
        assert messages[0].startswith(words)


def test_session_policies_and_a_bucket_of_another_account(world: World) -> None:
    """Both accounts must allow, and the session policy too. A bucket policy for the session itself is not limited."""
    owner = world.lab.client("s3", account=OTHER)
    owner.create_bucket(Bucket="theirs")
    session_arn = f"arn:aws:sts::{OWN}:assumed-role/fleet/sess"
    for principal, listed in ((FLEET, False), (session_arn, True)):
        statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "s3:*"}
        resources = ["arn:aws:s3:::theirs", "arn:aws:s3:::theirs/*"]
        owner.put_bucket_policy(Bucket="theirs", Policy=document({**statement, "Resource": resources}))
        session = world.assume(world.zoe, Policy=document(allow("s3:PutObject")))
        s3 = world.client("s3", session)
        s3.put_object(Bucket="theirs", Key="a", Body=b"x")
        if listed:
            s3.list_objects_v2(Bucket="theirs")
        else:
            with raises_client_error("AccessDenied", 403):
                s3.list_objects_v2(Bucket="theirs")


def test_session_tags(world: World) -> None:
    """They replace those of the role, and transitive ones are passed on. The words are recorded by localstack."""
    on_tag = {"StringEquals": {"aws:PrincipalTag/team": "blue"}}
    world.permit("fleet", allow("s3:*", Condition=on_tag), allow("sts:*"))
    blue: dict[str, Any] = {"Tags": [{"Key": "team", "Value": "blue"}], "TransitiveTagKeys": ["team"]}
    with raises_client_error("AccessDenied", 403):
        world.client("s3", world.assume(world.zoe)).list_buckets()
    session = world.assume(world.zoe, **blue)
    world.client("s3", session).list_buckets()
    world.client("s3", world.assume(session)).list_buckets()
    messages: list[tuple[dict[str, Any], dict[str, str], str]] = [
        ({"Tags": [{"Key": "TEAM", "Value": "red"}]}, session, "One of the specified transitive tag keys can't be set"),
        ({"Tags": blue["Tags"], "TransitiveTagKeys": ["x"]}, world.zoe, "The specified transitive tag key must be"),
        ({"Tags": [{"Key": "a", "Value": ""}, {"Key": "A", "Value": ""}]}, world.zoe, "Duplicate tag keys found."),
    ]
    for options, credentials, start in messages:
        with raises_client_error("InvalidParameterValue", 400) as found:
            world.assume(credentials, **options)
        assert found[0].startswith(start)
    world.lab.client("iam").update_assume_role_policy(RoleName="fleet", PolicyDocument=trust(OWN))
    with raises_client_error("AccessDenied", 403) as found:
        world.assume(world.zoe, **blue)
    assert "is not authorized to perform: sts:TagSession on resource" in found[0]


def test_a_source_identity(world: World) -> None:
    """It is passed on, cannot be changed, and is a condition key of trust policies and of all requests."""
    session = world.client("sts", world.zoe).assume_role(RoleArn=FLEET, RoleSessionName="sess", SourceIdentity="zoe")
    assert session["SourceIdentity"] == "zoe"
    with raises_client_error("AccessDenied", 403) as messages:
        world.assume(session["Credentials"], SourceIdentity="bob")
    assert "sts:SetSourceIdentity" in messages[0]
    iam, condition = world.lab.client("iam"), {"StringEquals": {"aws:SourceIdentity": "zoe"}}
    iam.put_role_policy(
        RoleName="fleet", PolicyName="p", PolicyDocument=document(allow("s3:*", Condition=condition), allow("sts:*"))
    )
    world.client("s3", world.assume(session["Credentials"])).list_buckets()
    with raises_client_error("AccessDenied", 403):
        world.client("s3", world.assume(world.zoe)).list_buckets()


def test_a_session_of_a_user(world: World) -> None:
    """It has the permissions of the user, except for IAM, and creates no session of its kind."""
    iam = world.lab.client("iam")
    iam.put_user_policy(UserName="zoe", PolicyName="p", PolicyDocument=document(allow(["s3:*", "iam:*"])))
    session = world.client("sts", world.zoe).get_session_token(DurationSeconds=900)["Credentials"]
    world.client("s3", session).list_buckets()
    world.client("iam", world.zoe).list_users()
    with raises_client_error("InvalidClientTokenId", 403):
        world.client("iam", session).list_users()
    with raises_client_error("AccessDenied", 403) as messages:
        world.client("sts", session).get_session_token()
    assert messages == ["Cannot call GetSessionToken with session credentials"]
    root = world.lab.client("sts").get_session_token(DurationSeconds=7200)["Credentials"]
    world.lab.clock.advance(3601)
    with pytest.raises(ClientError, match="ExpiredToken"):
        world.client("s3", root).list_buckets()


def test_a_federated_user(world: World) -> None:
    """It has a name of its own, and may do what its user and its session policy allow."""
    iam = world.lab.client("iam")
    permitted = document(allow(["s3:*", "sts:*", "iam:*"]))
    iam.put_user_policy(UserName="zoe", PolicyName="p", PolicyDocument=permitted)
    sts, arn = world.client("sts", world.zoe), f"arn:aws:sts::{OWN}:federated-user/guest"
    made = sts.get_federation_token(Name="guest", Policy=document(allow(["s3:ListAllMyBuckets", "kms:*"])))
    assert made["FederatedUser"] == {"FederatedUserId": f"{OWN}:guest", "Arn": arn}
    guest = made["Credentials"]
    assert world.client("sts", guest).get_caller_identity()["Arn"] == arn
    world.client("s3", guest).list_buckets()
    for call in (
        lambda: world.client("s3", guest).create_bucket(Bucket="mine"),
        lambda: world.client("kms", guest).list_keys(),
        lambda: world.assume(guest),
        lambda: world.client("sts", guest).get_federation_token(Name="inner"),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            call()
    without = sts.get_federation_token(Name="guest", DurationSeconds=900)
    assert without["PackedPolicySize"] == 0
    with raises_client_error("AccessDenied", 403) as messages:
        world.client("s3", without["Credentials"]).list_buckets()
    assert "because no session policy allows the s3:ListAllMyBuckets action" in messages[0]
    by_root = world.lab.client("sts").get_federation_token(Name="guest", Policy=document(allow("s3:ListAllMyBuckets")))
    world.client("s3", by_root["Credentials"]).list_buckets()

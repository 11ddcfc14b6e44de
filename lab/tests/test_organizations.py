# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Organizations: accounts and units, who may call, delegated administrators, and condition keys."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from client_calls import raises_client_error

from sealed_lab import RemoteLab, RunningLab

pytestmark = pytest.mark.behaviour
MANAGEMENT, OTHER = "111111111111", "222222222222"
SERVICE = "access-analyzer.amazonaws.com"


@pytest.fixture
def organizations(lab: RunningLab) -> Any:
    """A client of the management account of a new organization."""
    client = lab.client("organizations", account=MANAGEMENT)
    client.create_organization()
    return client


def create_account(client: Any, name: str, **options: Any) -> str:
    """Create an account; return its number."""
    started = client.create_account(Email=f"{name}@corp.example", AccountName=name, **options)["CreateAccountStatus"]
    assert started["State"] == "IN_PROGRESS"
    assert "AccountId" not in started
    status = client.describe_create_account_status(CreateAccountRequestId=started["Id"])["CreateAccountStatus"]
    assert status["State"] == "SUCCEEDED"
    number: str = status["AccountId"]
    return number


def root_of(client: Any) -> str:
    """The id of the root."""
    found: str = client.list_roots()["Roots"][0]["Id"]
    return found


def test_an_organization(lab: RunningLab, organizations: Any) -> None:
    """Its management account is in it, and cannot create a second one."""
    found = organizations.describe_organization()["Organization"]
    assert (found["MasterAccountId"], found["FeatureSet"]) == (MANAGEMENT, "ALL")
    assert found["Arn"] == f"arn:aws:organizations::{MANAGEMENT}:organization/{found['Id']}"
    assert [each["Id"] for each in organizations.list_accounts()["Accounts"]] == [MANAGEMENT]
    with raises_client_error("AlreadyInOrganizationException", 400) as messages:
        organizations.create_organization()
    assert messages == ["The provided account is already a member of an organization."]
    create_account(organizations, "logs")
    with raises_client_error("OrganizationNotEmptyException", 400):
        organizations.delete_organization()


def test_a_created_account(lab: RunningLab, organizations: Any) -> None:
    """The management account has access to it by a role. Its email address is unique."""
    number = create_account(organizations, "logs", Tags=[{"Key": "env", "Value": "prod"}])
    found = organizations.describe_account(AccountId=number)["Account"]
    organization, root = organizations.describe_organization()["Organization"]["Id"], root_of(organizations)
    assert found["Arn"] == f"arn:aws:organizations::{MANAGEMENT}:account/{organization}/{number}"
    assert (found["Name"], found["Email"], found["JoinedMethod"]) == ("logs", "logs@corp.example", "CREATED")
    assert (found["Status"], found["State"]) == ("ACTIVE", "ACTIVE")
    assert found["Paths"] == [f"{organization}/{root}/{number}/"]
    assert organizations.list_tags_for_resource(ResourceId=number)["Tags"] == [{"Key": "env", "Value": "prod"}]
    again = organizations.create_account(Email="logs@corp.example", AccountName="x")["CreateAccountStatus"]["Id"]
    status = organizations.describe_create_account_status(CreateAccountRequestId=again)["CreateAccountStatus"]
    assert (status["State"], status["FailureReason"]) == ("FAILED", "EMAIL_ALREADY_EXISTS")
    assert "AccountId" not in status
    iam = lab.client("iam", account=MANAGEMENT)
    iam.create_user(UserName="zoe")
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    text = json.dumps({"Version": "2012-10-17", "Statement": everything})
    iam.put_user_policy(UserName="zoe", PolicyName="p", PolicyDocument=text)
    keys = iam.create_access_key(UserName="zoe")["AccessKey"]
    lab.enforcing = True
    sts = lab.client("sts", credentials=keys)
    role = f"arn:aws:iam::{number}:role/OrganizationAccountAccessRole"
    session = sts.assume_role(RoleArn=role, RoleSessionName="sess")["Credentials"]
    lab.client("s3", credentials=session).create_bucket(Bucket="theirs")
    lab.enforcing = False
    organizations.close_account(AccountId=number)
    with raises_client_error("AccessDenied", 403):
        sts.assume_role(RoleArn=role, RoleSessionName="sess")


def test_a_closed_account(lab: RunningLab, organizations: Any) -> None:
    """It is closed in two steps, and leaves the organization after 90 days."""
    number = create_account(organizations, "logs")
    organizations.close_account(AccountId=number)
    with raises_client_error("AccountAlreadyClosedException", 400):
        organizations.close_account(AccountId=number)
    states = []
    for days in (0.0, 1.0, 90.0):
        lab.clock.advance(days=days)
        accounts = {each["Id"]: each for each in organizations.list_accounts()["Accounts"]}
        states.append([accounts[number][name] for name in ("Status", "State")] if number in accounts else None)
    assert states == [["PENDING_CLOSURE", "PENDING_CLOSURE"], ["SUSPENDED", "CLOSED"], None]
    with raises_client_error("AccountNotFoundException", 400) as messages:
        organizations.describe_account(AccountId=number)
    assert messages == ["You specified an account that doesn't exist."]
    with raises_client_error("ConstraintViolationException", 400):
        organizations.close_account(AccountId=MANAGEMENT)


@pytest.mark.parametrize("state", ["PENDING_CLOSURE", "SUSPENDED", "PENDING_ACTIVATION"])
def test_sessions_of_an_account_that_cannot_be_used(lab: RunningLab, organizations: Any, state: str) -> None:
    """Its roles cannot be assumed any more, and its sessions end before their time."""
    number = create_account(organizations, "logs")
    sts = lab.client("sts", account=MANAGEMENT)
    wanted = {"RoleArn": f"arn:aws:iam::{number}:role/OrganizationAccountAccessRole", "RoleSessionName": "sess"}
    session = sts.assume_role(**wanted)["Credentials"]
    lab.client("s3", credentials=session).list_buckets()
    if state == "PENDING_CLOSURE":
        organizations.close_account(AccountId=number)
    else:
        (lab if state == "SUSPENDED" else RemoteLab(lab.url)).set_account_state(number, state)
    assert organizations.describe_account(AccountId=number)["Account"]["State"] == state
    with raises_client_error("AccessDenied", 403) as messages:
        sts.assume_role(**wanted)
    assert messages[0].startswith(f"User: arn:aws:iam::{MANAGEMENT}:root is not authorized to perform: sts:AssumeRole")
    with raises_client_error("AccountProblem", 403):
        lab.client("s3", credentials=session).list_buckets()
    with raises_client_error("UnrecognizedClientException", 400):
        lab.client("kms", credentials=session).list_keys()
    with raises_client_error("InvalidClientTokenId", 403):
        lab.client("sts", credentials=session).get_caller_identity()
    if state == "SUSPENDED":
        lab.set_account_state(number, "ACTIVE")
        lab.client("s3", credentials=session).list_buckets()
        with pytest.raises(ValueError, match="the state of an account is one of"):
            lab.set_account_state(number, "CLOSED")


def test_the_tree(lab: RunningLab, organizations: Any) -> None:
    """Units in units, and an account that moves."""
    root, number = root_of(organizations), create_account(organizations, "logs")
    unit = organizations.create_organizational_unit(ParentId=root, Name="prod")["OrganizationalUnit"]
    inner = organizations.create_organizational_unit(ParentId=unit["Id"], Name="eu")["OrganizationalUnit"]["Id"]
    with raises_client_error("DuplicateOrganizationalUnitException", 400):
        organizations.create_organizational_unit(ParentId=root, Name="prod")
    move = {"AccountId": number, "SourceParentId": root, "DestinationParentId": inner}
    organizations.move_account(**move)
    with raises_client_error("DuplicateAccountException", 400):
        organizations.move_account(**move)
    with raises_client_error("SourceParentNotFoundException", 400):
        organizations.move_account(**{**move, "DestinationParentId": root})
    assert organizations.list_parents(ChildId=number)["Parents"] == [{"Id": inner, "Type": "ORGANIZATIONAL_UNIT"}]
    assert organizations.list_parents(ChildId=unit["Id"])["Parents"] == [{"Id": root, "Type": "ROOT"}]
    assert organizations.list_accounts_for_parent(ParentId=unit["Id"])["Accounts"] == []
    assert [each["Id"] for each in organizations.list_accounts_for_parent(ParentId=inner)["Accounts"]] == [number]
    children = organizations.list_children(ParentId=root, ChildType="ORGANIZATIONAL_UNIT")["Children"]
    assert children == [{"Id": unit["Id"], "Type": "ORGANIZATIONAL_UNIT"}]
    assert organizations.list_children(ParentId=inner, ChildType="ACCOUNT")["Children"][0]["Id"] == number
    units = organizations.list_organizational_units_for_parent(ParentId=root)["OrganizationalUnits"]
    assert [(each["Id"], each["Name"]) for each in units] == [(unit["Id"], "prod")]
    with raises_client_error("OrganizationalUnitNotEmptyException", 400):
        organizations.delete_organizational_unit(OrganizationalUnitId=inner)
    with raises_client_error("ParentNotFoundException", 400):
        organizations.list_accounts_for_parent(ParentId="r-none")


def test_pages(organizations: Any) -> None:
    """At most 20 entries on a page, with a token that only the same operation accepts."""
    for number in range(22):
        create_account(organizations, f"a{number}")
    first = organizations.list_accounts()
    assert len(first["Accounts"]) == 20
    assert len(organizations.list_accounts(NextToken=first["NextToken"])["Accounts"]) == 3
    small = organizations.get_paginator("list_accounts").paginate(PaginationConfig={"PageSize": 7})
    assert [len(page["Accounts"]) for page in small] == [7, 7, 7, 2]
    with raises_client_error("InvalidInputException", 400):
        organizations.list_roots(NextToken=first["NextToken"])
    with raises_client_error("InvalidInputException", 400) as messages:
        organizations.list_accounts(MaxResults=21)
    assert messages == ["You provided a numeric parameter that has a larger value than allowed."]


LISTINGS: dict[str, Callable[[Any], Any]] = {
    "ListAccounts": lambda client: client.list_accounts(),
    "ListRoots": lambda client: client.list_roots(),
    "ListAccountsForParent": lambda client: client.list_accounts_for_parent(ParentId="r-none"),
    "DescribeAccount": lambda client: client.describe_account(AccountId=OTHER),
    "ListTagsForResource": lambda client: client.list_tags_for_resource(ResourceId=OTHER),
    "CreateAccount": lambda client: client.create_account(Email="x@corp.example", AccountName="x"),
}


@pytest.mark.parametrize("name", LISTINGS)
def test_outside_of_the_management_account(lab: RunningLab, organizations: Any, name: str) -> None:
    """Refused in a member account, and in another way in an account without an organization."""
    number = create_account(organizations, "logs")
    member = lab.client("organizations", account=number)
    assert member.describe_organization()["Organization"]["MasterAccountId"] == MANAGEMENT
    with raises_client_error("AccessDeniedException", 400) as messages:
        LISTINGS[name](member)
    assert messages == ["You don't have permissions to access this resource."]
    with raises_client_error("AWSOrganizationsNotInUseException", 400) as messages:
        LISTINGS[name](lab.client("organizations", account=OTHER))
    assert messages == ["Your account is not a member of an organization."]


def test_a_delegated_administrator(lab: RunningLab, organizations: Any) -> None:
    """It may list, and not change."""
    number = create_account(organizations, "audit")
    named = {"AccountId": number, "ServicePrincipal": SERVICE}
    with raises_client_error("ConstraintViolationException", 400):
        organizations.register_delegated_administrator(**named)
    with raises_client_error("InvalidInputException", 400) as messages:
        organizations.enable_aws_service_access(ServicePrincipal="analyzer")
    assert messages == ["You specified an unrecognized service principal."]
    organizations.enable_aws_service_access(ServicePrincipal=SERVICE)
    organizations.register_delegated_administrator(**named)
    with raises_client_error("AccountAlreadyRegisteredException", 400):
        organizations.register_delegated_administrator(**named)
    audit = lab.client("organizations", account=number)
    assert len(audit.list_accounts()["Accounts"]) == 2
    assert [each["Id"] for each in audit.list_delegated_administrators()["DelegatedAdministrators"]] == [number]
    with raises_client_error("AccessDeniedException", 400):
        audit.tag_resource(ResourceId=number, Tags=[{"Key": "a", "Value": "b"}])
    organizations.deregister_delegated_administrator(**named)
    with raises_client_error("AccessDeniedException", 400):
        audit.list_accounts()


def test_throttling(lab: RunningLab, organizations: Any) -> None:
    """In the words of Organizations."""
    lab.faults.add("throttle", operation="ListAccounts")
    with raises_client_error("TooManyRequestsException", 400):
        organizations.list_accounts()


def test_tags(organizations: Any) -> None:
    """Of accounts, units and the root."""
    root = root_of(organizations)
    for resource in (root, MANAGEMENT):
        organizations.tag_resource(ResourceId=resource, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
        organizations.tag_resource(ResourceId=resource, Tags=[{"Key": "a", "Value": "3"}])
        organizations.untag_resource(ResourceId=resource, TagKeys=["b", "c"])
        assert organizations.list_tags_for_resource(ResourceId=resource)["Tags"] == [{"Key": "a", "Value": "3"}]
    with raises_client_error("TargetNotFoundException", 400) as messages:
        organizations.list_tags_for_resource(ResourceId=OTHER)
    assert messages == ["You specified a target that doesn't exist."]


def test_an_invited_account(lab: RunningLab, organizations: Any) -> None:
    """It joins by its own answer, and is open to the management account only by what it creates itself."""
    other = lab.client("organizations", account=OTHER)
    target = {"Id": OTHER, "Type": "ACCOUNT"}
    handshake = organizations.invite_account_to_organization(Target=target)["Handshake"]
    with raises_client_error("HandshakeNotFoundException", 400):
        lab.client("organizations", account="333333333333").accept_handshake(HandshakeId=handshake["Id"])
    assert other.accept_handshake(HandshakeId=handshake["Id"])["Handshake"]["State"] == "ACCEPTED"
    assert organizations.describe_account(AccountId=OTHER)["Account"]["JoinedMethod"] == "INVITED"
    with raises_client_error("NoSuchEntity", 404):
        lab.client("iam", account=OTHER).get_role(RoleName="OrganizationAccountAccessRole")
    organizations.remove_account_from_organization(AccountId=OTHER)
    with raises_client_error("AWSOrganizationsNotInUseException", 400):
        other.describe_organization()


@pytest.mark.enforcement
def test_permissions_and_condition_keys(lab: RunningLab, organizations: Any) -> None:
    """IAM decides first. A bucket policy can be for the organization, or for a unit of it."""
    number, root = create_account(organizations, "logs"), root_of(organizations)
    found = organizations.describe_organization()["Organization"]["Id"]
    owner, member = lab.client("s3", account=MANAGEMENT), lab.client("s3", account=number)
    owner.create_bucket(Bucket="shared")
    stranger = lab.client("s3", account=OTHER)
    conditions = [
        {"StringEquals": {"aws:PrincipalOrgID": found}},
        {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"{found}/{root}/*"}},
        {"StringEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}},
    ]
    for condition in conditions:
        statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::shared"}
        text = json.dumps({"Version": "2012-10-17", "Statement": {**statement, "Condition": condition}})
        owner.delete_public_access_block(Bucket="shared")
        owner.put_bucket_policy(Bucket="shared", Policy=text)
        lab.enforcing = True
        member.list_objects_v2(Bucket="shared")
        with raises_client_error("AccessDenied", 403):
            stranger.list_objects_v2(Bucket="shared")
        lab.enforcing = False
    iam = lab.client("iam", account=MANAGEMENT)
    iam.create_user(UserName="zoe")
    keys = iam.create_access_key(UserName="zoe")["AccessKey"]
    lab.enforcing = True
    with raises_client_error("AccessDeniedException", 400) as messages:
        lab.client("organizations", credentials=keys).list_accounts()
    assert "is not authorized to perform: organizations:ListAccounts on resource: *" in messages[0]


def test_policies_that_name_an_account_or_a_unit(lab: RunningLab, organizations: Any) -> None:
    iam = lab.client("iam", account=MANAGEMENT)
    iam.create_user(UserName="zoe")
    zoe = lab.client("organizations", credentials=iam.create_access_key(UserName="zoe")["AccessKey"])
    logs, other = create_account(organizations, "logs"), create_account(organizations, "other")
    root = root_of(organizations)
    unit = organizations.create_organizational_unit(ParentId=root, Name="unit")["OrganizationalUnit"]
    account = organizations.describe_account(AccountId=logs)["Account"]["Arn"]
    statement = {"Effect": "Allow", "Action": "organizations:*", "Resource": [account, unit["Arn"]]}
    document = json.dumps({"Version": "2012-10-17", "Statement": statement})
    iam.put_user_policy(UserName="zoe", PolicyName="p", PolicyDocument=document)
    lab.enforcing = True
    assert zoe.list_accounts_for_parent(ParentId=unit["Id"])["Accounts"] == []
    zoe.tag_resource(ResourceId=logs, Tags=[{"Key": "a", "Value": "b"}])
    move = {"AccountId": logs, "SourceParentId": root, "DestinationParentId": unit["Id"]}
    for call, request in (
        (zoe.list_accounts, {}),
        (zoe.describe_account, {"AccountId": other}),
        (zoe.move_account, move),
    ):
        with raises_client_error("AccessDeniedException", 400):
            call(**request)

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Many accounts that are added at once, and are like one account."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from client_calls import put_default_encryption, raises_client_error

from sealed_lab import RemoteLab, RunningLab

HUB, LIKE = "111111111111", "222222222222"
ADDED = [f"3{number:011d}" for number in range(4)]
REGIONS = ("us-east-1", "eu-west-1", "me-south-1")


def policy(*statements: Mapping[str, Any]) -> str:
    """The text of a policy."""
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **each} for each in statements]})


def client(lab: RunningLab, service: str, region: str = "us-east-1") -> Any:
    """A client of the account that the others are like."""
    return lab.client(service, region=region, account=LIKE)


@pytest.fixture
def hub(lab: RunningLab) -> Any:
    """A client for STS of a user of the hub. There are roles, keys, and buckets with policies to be like."""
    lab.client("organizations", account=HUB).create_organization()
    invitation = lab.client("organizations", account=HUB).invite_account_to_organization(
        Target={"Id": LIKE, "Type": "ACCOUNT"}
    )
    client(lab, "organizations").accept_handshake(HandshakeId=invitation["Handshake"]["Id"])
    iam = client(lab, "iam")
    trust = {"Principal": {"AWS": f"arn:aws:iam::{HUB}:root"}, "Action": "sts:AssumeRole"}
    only_with_id = {**trust, "Condition": {"StringEquals": {"sts:ExternalId": f"of-{LIKE}"}}}
    iam.create_role(RoleName="fleet", Path="/ops/", AssumeRolePolicyDocument=policy(only_with_id), Tags=[])
    own = f"arn:aws:s3:::data-{LIKE}-*"
    allowed = policy({"Action": "s3:*", "Resource": own}, {"Action": "s3:ListAllMyBuckets", "Resource": "*"})
    iam.put_role_policy(RoleName="fleet", PolicyName="fleet", PolicyDocument=allowed)
    within = {"Principal": {"AWS": f"arn:aws:iam::{LIKE}:role/ops/fleet"}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName="inner", AssumeRolePolicyDocument=policy(within))
    managed = iam.create_policy(PolicyName="keys", PolicyDocument=policy({"Action": "kms:*", "Resource": "*"}))
    iam.attach_role_policy(RoleName="fleet", PolicyArn=managed["Policy"]["Arn"])
    for region in REGIONS:
        kms, s3 = client(lab, "kms", region), client(lab, "s3", region)
        key = kms.create_key()["KeyMetadata"]
        kms.create_alias(AliasName="alias/data", TargetKeyId=key["KeyId"])
        location = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        for number in range(2):
            name = f"data-{LIKE}-{region}-{number}"
            s3.create_bucket(Bucket=name, **location)
            put_default_encryption(s3, name, "aws:kms", key["Arn"])
            role = {"Principal": {"AWS": f"arn:aws:iam::{LIKE}:role/ops/fleet"}, "Action": "s3:GetObject"}
            s3.put_bucket_policy(Bucket=name, Policy=policy({**role, "Resource": f"arn:aws:s3:::{name}/*"}))
    hub_iam = lab.client("iam", account=HUB)
    hub_iam.create_user(UserName="zoe")
    anything = policy({"Action": "*", "Resource": "*"})
    hub_iam.put_user_policy(UserName="zoe", PolicyName="p", PolicyDocument=anything)
    return lab.client("sts", credentials=hub_iam.create_access_key(UserName="zoe")["AccessKey"])


@pytest.mark.parametrize("kind", ["running", "remote"])
def test_accounts_like_another(lab: RunningLab, hub: Any, kind: str) -> None:
    """With enforcement on, each has its own roles, policies, buckets and keys."""
    control: Any = lab if kind == "running" else RemoteLab(lab.url)
    assert control.add_accounts(LIKE, ADDED) == len(ADDED) * len(REGIONS) * 2
    lab.enforcing = True
    for account in (LIKE, ADDED[0], ADDED[-1]):
        role = f"arn:aws:iam::{account}:role/ops/fleet"
        wanted = {"RoleArn": role, "RoleSessionName": "sess"}
        with raises_client_error("AccessDenied", 403):
            hub.assume_role(**wanted, ExternalId="of-nobody")
        session = hub.assume_role(**wanted, ExternalId=f"of-{account}")["Credentials"]
        inner = f"arn:aws:iam::{account}:role/inner"
        lab.client("sts", credentials=session).assume_role(RoleArn=inner, RoleSessionName="sess")
        listed = lab.client("s3", credentials=session).list_buckets(MaxBuckets=100)["Buckets"]
        assert [(each["Name"], each["BucketRegion"]) for each in listed] == [
            (f"data-{account}-{region}-{number}", region) for region in sorted(REGIONS) for number in range(2)
        ]
        for region in REGIONS:
            s3, kms = (lab.client(name, region=region, credentials=session) for name in ("s3", "kms"))
            name = f"data-{account}-{region}-0"
            key = kms.describe_key(KeyId="alias/data")["KeyMetadata"]["Arn"]
            assert key.split(":")[3:5] == [region, account]
            rules = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
            assert rules[0]["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == key
            s3.put_object(Bucket=name, Key="k", Body=b"x")
            assert s3.get_object(Bucket=name, Key="k")["SSEKMSKeyId"] == key
            statement = json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])["Statement"][0]
            assert (statement["Principal"], statement["Resource"]) == ({"AWS": role}, f"arn:aws:s3:::{name}/*")
    with raises_client_error("AccessDenied", 403):
        lab.client("s3", credentials=session).get_bucket_encryption(Bucket=f"data-{LIKE}-us-east-1-0")


def test_they_are_in_the_organization(lab: RunningLab, hub: Any) -> None:
    """In the unit of the account that they are like, and with its tags."""
    organizations = lab.client("organizations", account=HUB)
    root = organizations.list_roots()["Roots"][0]["Id"]
    unit = organizations.create_organizational_unit(ParentId=root, Name="unit")["OrganizationalUnit"]["Id"]
    organizations.move_account(AccountId=LIKE, SourceParentId=root, DestinationParentId=unit)
    organizations.tag_resource(ResourceId=LIKE, Tags=[{"Key": "env", "Value": "prod"}])
    lab.add_accounts(LIKE, ADDED)
    found = organizations.list_accounts_for_parent(ParentId=unit)["Accounts"]
    assert [each["Id"] for each in found] == [LIKE, *ADDED]
    assert len({each["Email"] for each in found} | {each["Name"] for each in found}) == 2 * len(found)
    tags = organizations.list_tags_for_resource(ResourceId=ADDED[0])["Tags"]
    assert tags == [{"Key": "env", "Value": "prod"}]


def test_they_are_saved_and_restored(lab: RunningLab, hub: Any) -> None:
    lab.add_accounts(LIKE, ADDED)
    saved = lab.save()
    name = f"data-{ADDED[0]}-us-east-1-0"
    s3 = lab.client("s3", account=ADDED[0])
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    s3.delete_bucket_policy(Bucket=name)
    s3.put_object(Bucket=name, Key="k", Body=b"x")
    lab.restore(saved)
    with raises_client_error("NoSuchTagSet", 404):
        s3.get_bucket_tagging(Bucket=name)
    assert "Policy" in s3.get_bucket_policy(Bucket=name)
    assert s3.list_objects_v2(Bucket=name)["KeyCount"] == 0


def test_what_no_account_can_be_like(lab: RunningLab, hub: Any) -> None:
    """A bucket's name has the number of its account, and keys need material of their own."""
    for accounts, words in (
        (["mine"], "an account has 12 digits, not 'mine'"),
        ([HUB], f"the account '{HUB}' exists already"),
        ([ADDED[0], ADDED[0]], "named twice"),
    ):
        with pytest.raises(ValueError, match=words):
            lab.add_accounts(LIKE, accounts)
    with pytest.raises(ValueError, match="has nothing that other accounts could be like"):
        lab.add_accounts("999999999999", ADDED)
    key = client(lab, "kms").create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    with pytest.raises(ValueError, match=f"no other key can be like {key}"):
        lab.add_accounts(LIKE, ADDED)
    client(lab, "s3").create_bucket(Bucket="mine")
    with pytest.raises(ValueError, match="'mine' does not contain 222222222222"):
        lab.add_accounts(LIKE, ADDED)
    lab.client("s3", account=HUB).list_buckets()
    assert not any(each in lab.client("s3", account=ADDED[0]).list_buckets()["Buckets"] for each in ADDED)

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The partitions aws-cn and aws-us-gov: ARNs, credentials, names and policies of one mean nothing in another."""

from __future__ import annotations

import json
from typing import Any

import pytest
from client_calls import BODY, raises_client_error, read_object, sse_kms

from sealed_lab import RunningLab

pytestmark = pytest.mark.behaviour
NUMBER = "222222222222"
PARTITIONS = [("aws-cn", "cn-north-1", "amazonaws.com.cn"), ("aws-us-gov", "us-gov-west-1", "amazonaws.com")]


class Place:
    """One account, in one region of a partition."""

    def __init__(self, lab: RunningLab, partition: str, region: str) -> None:
        self.lab, self.partition, self.region = lab, partition, region

    def client(self, service: str, **options: Any) -> Any:
        """A client of the account's root user."""
        return self.lab.client(service, region=self.region, account=f"{self.partition}:{NUMBER}", **options)

    def create_bucket(self, name: str) -> dict[str, Any]:
        """Create a bucket in the region."""
        created: dict[str, Any] = self.client("s3").create_bucket(
            Bucket=name, CreateBucketConfiguration={"LocationConstraint": self.region}
        )
        return created


@pytest.fixture
def china(lab: RunningLab) -> Place:
    """An account in China."""
    return Place(lab, "aws-cn", "cn-north-1")


def document(**statement: Any) -> str:
    """A policy with one statement that allows."""
    return json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", **statement}})


@pytest.mark.parametrize(("partition", "region", "domain"), PARTITIONS)
def test_arns(lab: RunningLab, partition: str, region: str, domain: str) -> None:
    """Every ARN has the partition, also in the policies that AWS writes. The address of a bucket has its domain."""
    place = Place(lab, partition, region)
    root = f"arn:{partition}:iam::{NUMBER}:root"
    assert place.client("sts").get_caller_identity()["Arn"] == root
    created = place.create_bucket("mine")
    assert created["BucketArn"] == f"arn:{partition}:s3:::mine"
    assert created["Location"] == f"http://mine.s3.{region}.{domain}/"
    kms = place.client("kms")
    key = kms.create_key()["KeyMetadata"]
    assert key["Arn"].startswith(f"arn:{partition}:kms:{region}:{NUMBER}:key/")
    assert root in kms.get_key_policy(KeyId=key["KeyId"])["Policy"]
    kms.create_grant(KeyId=key["KeyId"], GranteePrincipal=root, Operations=["Decrypt"])
    assert kms.list_grants(KeyId=key["KeyId"])["Grants"][0]["IssuingAccount"] == root
    s3 = place.client("s3")
    s3.put_object(Bucket="mine", Key="a", Body=BODY, ServerSideEncryption="aws:kms")
    managed = s3.head_object(Bucket="mine", Key="a")["SSEKMSKeyId"]
    assert managed.startswith(f"arn:{partition}:kms:")
    assert f"s3.{region}.{domain}" in kms.get_key_policy(KeyId=managed)["Policy"]
    iam = place.client("iam")
    assert iam.create_user(UserName="zoe")["User"]["Arn"] == f"arn:{partition}:iam::{NUMBER}:user/zoe"
    iam.attach_user_policy(UserName="zoe", PolicyArn=f"arn:{partition}:iam::aws:policy/AdministratorAccess")
    role = f"arn:{partition}:iam::{NUMBER}:role/fleet"
    session = place.client("sts").assume_role(RoleArn=role, RoleSessionName="sess")
    assert session["AssumedRoleUser"]["Arn"] == f"arn:{partition}:sts::{NUMBER}:assumed-role/fleet/sess"
    assert [call.resource for call in lab.calls.select(operation="PutObject")] == [f"arn:{partition}:s3:::mine/a"]


def test_a_job(china: Place) -> None:
    """A batch job has an ARN of its partition, and encrypts there."""
    key = china.client("kms").create_key()["KeyMetadata"]["Arn"]
    s3 = china.client("s3")
    china.create_bucket("mine")
    s3.put_object(Bucket="mine", Key="a", Body=BODY)
    etag = s3.put_object(Bucket="mine", Key="list.csv", Body=b"mine,a")["ETag"]
    fields = {"Spec": {"Format": "S3BatchOperations_CSV_20180820", "Fields": ["Bucket", "Key"]}}
    control = china.client("s3control")
    options: dict[str, Any] = {
        "AccountId": NUMBER,
        "ConfirmationRequired": False,
        "Priority": 1,
        "Operation": {"S3UpdateObjectEncryption": {"ObjectEncryption": {"SSEKMS": {"KMSKeyArn": key}}}},
        "RoleArn": f"arn:aws-cn:iam::{NUMBER}:role/batch",
        "Manifest": {**fields, "Location": {"ObjectArn": "arn:aws-cn:s3:::mine/list.csv", "ETag": etag}},
    }

    def create_job(**more: Any) -> str:
        created: str = control.create_job(**options, ClientRequestToken="t", **more)["JobId"]
        return created

    job = create_job(Report={"Enabled": False})
    for _ in range(1000):
        described = control.describe_job(AccountId=NUMBER, JobId=job)["Job"]
        if described["Status"] in ("Complete", "Failed"):
            break
    with raises_client_error("InvalidRequest", 400):
        create_job(Report={"Enabled": True, "Bucket": "arn:aws:s3:::mine"})
    assert described["JobArn"].startswith(f"arn:aws-cn:s3:cn-north-1:{NUMBER}:job/")
    assert s3.head_object(Bucket="mine", Key="a")["SSEKMSKeyId"] == key


def test_credentials_are_of_one_partition(lab: RunningLab, china: Place) -> None:
    """In another partition their access key does not exist, in the words of each service."""
    key = china.client("iam").create_user(UserName="zoe") and china.client("iam").create_access_key(UserName="zoe")
    for credentials in (key["AccessKey"], {"AccessKeyId": f"aws-cn:{NUMBER}", "SecretAccessKey": "test"}):
        with raises_client_error("InvalidAccessKeyId", 403):
            lab.client("s3", credentials=credentials).list_buckets()
        with raises_client_error("UnrecognizedClientException", 400):
            lab.client("kms", credentials=credentials).list_keys()
        with raises_client_error("InvalidClientTokenId", 403):
            lab.client("sts", region="us-gov-west-1", credentials=credentials).get_caller_identity()
    for account in ("333333333333", f"aws-us-gov:{NUMBER}", "aws-nowhere:333333333333", "test"):
        with raises_client_error("InvalidAccessKeyId", 403):
            lab.client("s3", region="cn-north-1", account=account).list_buckets()
    assert lab.client("s3", region="cn-north-1", account=NUMBER).list_buckets()["Buckets"] == []  # declared above


def test_buckets_are_of_one_partition(lab: RunningLab, s3: Any, china: Place) -> None:
    """Each partition has names of its own. A copy finds only the sources of its partition."""
    s3.create_bucket(Bucket="mine")
    s3.put_object(Bucket="mine", Key="a", Body=BODY)
    with raises_client_error("NoSuchBucket", 404):
        china.client("s3").list_objects_v2(Bucket="mine")
    china.create_bucket("mine")
    china.client("s3").put_object(Bucket="mine", Key="a", Body=b"other")
    assert read_object(s3, "mine", "a") == BODY
    assert [each["BucketArn"] for each in s3.list_buckets()["Buckets"]] == ["arn:aws:s3:::mine"]
    assert [each["BucketArn"] for each in china.client("s3").list_buckets()["Buckets"]] == ["arn:aws-cn:s3:::mine"]
    china.create_bucket("target")
    china.client("s3").copy_object(Bucket="target", Key="a", CopySource={"Bucket": "mine", "Key": "a"})
    assert read_object(china.client("s3"), "target", "a") == b"other"
    with raises_client_error("InvalidLocationConstraint", 400):
        s3.create_bucket(Bucket="far", CreateBucketConfiguration={"LocationConstraint": "cn-north-1"})
    china.client("s3").delete_object(Bucket="mine", Key="a")
    china.client("s3").delete_bucket(Bucket="mine")
    assert read_object(s3, "mine", "a") == BODY


def test_keys_are_of_one_partition(kms: Any, china: Place) -> None:
    """A key ARN of another partition is not found, and no replica crosses the boundary."""
    key = china.client("kms").create_key(MultiRegion=True)["KeyMetadata"]
    china.create_bucket("mine")
    foreign = key["Arn"].replace("arn:aws-cn:", "arn:aws:")
    with raises_client_error("NotFoundException", 400):
        china.client("kms").describe_key(KeyId=foreign)
    with raises_client_error("KMS.NotFoundException", 400):
        china.client("s3").put_object(Bucket="mine", Key="a", Body=b"x", **sse_kms(foreign))
    with raises_client_error("ValidationException", 400):
        china.client("kms").replicate_key(KeyId=key["KeyId"], ReplicaRegion="eu-west-1")
    china.client("kms").replicate_key(KeyId=key["KeyId"], ReplicaRegion="cn-northwest-1")


def test_policies_are_of_one_partition(china: Place) -> None:
    """An ARN of another partition is refused where it is stored. Patterns of any partition are accepted."""
    china.create_bucket("mine")
    s3, iam, kms = china.client("s3"), china.client("iam"), china.client("kms")
    foreign_root = f"arn:aws:iam::{NUMBER}:root"
    for principal, resource in (("*", "arn:aws:s3:::mine"), ({"AWS": foreign_root}, "arn:aws-cn:s3:::mine")):
        with raises_client_error("MalformedPolicy", 400):
            statement = document(Action="s3:ListBucket", Principal=principal, Resource=resource)
            s3.put_bucket_policy(Bucket="mine", Policy=statement)
    with raises_client_error("MalformedPolicyDocumentException", 400):
        kms.create_key(Policy=document(Action="kms:*", Principal={"AWS": foreign_root}, Resource="*"))
    with raises_client_error("InvalidArnException", 400):
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.create_grant(KeyId=key, GranteePrincipal=foreign_root, Operations=["Decrypt"])
    with raises_client_error("MalformedPolicyDocument", 400) as messages:
        iam.create_policy(
            PolicyName="p", PolicyDocument=document(Action="s3:GetObject", Resource="arn:aws:s3:::mine/*")
        )
    assert messages == ['Partition "aws" is not valid for resource "arn:aws:s3:::mine/*".']
    with raises_client_error("MalformedPolicyDocument", 400):
        trust = document(Action="sts:AssumeRole", Principal={"AWS": foreign_root})
        iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust)
    iam.create_policy(PolicyName="p", PolicyDocument=document(Action="s3:GetObject", Resource="arn:*:s3:::mine/*"))
    with raises_client_error("NoSuchEntity", 404):
        iam.create_user(UserName="zoe")
        iam.attach_user_policy(UserName="zoe", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")


def test_enforcement_in_a_partition(lab: RunningLab, china: Place) -> None:
    """Identity, key and trust policies decide there as in every partition."""
    iam, user = china.client("iam"), f"arn:aws-cn:iam::{NUMBER}:user/zoe"
    iam.create_user(UserName="zoe")
    keys = iam.create_access_key(UserName="zoe")["AccessKey"]
    trust = document(Action="sts:AssumeRole", Principal={"AWS": user})
    iam.create_role(RoleName="writer", AssumeRolePolicyDocument=trust)
    allowed = document(Action=["s3:PutObject", "kms:GenerateDataKey"], Resource="*")
    iam.put_role_policy(RoleName="writer", PolicyName="p", PolicyDocument=allowed)
    via = {"StringEquals": {"kms:ViaService": "s3.cn-north-1.amazonaws.com.cn"}}
    root = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws-cn:iam::{NUMBER}:root"}, "Resource": "*"}
    statements = [{**root, "Action": "kms:*"}, {**root, "Effect": "Deny", "Action": "kms:GenerateDataKey"}]
    statements[1]["Condition"] = {"StringNotEquals": via["StringEquals"]}
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    key = china.client("kms").create_key(Policy=policy)["KeyMetadata"]["Arn"]
    china.create_bucket("mine")
    lab.enforcing = True
    role = f"arn:aws-cn:iam::{NUMBER}:role/writer"
    session = china.client("sts", credentials=keys).assume_role(RoleArn=role, RoleSessionName="sess")["Credentials"]
    s3 = china.client("s3", credentials=session)
    s3.put_object(Bucket="mine", Key="a", Body=b"x", **sse_kms(key))
    with raises_client_error("AccessDenied", 403) as messages:
        s3.get_object(Bucket="mine", Key="a")
    assert f"User: arn:aws-cn:sts::{NUMBER}:assumed-role/writer/sess is not authorized" in messages[0]
    with raises_client_error("AccessDeniedException", 400):
        china.client("kms", credentials=session).generate_data_key(KeyId=key, KeySpec="AES_256")

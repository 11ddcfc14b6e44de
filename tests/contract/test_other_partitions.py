# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Every module in the partitions aws-us-gov and aws-cn, under AWS's own host names, with enforced policies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from .conftest import ACCOUNT, LabClock, Task, TestClock


class Place(NamedTuple):
    """A partition, with two of its regions and its domain."""

    partition: str
    region: str
    other_region: str
    domain: str

    @property
    def account_arn(self) -> str:
        """What the ARNs of the account's users and roles begin with."""
        return f"arn:{self.partition}:iam::{ACCOUNT}"


PLACES = [
    Place("aws-us-gov", "us-gov-west-1", "us-gov-east-1", "amazonaws.com"),
    Place("aws-cn", "cn-north-1", "cn-northwest-1", "amazonaws.com.cn"),
]


@pytest.fixture
def clock(lab: Any) -> TestClock:
    """The clock of the lab: while a module waits, the lab makes a replica."""
    return LabClock(lab)


@pytest.fixture(params=PLACES, ids=lambda place: place.partition)
def place(request: pytest.FixtureRequest, at_aws: None, lab: Any, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The tasks run as the root user of an account of the partition, in one of its regions."""
    found: Place = request.param
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", f"{found.partition}:{ACCOUNT}")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_REGION", found.region)
    lab.enforcing = True
    return found


def client(lab: Any, place: Place, service: str, region: str = "") -> Any:
    """A client of the SDK, to prepare and to check."""
    return lab.client(service, region=region or place.region, account=f"{place.partition}:{ACCOUNT}")


def create_buckets(lab: Any, place: Place) -> None:
    """One bucket in each of the regions."""
    for name, region in (("near", place.region), ("far", place.other_region)):
        location = {"LocationConstraint": region}
        client(lab, place, "s3", region).create_bucket(Bucket=name, CreateBucketConfiguration=location)


def run(task: Task, module: str, **options: Any) -> dict[str, Any]:
    """Run a task whose check run reports the same; a second run changes nothing."""
    predicted = task(module, check=True, **options)
    result = task(module, **options)
    assert not result.get("failed"), result
    assert predicted["changed"] == result["changed"]
    assert not task(module, **options)["changed"]
    return result


def test_keys(task: Task, lab: Any, place: Place) -> None:
    """A key with users, other accounts, buckets and a replica. The preview of its policy is what KMS stores."""
    iam = client(lab, place, "iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": f"{place.account_arn}:root"}, "Action": "sts:AssumeRole"}
    for name in ("platform", "app"):
        document = json.dumps({"Version": "2012-10-17", "Statement": trust})
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)
    options = {
        "alias": "app",
        "administrators": [f"{place.account_arn}:role/platform"],
        "users": [f"{place.account_arn}:role/app"],
        "services": ["cloudtrail.amazonaws.com"],
        "allowed_accounts": ["444455556666"],
        "buckets": ["near"],
        "multi_region": True,
        "replica_regions": [place.other_region],
    }
    preview = task("kms_key_for_s3", check=True, **options)
    assert preview["kms_key"]["arn"].startswith(f"arn:{place.partition}:kms:{place.region}:{ACCOUNT}:key/")
    result = run(task, "kms_key_for_s3", **options)
    arn = result["kms_key"]["arn"]
    assert arn.startswith(f"arn:{place.partition}:kms:{place.region}:{ACCOUNT}:key/mrk-")
    kms = client(lab, place, "kms")
    stored = json.loads(kms.get_key_policy(KeyId=arn)["Policy"])
    assert preview["diff"]["after"] == result["diff"]["after"]
    text = json.dumps(stored)
    assert f'"kms:ViaService": "s3.{place.region}.{place.domain}"' in text
    assert f"arn:{place.partition}:iam::444455556666:root" in text
    assert f"arn:{place.partition}:s3:::near/*" in text
    assert "arn:aws:" not in text
    replica = client(lab, place, "kms", place.other_region).describe_key(KeyId=arn.rpartition("/")[2])["KeyMetadata"]
    assert replica["Arn"].startswith(f"arn:{place.partition}:kms:{place.other_region}:")
    foreign = task("kms_key_for_s3", alias="app", users=[f"arn:aws:iam::{ACCOUNT}:role/app"])
    assert f"in the partition aws, and the key in {place.region} is in {place.partition}" in foreign["msg"]
    (report,) = task("kms_key_for_s3_info", alias="app", include_usage=True, include_used_by=True)["kms_keys"]
    assert report["arn"] == arn
    assert [each for each in report["findings"] if each["control"] == "KMS.5"] == []
    deleted = task("kms_key_for_s3", alias="app", state="absent", replica_regions=[place.other_region], force=True)
    assert deleted["changed"], deleted


def test_a_fleet(task: Task, lab: Any, place: Place) -> None:
    """All buckets of both regions get a key of their region by its alias, and the report has no finding."""
    create_buckets(lab, place)
    for region in (place.region, place.other_region):
        made = client(lab, place, "kms", region).create_key()["KeyMetadata"]["KeyId"]
        client(lab, place, "kms", region).create_alias(AliasName="alias/app", TargetKeyId=made)
    result = run(task, "bucket_default_encryption", select={"names": ["*"]}, encryption="SSE-KMS", kms_key="alias/app")
    assert result["summary"]["changed"] == 2
    for name, region in (("near", place.region), ("far", place.other_region)):
        (rule,) = client(lab, place, "s3", region).get_bucket_encryption(Bucket=name)[
            "ServerSideEncryptionConfiguration"
        ]["Rules"]
        default = rule["ApplyServerSideEncryptionByDefault"]
        assert default["KMSMasterKeyID"].startswith(f"arn:{place.partition}:kms:{region}:{ACCOUNT}:key/")
    report = task("bucket_default_encryption_info", select={"names": ["*"]}, expected={"encryption": "SSE-KMS"})
    assert not report.get("failed"), report
    assert [each["findings"] for each in report["buckets"]] == [[], []]


def test_policies(task: Task, lab: Any, place: Place) -> None:
    """The statements name the buckets of the partition, and the keys of each region."""
    create_buckets(lab, place)
    for region in (place.region, place.other_region):
        made = client(lab, place, "kms", region).create_key()["KeyMetadata"]["KeyId"]
        client(lab, place, "kms", region).create_alias(AliasName="alias/app", TargetKeyId=made)
    rules = {"require_tls": True, "allow_kms_keys": ["alias/app"], "exempt_principals": [f"{place.account_arn}:root"]}
    result = run(task, "bucket_encryption_policy", select={"names": ["*"]}, **rules)
    assert result["summary"]["changed"] == 2
    for name, region in (("near", place.region), ("far", place.other_region)):
        policy = client(lab, place, "s3", region).get_bucket_policy(Bucket=name)["Policy"]
        assert f"arn:{place.partition}:s3:::{name}/*" in policy
        assert f"arn:{place.partition}:kms:{region}:{ACCOUNT}:key/" in policy
        assert "arn:aws:" not in policy
    report = task("bucket_encryption_policy_info", select={"names": ["*"]}, expected=rules)
    assert report["compliant"], report["buckets"]
    assert run(task, "bucket_encryption_policy", buckets=["near", "far"], state="absent")["summary"]["changed"] == 2


def test_objects(task: Task, lab: Any, place: Place, tmp_path: Path) -> None:
    """An upload under SSE-KMS, a change of the key, a copy onto itself, a download and the report."""
    create_buckets(lab, place)
    kms = client(lab, place, "kms")
    first, second = (kms.create_key()["KeyMetadata"]["Arn"] for dummy in range(2))
    kms.create_alias(AliasName="alias/app", TargetKeyId=first)
    where = {"bucket": "near", "key": "a"}
    done = run(task, "s3_encrypted_object", content="text", encryption="SSE-KMS", kms_key="alias/app", **where)
    assert done["object"]["encryption"]["kms_key_arn"] == first
    changed = run(task, "s3_encrypted_object", encryption="SSE-KMS", kms_key=second, **where)
    assert changed["object"]["encryption"]["kms_key_arn"] == second
    copied = run(task, "s3_encrypted_object", encryption="SSE-S3", **where)
    assert copied["object"]["encryption"]["type"] == "SSE-S3"
    path = tmp_path / "a"
    downloaded = task("s3_encrypted_object_download", dest=str(path), **where)
    assert not downloaded.get("failed"), downloaded
    assert path.read_text() == "text"
    found = task("s3_encrypted_object_info", **where)
    assert found["objects"][0]["encryption"]["type"] == "SSE-S3"
    foreign = first.replace(f"arn:{place.partition}:", "arn:aws:")
    refused = task("s3_encrypted_object", content="x", encryption="SSE-KMS", kms_key=foreign, **where)
    assert refused["failed"]
    assert foreign in refused["msg"]


def test_credentials_of_another_partition(task: Task, lab: Any, place: Place) -> None:
    """The message says so: they are unknown, and nothing was written."""
    result = task("kms_key_for_s3", alias="app", region="us-east-1")
    assert result["failed"]
    assert "The security token included in the request is invalid" in result["msg"]
    assert lab.writes() == []


def test_interface_endpoints(task: Task, lab: Any, place: Place) -> None:
    """Endpoints of a VPC are AWS's own: what was written there is not read back."""
    create_buckets(lab, place)
    client(lab, place, "kms").create_alias(
        AliasName="alias/app", TargetKeyId=client(lab, place, "kms").create_key()["KeyMetadata"]["KeyId"]
    )
    interface = "vpce-0295a3caf8414c94a-dfm9tr04"
    endpoints = {
        "endpoint_url": f"https://bucket.{interface}.s3.{place.region}.vpce.{place.domain}",
        "kms_endpoint_url": f"https://{interface}.kms.{place.region}.vpce.{place.domain}",
    }
    lab.calls.clear()
    task_options = {"bucket": "near", "key": "a", "content": "text", "encryption": "SSE-KMS", "kms_key": "alias/app"}
    done = task("s3_encrypted_object", **task_options, **endpoints)
    assert done["changed"], done
    operations = list(lab.calls.operations())
    assert operations[-1] == "PutObject", operations
    assert "DescribeKey" in operations
    fleet = {"buckets": ["near"], "encryption": "SSE-KMS", "kms_key": "alias/app"}
    run(task, "bucket_default_encryption", **fleet, **endpoints)


def test_jobs(task: Task, lab: Any, place: Place) -> None:
    """S3 Batch Operations in the region of the bucket, with ARNs of the partition."""
    create_buckets(lab, place)
    iam, s3 = client(lab, place, "iam"), client(lab, place, "s3", place.other_region)
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "batchoperations.s3.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": trust})
    iam.create_role(RoleName="jobs", AssumeRolePolicyDocument=document)
    allowed = {"Effect": "Allow", "Action": ["s3:*", "kms:*"], "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": allowed})
    iam.put_role_policy(RoleName="jobs", PolicyName="jobs", PolicyDocument=policy)
    key = client(lab, place, "kms", place.other_region).create_key()["KeyMetadata"]["Arn"]
    for name in ("data/a", "data/b"):
        s3.put_object(Bucket="far", Key=name, Body=b"x")
    batch = {"role_arn": f"{place.account_arn}:role/jobs", "manifest": {"bucket": "far", "prefix": "jobs"}}
    asked: dict[str, Any] = {
        "bucket": "far",
        "engine": "batch_operations",
        "encryption": "SSE-KMS",
        "kms_key": key,
        "select": {"prefix": "data/"},
        "batch": batch,
    }
    result = run(task, "bucket_reencryption", **asked)
    assert result["jobs"][0]["tasks"]["succeeded"] == 2
    assert result["jobs"][0]["manifest"].startswith(f"arn:{place.partition}:s3:::far/jobs/far-")
    assert s3.head_object(Bucket="far", Key="data/a")["SSEKMSKeyId"] == key
    foreign = task(
        "bucket_reencryption", **{**asked, "batch": {**batch, "role_arn": f"arn:aws:iam::{ACCOUNT}:role/jobs"}}
    )
    assert f"the job is in the partition {place.partition}" in foreign["msg"]


def test_fips_endpoints(task: Task, lab: Any, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are used where AWS has them. Elsewhere the SDK refuses, before anything is sent."""
    create_buckets(lab, place)
    monkeypatch.setenv("AWS_USE_FIPS_ENDPOINT", "true")
    lab.calls.clear()
    result = task("bucket_default_encryption", buckets=["near", "far"], encryption="SSE-KMS")
    if place.partition == "aws-cn":
        assert result["failed"]
        assert "Partition does not support FIPS" in str(result)
        assert len(lab.calls) == 0
    else:
        assert result["summary"]["changed"] == 2, result

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Reports about keys: their content, their cost in calls, the findings, and parts that the caller may not read."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import ACCOUNT, LabClock, Task, TestClock

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
INCLUDED = ("grants", "last_used", "rotations", "used_by")
EVERYTHING = {f"include_{name}": True for name in INCLUDED}
NOTHING = {f"include_{name}": False for name in INCLUDED}


@pytest.fixture
def clock(lab: Any) -> TestClock:
    """The clock of the lab, which counts the requests to CloudTrail per second."""
    return LabClock(lab)


def reports_of(task: Task, **options: Any) -> list[dict[str, Any]]:
    result = task("kms_key_for_s3_info", **{**NOTHING, **options})
    assert not result.get("failed"), result
    assert not result["changed"]
    keys: list[dict[str, Any]] = result["kms_keys"]
    return keys


def allow(principal: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "kms:*", "Resource": "*", **more}


def put_policy(kms: Any, key: str, *found: dict[str, Any]) -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": [allow(ROOT), *found]})
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=text)


def control_ids(key: dict[str, Any]) -> list[str | None]:
    return [finding["control"] for finding in key["findings"]]


def test_a_complete_report(task: Task, kms: Any, s3: Any, bucket: str, key_arn: str) -> None:
    """Of one key, and of all: the same."""
    rule = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/app"}
    s3.put_bucket_encryption(
        Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": rule}]}
    )
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    kms.create_grant(KeyId=key_arn, GranteePrincipal=ROOT, Operations=["Decrypt"])
    kms.rotate_key_on_demand(KeyId=key_arn)
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    plain = dict.fromkeys(INCLUDED)
    (key,) = reports_of(task, alias="app")
    assert key | plain == key
    (key,) = reports_of(task, alias="app", **EVERYTHING)
    assert (key["grants"], key["used_by"], key["last_used_operation"]) == (1, [bucket], "GenerateDataKey")
    assert key["last_used"] > key["last_used_tracked_since"]
    assert [rotation["type"] for rotation in key["rotations"]] == ["ON_DEMAND"]
    both = {found["key_id"]: found for found in reports_of(task, **EVERYTHING)}
    assert set(both) == {key["key_id"], other}
    assert both[key["key_id"]] == key
    unused = both[other]
    assert (unused["grants"], unused["used_by"], unused["rotations"], unused["last_used"]) == (0, [], [], None)


@pytest.mark.parametrize("keys", [1, 30])
def test_the_calls_of_a_report(task: Task, kms: Any, s3: Any, calls: Callable[[], list[str]], keys: int) -> None:
    """The rows of the table; a key that AWS manages costs one call and is not reported."""
    for number in range(keys):
        made = kms.create_key()["KeyMetadata"]["KeyId"]
        for letter in "abcd":
            kms.create_alias(AliasName=f"alias/{number}-{letter}", TargetKeyId=made)
    for name in ("one", "two"):
        s3.create_bucket(Bucket=f"example-{name}")
    s3.put_object(Bucket="example-one", Key="a", Body=b"x", ServerSideEncryption="aws:kms")
    calls()
    assert len(reports_of(task)) == keys
    pages = 1 + keys * 4 // 100
    plain = Counter(
        ListKeys=1,
        ListAliases=pages,
        DescribeKey=keys + 1,
        GetKeyPolicy=keys,
        ListResourceTags=keys,
        GetKeyRotationStatus=keys,
    )
    assert Counter(calls()) == plain
    assert len(reports_of(task, **EVERYTHING)) == keys
    more = Counter(ListGrants=keys, GetKeyLastUsage=keys, ListKeyRotations=keys, ListBuckets=1, GetBucketEncryption=2)
    assert Counter(calls()) == plain + more


def test_the_default_extras(task: Task, bucket: str, key_arn: str) -> None:
    """The buckets that use the key are included by default."""
    task("bucket_default_encryption", bucket=bucket, encryption="SSE-KMS", kms_key="alias/app")
    (key,) = task("kms_key_for_s3_info", alias="app")["kms_keys"]
    assert (key["arn"], key["grants"], key["used_by"]) == (key_arn, 0, [bucket])
    assert key["last_used_tracked_since"] is not None
    assert (key["rotations"], key["usage"]) == (None, None)


def test_one_key_costs_five_calls(task: Task, key_arn: str, calls: Callable[[], list[str]]) -> None:
    """The number of other keys does not matter."""
    assert reports_of(task, alias="app")[0]["arn"] == key_arn
    assert calls() == ["DescribeKey", "ListAliases", "GetKeyPolicy", "ListResourceTags", "GetKeyRotationStatus"]


def test_grants_are_counted_page_by_page(task: Task, kms: Any, key_arn: str, calls: Callable[[], list[str]]) -> None:
    """A hundred at a time."""
    for number in range(101):
        kms.create_grant(KeyId=key_arn, GranteePrincipal=ROOT, Operations=["Decrypt"], Name=f"grant-{number}")
    calls()
    assert reports_of(task, alias="app", include_grants=True)[0]["grants"] == 101
    assert calls().count("ListGrants") == 2


def test_findings(task: Task, kms: Any, s3: Any, bucket: str) -> None:
    """In the order of the policy, each with the id of its control."""
    task("kms_key_for_s3", alias="good", users=[ROOT])
    (good,) = reports_of(task, alias="good")
    assert good["findings"] == []
    task("kms_key_for_s3", alias="bad", rotation_enabled=False)
    (bad,) = reports_of(task, alias="bad")
    assert bad["findings"] == [
        {
            "message": "The key is not rotated.",
            "control": "Security Hub KMS.4",
            "rule": "kms-key-rotation",
            "options": {"rotation_enabled": True},
        }
    ]
    mine = {"Condition": {"StringEquals": {"kms:CallerAccount": ACCOUNT}}}
    put_policy(kms, bad["key_id"], allow("*", Sid="Everybody"), allow("*", **mine))
    assert [finding["message"] for finding in reports_of(task, alias="bad")[0]["findings"]] == [
        "The key is not rotated.",
        "The statement Everybody of the key policy grants access to everyone: no condition restricts the caller.",
    ]
    kms.schedule_key_deletion(KeyId=bad["key_id"], PendingWindowInDays=7)
    assert control_ids(reports_of(task, alias="bad")[0]) == ["Security Hub KMS.3", "Security Hub KMS.5"]
    rule = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": bad["arn"]}
    s3.put_bucket_encryption(
        Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": rule}]}
    )
    found = reports_of(task, alias="bad", include_used_by=True)[0]["findings"]
    assert found[-1]["control"] is None
    assert bucket in found[-1]["message"]
    head = s3.put_object(Bucket=bucket, Key="a", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId="alias/aws/s3")
    (managed,) = reports_of(task, key_id=head["SSEKMSKeyId"])
    assert (managed["manager"], managed["findings"]) == ("AWS", [])


def test_a_caller_without_all_permissions(
    task: Task, kms: Any, s3: Any, lab: Any, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With policies enforced: keys that the caller may not describe are reported, and so are unreadable parts."""
    iam = lab.client("iam", region="us-east-1", account=ACCOUNT)
    user = iam.create_user(UserName="auditor")["User"]["Arn"]
    statement = {"Effect": "Allow", "Action": ["kms:ListKeys", "kms:ListAliases"], "Resource": "*"}
    iam.put_user_policy(
        UserName="auditor",
        PolicyName="list",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    s3.put_object(Bucket=bucket, Key="a", Body=b"x", ServerSideEncryption="aws:kms")
    seen, partly, unseen = (kms.create_key()["KeyMetadata"]["KeyId"] for _key in range(3))
    kms.create_alias(AliasName="alias/unseen", TargetKeyId=unseen)
    put_policy(kms, seen, allow(user, Action=["kms:Describe*", "kms:Get*", "kms:List*"]))
    put_policy(kms, partly, allow(user, Action=["kms:DescribeKey", "kms:ListResourceTags", "kms:GetKeyRotationStatus"]))
    access = iam.create_access_key(UserName="auditor")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", access["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", access["SecretAccessKey"])
    lab.enforcing = True
    result = task("kms_key_for_s3_info")
    keys = {key["key_id"]: key for key in result["kms_keys"]}
    assert set(keys) == {seen, partly, unseen}
    assert (keys[seen]["errors"], keys[seen]["policy"] is None) == ([], False)
    assert (keys[partly]["state"], keys[partly]["policy"]) == ("Enabled", None)
    error = ["kms:GetKeyPolicy", "kms:ListGrants", "kms:GetKeyLastUsage"]
    assert [error["action"] for error in keys[partly]["errors"]] == error
    assert (keys[unseen]["state"], keys[unseen]["alias"], keys[unseen]["findings"]) == (None, "alias/unseen", [])
    assert [error["action"] for error in keys[unseen]["errors"]] == ["kms:DescribeKey"]
    assert keys[seen]["used_by"] is None
    used_by, parts = result["warnings"]
    assert used_by.startswith("used_by is not available: s3:ListAllMyBuckets")
    assert parts.startswith("Not all of 2 of 3 KMS keys could be read. kms:")
    unknown = task("kms_key_for_s3_info", key_id=unseen)
    assert (unknown["failed"], unknown["error"]["action"]) == (True, "kms:DescribeKey")
    (key,) = task("kms_key_for_s3_info", key_id=partly)["kms_keys"]
    assert key["policy"] is None


def use(lab: Any, s3: Any, kms: Any, key_arn: str, bucket: str) -> str:
    """A session of a role and the account use the key, through S3 and directly. Returns the ARN of the role."""
    iam, sts = (lab.client(name, region="us-east-1", account=ACCOUNT) for name in ("iam", "sts"))
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}],
    }
    made = iam.create_role(RoleName="app", Path="/team/", AssumeRolePolicyDocument=json.dumps(trust))
    role: str = made["Role"]["Arn"]
    for session in ("one", "two"):
        credentials = sts.assume_role(RoleArn=role, RoleSessionName=session)["Credentials"]
        client = lab.client("s3", region="us-east-1", credentials=credentials)
        client.put_object(Bucket=bucket, Key=session, Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId=key_arn)
    kms.encrypt(KeyId=key_arn, Plaintext=b"x")
    kms.disable_key(KeyId=key_arn)
    with pytest.raises(kms.exceptions.DisabledException):
        kms.encrypt(KeyId=key_arn, Plaintext=b"x")
    return role


def test_the_report_has_the_users_of_a_key(task: Task, kms: Any, s3: Any, lab: Any, bucket: str, key_arn: str) -> None:
    """Per role, not per session. Use through S3 has the bucket; refused requests are counted separately."""
    role = use(lab, s3, kms, key_arn, bucket)
    options = {"alias": "app", "include_usage": True, "cloudtrail_endpoint_url": lab.url}
    (key,) = reports_of(task, **options)
    usage = key["usage"]
    assert (usage["complete"], usage["unavailable"]) == (True, None)
    found = {
        (user["principal"], user["operation"], user["error"]): (user["count"], user["via"], user["buckets"])
        for user in usage["users"]
        if user["cryptographic"]
    }
    assert found == {
        (role, "GenerateDataKey", None): (2, "AWS Internal", [bucket]),
        (ROOT, "Encrypt", None): (1, None, []),
        (ROOT, "Encrypt", "DisabledException"): (1, None, []),
    }
    assert {"CreateKey", "CreateAlias", "DisableKey"} < {user["operation"] for user in usage["users"]}
    assert all(usage["since"] <= user["first"] <= user["last"] <= usage["until"] for user in usage["users"])
    (key,) = reports_of(task, usage_max_events=2, **options)
    assert (key["usage"]["events"], key["usage"]["complete"]) == (2, False)


def test_the_use_of_a_key_is_read_page_by_page(
    task: Task, kms: Any, lab: Any, key_arn: str, calls: Callable[[], list[str]]
) -> None:
    """Fifty events on each page, within CloudTrail's request rate."""
    for _number in range(110):
        kms.describe_key(KeyId=key_arn)
    calls()
    (key,) = reports_of(task, alias="app", include_usage=True, cloudtrail_endpoint_url=lab.url)
    assert key["usage"]["events"] >= 112
    assert calls().count("LookupEvents") == 3


def test_requests_to_cloudtrail_need_a_known_endpoint(task: Task, lab: Any, key_arn: str) -> None:
    """The KMS of the lab is not at AWS, so no request is sent to CloudTrail without cloudtrail_endpoint_url."""
    result = task("kms_key_for_s3_info", include_usage=True)
    (key,) = result["kms_keys"]
    assert key["arn"] == key_arn
    assert (key["usage"]["users"], key["usage"]["complete"]) == ([], False)
    assert "not at AWS" in key["usage"]["unavailable"]
    assert "cloudtrail_endpoint_url" in result["warnings"][0]
    assert lab.calls.select(service="cloudtrail") == []


def test_a_caller_without_access_to_cloudtrail(task: Task, kms: Any, lab: Any, key_arn: str) -> None:
    """One warning and one request for any number of keys; all other parts are reported."""
    kms.create_key()
    lab.faults.add("deny", operation="cloudtrail:LookupEvents", times=None)
    result = task("kms_key_for_s3_info", include_usage=True, cloudtrail_endpoint_url=lab.url)
    assert len(result["kms_keys"]) == 2
    for key in result["kms_keys"]:
        assert key["errors"] == []
        assert key["usage"]["unavailable"].startswith(f"cloudtrail:LookupEvents on {key_arn[:20]}")
    assert len(result["warnings"]) == 1
    assert len(lab.calls.select(operation="LookupEvents")) == 1


@pytest.mark.parametrize("options", [{"usage_days": 0}, {"usage_days": 91}, {"usage_max_events": 0}])
def test_invalid_limits_of_usage(task: Task, lab: Any, options: dict[str, int]) -> None:
    """Refused before any call."""
    lab.calls.clear()
    result = task("kms_key_for_s3_info", include_usage=True, **options)
    assert (result["failed"], result["error"]["kind"]) == (True, "invalid")
    assert lab.calls.operations() == []

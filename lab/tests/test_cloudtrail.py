# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""CloudTrail's event history of KMS: what is recorded, and how it is searched."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from client_calls import put_default_encryption, raises_client_error

from sealed_lab import RunningLab

OTHER = "222222222222"


@pytest.fixture
def find_events(lab: RunningLab, cloudtrail: Any) -> Any:
    """Finds the events of a key, at most two requests a second by the clock of the lab."""

    def events(arn: str, client: Any = None, **options: Any) -> list[dict[str, Any]]:
        lab.clock.advance(1.1)
        by_key = [{"AttributeKey": "ResourceName", "AttributeValue": arn}]
        found: list[dict[str, Any]] = (client or cloudtrail).lookup_events(LookupAttributes=by_key, **options)["Events"]
        return found

    return events


def test_kms_call_is_recorded(find_events: Any, kms: Any, key: dict[str, Any]) -> None:
    """The event contains caller, time, operation and key, but no secrets."""
    kms.encrypt(KeyId=key["KeyId"], Plaintext=b"secret", EncryptionContext={"a": "b"})
    (encrypted, created) = find_events(key["Arn"])
    assert (encrypted["EventName"], encrypted["EventSource"], encrypted["ReadOnly"]) == (
        "Encrypt",
        "kms.amazonaws.com",
        "true",
    )
    assert (created["EventName"], created["ReadOnly"]) == ("CreateKey", "false")
    assert encrypted["Resources"] == [{"ResourceType": "AWS::KMS::Key", "ResourceName": key["Arn"]}]
    document = json.loads(encrypted["CloudTrailEvent"])
    assert document["eventID"] == encrypted["EventId"]
    assert document["userIdentity"]["type"] == "Root"
    assert document["userIdentity"]["arn"] == "arn:aws:iam::000000000000:root"
    assert document["requestParameters"] == {"keyId": key["KeyId"], "encryptionContext": {"a": "b"}}
    assert (document["responseElements"], document["managementEvent"]) == (None, True)
    assert document["resources"][0]["ARN"] == key["Arn"]
    assert "errorCode" not in document


def test_refused_call_is_recorded_with_its_error(find_events: Any, kms: Any, key: dict[str, Any]) -> None:
    kms.disable_key(KeyId=key["KeyId"])
    with raises_client_error("DisabledException", 400):
        kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    assert json.loads(find_events(key["Arn"])[0]["CloudTrailEvent"])["errorCode"] == "DisabledException"


def test_cryptography_is_recorded_without_its_messages(find_events: Any, kms: Any) -> None:
    key = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    names = {"KeyId": key["KeyId"], "SigningAlgorithm": "ECDSA_SHA_256"}
    signature = kms.sign(Message=b"secret", **names)["Signature"]
    with raises_client_error("KMSInvalidSignatureException", 400):
        kms.verify(Message=b"other", Signature=signature, **names)
    verified, signed = (json.loads(event["CloudTrailEvent"]) for event in find_events(key["Arn"])[:2])
    assert (signed["eventName"], signed["readOnly"]) == ("Sign", True)
    assert signed["requestParameters"] == {"keyId": key["KeyId"], "signingAlgorithm": "ECDSA_SHA_256"}
    assert (verified["errorCode"], "errorMessage" in verified) == ("KMSInvalidSignatureException", False)


def test_kms_calls_by_s3_are_recorded(find_events: Any, s3: Any, key: dict[str, Any], bucket: str) -> None:
    """The identity is the user, invoked by AWS. The encryption context is the ARN of the object."""
    put_default_encryption(s3, bucket, "aws:kms", key["Arn"])
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    s3.get_object(Bucket=bucket, Key="a")
    (decrypted, generated, _created) = find_events(key["Arn"])
    assert (decrypted["EventName"], generated["EventName"]) == ("Decrypt", "GenerateDataKey")
    document = json.loads(generated["CloudTrailEvent"])
    assert document["userIdentity"]["invokedBy"] == "AWS Internal"
    assert document["requestParameters"]["encryptionContext"] == {"aws:s3:arn": f"arn:aws:s3:::{bucket}/a"}


def test_identity_of_users_and_role_sessions(
    lab: RunningLab, find_events: Any, iam: Any, sts: Any, key: dict[str, Any]
) -> None:
    """The event of a session contains its role."""
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "000000000000"}, "Action": "sts:AssumeRole"}],
    }
    role = iam.create_role(RoleName="app", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    session = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="nightly")["Credentials"]
    lab.client("kms", credentials=session).describe_key(KeyId=key["KeyId"])
    iam.create_user(UserName="alice")
    alice = iam.create_access_key(UserName="alice")["AccessKey"]
    lab.client("kms", credentials=alice).describe_key(KeyId=key["KeyId"])
    by_alice, by_app, _created = (
        json.loads(event["CloudTrailEvent"])["userIdentity"] for event in find_events(key["Arn"])
    )
    assert (by_alice["type"], by_alice["userName"]) == ("IAMUser", "alice")
    assert by_app["type"] == "AssumedRole"
    assert by_app["arn"].endswith(":assumed-role/app/nightly")
    assert by_app["sessionContext"]["sessionIssuer"]["arn"] == role["Arn"]


def test_call_between_accounts_is_recorded_in_both(
    lab: RunningLab, find_events: Any, kms: Any, key: dict[str, Any]
) -> None:
    """A refused call is recorded only in the caller's account."""
    other_kms = lab.client("kms", account=OTHER)
    with raises_client_error("AccessDeniedException", 400):
        other_kms.describe_key(KeyId=key["Arn"])
    other_trail = lab.client("cloudtrail", account=OTHER)
    assert len(find_events(key["Arn"])) == 1
    assert len(find_events(key["Arn"], other_trail)) == 1
    statement = {"Effect": "Allow", "Principal": {"AWS": ["000000000000", OTHER]}, "Action": "kms:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    kms.put_key_policy(KeyId=key["KeyId"], PolicyName="default", Policy=policy)
    other_kms.describe_key(KeyId=key["Arn"])
    assert [event["EventName"] for event in find_events(key["Arn"])] == ["DescribeKey", "PutKeyPolicy", "CreateKey"]
    assert [event["EventName"] for event in find_events(key["Arn"], other_trail)] == ["DescribeKey", "DescribeKey"]


def test_history_is_regional(lab: RunningLab, find_events: Any, key: dict[str, Any]) -> None:
    assert find_events(key["Arn"], lab.client("cloudtrail", region="eu-west-1")) == []


def test_pagination(lab: RunningLab, find_events: Any, cloudtrail: Any, kms: Any, key: dict[str, Any]) -> None:
    """The newest event is first. A token is valid only for the same query."""
    for _number in range(4):
        kms.describe_key(KeyId=key["KeyId"])
    lab.clock.advance(2)
    by_key = [{"AttributeKey": "ResourceName", "AttributeValue": key["Arn"]}]
    first = cloudtrail.lookup_events(LookupAttributes=by_key, MaxResults=3)
    kms.describe_key(KeyId=key["KeyId"])
    second = cloudtrail.lookup_events(LookupAttributes=by_key, MaxResults=3, NextToken=first["NextToken"])
    assert [event["EventName"] for event in first["Events"]] == ["DescribeKey"] * 3
    assert [event["EventName"] for event in second["Events"]] == ["DescribeKey", "CreateKey"]
    assert "NextToken" not in second
    lab.clock.advance(2)
    with raises_client_error("InvalidNextTokenException", 400):
        cloudtrail.lookup_events(LookupAttributes=by_key, MaxResults=2, NextToken=first["NextToken"])
    with raises_client_error("InvalidNextTokenException", 400):
        cloudtrail.lookup_events(NextToken="made-up")


def test_time_range(lab: RunningLab, find_events: Any, cloudtrail: Any, kms: Any, key: dict[str, Any]) -> None:
    """Start and end are respected. Events older than 90 days are not returned."""
    lab.clock.advance(days=10)
    kms.describe_key(KeyId=key["KeyId"])
    now = datetime.fromtimestamp(lab.clock.now(), timezone.utc)
    assert [event["EventName"] for event in find_events(key["Arn"], StartTime=now - timedelta(days=5))] == [
        "DescribeKey"
    ]
    assert [event["EventName"] for event in find_events(key["Arn"], EndTime=now - timedelta(days=5))] == ["CreateKey"]
    lab.clock.advance(days=85)
    assert [event["EventName"] for event in find_events(key["Arn"])] == ["DescribeKey"]
    with raises_client_error("InvalidTimeRangeException", 400):
        cloudtrail.lookup_events(StartTime=now, EndTime=now - timedelta(days=1))


@pytest.mark.parametrize(
    ("attribute", "value", "expected"),
    [
        ("EventName", "CreateKey", 1),
        ("EventName", "DeleteKey", 0),
        ("EventSource", "kms.amazonaws.com", 2),
        ("ReadOnly", "true", 1),
        ("ResourceType", "AWS::KMS::Key", 2),
        ("Username", "root", 2),
        ("AccessKeyId", "unknown", 0),
    ],
)
def test_lookup_by_other_attributes(
    cloudtrail: Any, kms: Any, key: dict[str, Any], attribute: str, value: str, expected: int
) -> None:
    kms.describe_key(KeyId=key["KeyId"])
    attributes = [{"AttributeKey": attribute, "AttributeValue": value}]
    assert len(cloudtrail.lookup_events(LookupAttributes=attributes)["Events"]) == expected


def test_only_one_attribute_is_accepted(lab: RunningLab, cloudtrail: Any) -> None:
    attribute = {"AttributeKey": "EventName", "AttributeValue": "Encrypt"}
    with raises_client_error("InvalidLookupAttributesException", 400):
        cloudtrail.lookup_events(LookupAttributes=[attribute, attribute])
    unchecked = lab.client("cloudtrail", parameter_validation=False)
    with raises_client_error("ValidationException", 400):
        unchecked.lookup_events(LookupAttributes=[{"AttributeKey": "Region", "AttributeValue": "x"}])
    with raises_client_error("ValidationException", 400):
        unchecked.lookup_events(MaxResults=51)


def test_rate_limit(lab: RunningLab, cloudtrail: Any) -> None:
    """Two requests a second are allowed for each account and region."""
    cloudtrail.lookup_events()
    cloudtrail.lookup_events()
    with raises_client_error("ThrottlingException", 400):
        cloudtrail.lookup_events()
    lab.client("cloudtrail", region="eu-west-1").lookup_events()
    lab.client("cloudtrail", account=OTHER).lookup_events()
    lab.clock.advance(1.1)
    cloudtrail.lookup_events()


def test_lookup_requires_permission(lab: RunningLab, iam: Any, cloudtrail: Any) -> None:
    """The action is cloudtrail:LookupEvents on all resources."""
    iam.create_user(UserName="bob")
    bob = iam.create_access_key(UserName="bob")["AccessKey"]
    lab.enforcing = True
    with raises_client_error("AccessDeniedException", 400) as messages:
        lab.client("cloudtrail", credentials=bob).lookup_events()
    assert "not authorized to perform: cloudtrail:LookupEvents" in messages[0]
    cloudtrail.lookup_events()

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What bucket_encryption_policy_info reads, finds and costs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import REGION, Task

Calls = Callable[[], list[str]]

INFO = "bucket_encryption_policy_info"
POLICY = "bucket_encryption_policy"
S3_5 = "Security Hub S3.5"
HTTP = {
    "message": "The bucket policy does not deny requests without TLS.",
    "control": S3_5,
    "rule": "bucket-policy-tls",
    "options": {"require_tls": True},
}
NOTHING: dict[str, Any] = {
    "require_tls": False,
    "minimum_tls_version": None,
    "allow_encryption": None,
    "allow_kms_keys": None,
    "deny_customer_keys": False,
    "require_encryption_header": False,
    "exempt_principals": [],
    "exempt_services": [],
}


def ssl_only(bucket: str) -> dict[str, Any]:
    """The policy of AWS's own pages."""
    statement = {
        "Sid": "AllowSSLRequestsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


@pytest.fixture
def fleet(s3: Any, lab: Any) -> list[str]:
    """Four new buckets: one with the policy of AWS's own pages, and three without a policy."""
    names = ["data-1", "data-2", "logs-1", "legacy"]
    for name in names:
        s3.create_bucket(Bucket=name)
    s3.put_bucket_policy(Bucket="data-1", Policy=json.dumps(ssl_only("data-1")))
    lab.calls.clear()
    return names


def messages(row: dict[str, Any]) -> list[str]:
    return [each["message"] for each in row["findings"]]


def test_the_rules_of_a_policy(task: Task, at_aws: None, fleet: list[str], calls: Calls) -> None:
    """One call for each bucket, in any form of the policy. Nothing is compared, so nothing is found."""
    result = task(INFO, buckets=["data-1", "data-2"])
    assert calls() == ["GetBucketPolicy"] * 2
    assert result["buckets"] == [
        {
            "name": "data-1",
            "region": REGION,
            **NOTHING,
            "require_tls": True,
            "policy": ssl_only("data-1"),
            "error": None,
        },
        {"name": "data-2", "region": REGION, **NOTHING, "policy": None, "error": None},
    ]
    assert result["failed_buckets"] == []
    assert (result["changed"], result["summary"]["matched"], result["summary"]["api_calls"]) == (False, 2, 2)
    assert not {"compliant", "diff", "not_there_yet"} & {*result, *result["summary"]}


def test_what_the_module_wrote_complies_and_is_returned_in_its_words(
    task: Task, at_aws: None, fleet: list[str], key_arn: str, calls: Calls, s3: Any
) -> None:
    options = {
        "minimum_tls_version": "1.2",
        "allow_encryption": ["SSE-KMS"],
        "allow_kms_keys": ["alias/app"],
        "deny_customer_keys": True,
        "require_encryption_header": True,
        "exempt_principals": ["arn:aws:iam::111122223333:role/backup"],
        "exempt_services": ["logging.s3.amazonaws.com"],
    }
    assert not task(INFO, buckets=["data-1"], expected=options)["compliant"]
    written = task(POLICY, buckets=["data-1"], **options)
    assert not written.get("failed"), written
    task("bucket_default_encryption", buckets=["data-1"], encryption="SSE-KMS", kms_key="alias/app")
    calls()
    found = task(INFO, buckets=["data-1"], expected=options)
    assert calls() == ["GetBucketPolicy", "DescribeKey", "GetBucketEncryption"]
    (row,) = found["buckets"]
    assert (found["compliant"], row["findings"], row["compliant"]) == (True, [], True)
    rules = {**options, "require_tls": True, "allow_kms_keys": [key_arn]}
    assert {name: row[name] for name in rules} == rules
    stored = json.loads(s3.get_bucket_policy(Bucket="data-1")["Policy"])
    assert [each["Sid"] for each in row["policy"]["Statement"]] == [each["Sid"] for each in stored["Statement"]]
    assert {**row["policy"], "Statement": None} == {**stored, "Statement": None}


def test_findings_with_their_controls(task: Task, fleet: list[str]) -> None:
    """A statement of others satisfies a rule. The default encryption of the bucket has to be in the list, too."""
    expected = {"require_tls": True, "allow_encryption": ["SSE-KMS", "DSSE-KMS"]}
    result = task(INFO, buckets=["data-1", "data-2"], expected=expected)
    assert not result.get("failed"), result
    default = {
        "message": "New objects get SSE-S3 by default, and allow_encryption has only SSE-KMS, DSSE-KMS.",
        "control": "Security Hub S3.17",
        "rule": "bucket-policy-denies-default",
        "options": {},
    }
    kinds = {
        "message": "The bucket policy does not deny uploads that name another encryption than SSE-KMS, DSSE-KMS.",
        "control": None,
        "rule": "bucket-policy-allowed-encryption",
        "options": {"allow_encryption": ["SSE-KMS", "DSSE-KMS"]},
    }
    assert [row["findings"] for row in result["buckets"]] == [[kinds, default], [HTTP, kinds, default]]
    assert [row["compliant"] for row in result["buckets"]] == [False, False]
    summary = result["summary"]
    assert (result["compliant"], summary["compliant"], summary["non_compliant"]) == (False, 0, 2)


@pytest.mark.parametrize(
    ("expected", "operations"),
    [
        ({"require_tls": True, "deny_customer_keys": True}, ["GetBucketPolicy"]),
        ({"remove_rules": ["allow_encryption", "allow_kms_keys"]}, ["GetBucketPolicy"]),
        ({"allow_encryption": ["SSE-S3"]}, ["GetBucketEncryption", "GetBucketPolicy"]),
        ({"allow_kms_keys": ["{key}"]}, ["GetBucketEncryption", "GetBucketPolicy"]),
    ],
)
def test_only_rules_about_kinds_and_keys_cost_a_second_call(
    task: Task, at_aws: None, fleet: list[str], key_arn: str, calls: Calls, expected: dict[str, Any], operations: Any
) -> None:
    options = json.loads(json.dumps(expected).replace("{key}", key_arn))
    calls()
    result = task(INFO, buckets=fleet, expected=options)
    assert not result.get("failed"), result
    made = calls()
    # No policy is as expected, so the key ARN may be that of S3's AWS managed key.
    of_key = ["DescribeKey"] if key_arn in str(options) else []
    assert sorted(made) == sorted([*operations * 4, *of_key])
    assert result["summary"]["api_calls"] == len(made)


def test_an_alias_is_resolved_once_and_a_default_that_names_it_too(
    task: Task, fleet: list[str], key_arn: str, calls: Calls, s3: Any
) -> None:
    """The policy and the default encryption are compared by the ARN of the key."""
    task(POLICY, buckets=fleet, allow_kms_keys=["alias/app"])
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/app"}}
    for name in fleet[:3]:
        s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})
    del rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"]
    s3.put_bucket_encryption(Bucket="legacy", ServerSideEncryptionConfiguration={"Rules": [rule]})
    calls()
    result = task(INFO, buckets=fleet, expected={"allow_kms_keys": ["alias/app"]})
    assert calls().count("DescribeKey") == 1
    assert [row["compliant"] for row in result["buckets"]] == [True, True, True, False]
    assert result["buckets"][3]["findings"] == [
        {
            "message": f"The default key is the AWS managed key, and allow_kms_keys has only {key_arn}.",
            "control": "Config s3-default-encryption-kms (kmsKeyArns)",
            "rule": "bucket-policy-denies-default",
            "options": {"kms_key": "alias/app"},
        }
    ]


def test_a_key_by_another_name_is_a_finding_with_its_arn(task: Task, fleet: list[str], key_arn: str, s3: Any) -> None:
    """S3 compares the name as it is sent, so only uploads with that name would pass."""
    task(POLICY, buckets=["legacy"], allow_kms_keys=[key_arn])
    policy = s3.get_bucket_policy(Bucket="legacy")["Policy"].replace(key_arn, "alias/app")
    s3.put_bucket_policy(Bucket="legacy", Policy=policy)
    (row,) = task(INFO, buckets=["legacy"], expected={"allow_kms_keys": ["alias/app"]})["buckets"]
    assert messages(row) == [
        f"allow_kms_keys of the bucket policy is alias/app; expected: {key_arn}, the form in which uploads have to "
        "name a key."
    ]


def test_a_fleet_with_exceptions_and_the_run_that_repairs_it(task: Task, fleet: list[str]) -> None:
    """The same list of exceptions serves both modules, and the names of the findings are those of the second run."""
    expected: dict[str, Any] = {
        "require_tls": True,
        "deny_customer_keys": True,
        "overrides": [
            {"names": ["logs-*"], "deny_customer_keys": None},
            {"names": ["legacy"], "state": "absent"},
        ],
    }
    before = task(INFO, select={"names": ["*"]}, expected=expected)
    found = {row["name"]: messages(row) for row in before["buckets"]}
    keys = "The bucket policy does not deny uploads with a customer key."
    assert found == {"data-1": [keys], "data-2": [HTTP["message"], keys], "legacy": [], "logs-1": [HTTP["message"]]}
    assert (before["summary"]["compliant"], before["summary"]["non_compliant"]) == (1, 3)

    deviating = [row["name"] for row in before["buckets"] if row["findings"]]
    repaired = task(POLICY, buckets=deviating, **{**expected, "overrides": expected["overrides"][:1]})
    assert [row["name"] for row in repaired["buckets"] if row["changed"]] == deviating
    after = task(INFO, select={"names": ["*"]}, expected=expected, fail_on_findings=True)
    assert not after.get("failed"), after
    assert (after["compliant"], "warnings" in after) == (True, False)
    assert not task(POLICY, select={"names": ["*"]}, **expected)["changed"]

    absent = task(INFO, buckets=["data-2"], expected={"require_tls": False, "deny_customer_keys": False})
    assert messages(absent["buckets"][0]) == [
        "The bucket policy denies requests without TLS.",
        "The bucket policy denies uploads with a customer key.",
    ]


def test_a_minimum_accepts_what_is_stricter(task: Task, fleet: list[str]) -> None:
    task(POLICY, buckets=["data-2"], minimum_tls_version="1.3", allow_encryption=["SSE-S3"])
    floor = {"minimum_tls_version": "1.2", "allow_encryption": ["SSE-S3", "SSE-KMS"]}
    assert task(INFO, buckets=["data-2"], expected={**floor, "minimum": True})["compliant"]
    (row,) = task(INFO, buckets=["data-2"], expected=floor)["buckets"]
    assert messages(row) == [
        "The bucket policy denies versions of TLS below 1.3, not versions of TLS below 1.2.",
        "allow_encryption of the bucket policy is SSE-S3; expected: SSE-S3, SSE-KMS.",
    ]


def test_fail_on_findings_names_each_finding_once(task: Task, fleet: list[str]) -> None:
    result = task(INFO, select={"names": ["*"]}, expected={"require_tls": True}, fail_on_findings=True)
    assert (result["failed"], result["changed"], result["error"]["kind"]) == (True, False, "non_compliant")
    assert result["msg"] == (
        "3 of 4 buckets do not comply: The bucket policy does not deny requests without TLS (data-2, legacy, logs-1). "
        "The findings of each are in buckets."
    )
    assert result["failed_buckets"] == []
    assert result["summary"]["non_compliant"] == 3
    assert not task(INFO, buckets=["data-1"], expected={"require_tls": True}, fail_on_findings=True).get("failed")


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("s3:GetBucketPolicy", {"require_tls": True}),
        ("s3:GetEncryptionConfiguration", {"allow_encryption": ["SSE-S3"]}),
    ],
)
def test_what_may_not_be_read_does_not_comply(
    task: Task, fleet: list[str], lab: Any, action: str, expected: dict[str, Any]
) -> None:
    """That bucket fails and names the permission. The names of the others can be passed on, as those of the failed."""
    lab.faults.add("deny", operation=action, resource="*data-2", times=None)
    result = task(INFO, buckets=[*fleet, "missing-bucket"], expected=expected, fail_on_findings=True)
    assert result["failed"]
    assert result["failed_buckets"] == ["data-2", "missing-bucket"]
    assert "error" not in result
    assert "2 of 5 buckets failed." in result["msg"]
    assert "do not comply" in result["msg"]
    rows = {row["name"]: row for row in result["buckets"]}
    denied = rows["data-2"]
    assert (denied["compliant"], denied["findings"]) == (False, [])
    assert (denied["error"]["kind"], denied["error"]["action"]) == ("forbidden", action)
    assert (rows["missing-bucket"]["error"]["kind"], rows["missing-bucket"]["require_tls"]) == ("absent", None)
    summary = result["summary"]
    assert summary["failed"] + summary["compliant"] + summary["non_compliant"] == summary["matched"] == 5

    lab.faults.clear()
    again = task(INFO, buckets=result["failed_buckets"][:1], expected=expected)
    assert not again.get("failed"), again


@pytest.mark.parametrize(
    ("named", "denied", "findings", "action"),
    [
        pytest.param("alias/app", False, 0, "", id="an alias of the key"),
        pytest.param("alias/app", True, 0, "kms:DescribeKey", id="it is not known which key the alias has"),
        pytest.param("alias/missing", False, 1, "", id="an alias without a key is not the expected key"),
    ],
)
def test_a_default_that_names_its_key_by_alias(
    task: Task, fleet: list[str], key_arn: str, s3: Any, lab: Any, named: str, denied: bool, findings: int, action: str
) -> None:
    """The policy has the ARN, and what is not known to be that key does not comply."""
    task(POLICY, buckets=["data-2"], allow_kms_keys=[key_arn])
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": named}}
    s3.put_bucket_encryption(Bucket="data-2", ServerSideEncryptionConfiguration={"Rules": [rule]})
    if denied:
        lab.faults.add("deny", operation="kms:DescribeKey", times=None)
    (row,) = task(INFO, buckets=["data-2"], expected={"allow_kms_keys": [key_arn]})["buckets"]
    assert len(row["findings"]) == findings
    assert (row["error"] or {"action": ""})["action"] == action
    assert row["compliant"] is (findings == 0 and not denied)


def test_a_policy_with_one_sid_twice_is_a_failure(task: Task, fleet: list[str], s3: Any) -> None:
    """It is not known which of the two is meant, also where nothing is expected of it."""
    policy = ssl_only("data-2")
    policy["Statement"] = [{**policy["Statement"][0], "Sid": "SealedS3RequireTls"}] * 2
    s3.put_bucket_policy(Bucket="data-2", Policy=json.dumps(policy))
    result = task(INFO, buckets=["data-1", "data-2"], expected={"require_tls": True})
    assert result["failed_buckets"] == ["data-2"]
    assert "SealedS3RequireTls" in result["buckets"][1]["error"]["message"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"expected": {}}, "expected names nothing"),
        ({"expected": {"minimum": True}}, "expected names nothing"),
        ({"fail_on_findings": True}, "fail_on_findings has no effect without expected"),
        ({"expected": {"allow_encryption": ["CSE-KMS"]}}, "CSE-KMS"),
        ({"expected": {"allow_encryption": []}}, "allow_encryption"),
        ({"expected": {"require_tls": False, "minimum_tls_version": "1.2"}}, "minimum_tls_version"),
        ({"expected": {"require_tls": True, "overrides": [{"names": ["a*"]}]}}, "overrides[0]"),
    ],
)
def test_bad_input_is_refused_before_any_call(
    task: Task, bucket: str, lab: Any, options: dict[str, Any], words: str
) -> None:
    lab.calls.clear()
    result = task(INFO, buckets=[bucket], **options)
    assert result["failed"], result
    assert words in result["msg"]
    assert len(lab.calls) == 0


def test_a_fleet_is_listed_without_policies(task: Task, s3: Any, lab: Any) -> None:
    """So that the result stays small. A task can ask for them, and one of few buckets can leave them out."""
    names = [f"fleet-{number:03}" for number in range(101)]
    for name in names:
        s3.create_bucket(Bucket=name)
    large = ssl_only(names[0])
    large["Statement"][0]["Condition"]["StringNotEquals"] = {"aws:PrincipalTag/team": ["x" * 100] * 100}
    s3.put_bucket_policy(Bucket=names[0], Policy=json.dumps(large))
    expected = {"require_tls": True}
    fleet = task(INFO, buckets=names, expected=expected)
    assert not any("policy" in row for row in fleet["buckets"])
    assert len(json.dumps(fleet)) / len(names) < 600
    few = task(INFO, buckets=names[:100], expected=expected)
    assert few["buckets"][0]["policy"] == large
    assert "x" * 100 not in json.dumps(task(INFO, buckets=names[:1], include_policy=False, expected=expected))
    assert task(INFO, buckets=names, include_policy=True)["buckets"][0]["policy"] == large

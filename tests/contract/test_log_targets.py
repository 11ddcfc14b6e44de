# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Buckets that logs of AWS services are delivered to, and that a task would move to a KMS key (`log_targets`)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import ACCOUNT, Result, Task

pytestmark = pytest.mark.usefixtures("at_aws")

MODULE = "bucket_default_encryption"
GROUP = "http://acs.amazonaws.com/groups/s3/LogDelivery"
CLOUDFRONT = "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0"
EXAMINED = ["GetBucketEncryption", "GetBucketPolicy", "GetBucketAcl"]
UNDER_S3 = "can only be delivered under SSE-S3"
Calls = Callable[[], list[str]]


def server_access_logs(bucket: str) -> list[dict[str, Any]]:
    """The statement that AWS documents for server access logs."""
    return [
        {
            "Sid": "S3ServerAccessLogsPolicy",
            "Effect": "Allow",
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": ["s3:PutObject"],
            "Resource": f"arn:aws:s3:::{bucket}/logs*",
            "Condition": {
                "ArnLike": {"aws:SourceArn": "arn:aws:s3:::source"},
                "StringEquals": {"aws:SourceAccount": ACCOUNT},
            },
        }
    ]


def load_balancer(bucket: str) -> list[dict[str, Any]]:
    """The statement that AWS documents for Application Load Balancers."""
    return [
        {
            "Effect": "Allow",
            "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{bucket}/AWSLogs/{ACCOUNT}/*",
        }
    ]


def load_balancer_account(bucket: str) -> list[dict[str, Any]]:
    """The statement for load balancers in older regions, between others."""
    return [
        {
            "Sid": "OnlyTls",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        {
            "Sid": "ElbLogs",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::127311923021:root"},
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{bucket}/alb/AWSLogs/{ACCOUNT}/*",
        },
    ]


def vended_logs(bucket: str) -> list[dict[str, Any]]:
    """The statements that AWS adds for flow logs and Network Load Balancers."""
    source = {
        "ArnLike": {"aws:SourceArn": f"arn:aws:logs:us-east-1:{ACCOUNT}:*"},
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
    }
    service = {"Effect": "Allow", "Principal": {"Service": "delivery.logs.amazonaws.com"}}
    condition = {**source, "StringEquals": {**source["StringEquals"], "s3:x-amz-acl": "bucket-owner-full-control"}}
    return [
        {
            **service,
            "Sid": "AWSLogDeliveryWrite",
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{bucket}/AWSLogs/{ACCOUNT}/*",
            "Condition": condition,
        },
        {
            **service,
            "Sid": "AWSLogDeliveryAclCheck",
            "Action": "s3:GetBucketAcl",
            "Resource": f"arn:aws:s3:::{bucket}",
            "Condition": source,
        },
    ]


def trail(bucket: str) -> list[dict[str, Any]]:
    """The statement of a service that takes KMS keys."""
    service = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}}
    return [{**service, "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/AWSLogs/*"}]


Statements = Callable[[str], list[dict[str, Any]]]
TARGETS = [
    pytest.param(
        server_access_logs,
        "S3 server access logs",
        "statement S3ServerAccessLogsPolicy of its policy allows logging.s3.amazonaws.com",
        id="server access logs",
    ),
    pytest.param(
        load_balancer,
        "Logs of Application and Classic Load Balancers",
        "statement number 1 of its policy allows logdelivery.elasticloadbalancing.amazonaws.com",
        id="load balancers",
    ),
    pytest.param(
        load_balancer_account,
        "Logs of Application and Classic Load Balancers",
        "statement ElbLogs of its policy allows 127311923021, the account of Elastic Load Balancing in us-east-1",
        id="the account of load balancers",
    ),
]


@pytest.fixture
def bucket_with(s3: Any) -> Callable[..., str]:
    """Makes a bucket under SSE-S3 whose policy has these statements."""

    def make(statements: Statements | None, name: str = "example-logs") -> str:
        s3.create_bucket(Bucket=name)
        if statements:
            document = {"Version": "2012-10-17", "Statement": statements(name)}
            s3.put_bucket_policy(Bucket=name, Policy=json.dumps(document))
        return name

    return make


def grant(s3: Any, bucket: str, grantee: dict[str, str], permission: str) -> None:
    """Add a grant to the ACL of a bucket."""
    s3.put_bucket_ownership_controls(
        Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
    )
    acl = s3.get_bucket_acl(Bucket=bucket)
    grants = [*acl["Grants"], {"Grantee": grantee, "Permission": permission}]
    s3.put_bucket_acl(Bucket=bucket, AccessControlPolicy={"Owner": acl["Owner"], "Grants": grants})


def algorithm(s3: Any, bucket: str) -> str:
    """The default encryption of a bucket, in S3's own words."""
    rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    return str(rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"])


def check_and_run(task: Task, **options: Any) -> Result:
    """The result of the real run, which a check run has to announce."""
    check = task(MODULE, check=True, **options)
    done = task(MODULE, **options)
    for name in ("changed", "buckets", "warnings", "diff", "log_target_buckets", "failed_buckets"):
        assert check.get(name) == done.get(name), name
    counts = ("matched", "changed", "unchanged", "failed", "skipped")
    assert [check["summary"][name] for name in counts] == [done["summary"][name] for name in counts]
    assert not done.get("failed"), done
    return done


@pytest.mark.parametrize(("statements", "logs", "evidence"), TARGETS)
def test_a_log_target_is_changed_with_a_warning(
    task: Task, s3: Any, bucket_with: Any, statements: Statements, logs: str, evidence: str
) -> None:
    """The warning names the logs, the bucket and the statement. No log target is missing in the result."""
    name = bucket_with(statements)
    done = check_and_run(task, buckets=[name], encryption="SSE-KMS")
    assert done["changed"]
    assert done.get("warnings", []) == [f"{logs} {UNDER_S3}. They may stop for 1 bucket: {name} ({evidence})."]
    assert done["log_target_buckets"] == [name]
    assert algorithm(s3, name) == "aws:kms"


@pytest.mark.parametrize("encryption", ["SSE-KMS", "DSSE-KMS"])
@pytest.mark.parametrize(("statements", "logs", "evidence"), TARGETS)
def test_a_log_target_is_skipped(
    task: Task, s3: Any, bucket_with: Any, statements: Statements, logs: str, evidence: str, encryption: str
) -> None:
    """It is neither changed nor failed nor compliant: it is counted as skipped, and the warning has its name."""
    name = bucket_with(statements)
    options = {"blocked_encryption_types": [], "encryption": encryption, "log_targets": "skip", "results": "all"}
    done = check_and_run(task, buckets=[name], **options)
    assert not done["changed"]
    assert done.get("warnings", []) == [
        f"{logs} {UNDER_S3}. Not changed because of log_targets: 1 bucket: {name} ({evidence})."
    ]
    assert done["log_target_buckets"] == [name]
    counts = {name: done["summary"][name] for name in ("matched", "changed", "unchanged", "failed", "skipped")}
    assert counts == {"matched": 1, "changed": 0, "unchanged": 0, "failed": 0, "skipped": 1}
    (row,) = done["buckets"]
    assert (row["changed"], row["error"], row["before"]) == (False, None, row["after"])
    assert row["after"]["encryption"] == "SSE-S3"
    assert (done["diff"], algorithm(s3, name)) == ({"before": {}, "after": {}}, "AES256")


def test_nothing_is_examined_on_request(task: Task, s3: Any, bucket_with: Any, calls: Calls) -> None:
    """`ignore` costs no read, and finds nothing."""
    name = bucket_with(server_access_logs)
    calls()
    done = task(MODULE, buckets=[name], encryption="SSE-KMS", log_targets="ignore")
    assert (done["changed"], done.get("warnings", []), done["log_target_buckets"]) == (True, [], [])
    assert calls() == ["GetBucketEncryption", "PutBucketEncryption"]


def test_only_a_move_to_a_kms_key_is_examined(
    task: Task, s3: Any, kms: Any, key_arn: str, bucket_with: Any, calls: Calls
) -> None:
    """Another key, DSSE-KMS, a blocked type and the way back cost no read of the policy. A compliant bucket neither."""
    name = bucket_with(server_access_logs)
    other = kms.create_key()["KeyMetadata"]["Arn"]
    calls()
    under_key = {"buckets": [name], "encryption": "SSE-KMS", "kms_key": key_arn, "log_targets": "warn"}
    assert task(MODULE, **under_key)["log_target_buckets"] == [name]
    assert calls() == [*EXAMINED, "DescribeKey", "PutBucketEncryption"]
    changes: tuple[dict[str, Any], ...] = (
        {"encryption": "SSE-KMS", "kms_key": other},
        {"encryption": "DSSE-KMS", "kms_key": other},
        {"blocked_encryption_types": []},
        {"encryption": "SSE-S3"},
        {"blocked_encryption_types": ["SSE-C"]},
    )
    for options in changes:
        done = task(MODULE, buckets=[name], log_targets="skip", **options)
        assert (done["changed"], done["log_target_buckets"]) == (True, [])
        assert not set(calls()) & {"GetBucketPolicy", "GetBucketAcl"}
        assert not task(MODULE, buckets=[name], **options)["changed"]
        assert calls()[0] == "GetBucketEncryption"


def test_a_bucket_without_logs_is_changed_without_a_warning(
    task: Task, s3: Any, bucket_with: Any, calls: Calls
) -> None:
    """Without a policy, or with one for a service that takes KMS keys; an ACL of the owner alone has no effect."""
    names = [bucket_with(None, "example-plain"), bucket_with(trail, "example-trail")]
    calls()
    done = task(MODULE, buckets=names, encryption="SSE-KMS", log_targets="skip")
    assert (done["summary"]["changed"], done.get("warnings", []), done["log_target_buckets"]) == (2, [], [])
    assert Counter(calls()) == dict.fromkeys([*EXAMINED, "PutBucketEncryption"], 2)


def test_grants_of_an_acl(task: Task, s3: Any, bucket_with: Any) -> None:
    """The log-delivery group writes server access logs, and CloudFront's account vended logs. READ_ACP is no write."""
    group = {"Type": "Group", "URI": GROUP}
    names = [bucket_with(None, f"example-{number}") for number in range(3)]
    grant(s3, names[0], group, "WRITE")
    grant(s3, names[0], group, "READ_ACP")
    grant(s3, names[1], group, "READ_ACP")
    grant(s3, names[2], {"Type": "CanonicalUser", "ID": CLOUDFRONT}, "FULL_CONTROL")
    done = check_and_run(task, buckets=names, encryption="SSE-KMS", log_targets="skip")
    assert (done["log_target_buckets"], done["summary"]["skipped"]) == ([names[0]], 1)
    assert sorted(done.get("warnings", [])) == [
        "Logs that delivery.logs.amazonaws.com delivers need a key whose policy allows it: the policy of the AWS "
        f"managed key does not, and cannot be changed. This concerns 1 bucket: {names[2]} (its ACL allows the account "
        "awslogsdelivery of CloudFront).",
        f"S3 server access logs {UNDER_S3}. Not changed because of log_targets: 1 bucket: {names[0]} (its ACL allows "
        "the log-delivery group).",
    ]
    assert [algorithm(s3, name) for name in names] == ["AES256", "aws:kms", "aws:kms"]


def test_vended_logs_need_a_key_that_allows_them(
    task: Task, s3: Any, kms: Any, bucket_with: Any, key_arn: str, calls: Calls
) -> None:
    """They are never skipped. The policy of the new key is read once for all buckets that such logs go to."""
    names = [bucket_with(vended_logs, f"example-{number}") for number in range(3)] + [
        bucket_with(None, "example-plain")
    ]
    calls()
    options = {"buckets": names, "encryption": "SSE-KMS", "log_targets": "skip"}
    done = task(MODULE, check=True, kms_key=key_arn, **options)
    assert Counter(calls())["GetKeyPolicy"] == 1
    shown = ", ".join(
        f"{name} (statement AWSLogDeliveryWrite of its policy allows delivery.logs.amazonaws.com)" for name in names[:3]
    )
    need = "Logs that delivery.logs.amazonaws.com delivers need a key whose policy allows it"
    assert done.get("warnings", []) == [
        f"{need}: the policy of {key_arn} is not known to allow kms:GenerateDataKey to delivery.logs.amazonaws.com. "
        f"This concerns 3 buckets: {shown}."
    ]
    assert (done["summary"]["changed"], done["log_target_buckets"]) == (4, [])
    services = task(
        "kms_key_for_s3",
        alias="alias/app",
        services=["delivery.logs.amazonaws.com"],
        users=[f"arn:aws:iam::{ACCOUNT}:root"],
    )
    assert services["changed"], services
    done = check_and_run(task, kms_key="alias/app", **options)
    assert (done.get("warnings", []), done["summary"]["changed"]) == ([], 4)
    assert {algorithm(s3, name) for name in names} == {"aws:kms"}


@pytest.mark.parametrize("kms_key", [None, "alias/aws/s3"])
def test_vended_logs_cannot_use_the_aws_managed_key(
    task: Task, s3: Any, bucket_with: Any, kms_key: str | None, calls: Calls
) -> None:
    """Whether it is named or not. Its policy is not read, as it cannot be changed."""
    name = bucket_with(vended_logs)
    calls()
    done = task(MODULE, buckets=[name], encryption="SSE-KMS", **({"kms_key": kms_key} if kms_key else {}))
    (warning,) = done.get("warnings", [])
    assert "the policy of the AWS managed key does not, and cannot be changed. This concerns 1 bucket" in warning
    assert (done["changed"], "GetKeyPolicy" in calls()) == (True, False)


def test_a_key_policy_that_cannot_be_read_is_a_warning(
    task: Task, s3: Any, lab: Any, bucket_with: Any, key_arn: str
) -> None:
    """The logs may go on: the bucket is changed, and the warning says what was refused."""
    name = bucket_with(vended_logs)
    lab.faults.add("deny", operation="kms:GetKeyPolicy", times=None)
    done = check_and_run(task, buckets=[name], encryption="SSE-KMS", kms_key=key_arn, log_targets="skip")
    (warning,) = done.get("warnings", [])
    assert f"the policy of {key_arn} cannot be read" in warning
    assert "kms:GetKeyPolicy" in warning
    assert algorithm(s3, name) == "aws:kms"


@pytest.mark.parametrize("log_targets", ["warn", "skip"])
@pytest.mark.parametrize("action", ["s3:GetBucketPolicy", "s3:GetBucketAcl"])
def test_a_read_that_is_refused_is_a_warning(
    task: Task, s3: Any, lab: Any, bucket_with: Any, action: str, log_targets: str
) -> None:
    """It names the action, once for all buckets. What the other read shows still counts."""
    names = [bucket_with(None, f"example-{number}") for number in range(7)]
    lab.faults.add("deny", operation=action, times=None)
    done = check_and_run(task, buckets=names, encryption="SSE-KMS", log_targets=log_targets)
    (warning,) = done.get("warnings", [])
    assert action in warning
    assert "This concerns 7 buckets: example-0, example-1, example-2, example-3, example-4 and 2 more." in warning
    assert (done["summary"]["changed"], done["summary"]["failed"]) == (7, 0)
    if action == "s3:GetBucketAcl":
        name = bucket_with(server_access_logs)
        assert len(task(MODULE, buckets=[name], encryption="SSE-KMS", log_targets="warn")["warnings"]) == 2


def test_a_read_that_fails_for_another_reason_fails_the_bucket(task: Task, s3: Any, lab: Any, bucket_with: Any) -> None:
    """Nothing is written to it then: a second run finds out."""
    name = bucket_with(server_access_logs)
    lab.faults.add("internal_error", operation="GetBucketPolicy", times=None)
    once = {"retries": {"max_attempts": 0}}
    done = task(MODULE, buckets=[name], encryption="SSE-KMS", log_targets="skip", aws_config=once)
    assert (done["failed_buckets"], done["changed"], algorithm(s3, name)) == ([name], False, "AES256")


def test_a_fleet_with_exceptions(task: Task, s3: Any, bucket_with: Any, calls: Calls) -> None:
    """An entry of `overrides` may have its own log_targets, also alone; null is that of the task."""
    for name in ("logs-1", "logs-2", "kept-1", "free-1"):
        bucket_with(server_access_logs, name)
    bucket_with(None, "data-1")
    options: dict[str, Any] = {
        "select": {"names": ["*-?"]},
        "encryption": "SSE-KMS",
        "log_targets": "skip",
        "results": "all",
        "overrides": [
            {"names": ["free-*"], "log_targets": "ignore"},
            {"names": ["logs-2"], "log_targets": "warn", "encryption": "DSSE-KMS"},
            {"names": ["kept-*"], "log_targets": None, "minimum": True},
        ],
    }
    done = check_and_run(task, **options)
    changed = {row["name"]: row["changed"] for row in done["buckets"]}
    assert changed == {"data-1": True, "free-1": True, "kept-1": False, "logs-1": False, "logs-2": True}
    assert done["log_target_buckets"] == ["kept-1", "logs-1", "logs-2"]
    assert (done["summary"]["changed"], done["summary"]["skipped"], done["summary"]["unchanged"]) == (3, 2, 0)
    assert len(done.get("warnings", [])) == 2
    calls()
    expected = {"encryption": "SSE-KMS", "overrides": options["overrides"]}
    audit = task("bucket_default_encryption_info", select=options["select"], expected=expected)
    assert [row["name"] for row in audit["buckets"] if not row["compliant"]] == ["kept-1", "logs-1"]
    assert set(calls()) == {"ListBuckets", "GetBucketEncryption"}
    again = task(MODULE, **options)
    assert (again["changed"], again["log_target_buckets"]) == (False, ["kept-1", "logs-1"])
    assert Counter(calls()) == {
        "ListBuckets": 1, "GetBucketEncryption": 5, "GetBucketPolicy": 2, "GetBucketAcl": 2,
    }  # fmt: skip


def test_a_change_that_is_refused_stops_no_logs(task: Task, s3: Any, lab: Any, bucket_with: Any) -> None:
    """So there is no warning, and the bucket is only a failed one."""
    name = bucket_with(server_access_logs)
    lab.faults.add("deny", operation="s3:PutEncryptionConfiguration", times=None)
    done = task(MODULE, buckets=[name], encryption="SSE-KMS")
    assert (done["failed_buckets"], done.get("warnings", []), done["log_target_buckets"]) == ([name], [], [])


def test_a_skipped_bucket_does_not_need_its_key(task: Task, s3: Any, kms: Any, key_arn: str, bucket_with: Any) -> None:
    """The key is not written, so it need not be usable. An alias that does not exist is a failure in both modes."""
    name = bucket_with(server_access_logs)
    kms.disable_key(KeyId=key_arn)
    skip = {"buckets": [name], "encryption": "SSE-KMS", "log_targets": "skip"}
    assert check_and_run(task, kms_key=key_arn, **skip)["summary"]["skipped"] == 1
    done = task(MODULE, kms_key="alias/none", **skip)
    assert (done["failed_buckets"], done["summary"]["skipped"], done["log_target_buckets"]) == ([name], 0, [])


def test_the_option_is_checked_before_any_call(task: Task, bucket_with: Any, calls: Calls) -> None:
    """Also in an entry of `overrides`, where null is accepted."""
    name = bucket_with(None)
    calls()
    entry = {"names": ["*"], "log_targets": "no"}
    done = task(MODULE, buckets=[name], encryption="SSE-KMS", overrides=[entry])
    assert "'no' is no value of log_targets. Give warn or skip or ignore." in done["msg"]
    assert calls() == []

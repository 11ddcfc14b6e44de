# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The logs that a bucket policy, an ACL and a key policy allow."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.elb_accounts import (
    ELB_ACCOUNTS,
    REGION_OF_ELB_ACCOUNT,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.log_delivery import (
    LOG_DELIVERY_GROUP,
    AclGrant,
    Logs,
    LogTarget,
    key_policy_allows_delivery,
    targets_in_acl,
    targets_in_policy,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import OperationError

S3_LOGS = "logging.s3.amazonaws.com"
ELB = "logdelivery.elasticloadbalancing.amazonaws.com"
VENDED = "delivery.logs.amazonaws.com"
ACCOUNT = ELB_ACCOUNTS["us-east-1"]
OWN = "111122223333"
CLOUDFRONT = "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0"
CLOUDFRONT_CHINA = "a52cb28745c0c06e84ec548334e44bfa7fc2a85c54af20cd59e4969344b7af56"
OBJECTS = "arn:aws:s3:::amzn-s3-demo-bucket/*"


def policy(*statements: dict[str, Any]) -> str:
    """A policy of these statements, each an Allow of PutObject unless it says something else; None leaves out."""
    base = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": OBJECTS}
    made = [{name: value for name, value in {**base, **each}.items() if value is not None} for each in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": made})


PRINCIPALS = [
    pytest.param({"Service": S3_LOGS}, [Logs.SERVER_ACCESS], id="server access logs"),
    pytest.param({"Service": [S3_LOGS]}, [Logs.SERVER_ACCESS], id="a list of one"),
    pytest.param({"Service": ["cloudtrail.amazonaws.com", S3_LOGS]}, [Logs.SERVER_ACCESS], id="one of a list"),
    pytest.param({"Service": ELB}, [Logs.LOAD_BALANCER], id="load balancers"),
    pytest.param({"Service": "logdelivery.elb.amazonaws.com"}, [Logs.LOAD_BALANCER], id="load balancers in Outposts"),
    pytest.param({"Service": VENDED}, [Logs.VENDED], id="vended logs"),
    pytest.param({"Service": f"{VENDED}.cn"}, [Logs.VENDED], id="a service in China"),
    pytest.param({"Service": [VENDED, ELB]}, [Logs.VENDED, Logs.LOAD_BALANCER], id="two services"),
    pytest.param({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, [Logs.LOAD_BALANCER], id="the root of an account"),
    pytest.param({"AWS": ACCOUNT}, [Logs.LOAD_BALANCER], id="an account id"),
    pytest.param({"AWS": [OWN, ACCOUNT]}, [Logs.LOAD_BALANCER], id="one account of a list"),
    pytest.param(
        {"AWS": "arn:aws-us-gov:iam::190560391635:root"}, [Logs.LOAD_BALANCER], id="an account of another partition"
    ),
    pytest.param({"AWS": ACCOUNT, "Service": S3_LOGS}, [Logs.LOAD_BALANCER, Logs.SERVER_ACCESS], id="two types"),
    pytest.param({"CanonicalUser": CLOUDFRONT}, [Logs.VENDED], id="CloudFront"),
    pytest.param({"CanonicalUser": CLOUDFRONT_CHINA}, [Logs.VENDED], id="CloudFront in China"),
    pytest.param({"CanonicalUser": "0" * 64}, [], id="another canonical user"),
    pytest.param("*", [], id="everyone"),
    pytest.param({"AWS": "*"}, [], id="everyone, as a type"),
    pytest.param({"AWS": OWN}, [], id="another account"),
    pytest.param({"AWS": f"arn:aws:iam::{ACCOUNT}:role/app"}, [], id="a role of an account of load balancers"),
    pytest.param({"Service": "cloudtrail.amazonaws.com"}, [], id="a service that takes KMS keys"),
    pytest.param({"AWS": S3_LOGS}, [], id="the name of a service as an AWS principal"),
    pytest.param({"Service": f"x{S3_LOGS}"}, [], id="a longer name"),
    pytest.param({}, [], id="no principal"),
]


@pytest.mark.parametrize(("principal", "expected"), PRINCIPALS)
def test_principals_of_a_bucket_policy(principal: Any, expected: list[Logs]) -> None:
    """Each form in which a policy names a writer of logs."""
    assert sorted(each.logs.value for each in targets_in_policy(policy({"Principal": principal}))) == sorted(
        logs.value for logs in expected
    )


STATEMENTS = [
    pytest.param({"Action": ["s3:GetBucketAcl", "s3:PutObject"]}, True, id="one action of a list"),
    pytest.param({"Action": "S3:putobject"}, True, id="other letter case"),
    pytest.param({"Action": "s3:Put*"}, True, id="a pattern"),
    pytest.param({"Action": "s3:*"}, True, id="all actions of S3"),
    pytest.param({"Action": "*"}, True, id="all actions"),
    pytest.param({"Action": "s3:GetBucketAcl"}, False, id="no write"),
    pytest.param({"Action": "s3:PutObjectAcl"}, False, id="the ACL of objects"),
    pytest.param({"Action": None, "NotAction": "s3:DeleteObject"}, True, id="all actions but one"),
    pytest.param({"Action": None, "NotAction": ["s3:Put*"]}, False, id="all actions but the write"),
    pytest.param({"Effect": "Deny"}, False, id="a Deny"),
    pytest.param(
        {"Principal": None, "NotPrincipal": {"Service": S3_LOGS}}, False, id="everyone but the writer of the logs"
    ),
    pytest.param(
        {
            "Condition": {
                "ArnLike": {"aws:SourceArn": "arn:aws:s3:::source"},
                "StringEquals": {"aws:SourceAccount": OWN},
            }
        },
        True,
        id="conditions on the source",
    ),
    pytest.param({"Condition": {"Bool": {"aws:SecureTransport": True}}}, True, id="another condition"),
]


@pytest.mark.parametrize(("statement", "is_target"), STATEMENTS)
def test_statements_of_a_bucket_policy(statement: dict[str, Any], is_target: bool) -> None:
    """Only an Allow of PutObject counts, under any condition."""
    text = policy({"Principal": {"Service": S3_LOGS}, **statement})
    assert bool(targets_in_policy(text)) == is_target


@pytest.mark.parametrize(
    "condition",
    [
        {"ArnLike": {"aws:SourceArn": "arn:aws:logs:us-east-1:111122223333:*"}},
        {"StringEquals": {"aws:PrincipalServiceName": S3_LOGS}},
    ],
)
@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": ["*"]}])
def test_a_condition_does_not_make_a_target(principal: Any, condition: dict[str, Any]) -> None:
    """A statement for everyone is no sign of logs, whatever its conditions are about."""
    assert targets_in_policy(policy({"Principal": principal, "Condition": condition})) == ()


def test_the_statement_is_named() -> None:
    """By its Sid, or by its number. Equal statements are one target, and a statement may be without a list."""
    service = {"Principal": {"Service": S3_LOGS}}
    text = policy(
        {"Principal": "*"}, {**service, "Sid": ""}, {**service, "Sid": "Logs 1"}, {**service, "Sid": "Logs 1"}
    )
    assert targets_in_policy(text) == (
        LogTarget(Logs.SERVER_ACCESS, f"statement number 2 of its policy allows {S3_LOGS}"),
        LogTarget(Logs.SERVER_ACCESS, f"statement Logs 1 of its policy allows {S3_LOGS}"),
    )
    single = json.dumps({"Statement": json.loads(text)["Statement"][1]})
    assert [each.evidence for each in targets_in_policy(single)] == [
        f"statement number 1 of its policy allows {S3_LOGS}"
    ]
    (account,) = targets_in_policy(policy({"Sid": "Elb", "Principal": {"AWS": ACCOUNT}}))
    assert account.evidence == (
        f"statement Elb of its policy allows {ACCOUNT}, the account of Elastic Load Balancing in us-east-1"
    )


def test_no_policy_and_what_is_no_policy() -> None:
    """No policy allows nothing. A text that cannot be understood is an error, and not a policy without targets."""
    assert targets_in_policy(None) == ()
    for text in ("", "no", "[]", '{"Statement": [1]}'):
        with pytest.raises(OperationError):
            targets_in_policy(text)


def test_the_accounts_of_load_balancers() -> None:
    """One account of 12 digits for each region, and no account twice."""
    assert len(REGION_OF_ELB_ACCOUNT) == len(ELB_ACCOUNTS) == 26
    assert all(len(account) == 12 and account.isdecimal() for account in REGION_OF_ELB_ACCOUNT)


GRANTS = [
    pytest.param(LOG_DELIVERY_GROUP, "WRITE", [Logs.SERVER_ACCESS], id="the log-delivery group"),
    pytest.param(LOG_DELIVERY_GROUP, "FULL_CONTROL", [Logs.SERVER_ACCESS], id="the group with full control"),
    pytest.param(LOG_DELIVERY_GROUP, "READ_ACP", [], id="the group may only read the ACL"),
    pytest.param(CLOUDFRONT, "FULL_CONTROL", [Logs.VENDED], id="CloudFront"),
    pytest.param(CLOUDFRONT_CHINA, "FULL_CONTROL", [Logs.VENDED], id="CloudFront in China"),
    pytest.param(CLOUDFRONT, "READ", [], id="CloudFront may only read"),
    pytest.param("0" * 64, "FULL_CONTROL", [], id="the owner"),
    pytest.param("http://acs.amazonaws.com/groups/global/AllUsers", "WRITE", [], id="everyone"),
    pytest.param("", "WRITE", [], id="no grantee"),
]


@pytest.mark.parametrize(("grantee", "permission", "expected"), GRANTS)
def test_grants_of_an_acl(grantee: str, permission: str, expected: list[Logs]) -> None:
    """Only grants to write count."""
    owner = AclGrant("f" * 64, "FULL_CONTROL")
    assert [each.logs for each in targets_in_acl([owner, AclGrant(grantee, permission)])] == expected


SOURCE = {"StringEquals": {"aws:SourceAccount": [OWN]}, "ArnLike": {"aws:SourceArn": f"arn:aws:logs:*:{OWN}:*"}}
DENY = {"Effect": "Deny", "Action": "kms:GenerateDataKey*"}
KEY_POLICIES = [
    pytest.param([{}], True, id="the actions that AWS documents"),
    pytest.param([{"Action": "kms:GenerateDataKey"}], True, id="the action"),
    pytest.param([{"Action": "kms:*"}], True, id="all actions"),
    pytest.param([{"Action": "kms:Decrypt"}], False, id="another action"),
    pytest.param([{"Condition": SOURCE}], True, id="conditions on the source"),
    pytest.param([{"Principal": {"Service": f"{VENDED}.cn"}}], True, id="in China"),
    pytest.param([{"Principal": {"Service": ["cloudtrail.amazonaws.com", VENDED]}}], True, id="one of two services"),
    pytest.param([{"Condition": {"StringEquals": {"kms:CallerAccount": OWN}}}], False, id="another condition"),
    pytest.param([{"Principal": "*"}], False, id="everyone"),
    pytest.param([{"Principal": {"Service": S3_LOGS}}], False, id="another service"),
    pytest.param([{"Principal": {"AWS": OWN}, "Action": "kms:*"}], False, id="the account"),
    pytest.param([], False, id="no statement"),
    pytest.param([{}, {**DENY, "Principal": "*"}], False, id="beside a Deny for everyone"),
    pytest.param([{}, DENY], False, id="beside a Deny for the service"),
    pytest.param(
        [{}, {**DENY, "Principal": None, "NotPrincipal": {"AWS": OWN}}], False, id="beside a Deny for all but one"
    ),
    pytest.param([{}, {**DENY, "Principal": {"AWS": OWN}}], True, id="beside a Deny for the account"),
    pytest.param(
        [{}, {**DENY, "Principal": "*", "Action": "kms:ScheduleKeyDeletion"}],
        True,
        id="beside a Deny of another action",
    ),
]


@pytest.mark.parametrize(("statements", "allows"), KEY_POLICIES)
def test_key_policies(statements: list[dict[str, Any]], allows: bool) -> None:
    """A policy allows the delivery only if a statement certainly does."""
    base = {
        "Principal": {"Service": VENDED},
        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
        "Resource": "*",
    }
    assert key_policy_allows_delivery(policy(*[{**base, **each} for each in statements])) == allows

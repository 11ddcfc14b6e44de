# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What the policy of a bucket, a key or a role does to a request of a role."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.arn import Arn
from ansible_collections.sealed.s3.plugins.module_utils.model.batch_jobs.role_findings import trusts_batch_operations
from ansible_collections.sealed.s3.plugins.module_utils.model.iam.conditions import one_of
from ansible_collections.sealed.s3.plugins.module_utils.model.iam.policy_kind import BUCKET_POLICY
from ansible_collections.sealed.s3.plugins.module_utils.model.iam.resource_policy import (
    Effect,
    effect_on,
    request_of_role,
)

ROLE = "arn:aws:iam::111122223333:role/batch"
ROOT = "arn:aws:iam::111122223333:root"
ALLOW = {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::data/*"}
DENY = {**ALLOW, "Effect": "Deny", "Principal": "*"}
OTHER = {"AWS": "arn:aws:iam::111122223333:role/other"}
ARN = "aws:PrincipalArn"


def without(statement: dict[str, Any], *names: str, **more: Any) -> dict[str, Any]:
    """The statement without these elements, and with others."""
    return {**{name: value for name, value in statement.items() if name not in names}, **more}


CASES: dict[str, tuple[list[dict[str, Any]], Effect]] = {
    "the role": ([ALLOW], Effect.ALLOWS),
    "everyone": ([{**ALLOW, "Principal": {"AWS": "*"}}], Effect.ALLOWS),
    "its account alone allows nothing": ([{**ALLOW, "Principal": {"AWS": ROOT}}], Effect.NOTHING),
    "another role": ([{**ALLOW, "Principal": OTHER}], Effect.NOTHING),
    "another action": ([{**ALLOW, "Action": "s3:GetObject"}], Effect.NOTHING),
    "an action with a wildcard, in other letters": ([{**ALLOW, "Action": "S3:put*"}], Effect.ALLOWS),
    "all but this action": ([without(ALLOW, "Action", NotAction="s3:Put*")], Effect.NOTHING),
    "all but another action": ([without(ALLOW, "Action", NotAction="s3:Get*")], Effect.ALLOWS),
    "a narrower resource": ([{**ALLOW, "Resource": "arn:aws:s3:::data/a/*"}], Effect.NOTHING),
    "all but another resource": ([without(ALLOW, "Resource", NotResource="arn:aws:s3:::b/*")], Effect.ALLOWS),
    "all but this resource": ([without(ALLOW, "Resource", NotResource="arn:aws:s3:::*")], Effect.NOTHING),
    "a condition that is met": ([{**ALLOW, "Condition": {"ArnEquals": {ARN: ROLE}}}], Effect.ALLOWS),
    "a condition that is not": ([{**ALLOW, "Condition": {"ArnEquals": {ARN: OTHER["AWS"]}}}], Effect.NOTHING),
    "an unknown condition": ([{**ALLOW, "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.1"}}}], Effect.MAY_ALLOW),
    "a variable": ([{**ALLOW, "Condition": {"StringEquals": {ARN: "${aws:userid}"}}}], Effect.MAY_ALLOW),
    "one condition that is not met is enough": (
        [{**ALLOW, "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.1"}, "ArnEquals": {ARN: OTHER["AWS"]}}}],
        Effect.NOTHING,
    ),
    "a Deny decides": ([ALLOW, DENY], Effect.DENIES),
    "a Deny of the account": ([{**DENY, "Principal": {"AWS": ROOT}}], Effect.DENIES),
    "an unknown Deny": ([ALLOW, {**DENY, "Condition": {"Bool": {"aws:ViaAWSService": "true"}}}], Effect.ALLOWS),
    "a Deny for all but the role": ([{**DENY, "Condition": {"ArnNotLike": {ARN: ROLE}}}], Effect.NOTHING),
    "a Deny for all but others": ([{**DENY, "Condition": {"ArnNotLike": {ARN: OTHER["AWS"]}}}], Effect.DENIES),
    "a Deny with NotPrincipal": ([without(DENY, "Principal", NotPrincipal=OTHER)], Effect.DENIES),
    "a Deny that excepts the role": ([without(DENY, "Principal", NotPrincipal={"AWS": ROLE})], Effect.NOTHING),
    "a Deny that excepts a session": (
        [without(DENY, "Principal", NotPrincipal={"AWS": "arn:aws:sts::111122223333:assumed-role/batch/s"})],
        Effect.NOTHING,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_effect_of_a_policy(name: str) -> None:
    """A Deny that is certain, an Allow that is certain, or one whose condition is unknown."""
    found, effect = CASES[name]
    policy = json.dumps({"Version": "2012-10-17", "Statement": found})
    facts = {"aws:principalarn": one_of(ROLE)}
    request = request_of_role(Arn.parse(ROLE), "s3:PutObject", "arn:aws:s3:::data/*", facts)
    assert effect_on(policy, BUCKET_POLICY, request)[0] is effect


TRUST: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": {"Service": "batchoperations.s3.amazonaws.com"},
    "Action": "sts:AssumeRole",
}
SERVICES = {"Service": ["s3.amazonaws.com", "batchoperations.s3.amazonaws.com"]}
TRUSTS: dict[str, tuple[list[dict[str, Any]], bool | None]] = {
    "the service": ([TRUST], True),
    "one of several services": (
        [{**TRUST, "Principal": SERVICES, "Action": ["sts:AssumeRole", "sts:TagSession"]}],
        True,
    ),
    "another service": ([{**TRUST, "Principal": {"Service": "s3.amazonaws.com"}}], False),
    "another action": ([{**TRUST, "Action": "sts:TagSession"}], False),
    "the account": ([{**TRUST, "Principal": {"AWS": ROOT}}], False),
    "the own account as source": (
        [{**TRUST, "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}}],
        None,
    ),
    "another account as source": (
        [{**TRUST, "Condition": {"StringEquals": {"aws:SourceAccount": "444455556666"}}}],
        False,
    ),
    "an unknown condition": ([{**TRUST, "Condition": {"StringEquals": {"sts:ExternalId": "x"}}}], None),
    "with and without a condition": (
        [{**TRUST, "Condition": {"StringEquals": {"sts:ExternalId": "x"}}}, TRUST],
        True,
    ),
    "denied": ([TRUST, {**TRUST, "Effect": "Deny"}], False),
}


@pytest.mark.parametrize("name", TRUSTS)
def test_trust_policies(name: str) -> None:
    """Whether S3 Batch Operations can assume the role; None if a condition decides."""
    found, trusted = TRUSTS[name]
    policy = json.dumps({"Version": "2012-10-17", "Statement": found})
    assert trusts_batch_operations(policy, "111122223333") is trusted

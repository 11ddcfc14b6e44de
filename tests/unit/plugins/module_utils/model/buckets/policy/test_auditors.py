# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Auditors recognise the statements of this collection, and the grammar of IAM accepts them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.desired_policy import DesiredPolicy
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.plan import PutBucketPolicy, plan_policy
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.policy_state import read_policy_state
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.model.buckets.policy.auditors import (
    AUDITORS,
    aws_config,
    prowler,
    steampipe,
)

ARN = "arn:aws:s3:::example-bucket"
BOTH = [ARN, f"{ARN}/*"]
KEYS = tuple(f"arn:aws:kms:us-east-1:123456789012:key/{number:08d}-0000-0000-0000-000000000000" for number in range(9))
EVERYTHING = DesiredPolicy(
    minimum_tls_version="1.2",
    allow_encryption=("SSE-KMS", "DSSE-KMS"),
    allow_kms_keys=KEYS,
    deny_customer_keys=True,
    require_encryption_header=True,
    exempt_principals=("arn:aws:iam::123456789012:role/backup-*", "210987654321"),
    exempt_services=("logging.s3.amazonaws.com",),
)
FOREIGN = {
    "Version": "2008-10-17",
    "Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "s3:GetObject", "Resource": f"{ARN}/*"},
}


def build(desired: DesiredPolicy, foreign: dict[str, Any] | None = None) -> str:
    """The policy that the module writes, into a policy of others or a new one."""
    actual = read_policy_state(json.dumps(foreign) if foreign else None, ARN)
    (step,) = plan_policy(desired, actual, ARN).steps
    assert isinstance(step, PutBucketPolicy)
    return step.document


def deny(**changes: Any) -> str:
    """A policy with the statement that auditors look for, with some elements changed."""
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": BOTH,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, **changes}]})


@pytest.mark.parametrize("auditor", AUDITORS)
@pytest.mark.parametrize("foreign", [None, FOREIGN], ids=["new", "merged"])
@pytest.mark.parametrize(
    "desired", [DesiredPolicy(require_tls=True), DesiredPolicy(minimum_tls_version="1.2"), EVERYTHING]
)
def test_auditors_recognise_what_requires_tls(
    desired: DesiredPolicy, foreign: dict[str, Any] | None, auditor: str
) -> None:
    """In a new policy, and merged into one with an older version and a single statement."""
    assert AUDITORS[auditor](build(desired, foreign), ARN)


@pytest.mark.parametrize("auditor", [aws_config, prowler])
def test_auditors_recognise_version_1_3(auditor: Any) -> None:
    """Steampipe does not: see below."""
    assert auditor(build(DesiredPolicy(minimum_tls_version="1.3")), ARN)


def test_steampipe_cannot_read_version_1_3() -> None:
    """Its query converts the version to a boolean, and fails. docs/bucket_policies.md says so."""
    with pytest.raises(ValueError, match=r'invalid input syntax for type boolean: "1\.3"'):
        steampipe(build(DesiredPolicy(minimum_tls_version="1.3")), ARN)


@pytest.mark.parametrize("auditor", AUDITORS)
@pytest.mark.parametrize(
    "document",
    [
        None,
        json.dumps(FOREIGN),
        deny(Effect="Allow", Condition={"Bool": {"aws:SecureTransport": "true"}}),
        deny(Condition={"Bool": {"aws:SecureTransport": "true"}}),
        deny(Condition={"StringEquals": {"aws:SecureTransport": "false"}}),
        deny(Condition={}),
        build(DesiredPolicy(allow_encryption=("SSE-KMS",), require_encryption_header=True)),
    ],
)
def test_auditors_report_what_does_not_require_tls(document: str | None, auditor: str) -> None:
    """No policy, an Allow over TLS, another operator, and rules about encryption alone."""
    assert not AUDITORS[auditor](document, ARN)


@pytest.mark.parametrize(
    ("document", "by_config", "by_prowler", "by_steampipe"),
    [
        (deny(Principal={"AWS": "arn:aws:iam::123456789012:user/one"}), False, True, False),
        (deny(Resource=ARN), False, True, True),
        (deny(Resource=f"{ARN}/*"), False, True, True),
        (deny(Action="s3:GetObject"), False, False, True),
        (deny(Condition={"NumericLessThan": {"s3:TlsVersion": "1.2"}}), False, False, True),
        (deny(Condition={"Bool": {"aws:SecureTransport": False}}), True, False, True),
        (deny(Condition={"Bool": {"aws:SecureTransport": ["false"]}}), True, False, True),
        (deny(Principal={"AWS": "*"}), True, True, True),
    ],
)
def test_auditors_differ_in_other_forms(document: str, by_config: bool, by_prowler: bool, by_steampipe: bool) -> None:
    """The reasons for the one form that the module writes."""
    assert [audit(document, ARN) for audit in AUDITORS.values()] == [by_config, by_prowler, by_steampipe]


def test_the_grammar_of_iam_accepts_every_statement() -> None:
    """Sids of letters and digits, each one once, and only texts as values.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
    """
    policy = json.loads(build(EVERYTHING))
    assert set(policy) == {"Version", "Statement"}
    sids = [statement["Sid"] for statement in policy["Statement"]]
    assert len(sids) == len(set(sids)) == 9
    assert all(re.fullmatch("[A-Za-z0-9]+", sid) for sid in sids)
    for statement in policy["Statement"]:
        assert set(statement) == {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}
        values = [value for keys in statement["Condition"].values() for value in keys.values()]
        assert all(
            isinstance(text, str) for value in values for text in (value if isinstance(value, list) else [value])
        )
        assert "IfExists" not in json.dumps(statement)  # with a negated operator, it changes nothing

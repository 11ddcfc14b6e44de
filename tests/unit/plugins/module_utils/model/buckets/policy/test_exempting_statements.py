# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Statements of others that deny what a rule denies, but exempt somebody."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.desired_policy import DesiredPolicy
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.policy_state import read_policy_state
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.model.buckets.policy.policy_strategies import (
    BUCKET,
    CUSTOMER,
    OBJECTS,
    ROLE,
    listed,
    plan,
    planned,
)

DENIES_CUSTOMER_KEYS: dict[str, Any] = {
    "Sid": "NoCustomerKeys",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:PutObject",
    "Resource": OBJECTS,
    "Condition": {"Null": {CUSTOMER: "false"}, "ArnNotLike": {"aws:PrincipalArn": ROLE}},
}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def test_the_exemptions_of_others_are_reported_with_their_rule() -> None:
    """Otherwise the report would say that the exempt principals are denied."""
    rules = read_policy_state(policy(DENIES_CUSTOMER_KEYS), BUCKET).rules
    assert (rules.deny_customer_keys, rules.exempt_principals) == (True, (ROLE,))


def test_a_statement_with_more_exemptions_than_ours_is_not_the_rule() -> None:
    """The report has one list of those who are exempt, which is that of this collection's statements."""
    ours = planned(DesiredPolicy(require_encryption_header=True), policy(DENIES_CUSTOMER_KEYS))
    rules = read_policy_state(ours, BUCKET).rules
    assert (rules.deny_customer_keys, rules.require_encryption_header) == (False, True)
    assert rules.exempt_principals == ()


def test_a_rule_without_exemptions_needs_its_own_statement() -> None:
    desired = DesiredPolicy(deny_customer_keys=True)
    found = plan(desired, policy(DENIES_CUSTOMER_KEYS))
    assert found.after
    assert [each["Sid"] for each in listed(found.after.document)] == ["NoCustomerKeys", "SealedS3DenyCustomerKeys"]
    assert found.after.rules.exempt_principals == ()


def test_a_rule_with_the_same_exemptions_is_satisfied() -> None:
    desired = DesiredPolicy(deny_customer_keys=True, exempt_principals=(ROLE,))
    found = plan(desired, policy(DENIES_CUSTOMER_KEYS))
    assert found.steps == ()
    assert found.after
    assert (found.after.rules.deny_customer_keys, found.after.rules.exempt_principals) == (True, (ROLE,))

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Statements of others that allow uploads to name less than a task does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.bucket_default import BucketDefault
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.compliance import findings
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.desired_policy import DesiredPolicy
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.policy_state import read_policy_state
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.model.buckets.policy.policy_strategies import (
    BUCKET,
    CUSTOMER,
    KEY,
    KEYS,
    OBJECTS,
    ROLE,
    SSE,
    listed,
    plan,
)

KMS = ["aws:kms", "aws:kms:dsse"]


def deny(sid: str, condition: dict[str, Any], action: str = "s3:PutObject") -> dict[str, Any]:
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": OBJECTS,
        "Condition": condition,
    }


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


ONLY_KMS = deny("OnlyKms", {"Null": {SSE: "false"}, "StringNotEquals": {SSE: "aws:kms"}})
NO_CUSTOMER_KEYS = deny("NoCustomerKeys", {"Null": {CUSTOMER: "false"}})
ONE_KEY = (
    deny("OneKey", {"Null": {KEY: "false"}, "StringNotEquals": {KEY: KEYS[0]}}),
    deny("KeyRequired", {"Null": {KEY: "true"}, "StringEquals": {SSE: KMS}}),
    deny("InPlace", {"StringNotEquals": {KEY: KEYS[0]}}, "s3:UpdateObjectEncryption"),
)


@pytest.mark.parametrize(
    ("before", "desired"),
    [
        (policy(ONLY_KMS, NO_CUSTOMER_KEYS), DesiredPolicy(allow_encryption=("SSE-KMS", "DSSE-KMS"), minimum=True)),
        (policy(*ONE_KEY), DesiredPolicy(allow_kms_keys=KEYS[:2], minimum=True)),
        (policy(NO_CUSTOMER_KEYS), DesiredPolicy(deny_customer_keys=True, exempt_principals=(ROLE,), minimum=True)),
    ],
)
def test_a_stricter_statement_of_others_satisfies_a_minimum(before: str, desired: DesiredPolicy) -> None:
    assert plan(desired, before).steps == ()
    assert findings(desired, read_policy_state(before, BUCKET), BUCKET) == ()


def test_a_statement_of_others_with_more_exemptions_satisfies_no_minimum() -> None:
    exempting = {
        **NO_CUSTOMER_KEYS,
        "Condition": {**NO_CUSTOMER_KEYS["Condition"], "ArnNotLike": {"aws:PrincipalArn": ROLE}},
    }
    found = plan(DesiredPolicy(deny_customer_keys=True, minimum=True), policy(exempting))
    assert found.after
    assert [each["Sid"] for each in listed(found.after.document)] == ["NoCustomerKeys", "SealedS3DenyCustomerKeys"]


@pytest.mark.parametrize(
    ("before", "desired", "rules", "warning"),
    [
        (
            policy(ONLY_KMS),
            DesiredPolicy(allow_encryption=("SSE-KMS", "DSSE-KMS", "SSE-C")),
            {"allow_encryption": ("SSE-KMS", "SSE-C")},
            "the statement OnlyKms, which is not of this collection, still denies uploads that name DSSE-KMS",
        ),
        (
            policy(*ONE_KEY),
            DesiredPolicy(allow_kms_keys=KEYS[:2]),
            {"allow_kms_keys": KEYS[:1]},
            "the statement OneKey, which is not of this collection, still denies uploads that name the KMS key "
            f"{KEYS[1]}",
        ),
    ],
)
def test_what_others_still_deny_is_a_warning_and_not_reported_as_allowed(
    before: str, desired: DesiredPolicy, rules: dict[str, Any], warning: str
) -> None:
    """Also no warning that it is newly allowed."""
    found = plan(desired, before)
    assert found.after
    assert {name: getattr(found.after.rules, name) for name in rules} == rules
    assert found.warnings == (warning,)


def test_lists_without_a_common_value_let_uploads_name_nothing() -> None:
    """The default of the bucket is then a finding."""
    before = policy(deny("OnlySseS3", {"Null": {SSE: "false"}, "StringNotEquals": {SSE: "AES256"}}))
    desired = DesiredPolicy(allow_encryption=("SSE-KMS",))
    after = plan(desired, before).after
    assert after
    assert after.rules.allow_encryption == ()
    found = findings(desired, after, BUCKET, BucketDefault("SSE-KMS"))
    assert [each.message for each in found] == ["New objects get SSE-KMS by default, and allow_encryption has nothing."]

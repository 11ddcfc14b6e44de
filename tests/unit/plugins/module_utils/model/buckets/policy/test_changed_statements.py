# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A floor for a policy in which somebody changed a statement of this collection."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.desired_policy import DesiredPolicy
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import OperationError
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.model.buckets.policy.policy_strategies import (
    BUCKET,
    CUSTOMER,
    KEY,
    KEYS,
    OBJECTS,
    SSE,
    listed,
    planned,
)

EVERYTHING = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [BUCKET, OBJECTS]}
UPLOADS = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": OBJECTS}


def policy(sid: str, statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Sid": sid}]})


@pytest.mark.parametrize(
    ("sid", "statement", "desired"),
    [
        ("SealedS3RequireTls", EVERYTHING, DesiredPolicy(require_tls=True)),
        ("SealedS3RequireTls", EVERYTHING, DesiredPolicy(minimum_tls_version="1.2")),
        ("SealedS3MinimumTlsVersion", EVERYTHING, DesiredPolicy(minimum_tls_version="1.2")),
        ("SealedS3DenyCustomerKeys", UPLOADS, DesiredPolicy(deny_customer_keys=True)),
        ("SealedS3RequireEncryptionHeader", UPLOADS, DesiredPolicy(require_encryption_header=True)),
        ("SealedS3AllowEncryption", UPLOADS, DesiredPolicy(allow_encryption=("SSE-S3",))),
        ("SealedS3AllowKmsKeys", UPLOADS, DesiredPolicy(allow_kms_keys=(KEYS[0],))),
        # The statement of another rule under this Sid
        (
            "SealedS3RequireEncryptionHeader",
            {**UPLOADS, "Condition": {"Null": {CUSTOMER: "false"}}},
            DesiredPolicy(require_encryption_header=True),
        ),
    ],
)
def test_a_floor_does_not_replace_a_statement_that_may_deny_more(
    sid: str, statement: dict[str, Any], desired: DesiredPolicy
) -> None:
    """It names the statement. Without the floor, the statement is written anew."""
    floor = DesiredPolicy(
        **{name: getattr(desired, name) for name in DesiredPolicy.__slots__ if name != "minimum"}, minimum=True
    )
    with pytest.raises(OperationError, match=f"The statement {sid} of the bucket policy has another form"):
        planned(floor, policy(sid, statement))
    assert sid in {each["Sid"] for each in listed(planned(desired, policy(sid, statement)))}


def test_a_floor_keeps_a_stricter_rule_for_changes_in_place() -> None:
    """The keys of uploads and those of changes in place can differ."""
    desired = DesiredPolicy(allow_kms_keys=KEYS[:2], minimum=True)
    in_place = {"Effect": "Deny", "Principal": "*", "Action": "s3:UpdateObjectEncryption", "Resource": OBJECTS}
    for current, expected in ((KEYS[1:], KEYS[1]), (KEYS[2:], None), (None, None)):
        condition = {"Condition": {"StringNotEquals": {KEY: list(current)}}} if current else {}
        found = planned(desired, policy("SealedS3AllowKmsKeysInPlace", {**in_place, **condition}))
        written: dict[str, Any] = {each["Sid"]: each.get("Condition") for each in listed(found)}
        assert written["SealedS3AllowKmsKeysInPlace"] == (expected and {"StringNotEquals": {KEY: expected}})
        assert written["SealedS3AllowKmsKeys"]["StringNotEquals"] == {KEY: list(KEYS[:2])}
        assert SSE in written["SealedS3AllowKmsKeysKeyRequired"]["StringEquals"]

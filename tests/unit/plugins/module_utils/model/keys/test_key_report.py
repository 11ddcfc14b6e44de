# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The findings for a key, and the AWS controls that it violates."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_report import KeyReport, key_findings
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_rotation import Rotation
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_state import UNFINISHED_TAG, KeyState
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_aws import DEFAULT_POLICY, key_arn

GOOD = KeyState("one", key_arn("one"), policy=DEFAULT_POLICY, rotation=Rotation(True, 365), tags=())


def policy_for(principal: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "kms:*", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def controls(key: KeyState, **more: object) -> list[str | None]:
    return [finding.control for finding in key_findings(replace(KeyReport("one", key), **more))]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        pytest.param(GOOD, [], id="good"),
        pytest.param(replace(GOOD, rotation=Rotation(False)), ["Security Hub KMS.4"], id="not rotated"),
        pytest.param(replace(GOOD, rotation=None), [], id="rotation not known"),
        pytest.param(replace(GOOD, rotation=Rotation(False), spec="RSA_2048"), [], id="of a kind that is not rotated"),
        pytest.param(
            replace(GOOD, rotation=Rotation(False), origin="EXTERNAL"), [], id="imported, so not rotated by itself"
        ),
        pytest.param(replace(GOOD, rotation=Rotation(False), state="Disabled"), ["Security Hub KMS.4"], id="disabled"),
        pytest.param(
            replace(GOOD, state="PendingDeletion", rotation=Rotation(False), deletion_date="2026-12-01"),
            ["Security Hub KMS.3"],
            id="scheduled for deletion, when rotation reads as off",
        ),
        pytest.param(replace(GOOD, state="PendingReplicaDeletion"), ["Security Hub KMS.3"], id="waits for replicas"),
        pytest.param(replace(GOOD, policy=policy_for("*")), ["Security Hub KMS.5"], id="public"),
        pytest.param(replace(GOOD, policy=policy_for("AIDA" + "A" * 17)), [None], id="names a deleted user"),
        pytest.param(replace(GOOD, policy=None), [], id="policy not known"),
        pytest.param(
            replace(GOOD, manager="AWS", rotation=Rotation(False), policy=policy_for("*")), [], id="managed by AWS"
        ),
    ],
)
def test_findings(key: KeyState, expected: list[str | None]) -> None:
    """Each has its control. A part that was not read has no finding."""
    assert controls(key) == expected


def messages(key: KeyState) -> list[str]:
    return [finding.message for finding in key_findings(KeyReport("one", key))]


def test_a_public_statement_that_is_bounded_does_not_read_like_an_open_one() -> None:
    """The value that is loose is named, and the account in it."""
    statement = {
        "Sid": "Roles",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "kms:Decrypt",
        "Resource": "*",
        "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}},
    }
    assert messages(replace(GOOD, policy=json.dumps({"Statement": [statement]}))) == [
        "The statement Roles of the key policy is public for AWS, because the value arn:aws:iam::111122223333:role/* "
        "of aws:PrincipalArn has a wildcard. It is limited to the account 111122223333."
    ]


@pytest.mark.parametrize(("element", "value"), [("Action", None), ("Action", []), ("Resource", None)])
def test_a_statement_without_an_effect_is_a_finding_and_not_public(element: str, value: Any) -> None:
    """KMS accepted it until August 2025: without the element, with an empty list, and with null."""
    statement = {"Sid": "All", "Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*", element: value}
    expected = [f"The statement All of the key policy has no {element}, so it has no effect."]
    assert messages(replace(GOOD, policy=json.dumps({"Statement": [statement]}))) == expected
    del statement[element]
    assert messages(replace(GOOD, policy=json.dumps({"Statement": [statement]}))) == expected


def test_an_unfinished_key_is_a_finding() -> None:
    """With what to do: it depends on whether it has its alias."""
    unfinished = replace(GOOD, key_id="one", tags=((UNFINISHED_TAG, "alias/x"),), aliases=())
    (message,) = messages(unfinished)
    assert "set key_id: one and state: absent" in message
    assert "Run the task for alias/x again" in messages(replace(unfinished, aliases=("alias/x",)))[0]
    deleted = replace(unfinished, state="PendingDeletion", deletion_date="2026-12-01")
    assert len(messages(deleted)) == 1


def test_a_policy_that_is_malformed_does_not_end_the_report() -> None:
    """Some stores do not check policies."""
    assert "malformed" in messages(replace(GOOD, policy='{"Statement": [1]}'))[0]


def test_a_referenced_key_that_cannot_be_used() -> None:
    """Uploads to these buckets fail. No AWS control covers that."""
    assert controls(replace(GOOD, state="Disabled"), references=("a", "b")) == [None]
    assert controls(replace(GOOD, state="Disabled"), references=()) == []
    assert controls(GOOD, references=("a",)) == []


def test_all_findings_and_no_finding() -> None:
    """All findings are reported; a key that the caller may not describe has none."""
    bad = replace(GOOD, rotation=Rotation(False), policy=policy_for("*"))
    assert controls(bad) == ["Security Hub KMS.4", "Security Hub KMS.5"]
    assert key_findings(KeyReport("one")) == ()

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Writes to a KMS key whose response is lost: what was carried out is found, what was not is reported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.waiters import (
    LOST_RESPONSE_DELAYS,
    THROTTLING_DELAYS,
)
from ansible_collections.sealed.s3.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, OperationError, Reason
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.desired_key import DesiredKey, DesiredPolicy
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_rotation import Rotation
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_state import KeyState
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_aws import ROOT, FakeKms
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_clock import FakeClock

from .test_kms_key import KEY, key_resource, kms_with

LOST = Failure(FailureKind.UNREACHABLE, "no response", may_have_been_applied=True)
# The SDK has sent the request again, and KMS refuses the second one.
REPEATED = Failure(FailureKind.KEY_UNUSABLE, "not in this state", may_have_been_applied=True)

DELETED = replace(KEY, state="PendingDeletion")
WRITES = [
    pytest.param(DesiredKey("alias/one"), DELETED, "CancelKeyDeletion", REPEATED, id="CancelKeyDeletion, sent again"),
    pytest.param(DesiredKey("alias/one"), DELETED, "EnableKey", LOST, id="EnableKey after CancelKeyDeletion"),
    pytest.param(
        DesiredKey("alias/one", enabled=True), replace(KEY, state="Disabled"), "EnableKey", LOST, id="EnableKey"
    ),
    pytest.param(DesiredKey("alias/one", enabled=False), KEY, "DisableKey", LOST, id="DisableKey"),
    pytest.param(
        DesiredKey("alias/one", description="x"), KEY, "UpdateKeyDescription", LOST, id="UpdateKeyDescription"
    ),
    pytest.param(DesiredKey("alias/one", policy=DesiredPolicy((ROOT,))), KEY, "PutKeyPolicy", LOST, id="PutKeyPolicy"),
    pytest.param(
        DesiredKey("alias/one", rotation_enabled=True), KEY, "EnableKeyRotation", LOST, id="EnableKeyRotation"
    ),
    pytest.param(
        DesiredKey("alias/one", rotation_enabled=True, rotation_period_in_days=100),
        replace(KEY, rotation=Rotation(True, 365)),
        "EnableKeyRotation",
        LOST,
        id="EnableKeyRotation with a period",
    ),
    pytest.param(
        DesiredKey("alias/one", rotation_enabled=False),
        replace(KEY, rotation=Rotation(True, 365)),
        "DisableKeyRotation",
        LOST,
        id="DisableKeyRotation",
    ),
    pytest.param(DesiredKey("alias/one", tags=(("a", "2"),)), KEY, "TagResource", LOST, id="TagResource"),
    pytest.param(DesiredKey("alias/one", tags=()), KEY, "UntagResource", LOST, id="UntagResource"),
    pytest.param(DesiredKey("alias/new", "one"), KEY, "CreateAlias", LOST, id="CreateAlias"),
]
METHODS = {
    "CancelKeyDeletion": "set_state",
    "EnableKey": "set_state",
    "DisableKey": "set_state",
    "UpdateKeyDescription": "update_key_description",
    "PutKeyPolicy": "put_key_policy",
    "EnableKeyRotation": "set_rotation",
    "DisableKeyRotation": "set_rotation",
    "TagResource": "tag_resource",
    "UntagResource": "untag_resource",
    "CreateAlias": "set_alias",
}


def lose(kms: FakeKms, operation: str, failure: Failure, *, applied: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Carry out the operation or not, and answer with the failure."""
    carry_out: Callable[..., Any] = getattr(kms, METHODS[operation])

    def call(*arguments: Any) -> None:
        is_it = arguments[0] == operation or METHODS[operation] not in ("set_state", "set_rotation", "set_alias")
        if applied or not is_it:
            carry_out(*arguments)
        if is_it:
            raise OperationError(failure)

    monkeypatch.setattr(kms, METHODS[operation], call)


@pytest.mark.parametrize(("desired", "key", "operation", "failure"), WRITES)
def test_a_write_whose_response_is_lost_is_found(
    desired: DesiredKey, key: KeyState, operation: str, failure: Failure, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run ends as an undisturbed one, and a second run changes nothing."""
    undisturbed = kms_with(key)
    expected = reconcile(key_resource(desired, undisturbed), check_mode=False)
    kms = kms_with(key)
    with monkeypatch.context() as patch:
        lose(kms, operation, failure, applied=True, monkeypatch=patch)
        outcome = reconcile(key_resource(desired, kms), check_mode=False)
    assert operation in outcome.actions
    assert (outcome.failure, outcome.actions, outcome.after) == (None, expected.actions, expected.after)
    assert kms.stored_key("one") == undisturbed.stored_key("one")
    assert not reconcile(key_resource(desired, kms), check_mode=False).changed


@pytest.mark.parametrize(("desired", "key", "operation", "failure"), WRITES)
def test_a_write_that_was_not_carried_out_is_reported(
    desired: DesiredKey, key: KeyState, operation: str, failure: Failure, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the original failure; the next run, which is not disturbed, ends where it should."""
    kms = kms_with(key)
    with monkeypatch.context() as patch:
        lose(kms, operation, failure, applied=False, monkeypatch=patch)
        outcome = reconcile(key_resource(desired, kms), check_mode=False)
    assert outcome.failure is not None
    assert outcome.failure.message.startswith(failure.message)
    assert operation not in outcome.actions
    if outcome.actions == ("CancelKeyDeletion",):
        desired = replace(desired, enabled=True)  # as the advice says
        assert "set enabled: true" in outcome.failure.advice
    assert reconcile(key_resource(desired, kms), check_mode=False).failure is None
    assert not reconcile(key_resource(desired, kms), check_mode=False).changed


def test_a_cancellation_that_cannot_be_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """No response to anything: the message says how to enable the key if it is disabled."""
    kms = kms_with(DELETED)

    def lost(*_arguments: Any) -> None:
        kms.failures["DescribeKey"] = LOST
        raise OperationError(LOST)

    monkeypatch.setattr(kms, "set_state", lost)
    outcome = reconcile(key_resource(DesiredKey("alias/one"), kms), check_mode=False)
    assert outcome.failure is not None
    assert (outcome.changed, outcome.failure.kind) == (True, FailureKind.UNREACHABLE)
    assert "the key is disabled: set enabled: true" in outcome.failure.advice


THROTTLED = Failure(FailureKind.THROTTLED, "too fast", reason=Reason.RATE_LIMITED)


@pytest.mark.parametrize("times", range(len(THROTTLING_DELAYS) + 2))
def test_a_throttled_creation_is_sent_again(times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """KMS has created nothing, so there is one key in the end; after half a minute the failure is reported."""
    clock, kms = FakeClock(), kms_with()
    create, calls = kms.create_key, []

    def throttle(step: Any) -> KeyState:
        calls.append(step)
        if len(calls) <= times:
            raise OperationError(THROTTLED)
        return create(step)

    monkeypatch.setattr(kms, "create_key", throttle)
    outcome = reconcile(key_resource(DesiredKey("alias/one"), kms, clock), check_mode=False)
    waited = clock.slept
    if times > len(THROTTLING_DELAYS):
        assert (outcome.failure, outcome.changed, kms.keys) == (THROTTLED, False, {})
    else:
        assert (outcome.failure, len(kms.keys)) == (None, 1)
    assert waited == list(THROTTLING_DELAYS[:times])


def test_another_failure_of_a_creation_is_not_sent_again() -> None:
    """A response that is lost may have created a key, and DependencyTimeoutException too."""
    for failure in (LOST, replace(THROTTLED, reason=None)):
        clock, kms = FakeClock(), kms_with()
        kms.failures["CreateKey"] = failure
        outcome = reconcile(key_resource(DesiredKey("alias/one"), kms, clock), check_mode=False)
        assert outcome.failure is not None
        assert kms.writes in ([], ["CreateKey"])
        searches = [*LOST_RESPONSE_DELAYS] if failure.may_have_been_applied else []
        assert clock.slept == searches

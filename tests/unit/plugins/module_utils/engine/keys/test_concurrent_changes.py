# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Two runs that change one key at the same time: the one whose change is overwritten says so, and soon."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.waiters import CONSISTENCY_DELAYS
from ansible_collections.sealed.s3.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.desired_key import DesiredKey, DesiredPolicy
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_rotation import Rotation
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_state import KeyState
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_aws import (
    DEFAULT_POLICY,
    FakeKms,
    key_arn,
)
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_clock import FakeClock

from .test_kms_key import KEY, key_resource, kms_with

ROLE = "arn:aws:iam::111122223333:role/app"
TWO = replace(KEY, key_id="two", arn=key_arn("two"), aliases=("alias/two",))
THREE = replace(KEY, key_id="three", arn=key_arn("three"), aliases=("alias/three",))


def statement(sid: str, principal: str = ROLE) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Principal": {"AWS": principal}, "Action": "kms:Decrypt", "Resource": "*"}


def with_statements(*more: dict[str, Any]) -> str:
    policy = json.loads(DEFAULT_POLICY)
    return json.dumps({**policy, "Statement": [*policy["Statement"], *more]})


class AnotherClientWrites(FakeKms):
    """KMS to which another client writes right after the first write of this run."""

    def __init__(self, change: Callable[[FakeKms], None]) -> None:
        super().__init__()
        self.change: Callable[[FakeKms], None] | None = change

    def read(self, operation: str) -> None:
        """The change of the other client is the first thing after the writes of this run."""
        super().read(operation)
        if self.writes and self.change:
            change, self.change = self.change, None
            change(self)


def changed(**parts: Any) -> Callable[[FakeKms], None]:
    """Another client writes these parts of the key."""

    def change(kms: FakeKms) -> None:
        kms.keys["one"] = replace(kms.keys["one"], **parts)

    return change


def moves_alias(kms: FakeKms) -> None:
    kms.aliases["alias/two"] = "three"


OVERWRITTEN = [
    pytest.param(
        DesiredKey("alias/one", description="mine"), changed(description="theirs"), "'theirs'", id="description"
    ),
    pytest.param(
        DesiredKey("alias/one", policy=DesiredPolicy(users=(ROLE,))),
        changed(policy=with_statements(statement("Theirs"))),
        "S3KeyUsers, S3KeyDescribe, Theirs",
        id="policy",
    ),
    pytest.param(
        DesiredKey("alias/one", rotation_enabled=True, rotation_period_in_days=100),
        changed(rotation=Rotation(True, 200)),
        "another rotation",
        id="rotation",
    ),
    pytest.param(DesiredKey("alias/one", tags=(("a", "2"),)), changed(tags=(("a", "3"),)), "the tags a", id="a tag"),
    pytest.param(
        DesiredKey("alias/one", tags=(("a", "1"), ("b", "1"))),
        changed(tags=(("b", "1"),)),
        "the tags a",
        id="a lost tag",
    ),
    pytest.param(DesiredKey("alias/two", "one"), moves_alias, "refers to the key three", id="alias"),
    pytest.param(
        DesiredKey("alias/one", description="mine", enabled=False),
        changed(state="PendingDeletion"),
        "scheduled for deletion",
        id="state",
    ),
]


@pytest.mark.parametrize(("desired", "change", "named"), OVERWRITTEN)
def test_a_change_of_another_run_is_named(desired: DesiredKey, change: Callable[[FakeKms], None], named: str) -> None:
    """Within four seconds, and not after a minute."""
    kms, clock = AnotherClientWrites(change), FakeClock()
    for key in (KEY, TWO, THREE):
        kms.add_key(key)
    outcome = reconcile(key_resource(desired, kms, clock), check_mode=False)
    assert outcome.failure is not None
    assert (outcome.failure.kind, outcome.changed) == (FailureKind.CONFLICT, True)
    assert "another run has written" in outcome.failure.message
    assert named in outcome.failure.message
    assert sum(clock.slept) < 4


UNAFFECTED = [
    pytest.param(
        DesiredKey("alias/one", tags=(("b", "1"),), purge_tags=False),
        changed(tags=(("a", "1"), ("b", "1"), ("c", "1"))),
        id="another tag, which this task keeps",
    ),
    pytest.param(
        DesiredKey("alias/one", policy=DesiredPolicy(services=())),
        changed(policy=with_statements(statement("Theirs"))),
        id="a foreign statement",
    ),
    pytest.param(
        DesiredKey("alias/one", description="mine"), changed(tags=()), id="a part that this task does not name"
    ),
]


@pytest.mark.parametrize(("desired", "change"), UNAFFECTED)
def test_a_change_that_keeps_the_desired_state_is_accepted(
    desired: DesiredKey, change: Callable[[FakeKms], None]
) -> None:
    """The key is as desired, whoever has written last."""
    kms = AnotherClientWrites(change)
    kms.add_key(replace(KEY, policy=with_statements(statement("S3KeyServices"))))
    assert reconcile(key_resource(desired, kms), check_mode=False).failure is None


def test_a_change_back_to_the_former_state_cannot_be_distinguished_from_a_late_read() -> None:
    """So it is waited for, and the message names both causes."""
    kms, clock = AnotherClientWrites(changed(description="")), FakeClock()
    kms.add_key(KEY)
    outcome = reconcile(key_resource(DesiredKey("alias/one", description="mine"), kms, clock), check_mode=False)
    assert outcome.failure is not None
    assert outcome.failure.kind is FailureKind.UNVERIFIED
    assert "another client changes the key back" in outcome.failure.advice
    assert tuple(clock.slept) == CONSISTENCY_DELAYS


def test_late_reads_of_a_third_state_are_waited_for() -> None:
    """Another client wrote between the plan and the write of this run, and some reads still show that."""

    class LateReads(FakeKms):
        """KMS whose reads show the change of another client, which this run has overwritten."""

        late = 3

        def get_key(self, key: str) -> KeyState:
            """The other description, some times."""
            found = super().get_key(key)
            if self.writes and self.late:
                self.late -= 1
                return replace(found, description="theirs")
            return found

    kms = LateReads()
    kms.add_key(KEY)
    outcome = reconcile(key_resource(DesiredKey("alias/one", description="mine"), kms), check_mode=False)
    assert outcome.failure is None


def test_two_runs_that_want_the_same_do_not_disturb_each_other() -> None:
    """The description is as desired, whichever of them has written last."""
    kms = kms_with(replace(KEY, description="mine"))
    assert not reconcile(key_resource(DesiredKey("alias/one", description="mine"), kms), check_mode=False).changed

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Plans for the deletion of a KMS key: reasons to refuse it, replicas first, and scheduled once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_deletion import (
    DeletionCheck,
    DesiredDeletion,
    ScheduleKeyDeletion,
    plan_key_deletion,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_state import KeyState
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_usage import KeyReferences

REGION = "eu-west-1"
KEY = KeyState("one", "arn:aws:kms:eu-west-1:111122223333:key/one", aliases=("alias/one",))
GO = DesiredDeletion(7, 30)

GONE = [
    pytest.param(None, id="not there"),
    pytest.param(replace(KEY, state="PendingDeletion"), id="scheduled"),
    pytest.param(replace(KEY, state="PendingReplicaDeletion"), id="scheduled, after its replicas"),
]


@pytest.mark.parametrize("key", GONE)
def test_a_deleted_or_scheduled_key_is_unchanged(key: KeyState | None) -> None:
    """Also if a bucket names it, because nothing can be done about that."""
    plan = plan_key_deletion(GO, key, REGION, DeletionCheck(KeyReferences(("raw",))))
    assert (plan.before, plan.steps, plan.after) == (key, (), key)


@pytest.mark.parametrize("state", ["Enabled", "Disabled", "PendingImport", "Unavailable"])
def test_an_unneeded_key_is_scheduled_once(state: str) -> None:
    """In every state of a key."""
    plan = plan_key_deletion(GO, replace(KEY, state=state), REGION)
    assert plan.steps == (ScheduleKeyDeletion(REGION, 7),)
    assert plan.after == replace(KEY, state="PendingDeletion", pending_window_in_days=7)
    assert plan_key_deletion(GO, plan.after, REGION).steps == ()


def test_replicas_are_scheduled_first() -> None:
    """Only those that are not scheduled yet."""
    replicas = (
        KeyState(region="us-east-1", state="Enabled"),
        KeyState(region="us-west-2", state="PendingDeletion"),
    )
    plan = plan_key_deletion(GO, KEY, REGION, replicas=replicas)
    assert plan.steps == (ScheduleKeyDeletion("us-east-1", 7, group="us-east-1"), ScheduleKeyDeletion(REGION, 7))
    assert plan.after is not None
    assert (plan.after.state, plan.after.pending_window_in_days) == ("PendingReplicaDeletion", 7)
    # With a replica that was restored, or not reached by an interrupted run, the key would stay pending for ever.
    waiting = replace(KEY, state="PendingReplicaDeletion")
    plan = plan_key_deletion(GO, waiting, REGION, replicas=replicas)
    assert plan.steps == (ScheduleKeyDeletion("us-east-1", 7, group="us-east-1"),)
    assert plan.after is not None
    assert plan_key_deletion(GO, waiting, REGION, replicas=plan.after.replicas or ()).steps == ()


NEEDED = [
    pytest.param(DeletionCheck(KeyReferences(("raw", "curated"))), "raw, curated names it", id="buckets"),
    pytest.param(DeletionCheck(KeyReferences(tuple("abcdefg"))), "a, b, c, d, e and 2 more buckets", id="many buckets"),
    pytest.param(
        DeletionCheck(KeyReferences(unreadable=("raw",))), "could not be read", id="a bucket that could not be read"
    ),
    pytest.param(
        DeletionCheck(unused_for_days=29, last_used="2026-11-01"), "29 days ago, at 2026-11-01", id="used of late"
    ),
    pytest.param(DeletionCheck(unused_for_days=0, last_used="2026-11-01"), "0 days ago", id="used today"),
]


@pytest.mark.parametrize(("use", "reason"), NEEDED)
def test_a_key_in_use_is_refused_unless_forced(use: DeletionCheck, reason: str) -> None:
    """The message has the reason."""
    with pytest.raises(OperationError, match=reason) as error:
        plan_key_deletion(GO, KEY, REGION, use)
    assert error.value.failure.kind is FailureKind.IN_USE
    assert plan_key_deletion(replace(GO, force=True), KEY, REGION, use).steps == (ScheduleKeyDeletion(REGION, 7),)


def test_a_key_that_was_not_used_for_the_limit_is_unused() -> None:
    """The day of the limit counts as unused."""
    use = DeletionCheck(unused_for_days=30, last_used="2026-10-01")
    assert plan_key_deletion(GO, KEY, REGION, use).steps
    assert plan_key_deletion(replace(GO, unused_days=0), KEY, REGION, DeletionCheck(unused_for_days=0)).steps


def test_a_key_of_aws_is_refused_even_if_forced() -> None:
    """AWS does not allow to delete it."""
    with pytest.raises(OperationError, match="managed by AWS"):
        plan_key_deletion(replace(GO, force=True), replace(KEY, manager="AWS"), REGION)


NAMES = st.lists(st.sampled_from(["raw", "curated"]), unique=True).map(tuple)


@given(NAMES, NAMES, st.none() | st.integers(0, 60), st.integers(0, 60))
def test_only_an_unused_key_is_scheduled(
    named: tuple[str, ...], unreadable: tuple[str, ...], days: int | None, wait: int
) -> None:
    """Without force, a key that is named, recently used, or maybe used by an unreadable bucket is never scheduled."""
    needed = bool(named or unreadable or (days is not None and days < wait))
    try:
        plan = plan_key_deletion(
            DesiredDeletion(7, wait), KEY, REGION, DeletionCheck(KeyReferences(named, unreadable), days)
        )
    except OperationError:
        assert needed
        return
    assert plan.steps
    assert not needed

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Letting a KMS key go: what still needs it, and the calls that schedule its deletion.

With a key goes everything that is encrypted under it, for ever.
Source: https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ..errors import Failure, FailureKind, OperationError
from ..operations import Operations
from ..plan import Plan
from .key_state import KeyState

# Enough to recognise what they are by, in a sentence that can be read.
_NAMED = 5


@dataclass(frozen=True, slots=True)
class DesiredDeletion:
    """How to let a key go. `force`: also one that is needed."""

    window_in_days: int = 30
    unused_days: int = 30
    force: bool = False


@dataclass(frozen=True, slots=True)
class KeyUse:
    """What is known of a key's use: the buckets whose default encryption names it, those that could not be looked at,
    and the days since its last use (None: not used, or not known)."""

    buckets: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    unused_for_days: int | None = None
    last_used: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScheduleKeyDeletion:
    """Let KMS delete the key, or its replica in another region, after this many days."""

    region: str
    window_in_days: int
    # A replica's region: one that fails leaves the other replicas alone.
    group: str = ""
    operations: ClassVar[Operations] = ("ScheduleKeyDeletion",)


DeletionPlan = Plan[KeyState, ScheduleKeyDeletion]


def plan_key_deletion(
    desired: DesiredDeletion,
    key: KeyState | None,
    region: str,
    use: KeyUse = KeyUse(),
    replicas: tuple[KeyState, ...] = (),
) -> DeletionPlan:
    """The calls that schedule the deletion, replicas first. Raises OperationError where the key is needed, or is
    AWS's own.

    A key that waits for its replicas waits for ever while one of them is not scheduled, so that is made good.
    """
    if key is None:
        return Plan(None, (), None)
    before = replace(key, replicas=replicas) if replicas else key
    live = tuple(replica for replica in replicas if not replica.is_pending_deletion)
    if key.is_pending_deletion and not live:
        return Plan(before, (), before)
    if key.manager != "CUSTOMER":
        raise OperationError(
            Failure(FailureKind.INVALID, f"The key {key.arn} is managed by AWS, which lets nobody delete it.")
        )
    warnings = use.warnings
    reasons = _reasons_against(desired, use)
    if reasons and not desired.force:
        raise _needed(key, reasons)
    if reasons:
        warnings += (f"The deletion of the key {key.arn} is forced, although {'; '.join(reasons)}.",)
    window = desired.window_in_days
    steps = [ScheduleKeyDeletion(replica.region, window, group=replica.region) for replica in live]
    gone: dict[str, Any] = (
        {"replicas": tuple(replace(replica, state="PendingDeletion") for replica in replicas)} if replicas else {}
    )
    if key.is_pending_deletion:
        return Plan(before, tuple(steps), replace(before, **gone), warnings)
    # A primary key is deleted when its last replica is gone, and as many days later as it was told.
    # Source: https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-delete.html
    steps.append(ScheduleKeyDeletion(region, window))
    after = replace(
        before,
        state="PendingReplicaDeletion" if replicas else "PendingDeletion",
        pending_window_in_days=window,
        **gone,
    )
    return Plan(before, tuple(steps), after, warnings)


def _reasons_against(desired: DesiredDeletion, use: KeyUse) -> list[str]:
    reasons = []
    if use.buckets:
        reasons.append(f"the default encryption of {_some(use.buckets)} names it")
    if use.unseen:
        reasons.append(f"the default encryption of {_some(use.unseen)} could not be read, and may name it")
    if use.unused_for_days is not None and use.unused_for_days < desired.unused_days:
        reasons.append(f"it was last used {use.unused_for_days} days ago, at {use.last_used}")
    return reasons


def _needed(key: KeyState, reasons: list[str]) -> OperationError:
    return OperationError(
        Failure(
            FailureKind.IN_USE,
            f"The key {key.arn} is not deleted: {'; '.join(reasons)}. "
            "What is encrypted under it could never be read again.",
            "Encrypt that under another key first, or set enabled: false to see what breaks. "
            "force: true deletes it all the same.",
            action="kms:ScheduleKeyDeletion",
            resource=key.arn or "",
        )
    )


def _some(names: tuple[str, ...]) -> str:
    more = len(names) - _NAMED
    return f"{', '.join(names[:_NAMED])}{f' and {more} more buckets' if more > 0 else ''}"

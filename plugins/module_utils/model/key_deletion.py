# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Letting a KMS key go: what still needs it, and the calls that schedule its deletion.

With a key goes everything that is encrypted under it, for ever.
Source: https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from .errors import Failure, FailureKind, Refused
from .kms_key import KeyPlan, KeyState, ScheduleKeyDeletion
from .plan import Plan

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
class Replica:
    """A replica of a multi-Region key."""

    region: str
    state: str


def plan_key_deletion(
    desired: DesiredDeletion,
    key: KeyState | None,
    region: str,
    use: KeyUse = KeyUse(),
    replicas: tuple[Replica, ...] = (),
) -> KeyPlan:
    """The calls that schedule the deletion, replicas first. Raises Refused where the key is needed, or is AWS's own."""
    if key is None or key.is_pending_deletion:
        return Plan(key, (), key)
    if key.manager != "CUSTOMER":
        raise Refused(
            Failure(FailureKind.INVALID, f"The key {key.arn} is managed by AWS, which lets nobody delete it.")
        )
    if not desired.force:
        _require_unneeded(desired, key, use)
    # A primary key is deleted when its last replica is gone, however many days it has to wait for that.
    # Source: https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-delete.html
    steps = [
        ScheduleKeyDeletion(replica.region, desired.window_in_days)
        for replica in replicas
        if replica.state != "PendingDeletion"
    ]
    steps.append(ScheduleKeyDeletion(region, desired.window_in_days))
    after = replace(key, state="PendingReplicaDeletion" if replicas else "PendingDeletion")
    return Plan(key, tuple(steps), after, use.warnings)


def _require_unneeded(desired: DesiredDeletion, key: KeyState, use: KeyUse) -> None:
    reasons = []
    if use.buckets:
        reasons.append(f"the default encryption of {_some(use.buckets)} names it")
    if use.unseen:
        reasons.append(f"the default encryption of {_some(use.unseen)} could not be read, and may name it")
    if use.unused_for_days is not None and use.unused_for_days < desired.unused_days:
        reasons.append(f"it was last used {use.unused_for_days} days ago, at {use.last_used}")
    if reasons:
        raise Refused(
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

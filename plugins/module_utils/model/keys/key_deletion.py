# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The deletion of a KMS key: the checks whether it is still in use, and the calls that schedule the deletion.

Data that is encrypted under a deleted key can never be decrypted again.
Source: https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from ..errors import Failure, FailureKind, OperationError, invalid_input
from ..plan import Plan
from .key_state import KeyState
from .key_usage import KeyReferences, list_names

if TYPE_CHECKING:
    from ..operations import Operations


@dataclass(frozen=True, slots=True)
class DesiredDeletion:
    """How to delete a key. `force`: also if it is still in use."""

    window_in_days: int = 30
    unused_days: int = 30
    force: bool = False


@dataclass(frozen=True, slots=True)
class DeletionCheck:
    """The result of the checks whether a key is still in use, over all regions in which it is to be deleted.

    `unused_for_days` are the days since the last use at `last_used`; None if KMS has not recorded any.
    """

    references: KeyReferences = KeyReferences()
    unused_for_days: int | None = None
    last_used: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScheduleKeyDeletion:
    """Schedule the deletion of the key, or of its replica in another region, after this many days."""

    region: str
    window_in_days: int
    # The region of a replica, so that a failure there does not affect the other replicas.
    group: str = ""
    operations: ClassVar[Operations] = ("ScheduleKeyDeletion",)


DeletionPlan = Plan[KeyState, ScheduleKeyDeletion]


def plan_key_deletion(
    desired: DesiredDeletion,
    key: KeyState | None,
    region: str,
    check: DeletionCheck = DeletionCheck(),
    replicas: tuple[KeyState, ...] = (),
) -> DeletionPlan:
    """The calls that schedule the deletion, replicas first.

    Raises OperationError if the key is still in use, or if AWS manages it.

    A primary key in PendingReplicaDeletion is never deleted until every replica is scheduled for deletion, so the
    missing ones are scheduled.
    """
    if key is None:
        return Plan(None, (), None)
    before = replace(key, replicas=replicas) if replicas else key
    live = tuple(replica for replica in replicas if not replica.is_pending_deletion)
    if key.is_pending_deletion and not live:
        return Plan(before, (), before)
    if key.manager != "CUSTOMER":
        raise invalid_input(f"The key {key.arn} is managed by AWS and cannot be deleted.")
    warnings = check.warnings
    reasons = _reasons_against(desired, check)
    if reasons and not desired.force:
        raise _needed(key, reasons)
    if reasons:
        warnings += (f"The deletion of the key {key.arn} is forced, although {'; '.join(reasons)}.",)
    window = desired.window_in_days
    steps = [ScheduleKeyDeletion(replica.region, window, group=replica.region) for replica in live]
    scheduled = tuple(replace(replica, state="PendingDeletion") for replica in replicas) or key.replicas
    if key.is_pending_deletion:
        return Plan(before, tuple(steps), replace(before, replicas=scheduled), warnings)
    # The waiting period of a primary key starts when its last replica is deleted.
    # Source: https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-delete.html
    steps.append(ScheduleKeyDeletion(region, window))
    after = replace(
        before,
        state="PendingReplicaDeletion" if replicas else "PendingDeletion",
        pending_window_in_days=window,
        replicas=scheduled,
    )
    return Plan(before, tuple(steps), after, warnings)


def _reasons_against(desired: DesiredDeletion, check: DeletionCheck) -> list[str]:
    reasons = []
    buckets, unreadable = check.references.buckets, check.references.unreadable
    if buckets:
        reasons.append(f"the default encryption of {list_names(buckets, 'buckets')} names it")
    if unreadable:
        reasons.append(
            f"the default encryption of {list_names(unreadable, 'buckets')} could not be read "
            "(s3:GetEncryptionConfiguration), and may name it"
        )
    if check.unused_for_days is not None and check.unused_for_days < desired.unused_days:
        reasons.append(f"it was last used {check.unused_for_days} days ago, at {check.last_used}")
    return reasons


def _needed(key: KeyState, reasons: list[str]) -> OperationError:
    return OperationError(
        Failure(
            FailureKind.IN_USE,
            f"The key {key.arn} is not deleted: {'; '.join(reasons)}. "
            "Data that is encrypted under it could never be decrypted again.",
            "Encrypt the data under another key first, or set enabled: false to see what fails. "
            "Set force: true to delete the key anyway.",
            action="kms:ScheduleKeyDeletion",
            resource=key.arn or "",
        )
    )

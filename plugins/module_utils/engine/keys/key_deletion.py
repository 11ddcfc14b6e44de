# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The deletion of one KMS key: checked for use in every region in which the key is to be deleted, and scheduled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ...model.errors import Failure, FailureKind, OperationError, assert_never
from ...model.keys.key_deletion import DeletionCheck, DesiredDeletion, ScheduleKeyDeletion, plan_key_deletion
from ...model.keys.key_state import KeyState
from ...model.plan import Applied, PreparedPlan
from .deletion_check import check_use
from .key_reading import find_named_key
from .waiters import CONSISTENCY_DELAYS, Waiter
from .write_verification import write_or_verify

if TYPE_CHECKING:
    from ...aws.keys.ports import KmsPort
    from .key_references import KeyReferenceReader


@dataclass(frozen=True, slots=True)
class DeletionContext:
    """The key that was found, the result of the checks, and the dates of the scheduled deletions by region.

    KMS does not report the date of a primary key that still has replicas: None.
    """

    key: KeyState | None
    check: DeletionCheck = DeletionCheck()
    dates: Mapping[str, str | None] = field(default_factory=dict)


PreparedDeletion = PreparedPlan[KeyState, ScheduleKeyDeletion, DeletionContext]


@dataclass(frozen=True)
class KeyDeletionResource:
    """A key with this alias or id that is to be deleted."""

    name: str
    desired: DesiredDeletion
    kms: KmsPort
    references: KeyReferenceReader
    waiter: Waiter

    def plan(self) -> PreparedDeletion:
        """Read the key and, unless it is already scheduled for deletion, check whether it is still in use."""
        region = self.kms.region
        key = self._find()
        if key is None or key.state == "PendingDeletion" or key.manager != "CUSTOMER":
            return PreparedPlan(plan_key_deletion(self.desired, key, region), DeletionContext(key))
        replicas = tuple(self._read_replica(key, replica) for replica in key.replica_regions)
        regions = [replica.region for replica in replicas if not replica.is_pending_deletion]
        if not key.is_pending_deletion:
            regions.insert(0, region)
        check = check_use(key, regions, self.desired, self.kms, self.references, self.waiter.clock.now())
        return PreparedPlan(plan_key_deletion(self.desired, key, region, check, replicas), DeletionContext(key, check))

    def apply(self, step: ScheduleKeyDeletion, context: DeletionContext) -> Applied[DeletionContext]:
        """Schedule the deletion in one region. The primary key, or a key without replicas, comes last."""
        match step:
            case ScheduleKeyDeletion():
                return Applied(self._schedule(step, context))
            case _:
                assert_never(step)

    def _schedule(self, step: ScheduleKeyDeletion, context: DeletionContext) -> DeletionContext:
        if context.key is None or context.key.key_id is None:
            raise AssertionError("a deletion is scheduled only for a key that exists")
        key_id, kms, dates = context.key.key_id, self.kms.in_region(step.region), dict(context.dates)

        def schedule() -> None:
            dates[step.region] = self.kms.schedule_key_deletion(key_id, step.region, step.window_in_days)

        def is_scheduled() -> bool:
            key = kms.get_key(key_id)
            dates[step.region] = key.deletion_date
            return key.is_pending_deletion

        write_or_verify(schedule, is_scheduled, self.waiter)
        return replace(context, dates=dates)

    def read_back(self, planned: KeyState | None, context: DeletionContext) -> KeyState | None:
        """The planned key and replicas with their dates, once consecutive reads show that they are scheduled."""
        if planned is None:
            return None
        for region in context.dates:
            self._wait_until_visible(planned, region)
        replicas = planned.replicas and tuple(
            replace(replica, deletion_date=context.dates.get(replica.region, replica.deletion_date))
            for replica in planned.replicas
        )
        return replace(planned, deletion_date=context.dates.get(self.kms.region), replicas=replicas)

    def _wait_until_visible(self, planned: KeyState, region: str) -> None:
        """Return when consecutive reads show that the deletion is scheduled.

        A run that starts before that would not cancel the deletion. If the key is not readable, the response of
        ScheduleKeyDeletion is enough.

        Source: https://docs.aws.amazon.com/kms/latest/developerguide/accessing-kms.html#programming-eventual-consistency
        """
        kms, arn = self.kms.in_region(region), planned.arn_in(region)
        try:
            visible = self.waiter.wait_until_consistent(lambda: kms.get_key(arn).is_pending_deletion, bool)
        except OperationError:
            return
        if not visible:
            raise OperationError(
                Failure(
                    FailureKind.UNVERIFIED,
                    f"The deletion of the key {arn} is scheduled, but after {sum(CONSISTENCY_DELAYS):.0f} seconds KMS "
                    "still reports that it is not.",
                    "Run the task again in some minutes.",
                    resource=arn,
                )
            )

    def _find(self) -> KeyState | None:
        key = find_named_key(self.name, self.kms)
        return replace(key, aliases=self.kms.list_aliases(key.key_id or "")) if key else None

    def _read_replica(self, key: KeyState, region: str) -> KeyState:
        return replace(self.kms.in_region(region).get_key(key.arn_in(region)), region=region)

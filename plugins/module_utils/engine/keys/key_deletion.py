# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Letting one KMS key go, between the plan and KMS: what needs it is looked for where somebody may still need it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone

from ...aws.keys.ports import KmsPort
from ...model.errors import Failure, FailureKind, OperationError, assert_never
from ...model.keys.key_deletion import DeletionPlan, DesiredDeletion, KeyUse, ScheduleKeyDeletion, plan_key_deletion
from ...model.keys.key_state import KeyState
from .key_references import BucketsByKey
from .waiters import WAITS, until_agreed


def _utc_now() -> datetime:
    return datetime.now(timezone.utc)


@dataclass
class KeyDeletionResource:
    """A key, known by its alias or id, that is to go. `use` is what was found out about its use."""

    name: str
    desired: DesiredDeletion
    kms: KmsPort
    users: BucketsByKey
    clock: Callable[[], datetime] = _utc_now
    key: KeyState | None = None
    use: KeyUse = KeyUse()
    dates: dict[str, str | None] = field(default_factory=dict)

    def plan(self) -> DeletionPlan:
        """Read the key and, where it is not on its way out already, what needs it."""
        region = self.kms.region
        self.key = self._find()
        if self.key is None or self.key.state == "PendingDeletion" or self.key.manager != "CUSTOMER":
            return plan_key_deletion(self.desired, self.key, region)
        replicas = tuple(self._replica(self.key, replica) for replica in self.key.replica_regions)
        to_go = [replica.region for replica in replicas if not replica.is_pending_deletion]
        if not self.key.is_pending_deletion:
            to_go.insert(0, region)
        self.use = self._find_use(self.key, to_go)
        return plan_key_deletion(self.desired, self.key, region, self.use, replicas)

    def apply(self, step: ScheduleKeyDeletion) -> None:
        """Schedule the deletion in one region; the last one is that of the key itself."""
        match step:
            case ScheduleKeyDeletion():
                self._schedule(step)
            case _:
                assert_never(step)

    def _schedule(self, step: ScheduleKeyDeletion) -> None:
        if self.key is None or self.key.key_id is None:
            raise AssertionError("a deletion is scheduled only for a key that exists")
        self.dates[step.region] = self.kms.schedule_key_deletion(self.key.key_id, step.region, step.window_in_days)

    def read_back(self, planned: KeyState | None) -> KeyState | None:
        """The planned key and replicas with the dates that KMS told, when its reads tell of the deletions."""
        if planned is None:
            return None
        for region in self.dates:
            self._await_known(planned, region)
        replicas = planned.replicas and tuple(
            replace(replica, deletion_date=self.dates.get(replica.region, replica.deletion_date))
            for replica in planned.replicas
        )
        return replace(planned, deletion_date=self.dates.get(self.kms.region), replicas=replicas)

    def _await_known(self, planned: KeyState, region: str) -> None:
        """Return when several reads tell of the deletion, which a run that is late in hearing of it would not undo.

        Where it cannot be read it is taken as KMS has answered it.

        Source: https://docs.aws.amazon.com/kms/latest/developerguide/accessing-kms.html#programming-eventual-consistency
        """
        kms, arn = self.kms.in_region(region), planned.arn_in(region)
        try:
            known = until_agreed(lambda: kms.get_key(arn).is_pending_deletion, lambda pending: pending)
        except OperationError:
            return
        if not known:
            raise OperationError(
                Failure(
                    FailureKind.UNVERIFIED,
                    f"The deletion of the key {arn} is scheduled, but for {sum(WAITS):.0f} seconds KMS goes on telling "
                    "that it is not.",
                    "Run the task again in some minutes.",
                    resource=arn,
                )
            )

    def _find(self) -> KeyState | None:
        try:
            key = self.kms.get_key(self.name)
        except OperationError as error:
            if error.failure.kind is FailureKind.ABSENT:
                return None
            raise
        return replace(key, aliases=self.kms.list_aliases(key.key_id or ""))

    def _replica(self, key: KeyState, region: str) -> KeyState:
        return replace(self.kms.in_region(region).get_key(key.arn_in(region)), region=region)

    def _find_use(self, key: KeyState, regions: list[str]) -> KeyUse:
        buckets: list[str] = []
        unseen: list[str] = []
        warnings: list[str] = []
        for region in regions:
            try:
                named, unread = self.users.of(key.arn_in(region), region)
            except OperationError as error:
                if not self.desired.force:
                    raise
                warnings.append(f"The buckets in {region} could not be looked at: {error.failure.message}")
                continue
            buckets += named
            unseen += unread
        use = KeyUse(tuple(buckets), tuple(unseen), warnings=tuple(warnings))
        for region in regions if self.desired.unused_days else ():
            use = self._with_last_use(key, region, use)
        return use

    def _with_last_use(self, key: KeyState, region: str, use: KeyUse) -> KeyUse:
        """What KMS tells of the last use. Where it does not know, that is a warning and not a proof of anything."""
        try:
            told = self.kms.in_region(region).get_key_last_usage(key.key_id or "")
        except OperationError as error:
            if error.failure.kind is not FailureKind.UNSUPPORTED and not self.desired.force:
                raise
            warning = f"When the key {key.arn_in(region)} was last used is not known: {error.failure.message}"
            return replace(use, warnings=(*use.warnings, warning))
        now = self.clock()
        if told.last_used is not None:
            days = max(0, (now - told.last_used).days)
            if use.unused_for_days is not None and use.unused_for_days <= days:
                return use
            return replace(use, unused_for_days=days, last_used=told.last_used.isoformat())
        watched = (now - told.tracked_since).days
        if watched < self.desired.unused_days and told.created < told.tracked_since:
            warning = f"KMS has recorded the uses of {key.arn_in(region)} for {watched} days only; none in that time."
            return replace(use, warnings=(*use.warnings, warning))
        return use

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Letting one KMS key go, between the plan and KMS: what needs it is looked for where somebody may still need it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timezone

from ..aws.ports import KmsPort
from ..model.errors import FailureKind, Refused
from ..model.key_deletion import DesiredDeletion, KeyUse, Replica, plan_key_deletion
from ..model.kms_key import KeyPlan, KeyState, KeyStep, ScheduleKeyDeletion
from .key_users import KeyUsers


def _utc_now() -> datetime:
    return datetime.now(timezone.utc)


@dataclass
class KeyDeletionResource:
    """A key, known by its alias or id, that is to go. `use` is what was found out about its use."""

    name: str
    desired: DesiredDeletion
    kms: KmsPort
    users: KeyUsers
    clock: Callable[[], datetime] = _utc_now
    key: KeyState | None = None
    use: KeyUse = KeyUse()
    deletion_date: str | None = None

    def plan(self) -> KeyPlan:
        """Read the key and, where it is not on its way out already, what needs it."""
        region = self.kms.region
        self.key = self._find()
        if self.key is None or self.key.is_pending_deletion or self.key.manager != "CUSTOMER":
            return plan_key_deletion(self.desired, self.key, region)
        self.use = self._find_use(self.key)
        replicas = tuple(self._replica(self.key, replica) for replica in self.key.replica_regions)
        return plan_key_deletion(self.desired, self.key, region, self.use, replicas)

    def apply(self, step: KeyStep) -> None:
        """Schedule the deletion in one region; the last one is that of the key itself."""
        if not isinstance(step, ScheduleKeyDeletion) or self.key is None or self.key.key_id is None:
            raise AssertionError("a deletion is scheduled, and of a key that is there")
        self.deletion_date = self.kms.schedule_key_deletion(self.key.key_id, step.region, step.window_in_days)

    def read_back(self, planned: KeyState | None) -> KeyState | None:
        """The planned key with the date that KMS told."""
        return replace(planned, deletion_date=self.deletion_date) if planned else None

    def _find(self) -> KeyState | None:
        try:
            key = self.kms.get_key(self.name)
        except Refused as refused:
            if refused.failure.kind is FailureKind.ABSENT:
                return None
            raise
        return replace(key, aliases=self.kms.list_aliases(key.key_id or ""))

    def _replica(self, key: KeyState, region: str) -> Replica:
        return Replica(region, self.kms.describe_key(_arn_in(key, region), region).state)

    def _find_use(self, key: KeyState) -> KeyUse:
        buckets: list[str] = []
        unseen: list[str] = []
        warnings: list[str] = []
        for region in (self.kms.region, *key.replica_regions):
            try:
                named, unread = self.users.of(_arn_in(key, region), region)
            except Refused as refused:
                if not self.desired.force:
                    raise
                warnings.append(f"The buckets in {region} could not be looked at: {refused.failure.message}")
                continue
            buckets += named
            unseen += unread
        use = KeyUse(tuple(buckets), tuple(unseen), warnings=tuple(warnings))
        return self._with_last_use(key, use) if self.desired.unused_days else use

    def _with_last_use(self, key: KeyState, use: KeyUse) -> KeyUse:
        """What KMS tells of the last use. Where it does not know, that is a warning and not a proof of anything."""
        try:
            told = self.kms.get_key_last_usage(key.key_id or "")
        except Refused as refused:
            if refused.failure.kind is not FailureKind.UNSUPPORTED and not self.desired.force:
                raise
            warning = f"When the key {key.arn} was last used is not known: {refused.failure.message}"
            return replace(use, warnings=(*use.warnings, warning))
        now = self.clock()
        if told.last_used is not None:
            return replace(
                use, unused_for_days=max(0, (now - told.last_used).days), last_used=told.last_used.isoformat()
            )
        watched = (now - told.tracked_since).days
        if watched < self.desired.unused_days and told.created < told.tracked_since:
            warning = f"KMS has recorded the uses of {key.arn} for {watched} days only; none in that time."
            return replace(use, warnings=(*use.warnings, warning))
        return use


def _arn_in(key: KeyState, region: str) -> str:
    """The ARN of the key, or of its replica in another region, which has the same id."""
    parts = (key.arn or "").split(":")
    return ":".join([*parts[:3], region, *parts[4:]])

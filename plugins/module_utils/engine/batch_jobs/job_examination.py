# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Reads each listed object, and decides which job changes it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from ...model.batch_jobs.job_parts import decide_for_job, part_name
from ...model.errors import FailureKind, OperationError
from ...model.objects.listed_object import ListedObject
from ...model.objects.object_state import ObjectState
from ...model.objects.reencryption.decision import Decision, OnLocked, Route, SkipReason, changes
from ...model.outcome import Outcome
from ..objects.preserved_attributes import missing_lock_permissions
from ..objects.reencryption.examination import Examination, Examined
from ..objects.reencryption.reencryption import NewVersions, Reencrypted, locked_failure, unread_lock_failure
from .manifest_spool import SpooledObject

if TYPE_CHECKING:
    from ...aws.objects.ports import ObjectPort


@dataclass(frozen=True)
class JobExamination:
    """Reads objects as the engine `here` does. Safe for threads.

    `new_versions` counts the copies that leave a noncurrent version behind.
    """

    examination: Examination
    s3: ObjectPort
    new_versions: NewVersions

    def work(self, listed: ListedObject) -> Reencrypted:
        """Read one object. The outcome is that of the job that changes it, if that succeeds."""
        examined = self.examination.examine(listed)
        state = _state(examined)
        if examined.failure or examined.decision is None or state is None:
            return Outcome(failure=examined.failure, context=examined)
        try:
            examined = replace(examined, decision=self._decide(examined, examined.decision, state))
        except OperationError as error:
            return Outcome(failure=error.failure, context=examined)
        decision = examined.decision
        if decision is not None and decision.skipped is SkipReason.LOCKED and self._fails_on_locked:
            name = self.examination.target(listed).name
            failure = locked_failure(name, listed, state.lock) if state.lock else unread_lock_failure(name)
            return Outcome(failure=failure, context=examined)
        if decision is None or not changes(decision):
            return Outcome(before=state, planned=state, after=state, context=examined)
        after = self._after(state)
        return Outcome(before=state, planned=after, after=after, changed=True, context=examined)

    @property
    def _fails_on_locked(self) -> bool:
        return self.examination.rules.on_locked is OnLocked.FAIL

    def _decide(self, examined: Examined, decision: Decision, state: ObjectState) -> Decision:
        decision = decide_for_job(decision, state)
        if decision.route is not Route.COPY:
            return decision
        examination = self.examination
        may_be_locked = state.version_id is not None and state.lock is None
        target = examination.target(examined.listed)
        if may_be_locked and missing_lock_permissions(self.s3, examination.buckets, target):
            return Decision(skipped=SkipReason.LOCKED)
        if self._has_grants(examined.listed):
            return Decision(skipped=SkipReason.ACL)
        if decision.makes_version and not self.new_versions.take():
            return Decision(skipped=SkipReason.NEW_VERSIONS)
        return decision

    def _has_grants(self, listed: ListedObject) -> bool:
        """Whether the object has an ACL that a copy would make private. Raises OperationError if it cannot be read."""
        examination = self.examination
        try:
            if examination.buckets.acls_are_disabled(examination.bucket):
                return False
        except OperationError:
            pass  # the ACL itself says what is needed
        try:
            return bool(self.s3.get_object_acl(examination.target(listed)))
        except OperationError as error:
            failure = error.failure
            if failure.kind is FailureKind.UNSUPPORTED:
                return False
            if failure.kind is FailureKind.FORBIDDEN:
                failure = failure.with_advice(
                    "A job makes the ACL of a copy private. Allow s3:GetObjectAcl or, where the bucket has no ACLs, "
                    "s3:GetBucketOwnershipControls."
                )
            raise OperationError(failure) from error

    def _after(self, state: ObjectState) -> ObjectState:
        actual = state.encryption.server_side
        written = self.examination.rules.written.expected_after_write(actual)
        return replace(state, encryption=state.encryption.with_server_side(written))


def spooled(examined: Examined) -> SpooledObject | None:
    """What the manifest of a job says of an object; None for an object that no job changes.

    A change in place names the version that was read. A copy names none: that of an older version would take the place
    of a newer one that another client has written meanwhile.
    """
    state, decision = _state(examined), examined.decision
    if state is None or decision is None or not changes(decision):
        return None
    version_id = state.version_id if decision.route is Route.UPDATE else None
    modified = examined.listed.last_modified
    return SpooledObject(
        part_name(decision, state),
        examined.listed.key,
        version_id,
        datetime.fromisoformat(modified) if modified else None,
    )


def _state(examined: Examined) -> ObjectState | None:
    return examined.found.object if examined.found else None

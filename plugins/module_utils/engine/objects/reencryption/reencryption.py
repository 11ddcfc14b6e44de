# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The objects of a bucket are encrypted again by this process: what a list has is read, decided and changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Lock

from ....model.errors import Failure, FailureKind, OperationError, Reason
from ....model.objects.change_method import ChangeMethod, InPlaceSupport
from ....model.objects.listed_object import ListedObject
from ....model.objects.object_state import ObjectLock, ObjectState, Unverifiable
from ....model.objects.object_steps import ObjectStep
from ....model.objects.reencryption.decision import Decision, OnLocked, Route, SkipReason, changes
from ....model.outcome import Outcome
from ....model.plan import Applied
from ...reconcile import Resource
from ..encrypted_object import EncryptedObjectResource, PreparedObjectPlan
from ..head_object import FoundObject
from ..object_context import ObjectContext
from .examination import Examination, Examined

# Reconciles one object: the only thing that differs between a check run and a real run.
Run = Callable[[Resource[ObjectState, ObjectStep, ObjectContext]], Outcome[ObjectState, ObjectContext]]
Reencrypted = Outcome[ObjectState, Examined]

# A run that copies more objects of a bucket with versions than this has to be asked for copies in so many words.
MOST_NEW_VERSIONS = 1000

_ON_LOCKED = "Set on_locked: skip, or release the lock with the tool that set it."


@dataclass(frozen=True)
class ReencryptedObject:
    """An object that was read already, as a resource that is reconciled."""

    object: EncryptedObjectResource
    found: FoundObject

    def plan(self) -> PreparedObjectPlan:
        """The plan from what was read. Raises OperationError for a copy of what may be locked."""
        prepared = self.object.plan_found(self.found)
        before = prepared.plan.before
        if before and Unverifiable.LOCK in before.unverifiable:
            raise OperationError(unread_lock_failure(before.name))
        return prepared

    def apply(self, step: ObjectStep, context: ObjectContext) -> Applied[ObjectContext] | PreparedObjectPlan:
        """Carry out one step."""
        return self.object.apply(step, context)

    def read_back(self, planned: ObjectState | None, context: ObjectContext) -> ObjectState | None:
        """The state after the steps. The answers of AWS prove it; a store has to prove it by the object itself."""
        return self.object.read_back(planned, context) if self.object.s3.custom_endpoint else planned


@dataclass
class NewVersions:
    """Counts the copies that leave a noncurrent version behind, and ends them at the limit. Safe for threads."""

    limit: int | None
    number: int = 0
    _lock: Lock = field(default_factory=Lock)

    def take(self) -> bool:
        """Count one more; False if that would be more than the limit."""
        with self._lock:
            if self.limit is not None and self.number >= self.limit:
                return False
            self.number += 1
            return True


class Reencryption:
    """Changes the objects of one bucket. Safe for threads.

    `template` is the resource of an object without a key, and `with_checksums` reads an object with its checksums,
    which a copy in parts needs.
    """

    def __init__(
        self,
        examination: Examination,
        template: EncryptedObjectResource,
        run: Run,
        with_checksums: Callable[[ListedObject], FoundObject],
    ) -> None:
        self._examination = examination
        self._template = template
        self._run = run
        self._with_checksums = with_checksums
        is_asked = examination.rules.method is ChangeMethod.COPY
        self.new_versions = NewVersions(None if is_asked else MOST_NEW_VERSIONS)
        # Set once S3 has refused to change an object in place because of the account of the KMS key.
        self._key_is_foreign = False

    def work(self, listed: ListedObject) -> Reencrypted:
        """Read one object, and change it if it is not as asked. The failure is in the outcome."""
        outcome = self._attempt(listed)
        failure = outcome.failure
        if failure is None or outcome.changed or failure.kind is not FailureKind.CONFLICT:
            return outcome
        # Another client has written the object since it was read, so that it is another one by now.
        return self._attempt(listed)

    def _attempt(self, listed: ListedObject) -> Reencrypted:
        examined = self._examination_now.examine(listed)
        decision = examined.decision
        if examined.failure or decision is None:
            return Outcome(failure=examined.failure, context=examined)
        if decision.skipped is SkipReason.LOCKED:
            return self._locked(examined)
        if not changes(decision):
            return Outcome(context=examined)
        if decision.makes_version and not self.new_versions.take():
            return Outcome(context=replace(examined, decision=Decision(skipped=SkipReason.NEW_VERSIONS)))
        return self._change(examined, decision)

    @property
    def _examination_now(self) -> Examination:
        """The examination, without changes in place once S3 has refused them for the KMS key."""
        examination = self._examination
        if not self._key_is_foreign:
            return examination
        return replace(examination, rules=replace(examination.rules, in_place=InPlaceSupport.UNAVAILABLE))

    def _change(self, examined: Examined, decision: Decision) -> Reencrypted:
        found = examined.found
        if found is None:
            raise AssertionError("only an object that was read is changed")
        listed = examined.listed
        if decision.route is Route.PARTS and not self._template.s3.reads_checksums:
            try:
                found = self._with_checksums(listed)
            except OperationError as error:
                return Outcome(failure=error.failure, context=examined)
            if found.object is None:
                return Outcome(context=replace(examined, decision=None))
        outcome = self._run(ReencryptedObject(self._resource(listed, decision), found))
        failure = outcome.failure
        if failure is not None and not outcome.changed:
            is_gone = failure.reason in (Reason.OBJECT_NOT_FOUND, Reason.VERSION_NOT_FOUND)
            if is_gone and failure.kind is not FailureKind.CONFLICT:
                return Outcome(context=replace(examined, decision=None))
            if failure.reason is Reason.OBJECT_LOCKED:
                refusal = failure.with_advice(_ON_LOCKED) if decision.route is Route.UPDATE else failure
                return self._locked(replace(examined, decision=Decision(skipped=SkipReason.LOCKED)), refusal)
            if failure.reason is Reason.KEY_OF_ANOTHER_ACCOUNT and self._may_copy and decision.route is Route.UPDATE:
                # Others may have been sent at the same time, so each is tried again. A copy is not refused for that.
                self._key_is_foreign = True
                return self._attempt(listed)
        return Outcome(
            before=outcome.before,
            planned=outcome.planned,
            after=outcome.after,
            actions=outcome.actions,
            changed=outcome.changed,
            failure=failure.with_option("change_method", "method") if failure else None,
            warnings=outcome.warnings,
            context=examined,
            not_there_yet=outcome.not_there_yet,
        )

    @property
    def _may_copy(self) -> bool:
        return self._examination.rules.method is ChangeMethod.AUTO

    def _resource(self, listed: ListedObject, decision: Decision) -> EncryptedObjectResource:
        target = self._examination.target(listed)
        desired = replace(
            self._template.desired,
            key=listed.key,
            version_id=target.version_id,
            change_method=ChangeMethod.UPDATE if decision.route is Route.UPDATE else ChangeMethod.COPY,
        )
        return replace(self._template, desired=desired)

    def _locked(self, examined: Examined, refusal: Failure | None = None) -> Reencrypted:
        """An object under Object Lock is skipped, or fails: with the refusal if its lock was not known before."""
        if self._examination.rules.on_locked is OnLocked.SKIP:
            return Outcome(context=examined)
        state = examined.found.object if examined.found else None
        name, lock = self._examination.target(examined.listed).name, state.lock if state else None
        return Outcome(failure=refusal or locked_failure(name, examined.listed, lock), context=examined)


def unread_lock_failure(name: str) -> Failure:
    """The failure for an object that would be copied, and of which it is not known whether it is locked."""
    return Failure(
        FailureKind.FORBIDDEN,
        f"Whether {name} is under Object Lock cannot be read, and a copy would leave a locked version as it is.",
        "Allow s3:GetObjectRetention and s3:GetObjectLegalHold, or set on_locked: skip.",
        "s3:GetObjectRetention",
        name,
        reason=Reason.OBJECT_LOCKED,
    )


def locked_failure(name: str, listed: ListedObject, lock: ObjectLock | None) -> Failure:
    """The failure for an object under Object Lock that is not as asked."""
    version = f", version {listed.version_id}," if listed.is_noncurrent else ""
    by = f" ({lock.describe()})" if lock else ""
    return Failure(
        FailureKind.FORBIDDEN,
        f"{name}{version} is under Object Lock{by}, so its encryption cannot be changed in place, and a copy would "
        "leave the locked version as it is.",
        _ON_LOCKED,
        "s3:UpdateObjectEncryption",
        name,
        reason=Reason.OBJECT_LOCKED,
    )

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""One object of a push: written from its file, or deleted because it has none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ....model.errors import Failure, FailureKind, OperationError, Reason
from ....model.kinds.encryption import ObjectEncryption
from ....model.objects.desired_object import ObjectReading
from ....model.objects.listed_object import ListedObject
from ....model.objects.object_state import ObjectId, ObjectState
from ....model.objects.object_steps import DeleteObject, ObjectStep, as_deletion
from ....model.outcome import Outcome
from ....model.plan import Applied, Plan, PreparedPlan
from ...reconcile import Resource
from ..encrypted_object import EncryptedObjectResource, PreparedObjectPlan
from ..head_object import KnownObject
from ..object_context import ObjectContext

ObjectOutcome = Outcome[ObjectState, ObjectContext]
# Reconciles one object: the only thing that differs between a check run and a real run.
Run = Callable[[Resource[ObjectState, ObjectStep, ObjectContext]], ObjectOutcome]


@dataclass(frozen=True)
class PushedObject:
    """An object that is written from a file. `before_write` is called before its first step."""

    object: EncryptedObjectResource
    before_write: Callable[[], None]

    def plan(self) -> PreparedObjectPlan:
        """Compare the object with its file."""
        return self.object.plan()

    def apply(self, step: ObjectStep, context: ObjectContext) -> Applied[ObjectContext] | PreparedObjectPlan:
        """Carry out one step."""
        self.before_write()
        return self.object.apply(step, context)

    def read_back(self, planned: ObjectState | None, context: ObjectContext) -> ObjectState | None:
        """The object as it is now."""
        return self.object.read_back(planned, context)


def push_object(pushed: PushedObject, run: Run) -> ObjectOutcome:
    """Write one object. If S3 has one that the list had not, it is read, and planned again."""
    outcome = run(pushed)
    failure = outcome.failure
    if failure is None or failure.kind is not FailureKind.CONFLICT or not pushed.object.known.is_absent:
        return outcome
    again = run(replace(pushed, object=replace(pushed.object, known=KnownObject())))
    actions = tuple(dict.fromkeys((*outcome.actions, *again.actions)))
    return replace(again, changed=outcome.changed or again.changed, actions=actions)


@dataclass(frozen=True)
class DeletedObject:
    """An object that is deleted, if it is still the one that was listed.

    At AWS, DeleteObject with the condition proves that, so the object is not read. Elsewhere it is, and where an
    instruction file may belong to it.
    """

    object: EncryptedObjectResource
    listed: ListedObject
    is_read: bool

    def plan(self) -> PreparedObjectPlan:
        """The deletion. An object that has changed since it was listed is not deleted."""
        if not self.is_read:
            listed = _listed_state(self.object.access.target, self.listed)
            context = ObjectContext(self.object.desired, ObjectReading(listed), listed)
            return PreparedPlan(Plan(listed, (DeleteObject(None, self.listed.etag),), None), context)
        prepared = self.object.plan()
        before = prepared.plan.before
        if before is not None and before.etag is not None and before.etag != self.listed.etag:
            raise OperationError(self._changed())
        return prepared

    def apply(self, step: ObjectStep, context: ObjectContext) -> Applied[ObjectContext] | PreparedObjectPlan:
        """Carry out one step. An object that another client has deleted meanwhile is no failure."""
        deletion = as_deletion(step)
        conditional = replace(deletion, if_match=self.listed.etag) if deletion else step
        try:
            return self.object.apply(conditional, context)
        except OperationError as error:
            if deletion and error.failure.reason is Reason.OBJECT_NOT_FOUND:
                return Applied(context)
            if deletion and error.failure.kind is FailureKind.CONFLICT:
                raise OperationError(self._changed()) from error
            raise

    def read_back(self, planned: ObjectState | None, context: ObjectContext) -> ObjectState | None:
        """None, once the object is gone."""
        return self.object.read_back(planned, context)

    def _changed(self) -> Failure:
        target = self.object.access.target
        return Failure(
            FailureKind.CONFLICT,
            f"{target.name} is not deleted, because it has been written again since it was listed.",
            "Run the task again.",
            "s3:DeleteObject",
            target.name,
        )


def _listed_state(target: ObjectId, listed: ListedObject) -> ObjectState:
    """The object, as far as the list describes it."""
    return ObjectState(target.bucket, target.key, listed.size, ObjectEncryption(None), etag=listed.etag)

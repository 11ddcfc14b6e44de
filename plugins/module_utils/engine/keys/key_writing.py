# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Carrying out the steps that change one KMS key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...model.errors import Failure, FailureKind, OperationError, assert_never
from ...model.iam.policy_principals import new_principals
from ...model.keys.key_rotation import DEFAULT_ROTATION_PERIOD, Rotation, is_too_old
from ...model.keys.key_steps import (
    CreateKey,
    KeyStep,
    PutKeyPolicy,
    RotateKeyOnDemand,
    SetAlias,
    SetRotation,
    SetState,
    TagResource,
    UntagResource,
    UpdateKeyDescription,
    has_to_propagate,
)
from .key_reading import alias_holder, read_material
from .unfinished_key import find_unfinished
from .waiters import LOST_RESPONSE_DELAYS, Waiter
from .write_verification import VerifiableStep, is_as_written, write_or_verify

if TYPE_CHECKING:
    from ...aws.keys.ports import KmsPort
    from ...model.keys.desired_key import DesiredKey, PolicyScope
    from ...model.keys.key_state import KeyState


@dataclass(frozen=True, slots=True)
class KeyContext:
    """What a plan found about a key, and what its steps made.

    `key` is the key that was found or created. `alias_holder` is the other key that has the desired alias. `rotation`
    is the rotation that a step enabled, with its period. `done` are the steps that were carried out.
    """

    scope: PolicyScope
    key: KeyState | None = None
    alias_holder: str | None = None
    rotation: Rotation | None = None
    done: tuple[KeyStep, ...] = ()

    @property
    def existing_key(self) -> KeyState:
        """The key. Without a key, the first step of a plan creates it."""
        if self.key is None or self.key.key_id is None:
            raise AssertionError("if there is no key, the first step creates it")
        return self.key

    @property
    def key_id(self) -> str:
        """The id of the key."""
        return self.existing_key.key_id or ""


@dataclass(frozen=True)
class KeyWriter:
    """Makes the one call of a step. A response that was lost is made up for by a read, and not by a second write."""

    desired: DesiredKey
    kms: KmsPort
    waiter: Waiter

    def apply(self, step: KeyStep, context: KeyContext) -> KeyContext:
        """Carry out a step on the key of the context; raises OperationError if it fails."""

        def write() -> KeyContext:
            return self._apply(step, context)

        if any(has_to_propagate(done) for done in context.done):
            written = self.waiter.retry_while_propagating(write)
        else:
            written = write()
        return replace(written, done=(*context.done, step))

    def _apply(self, step: KeyStep, context: KeyContext) -> KeyContext:
        match step:
            case CreateKey():
                return replace(context, key=self._create(step, context))
            case SetRotation():
                return self._set_rotation(step, context)
            case SetAlias():
                self._set_alias(step, context.key_id)
            case SetState():
                self._set_state(step, context)
            case UpdateKeyDescription():
                key_id, description = context.key_id, step.description
                self._write(step, context, lambda: self.kms.update_key_description(key_id, description))
            case PutKeyPolicy():
                self._put_policy(step, context)
            case RotateKeyOnDemand():
                self._rotate(context)
            case TagResource():
                key_id, tags = context.key_id, step.tags
                self._write(step, context, lambda: self.kms.tag_resource(key_id, tags))
            case UntagResource():
                key_id, names = context.key_id, step.keys
                self._write(step, context, lambda: self.kms.untag_resource(key_id, names))
            case _:
                assert_never(step)
        return context

    def _write(self, step: VerifiableStep, context: KeyContext, write: Callable[[], None]) -> None:
        """Make the call; if its response is lost, check whether the key is as the step writes it."""
        write_or_verify(write, lambda: is_as_written(step, context.key_id, self.kms), self.waiter)

    def _create(self, step: CreateKey, context: KeyContext) -> KeyState:
        """Create the key; if the response is lost, find the key that was created."""
        names = new_principals(None, step.policy, context.scope.account)
        try:
            return self.waiter.retry_unknown_principals(
                names, lambda: self.waiter.retry_throttled(lambda: self.kms.create_key(step))
            )
        except OperationError as error:
            if not error.failure.may_have_been_applied:
                raise
            created = self._find_created()
            if created is None:
                raise
            return created

    def _find_created(self) -> KeyState | None:
        """The key that is tagged for the alias. There was none before CreateKey, so it is the one just created."""
        try:
            return self.waiter.wait_for_result(
                lambda: find_unfinished(self.desired.alias or "", self.kms, self.waiter), LOST_RESPONSE_DELAYS
            )
        except OperationError:  # still no response: the next run searches again
            return None

    def _put_policy(self, step: PutKeyPolicy, context: KeyContext) -> None:
        names = new_principals(context.existing_key.policy, step.policy, context.scope.account)
        self.waiter.retry_unknown_principals(
            names,
            lambda: self._write(step, context, lambda: self.kms.put_key_policy(context.key_id, step)),
        )

    def _set_state(self, step: SetState, context: KeyContext) -> None:
        try:
            self._write(step, context, lambda: self.kms.set_state(step.operation, context.key_id))
        except OperationError as error:
            if not context.existing_key.is_pending_deletion:
                raise
            raise OperationError(_with_state_after_cancellation(step, error.failure)) from error

    def _set_rotation(self, step: SetRotation, context: KeyContext) -> KeyContext:
        key_id, period = context.key_id, step.period_in_days
        if step.keeps_period:
            period = self.waiter.read_consistent(lambda: self.kms.get_key_rotation_status(key_id)).period_in_days
        self._write(
            replace(step, period_in_days=period),
            context,
            lambda: self.kms.set_rotation(step.operation, key_id, period),
        )
        if step.operation != "EnableKeyRotation":
            return context
        return replace(context, rotation=Rotation(True, period or DEFAULT_ROTATION_PERIOD))

    def _rotate(self, context: KeyContext) -> None:
        """RotateKeyOnDemand. If the response is lost, check whether the rotation has started."""
        try:
            self.waiter.retry_throttled(lambda: self.kms.rotate_key_on_demand(context.key_id))
        except OperationError as error:
            days = self.desired.rotate_if_older_than_days
            if not error.failure.may_have_been_applied or days is None:
                raise
            now = self.waiter.clock.now()
            material = read_material(replace(context.existing_key, rotation=None), self.desired, self.kms, now)
            if material is None or is_too_old(material, days, now):
                raise

    def _set_alias(self, step: SetAlias, key_id: str) -> None:
        """CreateAlias or UpdateAlias. If the response is lost, or the alias exists, check which key has the alias."""
        try:
            self.kms.set_alias(step.operation, step.alias, key_id)
        except OperationError as error:
            if not error.failure.may_have_been_applied and error.failure.kind is not FailureKind.CONFLICT:
                raise
            holder = self._try_holder(step.alias)
            if holder is None:
                raise
            if holder != key_id:
                conflict = _alias_in_use(error.failure, step.alias, holder, key_id)
                if self.desired.key_id is None:
                    # A key that a run has made for this alias.
                    unused = f"To delete the key that has no alias, set key_id: {key_id} and state: absent."
                    conflict = conflict.with_more_advice(unused)
                raise OperationError(conflict) from error

    def _try_holder(self, alias: str) -> str | None:
        try:
            return alias_holder(alias, self.kms)
        except OperationError:
            return None


def _with_state_after_cancellation(step: SetState, failure: Failure) -> Failure:
    """The failure of a step of a cancellation, with the state of the key.

    The next run finds a disabled key, and cannot know that this run has cancelled its deletion.
    """
    advice = "the key is disabled: set enabled: true to enable it."
    if step.operation == "EnableKey":
        return failure.with_more_advice(f"Its deletion is cancelled, and {advice}")
    if step.operation == "CancelKeyDeletion" and failure.may_have_been_applied:
        return failure.with_more_advice(f"If its deletion is cancelled, {advice}")
    return failure


def _alias_in_use(failure: Failure, alias: str, holder: str, key_id: str) -> Failure:
    """The failure for an alias that was given to another key during this run."""
    message = f"{alias} refers to the key {holder} since this run began, and not to {key_id}."
    conflict = replace(failure, kind=FailureKind.CONFLICT, message=message).with_resource(alias)
    return conflict.with_advice(f"To move it, set key_id: {key_id}. To keep it, name another alias.")

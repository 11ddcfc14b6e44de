# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""One KMS key, between the plan and KMS."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timezone

from ...aws.keys.ports import KmsPort
from ...model.caller import Caller
from ...model.errors import Failure, FailureKind, OperationError, assert_never
from ...model.iam.policy_document import new_principals
from ...model.keys.desired_key import DesiredKey, KeyReading
from ...model.keys.key_lockout import require_manageable
from ...model.keys.key_policy import PolicyScope
from ...model.keys.key_rotation import DEFAULT_ROTATION_PERIOD, KeyMaterial, Rotation, is_too_old, newest_material
from ...model.keys.key_state import UNFINISHED_TAG, KeyState
from ...model.keys.key_steps import (
    CreateKey,
    KeyPlan,
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
    written_policy,
)
from ...model.keys.kms_key import plan_kms_key
from ...model.tags import Tags
from ..keys import waiters as patience
from .key_consistency import KeyReadBack
from .waiters import until_found, until_known, until_same, until_taken


def _utc_now() -> datetime:
    return datetime.now(timezone.utc)


@dataclass
class KmsKeyResource:
    """A key known by its alias or id. At most five reads where nothing differs: only what the playbook compares.

    After a change, what was written is read until it is told so several times in a row.

    The history of a key that is older than `rotate_if_older_than_days` is a sixth.
    """

    desired: DesiredKey
    kms: KmsPort
    clock: Callable[[], datetime] = _utc_now
    key: KeyState | None = None
    policy: str | None = None
    rotation: Rotation | None = None
    done: tuple[KeyStep, ...] = ()
    scope: PolicyScope | None = None
    caller: Caller | None = None
    # The other key that the alias stands for.
    alias_holder: str | None = None

    def plan(self) -> KeyPlan:
        """Read the parts of the key that the playbook names, and compare."""
        self.key = self.key or self._find()
        if self.key is None:
            caller = self.who()
            scope = PolicyScope(caller.partition, self.kms.region, caller.account)
        else:
            self.key = self._read_parts(self.key)
            scope = PolicyScope.of_key(self.key.arn or "")
            self.policy = self.key.policy
            self.alias_holder = self._other_holder(self.key)
        self.scope = scope
        plan = plan_kms_key(self.desired, KeyReading(self.key, scope, self.alias_holder, self.clock()))
        policy = written_policy(plan)
        if policy:
            require_manageable(policy, scope, self.who().arn)
        return plan

    def who(self) -> Caller:
        """Who calls, asked once."""
        self.caller = self.caller or self.kms.get_caller_identity()
        return self.caller

    @property
    def account(self) -> str:
        """The account of the key."""
        return self.scope.account if self.scope else ""

    def apply(self, step: KeyStep) -> None:
        """Make the one call of a step, on the key that was found or has just been made."""
        if any(has_to_propagate(done) for done in self.done):
            until_taken(lambda: self._apply(step))
        else:
            self._apply(step)
        self.done += (step,)

    def _apply(self, step: KeyStep) -> None:
        match step:
            case CreateKey():
                self.key = self._create(step)
            case SetAlias():
                self._set_alias(step, self._key_id)
            case SetState():
                self._set_state(step)
            case UpdateKeyDescription():
                self.kms.update_key_description(self._key_id, step.description)
            case PutKeyPolicy():
                self._put_policy(step)
            case SetRotation():
                self._set_rotation(step, self._key_id)
            case RotateKeyOnDemand():
                self._rotate()
            case TagResource():
                self.kms.tag_resource(self._key_id, step.tags)
            case UntagResource():
                self.kms.untag_resource(self._key_id, step.keys)
            case _:
                assert_never(step)

    @property
    def _found_or_made(self) -> KeyState:
        if self.key is None or self.key.key_id is None:
            raise AssertionError("where there is no key, the first step makes one")
        return self.key

    @property
    def _key_id(self) -> str:
        return self._found_or_made.key_id or ""

    def _put_policy(self, step: PutKeyPolicy) -> None:
        names = new_principals(self.policy, step.policy, self.account)
        until_known(names, lambda: self.kms.put_key_policy(self._key_id, step.policy))

    def _set_state(self, step: SetState) -> None:
        try:
            self.kms.set_state(step.operation, self._key_id)
        except OperationError as error:
            if step.operation != "EnableKey" or not self._found_or_made.is_pending_deletion:
                raise
            # The next run finds a disabled key, and cannot know that this one has cancelled its deletion.
            left = "Its deletion is cancelled, and the key is disabled: name enabled: true to enable it."
            raise OperationError(error.failure.with_more_advice(left)) from error

    def _set_rotation(self, step: SetRotation, key_id: str) -> None:
        period = step.period_in_days
        if step.keeps_period:
            period = until_same(lambda: self.kms.get_key_rotation_status(key_id)).period_in_days
        self.kms.set_rotation(step.operation, key_id, period)
        if step.operation == "EnableKeyRotation":
            self.rotation = Rotation(True, period or DEFAULT_ROTATION_PERIOD)

    def _rotate(self) -> None:
        """RotateKeyOnDemand. One that was begun though its answer was lost is seen, and not begun again."""
        try:
            self.kms.rotate_key_on_demand(self._key_id)
        except OperationError as error:
            days = self.desired.rotate_if_older_than_days
            if not error.failure.may_have_been_applied or days is None:
                raise
            material = self._material(replace(self._found_or_made, rotation=None))
            if material is None or is_too_old(material, days, self.clock()):
                raise

    def _create(self, step: CreateKey) -> KeyState:
        """A new key; or the one that was made all the same, though no answer came."""
        names = new_principals(None, step.policy, self.account) if step.policy else ()
        try:
            return until_known(names, lambda: self.kms.create_key(step))
        except OperationError as error:
            if not error.failure.may_have_been_applied:
                raise
            made = self._made_without_an_answer()
            if made is None:
                raise
            return made

    def _made_without_an_answer(self) -> KeyState | None:
        """The key that waits for the alias. None did when this run looked before, so it is this run's own."""
        try:
            return until_found(lambda: self._unfinished(self.desired.alias or ""))
        except OperationError:  # still no answer: the next run looks again
            return None

    def _set_alias(self, step: SetAlias, key_id: str) -> None:
        """CreateAlias or UpdateAlias. One that was made though its answer was lost is there when it is sent again."""
        try:
            self.kms.set_alias(step.operation, step.alias, key_id)
        except OperationError as error:
            if not error.failure.may_have_been_applied and error.failure.kind is not FailureKind.CONFLICT:
                raise
            holder = self._holder(step.alias)
            if holder is None:
                raise
            if holder != key_id:
                raise OperationError(_taken(error.failure, step.alias, holder, key_id)) from error

    def _holder(self, alias: str) -> str | None:
        """The id of the key that an alias stands for, if that can be told."""
        try:
            return alias_holder(alias, self.kms)
        except OperationError:
            return None

    def read_back(self, planned: KeyState | None) -> KeyState | None:
        """The planned key with what KMS chose for it, when KMS tells what was written. Its reads may be late."""
        if planned is None or self.key is None:
            return planned
        made = self.key
        rotation = self.rotation or planned.rotation
        written = replace(
            planned, key_id=made.key_id, arn=made.arn, creation_date=made.creation_date, rotation=rotation
        )
        KeyReadBack(self.desired, self.kms, self.clock, self._material).await_known(written, self.done)
        return written

    def _find(self) -> KeyState | None:
        """The key of the id or the alias; or one that an earlier run made, and was cut off before it had its alias."""
        name = self.desired.key_id or self.desired.alias or ""
        try:
            return self.kms.get_key(name)
        except OperationError as error:
            if error.failure.kind is not FailureKind.ABSENT:
                raise
        if self.desired.key_id or not self.desired.alias:
            return None
        return self._unfinished(self.desired.alias, patience.INDEX_LOOKS)

    def _unfinished(self, alias: str, pauses: tuple[float, ...] = ()) -> KeyState | None:
        """The key that waits for this alias: told by the tagging API, or key by key where there is none.

        The index of the tagging API lags behind, so it is asked again after these pauses while it tells none.
        One that somebody has scheduled for deletion since is not wanted any more.
        """
        try:
            return until_found(lambda: self._wanted(self._indexed(alias)), pauses)
        except OperationError:
            # A key that nobody here may look at was not made here.
            listed = self.kms.list_keys()
            return self._wanted(key_id for key_id in listed if self._waits_for(key_id, alias, unknown=False))

    def _indexed(self, alias: str) -> Iterator[str]:
        """The keys that wait for this alias, as far as the tagging API tells; it may also tell some that did."""
        found = self.kms.find_keys_by_tag(UNFINISHED_TAG, alias)
        return (key_id for key_id in found if self._waits_for(key_id, alias, unknown=True))

    def _wanted(self, key_ids: Iterable[str]) -> KeyState | None:
        """The first of the keys that is not scheduled for deletion."""
        keys = (self.kms.get_key(key_id) for key_id in key_ids)
        return next((key for key in keys if not key.is_pending_deletion), None)

    def _waits_for(self, key_id: str, alias: str, *, unknown: bool) -> bool:
        """Whether the key has the mark; `unknown` where that may not be asked."""
        try:
            return (UNFINISHED_TAG, alias) in self.kms.list_resource_tags(key_id)
        except OperationError as error:
            return unknown and error.failure.kind is FailureKind.FORBIDDEN

    def _read_parts(self, key: KeyState) -> KeyState:
        desired, key_id = self.desired, key.key_id or ""
        key = replace(
            key,
            aliases=self.kms.list_aliases(key_id),
            policy=None if desired.policy.names_nothing else self.kms.get_key_policy(key_id),
            # While a deletion is pending, rotation reads as off whatever it is.
            rotation=self.kms.get_key_rotation_status(key_id)
            if key.rotates and desired.rotation_enabled is not None and not key.is_pending_deletion
            else None,
            tags=self._tags(key_id),
        )
        return replace(key, material=self._material(key))

    def _material(self, key: KeyState) -> KeyMaterial | None:
        """The age of the key's material, where it is asked for: a key that is young enough itself needs no call."""
        days = self.desired.rotate_if_older_than_days
        if days is None:
            return None
        created, imported = datetime.fromisoformat(key.creation_date or ""), key.origin == "EXTERNAL"
        first = KeyMaterial(created)
        unusable = not (key.rotates or imported) or key.state in ("PendingImport", "Creating", "Updating")
        if unusable or not is_too_old(first, days, self.clock()):
            return first
        key_id = key.key_id or ""
        rotation = key.rotation
        if rotation is None and not key.is_pending_deletion:
            rotation = self.kms.get_key_rotation_status(key_id)
        changes = rotation is not None and rotation.is_about_to_happen(self.clock())
        return newest_material(created, self.kms.list_key_material(key_id, imported=imported), changes)

    def _tags(self, key_id: str) -> Tags | None:
        """The tags, also where none are named: a run that was cut off at its very end has left its mark among them."""
        try:
            return self.kms.list_resource_tags(key_id)
        except OperationError as error:
            if error.failure.kind is not FailureKind.FORBIDDEN or self.desired.tags is not None:
                raise
            return None

    def _other_holder(self, key: KeyState) -> str | None:
        """The id of the other key that the alias stands for now, which this key is to have."""
        alias = self.desired.alias
        if self.desired.key_id is None or alias is None or alias in key.aliases:
            return None
        return alias_holder(alias, self.kms)


def alias_holder(alias: str, kms: KmsPort) -> str | None:
    """The id of the key that an alias stands for in the region of `kms`; None: there is no such alias."""
    try:
        return kms.get_key(alias).key_id
    except OperationError as error:
        if error.failure.kind is FailureKind.ABSENT:
            return None
        raise


def _taken(failure: Failure, alias: str, holder: str, key_id: str) -> Failure:
    """Somebody has given the alias to another key while this run was under way."""
    message = f"{alias} stands for the key {holder} meanwhile, and not for {key_id}."
    taken = replace(failure, kind=FailureKind.CONFLICT, message=message).with_resource(alias)
    return taken.with_advice(f"To move it, name key_id: {key_id}. To let it be, leave the alias or name another.")

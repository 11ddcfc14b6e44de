# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A KMS key made for S3: state, desire, and the plan between them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from ..errors import Failure, FailureKind, OperationError
from ..operations import RotationOperation
from ..plan import Plan
from ..tags import Tags, merge_tags
from .desired_key import DesiredKey, KeyReading
from .immutable_properties import Immutable, require_immutable_unchanged
from .key_origin import DesiredOrigin, first_state, missing_material, require_rotatable
from .key_policy import PolicyScope, merge_policy
from .key_rotation import DEFAULT_ROTATION_PERIOD, KeyMaterial, Rotation, is_too_old, require_replaceable
from .key_state import UNFINISHED_TAG, KeyState
from .key_steps import (
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
)
from .key_warnings import alias_moves, deleted_principal_warnings

# The states between which EnableKey and DisableKey switch; and those that KMS leaves by itself, and refuses changes in.
# Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
_SWITCHED = ("Enabled", "Disabled")
_IN_TRANSIT = ("Creating", "Updating")


def plan_kms_key(desired: DesiredKey, reading: KeyReading) -> KeyPlan:
    """The calls that bring a key to what is asked, in an order that KMS takes: enable first, disable last.

    Raises OperationError where the key is not there to be had, or is not ours to change.
    """
    before = reading.key
    if before is None:
        return _plan_creation(desired, reading.scope)
    if before.manager != "CUSTOMER":
        raise OperationError(
            Failure(
                FailureKind.INVALID,
                f"The key {before.arn} is managed by AWS, which lets nobody change it.",
                "Name an alias or key of your own.",
            )
        )
    # S3 takes symmetric keys only, so nobody is granted the use of another for it.
    before.require_symmetric()
    require_immutable_unchanged(before.arn or "", _immutable(desired.creation_options, before))
    if desired.rotation_enabled and desired.rotation_named:
        require_rotatable(before.arn or "", before.spec, before.origin)
    _require_rotation_of_primary(desired, before)
    state = _state(desired, before)
    after = replace(
        before,
        state=state,
        description=before.description if desired.description is None else desired.description,
        aliases=before.aliases if desired.alias in (None, *before.aliases) else _with(before.aliases, desired.alias),
        policy=merge_policy(before.policy, desired.policy, reading.scope),
        rotation=_rotation(desired, before, state),
        tags=_tags(desired, before.tags),
        deletion_date=None,
        pending_window_in_days=None,
        material=_material(desired, before, state, reading.read_at),
    )
    steps = _steps(desired, before, after, alias_elsewhere=reading.alias_holder is not None)
    if steps and before.state in _IN_TRANSIT:
        before.require_enabled()
    warnings = (
        *_warnings(desired, before, state, reading.read_at),
        *deleted_principal_warnings(before.arn or "", before.policy, after.policy),
    )
    if reading.alias_holder:
        warnings += (alias_moves(desired.alias, reading.alias_holder, before.key_id),)
    return Plan(before, steps, after, warnings)


def _immutable(asked: DesiredOrigin, key: KeyState) -> tuple[Immutable, ...]:
    return (
        Immutable("multi_region", asked.multi_region, key.multi_region),
        Immutable("origin", asked.origin, key.origin),
        Immutable("custom_key_store_id", asked.custom_key_store_id, key.custom_key_store_id),
        Immutable("xks_key_id", asked.xks_key_id, key.xks_key_id),
    )


def _require_rotation_of_primary(desired: DesiredKey, key: KeyState) -> None:
    """Raise OperationError where another rotation is asked of a replica, by name, than its primary has.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
    """
    if not key.is_replica:
        return
    differs = (
        desired.rotation_named and key.rotation is not None and key.rotation != _asked_rotation(desired, key.rotation)
    )
    if differs or desired.rotate_if_older_than_days is not None:
        raise OperationError(
            Failure(
                FailureKind.INVALID,
                f"The key {key.arn} is a replica, and its rotation is that of its primary key in {key.primary_region}.",
                f"Change the rotation with region: {key.primary_region}, or leave it out here.",
                resource=key.arn or "",
            )
        )


def _warnings(desired: DesiredKey, key: KeyState, state: str, now: datetime | None) -> tuple[str, ...]:
    warnings = [*missing_material(key.arn or "", key.state)]
    if state == "Disabled" and desired.enabled is None:
        # Also how a run is told that was cut off after CancelKeyDeletion, which leaves a key disabled.
        warnings.append(
            f"The key {key.arn} is disabled, and stays so: nobody can use it. Name enabled: true to enable it, or "
            "enabled: false if that is meant."
        )
    if _leaves_rotation(desired, key, state, now):
        warnings.append(
            f"The key {key.arn} is {state}, and KMS changes the rotation of enabled keys only, so rotation is left as "
            "it is until the key is enabled. KMS rotates no key that is not enabled."
        )
    return tuple(warnings)


def _plan_creation(desired: DesiredKey, scope: PolicyScope) -> KeyPlan:
    if desired.alias is None or desired.key_id is not None:
        raise OperationError(
            Failure(
                FailureKind.ABSENT,
                f"There is no KMS key {desired.key_id} in {scope.region}.",
                "Leave key_id out and name the alias of the key to be made: KMS chooses the ids of new keys itself.",
                resource=desired.key_id or "",
            )
        )
    tags = desired.tags or ()
    policy = merge_policy(None, desired.policy, scope)
    # The key as CreateKey leaves it: unfinished until it has its alias.
    asked = desired.creation_options
    made = KeyState(
        description=desired.description or "",
        policy=policy,
        tags=merge_tags(((UNFINISHED_TAG, desired.alias),), tags, purge=False),
        origin=asked.origin or "AWS_KMS",
        custom_key_store_id=asked.custom_key_store_id,
        xks_key_id=asked.xks_key_id,
        multi_region=bool(asked.multi_region),
    )
    made = replace(made, state=first_state(made.origin), rotation=Rotation(False) if made.rotates else None)
    # A key without key material is neither enabled nor disabled: KMS enables it with its material.
    state = _state(desired, made) if made.state == "Enabled" else made.state
    after = replace(
        made,
        state=state,
        aliases=(desired.alias,),
        rotation=_rotation(desired, made, state),
        tags=tags,
    )
    create = CreateKey(made.description, policy, made.tags or (), asked)
    steps = (create, *_steps(desired, made, after, alias_elsewhere=False))
    return Plan(None, steps, after, missing_material(desired.alias, after.state))


def _steps(desired: DesiredKey, before: KeyState, after: KeyState, alias_elsewhere: bool) -> tuple[KeyStep, ...]:
    steps: list[KeyStep] = []
    if before.is_pending_deletion:
        steps.append(SetState("CancelKeyDeletion"))
    if before.state != "Enabled" and after.state == "Enabled":
        steps.append(SetState("EnableKey"))
    if before.aliases != after.aliases and desired.alias:
        steps.append(SetAlias(desired.alias, "UpdateAlias" if alias_elsewhere else "CreateAlias"))
    if before.description != after.description:
        steps.append(UpdateKeyDescription(after.description))
    if before.policy != after.policy and after.policy is not None:
        steps.append(PutKeyPolicy(after.policy))
    if after.rotation and before.rotation != after.rotation:
        operation: RotationOperation = "EnableKeyRotation" if after.rotation.enabled else "DisableKeyRotation"
        keeps = before.is_pending_deletion and after.rotation == Rotation(True)
        steps.append(SetRotation(desired.rotation_period_in_days, operation, keeps))
    if before.material != after.material:
        steps.append(RotateKeyOnDemand())
    steps += _tag_steps(dict(before.tags or ()), dict(after.tags or ()))
    if before.state == "Enabled" and after.state == "Disabled":
        steps.append(SetState("DisableKey"))
    return tuple(steps)


def _tag_steps(before: dict[str, str], after: dict[str, str]) -> list[KeyStep]:
    steps: list[KeyStep] = []
    changed = tuple(item for item in sorted(after.items()) if before.get(item[0]) != item[1])
    gone = tuple(sorted(before.keys() - after.keys()))
    if changed:
        steps.append(TagResource(changed))
    if gone:
        steps.append(UntagResource(gone))
    return steps


def _state(desired: DesiredKey, before: KeyState) -> str:
    """The state to reach. A key whose deletion is cancelled comes back disabled, and is wanted, so it is enabled."""
    if before.state not in _SWITCHED and not before.is_pending_deletion:
        # Neither EnableKey nor DisableKey helps a key without key material, key store or replica: nobody can use it.
        if desired.enabled:
            before.require_enabled()
        return before.state
    if desired.enabled is False:
        return "Disabled"
    wanted = desired.enabled or before.is_pending_deletion
    return "Enabled" if wanted else before.state


def _rotation(desired: DesiredKey, before: KeyState, state: str) -> Rotation | None:
    """Rotation as it is to be; None where it is neither read nor written.

    While a deletion is pending it reads as off, and what it was comes back with the key: so it is written then.
    Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html
    """
    if desired.rotation_enabled is None or not before.rotates or not _can_rotate(before, state):
        return before.rotation
    if before.is_replica:
        return before.rotation
    if before.is_pending_deletion:
        return Rotation(desired.rotation_enabled, desired.rotation_period_in_days)
    return before.rotation and _asked_rotation(desired, before.rotation)


def _asked_rotation(desired: DesiredKey, before: Rotation) -> Rotation:
    if not desired.rotation_enabled:
        return Rotation(False)
    if before.enabled and desired.rotation_period_in_days is None:
        return before
    return Rotation(True, desired.rotation_period_in_days or DEFAULT_ROTATION_PERIOD)


def _can_rotate(before: KeyState, state: str) -> bool:
    """Whether the key is enabled for a moment at least; KMS changes the rotation of no other, and rotates no other."""
    return "Enabled" in (before.state, state)


def _leaves_rotation(desired: DesiredKey, before: KeyState, state: str, now: datetime | None) -> bool:
    """Whether rotation is asked otherwise, or may be, than it is left for a key that is not enabled."""
    if _can_rotate(before, state):
        return False
    if _asks_new_material(desired, before, now):
        return True
    if desired.rotation_enabled is None or not before.rotates:
        return False
    if before.is_replica:
        return False
    if before.is_pending_deletion:
        return True
    return before.rotation is not None and before.rotation != _asked_rotation(desired, before.rotation)


def _asks_new_material(desired: DesiredKey, before: KeyState, now: datetime | None) -> bool:
    days = desired.rotate_if_older_than_days
    return bool(days and before.material and now and is_too_old(before.material, days, now))


def _material(desired: DesiredKey, before: KeyState, state: str, now: datetime | None) -> KeyMaterial | None:
    """The key material as it is to be. KMS makes it after its answer, and so tells no date by then."""
    material, days = before.material, desired.rotate_if_older_than_days
    if material is None or days is None or not _asks_new_material(desired, before, now):
        return material
    if not _can_rotate(before, state):
        return material
    require_replaceable(before.arn or "", before.origin, material, days)
    return KeyMaterial(None, (material.on_demand or 0) + 1, changes=True)


def _tags(desired: DesiredKey, before: Tags | None) -> Tags | None:
    if before is None:
        return None
    finished = tuple(tag for tag in before if tag[0] != UNFINISHED_TAG)
    return merge_tags(finished, desired.tags, desired.purge_tags)


def _with(aliases: tuple[str, ...], alias: str | None) -> tuple[str, ...]:
    return tuple(sorted({*aliases, alias or ""} - {""}))

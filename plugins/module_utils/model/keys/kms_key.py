# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The plan for one KMS key: the steps from its current state to the desired state."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from ..errors import Failure, FailureKind, OperationError, invalid_input
from ..plan import Plan
from ..tags import Tags, merge_tags
from .key_limits import MAX_TAGS, count_tags, require_number_of_tags
from .key_origin import ORIGINS, DesiredOrigin, first_state, missing_material, require_rotatable
from .key_policy import account_warnings, deleted_principal_warnings, merge_policy
from .key_rotation import Rotation
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
from .rotation_plan import planned_material, planned_rotation, require_rotation_of_primary, rotation_is_deferred

if TYPE_CHECKING:
    from ..operations import RotationOperation
    from .desired_key import DesiredKey, KeyReading, PolicyScope

# EnableKey and DisableKey switch between the first two states. KMS ends the other two by itself, and refuses changes
# until then.
# Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
_SWITCHABLE = ("Enabled", "Disabled")
_TRANSITIONAL = ("Creating", "Updating")


def plan_kms_key(desired: DesiredKey, reading: KeyReading) -> KeyPlan:
    """The steps that change a key to the desired state, in an order that KMS accepts: enable first, disable last.

    Raises OperationError if the key does not exist and cannot be created, or if it cannot be changed as desired.
    """
    before = reading.key
    if before is None:
        return _plan_creation(desired, reading.scope)
    if before.manager != "CUSTOMER":
        raise invalid_input(
            f"The key {before.arn} is managed by AWS and cannot be changed.",
            "Name an alias or key of your own.",
        )
    # S3 accepts symmetric keys only, so no other key gets a policy for its use by S3.
    before.require_symmetric()
    # A store that does not report the origin has keys of its own material.
    options = DesiredOrigin(
        before.origin or ORIGINS[0], before.custom_key_store_id, before.xks_key_id, before.multi_region
    )
    desired.creation_options.require_unchanged(before.arn or "", options)
    if desired.rotation_enabled and desired.rotation_named:
        require_rotatable(before.arn or "", before.spec, before.origin)
    require_rotation_of_primary(desired, before)
    state = _planned_state(desired, before)
    after = replace(
        before,
        state=state,
        description=before.description if desired.description is None else desired.description,
        aliases=_with_alias(before.aliases, desired.alias),
        policy=merge_policy(before.policy, desired.policy, reading.scope),
        rotation=planned_rotation(desired, before, state),
        tags=_planned_tags(desired, before.tags),
        deletion_date=None,
        pending_window_in_days=None,
        material=planned_material(desired, before, state, reading.read_at),
    )
    steps = _steps(desired, before, after, alias_elsewhere=reading.alias_holder is not None)
    if steps and before.state in _TRANSITIONAL:
        before.require_enabled()
    warnings = (
        *_warnings(desired, before, state, reading.read_at),
        *account_warnings(before.arn or "", before.policy, after.policy),
        *deleted_principal_warnings(before.arn or "", before.policy, after.policy),
    )
    if reading.alias_holder:
        warnings += (alias_moves(desired.alias, reading.alias_holder, before.key_id),)
    return Plan(before, steps, after, warnings)


def alias_moves(alias: str | None, holder: str, key_id: str | None) -> str:
    """The warning about an alias that moves from another key."""
    return (
        f"{alias} moves from the key {holder} to the key {key_id}: whatever names the alias uses this key from now on."
    )


def _warnings(desired: DesiredKey, key: KeyState, state: str, now: datetime | None) -> tuple[str, ...]:
    warnings = [*missing_material(key.arn or "", key.state)]
    if state == "Disabled" and desired.enabled is None:
        # This also reports a run that was interrupted after CancelKeyDeletion, which leaves a key disabled.
        warnings.append(
            f"The key {key.arn} is disabled and stays disabled, so it cannot be used. Set enabled: true to enable it, "
            "or enabled: false to confirm."
        )
    if rotation_is_deferred(desired, key, state, now):
        warnings.append(
            f"The key {key.arn} is {state}, and KMS changes the rotation of enabled keys only, so its rotation is not "
            "changed until the key is enabled. KMS rotates enabled keys only."
        )
    return tuple(warnings)


def _plan_creation(desired: DesiredKey, scope: PolicyScope) -> KeyPlan:
    if desired.alias is None or desired.key_id is not None:
        raise OperationError(
            Failure(
                FailureKind.ABSENT,
                f"There is no KMS key {desired.key_id} in {scope.region}.",
                "To create a key, omit key_id and set its alias: KMS chooses the ids of new keys.",
                resource=desired.key_id or "",
            )
        )
    tags = desired.tags or ()
    require_number_of_tags(tags)
    policy = merge_policy(None, desired.policy, scope)
    # The key as CreateKey creates it: unfinished until it has its alias.
    options = desired.creation_options
    created = KeyState(
        description=desired.description or "",
        policy=policy,
        # A key with as many tags as KMS accepts gets the last one when the mark is removed.
        tags=merge_tags(((UNFINISHED_TAG, desired.alias),), tags[: MAX_TAGS - 1], purge=False),
        origin=options.origin or "AWS_KMS",
        custom_key_store_id=options.custom_key_store_id,
        xks_key_id=options.xks_key_id,
        multi_region=bool(options.multi_region),
    )
    rotation = Rotation(False) if created.rotates else None
    created = replace(created, state=first_state(created.origin), rotation=rotation)
    # A key without key material is neither enabled nor disabled: KMS enables it when its material is imported.
    state = _planned_state(desired, created) if created.state == "Enabled" else created.state
    after = replace(
        created,
        state=state,
        aliases=(desired.alias,),
        rotation=planned_rotation(desired, created, state),
        tags=tags,
    )
    bypass = policy is not None and desired.policy.bypass_lockout_check
    create = CreateKey(created.description, policy, created.tags or (), options, bypass)
    steps = (create, *_steps(desired, created, after, alias_elsewhere=False))
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
        steps.append(PutKeyPolicy(after.policy, desired.policy.bypass_lockout_check))
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
    removed = tuple(sorted(before.keys() - after.keys()))
    if changed:
        steps.append(TagResource(changed))
    if removed:
        steps.append(UntagResource(removed))
    # If there is no room for the new tags beside the old ones, these are removed first.
    return steps if count_tags(before | after) <= MAX_TAGS else steps[::-1]


def _planned_state(desired: DesiredKey, before: KeyState) -> str:
    """The state after the run. Cancelling a deletion leaves a key disabled, so the key is enabled as well."""
    if before.state not in _SWITCHABLE and not before.is_pending_deletion:
        # KMS refuses EnableKey and DisableKey for a key without its material or key store, and for one in transition.
        if desired.enabled:
            before.require_enabled()
        return before.state
    if desired.enabled is False:
        return "Disabled"
    return "Enabled" if desired.enabled or before.is_pending_deletion else before.state


def _planned_tags(desired: DesiredKey, before: Tags | None) -> Tags | None:
    if before is None:
        return None
    finished = tuple(tag for tag in before if tag[0] != UNFINISHED_TAG)
    tags = merge_tags(finished, desired.tags, desired.purge_tags)
    require_number_of_tags(tags)
    return tags


def _with_alias(aliases: tuple[str, ...], alias: str | None) -> tuple[str, ...]:
    return aliases if alias is None or alias in aliases else tuple(sorted((*aliases, alias)))

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors


"""The rotation part of the plan for a KMS key: automatic rotation, and rotation on demand of old key material."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from ..errors import invalid_input
from .key_rotation import DEFAULT_ROTATION_PERIOD, KeyMaterial, Rotation, is_too_old, require_replaceable

if TYPE_CHECKING:
    from .desired_key import DesiredKey
    from .key_state import KeyState


def planned_rotation(desired: DesiredKey, before: KeyState, state: str) -> Rotation | None:
    """The rotation after the run, in which the key gets this state; None if rotation is neither read nor written.

    While a deletion is pending, KMS reports rotation as disabled, and the former setting returns when the deletion is
    cancelled. So the desired setting is written in that case.
    Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html
    """
    if desired.rotation_enabled is None or not before.rotates or not _can_rotate(before, state):
        return before.rotation
    if before.is_replica:
        return before.rotation
    if before.is_pending_deletion:
        return Rotation(desired.rotation_enabled, desired.rotation_period_in_days)
    return before.rotation and _desired_rotation(desired, before.rotation)


def planned_material(desired: DesiredKey, before: KeyState, state: str, now: datetime | None) -> KeyMaterial | None:
    """The key material after the run. KMS generates it after its response, so its date is not known by then.

    Raises OperationError if KMS would refuse to replace material that is too old.
    """
    material, days = before.material, desired.rotate_if_older_than_days
    if material is None or days is None or not _is_material_too_old(desired, before, now):
        return material
    if not _can_rotate(before, state):
        return material
    require_replaceable(before.arn or "", before.origin, material, days)
    return KeyMaterial(None, (material.on_demand or 0) + 1, changes=True)


def rotation_is_deferred(desired: DesiredKey, before: KeyState, state: str, now: datetime | None) -> bool:
    """True if the task wants a different rotation that KMS does not apply, because the key is not enabled.

    While a deletion is pending the rotation is not known, so it may be different.
    """
    if _can_rotate(before, state):
        return False
    if _is_material_too_old(desired, before, now):
        return True
    if desired.rotation_enabled is None or not before.rotates:
        return False
    if before.is_replica:
        return False
    if before.is_pending_deletion:
        return True
    return before.rotation is not None and before.rotation != _desired_rotation(desired, before.rotation)


def require_rotation_of_primary(desired: DesiredKey, key: KeyState) -> None:
    """Raise OperationError if the task names another rotation for a replica than its primary key has.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
    """
    if not key.is_replica:
        return
    differs = (
        desired.rotation_named and key.rotation is not None and key.rotation != _desired_rotation(desired, key.rotation)
    )
    if differs or desired.rotate_if_older_than_days is not None:
        raise invalid_input(
            f"The key {key.arn} is a replica, and its rotation is that of its primary key in {key.primary_region}.",
            f"Change the rotation with region: {key.primary_region}, or omit it here.",
            resource=key.arn or "",
        )


def _desired_rotation(desired: DesiredKey, before: Rotation) -> Rotation:
    if not desired.rotation_enabled:
        return Rotation(False)
    if before.enabled and desired.rotation_period_in_days is None:
        return before
    return Rotation(True, desired.rotation_period_in_days or DEFAULT_ROTATION_PERIOD)


def _can_rotate(before: KeyState, state: str) -> bool:
    """Whether the key is enabled at some time of the run. KMS rotates enabled keys only, and changes their rotation."""
    return "Enabled" in (before.state, state)


def _is_material_too_old(desired: DesiredKey, before: KeyState, now: datetime | None) -> bool:
    days = desired.rotate_if_older_than_days
    return bool(days and before.material and now and is_too_old(before.material, days, now))

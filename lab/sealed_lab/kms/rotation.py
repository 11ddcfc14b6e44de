# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Key rotation: automatic, on demand, and its history."""

from __future__ import annotations

from typing import Any

from ..call import Call, Handler, Output
from ..errors import ServiceError
from .access import USABLE, get_authorized_key
from .keys import PENDING_DELETION, PENDING_REPLICA_DELETION, Key, Material
from .pagination import paginate

_ON_DEMAND_LIMIT = 25
_CONFLICT_WINDOW = 20 * 60.0


def _check_rotatable(key: Key, *, imported: bool = False) -> None:
    """Refuse keys other than symmetric ones with material in KMS (Developer Guide, "Rotate AWS KMS keys").

    The error of an asymmetric key has no message.
    """
    if not key.symmetric:
        raise ServiceError("UnsupportedOperationException", "", 400)
    if key.origin not in (("AWS_KMS", "EXTERNAL") if imported else ("AWS_KMS",)):
        raise ServiceError(
            "UnsupportedOperationException",
            f"{key.arn} origin is {key.origin} which is not valid for this operation.",
            400,
        )


def _reject_replica(key: Key) -> None:
    if key.is_replica:
        raise ServiceError("UnsupportedOperationException", f"{key.arn} is not a multi-region primary key.", 400)


def enable_key_rotation(call: Call) -> Output:
    """Rotate every 90 to 2,560 days, 365 by default. A repeated call changes the period."""
    key = get_authorized_key(call)
    _check_rotatable(key)
    get_authorized_key(call, states=USABLE)
    _reject_replica(key)
    period = call.get("RotationPeriodInDays")
    if not key.rotation_enabled:
        key.rotation_anchor = call.now()
        key.rotation_period = 365
    key.rotation_enabled = True
    if period is not None:
        key.rotation_anchor = call.now()
        key.rotation_period = period
    return {}


def disable_key_rotation(call: Call) -> Output:
    """Stop automatic rotation. Old material remains."""
    key = get_authorized_key(call)
    _check_rotatable(key)
    get_authorized_key(call, states=USABLE)
    _reject_replica(key)
    key.rotation_enabled = False
    return {}


def get_key_rotation_status(call: Call) -> Output:
    """Return whether rotation is enabled, its period, and the next date."""
    key = get_authorized_key(call, cross_account=True)
    _check_rotatable(key, imported=True)
    primary = key
    if key.multi_region is not None and key.is_replica:
        primary = call.lab.state.kms.region_state(key.account, key.multi_region.primary).keys.get(key.key_id, key)
    pending = key.state in (PENDING_DELETION, PENDING_REPLICA_DELETION)
    result: dict[str, Any] = {
        "KeyRotationEnabled": (primary.rotation_enabled or primary.manager == "AWS") and not pending,
        "KeyId": key.arn,
    }
    if result["KeyRotationEnabled"]:
        result["RotationPeriodInDays"] = primary.rotation_period
        result["NextRotationDate"] = primary.next_rotation()
    if primary.on_demand_started:
        result["OnDemandRotationStartDate"] = primary.on_demand_started
    return result


def rotate_key_on_demand(call: Call) -> Output:
    """Start a rotation: at most 25 times in the lifetime of a key, and not during another rotation."""
    key = get_authorized_key(call, states=USABLE)
    _check_rotatable(key, imported=True)
    _reject_replica(key)
    if key.manager == "AWS":
        raise ServiceError("AccessDeniedException", f"{key.arn} is an AWS managed key.", 400)
    if sum(1 for each in key.materials if each.rotation == "ON_DEMAND") >= _ON_DEMAND_LIMIT:
        raise ServiceError(
            "LimitExceededException",
            "The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be "
            f"performed for this key: {key.arn}",
            400,
        )
    due = key.next_rotation()
    if key.on_demand_started or (due and due - call.now() < _CONFLICT_WINDOW):
        raise ServiceError("ConflictException", f"A rotation of {key.arn} is in progress or about to begin.", 400)
    related = call.lab.state.kms.related_keys(key) if key.origin == "EXTERNAL" else []
    if key.origin == "EXTERNAL" and not _is_everywhere(key.pending, related):
        raise ServiceError(
            "KMSInvalidStateException", f"No available key material pending rotation for the key: {key.arn}.", 400
        )
    for each in (key, *related):
        each.start_rotation(call.now(), call.now() + call.lab.state.kms.rotation_seconds)
        each.apply_elapsed_time(call.now())
    return {"KeyId": key.arn}


def _is_everywhere(pending: Material | None, related: list[Key]) -> bool:
    """Return whether there is imported material that waits for a rotation, in all related multi-Region keys."""
    return pending is not None and all(
        key.pending is not None and key.pending.material_id == pending.material_id for key in related
    )


def list_key_rotations(call: Call) -> Output:
    """List the completed rotations, or with ALL_KEY_MATERIAL every version of the material."""
    key = get_authorized_key(call, cross_account=True)
    _check_rotatable(key, imported=True)
    all_materials = call.get("IncludeKeyMaterial") == "ALL_KEY_MATERIAL"
    current = key.current
    entries = []
    for material in key.materials:
        if not all_materials and not material.rotation:
            continue
        entry: dict[str, Any] = {"KeyId": key.arn, "KeyMaterialId": material.material_id}
        if material.rotation:
            entry["RotationDate"] = material.created
            entry["RotationType"] = material.rotation
        if material.pending:
            everywhere = _is_everywhere(material, call.lab.state.kms.related_keys(key))
            entry["KeyMaterialState"] = "PENDING_ROTATION" if everywhere else "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"
        else:
            entry["KeyMaterialState"] = "CURRENT" if material is current else "NON_CURRENT"
        if material.imported:
            entry["ImportState"] = "IMPORTED" if material.present else "PENDING_IMPORT"
            entry["ExpirationModel"] = "KEY_MATERIAL_EXPIRES" if material.expires else "KEY_MATERIAL_DOES_NOT_EXPIRE"
            if material.expires:
                entry["ValidTo"] = material.expires
            if material.description:
                entry["KeyMaterialDescription"] = material.description
        entries.append(entry)
    fields, entries_on_page = paginate(call, entries, "rotations")
    return {**fields, "Rotations": entries_on_page}


OPERATIONS: dict[str, Handler] = {
    "EnableKeyRotation": enable_key_rotation,
    "DisableKeyRotation": disable_key_rotation,
    "GetKeyRotationStatus": get_key_rotation_status,
    "RotateKeyOnDemand": rotate_key_on_demand,
    "ListKeyRotations": list_key_rotations,
}

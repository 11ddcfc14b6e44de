# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors


"""The structures of the KMS API, from and to values of the model.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...model.keys.key_rotation import Rotation
from ...model.keys.key_state import KeyState

if TYPE_CHECKING:
    from ...model.keys.key_steps import CreateKey
    from ...model.tags import Tags


def flatten_key(metadata: Mapping[str, Any]) -> KeyState:
    """The key of a KeyMetadata structure."""
    created, deleted = metadata.get("CreationDate"), metadata.get("DeletionDate")
    replicas = metadata.get("MultiRegionConfiguration", {})
    is_primary = replicas.get("MultiRegionKeyType") == "PRIMARY"
    return KeyState(
        key_id=metadata["KeyId"],
        arn=metadata["Arn"],
        state=metadata.get("KeyState", "Enabled"),
        description=metadata.get("Description", ""),
        spec=metadata.get("KeySpec", ""),
        usage=metadata.get("KeyUsage", ""),
        origin=metadata.get("Origin", ""),
        manager=metadata.get("KeyManager", "CUSTOMER"),
        multi_region=bool(metadata.get("MultiRegion")),
        creation_date=created.isoformat() if created else None,
        deletion_date=deleted.isoformat() if deleted else None,
        replica_regions=tuple(sorted(each["Region"] for each in replicas["ReplicaKeys"])) if is_primary else (),
        custom_key_store_id=metadata.get("CustomKeyStoreId"),
        xks_key_id=metadata.get("XksKeyConfiguration", {}).get("Id"),
        primary_region=replicas.get("PrimaryKey", {}).get("Region"),
        pending_window_in_days=metadata.get("PendingDeletionWindowInDays"),
    )


def flatten_rotation(answer: Mapping[str, Any]) -> Rotation:
    """The rotation of a GetKeyRotationStatus response."""
    enabled = bool(answer["KeyRotationEnabled"])
    return Rotation(
        enabled,
        answer.get("RotationPeriodInDays") if enabled else None,
        answer.get("NextRotationDate") if enabled else None,
        answer.get("OnDemandRotationStartDate"),
    )


def expand_creation(step: CreateKey) -> dict[str, Any]:
    """The parameters of CreateKey. Options that the task does not name are omitted: other stores may not know them."""
    options = step.creation_options
    named = {
        "Policy": step.policy,
        "Origin": options.origin,
        "CustomKeyStoreId": options.custom_key_store_id,
        "XksKeyId": options.xks_key_id,
        "MultiRegion": options.multi_region,
    }
    parameters = {name: value for name, value in named.items() if value}
    bypass = expand_bypass(step.bypass_lockout_check)
    return {"Description": step.description, "Tags": expand_tags(step.tags), **parameters, **bypass}


def expand_bypass(bypass: bool) -> dict[str, bool]:
    """The parameter that switches off KMS's check against locking the caller out."""
    return {"BypassPolicyLockoutSafetyCheck": True} if bypass else {}


def expand_tags(tags: Tags) -> list[dict[str, str]]:
    """The tags as a list of Tag structures."""
    return [{"TagKey": key, "TagValue": value} for key, value in tags]

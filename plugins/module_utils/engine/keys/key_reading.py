# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Finding a KMS key by its id or its alias, and reading the parts that a plan needs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from ...model.errors import FailureKind, OperationError
from ...model.keys.key_rotation import KeyMaterial, is_too_old, newest_material
from .unfinished_key import find_before_creation

if TYPE_CHECKING:
    from ...aws.keys.ports import KmsPort
    from ...model.keys.desired_key import DesiredKey
    from ...model.keys.key_state import KeyState
    from ...model.tags import Tags
    from .waiters import Waiter


def find_key(desired: DesiredKey, kms: KmsPort, waiter: Waiter) -> KeyState | None:
    """The key with the desired id or alias; or the key of an earlier run that was interrupted before CreateAlias."""
    key = find_named_key(desired.key_id or desired.alias or "", kms)
    if key or desired.key_id or not desired.alias:
        return key
    return find_before_creation(desired.alias, kms, waiter)


def find_named_key(name: str, kms: KmsPort) -> KeyState | None:
    """The key with this id, ARN or alias in the region of `kms`; None if it does not exist."""
    try:
        return kms.get_key(name)
    except OperationError as error:
        if error.failure.kind is FailureKind.ABSENT:
            return None
        raise


def alias_holder(alias: str, kms: KmsPort) -> str | None:
    """The id of the key that an alias refers to in the region of `kms`; None if the alias does not exist."""
    key = find_named_key(alias, kms)
    return key.key_id if key else None


def read_parts(key: KeyState, desired: DesiredKey, kms: KmsPort, now: datetime) -> KeyState:
    """The key with its aliases and tags, and with those of its other parts that the task names."""
    key_id = key.key_id or ""
    # While a deletion is pending, KMS reports rotation as disabled, whatever it was before.
    reads_rotation = key.rotates and desired.rotation_enabled is not None and not key.is_pending_deletion
    key = replace(
        key,
        aliases=kms.list_aliases(key_id),
        policy=None if desired.policy.names_nothing else kms.get_key_policy(key_id),
        rotation=kms.get_key_rotation_status(key_id) if reads_rotation else None,
        tags=_read_tags(key_id, desired, kms),
    )
    return replace(key, material=read_material(key, desired, kms, now))


def read_material(key: KeyState, desired: DesiredKey, kms: KmsPort, now: datetime) -> KeyMaterial | None:
    """The age of the key's material; None if the task does not name a limit. A young key needs no call."""
    days = desired.rotate_if_older_than_days
    if days is None:
        return None
    created, imported = datetime.fromisoformat(key.creation_date or ""), key.origin == "EXTERNAL"
    first = KeyMaterial(created)
    unusable = not (key.rotates or imported) or key.state in ("PendingImport", "Creating", "Updating")
    if unusable or not is_too_old(first, days, now):
        return first
    key_id = key.key_id or ""
    rotation = key.rotation
    if rotation is None and not key.is_pending_deletion:
        rotation = kms.get_key_rotation_status(key_id)
    changes = rotation is not None and rotation.is_about_to_happen(now)
    return newest_material(created, kms.list_key_material(key_id, imported=imported), changes)


def read_other_holder(key: KeyState, desired: DesiredKey, kms: KmsPort) -> str | None:
    """The id of the other key that currently has the alias which this key is to get; None if there is none."""
    alias = desired.alias
    if desired.key_id is None or alias is None or alias in key.aliases:
        return None
    return alias_holder(alias, kms)


def _read_tags(key_id: str, desired: DesiredKey, kms: KmsPort) -> Tags | None:
    """The tags; None if the task names none and the caller may not read them.

    They are read even if the task names none: a run that was interrupted before its last call leaves its own tag.
    """
    try:
        return kms.list_resource_tags(key_id)
    except OperationError as error:
        if error.failure.kind is not FailureKind.FORBIDDEN or desired.tags is not None:
            raise
        return None

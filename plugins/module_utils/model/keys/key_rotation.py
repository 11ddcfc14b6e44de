# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The rotation of a key: by KMS itself from time to time, and on demand when its key material is too old.

Sources: https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
and https://docs.aws.amazon.com/kms/latest/APIReference/API_RotateKeyOnDemand.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ..errors import Failure, FailureKind, OperationError, invalid_input

# What KMS takes where EnableKeyRotation names no period.
DEFAULT_ROTATION_PERIOD = 365

# All that KMS allows a key in its life; rotations by KMS itself do not count.
ON_DEMAND_LIMIT = 25

# KMS refuses a rotation on demand while its own is under way, or so near.
_NEAR = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class Rotation:
    """Automatic rotation; the period, in days, is None while it is off, and while KMS hides it.

    When the next one is due, and since when one on demand is under way, is no part of what is compared.
    """

    enabled: bool
    period_in_days: int | None = None
    next_date: datetime | None = field(default=None, compare=False)
    on_demand_since: datetime | None = field(default=None, compare=False)

    def is_about_to_happen(self, now: datetime) -> bool:
        """Whether new key material is on its way anyhow."""
        return self.on_demand_since is not None or (self.next_date is not None and self.next_date - now < _NEAR)


@dataclass(frozen=True, slots=True)
class Generation:
    """One generation of key material: since when the key encrypts under it (None: the first, or one that waits)."""

    rotated: datetime | None = None
    on_demand: bool = False
    waits: bool = False


@dataclass(frozen=True, slots=True)
class KeyMaterial:
    """The key material that a key encrypts under: since when (None: it is being made), after how many rotations on
    demand (None: not counted), and whether imported material waits to take its place."""

    since: datetime | None
    on_demand: int | None = None
    changes: bool = False
    successor_waits: bool = False


def newest_material(created: datetime, generations: Iterable[Generation], changes: bool) -> KeyMaterial:
    """What the history of a key, and the date of its creation, tell."""
    known = tuple(generations)
    dates = [each.rotated for each in known if each.rotated]
    return KeyMaterial(
        max((created, *dates)),
        sum(each.on_demand for each in known),
        changes,
        any(each.waits for each in known),
    )


def is_too_old(material: KeyMaterial, days: int, now: datetime) -> bool:
    """Whether it is older than so many days, and nothing is under way to replace it."""
    return not material.changes and material.since is not None and now - material.since > timedelta(days=days)


def require_replaceable(arn: str, origin: str, material: KeyMaterial, days: int) -> None:
    """Raise OperationError, with what to do, where RotateKeyOnDemand would not replace this key's material."""
    asked = f"rotate_if_older_than_days: {days} asks for, as the key material is of {material.since:%Y-%m-%d}"
    if origin not in ("AWS_KMS", "EXTERNAL"):
        raise invalid_input(
            f"The key {arn} has its material in a key store ({origin}), where KMS does not rotate it, which {asked}.",
            "Leave rotate_if_older_than_days out, or make a new key under a new alias.",
        )
    if (material.on_demand or 0) >= ON_DEMAND_LIMIT:
        raise OperationError(
            Failure(
                FailureKind.INVALID,
                f"The key {arn} was rotated on demand {material.on_demand} times, and KMS allows a key no more than "
                f"{ON_DEMAND_LIMIT}. Another is what {asked}.",
                "Leave rotate_if_older_than_days out and let KMS rotate the key by itself (rotation_period_in_days), "
                "which does not count, or make a new key under a new alias.",
                "kms:RotateKeyOnDemand",
                arn,
            )
        )
    if origin == "EXTERNAL" and not material.successor_waits:
        raise OperationError(
            Failure(
                FailureKind.KEY_UNUSABLE,
                f"The key {arn} has imported key material, and none that waits to replace it, which {asked}.",
                "Import new key material first (kms:ImportKeyMaterial with the import type NEW_KEY_MATERIAL).",
                "kms:RotateKeyOnDemand",
                arn,
            )
        )

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The rotation of a key: automatically by KMS, and on demand when its key material is too old.

Sources: https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
and https://docs.aws.amazon.com/kms/latest/APIReference/API_RotateKeyOnDemand.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ..errors import Failure, FailureKind, OperationError, invalid_input

# The default period of EnableKeyRotation.
DEFAULT_ROTATION_PERIOD = 365

# The limit of KMS over the life of a key. Automatic rotations do not count.
ON_DEMAND_LIMIT = 25

# KMS refuses a rotation on demand during an automatic rotation, and shortly before one.
_NEAR = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class PastRotation:
    """A completed rotation, AUTOMATIC or ON_DEMAND."""

    date: str
    type: str


@dataclass(frozen=True, slots=True)
class Rotation:
    """Automatic rotation. The period, in days, is None if rotation is disabled, or if KMS does not report it.

    The date of the next rotation, and the start of a rotation on demand in progress, are not compared.
    """

    enabled: bool
    period_in_days: int | None = None
    next_date: datetime | None = field(default=None, compare=False)
    on_demand_since: datetime | None = field(default=None, compare=False)

    def is_about_to_happen(self, now: datetime) -> bool:
        """Whether KMS is about to replace the key material, so that a rotation on demand is not needed."""
        return self.on_demand_since is not None or (self.next_date is not None and self.next_date - now < _NEAR)


@dataclass(frozen=True, slots=True)
class Generation:
    """One generation of key material. `rotated` is when its use began; None for the first, and for a pending one."""

    rotated: datetime | None = None
    on_demand: bool = False
    is_pending: bool = False


@dataclass(frozen=True, slots=True)
class KeyMaterial:
    """The current key material of a key.

    `since` is when its use began; None while KMS generates it. `on_demand` is the number of rotations on demand so far;
    None: not counted. `changes`: a replacement is in progress. `has_successor`: imported material is pending.
    """

    since: datetime | None
    on_demand: int | None = None
    changes: bool = False
    has_successor: bool = False


def newest_material(created: datetime, generations: Iterable[Generation], changes: bool) -> KeyMaterial:
    """The current key material, from the history of a key and its creation date."""
    known = tuple(generations)
    dates = [each.rotated for each in known if each.rotated]
    return KeyMaterial(
        max((created, *dates)),
        sum(each.on_demand for each in known),
        changes,
        any(each.is_pending for each in known),
    )


def is_too_old(material: KeyMaterial, days: int, now: datetime) -> bool:
    """Whether the material is older than this, and no replacement is in progress."""
    limit = timedelta(days=min(days, timedelta.max.days))
    return not material.changes and material.since is not None and now - material.since > limit


def require_replaceable(arn: str, origin: str, material: KeyMaterial, days: int) -> None:
    """Raise OperationError, with advice, if RotateKeyOnDemand would not replace the material of this key."""
    reason = f"rotate_if_older_than_days is {days}, and the key material is of {material.since:%Y-%m-%d}"
    if origin not in ("", "AWS_KMS", "EXTERNAL"):
        raise invalid_input(
            f"The key {arn} has its material in a key store ({origin}), where KMS does not rotate it: {reason}.",
            "Omit rotate_if_older_than_days, or create a new key with a new alias.",
        )
    if (material.on_demand or 0) >= ON_DEMAND_LIMIT:
        raise OperationError(
            Failure(
                FailureKind.INVALID,
                f"The key {arn} was rotated on demand {material.on_demand} times, and KMS allows {ON_DEMAND_LIMIT} "
                f"such rotations of a key: {reason}.",
                "Omit rotate_if_older_than_days and let KMS rotate the key automatically (rotation_period_in_days), "
                "which is not limited, or create a new key with a new alias.",
                "kms:RotateKeyOnDemand",
                arn,
            )
        )
    if origin == "EXTERNAL" and not material.has_successor:
        raise OperationError(
            Failure(
                FailureKind.KEY_UNUSABLE,
                f"The key {arn} has imported key material, and no new material is pending: {reason}.",
                "Import new key material first (kms:ImportKeyMaterial with the import type NEW_KEY_MATERIAL), for a "
                "multi-Region key also into each replica.",
                "kms:RotateKeyOnDemand",
                arn,
            )
        )

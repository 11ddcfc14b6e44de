# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The origin of the key material of a KMS key, and the options that it excludes.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import invalid_input

# The first one is the default of CreateKey.
ORIGINS = ("AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE")
_IN_KEY_STORE = ("AWS_CLOUDHSM", "EXTERNAL_KEY_STORE")
_MAX_STORE_ID = 64
# The pattern of XksKeyIdType.
_XKS_KEY_ID = re.compile(r"[a-zA-Z0-9_.-]{1,128}\Z")

_IMPORT = (
    "Get a wrapping key from kms:GetParametersForImport, encrypt the key material under it, and import it with "
    "kms:ImportKeyMaterial. KMS then enables the key."
)


@dataclass(frozen=True, slots=True)
class DesiredOrigin:
    """The options that only CreateKey accepts. None: not named in the task."""

    origin: str | None = None
    custom_key_store_id: str | None = None
    xks_key_id: str | None = None
    multi_region: bool | None = None

    def require_possible(self, names_rotation: bool) -> None:
        """Raise OperationError for options that KMS refuses together.

        `names_rotation`: the task enables rotation by name, and not by default.
        """
        origin, store = self.origin or ORIGINS[0], self.custom_key_store_id
        if store is not None and origin not in _IN_KEY_STORE:
            raise invalid_input(
                f"custom_key_store_id has no effect with origin: {origin}.",
                f"Set origin: {' or '.join(_IN_KEY_STORE)}, or omit it.",
            )
        if store is not None and len(store) > _MAX_STORE_ID:
            raise invalid_input(
                f"custom_key_store_id has {len(store)} characters, and KMS accepts {_MAX_STORE_ID}.",
                "Set the id of the key store, such as cks-1234567890abcdef0.",
            )
        if store is None and origin in _IN_KEY_STORE:
            raise invalid_input(f"origin: {origin} needs a key store.", "Name it in custom_key_store_id.")
        self._require_external_key(origin)
        if self.multi_region and origin in _IN_KEY_STORE:
            raise invalid_input(
                f"KMS does not support multi-Region keys with origin: {origin}.",
                "Omit multi_region and replica_regions, and create a key in the key store of each region.",
            )
        if names_rotation and origin != ORIGINS[0]:
            raise invalid_input(
                f"KMS does not rotate keys with origin: {origin} automatically.",
                "Omit rotation_enabled and rotation_period_in_days, or set rotation_enabled: false.",
            )

    def require_unchanged(self, arn: str, current: DesiredOrigin) -> None:
        """Raise OperationError, with advice, if the task names another value than the `current` one of the key."""
        names = ("multi_region", "origin", "custom_key_store_id", "xks_key_id")
        differing = [name for name in names if getattr(self, name) not in (None, getattr(current, name))]
        if not differing:
            return
        created, desired = (
            " and ".join(f"{name}: {_yaml_value(getattr(options, name))}" for name in differing)
            for options in (current, self)
        )
        raise invalid_input(
            f"The key {arn} was created with {created}, and KMS cannot change that to {desired}.",
            "To keep the key, omit the options that differ. To get another key, name a new alias. Data that is "
            "encrypted under the current key needs this key until it is encrypted again.",
            resource=arn,
        )

    def _require_external_key(self, origin: str) -> None:
        external = self.xks_key_id
        if external is not None and origin != "EXTERNAL_KEY_STORE":
            raise invalid_input(
                f"xks_key_id has no effect with origin: {origin}.",
                "Set origin: EXTERNAL_KEY_STORE, or omit it.",
            )
        if external is None and origin == "EXTERNAL_KEY_STORE":
            raise invalid_input(f"origin: {origin} needs an external key.", "Name it in xks_key_id.")
        if external is not None and not _XKS_KEY_ID.match(external):
            raise invalid_input(
                f"xks_key_id: {external!r} is not a valid id of an external key.",
                "Set the id that the proxy of the key store uses: at most 128 letters, digits, '_', '.' and '-'.",
            )


def _yaml_value(value: bool | str | None) -> str:
    if value is None:
        return "none"
    return str(value).lower() if isinstance(value, bool) else value


def first_state(origin: str) -> str:
    """The state of a key after CreateKey."""
    return "PendingImport" if origin == "EXTERNAL" else "Enabled"


def require_rotatable(arn: str, spec: str, origin: str) -> None:
    """Raise OperationError if KMS does not rotate such a key automatically."""
    if origin in ("", ORIGINS[0]) and spec in ("", "SYMMETRIC_DEFAULT"):
        return
    raise invalid_input(
        f"The key {arn} ({spec}, origin {origin}) is of a kind that KMS does not rotate automatically.",
        "Omit rotation_enabled and rotation_period_in_days, or set rotation_enabled: false.",
        resource=arn,
    )


def missing_material(name: str, state: str) -> tuple[str, ...]:
    """The warning about a key in this state that has no key material, or whose key store is not connected."""
    if state == "PendingImport":
        return (f"The key {name} has no key material, so it cannot be used. {_IMPORT}",)
    if state == "Unavailable":
        return (f"The key {name} cannot be used until its key store is connected again (kms:ConnectCustomKeyStore).",)
    return ()

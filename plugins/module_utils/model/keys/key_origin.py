# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Where the key material of a KMS key comes from, and what that rules out.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import Failure, FailureKind, OperationError, invalid_input

# The first is what CreateKey takes where no other is named.
ORIGINS = ("AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE")
_IN_A_STORE = ("AWS_CLOUDHSM", "EXTERNAL_KEY_STORE")
# The shape of XksKeyIdType.
_XKS_KEY_ID = re.compile(r"[a-zA-Z0-9_.-]{1,128}\Z")

_IMPORT = (
    "Get a wrapping key by kms:GetParametersForImport, encrypt the key material under it, and hand it to "
    "kms:ImportKeyMaterial. KMS then enables the key by itself."
)


@dataclass(frozen=True, slots=True)
class DesiredOrigin:
    """What only CreateKey takes. None: not named."""

    origin: str | None = None
    custom_key_store_id: str | None = None
    xks_key_id: str | None = None
    multi_region: bool | None = None

    def require_possible(self, asks_for_rotation: bool) -> None:
        """Raise OperationError for what KMS refuses together. `asks_for_rotation`: by name, not by default."""
        origin, store = self.origin or ORIGINS[0], self.custom_key_store_id
        if store is not None and origin not in _IN_A_STORE:
            raise invalid_input(
                f"custom_key_store_id has no effect with origin: {origin}.",
                f"Name origin: {' or '.join(_IN_A_STORE)}, or leave it out.",
            )
        if store is None and origin in _IN_A_STORE:
            raise invalid_input(f"origin: {origin} needs a key store.", "Name it in custom_key_store_id.")
        self._require_external_key(origin)
        if self.multi_region and origin in _IN_A_STORE:
            raise invalid_input(
                f"KMS makes no multi-Region keys with origin: {origin}.",
                "Leave out multi_region and replica_regions, and make a key in each region's own key store.",
            )
        if asks_for_rotation and origin != ORIGINS[0]:
            raise invalid_input(
                f"KMS does not rotate keys with origin: {origin} by itself.",
                "Leave out rotation_enabled and rotation_period_in_days, or set rotation_enabled: false.",
            )

    def _require_external_key(self, origin: str) -> None:
        external = self.xks_key_id
        if external is not None and origin != "EXTERNAL_KEY_STORE":
            raise invalid_input(
                f"xks_key_id has no effect with origin: {origin}.",
                "Name origin: EXTERNAL_KEY_STORE, or leave it out.",
            )
        if external is None and origin == "EXTERNAL_KEY_STORE":
            raise invalid_input(f"origin: {origin} needs an external key.", "Name it in xks_key_id.")
        if external is not None and not _XKS_KEY_ID.match(external):
            raise invalid_input(
                f"xks_key_id: {external!r} cannot be the id of an external key.",
                "Give at most 128 letters, digits, '_', '.' and '-', as the proxy of the key store has it.",
            )


def first_state(origin: str) -> str:
    """The state that CreateKey leaves a key in."""
    return "PendingImport" if origin == "EXTERNAL" else "Enabled"


def require_rotatable(arn: str, spec: str, origin: str) -> None:
    """Raise OperationError where rotation is asked of a key that KMS does not rotate by itself."""
    if origin == ORIGINS[0] and spec == "SYMMETRIC_DEFAULT":
        return
    raise OperationError(
        Failure(
            FailureKind.INVALID,
            f"The key {arn} ({spec}, origin {origin}) is of a kind that KMS does not rotate by itself.",
            "Leave out rotation_enabled and rotation_period_in_days, or set rotation_enabled: false.",
            resource=arn,
        )
    )


def missing_material(name: str, state: str) -> tuple[str, ...]:
    """What a person has to do before a key of this state can be used; nothing where its material is there."""
    if state == "PendingImport":
        return (f"The key {name} has no key material, so nobody can use it. {_IMPORT}",)
    if state == "Unavailable":
        return (f"Nobody can use the key {name} until its key store is connected again (kms:ConnectCustomKeyStore).",)
    return ()

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""What a key may be used for: its usage, its algorithms, and the record of its last use."""

from __future__ import annotations

import secrets

from ..call import Call
from ..errors import ServiceError, not_implemented
from .keys import Key, Usage
from .metadata import algorithms_of


def require_usage(key: Key, usage: str, operation: str) -> None:
    """Raise InvalidKeyUsageException for a key with another usage than the operation needs."""
    if key.usage != usage:
        raise ServiceError(
            "InvalidKeyUsageException", f"{key.arn} key usage is {key.usage} which is not valid for {operation}.", 400
        )


def require_algorithm(key: Key, algorithm: str) -> None:
    """Raise InvalidKeyUsageException for an algorithm that keys of this spec do not have."""
    if not any(algorithm in names for names in algorithms_of(key.spec, key.usage).values()):
        raise ServiceError(
            "InvalidKeyUsageException", f"Algorithm {algorithm} is incompatible with key spec {key.spec}.", 400
        )


def require_symmetric(key: Key, operation: str) -> None:
    """Raise InvalidKeyUsageException for a key that is not a symmetric encryption key."""
    require_usage(key, "ENCRYPT_DECRYPT", operation)
    require_algorithm(key, "SYMMETRIC_DEFAULT")


def refuse_recipient(call: Call) -> None:
    """Raise the 501 error for a response that is encrypted to an enclave."""
    if call.get("Recipient"):
        raise not_implemented("attested recipients (Nitro Enclaves)")


def record_key_use(call: Call, key: Key, operation: str) -> None:
    """Store the time and the operation for GetKeyLastUsage."""
    key.usage_record = Usage(operation, call.now(), secrets.token_hex(16))

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""SSE-C: the customer's key in the headers of a request.

User Guide, "Using server-side encryption with customer-provided keys".
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import ServiceError, invalid_argument


@dataclass(frozen=True, slots=True)
class CustomerKey:
    """A valid 256-bit key, and its MD5, which S3 returns."""

    key: bytes = field(repr=False)
    md5: str = ""


# S3 names this argument in every error about the headers of SSE-C, also in those about the source of a copy.
_ARGUMENT = "x-amz-server-side-encryption"
_KEY_SIZE = 32
_INVALID_KEY = "The secret key was invalid for the specified algorithm."


def _invalid(message: str) -> ServiceError:
    return invalid_argument(message, _ARGUMENT)


def wrong_customer_key() -> ServiceError:
    """Return the error of a read whose key is not that of the object. Only its message differs from a refusal."""
    return ServiceError(
        "AccessDenied",
        "Requests specifying Server Side Encryption with Customer provided keys must provide the correct secret key.",
        403,
    )


def read_customer_key(params: Mapping[str, Any], *, source: bool = False, reading: bool = False) -> CustomerKey | None:
    """Return the key of a request, or None. Raise an error for every invalid combination of headers.

    A key of another length is a wrong key to a read. A write with it is not valid.
    """
    prefix = "CopySourceSSECustomer" if source else "SSECustomer"
    algorithm = params.get(f"{prefix}Algorithm")
    encoded = params.get(f"{prefix}Key")
    md5 = params.get(f"{prefix}KeyMD5")
    if algorithm is None and encoded is None and md5 is None:
        return None
    if algorithm is None:
        raise _invalid(
            "Requests specifying Server Side Encryption with Customer provided keys must provide a valid "
            "encryption algorithm."
        )
    if algorithm != "AES256":
        raise ServiceError(
            "InvalidEncryptionAlgorithmError",
            "The Encryption request you specified is not valid. Supported value: AES256.",
            400,
            fields={"ArgumentName": _ARGUMENT, "ArgumentValue": str(algorithm)},
        )
    if encoded is None:
        raise _invalid(
            "Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate "
            "secret key."
        )
    if md5 is None:
        raise _invalid(
            "Requests specifying Server Side Encryption with Customer provided keys must provide the client "
            "calculated MD5 of the secret key."
        )
    key = _decode_key(encoded, md5)
    if len(key) != _KEY_SIZE:
        raise wrong_customer_key() if reading else _invalid(_INVALID_KEY)
    return CustomerKey(key, md5)


def _decode_key(encoded: str, md5: str) -> bytes:
    """Return the bytes of the key. Raise an error if the MD5 is not that of the key."""
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise _invalid(_INVALID_KEY) from exc
    if base64.b64encode(hashlib.md5(key).digest()).decode("ascii") != md5:
        raise _invalid("The calculated MD5 hash of the key did not match the hash that was provided.")
    return key

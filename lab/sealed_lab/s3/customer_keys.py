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

from ..errors import ServiceError


@dataclass(frozen=True, slots=True)
class CustomerKey:
    """A valid 256-bit key, and its MD5, which S3 returns."""

    key: bytes = field(repr=False)
    md5: str = ""


def _invalid(message: str, name: str, value: str = "null") -> ServiceError:
    return ServiceError("InvalidArgument", message, 400, fields={"ArgumentName": name, "ArgumentValue": value})


def read_customer_key(params: Mapping[str, Any], *, source: bool = False) -> CustomerKey | None:
    """Return the key of a request, or None. Raise InvalidArgument for every invalid combination of headers."""
    prefix = "CopySourceSSECustomer" if source else "SSECustomer"
    header = "x-amz-copy-source-server-side-encryption-customer" if source else "x-amz-server-side-encryption-customer"
    algorithm = params.get(f"{prefix}Algorithm")
    encoded = params.get(f"{prefix}Key")
    md5 = params.get(f"{prefix}KeyMD5")
    if algorithm is None and encoded is None and md5 is None:
        return None
    if algorithm is None:
        raise _invalid(
            "Requests specifying Server Side Encryption with Customer provided keys must provide a valid "
            "encryption algorithm.",
            f"{header}-algorithm",
        )
    if algorithm != "AES256":
        raise ServiceError(
            "InvalidEncryptionAlgorithmError",
            "The encryption request you specified is not valid. Supported value: AES256.",
            400,
            fields={"ArgumentName": f"{header}-algorithm", "ArgumentValue": str(algorithm)},
        )
    if encoded is None:
        raise _invalid(
            "Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate "
            "secret key.",
            f"{header}-key",
        )
    if md5 is None:
        raise _invalid(
            "Requests specifying Server Side Encryption with Customer provided keys must provide the client "
            "calculated MD5 of the secret key.",
            f"{header}-key-MD5",
        )
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise _invalid("The secret key was invalid for the specified algorithm.", f"{header}-key") from exc
    if len(key) != 32:
        raise _invalid("The secret key was invalid for the specified algorithm.", f"{header}-key")
    digest = base64.b64encode(hashlib.md5(key).digest()).decode("ascii")
    if digest != md5:
        raise _invalid(
            "The calculated MD5 hash of the key did not match the hash that was provided.", f"{header}-key-MD5"
        )
    return CustomerKey(key, digest)

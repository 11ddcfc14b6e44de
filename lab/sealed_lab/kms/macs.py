# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""HMAC keys: generate and verify message authentication codes."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, hmac

from ..call import Call, Handler, Output
from ..errors import ServiceError
from .access import KeyUse, check_dry_run, get_usable_key
from .keys import Key
from .usage import record_key_use, require_algorithm, require_usage

_DIGESTS: dict[str, type[hashes.HashAlgorithm]] = {
    "HMAC_SHA_224": hashes.SHA224,
    "HMAC_SHA_256": hashes.SHA256,
    "HMAC_SHA_384": hashes.SHA384,
    "HMAC_SHA_512": hashes.SHA512,
}


def _start(call: Call) -> tuple[Key, hmac.HMAC]:
    """Return the key, and the code of the message, which is not finished."""
    key = get_usable_key(call, KeyUse(call.operation.name))
    require_usage(key, "GENERATE_VERIFY_MAC", call.operation.name)
    require_algorithm(key, call["MacAlgorithm"])
    check_dry_run(call)
    code = hmac.HMAC(key.secret(), _DIGESTS[call["MacAlgorithm"]]())
    code.update(call["Message"])
    return key, code


def generate_mac(call: Call) -> Output:
    """Return the code of a message."""
    key, code = _start(call)
    record_key_use(call, key, "GenerateMac")
    return {"KeyId": key.arn, "Mac": code.finalize(), "MacAlgorithm": call["MacAlgorithm"]}


def verify_mac(call: Call) -> Output:
    """Verify a code. Raise KMSInvalidMacException if it is not that of the message."""
    key, code = _start(call)
    try:
        code.verify(call["Mac"])
    except InvalidSignature as exc:
        raise ServiceError("KMSInvalidMacException", "", 400) from exc
    record_key_use(call, key, "VerifyMac")
    return {"KeyId": key.arn, "MacValid": True, "MacAlgorithm": call["MacAlgorithm"]}


OPERATIONS: dict[str, Handler] = {"GenerateMac": generate_mac, "VerifyMac": verify_mac}

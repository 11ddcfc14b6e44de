# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Sign and verify, with the algorithms of each key spec.

https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html
"""

from __future__ import annotations

from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from ..call import Call, Handler, Output
from ..errors import ServiceError, not_implemented
from .access import KeyUse, check_dry_run, get_usable_key
from .key_pairs import KeyPair
from .keys import Key
from .metadata import algorithms_of
from .usage import record_key_use, require_algorithm, require_usage

_DIGESTS: dict[str, type[hashes.SHA256 | hashes.SHA384 | hashes.SHA512]] = {
    "256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512,
}  # fmt: skip


def _invalid(message: str) -> ServiceError:
    return ServiceError("ValidationException", message, 400)


def _scheme(algorithm: str, message: bytes, *, digested: bool) -> tuple[Any, ...]:
    """Return the arguments that cryptography needs after the message."""
    digest = _DIGESTS[algorithm.rpartition("_")[2]]()
    if digested and len(message) != digest.digest_size:
        raise _invalid(f"Digest is invalid length for algorithm {algorithm}.")
    hashed: Any = Prehashed(digest) if digested else digest
    if algorithm.startswith("ECDSA"):
        return (ec.ECDSA(hashed),)
    if algorithm.startswith("RSASSA_PSS"):
        return padding.PSS(padding.MGF1(digest), digest.digest_size), hashed
    return padding.PKCS1v15(), hashed


def _arguments(call: Call) -> tuple[Any, ...]:
    algorithm, kind = call["SigningAlgorithm"], call.get("MessageType", "RAW")
    if algorithm.startswith(("ECDSA", "RSASSA")):
        if kind == "EXTERNAL_MU":
            raise _invalid(f"MessageType {kind} is not valid for algorithm {algorithm}.")
        return _scheme(algorithm, call["Message"], digested=kind == "DIGEST")
    if algorithm == "ED25519_PH_SHA_512" or kind == "DIGEST":
        raise not_implemented(f"{algorithm} with the message type {kind}")
    return ()


def _method(call: Call, name: str) -> str:
    """Return the method of cryptography. ML-DSA has another one for the representative of a message."""
    return f"{name}_mu" if call.get("MessageType") == "EXTERNAL_MU" else name


def _get_signing_key(call: Call) -> tuple[Key, KeyPair]:
    key = get_usable_key(call, KeyUse(call.operation.name))
    require_usage(key, "SIGN_VERIFY", call.operation.name)
    require_algorithm(key, call["SigningAlgorithm"])
    return key, key.pair()


def sign(call: Call) -> Output:
    """Sign a message or its digest."""
    key, pair = _get_signing_key(call)
    arguments = _arguments(call)
    check_dry_run(call)
    signature = getattr(pair.private, _method(call, "sign"))(call["Message"], *arguments)
    record_key_use(call, key, "Sign")
    return {"KeyId": key.arn, "Signature": signature, "SigningAlgorithm": call["SigningAlgorithm"]}


def verify(call: Call) -> Output:
    """Verify a signature. Raise KMSInvalidSignatureException if it is not valid."""
    key, pair = _get_signing_key(call)
    arguments = _arguments(call)
    check_dry_run(call)
    try:
        getattr(pair.public, _method(call, "verify"))(call["Signature"], call["Message"], *arguments)
    except InvalidSignature as exc:
        raise ServiceError("KMSInvalidSignatureException", "", 400) from exc
    record_key_use(call, key, "Verify")
    return {"KeyId": key.arn, "SignatureValid": True, "SigningAlgorithm": call["SigningAlgorithm"]}


def get_public_key(call: Call) -> Output:
    """Return the public key of an asymmetric key, with its algorithms."""
    key = get_usable_key(call, KeyUse(call.operation.name))
    if not key.asymmetric:
        raise ServiceError("UnsupportedOperationException", "", 400)
    return {
        "KeyId": key.arn,
        "PublicKey": key.pair().public_der(),
        "CustomerMasterKeySpec": key.spec,
        "KeySpec": key.spec,
        "KeyUsage": key.usage,
        **algorithms_of(key.spec, key.usage),
    }


OPERATIONS: dict[str, Handler] = {"Sign": sign, "Verify": verify, "GetPublicKey": get_public_key}

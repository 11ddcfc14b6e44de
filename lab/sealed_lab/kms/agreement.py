# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Agree on a secret: by ECDH with an elliptic curve key, or by encapsulation with an ML-KEM key."""

from __future__ import annotations

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from ..call import Call, Handler, Output
from ..errors import ServiceError
from .access import USABLE, check_dry_run, get_authorized_key
from .keys import Key
from .usage import record_key_use, refuse_recipient, require_usage


def derive_shared_secret(call: Call) -> Output:
    """Return the secret that the key shares with the owner of a public key.

    A public key that cannot be used gets a ValidationException without a message.
    """
    key = get_authorized_key(call, states=USABLE, aliases=True, cross_account=True)
    refuse_recipient(call)
    require_usage(key, "KEY_AGREEMENT", "DeriveSharedSecret")
    private = key.pair().private
    try:
        public = load_der_public_key(call["PublicKey"])
        if not isinstance(public, ec.EllipticCurvePublicKey) or public.curve.name != private.curve.name:
            raise ValueError("not on the curve of the key")
        check_dry_run(call)
        secret = private.exchange(ec.ECDH(), public)
    except (ValueError, UnsupportedAlgorithm) as exc:
        raise ServiceError("ValidationException", "", 400) from exc
    record_key_use(call, key, "DeriveSharedSecret")
    return {
        "KeyId": key.arn,
        "SharedSecret": secret,
        "KeyAgreementAlgorithm": call["KeyAgreementAlgorithm"],
        "KeyOrigin": key.origin,
    }


def _get_encapsulation_key(call: Call) -> Key:
    key = get_authorized_key(call, states=USABLE, aliases=True, cross_account=True)
    require_usage(key, "ENCAPSULATE_DECAPSULATE", call.operation.name)
    check_dry_run(call)
    return key


def encapsulate(call: Call) -> Output:
    """Return a new secret, as plaintext and encapsulated."""
    key = _get_encapsulation_key(call)
    secret, blob = key.pair().public.encapsulate()
    record_key_use(call, key, "Encapsulate")
    return {
        "KeyId": key.arn,
        "SharedSecret": secret,
        "SharedSecretCiphertextBlob": blob,
        "EncapsulationAlgorithm": call["EncapsulationAlgorithm"],
    }


def decapsulate(call: Call) -> Output:
    """Return the secret of an encapsulation. One of another length is refused."""
    key = _get_encapsulation_key(call)
    try:
        secret = key.pair().private.decapsulate(call["SharedSecretCiphertextBlob"])
    except ValueError as exc:
        raise ServiceError("InvalidCiphertextException", "", 400) from exc
    record_key_use(call, key, "Decapsulate")
    return {"KeyId": key.arn, "SharedSecret": secret, "EncapsulationAlgorithm": call["EncapsulationAlgorithm"]}


OPERATIONS: dict[str, Handler] = {
    "DeriveSharedSecret": derive_shared_secret,
    "Encapsulate": encapsulate,
    "Decapsulate": decapsulate,
}

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Data keys, data key pairs and random bytes."""

from __future__ import annotations

import os
from typing import Any

from ..call import Call, Handler, Output
from ..errors import ServiceError, not_implemented
from . import ciphertext
from .access import KeyUse, check_dry_run, get_usable_key
from .crypto import encrypt_with
from .key_pairs import KeyPair
from .keys import Key
from .usage import record_key_use, refuse_recipient, require_symmetric

_SIZES = {"AES_256": 32, "AES_128": 16}


def _get_wrapping_key(call: Call) -> Key:
    """Return the symmetric key that encrypts the data key."""
    key = get_usable_key(call, KeyUse(call.operation.name, call.get("EncryptionContext", {})))
    refuse_recipient(call)
    require_symmetric(key, call.operation.name)
    check_dry_run(call)
    record_key_use(call, key, call.operation.name)
    return key


def generate_data_key(call: Call) -> Output:
    """Return a data key as plaintext and as ciphertext."""
    if ("KeySpec" in call.params) == ("NumberOfBytes" in call.params):
        raise ServiceError("ValidationException", "Please specify either number of bytes or key spec.", 400)
    key = _get_wrapping_key(call)
    plaintext = os.urandom(_SIZES[call["KeySpec"]] if "KeySpec" in call.params else call["NumberOfBytes"])
    blob = encrypt_with(key, plaintext, call.get("EncryptionContext", {}))
    material = ciphertext.parse(blob).material_id
    return {"CiphertextBlob": blob, "Plaintext": plaintext, "KeyId": key.arn, "KeyMaterialId": material}


def generate_data_key_without_plaintext(call: Call) -> Output:
    """Return a data key as ciphertext only."""
    output = generate_data_key(call)
    del output["Plaintext"]
    return output


def generate_data_key_pair(call: Call) -> Output:
    """Return a key pair: the public key, and the private key as plaintext and as ciphertext."""
    key = _get_wrapping_key(call)
    pair = KeyPair(call["KeyPairSpec"])
    private = pair.private_der()
    blob = encrypt_with(key, private, call.get("EncryptionContext", {}))
    output: dict[str, Any] = {
        "PrivateKeyCiphertextBlob": blob,
        "PrivateKeyPlaintext": private,
        "PublicKey": pair.public_der(),
        "KeyId": key.arn,
        "KeyPairSpec": pair.spec,
        "KeyMaterialId": ciphertext.parse(blob).material_id,
    }
    return output


def generate_data_key_pair_without_plaintext(call: Call) -> Output:
    """Return a key pair: the public key, and the private key as ciphertext only."""
    output = generate_data_key_pair(call)
    del output["PrivateKeyPlaintext"]
    return output


def generate_random(call: Call) -> Output:
    """Return random bytes."""
    if call.get("Recipient") or call.get("CustomKeyStoreId"):
        raise not_implemented("GenerateRandom from a custom key store or for an enclave")
    if "NumberOfBytes" not in call.params:
        raise ServiceError("ValidationException", "NumberOfBytes is required.", 400)
    return {"Plaintext": os.urandom(call["NumberOfBytes"])}


OPERATIONS: dict[str, Handler] = {
    "GenerateDataKey": generate_data_key,
    "GenerateDataKeyWithoutPlaintext": generate_data_key_without_plaintext,
    "GenerateDataKeyPair": generate_data_key_pair,
    "GenerateDataKeyPairWithoutPlaintext": generate_data_key_pair_without_plaintext,
    "GenerateRandom": generate_random,
}

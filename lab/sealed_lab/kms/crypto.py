# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Cryptographic operations with symmetric keys."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping

from ..call import Call, Handler, Output
from ..errors import ServiceError, not_implemented
from . import ciphertext
from .access import USABLE, KeyUse, authorize_key, check_dry_run, check_state, get_usable_key
from .keys import Key, Usage

_SYMMETRIC = "SYMMETRIC_DEFAULT"


def require_symmetric(key: Key, operation: str) -> None:
    """Raise InvalidKeyUsageException for a key that cannot do this operation."""
    if key.usage != "ENCRYPT_DECRYPT" or not key.symmetric:
        raise ServiceError(
            "InvalidKeyUsageException",
            f"{key.arn} key usage is {key.usage} which is not valid for {operation}."
            if key.usage != "ENCRYPT_DECRYPT"
            else f"You cannot use {operation} with an asymmetric KMS key: {key.arn}.",
            400,
        )


def record_key_use(call: Call, key: Key, operation: str) -> None:
    """Store the time and the operation for GetKeyLastUsage."""
    key.usage_record = Usage(operation, call.now(), secrets.token_hex(16))


def encrypt_with(key: Key, plaintext: bytes, context: Mapping[str, str]) -> bytes:
    """Return a ciphertext blob under the current material of the key."""
    material = key.current
    if material is None:
        raise ServiceError("KMSInvalidStateException", f"{key.arn} is pending import.", 400)
    return ciphertext.encrypt(key.arn, material.material_id, material.data, plaintext, context)


def decrypt_with(key: Key, parsed: ciphertext.CiphertextBlob, context: Mapping[str, str]) -> bytes:
    """Decrypt with the material of the key that encrypted the blob."""
    for material in key.materials:
        if material.material_id == parsed.material_id:
            if not material.present:
                raise ServiceError("KMSInvalidStateException", f"{key.arn} is pending import.", 400)
            return ciphertext.decrypt(parsed, material.data, context)
    raise ciphertext.invalid_ciphertext()


def _require_symmetric_algorithm(call: Call, name: str) -> None:
    if call.get(name, _SYMMETRIC) != _SYMMETRIC:
        raise not_implemented(f"{name} {call[name]}")
    if call.get("Recipient"):
        raise not_implemented("attested recipients (Nitro Enclaves)")


def encrypt(call: Call) -> Output:
    """Encrypt up to 4,096 bytes."""
    context = call.get("EncryptionContext", {})
    key = get_usable_key(call, KeyUse(call.operation.name, context))
    _require_symmetric_algorithm(call, "EncryptionAlgorithm")
    require_symmetric(key, "Encrypt")
    check_dry_run(call)
    record_key_use(call, key, "Encrypt")
    blob = encrypt_with(key, call["Plaintext"], context)
    return {"CiphertextBlob": blob, "KeyId": key.arn, "EncryptionAlgorithm": _SYMMETRIC}


def _source_key(call: Call, parsed: ciphertext.CiphertextBlob, key_id: str | None, use: KeyUse) -> Key:
    kms = call.lab.state.kms
    now = call.now()
    if key_id is not None:
        key = kms.find(call.account, call.region, key_id, now)
        if key.key_id != parsed.key_arn.rpartition("/")[2]:
            raise ServiceError(
                "IncorrectKeyException",
                "The key ID in the request does not identify a CMK that can perform this operation.",
                400,
            )
    else:
        pieces = parsed.key_arn.split(":")
        local_arn = (
            ":".join([*pieces[:3], call.region, *pieces[4:]]) if "key/mrk-" in parsed.key_arn else parsed.key_arn
        )
        try:
            key = kms.find(call.account, call.region, local_arn, now)
        except ServiceError as error:
            raise ServiceError(
                "AccessDeniedException",
                "The ciphertext refers to a customer master key that does not exist, does not exist in this region, "
                "or you are not allowed to access.",
                400,
            ) from error
    authorize_key(call, key, use)
    check_state(key, USABLE)
    return key


def decrypt(call: Call) -> Output:
    """Decrypt a blob. The encryption context must be that of the encryption."""
    _require_symmetric_algorithm(call, "EncryptionAlgorithm")
    if "CiphertextBlob" not in call.params:
        raise not_implemented("Decrypt without CiphertextBlob")
    context = call.get("EncryptionContext", {})
    parsed = ciphertext.parse(call["CiphertextBlob"])
    key = _source_key(call, parsed, call.get("KeyId"), KeyUse("Decrypt", context))
    check_dry_run(call)
    plaintext = decrypt_with(key, parsed, context)
    record_key_use(call, key, "Decrypt")
    return {"KeyId": key.arn, "Plaintext": plaintext, "EncryptionAlgorithm": _SYMMETRIC,
            "KeyMaterialId": parsed.material_id}  # fmt: skip


def re_encrypt(call: Call) -> Output:
    """Decrypt under one key and encrypt under another. The plaintext is not returned."""
    _require_symmetric_algorithm(call, "SourceEncryptionAlgorithm")
    _require_symmetric_algorithm(call, "DestinationEncryptionAlgorithm")
    if "CiphertextBlob" not in call.params:
        raise not_implemented("ReEncrypt without CiphertextBlob")
    source_context = call.get("SourceEncryptionContext", {})
    target_context = call.get("DestinationEncryptionContext", {})
    parsed = ciphertext.parse(call["CiphertextBlob"])
    source = _source_key(call, parsed, call.get("SourceKeyId"), KeyUse("ReEncryptFrom", source_context))
    target = get_usable_key(call, KeyUse("ReEncryptTo", target_context), "DestinationKeyId")
    require_symmetric(target, "ReEncrypt")
    check_dry_run(call)
    plaintext = decrypt_with(source, parsed, source_context)
    for key in (source, target):
        record_key_use(call, key, "ReEncrypt")
    blob = encrypt_with(target, plaintext, target_context)
    return {
        "CiphertextBlob": blob, "SourceKeyId": source.arn, "KeyId": target.arn,
        "SourceEncryptionAlgorithm": _SYMMETRIC, "DestinationEncryptionAlgorithm": _SYMMETRIC,
        "SourceKeyMaterialId": parsed.material_id, "DestinationKeyMaterialId": ciphertext.parse(blob).material_id,
    }  # fmt: skip


def generate_data_key(call: Call) -> Output:
    """Return a data key as plaintext and as ciphertext."""
    sizes = {"AES_256": 32, "AES_128": 16}
    if ("KeySpec" in call.params) == ("NumberOfBytes" in call.params):
        raise ServiceError("ValidationException", "Please specify either number of bytes or key spec.", 400)
    context = call.get("EncryptionContext", {})
    key = get_usable_key(call, KeyUse(call.operation.name, context))
    _require_symmetric_algorithm(call, "EncryptionAlgorithm")
    require_symmetric(key, call.operation.name)
    check_dry_run(call)
    record_key_use(call, key, call.operation.name)
    plaintext = os.urandom(sizes[call["KeySpec"]] if "KeySpec" in call.params else call["NumberOfBytes"])
    blob = encrypt_with(key, plaintext, context)
    material = ciphertext.parse(blob).material_id
    return {"CiphertextBlob": blob, "Plaintext": plaintext, "KeyId": key.arn, "KeyMaterialId": material}


def generate_data_key_without_plaintext(call: Call) -> Output:
    """Return a data key as ciphertext only."""
    output = generate_data_key(call)
    del output["Plaintext"]
    return output


def generate_random(call: Call) -> Output:
    """Return random bytes."""
    if call.get("Recipient") or call.get("CustomKeyStoreId"):
        raise not_implemented("GenerateRandom from a custom key store or for an enclave")
    if "NumberOfBytes" not in call.params:
        raise ServiceError("ValidationException", "Please specify the number of bytes.", 400)
    return {"Plaintext": os.urandom(call["NumberOfBytes"])}


OPERATIONS: dict[str, Handler] = {
    "Encrypt": encrypt,
    "Decrypt": decrypt,
    "ReEncrypt": re_encrypt,
    "GenerateDataKey": generate_data_key,
    "GenerateDataKeyWithoutPlaintext": generate_data_key_without_plaintext,
    "GenerateRandom": generate_random,
}

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Encrypt, decrypt and re-encrypt, with symmetric keys and with RSA keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from ..call import Call, Handler, Output
from ..errors import ServiceError, not_implemented
from . import ciphertext
from .access import USABLE, KeyUse, authorize_key, check_dry_run, check_state, get_usable_key
from .key_pairs import rsa_bits
from .keys import Key
from .usage import record_key_use, refuse_recipient, require_algorithm, require_usage

SYMMETRIC = "SYMMETRIC_DEFAULT"
_DIGESTS: dict[str, type[hashes.SHA1 | hashes.SHA256]] = {
    "RSAES_OAEP_SHA_1": hashes.SHA1, "RSAES_OAEP_SHA_256": hashes.SHA256,
}  # fmt: skip


def encrypt_with(key: Key, plaintext: bytes, context: Mapping[str, str]) -> bytes:
    """Return a ciphertext blob under the current material of a symmetric key."""
    material = key.current
    if material is None or not material.present:
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


def _oaep(algorithm: str) -> tuple[padding.OAEP, int]:
    """Return the padding of an RSA algorithm, and the number of bytes that it adds."""
    if algorithm not in _DIGESTS:
        raise not_implemented(f"the encryption algorithm {algorithm}")
    digest = _DIGESTS[algorithm]()
    return padding.OAEP(padding.MGF1(digest), digest, None), 2 * digest.digest_size + 2


def _encrypt(key: Key, algorithm: str, plaintext: bytes, context: Mapping[str, str]) -> bytes:
    if algorithm == SYMMETRIC:
        return encrypt_with(key, plaintext, context)
    scheme, _ = _oaep(algorithm)
    return bytes(key.pair().public.encrypt(plaintext, scheme))


def _check_target(key: Key, algorithm: str, operation: str) -> None:
    require_usage(key, "ENCRYPT_DECRYPT", operation)
    require_algorithm(key, algorithm)


def _check_size(key: Key, algorithm: str, size: int) -> None:
    """Refuse more than an RSA key encrypts. The model limits the plaintext of a symmetric key."""
    if algorithm == SYMMETRIC:
        return
    _, overhead = _oaep(algorithm)
    limit = rsa_bits(key.spec) // 8 - overhead
    if size > limit:
        raise ServiceError(
            "ValidationException",
            f"Algorithm {algorithm} and key spec {key.spec} cannot encrypt data larger than {limit} bytes.",
            400,
        )


def encrypt(call: Call) -> Output:
    """Encrypt up to 4,096 bytes, or what fits into a block of RSA."""
    context = call.get("EncryptionContext", {})
    algorithm = call.get("EncryptionAlgorithm", SYMMETRIC)
    key = get_usable_key(call, KeyUse("Encrypt", context))
    _check_target(key, algorithm, "Encrypt")
    _check_size(key, algorithm, len(call["Plaintext"]))
    check_dry_run(call)
    record_key_use(call, key, "Encrypt")
    blob = _encrypt(key, algorithm, call["Plaintext"], context)
    return {"CiphertextBlob": blob, "KeyId": key.arn, "EncryptionAlgorithm": algorithm}


@dataclass(frozen=True, slots=True)
class _Source:
    """What is to be decrypted: the parameters of Decrypt, or the source parameters of ReEncrypt."""

    blob: bytes
    algorithm: str
    key_id: str | None
    use: KeyUse

    def open(self, call: Call) -> tuple[Key, ciphertext.CiphertextBlob | None]:
        """Return the key, and the parts of the blob if it is that of a symmetric key."""
        if self.algorithm != SYMMETRIC:
            return self._asymmetric_key(call), None
        parsed = ciphertext.parse(self.blob)
        key = _symmetric_source_key(call, parsed, self.key_id)
        authorize_key(call, key, self.use)
        check_state(key, USABLE)
        return key, parsed

    def _asymmetric_key(self, call: Call) -> Key:
        if self.key_id is None:
            raise ServiceError("ValidationException", f"A key ID is required with the algorithm {self.algorithm}.", 400)
        key = call.lab.state.kms.find(call.account, call.region, self.key_id, call.now())
        authorize_key(call, key, KeyUse(self.use.action))
        check_state(key, USABLE)
        _check_target(key, self.algorithm, call.operation.name)
        return key

    def decrypt(self, key: Key, parsed: ciphertext.CiphertextBlob | None) -> bytes:
        """Return the plaintext."""
        if parsed is not None:
            return decrypt_with(key, parsed, self.use.context)
        scheme, _ = _oaep(self.algorithm)
        try:
            return bytes(key.pair().private.decrypt(self.blob, scheme))
        except ValueError as exc:
            raise ciphertext.invalid_ciphertext() from exc


def _symmetric_source_key(call: Call, parsed: ciphertext.CiphertextBlob, key_id: str | None) -> Key:
    kms = call.lab.state.kms
    if key_id is not None:
        key = kms.find(call.account, call.region, key_id, call.now())
        if key.key_id == parsed.key_arn.rpartition("/")[2]:
            return key
        raise ServiceError(
            "IncorrectKeyException",
            "The key ID in the request does not identify a CMK that can perform this operation.",
            400,
        )
    pieces = parsed.key_arn.split(":")
    local_arn = ":".join([*pieces[:3], call.region, *pieces[4:]]) if "key/mrk-" in parsed.key_arn else parsed.key_arn
    try:
        return kms.find(call.account, call.region, local_arn, call.now())
    except ServiceError as error:
        raise ServiceError(
            "AccessDeniedException",
            "The ciphertext refers to a customer master key that does not exist, does not exist in this region, "
            "or you are not allowed to access.",
            400,
        ) from error


def _ciphertext(call: Call) -> bytes:
    if "CiphertextBlob" not in call.params:
        raise not_implemented(f"{call.operation.name} without CiphertextBlob")
    return bytes(call["CiphertextBlob"])


def decrypt(call: Call) -> Output:
    """Decrypt a blob. The encryption context must be that of the encryption."""
    refuse_recipient(call)
    source = _Source(
        _ciphertext(call), call.get("EncryptionAlgorithm", SYMMETRIC), call.get("KeyId"),
        KeyUse("Decrypt", call.get("EncryptionContext", {})),
    )  # fmt: skip
    key, parsed = source.open(call)
    check_dry_run(call)
    plaintext = source.decrypt(key, parsed)
    record_key_use(call, key, "Decrypt")
    output: dict[str, Any] = {"KeyId": key.arn, "Plaintext": plaintext, "EncryptionAlgorithm": source.algorithm}
    if parsed is not None:
        output["KeyMaterialId"] = parsed.material_id
    return output


def re_encrypt(call: Call) -> Output:
    """Decrypt under one key and encrypt under another. The plaintext is not returned."""
    source = _Source(
        _ciphertext(call), call.get("SourceEncryptionAlgorithm", SYMMETRIC), call.get("SourceKeyId"),
        KeyUse("ReEncryptFrom", call.get("SourceEncryptionContext", {})),
    )  # fmt: skip
    algorithm = call.get("DestinationEncryptionAlgorithm", SYMMETRIC)
    context = call.get("DestinationEncryptionContext", {})
    key, parsed = source.open(call)
    target = get_usable_key(call, KeyUse("ReEncryptTo", context), "DestinationKeyId")
    _check_target(target, algorithm, "ReEncrypt")
    check_dry_run(call)
    plaintext = source.decrypt(key, parsed)
    _check_size(target, algorithm, len(plaintext))
    for each in (key, target):
        record_key_use(call, each, "ReEncrypt")
    blob = _encrypt(target, algorithm, plaintext, context)
    output: dict[str, Any] = {
        "CiphertextBlob": blob, "SourceKeyId": key.arn, "KeyId": target.arn,
        "SourceEncryptionAlgorithm": source.algorithm, "DestinationEncryptionAlgorithm": algorithm,
    }  # fmt: skip
    if parsed is not None:
        output["SourceKeyMaterialId"] = parsed.material_id
    if algorithm == SYMMETRIC:
        output["DestinationKeyMaterialId"] = ciphertext.parse(blob).material_id
    return output


OPERATIONS: dict[str, Handler] = {"Encrypt": encrypt, "Decrypt": decrypt, "ReEncrypt": re_encrypt}

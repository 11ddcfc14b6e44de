# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Imported key material."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes, keywrap
from cryptography.hazmat.primitives.asymmetric import padding

from ..call import Call, Handler, Output
from ..errors import ServiceError, not_implemented
from .access import NOT_DELETED, get_authorized_key
from .key_pairs import KeyPair, rsa_bits
from .keys import DAY, ENABLED, PENDING_IMPORT, Key, Material, secret_size


@cache
def _wrapping_pairs(spec: str) -> Iterator[KeyPair]:
    """Return two key pairs in turn: an RSA key takes long, and two answers in a row must differ."""
    return itertools.cycle([KeyPair(spec), KeyPair(spec)])


def _require_external_origin(key: Key) -> None:
    if key.origin != "EXTERNAL":
        raise ServiceError(
            "UnsupportedOperationException",
            f"{key.arn} origin is {key.origin} which is not valid for this operation.",
            400,
        )


def get_parameters_for_import(call: Call) -> Output:
    """Return a public key to wrap the material with, and an import token. Both are valid for 24 hours."""
    key = get_authorized_key(call, states=NOT_DELETED)
    _require_external_origin(key)
    if not rsa_bits(call["WrappingKeySpec"]):
        raise not_implemented(f"the wrapping key spec {call['WrappingKeySpec']}")
    if call["WrappingAlgorithm"] in ("RSAES_PKCS1_V1_5", "SM2PKE"):
        raise ServiceError("UnsupportedOperationException", "This wrapping algorithm is no longer supported.", 400)
    pair = next(_wrapping_pairs(call["WrappingKeySpec"]))
    key.import_pair = pair
    key.import_token = os.urandom(64)
    key.import_valid_to = call.now() + DAY
    key.import_algorithm = call["WrappingAlgorithm"]
    return {
        "KeyId": key.arn,
        "ImportToken": key.import_token,
        "PublicKey": pair.public_der(),
        "ParametersValidTo": key.import_valid_to,
    }


def _unwrap(key: Key, wrapped: bytes) -> bytes:
    assert key.import_pair is not None
    private = key.import_pair.private
    algorithm = key.import_algorithm
    digest: Any = hashes.SHA1() if algorithm.endswith("SHA_1") else hashes.SHA256()
    scheme = padding.OAEP(padding.MGF1(digest), digest, None)
    try:
        if algorithm.startswith("RSA_AES_KEY_WRAP"):
            size = private.key_size // 8
            return keywrap.aes_key_unwrap_with_padding(private.decrypt(wrapped[:size], scheme), wrapped[size:])
        return bytes(private.decrypt(wrapped, scheme))
    except (ValueError, keywrap.InvalidUnwrap) as exc:
        raise ServiceError("InvalidCiphertextException", "", 400) from exc


def import_key_material(call: Call) -> Output:
    """Import material. A second, different material of a symmetric key waits for RotateKeyOnDemand."""
    key = get_authorized_key(call, states=NOT_DELETED)
    _require_external_origin(key)
    if key.import_pair is None or call["ImportToken"] != key.import_token:
        raise ServiceError("InvalidImportTokenException", "", 400)
    if call.now() > key.import_valid_to:
        raise ServiceError("ExpiredImportTokenException", "", 400)
    expires = _expiry(call)
    material = _read_material(key, _unwrap(key, call["EncryptedKeyMaterial"]), call.now())
    existing = next((each for each in key.materials if each.material_id == material.material_id), None)
    if existing is None:
        _check_new_material(call, key, material)
        material.pending = bool(key.materials)
        key.materials.append(material)
    else:
        existing.data, existing.pair, existing.present = material.data, material.pair, True
        material = existing
    material.expires = expires
    material.description = call.get("KeyMaterialDescription", material.description)
    if key.state == PENDING_IMPORT and key.complete:
        key.state = ENABLED
    return _import_response(key, material)


def _import_response(key: Key, material: Material | None) -> Output:
    """Return the response. Only the material of a symmetric encryption key has an id."""
    response: dict[str, Any] = {"KeyId": key.arn}
    if key.symmetric and material is not None:
        response["KeyMaterialId"] = material.material_id
    return response


def _expiry(call: Call) -> float:
    if call.get("ExpirationModel", "KEY_MATERIAL_EXPIRES") != "KEY_MATERIAL_EXPIRES":
        return 0.0
    if "ValidTo" not in call.params:
        raise ServiceError(
            "ValidationException", "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES", 400
        )
    expires = float(call["ValidTo"])
    if expires <= call.now():
        raise ServiceError("ValidationException", "ValidTo must be in the future.", 400)
    return expires


def _read_material(key: Key, data: bytes, now: float) -> Material:
    """Return the material of unwrapped bytes. Raise IncorrectKeyMaterialException if they do not fit the key spec.

    https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-encrypt-key-material.html
    """
    material = Material(_material_id(data, key.key_id), data, now, imported=True)
    if not key.asymmetric:
        if len(data) != secret_size(key.spec):
            raise ServiceError(
                "IncorrectKeyMaterialException", f"Key material must be {8 * secret_size(key.spec)} bits.", 400
            )
        return material
    try:
        material.data, material.pair = b"", KeyPair.load(key.spec, data)
    except ValueError as exc:
        raise ServiceError(
            "IncorrectKeyMaterialException", f"The key material is {exc}, in PKCS #8 and DER.", 400
        ) from exc
    return material


def _check_new_material(call: Call, key: Key, material: Material) -> None:
    """Refuse material that the key did not have before. A symmetric key may have one that waits for a rotation."""
    kind = call.get("ImportType", "EXISTING_KEY_MATERIAL" if key.materials else "NEW_KEY_MATERIAL")
    if key.materials and (kind != "NEW_KEY_MATERIAL" or not key.symmetric):
        raise ServiceError(
            "IncorrectKeyMaterialException",
            f"The key material does not match the material that was imported into {key.arn} before.",
            400,
        )
    pending = key.pending
    if pending is not None:
        raise ServiceError(
            "KMSInvalidStateException",
            f"New key material (id: {material.material_id}) cannot be imported into KMS key {key.arn}, because another "
            f"key material (id: {pending.material_id}) is pending rotation.",
            400,
        )


def _material_id(data: bytes, key_id: str) -> str:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(b"key material of " + key_id.encode() + data)
    return digest.finalize().hex()


def delete_imported_key_material(call: Call) -> Output:
    """Delete imported material. The key cannot be used until the same material is imported again."""
    key = get_authorized_key(call, states=NOT_DELETED)
    _require_external_origin(key)
    requested_id = call.get("KeyMaterialId")
    target = (
        next((each for each in key.materials if each.material_id == requested_id), None)
        if requested_id
        else key.current
    )
    if requested_id and target is None:
        raise ServiceError("NotFoundException", f"Key material {requested_id} does not exist.", 400)
    if target is not None:
        key.delete_material(target)
        if not target.pending:
            key.state = PENDING_IMPORT
    return _import_response(key, target)


OPERATIONS: dict[str, Handler] = {
    "GetParametersForImport": get_parameters_for_import,
    "ImportKeyMaterial": import_key_material,
    "DeleteImportedKeyMaterial": delete_imported_key_material,
}

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Imported key material."""

from __future__ import annotations

import os
from typing import Any

from cryptography.hazmat.primitives import hashes, keywrap, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from ..call import Call, Handler, Output
from ..errors import ServiceError, not_implemented
from .access import NOT_DELETED, get_authorized_key
from .keys import DAY, ENABLED, PENDING_IMPORT, Key, Material

_SIZES = {"RSA_2048": 2048, "RSA_3072": 3072, "RSA_4096": 4096}


def _require_external_origin(key: Key) -> None:
    if key.origin != "EXTERNAL":
        raise ServiceError(
            "UnsupportedOperationException",
            f"{key.arn} origin is {key.origin} which is not valid for this operation.",
            400,
        )
    if not key.symmetric:
        raise not_implemented("imported material of asymmetric and HMAC keys")


def get_parameters_for_import(call: Call) -> Output:
    """Return a public key to wrap the material with, and an import token. Both are valid for 24 hours."""
    key = get_authorized_key(call, states=NOT_DELETED)
    _require_external_origin(key)
    if call["WrappingKeySpec"] not in _SIZES:
        raise not_implemented(f"the wrapping key spec {call['WrappingKeySpec']}")
    if call["WrappingAlgorithm"] in ("RSAES_PKCS1_V1_5", "SM2PKE"):
        raise ServiceError("UnsupportedOperationException", "This wrapping algorithm is no longer supported.", 400)
    private = rsa.generate_private_key(65537, _SIZES[call["WrappingKeySpec"]])
    key.import_key = private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    key.import_token = os.urandom(64)
    key.import_valid_to = call.now() + DAY
    key.import_algorithm = call["WrappingAlgorithm"]
    public = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return {
        "KeyId": key.arn,
        "ImportToken": key.import_token,
        "PublicKey": public,
        "ParametersValidTo": key.import_valid_to,
    }


def _unwrap(key: Key, wrapped: bytes) -> bytes:
    private: Any = serialization.load_der_private_key(key.import_key, None)
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
    """Import 256 bits into a key. A second, different material waits for RotateKeyOnDemand."""
    key = get_authorized_key(call, states=NOT_DELETED)
    _require_external_origin(key)
    if not key.import_key or call["ImportToken"] != key.import_token:
        raise ServiceError("InvalidImportTokenException", "", 400)
    if call.now() > key.import_valid_to:
        raise ServiceError("ExpiredImportTokenException", "", 400)
    expires = 0.0
    if call.get("ExpirationModel", "KEY_MATERIAL_EXPIRES") == "KEY_MATERIAL_EXPIRES":
        if "ValidTo" not in call.params:
            raise ServiceError(
                "ValidationException", "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES", 400
            )
        expires = call["ValidTo"]
        if expires <= call.now():
            raise ServiceError("ValidationException", "ValidTo must be in the future.", 400)
    data = _unwrap(key, call["EncryptedKeyMaterial"])
    if len(data) != 32:
        raise ServiceError("IncorrectKeyMaterialException", "Key material must be 256 bits.", 400)
    material_id = _material_id(data, key.key_id)
    material = next((each for each in key.materials if each.material_id == material_id), None)
    kind = call.get("ImportType", "EXISTING_KEY_MATERIAL" if key.materials else "NEW_KEY_MATERIAL")
    if material is None:
        if key.materials and kind != "NEW_KEY_MATERIAL":
            raise ServiceError(
                "IncorrectKeyMaterialException",
                f"The key material does not match the material that was imported into {key.arn} before.",
                400,
            )
        if any(each.pending for each in key.materials):
            raise ServiceError("KMSInvalidStateException", f"{key.arn} already has material pending rotation.", 400)
        material = Material(material_id, data, call.now(), imported=True, pending=bool(key.materials))
        key.materials.append(material)
    material.data, material.present, material.expires = data, True, expires
    material.description = call.get("KeyMaterialDescription", material.description)
    if key.state == PENDING_IMPORT and all(each.present for each in key.materials):
        key.state = ENABLED
    return {"KeyId": key.arn, "KeyMaterialId": material_id}


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
        target.present, target.data = False, b""
        if not target.pending:
            key.state = PENDING_IMPORT
    return {"KeyId": key.arn, "KeyMaterialId": target.material_id if target else ""}


OPERATIONS: dict[str, Handler] = {
    "GetParametersForImport": get_parameters_for_import,
    "ImportKeyMaterial": import_key_material,
    "DeleteImportedKeyMaterial": delete_imported_key_material,
}

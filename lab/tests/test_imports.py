# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Imported key material of all key specs."""

from __future__ import annotations

import os
from typing import Any

import pytest
from client_calls import raises_client_error
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_der_public_key

from sealed_lab import RunningLab


def create(kms: Any, spec: str = "SYMMETRIC_DEFAULT", usage: str = "ENCRYPT_DECRYPT") -> str:
    """Create a key without material, and return its id."""
    key_id: str = kms.create_key(Origin="EXTERNAL", KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["KeyId"]
    return key_id


def parameters(kms: Any, key_id: str) -> dict[str, Any]:
    """Return the public key and the import token for a key."""
    found: dict[str, Any] = kms.get_parameters_for_import(
        KeyId=key_id, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
    )
    return found


def wrap(public_key: bytes, data: bytes) -> bytes:
    """Encrypt key material."""
    public: Any = load_der_public_key(public_key)
    wrapped: bytes = public.encrypt(data, padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None))
    return wrapped


def import_material(kms: Any, key_id: str, data: bytes, **more: Any) -> dict[str, Any]:
    """Import material that does not expire."""
    found = parameters(kms, key_id)
    response: dict[str, Any] = kms.import_key_material(
        KeyId=key_id, ImportToken=found["ImportToken"], EncryptedKeyMaterial=wrap(found["PublicKey"], data),
        ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE", **more,
    )  # fmt: skip
    return response


def private_key(curve: ec.EllipticCurve) -> bytes:
    """Return a new private key as PKCS #8."""
    return ec.generate_private_key(curve).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def state(kms: Any, key_id: str) -> str:
    """Return the state of a key."""
    found: str = kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"]
    return found


@pytest.mark.parametrize(
    ("spec", "usage", "right", "wrong"),
    [
        ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", os.urandom(32), os.urandom(16)),
        ("HMAC_384", "GENERATE_VERIFY_MAC", os.urandom(48), os.urandom(32)),
        ("ECC_NIST_P256", "SIGN_VERIFY", private_key(ec.SECP256R1()), private_key(ec.SECP256K1())),
    ],
    ids=["symmetric", "hmac", "ecc"],
)
def test_material_must_fit_the_spec(kms: Any, spec: str, usage: str, right: bytes, wrong: bytes) -> None:
    key_id = create(kms, spec, usage)
    for data in (wrong, b"x"):
        with raises_client_error("IncorrectKeyMaterialException", 400):
            import_material(kms, key_id, data)
    assert ("KeyMaterialId" in import_material(kms, key_id, right)) == (spec == "SYMMETRIC_DEFAULT")
    assert state(kms, key_id) == "Enabled"
    kms.delete_imported_key_material(KeyId=key_id)
    assert state(kms, key_id) == "PendingImport"
    import_material(kms, key_id, right)
    assert state(kms, key_id) == "Enabled"


def test_token_and_public_key_belong_together(kms: Any) -> None:
    key_id = create(kms)
    first, second = parameters(kms, key_id), parameters(kms, key_id)
    old = wrap(first["PublicKey"], os.urandom(32))
    names = {"KeyId": key_id, "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE", "EncryptedKeyMaterial": old}
    with raises_client_error("InvalidImportTokenException", 400):
        kms.import_key_material(ImportToken=first["ImportToken"], **names)
    with raises_client_error("InvalidCiphertextException", 400):
        kms.import_key_material(ImportToken=second["ImportToken"], **names)


def test_pending_material(kms: Any) -> None:
    key_id = create(kms)
    first = import_material(kms, key_id, os.urandom(32))["KeyMaterialId"]
    with raises_client_error("KMSInvalidStateException", 400) as messages:
        kms.rotate_key_on_demand(KeyId=key_id)
    assert messages[0].startswith("No available key material pending rotation for the key: arn:")
    second = import_material(kms, key_id, os.urandom(32), ImportType="NEW_KEY_MATERIAL")["KeyMaterialId"]
    with raises_client_error("KMSInvalidStateException", 400) as messages:
        import_material(kms, key_id, os.urandom(32), ImportType="NEW_KEY_MATERIAL")
    assert f"because another key material (id: {second}) is pending rotation." in messages[0]
    kms.delete_imported_key_material(KeyId=key_id, KeyMaterialId=second)
    metadata = kms.describe_key(KeyId=key_id)["KeyMetadata"]
    assert (metadata["KeyState"], metadata["CurrentKeyMaterialId"]) == ("Enabled", first)
    third = import_material(kms, key_id, os.urandom(32), ImportType="NEW_KEY_MATERIAL")["KeyMaterialId"]
    assert material_states(kms, key_id) == {first: "CURRENT", third: "PENDING_ROTATION"}


def material_states(kms: Any, key_id: str) -> dict[str, str]:
    """Return the state of each material of a key."""
    entries = kms.list_key_rotations(KeyId=key_id, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
    return {entry["KeyMaterialId"]: entry["KeyMaterialState"] for entry in entries}


def test_pending_material_of_multi_region_keys(lab: RunningLab, kms: Any) -> None:
    key_id = kms.create_key(Origin="EXTERNAL", MultiRegion=True)["KeyMetadata"]["KeyId"]
    old, new = os.urandom(32), os.urandom(32)
    first = import_material(kms, key_id, old)["KeyMaterialId"]
    kms.replicate_key(KeyId=key_id, ReplicaRegion="eu-west-1")
    lab.clock.advance(60)
    ireland = lab.client("kms", region="eu-west-1")
    import_material(ireland, key_id, old)
    second = import_material(kms, key_id, new, ImportType="NEW_KEY_MATERIAL")["KeyMaterialId"]
    assert material_states(kms, key_id)[second] == "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"
    with raises_client_error("KMSInvalidStateException", 400):
        kms.rotate_key_on_demand(KeyId=key_id)
    import_material(ireland, key_id, new, ImportType="NEW_KEY_MATERIAL")
    assert material_states(kms, key_id)[second] == "PENDING_ROTATION"
    kms.rotate_key_on_demand(KeyId=key_id)
    for client in (kms, ireland):
        assert material_states(client, key_id) == {first: "NON_CURRENT", second: "CURRENT"}

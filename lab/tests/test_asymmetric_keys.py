# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""KMS keys other than symmetric encryption keys: signatures, RSA encryption, shared secrets, and codes."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from client_calls import raises_client_error
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

from sealed_lab import RunningLab

MESSAGE = b"a message"
DIGESTS: dict[str, Callable[[bytes], Any]] = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}
SIGNING = ("RSA_2048", "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1")


def create(kms: Any, spec: str, usage: str) -> str:
    """Create a key, and return its id."""
    key_id: str = kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["KeyId"]
    return key_id


@pytest.mark.parametrize("spec", SIGNING)
def test_message_and_digest_have_equivalent_signatures(kms: Any, spec: str) -> None:
    key_id = create(kms, spec, "SIGN_VERIFY")
    for algorithm in kms.get_public_key(KeyId=key_id)["SigningAlgorithms"]:
        names = {"KeyId": key_id, "SigningAlgorithm": algorithm}
        digest = DIGESTS[algorithm[-3:]](MESSAGE).digest()
        signature = kms.sign(Message=MESSAGE, **names)["Signature"]
        assert kms.verify(Message=digest, MessageType="DIGEST", Signature=signature, **names)["SignatureValid"]
        with raises_client_error("KMSInvalidSignatureException", 400):
            kms.verify(Message=b"another message", Signature=signature, **names)
        with raises_client_error("ValidationException", 400) as messages:
            kms.sign(Message=digest[1:], MessageType="DIGEST", **names)
        assert messages == [f"Digest is invalid length for algorithm {algorithm}."]


@pytest.mark.parametrize(
    ("spec", "algorithm"), [("ECC_NIST_EDWARDS25519", "ED25519_SHA_512"), ("ML_DSA_44", "ML_DSA_SHAKE_256")]
)
def test_algorithms_without_a_digest(kms: Any, spec: str, algorithm: str) -> None:
    if spec == "ML_DSA_44":
        pytest.importorskip("cryptography.hazmat.primitives.asymmetric.mldsa")
    names = {"KeyId": create(kms, spec, "SIGN_VERIFY"), "SigningAlgorithm": algorithm}
    signature = kms.sign(Message=MESSAGE, **names)["Signature"]
    assert kms.verify(Message=MESSAGE, Signature=signature, **names)["SignatureValid"]
    with raises_client_error("KMSInvalidSignatureException", 400):
        kms.verify(Message=MESSAGE, Signature=bytes(len(signature)), **names)


def test_rsa_encryption(kms: Any, key: dict[str, Any]) -> None:
    key_id = create(kms, "RSA_2048", "ENCRYPT_DECRYPT")
    public: Any = load_der_public_key(kms.get_public_key(KeyId=key_id)["PublicKey"])
    for algorithm, digest, limit in (
        ("RSAES_OAEP_SHA_1", hashes.SHA1(), 214),
        ("RSAES_OAEP_SHA_256", hashes.SHA256(), 190),
    ):
        names = {"KeyId": key_id, "EncryptionAlgorithm": algorithm}
        for blob in (
            kms.encrypt(Plaintext=MESSAGE, **names)["CiphertextBlob"],
            public.encrypt(MESSAGE, padding.OAEP(padding.MGF1(digest), digest, None)),
        ):
            assert kms.decrypt(CiphertextBlob=blob, **names)["Plaintext"] == MESSAGE
        with raises_client_error("ValidationException", 400) as messages:
            kms.encrypt(Plaintext=bytes(limit + 1), **names)
        assert messages[0].endswith(f"cannot encrypt data larger than {limit} bytes.")
        moved = kms.re_encrypt(
            CiphertextBlob=blob, SourceKeyId=key_id, SourceEncryptionAlgorithm=algorithm, DestinationKeyId=key["KeyId"]
        )
        assert "SourceKeyMaterialId" not in moved
        assert kms.decrypt(CiphertextBlob=moved["CiphertextBlob"])["Plaintext"] == MESSAGE
    with raises_client_error("InvalidCiphertextException", 400):
        kms.decrypt(CiphertextBlob=blob, KeyId=key_id, EncryptionAlgorithm="RSAES_OAEP_SHA_1")


def test_shared_secret(kms: Any) -> None:
    key_id = create(kms, "ECC_NIST_P256", "KEY_AGREEMENT")
    private = ec.generate_private_key(ec.SECP256R1())
    public: Any = load_der_public_key(kms.get_public_key(KeyId=key_id)["PublicKey"])
    names = {"KeyId": key_id, "KeyAgreementAlgorithm": "ECDH"}
    own = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert kms.derive_shared_secret(PublicKey=own, **names)["SharedSecret"] == private.exchange(ec.ECDH(), public)
    other_curve = ec.generate_private_key(ec.SECP384R1()).public_key()
    with raises_client_error("ValidationException", 400) as messages:
        kms.derive_shared_secret(
            PublicKey=other_curve.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo), **names
        )
    assert messages == [""]


def test_encapsulation(kms: Any) -> None:
    pytest.importorskip("cryptography.hazmat.primitives.asymmetric.mlkem")
    names = {"KeyId": create(kms, "ML_KEM_768", "ENCAPSULATE_DECAPSULATE"), "EncapsulationAlgorithm": "ML_KEM"}
    made = kms.encapsulate(**names)
    opened = kms.decapsulate(SharedSecretCiphertextBlob=made["SharedSecretCiphertextBlob"], **names)
    assert opened["SharedSecret"] == made["SharedSecret"]


@pytest.mark.parametrize("spec", ["RSA_2048", "ECC_SECG_P256K1", "ECC_NIST_EDWARDS25519"])
def test_data_key_pair(kms: Any, key: dict[str, Any], spec: str) -> None:
    pair = kms.generate_data_key_pair(KeyId=key["KeyId"], KeyPairSpec=spec, EncryptionContext={"a": "b"})
    private = kms.decrypt(CiphertextBlob=pair["PrivateKeyCiphertextBlob"], EncryptionContext={"a": "b"})["Plaintext"]
    assert private == pair["PrivateKeyPlaintext"]
    public = load_der_private_key(private, None).public_key()
    assert public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) == pair["PublicKey"]
    without = kms.generate_data_key_pair_without_plaintext(KeyId=key["KeyId"], KeyPairSpec="ECC_NIST_P256")
    assert "PrivateKeyPlaintext" not in without


@pytest.mark.parametrize("size", [224, 256, 384, 512])
def test_codes(kms: Any, size: int) -> None:
    names = {"KeyId": create(kms, f"HMAC_{size}", "GENERATE_VERIFY_MAC"), "MacAlgorithm": f"HMAC_SHA_{size}"}
    code = kms.generate_mac(Message=MESSAGE, **names)["Mac"]
    assert len(code) == size // 8
    assert kms.verify_mac(Message=MESSAGE, Mac=code, **names)["MacValid"]
    with raises_client_error("KMSInvalidMacException", 400):
        kms.verify_mac(Message=b"another message", Mac=code, **names)


def test_replica_has_the_key_pair_of_its_primary_key(lab: RunningLab, kms: Any) -> None:
    primary = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY", MultiRegion=True)["KeyMetadata"]["KeyId"]
    kms.replicate_key(KeyId=primary, ReplicaRegion="eu-west-1")
    lab.clock.advance(60)
    ireland = lab.client("kms", region="eu-west-1")
    assert ireland.get_public_key(KeyId=primary)["PublicKey"] == kms.get_public_key(KeyId=primary)["PublicKey"]


@pytest.mark.parametrize(
    ("operation", "spec", "usage", "parameters"),
    [
        ("sign", "HMAC_256", "GENERATE_VERIFY_MAC", {"Message": MESSAGE, "SigningAlgorithm": "ECDSA_SHA_256"}),
        ("generate_mac", "ECC_NIST_P256", "SIGN_VERIFY", {"Message": MESSAGE, "MacAlgorithm": "HMAC_SHA_256"}),
        ("encrypt", "ECC_NIST_P256", "SIGN_VERIFY", {"Plaintext": MESSAGE}),
        ("generate_data_key", "ECC_NIST_P256", "SIGN_VERIFY", {"KeySpec": "AES_256"}),
        ("generate_data_key_pair", "HMAC_256", "GENERATE_VERIFY_MAC", {"KeyPairSpec": "RSA_2048"}),
    ],
)
def test_key_of_another_usage(kms: Any, operation: str, spec: str, usage: str, parameters: dict[str, Any]) -> None:
    key_id = create(kms, spec, usage)
    with raises_client_error("InvalidKeyUsageException", 400) as messages:
        getattr(kms, operation)(KeyId=key_id, **parameters)
    name = "".join(word.capitalize() for word in operation.split("_"))
    assert messages[0].endswith(f"key usage is {usage} which is not valid for {name}.")


@pytest.mark.parametrize(
    ("operation", "spec", "usage", "parameters"),
    [
        ("sign", "ECC_NIST_P384", "SIGN_VERIFY", {"Message": MESSAGE, "SigningAlgorithm": "ECDSA_SHA_256"}),
        ("generate_mac", "HMAC_224", "GENERATE_VERIFY_MAC", {"Message": MESSAGE, "MacAlgorithm": "HMAC_SHA_256"}),
        ("encrypt", "RSA_2048", "ENCRYPT_DECRYPT", {"Plaintext": MESSAGE}),
        ("generate_data_key", "RSA_2048", "ENCRYPT_DECRYPT", {"KeySpec": "AES_256"}),
    ],
)
def test_algorithm_of_another_spec(kms: Any, operation: str, spec: str, usage: str, parameters: dict[str, Any]) -> None:
    key_id = create(kms, spec, usage)
    with raises_client_error("InvalidKeyUsageException", 400) as messages:
        getattr(kms, operation)(KeyId=key_id, **parameters)
    assert messages[0].endswith(f"is incompatible with key spec {spec}.")


def test_symmetric_key_has_no_public_key(kms: Any, key: dict[str, Any]) -> None:
    with raises_client_error("UnsupportedOperationException", 400):
        kms.get_public_key(KeyId=key["KeyId"])
    with raises_client_error("ValidationException", 400):
        kms.create_key(KeySpec="HMAC_256")


def test_rsa_keys_are_used_again_only_after_a_reset(lab: RunningLab, kms: Any) -> None:
    """Two keys of one lab differ, and so do data key pairs."""

    def public_key() -> bytes:
        key_id = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
        found: bytes = kms.get_public_key(KeyId=key_id)["PublicKey"]
        return found

    first = {public_key(), public_key()}
    lab.reset()
    gc.collect()
    second = {public_key(), public_key()}
    assert (len(first), len(second), bool(first & second)) == (2, 2, True)
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    pairs = [kms.generate_data_key_pair(KeyId=key_id, KeyPairSpec="RSA_2048")["PublicKey"] for _ in range(2)]
    assert pairs[0] != pairs[1]

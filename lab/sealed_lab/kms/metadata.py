# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The metadata of a key as DescribeKey returns it, and the usages and algorithms of each key spec."""

from __future__ import annotations

from typing import Any

from ..partitions import partition_of
from .keys import CREATING, ENABLED, PENDING_DELETION, PENDING_REPLICA_DELETION, Key

_RSA_SIGN = [f"RSASSA_{pad}_SHA_{size}" for pad in ("PKCS1_V1_5", "PSS") for size in (256, 384, 512)]
_RSA_ENCRYPT = ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"]
_ECC_SIGN = {
    "ECC_NIST_P256": ["ECDSA_SHA_256"], "ECC_NIST_P384": ["ECDSA_SHA_384"], "ECC_NIST_P521": ["ECDSA_SHA_512"],
    "ECC_SECG_P256K1": ["ECDSA_SHA_256"], "ECC_NIST_EDWARDS25519": ["ED25519_SHA_512", "ED25519_PH_SHA_512"],
}  # fmt: skip


def usages_of(spec: str) -> tuple[str, ...]:
    """Return the key usages that a spec allows (Developer Guide, "Key spec reference")."""
    if spec == "SYMMETRIC_DEFAULT":
        return ("ENCRYPT_DECRYPT",)
    if spec.startswith("RSA_"):
        return ("ENCRYPT_DECRYPT", "SIGN_VERIFY")
    if spec.startswith("HMAC_"):
        return ("GENERATE_VERIFY_MAC",)
    if spec.startswith("ML_DSA_"):
        return ("SIGN_VERIFY",)
    if spec.startswith("ML_KEM_"):
        return ("ENCAPSULATE_DECAPSULATE",)
    if spec == "SM2":
        return ("ENCRYPT_DECRYPT", "SIGN_VERIFY", "KEY_AGREEMENT")
    if spec in ("ECC_SECG_P256K1", "ECC_NIST_EDWARDS25519"):
        return ("SIGN_VERIFY",)
    return ("SIGN_VERIFY", "KEY_AGREEMENT")


def algorithms_of(spec: str, usage: str) -> dict[str, list[str]]:
    """Return the algorithm lists of DescribeKey."""
    if usage == "ENCRYPT_DECRYPT":
        if spec == "SYMMETRIC_DEFAULT":
            return {"EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"]}
        return {"EncryptionAlgorithms": ["SM2PKE"] if spec == "SM2" else _RSA_ENCRYPT}
    if usage == "GENERATE_VERIFY_MAC":
        return {"MacAlgorithms": [f"HMAC_SHA_{spec.rpartition('_')[2]}"]}
    if usage == "KEY_AGREEMENT":
        return {"KeyAgreementAlgorithms": ["ECDH"]}
    if usage == "ENCAPSULATE_DECAPSULATE":
        return {"EncapsulationAlgorithms": ["ML_KEM"]}
    if spec.startswith("RSA_"):
        return {"SigningAlgorithms": _RSA_SIGN}
    if spec.startswith("ML_DSA_"):
        return {"SigningAlgorithms": ["ML_DSA_SHAKE_256"]}
    if spec == "SM2":
        return {"SigningAlgorithms": ["SM2DSA"]}
    return {"SigningAlgorithms": _ECC_SIGN[spec]}


def describe(key: Key) -> dict[str, Any]:
    """Return ``KeyMetadata``."""
    found: dict[str, Any] = {
        "AWSAccountId": key.account,
        "KeyId": key.key_id,
        "Arn": key.arn,
        "CreationDate": key.created,
        "Enabled": key.state == ENABLED,
        "Description": key.description,
        "KeyUsage": key.usage,
        "KeyState": key.state,
        "Origin": key.origin,
        "KeyManager": key.manager,
        "CustomerMasterKeySpec": key.spec,
        "KeySpec": key.spec,
        "MultiRegion": key.multi_region is not None,
        **algorithms_of(key.spec, key.usage),
    }
    current = key.current
    if key.symmetric and current is not None and key.origin in ("AWS_KMS", "EXTERNAL") and key.state != CREATING:
        found["CurrentKeyMaterialId"] = current.material_id
    if key.origin == "EXTERNAL" and current is not None and current.present:
        found["ExpirationModel"] = "KEY_MATERIAL_EXPIRES" if current.expires else "KEY_MATERIAL_DOES_NOT_EXPIRE"
        if current.expires:
            found["ValidTo"] = current.expires
    if key.state == PENDING_DELETION and key.deletion_date:
        found["DeletionDate"] = key.deletion_date
    if key.state == PENDING_REPLICA_DELETION:
        found["PendingDeletionWindowInDays"] = key.deletion_window
    if key.store_id:
        found["CustomKeyStoreId"] = key.store_id
    if key.xks_key_id:
        found["XksKeyConfiguration"] = {"Id": key.xks_key_id}
    if key.multi_region is not None:
        found["MultiRegionConfiguration"] = _multi_region(key)
    return found


def _multi_region(key: Key) -> dict[str, Any]:
    related = key.multi_region
    assert related is not None

    def entry(region: str) -> dict[str, str]:
        return {"Arn": f"arn:{partition_of(region)}:kms:{region}:{key.account}:key/{key.key_id}", "Region": region}

    return {
        "MultiRegionKeyType": "REPLICA" if key.is_replica else "PRIMARY",
        "PrimaryKey": entry(related.primary),
        "ReplicaKeys": [entry(region) for region in related.regions if region != related.primary],
    }

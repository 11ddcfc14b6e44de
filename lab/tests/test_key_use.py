# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Cryptographic operations and rotation of KMS keys."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from client_calls import raises_client_error

from sealed_lab import RunningLab

pytestmark = pytest.mark.behaviour


def test_rotation_is_enabled_with_a_period(kms: Any, key: dict[str, Any]) -> None:
    kms.enable_key_rotation(KeyId=key["KeyId"], RotationPeriodInDays=180)
    status = kms.get_key_rotation_status(KeyId=key["KeyId"])
    assert (status["KeyRotationEnabled"], status["RotationPeriodInDays"]) == (True, 180)
    assert "NextRotationDate" in status
    kms.disable_key_rotation(KeyId=key["KeyId"])
    assert kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"] is False


def test_rotation_period_has_limits(lab: RunningLab, key: dict[str, Any]) -> None:
    with raises_client_error("ValidationException", 400):
        lab.client("kms", parameter_validation=False).enable_key_rotation(KeyId=key["KeyId"], RotationPeriodInDays=10)


def test_asymmetric_keys_do_not_rotate(kms: Any) -> None:
    rsa = kms.create_key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]
    with raises_client_error("UnsupportedOperationException", 400):
        kms.enable_key_rotation(KeyId=rsa["KeyId"])


def test_old_ciphertext_is_decrypted_after_rotation(kms: Any, key: dict[str, Any]) -> None:
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    kms.rotate_key_on_demand(KeyId=key["KeyId"])
    assert len(kms.list_key_rotations(KeyId=key["KeyId"])["Rotations"]) == 1
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_data_key_is_decrypted_with_its_context(kms: Any, key: dict[str, Any]) -> None:
    data_key = kms.generate_data_key(KeyId=key["KeyId"], KeySpec="AES_256", EncryptionContext={"a": "b"})
    assert (len(data_key["Plaintext"]), data_key["KeyId"]) == (32, key["Arn"])
    blob = data_key["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob, EncryptionContext={"a": "b"})["Plaintext"] == data_key["Plaintext"]
    with raises_client_error("InvalidCiphertextException", 400):
        kms.decrypt(CiphertextBlob=blob, EncryptionContext={"a": "c"})


def test_named_key_is_the_only_one_that_decrypts(kms: Any, key: dict[str, Any]) -> None:
    """Another key is refused before the context is checked."""
    other = kms.create_key()["KeyMetadata"]["Arn"]
    blob = kms.generate_data_key(KeyId=key["KeyId"], KeySpec="AES_256", EncryptionContext={"a": "b"})["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob, KeyId=key["Arn"], EncryptionContext={"a": "b"})["KeyId"] == key["Arn"]
    for context in ({"a": "b"}, {}):
        with raises_client_error("IncorrectKeyException", 400):
            kms.decrypt(CiphertextBlob=blob, KeyId=other, EncryptionContext=context)


def test_every_changed_bit_of_a_blob_is_refused(kms: Any, key: dict[str, Any]) -> None:
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    for position in range(len(blob)):
        changed = bytearray(blob)
        changed[position] ^= 1 << position % 8
        with pytest.raises(ClientError) as error:
            kms.decrypt(CiphertextBlob=bytes(changed), KeyId=key["KeyId"])
        assert error.value.response["Error"]["Code"] in ("InvalidCiphertextException", "IncorrectKeyException")


def test_dry_run(kms: Any, key: dict[str, Any]) -> None:
    with raises_client_error("DryRunOperationException", 400):
        kms.generate_data_key(KeyId=key["KeyId"], KeySpec="AES_256", DryRun=True)


def test_re_encryption(kms: Any, key: dict[str, Any]) -> None:
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    moved = kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=other)["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=moved, KeyId=other)["Plaintext"] == b"x"

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Objects as an S3 Encryption Client of version 1 wrote them under a KMS key, with AES-GCM or AES-CBC.

Source: https://github.com/awslabs/aws-encryption-sdk-specification/blob/master/s3-encryption/data-format/content-metadata.md
"""

from __future__ import annotations

import base64
import json
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.padding import PKCS7

DATA_KEY = bytes(range(32))


def version_1_object(kms: Any, key_id: str, content: bytes, *, cbc: bool = False) -> dict[str, Any]:
    """The body and the metadata, as parameters of PutObject."""
    context = {"kms_cmk_id": key_id}
    wrapped = kms.encrypt(KeyId=key_id, Plaintext=DATA_KEY, EncryptionContext=context)["CiphertextBlob"]
    iv = bytes(range(16 if cbc else 12))
    fields = {
        "x-amz-key-v2": _base64(wrapped),
        "x-amz-iv": _base64(iv),
        "x-amz-wrap-alg": "kms",
        "x-amz-cek-alg": "AES/CBC/PKCS5Padding" if cbc else "AES/GCM/NoPadding",
        "x-amz-matdesc": json.dumps(context),
    }
    if cbc:
        return {"Body": _cbc(iv, content), "Metadata": fields}
    return {"Body": AESGCM(DATA_KEY).encrypt(iv, content, None), "Metadata": {**fields, "x-amz-tag-len": "128"}}


def _cbc(iv: bytes, content: bytes) -> bytes:
    padder, encryptor = PKCS7(128).padder(), Cipher(algorithms.AES(DATA_KEY), modes.CBC(iv)).encryptor()
    return encryptor.update(padder.update(content) + padder.finalize()) + encryptor.finalize()


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()

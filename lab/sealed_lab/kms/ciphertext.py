# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Ciphertext blobs of KMS: AES-256-GCM under a key's material, bound to the encryption context."""

from __future__ import annotations

import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ..errors import ServiceError

_MAGIC = b"\x01\x02\x02\x00"


@dataclass(frozen=True, slots=True)
class CiphertextBlob:
    """The parts of a blob: the ARN of the key, the id of its material, nonce and encrypted data."""

    key_arn: str
    material_id: str
    nonce: bytes
    encrypted: bytes


def _associated_data(context: Mapping[str, str], key_arn: str) -> bytes:
    pieces = [key_arn.encode()]
    for name in sorted(context):
        for text in (name, context[name]):
            data = text.encode()
            pieces.append(struct.pack(">I", len(data)) + data)
    return b"\x00".join(pieces)


def encrypt(key_arn: str, material_id: str, material: bytes, plaintext: bytes, context: Mapping[str, str]) -> bytes:
    """Return a ciphertext blob.

    It is bound to the ARN of the key that made it, which replicas of a multi-Region key read in the blob.
    """
    nonce = os.urandom(12)
    encrypted = AESGCM(material).encrypt(nonce, plaintext, _associated_data(context, key_arn))
    arn = key_arn.encode()
    identifier = bytes.fromhex(material_id)
    return _MAGIC + struct.pack(">H", len(arn)) + arn + identifier + nonce + encrypted


def parse(blob: bytes) -> CiphertextBlob:
    """Return the parts of a blob. Raise ``InvalidCiphertextException`` if it is not a blob."""
    if len(blob) < 6 or blob[:4] != _MAGIC:
        raise invalid_ciphertext()
    (length,) = struct.unpack(">H", blob[4:6])
    arn, rest = blob[6 : 6 + length], blob[6 + length :]
    if len(arn) != length or len(rest) < 32 + 12 + 16:
        raise invalid_ciphertext()
    try:
        return CiphertextBlob(arn.decode(), rest[:32].hex(), rest[32:44], rest[44:])
    except UnicodeDecodeError as exc:
        raise invalid_ciphertext() from exc


def decrypt(parsed: CiphertextBlob, material: bytes, context: Mapping[str, str]) -> bytes:
    """Return the plaintext. Raise ``InvalidCiphertextException`` for a wrong context or a changed blob."""
    try:
        return AESGCM(material).decrypt(parsed.nonce, parsed.encrypted, _associated_data(context, parsed.key_arn))
    except InvalidTag as exc:
        raise invalid_ciphertext() from exc


def invalid_ciphertext() -> ServiceError:
    """Return the error of KMS. It has no message."""
    return ServiceError("InvalidCiphertextException", "", 400)

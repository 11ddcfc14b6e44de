# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Small objects of every format under an own key, built by the primitives themselves, and a reader for them."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import aes_key_wrap

from ansible_collections.sealed.s3.plugins.module_utils.envelope.content_cipher import ContentCipher
from ansible_collections.sealed.s3.plugins.module_utils.envelope.key_wrap import unwrap_data_key, wrap_data_key
from ansible_collections.sealed.s3.plugins.module_utils.envelope.parsing import parse_envelope
from ansible_collections.sealed.s3.plugins.module_utils.envelope.serializing import serialize_envelope
from ansible_collections.sealed.s3.plugins.module_utils.model.envelope import (
    Envelope,
    EnvelopePlace,
    Format,
    KeyWrap,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.secret import CustomerKey, Secret


def digest(name: str, length: int = 32) -> bytes:
    """Bytes that are not found in other data by chance."""
    return hashlib.sha512(name.encode()).digest()[:length]


def base64_text(value: bytes) -> str:
    return base64.b64encode(value).decode()


OWN_KEY = CustomerKey(digest("own key"))
OTHER_KEY = CustomerKey(digest("other key"))
DATA_KEY = Secret(digest("data key"))
MESSAGE_ID = digest("message id", 28)
CONTENT = b"a small content"


@dataclass(frozen=True)
class StoredObject:
    """What S3 stores: the metadata, the instruction file and the body."""

    metadata: dict[str, str]
    body: bytes
    file: bytes | None = None

    def with_field(self, name: str, value: str) -> StoredObject:
        return replace(self, metadata={**self.metadata, name: value})

    def without_field(self, name: str) -> StoredObject:
        return replace(self, metadata={key: value for key, value in self.metadata.items() if key != name})


def parse(stored: StoredObject) -> Envelope:
    """The envelope of an object that has one."""
    envelope = parse_envelope(tuple(stored.metadata.items()), stored.file)
    assert envelope is not None
    return envelope


def read(stored: StoredObject, key: CustomerKey = OWN_KEY) -> bytes:
    """The plaintext, as a download reads it."""
    envelope = parse(stored)
    cipher = ContentCipher.open(envelope, unwrap_data_key(envelope, key))
    return b"".join(cipher.decrypt([stored.body]))


def refusal(action: Callable[[], object]) -> Failure:
    """The failure that the action raises."""
    with pytest.raises(OperationError) as raised:
        action()
    return raised.value.failure


def v3_object(
    content: bytes = CONTENT, place: EnvelopePlace = EnvelopePlace.METADATA, description: str = "1"
) -> StoredObject:
    """An object of V3, as this collection writes it."""
    cipher, commitment = ContentCipher.create(DATA_KEY, MESSAGE_ID)
    wrapped = wrap_data_key(DATA_KEY, OWN_KEY)
    texts = (("version", description),)
    envelope = Envelope(Format.V3, KeyWrap.AES_GCM, wrapped, MESSAGE_ID, commitment, (), texts, place)
    metadata, file = serialize_envelope(envelope)
    return StoredObject(dict(metadata), b"".join(cipher.encrypt([content])), file)


def v2_object(content: bytes = CONTENT) -> StoredObject:
    """An object of V2, as the client for Ruby writes it."""
    nonce, iv = digest("nonce", 12), digest("iv", 12)
    wrapped = nonce + AESGCM(OWN_KEY.reveal()).encrypt(nonce, DATA_KEY.reveal(), b"AES/GCM/NoPadding")
    metadata = {
        "x-amz-key-v2": base64_text(wrapped),
        "x-amz-cek-alg": "AES/GCM/NoPadding",
        "x-amz-tag-len": "128",
        "x-amz-wrap-alg": "AES/GCM",
        "x-amz-iv": base64_text(iv),
        "x-amz-matdesc": '{"version":"1"}',
    }
    return StoredObject(metadata, AESGCM(DATA_KEY.reveal()).encrypt(iv, content, None))


def v1_object(content: bytes = CONTENT) -> StoredObject:
    """An object of V1 with AES-GCM, as the client for Java wrote it."""
    iv = digest("iv", 12)
    metadata = {
        "x-amz-key-v2": base64_text(aes_key_wrap(OWN_KEY.reveal(), DATA_KEY.reveal())),
        "x-amz-cek-alg": "AES/GCM/NoPadding",
        "x-amz-tag-len": "128",
        "x-amz-wrap-alg": "AESWrap",
        "x-amz-iv": base64_text(iv),
        "x-amz-matdesc": "{}",
    }
    return StoredObject(metadata, AESGCM(DATA_KEY.reveal()).encrypt(iv, content, None))


def padded(content: bytes) -> bytes:
    length = 16 - len(content) % 16
    return content + bytes([length]) * length


def encrypted(mode: modes.ECB | modes.CBC, key: bytes, content: bytes) -> bytes:
    encryptor = Cipher(algorithms.AES(key), mode).encryptor()
    return encryptor.update(content) + encryptor.finalize()


def v1_cbc_object(content: bytes = CONTENT) -> StoredObject:
    """An object of V1 with AES-CBC, as all clients of version 1 wrote it."""
    iv = digest("iv", 16)
    metadata = {
        "x-amz-key": base64_text(encrypted(modes.ECB(), OWN_KEY.reveal(), padded(DATA_KEY.reveal()))),
        "x-amz-iv": base64_text(iv),
        "x-amz-matdesc": "{}",
    }
    return StoredObject(metadata, encrypted(modes.CBC(iv), DATA_KEY.reveal(), padded(content)))


def in_file(stored: StoredObject, **values: object) -> StoredObject:
    """The same object with its envelope in an instruction file, as V1 and V2 have it."""
    return StoredObject({}, stored.body, json.dumps({**stored.metadata, **values}).encode())


OBJECTS = {
    Format.V3: v3_object,
    Format.V2: v2_object,
    Format.V1: v1_object,
    Format.V1_CBC: v1_cbc_object,
}

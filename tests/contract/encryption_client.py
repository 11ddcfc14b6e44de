# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Another client for format V3, to judge what the modules wrote. It is written from the specification, not our codec.

Source: https://github.com/awslabs/aws-encryption-sdk-specification/tree/master/s3-encryption
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SUITE = bytes([0x00, 0x73])  # the algorithm 115
CONTENT_NONCE = b"\x01" * 12
OWN_KEY_CONTEXT = b"115"  # the additional data of a data key under an own key
ALGORITHM = {"aws:x-amz-cek-alg": "115"}  # the part of an encryption context that clients add
FIELDS_OF_CONTENT = ("x-amz-c", "x-amz-d", "x-amz-i")
FIELDS_OF_KEY = ("x-amz-3", "x-amz-w", "x-amz-t", "x-amz-m")


class Unreadable(Exception):
    """The object is not one that this key decrypts."""


@dataclass(frozen=True)
class Opened:
    """What the client read: the plaintext, the user's metadata, and what the envelope shows."""

    content: bytes
    metadata: dict[str, str]
    in_file: bool
    context: dict[str, str]
    kms_key_arn: str = ""
    data_key: bytes = b""
    message_id: bytes = b""


def decode(text: str) -> bytes:
    """The bytes of a field."""
    return base64.b64decode(text, validate=True)


def encode(value: bytes) -> str:
    """The field of some bytes."""
    return base64.b64encode(value).decode("ascii")


def derive(data_key: bytes, message_id: bytes, label: bytes, length: int) -> bytes:
    """A key of the content, or its commitment."""
    return HKDF(SHA512(), length, salt=message_id, info=SUITE + label).derive(data_key)


def encrypt(data_key: bytes, message_id: bytes, content: bytes) -> bytes:
    """The ciphertext and its tag."""
    return AESGCM(derive(data_key, message_id, b"DERIVEKEY", 32)).encrypt(CONTENT_NONCE, content, SUITE)


@dataclass(frozen=True)
class EncryptionClient:
    """The clients of the SDK that it uses. It reads and writes whole objects."""

    s3: Any
    kms: Any = None

    def read(self, bucket: str, key: str, *, customer_key: bytes | None = None, **where: Any) -> Opened:
        """Read an object with this own key, or with KMS. `where` may name its version."""
        found = self.s3.get_object(Bucket=bucket, Key=key, **where)
        # Names of headers have no case, and some stores change it.
        metadata: dict[str, str] = {name.lower(): value for name, value in found["Metadata"].items()}
        content = {name: metadata.pop(name) for name in FIELDS_OF_CONTENT if name in metadata}
        of_key = {name: metadata.pop(name) for name in FIELDS_OF_KEY if name in metadata}
        rest = [name for name in metadata if name.startswith("x-amz-")]
        if set(content) != set(FIELDS_OF_CONTENT) or content["x-amz-c"] != "115" or rest:
            raise Unreadable(f"The fields of the content are {sorted([*content, *rest])}.")
        in_file = not of_key
        if in_file:
            of_key = json.loads(self.s3.get_object(Bucket=bucket, Key=f"{key}.instruction")["Body"].read())
        if not {"x-amz-3", "x-amz-w"} <= set(of_key) <= set(FIELDS_OF_KEY):
            raise Unreadable(f"The fields of the data key are {sorted(of_key)}.")
        data_key, arn, context = self._data_key(of_key, customer_key)
        message_id = decode(content["x-amz-i"])
        if derive(data_key, message_id, b"COMMITKEY", 28) != decode(content["x-amz-d"]):
            raise Unreadable("The data key is not the one that the object commits to.")
        try:
            content_key = AESGCM(derive(data_key, message_id, b"DERIVEKEY", 32))
            plaintext = content_key.decrypt(CONTENT_NONCE, found["Body"].read(), SUITE)
        except InvalidTag:
            raise Unreadable("The content is not authentic.") from None
        return Opened(plaintext, metadata, in_file, context, arn, data_key, message_id)

    def _data_key(self, fields: dict[str, str], customer_key: bytes | None) -> tuple[bytes, str, dict[str, str]]:
        wrapped, by_kms = decode(fields["x-amz-3"]), fields["x-amz-w"] == "12"
        if by_kms is (customer_key is not None):
            raise Unreadable(f"The data key is encrypted with {fields['x-amz-w']}.")
        if customer_key is not None:
            if fields["x-amz-w"] != "02" or fields.get("x-amz-t") or len(wrapped) != 60:
                raise Unreadable("This is no data key under an own key.")
            try:
                return AESGCM(customer_key).decrypt(wrapped[:12], wrapped[12:], OWN_KEY_CONTEXT), "", {}
            except InvalidTag:
                raise Unreadable("The own key does not decrypt the data key.") from None
        context: dict[str, str] = json.loads(fields["x-amz-t"])
        if fields.get("x-amz-m") or ALGORITHM.items() - context.items():
            raise Unreadable(f"The encryption context is {context}.")
        answer = self.kms.decrypt(CiphertextBlob=wrapped, EncryptionContext=context)
        own = {name: value for name, value in context.items() if name not in ALGORITHM}
        return answer["Plaintext"], answer["KeyId"], own

    def write(
        self,
        bucket: str,
        key: str,
        content: bytes,
        *,
        kms_key: str = "",
        customer_key: bytes = b"",
        context: dict[str, str] | None = None,
        in_file: bool = False,
        metadata: dict[str, str] | None = None,
        **parameters: Any,
    ) -> None:
        """Write an object in one request, and its instruction file before it."""
        if kms_key:
            bound = {**(context or {}), **ALGORITHM}
            answer = self.kms.generate_data_key(KeyId=kms_key, KeySpec="AES_256", EncryptionContext=bound)
            data_key, wrapped = answer["Plaintext"], answer["CiphertextBlob"]
            fields = {"x-amz-3": encode(wrapped), "x-amz-w": "12", "x-amz-t": json.dumps(bound)}
        else:
            data_key, nonce = os.urandom(32), os.urandom(12)
            wrapped = nonce + AESGCM(customer_key).encrypt(nonce, data_key, OWN_KEY_CONTEXT)
            fields = {"x-amz-3": encode(wrapped), "x-amz-w": "02"}
        message_id = os.urandom(28)
        commitment = derive(data_key, message_id, b"COMMITKEY", 28)
        of_content = {"x-amz-c": "115", "x-amz-d": encode(commitment), "x-amz-i": encode(message_id)}
        if in_file:
            self.s3.put_object(Bucket=bucket, Key=f"{key}.instruction", Body=json.dumps(fields).encode())
            fields = {}
        body = encrypt(data_key, message_id, content)
        stored = {**(metadata or {}), **of_content, **fields}
        self.s3.put_object(Bucket=bucket, Key=key, Body=body, Metadata=stored, **parameters)

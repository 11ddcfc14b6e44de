# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Another client for format V3, to judge what the modules wrote, and objects as other clients write them.

It is written from the specification, not our codec.
Source: https://github.com/awslabs/aws-encryption-sdk-specification/tree/master/s3-encryption
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
from dataclasses import dataclass, replace
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SUITE = bytes([0x00, 0x73])  # the algorithm 115
CONTENT_NONCE = b"\x01" * 12
OWN_KEY_CONTEXT = b"115"  # the additional data of a data key under an own key
V2_CIPHER = "AES/GCM/NoPadding"
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


@dataclass(frozen=True)
class SealedObject:
    """An object as another client writes it: its metadata, its body, and its instruction file if it has one."""

    metadata: dict[str, str]
    body: bytes
    file: bytes | None = None

    def put(self, s3: Any, bucket: str, key: str, **parameters: Any) -> None:
        """Write it in one request, and its instruction file before it."""
        if self.file is not None:
            s3.put_object(Bucket=bucket, Key=f"{key}.instruction", Body=self.file)
        s3.put_object(Bucket=bucket, Key=key, Body=self.body, Metadata=self.metadata, **parameters)


def seal(content: bytes, own_key: bytes, *, in_file: bool = False) -> SealedObject:
    """An object of V3 under an own key."""
    data_key, nonce = os.urandom(32), os.urandom(12)
    wrapped = nonce + AESGCM(own_key).encrypt(nonce, data_key, OWN_KEY_CONTEXT)
    return _sealed(content, data_key, {"x-amz-3": encode(wrapped), "x-amz-w": "02"}, in_file=in_file)


def seal_by_kms(
    content: bytes, kms: Any, key_id: str, context: dict[str, str] | None = None, *, in_file: bool = False
) -> SealedObject:
    """An object of V3 under a KMS key."""
    bound = {**(context or {}), **ALGORITHM}
    made = kms.generate_data_key(KeyId=key_id, KeySpec="AES_256", EncryptionContext=bound)
    fields = {"x-amz-3": encode(made["CiphertextBlob"]), "x-amz-w": "12", "x-amz-t": json.dumps(bound)}
    return _sealed(content, made["Plaintext"], fields, in_file=in_file)


def _sealed(content: bytes, data_key: bytes, of_key: dict[str, str], *, in_file: bool) -> SealedObject:
    message_id = os.urandom(28)
    body = AESGCM(derive(data_key, message_id, b"DERIVEKEY", 32)).encrypt(CONTENT_NONCE, content, SUITE)
    commitment = derive(data_key, message_id, b"COMMITKEY", 28)
    of_content = {"x-amz-c": "115", "x-amz-d": encode(commitment), "x-amz-i": encode(message_id)}
    if in_file:
        return SealedObject(of_content, body, json.dumps(of_key).encode())
    return SealedObject({**of_content, **of_key}, body)


def seal_v2(content: bytes, own_key: bytes, *, in_file: bool = False) -> SealedObject:
    """An object of V2 under an own key."""
    data_key, nonce = os.urandom(32), os.urandom(12)
    wrapped = nonce + AESGCM(own_key).encrypt(nonce, data_key, V2_CIPHER.encode())
    return _sealed_v2(content, data_key, {"x-amz-key-v2": encode(wrapped), "x-amz-wrap-alg": "AES/GCM"}, {}, in_file)


def seal_v2_by_kms(content: bytes, kms: Any, key_id: str) -> SealedObject:
    """An object of V2 under a KMS key."""
    context = {"aws:x-amz-cek-alg": V2_CIPHER}
    made = kms.generate_data_key(KeyId=key_id, KeySpec="AES_256", EncryptionContext=context)
    of_key = {"x-amz-key-v2": encode(made["CiphertextBlob"]), "x-amz-wrap-alg": "kms+context"}
    return _sealed_v2(content, made["Plaintext"], of_key, context, in_file=False)


def _sealed_v2(
    content: bytes, data_key: bytes, of_key: dict[str, str], context: dict[str, str], in_file: bool
) -> SealedObject:
    iv = os.urandom(12)
    fields = {
        **of_key,
        "x-amz-iv": encode(iv),
        "x-amz-cek-alg": V2_CIPHER,
        "x-amz-matdesc": json.dumps(context),
        "x-amz-tag-len": "128",
    }
    body = AESGCM(data_key).encrypt(iv, content, None)
    return SealedObject({}, body, json.dumps(fields).encode()) if in_file else SealedObject(fields, body)


@dataclass(frozen=True)
class EncryptionClient:
    """The clients of the SDK that it uses, and its own keys. It reads and writes whole objects."""

    s3: Any
    kms: Any = None
    own_keys: tuple[bytes, ...] = ()

    def read(self, bucket: str, key: str, *, customer_key: bytes | None = None, **where: Any) -> Opened:
        """Read an object of V3 with this own key, or with those of the client or KMS. `where` may name its version."""
        found = self.s3.get_object(Bucket=bucket, Key=key, **where)
        return self._open(found, bucket, key, (customer_key,) if customer_key else self.own_keys, not customer_key)

    def content(self, bucket: str, key: str, **where: Any) -> bytes:
        """The plaintext of an object of V3, or the body of one that S3 alone encrypts."""
        found = self.s3.get_object(Bucket=bucket, Key=key, **where)
        if not any(name.lower().startswith("x-amz-") for name in found["Metadata"]):
            body: bytes = found["Body"].read()
            return body
        return self._open(found, bucket, key, self.own_keys, by_kms=True).content

    def contents(self, bucket: str, key: str) -> dict[str, bytes]:
        """The same of each version of the object, by its version id."""
        listed = self.s3.list_object_versions(Bucket=bucket, Prefix=key).get("Versions", [])
        ids = [version["VersionId"] for version in listed if version["Key"] == key]
        return {each: self.content(bucket, key, VersionId=each) for each in ids}

    def _open(self, found: Any, bucket: str, key: str, own_keys: tuple[bytes, ...], by_kms: bool) -> Opened:
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
        data_key, arn, context = self._data_key(of_key, own_keys, by_kms)
        message_id = decode(content["x-amz-i"])
        if derive(data_key, message_id, b"COMMITKEY", 28) != decode(content["x-amz-d"]):
            raise Unreadable("The data key is not the one that the object commits to.")
        try:
            content_key = AESGCM(derive(data_key, message_id, b"DERIVEKEY", 32))
            plaintext = content_key.decrypt(CONTENT_NONCE, found["Body"].read(), SUITE)
        except InvalidTag:
            raise Unreadable("The content is not authentic.") from None
        return Opened(plaintext, metadata, in_file, context, arn, data_key, message_id)

    def _data_key(
        self, fields: dict[str, str], own_keys: tuple[bytes, ...], by_kms: bool
    ) -> tuple[bytes, str, dict[str, str]]:
        wrapped = decode(fields["x-amz-3"])
        if own_keys and fields["x-amz-w"] == "02":
            return _opened_with(own_keys, fields, wrapped), "", {}
        if not by_kms or fields["x-amz-w"] != "12":
            raise Unreadable(f"The data key is encrypted with {fields['x-amz-w']}.")
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
            sealed = seal_by_kms(content, self.kms, kms_key, context, in_file=in_file)
        else:
            sealed = seal(content, customer_key, in_file=in_file)
        with_metadata = replace(sealed, metadata={**(metadata or {}), **sealed.metadata})
        with_metadata.put(self.s3, bucket, key, **parameters)


def _opened_with(own_keys: tuple[bytes, ...], fields: dict[str, str], wrapped: bytes) -> bytes:
    if fields.get("x-amz-t") or len(wrapped) != 60:
        raise Unreadable("This is no data key under an own key.")
    for key in own_keys:
        with contextlib.suppress(InvalidTag):
            return AESGCM(key).decrypt(wrapped[:12], wrapped[12:], OWN_KEY_CONTEXT)
    raise Unreadable("No own key decrypts the data key.")

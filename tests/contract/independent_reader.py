# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A small reader and writer of client-side encryption for the tests, from the specification, with nothing of ours.

Source: https://github.com/awslabs/aws-encryption-sdk-specification/tree/master/s3-encryption
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_SUITE = b"\x00\x73"
_NONCE = b"\x01" * 12
_CIPHER = "aws:x-amz-cek-alg"
_V2_CIPHER = "AES/GCM/NoPadding"


class Unreadable(Exception):
    """A client of client-side encryption cannot read the object, or refuses it."""


@dataclass(frozen=True)
class Reader:
    """Reads objects with these clients of the SDK and these own keys."""

    s3: Any
    kms: Any
    own_keys: tuple[bytes, ...] = ()

    def read(self, bucket: str, key: str, version_id: str | None = None) -> bytes:
        """The plaintext of a version. Raises Unreadable."""
        version = {"VersionId": version_id} if version_id else {}
        stored = self.s3.get_object(Bucket=bucket, Key=key, **version)
        metadata, body = stored["Metadata"], stored["Body"].read()
        if "x-amz-i" not in metadata:
            return bytes(self._read_plain_or_v2(metadata, body))
        fields = metadata if "x-amz-3" in metadata else self._instruction_file(bucket, key)
        data_key = self._data_key(fields, fields["x-amz-3"], fields["x-amz-w"], "115")
        message_id = base64.b64decode(metadata["x-amz-i"])
        if derive(data_key, message_id, b"COMMITKEY", 28) != base64.b64decode(metadata["x-amz-d"]):
            raise Unreadable("the commitment is that of another data key")
        return _decrypt(derive(data_key, message_id, b"DERIVEKEY", 32), _NONCE, body, _SUITE)

    def read_all(self, bucket: str, key: str) -> dict[str, bytes]:
        """The plaintext of each version of the object, by its version id. Raises Unreadable."""
        listed = self.s3.list_object_versions(Bucket=bucket, Prefix=key).get("Versions", [])
        ids = [version["VersionId"] for version in listed if version["Key"] == key]
        return {each: self.read(bucket, key, each) for each in ids}

    def _read_plain_or_v2(self, metadata: Mapping[str, str], body: bytes) -> bytes:
        if "x-amz-key-v2" not in metadata:
            return body
        context = dict(metadata) | {"x-amz-t": metadata["x-amz-matdesc"]}
        data_key = self._data_key(context, metadata["x-amz-key-v2"], metadata["x-amz-wrap-alg"], _V2_CIPHER)
        return _decrypt(data_key, base64.b64decode(metadata["x-amz-iv"]), body, None)

    def _instruction_file(self, bucket: str, key: str) -> dict[str, str]:
        try:
            body = self.s3.get_object(Bucket=bucket, Key=f"{key}.instruction")["Body"].read()
        except ClientError as error:
            raise Unreadable("the instruction file does not exist") from error
        found: dict[str, str] = json.loads(body)
        return found

    def _data_key(self, fields: Mapping[str, str], encrypted: str, wrap: str, cipher: str) -> bytes:
        wrapped = base64.b64decode(encrypted)
        if wrap in ("12", "kms+context"):
            context = json.loads(fields["x-amz-t"])
            if context[_CIPHER] != cipher:
                raise Unreadable("the context is not that of this format")
            try:
                return bytes(self.kms.decrypt(CiphertextBlob=wrapped, EncryptionContext=context)["Plaintext"])
            except ClientError as error:
                raise Unreadable("KMS refuses the data key") from error
        for key in self.own_keys:
            try:
                return AESGCM(key).decrypt(wrapped[:12], wrapped[12:], cipher.encode())
            except InvalidTag:
                continue
        raise Unreadable("no key opens the data key")


@dataclass(frozen=True)
class SealedByOthers:
    """An object as another client writes it: its metadata, its body, and its instruction file if it has one."""

    metadata: dict[str, str]
    body: bytes
    file: bytes | None = None

    def put(self, s3: Any, bucket: str, key: str) -> None:
        """Store it."""
        if self.file is not None:
            s3.put_object(Bucket=bucket, Key=f"{key}.instruction", Body=self.file)
        s3.put_object(Bucket=bucket, Key=key, Body=self.body, Metadata=self.metadata)


def write_v3(plaintext: bytes, own_key: bytes, *, in_file: bool = False) -> SealedByOthers:
    """An object of V3 under an own key."""
    data_key, nonce = os.urandom(32), os.urandom(12)
    key = {"x-amz-3": encoded(nonce + AESGCM(own_key).encrypt(nonce, data_key, b"115")), "x-amz-w": "02"}
    return _written(plaintext, data_key, key, in_file=in_file)


def write_v3_kms(plaintext: bytes, kms: Any, key_arn: str) -> SealedByOthers:
    """An object of V3 under a KMS key."""
    context = {_CIPHER: "115"}
    made = kms.generate_data_key(KeyId=key_arn, KeySpec="AES_256", EncryptionContext=context)
    key = {"x-amz-3": encoded(made["CiphertextBlob"]), "x-amz-w": "12", "x-amz-t": json.dumps(context)}
    return _written(plaintext, made["Plaintext"], key)


def write_v2(plaintext: bytes, own_key: bytes, *, in_file: bool = False) -> SealedByOthers:
    """An object of V2 under an own key."""
    data_key, nonce, iv = os.urandom(32), os.urandom(12), os.urandom(12)
    wrapped = nonce + AESGCM(own_key).encrypt(nonce, data_key, _V2_CIPHER.encode())
    fields = {
        "x-amz-key-v2": encoded(wrapped),
        "x-amz-iv": encoded(iv),
        "x-amz-cek-alg": _V2_CIPHER,
        "x-amz-wrap-alg": "AES/GCM",
        "x-amz-matdesc": "{}",
        "x-amz-tag-len": "128",
    }
    body = AESGCM(data_key).encrypt(iv, plaintext, None)
    return SealedByOthers({}, body, json.dumps(fields).encode()) if in_file else SealedByOthers(fields, body)


def _written(plaintext: bytes, data_key: bytes, key: dict[str, str], *, in_file: bool = False) -> SealedByOthers:
    message_id = os.urandom(28)
    body = AESGCM(derive(data_key, message_id, b"DERIVEKEY", 32)).encrypt(_NONCE, plaintext, _SUITE)
    commitment = derive(data_key, message_id, b"COMMITKEY", 28)
    content = {"x-amz-c": "115", "x-amz-d": encoded(commitment), "x-amz-i": encoded(message_id)}
    if in_file:
        return SealedByOthers(content, body, json.dumps(key).encode())
    return SealedByOthers({**content, **key}, body)


def derive(data_key: bytes, message_id: bytes, label: bytes, length: int) -> bytes:
    """The content key, or the commitment."""
    return HKDF(SHA512(), length, salt=message_id, info=_SUITE + label).derive(data_key)


def encoded(value: bytes) -> str:
    """The value as base64."""
    return base64.b64encode(value).decode("ascii")


def _decrypt(key: bytes, nonce: bytes, body: bytes, associated: bytes | None) -> bytes:
    try:
        return AESGCM(key).decrypt(nonce, body, associated)
    except (InvalidTag, ValueError) as error:
        raise Unreadable("the tag is another") from error

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Writes or reads one object with amazon-s3-encryption-client-python, in the environment of that client.

The arguments are one JSON object: `verb` (put, get), `url`, `region`, `bucket`, `key`, `path`, one of `kms_key` and
`customer_key` (base64; get only), and optionally `context`, `format` (v3, v2: of a put, and the oldest that a get
accepts), `part_size` (in parts). The credentials are in the environment. It prints one JSON object: empty, or with
`error`, the message of the client that refused.
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Any

import boto3
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from s3_encryption import S3EncryptionClient, S3EncryptionClientConfig
from s3_encryption.exceptions import S3EncryptionClientError, S3EncryptionClientSecurityError
from s3_encryption.materials.keyring import S3Keyring
from s3_encryption.materials.kms_keyring import KmsKeyring
from s3_encryption.materials.materials import AlgorithmSuite, CommitmentPolicy

FORMATS: dict[str, dict[str, Any]] = {
    "v3": {},
    "v2": {
        "encryption_algorithm": AlgorithmSuite.ALG_AES_256_GCM_IV12_TAG16_NO_KDF,
        "commitment_policy": CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT,
    },
}


class OwnKeyring(S3Keyring):  # type: ignore[misc]
    """An own key, which this client does not have itself. The envelope and the content are read by the client.

    How the key encrypts the data key is written here after the specification, without our codec.
    Source: https://github.com/awslabs/aws-encryption-sdk-specification/tree/master/s3-encryption/materials
    """

    def __init__(self, key: bytes) -> None:
        self.cipher = AESGCM(key)

    def on_encrypt(self, enc_materials: Any) -> Any:
        """Refuse: the client would name another way of encryption in the envelope."""
        raise NotImplementedError

    def on_decrypt(self, dec_materials: Any, encrypted_data_keys: Any = None) -> Any:
        """Decrypt the data key."""
        (encrypted,) = encrypted_data_keys or dec_materials.encrypted_data_keys
        if encrypted.key_provider_info != "AES/GCM":
            raise S3EncryptionClientError(f"The data key is encrypted with {encrypted.key_provider_info}.")
        nonce, ciphertext = encrypted.encrypted_data_key[:12], encrypted.encrypted_data_key[12:]
        try:
            dec_materials.plaintext_data_key = self.cipher.decrypt(nonce, ciphertext, b"115")
        except InvalidTag:
            raise S3EncryptionClientError("The key does not decrypt the data key.") from None
        return dec_materials


def keyring(arguments: dict[str, Any], connection: dict[str, Any]) -> S3Keyring:
    """The keys of the client."""
    if "customer_key" in arguments:
        return OwnKeyring(base64.b64decode(arguments["customer_key"]))
    return KmsKeyring(boto3.client("kms", **connection), arguments["kms_key"])


def client(arguments: dict[str, Any]) -> Any:
    """The client. Its default accepts V3 only."""
    connection: dict[str, Any] = {"endpoint_url": arguments["url"], "region_name": arguments["region"]}
    config = S3EncryptionClientConfig(keyring(arguments, connection), **FORMATS[arguments.get("format", "v3")])
    return S3EncryptionClient(boto3.client("s3", **connection), config)


def put(arguments: dict[str, Any], where: dict[str, Any]) -> None:
    """Write the object, in one request or in parts."""
    path, part_size = arguments["path"], arguments.get("part_size")
    if part_size:
        sizes = {"multipart_threshold": part_size, "multipart_chunksize": part_size}
        named = {name: value for name, value in where.items() if name not in ("Bucket", "Key")}
        client(arguments).upload_file(path, where["Bucket"], where["Key"], **sizes, **named)
    else:
        client(arguments).put_object(Body=Path(path).read_bytes(), **where)


def get(arguments: dict[str, Any], where: dict[str, Any]) -> None:
    """Read the object into the file."""
    body = client(arguments).get_object(**where)["Body"].read()
    Path(arguments["path"]).write_bytes(body)


def main() -> None:
    """Run the verb, and print what came of it."""
    arguments = json.loads(sys.argv[1])
    where = {"Bucket": arguments["bucket"], "Key": arguments["key"]}
    if arguments.get("context"):
        where["EncryptionContext"] = arguments["context"]
    try:
        (put if arguments["verb"] == "put" else get)(arguments, where)
        answer = {}
    except (S3EncryptionClientError, S3EncryptionClientSecurityError) as error:
        answer = {"error": str(error)}
    print(json.dumps(answer))


if __name__ == "__main__":
    main()

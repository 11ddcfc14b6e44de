# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Uploads or downloads one file with amazon-s3-encryption-client-python, in the environment of that client.

encryption_client.py VERB BUCKET KEY FILE KMS_KEY, where VERB is one of those in VERBS.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
from s3_encryption import S3EncryptionClient, S3EncryptionClientConfig
from s3_encryption.materials.kms_keyring import KmsKeyring


def client(kms_key: str, **options: Any) -> Any:
    """The client. By default it returns no plaintext before the tag is verified."""
    config = S3EncryptionClientConfig(KmsKeyring(boto3.client("kms"), kms_key), **options)
    return S3EncryptionClient(boto3.client("s3"), config)


def put(bucket: str, key: str, path: Path, kms_key: str) -> None:
    """Upload in one request."""
    with path.open("rb") as file:
        client(kms_key).put_object(Bucket=bucket, Key=key, Body=file)


def put_in_parts(bucket: str, key: str, path: Path, kms_key: str) -> None:
    """Upload in parts of the client's default size."""
    client(kms_key).upload_file(str(path), bucket, key)


def get(bucket: str, key: str, path: Path, kms_key: str) -> None:
    """Download what is authentic."""
    _write(client(kms_key), bucket, key, path)


def get_delayed(bucket: str, key: str, path: Path, kms_key: str) -> None:
    """Download, and find at the end whether the file is authentic: by then it has been written."""
    _write(client(kms_key, enable_delayed_authentication=True), bucket, key, path)


def _write(reader: Any, bucket: str, key: str, path: Path) -> None:
    body = reader.get_object(Bucket=bucket, Key=key)["Body"]
    with path.open("wb") as file:
        shutil.copyfileobj(body, file, 1024 * 1024)


VERBS: dict[str, Callable[[str, str, Path, str], None]] = {
    "put": put,
    "put_in_parts": put_in_parts,
    "get": get,
    "get_delayed": get_delayed,
}

if __name__ == "__main__":
    verb, in_bucket, in_key, file_name, named_key = sys.argv[1:]
    VERBS[verb](in_bucket, in_key, Path(file_name), named_key)

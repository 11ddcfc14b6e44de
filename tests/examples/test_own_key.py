# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""An own key: made, kept, restored on another host, and rotated."""

from __future__ import annotations

import base64
import os
import shutil
from pathlib import Path
from typing import Any

from .conftest import Example, new_home

PLAYBOOK = "own_key/own_key.yml"
BUCKET = "example-contracts"
CONTRACT = "contracts/1.txt"


def write_password(home: Path) -> None:
    (home / ".own-keys").mkdir(0o700)
    (home / ".own-keys" / "vault-password").write_text("open sesame")


def envelope(example: Example) -> dict[str, Any]:
    found: dict[str, Any] = example.client("s3").head_object(Bucket=BUCKET, Key=CONTRACT)["Metadata"]
    return found


def test_the_key(example: Example, tmp_path: Path) -> None:
    write_password(example.home)
    example.run("--check")  # neither the bucket nor the key exists
    assert example.writes() == []
    assert not list(example.home.rglob("*.key"))

    s3 = example.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    example.run()
    made = (example.home / ".own-keys" / "contracts-1.key").read_text()
    backup = example.folder / "backups" / "contracts-1.key.vault"
    assert backup.read_text().startswith("$ANSIBLE_VAULT")
    plaintext = (example.folder / "files" / "contract.txt").read_bytes()
    assert plaintext not in s3.get_object(Bucket=BUCKET, Key=CONTRACT)["Body"].read()
    before = envelope(example)

    # Another host has the backup only, and rotates the key.
    example.home = new_home(tmp_path / "another")
    write_password(example.home)
    rotation = ("-e", "own_key_name=contracts-2 own_key_previous_name=contracts-1")
    example.run(*rotation)
    assert example.writes() == ["PutObject", "CopyObject"]  # only the object that shows the new key is uploaded
    restored = example.home / ".own-keys" / "contracts-1.key"
    assert restored.read_text() == made
    assert restored.stat().st_mode & 0o077 == 0
    assert envelope(example) != before

    # The object does not need the former key any more.
    restored.unlink()
    shutil.move(backup, tmp_path)
    (example.home / ".own-keys" / "contracts-1.key").write_bytes(os.urandom(32))
    assert example.run(*rotation).changed == {"localhost": 0}

    # The other kind, with a new key: the playbook allows SSE-C in the bucket.
    example.run("-e", "own_key_encryption=SSE-C own_key_name=contracts-3 own_key_previous_name=contracts-2")
    key = base64.b64decode((example.home / ".own-keys" / "contracts-3.key").read_text())
    found = s3.get_object(Bucket=BUCKET, Key=CONTRACT, SSECustomerAlgorithm="AES256", SSECustomerKey=key)
    assert found["Body"].read() == plaintext

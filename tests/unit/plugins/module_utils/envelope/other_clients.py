# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The objects that other S3 Encryption Clients wrote, as values. `fixtures/README.md` says how they were made."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).parent / "fixtures"


@dataclass(frozen=True)
class Fixture:
    """One object as S3 stored it, and what its writer knew.

    `key` is the own key, the private RSA key as PEM, or under a KMS key the data key that KMS decrypted.
    """

    name: str
    format: str
    key_name: str
    place: str
    context: dict[str, str]
    user_metadata: dict[str, str]
    metadata: dict[str, str]
    body: bytes
    instruction_file: bytes | None
    key: bytes
    plaintext: bytes

    def __str__(self) -> str:
        return self.name


def written_by(client: str) -> list[Fixture]:
    """The objects of the clients for `ruby` or for `python`."""
    document = json.loads((FIXTURES / f"{client}.json").read_text())
    return [_fixture(client, one, document["keys"]) for one in document["objects"]]


def _fixture(client: str, one: dict[str, Any], keys: dict[str, str]) -> Fixture:
    key = keys[one["key"]].encode() if one["key"] == "rsa" else base64.b64decode(one["data_key"] or keys[one["key"]])
    return Fixture(
        f"{client} {one['name']}",
        one["format"],
        one["key"],
        one["envelope"],
        one["context"] or {},
        one["user_metadata"],
        one["metadata"],
        base64.b64decode(one["body"]),
        base64.b64decode(one["instruction_file"]) if one["instruction_file"] else None,
        key,
        base64.b64decode(one["plaintext"]),
    )

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The local content: its size and checksums."""

from __future__ import annotations

import base64
import hashlib
import zlib
from pathlib import Path

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.content import FILE_CHUNK, Source
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.digests import WHOLE_OF_PARTS
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.crc import CRCS
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.desired_object import Content
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import Checksum

DATA = b"the content"


def encoded(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def checksum(algorithm: str, data: bytes, full_object: bool = True) -> Checksum:
    """A checksum as S3 reports it, computed without the code under test."""
    if algorithm == "CRC32":
        value = zlib.crc32(data).to_bytes(4, "big")
    elif algorithm in CRCS:
        value = CRCS[algorithm].update(0, data).to_bytes(CRCS[algorithm].width // 8, "big")
    else:
        value = hashlib.new(algorithm.lower(), data).digest()
    return Checksum(algorithm, encoded(value), full_object)


@pytest.mark.parametrize("data", [b"", DATA, b"x" * (FILE_CHUNK + 1)], ids=["empty", "small", "more than a chunk"])
def test_content_in_memory_and_in_a_file_has_the_same_description(tmp_path: Path, data: bytes) -> None:
    """Size and SHA-256 are equal."""
    (tmp_path / "file").write_bytes(data)
    expected = Content(len(data), checksum("SHA256", data))
    assert Source(data=data).describe() == expected
    assert Source(tmp_path / "file").describe() == expected


def test_content_in_several_parts_has_a_checksum_of_the_whole() -> None:
    """The algorithm is the best one of this host. A SHA-256 of several parts would be composite."""
    source = Source(data=DATA)
    assert source.describe(part_size=len(DATA)) == source.describe()
    assert source.describe(part_size=len(DATA) - 1) == Content(len(DATA), checksum(WHOLE_OF_PARTS, DATA))


@pytest.mark.parametrize("what", ["missing", "folder"])
def test_unreadable_content_is_reported(tmp_path: Path, what: str) -> None:
    """With the name of the option, before any call."""
    (tmp_path / "folder").mkdir()
    with pytest.raises(OperationError) as error:
        Source(tmp_path / what).describe()
    assert error.value.failure.kind is FailureKind.INVALID
    assert error.value.failure.message.startswith(f"src {tmp_path / what} cannot be read")

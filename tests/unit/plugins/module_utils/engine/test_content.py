# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The content on this side: digests, and how it is told whether an object has it."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Iterable
from pathlib import Path

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.content import (
    CHUNK,
    Source,
    comparable_checksum,
    digest_of_file,
)
from ansible_collections.sealed.s3.plugins.module_utils.engine.digests import DIGESTS, WHOLE_OF_PARTS
from ansible_collections.sealed.s3.plugins.module_utils.model.crc import CRCS
from ansible_collections.sealed.s3.plugins.module_utils.model.encrypted_object import Checksum, Content, ObjectState
from ansible_collections.sealed.s3.plugins.module_utils.model.encryption import ObjectEncryption
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, Refused

DATA = b"the content"


def encoded(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def checksum(algorithm: str, data: bytes, full_object: bool = True) -> Checksum:
    """A checksum as S3 reports it, made without the code under test."""
    if algorithm == "CRC32":
        value = zlib.crc32(data).to_bytes(4, "big")
    elif algorithm in CRCS:
        value = CRCS[algorithm].update(0, data).to_bytes(CRCS[algorithm].width // 8, "big")
    else:
        value = hashlib.new(algorithm.lower(), data).digest()
    return Checksum(algorithm, encoded(value), full_object)


def stored(data: bytes, *checksums: Checksum, kind: str = "SSE-KMS", etag: str = '"opaque"') -> ObjectState:
    return ObjectState("bucket", "key", len(data), ObjectEncryption(kind), etag=etag, checksums=checksums)


def md5_of(data: bytes) -> str:
    return f'"{hashlib.md5(data).hexdigest()}"'


def not_downloaded() -> Iterable[bytes]:
    raise AssertionError("nothing has to be downloaded for this")


@pytest.mark.parametrize("data", [b"", DATA, b"x" * (CHUNK + 1)], ids=["empty", "small", "more than a chunk"])
def test_a_content_is_described_alike_from_memory_and_from_a_file(tmp_path: Path, data: bytes) -> None:
    """Size and SHA-256."""
    (tmp_path / "file").write_bytes(data)
    expected = Content(len(data), checksum("SHA256", data))
    assert Source(data=data).describe() == expected
    assert Source(tmp_path / "file").describe() == expected
    assert digest_of_file(tmp_path / "file", "SHA256") == expected.checksum.value


def test_what_goes_in_several_parts_is_described_by_a_checksum_of_the_whole() -> None:
    """The best one that can be computed here; a SHA-256 of several parts would be composed of theirs."""
    source = Source(data=DATA)
    assert source.describe(part_size=len(DATA)) == source.describe()
    assert source.describe(part_size=len(DATA) - 1) == Content(len(DATA), checksum(WHOLE_OF_PARTS, DATA))


@pytest.mark.parametrize("what", ["missing", "folder"])
def test_what_cannot_be_read_is_told(tmp_path: Path, what: str) -> None:
    """By the option's name, before any call."""
    (tmp_path / "folder").mkdir()
    with pytest.raises(Refused) as refused:
        Source(tmp_path / what).describe()
    assert refused.value.failure.kind is FailureKind.INVALID
    assert refused.value.failure.message.startswith(f"src {tmp_path / what} cannot be read")


@pytest.mark.parametrize("algorithm", sorted(set(DIGESTS) - {"XXHASH64", "XXHASH3", "XXHASH128"}))
@pytest.mark.parametrize("same", [True, False], ids=["same", "other of the same size"])
def test_a_checksum_tells_without_a_download(algorithm: str, same: bool) -> None:
    """Of the whole object, whatever encrypts it."""
    source = Source(data=DATA)
    actual = stored(DATA, checksum(algorithm, DATA if same else DATA.upper()))
    assert source.matches(source.describe(), actual, not_downloaded) is same


def test_another_size_tells_at_once() -> None:
    """Nothing is computed, and nothing downloaded."""
    source = Source(data=DATA)
    assert not source.matches(source.describe(), stored(DATA + b"!"), not_downloaded)


@pytest.mark.parametrize("kind", ["SSE-S3", "NONE"])
@pytest.mark.parametrize("same", [True, False], ids=["same", "other"])
def test_an_etag_is_the_md5_under_s3s_own_keys(kind: str, same: bool) -> None:
    """And where nobody encrypts."""
    source = Source(data=DATA)
    actual = stored(DATA, kind=kind, etag=md5_of(DATA if same else DATA.upper()))
    assert source.matches(source.describe(), actual, not_downloaded) is same


STREAMED = [
    pytest.param(stored(DATA, kind="SSE-KMS", etag=md5_of(DATA.upper())), id="the ETag of SSE-KMS says nothing"),
    pytest.param(stored(DATA, kind="DSSE-KMS", etag=md5_of(DATA.upper())), id="nor that of DSSE-KMS"),
    pytest.param(stored(DATA, kind="SSE-C", etag=md5_of(DATA.upper())), id="nor that of SSE-C"),
    pytest.param(stored(DATA, kind="SSE-S3", etag=md5_of(DATA)[:-1] + '-2"'), id="nor that of a multipart upload"),
    pytest.param(stored(DATA, kind="SSE-S3", etag='"' + "z" * 32 + '"'), id="nor one that is no MD5"),
    pytest.param(stored(DATA, checksum("SHA256", DATA.upper(), False)), id="a checksum of checksums says nothing"),
    pytest.param(
        stored(DATA, Checksum("WHIRLPOOL", "AAAAAAAAAAA=", full_object=True)), id="one that is not to be computed here"
    ),
]


@pytest.mark.parametrize("actual", STREAMED)
def test_without_a_checksum_the_bytes_tell(actual: ObjectState) -> None:
    """Never "always changed": the object is streamed and compared."""
    source = Source(data=DATA)
    assert source.matches(source.describe(), actual, lambda: iter([DATA[:4], DATA[4:]]))
    assert not source.matches(source.describe(), actual, lambda: iter([DATA.upper()]))
    assert not source.matches(source.describe(), actual, lambda: iter([DATA, b"more"]))


def test_the_first_comparable_checksum_is_taken() -> None:
    """S3 may store several; the port lists the strongest first."""
    parts, foreign = checksum("SHA512", DATA, False), Checksum("WHIRLPOOL", "AAAAAAAAAAA=", full_object=True)
    sha, crc = checksum("SHA256", DATA), checksum("CRC32", DATA)
    assert comparable_checksum(stored(DATA, parts, foreign, sha, crc)) == sha
    assert comparable_checksum(stored(DATA, parts, foreign)) is None
    assert comparable_checksum(stored(DATA, sha, kind="SSE-S3", etag=md5_of(DATA))) == sha

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Whether an object has a content, with the calls that it takes counted."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.comparison import StoredContent
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.checksum_calculator import ChecksumCalculator
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.content import Source
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.digests import DIGESTS
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import ObjectEncryption
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.comparison import Compute
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.crc import CRCS
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import (
    Checksum,
    ObjectId,
    ObjectState,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.secret import CustomerKey
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_aws import FakeS3

DATA = bytes(range(256)) * 40000
KEY = CustomerKey(b"k" * 32)
MIB = 1024**2
ODD = (3 * MIB, 6 * MIB, len(DATA) - 9 * MIB)
BY_HASHLIB = ("SHA512", "SHA256", "SHA1", "MD5")


def raw(algorithm: str, data: bytes) -> bytes:
    """A digest that is computed without the code under test, except for CRCs, which have their own tests."""
    if algorithm in BY_HASHLIB:
        return hashlib.new(algorithm.lower(), data).digest()
    if algorithm == "CRC32":
        return zlib.crc32(data).to_bytes(4, "big")
    crc = CRCS[algorithm]
    return crc.update(0, data).to_bytes(crc.width // 8, "big")


def whole(algorithm: str, data: bytes = DATA) -> Checksum:
    return Checksum(algorithm, base64.b64encode(raw(algorithm, data)).decode(), full_object=True)


def digests_of(algorithm: str, sizes: tuple[int, ...], data: bytes) -> bytes:
    digests, place = b"", 0
    for size in sizes:
        digests += raw(algorithm, data[place : place + size])
        place += size
    return digests


def composite(algorithm: str, sizes: tuple[int, ...], data: bytes = DATA) -> Checksum:
    value = base64.b64encode(raw(algorithm, digests_of(algorithm, sizes, data))).decode()
    return Checksum(algorithm, f"{value}-{len(sizes)}", full_object=False)


def stored(
    *checksums: Checksum,
    kind: str = "SSE-KMS",
    etag: str = '"opaque"',
    sizes: tuple[int, ...] | None = None,
    data: bytes = DATA,
) -> tuple[FakeS3, StoredContent]:
    s3, key = FakeS3(), KEY if kind == "SSE-C" else None
    s3.add_bucket("bucket")
    encryption = ObjectEncryption(kind, customer_key_md5=key.md5 if key else None)
    state = ObjectState("bucket", "key", len(data), encryption, etag=etag, checksums=checksums)
    s3.add_object(state, data)
    if sizes:
        s3.parts["bucket", "key"] = sizes
    return s3, StoredContent(s3, ObjectId("bucket", "key"), key, state)


@pytest.mark.parametrize("algorithm", ["SHA512", "SHA256", "SHA1", "MD5", "CRC32", "CRC32C", "CRC64NVME"])
@given(parts=st.lists(st.binary(max_size=20), min_size=1, max_size=5), cut=st.integers(1, 7))
def test_a_composite_checksum_is_the_checksum_of_those_of_the_parts(
    algorithm: str, parts: list[bytes], cut: int
) -> None:
    """For any chunks, and with empty parts."""
    data, sizes = b"".join(parts), tuple(map(len, parts))
    calculator = ChecksumCalculator(Compute(composite(algorithm, sizes, data), sizes))
    for place in range(0, len(data), cut):
        calculator.update(data[place : place + cut])
    assert calculator.value() == composite(algorithm, sizes, data).value


def test_more_bytes_than_the_parts_have_no_checksum() -> None:
    """Content that grew while it was read differs from its first part."""
    calculator = ChecksumCalculator(Compute(composite("SHA256", (3,), b"abc"), (3,)))
    calculator.update(b"abcd")
    assert calculator.value() == ""


def stored_with(algorithm: str, data: bytes) -> tuple[FakeS3, StoredContent]:
    return stored(whole(algorithm, data))


WITHOUT_A_CALL = [
    pytest.param(partial(stored_with, algorithm), id=algorithm)
    for algorithm in sorted(set(DIGESTS) - {"XXHASH64", "XXHASH3", "XXHASH128"})
] + [
    pytest.param(lambda data: stored(whole("SHA256", data), kind="SSE-C"), id="SSE-C"),
    pytest.param(
        lambda data: stored(kind="SSE-S3", etag=f'"{hashlib.md5(data).hexdigest()}"'), id="ETag under S3's own keys"
    ),
    pytest.param(
        lambda data: stored(kind="NONE", etag=f'"{hashlib.md5(data).hexdigest()}"'), id="ETag without encryption"
    ),
    pytest.param(lambda data: stored(composite("CRC32", (len(DATA),), data)), id="one part"),
]
OTHER = DATA[:-1] + b"!"


@pytest.mark.parametrize("make", WITHOUT_A_CALL)
@pytest.mark.parametrize("same", [True, False], ids=["same", "other of the same size"])
def test_a_checksum_of_the_whole_object_needs_no_call(
    make: Callable[[bytes], tuple[FakeS3, StoredContent]], same: bool
) -> None:
    """Under every kind of encryption."""
    s3, content = make(DATA if same else OTHER)
    assert content.equals(Source(data=DATA)) is same
    assert s3.reads == []


def test_a_right_guess_of_the_part_size_saves_the_call() -> None:
    """8 MiB is the only common part size that gives 13 parts of 100 MiB."""
    data = bytes(100 * MIB)
    sizes = (8 * MIB,) * 12 + (4 * MIB,)
    s3, content = stored(composite("CRC32", sizes, data), data=data)
    assert content.equals(Source(data=data))
    assert s3.reads == []


def test_without_permission_to_list_parts_each_is_requested() -> None:
    """s3:GetObjectAttributes is a permission of its own."""
    s3, content = stored(composite("SHA256", ODD), sizes=ODD)
    s3.failures["GetObjectAttributes"] = Failure(FailureKind.FORBIDDEN, "no")
    assert content.equals(Source(data=DATA))
    assert s3.reads == ["HeadPart", "GetObjectAttributes", "HeadPart", "HeadPart", "HeadPart"]


STREAMED = [
    pytest.param(stored, id="an ETag that is not a checksum"),
    pytest.param(lambda: stored(Checksum("XXHASH9", "AAAAAAAAAAA=", full_object=True)), id="an unknown algorithm"),
    pytest.param(lambda: stored(kind="SSE-C"), id="SSE-C without a checksum"),
]


@pytest.mark.parametrize("make", STREAMED)
def test_without_a_checksum_the_content_is_read(make: Callable[[], tuple[FakeS3, StoredContent]]) -> None:
    """The result is never "always changed". The object is read up to the first difference."""
    s3, content = make()
    assert content.equals(Source(data=DATA))
    assert not content.equals(Source(data=OTHER))
    assert not content.equals(Source(data=DATA[:-1]))
    assert not content.equals(Source(data=DATA + b"!"))
    assert set(s3.reads) == {"GetObject"}


def test_the_content_is_read_from_a_store_without_parts() -> None:
    """Such a store returns the whole object for a part."""
    s3, content = stored(composite("SHA256", ODD), sizes=ODD)
    s3.knows_parts = False
    assert content.equals(Source(data=DATA))
    assert s3.reads == ["HeadPart", "GetObject"]


def test_a_known_checksum_is_not_computed_again(tmp_path: Path) -> None:
    """The content was already read once."""
    _s3, content = stored(whole("SHA256"))
    assert content.equals(Source(tmp_path / "does not exist"), whole("SHA256"))
    assert not content.equals(Source(tmp_path / "does not exist"), whole("SHA256", OTHER))

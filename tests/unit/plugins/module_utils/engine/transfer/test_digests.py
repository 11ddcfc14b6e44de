# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Every checksum of S3 that this host can compute."""

from __future__ import annotations

import base64
import hashlib
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.aws.objects.flatten import CHECKSUM_ALGORITHMS
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer import digests
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.digests import DIGESTS, SLOW, WHOLE_OF_PARTS
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.crc import CRCS

DATA = b"the content" * 3000
# The results of the reference programs for "123456789", in the format of S3.
OF_DIGITS = {
    "CRC32": "y/Q5Jg==",
    "CRC32C": "4waSgw==",
    "CRC64NVME": "rosUhgp5mIg=",
    "MD5": "JfnnlDI7RTiF9RgfG2JNCw==",
    "SHA1": "98O8HYCOBHMq32eZZczDTKeuNEE=",
    "XXHASH64": "jLhB20DmroM=",
    "XXHASH3": "ctyxi2ehff8=",
    "XXHASH128": "MxGUd+3l3NXpcWQnaB1YYA==",
}


def digest_of(algorithm: str, *chunks: bytes) -> bytes:
    digest = DIGESTS[algorithm]()
    for chunk in chunks:
        digest.update(chunk)
    return digest.digest()


def test_only_xxhash_needs_awscrt() -> None:
    """All other algorithms are available without it."""
    assert set(CHECKSUM_ALGORITHMS) - set(DIGESTS) <= {"XXHASH64", "XXHASH3", "XXHASH128"}
    assert set(DIGESTS) <= set(CHECKSUM_ALGORITHMS)


@pytest.mark.parametrize("algorithm", sorted(OF_DIGITS))
def test_values_have_the_format_of_s3(algorithm: str) -> None:
    """Big-endian."""
    if algorithm not in DIGESTS:
        pytest.skip("needs awscrt")
    assert base64.b64encode(digest_of(algorithm, b"1234", b"56789")).decode() == OF_DIGITS[algorithm]


@pytest.mark.parametrize("algorithm", sorted(DIGESTS))
@given(chunks=st.lists(st.binary(max_size=9)))
def test_digests_do_not_depend_on_the_chunks(algorithm: str, chunks: list[bytes]) -> None:
    """The network may split the content anywhere."""
    assert digest_of(algorithm, *chunks) == digest_of(algorithm, b"".join(chunks))


@pytest.mark.parametrize("algorithm", ["SHA512", "SHA256", "SHA1", "MD5"])
def test_hashes_equal_those_of_hashlib(algorithm: str) -> None:
    """Under the names of S3."""
    assert digest_of(algorithm, DATA) == hashlib.new(algorithm.lower(), DATA).digest()


@pytest.mark.parametrize("algorithm", ["CRC32C", "CRC64NVME"])
def test_both_implementations_of_a_crc_agree(algorithm: str) -> None:
    """The compiled one and the one in Python return the same value."""
    crc = CRCS[algorithm]
    value = crc.update(0, DATA).to_bytes(crc.width // 8, "big")
    assert digest_of(algorithm, DATA) == value
    assert digests.CrcDigest(lambda data, before: crc.update(before, data), crc.width).digest() == bytes(len(value))


def test_an_upload_in_parts_uses_a_fast_crc() -> None:
    """CRC64NVME is the default of S3. In Python it would be the slowest part of an upload."""
    assert ("CRC32" if "CRC64NVME" in SLOW else "CRC64NVME") == WHOLE_OF_PARTS
    assert WHOLE_OF_PARTS not in SLOW
    assert digest_of("CRC32", DATA) == zlib.crc32(DATA).to_bytes(4, "big")

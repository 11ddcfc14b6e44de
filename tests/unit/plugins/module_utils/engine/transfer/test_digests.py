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
# What the reference programs say of "123456789", in S3's notation.
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


def test_all_that_a_target_needs_is_there_without_awscrt() -> None:
    """Only the XXHASH ones are not."""
    assert set(CHECKSUM_ALGORITHMS) - set(DIGESTS) <= {"XXHASH64", "XXHASH3", "XXHASH128"}
    assert set(DIGESTS) <= set(CHECKSUM_ALGORITHMS)


@pytest.mark.parametrize("algorithm", sorted(OF_DIGITS))
def test_values_as_s3_writes_them(algorithm: str) -> None:
    """The highest byte first."""
    if algorithm not in DIGESTS:
        pytest.skip("needs awscrt")
    assert base64.b64encode(digest_of(algorithm, b"1234", b"56789")).decode() == OF_DIGITS[algorithm]


@pytest.mark.parametrize("algorithm", sorted(DIGESTS))
@given(chunks=st.lists(st.binary(max_size=9)))
def test_digests_do_not_depend_on_the_chunks(algorithm: str, chunks: list[bytes]) -> None:
    """Whatever way the network cuts them."""
    assert digest_of(algorithm, *chunks) == digest_of(algorithm, b"".join(chunks))


@pytest.mark.parametrize("algorithm", ["SHA512", "SHA256", "SHA1", "MD5"])
def test_hashes_are_hashlibs(algorithm: str) -> None:
    """Under S3's names."""
    assert digest_of(algorithm, DATA) == hashlib.new(algorithm.lower(), DATA).digest()


@pytest.mark.parametrize("algorithm", ["CRC32C", "CRC64NVME"])
def test_a_crc_is_the_same_whoever_computes_it(algorithm: str) -> None:
    """The compiled one and the one in Python."""
    crc = CRCS[algorithm]
    value = crc.update(0, DATA).to_bytes(crc.width // 8, "big")
    assert digest_of(algorithm, DATA) == value
    assert digests.CrcDigest(lambda data, before: crc.update(before, data), crc.width).digest() == bytes(len(value))


def test_an_upload_in_parts_takes_a_crc_that_costs_little() -> None:
    """CRC64NVME is S3's own choice; in Python it would be the slowest thing of an upload."""
    assert ("CRC32" if "CRC64NVME" in SLOW else "CRC64NVME") == WHOLE_OF_PARTS
    assert WHOLE_OF_PARTS not in SLOW
    assert digest_of("CRC32", DATA) == zlib.crc32(DATA).to_bytes(4, "big")

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The checksums that S3 stores, computed with the standard library, with awscrt if installed, or in plain Python."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable
from functools import partial
from typing import Protocol

from ...model.objects.crc import CRCS

try:
    from awscrt import checksums as crt
except ImportError:  # it is part of botocore[crt], and optional
    crt = None


class Digest(Protocol):
    """The interface of the objects of hashlib."""

    def update(self, data: bytes, /) -> object:
        """Add the next bytes."""

    def digest(self) -> bytes:
        """The digest of all bytes so far."""


class CrcDigest:
    """A CRC as S3 writes it, in big-endian order. `update` returns a CRC from that of the bytes before."""

    def __init__(self, update: Callable[[bytes, int], int], width: int) -> None:
        self._update = update
        self._size = width // 8
        self._value = 0

    def update(self, data: bytes, /) -> None:
        """Add the next bytes."""
        self._value = self._update(data, self._value)

    def digest(self) -> bytes:
        """The digest of all bytes so far."""
        return self._value.to_bytes(self._size, "big")


class XxhDigest:
    """One of the XXHASH digests of awscrt, which can be read only once."""

    def __init__(self, function: str) -> None:
        self._hash = getattr(crt.XXHash, function)()

    def update(self, data: bytes, /) -> None:
        """Add the next bytes."""
        self._hash.update(data)

    def digest(self) -> bytes:
        """The digest of all bytes. Call it only once."""
        value: bytes = self._hash.finalize()
        return value


def _in_python(algorithm: str) -> Callable[[], CrcDigest]:
    crc = CRCS[algorithm]
    return lambda: CrcDigest(lambda data, value: crc.update(value, data), crc.width)


# Older versions of awscrt do not have all of them.
_NATIVE: dict[str, Callable[[], Digest]] = {
    algorithm: partial(CrcDigest, getattr(crt, function), CRCS[algorithm].width)
    for algorithm, function in (("CRC32C", "crc32c"), ("CRC64NVME", "crc64nvme"))
    if hasattr(crt, function)
} | {
    algorithm: partial(XxhDigest, function)
    for algorithm, function in (
        ("XXHASH64", "new_xxhash64"),
        ("XXHASH3", "new_xxhash3_64"),
        ("XXHASH128", "new_xxhash3_128"),
    )
    if hasattr(getattr(crt, "XXHash", None), function)
}

# Every checksum of S3 that can be computed on this host. MD5 and SHA-1 detect accidents here, not attacks. In plain
# Python, CRC32C reaches about 200 MB/s and CRC64NVME about 100 MB/s; all others reach 500 MB/s and more.
DIGESTS: dict[str, Callable[[], Digest]] = {
    "SHA512": hashlib.sha512,
    "SHA256": hashlib.sha256,
    "SHA1": partial(hashlib.sha1, usedforsecurity=False),
    "MD5": partial(hashlib.md5, usedforsecurity=False),
    "CRC32": partial(CrcDigest, zlib.crc32, 32),
    "CRC32C": _in_python("CRC32C"),
    "CRC64NVME": _in_python("CRC64NVME"),
    **_NATIVE,
}

# Those that are computed in plain Python on this host.
SLOW = frozenset({"CRC32C", "CRC64NVME"} - set(_NATIVE))

# For an object in several parts, S3 stores a checksum of the full object only if it is a CRC.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
WHOLE_OF_PARTS = "CRC32" if "CRC64NVME" in SLOW else "CRC64NVME"

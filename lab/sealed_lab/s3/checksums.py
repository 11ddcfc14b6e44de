# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The checksum algorithms of S3 (User Guide, "Checking object integrity in Amazon S3")."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

import xxhash
from awscrt import checksums as crt

from ..errors import ServiceError


class Digest(Protocol):
    """A checksum that is being computed."""

    def update(self, data: bytes, /) -> None:
        """Add bytes."""

    def digest(self) -> bytes:
        """Return the checksum of the bytes so far."""


class _Crc:
    def __init__(self, function: Callable[[bytes, int], int], width: int) -> None:
        self._function = function
        self._width = width
        self._value = 0

    def update(self, data: bytes, /) -> None:
        self._value = self._function(data, self._value)

    def digest(self) -> bytes:
        return (self._value & ((1 << (8 * self._width)) - 1)).to_bytes(self._width, "big")


@dataclass(frozen=True, slots=True)
class Algorithm:
    """An algorithm: how it is computed, and which types of multipart checksums it supports."""

    name: str
    new_digest: Callable[[], Digest]
    full_object: bool
    composite_checksum: bool
    length: int

    @property
    def member(self) -> str:
        """The parameter name, e.g. ``ChecksumCRC32``."""
        return f"Checksum{self.name}"

    @property
    def header(self) -> str:
        """The header name, e.g. ``x-amz-checksum-crc32``."""
        return f"x-amz-checksum-{self.name.lower()}"

    @property
    def default_type(self) -> str:
        """The checksum type of a multipart upload that names only the algorithm."""
        return "COMPOSITE" if self.composite_checksum else "FULL_OBJECT"


def _by_name(items: Iterable[Algorithm]) -> dict[str, Algorithm]:
    return {item.name: item for item in items}


ALGORITHMS = _by_name(
    [
        Algorithm("CRC32", lambda: _Crc(zlib.crc32, 4), True, True, 4),
        Algorithm("CRC32C", lambda: _Crc(crt.crc32c, 4), True, True, 4),
        Algorithm("CRC64NVME", lambda: _Crc(crt.crc64nvme, 8), True, False, 8),
        Algorithm("SHA1", hashlib.sha1, False, True, 20),
        Algorithm("SHA256", hashlib.sha256, False, True, 32),
        Algorithm("SHA512", hashlib.sha512, False, True, 64),
        Algorithm("MD5", hashlib.md5, False, True, 16),
        Algorithm("XXHASH64", xxhash.xxh64, False, True, 8),
        Algorithm("XXHASH3", xxhash.xxh3_64, False, True, 8),
        Algorithm("XXHASH128", xxhash.xxh3_128, False, True, 16),
    ]
)
BY_HEADER = {item.header: item for item in ALGORITHMS.values()}
DEFAULT = ALGORITHMS["CRC64NVME"]


def encode(value: bytes) -> str:
    """Return a checksum as base64."""
    return base64.b64encode(value).decode("ascii")


def bad_digest(algorithm: Algorithm) -> ServiceError:
    """Return the error for a body that does not match its checksum."""
    return ServiceError(
        "BadDigest",
        f"The {algorithm.name} you specified did not match the calculated checksum.",
        400,
    )


def composite_checksum(algorithm: Algorithm, parts: Iterable[str]) -> str:
    """Return the checksum of the checksums of the parts, with a dash and the number of parts."""
    state = algorithm.new_digest()
    count = 0
    for part in parts:
        state.update(base64.b64decode(part))
        count += 1
    return f"{encode(state.digest())}-{count}"

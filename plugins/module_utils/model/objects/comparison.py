# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""How to find out whether an object has a given content: the next checksum to compute, or the next call to S3."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, replace
from enum import Enum
from typing import Union

from ..kinds.registry import find_kind
from .object_state import Checksum, ObjectState

# The length of each checksum in bytes. A store that reports another length has not computed what S3 would.
_SIZES = {
    "SHA512": 64,
    "SHA256": 32,
    "SHA1": 20,
    "MD5": 16,
    "XXHASH128": 16,
    "XXHASH3": 8,
    "XXHASH64": 8,
    "CRC64NVME": 8,
    "CRC32C": 4,
    "CRC32": 4,
}

_MIB = 1024**2
# Common part sizes: 8 MiB is the default of the AWS CLI and of the SDK for Python, 5 MiB that of most other SDKs,
# 16 MiB that of this collection; the others are frequent in configurations.
_COMMON_PART_SIZES = tuple(
    size * _MIB for size in (5, 6, 8, 10, 12, 15, 16, 20, 25, 32, 50, 64, 100, 128, 200, 250, 256, 500, 512, 1024)
)


class Probe(Enum):
    """What has to be read from S3."""

    FIRST_PART = "HeadObject of part 1"
    ALL_PARTS = "the sizes of all parts"
    CONTENT = "GetObject"


@dataclass(frozen=True, slots=True)
class Compute:
    """Compute this checksum of the given content, over parts of these sizes (none: over the whole).

    The same value means the same content. Another value means another content only if `conclusive` is true: it is
    false if the sizes of the parts are guessed.
    """

    checksum: Checksum
    parts: tuple[int, ...] = ()
    conclusive: bool = True


Strategy = Union[Compute, Probe]


@dataclass(frozen=True, slots=True)
class SupportedChecksums:
    """The algorithms that can be computed on this host, and those of them that are slow."""

    algorithms: frozenset[str]
    slow: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PartKnowledge:
    """What is known of the parts of an object. None: not read yet. 0 and (): read, but not reported."""

    first_part: int | None = None
    all_parts: tuple[int, ...] | None = None
    mismatched: tuple[tuple[int, ...], ...] = ()

    def excluding(self, parts: tuple[int, ...]) -> PartKnowledge:
        """The same, with parts of these sizes as a mismatch, which is not tried again."""
        return replace(self, mismatched=(*self.mismatched, parts))


def next_strategy(actual: ObjectState, supported: SupportedChecksums, known: PartKnowledge) -> Strategy:
    """The cheapest next action: compute a checksum over the whole, compute one over parts, or read the content.

    The sizes of the parts are guessed first, then derived from the size of the first part, then read from S3. An ETag
    is the MD5 of the content, or of the MD5s of its parts, only if the object is encrypted with S3's keys or not at
    all.
    Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
    and https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
    """
    if actual.size is None:
        return Probe.CONTENT
    candidates = _candidates(actual, supported)
    whole = next((candidate for candidate in candidates if candidate.full_object), None)
    if whole:
        return Compute(whole)
    for composite in candidates:
        strategy = _by_parts(composite, actual.size, known)
        if strategy:
            return strategy
    return Probe.CONTENT


def number_of_parts(checksum: Checksum) -> int:
    """The number of parts of a composite checksum, which follows its dash. 0: the checksum is not composite."""
    _value, dash, count = checksum.value.rpartition("-")
    return int(count) if dash and count.isascii() and count.isdecimal() else 0


def equal_parts(part: int, size: int, count: int) -> tuple[int, ...]:
    """The sizes of `count` parts of `size` bytes in total, where only the last may be smaller; () if that cannot be."""
    rest = size - part * (count - 1)
    if count == 1:
        return (size,) if part == size else ()
    return (*(part,) * (count - 1), rest) if 0 < rest <= part else ()


def likely_parts(size: int, count: int) -> tuple[int, ...]:
    """The sizes of the parts, if exactly one common part size gives this number of parts; otherwise ()."""
    fitting = [parts for part in _COMMON_PART_SIZES if (parts := equal_parts(part, size, count))]
    return fitting[0] if len(fitting) == 1 else ()


def _by_parts(composite: Checksum, size: int, known: PartKnowledge) -> Strategy | None:
    count = number_of_parts(composite)
    if count == 1:
        return Compute(composite, (size,))
    if known.all_parts:
        agrees = len(known.all_parts) == count and sum(known.all_parts) == size
        return Compute(composite, known.all_parts) if agrees else None
    if known.first_part is None:
        guessed = likely_parts(size, count)
        return Compute(composite, guessed, False) if guessed and guessed not in known.mismatched else Probe.FIRST_PART
    if known.first_part == 0:
        return None  # a store that does not know parts
    if count == 2:
        rest = size - known.first_part
        return Compute(composite, (known.first_part, rest)) if rest >= 0 else None
    equal = equal_parts(known.first_part, size, count)
    if equal and equal not in known.mismatched:
        return Compute(composite, equal, False)
    return Probe.ALL_PARTS if known.all_parts is None else None


def _candidates(actual: ObjectState, supported: SupportedChecksums) -> list[Checksum]:
    """The checksums that can be computed on this host, fast ones first."""
    etag = _etag(actual)
    stored = [*actual.checksums, *((etag,) if etag else ())]
    candidates = [each for each in stored if _is_well_formed(each) and each.algorithm in supported.algorithms]
    return sorted(candidates, key=lambda candidate: candidate.algorithm in supported.slow)


def _etag(actual: ObjectState) -> Checksum | None:
    if not find_kind(actual.encryption.server_side.type).etag_is_md5:
        return None
    digest, dash, count = (actual.etag or "").strip('"').partition("-")
    try:
        value = base64.b64encode(bytes.fromhex(digest)).decode("ascii")
    except ValueError:
        return None
    return Checksum("MD5", f"{value}{dash}{count}", full_object=not dash)


def _is_well_formed(checksum: Checksum) -> bool:
    """Whether the length is that of the algorithm, and a composite checksum names its number of parts."""
    value, dash, _count = checksum.value.partition("-")
    try:
        size = len(base64.b64decode(value, validate=True))
    except binascii.Error:
        return False
    has_right_form = not dash if checksum.full_object else number_of_parts(checksum) > 0
    return size == _SIZES.get(checksum.algorithm) and has_right_form

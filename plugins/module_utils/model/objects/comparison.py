# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""How it is told whether an object has a content: the next thing to compute here, or to ask S3 for."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, replace
from enum import Enum
from typing import Union

from ..kinds.registry import find_kind
from .object_state import Checksum, ObjectState

# The bytes of each checksum. A store that answers with another number has not computed what S3 would have.
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
# What programs cut uploads into by themselves: 8 MiB the AWS CLI and the SDK for Python, 5 MiB most other SDKs, 16 MiB
# this collection, and what people write into their configuration.
_COMMON_PART_SIZES = tuple(
    size * _MIB for size in (5, 6, 8, 10, 12, 15, 16, 20, 25, 32, 50, 64, 100, 128, 200, 250, 256, 500, 512, 1024)
)


class Probe(Enum):
    """What S3 has to be asked for."""

    FIRST_PART = "HeadObject of part 1"
    ALL_PARTS = "the sizes of all parts"
    CONTENT = "GetObject"


@dataclass(frozen=True, slots=True)
class Compute:
    """Compute this checksum here, over parts of these sizes (none: over the whole).

    The same value means the same content. Another value means another content only if `conclusive`: not where the sizes
    of the parts are guessed.
    """

    checksum: Checksum
    parts: tuple[int, ...] = ()
    conclusive: bool = True


Strategy = Union[Compute, Probe]


@dataclass(frozen=True, slots=True)
class SupportedChecksums:
    """The algorithms that can be computed on this host, and which of them are slow."""

    algorithms: frozenset[str]
    slow: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PartKnowledge:
    """What is known of the parts by now. None: not asked for yet. 0 and (): asked for, and not told."""

    first_part: int | None = None
    all_parts: tuple[int, ...] | None = None
    refuted: tuple[tuple[int, ...], ...] = ()

    def excluding(self, parts: tuple[int, ...]) -> PartKnowledge:
        """With the knowledge that parts of these sizes do not give the checksum."""
        return replace(self, refuted=(*self.refuted, parts))


def next_strategy(actual: ObjectState, computable: SupportedChecksums, learned: PartKnowledge) -> Strategy:
    """What to do next, the cheapest first: compute a checksum over the whole; one composed of those of the parts, whose
    sizes are guessed, then follow from that of the first, then are asked for; and at last read the content.

    An ETag is the MD5 of the content, or of the MD5s of its parts, only where S3's own keys encrypt, or nobody.
    Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
    and https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
    """
    if actual.size is None:
        return Probe.CONTENT
    candidates = _candidates(actual, computable)
    whole = next((found for found in candidates if found.full_object), None)
    if whole:
        return Compute(whole)
    for composed in candidates:
        way = _by_parts(composed, actual.size, learned)
        if way:
            return way
    return Probe.CONTENT


def number_of_parts(checksum: Checksum) -> int:
    """How many parts a composed checksum says that it is of: the number behind its dash. 0 for none."""
    _value, dash, count = checksum.value.rpartition("-")
    return int(count) if dash and count.isascii() and count.isdecimal() else 0


def equal_parts(part: int, size: int, count: int) -> tuple[int, ...]:
    """The sizes of so many parts, all like the first but for the last, which has the rest; () where that cannot be."""
    rest = size - part * (count - 1)
    if count == 1:
        return (size,) if part == size else ()
    return (*(part,) * (count - 1), rest) if 0 < rest <= part else ()


def likely_parts(size: int, count: int) -> tuple[int, ...]:
    """The sizes of the parts where there is exactly one common size that gives so many; else ()."""
    found = [parts for part in _COMMON_PART_SIZES if (parts := equal_parts(part, size, count))]
    return found[0] if len(found) == 1 else ()


def _by_parts(composed: Checksum, size: int, learned: PartKnowledge) -> Strategy | None:
    count = number_of_parts(composed)
    if count == 1:
        return Compute(composed, (size,))
    if learned.all_parts:
        agrees = len(learned.all_parts) == count and sum(learned.all_parts) == size
        return Compute(composed, learned.all_parts) if agrees else None
    if learned.first_part is None:
        guessed = likely_parts(size, count)
        return Compute(composed, guessed, False) if guessed and guessed not in learned.refuted else Probe.FIRST_PART
    if learned.first_part == 0:
        return None  # a store that does not know of parts
    if count == 2:
        rest = size - learned.first_part
        return Compute(composed, (learned.first_part, rest)) if rest >= 0 else None
    alike = equal_parts(learned.first_part, size, count)
    if alike and alike not in learned.refuted:
        return Compute(composed, alike, False)
    return Probe.ALL_PARTS if learned.all_parts is None else None


def _candidates(actual: ObjectState, computable: SupportedChecksums) -> list[Checksum]:
    """The checksums that can be computed here, those that are computed fast first."""
    etag = _etag(actual)
    stored = [found for found in (*actual.checksums, *((etag,) if etag else ())) if _is_sound(found)]
    known = [found for found in stored if found.algorithm in computable.algorithms]
    return sorted(known, key=lambda found: found.algorithm in computable.slow)


def _etag(actual: ObjectState) -> Checksum | None:
    if not find_kind(actual.encryption.type).etag_is_md5:
        return None
    digest, dash, count = (actual.etag or "").strip('"').partition("-")
    try:
        value = base64.b64encode(bytes.fromhex(digest)).decode("ascii")
    except ValueError:
        return None
    return Checksum("MD5", f"{value}{dash}{count}", full_object=not dash)


def _is_sound(checksum: Checksum) -> bool:
    """Whether it has the bytes of its algorithm, and says of how many parts it is if it is of parts."""
    value, dash, _count = checksum.value.partition("-")
    try:
        size = len(base64.b64decode(value, validate=True))
    except binascii.Error:
        return False
    is_well_formed = not dash if checksum.full_object else number_of_parts(checksum) > 0
    return size == _SIZES.get(checksum.algorithm) and is_well_formed

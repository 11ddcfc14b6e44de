# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""How a large object is split into the parts of a multipart upload.

Source of the limits: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from ..errors import invalid_input
from .object_state import Checksum

MIB = 1024**2
SMALLEST_PART = 5 * MIB
LARGEST_PART = 5 * 1024 * MIB
MOST_PARTS = 10_000

DEFAULT_PART = 16 * MIB
# S3 copies parts by itself, so they need no memory here, and larger parts need fewer calls.
COPIED_PART = 512 * MIB

_UNITS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}
_SIZE = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[KMGT]?)i?B?", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its number (the first is 1), the offset of its first byte, and its size in bytes."""

    number: int
    start: int
    size: int

    @property
    def last(self) -> int:
        """The offset of its last byte."""
        return self.start + self.size - 1


@dataclass(frozen=True, slots=True)
class Parts:
    """An object of `size` bytes in parts of `part_size` bytes. The last part may be smaller."""

    size: int
    part_size: int

    def __len__(self) -> int:
        return -(-self.size // self.part_size)

    def __iter__(self) -> Iterator[Part]:
        for index in range(len(self)):
            start = index * self.part_size
            yield Part(index + 1, start, min(self.part_size, self.size - start))


def split_into_parts(size: int, part_size: int) -> Parts:
    """The parts of an object of this size. They are larger than requested, in whole MiB, if there would be too many.

    Raises OperationError for an object that is larger than S3 accepts.
    """
    if size > MOST_PARTS * LARGEST_PART:
        raise invalid_input(
            f"{size} bytes are more than S3 accepts for one object: {MOST_PARTS} parts of 5 GiB.",
            "Split the content into several objects.",
        )
    least = -(-size // MOST_PARTS)
    return Parts(size, max(part_size, -(-least // MIB) * MIB if least > part_size else 0))


def parse_part_size(text: str) -> int:
    """The bytes of a size in the forms of `parse_size`.

    Raises OperationError for text that is not a size, and for a size that S3 does not accept for a part.
    """
    size = parse_size("part_size", text)
    if not SMALLEST_PART <= size <= LARGEST_PART:
        raise invalid_input(f"part_size: {text} is out of bounds.", "S3 accepts parts from 5MiB to 5GiB.")
    return size


def parse_size(option: str, text: str) -> int:
    """The bytes of a size such as `16MiB`, `16MB`, `16M` or `16777216`. Units are powers of 1024, as in the AWS CLI.

    Raises OperationError, with the name of the option, for text that is not a size.
    """
    found = _SIZE.fullmatch(text.strip())
    if not found:
        raise invalid_input(f"{option}: {text!r} is not a size.", "Give a number with a unit, such as 16MiB.")
    return int(Decimal(found["number"]) * 1024 ** _UNITS[found["unit"].upper()])


class PartSize(NamedTuple):
    """The size of one part in bytes, and the number of parts of its object (None: no multipart upload)."""

    size: int
    of: int | None


class SentPart(NamedTuple):
    """A part that S3 has stored: its number, its ETag, and its checksum, if S3 reported one."""

    number: int
    etag: str
    checksum: Checksum | None

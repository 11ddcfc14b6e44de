# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Whether an object has a content, found out with the fewest calls and bytes."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import BinaryIO, Protocol

from ...aws.objects.ports import ObjectPort
from ...model.errors import OperationError, assert_never
from ...model.objects.archive import require_readable
from ...model.objects.comparison import Compute, PartKnowledge, Probe, SupportedChecksums, next_strategy, parts_of
from ...model.objects.object_id import ObjectId
from ...model.objects.object_state import Checksum, ObjectState
from ...model.secret import CustomerKey
from ..fleet.worker_pool import map_unordered
from ..transfer.digests import DIGESTS, SLOW

CHUNK = 1024 * 1024
COMPUTABLE = SupportedChecksums(frozenset(DIGESTS), SLOW)
# The sizes of parts are asked for with this many calls at a time.
_ASKERS = 8


class Openable(Protocol):
    """A content that can be read from its first byte, more than once."""

    def open(self) -> AbstractContextManager[BinaryIO]:
        """A stream of it."""


class ChecksumCalculator:
    """A checksum in the making, over the whole or over parts: then it is that of the parts' own, one after another."""

    def __init__(self, way: Compute) -> None:
        self._algorithm = way.checksum.algorithm
        self._digest = DIGESTS[self._algorithm]()
        self._parts = way.parts
        self._sizes = iter(way.parts)
        self._composed = bytearray()
        self._room = next(self._sizes, None)
        self._beyond = False

    def update(self, data: bytes) -> None:
        """Take more bytes."""
        view = memoryview(data)
        while self._room is not None and len(view) > self._room:
            self._digest.update(bytes(view[: self._room]))
            view = view[self._room :]
            self._next_part()
        if self._room is not None:
            self._room -= len(view)
        else:
            self._beyond = bool(self._parts)
        self._digest.update(bytes(view) if len(view) < len(data) else data)

    def value(self) -> str:
        """The checksum of all bytes as S3 writes it; empty for more bytes than parts. To be asked for once."""
        if self._beyond:
            return ""
        if not self._parts:
            return base64.b64encode(self._digest.digest()).decode("ascii")
        while self._room is not None:
            self._next_part()
        whole = DIGESTS[self._algorithm]()
        whole.update(bytes(self._composed))
        return f"{base64.b64encode(whole.digest()).decode('ascii')}-{len(self._parts)}"

    def _next_part(self) -> None:
        self._composed += self._digest.digest()
        self._digest = DIGESTS[self._algorithm]()
        self._room = next(self._sizes, None)


@dataclass
class StoredContent:
    """The content of an object that was looked at, and what is known of its parts."""

    s3: ObjectPort
    target: ObjectId
    customer_key: CustomerKey | None
    state: ObjectState
    learned: PartKnowledge = PartKnowledge()

    def equals(self, content: Openable, known: Checksum | None = None) -> bool:
        """Whether it is this content, which has the object's size. `known` is a checksum of it that is there already.

        At last, where no checksum tells, the object is read, as far as it is the same. Raises OperationError where it
        is in
        an archive then.
        """
        told = self.tells(content, known)
        if told is not None:
            return told
        require_readable(self.state.bucket, self.state.key, self.state.archive, "compared by its content")
        with content.open() as stream:
            return self._streams(stream)

    def tells(self, content: Openable, known: Checksum | None = None) -> bool | None:
        """The same by checksums alone; None where they do not tell."""
        while isinstance(way := self.way(), Compute):
            if self._value(way, content, known) == way.checksum.value:
                return True
            if way.conclusive:
                return False
            self.refute(way)
        return None

    def way(self) -> Compute | None:
        """What to compute; None where checksums do not tell. What there is to know of parts is asked for meanwhile."""
        while True:
            way = next_strategy(self.state, COMPUTABLE, self.learned)
            match way:
                case Compute():
                    return way
                case Probe.CONTENT:
                    return None
                case Probe.FIRST_PART:
                    self.learned = replace(self.learned, first_part=self._first_part(), all_parts=None)
                case Probe.ALL_PARTS:
                    self.learned = replace(self.learned, all_parts=self._all_parts())
                case _:
                    assert_never(way)

    def refute(self, way: Compute) -> None:
        """Note that parts of these sizes give another value."""
        self.learned = self.learned.without(way.parts)

    def chunks(self) -> Iterator[bytes]:
        """The object's bytes, if it is still the one that was looked at."""
        return self.s3.get_object(self.target, self.customer_key, self.state.etag, CHUNK)

    def _value(self, way: Compute, content: Openable, known: Checksum | None) -> str:
        if known and not way.parts and known.algorithm == way.checksum.algorithm:
            return known.value
        making = ChecksumCalculator(way)
        with content.open() as stream:
            for chunk in read_chunks(stream):
                making.update(chunk)
        return making.value()

    def _streams(self, content: BinaryIO) -> bool:
        return all(content.read(len(chunk)) == chunk for chunk in self.chunks()) and not content.read(1)

    def _first_part(self) -> int:
        part = self.s3.head_part(self.target, self.customer_key, self.state.etag, 1)
        return part.size if part.of else 0

    def _all_parts(self) -> tuple[int, ...]:
        """In one call for each thousand parts where S3 lists them; else in one for each part."""
        listed = self._listed_parts()
        if listed:
            return listed
        count = max(map(parts_of, self.state.checksums), default=0) or _count_in(self.state.etag)
        sizes = dict.fromkeys(range(1, count + 1), 0)
        for _position, number, size in map_unordered(sizes, self._size_of_part, concurrency=_ASKERS):
            sizes[number] = size
        return tuple(sizes.values())

    def _listed_parts(self) -> tuple[int, ...]:
        """S3 lists the parts of an upload that named a checksum, to whoever has s3:GetObjectAttributes."""
        if not any(parts_of(checksum) for checksum in self.state.checksums):
            return ()
        try:
            return self.s3.list_part_sizes(self.target, self.customer_key, self.state.etag)
        except OperationError:
            return ()

    def _size_of_part(self, number: int) -> int:
        return self.s3.head_part(self.target, self.customer_key, self.state.etag, number).size


def read_chunks(stream: BinaryIO) -> Iterable[bytes]:
    """What is left of a stream, in chunks."""
    while chunk := stream.read(CHUNK):
        yield chunk


def _count_in(etag: str | None) -> int:
    return parts_of(Checksum("MD5", (etag or "").strip('"'), full_object=False))

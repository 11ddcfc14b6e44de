# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Whether an object has a given content, with the fewest calls and bytes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from ...model.errors import OperationError, assert_never
from ...model.objects.archive import require_readable
from ...model.objects.comparison import (
    Compute,
    PartKnowledge,
    Probe,
    SupportedChecksums,
    next_strategy,
    number_of_parts,
)
from ...model.objects.object_state import Checksum, ObjectId, ObjectState
from ..fleet.worker_pool import map_unordered
from ..transfer.checksum_calculator import ChecksumCalculator
from ..transfer.content import CHUNK, Readable, Source, read_chunks
from ..transfer.digests import DIGESTS, SLOW
from ..transfer.encrypted_stream import Cipher, EncryptedSource

if TYPE_CHECKING:
    from ...aws.objects.ports import ObjectPort
    from ...model.secret import CustomerKey

SUPPORTED = SupportedChecksums(frozenset(DIGESTS), SLOW)
# How many HeadObject calls for the sizes of parts run at a time.
_CONCURRENT_HEADS = 8


class Openable(Protocol):
    """A content that can be read from its first byte, more than once."""

    def open(self) -> AbstractContextManager[Readable]:
        """A stream of all bytes."""


@dataclass
class StoredContent:
    """The content of an object, as S3 described it at one moment. `parts` is what is known of its parts so far."""

    s3: ObjectPort
    target: ObjectId
    customer_key: CustomerKey | None
    state: ObjectState
    parts: PartKnowledge = PartKnowledge()

    def equals(self, content: Openable, known: Checksum | None = None) -> bool:
        """Whether the object has this content, which has its size. `known` is a checksum of it, if there is one.

        If no checksum decides, the object is read until a byte differs. Raises OperationError if it is archived then.
        """
        is_equal = self.compare_by_checksum(content, known)
        if is_equal is not None:
            return is_equal
        require_readable(self.state.bucket, self.state.key, self.state.archive, "compared by its content")
        with content.open() as stream:
            return self._has_bytes_of(stream)

    def equals_encrypted(self, source: Source, cipher: Cipher) -> bool:
        """Whether the object is the ciphertext of this content, under its own data key and message id.

        The content is encrypted again, so that ciphertext is compared with ciphertext, by checksum where there is one.
        What is encrypted here stays in the process.
        """
        encrypted = EncryptedSource(source, cipher)
        return encrypted.size() == self.state.size and self.equals(encrypted)

    def compare_by_checksum(self, content: Openable, known: Checksum | None = None) -> bool | None:
        """Whether the object has this content, by checksums alone. None: they do not decide."""
        while computation := self.next_computation():
            if self._value(computation, content, known) == computation.checksum.value:
                return True
            if computation.conclusive:
                return False
            self.mark_mismatch(computation)
        return None

    def next_computation(self) -> Compute | None:
        """The checksum to compute next; None if no checksum decides. Reads the sizes of parts if that needs them."""
        while True:
            strategy = next_strategy(self.state, SUPPORTED, self.parts)
            match strategy:
                case Compute():
                    return strategy
                case Probe.CONTENT:
                    return None
                case Probe.FIRST_PART:
                    self.parts = replace(self.parts, first_part=self._first_part(), all_parts=None)
                case Probe.ALL_PARTS:
                    self.parts = replace(self.parts, all_parts=self._all_parts())
                case _:
                    assert_never(strategy)

    def mark_mismatch(self, computation: Compute) -> None:
        """Note that parts of these sizes gave another value, so that they are not tried again."""
        self.parts = self.parts.excluding(computation.parts)

    def _value(self, computation: Compute, content: Openable, known: Checksum | None) -> str:
        if known and not computation.parts and known.algorithm == computation.checksum.algorithm:
            return known.value
        calculator = ChecksumCalculator(computation)
        with content.open() as stream:
            for chunk in read_chunks(stream):
                calculator.update(chunk)
        return calculator.value()

    def _has_bytes_of(self, content: Readable) -> bool:
        return all(content.read(len(chunk)) == chunk for chunk in self._chunks()) and not content.read(1)

    def _chunks(self) -> Iterator[bytes]:
        return self.s3.get_object(self.target, self.customer_key, self.state.etag, CHUNK)

    def _first_part(self) -> int:
        part = self.s3.head_part(self.target, self.customer_key, self.state.etag, 1)
        return part.size if part.of else 0

    def _all_parts(self) -> tuple[int, ...]:
        """The sizes, with one call for each thousand parts if S3 lists them, and otherwise one call for each part."""
        listed = self._listed_parts()
        if listed:
            return listed
        count = max(map(number_of_parts, self.state.checksums), default=0) or _parts_in_etag(self.state.etag)
        sizes = dict.fromkeys(range(1, count + 1), 0)
        for _position, number, size in map_unordered(sizes, self._size_of_part, concurrency=_CONCURRENT_HEADS):
            sizes[number] = size
        return tuple(sizes.values())

    def _listed_parts(self) -> tuple[int, ...]:
        """S3 lists the parts of an upload that named a checksum, to callers with s3:GetObjectAttributes.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html
        """
        if not any(number_of_parts(checksum) for checksum in self.state.checksums):
            return ()
        try:
            return self.s3.list_part_sizes(self.target, self.customer_key, self.state.etag)
        except OperationError:
            return ()

    def _size_of_part(self, number: int) -> int:
        return self.s3.head_part(self.target, self.customer_key, self.state.etag, number).size


def _parts_in_etag(etag: str | None) -> int:
    return number_of_parts(Checksum("MD5", (etag or "").strip('"'), full_object=False))

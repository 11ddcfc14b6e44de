# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The bytes of an object, written to a file and verified on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from threading import Event
from typing import TYPE_CHECKING

from ...model.errors import Failure, FailureKind, OperationError
from ..transfer.checksum_calculator import ChecksumCalculator
from ..transfer.content import CHUNK, FILE_CHUNK, Source, read_chunks
from ..transfer.encrypted_stream import Cipher, is_authenticated
from ..transfer.ordered_map import ordered_map

if TYPE_CHECKING:
    from ...aws.objects.ports import ObjectPort
    from ...model.objects.object_state import ObjectId, ObjectState
    from ...model.secret import CustomerKey
    from ..clock import Clock
    from ..transfer.atomic_file import NewFile
    from .comparison import StoredContent

# How often one range is resumed, and the seconds before the first time; they double. The SDK repeats a request, but
# not the reading of its body.
RESUMPTIONS = 4
_FIRST_DELAY = 0.5
# A chunk that is not complete when the connection breaks is lost, so that chunks are smaller after that.
RESUMED_CHUNK = 64 * 1024

Span = tuple[int, int]


@dataclass(frozen=True)
class ObjectFetch:
    """Reads one version of an object: what is larger than `part_size` bytes in ranges, `concurrency` at a time.

    `cipher` decrypts it if it was encrypted on the client side. None: S3 returns its plaintext. `opened` is an answer
    with the whole object that has arrived already, so that it is not requested again. Once `stop` is set, the run ends,
    and no more is read.
    """

    s3: ObjectPort
    target: ObjectId
    customer_key: CustomerKey | None
    state: ObjectState
    clock: Clock
    part_size: int
    concurrency: int
    chunk_size: int = CHUNK
    resumed_chunk_size: int = RESUMED_CHUNK
    cipher: Cipher | None = field(default=None, repr=False)
    opened: Iterator[bytes] | None = None
    stop: Event | None = None

    def into(self, file: NewFile, stored: StoredContent) -> None:
        """Write the plaintext to the file, and verify it.

        Raises OperationError if size or checksum are not those that S3 reported, or if the ciphertext is not authentic.
        A tag proves more than a checksum of S3, so that no checksum is computed then.
        """
        if self.cipher is None:
            self._write_verified(file, stored)
        elif is_authenticated(self.cipher):
            self._decrypt(self.cipher, self._complete(self._ciphertext(file)), file)
        else:
            self._write_verified(file, stored)
            with file.open() as ciphertext:
                self._decrypt(self.cipher, read_chunks(ciphertext), file)

    def in_memory(self, stored: StoredContent) -> bytes:
        """The plaintext of a small object, verified as by `into`."""
        data = b"".join(self._complete(self.read((0, self.state.size or 0))))
        is_proven = self.cipher is not None and is_authenticated(self.cipher)
        if not is_proven and stored.compare_by_checksum(Source(data=data)) is False:
            raise self._mismatch("another checksum")
        return data if self.cipher is None else b"".join(self._decrypted(self.cipher, [data]))

    def _write_verified(self, file: NewFile, stored: StoredContent) -> None:
        """Write the object as S3 stores it to the file, and compare its checksum with that of S3.

        The checksum is computed over the ranges in their order, while later ones are still being read.
        """
        computation = stored.next_computation()
        calculator = ChecksumCalculator(computation) if computation else None
        for chunk in self._complete(self._write(file)):
            if calculator:
                calculator.update(chunk)
        if computation is None or calculator is None or calculator.value() == computation.checksum.value:
            return
        if not computation.conclusive:
            stored.mark_mismatch(computation)
            if stored.compare_by_checksum(file) is not False:
                return
        raise self._mismatch("another checksum")

    def _complete(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """The same chunks. Raises OperationError if they are longer than the object, and at their end if shorter."""
        size = 0
        for chunk in chunks:
            size += len(chunk)
            if size > (self.state.size or 0):  # what goes on without an end must not fill the memory or the disk
                raise self._mismatch(f"more than {self.state.size} bytes")
            yield chunk
        if size != self.state.size:
            raise self._mismatch(f"{size} of {self.state.size} bytes")

    def _decrypt(self, cipher: Cipher, chunks: Iterable[bytes], file: NewFile) -> None:
        """Write the plaintext to the file, over the ciphertext if that is in it.

        The plaintext of a byte is where its ciphertext was, which has been read by then.
        """
        size = 0
        with file.writer() as write:
            for piece in self._decrypted(cipher, chunks):
                write(size, piece)
                size += len(piece)
        file.truncate(size)

    def _decrypted(self, cipher: Cipher, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The plaintext. Only the end of the iterator shows that it is authentic."""
        try:
            yield from cipher.decrypt(chunks)
        except OperationError as error:
            if error.failure.kind is not FailureKind.NOT_AUTHENTIC:
                raise
            message = f"{self.state.name}: {error.failure.message}"
            raise OperationError(replace(error.failure, message=message).with_resource(self.state.name)) from error

    def _ciphertext(self, file: NewFile) -> Iterator[bytes]:
        """The ciphertext in its order. Only what is read in ranges is written to the file before it is decrypted."""
        size = self.state.size or 0
        return self._write_ranges(file, size) if size > self.part_size else self.read((0, size))

    def _write(self, file: NewFile) -> Iterator[bytes]:
        """Write all bytes to the file, and yield them in their order."""
        size = self.state.size or 0
        if size > self.part_size:
            yield from self._write_ranges(file, size)
            return
        with file.writer() as write:
            position = 0
            for chunk in self.read((0, size)):
                write(position, chunk)
                position += len(chunk)
                yield chunk

    def _write_ranges(self, file: NewFile, size: int) -> Iterator[bytes]:
        file.reserve(size)
        spans = [(start, min(start + self.part_size, size)) for start in range(0, size, self.part_size)]

        def fetch(span: Span, goes_on: Callable[[], bool]) -> Span:
            start, end = span
            position = start
            with file.writer() as write:
                for chunk in self.read(span):
                    write(position, chunk)
                    position += len(chunk)
                    if not goes_on():
                        return span
            if position != end:
                raise self._mismatch(f"{position - start} of {end - start} bytes from {start} on")
            return span

        piece = min(self.chunk_size, FILE_CHUNK)
        for start, end in ordered_map(spans, fetch, self.concurrency):
            for position in range(start, end, piece):
                yield file.read(position, min(piece, end - position))

    def read(self, span: Span) -> Iterator[bytes]:
        """The bytes of a range. If the connection breaks, the rest of the range is requested again."""
        position, end = span
        for attempt in range(RESUMPTIONS + 1):
            # The SDK verifies the checksum of a whole object, but not of a range, so the whole is not read as one.
            rest = None if (position, end) == (0, self.state.size) else (position, end)
            size = self.resumed_chunk_size if attempt else self.chunk_size
            # This raises OperationError if there is no response at all: the SDK has already repeated the request.
            if rest is None and not attempt and self.opened is not None:
                chunks = self.opened
            else:
                chunks = self.s3.get_object(self.target, self.customer_key, self.state.etag, size, rest)
            try:
                for chunk in chunks:
                    self._require_running()
                    position += len(chunk)
                    yield chunk
                return
            except OperationError as error:
                is_broken = error.failure.kind is FailureKind.UNREACHABLE
                if is_broken and position == end:
                    return  # all bytes arrived, and the checksum of the whole is compared later
                if not is_broken or attempt == RESUMPTIONS:
                    raise
            self.clock.sleep(_FIRST_DELAY * 2**attempt)

    def _require_running(self) -> None:
        if self.stop is not None and self.stop.is_set():
            raise OperationError(Failure(FailureKind.FAILED, f"The download of {self.state.name} was stopped."))

    def _mismatch(self, difference: str) -> OperationError:
        return OperationError(
            Failure(
                FailureKind.CONFLICT,
                f"The downloaded bytes of {self.state.name} are not those that S3 stores ({difference}).",
                "Run the task again.",
                resource=self.state.name,
            )
        )

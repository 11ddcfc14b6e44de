# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The body of an upload: slices of a file that is checked for changes while it is sent."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from threading import Event
from typing import Any, NamedTuple

from ...model.errors import Failure, OperationError
from ...model.objects.desired_object import Content
from ...model.objects.object_state import Checksum
from ...model.objects.parts import Part
from .content import Source, digest_of_stream
from .listed_file import open_listed, source_changed
from .upload_aborted import UploadAborted, upload_stopped

# The SDK's HTTP library reads 16 KiB at a time. Larger chunks need fewer reads and sends.
_MIN_READ = 256 * 1024


class FileFingerprint(NamedTuple):
    """What changes when a file is written."""

    size: int
    modified_ns: int

    def encrypted_by(self, ciphertext_size: Callable[[int], int]) -> FileFingerprint:
        """The same, with the size of the ciphertext."""
        return self._replace(size=ciphertext_size(self.size))


class OpenedSource(NamedTuple):
    """An open source: the name for messages, at most so many bytes at an offset, and its current fingerprint."""

    name: str
    read_at: Callable[[int, int], bytes]
    fingerprint: Callable[[], FileFingerprint]


class SourceReader:
    """An open source. Any number of threads can read slices of it at the same time."""

    def __init__(
        self,
        content: Content,
        name: str,
        read_at: Callable[[int, int], bytes],
        fingerprint: Callable[[], FileFingerprint],
        known_checksum: Callable[[Part], Checksum | None] = lambda part: None,
    ):
        self.content = content
        self.stop = Event()
        self._name = name
        self._read_at = read_at
        self._fingerprint = fingerprint
        self._known_checksum = known_checksum
        self._opened = fingerprint()

    def require_unchanged(self) -> None:
        """Raise OperationError if the file has changed since it was measured."""
        if self._fingerprint() != self._opened or self._opened.size != self.content.size:
            raise OperationError(self.changed())

    def slice(self, start: int = 0, size: int | None = None) -> FileSlice:
        """The `size` bytes from `start` on; by default all that follow."""
        return FileSlice(self, start, self.content.size - start if size is None else size)

    def read(self, size: int, at: int) -> bytes:
        """At least one byte and at most `size`. Raises UploadAborted at the end of the file, and once `stop` is set."""
        if self.stop.is_set():
            raise upload_stopped()
        data = self._read_at(size, at)
        if not data:
            raise UploadAborted(self.changed())
        return data

    def checksum_of(self, part: Part, algorithm: str) -> Checksum:
        """The checksum of a part: known already, or computed from its bytes."""
        known = self._known_checksum(part)
        if known and known.algorithm == algorithm:
            return known
        return digest_of_stream(self.slice(part.start, part.size), algorithm)

    def changed(self) -> Failure:
        """The failure for a file that changes during the upload."""
        return source_changed(self._name)


class FileSlice(io.RawIOBase):
    """Some bytes of a source as a stream. If the source is too short, reading raises an error: after a mere end of file
    S3 would wait for the rest."""

    def __init__(self, source: SourceReader, start: int, size: int) -> None:
        super().__init__()
        self._source = source
        self._start = start
        self._size = size
        self._position = 0
        # What was read for `readinto` beyond the position.
        self._ahead = memoryview(b"")

    def __len__(self) -> int:
        return self._size

    def readable(self) -> bool:
        """Always true."""
        return True

    def seekable(self) -> bool:
        """Always true."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, maybe more than `size`, because fewer and larger chunks cost less."""
        remaining = self._size - self._position
        if size == 0 or remaining <= 0:
            return b""
        length = remaining if size < 0 else min(remaining, max(size, _MIN_READ))
        return self._read(length)

    def readinto(self, buffer: Any, /) -> int:
        """Read the next bytes into a buffer of bytes, for the signer of awscrt.

        It reads 4 KiB at a time, so that a larger chunk is read ahead. awscrt swallows exceptions that are raised here,
        so this returns the end of file. `read` then raises the error when the body is sent.
        """
        if not self._ahead and self._position < self._size:
            try:
                self._read_ahead()
            except UploadAborted:
                return 0
        piece = self._ahead[: len(buffer)]
        buffer[: len(piece)] = piece
        self._ahead = self._ahead[len(piece) :]
        self._position += len(piece)
        return len(piece)

    def readall(self) -> bytes:
        """The remaining bytes."""
        return b"".join(iter(self.read, b""))

    def tell(self) -> int:
        """The position."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Change the position, and return it."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        self._ahead = memoryview(b"")
        return self._position

    def _read(self, length: int) -> bytes:
        data = self._source.read(length, self._start + self._position)
        self._position += len(data)
        self._ahead = memoryview(b"")
        return data

    def _read_ahead(self) -> None:
        length = min(_MIN_READ, self._size - self._position)
        self._ahead = memoryview(self._source.read(length, self._start + self._position))


@contextmanager
def open_source(source: Source, content: Content) -> Iterator[SourceReader]:
    """Open the source to send it. `content` is what was measured of it before.

    Raises OperationError if it cannot be read, or has changed since it was measured.
    """
    with open_at_offsets(source) as opened:
        reader = SourceReader(content, opened.name, opened.read_at, opened.fingerprint)
        reader.require_unchanged()
        yield reader


@contextmanager
def open_at_offsets(source: Source) -> Iterator[OpenedSource]:
    """Open the source to read it at offsets. Raises OperationError if it cannot be read."""
    with ExitStack() as stack:
        yield _opened_at_offsets(source, stack)


def _opened_at_offsets(source: Source, stack: ExitStack) -> OpenedSource:
    name = source.name
    if source.temporary is not None:
        file = source.temporary
        return OpenedSource(name, lambda size, at: file.read(at, size), lambda: FileFingerprint(file.size(), 0))
    if source.listed is not None:
        listed, opened = source.listed, stack.enter_context(open_listed(source.listed, name))
        return OpenedSource(
            name,
            lambda size, at: listed.read_at(opened, size, at),
            lambda: FileFingerprint(*listed.size_and_time(opened)),
        )
    if source.path is None:
        data = memoryview(source.data)
        fingerprint = FileFingerprint(len(data), 0)
        return OpenedSource(name, lambda size, at: bytes(data[at : at + size]), lambda: fingerprint)
    descriptor = stack.enter_context(source.open()).fileno()
    return OpenedSource(name, lambda size, at: os.pread(descriptor, size, at), lambda: _fingerprint_of(descriptor))


def _fingerprint_of(descriptor: int) -> FileFingerprint:
    status = os.fstat(descriptor)
    return FileFingerprint(status.st_size, status.st_mtime_ns)

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A source of content while it is sent: streams of its parts, and whether it is still what it was."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from threading import Event
from typing import Any, NamedTuple

from ...model.errors import Failure, FailureKind, OperationError
from ...model.objects.desired_object import Content
from .content import Source

# The SDK's HTTP library asks for 16 KiB at a time. A larger piece costs as little to read, and is sent at once.
_PIECE = 256 * 1024


class UploadAborted(CancelledError):
    """Ends a request whose body cannot be read to its end. The SDK lets this one pass, and sends nothing again."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.sentence())
        self.failure = failure


class _FileFingerprint(NamedTuple):
    size: int
    modified_ns: int


class SourceReader:
    """A source that is open to be sent. Any number of threads may read windows of it at once."""

    def __init__(
        self, content: Content, name: str, read_at: Callable[[int, int], bytes], stamp: Callable[[], _FileFingerprint]
    ):
        self.content = content
        self.stop = Event()
        self._name = name
        self._read_at = read_at
        self._stamp = stamp
        self._opened = stamp()

    def require_unchanged(self) -> None:
        """Raise OperationError where the file is not the one any more that was measured."""
        if self._stamp() != self._opened or self._opened.size != self.content.size:
            raise OperationError(self.changed())

    def window(self, start: int = 0, size: int | None = None) -> FileSlice:
        """The bytes from `start` on, by default all."""
        return FileSlice(self, start, self.content.size - start if size is None else size)

    def read(self, size: int, at: int) -> bytes:
        """Some bytes, at least one; raises Unsent where there are none left, or nothing is to be sent any more."""
        if self.stop.is_set():
            raise UploadAborted(Failure(FailureKind.FAILED, "The upload was given up.", code="Stopped"))
        found = self._read_at(size, at)
        if not found:
            raise UploadAborted(self.changed())
        return found

    def changed(self) -> Failure:
        """What to say of a file that somebody writes to."""
        return Failure(
            FailureKind.CONFLICT,
            f"{self._name} changed while it was read for the upload, so nothing was written.",
            "Run the task again when nobody writes to the file.",
            resource=self._name,
            code="SourceChanged",
        )


class FileSlice(io.RawIOBase):
    """Some of a source's bytes as a stream of their own. It ends early only with an error, never by an end of file: S3
    would wait for the rest."""

    def __init__(self, source: SourceReader, start: int, size: int) -> None:
        super().__init__()
        self._source = source
        self._start = start
        self._size = size
        self._place = 0

    def __len__(self) -> int:
        return self._size

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes: maybe more than asked for, as fewer and larger pieces cost less."""
        left = self._size - self._place
        if size == 0 or left <= 0:
            return b""
        wanted = left if size < 0 else min(left, max(size, _PIECE))
        found = self._source.read(wanted, self._start + self._place)
        self._place += len(found)
        return found

    def readinto(self, buffer: Any, /) -> int:
        """The next bytes into a buffer, as the SDK's signer of awscrt wants them.

        An exception would not come through it, so this ends where the file does: `read`, which sends, finds that out.
        """
        into = memoryview(buffer).cast("B")
        wanted = min(len(into), self._size - self._place)
        try:
            found = self._source.read(wanted, self._start + self._place) if wanted else b""
        except UploadAborted:
            return 0
        into[: len(found)] = found
        self._place += len(found)
        return len(found)

    def readall(self) -> bytes:
        """All that is left."""
        return b"".join(iter(self.read, b""))

    def tell(self) -> int:
        """The place."""
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place; the place."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        self._place = max(0, base + offset)
        return self._place


@contextmanager
def open_source(source: Source, content: Content) -> Iterator[SourceReader]:
    """The source, open to be sent as the content that it was measured to be.

    Raises OperationError where it cannot be read, or is another one by now.
    """
    if source.path is None:
        data = memoryview(source.data)
        stamp = _FileFingerprint(len(data), 0)
        yield SourceReader(content, "The content", lambda size, at: bytes(data[at : at + size]), lambda: stamp)
        return
    with source.open() as stream:
        number = stream.fileno()
        found = SourceReader(
            content, f"src {source.path}", lambda size, at: os.pread(number, size, at), lambda: _stamp_of(number)
        )
        found.require_unchanged()
        yield found


def _stamp_of(number: int) -> _FileFingerprint:
    status = os.fstat(number)
    return _FileFingerprint(status.st_size, status.st_mtime_ns)

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A file that a list of a directory names: opened only if it is still the file that was listed."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Event
from typing import Any

from ...model.errors import Failure, FailureKind, OperationError, invalid_input
from .upload_aborted import upload_stopped

# Without O_NONBLOCK, opening a named pipe that has replaced the file would wait for a writer.
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file as it was when its directory was listed: which one, its size in bytes, and when it was written.

    `name` is for messages. The content is `size` bytes from `offset` on: a member of an archive is a part of its file.
    Once `stop` is set, which all files of a list share, no more is read: the run ends. With `descriptor`, the file is
    open for as long as the run takes, and has no path any more.
    """

    path: str
    name: str
    device: int
    inode: int
    file_size: int
    modified_ns: int
    stop: Event = field(compare=False, repr=False)
    offset: int = 0
    length: int | None = None
    descriptor: int | None = field(default=None, compare=False)

    @classmethod
    def of(cls, path: str, name: str, status: os.stat_result, stop: Event) -> ListedFile:
        """The file with this status."""
        return cls(path, name, status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, stop)

    @classmethod
    def of_archive(cls, descriptor: int, name: str, stop: Event, offset: int, length: int) -> ListedFile:
        """A part of an open archive."""
        whole = cls.of("", name, os.fstat(descriptor), stop)
        return replace(whole, offset=offset, length=length, descriptor=descriptor)

    @property
    def size(self) -> int:
        """The bytes of the content."""
        return self.file_size if self.length is None else self.length

    def is_same(self, status: os.stat_result) -> bool:
        """Whether this is the status of the same file, which was not written since."""
        return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns) == (
            self.device,
            self.inode,
            self.file_size,
            self.modified_ns,
        )

    def size_and_time(self, descriptor: int) -> tuple[int, int]:
        """The current size of the content, and when the file was written. Raises UploadAborted once `stop` is set."""
        self._require_not_stopped()
        status = os.fstat(descriptor)
        size = status.st_size - self.offset
        return (size if self.length is None else max(0, min(size, self.length))), status.st_mtime_ns

    def read_at(self, descriptor: int, size: int, at: int) -> bytes:
        """At most `size` bytes of the content. Raises UploadAborted once `stop` is set."""
        self._require_not_stopped()
        most = size if self.length is None else min(size, self.length - at)
        return os.pread(descriptor, most, self.offset + at) if most > 0 else b""

    def _require_not_stopped(self) -> None:
        if self.stop.is_set():
            raise upload_stopped()


class ListedFileReader(io.RawIOBase):
    """The content of an open file as a stream with its own position."""

    def __init__(self, file: ListedFile, descriptor: int) -> None:
        super().__init__()
        self._file = file
        self._descriptor = descriptor
        self._position = 0

    def readable(self) -> bool:
        """Always true."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Read the next bytes into a buffer."""
        data = self._file.read_at(self._descriptor, len(buffer), self._position)
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)


@contextmanager
def open_listed(file: ListedFile, name: str) -> Iterator[int]:
    """A descriptor of the file. Raises OperationError if it cannot be read, or is not the file that was listed.

    A symbolic link that has replaced the file, or a folder of its path, leads to another file, which is not read.
    """
    descriptor = _open(file, name) if file.descriptor is None else file.descriptor
    try:
        if not file.is_same(os.fstat(descriptor)):
            raise OperationError(source_changed(name))
        yield descriptor
    finally:
        if file.descriptor is None:
            os.close(descriptor)


def _open(file: ListedFile, name: str) -> int:
    try:
        return os.open(file.path, _OPEN)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO):
            raise OperationError(source_changed(name)) from error
        raise invalid_input(f"{name} cannot be read: {error.strerror}.") from error


def source_changed(name: str) -> Failure:
    """The failure for a file that changes while it is measured or uploaded."""
    return Failure(
        FailureKind.CONFLICT,
        f"{name} changed while it was read for the upload, so nothing was written.",
        "Run the task again when no other process writes to the file.",
        resource=name,
        code="SourceChanged",
    )

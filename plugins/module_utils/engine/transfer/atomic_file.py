# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A file that is written completely or not at all, even if the process is killed."""

from __future__ import annotations

import errno
import io
import os
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4


class NewFile:
    """A temporary file. Any number of threads can write to it, at different positions."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @contextmanager
    def writer(self) -> Iterator[Callable[[int, bytes], None]]:
        """A function that writes bytes at a position. It has its own descriptor, so it never writes to a later file."""
        own = os.dup(self._descriptor)

        def write(position: int, data: bytes) -> None:
            rest = memoryview(data)
            while rest:
                written = os.pwrite(own, rest, position)
                position, rest = position + written, rest[written:]

        try:
            yield write
        finally:
            os.close(own)

    def reserve(self, size: int) -> None:
        """Allocate the space now, so that a full disk is reported before anything is transferred."""
        try:
            os.posix_fallocate(self._descriptor, 0, size)
        except OSError as error:
            if error.errno not in (errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS):
                raise

    def truncate(self, size: int) -> None:
        """End the file after this many bytes."""
        os.ftruncate(self._descriptor, size)

    def size(self) -> int:
        """The current size in bytes."""
        return os.fstat(self._descriptor).st_size

    def read(self, position: int, size: int) -> bytes:
        """The bytes at a position."""
        return os.pread(self._descriptor, size, position)

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """A stream of all bytes that were written."""
        with io.BufferedReader(_Reader(self), 1024 * 1024) as stream:
            yield stream


class _Reader(io.RawIOBase):
    """A NewFile as a stream with its own position."""

    def __init__(self, file: NewFile) -> None:
        self._file = file
        self._position = 0

    def readable(self) -> bool:
        """Always true."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Read the next bytes into a buffer."""
        data = self._file.read(self._position, len(buffer))
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)


def write_atomically(path: Path, chunks: Iterable[bytes], private: bool = False, exclusive: bool = False) -> None:
    """Write `chunks` to a temporary file that then replaces `path`; see `replacing`.

    Raises OSError, and what `chunks` raises.
    """
    with replacing(path, private, exclusive) as file, file.writer() as write:
        position = 0
        for chunk in chunks:
            write(position, chunk)
            position += len(chunk)


@contextmanager
def unnamed(folder: Path) -> Iterator[NewFile]:
    """A temporary file in a folder that only this process can open, and that is deleted at the end of the block.

    It has no name, so that a killed process leaves no content behind. Raises OSError.
    """
    with tempfile.TemporaryFile(dir=folder) as stream:
        yield NewFile(stream.fileno())


@contextmanager
def replacing(
    path: Path, private: bool = False, exclusive: bool = False, before_replace: Callable[[Path], None] | None = None
) -> Iterator[NewFile]:
    """A temporary file to write to. It replaces `path` at the end of the block, unless the block raises.

    `exclusive` never replaces a file: it raises FileExistsError if another process has created one meanwhile.
    `before_replace` is called with the path of the temporary file once it is complete, such as to set attributes on it.

    An existing file keeps its mode and, if the process may set it, its owner. A new file gets the mode of the umask,
    or (`private`) can be read by its owner only. If the file system supports it, the temporary file has no name until
    it is complete, so that a killed process leaves no file behind. Raises OSError.
    """
    path = path.resolve()
    temporary = path.with_name(f".{uuid4().hex}.part")
    try:
        with _open_unnamed(path.parent, temporary) as stream:
            yield NewFile(stream.fileno())
            os.fsync(stream.fileno())
            _keep_mode_and_owner(stream.fileno(), path, private)
            if not temporary.exists():
                _give_name(stream.fileno(), temporary)
        if before_replace:
            before_replace(temporary)
        if exclusive:
            os.link(temporary, path)
        else:
            os.replace(temporary, path)
        _sync_folder(path.parent)
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def _sync_folder(folder: Path) -> None:
    """Write the new name to the disk as well, if the process may read the folder: the file is replaced already."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        with suppress(OSError):  # not every file system supports it
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _open_unnamed(folder: Path, fallback: Path) -> BinaryIO:
    """An open file without a name in `folder`, or named `fallback` if the system does not support that."""
    flag = getattr(os, "O_TMPFILE", None)
    if flag is not None and Path("/proc/self/fd").is_dir():
        with suppress(OSError):
            return os.fdopen(os.open(folder, flag | os.O_RDWR, 0o600), "wb")
    return os.fdopen(os.open(fallback, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "wb")


def _give_name(descriptor: int, name: Path) -> None:
    # Without a folder's descriptor, CPython calls link(2) even where symbolic links are to be followed, and link(2)
    # does not follow them. Source: https://github.com/python/cpython/issues/81793
    folder = os.open("/proc/self/fd", os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.link(str(descriptor), name, src_dir_fd=folder, follow_symlinks=True)
    finally:
        os.close(folder)


def _keep_mode_and_owner(descriptor: int, path: Path, private: bool) -> None:
    try:
        existing = path.stat()
    except FileNotFoundError:
        if not private:
            umask = os.umask(0)
            os.umask(umask)
            os.fchmod(descriptor, 0o666 & ~umask)
        return
    with suppress(PermissionError):
        os.fchown(descriptor, existing.st_uid, existing.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(existing.st_mode))

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
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

# A folder that is opened only to use names in it. On Linux, the process need not be allowed to read it.
OPEN_FOLDER = os.O_DIRECTORY | os.O_CLOEXEC | getattr(os, "O_PATH", os.O_RDONLY)
# Where Linux has the open files of the process.
_DESCRIPTORS = "/proc/self/fd"


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
    folder = os.open(path.parent, OPEN_FOLDER)

    def prepare(descriptor: int, existing: os.stat_result | None) -> None:
        _keep_mode_and_owner(descriptor, existing, private)

    def before_rename(name: str) -> None:
        if before_replace:
            before_replace(path.with_name(name))

    try:
        with replacing_in(folder, path.name, prepare, exclusive=exclusive, before_replace=before_rename) as file:
            yield file
    finally:
        os.close(folder)


@contextmanager
def replacing_in(
    folder: int,
    name: str,
    prepare: Callable[[int, os.stat_result | None], None],
    *,
    exclusive: bool = False,
    before_replace: Callable[[str], None] | None = None,
    destination: Callable[[], AbstractContextManager[int]] | None = None,
) -> Iterator[NewFile]:
    """The same as `replacing` for a name in an open folder. No path is resolved, and no symbolic link is followed.

    Once the block has ended, `prepare` gets the descriptor of the temporary file, and the status of what has the name
    now (None: nothing), to set mode and owner. It may raise to keep what is there. Then `before_replace` gets the name
    of the temporary file. `destination` opens the folder for the complete file, if that is another one of the same file
    system, such as one that is created only now.
    """
    temporary = f".{uuid4().hex}.part"
    try:
        with _open_unnamed(folder, temporary) as stream:
            descriptor = stream.fileno()
            yield NewFile(descriptor)
            os.fsync(descriptor)
            with destination() if destination else nullcontext(folder) as final:
                prepare(descriptor, status_in(final, name))
                if exclusive and before_replace is None and not _has_name(descriptor):
                    _give_name(descriptor, final, name)
                else:
                    if not _has_name(descriptor):
                        _give_name(descriptor, folder, temporary)
                    if before_replace:
                        before_replace(temporary)
                    _rename(folder, temporary, final, name, exclusive)
                _sync_folder(final)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary, dir_fd=folder)


def status_in(folder: int, name: str) -> os.stat_result | None:
    """The status of a name in an open folder: that of a symbolic link itself. None: it does not exist."""
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None


def _has_name(descriptor: int) -> bool:
    return os.fstat(descriptor).st_nlink > 0


def _rename(folder: int, temporary: str, final: int, name: str, exclusive: bool) -> None:
    if exclusive:
        try:
            os.link(temporary, name, src_dir_fd=folder, dst_dir_fd=final, follow_symlinks=False)
            return
        except OSError as error:
            # Such as FAT, which has no hard links, and on which a name has to be checked before it is used.
            if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS):
                raise
        if status_in(final, name) is not None:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), name)
    os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=final)


def _sync_folder(folder: int) -> None:
    """Write the new name to the disk as well, if the process may read the folder: the file is replaced already."""
    try:
        descriptor = os.open(".", os.O_RDONLY | os.O_DIRECTORY, dir_fd=folder)
    except OSError:
        return
    try:
        with suppress(OSError):  # not every file system supports it
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _open_unnamed(folder: int, fallback: str) -> BinaryIO:
    """An open file without a name in `folder`, or named `fallback` if the system does not support that."""
    flag = getattr(os, "O_TMPFILE", None)
    if flag is not None and os.path.isdir(_DESCRIPTORS):
        with suppress(OSError):
            return os.fdopen(os.open(".", flag | os.O_RDWR, 0o600, dir_fd=folder), "wb", buffering=0)
    return os.fdopen(os.open(fallback, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600, dir_fd=folder), "wb", buffering=0)


def _give_name(descriptor: int, folder: int, name: str) -> None:
    # Without a folder's descriptor, CPython calls link(2) even where symbolic links are to be followed, and link(2)
    # does not follow them. Source: https://github.com/python/cpython/issues/81793
    descriptors = os.open(_DESCRIPTORS, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.link(str(descriptor), name, src_dir_fd=descriptors, dst_dir_fd=folder, follow_symlinks=True)
    finally:
        os.close(descriptors)


def _keep_mode_and_owner(descriptor: int, existing: os.stat_result | None, private: bool) -> None:
    if existing is None:
        if not private:
            umask = os.umask(0)
            os.umask(umask)
            os.fchmod(descriptor, 0o666 & ~umask)
        return
    with suppress(PermissionError):
        os.fchown(descriptor, existing.st_uid, existing.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(existing.st_mode))

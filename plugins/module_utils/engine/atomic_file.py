# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A file that appears whole, or not at all, even when the process is killed while it is written."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4


def write_atomically(path: Path, chunks: Iterable[bytes], private: bool = False, exclusive: bool = False) -> None:
    """Write `chunks` to a temporary file beside `path`, and rename it once all of them are there and on the disk.

    `exclusive` never replaces a file: it raises FileExistsError where one has come to be there meanwhile.

    An existing file keeps its mode and, where the process may set it, its owner; a new one gets what the umask leaves,
    or (`private`) is for its owner alone. Where the file system can, the temporary file has no name until it is whole,
    so that nothing is left behind by a process that is killed. Raises OSError, and whatever `chunks` raises.
    """
    path = path.resolve()
    temporary = path.with_name(f".{uuid4().hex}.part")
    try:
        with _open_unnamed(path.parent, temporary) as stream:
            for chunk in chunks:
                stream.write(chunk)
            stream.flush()
            os.fsync(stream.fileno())
            _take_over_mode(stream.fileno(), path, private)
            if not temporary.exists():
                _give_name(stream.fileno(), temporary)
        if exclusive:
            os.link(temporary, path)
        else:
            os.replace(temporary, path)
        _sync_folder(path.parent)
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def _sync_folder(folder: Path) -> None:
    """Put the new name on the disk, too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # not every file system knows how
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _open_unnamed(folder: Path, fallback: Path) -> BinaryIO:
    """An open file without a name in `folder`, or named `fallback` where the system knows no such thing."""
    flag = getattr(os, "O_TMPFILE", None)
    if flag is not None and Path("/proc/self/fd").is_dir():
        with suppress(OSError):
            return os.fdopen(os.open(folder, flag | os.O_RDWR, 0o600), "wb")
    return os.fdopen(os.open(fallback, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")


def _give_name(descriptor: int, name: Path) -> None:
    # Without a folder's descriptor, CPython calls link(2) even where symbolic links are to be followed, and link(2)
    # does not follow them. Source: https://github.com/python/cpython/issues/81793
    folder = os.open("/proc/self/fd", os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.link(str(descriptor), name, src_dir_fd=folder, follow_symlinks=True)
    finally:
        os.close(folder)


def _take_over_mode(descriptor: int, path: Path, private: bool) -> None:
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

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A directory on this host, in which no path leads through a symbolic link.

Every directory below it is opened by its name in the directory above, without following links. So a link that another
process makes at any moment leads nowhere.
"""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ...model.errors import invalid_input
from .atomic_file import OPEN_FOLDER, status_in
from .file_errors import kind_of
from .letter_case import entries_of, ignores_case_in, ignores_case_of

# The parts of a path below the directory.
Parts = tuple[str, ...]

_OPEN = OPEN_FOLDER | os.O_NOFOLLOW
_READ_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# A pipe that has replaced a file would otherwise wait for a writer.
_READ_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class TargetDirectory:
    """The directory at `path`, which may itself be a symbolic link. It is created with the first file below it.

    `on_create` gets the descriptor of each directory that is created, to set its mode and its owner. Every method may
    raise OperationError for what is not as it has to be, and OSError for another refusal of the system.
    """

    def __init__(self, path: Path, on_create: Callable[[int], None]) -> None:
        self._path = path
        self._on_create = on_create
        self._lock = threading.Lock()
        self._root: int | None = None

    def close(self) -> None:
        """Close the directory, once no thread uses it any more."""
        if self._root is not None:
            os.close(self._root)
            self._root = None

    @property
    def name(self) -> str:
        """The directory in a message."""
        return str(self._path)

    def path_of(self, parts: Parts) -> str:
        """The path in a message."""
        return "/".join((self.name.rstrip("/"), *parts))

    @contextmanager
    def folder(self, parts: Parts, *, create: bool = False) -> Iterator[int | None]:
        """The folder with this path, open to use names in it. None: it does not exist, and is not created."""
        descriptor = self._open(parts, create=create)
        try:
            yield descriptor
        finally:
            if descriptor is not None:
                os.close(descriptor)

    @contextmanager
    def created(self, parts: Parts) -> Iterator[int]:
        """The folder with this path, with all folders that it needs."""
        descriptor = self._existing(self._open(parts, create=True))
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    @contextmanager
    def nearest(self, parts: Parts) -> Iterator[int]:
        """The deepest folder on this path that exists: the directory itself at least, which is created."""
        found = self._open(parts, create=not parts)
        while found is None and parts:
            parts = parts[:-1]
            found = self._open(parts, create=not parts)
        descriptor = self._existing(found)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    @staticmethod
    def _existing(descriptor: int | None) -> int:
        if descriptor is None:
            raise AssertionError("a folder that is created exists")
        return descriptor

    def status(self, folder: int, parts: Parts) -> os.stat_result | None:
        """The status of a regular file in its open folder. None: it does not exist."""
        status = status_in(folder, parts[-1])
        if status is not None:
            self.require_file(parts, status)
        return status

    def require_file(self, parts: Parts, status: os.stat_result) -> None:
        """Raise OperationError for anything but a regular file."""
        if not stat.S_ISREG(status.st_mode):
            raise invalid_input(
                f"{self.path_of(parts)} is {kind_of(status)}, and the object needs a regular file there.",
                "Remove it, or exclude the object.",
            )

    @contextmanager
    def reading(self, folder: int, parts: Parts) -> Iterator[int]:
        """A regular file in its open folder, open for reading."""
        descriptor = os.open(parts[-1], _READ_FILE, dir_fd=folder)
        try:
            self.require_file(parts, os.fstat(descriptor))
            yield descriptor
        finally:
            os.close(descriptor)

    def files(self, may_be_below: Callable[[str], bool] = lambda path: True) -> Iterator[str]:
        """The paths of all regular files and symbolic links below the directory, in any order.

        `may_be_below` is false for directories that need not be read. Raises OSError for one that cannot be read.
        """
        waiting: list[Parts] = [()]
        while waiting:
            parts = waiting.pop()
            with self.folder(parts) as folder:
                if folder is None:
                    continue
                for entry in entries_of(folder):
                    path = "/".join((*parts, entry.name))
                    if entry.is_dir(follow_symlinks=False):
                        if may_be_below(path):
                            waiting.append((*parts, entry.name))
                    elif entry.is_symlink() or entry.is_file(follow_symlinks=False):
                        yield path

    def remove(self, parts: Parts) -> bool:
        """Delete a regular file or a symbolic link, never what the link leads to. False: it does not exist."""
        with self.folder(parts[:-1]) as folder:
            status = None if folder is None else status_in(folder, parts[-1])
            if status is None:
                return False
            if not stat.S_ISLNK(status.st_mode):
                self.require_file(parts, status)
            try:
                os.unlink(parts[-1], dir_fd=folder)
            except FileNotFoundError:
                return False
            return True

    def ignores_case(self) -> bool:
        """Whether the file system has one file for two names that differ only in case. Nothing is written to find out.

        A name in the directory, or of its path, is looked up in the other case.
        """
        with self.folder(()) as root:
            is_known = None if root is None else ignores_case_in(root)
        return ignores_case_of(self._path) if is_known is None else is_known

    def _open(self, parts: Parts, *, create: bool) -> int | None:
        root = self._open_root(create=create)
        if root is None:
            return None
        current = os.dup(root)
        for number, part in enumerate(parts, start=1):
            try:
                following = self._enter(current, parts[:number], part, create=create)
            finally:
                os.close(current)
            if following is None:
                return None
            current = following
        return current

    def _open_root(self, *, create: bool) -> int | None:
        with self._lock:
            if self._root is None:
                self._root = self._opened_root()
            if self._root is None and create:
                os.mkdir(self._path, 0o700)
                try:
                    self._root = self._opened_root()
                    if self._root is not None:
                        self._prepare(self._root)
                except BaseException:
                    os.rmdir(self._path)
                    raise
            return self._root

    def _opened_root(self) -> int | None:
        try:
            return os.open(self._path, OPEN_FOLDER)
        except FileNotFoundError:
            return None

    def _enter(self, folder: int, parts: Parts, name: str, *, create: bool) -> int | None:
        try:
            return os.open(name, _OPEN, dir_fd=folder)
        except FileNotFoundError:
            if not create:
                return None
        except OSError as error:
            raise self._refusal(folder, parts, name, error) from error
        try:
            os.mkdir(name, 0o700, dir_fd=folder)
        except FileExistsError:  # another thread has created it meanwhile
            return self._enter(folder, parts, name, create=False)
        return self._new_folder(folder, name)

    def _new_folder(self, folder: int, name: str) -> int:
        descriptor: int | None = None
        try:
            descriptor = os.open(name, _OPEN, dir_fd=folder)
            self._prepare(descriptor)
        except BaseException:
            if descriptor is not None:
                os.close(descriptor)
            os.rmdir(name, dir_fd=folder)
            raise
        return descriptor

    def _prepare(self, folder: int) -> None:
        readable = os.open(".", _READ_FOLDER, dir_fd=folder)
        try:
            self._on_create(readable)
        finally:
            os.close(readable)

    def _refusal(self, folder: int, parts: Parts, name: str, error: OSError) -> Exception:
        """The error for a folder that cannot be opened. A symbolic link and a file are named as such."""
        try:
            status = status_in(folder, name)
        except OSError:
            return error
        if status is None or stat.S_ISDIR(status.st_mode):
            return error
        return invalid_input(
            f"{self.path_of(parts)} is {kind_of(status)}, and the object needs a directory there.",
            "Remove it, or exclude the object.",
        )

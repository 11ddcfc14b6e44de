# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The files of a local directory, each with what opens exactly that file later."""

from __future__ import annotations

import os
import re
import stat
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import NamedTuple

from ....model.errors import Failure, FailureKind, OperationError, invalid_input
from ....model.objects.limits import LONGEST_KEY
from ....model.objects.sync.selection import PathSelection
from ...transfer.content import Source
from ...transfer.listed_file import ListedFile

# O_NONBLOCK: to open a named pipe that has replaced a file would otherwise wait for a writer.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_READ_DIRECTORY = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file of a directory. `path` is below the directory, with `/` between its parts."""

    path: str
    size: int
    mtime_ns: int
    source: Source


@dataclass(frozen=True, slots=True)
class FailedEntry:
    r"""An entry of a directory that is not sent. Bytes of `path` that are not UTF-8 are escaped, such as `\xff`."""

    path: str
    failure: Failure


@dataclass(frozen=True, slots=True)
class LocalList:
    """The selected files of a directory, and the entries that cannot be sent, both sorted by the bytes of their paths.

    `is_complete` is false if a directory could not be read: then more files may exist. Once `stop` is set, uploads of
    the files end, and those in parts are aborted.
    """

    files: tuple[LocalFile, ...]
    failed: tuple[FailedEntry, ...]
    is_complete: bool = True
    stop: Event = field(default_factory=Event, compare=False, repr=False)

    def replaced_by(self, other: LocalList) -> LocalList:
        """This list, with the entries of the other one in place of those of the same paths."""
        paths = {file.path for file in other.files} | {entry.path for entry in other.failed}
        return sorted_list(
            [*(file for file in self.files if file.path not in paths), *other.files],
            [*(entry for entry in self.failed if entry.path not in paths), *other.failed],
            self.is_complete and other.is_complete,
            self.stop,
        )


def sorted_list(files: list[LocalFile], failed: list[FailedEntry], is_complete: bool, stop: Event) -> LocalList:
    """A list in the order of its paths. The order of characters is that of their bytes in UTF-8."""
    files.sort(key=lambda file: file.path)
    failed.sort(key=lambda entry: entry.path)
    return LocalList(tuple(files), tuple(failed), is_complete, stop)


def list_directory(root: Path, selection: PathSelection, name: str = "", stop: Event | None = None) -> LocalList:
    """List the selected files below a directory, which may be a symbolic link itself. `name` is its name in messages.

    A symbolic link to a regular file below the directory is that file. No other link is followed: each is a failed
    entry, as are special files, what cannot be read, and names that are not UTF-8. Raises OperationError if the
    directory does not exist or cannot be read.
    """
    name, stop = name or str(root), stop or Event()
    try:
        descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise _unreadable(name, error) from error
    try:
        walk = _Walk(os.path.realpath(root), selection, name, stop)
        walk.read(descriptor)
    finally:
        os.close(descriptor)
    return sorted_list(walk.files, walk.failed, walk.is_complete, stop)


def failed_entry(name: str, path: str, reason: str, below: bool = False) -> FailedEntry:
    """An entry of the directory `name` that is not sent for this reason. `below`: it is a directory."""
    full = f"{name}/{path}"
    return FailedEntry(
        path, Failure(FailureKind.INVALID, f"src {full} {reason}.", exclusion_advice(path, below), resource=full)
    )


def exclusion_advice(path: str, below: bool = False) -> str:
    """The advice for an entry, or for all entries below it, with the pattern that selects exactly them."""
    pattern = re.sub("([*?[])", r"[\1]", path) + ("/*" if below else "")
    return f'Change it, or exclude it with the pattern "{pattern}".'


def _linked_directory(name: str, path: str) -> FailedEntry:
    """A symbolic link to a directory. With only the first pattern, `delete` would delete the objects below it."""
    full, pattern = f"{name}/{path}", re.sub("([*?[])", r"[\1]", path)
    advice = f'Change it, or exclude it and what is below it with the patterns "{pattern}" and "{pattern}/*".'
    message = f"src {full} is a symbolic link to a directory."
    return FailedEntry(path, Failure(FailureKind.INVALID, message, advice, resource=full))


class _Place(NamedTuple):
    """An entry of an open directory: the directory, the name in it, the path to open it, and that of its key."""

    directory: int
    name: str
    location: str
    path: str
    is_utf8: bool = True


class _Walk:
    """Reads directories by their descriptors, so that no link that is made meanwhile leads out of them."""

    def __init__(self, root: str, selection: PathSelection, name: str, stop: Event) -> None:
        self.files: list[LocalFile] = []
        self.failed: list[FailedEntry] = []
        self.is_complete = True
        self._root = root
        self._selection = selection
        self._name = name
        self._stop = stop

    def read(self, descriptor: int, directory: _Place | None = None) -> None:
        """Add the entries of an open directory; None: of the root."""
        try:
            with os.scandir(descriptor) as entries:
                found = list(entries)
        except OSError as error:
            self._fail_directory(directory, error)
            return
        for entry in found:
            place = _place(self._root, directory, descriptor, entry.name)
            if entry.is_dir(follow_symlinks=False):
                self._read_below(place)
            elif self._selection.matches(place.path):
                self._add(place, entry)

    def _read_below(self, place: _Place) -> None:
        if not self._selection.may_match_below(place.path):
            return
        if len(place.path.encode()) >= LONGEST_KEY:  # no object belongs to a longer path
            self._fail(place.path, f"has a path that is longer than a key of {LONGEST_KEY} bytes", True)
            return
        try:
            descriptor = os.open(place.name, _READ_DIRECTORY, dir_fd=place.directory)
        except OSError as error:
            self._fail_directory(place, error)
            return
        try:
            self.read(descriptor, place)
        finally:
            os.close(descriptor)

    def _add(self, place: _Place, entry: os.DirEntry[str]) -> None:
        if not place.is_utf8:
            self._fail(place.path, "has a name that is not UTF-8, as a key has to be")
        elif entry.is_symlink():
            self._add_link(place)
        elif entry.is_file(follow_symlinks=False):
            self._add_file(place, place.location)
        else:
            self._fail(place.path, "is a special file, such as a pipe or a device")

    def _add_link(self, place: _Place) -> None:
        """Add the file below the directory to which a link leads, under the path of the link."""
        target = os.path.realpath(place.location)
        if os.path.isdir(target):
            self.failed.append(_linked_directory(self._name, place.path))
            return
        start = self._root if self._root.endswith("/") else f"{self._root}/"
        if not target.startswith(start):
            self._fail(place.path, "is a symbolic link that leads out of the directory")
            return
        with ExitStack() as stack:
            directory, (*folders, last) = place.directory, target[len(start) :].split("/")
            try:
                directory = os.open(self._root, _READ_DIRECTORY)
                stack.callback(os.close, directory)
                for folder in folders:
                    directory = os.open(folder, _READ_DIRECTORY, dir_fd=directory)
                    stack.callback(os.close, directory)
                mode = os.stat(last, dir_fd=directory, follow_symlinks=False).st_mode
            except OSError as error:
                self._fail(place.path, f"is a symbolic link to a file that cannot be read: {error.strerror}")
                return
            if stat.S_ISREG(mode):
                self._add_file(place._replace(directory=directory, name=last), target)
            else:
                self._fail(place.path, "is a symbolic link to a special file")

    def _add_file(self, place: _Place, location: str) -> None:
        try:
            descriptor = os.open(place.name, _READ, dir_fd=place.directory)
        except OSError as error:
            self._fail(place.path, f"cannot be read: {error.strerror}")
            return
        try:
            status = os.fstat(descriptor)
        finally:
            os.close(descriptor)
        if not stat.S_ISREG(status.st_mode):
            self._fail(place.path, "was replaced while the directory was listed")
            return
        listed = ListedFile.of(location, f"{self._name}/{place.path}", status, self._stop)
        self.files.append(LocalFile(place.path, status.st_size, status.st_mtime_ns, Source(listed=listed)))

    def _fail(self, path: str, reason: str, below: bool = False) -> None:
        self.failed.append(failed_entry(self._name, path, reason, below))

    def _fail_directory(self, place: _Place | None, error: OSError) -> None:
        """Record that the files of a directory are unknown."""
        if place is None:
            raise _unreadable(self._name, error)
        self.is_complete = False
        self._fail(place.path, f"is a directory that cannot be read: {error.strerror}", True)


def _place(root: str, directory: _Place | None, descriptor: int, name: str) -> _Place:
    text, is_utf8 = name, True
    if not name.isascii():  # elsewhere, the name depends on the encoding of this process
        data = os.fsencode(name)
        text = data.decode("utf-8", "backslashreplace")
        is_utf8 = text.encode("utf-8") == data
    if directory is None:
        return _Place(descriptor, name, os.path.join(root, name), text, is_utf8)
    location = f"{directory.location}/{name}"
    return _Place(descriptor, name, location, f"{directory.path}/{text}", is_utf8 and directory.is_utf8)


def _unreadable(name: str, error: OSError) -> OperationError:
    return invalid_input(
        f"src {name} cannot be read as a directory: {error.strerror}.", "Name a directory, and check its permissions."
    )

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The file of a report: written in one step, only if its content differs, and with its mode from the beginning."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ...engine.transfer.atomic_file import OPEN_FOLDER, replacing_in, status_in
from ...model.errors import Failure, FailureKind, OperationError, invalid_input

Mode = Callable[[os.stat_result], int]

# The mode of a new file, from which a symbolic mode starts.
_NEW_FILE = 0o600


@dataclass(frozen=True, slots=True)
class Content:
    """The content of a file for a diff. `text` is None if there are more than so many bytes as a diff shows."""

    size: int
    text: str | None


@dataclass(frozen=True, slots=True)
class Written:
    """What was written, or would be. `before` is None where there was no file, or none that can be read.

    The modes are numbers; `mode_before` is None where there was no file.
    """

    is_new_content: bool
    before: Content | None
    after: Content
    mode_before: int | None
    mode: int

    @property
    def is_changed(self) -> bool:
        """Whether the content or the mode differs from before."""
        return self.is_new_content or self.mode != self.mode_before


class _Equal(Exception):
    """Ends the writing of a file: the one that exists has this content and its mode already."""


@dataclass(frozen=True, slots=True)
class ReportFile:
    """The file. `name` is what the task calls it. A symbolic link is replaced itself, and never followed."""

    path: Path
    name: str

    def require_writable(self, *, is_check: bool) -> bool:
        """Raise OperationError where the file could not be written, so that nothing else is done before that.

        Returns whether its directory exists. In a check run it may be missing: an earlier task may create it.
        """
        folder = self.path.parent
        try:
            if not folder.is_dir():
                if is_check and not folder.exists():
                    return False
                raise invalid_input(
                    f"The directory {folder} of dest does not exist on the controller.", "Create it first."
                )
            if self.path.is_dir():
                raise invalid_input(f"dest {self.name} is a directory on the controller.", "Name a file.")
            if self.path.exists() and not self.path.is_file():
                raise invalid_input(f"dest {self.name} is not a regular file on the controller.", "Name a file.")
            if not is_check:
                with tempfile.TemporaryFile(dir=folder):
                    return True
            if not os.access(folder, os.W_OK | os.X_OK):
                raise PermissionError(0, "Permission denied")
            return True
        except OSError as error:
            raise self._not_written(error) from error

    def write(self, parts: Iterable[str], mode: Mode, *, is_check: bool, most_shown: int) -> Written:
        """Write the report, or in a check run only compare it. Raises OperationError, and what `parts` raises.

        `most_shown` is the number of bytes of a file that a diff shows; 0 shows no content. Memory holds them, and one
        of `parts`.
        """
        content = (part.encode("utf-8", "backslashreplace") for part in parts)
        try:
            if is_check and not self.path.parent.is_dir():
                return self._compared(content, mode, None, None, most_shown)
            folder = os.open(self.path.parent, OPEN_FOLDER)
            try:
                existing = status_in(folder, self.path.name)
                with _opened(folder, self.path.name, existing) as before:
                    if is_check:
                        return self._compared(content, mode, before, existing, most_shown)
                    return self._replaced(folder, content, mode, before, existing, most_shown)
            finally:
                os.close(folder)
        except OSError as error:
            raise self._not_written(error) from error

    def _compared(
        self,
        content: Iterable[bytes],
        mode: Mode,
        before: BinaryIO | None,
        existing: os.stat_result | None,
        most_shown: int,
    ) -> Written:
        comparison = _Comparison(before, most_shown)
        for chunk in content:
            comparison.add(chunk)
        return comparison.result(existing, _mode_for(mode, existing))

    def _replaced(
        self,
        folder: int,
        content: Iterable[bytes],
        mode: Mode,
        before: BinaryIO | None,
        existing: os.stat_result | None,
        most_shown: int,
    ) -> Written:
        wanted = _mode_for(mode, existing)
        comparison = _Comparison(before, most_shown)
        written: Written | None = None

        def prepare(descriptor: int, _now: os.stat_result | None) -> None:
            os.fchmod(descriptor, wanted)

        with (
            suppress(_Equal),
            replacing_in(folder, self.path.name, prepare) as file,
            file.writer() as write,
        ):
            position = 0
            for chunk in content:
                write(position, chunk)
                position += len(chunk)
                comparison.add(chunk)
            written = comparison.result(existing, wanted)
            if not written.is_new_content and before is not None:
                if not written.is_changed:
                    raise _Equal
                with suppress(PermissionError):  # the file of another user is replaced
                    os.fchmod(before.fileno(), wanted)
                    raise _Equal
        if written is None:
            raise AssertionError("the block ends after its assignment")
        return written

    def _not_written(self, error: OSError) -> OperationError:
        return OperationError(
            Failure(
                FailureKind.INVALID,
                f"dest {self.name} cannot be written on the controller: {error.strerror or error}.",
                f"Check its name, the permissions of {self.path.parent}, and the free space.",
                code=type(error).__name__,
            )
        )


def _mode_for(mode: Mode, existing: os.stat_result | None) -> int:
    """The mode of the file. One that is new starts as one that only its owner can read and write."""
    if existing is not None and stat.S_ISREG(existing.st_mode):
        return stat.S_IMODE(mode(existing))
    private = os.stat_result((stat.S_IFREG | _NEW_FILE, *[0] * 9))
    return stat.S_IMODE(mode(private))


@contextmanager
def _opened(folder: int, name: str, existing: os.stat_result | None) -> Iterator[BinaryIO | None]:
    """The file that exists. None: there is none, or it cannot be read, so that its content counts as another one."""
    if existing is None or not stat.S_ISREG(existing.st_mode):
        yield None
        return
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except OSError:
        yield None
        return
    with os.fdopen(descriptor, "rb") as stream:
        yield stream


class _Comparison:
    """Compares what is written with the file that exists, chunk by chunk, and keeps what a diff shows of both."""

    def __init__(self, before: BinaryIO | None, most_shown: int) -> None:
        self._before = before
        self._most_shown = most_shown
        self._is_equal = before is not None
        self._size = 0
        self._shown = bytearray()

    def add(self, chunk: bytes) -> None:
        """The next bytes of the new content."""
        if self._is_equal and self._before is not None:
            self._is_equal = self._before.read(len(chunk)) == chunk
        self._size += len(chunk)
        if self._size <= self._most_shown:
            self._shown += chunk

    def result(self, existing: os.stat_result | None, mode: int) -> Written:
        """What differs, once all content was added."""
        before: Content | None = None
        if self._before is not None and existing is not None:
            self._is_equal = self._is_equal and not self._before.read(1)
            before = self._content_before(self._before, existing.st_size)
        after = Content(self._size, self._text(self._shown) if self._size <= self._most_shown else None)
        is_file = existing is not None and stat.S_ISREG(existing.st_mode)
        mode_before = stat.S_IMODE(existing.st_mode) if existing is not None and is_file else None
        return Written(not self._is_equal, before, after, mode_before, mode)

    def _content_before(self, stream: BinaryIO, size: int) -> Content:
        if size > self._most_shown:
            return Content(size, None)
        stream.seek(0)
        return Content(size, self._text(stream.read(size)))

    @staticmethod
    def _text(content: bytes | bytearray) -> str:
        return content.decode("utf-8", "replace")

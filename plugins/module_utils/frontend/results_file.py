# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The file of the controller with all rows of a task, as JSON lines. The action plugin writes it."""

from __future__ import annotations

import os
import stat
import tempfile
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ..engine.transfer.atomic_file import OPEN_FOLDER, replacing_in
from ..engine.transfer.file_permissions import NEW_FILE
from ..model.errors import invalid_input
from .result_rows import END


@dataclass(frozen=True, slots=True)
class WrittenRows:
    """How many rows the file has, and whether these are all rows of the task: the module has not ended before."""

    number: int
    is_complete: bool


@dataclass(frozen=True, slots=True)
class ResultsFile:
    """The file, which is replaced in one step. `name` is what the task calls it."""

    path: Path
    name: str

    def require_writable(self) -> None:
        """Raise OperationError where the file could not be written, so that nothing else is done before that."""
        folder = self.path.parent
        try:
            if _mode(folder) is None:
                raise invalid_input(
                    f"The directory {folder} of results_file does not exist on the controller.", "Create it first."
                )
            mode = _mode(self.path)
            if mode is not None and not stat.S_ISREG(mode):
                what = "a directory" if stat.S_ISDIR(mode) else "not a regular file"
                raise invalid_input(f"results_file {self.name} is {what} on the controller.", "Name a file.")
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            raise invalid_input(
                f"results_file {self.name} cannot be written on the controller: {error.strerror or error}.",
                f"Check its name, the permissions of {folder}, and the free space.",
            ) from error

    def write(self, lines: BinaryIO) -> WrittenRows:
        """Write the rows that a module has written, in the order of their positions.

        Only the owner can read the file, also where it replaces one that others can read. A symbolic link is replaced
        itself. Memory holds one row, and a few bytes for each. Raises OSError, and ValueError for lines that no module
        writes.
        """
        rows = _Rows.read(lines)
        folder = os.open(self.path.parent, OPEN_FOLDER)
        try:
            with replacing_in(folder, self.path.name, _make_private) as file, file.writer() as write:
                position = 0
                for row in rows.sorted(lines):
                    write(position, row)
                    position += len(row)
        finally:
            os.close(folder)
        return WrittenRows(len(rows.places), rows.is_complete)


def _mode(path: Path) -> int | None:
    """The type and mode of what has this path. None: nothing has it."""
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return None


def _make_private(descriptor: int, _existing: os.stat_result | None) -> None:
    if stat.S_IMODE(os.fstat(descriptor).st_mode) != NEW_FILE:
        os.fchmod(descriptor, NEW_FILE)


@dataclass(frozen=True, slots=True)
class _Rows:
    """The position of each row, and where its line begins."""

    positions: array[int]
    places: array[int]
    is_complete: bool

    @classmethod
    def read(cls, lines: BinaryIO) -> _Rows:
        """The rows of whole lines. A module that is killed may leave a part of one at the end."""
        positions, places, place = array("q"), array("q"), 0
        for line in lines:
            first, _space, rest = line.partition(b" ")
            if not line.endswith(b"\n"):
                break
            if first == END:
                if int(rest) != len(places):
                    raise ValueError(f"{len(places):,} rows arrived, of {int(rest):,}")
                return cls(positions, places, is_complete=True)
            positions.append(int(first))
            places.append(place)
            place += len(line)
        return cls(positions, places, is_complete=False)

    def sorted(self, lines: BinaryIO) -> Iterator[bytes]:
        """The rows without their positions, in the order of these."""
        for index in sorted(range(len(self.positions)), key=self.positions.__getitem__):
            lines.seek(self.places[index])
            yield lines.readline().partition(b" ")[2]

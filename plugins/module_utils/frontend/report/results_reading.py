# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The files of rows that tasks have written, read one row after the other."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import BinaryIO

from ...model.errors import OperationError, invalid_input
from ...model.report.fields import parse_json
from ...model.report.observation import InspectedAt
from ...model.report.result_reading import Reported, read_row

# More than a row has: the largest parts of one are policies, of at most 20 and 32 KiB.
LONGEST_LINE = 16 * 1024 * 1024
_ADVICE = "Name a file that a task of an _info module wrote as its results_file."


def read_results_file(path: Path, name: str) -> Iterator[Reported]:
    """What the rows of a file say, and its time, which is that of its last change. `name` is what the task calls it.

    Memory holds one row. Raises OperationError for a file that cannot be read, and for the first line that is no row.
    """
    with open_regular_file(path, name, _ADVICE) as file:
        try:
            time = datetime.fromtimestamp(int(os.fstat(file.fileno()).st_mtime), timezone.utc)
        except (ValueError, OverflowError, OSError) as error:
            raise invalid_input(f"{name} has a time that is no date.", "Set it with touch.") from error
        yield InspectedAt(time)
        for number, line in enumerate(lines_of(file, name, _ADVICE), 1):
            if line.isspace():
                continue
            try:
                row = parse_json(line)
            except ValueError as error:  # also for bytes that are not UTF-8
                raise invalid_input(f"{name}, line {number:,}: this is not a row of JSON.", _ADVICE) from error
            yield from read_row(row, f"{name}, line {number:,},")


def open_regular_file(path: Path, name: str, advice: str) -> BinaryIO:
    """Open a file to read it; raises OperationError where it is something else, such as a directory or a pipe."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a pipe would wait for a writer
    except OSError as error:
        raise _unreadable(name, error.strerror or str(error), advice) from error
    except ValueError as error:  # a NUL in the name
        raise _unreadable(name, "its name has a NUL", advice) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _unreadable(name, "it is not a regular file", advice)
    return os.fdopen(descriptor, "rb")


def lines_of(file: BinaryIO, name: str, advice: str) -> Iterator[bytes]:
    """The lines of a file; raises OperationError for one that is too long, and for a file that cannot be read."""
    while True:
        try:
            line = file.readline(LONGEST_LINE + 1)
        except OSError as error:
            raise _unreadable(name, error.strerror or str(error), advice) from error
        if not line:
            return
        if len(line) > LONGEST_LINE:
            raise invalid_input(f"{name} has a line of more than {LONGEST_LINE:,} bytes.", advice)
        yield line


def _unreadable(name: str, cause: str, advice: str) -> OperationError:
    return invalid_input(f"{name} cannot be read on the controller: {cause}.", advice)

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The file with every object that failed or was skipped, as JSON lines."""

from __future__ import annotations

import json
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from ....engine.transfer.atomic_file import replacing
from ....engine.transfer.file_permissions import NEW_FILE
from ....model.errors import invalid_input
from ...result import Result

_CHUNK = 1024 * 1024


class ReportFile:
    """Collects the lines outside of the memory, and writes the file once the run has ended. Without a path, nothing.

    The file has mode 0600. The lines come in the order in which the objects were finished. A check run writes none.
    """

    def __init__(self, path: Path | None, stack: ExitStack, *, is_check: bool) -> None:
        """Raises OperationError where the file could not be written, before anything else is done."""
        self._path = path
        self._lines: IO[bytes] | None = None
        if path is None:
            return
        if path.is_dir():
            raise invalid_input(f"report_file {path} is a directory.", "Name a file.")
        if is_check:  # an earlier task may create the folder
            return
        if not path.parent.is_dir():
            raise invalid_input(f"The folder {path.parent} of report_file does not exist.", "Create it first.")
        try:
            lines = tempfile.TemporaryFile(dir=path.parent)  # noqa: SIM115 (the stack closes it)
        except OSError as error:
            raise invalid_input(
                f"report_file {path} cannot be written: {error.strerror or error}.",
                "Check the permissions of its folder, and the free space.",
            ) from error
        self._lines = stack.enter_context(lines)

    def add(self, row: Result) -> None:
        """Add one object."""
        if self._lines is not None:
            self._lines.write(json.dumps(row, sort_keys=True).encode("ascii") + b"\n")

    def complete(self, result: Result) -> Result:
        """Write the file, and return the result, which fails if that is not possible: what was done is in it."""
        if self._path is None or self._lines is None:
            return result
        try:
            with replacing(self._path, private=True, before_replace=_make_private) as file, file.writer() as write:
                self._lines.seek(0)
                position = 0
                while chunk := self._lines.read(_CHUNK):
                    write(position, chunk)
                    position += len(chunk)
        except OSError as error:
            problem = f"report_file {self._path} cannot be written: {error.strerror or error}."
            messages = [problem, *filter(None, [result.get("msg", "")])]
            return result | {"failed": True, "msg": " ".join(messages)}
        return result


def _make_private(new: Path) -> None:
    """Give the new file its mode also where it replaces one that others can read."""
    new.chmod(NEW_FILE)

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The rows of `results_file`, written to a file of the target from which the action plugin takes them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable

from ..model.errors import Failure, FailureKind, invalid_input
from .result import Result, failure_result

# The action plugin passes the path of the file, which exists, to the module in this environment variable.
FILE_VARIABLE = "SEALED_S3_ROWS_FILE"
# The first word of the last line, before the number of rows. All other lines begin with the position of their row.
END = b"end"


class ResultRows:
    """Writes each row at once, so that memory holds none of them, and a killed module leaves those that are done."""

    def __init__(self, hide: Callable[[Result], Result]) -> None:
        """`hide` replaces the values in a row that the module hides in its result.

        Raises OperationError where no action plugin wants the rows, or the file cannot be opened.
        """
        path = os.environ.get(FILE_VARIABLE)
        if not path:
            raise invalid_input(
                "results_file is written on the controller by an action plugin, and this module runs without it.",
                "Run the module in a task of Ansible by its full name, or leave out results_file.",
            )
        try:
            self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        except OSError as error:
            raise invalid_input(
                f"The rows of results_file cannot be written on the target, to {path}: {error.strerror or error}.",
                "Check that the user of the task can write to the temporary directory of Ansible on the target.",
            ) from error
        self._hide = hide
        self._number = 0
        self._error: OSError | None = None

    def add(self, position: int, row: Result) -> None:
        """Write one row. In the file of the controller, the rows are in the order of their positions."""
        self._write(b"%d %s\n" % (position, json.dumps(self._hide(row)).encode("ascii")))
        self._number += 1

    def complete(self, result: Result) -> Result:
        """Mark the end of the rows, and return the result of the module, which fails if a row was not written."""
        self._write(b"%s %d\n" % (END, self._number))
        os.close(self._descriptor)
        if self._error is None:
            return result
        failure = Failure(
            FailureKind.INVALID,
            "The rows of results_file could not be written to the temporary directory on the target: "
            f"{self._error.strerror or self._error}.",
            "What the task did is done, and the other parts of the result are complete. Check the free space.",
            code=type(self._error).__name__,
        )
        return with_failure(result, failure)

    def _write(self, line: bytes) -> None:
        """Write a whole line. After an error nothing more is written, because the file may end within a line."""
        while line and self._error is None:
            try:
                line = line[os.write(self._descriptor, line) :]
            except OSError as error:
                self._error = error


def with_failure(result: Result, failure: Failure) -> Result:
    """The result of a task that also failed in this way. If it has failed already, that stays the first cause."""
    added = failure_result(failure)
    if not result.get("failed"):
        return {**result, **added}
    return {**result, "msg": " ".join(filter(None, (result.get("msg"), added["msg"])))}

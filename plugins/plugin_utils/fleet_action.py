# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""An action for many resources: shows the progress of its module, and writes all rows to a file of the controller."""

from __future__ import annotations

import os
import shlex
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from ansible import constants
from ansible.errors import AnsibleError

from ansible_collections.sealed.s3.plugins.module_utils.frontend.result import failure_result
from ansible_collections.sealed.s3.plugins.module_utils.frontend.result_rows import FILE_VARIABLE, with_failure
from ansible_collections.sealed.s3.plugins.module_utils.frontend.results_file import ResultsFile
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import (
    Failure,
    FailureKind,
    OperationError,
    invalid_input,
)
from ansible_collections.sealed.s3.plugins.plugin_utils.decrypted_file import one_line
from ansible_collections.sealed.s3.plugins.plugin_utils.file_removal import removed_at_the_end
from ansible_collections.sealed.s3.plugins.plugin_utils.progress import ProgressAction, Variables
from ansible_collections.sealed.s3.plugins.plugin_utils.target import is_the_controller


class FleetAction(ProgressAction):
    """Runs the module of the same name, and shows its progress. With `results_file`, writes that file at the end.

    The module writes its rows to a file in the task's temporary directory, which is removed after the task.
    """

    def run(self, tmp: str | None = None, task_vars: Variables | None = None) -> dict[str, Any]:
        """Run the module and write its rows. The result of a module that has run is returned in any case."""
        named = self._task.args.get("results_file")
        if named is None:
            return super().run(tmp, task_vars)
        try:
            file = self._results_file(named)
        except OperationError as error:
            return failure_result(error.failure)
        rows = self._create_rows()
        self._task.environment = [*(self._task.environment or []), {FILE_VARIABLE: rows}]
        return self._with_file(super().run(tmp, task_vars), file, rows)

    def _results_file(self, named: object) -> ResultsFile:
        """The file that the task names. Raises OperationError if it could not be written."""
        name = str(named)
        if not name:
            raise invalid_input("results_file is empty, which often is an undefined variable.", "Name a file.")
        if not isinstance(named, str) or not name.isprintable():
            raise invalid_input("results_file is not the name of a file.", "Check its type and its characters.")
        if self._task.async_val:
            raise invalid_input(
                "results_file cannot be combined with async: the process that writes it ends before such a task does.",
                "Leave out one of them.",
            )
        file = ResultsFile(Path(self._loader.path_dwim(name)), name)
        file.require_writable()
        return file

    def _create_rows(self) -> str:
        """Create the file to which the module writes its rows, on the target, and return its path."""
        shell = self._connection._shell
        if not shell.tmpdir:
            self._make_tmp_path()
        path: str = shell.join_path(shell.tmpdir, "rows")
        # This user reads the file, and the user of the module only writes it.
        mode = "600"
        if self._is_become_unprivileged():
            self._fixup_perms2((shell.tmpdir,))
            mode = "622"
        quoted = shlex.quote(path)
        done = self._low_level_execute_command(f"umask 77 && : > {quoted} && chmod {mode} {quoted}", sudoable=False)
        if done["rc"]:
            raise AnsibleError(f"{path} cannot be written on the target: {done['stderr'].strip()}")
        return path

    def _with_file(self, result: dict[str, Any], file: ResultsFile, rows: str) -> dict[str, Any]:
        """Write the file, and return the result, which fails if that is not possible."""
        try:
            with self._brought(rows) as lines:
                written = file.write(lines)
        except Exception as error:  # the connection's own included: nothing may hide what the module did
            reason = f"{error.strerror}." if isinstance(error, OSError) and error.strerror else one_line(error)
            failure = Failure(
                FailureKind.INVALID,
                f"results_file {file.name} cannot be written on the controller: {reason}",
                "What the task did is done, and the other parts of the result are complete.",
                code=type(error).__name__,
            )
            return with_failure(result, failure)
        if written.is_complete or not written.number:
            return result
        failure = Failure(
            FailureKind.FAILED,
            f"The module ended early: results_file {file.name} has the rows that were finished before "
            f"({written.number:,}).",
        )
        return with_failure(result, failure)

    @contextmanager
    def _brought(self, rows: str) -> Iterator[BinaryIO]:
        """The rows, as a file that can be read here."""
        if is_the_controller(self._connection):
            with open(rows, "rb") as lines:
                yield lines
            return
        descriptor, copy = tempfile.mkstemp(dir=constants.DEFAULT_LOCAL_TMP)
        os.close(descriptor)
        with removed_at_the_end(copy):
            self._connection.fetch_file(rows, copy)
            with open(copy, "rb") as lines:
                yield lines

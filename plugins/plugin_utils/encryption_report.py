# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""An action that writes a report about results of modules, on the controller, without a connection to the host."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ansible import constants
from ansible.plugins.action import ActionBase

from ansible_collections.sealed.s3.plugins.module_utils.frontend.report.encryption_report import (
    ReportTask,
    write_report,
)
from ansible_collections.sealed.s3.plugins.module_utils.frontend.result import failure_result
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import (
    OperationError,
    file_error,
    internal_error,
    invalid_input,
)
from ansible_collections.sealed.s3.plugins.plugin_utils.decrypted_file import decrypted_file
from ansible_collections.sealed.s3.plugins.plugin_utils.file_removal import removed_at_the_end
from ansible_collections.sealed.s3.plugins.plugin_utils.report_page.page import page

Variables = dict[str, Any]


class ReportAction(ActionBase):  # type: ignore[misc]
    """Writes the report. The module of the same name has the documentation, and never runs."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = True  # to refuse it in our own words

    def run(self, tmp: str | None = None, task_vars: Variables | None = None) -> dict[str, Any]:
        """Write the report, and return its numbers. Every failure is a result, without a traceback."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        try:
            if self._task.async_val:
                raise invalid_input("encryption_report cannot be combined with async.", "Leave it out.")
            return {**result, **write_report(self._task.args, self._report_task())}
        except OperationError as error:
            failure = error.failure
        except OSError as error:
            failure = file_error(error)
        except Exception as error:  # a bug is reported in a sentence
            failure = internal_error(error)
        return {**result, **failure_result(failure)}

    def _report_task(self) -> ReportTask:
        return ReportTask(
            path=lambda name: Path(self._loader.path_dwim(name)),
            readable=self._readable,
            page=page,
            is_check=bool(self._task.check_mode),
            most_shown=int(constants.MAX_FILE_SIZE_FOR_DIFF) if self._task.diff else None,
        )

    @contextmanager
    def _readable(self, path: Path, name: str) -> Iterator[Path]:
        """The path; while it is used, that of a copy with mode 0600 if Ansible Vault has encrypted the file."""
        readable = decrypted_file(self._loader, str(path), name)
        if readable == self._loader.path_dwim(str(path)):  # never take a file of the user for a copy, and remove it
            yield path
            return
        with removed_at_the_end(readable):
            try:
                times = path.stat()  # the time of a file of results is that of its last change
                os.utime(readable, ns=(times.st_atime_ns, times.st_mtime_ns))
                yield Path(readable)
            finally:
                self._loader.cleanup_tmp_file(readable)

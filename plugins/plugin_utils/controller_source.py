# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""An action whose module works with something of the controller: found there, and copied to the target if needed."""

from __future__ import annotations

import shlex
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from ansible import constants
from ansible.errors import AnsibleError, AnsibleFileNotFound
from ansible.plugins.action import ActionBase

from ansible_collections.sealed.s3.plugins.module_utils.frontend.result import failure_result
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import OperationError, invalid_input
from ansible_collections.sealed.s3.plugins.plugin_utils.target import is_the_controller

Variables = dict[str, Any]

_SEARCH_ADVICE = (
    "A relative path is searched in files/ of the role and of the playbook, and beside them. For a {what} on the "
    "target, set remote_src: true."
)


class ControllerSourceAction(ActionBase):  # type: ignore[misc]
    """Runs the module of the same name with what `src` names on the controller.

    If the module runs on the controller as the same user, it reads `src` there. Otherwise one file is copied into the
    task's temporary directory, which is removed after the task.
    """

    # The temporary directory is created only if there is a file for it.
    TRANSFERS_FILES = False
    _supports_async = True
    # Whether the file to copy is never readable for other users, and is removed even if Ansible keeps temporary files.
    _is_secret = False

    def run(self, tmp: str | None = None, task_vars: Variables | None = None) -> dict[str, Any]:
        """Run the module with its source."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        try:
            with self._arguments() as arguments:
                return {**result, **self._run_module(arguments, task_vars)}
        except OperationError as error:
            return {**result, **failure_result(error.failure)}

    def get_shell_option(self, option: str, default: Any = None) -> Any:
        """An option of the target's shell. A secret is never made readable for all users, Ansible's fallback."""
        if option == "world_readable_temp" and self._is_secret:
            return False
        return super().get_shell_option(option, default)

    @abstractmethod
    def _arguments(self) -> AbstractContextManager[Variables]:
        """The options of the module, while what they name exists. Raises OperationError if it cannot be found."""

    @property
    def _in_background(self) -> bool:
        return bool(self._task.async_val and not self._connection.has_native_async)

    @property
    def _can_read_in_place(self) -> bool:
        """Whether the module can read the files of this process."""
        return is_the_controller(self._connection) and not self._is_become_unprivileged()

    def _run_module(self, arguments: Variables, task_vars: Variables | None) -> dict[str, Any]:
        result: dict[str, Any] = self._execute_module(
            module_args=arguments, task_vars=task_vars, wrap_async=self._in_background
        )
        return result

    def _add_variables(self, **variables: str) -> None:
        """Set environment variables for the module."""
        self._task.environment = [*(self._task.environment or []), variables]

    def _find(self, src: str, what: str) -> str:
        """The path of `src`, found as ansible.builtin.copy does."""
        try:
            found: str = self._find_needle("files", src)
        except AnsibleFileNotFound:
            advice = _SEARCH_ADVICE.format(what=what)
            raise invalid_input(f"src {src} does not exist on the controller.", advice) from None
        return found

    def _require_removal(self, message: str, advice: str) -> None:
        """Raise OperationError if a task with async would leave a secret on the target.

        This process ends before such a task. The task itself may not be allowed to remove the file as another user, and
        does not remove it if Ansible keeps temporary files.
        """
        if not (self._is_secret and self._in_background):
            return
        if self._is_become_unprivileged() or constants.DEFAULT_KEEP_REMOTE_FILES:
            raise invalid_input(message, advice)

    @contextmanager
    def _readable_path(self, path: str) -> Iterator[str]:
        """The path from which the module reads a file of this process.

        A task with async runs longer than this process, which removes its secret file at the end: such a file is
        copied, too.
        """
        if self._can_read_in_place and not (self._is_secret and self._in_background):
            yield path
            return
        try:
            copied = self._copy_to_target(path)
        except Exception:
            self.cleanup(force=True)  # for async, Ansible leaves this to the task, which does not start
            raise
        try:
            yield copied
        finally:
            # DEFAULT_KEEP_REMOTE_FILES keeps the directory for debugging. A secret is removed all the same.
            if self._is_secret and constants.DEFAULT_KEEP_REMOTE_FILES:
                self._low_level_execute_command(self._connection._shell.remove(copied), sudoable=False)

    def _copy_to_target(self, path: str) -> str:
        """Copy the file into the task's temporary directory on the target, readable only for the task's user."""
        shell = self._connection._shell
        if not shell.tmpdir:
            self._make_tmp_path()
        copied: str = shell.join_path(shell.tmpdir, "source")
        # Connections differ in the mode of a new file. An existing file keeps its mode.
        created = self._low_level_execute_command(f"umask 77 && : > {shlex.quote(copied)}", sudoable=False)
        if created["rc"]:
            raise AnsibleError(f"{copied} cannot be written on the target: {created['stderr'].strip()}")
        self._transfer_file(path, copied)
        if self._is_become_unprivileged():
            self._fixup_perms2((shell.tmpdir, copied))
        return copied

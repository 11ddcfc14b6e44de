# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""An action that hands its module a file of the controller, as the file lies there or brought to the target."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ansible import constants
from ansible.errors import AnsibleError, AnsibleFileNotFound
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase

from ansible_collections.sealed.s3.plugins.module_utils.frontend.failure import failure_result
from ansible_collections.sealed.s3.plugins.module_utils.frontend.objects.source_display_name import NAME_VARIABLE
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import OperationError, invalid_input
from ansible_collections.sealed.s3.plugins.plugin_utils.target import is_the_controller

Variables = dict[str, Any]

_WHERE = (
    "A relative path is looked for in files/ of the role and of the playbook, and beside them. For a file on the "
    "target, set remote_src: true."
)


class ControllerFileAction(ActionBase):  # type: ignore[misc]
    """Runs the module of the same name with `src` found as ansible.builtin.copy finds it, and decrypted.

    The module gets a path that it can read in `src`, and what the task calls the file in its environment. A file is
    handed on as it lies there where the module runs on the controller. Elsewhere, and for a user that might not be
    let to it, it is copied into the task's temporary folder, which goes away with the task.
    """

    # The temporary folder is made when there is a file for it, and not for every task.
    TRANSFERS_FILES = False
    _supports_async = True
    _secret = False  # whether the file is one that has been decrypted

    def run(self, tmp: str | None = None, task_vars: Variables | None = None) -> dict[str, Any]:
        """Run the module, with the file at hand."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        try:
            with self._arguments() as arguments:
                return {**result, **self._run_module(arguments, task_vars)}
        except OperationError as error:
            return {**result, **failure_result(error.failure)}

    def get_shell_option(self, option: str, default: Any = None) -> Any:
        """An option of the target's shell. Ansible's last resort, files that all can read, is none for secrets."""
        if option == "world_readable_temp" and self._secret:
            return False
        return super().get_shell_option(option, default)

    @property
    def _in_background(self) -> bool:
        return bool(self._task.async_val and not self._connection.has_native_async)

    def _run_module(self, arguments: Variables, task_vars: Variables | None) -> dict[str, Any]:
        result: dict[str, Any] = self._execute_module(
            module_args=arguments, task_vars=task_vars, wrap_async=self._in_background
        )
        return result

    @contextmanager
    def _arguments(self) -> Iterator[Variables]:
        """The module's options while the file is there for it; raises OperationError where there is no such file."""
        arguments = dict(self._task.args)
        if not _names_a_file_of_the_controller(arguments):
            yield arguments
            return
        src = str(arguments["src"])
        found = self._find(src)
        readable = self._decrypted(found, src)
        try:
            self._secret = readable != found
            self._require_removal(src)
            with self._at_hand(readable) as path:
                self._task.environment = [*(self._task.environment or []), {NAME_VARIABLE: src}]
                yield {**arguments, "src": path}
        finally:
            self._loader.cleanup_tmp_file(readable)

    def _find(self, src: str) -> str:
        try:
            found: str = self._find_needle("files", src)
        except AnsibleFileNotFound:
            raise invalid_input(f"src {src} does not exist on the controller.", _WHERE) from None
        if not os.path.isfile(found):
            what = "is a directory" if os.path.isdir(found) else "is not a regular file"
            raise invalid_input(f"src {src} {what}.", "Name a file.")
        return found

    def _decrypted(self, path: str, src: str) -> str:
        """The path, or for a file under Ansible Vault that of a decrypted one with mode 0600."""
        try:
            readable: str = self._loader.get_real_file(path)
        except AnsibleError as error:
            raise invalid_input(f"src {src} cannot be read on the controller: {_one_line(error)}") from error
        return readable

    def _require_removal(self, src: str) -> None:
        """Raise OperationError where a task in the background would leave a decrypted file on the target.

        This process does not come back for it. The task's own may not remove it as another user, and does not where
        temporary files are kept.
        """
        if not (self._secret and self._in_background):
            return
        if self._is_become_unprivileged() or constants.DEFAULT_KEEP_REMOTE_FILES:
            raise invalid_input(
                f"src {src} is under Ansible Vault, and would stay on the target decrypted after a task with async "
                "that becomes a user without privileges, or whose temporary files are kept.",
                "Leave out async, or become.",
            )

    @contextmanager
    def _at_hand(self, path: str) -> Iterator[str]:
        """The path of the file for the module.

        A task in the background outlives this process, and the decrypted file with it does not.
        """
        direct = is_the_controller(self._connection) and not self._is_become_unprivileged()
        if direct and not (self._secret and self._in_background):
            yield path
            return
        try:
            brought = self._bring(path)
        except Exception:
            self.cleanup(force=True)  # which Ansible leaves to a task in the background, and there will be none
            raise
        try:
            yield brought
        finally:
            # With the option for debugging, the folder stays. A secret does not.
            if self._secret and constants.DEFAULT_KEEP_REMOTE_FILES:
                self._low_level_execute_command(self._connection._shell.remove(brought), sudoable=False)

    def _bring(self, path: str) -> str:
        """Copy the file into the task's temporary folder on the target, readable for the task's user alone."""
        shell = self._connection._shell
        if not shell.tmpdir:
            self._make_tmp_path()
        brought: str = shell.join_path(shell.tmpdir, "source")
        # The mode that a connection gives to a new file differs. One that is there keeps its own.
        made = self._low_level_execute_command(f"umask 77 && : > {shlex.quote(brought)}", sudoable=False)
        if made["rc"]:
            raise AnsibleError(f"{brought} cannot be written on the target: {made['stderr'].strip()}")
        self._transfer_file(path, brought)
        if self._is_become_unprivileged():
            self._fixup_perms2((shell.tmpdir, brought))
        return brought


def _names_a_file_of_the_controller(arguments: Variables) -> bool:
    """Whether there is a file to find; what the module is going to refuse is left to it."""
    try:
        remote = boolean(arguments.get("remote_src") or False)
    except TypeError:
        return False
    others = any(arguments.get(name) is not None for name in ("content", "content_base64"))
    return bool(arguments.get("src")) and not remote and not others and arguments.get("state") != "absent"


def _one_line(cause: Exception) -> str:
    return " ".join(str(cause).split()).rstrip(".") + "."

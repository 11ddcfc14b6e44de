# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""An action that gives its module a file of the controller: directly, or copied to the target."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ansible import constants
from ansible.errors import AnsibleError, AnsibleFileNotFound
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase

from ansible_collections.sealed.s3.plugins.module_utils.frontend.objects.source_display_name import NAME_VARIABLE
from ansible_collections.sealed.s3.plugins.module_utils.frontend.result import failure_result
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import OperationError, invalid_input
from ansible_collections.sealed.s3.plugins.plugin_utils.target import is_the_controller

Variables = dict[str, Any]

_SEARCH_ADVICE = (
    "A relative path is searched in files/ of the role and of the playbook, and beside them. For a file on the target, "
    "set remote_src: true."
)


class ControllerFileAction(ActionBase):  # type: ignore[misc]
    """Runs the module of the same name. Finds `src` as ansible.builtin.copy does, and decrypts it.

    The module gets a path that it can read as `src`, and the name that the task has for the file in its environment. If
    the module runs on the controller, it reads the file there. On another host, or for a user who may not be allowed to
    read the file, the file is copied into the task's temporary directory, which is removed after the task.
    """

    # The temporary directory is created only if there is a file for it.
    TRANSFERS_FILES = False
    _supports_async = True
    _is_decrypted = False  # whether the file is a secret: one that Ansible Vault has decrypted

    def run(self, tmp: str | None = None, task_vars: Variables | None = None) -> dict[str, Any]:
        """Run the module with the file."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        try:
            with self._arguments() as arguments:
                return {**result, **self._run_module(arguments, task_vars)}
        except OperationError as error:
            return {**result, **failure_result(error.failure)}

    def get_shell_option(self, option: str, default: Any = None) -> Any:
        """An option of the target's shell. A secret is never made readable for all users, Ansible's fallback."""
        if option == "world_readable_temp" and self._is_decrypted:
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
        """The options of the module, while its file exists; raises OperationError if there is no such file."""
        arguments = _with_json_content(self._task.args)
        if not _names_controller_file(arguments):
            yield arguments
            return
        src = str(arguments["src"])
        found = self._find(src)
        readable = self._decrypted(found, src)
        try:
            self._is_decrypted = readable != found
            self._require_removal(src)
            with self._readable_path(readable) as path:
                self._task.environment = [*(self._task.environment or []), {NAME_VARIABLE: src}]
                yield {**arguments, "src": path}
        finally:
            self._loader.cleanup_tmp_file(readable)

    def _find(self, src: str) -> str:
        try:
            found: str = self._find_needle("files", src)
        except AnsibleFileNotFound:
            raise invalid_input(f"src {src} does not exist on the controller.", _SEARCH_ADVICE) from None
        if not os.path.isfile(found):
            what = "is a directory" if os.path.isdir(found) else "is not a regular file"
            raise invalid_input(f"src {src} {what}.", "Name a file.")
        return found

    def _decrypted(self, path: str, src: str) -> str:
        """The path; for a file that Ansible Vault has encrypted, the path of a decrypted copy with mode 0600."""
        try:
            readable: str = self._loader.get_real_file(path)
        except AnsibleError as error:
            raise invalid_input(f"src {src} cannot be read on the controller: {_one_line(error)}") from error
        return readable

    def _require_removal(self, src: str) -> None:
        """Raise OperationError if a task with async would leave a decrypted file on the target.

        This process ends before such a task. The task itself may not be allowed to remove the file as another user, and
        does not remove it if Ansible keeps temporary files.
        """
        if not (self._is_decrypted and self._in_background):
            return
        if self._is_become_unprivileged() or constants.DEFAULT_KEEP_REMOTE_FILES:
            raise invalid_input(
                f"src {src} is encrypted with Ansible Vault. A task with async that becomes an unprivileged user, or "
                "whose temporary files are kept, would leave it decrypted on the target.",
                "Leave out async, or become.",
            )

    @contextmanager
    def _readable_path(self, path: str) -> Iterator[str]:
        """The path from which the module reads the file.

        A task with async runs longer than this process, which removes its decrypted file at the end: such a file is
        copied, too.
        """
        direct = is_the_controller(self._connection) and not self._is_become_unprivileged()
        if direct and not (self._is_decrypted and self._in_background):
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
            if self._is_decrypted and constants.DEFAULT_KEEP_REMOTE_FILES:
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


def _with_json_content(arguments: Variables) -> Variables:
    """The options, with a list or dict in `content` as JSON, exactly as ansible.builtin.copy writes it.

    Before ansible-core 2.19, templates turn a text that looks like JSON into a list or dict. The module would get
    Python's text of it.
    """
    content = arguments.get("content")
    if not isinstance(content, (dict, list)):
        return dict(arguments)
    try:
        return {**arguments, "content": json.dumps(content)}
    except (TypeError, ValueError) as error:
        raise invalid_input(
            f"content cannot be written as JSON: {_one_line(error)}",
            "Give a text, or a list or dict of plain values, such as with the filter to_json.",
        ) from error


def _names_controller_file(arguments: Variables) -> bool:
    """Whether the task names a file of the controller. Options that contradict each other are left to the module."""
    try:
        remote = boolean(arguments.get("remote_src") or False)
    except TypeError:
        return False
    others = any(arguments.get(name) is not None for name in ("content", "content_base64"))
    return bool(arguments.get("src")) and not remote and not others and arguments.get("state") != "absent"


def _one_line(cause: Exception) -> str:
    return " ".join(str(cause).split()).rstrip(".") + "."

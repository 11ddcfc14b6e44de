# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""An action that gives its module a directory of the controller: in its place, or in one archive on the target."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ansible import constants
from ansible.errors import AnsibleError
from ansible.module_utils.common.validation import check_type_list
from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.sealed.s3.plugins.module_utils.frontend.objects.source_display_name import NAME_VARIABLE
from ansible_collections.sealed.s3.plugins.module_utils.frontend.objects.sync.controller_directory import (
    ControllerDirectory,
    read_controller_directory,
)
from ansible_collections.sealed.s3.plugins.module_utils.frontend.objects.sync.source_directory import (
    ARCHIVE_VARIABLE,
    DECRYPTED_VARIABLE,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import invalid_input
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.sync.selection import PathSelection
from ansible_collections.sealed.s3.plugins.plugin_utils.controller_source import ControllerSourceAction, Variables
from ansible_collections.sealed.s3.plugins.plugin_utils.decrypted_file import one_line
from ansible_collections.sealed.s3.plugins.plugin_utils.file_removal import removed_at_the_end
from ansible_collections.sealed.s3.plugins.plugin_utils.progress import is_shown, run_with_progress


class ControllerDirectoryAction(ControllerSourceAction):
    """Runs the module of the same name, and shows its progress. Finds `src` as ansible.builtin.copy does.

    A module that runs on the controller as the same user reads the directory in its place. It gets those files that
    Ansible Vault has encrypted in an archive, decrypted. Any other module gets all files in an archive.
    """

    _is_secret = True  # the files of the directory may be

    def _run_module(self, arguments: Variables, task_vars: Variables | None) -> dict[str, Any]:
        if self._task.async_val or not is_shown(arguments):
            return super()._run_module(arguments, task_vars)
        return run_with_progress(self, arguments, task_vars)

    @contextmanager
    def _arguments(self) -> Iterator[Variables]:
        arguments = dict(self._task.args)
        selection = _selection(arguments)
        if selection is None or not _names_controller_directory(arguments):
            yield arguments
            return
        src = str(arguments["src"])
        path = self._find(src, "directory")
        if not os.path.isdir(path):
            raise invalid_input(f"src {src} is not a directory.", "Name a directory.")
        directory = read_controller_directory(Path(path), selection, src)
        self._add_variables(**{NAME_VARIABLE: src})
        if self._can_read_in_place and not directory.encrypted:
            yield {**arguments, "src": path}
            return
        with self._sent(directory, src):
            yield {**arguments, "src": path}

    @contextmanager
    def _sent(self, directory: ControllerDirectory, src: str) -> Iterator[None]:
        """An archive for the module exists, and the module knows its path."""
        self._require_removal(
            f"The files of src {src} are sent in an archive. A task with async that becomes an unprivileged user, or "
            "whose temporary files are kept, would leave it on the target.",
            "Leave out async, or become; or copy the directory to the target, and set remote_src: true.",
        )
        in_place = self._can_read_in_place
        with self._archive(directory, in_place) as archive, self._readable_path(archive) as path:
            if path != archive:
                os.unlink(archive)
            self._add_variables(**{DECRYPTED_VARIABLE if in_place else ARCHIVE_VARIABLE: path})
            yield

    @contextmanager
    def _archive(self, directory: ControllerDirectory, only_decrypted: bool) -> Iterator[str]:
        """An archive in the controller's temporary directory that only this user can read. The module removes it."""
        descriptor, path = tempfile.mkstemp(dir=constants.DEFAULT_LOCAL_TMP)
        with removed_at_the_end(path):
            with os.fdopen(descriptor, "wb") as stream:
                directory.write_archive(stream, self._decrypt, only_decrypted)
            yield path

    def _decrypt(self, data: bytes) -> bytes:
        vault = self._loader._vault
        if not vault.secrets:
            raise ValueError("no password of a vault is given.")
        try:
            plaintext: bytes = vault.decrypt(data)
        except AnsibleError as error:
            raise ValueError(one_line(error)) from error
        return plaintext


def _names_controller_directory(arguments: Variables) -> bool:
    """Whether the task names a directory of the controller. The module refuses options that contradict each other."""
    try:
        remote = boolean(arguments.get("remote_src") or False)
    except TypeError:
        return False
    return bool(arguments.get("src")) and not remote and arguments.get("dest") is None


def _selection(arguments: Variables) -> PathSelection | None:
    """The paths that the task selects. None: the module refuses its options."""
    try:
        include, exclude = (arguments.get(name) for name in ("include", "exclude"))
        return PathSelection(
            ("*",) if include is None else tuple(map(str, check_type_list(include))),
            () if exclude is None else tuple(map(str, check_type_list(exclude))),
        )
    except TypeError:
        return None

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""An action that gives its module a file of the controller: directly, or copied to the target."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager

from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.sealed.s3.plugins.module_utils.frontend.objects.source_display_name import NAME_VARIABLE
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import invalid_input
from ansible_collections.sealed.s3.plugins.plugin_utils.controller_source import ControllerSourceAction, Variables
from ansible_collections.sealed.s3.plugins.plugin_utils.decrypted_file import decrypted_file, one_line


class ControllerFileAction(ControllerSourceAction):
    """Runs the module of the same name. Finds `src` as ansible.builtin.copy does, and decrypts it.

    The module gets a path that it can read as `src`, and the name that the task has for the file in its environment.
    """

    @contextmanager
    def _arguments(self) -> Iterator[Variables]:
        arguments = _with_json_content(self._task.args)
        if not _names_controller_file(arguments):
            yield arguments
            return
        src = str(arguments["src"])
        found = self._find_file(src)
        readable = decrypted_file(self._loader, found, f"src {src}")
        try:
            self._is_secret = readable != found
            self._require_removal(
                f"src {src} is encrypted with Ansible Vault. A task with async that becomes an unprivileged user, or "
                "whose temporary files are kept, would leave it decrypted on the target.",
                "Leave out async, or become.",
            )
            with self._readable_path(readable) as path:
                self._add_variables(**{NAME_VARIABLE: src})
                yield {**arguments, "src": path}
        finally:
            self._loader.cleanup_tmp_file(readable)

    def _find_file(self, src: str) -> str:
        found = self._find(src, "file")
        if not os.path.isfile(found):
            what = "is a directory" if os.path.isdir(found) else "is not a regular file"
            raise invalid_input(f"src {src} {what}.", "Name a file.")
        return found


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
            f"content cannot be written as JSON: {one_line(error)}",
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

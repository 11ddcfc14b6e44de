# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Mode, owner and group of a file that is made: refused before anything is done, and set before it is in its place."""

from __future__ import annotations

import grp
import pwd
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...model.errors import invalid_input
from ..run import ModuleContext

# A symbolic mode as Ansible reads it: u=rw,g+r,o-rwx.
_CLAUSE = re.compile(r"(?:a|[ugo]*)(?:[-+=](?:[rwxXst]*|[ugo]))+")
_MOST = 0o7777


def require_file_attributes(task: ModuleContext) -> None:
    """Raise OperationError for a mode that is none, and for an owner or group that does not exist here.

    In a check run the latter may be one that a task before this one is yet to make.
    """
    _require_mode(task.params["mode"])
    if not task.check_mode:
        _require_known("owner", "user", task.params["owner"], pwd.getpwnam)
        _require_known("group", "group", task.params["group"], grp.getgrnam)


def _require_mode(mode: str | int | None) -> None:
    if mode is None:
        return
    try:
        number = mode if isinstance(mode, int) else int(mode, 8)
    except ValueError:
        if all(map(_CLAUSE.fullmatch, str(mode).split(","))):
            return
        number = -1
    if not 0 <= number <= _MOST:
        raise invalid_input(
            f"mode: {mode!r} is no mode of a file.", "Give an octal number in quotes, such as '0640', or u=rw,g=r."
        )


def _require_known(option: str, kind: str, name: str | None, look_up: Callable[[str], object]) -> None:
    if name is None:
        return
    try:
        int(name)  # a number needs no name
    except ValueError:
        try:
            look_up(name)
        except KeyError:
            raise invalid_input(
                f"{option}: there is no {kind} {name} on the host that runs the task.",
                "Make it first, or name another.",
            ) from None


class FileAttributes:
    """What the task asks for beside the content, set by Ansible's own functions, with what that changes."""

    def __init__(self, task: ModuleContext, path: Path) -> None:
        self._module = task.module
        self._path = path
        self._params = task.params
        self.change: dict[str, Any] = {}
        self.settled = False

    def settle(self, temporary: Path) -> None:
        """Set them on the file that is to take the place. A failure ends the module, before anything has changed."""
        self._set(str(temporary))
        self.settled = True

    def hold(self) -> bool:
        """Set them on the file that is there, if they differ; whether they did."""
        return bool(self._set(str(self._path.resolve())))

    def _set(self, place: str) -> bool:
        wanted = self._module.load_file_common_arguments({**self._params, "path": str(self._path.resolve())})
        changed: bool = self._module.set_fs_attributes_if_different({**wanted, "path": place}, False, diff=self.change)
        return changed

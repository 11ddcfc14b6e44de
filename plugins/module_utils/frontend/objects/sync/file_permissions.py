# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The options mode, directory_mode, owner and group of a pull, which mean what they mean in ansible.builtin.copy."""

from __future__ import annotations

import grp
import os
import pwd
from collections.abc import Callable
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ....engine.transfer.file_permissions import FilePermissions
from ...run import ModuleContext
from ..file_attributes import require_existing, require_mode


def parse_permissions(task: ModuleContext) -> tuple[FilePermissions, FilePermissions]:
    """Those of files, and those of directories that are created. Raises OperationError for an invalid value.

    In check mode, the user or the group may be missing: an earlier task would have created it.
    """
    params = task.params
    for option in ("mode", "directory_mode"):
        require_mode(option, params[option])
    if not task.check_mode:
        require_existing("owner", "user", params["owner"], pwd.getpwnam)
        require_existing("group", "group", params["group"], grp.getgrnam)
    owner = _number(params["owner"], lambda name: pwd.getpwnam(name).pw_uid)
    group = _number(params["group"], lambda name: grp.getgrnam(name).gr_gid)
    return (
        FilePermissions(_mode(params["mode"]), owner, group),
        FilePermissions(_mode(params["directory_mode"]), owner, group),
    )


def _number(name: str | None, look_up: Callable[[str], int]) -> int | str | None:
    """The number of an account; its name, if it does not exist yet."""
    if name is None:
        return None
    if name.strip().isdecimal():
        return int(name)
    try:
        return look_up(name)
    except KeyError:
        return name


def _mode(mode: str | int | None) -> Callable[[os.stat_result], int] | None:
    """The mode for a file of a status, from which a symbolic mode such as `g+r` starts."""
    if mode is None:
        return None
    try:
        number = mode if isinstance(mode, int) else int(mode, 8)
    except ValueError:
        text: Any = mode
        return lambda status: int(AnsibleModule._symbolic_mode_to_octal(status, text))
    return lambda status: number

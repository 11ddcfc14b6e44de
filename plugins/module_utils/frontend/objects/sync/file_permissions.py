# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The options mode, directory_mode, owner and group of a pull, which mean what they mean in ansible.builtin.copy."""

from __future__ import annotations

import grp
import pwd
from collections.abc import Callable

from ....engine.transfer.file_permissions import FilePermissions
from ...file_mode import require_mode, wanted_mode
from ...run import ModuleContext
from ..file_attributes import require_existing


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
        FilePermissions(wanted_mode(params["mode"]), owner, group),
        FilePermissions(wanted_mode(params["directory_mode"]), owner, group),
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

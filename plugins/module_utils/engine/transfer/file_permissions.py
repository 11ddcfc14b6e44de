# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Mode, owner and group of files and directories, by their descriptors: compared, and set where they differ."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from ...model.objects.download_plan import AttributeChange, AttributeValues

# The mode of a new file, unless the task names one.
NEW_FILE = 0o600


@dataclass(frozen=True, slots=True)
class FilePermissions:
    """What the task names; None: not named. `mode` returns the mode for a file with this status.

    `owner` and `group` are numbers, or a name that does not exist yet, which only a check run may have.
    """

    mode: Callable[[os.stat_result], int] | None = None
    owner: int | str | None = None
    group: int | str | None = None

    def difference(self, status: os.stat_result) -> AttributeChange | None:
        """What would change on an existing file. None: nothing."""
        current: dict[str, int | str] = {"group": status.st_gid, "mode": _octal(status.st_mode), "owner": status.st_uid}
        named: dict[str, int | str | None] = {
            "group": self.group,
            "mode": None if self.mode is None else _octal(self.mode(status)),
            "owner": self.owner,
        }
        changed = [name for name, value in named.items() if value is not None and value != current[name]]
        if not changed:
            return None
        before: AttributeValues = tuple((name, current[name]) for name in changed)
        return AttributeChange(before, tuple((name, named[name]) for name in changed))

    def prepare(self, descriptor: int, existing: os.stat_result | None) -> None:
        """Set them on the temporary file that takes the place of an existing one (None: of nothing). Raises OSError.

        What the task does not name is as before, the owner only if the process may set it. A new file without a named
        mode can be read and written by its owner only.
        """
        own = os.fstat(descriptor)
        if existing is not None and (existing.st_uid, existing.st_gid) != (own.st_uid, own.st_gid):
            with suppress(PermissionError):
                os.fchown(descriptor, existing.st_uid, existing.st_gid)
        mode = NEW_FILE if existing is None else stat.S_IMODE(existing.st_mode)
        if stat.S_IMODE(own.st_mode) != mode:
            os.fchmod(descriptor, mode)
        self.set_on(descriptor)

    def set_on(self, descriptor: int) -> None:
        """Set them on a file or directory, where they differ. Raises OSError."""
        status = os.fstat(descriptor)
        owner, group = (_number(self.owner), _number(self.group))
        changes_owner = owner not in (-1, status.st_uid) or group not in (-1, status.st_gid)
        mode = None if self.mode is None else self.mode(status)
        if changes_owner:
            os.fchown(descriptor, owner, group)
        # A change of the owner may take the bits away that let others act as the owner.
        if mode is not None and (changes_owner or mode != stat.S_IMODE(status.st_mode)):
            os.fchmod(descriptor, mode)


def _number(account: int | str | None) -> int:
    """The number of an account; -1, which changes nothing, if it is not named."""
    return account if isinstance(account, int) else -1


def _octal(mode: int) -> str:
    return f"{stat.S_IMODE(mode):04o}"

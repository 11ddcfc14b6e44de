# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Words about files for messages."""

from __future__ import annotations

import os
import stat

from ...model.errors import OperationError, invalid_input


def kind_of(status: os.stat_result) -> str:
    """What an entry of a directory is."""
    if stat.S_ISLNK(status.st_mode):
        return "a symbolic link"
    if stat.S_ISDIR(status.st_mode):
        return "a directory"
    return "a file" if stat.S_ISREG(status.st_mode) else "a special file"


def refused(action: str, path: str, error: OSError) -> OperationError:
    """The error for a refusal of the system. `action` completes "cannot be …"."""
    return invalid_input(
        f"{path} cannot be {action}: {error.strerror or error}.",
        "Check the directory, its permissions and the free space.",
    )

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Whether a file system distinguishes the cases of letters in names. What exists is looked up, nothing is written."""

from __future__ import annotations

import os
from pathlib import Path

from .atomic_file import OPEN_FOLDER, status_in


def entries_of(folder: int) -> list[os.DirEntry[str]]:
    """All entries of an open folder. Raises OSError if it cannot be read."""
    readable = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=folder)
    try:
        with os.scandir(readable) as found:
            return list(found)
    finally:
        os.close(readable)


def ignores_case_in(folder: int) -> bool | None:
    """Whether an open folder has one file for two names that differ in case. None: it has no name with a letter."""
    found = next((entry.name for entry in entries_of(folder) if _other_case(entry.name)), None)
    return None if found is None else _is_same(folder, found)


def ignores_case_of(path: Path) -> bool:
    """The same for a path, by the nearest name on it that exists and has a letter."""
    path = Path(os.path.realpath(path))
    for place in (path, *path.parents):
        if _other_case(place.name) and place.exists():
            above = os.open(place.parent, OPEN_FOLDER)
            try:
                return _is_same(above, place.name)
            finally:
                os.close(above)
    return False


def _other_case(name: str) -> str:
    """The name in the other case; empty if it has no letter of two cases."""
    other = name.swapcase()
    return other if other != name else ""


def _is_same(folder: int, name: str) -> bool:
    own, other = status_in(folder, name), status_in(folder, _other_case(name))
    return own is not None and other is not None and os.path.samestat(own, other)

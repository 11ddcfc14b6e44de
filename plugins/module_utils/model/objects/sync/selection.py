# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Which files and objects a sync is about, and which key belongs to which file."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True)
class PathSelection:
    """Shell patterns for the path below the directory or the prefix, with `/` between its parts.

    A path is selected if it matches one of `include` and none of `exclude`. `*` also matches `/`.
    """

    include: tuple[str, ...] = ("*",)
    exclude: tuple[str, ...] = ()

    def matches(self, path: str) -> bool:
        """Whether the path is selected."""
        return any(fnmatchcase(path, pattern) for pattern in self.include) and not any(
            fnmatchcase(path, pattern) for pattern in self.exclude
        )

    def may_match_below(self, directory: str) -> bool:
        """False if no path below this directory can be selected, so that the directory need not be read."""
        start = f"{directory}/"
        if any(pattern.endswith("*") and fnmatchcase(start, pattern) for pattern in self.exclude):
            return False  # what `*` matches at the end may have any more characters
        literals = [_literal_start(pattern) for pattern in self.include]
        return any(start.startswith(literal) or literal.startswith(start) for literal in literals)


def _literal_start(pattern: str) -> str:
    """The characters with which every path begins that the pattern matches."""
    special = [position for position, character in enumerate(pattern) if character in "*?["]
    return pattern[: special[0]] if special else pattern


def as_directory(prefix: str) -> str:
    """The prefix of all keys: empty, or with a slash at its end, so that `logs` does not select `logs-old/a`."""
    return prefix if not prefix or prefix.endswith("/") else f"{prefix}/"

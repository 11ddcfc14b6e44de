# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The warnings about many objects, with those of the same text told once, in bounded memory."""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass, field

from ..fleet_report import first_names

# The number of different warnings about objects that a person reads, and of those that are counted apart; and the
# number of objects that one of them names.
_MOST_WARNINGS, _MOST_TEXTS, _NAMED = 10, 1000, 6


@dataclass
class _Warning:
    """One warning about several objects: the positions and keys of the first of them, each with its own words."""

    first: list[tuple[int, str, str]] = field(default_factory=list)
    count: int = 0

    def add(self, position: int, key: str, words: str) -> None:
        """Add an object, in any order."""
        self.count += 1
        insort(self.first, (position, key, words))
        del self.first[_NAMED:]

    def sentence(self, text: str) -> str:
        """The warning about the first object, with the others that it is true for, unless `text`, which names none, is
        the same."""
        _position, _key, words = self.first[0]
        others = self.count - 1
        if not others or words == text:
            return words
        named = [key for _position, key, _words in self.first[1:]]
        shown = first_names(named) + (f" and {others - len(named):,} more" if others > len(named) else "")
        return f"{words} The same for {_objects(others)}: {shown}."


@dataclass
class ObjectWarnings:
    """Collects warnings about the objects of a bucket, in any order."""

    bucket: str
    _warnings: dict[str, _Warning] = field(default_factory=dict, init=False)
    _others: int = field(default=0, init=False)

    def add(self, position: int, key: str, warning: str, version_id: str | None = None) -> None:
        """Add a warning to those with the same text, in which the names of the object and its version do not count."""
        text = warning.replace(f"{self.bucket}/{key}", "").replace(repr(key), "")
        if version_id:
            text = text.replace(version_id, "")
        if text not in self._warnings and len(self._warnings) >= _MOST_TEXTS:
            self._others += 1
            return
        self._warnings.setdefault(text, _Warning()).add(position, key, warning)

    def sentences(self) -> list[str]:
        """The warnings about most objects first, and how many there are besides."""
        groups = sorted(self._warnings.items(), key=lambda group: (-group[1].count, group[1].first))
        shown = [group.sentence(text) for text, group in groups[:_MOST_WARNINGS]]
        rest = groups[_MOST_WARNINGS:]
        number = sum(group.count for _text, group in rest) + self._others
        if number:
            shown.append(f"{len(rest) + self._others:,} more warnings about {_objects(number)}.")
        return shown


def _objects(number: int) -> str:
    return "1 object" if number == 1 else f"{number:,} objects"

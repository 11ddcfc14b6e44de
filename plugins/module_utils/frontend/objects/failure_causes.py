# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The causes of failures of many objects, counted in bounded memory."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...model.errors import Failure
from ..fleet_report import cause_of, count_others
from .encryption_counts import CountedNames

# The number of different causes that are counted apart, and of those that a message shows.
_MOST_CAUSES, _SHOWN_CAUSES = 100, 5

_Cause = tuple[str, ...]


@dataclass(slots=True)
class _Failed:
    """The failure of the first object, and the objects with the same cause."""

    position: int
    failure: Failure
    names: CountedNames = field(default_factory=CountedNames)


@dataclass
class FailureCauses:
    """Counts the failed objects by their cause."""

    number: int = 0
    _causes: dict[_Cause, _Failed] = field(default_factory=dict, init=False)

    def add(self, position: int, bucket: str, key: str, failure: Failure) -> None:
        """Count a failed object."""
        self.number += 1
        cause = cause_of(f"{bucket}/{key}", failure, also=repr(key))
        found = self._causes.get(cause)
        if found is None:
            if len(self._causes) >= _MOST_CAUSES:
                return
            found = self._causes[cause] = _Failed(position, failure)
        elif position < found.position:
            found.position, found.failure = position, failure
        found.names.add(position, key)

    def by_number(self) -> list[tuple[Failure, CountedNames]]:
        """The causes of most objects, each with the failure of its first object."""
        return [(each.failure, each.names) for each in self._sorted()]

    def _sorted(self) -> list[_Failed]:
        return sorted(self._causes.values(), key=lambda each: (-each.names.number, each.position))

    def sentences(self) -> list[str]:
        """What failed and why: the causes of most objects, each with its first objects."""
        causes = self._sorted()
        shown = [_sentence(each) for each in causes[:_SHOWN_CAUSES]]
        return [*shown, *count_others(len(causes) - len(shown), "cause", "causes")]


def _sentence(failed: _Failed) -> str:
    first, *others = failed.names.first
    sentence = failed.failure.sentence()
    sentence = sentence if first in sentence else f"{first}: {sentence}"
    count = failed.names.number - 1
    if not count:
        return sentence
    more = f" and {count - len(others):,} more" if count > len(others) else ""
    return f"{sentence} The same cause for {count:,} more: {', '.join(others)}{more}."

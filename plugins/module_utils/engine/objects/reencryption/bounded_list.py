# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The objects of one run, up to its limits, and the key that the next run goes on after.

A run has no state of its own: the objects are the state. So all that a later run needs is where to begin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ....model.objects.listed_object import ListedObject
from ....model.objects.reencryption.selection import ObjectSelection


class Visit(NamedTuple):
    """One listed object of a run, in the order of the list, and the key that is listed before it ("": none)."""

    position: int
    listed: ListedObject
    previous_key: str


@dataclass(frozen=True, slots=True)
class RunLimits:
    """When a run ends: after so many objects, or once `is_over` says so. It ends between two keys, never between two
    versions of one, so that the next run gets further."""

    max_objects: int | None = None
    is_over: Callable[[], bool] = lambda: False


class BoundedList:
    """Iterates over the objects that a selection names, and remembers which of them are not finished yet.

    It is used in one thread. `listed` is the number of objects that were read from the list, and `number` that of those
    which are selected.
    """

    def __init__(
        self, listed: Iterator[ListedObject], selection: ObjectSelection, limits: RunLimits, start_after: str = ""
    ) -> None:
        self._listed = listed
        self._selection = selection
        self._limits = limits
        self._key = self._previous_key = start_after
        self._unfinished: dict[int, str] = {}
        self._is_stopped = False
        self.listed = self.number = 0
        self.is_complete = False

    def __iter__(self) -> Iterator[Visit]:
        for listed in self._listed:
            self.listed += 1
            if listed.key != self._key:
                if self._is_at_limit():
                    return
                self._previous_key, self._key = self._key, listed.key
            if not self._selection.selects(listed):
                continue
            visit = Visit(self.number, listed, self._previous_key)
            self._unfinished[visit.position] = visit.previous_key
            self.number += 1
            yield visit
        self.is_complete = True

    def finish(self, visit: Visit) -> None:
        """Note that the work on an object has ended."""
        self._unfinished.pop(visit.position, None)

    def stop(self) -> None:
        """List no further object, because of a failure. The next run goes on with the object that is not finished."""
        self._is_stopped = True

    @property
    def resume(self) -> str | None:
        """The key that the next run goes on after; None if there is nothing left, or nothing is finished."""
        if self._unfinished:
            return self._unfinished[min(self._unfinished)] or None
        return None if self.is_complete else self._key or None

    @property
    def is_finished(self) -> bool:
        """Whether the whole list was worked on."""
        return self.is_complete and not self._unfinished

    def _is_at_limit(self) -> bool:
        limits = self._limits
        if self._is_stopped or limits.is_over():
            return True
        return limits.max_objects is not None and self.number >= limits.max_objects

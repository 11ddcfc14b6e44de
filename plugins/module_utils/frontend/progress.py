# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The progress of a long task, written to a file that the action plugin reads."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TypeVar

from ..engine.clock import Clock

ItemT = TypeVar("ItemT")

# The action plugin passes the path of the file to the module in this environment variable.
FILE_VARIABLE = "SEALED_S3_PROGRESS_FILE"

# The file has one record of fixed length, which is overwritten each time.
RECORD_LENGTH = 256
_INTERVAL = 0.25  # seconds between writes
_SILENCE = 2.0  # seconds in which a task writes nothing, because it may be short


class Progress:
    """Writes counts to the file that the environment names, at most four times a second; without one, does nothing.

    `unit` is what is counted, in the plural. Nothing is written for a single item, for the first seconds of a task, and
    when all is done. A file that cannot be written is ignored: the task continues without progress.
    """

    def __init__(self, clock: Clock, unit: str) -> None:
        self._clock = clock
        self._unit = unit
        self._descriptor: int | None = None
        self._next_write = clock.monotonic() + _SILENCE
        self._first: tuple[int, float] | None = None
        path = os.environ.get(FILE_VARIABLE)
        if path:
            with suppress(OSError):
                self._descriptor = os.open(path, os.O_CREAT | os.O_WRONLY, 0o644)

    def update(self, done: int, total: int, *, is_complete: bool = True, counts: str = "") -> None:
        """Write the numbers, unless the last write was less than the interval ago.

        `total` is the number of items that are known, of all items if it `is_complete`. `counts` are the results so
        far, in words. The rate counts from the first result, because a task first connects and lists.
        """
        now = self._clock.monotonic()
        first_done, began = self._first = self._first or (done, now)
        is_small = is_complete and (total <= 1 or done >= total)
        if self._descriptor is None or is_small or now < self._next_write:
            return
        self._next_write = now + _INTERVAL
        rate = (done - first_done) / (now - began) if now > began else 0.0
        record = {
            "done": done,
            "total": total,
            "complete": is_complete,
            "unit": self._unit,
            "counts": counts,
            "rate": round(rate, 3),
        }
        with suppress(OSError):
            os.pwrite(self._descriptor, json.dumps(record).ljust(RECORD_LENGTH).encode("ascii"), 0)

    def track(self, results: Iterable[ItemT], total: int | None = None) -> Iterator[ItemT]:
        """The same results, counted as they arrive. `total` is None while it is not known."""
        for done, result in enumerate(results, start=1):
            self.count(done, total)
            yield result

    def count(self, done: int, total: int | None = None) -> None:
        """Write the number of results. `total` is None while it is not known."""
        self.update(done, done if total is None else total, is_complete=total is not None)

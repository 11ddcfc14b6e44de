# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""How a batch job shares the event loop with the calls of clients."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import TypeVar

from ..lab import Lab

T = TypeVar("T")

# A call of a client waits for some turns, so that it takes some milliseconds more while a job runs.
_LONGEST_TURN = 0.001


class LabReset(Exception):
    """The lab was reset while a job was running."""


class Turns:
    """Lets other calls run between the steps of a job."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._state = lab.state
        self._began = time.perf_counter()

    async def yield_turn(self) -> None:
        """Let the other calls run if this turn is over. Raise ``LabReset`` if the lab was reset meanwhile."""
        if time.perf_counter() - self._began < _LONGEST_TURN:
            return
        await self.wait(0)

    async def wait(self, seconds: float) -> None:
        """Let the other calls run, for some seconds. Raise ``LabReset`` if the lab was reset meanwhile."""
        await asyncio.sleep(seconds)
        if self._lab.state is not self._state:
            raise LabReset
        self._began = time.perf_counter()

    async def collect(self, items: Iterable[T]) -> list[T]:
        """Return the items of a long iteration, with turns of others meanwhile."""
        collected: list[T] = []
        for item in items:
            collected.append(item)
            if not len(collected) % 64:
                await self.yield_turn()
        return collected

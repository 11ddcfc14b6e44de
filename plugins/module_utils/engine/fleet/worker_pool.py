# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The same work for many items: bounded in threads and in memory, one failure costing one item."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Generic, TypeVar

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")

# How many items are looked at ahead, for one whose lane is less busy than the next in line.
LOOK_AHEAD = 4096
# More are taken in than are begun, so that how many there are is known early on.
_PULL = 8


class _Lanes(Generic[ItemT]):
    """Items that wait, in lanes: the lane with the least under way goes first, so that a slow one holds up itself."""

    def __init__(self, items: Iterable[ItemT], lane_of: Callable[[ItemT], str], concurrency: int) -> None:
        self._source = iter(enumerate(items))
        self._lane_of = lane_of
        self._fair_share = max(1, concurrency // 2)
        self._waiting: dict[str, deque[tuple[int, ItemT]]] = {}
        self._busy: Counter[str] = Counter()
        self._ahead = 0

    def take(self) -> tuple[int, ItemT] | None:
        """The next item to work on, with its position; None when there is none."""
        for _more in range(_PULL):
            self._pull()
        lane = self._least_busy()
        while (lane is None or self._busy[lane] >= self._fair_share) and self._pull():
            lane = self._least_busy()
        if lane is None:
            return None
        self._busy[lane] += 1
        self._ahead -= 1
        line = self._waiting[lane]
        taken = line.popleft()
        if not line:
            del self._waiting[lane]
        return taken

    def finish(self, item: ItemT) -> None:
        """Note that the work on an item is over."""
        self._busy[self._lane_of(item)] -= 1

    def _least_busy(self) -> str | None:
        return min(self._waiting, key=self._busy.__getitem__, default=None)

    def _pull(self) -> bool:
        entry = next(self._source, None) if self._ahead < LOOK_AHEAD else None
        if entry is None:
            return False
        self._waiting.setdefault(self._lane_of(entry[1]), deque()).append(entry)
        self._ahead += 1
        return True


def map_unordered(
    items: Iterable[ItemT],
    work: Callable[[ItemT], ResultT],
    *,
    concurrency: int,
    stop_after: Callable[[ResultT], bool] = lambda result: False,
    lane_of: Callable[[ItemT], str] = lambda item: "",
) -> Iterator[tuple[int, ItemT, ResultT]]:
    """Do `work` for each item, at most `concurrency` at a time, and yield (position, item, result) as they finish.

    Items are taken from the iterable as workers become free, at most `LOOK_AHEAD` before their turn, so that neither
    they nor the results pile up. Of the items at hand, one whose lane (such as its region) has the least under way goes
    first. Once `stop_after` is true of a result no further item is begun; those under way are finished and yielded.
    """
    lanes = _Lanes(items, lane_of, concurrency)
    stopped = False
    with ThreadPoolExecutor(max_workers=concurrency) as pool:
        under_way: dict[Future[ResultT], tuple[int, ItemT]] = {}
        while True:
            while not stopped and len(under_way) < concurrency and (entry := lanes.take()):
                under_way[pool.submit(work, entry[1])] = entry
            if not under_way:
                return
            finished, _rest = wait(under_way, return_when=FIRST_COMPLETED)
            for future in finished:
                position, item = under_way.pop(future)
                lanes.finish(item)
                result = future.result()
                stopped = stopped or stop_after(result)
                yield position, item, result

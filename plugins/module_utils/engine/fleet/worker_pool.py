# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A pool of threads that does the same work for many items and yields the results as they finish."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from queue import SimpleQueue
from typing import Generic, TypeVar

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")

# The number of items that are read ahead to find one of a less busy group.
LOOKAHEAD = 4096
# Items that are read for each one that is started, so that the total is known early.
_PREFETCH = 8


class FairQueue(Generic[ItemT]):
    """Items that wait for a worker. The next one is from the group with the fewest running items.

    So a slow region, for example, delays only its own buckets.
    """

    def __init__(
        self, items: Iterable[ItemT], group_by: Callable[[ItemT], str], concurrency: int, lookahead: int = LOOKAHEAD
    ) -> None:
        self._lookahead = lookahead
        self._source = iter(enumerate(items))
        self._group_by = group_by
        self._fair_share = max(1, concurrency // 2)
        self._waiting: dict[str, deque[tuple[int, ItemT]]] = {}
        self._running: Counter[str] = Counter()
        self._buffered = 0

    def get(self) -> tuple[int, ItemT] | None:
        """The next item to work on, with its position; None if there is none."""
        for _number in range(_PREFETCH):
            self._read_one()
        group = self._least_busy()
        while (group is None or self._running[group] >= self._fair_share) and self._read_one():
            group = self._least_busy()
        if group is None:
            return None
        self._running[group] += 1
        self._buffered -= 1
        line = self._waiting[group]
        entry = line.popleft()
        if not line:
            del self._waiting[group]
        return entry

    def task_done(self, item: ItemT) -> None:
        """Record that the work on an item has ended."""
        self._running[self._group_by(item)] -= 1

    def _least_busy(self) -> str | None:
        return min(self._waiting, key=self._running.__getitem__, default=None)

    def _read_one(self) -> bool:
        entry = next(self._source, None) if self._buffered < self._lookahead else None
        if entry is None:
            return False
        self._waiting.setdefault(self._group_by(entry[1]), deque()).append(entry)
        self._buffered += 1
        return True


def map_unordered(
    items: Iterable[ItemT],
    work: Callable[[ItemT], ResultT],
    *,
    concurrency: int,
    should_stop: Callable[[ResultT], bool] = lambda result: False,
    group_by: Callable[[ItemT], str] = lambda item: "",
    abort: Callable[[], None] = lambda: None,
    lookahead: int = LOOKAHEAD,
) -> Iterator[tuple[int, ItemT, ResultT]]:
    """Do `work` for each item in at most `concurrency` threads, and yield (position, item, result) as they finish.

    Items are read as workers become free, at most `lookahead` in advance, so memory does not grow with their number.
    The next item is from the group (such as the region) with the fewest running items. Once `should_stop` is true for
    a result, no further item is started; running items are finished and yielded. An exception of `work` is raised.
    Any exception waits for the running items, such as that of a signal; `abort` is called before, to end them early.
    """
    queue = FairQueue(items, group_by, concurrency, lookahead)
    stopped = False
    with ThreadPoolExecutor(max_workers=concurrency) as pool, ExitStack() as stack:
        stack.push(lambda kind, *_details: abort() if kind else None)
        running: dict[Future[ResultT], tuple[int, ItemT]] = {}
        finished: SimpleQueue[Future[ResultT]] = SimpleQueue()
        while True:
            while not stopped and len(running) < concurrency and (entry := queue.get()):
                future = pool.submit(work, entry[1])
                running[future] = entry
                future.add_done_callback(finished.put)
            if not running:
                return
            future = finished.get()
            position, item = running.pop(future)
            queue.task_done(item)
            result = future.result()
            stopped = stopped or should_stop(result)
            yield position, item, result

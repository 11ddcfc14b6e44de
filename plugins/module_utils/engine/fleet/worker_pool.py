# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A pool of threads that does the same work for many items and yields the results as they finish."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
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
        self._source = iter(items)
        self._positions = count()
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

    def add(self, item: ItemT) -> None:
        """Let one more item wait, also beyond the lookahead."""
        self._waiting.setdefault(self._group_by(item), deque()).append((next(self._positions), item))
        self._buffered += 1

    def _least_busy(self) -> str | None:
        return min(self._waiting, key=self._running.__getitem__, default=None)

    def _read_one(self) -> bool:
        if self._buffered >= self._lookahead:
            return False
        for item in self._source:
            self.add(item)
            return True
        return False


@dataclass(frozen=True)
class _Finished(Generic[ItemT, ResultT]):
    """An item that a worker has taken: its result, or the exception of the work; with neither, it was not started."""

    position: int
    item: ItemT
    results: tuple[ResultT, ...] = ()
    error: BaseException | None = None


class _Workers(Generic[ItemT, ResultT]):
    """Threads that take items from one queue, and put what became of them into another.

    A worker goes on with the next item without waiting for the thread that reads the results.
    """

    def __init__(self, work: Callable[[ItemT], ResultT], should_stop: Callable[[ResultT], bool]) -> None:
        self._work = work
        self._should_stop = should_stop
        self._taken: SimpleQueue[tuple[int, ItemT] | None] = SimpleQueue()
        self._finished: SimpleQueue[_Finished[ItemT, ResultT]] = SimpleQueue()
        self._number = 0
        self.is_stopped = False
        self.given = 0

    def give(self, entry: tuple[int, ItemT], pool: ThreadPoolExecutor, most: int) -> None:
        """Give an item to a worker; there are at most so many."""
        if self._number < most:
            pool.submit(self._run)
            self._number += 1
        self._taken.put(entry)
        self.given += 1

    def next(self) -> _Finished[ItemT, ResultT]:
        """Wait for the next item that a worker has finished, or did not start."""
        finished = self._finished.get()
        self.given -= 1
        return finished

    def stop(self) -> None:
        """Start no further item, and end the threads after what they do."""
        self.is_stopped = True
        self._taken.put(None)

    def _run(self) -> None:
        while entry := self._taken.get():
            self._finished.put(_Finished(*entry) if self.is_stopped else self._finish(*entry))
        # For the next worker. Nobody has to know their number: a signal may arrive while one is started.
        self._taken.put(None)

    def _finish(self, position: int, item: ItemT) -> _Finished[ItemT, ResultT]:
        try:
            result = self._work(item)
            self.is_stopped = self.is_stopped or self._should_stop(result)
        except BaseException as error:
            return _Finished(position, item, error=error)
        return _Finished(position, item, (result,))


def map_unordered(
    items: Iterable[ItemT],
    work: Callable[[ItemT], ResultT],
    *,
    concurrency: int,
    should_stop: Callable[[ResultT], bool] = lambda result: False,
    group_by: Callable[[ItemT], str] | None = None,
    abort: Callable[[], None] = lambda: None,
    lookahead: int = LOOKAHEAD,
    follow: Callable[[ItemT, ResultT], Iterable[ItemT]] = lambda item, result: (),
) -> Generator[tuple[int, ItemT, ResultT], None, None]:
    """Do `work` for each item in at most `concurrency` threads, and yield (position, item, result) as they finish.

    Items are read as workers become free, at most `lookahead` in advance, so memory does not grow with their number.
    The next item is from the group (such as the region) with the fewest running items. Once `should_stop` is true for
    a result, no further item is started; running items are finished and yielded. `should_stop` is called in the threads
    of the workers. An exception of `work` is raised. Any exception waits for the running items, such as that of a
    signal; `abort` is called before, to end them early. `follow` returns the further items that a result leads to; it
    is called in the calling thread, before the result is yielded.
    """
    queue = FairQueue(items, group_by or (lambda item: ""), concurrency, lookahead)
    workers = _Workers(work, should_stop)
    # Without groups, an item waits for each worker. Of a group that hangs, no items may wait before those of others.
    most = concurrency if group_by else 2 * concurrency
    with ThreadPoolExecutor(max_workers=concurrency) as pool, ExitStack() as stack:
        stack.callback(workers.stop)
        stack.push(lambda kind, *_details: abort() if kind else None)
        while True:
            while not workers.is_stopped and workers.given < most and (entry := queue.get()):
                workers.give(entry, pool, concurrency)
            if not workers.given:
                return
            finished = workers.next()
            queue.task_done(finished.item)
            if finished.error:
                raise finished.error
            for result in finished.results:
                for item in follow(finished.item, result):
                    queue.add(item)
                yield finished.position, finished.item, result

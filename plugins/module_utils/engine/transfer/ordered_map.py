# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A thread pool whose results come in the order of the items."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from itertools import islice
from queue import SimpleQueue
from threading import Event, Lock, Thread
from time import monotonic
from typing import TypeVar

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")


def ordered_map(
    items: Iterable[ItemT],
    work: Callable[[ItemT, Callable[[], bool]], ResultT],
    concurrency: int,
    *,
    stop: Callable[[], None] = lambda: None,
    grace_seconds: float = 0,
) -> Generator[ResultT, None, None]:
    """Call `work` for each item, at most `concurrency` at a time, and yield the results in the order of the items.

    An item is read from `items` only when a thread is free for it. The first failure is raised as soon as it occurs,
    and no further item is started. `work` also gets a function that returns False once it should end early.

    After a failure or an interruption `stop` is called, which may end the running calls of `work`, and these get
    `grace_seconds` to end. The threads are daemons: what they write to must be theirs until they end.
    """
    entries = iter(enumerate(items))
    lock, stopped = Lock(), Event()
    # A position with its result, a failure, or None when a thread ends.
    finished: SimpleQueue[tuple[int, ResultT] | BaseException | None] = SimpleQueue()

    def goes_on() -> bool:
        return not stopped.is_set()

    def run(entry: tuple[int, ItemT] | None) -> None:
        try:
            while entry and goes_on():
                finished.put((entry[0], work(entry[1], goes_on)))
                with lock:
                    entry = next(entries, None)
        except BaseException as error:  # pylint: disable=broad-exception-caught
            # First the failure: a call that ends early because of it must not pass for a result.
            finished.put(error)
            stopped.set()
        else:
            finished.put(None)

    threads = [Thread(target=run, args=(entry,), daemon=True) for entry in islice(entries, concurrency)]
    try:
        for thread in threads:
            thread.start()
        yield from _in_order(finished, len(threads))
    except BaseException:
        stopped.set()
        stop()
        _join(threads, grace_seconds)
        raise


def _in_order(
    finished: SimpleQueue[tuple[int, ResultT] | BaseException | None], running: int
) -> Generator[ResultT, None, None]:
    """The results by their positions, until all threads have ended; raises the first failure."""
    results: dict[int, ResultT] = {}
    position = 0
    while running:
        message = finished.get()
        if message is None:
            running -= 1
            continue
        if isinstance(message, BaseException):
            raise message
        results[message[0]] = message[1]
        while position in results:
            yield results.pop(position)
            position += 1


def _join(threads: list[Thread], seconds: float) -> None:
    """Wait until the threads end, this long for all of them together."""
    deadline = monotonic() + seconds
    for thread in threads:
        if thread.is_alive():
            thread.join(max(0.0, deadline - monotonic()))

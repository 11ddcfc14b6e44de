# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Work that is done at the same time, and handed on in its order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import TypeVar

ItemT = TypeVar("ItemT")


def ordered_map(
    items: Sequence[ItemT], work: Callable[[ItemT, Callable[[], bool]], None], concurrency: int
) -> Iterator[ItemT]:
    """Do `work` for each item, at most `concurrency` at a time, and yield the items in their order as they are done.

    The first failure is raised, and nothing more is begun. `work` is also given a function that says whether to go on,
    to be asked in between. The threads are daemons and are not waited for after a failure or an interruption: what they
    write to must be theirs until they end.
    """
    coming = iter(enumerate(items))
    lock, stopped = Lock(), Event()
    finished: SimpleQueue[tuple[int, BaseException | None]] = SimpleQueue()

    def goes_on() -> bool:
        return not stopped.is_set()

    def run() -> None:
        while goes_on():
            with lock:
                entry = next(coming, None)
            if entry is None:
                return
            failure: BaseException | None = None
            try:
                work(entry[1], goes_on)
            except BaseException as error:  # pylint: disable=broad-exception-caught
                failure = error
            finished.put((entry[0], failure))

    try:
        for _worker in range(min(concurrency, len(items))):
            Thread(target=run, daemon=True).start()
        done: set[int] = set()
        for position, item in enumerate(items):
            while position not in done:
                number, failure = finished.get()
                if failure:
                    raise failure
                done.add(number)
            done.remove(position)
            yield item
    finally:
        stopped.set()

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The same work for many items: bounded in threads and in memory, one failure costing one item."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import TypeVar

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")


def each(
    items: Iterable[ItemT],
    work: Callable[[ItemT], ResultT],
    *,
    concurrency: int,
    stop_after: Callable[[ResultT], bool] = lambda result: False,
) -> Iterator[tuple[int, ItemT, ResultT]]:
    """Do `work` for each item, at most `concurrency` at a time, and yield (position, item, result) as they finish.

    Items are taken from the iterable as workers become free, so that neither they nor the results pile up. Once
    `stop_after` is true of a result no further item is begun; those under way are finished and yielded.
    """
    numbered = iter(enumerate(items))
    stopped = False
    with ThreadPoolExecutor(max_workers=concurrency) as pool:
        under_way: dict[Future[ResultT], tuple[int, ItemT]] = {}
        try:
            while True:
                if not stopped:
                    for position, item in islice(numbered, 2 * concurrency - len(under_way)):
                        under_way[pool.submit(work, item)] = (position, item)
                if not under_way:
                    return
                finished, _rest = wait(under_way, return_when=FIRST_COMPLETED)
                for future in finished:
                    position, item = under_way.pop(future)
                    if future.cancelled():
                        continue
                    result = future.result()
                    if not stopped and stop_after(result):
                        stopped = True
                        for waiting in under_way:
                            waiting.cancel()
                    yield position, item, result
        finally:
            for future in under_way:
                future.cancel()

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The pool of threads: each item once, bounded threads and memory, fair groups, and stops."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.engine.fleet.worker_pool import LOOKAHEAD, map_unordered

LENGTH = LOOKAHEAD + 1000


@given(st.lists(st.integers()), st.integers(1, 9))
def test_every_item_is_processed_once(items: list[int], concurrency: int) -> None:
    """Each result has its position, in whatever order the items finish."""
    done = sorted(map_unordered(items, lambda item: item * 2, concurrency=concurrency))
    assert done == [(position, item, item * 2) for position, item in enumerate(items)]


@given(st.lists(st.sampled_from("abc")), st.integers(1, 9))
def test_groups_change_only_the_order(items: list[str], concurrency: int) -> None:
    """Every item is processed once, with its own position."""
    done = sorted(map_unordered(items, str.upper, concurrency=concurrency, group_by=lambda item: item))
    assert done == [(position, item, item.upper()) for position, item in enumerate(items)]


def test_a_group_that_hangs_delays_only_itself() -> None:
    """A region that does not respond leaves workers for the others, also if its items are first."""
    go_on = threading.Event()

    def work(item: str) -> str:
        if item == "slow":
            assert go_on.wait(30)
        return item

    items = ["slow"] * 20 + ["fast"] * 20
    results = map_unordered(items, work, concurrency=4, group_by=lambda item: item)
    assert [next(results)[1] for _number in range(20)] == ["fast"] * 20
    go_on.set()
    assert [item for _position, item, _result in results] == ["slow"] * 20


class Counter:
    """An iterable that records how many of its items were read, and how many of those are done."""

    def __init__(self, length: int) -> None:
        self.length = length
        self.read = 0
        self.done = 0
        self.ahead = 0

    def __iter__(self) -> Iterator[int]:
        for number in range(self.length):
            self.read += 1
            self.ahead = max(self.ahead, self.read - self.done)
            yield number


@pytest.mark.parametrize("concurrency", [1, 3, 8])
def test_few_items_are_read_in_advance(concurrency: int) -> None:
    """Memory does not grow with the number of items: at most the lookahead, and twice the number of workers."""
    items = Counter(LENGTH)
    for _position, _item, _result in map_unordered(items, lambda item: item, concurrency=concurrency):
        items.done += 1
    assert (items.read, items.done) == (LENGTH, LENGTH)
    assert concurrency <= items.ahead <= 2 * concurrency + LOOKAHEAD


@pytest.mark.parametrize("concurrency", [1, 2, 5])
def test_as_many_threads_work_as_requested(concurrency: int) -> None:
    """All workers meet at a barrier, which fewer would never pass. The counter would show more."""
    together = threading.Barrier(concurrency, timeout=30)
    lock = threading.Lock()
    now, most = 0, 0

    def work(_item: int) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        together.wait()
        with lock:
            now -= 1

    assert len(list(map_unordered(range(4 * concurrency), work, concurrency=concurrency))) == 4 * concurrency
    assert most <= concurrency


def test_after_a_stop_no_item_is_started() -> None:
    """Running items are finished and yielded; the rest is not started."""
    started: list[int] = []

    def work(item: int) -> bool:
        started.append(item)
        return item == 3

    done = [item for _position, item, _result in map_unordered(range(1000), work, concurrency=2, should_stop=bool)]
    assert 3 in done
    assert sorted(done) == sorted(started)
    assert len(started) < 20


def test_a_stop_with_one_worker() -> None:
    """At most one more item, which was already submitted, is yielded."""
    done = [
        item
        for _position, item, _result in map_unordered(
            range(10), lambda item: item, concurrency=1, should_stop=lambda r: r == 0
        )
    ]
    assert done[0] == 0
    assert len(done) <= 2


def test_a_running_item_is_yielded_after_a_stop() -> None:
    """So no change is missing in the result."""
    stopped = threading.Event()

    def work(item: str) -> str:
        if item == "slow":
            assert stopped.wait(30)
        return item

    results = map_unordered(["slow", "stop", "never"], work, concurrency=2, should_stop=lambda result: result == "stop")
    assert next(results)[1] == "stop"
    stopped.set()
    assert [item for _position, item, _result in results] in (["slow"], ["slow", "never"], ["never", "slow"])


def test_an_exception_is_raised_and_no_thread_remains() -> None:
    """It is raised after the running items have ended."""
    before = threading.active_count()

    def work(item: int) -> int:
        if item == 5:
            raise ZeroDivisionError
        return item

    with pytest.raises(ZeroDivisionError):
        list(map_unordered(range(1000), work, concurrency=3))
    assert threading.active_count() == before


def test_a_signal_that_arrives_while_a_thread_starts_ends_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread runs by then, although the pool has not been told so."""
    before, submit = threading.active_count(), ThreadPoolExecutor.submit

    def start_and_be_interrupted(pool: ThreadPoolExecutor, run: Callable[[], None]) -> None:
        submit(pool, run)
        raise SystemExit(143)

    monkeypatch.setattr(ThreadPoolExecutor, "submit", start_and_be_interrupted)
    with pytest.raises(SystemExit):
        list(map_unordered(range(3), lambda item: item, concurrency=3))
    assert threading.active_count() == before


def test_closing_the_iterator_ends_the_work() -> None:
    """For example at Ctrl-C: no further item is started, and no thread remains."""
    before = threading.active_count()
    items = Counter(LENGTH)
    results = map_unordered(items, lambda item: item, concurrency=3)
    next(results)
    results.close()
    assert items.read <= 6 + LOOKAHEAD
    assert threading.active_count() == before


def test_running_items_are_aborted_when_the_work_is_interrupted() -> None:
    """Whatever raises, also between two results. Else an item that takes an hour would take it after Ctrl-C, too."""
    before, aborted = threading.active_count(), threading.Event()

    def work(item: int) -> bool:
        return item == 0 or aborted.wait(60)

    def interrupted() -> None:
        for _result in map_unordered(range(3), work, concurrency=3, abort=aborted.set):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert aborted.is_set()
    assert threading.active_count() == before


def test_nothing_is_aborted_at_the_end_of_the_work() -> None:
    """Only an exception aborts."""
    assert len(list(map_unordered(range(9), str, concurrency=3, abort=lambda: pytest.fail("aborted")))) == 9


def test_nothing_to_do() -> None:
    """No items, no results."""
    assert list(map_unordered([], lambda item: item, concurrency=4)) == []


@given(st.lists(st.integers(0, 4)), st.integers(1, 5))
def test_a_result_may_lead_to_further_items(items: list[int], concurrency: int) -> None:
    """Each is processed once, also if the first items are all done by then."""
    results = map_unordered(
        items, lambda item: item, concurrency=concurrency, follow=lambda item, result: range(item, 0, -1)[1:2]
    )
    done = sorted(item for _position, item, _result in results)
    assert done == sorted(left for item in items for left in (*range(1, item), item))

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The same work for many items: bounded, complete, and stopped where it is to stop."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.engine.fleet.worker_pool import LOOKAHEAD, map_unordered

LENGTH = LOOKAHEAD + 1000


@given(st.lists(st.integers()), st.integers(1, 9))
def test_every_item_is_done_once(items: list[int], concurrency: int) -> None:
    """With its position, whatever the order in which they finish."""
    done = sorted(map_unordered(items, lambda item: item * 2, concurrency=concurrency))
    assert done == [(position, item, item * 2) for position, item in enumerate(items)]


@given(st.lists(st.sampled_from("abc")), st.integers(1, 9))
def test_lanes_change_the_order_and_nothing_else(items: list[str], concurrency: int) -> None:
    """Every item is done once, with the position that it had."""
    done = sorted(map_unordered(items, str.upper, concurrency=concurrency, group_by=lambda item: item))
    assert done == [(position, item, item.upper()) for position, item in enumerate(items)]


def test_a_lane_that_stands_still_holds_up_itself_alone() -> None:
    """A region that does not answer leaves workers for the others, though its items come first."""
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
    """An iterable that knows how much of it was taken, and how much of that is done."""

    def __init__(self, length: int) -> None:
        self.length = length
        self.taken = 0
        self.done = 0
        self.ahead = 0

    def __iter__(self) -> Iterator[int]:
        for number in range(self.length):
            self.taken += 1
            self.ahead = max(self.ahead, self.taken - self.done)
            yield number


@pytest.mark.parametrize("concurrency", [1, 3, 8])
def test_no_more_is_taken_than_is_soon_needed(concurrency: int) -> None:
    """A fleet of any size is never waiting in memory: at most twice the number of workers, and the look ahead."""
    items = Counter(LENGTH)
    for _position, _item, _result in map_unordered(items, lambda item: item, concurrency=concurrency):
        items.done += 1
    assert (items.taken, items.done) == (LENGTH, LENGTH)
    assert concurrency <= items.ahead <= 2 * concurrency + LOOKAHEAD


@pytest.mark.parametrize("concurrency", [1, 2, 5])
def test_as_many_work_at_a_time_as_were_asked_for(concurrency: int) -> None:
    """All workers meet at a barrier, which fewer would never pass; more would show in the count."""
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


def test_after_a_stop_nothing_is_begun() -> None:
    """What is under way is finished and told; the rest is never touched."""
    begun: list[int] = []

    def work(item: int) -> bool:
        begun.append(item)
        return item == 3

    done = [item for _position, item, _result in map_unordered(range(1000), work, concurrency=2, should_stop=bool)]
    assert 3 in done
    assert sorted(done) == sorted(begun)
    assert len(begun) < 20


def test_a_stop_by_the_first_with_one_worker_is_exact() -> None:
    """One at a time: at most the one that the worker has already taken comes after."""
    done = [
        item
        for _position, item, _result in map_unordered(
            range(10), lambda item: item, concurrency=1, should_stop=lambda r: r == 0
        )
    ]
    assert done[0] == 0
    assert len(done) <= 2


def test_what_is_under_way_at_a_stop_is_told() -> None:
    """A change that was made is never left out of the result."""
    stopped = threading.Event()

    def work(item: str) -> str:
        if item == "slow":
            assert stopped.wait(30)
        return item

    results = map_unordered(["slow", "stop", "never"], work, concurrency=2, should_stop=lambda result: result == "stop")
    assert next(results)[1] == "stop"
    stopped.set()
    assert [item for _position, item, _result in results] in (["slow"], ["slow", "never"], ["never", "slow"])


def test_an_exception_comes_through_and_leaves_no_thread() -> None:
    """Work that fails with more than a value ends the whole, after what is under way."""
    before = threading.active_count()

    def work(item: int) -> int:
        if item == 5:
            raise ZeroDivisionError
        return item

    with pytest.raises(ZeroDivisionError):
        list(map_unordered(range(1000), work, concurrency=3))
    assert threading.active_count() == before


def test_whoever_stops_listening_ends_the_work() -> None:
    """Ctrl-C at the consumer: nothing more is begun, and no thread stays."""
    before = threading.active_count()
    items = Counter(LENGTH)
    results = map_unordered(items, lambda item: item, concurrency=3)
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert items.taken <= 6 + LOOKAHEAD
    assert threading.active_count() == before


def test_nothing_to_do() -> None:
    """No items, no results."""
    assert list(map_unordered([], lambda item: item, concurrency=4)) == []

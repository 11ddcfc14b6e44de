# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Results in the order of the items, and what happens to the rest after a failure."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.ordered_map import ordered_map


@pytest.mark.parametrize("concurrency", [1, 3, 100])
def test_results_are_in_the_order_of_the_items(concurrency: int) -> None:
    """Later ones may be ready first."""
    first_is_last = threading.Event()

    def work(item: int, _goes_on: Callable[[], bool]) -> int:
        if concurrency > 1 and item == 0:
            first_is_last.wait(5)
        if item == 1:
            first_is_last.set()
        return item * 2

    assert list(ordered_map(range(20), work, concurrency)) == [item * 2 for item in range(20)]


def test_no_items_give_no_results() -> None:
    """No thread is started."""
    assert list(ordered_map([], lambda item, _goes_on: item, 3)) == []


def test_a_failure_is_raised_before_the_results_of_earlier_items() -> None:
    """No further call is started, and running calls are requested to end."""
    started: list[int] = []
    stopped = threading.Event()

    def work(item: int, goes_on: Callable[[], bool]) -> int:
        started.append(item)
        if item == 1:
            raise ZeroDivisionError
        stopped.wait(5)
        assert not goes_on()
        return item

    with pytest.raises(ZeroDivisionError):
        list(ordered_map(range(100), work, 2, stop=stopped.set, grace_seconds=5))
    assert sorted(started) == [0, 1]
    assert stopped.is_set()


def test_running_calls_get_time_to_end() -> None:
    """They are complete when the failure is raised."""
    stopped, ended = threading.Event(), threading.Event()

    def work(item: int, _goes_on: Callable[[], bool]) -> None:
        if item == 1:
            raise ZeroDivisionError
        stopped.wait(5)
        ended.set()

    with pytest.raises(ZeroDivisionError):
        list(ordered_map(range(2), work, 2, stop=stopped.set, grace_seconds=5))
    assert ended.is_set()


def test_a_failure_of_the_items_themselves_is_raised() -> None:
    """It does not end a thread silently."""

    def items() -> Iterator[int]:
        yield from range(3)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(ordered_map(items(), lambda item, _goes_on: item, 2))


def test_a_consumer_that_stops_ends_the_work() -> None:
    """As after an interruption."""
    stopped = threading.Event()
    results = ordered_map(range(100), lambda item, _goes_on: item, 2, stop=stopped.set)
    assert next(results) == 0
    results.close()
    assert stopped.is_set()

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The rate of a run: never above its limit, half of it after S3 asks for fewer requests, and then up again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.reencryption.pace import Pace

from ....fake_clock import NOW


class SteppedClock:
    """A wait takes no time, and advances the clock. A clock that `stands` does not advance."""

    def __init__(self, *, stands: bool = False) -> None:
        self.time = 1000.0
        self.stands = stands
        self.slept: list[float] = []

    def now(self) -> datetime:
        """The start: nothing here reads it."""
        return NOW

    def monotonic(self) -> float:
        """The seconds of all waits."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Advance the clock, unless it stands."""
        self.slept.append(seconds)
        if not self.stands:
            self.time += seconds


# What happens in a run: a request, a request that is refused, or seconds without any.
EVENTS = st.lists(st.one_of(st.sampled_from(["sent", "refused"]), st.floats(0, 3)), max_size=80)


def send(pace: Pace, clock: SteppedClock, events: list[str | float]) -> list[float]:
    """The times of the requests of a run."""
    times = []
    for event in events:
        if isinstance(event, float):
            clock.time += event
            continue
        pace.wait()
        times.append(clock.time)
        if event == "refused":
            pace.throttled()
    return times


def limit_of(pace: Pace) -> float:
    """The limit as a number."""
    return float("inf") if pace.limit is None else pace.limit


@given(max_rate=st.integers(1, 5000), events=EVENTS)
def test_a_run_is_never_faster_than_its_limit(max_rate: int, events: list[str | float]) -> None:
    """Over any time, whatever S3 answers."""
    clock = SteppedClock()
    pace = Pace(clock, max_rate)
    times = send(pace, clock, events)
    for first, last in combinations(range(len(times)), 2):
        assert last - first <= max_rate * (times[last] - times[first]) + 1e-6
    assert 1 <= limit_of(pace) <= max_rate


@given(max_rate=st.one_of(st.none(), st.integers(1, 5000)), events=EVENTS)
def test_a_refused_request_halves_the_rate_and_it_recovers(max_rate: int | None, events: list[str | float]) -> None:
    """From any state: half of the limit, and after enough seconds without a refusal the limit of the task."""
    clock = SteppedClock()
    pace = Pace(clock, max_rate)
    send(pace, clock, events)
    clock.time += 1
    before = limit_of(pace)
    pace.throttled()
    half = limit_of(pace)
    assert half == max(before / 2, 1) or before == float("inf") > half
    rates = [half]
    for _second in range(150):
        clock.time += 1
        rates.append(limit_of(pace))
    assert rates == sorted(rates)
    assert pace.limit == max_rate


def test_without_a_limit_nothing_waits() -> None:
    """Not even after many requests."""
    clock = SteppedClock()
    send(Pace(clock, None), clock, ["sent"] * 1000)
    assert clock.slept == []


def test_without_a_limit_the_rate_of_the_last_second_is_halved() -> None:
    """It doubles in ten seconds, and ends at twice the former rate."""
    clock = SteppedClock()
    pace = Pace(clock, None)
    send(pace, clock, ["sent", 0.01] * 400)
    pace.throttled()
    assert pace.limit == pytest.approx(50, abs=1)
    for _second in range(10):
        clock.time += 1
    assert pace.limit == pytest.approx(100, abs=2)
    clock.time += 9
    assert pace.limit == pytest.approx(187, abs=4)
    clock.time += 2
    assert pace.limit is None


def test_the_first_requests_of_a_run_are_refused() -> None:
    """Those of a moment are not taken for the rate of a second."""
    clock = SteppedClock()
    pace = Pace(clock, None)
    send(pace, clock, ["sent"] * 32)
    pace.throttled()
    assert pace.limit == 16


def test_many_refusals_at_once_halve_the_rate_once() -> None:
    """Their requests were sent before the run got slower. Later ones halve it again, to one request in a second."""
    clock = SteppedClock()
    pace = Pace(clock, 1000)
    for _number in range(32):
        pace.throttled()
        clock.time += 0.01
    assert pace.limit == 500
    for _number in range(20):
        clock.time += 1.01
        pace.throttled()
    assert pace.limit == 1


def test_threads_wait_for_different_turns() -> None:
    """No turn is lost or taken twice."""
    clock = SteppedClock(stands=True)
    pace = Pace(clock, 10)
    with ThreadPoolExecutor(8) as pool:
        for future in [pool.submit(pace.wait) for _number in range(400)]:
            future.result()
    assert sorted(clock.slept) == pytest.approx([number / 10 for number in range(1, 400)])

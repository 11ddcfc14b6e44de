# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Asking CloudTrail: within bounds, in turn, and once only where it refuses."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.cloudtrail_usage import KeyUsageReader
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_usage import UsageEvent
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_clock import NOW, FakeClock

NO = Failure(FailureKind.FORBIDDEN, "no")


@dataclass
class Trail:
    """This number of events, one for each minute before now, and the requests so far."""

    clock: FakeClock
    count: int = 0
    page: int = 50
    fails_at: int | None = None
    endless: bool = False
    requests: list[tuple[float, str, datetime | None, str | None]] = field(default_factory=list)

    def lookup_events(
        self, key_arn: str, start: datetime | None, token: str | None
    ) -> tuple[list[UsageEvent], str | None]:
        """One page."""
        self.requests.append((self.clock.monotonic(), key_arn, start, token))
        if self.fails_at is not None and len(self.requests) > self.fails_at:
            raise OperationError(NO)
        if self.endless:
            return [], "more"
        first = int(token or 0)
        last = min(first + self.page, self.count)
        times = [(NOW - timedelta(minutes=number)).isoformat() for number in range(first, last)]
        return [UsageEvent(at, "Decrypt", "app") for at in times], str(last) if last < self.count else None


def reader(trail: Trail, days: int = 7, most: int = 1000) -> KeyUsageReader:
    return KeyUsageReader(trail, days, most, trail.clock)


def test_all_events_of_the_requested_days() -> None:
    """Page by page, no faster than CloudTrail allows."""
    trail = Trail(FakeClock(), 120)
    usage = reader(trail).read("one")
    assert (usage.events, usage.complete, usage.failure) == (120, True, None)
    assert (usage.since, usage.until) == ((NOW - timedelta(days=7)).isoformat(), NOW.isoformat())
    assert [request[2:] for request in trail.requests] == [
        (NOW - timedelta(days=7), token) for token in (None, "50", "100")
    ]
    times = [request[0] for request in trail.requests]
    assert all(later - earlier > 0.5 for earlier, later in zip(times, times[1:], strict=False))


@pytest.mark.parametrize(
    ("most", "pages", "complete"), [(40, 1, False), (50, 1, False), (100, 2, True), (99, 2, False)]
)
def test_no_more_events_than_requested(most: int, pages: int, complete: bool) -> None:
    """The latest ones, and `since` says how far they reach."""
    trail = Trail(FakeClock(), 100)
    usage = reader(trail, most=most).read("one")
    assert (usage.events, usage.complete, len(trail.requests)) == (most, complete, pages)
    reached = NOW - (timedelta(days=7) if complete else timedelta(minutes=most - 1))
    assert usage.since == reached.isoformat()


def test_no_events() -> None:
    """The key was not used in the whole period."""
    usage = reader(Trail(FakeClock())).read("one")
    assert (usage.events, usage.complete, usage.since) == (0, True, (NOW - timedelta(days=7)).isoformat())


def test_all_days_of_the_record() -> None:
    """Without a start time, which would be at the limit of the record."""
    trail = Trail(FakeClock(), 1)
    assert reader(trail, days=90).read("one").since == (NOW - timedelta(days=90)).isoformat()
    assert trail.requests[0][2] is None


def test_a_refusal_of_a_later_page_keeps_the_events() -> None:
    """With the reason and the time of the earliest event; the next key gets a request of its own."""
    trail = Trail(FakeClock(), 120, fails_at=1)
    usage_reader = reader(trail)
    usage = usage_reader.read("one")
    assert (usage.events, usage.complete, usage.failure) == (50, False, NO)
    assert usage.since == (NOW - timedelta(minutes=49)).isoformat()
    trail.fails_at = None
    assert usage_reader.read("two").complete


def test_a_search_without_an_end_is_limited() -> None:
    """A limited number of empty pages is read."""
    trail = Trail(FakeClock(), endless=True)
    assert not reader(trail, most=10).read("one").complete
    assert len(trail.requests) == 21


def test_many_keys_take_turns() -> None:
    """From any number of threads, one request after the other."""
    trail = Trail(FakeClock(), 60)
    usage_reader = reader(trail)
    with ThreadPoolExecutor(8) as pool:
        usages = list(pool.map(usage_reader.read, [f"key-{number}" for number in range(10)]))
    assert [usage.events for usage in usages] == [60] * 10
    times = [request[0] for request in trail.requests]
    assert all(later - earlier > 0.5 for earlier, later in zip(times, times[1:], strict=False))

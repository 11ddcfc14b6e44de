# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""How fast a run sends its requests: not faster than the task allows, and half as fast after S3 asks for fewer.

S3 answers 503 while it adapts to a higher rate of a prefix, and while KMS limits the requests for a key. Each call
repeats its own request after such an answer. Here the whole run gets slower, so that its other requests are not refused
as well, and then faster again.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html
"""

from __future__ import annotations

import math
import threading

from ...clock import Clock

# Seconds: the rate is measured over this time, and raised once in it. Answers that ask for fewer requests within this
# time after the rate was halved are those to requests of before, and do not halve it again.
_PERIOD = 1.0
# A limit doubles in so many raises.
_RAISES = 10
_LOWEST = 1.0  # requests in a second


class Pace:
    """The rate of the requests of a run. Safe for threads. Without a limit, `wait` only counts.

    `max_rate` is the number of requests in a second, at least 1; None is no limit. In any time of so many seconds there
    are at most `max_rate` requests for each, and one. `throttled` halves the limit, or sets it to half of the rate of
    the last second if there is none, to no less than one request in a second. Then it rises once in a second, and
    doubles in ten seconds: up to `max_rate`, or to twice the rate of the first refusal, where it ends.
    """

    def __init__(self, clock: Clock, max_rate: int | None) -> None:
        self._clock = clock
        self._max_rate = None if max_rate is None else float(max_rate)
        self._lock = threading.Lock()
        self._limit = self._max_rate
        self._former = 0.0  # the highest rate at which S3 asked for fewer requests; 0 if the limit does not rise
        self._halved_at: float | None = None
        self._raised_at = 0.0
        self._next_turn = self._period_start = clock.monotonic()
        self._sent = self._sent_before = 0  # requests in this period, and in the one before

    @property
    def limit(self) -> float | None:
        """The requests in a second that are allowed now; None if there is no limit."""
        with self._lock:
            self._raise(self._clock.monotonic())
            return self._limit

    def wait(self) -> None:
        """Wait until the next request may be sent. To be called before each."""
        with self._lock:
            now = self._clock.monotonic()
            self._count(now)
            self._raise(now)
            if self._limit is None:
                return
            turn = max(now, self._next_turn)
            self._next_turn = turn + 1 / self._limit
        if turn > now:
            self._clock.sleep(turn - now)

    def throttled(self) -> None:
        """Halve the rate, because S3 asked for fewer requests."""
        with self._lock:
            now = self._clock.monotonic()
            if self._halved_at is not None and now - self._halved_at < _PERIOD:
                return
            self._raise(now)
            rate = max(self._limit or self._measure(now), _LOWEST)
            self._former = max(self._former, rate)
            self._limit = max(rate / 2, _LOWEST)
            self._halved_at = self._raised_at = now

    def _raise(self, now: float) -> None:
        """Raise the limit by the steps of the time since it was halved or raised."""
        if not self._former or self._limit is None:
            return
        steps = int((now - self._raised_at) / _PERIOD)
        self._raised_at += steps * _PERIOD
        end = self._max_rate or 2 * self._former
        raises_to_end = math.log2(end / self._limit) * _RAISES
        if steps >= raises_to_end:
            self._limit, self._former = self._max_rate, 0.0
        elif steps:
            self._limit *= 2 ** (steps / _RAISES)

    def _count(self, now: float) -> None:
        """Count a request."""
        periods = (now - self._period_start) / _PERIOD
        if periods >= 1:
            self._sent_before = self._sent if periods < 2 else 0
            self._sent, self._period_start = 0, now
        self._sent += 1

    def _measure(self, now: float) -> float:
        """The requests of the last second. Those of the period before count for its share in that second."""
        share = max(0.0, 1 - (now - self._period_start) / _PERIOD)
        return (self._sent + share * self._sent_before) / _PERIOD

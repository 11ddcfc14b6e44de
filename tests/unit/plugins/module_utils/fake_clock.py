# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""A clock for tests: a wait takes no time, and advances the clock."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

NOW = datetime(2026, 11, 1, tzinfo=timezone.utc)


class FakeClock:
    """Starts at a fixed time, and only waits advance it. `slept` has the seconds of each wait."""

    def __init__(self, now: datetime = NOW) -> None:
        self.start = now
        self.slept: list[float] = []

    def now(self) -> datetime:
        """The start plus all waits."""
        return self.start + timedelta(seconds=sum(self.slept))

    def monotonic(self) -> float:
        """The seconds of all waits."""
        return sum(self.slept)

    def sleep(self, seconds: float) -> None:
        """Record the wait."""
        self.slept.append(seconds)

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The lab's clock: the real time plus an offset that tests increase."""

from __future__ import annotations

import math
import time


class Clock:
    """A clock that moves only forward, so that no recorded time is ever in the future."""

    def __init__(self) -> None:
        self.offset = 0.0

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time() + self.offset

    def advance(self, seconds: float = 0.0, *, days: float = 0.0) -> float:
        """Move the clock forward, and return the new time. Raise ``ValueError`` for a negative step."""
        step = seconds + days * 86400
        if not math.isfinite(step) or step < 0:
            raise ValueError("the clock can only move forward")
        self.offset += step
        return self.now()

    def reset(self) -> None:
        """Return to the real time."""
        self.offset = 0.0

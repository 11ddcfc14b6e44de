# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Skip regions that do not answer, so that not every item in them waits for its own timeout."""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import replace

from ...model.errors import Failure, FailureKind

# Consecutive calls to a region that must fail before it is skipped. A single failure may be chance.
FAILURE_THRESHOLD = 3


class RegionCircuitBreaker:
    """Tracks which regions have stopped answering. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures: dict[str, list[Failure]] = defaultdict(list)

    def open_failure(self, region: str) -> Failure | None:
        """The failure to report instead of a call to this region; None while the region should be called."""
        with self._lock:
            failures = self._failures.get(region) or []
            if len(failures) < FAILURE_THRESHOLD:
                return None
            cause = failures[0]
        return replace(
            cause,
            code="NotTried",
            message=f"Not tried: {FAILURE_THRESHOLD} consecutive calls to {region} got no response. "
            f"The first: {cause.message}",
        )

    def record(self, region: str, failure: Failure | None) -> None:
        """Record the result of a call; None is a success. Any answer, also a refusal, shows that the region is up."""
        with self._lock:
            if failure is None or failure.kind is not FailureKind.UNREACHABLE:
                self._failures.pop(region, None)
            else:
                self._failures[region].append(failure)

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Regions that do not answer: found out once, and not waited for again by every bucket in them."""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import replace

from ...model.errors import Failure, FailureKind

# So many buckets have to fail one after the other before a region is given up: one may be bad luck.
PATIENCE = 3


class RegionCircuitBreaker:
    """Which regions have stopped answering, told from the outcomes of calls to them. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._silent: dict[str, list[Failure]] = defaultdict(list)

    def given_up(self, region: str) -> Failure | None:
        """The failure to give for a bucket in a region that does not answer; None while it is worth a call."""
        with self._lock:
            failures = self._silent.get(region) or []
            if len(failures) < PATIENCE:
                return None
            cause = failures[0]
        return replace(
            cause,
            code="NotTried",
            message=f"Not tried: {PATIENCE} calls to {region or 'the endpoint'} one after the other got no answer. "
            f"The first: {cause.message}",
        )

    def note(self, region: str, failure: Failure | None) -> None:
        """Take an outcome into account. Any answer, a refusal too, shows that the region is there."""
        with self._lock:
            if failure is None or failure.kind is not FailureKind.UNREACHABLE:
                self._silent.pop(region, None)
            else:
                self._silent[region].append(failure)

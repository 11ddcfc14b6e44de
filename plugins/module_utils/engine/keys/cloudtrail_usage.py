# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The use of keys as CloudTrail reports it, limited in time and number, and within CloudTrail's request rate."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ...model.errors import Failure, OperationError
from ...model.keys.key_usage import MOST_DAYS, KeyUsage, UsageEvent, summarise

if TYPE_CHECKING:
    from ...aws.keys.ports import KeyUsagePort
    from ..clock import Clock

# CloudTrail accepts two requests per second in each account and region. Others may send requests too.
# Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
_SECONDS_APART = 0.55

# Events on a page, and the number of pages without events to accept: CloudTrail may return some while it searches.
_PAGE = 50
_EMPTY_PAGES = 20


@dataclass
class KeyUsageReader:
    """Reads the events of keys, one request after the other. Safe for threads.

    If the first page of a key is refused, CloudTrail refuses every key, so that failure is kept for the run.
    """

    events: KeyUsagePort
    days: int
    most: int
    clock: Clock
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _next: float = 0.0
    _refused: Failure | None = None

    def read(self, key_arn: str) -> KeyUsage:
        """The latest events of a key: at most `most`, of the last `days` days. A failure is in the result."""
        until = self.clock.now()
        since = until - timedelta(days=self.days)
        # Without a start CloudTrail returns all that it has. A start at the limit might be refused.
        start = None if self.days >= MOST_DAYS else since
        found: list[UsageEvent] = []
        token: str | None = None
        failure: Failure | None = None
        for _request in range(self.most // _PAGE + 1 + _EMPTY_PAGES):
            try:
                page, token = self._lookup(key_arn, start, token)
            except OperationError as error:
                failure = error.failure
                break
            found += page
            if token is None or len(found) >= self.most:
                break
        kept = found[: self.most]
        complete = failure is None and token is None and len(kept) == len(found)
        reached = since.isoformat() if complete or not kept else min(event.time for event in kept)
        return KeyUsage(reached, until.isoformat(), complete, summarise(kept), failure)

    def _lookup(self, key_arn: str, start: datetime | None, token: str | None) -> tuple[list[UsageEvent], str | None]:
        with self._turn:
            if self._refused:
                raise OperationError(self._refused)
            pause = self._next - self.clock.monotonic()
            if pause > 0:
                self.clock.sleep(pause)
            try:
                return self.events.lookup_events(key_arn, start, token)
            except OperationError as error:
                if token is None:
                    self._refused = error.failure
                raise
            finally:
                self._next = self.clock.monotonic() + _SECONDS_APART

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Who used keys lately, as CloudTrail tells: bounded in time and number, and no faster than CloudTrail allows."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from ...aws.keys.ports import KeyEventPort
from ...model.errors import Failure, OperationError
from ...model.keys.key_usage import MOST_DAYS, KeyEvent, KeyUsage, summarise

# CloudTrail takes two requests per second, for each account and region; others may be asking, too.
# Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
_SECONDS_APART = 0.55

# Events on a page, and the pages without any that are put up with: CloudTrail may answer some while it searches.
_PAGE = 50
_EMPTY_PAGES = 20


def _utc_now() -> datetime:
    return datetime.now(timezone.utc)


@dataclass
class KeyUsageReader:
    """Reads the events of keys, from any thread, one request after the other.

    A first page that is refused is refused for every key, so it is asked for once only.
    """

    events: KeyEventPort
    days: int
    most: int
    now: Callable[[], datetime] = _utc_now
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _next: float = 0.0
    _refused: Failure | None = None

    def of(self, key_arn: str) -> KeyUsage:
        """The latest events of a key, at most `most` of at most `days` days."""
        until = self.now()
        since = until - timedelta(days=self.days)
        # All that CloudTrail has; a start that is on the edge of it might be refused.
        start = None if self.days >= MOST_DAYS else since
        found: list[KeyEvent] = []
        token: str | None = None
        failure: Failure | None = None
        for _request in range(self.most // _PAGE + 1 + _EMPTY_PAGES):
            try:
                page, token = self._ask(key_arn, start, token)
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

    def _ask(self, key_arn: str, start: datetime | None, token: str | None) -> tuple[list[KeyEvent], str | None]:
        with self._turn:
            if self._refused:
                raise OperationError(self._refused)
            self.sleep(max(0.0, self._next - self.clock()))
            try:
                return self.events.lookup_events(key_arn, start, token)
            except OperationError as error:
                if token is None:
                    self._refused = error.failure
                raise
            finally:
                self._next = self.clock() + _SECONDS_APART

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The event history of CloudTrail: what LookupEvents returns."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

KEY_TYPE = "AWS::KMS::Key"
RETENTION = 90 * 86400.0
SOURCE = "kms.amazonaws.com"


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the event history."""

    event_id: str
    time: float
    name: str
    read_only: bool
    access_key: str
    user: str
    keys: tuple[str, ...]
    document: str
    source: str = SOURCE


@dataclass(slots=True)
class EventHistory:
    """The event history of every account and region."""

    _events: dict[tuple[str, str], deque[Event]] = field(default_factory=dict)
    lookups: dict[tuple[str, str], deque[float]] = field(default_factory=dict)

    def events(self, account: str, region: str, now: float) -> list[Event]:
        """Return the events of the last 90 days, newest first."""
        events = self._events.get((account, region), deque())
        while events and events[0].time < now - RETENTION:
            events.popleft()
        return list(reversed(events))

    def add(self, account: str, region: str, event: Event) -> None:
        """Append an event."""
        self._events.setdefault((account, region), deque(maxlen=50_000)).append(event)

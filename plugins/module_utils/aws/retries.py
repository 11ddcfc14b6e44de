# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Retries of a call that was throttled, or that failed at the service or on the way to it; the rate of all calls.

The conditions and the delays are those of the SDK's standard mode. That mode also has a quota of retries which all
calls of a client share: a few buckets that are throttled without end use it up, and then every other call fails at its
first throttle. Here each call has its own attempts.
Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
"""

from __future__ import annotations

import random
from typing import Any, Protocol

try:
    from botocore import exceptions as sdk
except ImportError:  # the frontend reports a missing SDK before anything here is called
    pass

MAX_ATTEMPTS = 6
_LONGEST_DELAY = 20  # seconds

# The calls for each bucket and each account of a fleet, which would wait too long for a silent endpoint with all
# attempts.
_OF_FLEETS = ("AssumeRole", "GetBucketEncryption", "PutBucketEncryption")
_MAX_TIMEOUTS = 2

_STATUSES = (500, 502, 504)
_CODES = ("PriorRequestNotComplete", "RequestTimeout", "RequestTimeoutException")

# Answers that ask for fewer requests.
_THROTTLING_STATUSES = (429, 503)
_THROTTLING_CODES = (
    "BandwidthLimitExceeded",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
)


def register_retries(client: Any) -> None:
    """Repeat the calls of a client, which has no retries of its own."""
    client.meta.events.register(f"needs-retry.{client.meta.service_model.service_id.hyphenize()}", _delay)


class RequestPace(Protocol):
    """Decides when a request may be sent. Safe for threads."""

    def wait(self) -> None:
        """Wait until the next request may be sent. Called before each attempt of each call."""

    def throttled(self) -> None:
        """The service asked for fewer requests. Called after each such answer."""


def register_pace(client: Any, pace: RequestPace) -> None:
    """Tell `pace` of each answer that asks for fewer requests.

    The requests wait in `aws/direct`. The answer to a direct one is seen here, because the client decides on such ones.
    """

    def look(response: Any, **_event: Any) -> None:
        if _is_throttled(response):
            pace.throttled()

    client.meta.events.register(f"needs-retry.{client.meta.service_model.service_id.hyphenize()}", look)


def _delay(
    attempts: int, response: Any, caught_exception: Exception | None, operation: Any, **_event: Any
) -> float | None:
    """The seconds until the next attempt; None if there is none. `attempts` is the number of attempts so far."""
    timed_out = isinstance(caught_exception, (sdk.ConnectTimeoutError, sdk.ReadTimeoutError))
    if timed_out and attempts >= _MAX_TIMEOUTS and operation.name in _OF_FLEETS:
        return None
    if attempts >= MAX_ATTEMPTS or not _is_temporary(response, caught_exception):
        return None
    longest: int = min(2 ** (attempts - 1), _LONGEST_DELAY)
    return random.random() * longest


def _is_throttled(response: Any) -> bool:
    return response is not None and _is_one_of(response, _THROTTLING_STATUSES, _THROTTLING_CODES)


def _is_temporary(response: Any, caught_exception: Exception | None) -> bool:
    if response is None:
        return isinstance(caught_exception, (sdk.ConnectionError, sdk.HTTPClientError))
    return _is_throttled(response) or _is_one_of(response, _STATUSES, _CODES)


def _is_one_of(response: Any, statuses: tuple[int, ...], codes: tuple[str, ...]) -> bool:
    http, parsed = response
    return http.status_code in statuses or parsed.get("Error", {}).get("Code") in codes

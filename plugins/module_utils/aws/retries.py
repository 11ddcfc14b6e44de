# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Retries of a call that was throttled, or that failed at the service or on the way to it.

The conditions and the delays are those of the SDK's standard mode. That mode also has a quota of retries which all
calls of a client share: a few buckets that are throttled without end use it up, and then every other call fails at its
first throttle. Here each call has its own attempts.
Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
"""

from __future__ import annotations

import random
from typing import Any

try:
    from botocore import exceptions as sdk
except ImportError:  # the frontend reports a missing SDK before anything here is called
    pass

MAX_ATTEMPTS = 6
_LONGEST_DELAY = 20  # seconds

# The calls for each bucket of a fleet, which would wait too long for a silent endpoint with all attempts.
_OF_FLEETS = ("GetBucketEncryption", "PutBucketEncryption")
_MAX_TIMEOUTS = 2

_STATUSES = (429, 500, 502, 503, 504)
_CODES = (
    "BandwidthLimitExceeded",
    "PriorRequestNotComplete",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestTimeout",
    "RequestTimeoutException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
)


def register_retries(client: Any) -> None:
    """Repeat the calls of a client, which has no retries of its own."""
    client.meta.events.register(f"needs-retry.{client.meta.service_model.service_id.hyphenize()}", _delay)


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


def _is_temporary(response: Any, caught_exception: Exception | None) -> bool:
    if response is None:
        return isinstance(caught_exception, (sdk.ConnectionError, sdk.HTTPClientError))
    http, parsed = response
    return http.status_code in _STATUSES or parsed.get("Error", {}).get("Code") in _CODES

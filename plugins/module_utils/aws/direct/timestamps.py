# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The times in responses of S3, which has two formats for them.

The SDK's own function accepts any format, and takes as long for one time as its parser for the rest of a HeadObject. A
list of objects or buckets has a thousand times.
Source: https://smithy.io/2.0/spec/protocol-traits.html#timestampformat-trait
"""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any

try:
    from botocore.utils import parse_timestamp
except ImportError:  # the frontend reports a missing SDK before anything here is called
    pass

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HTTP_DATE = re.compile(r"[A-Z][a-z]{2}, (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT", re.ASCII)
_ISO_8601 = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{3}))?Z", re.ASCII)


def parse_time(value: Any) -> datetime:
    """The time in a response. Raises ValueError, as the SDK's own function does."""
    if isinstance(value, str):
        match = _ISO_8601.fullmatch(value)
        if match:
            year, month, day, hour, minute, second, milliseconds = (int(part or 0) for part in match.groups())
            return datetime(year, month, day, hour, minute, second, milliseconds * 1000, timezone.utc)
        match = _HTTP_DATE.fullmatch(value)
        if match and match[2] in _MONTHS:
            month = _MONTHS.index(match[2]) + 1
            return datetime(
                int(match[3]), month, int(match[1]), int(match[4]), int(match[5]), int(match[6]), 0, timezone.utc
            )
    parsed: datetime = parse_timestamp(value)
    return parsed

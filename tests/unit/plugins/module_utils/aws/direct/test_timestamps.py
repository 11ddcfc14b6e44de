# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Times in responses: the same as the SDK's own function gives, at less cost."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timezone
from email.utils import format_datetime
from typing import Any

import pytest
from botocore.utils import parse_timestamp

from ansible_collections.sealed.s3.plugins.module_utils.aws.direct.timestamps import parse_time


def test_the_formats_of_s3() -> None:
    """With any time."""
    chance = random.Random(16)
    for _number in range(200):
        time = datetime.fromtimestamp(chance.randrange(0, 4_000_000_000), timezone.utc)
        for text in (
            time.strftime("%Y-%m-%dT%H:%M:%SZ"),
            time.strftime("%Y-%m-%dT%H:%M:%S.123Z"),
            format_datetime(time, usegmt=True),
        ):
            expected = time.replace(microsecond=123_000 if ".123" in text else 0)
            assert parse_time(text) == expected == parse_timestamp(text)
            assert parse_time(text).utcoffset() == parse_timestamp(text).utcoffset()


@pytest.mark.parametrize(
    "value", ["2026-11-26T19:00:00+01:00", "20261126T190000Z", "26 Nov 2026 19:00:00 GMT", 1_790_000_000, "1790000000"]
)
def test_other_formats(value: Any) -> None:
    """They are left to the SDK."""
    assert parse_time(value) == parse_timestamp(value)


NO_TIMES = ["", "2026-13-26T19:00:00Z", "Thu, 26 Foo 2026 19:00:00 GMT", "Thu, 32 Nov 2026 19:00:00 GMT"]


@pytest.mark.parametrize("text", NO_TIMES)
@pytest.mark.parametrize("parse", [parse_time, parse_timestamp])
def test_what_is_no_time(text: str, parse: Callable[[str], datetime]) -> None:
    """It is a ValueError, as for the SDK."""
    with pytest.raises(ValueError, match=r"."):
        parse(text)

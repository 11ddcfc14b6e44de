# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Every module that inspects says when it ended reading, so that a report has the time of its results."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import count
from typing import Any

import pytest

from .conftest import Task, TestClock

BEGAN = datetime(2026, 11, 27, 8, 0, 0, 999_999, timezone.utc)


def test_the_time_is_that_of_the_end(
    task: Task, clock: TestClock, bucket: str, key_arn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In UTC and in whole seconds, also where a bucket could not be read."""
    inspections: dict[str, dict[str, Any]] = {
        "bucket_default_encryption_info": {"buckets": [bucket], "expected": {"encryption": "SSE-KMS"}},
        "bucket_encryption_policy_info": {"buckets": [bucket, "not-a-bucket"]},
        "kms_key_for_s3_info": {"alias": "app"},
        "s3_encrypted_object_info": {"bucket": bucket, "prefix": ""},
        "bucket_reencryption_info": {"bucket": bucket},
    }
    for module, options in inspections.items():
        seconds = count()
        monkeypatch.setattr(clock, "now", lambda ticks=seconds: BEGAN + timedelta(seconds=next(ticks)))
        result = task(module, **options)
        last = BEGAN + timedelta(seconds=next(seconds) - 1)
        assert result["inspected_at"] == last.replace(microsecond=0).isoformat(), module
        if module == "bucket_reencryption_info":  # its rows do not have the bucket
            assert result["bucket"] == bucket

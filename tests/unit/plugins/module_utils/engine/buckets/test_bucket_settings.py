# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The settings of buckets: read once for a run, whether that succeeds or fails."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.buckets.bucket_settings import BucketSettings
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.bucket_default import BucketDefault
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, OperationError
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_aws import FakeS3

RULE = BucketDefault("SSE-S3", blocked=("SSE-C",))
SETTINGS = [
    pytest.param(BucketSettings.default_encryption, "GetBucketEncryption", RULE, id="default encryption"),
    pytest.param(BucketSettings.acls_are_disabled, "GetBucketOwnershipControls", False, id="ACLs"),
    pytest.param(BucketSettings.default_retention, "GetObjectLockConfiguration", None, id="retention"),
]


def two_buckets() -> FakeS3:
    s3 = FakeS3()
    s3.add_bucket("one", RULE)
    s3.add_bucket("two", RULE)
    return s3


@pytest.mark.parametrize(("read", "operation", "value"), SETTINGS)
def test_a_setting_is_read_once_per_bucket(
    read: Callable[[BucketSettings, str], object], operation: str, value: object
) -> None:
    """From any number of threads, and also if its value is None."""
    s3 = two_buckets()
    settings = BucketSettings(s3)
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda bucket: read(settings, bucket), ["one", "two"] * 20))
    assert results == [value] * 40
    assert s3.reads == [operation] * 2


@pytest.mark.parametrize(("read", "operation", "value"), SETTINGS)
def test_a_failure_is_kept(read: Callable[[BucketSettings, str], object], operation: str, value: object) -> None:
    """The same failure is raised again, without another call."""
    s3 = two_buckets()
    settings = BucketSettings(s3)
    s3.failures[operation] = Failure(FailureKind.FORBIDDEN, "no")
    for _time in range(2):
        with pytest.raises(OperationError) as error:
            read(settings, "one")
        assert error.value.failure == s3.failures[operation]
    assert s3.reads == [operation]
    s3.failures.clear()
    assert read(settings, "two") == value

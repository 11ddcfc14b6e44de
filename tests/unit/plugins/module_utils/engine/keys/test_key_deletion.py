# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The deletion of a key: its checks, and its calls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.key_deletion import (
    DeletionContext,
    KeyDeletionResource,
)
from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.key_references import KeyReferenceReader
from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.key_resolver import KeyResolver
from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.waiters import Waiter
from ansible_collections.sealed.s3.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.bucket_default import BucketDefault
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.selection import Bucket
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_deletion import DesiredDeletion
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_state import KeyState
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.last_usage import LastUsage
from ansible_collections.sealed.s3.plugins.module_utils.model.outcome import Outcome
from ansible_collections.sealed.s3.plugins.module_utils.model.tags import Tags
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_aws import (
    DEFAULT_POLICY,
    FakeKms,
    FakeS3,
    key_arn,
)
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_clock import NOW, FakeClock

KEY = KeyState("one", key_arn("one"), aliases=("alias/one",), policy=DEFAULT_POLICY, tags=())
TWO = replace(KEY, key_id="two", arn=key_arn("two"), aliases=("alias/two",))

DELETE = DesiredDeletion()


class ListingS3(FakeS3):
    """S3 that lists its buckets."""

    def list_buckets(self, prefix: str, region: str | None) -> Iterator[Bucket]:
        """Those of the region."""
        self.read("ListBuckets")
        yield from (Bucket(name, place) for name, place in self.regions.items() if place == region)

    def find_buckets_by_tags(self, tags: Tags, region: str) -> Iterator[str]:
        """Not used."""
        raise NotImplementedError

    def get_bucket_tagging(self, bucket: Bucket) -> Tags:
        """Not used."""
        raise NotImplementedError


def kms_and_s3(*keys: KeyState) -> tuple[FakeKms, ListingS3]:
    kms = FakeKms()
    for key in keys or (KEY, TWO):
        kms.add_key(key)
    return kms, ListingS3()


def run(
    kms: FakeKms, s3: ListingS3, desired: DesiredDeletion = DELETE, check: bool = False
) -> Outcome[KeyState, DeletionContext]:
    references = KeyReferenceReader(s3, s3, KeyResolver(kms))
    resource = KeyDeletionResource("alias/one", desired, kms, references, Waiter(FakeClock()))
    return reconcile(resource, check_mode=check)


NAMES = [
    pytest.param("alias/two", id="alias of another"),
    pytest.param("two", id="another"),
    pytest.param("alias/unknown", id="unknown alias"),
    pytest.param(None, id="no key"),
]


@pytest.mark.parametrize("text", NAMES)
def test_other_buckets_do_not_prevent_the_deletion(text: str | None) -> None:
    """Buckets with another key or without a key, and buckets of another region. A check run has the same result."""
    kms, s3 = kms_and_s3()
    s3.add_bucket("raw", BucketDefault("SSE-KMS", text))
    s3.add_bucket("far", BucketDefault("SSE-KMS", "one"), region="us-east-1")
    for check in (True, False):
        assert run(kms, s3, check=check).failure is None
    assert kms.writes == ["ScheduleKeyDeletion"]


def test_buckets_that_cannot_be_listed_prevent_the_deletion() -> None:
    """The task fails; with force it continues with a warning."""
    kms, s3 = kms_and_s3()
    s3.failures["ListBuckets"] = Failure(FailureKind.FORBIDDEN, "no list")
    assert run(kms, s3).failure == s3.failures["ListBuckets"]
    forced = run(kms, s3, DesiredDeletion(force=True))
    assert forced.changed
    assert "no list" in forced.warnings[0]


@pytest.mark.parametrize(("days", "scheduled"), [(0, False), (29, False), (30, True), (400, True)])
def test_a_recently_used_key_is_not_deleted(days: int, scheduled: bool) -> None:
    """unused_days is counted from now."""
    kms, s3 = kms_and_s3()
    long_ago = NOW - timedelta(days=500)
    kms.last_uses["one"] = LastUsage(NOW - timedelta(days=days), long_ago, long_ago)
    assert run(kms, s3).changed == scheduled


def test_an_unknown_last_use_is_a_warning() -> None:
    """The operation is not supported, or the record is too short; unused_days: 0 skips the check."""
    kms, s3 = kms_and_s3()
    kms.last_uses["one"] = LastUsage(None, NOW - timedelta(days=3), NOW - timedelta(days=500))
    assert "for 3 days only" in run(kms, s3, check=True).warnings[0]
    kms.failures["GetKeyLastUsage"] = Failure(FailureKind.UNSUPPORTED, "too old")
    assert "too old" in run(kms, s3, check=True).warnings[0]
    kms.failures["GetKeyLastUsage"] = Failure(FailureKind.FORBIDDEN, "no")
    assert run(kms, s3, check=True).failure is not None
    assert run(kms, s3, DesiredDeletion(unused_days=0), check=True).warnings == ()

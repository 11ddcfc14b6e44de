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
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_usage import LastUsage
from ansible_collections.sealed.s3.plugins.module_utils.model.outcome import Outcome
from ansible_collections.sealed.s3.plugins.module_utils.model.tags import Tags
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_aws import (
    DEFAULT_POLICY,
    REGION,
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
    pytest.param("one", True, id="id"),
    pytest.param(key_arn("one"), True, id="ARN"),
    pytest.param("alias/one", True, id="alias"),
    pytest.param(key_arn("one").replace("key/one", "alias/one"), True, id="alias ARN"),
    pytest.param("alias/two", False, id="alias of another"),
    pytest.param("two", False, id="another"),
    pytest.param("alias/unknown", False, id="unknown alias"),
    pytest.param(None, False, id="no key"),
]


@pytest.mark.parametrize(("text", "named"), NAMES)
def test_a_bucket_that_names_the_key_is_found(text: str | None, named: bool) -> None:
    """For every form of the reference; a check run has the same result."""
    kms, s3 = kms_and_s3()
    kms.aliases[key_arn("one").replace("key/one", "alias/one")] = "one"
    s3.add_bucket("raw", BucketDefault("SSE-KMS", text))
    s3.add_bucket("far", BucketDefault("SSE-KMS", "one"), region="us-east-1")
    for check in (True, False):
        outcome = run(kms, s3, check=check)
        assert (outcome.failure is not None) == named
        if outcome.failure:
            assert outcome.failure.kind is FailureKind.IN_USE
            assert "raw" in outcome.failure.message
    assert kms.writes == ([] if named else ["ScheduleKeyDeletion"])


def test_the_date_is_reported_and_the_second_run_changes_nothing() -> None:
    """And reads no bucket."""
    kms, s3 = kms_and_s3()
    s3.add_bucket("raw")
    done = run(kms, s3)
    assert done.after is not None
    assert done.after.deletion_date == "2026-12-01T00:00:00+00:00"
    assert done.planned is not None
    assert done.planned.deletion_date is None
    s3.reads.clear()
    assert not run(kms, s3).changed
    assert s3.reads == []


def test_buckets_that_cannot_be_read_prevent_the_deletion() -> None:
    """They may name the key."""
    kms, s3 = kms_and_s3()
    s3.add_bucket("raw")
    s3.failures["GetBucketEncryption"] = Failure(FailureKind.FORBIDDEN, "no")
    outcome = run(kms, s3)
    assert outcome.failure is not None
    assert "could not be read" in outcome.failure.message
    assert run(kms, s3, DesiredDeletion(force=True)).changed


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


def test_replicas_and_the_buckets_of_their_regions() -> None:
    """A bucket in that region prevents it; the replica is scheduled first."""
    arn = key_arn("one", "us-east-1")
    kms, s3 = kms_and_s3(replace(KEY, multi_region=True, replica_regions=("us-east-1",)))
    kms.lookups[arn, "us-east-1"] = replace(kms.describe_key("alias/one", REGION), arn=arn)
    s3.add_bucket("far", BucketDefault("SSE-KMS", arn), region="us-east-1")
    error = run(kms, s3)
    assert error.failure is not None
    assert "far" in error.failure.message
    s3.add_bucket("far", region="us-east-1")
    done = run(kms, s3)
    assert done.actions == ("ScheduleKeyDeletion", "ScheduleKeyDeletion")
    assert kms.deleted_replicas == ["us-east-1"]
    assert kms.keys["one"].state == "PendingReplicaDeletion"

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Descriptions of keys: the calls for each part, and the effect of a refusal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timezone

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.key_inspector import KeyInspection, KeyInspector
from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.key_references import KeyReferenceReader
from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.key_resolver import KeyResolver
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.bucket_default import BucketDefault
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.selection import Bucket
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_report import Extras
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_rotation import PastRotation, Rotation
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_state import KeyState
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.last_usage import LastUsage
from ansible_collections.sealed.s3.plugins.module_utils.model.tags import Tags
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_aws import (
    DEFAULT_POLICY,
    FakeKms,
    FakeS3,
    key_arn,
    operation_error,
)

WHEN = datetime(2026, 11, 1, tzinfo=timezone.utc)


def as_reported(policy: str) -> str:
    """A policy in the format that KMS returns."""
    kms = FakeKms()
    kms.add_key(KeyState("one", policy=policy))
    return kms.get_key_policy("one")


ONE = KeyState(
    "one",
    key_arn("one"),
    aliases=("alias/one",),
    policy=as_reported(DEFAULT_POLICY),
    tags=(("a", "b"),),
    rotation=Rotation(False),
)
TWO = replace(ONE, key_id="two", arn=key_arn("two"), aliases=("alias/two", "alias/zwei"))
RSA = replace(ONE, key_id="rsa", arn=key_arn("rsa"), aliases=(), spec="RSA_2048", rotation=None)
AWS = replace(ONE, key_id="aws", arn=key_arn("aws"), aliases=("alias/aws/s3",), manager="AWS")
PLAIN = Extras()
NO = Failure(FailureKind.FORBIDDEN, "no", action="kms:X", code="AccessDeniedException")


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


def inspector_with(*keys: KeyState, extras: Extras = PLAIN) -> tuple[KeyInspector, FakeKms, ListingS3]:
    kms, s3 = FakeKms(), ListingS3()
    for key in keys:
        kms.add_key(key)
    return KeyInspector(kms, KeyReferenceReader(s3, s3, KeyResolver(kms)), extras), kms, s3


def test_each_extra_costs_its_own_call() -> None:
    """An extra that a key cannot have is not requested."""
    extras = Extras(grants=True, last_usage=True, rotations=True)
    inspector, kms, _s3 = inspector_with(ONE, RSA, extras=extras)
    kms.grants["one"] = 3
    kms.rotations["one"] = (PastRotation("2026-10-01", "AUTOMATIC"),)
    kms.last_uses["one"] = LastUsage(WHEN, WHEN, WHEN, "Decrypt")
    one, rsa = inspector.describe_all(concurrency=2).reports
    assert (one.grants, one.rotations) == (3, (PastRotation("2026-10-01", "AUTOMATIC"),))
    assert one.last_usage == LastUsage(WHEN, WHEN, WHEN, "Decrypt")
    assert rsa.last_usage is not None
    assert (rsa.grants, rsa.rotations, rsa.last_usage.last_used) == (0, None, None)
    assert [kms.reads.count(name) for name in ("ListGrants", "GetKeyLastUsage", "ListKeyRotations")] == [2, 2, 1]


def test_the_buckets_are_read_once_for_all_keys() -> None:
    """For any number of keys; a bucket may name its key in any form."""
    inspector, _kms, s3 = inspector_with(ONE, TWO, extras=Extras(references=True))
    for name, key in [("b", key_arn("one")), ("a", "alias/one"), ("c", "two"), ("d", None), ("e", "alias/deleted")]:
        s3.add_bucket(name, BucketDefault("SSE-KMS", key))
    s3.add_bucket("elsewhere", BucketDefault("SSE-KMS", "one"), region="us-west-2")
    assert [report.references for report in inspector.describe_all(concurrency=2).reports] == [("a", "b"), ("c",)]
    assert s3.reads == ["ListBuckets", *["GetBucketEncryption"] * 5]


@pytest.mark.parametrize(
    ("operation", "part"),
    [
        ("GetKeyPolicy", "policy"),
        ("ListResourceTags", "tags"),
        ("GetKeyRotationStatus", "rotation"),
        ("ListAliases", "aliases"),
        ("ListGrants", "grants"),
        ("GetKeyLastUsage", "last_usage"),
        ("ListKeyRotations", "rotations"),
    ],
)
def test_an_unreadable_part_is_reported(operation: str, part: str) -> None:
    """It is missing, with the reason; all other parts are reported."""
    inspector, kms, _s3 = inspector_with(ONE, TWO, extras=Extras(grants=True, last_usage=True, rotations=True))
    kms.failures[operation] = NO
    one, every = inspector.describe("one"), inspector.describe_all(concurrency=1)
    for found in (one, every):
        for report in found.reports:
            assert report.key is not None
            assert report.failures == (NO,)
            value = getattr(report.key if part in ("policy", "tags", "rotation") else report, part)
            assert value is None
    assert one.warnings == ("Not all of the KMS key could be read. no",)
    assert every.warnings == ("Not all of 2 of 2 KMS keys could be read. no",)


def test_a_key_that_may_not_be_described() -> None:
    """Among all keys it is reported; by name it is an error; a key of AWS, known by its alias, is not reported."""

    class DescribesOneKey(FakeKms):
        def get_key(self, key: str) -> KeyState:
            if key != "one":
                raise OperationError(NO)
            return super().get_key(key)

    kms, s3 = DescribesOneKey(), ListingS3()
    for key in (ONE, TWO, AWS):
        kms.add_key(key)
    inspector = KeyInspector(kms, KeyReferenceReader(s3, s3, KeyResolver(kms)), Extras())
    found = inspector.describe_all(concurrency=1)
    one, two = found.reports
    assert (one.key, two.key) == (ONE, None)
    assert (two.key_id, two.aliases, two.failures) == ("two", ("alias/two", "alias/zwei"), (NO,))
    assert found.warnings == ("Not all of 1 of 2 KMS keys could be read. no",)
    with pytest.raises(OperationError):
        inspector.describe("two")


def test_no_key_and_keys_that_may_not_be_listed() -> None:
    """A name without a key is an empty result; a refused list is a failure."""
    inspector, kms, _s3 = inspector_with(ONE)
    assert inspector.describe("alias/none") == KeyInspection(())
    kms.failures["ListKeys"] = NO
    with pytest.raises(OperationError):
        inspector.describe_all(concurrency=1)


def test_buckets_that_cannot_be_read() -> None:
    """If they cannot be listed, used_by is not available; if one cannot be read, used_by may lack it."""
    inspector, _kms, s3 = inspector_with(ONE, extras=Extras(references=True))
    s3.add_bucket("a", BucketDefault("SSE-KMS", "one"))
    s3.failures["GetBucketEncryption"] = NO
    found = inspector.describe_all(concurrency=1)
    assert [report.references for report in found.reports] == [()]
    assert found.warnings == (
        "The default encryption of a could not be read (s3:GetEncryptionConfiguration), so used_by may lack it.",
    )
    s3.failures["ListBuckets"] = operation_error(FailureKind.FORBIDDEN, "access denied").failure
    found = inspector.describe_all(concurrency=1)
    assert [report.references for report in found.reports] == [None]
    assert found.warnings == ("used_by is not available: access denied",)


def test_the_progress_of_all_keys_and_of_all_buckets_is_reported() -> None:
    """After each of them, with the number of all keys. The number of all buckets is not known while they are listed."""
    kms, s3 = FakeKms(), ListingS3()
    keys: list[tuple[int, int]] = []
    buckets: list[int] = []
    for key in (ONE, TWO):
        kms.add_key(key)
    for name in ("a", "b", "c"):
        s3.add_bucket(name)
    references = KeyReferenceReader(s3, s3, KeyResolver(kms), buckets.append)
    inspector = KeyInspector(kms, references, Extras(references=True))
    inspector.describe_all(2, lambda done, total: keys.append((done, total)))
    assert keys == [(1, 2), (2, 2)]
    assert buckets == [1, 2, 3]

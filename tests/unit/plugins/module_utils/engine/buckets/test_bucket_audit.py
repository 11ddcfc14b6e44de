# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The audit of one bucket: what it lacks, and what is a failure instead."""

from __future__ import annotations

from ansible_collections.sealed.s3.plugins.module_utils.engine.buckets.bucket_audit import BucketAudit, audit_bucket
from ansible_collections.sealed.s3.plugins.module_utils.engine.buckets.bucket_default import BucketDefaultResource
from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.key_resolver import KeyResolver
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.bucket_default import (
    BucketDefault,
    DesiredBucketDefault,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_ref import KeyRef
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import SSE_KMS
from ansible_collections.sealed.s3.plugins.module_utils.model.outcome import Outcome
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_aws import REGION, FakeKms, FakeS3, key_arn

ONE = key_arn("one")


def resource(s3: FakeS3, desired: DesiredBucketDefault, key: str | None = None) -> BucketDefaultResource:
    """A bucket that is compared, in an account whose keys cannot be described."""
    kms = FakeKms()
    kms.lookups = {(ONE, REGION): Failure(FailureKind.FORBIDDEN, "no")}
    reference = KeyRef.parse(key) if key else None
    return BucketDefaultResource("bucket", desired, reference, s3, KeyResolver(kms))


def bucket_with(rule: BucketDefault) -> FakeS3:
    """S3 with one bucket."""
    s3 = FakeS3()
    s3.add_bucket("bucket", rule)
    return s3


def test_a_bucket_as_expected_has_no_findings() -> None:
    """Its rule and its region are reported, and no change."""
    rule = BucketDefault("SSE-KMS", bucket_key_enabled=True)
    s3 = bucket_with(rule)
    outcome = audit_bucket(resource(s3, DesiredBucketDefault(SSE_KMS)))
    assert outcome == Outcome(before=rule, planned=rule, context=BucketAudit(REGION))
    assert s3.writes == []


def test_a_difference_is_a_finding_and_no_change() -> None:
    """The key that is expected is not described, as nothing is written with it."""
    s3 = bucket_with(BucketDefault("SSE-S3"))
    outcome = audit_bucket(resource(s3, DesiredBucketDefault(SSE_KMS), ONE))
    assert (outcome.failure, outcome.changed, outcome.warnings) == (None, False, ())
    assert outcome.context
    assert [finding.message for finding in outcome.context.findings] == [
        f"New objects get SSE-S3 by default, not SSE-KMS with the key {ONE}."
    ]
    assert s3.writes == []

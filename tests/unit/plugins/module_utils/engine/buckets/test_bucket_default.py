# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The default encryption of one bucket: reads, lookups of keys, writes and failures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.buckets.bucket_default import (
    BucketContext,
    BucketDefaultResource,
)
from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.key_resolver import KeyResolver
from ansible_collections.sealed.s3.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.bucket_default import (
    BucketDefault,
    DesiredBucketDefault,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_ref import KeyRef
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_state import KeyState
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import SSE_KMS, SSE_S3
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_aws import REGION, FakeKms, FakeS3, key_arn

ONE = key_arn("one")
USABLE = KeyState("one", ONE)
KMS = DesiredBucketDefault(SSE_KMS)


def keys_of_one() -> FakeKms:
    """KMS with one key, by each of its names."""
    kms = FakeKms()
    kms.lookups = {(name, REGION): USABLE for name in ("one", ONE, "alias/one")}
    return kms


def resource(
    rule: BucketDefault | None,
    desired: DesiredBucketDefault,
    key: str | None = None,
    kms: FakeKms | None = None,
    region: str = REGION,
) -> tuple[BucketDefaultResource, FakeS3, FakeKms]:
    s3, kms = FakeS3(), kms or keys_of_one()
    if rule:
        s3.add_bucket("bucket", rule, region)
    reference = KeyRef.parse(key) if key else None
    return BucketDefaultResource("bucket", desired, reference, s3, KeyResolver(kms)), s3, kms


COSTS = [
    pytest.param(BucketDefault("SSE-KMS", ONE), ONE, False, [], id="the ARN, as its ARN"),
    pytest.param(BucketDefault("SSE-KMS", ONE), "alias/one", False, ["alias/one"], id="the ARN, as its alias"),
    pytest.param(BucketDefault("SSE-KMS", "alias/one"), ONE, False, ["alias/one"], id="the alias, as its ARN"),
    pytest.param(BucketDefault("SSE-KMS", "one"), ONE, False, ["one"], id="the id, as its ARN"),
    pytest.param(BucketDefault("SSE-KMS"), "alias/aws/s3", False, ["alias/aws/s3"], id="no key, the AWS managed one"),
    pytest.param(BucketDefault("SSE-KMS"), ONE, True, [ONE], id="no key, and one is named"),
    pytest.param(BucketDefault("SSE-S3"), ONE, True, [ONE], id="another algorithm"),
    pytest.param(BucketDefault("SSE-KMS", key_arn("two")), ONE, True, [ONE], id="another key by its ARN"),
    pytest.param(
        BucketDefault("SSE-KMS", "alias/deleted"), ONE, True, ["alias/deleted", ONE], id="a deleted key is another one"
    ),
    pytest.param(BucketDefault("SSE-KMS", "no:sense"), ONE, True, [ONE], id="not a key"),
]


@pytest.mark.parametrize(("rule", "key", "changed", "described"), COSTS)
def test_keys_are_compared_by_arn_with_few_lookups(
    rule: BucketDefault, key: str, changed: bool, described: list[str]
) -> None:
    """One read of the bucket. A key is described only if its name is ambiguous, or before it is written."""
    bucket, s3, kms = resource(rule, KMS, key)
    outcome = reconcile(bucket, check_mode=False)
    assert (outcome.failure, outcome.changed) == (None, changed)
    assert s3.reads == ["GetBucketEncryption"]
    assert s3.writes == (["PutBucketEncryption"] if changed else [])
    assert [name for name, _region in kms.described] == described
    if changed:
        assert s3.rules["bucket"].kms_key == ONE


@pytest.mark.parametrize("named", ["my-key", "arn:aws:kms:my-key"])
@pytest.mark.parametrize("reported", ["my-key", "arn:aws:kms:my-key"])
def test_a_key_of_a_store_without_a_key_service_is_compared_by_its_name(named: str, reported: str) -> None:
    """The store reports it with or without a prefix."""
    no_kms = Failure(FailureKind.UNSUPPORTED, "What?")
    kms = FakeKms()
    kms.at_store, kms.lookups = True, {(name, REGION): no_kms for name in (named, reported, "other")}
    for rule, changed in ((BucketDefault("SSE-KMS", reported), False), (BucketDefault("SSE-KMS", "other"), True)):
        made, _s3, _kms = resource(rule, KMS, kms=kms)
        made = replace(made, kms_key=KeyRef.parse(named, of_store=True))
        outcome = reconcile(made, check_mode=True)
        assert (outcome.failure, outcome.changed, len(outcome.warnings)) == (None, changed, int(changed))


def test_a_key_that_is_not_written_is_not_checked() -> None:
    """A bucket that already has the key is unchanged, also if the key is disabled."""
    kms = keys_of_one()
    kms.lookups[ONE, REGION] = replace(USABLE, state="Disabled")
    bucket, _s3, _kms = resource(BucketDefault("SSE-KMS", ONE), KMS, ONE, kms)
    assert reconcile(bucket, check_mode=False).failure is None


def test_a_bucket_in_another_region_is_written_there() -> None:
    """With the key that has the alias in the bucket's region."""
    kms = FakeKms()
    there = key_arn("there", "us-east-1")
    kms.lookups = {("alias/one", "us-east-1"): replace(USABLE, arn=there)}
    bucket, s3, _kms = resource(BucketDefault("SSE-S3"), KMS, "alias/one", kms, "us-east-1")
    outcome = reconcile(bucket, check_mode=False)
    assert (outcome.failure, outcome.context) == (None, BucketContext("us-east-1", BucketDefault("SSE-S3")))
    assert s3.rules["bucket"].kms_key == there


@pytest.mark.parametrize(
    ("rule", "desired", "key", "kind"),
    [
        pytest.param(None, KMS, None, FailureKind.ABSENT, id="missing bucket"),
        pytest.param(
            BucketDefault("SSE-S3"), DesiredBucketDefault(SSE_S3), ONE, FailureKind.INVALID, id="key for SSE-S3"
        ),
        pytest.param(BucketDefault("SSE-S3"), KMS, "alias/none", FailureKind.KEY_UNUSABLE, id="missing alias"),
    ],
)
def test_a_failure_names_its_resource(
    rule: BucketDefault | None, desired: DesiredBucketDefault, key: str | None, kind: FailureKind
) -> None:
    """So it can be found among ten thousand buckets."""
    bucket, s3, _kms = resource(rule, desired, key)
    outcome = reconcile(bucket, check_mode=False)
    assert outcome.failure is not None
    assert (outcome.failure.kind, outcome.failure.resource) == (kind, key if key == "alias/none" else "bucket")
    assert s3.writes == []


def test_a_write_that_is_refused_is_no_change() -> None:
    """The outcome has the state before, and no action."""
    bucket, s3, _kms = resource(BucketDefault("SSE-S3"), KMS)
    s3.failures["PutBucketEncryption"] = Failure(FailureKind.FORBIDDEN, "no")
    outcome = reconcile(bucket, check_mode=False)
    assert (outcome.changed, outcome.actions, outcome.after) == (False, (), None)
    assert outcome.before == BucketDefault("SSE-S3")


def test_planning_twice_gives_the_same_plan() -> None:
    """A resource keeps nothing from the first call."""
    bucket, _s3, _kms = resource(BucketDefault("SSE-S3"), KMS, "alias/one")
    assert bucket.plan() == bucket.plan()


@pytest.mark.parametrize(
    ("rule", "key", "context"),
    [
        pytest.param(None, None, BucketContext(""), id="the read failed"),
        pytest.param(
            BucketDefault("SSE-S3"), "alias/none", BucketContext(REGION, BucketDefault("SSE-S3")), id="the key failed"
        ),
    ],
)
def test_the_context_of_a_failed_plan_has_the_known_facts(
    rule: BucketDefault | None, key: str | None, context: BucketContext
) -> None:
    """The report of a failed bucket has its region, if it is known."""
    bucket, _s3, _kms = resource(rule, KMS, key)
    outcome = reconcile(bucket, check_mode=False)
    assert outcome.failure
    assert (outcome.before, outcome.context) == (None, context)


def test_the_warning_about_a_key_is_marked_as_such() -> None:
    """It is the same for all buckets with the key, so that a report can show it once."""
    kms = FakeKms()
    kms.lookups = {(ONE, REGION): Failure(FailureKind.FORBIDDEN, "no")}
    bucket, _s3, _kms = resource(BucketDefault("DSSE-KMS"), KMS, ONE, kms)
    outcome = reconcile(bucket, check_mode=False)
    assert outcome.context
    (about_key,) = outcome.context.key_warnings
    assert ONE in about_key
    assert len(outcome.warnings) == 2
    assert about_key in outcome.warnings


FOREIGN = BucketDefault("SSE-S3", blocked=("SSE-C",), foreign='{"Future": 1}')
DROPPED = [
    pytest.param(
        DesiredBucketDefault(SSE_KMS),
        lambda rule: BucketDefault("SSE-S3", blocked=rule.blocked, foreign=rule.foreign),
        "encryption is SSE-S3, not SSE-KMS.",
        id="the algorithm",
    ),
    pytest.param(
        DesiredBucketDefault(SSE_KMS),
        lambda rule: BucketDefault(None),
        "encryption is none, not SSE-KMS; blocked_encryption_types are none, not SSE-C; fields that this collection "
        "does not know have changed.",
        id="everything",
    ),
    pytest.param(
        DesiredBucketDefault(SSE_KMS),
        lambda rule: replace(rule, kms_key=key_arn("two")),
        f"kms_key is {key_arn('two')}, not {ONE}.",
        id="the key",
    ),
    pytest.param(
        DesiredBucketDefault(SSE_KMS, bucket_key_enabled=True),
        lambda rule: replace(rule, bucket_key_enabled=False),
        "bucket_key_enabled is false, not true.",
        id="the bucket key",
    ),
    pytest.param(
        DesiredBucketDefault(blocked=()),
        lambda rule: replace(rule, blocked=("SSE-C",)),
        "blocked_encryption_types are SSE-C, not none.",
        id="the blocked types",
    ),
    pytest.param(
        DesiredBucketDefault(absent=True),
        lambda rule: BucketDefault("SSE-KMS", bucket_key_enabled=True, blocked=rule.blocked, foreign=rule.foreign),
        "encryption is SSE-KMS, not SSE-S3; bucket_key_enabled is true, not false.",
        id="a reset",
    ),
]


@pytest.mark.parametrize(("desired", "kept", "words"), DROPPED)
def test_a_store_that_does_not_keep_a_rule(
    desired: DesiredBucketDefault, kept: Callable[[BucketDefault], BucketDefault], words: str
) -> None:
    """At an endpoint that is not AWS's, the rule is read after the write. AWS refuses what it does not keep."""
    before = replace(FOREIGN, encryption="SSE-KMS") if desired.absent else FOREIGN
    key = ONE if desired.kind else None
    for custom_endpoint in (True, False):
        bucket, s3, _kms = resource(before, desired, key)
        s3.kept_rule, s3.custom_endpoint = kept, custom_endpoint
        outcome = reconcile(bucket, check_mode=False)
        assert outcome.changed
        assert s3.reads == ["GetBucketEncryption"] * (2 if custom_endpoint else 1)
        if not custom_endpoint:
            assert outcome.failure is None
            continue
        assert outcome.failure
        assert (outcome.failure.kind, outcome.failure.resource) == (FailureKind.UNVERIFIED, "bucket")
        start = "The default encryption of bucket was written, but the store does not report it: "
        assert outcome.failure.message == f"{start}{words}"


@pytest.mark.parametrize(
    ("before", "desired", "kept"),
    [
        pytest.param(BucketDefault("SSE-S3"), KMS, lambda rule: rule, id="all"),
        pytest.param(
            BucketDefault("SSE-S3"), KMS, lambda rule: replace(rule, kms_key="alias/one"), id="the key by another name"
        ),
        pytest.param(
            BucketDefault("SSE-S3"),
            KMS,
            lambda rule: replace(rule, bucket_key_enabled=False),
            id="all but the bucket key, which the task does not name",
        ),
        pytest.param(
            BucketDefault("SSE-KMS"), DesiredBucketDefault(absent=True), lambda rule: BucketDefault(None), id="no rule"
        ),
        pytest.param(
            BucketDefault("SSE-S3"),
            DesiredBucketDefault(blocked=()),
            lambda rule: replace(rule, blocked=None),
            id="no types",
        ),
    ],
)
def test_a_store_that_keeps_a_rule(
    before: BucketDefault, desired: DesiredBucketDefault, kept: Callable[[BucketDefault], BucketDefault]
) -> None:
    """The outcome has what the store reports."""
    bucket, s3, _kms = resource(before, desired, ONE if desired.kind else None)
    s3.kept_rule, s3.custom_endpoint = kept, True
    outcome = reconcile(bucket, check_mode=False)
    assert outcome.failure is None
    assert outcome.after
    assert replace(outcome.after, kms_key_arn=None) == s3.rules["bucket"]

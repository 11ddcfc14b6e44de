# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Plans for a bucket's default encryption: what is written, and what is kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.bucket_default import (
    BucketDefault,
    DeleteBucketEncryption,
    DesiredBucketDefault,
    PutBucketEncryption,
    plan_bucket_default,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import (
    DSSE_KMS,
    KINDS,
    SSE_C,
    SSE_KMS,
    SSE_S3,
)

ONE = "arn:aws:kms:eu-west-1:111122223333:key/one"
TWO = "arn:aws:kms:eu-west-1:111122223333:key/two"

Rule = BucketDefault
Desired = DesiredBucketDefault

# A rule with a value in each field: each case changes one, and all others must be kept.
FULL = Rule("SSE-KMS", "alias/one", ONE, True, ("SSE-C",), '{"Future": {"Field": 1}}')
AES = Rule("SSE-S3")
KMS = Rule("SSE-KMS", ONE, ONE)
AWS_MANAGED = Rule("SSE-KMS")
DSSE = Rule("DSSE-KMS", ONE, ONE)
FSX = Rule("aws:fsx", blocked=("SSE-C",))
NOTHING = Rule(None)

CHANGES = [
    pytest.param(Desired(SSE_KMS), AES, Rule("SSE-KMS", bucket_key_enabled=True), id="to SSE-KMS, with a bucket key"),
    pytest.param(
        Desired(SSE_KMS, bucket_key_enabled=False), AES, Rule("SSE-KMS"), id="to SSE-KMS, without a bucket key as named"
    ),
    pytest.param(Desired(SSE_KMS, ONE), AES, Rule("SSE-KMS", ONE, ONE, True), id="to SSE-KMS with a key"),
    pytest.param(Desired(SSE_KMS, TWO), FULL, replace(FULL, kms_key=TWO, kms_key_arn=TWO), id="key and kind named"),
    pytest.param(
        Desired(kms_key_arn=TWO), FULL, replace(FULL, kms_key=TWO, kms_key_arn=TWO), id="key changed, bucket key kept"
    ),
    pytest.param(
        Desired(kms_key_arn=TWO), KMS, replace(KMS, kms_key=TWO, kms_key_arn=TWO), id="key changed, no bucket key kept"
    ),
    pytest.param(
        Desired(bucket_key_enabled=True), KMS, replace(KMS, bucket_key_enabled=True), id="bucket key on, key kept"
    ),
    pytest.param(
        Desired(bucket_key_enabled=False), FULL, replace(FULL, bucket_key_enabled=False), id="bucket key off, all kept"
    ),
    pytest.param(
        Desired(SSE_KMS, bucket_key_enabled=True),
        AWS_MANAGED,
        Rule("SSE-KMS", bucket_key_enabled=True),
        id="bucket key on, the AWS managed key kept",
    ),
    pytest.param(Desired(blocked=("SSE-C",)), KMS, replace(KMS, blocked=("SSE-C",)), id="blocked, algorithm kept"),
    pytest.param(Desired(blocked=("SSE-C",)), AES, replace(AES, blocked=("SSE-C",)), id="blocked on SSE-S3"),
    pytest.param(Desired(blocked=("SSE-C",)), replace(FSX, blocked=None), FSX, id="blocked, aws:fsx kept"),
    pytest.param(Desired(blocked=()), FULL, replace(FULL, blocked=()), id="an empty list allows all"),
    pytest.param(
        Desired(SSE_S3), FULL, Rule("SSE-S3", None, None, True, ("SSE-C",), FULL.foreign), id="to SSE-S3, without key"
    ),
    pytest.param(Desired(DSSE_KMS), FULL, replace(FULL, encryption="DSSE-KMS"), id="to DSSE-KMS, key kept"),
    pytest.param(Desired(SSE_KMS), DSSE, Rule("SSE-KMS", ONE, ONE, True), id="from DSSE-KMS, key kept, bucket key on"),
    pytest.param(
        Desired(blocked=()),
        Rule("aws:kms:later", "alias/one", None, True, ("SSE-C",)),
        Rule("aws:kms:later", "alias/one", None, True, ()),
        id="an unknown algorithm is kept with its key",
    ),
    pytest.param(Desired(SSE_S3), NOTHING, AES, id="no configuration"),
    pytest.param(
        Desired(blocked=("SSE-C",)),
        NOTHING,
        replace(AES, blocked=("SSE-C",)),
        id="no configuration, blocked",
    ),
    pytest.param(
        Desired(SSE_KMS, ONE),
        NOTHING,
        Rule("SSE-KMS", ONE, ONE, True),
        id="no configuration, key and bucket key",
    ),
    pytest.param(
        Desired(SSE_KMS),
        Rule(None, blocked=("SSE-C",)),
        Rule("SSE-KMS", bucket_key_enabled=True, blocked=("SSE-C",)),
        id="a rule with only blocked types gets an algorithm",
    ),
    pytest.param(Desired(SSE_KMS, minimum=True), AES, Rule("SSE-KMS", bucket_key_enabled=True), id="minimum: raised"),
    pytest.param(Desired(DSSE_KMS, minimum=True), FULL, replace(FULL, encryption="DSSE-KMS"), id="minimum: to the top"),
    pytest.param(Desired(SSE_S3, minimum=True), NOTHING, AES, id="minimum: a store without configuration"),
    pytest.param(
        Desired(SSE_KMS, TWO, minimum=True),
        KMS,
        replace(KMS, kms_key=TWO, kms_key_arn=TWO),
        id="minimum: under SSE-KMS the key counts",
    ),
    pytest.param(
        Desired(SSE_S3, blocked=("SSE-C",), minimum=True),
        KMS,
        replace(KMS, blocked=("SSE-C",)),
        id="minimum: blocked beside a stronger algorithm",
    ),
]


@pytest.mark.parametrize(("desired", "actual", "after"), CHANGES)
def test_a_change_is_one_write_of_the_whole_rule(desired: Desired, actual: Rule, after: Rule) -> None:
    """Named values are changed, all others are kept, and a second run changes nothing."""
    plan = plan_bucket_default(desired, actual)
    assert plan.after == after
    assert plan.steps == (PutBucketEncryption(after),)
    assert plan.before == actual
    assert plan_bucket_default(desired, after).steps == ()


UNCHANGED = [
    pytest.param(Desired(), FULL, id="nothing named"),
    pytest.param(Desired(), NOTHING, id="nothing named, no configuration"),
    pytest.param(Desired(SSE_KMS), FULL, id="the same algorithm"),
    pytest.param(Desired(SSE_KMS, ONE), FULL, id="the same key under its alias"),
    pytest.param(Desired(kms_key_arn=ONE, bucket_key_enabled=True, blocked=("SSE-C",)), FULL, id="everything equal"),
    pytest.param(Desired(SSE_KMS), KMS, id="bucket key omitted and off"),
    pytest.param(Desired(SSE_S3), AES, id="SSE-S3"),
    pytest.param(Desired(blocked=()), AES, id="nothing blocked, and nothing reported"),
    pytest.param(Desired(blocked=()), replace(AES, blocked=()), id="nothing blocked, and reported so"),
    pytest.param(Desired(blocked=("SSE-C",)), FSX, id="blocked under aws:fsx"),
    pytest.param(Desired(DSSE_KMS, bucket_key_enabled=True), DSSE, id="bucket key under DSSE-KMS not compared: on"),
    pytest.param(
        Desired(DSSE_KMS, bucket_key_enabled=False),
        replace(DSSE, bucket_key_enabled=True),
        id="bucket key under DSSE-KMS not compared: off",
    ),
    pytest.param(Desired(SSE_S3, minimum=True), AES, id="minimum: as strong"),
    pytest.param(Desired(SSE_S3, minimum=True), KMS, id="minimum: stronger"),
    pytest.param(
        Desired(SSE_KMS, "aws", kms_key_is_aws_managed=True, minimum=True),
        KMS,
        id="minimum: a customer managed key is not weaker than the AWS managed one",
    ),
    pytest.param(Desired(SSE_KMS, minimum=True), DSSE, id="minimum: the strongest"),
    pytest.param(Desired(SSE_KMS, TWO, minimum=True), DSSE, id="minimum: the key of a stronger one does not count"),
    pytest.param(Desired(SSE_KMS, ONE, minimum=True), KMS, id="minimum: with its key"),
    pytest.param(
        Desired(SSE_KMS, bucket_key_enabled=False, minimum=True), FULL, id="minimum: the bucket key does not count"
    ),
    pytest.param(Desired(SSE_S3, blocked=(), minimum=True), FULL, id="minimum: nothing is unblocked"),
    pytest.param(Desired(absent=True), NOTHING, id="absent: no configuration"),
    pytest.param(Desired(absent=True), AES, id="absent: S3's default already"),
    pytest.param(Desired(absent=True), replace(AES, blocked=("SSE-C",)), id="absent: default with a blocked type"),
]


@pytest.mark.parametrize(("desired", "actual"), UNCHANGED)
def test_a_bucket_in_the_desired_state_has_no_steps(desired: Desired, actual: Rule) -> None:
    """No write, and the planned state is the current one."""
    plan = plan_bucket_default(desired, actual)
    assert plan.steps == ()
    assert plan.after == actual


ABSENT = [
    pytest.param(KMS, DeleteBucketEncryption(), AES, id="SSE-KMS"),
    pytest.param(DSSE, DeleteBucketEncryption(), AES, id="DSSE-KMS"),
    pytest.param(Rule("SSE-S3", bucket_key_enabled=True), DeleteBucketEncryption(), AES, id="a bucket key without KMS"),
    pytest.param(
        replace(KMS, blocked=("SSE-C",)),
        PutBucketEncryption(replace(AES, blocked=("SSE-C",))),
        replace(AES, blocked=("SSE-C",)),
        id="a blocked type is kept",
    ),
    pytest.param(
        replace(KMS, blocked=()),
        PutBucketEncryption(replace(AES, blocked=())),
        replace(AES, blocked=()),
        id="an empty list of blocked types is kept",
    ),
    pytest.param(
        replace(KMS, foreign='{"Future": 1}'),
        PutBucketEncryption(replace(AES, foreign='{"Future": 1}')),
        replace(AES, foreign='{"Future": 1}'),
        id="foreign fields are kept",
    ),
]


@pytest.mark.parametrize(("actual", "step", "after"), ABSENT)
def test_absent_resets_to_the_default_of_s3(
    actual: Rule, step: PutBucketEncryption | DeleteBucketEncryption, after: Rule
) -> None:
    """With a deletion if that loses nothing else, otherwise by writing SSE-S3 with the other fields."""
    plan = plan_bucket_default(Desired(absent=True), actual)
    assert (plan.steps, plan.after) == ((step,), after)
    assert plan_bucket_default(Desired(absent=True), after).steps == ()


@pytest.mark.parametrize(
    ("desired", "actual", "word"),
    [
        pytest.param(Desired(kms_key_arn=ONE), AES, "SSE-S3", id="kept SSE-S3"),
        pytest.param(Desired(SSE_S3, ONE), KMS, "SSE-S3", id="named SSE-S3"),
        pytest.param(Desired(kms_key_arn=ONE), NOTHING, "SSE-S3", id="no configuration"),
        pytest.param(Desired(kms_key_arn=ONE), FSX, "aws:fsx", id="aws:fsx"),
    ],
)
def test_a_key_is_refused_for_an_algorithm_without_one(desired: Desired, actual: Rule, word: str) -> None:
    """Before any write; the advice names the missing option."""
    with pytest.raises(OperationError) as error:
        plan_bucket_default(desired, actual)
    assert error.value.failure.kind is FailureKind.INVALID
    assert word in error.value.failure.message
    assert "SSE-KMS or DSSE-KMS" in error.value.failure.advice


@pytest.mark.parametrize("encryption", ["aws:fsx", "aws:backup"])
@pytest.mark.parametrize("desired", [Desired(SSE_KMS), Desired(SSE_S3, minimum=True), Desired(absent=True)])
def test_the_algorithm_of_another_aws_service_is_not_changed(encryption: str, desired: Desired) -> None:
    """The plan fails; other fields may be changed."""
    with pytest.raises(OperationError) as error:
        plan_bucket_default(desired, Rule(encryption))
    assert error.value.failure.kind is FailureKind.UNSUPPORTED
    assert encryption in error.value.failure.message


DOWNGRADES = [
    pytest.param(Desired(SSE_S3), KMS, ["from SSE-KMS to SSE-S3"], id="to SSE-S3"),
    pytest.param(Desired(absent=True), DSSE, ["from DSSE-KMS to SSE-S3"], id="absent"),
    pytest.param(
        Desired(kms_key_arn=ONE, kms_key_is_aws_managed=True), Rule("SSE-KMS", "two", "two"), ["your own"], id="key"
    ),
    pytest.param(Desired(blocked=()), replace(AES, blocked=("SSE-C",)), ["SSE-C is no longer"], id="unblocked"),
    pytest.param(Desired(SSE_S3, blocked=()), replace(KMS, blocked=("SSE-C",)), ["SSE-S3", "SSE-C"], id="both"),
    pytest.param(Desired(SSE_KMS), AES, [], id="stronger"),
    pytest.param(Desired(kms_key_arn=ONE), Rule("SSE-KMS", "two", "two"), [], id="another customer managed key"),
]


@pytest.mark.parametrize(("desired", "actual", "words"), DOWNGRADES)
def test_a_downgrade_gives_a_warning(desired: Desired, actual: Rule, words: list[str]) -> None:
    """The change is made, with a warning for each value that protects less."""
    warnings = plan_bucket_default(desired, actual).warnings
    assert len(words) == len(warnings)
    assert all(word in warning for word, warning in zip(words, warnings, strict=True))


@pytest.mark.parametrize(
    ("encryption", "strength"),
    [*((kind.name, kind.strength or 0) for kind in KINDS), (None, 0), ("aws:fsx", 0), ("aws:backup", 0)],
)
def test_the_strength_of_an_algorithm(encryption: str | None, strength: int) -> None:
    """The rank of every algorithm; 0 for one that is not a kind."""
    assert Rule(encryption).strength == strength


def test_the_order_of_strength() -> None:
    """As documented for the option `minimum`."""
    ordered = sorted((Rule(kind.name) for kind in (DSSE_KMS, SSE_S3, SSE_KMS)), key=lambda rule: rule.strength)
    assert [rule.encryption for rule in ordered] == ["SSE-S3", "SSE-KMS", "DSSE-KMS"]
    assert SSE_C.strength is None

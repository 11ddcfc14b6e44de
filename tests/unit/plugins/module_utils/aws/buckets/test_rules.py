# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The rule of a bucket's default encryption, as S3's structure and as the model's value."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws.buckets.s3_buckets import expand_rule, flatten_rule
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.bucket_default import BucketDefault
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError

AES = {"SSEAlgorithm": "AES256"}
KMS = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/app"}

RULES = [
    pytest.param(
        {"ApplyServerSideEncryptionByDefault": AES, "BucketKeyEnabled": False}, BucketDefault("SSE-S3"), id="SSE-S3"
    ),
    pytest.param(
        {"ApplyServerSideEncryptionByDefault": KMS, "BucketKeyEnabled": True},
        BucketDefault("SSE-KMS", "alias/app", bucket_key_enabled=True),
        id="SSE-KMS with a key",
    ),
    pytest.param(
        {
            "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:backup"},
            "BucketKeyEnabled": False,
            "BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]},
        },
        BucketDefault("aws:backup", blocked=("SSE-C",)),
        id="an algorithm of another service",
    ),
    pytest.param(
        {
            "ApplyServerSideEncryptionByDefault": AES,
            "BucketKeyEnabled": False,
            "BlockedEncryptionTypes": {"EncryptionType": ["NONE"]},
        },
        BucketDefault("SSE-S3", blocked=()),
        id="nothing blocked, reported as NONE",
    ),
    pytest.param(
        {"ApplyServerSideEncryptionByDefault": AES, "BucketKeyEnabled": False, "Future": {"On": True}},
        BucketDefault("SSE-S3", foreign='{"Future": {"On": true}}'),
        id="a field that does not exist yet",
    ),
    pytest.param(
        {"BucketKeyEnabled": False, "BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]}},
        BucketDefault(None, blocked=("SSE-C",)),
        id="only blocked types",
    ),
]


@pytest.mark.parametrize(("structure", "rule"), RULES)
def test_a_rule_is_written_back_unchanged(structure: dict[str, Any], rule: BucketDefault) -> None:
    """Everything that S3 reports is sent back, unless the task changes it."""
    assert rule == flatten_rule({"Rules": [structure]}, "bucket")
    assert structure == expand_rule(rule)


@pytest.mark.parametrize("configuration", [{}, {"Rules": []}])
def test_a_configuration_without_a_rule(configuration: dict[str, Any]) -> None:
    """Some stores report this for a bucket without default encryption."""
    assert BucketDefault(None) == flatten_rule(configuration, "bucket")


def test_more_than_one_rule_is_refused() -> None:
    """S3 has one rule. Writing one would delete the others."""
    rule = {"ApplyServerSideEncryptionByDefault": AES}
    with pytest.raises(OperationError) as error:
        flatten_rule({"Rules": [rule, rule]}, "bucket")
    assert error.value.failure.kind is FailureKind.UNSUPPORTED
    assert "2 rules" in error.value.failure.message

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a task of bucket_reencryption cannot ask for is refused before any call, with what to do."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.frontend.arguments import ArgumentSpec
from ansible_collections.sealed.s3.plugins.module_utils.frontend.objects.reencryption.options import (
    ReencryptionOptions,
    parse_options,
    reencryption_arguments,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_clock import NOW

KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
TO_KMS = {"encryption": "SSE-KMS", "kms_key": KEY}
BATCH = {
    "engine": "batch_operations",
    "batch": {"role_arn": "arn:aws:iam::111122223333:role/jobs", "manifest": {"bucket": "example-files"}},
}


def with_defaults(spec: ArgumentSpec, given: dict[str, Any]) -> dict[str, Any]:
    """The values of all options, as Ansible passes them."""
    values: dict[str, Any] = {name: given.get(name, option.get("default")) for name, option in spec.items()}
    nested = {name: spec[name]["options"] for name in values if isinstance(values[name], dict)}
    return values | {name: with_defaults(options, values[name]) for name, options in nested.items()}


def parse(**given: Any) -> ReencryptionOptions:
    return parse_options(with_defaults(reencryption_arguments(), {"bucket": "example-data", **given}), NOW)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"bucket": "s3://example-data"}, "is a URL"),
    ({"bucket": "arn:aws:s3:::example-data"}, "is the ARN of a bucket"),
    ({"start_after": ""}, "start_after is empty"),
    ({"report_file": ""}, "report_file is empty"),
    ({"kms_key": KEY}, "kms_key without encryption"),
    ({"bucket_key_enabled": True}, "bucket_key_enabled without encryption"),
    ({"encryption": "SSE-S3", "kms_key": KEY}, "kms_key has no effect"),
    ({"encryption": "DSSE-KMS", "bucket_key_enabled": True}, "bucket_key_enabled has no effect"),
    ({"kms_key": "two words", "encryption": "SSE-KMS"}, "does not name a KMS key"),
    ({"max_objects": 0}, "max_objects: 0 would do nothing"),
    ({"max_seconds": -1}, "max_seconds: -1 would do nothing"),
    ({"max_rate": 0}, "max_rate: 0 would do nothing"),
    ({"concurrency": 0}, "concurrency: 0 is out of bounds"),
    ({"start_after": "x" * 1025}, "start_after has 1025 bytes"),
    ({"start_after": "b", "select": {"prefix": "a/"}}, "together they select nothing"),
    ({"start_after": "é", "select": {"prefix": "z"}}, "together they select nothing"),
    ({"select": {"prefix": "x" * 1025}}, "select.prefix has 1025 bytes"),
    ({"select": {"older_than": ""}}, "select.older_than: '' is neither"),
    ({"select": {"newer_than": "30 days"}}, "select.newer_than: '30 days' is neither"),
    ({"select": {"older_than": "2d", "newer_than": "1d"}}, "select nothing"),
    ({"select": {"older_than": "2026-01-31", "newer_than": "2026-01-31"}}, "select nothing"),
    ({"select": {"larger_than": "-1"}}, "select.larger_than: '-1' is not a size"),
    ({"select": {"smaller_than": ""}}, "select.smaller_than: '' is not a size"),
    ({"select": {"larger_than": "1", "smaller_than": "2"}}, "leave no size"),
    ({"select": {"storage_classes": []}}, "select.storage_classes is empty"),
    ({"select": {"encryption": []}}, "select.encryption is empty"),
    ({"select": {"encryption": [""]}}, "An entry of select.encryption"),
    ({"select": {"encryption": [7]}}, "An entry of select.encryption"),
    ({"select": {"encryption": [{"encryption": "SSE-S3", "key": "x"}]}}, "An entry of select.encryption"),
    ({"select": {"encryption": [{"encryption": "SSE-S3", "kms_key": KEY}]}}, "no object under SSE-S3 has a KMS key"),
    ({"select": {"encryption": [{"encryption": "SSE-C", "kms_key": KEY}]}}, "no object under SSE-C has a KMS key"),
    ({"select": {"encryption": ["SSE-KSM"]}}, "'SSE-KSM' is neither"),
    ({"select": {"encryption": ["CSE-KMS"]}}, "'CSE-KMS' is neither"),
    ({"batch": BATCH["batch"]}, "batch has no effect with engine: here"),
    ({"engine": "batch_operations"}, "batch is missing"),
    ({**BATCH, "customer_key": "a" * 32}, "customer_key has no effect with engine: batch_operations"),
    ({**BATCH, "customer_key_file": "/k"}, "customer_key_file has no effect with engine: batch_operations"),
]


@pytest.mark.parametrize(("given", "message"), REFUSED)
def test_what_a_task_cannot_ask_for(given: dict[str, Any], message: str) -> None:
    """Each says what is wrong with which option, and what to do."""
    with pytest.raises(OperationError) as raised:
        parse(**given)
    failure = raised.value.failure
    assert failure.kind is FailureKind.INVALID
    assert message in failure.message
    assert failure.advice


@pytest.mark.parametrize(
    "given",
    [
        {},
        TO_KMS,
        {**TO_KMS, **BATCH},
        {"encryption": "SSE-S3", "bucket_key_enabled": False},
        {"start_after": "a/1", "select": {"prefix": "a/"}},
        {"start_after": "A", "select": {"prefix": "a/"}},  # before all of the prefix: the whole of it
        {"start_after": "a/", "select": {"prefix": "a/"}},
        {"start_after": "z"},
        {"select": {"larger_than": "1", "smaller_than": "3"}},
        {"select": {"encryption": ["SSE-S3", KEY, {"kms_key": KEY}, {"encryption": "DSSE-KMS", "kms_key": KEY}]}},
    ],
)
def test_what_a_task_can_ask_for(given: dict[str, Any]) -> None:
    """It is taken as it is."""
    options = parse(**given)
    assert (options.bucket, options.start_after) == ("example-data", given.get("start_after", ""))

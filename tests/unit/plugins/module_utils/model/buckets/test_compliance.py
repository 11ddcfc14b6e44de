# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The findings for a bucket that is not as expected."""

from __future__ import annotations

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.bucket_default import BucketDefault as Rule
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.compliance import (
    KMS_CONTROL,
    KMS_KEY_CONTROL,
    findings,
)


@pytest.mark.parametrize(
    ("actual", "expected", "expected_findings"),
    [
        pytest.param(Rule("SSE-S3"), Rule("SSE-S3"), [], id="as expected"),
        pytest.param(Rule("SSE-S3"), Rule("SSE-KMS"), [("SSE-S3 by default, not SSE-KMS", KMS_CONTROL)], id="no KMS"),
        pytest.param(Rule(None), Rule("SSE-KMS"), [("nothing by default", KMS_CONTROL)], id="no rule"),
        pytest.param(Rule("SSE-KMS"), Rule("DSSE-KMS"), [("not DSSE-KMS", None)], id="KMS, but one layer"),
        pytest.param(
            Rule("SSE-KMS", "one"), Rule("SSE-KMS", "two"), [("key is one, not two", KMS_KEY_CONTROL)], id="other key"
        ),
        pytest.param(
            Rule("SSE-KMS"), Rule("SSE-KMS", "two"), [("the AWS managed key", KMS_KEY_CONTROL)], id="AWS's key"
        ),
        pytest.param(
            Rule("SSE-S3", blocked=()),
            Rule("SSE-S3", bucket_key_enabled=True, blocked=("SSE-C",)),
            [("bucket keys are off", None), ("types are none", None)],
            id="flags",
        ),
    ],
)
def test_findings(actual: Rule, expected: Rule, expected_findings: list[tuple[str, str | None]]) -> None:
    """One sentence for each difference, with the AWS control that it violates, if there is one."""
    found = findings(actual, expected)
    assert [control for _words, control in expected_findings] == [finding.control for finding in found]
    assert all(words in finding.message for (words, _control), finding in zip(expected_findings, found, strict=True))

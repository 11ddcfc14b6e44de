# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The findings about a bucket: one for each named value that it does not have, in plain words."""

from __future__ import annotations

import pytest
from hypothesis import assume, given

from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.bucket_default import BucketDefault as Rule
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.bucket_default import (
    DesiredBucketDefault,
    plan_bucket_default,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.compliance import (
    KMS_CONTROL,
    KMS_KEY_CONTROL,
    findings,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import DSSE_KMS, SSE_KMS, SSE_S3
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils import strategies as draw

Desired = DesiredBucketDefault
ONE, TWO = draw.ONE, draw.TWO
# A rule that differs in everything from most expectations.
OTHER = Rule("SSE-S3", bucket_key_enabled=False, blocked=())
KMS_ONE = Rule("SSE-KMS", ONE, ONE, bucket_key_enabled=False)

TABLE = [
    pytest.param(Desired(SSE_S3), OTHER, [], id="as expected"),
    pytest.param(Desired(SSE_KMS), KMS_ONE, [], id="a key that is not named"),
    pytest.param(
        Desired(SSE_KMS), OTHER, [("New objects get SSE-S3 by default, not SSE-KMS.", KMS_CONTROL)], id="no KMS"
    ),
    pytest.param(
        Desired(SSE_KMS, ONE),
        OTHER,
        [("New objects get SSE-S3 by default, not SSE-KMS with the key alias/app.", KMS_CONTROL)],
        id="no KMS, so no key and no bucket key",
    ),
    pytest.param(
        Desired(SSE_KMS), Rule(None), [("New objects get nothing by default, not SSE-KMS.", KMS_CONTROL)], id="no rule"
    ),
    pytest.param(
        Desired(SSE_S3), Rule("aws:fsx"), [("New objects get aws:fsx by default, not SSE-S3.", None)], id="of a service"
    ),
    pytest.param(
        Desired(DSSE_KMS), KMS_ONE, [("New objects get SSE-KMS by default, not DSSE-KMS.", None)], id="one layer"
    ),
    pytest.param(
        Desired(DSSE_KMS, TWO),
        KMS_ONE,
        [
            ("New objects get SSE-KMS by default, not DSSE-KMS.", None),
            (f"The default key is {ONE}, not alias/app.", KMS_KEY_CONTROL),
        ],
        id="one layer, and another key",
    ),
    pytest.param(
        Desired(kms_key_arn=TWO),
        KMS_ONE,
        [(f"The default key is {ONE}, not alias/app.", KMS_KEY_CONTROL)],
        id="another key",
    ),
    pytest.param(
        Desired(SSE_KMS, TWO),
        Rule("SSE-KMS"),
        [("The default key is the AWS managed key, not alias/app.", KMS_KEY_CONTROL)],
        id="the key of AWS",
    ),
    pytest.param(
        Desired(kms_key_arn=TWO),
        OTHER,
        [("New objects get SSE-S3 by default, which has no KMS key, not the key alias/app.", KMS_KEY_CONTROL)],
        id="a key alone",
    ),
    pytest.param(Desired(bucket_key_enabled=True), KMS_ONE, [("S3 bucket keys are off.", None)], id="off"),
    pytest.param(
        Desired(SSE_KMS, bucket_key_enabled=False),
        Rule("SSE-KMS", bucket_key_enabled=True),
        [("S3 bucket keys are on.", None)],
        id="on",
    ),
    pytest.param(Desired(bucket_key_enabled=True), Rule("DSSE-KMS"), [], id="bucket keys do not apply"),
    pytest.param(Desired(blocked=("SSE-C",)), OTHER, [("SSE-C is not blocked.", None)], id="not blocked"),
    pytest.param(Desired(blocked=("SSE-C",)), Rule("SSE-S3"), [("SSE-C is not blocked.", None)], id="not reported"),
    pytest.param(Desired(blocked=()), Rule("SSE-S3", blocked=("SSE-C",)), [("SSE-C is blocked.", None)], id="blocked"),
    pytest.param(
        Desired(blocked=(), minimum=True, kind=SSE_S3), Rule("SSE-S3", blocked=("SSE-C",)), [], id="more than enough"
    ),
    pytest.param(Desired(SSE_S3, minimum=True), KMS_ONE, [], id="stronger"),
    pytest.param(
        Desired(DSSE_KMS, ONE, minimum=True),
        Rule("SSE-KMS", ONE, ONE),
        [("New objects get SSE-KMS by default, not DSSE-KMS.", None)],
        id="weaker",
    ),
    pytest.param(Desired(absent=True), OTHER, [], id="S3's own default"),
    pytest.param(Desired(absent=True), Rule(None), [], id="nothing to reset"),
    pytest.param(
        Desired(absent=True),
        Rule("SSE-KMS", ONE, ONE, True),
        [("New objects get SSE-KMS by default, not SSE-S3.", None), ("S3 bucket keys are on.", None)],
        id="not reset",
    ),
]


@pytest.mark.parametrize(("desired", "actual", "expected"), TABLE)
def test_findings(desired: Desired, actual: Rule, expected: list[tuple[str, str | None]]) -> None:
    """The key has the name that the task used, and the control is that of AWS, if there is one."""
    found = findings(desired, actual, "alias/app")
    assert [(finding.message, finding.control) for finding in found] == expected


@given(draw.DESIRED_BUCKETS, draw.RULES)
def test_a_bucket_has_findings_if_a_task_would_change_it(desired: Desired, actual: Rule) -> None:
    """With the same options, a task changes exactly the buckets that do not comply."""
    assume(actual.encryption is not None)  # every write to such a store also sets S3's own default
    # The options of a task are refused before that.
    assume(not desired.kms_key_arn or desired.kind is None or desired.kind.accepts("kms_key"))
    found = findings(desired, actual, "alias/app")
    try:
        plan = plan_bucket_default(desired, actual)
    except OperationError:  # a key for an algorithm without one, or an algorithm that another service has set
        assert found
        return
    assert bool(found) == bool(plan.steps)
    assert len(found) <= sum(
        (
            desired.absent or desired.kind is not None,
            desired.kms_key_arn is not None,
            desired.absent or desired.bucket_key_enabled is not None,
            desired.blocked is not None,
        )
    )

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Plans for policies that S3 would refuse: too large, with deleted principals, or without a statement."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.desired_policy import DesiredPolicy
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.plan import (
    DeleteBucketPolicy,
    PolicyPlan,
    PutBucketPolicy,
    plan_policy,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.policy_state import read_policy_state
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import OperationError

BUCKET = "arn:aws:s3:::amzn-s3-demo-bucket"
DELETED = "AROAEXAMPLEDELETED123"
OF_DELETED: dict[str, Any] = {
    "Sid": "Old",
    "Effect": "Allow",
    "Principal": {"AWS": DELETED},
    "Action": "s3:GetObject",
    "Resource": f"{BUCKET}/*",
}
TLS = DesiredPolicy(require_tls=True)
ABSENT = DesiredPolicy(absent=True)


def policy(*found: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(found)})


def plan(desired: DesiredPolicy, document: str | None) -> PolicyPlan:
    return plan_policy(desired, read_policy_state(document, BUCKET), BUCKET)


def written(desired: DesiredPolicy, document: str | None) -> str:
    """The document that the plan writes."""
    (step,) = plan(desired, document).steps
    assert isinstance(step, PutBucketPolicy)
    return step.document


def sized(size: int) -> str:
    """A foreign policy with which the one that the plan writes has that many bytes without its spaces."""
    statement = {**OF_DELETED, "Principal": "*", "Effect": "Deny"}
    empty = json.dumps(json.loads(written(TLS, policy({**statement, "Sid": ""}))), separators=(",", ":"))
    return policy({**statement, "Sid": "x" * (size - len(empty))})


def test_the_largest_policy_is_written_and_one_byte_more_is_refused() -> None:
    """In the plan, so a check run finds it, too. A policy of that size that is as desired is no change."""
    largest = written(TLS, sized(20_480))
    assert len(largest.encode()) == 20_480
    assert plan(TLS, largest).steps == ()
    with pytest.raises(OperationError, match="The bucket policy would have 20481 bytes, and S3 accepts 20480"):
        plan(TLS, sized(20_481))


def test_deleted_principals_are_left_out_of_what_is_written() -> None:
    """S3 refuses them. A policy that is as desired stays as it is, with them."""
    both = {**OF_DELETED, "Principal": {"AWS": [DELETED, "111122223333"]}}
    found = plan(TLS, policy(both, OF_DELETED))
    assert DELETED not in written(TLS, policy(both, OF_DELETED))
    assert [each["Sid"] for each in json.loads(written(TLS, policy(both, OF_DELETED)))["Statement"]] == [
        "Old",
        "SealedS3RequireTls",
    ]
    assert any(DELETED in warning for warning in found.warnings)
    assert plan(ABSENT, policy(both)).steps == ()


def test_a_policy_of_which_only_deleted_principals_remain_is_deleted() -> None:
    """S3 accepts neither their ids, nor a policy without a statement."""
    ours = json.loads(written(TLS, None))["Statement"]
    found = plan(ABSENT, policy(OF_DELETED, *ours))
    assert found.steps == (DeleteBucketPolicy(),)
    assert found.after is not None
    assert found.after.document is None
    assert any(DELETED in warning for warning in found.warnings)


def test_what_is_no_policy_is_named_as_a_bucket_policy() -> None:
    """Not as a key policy."""
    with pytest.raises(OperationError, match="The bucket policy is malformed: it has no Statement"):
        read_policy_state("{}", BUCKET)

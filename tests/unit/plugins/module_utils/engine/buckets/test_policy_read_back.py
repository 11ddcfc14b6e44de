# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Reading a bucket policy after its change: late reads, other writers, and stores that do not keep it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.buckets.policy_read_back import (
    READ_BACK_DELAYS,
    require_written,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, OperationError
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_clock import FakeClock

ARN = "arn:aws:s3:::bucket"


def policy(*sids: str, **of_statement: Any) -> str:
    """A policy with these statements."""
    statements = [
        {
            "Sid": sid,
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [ARN, f"{ARN}/*"],
            **of_statement,
        }
        for sid in sids
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


class LateS3:
    """Answers reads of a policy one after the other, and the last answer again."""

    plain_http_endpoint = ""

    def __init__(self, *answers: str | None, custom_endpoint: bool = False) -> None:
        self.answers = list(answers)
        self.custom_endpoint = custom_endpoint
        self.reads: list[str | None] = []

    def bucket_arn(self, bucket: str, region: str) -> str:
        """The ARN of a bucket."""
        return f"arn:aws:s3:::{bucket}/{region}"

    def get_bucket_policy(self, bucket: str, region: str | None = None) -> tuple[str | None, str]:
        """The next answer."""
        self.reads.append(region)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer, region or ""

    def put_bucket_policy(self, bucket: str, document: str, region: str) -> None:
        """Nothing is written in these tests."""
        raise AssertionError(bucket, document, region)

    def delete_bucket_policy(self, bucket: str, region: str) -> None:
        """Nothing is written in these tests."""
        raise AssertionError(bucket, region)

    def serves_website(self, bucket: str, region: str) -> bool:
        """No website."""
        raise AssertionError(bucket, region)


def failure_of(s3: LateS3, before: str | None, written: str | None) -> tuple[Failure, list[float]]:
    """The failure of a read back, and the waits before it."""
    clock = FakeClock()
    with pytest.raises(OperationError) as caught:
        require_written("bucket", "eu-west-1", before, written, s3, clock)
    return caught.value.failure, clock.slept


@pytest.mark.parametrize(
    ("answers", "before", "written", "waits"),
    [
        pytest.param([policy("a")], None, policy("a"), [], id="at once"),
        pytest.param(
            [policy("a", Action=["S3:*"], Resource=[f"{ARN}/*", ARN])], None, policy("a"), [], id="other form"
        ),
        pytest.param([None, None, policy("a")], None, policy("a"), [0.25, 0.5], id="late"),
        pytest.param([policy("a"), None], policy("a"), None, [0.25], id="late deletion"),
        pytest.param([policy("a"), policy("a", "b")], policy("a"), policy("a", "b"), [0.25], id="late change"),
    ],
)
def test_the_written_policy_is_awaited(
    answers: list[str | None], before: str | None, written: str | None, waits: list[float]
) -> None:
    """The read that shows it ends the wait, whatever form S3 gives it."""
    s3, clock = LateS3(*answers), FakeClock()
    require_written("bucket", "eu-west-1", before, written, s3, clock)
    assert clock.slept == waits
    assert s3.reads == ["eu-west-1"] * (len(waits) + 1)


def test_the_policy_from_before_is_a_failure_after_some_seconds() -> None:
    """It is not known whether the write had an effect."""
    failure, slept = failure_of(LateS3(policy("old")), policy("old"), policy("new"))
    assert (failure.kind, failure.resource) == (FailureKind.UNVERIFIED, "bucket")
    assert "after 16 seconds S3 still reports the one from before" in failure.message
    assert tuple(slept) == READ_BACK_DELAYS


@pytest.mark.parametrize(
    ("found", "written", "words"),
    [
        (
            policy("a", "foreign"),
            policy("a"),
            "reports another one: another client changed it meanwhile. It differs in ",
        ),
        (policy("foreign"), policy("a"), "It differs in the statements foreign, a."),
        (None, policy("a"), "reports none: another client changed it meanwhile. It differs in the statement a."),
        (policy("foreign"), None, "It differs in the statement foreign."),
    ],
)
def test_another_policy_is_a_failure_at_once(found: str | None, written: str | None, words: str) -> None:
    """Another client has written. The message names the statements that differ."""
    failure, slept = failure_of(LateS3(found), policy("old"), written)
    assert (failure.kind, slept) == (FailureKind.UNVERIFIED, [])
    assert words in failure.message
    assert "store" not in failure.advice


def test_another_store_may_not_keep_the_policy() -> None:
    """At an endpoint that is not AWS's, there is a second explanation."""
    failure, _slept = failure_of(LateS3(policy("a"), custom_endpoint=True), None, policy("a", "b"))
    assert "the store does not keep it as it is written, or another client changed it" in failure.message

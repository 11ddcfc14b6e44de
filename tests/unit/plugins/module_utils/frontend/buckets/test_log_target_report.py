# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a fleet's result says about logs: bounded, with names, and independent of the order of the buckets."""

from __future__ import annotations

import random

from ansible_collections.sealed.s3.plugins.module_utils.engine.buckets.bucket_default import BucketContext
from ansible_collections.sealed.s3.plugins.module_utils.engine.buckets.log_targets import LogFinding
from ansible_collections.sealed.s3.plugins.module_utils.frontend.buckets.log_target_report import LogTargetReport
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.bucket_default import BucketDefault
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind
from ansible_collections.sealed.s3.plugins.module_utils.model.outcome import Outcome

Result = Outcome[BucketDefault, BucketContext]


def outcome(*logs: LogFinding, is_skipped: bool = False, failure: Failure | None = None) -> Result:
    """The outcome of a bucket with these findings."""
    context = BucketContext("us-east-1", logs=logs, is_skipped=is_skipped)
    return Outcome(changed=not is_skipped, context=context, failure=failure)


def reported(outcomes: dict[int, Result], order: list[int]) -> tuple[list[str], list[str]]:
    """The warnings and the names, if the buckets finish in this order."""
    report = LogTargetReport()
    for position in order:
        report.add(position, f"bucket-{position}", outcomes[position])
    return report.warnings(), report.buckets


STOPS = LogFinding("Logs need SSE-S3", "statement A", stops=True)
ALSO = LogFinding("Logs need SSE-S3", "its ACL", stops=True)
KEY = LogFinding("Logs need a key", "statement B")
UNKNOWN = LogFinding("Nothing is known")


def test_each_cause_is_one_warning_with_its_first_buckets() -> None:
    """The cause of most buckets comes first. All evidence of a bucket is in one pair of brackets."""
    outcomes = {
        **{number: outcome(UNKNOWN) for number in range(7)},
        7: outcome(STOPS, KEY, ALSO),
        8: outcome(STOPS, is_skipped=True),
        9: outcome(),
    }
    warnings, names = reported(outcomes, list(range(10)))
    assert warnings == [
        "Nothing is known. This concerns 7 buckets: bucket-0, bucket-1, bucket-2, bucket-3, bucket-4 and 2 more.",
        "Logs need SSE-S3. They may stop for 1 bucket: bucket-7 (statement A; its ACL).",
        "Logs need SSE-S3. Not changed because of log_targets: 1 bucket: bucket-8 (statement A).",
        "Logs need a key. This concerns 1 bucket: bucket-7 (statement B).",
    ]
    assert names == ["bucket-7", "bucket-8"]


def test_the_order_of_the_buckets_does_not_matter() -> None:
    """Buckets finish in any order, and the result has them in the order of the task."""
    findings = [(STOPS,), (KEY,), (STOPS, ALSO), (UNKNOWN, KEY), ()]
    outcomes = {number: outcome(*findings[number % 5], is_skipped=number % 3 == 0) for number in range(40)}
    order = list(outcomes)
    expected = reported(outcomes, order)
    for seed in range(20):
        random.Random(seed).shuffle(order)
        assert reported(outcomes, order) == expected


def test_many_causes_are_counted() -> None:
    """No more than ten warnings, however many keys and refusals there are."""
    outcomes = {number: outcome(LogFinding(f"Cause {number:02}", stops=True)) for number in range(15)}
    warnings, names = reported(outcomes, list(outcomes))
    assert len(warnings) == 11
    assert warnings[-1] == "And 5 more warnings about logs."
    assert len(names) == 15


def test_a_change_that_was_refused_stops_no_logs() -> None:
    """Unless it may have been applied."""
    refused = Failure(FailureKind.FORBIDDEN, "No.")
    unsure = Failure(FailureKind.UNREACHABLE, "No answer.", may_have_been_applied=True)
    outcomes = {0: outcome(STOPS, failure=refused), 1: outcome(STOPS, failure=unsure), 2: Outcome(failure=refused)}
    assert reported(outcomes, [0, 1, 2])[1] == ["bucket-1"]

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Other writers of a bucket policy during a run, and reads and writes that get lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.frontend.buckets.bucket_encryption_policy import main

from .conftest import ACCOUNT, Result, Task, TestClock
from .interleaved_runs import named, orders, run_interleaved
from .scale import IS_SOAK
from .sdk_calls import SdkCalls

MODULE = "bucket_encryption_policy"
OPERATIONS = ("GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy")
BUCKET = "example-bucket"
ARN = f"arn:aws:s3:::{BUCKET}"
READERS: dict[str, Any] = {
    "Sid": "Readers",
    "Effect": "Allow",
    "Principal": {"AWS": ACCOUNT},
    "Action": "s3:GetObject",
    "Resource": f"{ARN}/*",
}
TLS = {"require_tls": True}
HEADER = {"require_encryption_header": True}
ABSENT = {"state": "absent"}
CHANGED = ["GetBucketPolicy", "GetBucketWebsite", "PutBucketPolicy", "GetBucketPolicy"]


def policy(*found: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(found)})


def sids(s3: Any) -> frozenset[str]:
    """The Sids of the bucket's policy; none without a policy."""
    try:
        document = json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])
    except s3.exceptions.ClientError:
        return frozenset()
    return frozenset(each["Sid"] for each in document["Statement"])


def row(result: Result) -> dict[str, Any]:
    """The bucket's row of a result."""
    (found,) = result["buckets"]
    return dict(found)


REQUIRE_TLS, REQUIRE_HEADER = "SealedS3RequireTls", "SealedS3RequireEncryptionHeader"
NO_TLS = {"remove_rules": ["require_tls"]}
# The tasks, with what they make of the Sids of a policy.
Effect = Callable[[frozenset[str]], frozenset[str]]
EFFECTS: dict[str, tuple[dict[str, Any], Effect]] = {
    "tls": (TLS, lambda found: found | {REQUIRE_TLS}),
    "header": (HEADER, lambda found: found | {REQUIRE_HEADER}),
    "no tls": (NO_TLS, lambda found: found - {REQUIRE_TLS}),
    "absent": (ABSENT, lambda found: found - {REQUIRE_TLS, REQUIRE_HEADER}),
}
USUAL = [
    ("tls", "header", "AABBAABB"),
    ("tls", "header", "ABABABAB"),
    ("tls", "header", "AABBBBAA"),
    ("header", "absent", "AAABABBB"),
    ("tls", "no tls", "AABABBBA"),
]
ALL = [(first, second, order) for first, second in combinations(EFFECTS, 2) for order in orders(4, 4)]


def simulated_run(effect: Effect, policies: list[frozenset[str]]) -> Iterator[str]:
    """One run as the documentation describes it. It stops before each of its calls, and ends with its result."""
    yield ""
    before = policies[-1]
    planned = effect(before)
    if planned == before:
        yield "ok"
    yield ""
    policies.append(planned)
    yield ""
    yield "ok" if policies[-1] == planned else "unverified"


def simulate(order: str, effects: Mapping[str, Effect]) -> tuple[dict[str, str], frozenset[str]]:
    """The results of two runs, and the Sids after them."""
    policies = [frozenset({"Readers"})]
    runs = {letter: simulated_run(effect, policies) for letter, effect in effects.items()}
    results = dict.fromkeys(runs, "")
    for letter in f"{order}AAAABBBB":
        results[letter] = results[letter] or next(runs[letter])
    return results, policies[-1]


@pytest.mark.usefixtures("bucket")
@pytest.mark.parametrize(("first", "second", "order"), ALL if IS_SOAK else USUAL)
def test_two_runs_at_the_same_time(task: Task, s3: Any, first: str, second: str, order: str) -> None:
    """A run that reads back another policy than its own says so, and no other one. Statements of others survive.

    A second run of each repairs its part: PutBucketPolicy has no condition, so the write of one run may replace that of
    the other, which has read back its own before.
    """
    s3.put_bucket_policy(Bucket=BUCKET, Policy=policy(READERS))
    tasks = {"A": EFFECTS[first], "B": EFFECTS[second]}
    options = {letter: named(letter, {"buckets": [BUCKET], **each}) for letter, (each, _effect) in tasks.items()}
    results = run_interleaved(order, options["A"], options["B"], main, OPERATIONS)
    expected, after = simulate(order, {letter: effect for letter, (_options, effect) in tasks.items()})
    found = [row(result)["error"]["kind"] if result.get("failed") else "ok" for result in results]
    assert found == list(expected.values())
    assert sids(s3) == after
    for result in results:
        if result.get("failed"):
            assert "Run the task again" in result["msg"]
    for each, effect in tasks.values():
        assert not task(MODULE, buckets=[BUCKET], **each).get("failed")
        assert sids(s3) == effect(sids(s3))
        assert "Readers" in sids(s3)


@pytest.fixture
def sdk(monkeypatch: pytest.MonkeyPatch) -> SdkCalls:
    """Hooks into the calls of the run."""
    return SdkCalls(monkeypatch)


def test_a_statement_of_another_client_before_the_read_back_is_named(
    task: Task, s3: Any, bucket: str, sdk: SdkCalls
) -> None:
    """The task fails as unverified, the change is told, and a second run keeps the statement."""

    def write() -> None:
        found = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
        s3.put_bucket_policy(Bucket=bucket, Policy=policy(*found["Statement"], READERS))

    sdk.before("GetBucketPolicy", write, after=1)
    result = task(MODULE, buckets=[bucket], **TLS)
    assert result["failed"]
    assert result["changed"]
    assert row(result)["error"]["kind"] == "unverified"
    assert "It differs in the statement Readers" in result["msg"]
    again = task(MODULE, buckets=[bucket], **TLS)
    assert not again["changed"]
    assert sids(s3) == {"Readers", REQUIRE_TLS}


def test_a_policy_that_was_deleted_before_the_read_back_is_told(
    task: Task, s3: Any, bucket: str, sdk: SdkCalls
) -> None:
    """S3 reports none."""
    s3.put_bucket_policy(Bucket=bucket, Policy=policy(READERS))
    sdk.before("GetBucketPolicy", lambda: s3.delete_bucket_policy(Bucket=bucket), after=1)
    result = task(MODULE, buckets=[bucket], **TLS)
    assert row(result)["error"]["kind"] == "unverified"
    assert "reports none" in result["msg"]


def test_a_change_before_the_write_is_lost_and_the_next_run_of_the_other_restores_it(
    task: Task, s3: Any, bucket: str, sdk: SdkCalls
) -> None:
    """S3 has no condition for this write. The documentation of the module says so."""
    sdk.before("PutBucketPolicy", lambda: s3.put_bucket_policy(Bucket=bucket, Policy=policy(READERS)))
    assert not task(MODULE, buckets=[bucket], **TLS).get("failed")
    assert sids(s3) == {REQUIRE_TLS}


def test_a_stale_read_back_is_repeated(
    task: Task, s3: Any, bucket: str, lab: Any, clock: TestClock, calls: Callable[[], list[str]]
) -> None:
    """S3 may report the policy from before the write for a while."""
    s3.put_bucket_policy(Bucket=bucket, Policy=policy(READERS))
    calls()
    lab.faults.add("stale_read", operation="GetBucketPolicy", after=1, times=2)
    result = task(MODULE, buckets=[bucket], **TLS)
    assert not result.get("failed"), result["msg"]
    assert calls() == [*CHANGED, "GetBucketPolicy", "GetBucketPolicy"]
    assert clock.slept == [0.25, 0.5]
    assert sids(s3) == {"Readers", REQUIRE_TLS}


def test_a_read_back_that_stays_stale_is_no_success(task: Task, s3: Any, bucket: str, lab: Any) -> None:
    """What was not proven is not told as done."""
    s3.put_bucket_policy(Bucket=bucket, Policy=policy(READERS))
    lab.faults.add("stale_read", operation="GetBucketPolicy", after=1, times=None)
    result = task(MODULE, buckets=[bucket], **TLS)
    assert result["changed"]
    assert row(result)["error"]["kind"] == "unverified"
    assert "S3 still reports the one from before" in result["msg"]


@pytest.mark.parametrize(("options", "operation"), [(TLS, "PutBucketPolicy"), (ABSENT, "DeleteBucketPolicy")])
def test_a_lost_answer_is_repeated(
    task: Task, s3: Any, bucket: str, lab: Any, options: dict[str, Any], operation: str
) -> None:
    """Both writes have the same result when they are carried out twice."""
    if options is ABSENT:
        task(MODULE, buckets=[bucket], **TLS)
    lab.faults.add("lost_answer", operation=operation, times=1)
    result = task(MODULE, buckets=[bucket], **options)
    assert not result.get("failed"), result["msg"]
    assert result["changed"]
    assert sids(s3) == ({REQUIRE_TLS} if options is TLS else set())


def test_an_answer_that_never_comes_is_told_as_uncertain(task: Task, s3: Any, bucket: str, lab: Any) -> None:
    """The policy was written. A second run finds out, and has nothing to do."""
    lab.faults.add("lost_answer", operation="PutBucketPolicy", times=None)
    result = task(MODULE, buckets=[bucket], aws_config={"retries": {"total_max_attempts": 1}}, **TLS)
    lab.faults.clear()
    assert result["failed"]
    assert result["changed"]
    assert "It may have been carried out all the same" in result["msg"]
    assert sids(s3) == {REQUIRE_TLS}
    assert not task(MODULE, buckets=[bucket], **TLS)["changed"]


@pytest.mark.parametrize("place", ["GetBucketPolicy", "PutBucketPolicy", "read back"])
def test_a_killed_run_leaves_one_policy_or_the_other(
    task: Task, s3: Any, bucket: str, sdk: SdkCalls, place: str
) -> None:
    """S3 replaces the whole policy at once, so there is nothing between. A second run completes it."""
    s3.put_bucket_policy(Bucket=bucket, Policy=policy(READERS))
    sdk.before("GetBucketPolicy" if place == "read back" else place, _kill, after=int(place == "read back"))
    with pytest.raises(KeyboardInterrupt):
        task(MODULE, buckets=[bucket], **TLS, **HEADER)
    ours = {REQUIRE_TLS, REQUIRE_HEADER} if place == "read back" else set()
    assert sids(s3) == {"Readers", *ours}
    result = task(MODULE, buckets=[bucket], **TLS, **HEADER)
    assert result["changed"] == (place != "read back")
    assert sids(s3) == {"Readers", REQUIRE_TLS, REQUIRE_HEADER}


def _kill() -> None:
    raise KeyboardInterrupt

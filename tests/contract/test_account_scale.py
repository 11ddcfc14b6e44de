# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Many accounts in one task, in a process of its own: calls, memory, processor time, and runs that are killed.

A few accounts here; `make soak accounts` has 200 accounts with 25 buckets in each of 4 regions. The accounts trust the
hub by its role and an external id, and policies are enforced.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from .account_fleet import AccountFleet, ModuleRun, make_account_fleet, run_module, start_module
from .scale import IS_SOAK, SEED, number
from .test_interruption import HANG_SECONDS, wait_for_the_delayed_call

ACCOUNTS, FEW, BUCKETS = number(4, 200), number(2, 10), number(1, 25)
MOST_MIB, MOST_GROWTH = 250, 1.5
ENCRYPTION = {"select": {"names": ["data-*"]}, "encryption": "SSE-KMS", "bucket_key_enabled": True}
TLS = {"select": {"names": ["data-*"]}, "require_tls": True}
# For each bucket that is changed. Logs are delivered to no bucket under a KMS key, so its policy and ACL are read.
MOVE = ("GetBucketEncryption", "GetBucketPolicy", "GetBucketAcl", "PutBucketEncryption")
# A website cannot be reached over TLS, and the written policy is read again.
PROTECT = ("GetBucketPolicy", "GetBucketPolicy", "GetBucketWebsite", "PutBucketPolicy")
# The module, its options, the calls for a bucket that is changed, and the one for a bucket that is as asked.
TASKS: dict[str, tuple[str, dict[str, Any], tuple[str, ...], str]] = {
    "default encryption": ("bucket_default_encryption", ENCRYPTION, MOVE, "GetBucketEncryption"),
    "policy": ("bucket_encryption_policy", TLS, PROTECT, "GetBucketPolicy"),
}


@pytest.fixture(scope="module")
def fleet_state(lab_server: Any) -> Iterator[tuple[AccountFleet, Any]]:
    """The accounts, and the state of the lab that has them."""
    lab_server.reset()
    fleet = make_account_fleet(lab_server, ACCOUNTS, BUCKETS)
    yield fleet, lab_server.save()
    lab_server.reset()


@pytest.fixture
def fleet(lab: Any, at_aws: None, fleet_state: tuple[AccountFleet, Any]) -> AccountFleet:
    """The accounts, with new buckets."""
    found, saved = fleet_state
    lab.restore(saved)
    lab.enforcing = True
    return found


def counted(lab: Any, run: ModuleRun) -> Counter[str]:
    """The calls since the last count, which the result of the run counts, too."""
    calls = Counter(call.operation for call in lab.calls)
    lab.calls.clear()
    summary = run.result["summary"]
    assert (summary["api_calls"], summary["sts_calls"]) == (sum(calls.values()), calls["AssumeRole"]), calls
    return calls


def tell(capsys: pytest.CaptureFixture[str], words: str) -> None:
    """Print a figure for the results of `make soak`."""
    if IS_SOAK:
        with capsys.disabled():
            print(f"\nresult: {words}")


@pytest.mark.parametrize("name", TASKS if IS_SOAK else ["default encryption"])
def test_calls_and_memory(lab: Any, fleet: AccountFleet, capsys: pytest.CaptureFixture[str], name: str) -> None:
    """One call for each bucket, one for each account's names, and one AssumeRole for each account."""
    module, options, changing, reading = TASKS[name]
    total = ACCOUNTS * fleet.per_account
    every = {**options, "accounts": fleet.entries(), "results": "none"}
    entering = Counter({"AssumeRole": ACCOUNTS, "ListBuckets": ACCOUNTS})
    lab.calls.clear()
    runs: dict[str, ModuleRun] = {}
    for title, calls, changed in (
        ("changing", Counter({each: total * changing.count(each) for each in changing}), total),
        ("as asked", Counter({reading: total}), 0),
    ):
        run = runs[title] = run_module(module, every, fleet.environment)
        assert not run.result.get("failed"), run.result
        summary = run.result["summary"]
        counts = tuple(summary[each] for each in ("accounts", "failed_accounts", "matched", "changed", "failed"))
        assert counts == (ACCOUNTS, 0, total, changed, 0)
        assert counted(lab, run) == calls + entering
    audit = {name: every[name] for name in ("select", "accounts")}
    found = runs["info"] = run_module(f"{module}_info", audit, fleet.environment)
    assert not found.result.get("failed"), found.result
    assert found.result["summary"]["matched"] == total
    assert counted(lab, found) == Counter({reading: total}) + entering
    few = run_module(module, {**every, "accounts": fleet.entries()[:FEW]}, fleet.environment)
    lab.calls.clear()
    assert few.result["summary"]["unchanged"] == FEW * fleet.per_account
    for title, run in runs.items():
        figures = f"{run.cpu:.1f} s of processor time, {run.peak_mib:.0f} MiB"
        tell(capsys, f"{name}, {ACCOUNTS} accounts, {total} buckets, {title}: {figures}")
        if IS_SOAK:
            assert run.peak_mib <= MOST_MIB, title
    tell(capsys, f"{name}, {FEW} accounts: {few.peak_mib:.0f} MiB")
    if IS_SOAK:
        assert runs["as asked"].peak_mib <= MOST_GROWTH * few.peak_mib
    lab.calls.clear()


@pytest.mark.parametrize("seed", range(SEED, SEED + number(1, 20)))
def test_a_run_that_is_killed_is_finished_by_the_next(lab: Any, fleet: AccountFleet, seed: int) -> None:
    """At a random moment. Each bucket has its old rule or the new one, and a third run changes nothing."""
    chance = random.Random(seed)
    some = chance.sample(fleet.entries(), min(ACCOUNTS, 10))
    options = {**ENCRYPTION, "accounts": some, "results": "none"}
    total = len(some) * fleet.per_account
    operation = chance.choice(["AssumeRole", "ListBuckets", "GetBucketEncryption", "PutBucketEncryption"])
    lab.faults.add("delay", operation=operation, seconds=0.2, times=chance.randrange(1, 10))
    process = start_module("bucket_default_encryption", options, fleet.environment)
    wait_for_the_delayed_call(lab)
    time.sleep(chance.uniform(0, number(1, 6)))
    process.kill()
    process.wait(HANG_SECONDS)
    lab.faults.clear()
    # The lab may still answer calls of the killed run, so the next run has sessions of another name.
    options["accounts"] = [{**each, "session_name": "next"} for each in some]
    rest = run_module("bucket_default_encryption", options, fleet.environment)
    assert not rest.result.get("failed"), rest.result
    summary = rest.result["summary"]
    assert summary["changed"] + summary["unchanged"] == total
    writes = [call for call in lab.calls if call.operation == "PutBucketEncryption" and call.caller.endswith("/next")]
    assert len(writes) == summary["changed"]
    again = run_module("bucket_default_encryption", options, fleet.environment)
    assert again.result["summary"]["unchanged"] == total
    lab.calls.clear()

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a result says about the accounts of a task: their numbers, and why some could not be entered."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.accounts.account_fleet import (
    AccountsStatus,
    AccountStatus,
)
from ansible_collections.sealed.s3.plugins.module_utils.engine.fleet.fleet import FleetStatus
from ansible_collections.sealed.s3.plugins.module_utils.frontend.accounts.account_report import with_accounts
from ansible_collections.sealed.s3.plugins.module_utils.model.accounts.account import Account
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind

RESULT: dict[str, Any] = {"changed": True, "buckets": [], "summary": {"matched": 0, "seconds": 0.1}}
CHANGED = FleetStatus(3, True, changed=2, unchanged=1)
UNCHANGED = FleetStatus(1, True, unchanged=1)
FAILED = FleetStatus(4, True, changed=1, failed=1, vanished=1, kept=1)


def refused(number: int, code: str = "AccessDenied") -> FleetStatus:
    """The numbers of an account that could not be entered."""
    role = f"arn:aws:iam::{number:012}:role/fleet"
    failure = Failure(
        FailureKind.FORBIDDEN,
        f"{role} could not be assumed.",
        f"Let the trust policy of {role} name the hub.",
        "sts:AssumeRole",
        role,
        code=code,
    )
    return FleetStatus(0, False, failure)


def report(*parts: FleetStatus, results: str | None = None, result: dict[str, Any] = RESULT) -> dict[str, Any]:
    """The result for accounts with these numbers, whose ids are 1, 2 and so on."""
    accounts = [
        AccountStatus(Account(f"{number:012}", f"a{number}" if number % 2 else ""), part)
        for number, part in enumerate(parts, 1)
    ]
    return with_accounts(result, AccountsStatus(tuple(accounts)), results=results, sts_calls=7, rows=None)


def listed(result: dict[str, Any]) -> list[int]:
    """The numbers of the accounts in a result."""
    return [int(row["account_id"]) for row in result["accounts"]]


@pytest.mark.parametrize(
    ("results", "expected"), [(None, [1, 3, 4]), ("changed", [1, 3, 4]), ("none", [3, 4]), ("all", [1, 2, 3, 4])]
)
def test_the_task_says_which_accounts_are_listed(results: str | None, expected: list[int]) -> None:
    """In the order of the task."""
    assert listed(report(CHANGED, UNCHANGED, FAILED, refused(4), results=results)) == expected


def test_the_result_of_a_large_fleet_stays_small() -> None:
    """Those that failed are listed first, unless the task asks for more."""
    parts = [CHANGED] * 150 + [FAILED] * 10
    assert listed(report(*parts)) == [*range(1, 91), *range(151, 161)]
    assert len(listed(report(*parts, results="changed"))) == 160


def test_the_numbers_of_an_account() -> None:
    """And those of all accounts, in the summary."""
    result = report(FAILED, CHANGED)
    assert result["accounts"][0] == {
        "account_id": "000000000001",
        "account_name": "a1",
        "matched": 4,
        "changed": 1,
        "unchanged": 0,
        "failed": 1,
        "skipped": 2,
        "error": None,
    }
    assert result["accounts"][1]["account_name"] is None
    expected = {"matched": 0, "seconds": 0.1, "accounts": 2, "failed_accounts": 0, "sts_calls": 7}
    assert result["summary"] == expected
    assert result["failed_accounts"] == []
    assert "failed" not in result


def test_accounts_that_could_not_be_entered_fail_the_task() -> None:
    """One sentence for each cause, although each names its own role. What else failed is said after it."""
    failed = {**RESULT, "failed": True, "msg": "1 of 4 buckets failed. No."}
    result = report(refused(1), refused(2), refused(3, "Throttling"), CHANGED, result=failed)
    assert result["failed_accounts"] == ["000000000001", "000000000002", "000000000003"]
    assert result["msg"].startswith("3 of 4 accounts could not be entered or listed. 000000000001 (a1): arn:aws:iam::")
    assert "The same cause for 1 more: 000000000002. 000000000003 (a3): " in result["msg"]
    assert result["msg"].endswith(" 1 of 4 buckets failed. No.")
    assert (result["failed"], result["error"]["action"]) == (True, "sts:AssumeRole")
    assert result["accounts"][1]["error"]["resource"] == "arn:aws:iam::000000000002:role/fleet"


def test_a_run_that_was_stopped_says_what_it_left_out() -> None:
    """Nothing is known about these accounts."""
    result = report(FAILED, FleetStatus(), FleetStatus(2, False))
    assert result["failed"]
    assert result["msg"] == "The run was stopped: 2 of 3 accounts were not entered or not listed."


def test_a_failure_of_the_task_itself_is_said_once() -> None:
    """It is the message of the run."""
    own = Failure(FailureKind.CREDENTIALS, "Expired.")
    account = AccountStatus(Account("000000000001"), FleetStatus(0, False, own))
    result = {**RESULT, "failed": True, "msg": "Expired.", "error": {"kind": "credentials"}}
    found = with_accounts(result, AccountsStatus((account,), own), results=None, sts_calls=1, rows=None)
    assert (found["msg"], found["failed_accounts"]) == ("Expired.", ["000000000001"])

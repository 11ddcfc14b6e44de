# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The result of a run for many resources, for any kind of resource."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.fleet.fleet import FleetStatus
from ansible_collections.sealed.s3.plugins.module_utils.frontend.fleet_report import FleetReport, FleetWords
from ansible_collections.sealed.s3.plugins.module_utils.frontend.result import error_of_row
from ansible_collections.sealed.s3.plugins.module_utils.model.accounts.account import Account
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind
from ansible_collections.sealed.s3.plugins.module_utils.model.outcome import Outcome
from ansible_collections.sealed.s3.plugins.module_utils.model.plan import NotThereYet

ACCOUNTS: FleetWords[str] = FleetWords(
    "account", "accounts", lambda state: None if state is None else {"state": state}, lambda state: f"is {state}"
)
FORBIDDEN = Failure(FailureKind.FORBIDDEN, "one may not be changed.", "Ask for the permission.", code="AccessDenied")
MISSING = Failure(FailureKind.ABSENT, "It does not exist.")
CHANGED: Outcome[str, None] = Outcome("off", "on", "on", ("EnableKey",), True)
UNCHANGED: Outcome[str, None] = Outcome("on", "on", "on")
FAILED: Outcome[str, None] = Outcome(failure=MISSING)
DIFFERENCES = (("one", "off"), ("two", "missing"), ("three", "off"))


def report_of(*outcomes: Outcome[str, None], **options: Any) -> FleetReport[str]:
    """A report with these outcomes, for resources that are named one, two and so on, added in reverse order."""
    report = FleetReport(ACCOUNTS, **options)
    names = ("one", "two", "three", "four")
    for position, outcome in reversed(list(enumerate(outcomes))):
        report.add(position, names[position], "eu-west-1" if position else "", outcome)
    return report


def test_changed_resources_are_listed_in_order() -> None:
    """With the region, if it is known, and the states."""
    status = FleetStatus(3, True, None, changed=2, unchanged=1)
    result = report_of(CHANGED, UNCHANGED, CHANGED).result(status, api_calls=7, seconds=1.23456)
    assert [(account["name"], account["region"]) for account in result["accounts"]] == [
        ("one", None),
        ("three", "eu-west-1"),
    ]
    assert result["accounts"][0] == {
        "name": "one",
        "region": None,
        "changed": True,
        "before": {"state": "off"},
        "after": {"state": "on"},
        "error": None,
    }
    assert result["changed"]
    assert "failed" not in result
    assert result["summary"] == {
        "matched": 3,
        "changed": 2,
        "unchanged": 1,
        "failed": 0,
        "skipped": 0,
        "not_listed": 0,
        "api_calls": 7,
        "seconds": 1.235,
    }
    assert result["diff"] == {"prepared": "2 accounts:\n  - is off\n  + is on\n    one\n    three\n"}


def test_the_options_say_what_is_listed() -> None:
    """Failed resources are always listed."""
    status = FleetStatus(3, True)
    outcomes = (CHANGED, UNCHANGED, FAILED)
    cases: tuple[tuple[dict[str, bool], list[str]], ...] = (
        ({"list_unchanged": True}, ["one", "two", "three"]),
        ({"list_changed": False}, ["three"]),
    )
    for options, names in cases:
        result = report_of(*outcomes, **options).result(status, api_calls=0, seconds=0)
        assert [account["name"] for account in result["accounts"]] == names


def test_equal_causes_are_reported_together() -> None:
    """The cause is before the names. A name that is in the message is not repeated."""
    refused: Outcome[str, None] = Outcome(failure=FORBIDDEN)
    report = report_of(refused, FAILED, refused)
    result = report.result(FleetStatus(3, True, failed=3), api_calls=0, seconds=0)
    assert (result["failed"], result["failed_accounts"]) == (True, ["one", "two", "three"])
    assert result["msg"] == (
        "3 of 3 accounts failed. one may not be changed. Ask for the permission. The same cause for 1 more: three. "
        "two: It does not exist."
    )
    single = report_of(refused).result(FleetStatus(1, True, failed=1), api_calls=0, seconds=0)
    assert single["msg"] == "1 of 1 account failed. one may not be changed. Ask for the permission."


def test_the_message_about_many_failures_is_short() -> None:
    """It has the number for each cause and the first names. All names are in the list of failed resources."""
    report = FleetReport(ACCOUNTS)
    for position in range(1000):
        name = f"account-{position}"
        kind = MISSING if position >= 900 else replace(FORBIDDEN, message=f"{name} may not be changed.", resource=name)
        report.add(position, name, "", Outcome(failure=kind))
    result = report.result(FleetStatus(1000, True, failed=1000), api_calls=0, seconds=0)
    assert result["msg"] == (
        "1,000 of 1,000 accounts failed. account-0 may not be changed. Ask for the permission. The same cause for 899 "
        "more: account-1, account-2, account-3, account-4, account-5 and 894 more. account-900: It does not exist. The "
        "same cause for 99 more: account-901, account-902, account-903, account-904, account-905 and 94 more."
    )
    assert result["failed_accounts"] == [f"account-{position}" for position in range(1000)]


@pytest.mark.parametrize(
    "difference",
    [{"action": "kms:GenerateDataKey"}, {"layer": "resource-based"}, {"code": "Other"}, {"resource": "a key"}],
    ids=lambda difference: next(iter(difference)),
)
def test_failures_that_differ_are_no_common_cause(difference: dict[str, Any]) -> None:
    """A permission to read that is missing is not one to write, and the sentence about one key is not about another."""
    first = replace(FORBIDDEN, action="s3:GetEncryptionConfiguration", resource="one")
    second = replace(replace(first, resource="two"), **difference)
    report = report_of(Outcome(failure=first), Outcome(failure=second))
    message = report.result(FleetStatus(2, True, failed=2), api_calls=0, seconds=0)["msg"]
    assert "The same cause" not in message
    assert message.count("may not be changed") == 2


def test_failures_about_the_values_of_a_resource_differ_by_their_message() -> None:
    """The values that a store did not keep are the cause. The name of the resource in the message is none."""
    lost = [Failure(FailureKind.UNVERIFIED, f"{name} was written, but is {state}.") for name, state in DIFFERENCES]
    report = report_of(*(Outcome(failure=failure) for failure in lost))
    message = report.result(FleetStatus(3, True, failed=3), api_calls=0, seconds=0)["msg"]
    assert message == (
        "3 of 3 accounts failed. one was written, but is off. The same cause for 1 more: three. "
        "two was written, but is missing."
    )


@pytest.mark.parametrize(
    ("failure", "is_reported"),
    [
        pytest.param(FORBIDDEN, False, id="refused"),
        pytest.param(Failure(FailureKind.UNVERIFIED, "The store did not keep it."), False, id="not proven"),
        pytest.param(
            Failure(FailureKind.UNREACHABLE, "There was no answer.", may_have_been_applied=True), True, id="no answer"
        ),
    ],
)
def test_a_change_that_is_not_made_is_not_reported_as_one(failure: Failure, is_reported: bool) -> None:
    """The warning about its effect and the diff are about changes that are made, or may have been made."""
    written = failure.kind is not FailureKind.FORBIDDEN
    failed = replace(CHANGED, after=None, changed=written, failure=failure, warnings=("it gets weaker", "Unchecked."))
    report = FleetReport(ACCOUNTS)
    report.add(0, "one", "", failed, shared_warnings=("Unchecked.",))
    result = report.result(FleetStatus(1, True, failed=1), api_calls=0, seconds=0)
    assert result["changed"] is written
    assert result["warnings"] == (["1 account: it gets weaker.", "Unchecked."] if is_reported else ["Unchecked."])
    assert result["diff"]["after"] == ({"state": "on"} if is_reported else {})


def test_the_message_about_many_causes_is_short() -> None:
    """The causes of most resources are shown, and the others are counted."""
    report = FleetReport(ACCOUNTS)
    for position in range(60):
        report.add(position, f"account-{position}", "", Outcome(failure=replace(MISSING, code=f"Code{position // 2}")))
    message = report.result(FleetStatus(60, True, failed=60), api_calls=0, seconds=0)["msg"]
    assert message.endswith("And 25 more causes.")
    assert len(message) < 600


def test_shared_warnings_are_reported_once_and_others_are_counted() -> None:
    """Warnings about the run come between them."""
    report = FleetReport(ACCOUNTS)
    for position in range(2):
        outcome: Outcome[str, None] = Outcome("on", "on", "on", warnings=("it gets weaker", "Unchecked."))
        report.add(position, f"account-{position}", "", outcome, shared_warnings=("Unchecked.",))
    report.warn("Of the run.")
    result = report.result(FleetStatus(2, True, unchanged=2), api_calls=0, seconds=0)
    assert result["warnings"] == ["2 accounts: it gets weaker.", "Of the run.", "Unchecked."]


def test_the_failure_of_the_list_is_the_error() -> None:
    """It comes before the failures of resources."""
    status = FleetStatus(1, False, MISSING, failed=1)
    result = report_of(Outcome(failure=FORBIDDEN)).result(status, api_calls=0, seconds=0)
    assert (result["failed"], result["error"]["kind"]) == (True, "absent")
    assert result["msg"] == (
        "It does not exist. The run ended early, with 0 of 1 account done and an incomplete list. 1 of 1 account "
        "failed. one may not be changed. Ask for the permission."
    )


def test_a_run_that_ended_early_says_how_far_it_came() -> None:
    """Credentials that expire are the error of the whole task. Resources that were not started are skipped."""
    expired = Failure(FailureKind.CREDENTIALS, "The token has expired.")
    status = FleetStatus(12_000, True, None, changed=4_000, unchanged=7, failed=1, fatal=expired)
    result = report_of(Outcome(failure=expired)).result(status, api_calls=0, seconds=0)
    assert (result["error"]["kind"], result["summary"]["skipped"]) == ("credentials", 7_992)
    assert result["msg"] == (
        "The token has expired. The run ended early, with 4,007 of 12,000 accounts done. 1 of 12,000 accounts failed. "
        "one: The token has expired."
    )


def test_vanished_resources_are_a_warning() -> None:
    """They are counted as skipped, and are no failure."""
    report = report_of(UNCHANGED)
    report.vanish("nine")
    report.vanish("eight")
    result = report.result(FleetStatus(3, True, unchanged=1, vanished=2), api_calls=0, seconds=0)
    assert "failed" not in result
    assert (result["summary"]["skipped"], result["summary"]["unchanged"]) == (2, 1)
    assert result["warnings"] == ["Skipped, because deleted since the list was read: 2 accounts (eight, nine)."]


def test_an_empty_fleet_is_a_warning() -> None:
    """Usually, the selection has a mistake."""
    result = report_of().result(FleetStatus(is_complete=True), api_calls=1, seconds=0)
    assert result["warnings"] == ["No account matches: nothing was checked."]
    assert result["diff"] == {"before": {}, "after": {}}


def test_what_does_not_exist_yet_is_named_once_and_warned_about() -> None:
    """In order, with at most ten warnings. The diff shows the state after the run."""
    missing = [NotThereYet(str(number), f"Number {number}", MISSING) for number in range(12)]
    first = replace(CHANGED, before=None, not_there_yet=tuple(missing[:6]))
    second = replace(CHANGED, before=None, not_there_yet=tuple(missing[5:]))
    result = report_of(first, second).result(FleetStatus(2, True, None, changed=2), api_calls=2, seconds=1)
    assert result["not_there_yet"] == [str(number) for number in range(12)]
    assert result["warnings"] == [
        *(each.warning for each in missing[:10]),
        "2 more do not exist yet either. not_there_yet lists all of them.",
    ]
    assert result["diff"]["prepared"].startswith("2 accounts:\n  - the account does not exist yet\n  + is on\n")


def test_a_limited_result_lists_failed_resources_first() -> None:
    """In any order of the outcomes, the first of the failed ones, then of the changed ones; all others are counted."""
    for order in (1, -1):
        report = FleetReport(ACCOUNTS, limit=3)
        for position in list(range(8))[::order]:
            report.add(position, f"account-{position}", "", FAILED if position in (4, 6) else CHANGED)
        result = report.result(FleetStatus(8, True, changed=6, failed=2), api_calls=0, seconds=0)
        assert [account["name"] for account in result["accounts"]] == ["account-0", "account-4", "account-6"]
        assert result["failed_accounts"] == ["account-4", "account-6"]
        assert result["summary"]["not_listed"] == 5
        assert result["diff"]["prepared"] == (
            "6 accounts:\n  - is off\n  + is on\n    account-0\n    account-1\n    account-2\n    and 3 more\n"
        )


def test_a_failed_result_is_no_longer_than_a_good_one() -> None:
    """Both are bounded, whatever the number of resources."""

    def size(failed: int) -> int:
        report = FleetReport(ACCOUNTS, limit=100)
        for position in range(10_000):
            report.add(position, f"account-{position:05}", "", FAILED if position < failed else CHANGED)
        result = report.result(FleetStatus(10_000, True, failed=failed), api_calls=0, seconds=0)
        names = result.pop("failed_accounts")
        assert len(names) == failed
        return len(json.dumps(result))

    assert size(60) < size(0) + 100 * len(json.dumps(error_of_row(MISSING)))
    assert max(size(0), size(60), size(10_000)) < 40_000


def test_the_diff_of_many_different_changes_is_short() -> None:
    """Such as of resources that have one key each. The changes of most resources are shown, and the others counted."""
    report = FleetReport(ACCOUNTS, limit=4)
    for position in range(9):
        before = "off" if position < 4 else f"key {position}"
        report.add(position, f"account-{position}", "", replace(CHANGED, before=before))
    diff = report.result(FleetStatus(9, True, changed=9), api_calls=0, seconds=0)["diff"]["prepared"]
    assert diff == (
        "4 accounts:\n  - is off\n  + is on\n    account-0\n    and 3 more\n"
        "1 account:\n  - is key 4\n  + is on\n    account-4\n"
        "1 account:\n  - is key 5\n  + is on\n    account-5\n"
        "1 account:\n  - is key 6\n  + is on\n    account-6\n"
        "2 accounts with 2 other changes\n"
    )


PROD, TEST, DEV = Account("111111111111", "prod"), Account("222222222222"), Account("333333333333", "dev")
MISSING_KEY: Outcome[str, None] = Outcome(
    "off", "on", "on", (), True, not_there_yet=(NotThereYet("alias/app", "The alias alias/app", MISSING),)
)


def report_of_accounts(*outcomes: tuple[Account | None, Outcome[str, None]]) -> dict[str, Any]:
    """The result for many accounts, of resources that are named after their positions."""
    report = FleetReport(ACCOUNTS, list_unchanged=True, by_account=True)
    for position, (account, outcome) in reversed(list(enumerate(outcomes))):
        report.add(position, f"r{position}", "eu-west-1", outcome, account=account)
    return report.result(FleetStatus(len(outcomes), True, unchanged=len(outcomes)), api_calls=0, seconds=0)


def test_each_row_says_its_account() -> None:
    """Before its name. The account may have no name, and a resource no account."""
    result = report_of_accounts((PROD, CHANGED), (TEST, UNCHANGED), (None, FAILED))
    columns = [(row["account_id"], row["account_name"], row["name"]) for row in result["accounts"]]
    assert columns == [("111111111111", "prod", "r0"), ("222222222222", None, "r1"), (None, None, "r2")]
    assert list(result["accounts"][0])[:3] == ["account_id", "account_name", "name"]
    assert result["diff"]["before_header"] == "r0 in account 111111111111 (prod)"


def test_a_diff_is_grouped_by_account() -> None:
    """Below each change."""
    result = report_of_accounts((PROD, CHANGED), (PROD, CHANGED), (TEST, CHANGED))
    text = (
        "3 accounts:\n  - is off\n  + is on\n    111111111111 (prod)\n      r0\n      r1\n    222222222222\n      r2\n"
    )
    assert result["diff"] == {"prepared": text}


def test_a_failure_names_its_account() -> None:
    """The first one of each cause; then how many accounts have it."""
    alone = report_of_accounts((PROD, FAILED), (PROD, CHANGED))
    assert alone["msg"] == "1 of 2 accounts failed. In account 111111111111 (prod): r0: It does not exist."
    several = report_of_accounts((PROD, FAILED), (TEST, FAILED), (TEST, FAILED))
    assert several["msg"] == (
        "3 of 3 accounts failed. In account 111111111111 (prod): r0: It does not exist. "
        "The same cause for 2 more in 2 accounts: r1, r2."
    )


def test_what_does_not_exist_yet_is_said_once_for_all_accounts() -> None:
    """With the accounts that lack it."""
    one = report_of_accounts((PROD, MISSING_KEY), (PROD, MISSING_KEY))
    end = "The real run fails unless an earlier task creates it."
    assert one["warnings"] == [f"The alias alias/app does not exist yet in account 111111111111 (prod). {end}"]
    three = report_of_accounts((PROD, MISSING_KEY), (TEST, MISSING_KEY), (DEV, MISSING_KEY))
    places = "111111111111 (prod), 222222222222, 333333333333 (dev)"
    assert three["warnings"] == [f"The alias alias/app does not exist yet in 3 accounts ({places}). {end}"]
    assert three["not_there_yet"] == ["alias/app"]


def test_a_diff_shows_what_is_given_for_it() -> None:
    """Such as an alias, whose key is another one in each account. The rows have the key."""
    report = FleetReport(ACCOUNTS, by_account=True)
    for position, account in enumerate((PROD, TEST)):
        outcome: Outcome[str, None] = Outcome("off", f"key {position}", f"key {position}", changed=True)
        report.add(position, f"r{position}", "", outcome, account=account, shown="key of the alias")
    result = report.result(FleetStatus(2, True), api_calls=0, seconds=0)
    assert result["diff"]["prepared"].startswith("2 accounts:\n  - is off\n  + is key of the alias\n")
    assert [row["after"] for row in result["accounts"]] == [{"state": "key 0"}, {"state": "key 1"}]

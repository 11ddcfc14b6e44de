# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What the result of a task for many accounts says about the accounts themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ...engine.accounts.account_fleet import position_of
from ..fleet_report import cause_of, count_others, first_names
from ..result import Result, account_columns, error_details, error_of_row

if TYPE_CHECKING:
    from ...engine.accounts.account_fleet import AccountsStatus, AccountStatus
    from ...model.errors import Failure
    from ..result_rows import ResultRows

# The number of accounts that a result lists unless the task says what to list, so that it stays small for any fleet.
_MOST_LISTED = 100
# The number of causes that a message shows. All failures are in the rows of the accounts.
_SHOWN_CAUSES = 5


def with_accounts(
    result: Result, status: AccountsStatus, *, results: str | None, sts_calls: int, rows: ResultRows | None
) -> Result:
    """The result of a run in many accounts, from that of its resources.

    `results` is the option of that name: all accounts, none but those where something failed, or (changed, and None)
    those where something changed or failed; for None, not more than a person reads. `rows` gets a row for each account
    that could not be entered or listed, so that it does not lack an account without a word.
    """
    failed = status.failed
    for order, each in enumerate(status.accounts):
        if rows and each.failure:
            row = {**account_columns(each.account), "error": error_of_row(each.failure)}
            rows.add(position_of(order + 1, 0) - 1, row)  # after all resources of this account
    summary = {
        **result["summary"],
        "accounts": len(status.accounts),
        "failed_accounts": len(failed),
        "sts_calls": sts_calls,
    }
    found: Result = {
        **result,
        "accounts": [_row(each) for each in _listed(status.accounts, results)],
        "failed_accounts": [each.account.account_id for each in failed],
        "summary": summary,
    }
    causes, unfinished = _causes(status), _unfinished(status)
    if not (causes or unfinished):
        return found
    cause = status.fatal or next((each.failure for each in failed), None)
    if cause and "error" not in found:
        found["error"] = error_details(cause)
    return {**found, "failed": True, "msg": " ".join([*causes, *filter(None, [result.get("msg")]), *unfinished])}


def _row(each: AccountStatus) -> Result:
    numbers = each.status
    return {
        **account_columns(each.account),
        "matched": numbers.matched,
        "changed": numbers.changed,
        "unchanged": numbers.unchanged,
        "failed": numbers.failed,
        "skipped": numbers.skipped,
        "error": error_of_row(each.failure) if each.failure else None,
    }


def _listed(accounts: tuple[AccountStatus, ...], results: str | None) -> Iterable[AccountStatus]:
    """The accounts that the result lists, in the order of the task."""
    if results == "all":
        return accounts
    has_failed = [bool(each.failure or each.status.failed) for each in accounts]
    failed = [order for order, has in enumerate(has_failed) if has]
    if results == "none":
        return [accounts[order] for order in failed]
    changed = [order for order, each in enumerate(accounts) if each.status.changed and not has_failed[order]]
    shown = [*failed, *changed]
    return [accounts[order] for order in sorted(shown if results else shown[:_MOST_LISTED])]


def _causes(status: AccountsStatus) -> list[str]:
    """Why accounts could not be entered or listed, each cause with the first of its accounts; that of most first."""
    failed = [(each.account.label, each.failure) for each in status.failed if each.failure]
    if not failed or status.fatal:  # what is true for every account is said once, about the run
        return []
    causes: dict[tuple[str, ...], list[tuple[str, Failure]]] = defaultdict(list)
    for each in status.failed:
        if each.failure:
            causes[_cause(each.account.account_id, each.failure)].append((each.account.label, each.failure))
    groups = sorted(causes.values(), key=lambda group: -len(group))
    shown = [_sentence(group) for group in groups[:_SHOWN_CAUSES]]
    others = count_others(len(groups) - len(shown), "cause", "causes")
    number = len(status.accounts)
    total = "1 account" if number == 1 else f"{number:,} accounts"
    return [f"{len(failed):,} of {total} could not be entered or listed.", *shown, *others]


def _cause(account_id: str, failure: Failure) -> tuple[str, ...]:
    """What accounts have to share so that the sentence about one is true for all, but for the account's own id."""
    general = failure.with_advice(failure.advice.replace(account_id, "")).with_resource(account_id)
    return cause_of(account_id, general)


def _sentence(group: list[tuple[str, Failure]]) -> str:
    (label, failure), *others = group
    first = f"{label}: {failure.sentence()}"
    if not others:
        return first
    return f"{first} The same cause for {len(others):,} more: {first_names([label for label, _failure in others])}."


def _unfinished(status: AccountsStatus) -> list[str]:
    """How many accounts a run that was stopped has not worked in, or not to the end of their lists."""
    number = len(status.unfinished)
    if not number:
        return []
    return [f"The run was stopped: {number:,} of {len(status.accounts):,} accounts were not entered or not listed."]

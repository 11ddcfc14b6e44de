# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""kms_key_for_s3_info in many accounts: the keys of each account and region."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...engine.accounts.account_fleet import position_of
from ...engine.keys.key_inspector import KeyInspection
from ...model.errors import OperationError
from ...model.outcome import Outcome
from ..accounts.account_report import with_accounts
from ..fleet_report import FleetReport, FleetWords
from ..result import Result, account_columns, error_of_row
from .account_regions import EnteredAccount, RegionWarnings, parse_regions, run_in_regions

if TYPE_CHECKING:
    from ...aws.session import Clients
    from ...model.accounts.account import Account
    from ...model.keys.key_report import KeyReport
    from ..run import ModuleContext

# More than a region has keys: each has a position of its own in the rows of an account.
_MOST_KEYS = 1 << 20

# What a task that reads does not count.
_OF_CHANGES = ("changed", "unchanged", "skipped")


def report_keys(
    task: ModuleContext,
    inspect: Callable[[Clients], KeyInspection],
    to_dict: Callable[[KeyReport, str | None, str], Result],
    alias: str | None,
    concurrency: int,
) -> Result:
    """The keys of each account and region. `inspect` reads those of one region, with the clients of its account."""
    began = task.clock.monotonic()
    words: FleetWords[Any] = FleetWords("region", "regions", lambda state: None, lambda state: "", _row_of_failure)
    report = FleetReport(words, list_changed=False, by_account=True)
    warnings = RegionWarnings()
    found: dict[int, list[Result]] = {}

    def run(entered: EnteredAccount, region: str) -> Outcome[Any, KeyInspection]:
        try:
            return Outcome(context=inspect(entered.clients.in_region(region)))
        except OperationError as error:
            return Outcome(failure=error.failure)

    def add(position: int, account: Account, region: str, outcome: Outcome[Any, KeyInspection]) -> None:
        report.add(position, region, region, Outcome(failure=outcome.failure), account=account)
        columns, reports = account_columns(account), outcome.context.reports if outcome.context else ()
        rows = [{**columns, **to_dict(each, alias, region)} for each in reports]
        found[position] = rows
        if task.rows:
            order, place = divmod(position, position_of(1, 0))
            failed = [{**columns, **_row_of_failure("", region, outcome)}] if outcome.failure else []
            for number, row in enumerate([*rows, *failed]):
                task.rows.add(position_of(order, place * _MOST_KEYS + number), row)
        for warning in outcome.context.warnings if outcome.context else ():
            warnings.add(position, account, region, warning)

    status = run_in_regions(task, parse_regions(task), run, add, concurrency=concurrency)
    for sentence in warnings.sentences():
        report.warn(sentence)
    calls, seconds = task.clients.calls, task.clock.monotonic() - began
    result = report.result(status.total, api_calls=calls.requests, seconds=seconds)
    result = with_accounts(result, status, results="all", sts_calls=calls.requests_of("sts"), rows=task.rows)
    keys = [row for position in sorted(found) for row in found[position]]
    failed = result.pop("regions")
    for name in ("diff", "not_there_yet"):
        del result[name]
    summary = {name: number for name, number in result["summary"].items() if name not in (*_OF_CHANGES, "not_listed")}
    accounts = [{name: value for name, value in row.items() if name not in _OF_CHANGES} for row in result["accounts"]]
    return {
        **result,
        "changed": False,
        "kms_keys": keys,
        "failed_regions": failed,
        "accounts": accounts,
        "summary": {**summary, "keys": len(keys)},
    }


def _row_of_failure(_name: str, region: str, outcome: Outcome[Any, Any]) -> Result:
    return {"region": region, "error": error_of_row(outcome.failure) if outcome.failure else None}

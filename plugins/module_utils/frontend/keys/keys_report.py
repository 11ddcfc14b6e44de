# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The result of kms_key_for_s3 in many accounts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...model.outcome import Outcome
from ..accounts.account_report import with_accounts
from ..fleet_report import FleetReport, FleetWords
from .account_regions import RegionWarnings
from .key_run import KeyRun
from .keys_diff import KeysDiff
from .serialize import key_row

if TYPE_CHECKING:
    from ...aws.session import CallLog
    from ...engine.accounts.account_fleet import AccountsStatus
    from ...model.accounts.account import Account
    from ...model.keys.key_state import KeyState
    from ..result import Result
    from ..result_rows import ResultRows


class KeysReport:
    """Collects what was done with each key, in any order. `rows` gets all of them, and so does the result."""

    def __init__(self, alias: str, rows: ResultRows | None) -> None:
        self._alias = alias
        self._rows = rows
        words: FleetWords[KeyState] = FleetWords("key", "keys", lambda key: None, lambda key: "", self._row)
        self._report = FleetReport(words, list_unchanged=True, rows=rows, by_account=True)
        self._diff = KeysDiff()
        self._warnings = RegionWarnings()

    def add(self, position: int, account: Account, region: str, outcome: Outcome[KeyState, KeyRun]) -> None:
        """Add what was done with the key in one region of an account."""
        run = outcome.context
        name = f"{self._alias} in {region}"
        if run:
            # The failure may say more by now, such as that the region is not enabled in this account.
            outcome = replace(run.outcome, failure=outcome.failure)
            run = replace(run, outcome=outcome)
            if outcome.changed:
                self._diff.add(position, account, region, run)
            for warning in outcome.warnings:
                key = outcome.after or outcome.before
                self._warnings.add(position, account, region, warning, *((key.arn, key.key_id) if key else ()))
        failure = outcome.failure
        # The same cause has the same name in each account. The diff and the warnings are those of this report.
        shared: Outcome[KeyState, Any] = Outcome(
            changed=outcome.changed,
            failure=failure.with_resource(name) if failure else None,
            context=run,
            not_there_yet=outcome.not_there_yet,
        )
        self._report.add(position, name, region, shared, account=account)

    def _row(self, name: str, region: str, shared: Outcome[KeyState, Any]) -> Result:
        run = shared.context
        if isinstance(run, KeyRun):
            return key_row(run.outcome, run.key, self._alias, region)
        return key_row(shared, None, self._alias, region)

    def result(self, status: AccountsStatus, calls: CallLog, seconds: float) -> Result:
        """The result of the task, which fails if a key failed, or an account could not be entered."""
        for sentence in self._warnings.sentences():
            self._report.warn(sentence)
        result = self._report.result(status.total, api_calls=calls.requests, seconds=seconds)
        keys = result.pop("keys")
        del result["failed_keys"]
        del result["summary"]["not_listed"]
        result = {"changed": result.pop("changed"), "kms_keys": keys, **result, "diff": self._diff.result()}
        return with_accounts(result, status, results=None, sts_calls=calls.requests_of("sts"), rows=self._rows)

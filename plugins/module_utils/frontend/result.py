# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The parts that the results of several modules share. Imports only the model, because action plugins use it too."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from ..model.accounts.account import Account
    from ..model.errors import Failure
    from ..model.finding import Finding
    from ..model.outcome import Outcome

# A JSON object: the whole result of a module, or a part of it.
Result = dict[str, Any]


def outcome_result(outcome: Outcome[Any, Any], diff: Result, **parts: Any) -> Result:
    """The result of a module that manages one resource. `parts` are those that only this module returns."""
    result: Result = {
        "changed": outcome.changed,
        **parts,
        "actions": list(outcome.actions),
        "not_there_yet": list(dict.fromkeys(each.name for each in outcome.not_there_yet)),
        "diff": diff,
        "warnings": [*outcome.warnings, *dict.fromkeys(each.warning for each in outcome.not_there_yet)],
    }
    return {**result, **failure_result(outcome.failure)} if outcome.failure else result


def failure_result(failure: Failure) -> Result:
    """The result of a module that failed."""
    return {"failed": True, "msg": failure.sentence(), "error": error_details(failure)}


def error_details(failure: Failure) -> Result:
    """The parts of a failure, as `error` in a result. A playbook can decide by its `kind`.

    They do not repeat `msg`: ansible-core 2.19 and newer print it twice already, in a banner and in the result.
    """
    return {
        "kind": failure.kind.value,
        "code": failure.code,
        "action": failure.action,
        "resource": failure.resource,
        "layer": failure.layer,
    }


def error_of_row(failure: Failure) -> Result:
    """The same for one of many resources in a result, with the message, because `msg` is about all of them."""
    return {"message": failure.sentence(), **error_details(failure)}


def account_columns(account: Account | None) -> Result:
    """What each row of a task for many accounts begins with; null for a resource that no account has."""
    if account is None:
        return {"account_id": None, "account_name": None}
    return {"account_id": account.account_id, "account_name": account.name or None}


def with_time(result: Result, ended: datetime) -> Result:
    """The result of a task that inspects, with the time in UTC at which it ended reading, so that reports have it."""
    return {**result, "inspected_at": ended.replace(microsecond=0).isoformat()}


def findings_to_list(findings: Iterable[Finding]) -> list[Result]:
    """The findings about a resource, each with the control of AWS that it violates, and the options that mend it."""
    return [
        {
            "message": finding.message,
            "control": finding.control,
            "rule": finding.rule.value,
            "options": {name: list(value) if isinstance(value, tuple) else value for name, value in finding.options},
        }
        for finding in findings
    ]

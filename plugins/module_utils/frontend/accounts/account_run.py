# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The run of a task in all its accounts, with their sessions, for any resource."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from ...engine.accounts.account_fleet import AccountJob, AccountsStatus, run_in_accounts
from ...model.outcome import Outcome
from ...model.plan import ContextT, StateT
from .task_accounts import task_accounts

if TYPE_CHECKING:
    from ...aws.session import Clients
    from ...engine.fleet.fleet import FleetStatus
    from ...model.accounts.account import Account
    from ..run import ModuleContext

ItemT = TypeVar("ItemT")


def run_in_task_accounts(
    task: ModuleContext,
    make_job: Callable[[Account, Clients], AccountJob[ItemT, StateT, ContextT]],
    *,
    concurrency: int,
    region_of: Callable[[ItemT], str],
    on_outcome: Callable[[int, Account, ItemT, Outcome[StateT, ContextT]], None],
    on_progress: Callable[[FleetStatus, str], None],
    stop_on_failure: bool = False,
    is_vanished: Callable[[ItemT, Outcome[StateT, ContextT]], bool] = lambda item, outcome: False,
    is_kept: Callable[[Outcome[StateT, ContextT]], bool] = lambda outcome: False,
) -> AccountsStatus:
    """Enter each account of the task, and do the job that is made for it. The other arguments are as in
    `run_in_accounts`, but `on_progress` gets the number of accounts in words.

    Raises OperationError for bad options, and if the accounts cannot be listed, before any account is entered.
    """
    sessions = task.role_sessions()
    accounts = tuple(task_accounts(task, sessions))
    try:
        return run_in_accounts(
            accounts,
            lambda account: make_job(account, sessions.open(account)),
            concurrency=concurrency,
            region_of=region_of,
            on_outcome=on_outcome,
            on_progress=lambda status, ended: on_progress(status, f"{ended:,} of {len(accounts):,} accounts"),
            stop_on_failure=stop_on_failure,
            is_vanished=is_vanished,
            is_kept=is_kept,
        )
    finally:
        sessions.close()

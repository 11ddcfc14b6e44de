# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""kms_key_for_s3 in many accounts: one key in each account and region."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...model.errors import OperationError, invalid_input
from ...model.outcome import Outcome
from ..arguments import workers
from .account_regions import EnteredAccount, named_regions, parse_regions, run_in_regions
from .key_options import parse_replica_regions
from .key_run import KeyPlace, KeyRun
from .keys_report import KeysReport

if TYPE_CHECKING:
    from ...model.keys.key_state import KeyState
    from ..result import Result
    from ..run import ModuleContext


def manage_keys(task: ModuleContext, alias: str, run_for_key: Callable[[KeyPlace], KeyRun]) -> Result:
    """Bring the key of each account and region to the desired state, or schedule its deletion."""
    began = task.clock.monotonic()
    regions = parse_regions(task)
    _require_possible(task.params, named_regions(task.params, regions))
    report = KeysReport(alias, task.rows)
    is_deletion = task.params["state"] == "absent"
    if is_deletion:
        from .key_deletion import parse_deletion  # for this state only

        parse_deletion(task.params)  # what is wrong with it is wrong in every account

    def run(entered: EnteredAccount, region: str) -> Outcome[KeyState, KeyRun]:
        place = KeyPlace(entered.clients.in_region(region), entered.identity, task.clock, task.check_mode)
        # A primary key schedules the deletion of its replicas, which may be keys of this task too.
        with entered.turn if is_deletion else nullcontext():
            try:
                done = run_for_key(place)
            except OperationError as error:
                return Outcome(failure=error.failure)
        return replace(done.outcome, context=done)

    status = run_in_regions(
        task,
        regions,
        run,
        report.add,
        counts=lambda status: f"{status.changed:,} changed, {status.failed:,} failed",
        concurrency=workers(task.params),
    )
    return report.result(status, task.clients.calls, task.clock.monotonic() - began)


def _require_possible(params: dict[str, Any], regions_of_accounts: Sequence[Sequence[str]]) -> None:
    """Raise OperationError for options that describe one key, and not one in each account and region."""
    for option in ("custom_key_store_id", "xks_key_id"):
        if params[option] is not None:
            raise invalid_input(
                f"{option} belongs to one account and region, and the task has a key in each.",
                "Use a task without accounts and organization for each key in a key store.",
            )
    replicas = params["replica_regions"]
    for regions in regions_of_accounts:
        if replicas and len(regions) > 1:
            raise invalid_input(
                f"replica_regions makes one key of several regions, and the task has a key of its own in each of "
                f"{', '.join(regions)}.",
                "Name one region for the primary key of each account, or omit replica_regions.",
            )
        for region in regions:
            parse_replica_regions(replicas, region)

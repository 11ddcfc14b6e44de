# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The run of a module that inspects buckets, and compares them with what is expected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from ...engine.buckets.bucket_audit import BucketAudit
from ...model.errors import invalid_input
from ...model.outcome import Outcome
from ...model.plan import StateT
from ..arguments import ArgumentSpec, has_accounts
from ..fleet_report import FleetReport, FleetWords
from ..result import with_time
from ..written import read_written_params, written_suboptions
from .audit_report import AuditReport
from .fleet_run import fleet_arguments, fleet_result, run_buckets

if TYPE_CHECKING:
    from ...aws.session import Clients
    from ...model.buckets.overrides import Targets
    from ...model.buckets.selection import Bucket
    from ..result import Result
    from ..run import ModuleContext

TargetT = TypeVar("TargetT")


def audit_arguments(expected: ArgumentSpec) -> ArgumentSpec:
    """The options of every module that inspects buckets. `expected` are those of what it compares them with."""
    return {
        **fleet_arguments(),
        "expected": {"type": "dict", "options": {**expected, "minimum": {"type": "bool", "default": False}}},
        "fail_on_findings": {"type": "bool", "default": False},
    }


def expected_targets(
    task: ModuleContext,
    parse: Callable[[Mapping[str, Any], Mapping[str, Any], bool], Targets[TargetT]],
    nothing: Targets[TargetT],
) -> Targets[TargetT]:
    """What `parse` makes of `expected`, of the same options as the task has them, and of whether the task is for many
    accounts; `nothing` if it is omitted."""
    expected = task.params["expected"]
    if expected is not None:
        return parse(expected, written_suboptions(read_written_params(), "expected"), has_accounts(task.params))
    if task.params["fail_on_findings"]:
        raise invalid_input(
            "fail_on_findings has no effect without expected, because then there are no findings.",
            "Name in expected what the buckets should have.",
        )
    return nothing


def audit_report(task: ModuleContext, words: FleetWords[StateT], unread: StateT) -> AuditReport[StateT]:
    """The report of a task with `audit_arguments`. `unread` is as in `AuditReport`."""
    return AuditReport(
        words,
        unread,
        has_expectation=task.params["expected"] is not None,
        rows=task.rows,
        by_account=has_accounts(task.params),
    )


def audit_buckets(
    task: ModuleContext,
    audits: AuditReport[StateT],
    targets: Targets[Any],
    make_work: Callable[[Clients], Callable[[Bucket], Outcome[StateT, BucketAudit]]],
    began: float,
) -> Result:
    """The result of a task that inspects every chosen bucket. It began at this time of the task's clock.

    `make_work` is as in `run_buckets`.
    """
    report = FleetReport(audits.words, by_account=audits.by_account)

    def add(position: int, bucket: Bucket, outcome: Outcome[StateT, BucketAudit]) -> None:
        audit = outcome.context or BucketAudit(bucket.region)
        report.add(position, bucket.name, audit.region, outcome, account=bucket.account)
        audits.add(position, bucket, outcome, audit)

    run = run_buckets(task, report, targets, make_work, add, counts=audits.counts)
    result = with_time(fleet_result(task, report, run, began), task.clock.now())
    return audits.result(result, fail_on_findings=task.params["fail_on_findings"])

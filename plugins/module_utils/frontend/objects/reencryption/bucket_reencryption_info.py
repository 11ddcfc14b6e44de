# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The module bucket_reencryption_info."""

from __future__ import annotations

from typing import Any

from ....engine.clock import SYSTEM_CLOCK, Clock
from ....model.buckets.bucket_name import require_bucket_name
from ....model.errors import OperationError, invalid_input
from ...arguments import (
    CUSTOMER_KEY_EXCLUSIVE,
    customer_key_arguments,
    request_payer_arguments,
    require_no_empty_text,
)
from ...result import Result, failure_result, with_time
from ...run import ModuleContext, run_module
from .options import Versions
from .select import parse_select, selection_arguments

# More objects of a sample would make no margin smaller that a person reads, and each is kept in memory.
_LARGEST_SAMPLE = 100_000
_VERSIONS = (Versions.CURRENT.value, Versions.ALL.value)


def main(clock: Clock = SYSTEM_CLOCK) -> None:
    """Run bucket_reencryption_info."""
    run_module(
        {
            "bucket": {"type": "str", "required": True, "aliases": ["bucket_name"]},
            "expected_bucket_owner": {"type": "str"},
            **request_payer_arguments(),
            **selection_arguments(by_encryption=False),
            "versions": {
                "type": "str",
                "choices": [each.value for each in Versions],
                "default": Versions.CURRENT.value,
            },
            "counts": {"type": "bool"},
            "jobs": {"type": "bool", "default": False},
            "job_id": {"type": "str"},
            "job_reports": {"type": "bool", "default": True},
            "sample": {"type": "int"},
            "sample_seed": {"type": "int"},
            "concurrency": {"type": "int", "default": 32},
            "progress": {"type": "bool", "default": True},
            **customer_key_arguments(),
        },
        lambda task: with_time(gather_info(task), task.clock.now()),
        name="bucket_reencryption_info",
        clock=clock,
        mutually_exclusive=CUSTOMER_KEY_EXCLUSIVE,
    )


def gather_info(task: ModuleContext) -> Result:
    """Count the objects of the bucket by their encryption, and report its jobs, as the task wants it."""
    began, params = task.clock.monotonic(), task.params
    _require_options(params)
    selection = parse_select(params["select"], task.clock.now()).selection
    result: Result = {"changed": False, "bucket": params["bucket"], "summary": {}, "warnings": []}
    if _counts(params):
        from .bucket_counts import count_objects

        result = _merged(result, count_objects(task, selection))
    if _reports_jobs(params) and "error" not in result:
        result = _merged(result, _report_jobs(task, result))
    calls, seconds = task.clients.calls.requests, task.clock.monotonic() - began
    return _merged(result, {"summary": {"api_calls": calls, "seconds": round(seconds, 3)}})


def _report_jobs(task: ModuleContext, counted: Result) -> Result:
    """The jobs. A failure does not lose what was counted before."""
    from .job_reports import JobReports

    try:
        return JobReports.of(task).result()
    except OperationError as error:
        if not counted["summary"]:
            raise
        failed = failure_result(error.failure)
        return {**failed, "msg": " ".join(filter(None, (counted.get("msg"), failed["msg"])))}


def _merged(result: Result, more: Result) -> Result:
    """Both results, with the numbers and the warnings of both."""
    return {
        **result,
        **more,
        "summary": {**result["summary"], **more.get("summary", {})},
        "warnings": [*result["warnings"], *more.get("warnings", ())],
    }


def _counts(params: dict[str, Any]) -> bool:
    """Whether to count objects: unless the task is about jobs, or if it says so."""
    if params["counts"] is None:
        return not _reports_jobs(params)
    return bool(params["counts"])


def _reports_jobs(params: dict[str, Any]) -> bool:
    return bool(params["jobs"]) or params["job_id"] is not None


# Options that say which objects are counted, and how.
_COUNTING = ("select", "sample", "sample_seed", "customer_key", "customer_key_file")


def _require_options(params: dict[str, Any]) -> None:
    """Raise OperationError for options that cannot be meant."""
    require_no_empty_text(params, ("bucket", "expected_bucket_owner", "job_id"))
    require_bucket_name(params["bucket"], access_points=not _reports_jobs(params))
    if params["jobs"] and params["job_id"] is not None:
        raise invalid_input("jobs and job_id exclude each other.", "Set job_id for one job, or jobs for all.")
    if not _counts(params):
        if not _reports_jobs(params):
            raise invalid_input("counts: false leaves nothing to report.", "Set jobs or job_id, or leave counts out.")
        unused = [name for name in _COUNTING if params[name] is not None]
        if unused:
            raise invalid_input(
                f"{' and '.join(unused)} {'has' if len(unused) == 1 else 'have'} no effect, because a task with jobs "
                "or job_id does not count objects.",
                "Set counts: true to count them, too, or leave the option out.",
            )
    sample = params["sample"]
    if sample is not None and not 1 <= sample <= _LARGEST_SAMPLE:
        raise invalid_input(f"sample: {sample} is out of bounds.", f"Give 1 to {_LARGEST_SAMPLE}, or leave it out.")
    if params["sample_seed"] is not None and sample is None:
        raise invalid_input("sample_seed has no effect without sample.", "Set sample, or leave sample_seed out.")

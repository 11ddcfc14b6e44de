# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The module kms_key_for_s3_info."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from ...aws.buckets.bucket_list import BucketList
from ...aws.buckets.s3_buckets import S3Buckets
from ...aws.keys.cloudtrail import CloudTrail
from ...aws.keys.kms import Kms
from ...engine.clock import SYSTEM_CLOCK, Clock
from ...engine.keys.cloudtrail_usage import KeyUsageReader
from ...engine.keys.key_inspector import KeyInspection, KeyInspector
from ...engine.keys.key_references import KeyReferenceReader
from ...engine.keys.key_resolver import KeyResolver
from ...model.errors import invalid_input
from ...model.keys.key_ref import KeyRef
from ...model.keys.key_report import Extras, KeyReport, key_findings
from ...model.keys.key_state import KeyState
from ...model.keys.key_usage import MOST_DAYS, KeyUsage
from ..arguments import (
    ACCOUNT_CONSTRAINTS,
    account_arguments,
    has_accounts,
    require_no_empty_text,
    require_no_placeholder,
    results_file_arguments,
    workers,
)
from ..progress import Progress
from ..result import Result, error_of_row, findings_to_list, with_time
from ..run import ModuleContext, run_module
from .key_options import identity_arguments, parse_alias, regions_arguments, require_no_regions
from .serialize import key_to_dict

if TYPE_CHECKING:
    from ...aws.session import Clients

# The extras, and whether each is included by default.
_EXTRAS = {"grants": True, "last_used": True, "rotations": False, "used_by": True}
# In many accounts, the threads that read the keys of one region.
_READERS = 4


def main(clock: Clock = SYSTEM_CLOCK) -> None:
    """Run kms_key_for_s3_info."""
    run_module(
        {
            **identity_arguments(),
            "concurrency": {"type": "int", "default": 16},
            **{f"include_{name}": {"type": "bool", "default": included} for name, included in _EXTRAS.items()},
            "include_usage": {"type": "bool", "default": False},
            "usage_days": {"type": "int", "default": 7},
            "usage_max_events": {"type": "int", "default": 1000},
            "cloudtrail_endpoint_url": {"type": "str"},
            **account_arguments(),
            **regions_arguments(),
            **results_file_arguments(),
        },
        lambda task: with_time(_gather_info(task), task.clock.now()),
        name="kms_key_for_s3_info",
        clock=clock,
        mutually_exclusive=[("alias", "key_id"), *ACCOUNT_CONSTRAINTS["mutually_exclusive"]],
    )


def _gather_info(task: ModuleContext) -> Result:
    """The keys of the task's own account and region, or those of many accounts."""
    params = task.params
    require_no_empty_text(params, ("alias", "key_id", "cloudtrail_endpoint_url"))
    require_no_placeholder(params)
    concurrency = workers(params)
    _require_valid_usage(params)
    alias = parse_alias(params["alias"]) if params["alias"] else None
    if has_accounts(params):
        from .account_key_reports import report_keys  # for these tasks only: others start faster without it

        # A region with all of its keys has several threads, and a region with one key has one.
        readers = 1 if alias else min(concurrency, _READERS)
        inspect = partial(_inspect, params=params, name=alias, clock=task.clock, concurrency=readers)
        return report_keys(task, inspect, _report_to_dict, alias, concurrency // readers)
    require_no_regions(params)
    reference = KeyRef.parse(alias or params["key_id"]) if alias or params["key_id"] else None
    if reference:
        reference.require_region(task.clients.region)
    found = _inspect(
        task.clients,
        params=params,
        name=reference.text if reference else None,
        clock=task.clock,
        concurrency=concurrency,
        buckets=Progress(task.clock, "buckets"),
        keys=Progress(task.clock, "keys"),
    )
    rows = [_report_to_dict(report, alias, task.clients.region) for report in found.reports]
    if task.rows:
        for position, row in enumerate(rows):
            task.rows.add(position, row)
    return {"changed": False, "kms_keys": rows, "warnings": found.warnings}


def _inspect(
    clients: Clients,
    *,
    params: dict[str, Any],
    name: str | None,
    clock: Clock,
    concurrency: int,
    buckets: Progress | None = None,
    keys: Progress | None = None,
) -> KeyInspection:
    """Read one key, or all of the region of these clients. Raises OperationError if they cannot be listed."""
    kms = Kms(clients)
    references = KeyReferenceReader(BucketList(clients), S3Buckets(clients), KeyResolver(kms))
    if buckets:
        references = replace(references, on_progress=buckets.count)
    elif concurrency < references.concurrency:
        references = replace(references, concurrency=concurrency)
    usage = None
    if params["include_usage"]:
        usage = KeyUsageReader(CloudTrail(clients), params["usage_days"], params["usage_max_events"], clock)
    inspector = KeyInspector(kms, references, _extras(params), usage)
    if name is not None:
        return inspector.describe(name)
    return inspector.describe_all(concurrency, keys.count) if keys else inspector.describe_all(concurrency)


def _extras(params: dict[str, Any]) -> Extras:
    return Extras(
        grants=params["include_grants"],
        last_usage=params["include_last_used"],
        rotations=params["include_rotations"],
        references=params["include_used_by"],
    )


def _require_valid_usage(params: dict[str, Any]) -> None:
    """Raise OperationError for limits of the events of CloudTrail that are out of range."""
    days, most = params["usage_days"], params["usage_max_events"]
    if not 1 <= days <= MOST_DAYS:
        raise invalid_input(
            f"usage_days: {days} is out of range.", f"Set 1 to {MOST_DAYS}: CloudTrail does not keep older events."
        )
    if most < 1:
        raise invalid_input(f"usage_max_events: {most} is out of range.", "Set 1 or more.")


def _usage_to_dict(usage: KeyUsage) -> Result:
    return {
        "since": usage.since,
        "until": usage.until,
        "events": usage.events,
        "complete": usage.complete,
        "users": [
            {
                "principal": user.principal,
                "operation": user.operation,
                "cryptographic": user.cryptographic,
                "via": user.via,
                "error": user.error,
                "count": user.count,
                "first": user.first,
                "last": user.last,
                "buckets": list(user.buckets),
            }
            for user in usage.principals
        ],
        "unavailable": usage.failure.sentence() if usage.failure else None,
    }


def _report_to_dict(report: KeyReport, alias: str | None, region: str) -> Result:
    """A key as kms_key_for_s3 returns it, with the parts of the report; null for a part that was not read."""
    result: dict[str, Any] = key_to_dict(report.key or KeyState(), alias, region) or {}
    if report.key is None:
        result = {**dict.fromkeys(result), "key_id": report.key_id, "region": region}
        result["alias"] = next(iter(report.aliases or ()), None)
    used, rotations, references = report.last_usage, report.rotations, report.references
    return {
        **result,
        "aliases": None if report.aliases is None else list(report.aliases),
        "grants": report.grants,
        "last_used": used.last_used.isoformat() if used and used.last_used else None,
        "last_used_operation": used.operation if used else None,
        "last_used_tracked_since": used.tracked_since.isoformat() if used else None,
        "rotations": None
        if rotations is None
        else [{"date": rotation.date, "type": rotation.type} for rotation in rotations],
        "used_by": None if references is None else list(references),
        "usage": _usage_to_dict(report.usage) if report.usage else None,
        "findings": findings_to_list(key_findings(report)),
        "errors": [error_of_row(failure) for failure in report.failures],
    }

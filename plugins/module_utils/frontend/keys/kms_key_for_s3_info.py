# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The module kms_key_for_s3_info."""

from __future__ import annotations

from typing import Any

from ...aws.buckets.bucket_list import BucketList
from ...aws.buckets.s3_buckets import S3Buckets
from ...aws.keys.cloudtrail import CloudTrail
from ...aws.keys.kms import Kms
from ...engine.clock import SYSTEM_CLOCK, Clock
from ...engine.keys.cloudtrail_usage import KeyUsageReader
from ...engine.keys.key_inspector import KeyInspector
from ...engine.keys.key_references import KeyReferenceReader
from ...engine.keys.key_resolver import KeyResolver
from ...model.errors import invalid_input
from ...model.keys.key_ref import KeyRef
from ...model.keys.key_report import Extras, KeyReport, key_findings
from ...model.keys.key_state import KeyState
from ...model.keys.key_usage import MOST_DAYS, KeyUsage
from ..arguments import require_no_empty_text, require_no_placeholder, workers
from ..progress import Progress
from ..result import Result, error_of_row, findings_to_list
from ..run import ModuleContext, run_module
from .key_options import identity_arguments, parse_alias
from .serialize import key_to_dict

# The extras, and whether each is included by default.
_EXTRAS = {"grants": True, "last_used": True, "rotations": False, "used_by": True}


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
        },
        _gather_info,
        name="kms_key_for_s3_info",
        clock=clock,
        mutually_exclusive=[("alias", "key_id")],
    )


def _gather_info(task: ModuleContext) -> Result:
    kms, params = Kms(task.clients), task.params
    require_no_empty_text(params, ("alias", "key_id", "cloudtrail_endpoint_url"))
    require_no_placeholder(params)
    concurrency, usage = workers(params), _usage(task)
    alias = parse_alias(params["alias"]) if params["alias"] else None
    reference = KeyRef.parse(alias or params["key_id"]) if alias or params["key_id"] else None
    if reference:
        reference.require_region(kms.region)
    buckets, keys = Progress(task.clock, "buckets"), Progress(task.clock, "keys")
    references = KeyReferenceReader(BucketList(task.clients), S3Buckets(task.clients), KeyResolver(kms), buckets.count)
    inspector = KeyInspector(kms, references, _extras(params), usage)
    found = inspector.describe(reference.text) if reference else inspector.describe_all(concurrency, keys.count)
    return {
        "changed": False,
        "kms_keys": [_report_to_dict(report, alias, kms.region) for report in found.reports],
        "warnings": found.warnings,
    }


def _extras(params: dict[str, Any]) -> Extras:
    return Extras(
        grants=params["include_grants"],
        last_usage=params["include_last_used"],
        rotations=params["include_rotations"],
        references=params["include_used_by"],
    )


def _usage(task: ModuleContext) -> KeyUsageReader | None:
    """The reader of CloudTrail events, if the task wants them; raises OperationError for limits out of range."""
    days, most = task.params["usage_days"], task.params["usage_max_events"]
    if not 1 <= days <= MOST_DAYS:
        raise invalid_input(
            f"usage_days: {days} is out of range.", f"Set 1 to {MOST_DAYS}: CloudTrail does not keep older events."
        )
    if most < 1:
        raise invalid_input(f"usage_max_events: {most} is out of range.", "Set 1 or more.")
    return KeyUsageReader(CloudTrail(task.clients), days, most, task.clock) if task.params["include_usage"] else None


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

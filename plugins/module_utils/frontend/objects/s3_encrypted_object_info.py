# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The module s3_encrypted_object_info."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ...aws.objects.instruction_files import InstructionFiles
from ...aws.objects.object_list import ObjectList
from ...aws.objects.s3_objects import S3Objects
from ...engine.clock import SYSTEM_CLOCK, Clock
from ...engine.fleet.fleet import FleetStatus, run_fleet
from ...engine.objects.object_inspector import InspectedObject, Inspection, ListInspector, ObjectInspector
from ...model.errors import invalid_input
from ...model.finding import Finding
from ...model.kinds.encryption import ObjectEncryption
from ...model.objects.expected_encryption import findings
from ...model.objects.listed_object import ListedObject
from ...model.objects.listed_pairs import ListedEntry, with_instruction_files
from ...model.objects.object_state import ObjectId
from ..arguments import (
    CUSTOMER_KEY_EXCLUSIVE,
    customer_key_arguments,
    object_arguments,
    require_no_placeholder,
    require_object,
    workers,
)
from ..progress import Progress
from ..result import Result
from ..run import ModuleContext, run_module
from .customer_keys import customer_key
from .expected_objects import expected_arguments, parse_expected, resolver_of
from .object_report import MOST_LISTED, FindDifferences, Listed, ObjectReport

# The number of objects that are read if the task says nothing about it, and does not only count.
_MAX_KEYS = 1000


def main(clock: Clock = SYSTEM_CLOCK) -> None:
    """Run s3_encrypted_object_info."""
    run_module(
        {
            **object_arguments(key_required=False),
            "prefix": {"type": "str"},
            "max_keys": {"type": "int", "no_log": False},
            "concurrency": {"type": "int", "default": 8},
            **expected_arguments(),
            "fail_on_findings": {"type": "bool", "default": False},
            "results": {"type": "str", "choices": [each.value for each in Listed]},
            **customer_key_arguments(),
        },
        _gather_info,
        clock=clock,
        mutually_exclusive=[
            ("key", "prefix"),
            ("prefix", "version_id"),
            ("key", "results"),
            *CUSTOMER_KEY_EXCLUSIVE,
        ],
        required_one_of=[("key", "prefix")],
    )


def _gather_info(task: ModuleContext) -> Result:
    require_object(task.params)
    require_no_placeholder(task.params)
    _require_expected(task.params)
    if task.params["key"] is not None:
        return _inspect_key(task)
    return _inspect_prefix(task)


def _require_expected(params: dict[str, Any]) -> None:
    """Raise OperationError for an option that has no effect without `expected`."""
    if params["expected"] is not None:
        return
    if params["fail_on_findings"]:
        raise invalid_input(
            "fail_on_findings has no effect without expected, because then there are no findings.",
            "Name in expected what the objects should have.",
        )
    if params["results"] == Listed.FINDINGS.value:
        raise invalid_input(
            "results: findings has no effect without expected, because then there are no findings.",
            "Name in expected what the objects should have, or set results: all or none.",
        )


def _inspect_key(task: ModuleContext) -> Result:
    params = task.params
    s3 = S3Objects(task.clients)
    differences = _differences(task, s3)
    report = ObjectReport(params["bucket"], Listed.ALL, find_differences=differences)
    inspector = ObjectInspector(s3, InstructionFiles(task.clients), customer_key(params, task.module.warn))
    target = ObjectId(params["bucket"], params["key"], params["version_id"], params["expected_bucket_owner"])
    found = inspector.inspect(target)
    if found:
        report.add(InspectedObject(0, ListedObject(found.key, found.size or 0, "", ""), found))
    result: Result = {"changed": False, "objects": report.rows(), "warnings": report.warnings()}
    if differences is None:
        return result
    if found is None:
        result["warnings"].append("The object does not exist: nothing was checked.")
    return report.with_compliance(
        result, matched=1, is_complete=found is not None, fail_on_findings=params["fail_on_findings"]
    )


def _differences(task: ModuleContext, s3: S3Objects) -> FindDifferences | None:
    """The comparison with `expected`. Its key is resolved at the first object, when the region of the bucket is known.

    That happens on the main thread, so that a key that does not exist ends the task.
    """
    if task.params["expected"] is None:
        return None
    resolve = resolver_of(*parse_expected(task.params["expected"]), task.clients)

    def find_differences(encryption: ObjectEncryption) -> tuple[Finding, ...]:
        return findings(resolve(s3.bucket_region(task.params["bucket"])), encryption)

    return find_differences


@dataclass
class _Listing:
    """The objects of the prefix, as they are listed. `max_keys` is the largest number; None: all.

    `is_truncated` is true if there are more objects.
    """

    task: ModuleContext
    max_keys: int | None
    number: int = 0
    is_truncated: bool = False

    def __iter__(self) -> Iterator[ListedEntry]:
        return with_instruction_files(self._objects(), self.task.params["prefix"])

    def _objects(self) -> Iterator[ListedObject]:
        params = self.task.params
        page = {} if self.max_keys is None else {"page_size": self.max_keys + 1}
        found = ObjectList(self.task.clients).list_objects(
            params["bucket"], params["prefix"], params["expected_bucket_owner"], **page
        )
        for each in islice(found, self.max_keys):
            self.number += 1
            yield each
        self.is_truncated = next(found, None) is not None


def _inspect_prefix(task: ModuleContext) -> Result:
    """Read all objects of the prefix, or the first ones."""
    params, began = task.params, task.clock.monotonic()
    only_lists = params["expected"] is None and params["results"] is None
    # An audit needs neither tags nor checksums: they would cost a request, and for S3 a call of KMS, for each object.
    reads_all = params["expected"] is None and params["results"] != Listed.NONE.value
    listing = _Listing(task, _max_keys(params, only_lists=only_lists))
    s3 = S3Objects(task.clients, wants_checksums=reads_all)
    report = _report(task, s3, only_lists=only_lists)
    key = customer_key(params, task.module.warn)
    inspector = ListInspector(
        ObjectInspector(s3, InstructionFiles(task.clients), key, reads_tags=reads_all),
        params["bucket"],
        params["expected_bucket_owner"],
        reads_used_files=only_lists,
    )
    status = _run(task, listing, report, inspector)
    seconds = task.clock.monotonic() - began
    result = report.result(status, number=listing.number, api_calls=task.clients.calls.requests, seconds=seconds)
    result["truncated"] = listing.is_truncated
    if listing.is_truncated:
        result["warnings"].insert(0, _about_limit(params, listing.number))
    if report.find_differences is None:
        return result
    if not listing.number and not result.get("failed"):
        result["warnings"].append("No object matches: nothing was checked.")
    return report.with_compliance(
        result,
        matched=result["summary"]["matched"],
        is_complete=not listing.is_truncated,
        fail_on_findings=params["fail_on_findings"],
    )


def _max_keys(params: dict[str, Any], *, only_lists: bool) -> int | None:
    """The largest number of objects to read; None: all."""
    number: int | None = params["max_keys"]
    if number is None:
        return _MAX_KEYS if only_lists else None
    if number < 1:
        raise invalid_input(f"max_keys: {number} would list nothing.", "Give 1 or more.")
    return number


def _report(task: ModuleContext, s3: S3Objects, *, only_lists: bool) -> ObjectReport:
    results = task.params["results"]
    listed = Listed.ALL if only_lists else Listed(results or Listed.FINDINGS)
    is_limited = not only_lists and listed is not Listed.ALL and results != Listed.FINDINGS.value
    limit = MOST_LISTED if is_limited else None
    return ObjectReport(task.params["bucket"], listed, limit, _differences(task, s3))


def _run(task: ModuleContext, listing: _Listing, report: ObjectReport, inspector: ListInspector) -> FleetStatus:
    progress = Progress(task.clock, "objects")

    def add(_position: int, entry: ListedEntry, inspection: Inspection) -> None:
        unread = InspectedObject(entry.position, entry.listed, failure=inspection.failure)
        for each in inspection.context or (unread,):
            report.add(each)

    return run_fleet(
        listing,
        inspector.inspect,
        concurrency=workers(task.params),
        on_outcome=add,
        on_progress=lambda status: progress.update(
            status.done, status.matched, is_complete=status.is_complete, counts=report.counts()
        ),
    )


def _about_limit(params: dict[str, Any], number: int) -> str:
    """A warning that the list is not complete: a check of it would say nothing about the rest."""
    return (
        f"Only the first {number} objects of the bucket {params['bucket']} with the prefix {params['prefix']!r} were "
        "read. There are more, which are not in the result. Set max_keys to a larger number."
    )

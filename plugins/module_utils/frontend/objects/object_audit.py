# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The objects of a prefix, counted and compared with what is expected, and one object that is compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ...aws.objects.instruction_files import InstructionFiles
from ...aws.objects.object_list import ObjectList
from ...aws.objects.s3_objects import S3Objects
from ...engine.fleet.fleet import FleetStatus, run_fleet
from ...engine.objects.list_inspector import InspectedObject, Inspection, ListInspector
from ...engine.objects.object_inspector import ObjectInspector
from ...model.errors import invalid_input
from ...model.finding import Finding
from ...model.kinds.encryption import ObjectEncryption
from ...model.objects.expected_encryption import findings
from ...model.objects.listed_object import ListedObject
from ...model.objects.listed_pairs import ListedEntry, with_instruction_files
from ...model.objects.object_state import ObjectState
from ..arguments import workers
from ..progress import Progress
from ..result import Result
from ..run import ModuleContext
from .customer_keys import customer_key
from .expected_objects import parse_expected, resolver_of
from .object_report import MOST_LISTED, FindDifferences, Listed, ObjectReport

# The number of objects that are read if the task says nothing about it, and does not only count.
_MAX_KEYS = 1000


def audit_object(task: ModuleContext, s3: S3Objects, find: Callable[[], ObjectState | None]) -> Result:
    """Compare one object with what the task expects. `find` reads it, after the options are checked."""
    params = task.params
    report = ObjectReport(params["bucket"], Listed.ALL, find_differences=_differences(task, s3))
    found = find()
    if found:
        report.add(InspectedObject(0, ListedObject(found.key, found.size or 0, "", ""), found))
    result: Result = {"changed": False, "objects": report.rows(), "warnings": report.warnings()}
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
        page: dict[str, Any] = {} if self.max_keys is None else {"page_size": self.max_keys + 1}
        found = ObjectList(self.task.clients).list_objects(
            params["bucket"], params["prefix"], params["expected_bucket_owner"], **page
        )
        for each in islice(found, self.max_keys):
            self.number += 1
            yield each
        self.is_truncated = next(found, None) is not None


def inspect_prefix(task: ModuleContext) -> Result:
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

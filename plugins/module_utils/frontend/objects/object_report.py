# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The listed objects of a prefix: counted by their encryption, and listed as far as the task wants it."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from ...engine.fleet.fleet import FleetStatus
from ...engine.objects.list_inspector import FileUse, InspectedObject
from ...model.errors import Failure, FailureKind
from ...model.finding import Finding
from ...model.kinds.encryption import ObjectEncryption
from ...model.objects.write_answer import about_missing_kms_key, lacks_kms_key
from ..fleet_report import count_others
from ..result import Result, error_details, error_of_row, findings_to_list
from .encryption_counts import CountedNames, EncryptionCount, EncryptionCounts
from .failure_causes import FailureCauses
from .serialize import object_to_dict

# The number of objects that a result lists unless the task says what to list, so that it stays small for any bucket.
MOST_LISTED = 100
# The number of encryptions that a result lists: a bucket has a few, or one for each object.
_MOST_ENCRYPTIONS = 100
# The number of different findings that the message of a failed task shows.
_SHOWN_FINDINGS = 5
# The number of objects that a warning names.
_WARNED_NAMES = 3

FindDifferences = Callable[[ObjectEncryption], tuple[Finding, ...]]


class Listed(str, Enum):
    """Which objects a result lists. Objects that could not be read are always listed."""

    ALL = "all"
    FINDINGS = "findings"
    NONE = "none"


@dataclass(order=True)
class _Row:
    """A row, ordered so that the first one is the next to leave: read objects first, of these the last in the list."""

    is_failed: bool
    negative_position: int
    row: Result = field(compare=False)


@dataclass
class ObjectReport:
    """Collects inspected objects in any order. Apart from the rows that it lists, its size has a bound.

    `find_differences` compares the encryption of an object with the expected one; None: nothing is expected. `limit` is
    the largest number of rows; failed objects come first, then those that come first in the list.
    """

    bucket: str
    listed: Listed
    limit: int | None = None
    find_differences: FindDifferences | None = None
    _rows: list[_Row] = field(default_factory=list, init=False)
    _not_listed: int = field(default=0, init=False)
    _read: int = field(default=0, init=False)
    _bytes: int = field(default=0, init=False)
    _used_files: int = field(default=0, init=False)
    _non_compliant: int = field(default=0, init=False)
    _counts: EncryptionCounts = field(default_factory=EncryptionCounts, init=False)
    _failures: FailureCauses = field(default_factory=FailureCauses, init=False)
    _without_kms_key: CountedNames = field(default_factory=CountedNames, init=False)
    _files: dict[FileUse, CountedNames] = field(default_factory=dict, init=False)

    def add(self, inspected: InspectedObject) -> None:
        """Add one object. An instruction file that its object uses is only counted, and listed if it was read."""
        position, key, size = inspected.position, inspected.listed.key, inspected.listed.size
        if inspected.file_use is FileUse.USED:
            self._used_files += 1
            if inspected.state or inspected.failure:
                self._list(inspected, ())
            return
        encryption = inspected.encryption
        if encryption is None and inspected.failure is None:
            return
        if inspected.file_use:
            self._files.setdefault(inspected.file_use, CountedNames()).add(position, key)
        self._bytes += size
        found: tuple[Finding, ...] = ()
        if encryption:
            self._read += 1
            self._counts.add(position, key, size, encryption)
            found = self.find_differences(encryption) if self.find_differences else ()
            self._non_compliant += bool(found)
            if lacks_kms_key(encryption):
                self._without_kms_key.add(position, key)
        elif inspected.failure:
            self._failures.add(position, self.bucket, key, inspected.failure)
        self._list(inspected, found)

    def _list(self, inspected: InspectedObject, found: tuple[Finding, ...]) -> None:
        """Keep the row of the object, if it is to be listed and no others have precedence."""
        is_failed = inspected.encryption is None
        wanted = self.listed is Listed.ALL or (self.listed is Listed.FINDINGS and bool(found))
        if not (is_failed or wanted):
            return
        row = _Row(is_failed, -inspected.position, {})
        if self.limit is not None and len(self._rows) >= self.limit:
            self._not_listed += 1
            if row < self._rows[0]:
                return
            heapq.heappop(self._rows)
        row.row = self._row(inspected, found)
        heapq.heappush(self._rows, row)

    def _row(self, inspected: InspectedObject, found: tuple[Finding, ...]) -> Result:
        known = inspected.encryption
        row = object_to_dict(inspected.state) or {
            "bucket": self.bucket,
            "key": inspected.listed.key,
            "encryption": {"type": known.type} if known else None,
        }
        if self.find_differences:
            row |= {"compliant": known is not None and not found, "findings": findings_to_list(found)}
        return {**row, "error": error_of_row(inspected.failure)} if inspected.failure else row

    def rows(self) -> list[Result]:
        """The listed objects, in the order of the list."""
        return [each.row for each in sorted(self._rows, key=lambda row: -row.negative_position)]

    def counts(self) -> str:
        """The results so far, for the progress of the task."""
        comply = [f"{self._read - self._non_compliant:,} comply"] if self.find_differences else []
        return ", ".join([*comply, f"{self._failures.number:,} failed"])

    def warnings(self) -> list[str]:
        """The warnings about objects, each with the first names."""
        without, files = self._without_kms_key, self._files
        return [
            *([about_missing_kms_key(_names(without))] if without.number else []),
            *_about(
                files.get(FileUse.NO_OWNER),
                "Objects with the name of an instruction file, whose object does not exist",
            ),
            *_about(
                files.get(FileUse.NOT_USED),
                "Instruction files that the current version of their object does not need",
            ),
        ]

    def result(self, status: FleetStatus, *, number: int, api_calls: int, seconds: float) -> Result:
        """The result of the module. `number` is the number of objects that were listed.

        Objects that could not be read make a task fail that expects something: it cannot say that they comply.
        """
        matched = number - self._used_files
        result: Result = {
            "changed": False,
            "objects": self.rows(),
            "summary": {
                "matched": matched,
                "bytes": self._bytes,
                "failed": self._failures.number,
                "skipped": matched - self._read - self._failures.number,
                "instruction_files": self._used_files,
                **self._compliance_counts(),
                "not_listed": self._not_listed,
                **self._encryptions(),
                "api_calls": api_calls,
                "seconds": round(seconds, 3),
            },
            "warnings": self.warnings(),
        }
        end = status.listing_failure or status.fatal
        messages = [end.sentence()] if end else []
        if number and (end or status.not_started):
            list_state = "" if status.is_complete else " and an incomplete list"
            messages.append(f"The run ended early, with {self._read:,} of {_objects(matched)} read{list_state}.")
        if self._failures.number and self.find_differences:
            messages.append(f"{self._failures.number:,} of {_objects(matched)} failed.")
            messages += self._failures.sentences()
        if end:
            result["error"] = error_details(end)
        if messages:
            result |= {"failed": True, "msg": " ".join(messages)}
        return result

    def _compliance_counts(self) -> Result:
        if not self.find_differences:
            return {}
        return {"compliant": self._read - self._non_compliant, "non_compliant": self._non_compliant}

    def _encryptions(self) -> Result:
        groups = self._counts.by_number()
        rest = groups[_MOST_ENCRYPTIONS:]
        others = {
            "objects": self._counts.others + sum(group.names.number for group in rest),
            "bytes": self._counts.bytes_of_others + sum(group.stored_bytes for group in rest),
        }
        return {
            "by_encryption": [self._group_to_dict(group) for group in groups[:_MOST_ENCRYPTIONS]],
            "other_encryptions": others,
        }

    def _group_to_dict(self, group: EncryptionCount) -> Result:
        encryption = group.encryption
        row: Result = {
            "type": encryption.type,
            "kms_key_arn": encryption.kms_key_arn,
            "bucket_key_enabled": encryption.bucket_key_enabled,
            "objects": group.names.number,
            "bytes": group.stored_bytes,
        }
        if self.find_differences:
            found = self.find_differences(encryption)
            row |= {"compliant": not found, "findings": findings_to_list(found)}
        return row

    def with_compliance(self, result: Result, *, matched: int, is_complete: bool, fail_on_findings: bool) -> Result:
        """The result with `compliant`, and as failed if there are findings and that is wanted.

        It is true only for a complete list whose objects were all read.
        """
        is_read = is_complete and not result.get("failed") and not self._failures.number
        result = {**result, "compliant": is_read and not self._non_compliant}
        if not self._non_compliant or not fail_on_findings:
            return result
        number = self._non_compliant
        failure = Failure(
            FailureKind.NON_COMPLIANT,
            f"{number:,} of {_objects(matched)} {'does' if number == 1 else 'do'} not comply: "
            f"{self._findings_in_words()}",
            "The findings of each are in objects, and those of all in summary.by_encryption."
            if "summary" in result
            else "The findings are in objects.",
        )
        message = " ".join(filter(None, (result.get("msg", ""), failure.sentence())))
        details = {} if result.get("failed") else {"error": error_details(failure)}
        return {**result, **details, "failed": True, "msg": message}

    def _findings_in_words(self) -> str:
        """What differs, with the first objects of each encryption; that of most objects first."""
        differing = [
            (" ".join(f"{finding.message}" for finding in found), group.names)
            for group in self._counts.by_number()
            if self.find_differences and (found := self.find_differences(group.encryption))
        ]
        shown = [f"{text.removesuffix('.')} ({_names(names, 5)})." for text, names in differing[:_SHOWN_FINDINGS]]
        return " ".join([*shown, *count_others(len(differing) - len(shown), "finding", "findings")])


def _objects(number: int) -> str:
    return "1 object" if number == 1 else f"{number:,} objects"


def _about(names: CountedNames | None, what: str) -> list[str]:
    return [f"{what}: {_names(names)}."] if names else []


def _names(names: CountedNames, shown: int = _WARNED_NAMES) -> str:
    """The first names, and how many more there are."""
    first = names.first[:shown]
    more = names.number - len(first)
    return ", ".join(first) + (f" and {more:,} more" if more else "")

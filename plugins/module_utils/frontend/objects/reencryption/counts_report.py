# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The counts of a bucket's objects as a result, with what a sample of them says of all."""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass, field
from typing import Any

from ....engine.fleet.fleet import FleetStatus
from ....engine.objects.reencryption.encryption_reader import Reading, ReadObject
from ....model.errors import Failure
from ....model.objects.listed_object import ListedObject
from ....model.objects.reencryption.sample_estimate import Estimate, estimate
from ...result import Result, error_details, error_of_row
from ..failure_causes import FailureCauses
from .object_counts import EncryptionGroup, ListedCounts, ObjectCount, ReadCounts

# The numbers of failed objects and of encryptions that a result lists, so that it stays small for any bucket.
MOST_FAILED = 100
_MOST_ENCRYPTIONS = 100


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample that was drawn: the number that the task asks for, the number that was drawn, and the seed."""

    size: int
    drawn: int
    seed: int


@dataclass
class CountsReport:
    """Collects read objects in any order. Its size has a bound."""

    bucket: str
    listed: ListedCounts = field(default_factory=ListedCounts)
    read: ReadCounts = field(default_factory=ReadCounts)
    # An object for which S3 reports no lock although it may have one, so that this can be checked at it.
    unlocked_version: ListedObject | None = None
    _failures: FailureCauses = field(default_factory=FailureCauses, init=False)
    _failed_rows: list[tuple[int, Result]] = field(default_factory=list, init=False)

    def add(self, position: int, listed: ListedObject, reading: Reading) -> None:
        """Add one object of the list."""
        if reading.failure:
            self._fail(position, listed, reading.failure)
        elif reading.context:
            self.read.add(reading.context)
            self._remember(reading.context)

    def _remember(self, read: ReadObject) -> None:
        """Only a version with an id can have a lock: Object Lock needs versioning."""
        if self.unlocked_version is None and read.state and read.state.version_id and not read.is_locked:
            self.unlocked_version = read.listed

    def _fail(self, position: int, listed: ListedObject, failure: Failure) -> None:
        self._failures.add(position, self.bucket, listed.key, failure)
        row = {"key": listed.key, "version_id": listed.version_id, "error": error_of_row(failure)}
        insort(self._failed_rows, (position, row), key=lambda each: each[0])
        del self._failed_rows[MOST_FAILED:]

    def counts(self) -> str:
        """The results so far, for the progress of the task."""
        return f"{self._failures.number:,} failed"

    def result(self, status: FleetStatus, sample: Sample | None, *, locks_are_known: bool) -> Result:
        """The counts, and why the task fails: the list ended early, or objects could not be read."""
        total = self.read.total
        summary: Result = {
            **_sizes(self.listed.total),
            "read": total.objects,
            "failed": self._failures.number,
            "vanished": status.vanished,
            "archived": total.archived,
            "locked": total.locked if locks_are_known else None,
            **self._encryptions(sample, total.objects, locks_are_known),
            "by_storage_class": self._storage_classes(),
        }
        result: Result = {
            "summary": summary,
            "sample": self._sample(sample, total.objects) if sample else None,
            "failed_objects": [row for _position, row in self._failed_rows],
        }
        return {**result, **self._end(status)}

    def _encryptions(self, sample: Sample | None, read: int, locks_are_known: bool) -> Result:
        groups = self.read.by_number()
        listed, rest = groups[:_MOST_ENCRYPTIONS], groups[_MOST_ENCRYPTIONS:]
        others = ObjectCount().add_all([*(count for _group, count in rest), self.read.others])
        return {
            "by_encryption": [
                {
                    **_row(group, count, locks_are_known),
                    **({"estimate": estimate_to_dict(self._estimate(count.objects, read))} if sample else {}),
                }
                for group, count in listed
            ],
            "other_encryptions": {"objects": others.objects, "stored_bytes": others.stored_bytes},
        }

    def _storage_classes(self) -> list[Result]:
        found = self.listed.by_storage_class.items()
        rows = sorted(found, key=lambda each: (-each[1].objects, each[0]))
        return [{"storage_class": name, **_sizes(count)} for name, count in rows]

    def _estimate(self, counted: int, read: int) -> Estimate:
        return estimate(counted, read, self.listed.total.objects)

    def _sample(self, sample: Sample, read: int) -> Result:
        population = self.listed.total.objects
        unseen = self._estimate(0, read) if read else None
        return {
            "size": sample.size,
            "drawn": sample.drawn,
            "seed": sample.seed,
            "is_complete": sample.drawn == population,
            "unseen": estimate_to_dict(unseen) if unseen and unseen.high else None,
        }

    def _end(self, status: FleetStatus) -> Result:
        """Why the task fails; empty if it does not."""
        end = status.listing_failure or status.fatal
        messages = [end.sentence()] if end else []
        if status.matched and (end or status.not_started):
            listed = "" if status.is_complete else " and an incomplete list"
            done = status.done - status.failed
            messages.append(f"The run ended early, with {done:,} of {_objects(status.matched)} read{listed}.")
        if self._failures.number:
            messages.append(
                f"{self._failures.number:,} of {_objects(status.matched)} could not be read, and are in no count by "
                "encryption."
            )
            messages += self._failures.sentences()
        details = {"error": error_details(end)} if end else {}
        return {**details, "failed": True, "msg": " ".join(messages)} if messages else {}


def estimate_to_dict(found: Estimate) -> dict[str, Any]:
    """An estimate in a result. Shares are numbers from 0 to 1."""
    return {
        "share": round(found.share, 8),
        "share_low": round(found.share_low, 8),
        "share_high": round(found.share_high, 8),
        "objects": found.objects,
        "objects_low": found.low,
        "objects_high": found.high,
        "text": found.text,
    }


def _row(group: EncryptionGroup, count: ObjectCount, locks_are_known: bool) -> Result:
    return {
        **group._asdict(),
        **_sizes(count),
        "archived": count.archived,
        "locked": count.locked if locks_are_known else None,
    }


def _sizes(count: ObjectCount) -> Result:
    return {
        "objects": count.objects,
        "stored_bytes": count.stored_bytes,
        "noncurrent": count.noncurrent,
        "over_5_gib": count.over_copy_limit,
    }


def _objects(number: int) -> str:
    return "1 object" if number == 1 else f"{number:,} objects"

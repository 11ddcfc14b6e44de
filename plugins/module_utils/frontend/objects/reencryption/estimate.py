# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The requests of a run by type, and their price, as the result has them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ....engine.objects.reencryption.examination import Examined
from ....model.batch_jobs.job_request import CopyObjects, JobOperation, UpdateEncryption
from ....model.errors import assert_never
from ....model.kinds.encryption import DesiredEncryption
from ....model.objects.object_state import DEFAULT_STORAGE_CLASS
from ....model.objects.parts import COPIED_PART, split_into_parts
from ....model.objects.reencryption.decision import Route
from ....model.objects.reencryption.estimate import Estimate, RequestCounts, estimate, kms_requests
from ...result import Result

# A copy in parts is begun, completed, and needs the tags and the checksum of the object.
_WRITES_BESIDE_PARTS, _READS_BEFORE_PARTS = 2, 2
_PAGE = 1000


@dataclass
class RequestTally:
    """Counts the requests for the objects of a run, as they are changed, or would be in a check run.

    `jobs` are those of S3 Batch Operations, with their objects and the files of their manifests. For `generated_jobs`,
    S3 lists the objects, and `unknown_jobs` have an unknown number of them.
    """

    written: DesiredEncryption | None = None
    jobs: int = 0
    job_objects: int = 0
    manifest_files: int = 0
    generated_jobs: int = 0
    unknown_jobs: int = 0
    _gets: Counter[str] = field(default_factory=Counter, init=False)
    _copies: Counter[str] = field(default_factory=Counter, init=False)
    _parts: Counter[str] = field(default_factory=Counter, init=False)
    _updates: int = field(default=0, init=False)
    _kms: int = field(default=0, init=False)

    def add(self, examined: Examined, route: Route | None) -> None:
        """Count the requests for one object, which were HeadObject and those of its route."""
        storage_class = examined.listed.storage_class or DEFAULT_STORAGE_CLASS
        self._gets[storage_class] += 1
        match route:
            case Route.UPDATE:
                self._updates += 1
            case Route.COPY:
                self._copies[storage_class] += 1
            case Route.PARTS:
                number = len(split_into_parts(examined.listed.size, COPIED_PART))
                self._parts[storage_class] += number + _WRITES_BESIDE_PARTS
                self._gets[storage_class] += _READS_BEFORE_PARTS
            case Route.AS_ASKED | None:
                return
            case _:
                assert_never(route)
        if self.written and examined.encryption:
            self._kms += kms_requests(examined.encryption, self.written)

    def add_generated(self, operation: JobOperation, number: int) -> None:
        """Count the objects of a job whose manifest S3 has generated."""
        self.unknown_jobs -= 1
        self.job_objects += number
        match operation:
            case UpdateEncryption():
                self._updates += number
            case CopyObjects():
                self._copies[operation.storage_class] += number
            case _:
                assert_never(operation)

    def counts(self, listed: int) -> RequestCounts:
        """The requests so far, with those of a list of so many objects."""
        return RequestCounts(
            lists=listed // _PAGE + 1,
            gets=self._gets,
            updates=self._updates,
            copies=self._copies,
            parts=self._parts,
            puts=self.manifest_files,
            kms=self._kms,
            jobs=self.jobs,
            job_objects=self.job_objects,
            generated_jobs=self.generated_jobs,
            unknown_jobs=self.unknown_jobs,
        )


def estimate_to_dict(counts: RequestCounts, *, at_aws: bool) -> Result:
    """The estimate in a result. A store other than AWS has no price list."""
    found: Estimate = estimate(counts)
    requests = [
        {"type": each.type.value, "number": each.number, "storage_class": each.storage_class} for each in found.requests
    ]
    return {
        "requests": requests,
        "price_usd": float(found.price_usd) if at_aws else None,
        "prices_of": found.prices_of,
        "region_of_prices": found.region_of_prices,
        "not_included": list(found.not_included),
    }

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The buckets that match a selection, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ...model.errors import Failure, FailureKind, OperationError

if TYPE_CHECKING:
    from ...aws.buckets.ports import BucketListPort
    from ...model.buckets.selection import Bucket, Selection


def select_buckets(selection: Selection, port: BucketListPort, *, regions_may_refuse: bool = False) -> Iterator[Bucket]:
    """Yield the matching buckets while their list is read. Raises OperationError if the list cannot be read.

    A bucket whose tags cannot be read is yielded with that failure. With `regions_may_refuse`, credentials that one
    region refuses fail its buckets only.
    """
    only_region = selection.regions[0] if len(selection.regions) == 1 else None
    tagged: dict[str, frozenset[str] | Failure | None] = {}
    for bucket in port.list_buckets(selection.prefix, only_region):
        if not selection.matches(bucket):
            continue
        if selection.tags:
            if bucket.region not in tagged:
                tagged[bucket.region] = _tagged_in(bucket.region, selection, port, regions_may_refuse)
            found = tagged[bucket.region]
            try:
                if isinstance(found, Failure):
                    raise OperationError(found)
                if not _has_tags(bucket, selection, found, port):
                    continue
            except OperationError as error:  # only this bucket fails
                bucket = replace(bucket, failure=error.failure)
        yield bucket


def _tagged_in(
    region: str, selection: Selection, port: BucketListPort, may_refuse: bool
) -> frozenset[str] | Failure | None:
    """The names of the buckets in a region with the tags, from the tagging API; None if that cannot be used.

    If the region `may_refuse` the credentials, that is the failure of its buckets.
    """
    try:
        return frozenset(port.find_buckets_by_tags(selection.tags, region))
    except OperationError as error:
        if error.failure.kind is FailureKind.CREDENTIALS and may_refuse:
            return error.failure
        if error.failure.kind in (FailureKind.CREDENTIALS, FailureKind.THROTTLED):
            raise
        return None


def _has_tags(bucket: Bucket, selection: Selection, tagged: frozenset[str] | None, port: BucketListPort) -> bool:
    if tagged is not None:
        return bucket.name in tagged
    # The tagging API is forbidden or does not exist: this is one call for each bucket instead.
    try:
        return set(selection.tags) <= set(port.get_bucket_tagging(bucket))
    except OperationError as error:
        if error.failure.kind is FailureKind.ABSENT:  # deleted since it was listed
            return False
        raise

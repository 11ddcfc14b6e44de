# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The read of a bucket's setting in a fleet: what it refuses, and what it learns about the bucket's region."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from ...model.errors import Failure, FailureKind, OperationError, Reason
from ...model.plan import NotThereYet, PreparedPlan
from ..fleet.circuit_breaker import RegionCircuitBreaker

if TYPE_CHECKING:
    from ...model.plan import ContextT, StateT, StepT

SettingT = TypeVar("SettingT")

# The names of directory buckets end with this suffix. Their settings follow other rules, at another endpoint.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/directory-bucket-naming-rules.html
_DIRECTORY_BUCKET_SUFFIX = "--x-s3"


def require_general_purpose(bucket: str, why: str) -> None:
    """Raise OperationError for a directory bucket. `why` ends the sentence about what this module does not manage."""
    if bucket.endswith(_DIRECTORY_BUCKET_SUFFIX):
        raise OperationError(
            Failure(
                FailureKind.UNSUPPORTED,
                f"{bucket} is a directory bucket, which this module does not manage: {why}.",
                "Leave it out of the task.",
                resource=bucket,
            )
        )


def read_in_region(
    bucket: str, region: str, regions: RegionCircuitBreaker, read: Callable[[str | None], tuple[SettingT, str]]
) -> tuple[SettingT, str]:
    """The setting, and the bucket's region. `region` may be empty: the read finds it.

    Raises OperationError, without a call for a bucket in a region that has stopped answering.
    """
    open_failure = regions.open_failure(region) if region else None
    if open_failure:
        raise OperationError(open_failure.with_resource(bucket))
    try:
        setting, found = read(region or None)
    except OperationError as error:
        if region:  # without a known region, the failure cannot be attributed to one
            regions.record(region, error.failure)
        raise
    regions.record(found, None)
    return setting, found


def read_or_new(
    bucket: str, read: Callable[[], tuple[SettingT, str]], new: tuple[SettingT, str] | None
) -> tuple[SettingT, str, tuple[NotThereYet, ...]]:
    """The setting, the bucket's region, and the bucket itself if it does not exist yet.

    `new` is the setting and the region that an earlier task may create it with (None: then it is a failure). Raises
    OperationError for every other failure of the read.
    """
    try:
        return (*read(), ())
    except OperationError as error:
        if new is None or error.failure.reason is not Reason.BUCKET_NOT_FOUND:
            raise
        return (*new, (NotThereYet(bucket, f"The bucket {bucket}", error.failure),))


def mark_missing(
    prepared: PreparedPlan[StateT, StepT, ContextT], missing: tuple[NotThereYet, ...]
) -> PreparedPlan[StateT, StepT, ContextT]:
    """The plan for a bucket that does not exist yet; with nothing missing, the plan as it is."""
    if not missing:
        return prepared
    plan = prepared.plan
    return replace(prepared, plan=replace(plan, before=None, not_there_yet=(*missing, *plan.not_there_yet)))

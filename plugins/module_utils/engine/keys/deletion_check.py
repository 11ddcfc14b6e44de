# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors


"""The checks whether a KMS key is still in use, in each region in which it is to be deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from ...model.errors import FailureKind, OperationError
from ...model.keys.key_deletion import DeletionCheck, DesiredDeletion
from ...model.keys.key_usage import KeyReferences

if TYPE_CHECKING:
    from ...aws.keys.ports import KmsPort
    from ...model.keys.key_state import KeyState
    from ...model.keys.last_usage import LastUsage
    from .key_references import KeyReferenceReader


def check_use(
    key: KeyState,
    regions: Sequence[str],
    desired: DesiredDeletion,
    kms: KmsPort,
    references: KeyReferenceReader,
    now: datetime,
) -> DeletionCheck:
    """Check the buckets of each region and, unless `unused_days` is 0, the last use of the key in each region.

    Raises OperationError if a check fails. With `force` a failed check is a warning.
    """
    check = _check_references(key, regions, desired, references)
    for region in regions if desired.unused_days else ():
        check = _with_last_usage(check, key, region, desired, kms, now)
    return check


def _check_references(
    key: KeyState, regions: Sequence[str], desired: DesiredDeletion, references: KeyReferenceReader
) -> DeletionCheck:
    buckets: list[str] = []
    unreadable: list[str] = []
    warnings: list[str] = []
    for region in regions:
        try:
            found = references.for_key(key.arn_in(region), region)
        except OperationError as error:
            if not desired.force:
                raise
            warnings.append(f"The buckets in {region} could not be checked: {error.failure.message}")
            continue
        buckets += found.buckets
        unreadable += found.unreadable
    return DeletionCheck(KeyReferences(tuple(buckets), tuple(unreadable)), warnings=tuple(warnings))


def _with_last_usage(
    check: DeletionCheck, key: KeyState, region: str, desired: DesiredDeletion, kms: KmsPort, now: datetime
) -> DeletionCheck:
    """The check with the last use in a region. If KMS does not know it, that is a warning, and proves nothing."""
    arn = key.arn_in(region)
    try:
        usage = kms.in_region(region).get_key_last_usage(key.key_id or "")
    except OperationError as error:
        if error.failure.kind is not FailureKind.UNSUPPORTED and not desired.force:
            raise
        return _with_warning(check, f"The last use of the key {arn} is not known: {error.failure.message}")
    if usage.last_used is not None:
        return _with_later_use(check, usage.last_used, now)
    if _is_record_too_short(usage, desired, now):
        days = (now - usage.tracked_since).days
        return _with_warning(check, f"KMS has recorded the use of {arn} for {days} days only, and no use in that time.")
    return check


def _with_later_use(check: DeletionCheck, last_used: datetime, now: datetime) -> DeletionCheck:
    days = max(0, (now - last_used).days)
    if check.unused_for_days is not None and check.unused_for_days <= days:
        return check
    return replace(check, unused_for_days=days, last_used=last_used.isoformat())


def _is_record_too_short(usage: LastUsage, desired: DesiredDeletion, now: datetime) -> bool:
    """Whether the key may have been used within the desired days before KMS began to record its use."""
    return (now - usage.tracked_since).days < desired.unused_days and usage.created < usage.tracked_since


def _with_warning(check: DeletionCheck, warning: str) -> DeletionCheck:
    return replace(check, warnings=(*check.warnings, warning))

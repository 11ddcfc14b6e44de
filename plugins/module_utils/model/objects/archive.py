# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Archived objects, which cannot be read before they are restored.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html
"""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import Failure, FailureKind, OperationError

ARCHIVE_CLASSES = ("GLACIER", "DEEP_ARCHIVE")


@dataclass(frozen=True, slots=True)
class Archive:
    """Where an object is archived: a storage class, or (`tier`) an access tier of S3 Intelligent-Tiering."""

    place: str
    tier: bool = False
    restoring: bool = False


def archive_of(storage_class: str, archive_status: str | None, restore: str | None) -> Archive | None:
    """The archive from the fields of a HeadObject response; None if the object can be read.

    `restore` is the header x-amz-restore: ongoing-request="true" during a restore, and "false" with the expiry date of
    the restored copy after it.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
    """
    place = archive_status or (storage_class if storage_class in ARCHIVE_CLASSES else None)
    if place is None:
        return None
    header = (restore or "").replace(" ", "")
    if 'ongoing-request="false"' in header:
        return None
    return Archive(place, tier=archive_status is not None, restoring='ongoing-request="true"' in header)


def require_readable(bucket: str, key: str, archive: Archive | None, purpose: str) -> None:
    """Raise OperationError for an archived object. `purpose` completes "cannot be …", such as "downloaded"."""
    if archive is None:
        return
    where = f"the tier {archive.place}" if archive.tier else archive.place
    if archive.restoring:
        advice = "It is being restored: run the task again when that is complete, which takes from minutes to two days."
    elif archive.tier:
        advice = f"Restore it first: aws s3api restore-object --bucket {bucket} --key {key} --restore-request '{{}}'"
    else:
        advice = (
            f"Restore it first, for example for a week: aws s3api restore-object --bucket {bucket} --key {key} "
            "--restore-request Days=7"
        )
    raise OperationError(
        Failure(
            FailureKind.INVALID,
            f"The object {key!r} in the bucket {bucket} cannot be {purpose}: it is archived in {where}.",
            advice,
            resource=f"{bucket}/{key}",
            code="InvalidObjectState",
        )
    )

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Responses of S3 as values of the model."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

from ...model.envelope import Texts
from ...model.kinds.registry import recognise
from ...model.objects.archive import archive_of
from ...model.objects.envelope_fields import split_metadata
from ...model.objects.object_state import (
    DEFAULT_STORAGE_CLASS,
    Checksum,
    Grant,
    Grants,
    ObjectId,
    ObjectLock,
    ObjectState,
    Properties,
)
from ...model.objects.write_answer import WriteAnswer
from .expand import PROPERTY_PARAMETERS

# The checksums of S3, the strongest first.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
CHECKSUM_ALGORITHMS = (
    "SHA512",
    "SHA256",
    "SHA1",
    "MD5",
    "XXHASH128",
    "XXHASH3",
    "XXHASH64",
    "CRC64NVME",
    "CRC32C",
    "CRC32",
)


def flatten_object(target: ObjectId, answer: Mapping[str, Any]) -> ObjectState:
    """The object of a HeadObject response."""
    metadata, envelope_fields = split_metadata(tuple(sorted(answer.get("Metadata", {}).items())))
    return ObjectState(
        bucket=target.bucket,
        key=target.key,
        size=answer["ContentLength"],
        encryption=recognise(answer),
        properties=_properties(answer, metadata),
        envelope_fields=envelope_fields,
        version_id=_version(answer),
        etag=answer.get("ETag"),
        last_modified=answer["LastModified"].isoformat() if answer.get("LastModified") else None,
        checksums=_checksums(answer),
        tag_count=_tag_count(answer),
        lock=flatten_lock(answer),
        archive=archive_of(answer.get("StorageClass") or "", answer.get("ArchiveStatus"), answer.get("Restore")),
        is_null_version=answer.get("VersionId") == "null",
    )


def flatten_write(answer: Mapping[str, Any]) -> WriteAnswer:
    """The new object in the response of PutObject or CompleteMultipartUpload."""
    return WriteAnswer(recognise(answer), answer.get("ETag"), _version(answer), _checksums(answer))


def _version(answer: Mapping[str, Any]) -> str | None:
    """The version; None in a bucket without versioning."""
    return None if answer.get("VersionId") in (None, "null") else str(answer["VersionId"])


def _tag_count(answer: Mapping[str, Any]) -> int | None:
    """The number of tags. S3 omits it if there are none; another store may also omit it if there are some."""
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    if_omitted = 0 if headers.get("server") == "AmazonS3" else None
    count: int | None = answer.get("TagCount", if_omitted)
    return count


def flatten_lock(answer: Mapping[str, Any]) -> ObjectLock | None:
    """The lock of a HeadObject response, as far as it is in force at the time of the response; None: no lock.

    S3 still reports a retention that has expired, but does not accept one in a write.
    """
    until = _in_utc(answer.get("ObjectLockRetainUntilDate"))
    retained = bool(answer.get("ObjectLockMode")) and until is not None and not _has_expired(until, answer)
    event_hold = answer.get("ObjectLockEventHold") == "ON"
    lock = ObjectLock(
        mode=answer["ObjectLockMode"] if retained else None,
        retain_until=until.isoformat() if retained and until else None,
        legal_hold=answer.get("ObjectLockLegalHoldStatus") == "ON",
        event_hold=event_hold,
        event_hold_days=answer.get("ObjectLockEventHoldDurationDays") if event_hold else None,
        event_hold_years=answer.get("ObjectLockEventHoldDurationYears") if event_hold else None,
    )
    return None if lock == ObjectLock() else lock


def _has_expired(until: datetime, answer: Mapping[str, Any]) -> bool:
    date = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    try:
        now = _in_utc(parsedate_to_datetime(date)) if date else None
    except (TypeError, ValueError):  # no date, of another server than S3
        return False
    return now is not None and until <= now


def _in_utc(time: datetime | None) -> datetime | None:
    """The time, in UTC if it has no time zone. S3 always names one, and other stores may not."""
    return time.replace(tzinfo=timezone.utc) if time and time.tzinfo is None else time


def flatten_grants(acl: Mapping[str, Any]) -> Grants:
    """All grants of a GetObjectAcl response; empty if the ACL is private, so that only its owner has full control.

    Stores without ACLs, such as MinIO, report one grant of full control, where neither owner nor grantee has an id.
    """
    owner = acl.get("Owner") or {}
    grants = tuple(
        Grant(str(grant.get("Permission")), *_grantee(grant.get("Grantee") or {})) for grant in acl.get("Grants") or ()
    )
    return () if all(_is_of_owner(grant, owner.get("ID")) for grant in grants) and len(grants) < 2 else grants


def _is_of_owner(grant: Grant, owner_id: str | None) -> bool:
    """Whether the grant gives the owner full control. Without an id of the owner, that is a grantee without one."""
    grantee = ("id", owner_id) if owner_id else ("", grant.grantee)
    return (grant.permission, grant.kind, grant.grantee) == ("FULL_CONTROL", *grantee)


def _grantee(grantee: Mapping[str, Any]) -> tuple[str, str]:
    for kind, name in (("id", "ID"), ("uri", "URI"), ("emailAddress", "EmailAddress")):
        if grantee.get(name):
            return kind, str(grantee[name])
    return "", str(grantee.get("DisplayName", ""))


def _properties(answer: Mapping[str, Any], metadata: Texts) -> Properties:
    read = {name: answer.get(parameter) for name, parameter in PROPERTY_PARAMETERS.items()}
    # The SDK parses Expires if it can, but a copy has to send the original text.
    read["expires"] = answer.get("ExpiresString")
    read["storage_class"] = answer.get("StorageClass") or DEFAULT_STORAGE_CLASS
    return Properties(**read, metadata=metadata)


def _checksums(answer: Mapping[str, Any]) -> tuple[Checksum, ...]:
    full = answer.get("ChecksumType", "FULL_OBJECT") == "FULL_OBJECT"
    return tuple(
        Checksum(algorithm, answer[f"Checksum{algorithm}"], full and "-" not in answer[f"Checksum{algorithm}"])
        for algorithm in CHECKSUM_ALGORITHMS
        if answer.get(f"Checksum{algorithm}")
    )

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""HeadObject's answer as the model's value, and the model's properties as parameters of a write."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

from ..model.acl import Grant, Grants
from ..model.archive import archive_of
from ..model.encrypted_object import DEFAULT_STORAGE_CLASS, Checksum, ObjectState, Properties
from ..model.encryption import DesiredEncryption
from ..model.kinds.kind import KeyParameters, WriteParameters
from ..model.kinds.registry import CUSTOMER_KEY, recognise
from ..model.object_lock import ObjectLock
from ..model.secret import CustomerKey
from ..model.tags import Tags
from .ports import ObjectId

# The checksums that S3 knows, the strongest first.
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

_PARAMETERS = {
    "content_type": "ContentType",
    "cache_control": "CacheControl",
    "content_disposition": "ContentDisposition",
    "content_encoding": "ContentEncoding",
    "content_language": "ContentLanguage",
    "expires": "Expires",
    "website_redirect_location": "WebsiteRedirectLocation",
    "storage_class": "StorageClass",
}


def flatten_object(target: ObjectId, answer: Mapping[str, Any]) -> ObjectState:
    """The object of HeadObject's answer."""
    metadata = answer.get("Metadata", {})
    return ObjectState(
        bucket=target.bucket,
        key=target.key,
        size=answer["ContentLength"],
        encryption=recognise(answer),
        properties=_properties(answer, metadata),
        version_id=None if answer.get("VersionId") in (None, "null") else answer["VersionId"],
        etag=answer.get("ETag"),
        last_modified=answer["LastModified"].isoformat() if answer.get("LastModified") else None,
        checksums=_checksums(answer),
        tag_count=_tag_count(answer),
        lock=flatten_lock(answer),
        archive=archive_of(answer.get("StorageClass") or "", answer.get("ArchiveStatus"), answer.get("Restore")),
    )


def _tag_count(answer: Mapping[str, Any]) -> int | None:
    """How many tags there are. S3 is silent where there are none; another store may be silent where there are some."""
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    silence = 0 if headers.get("server") == "AmazonS3" else None
    count: int | None = answer.get("TagCount", silence)
    return count


def expand_properties(properties: Properties) -> dict[str, Any]:
    """The parameters that a write takes for these properties; those that are not set are left out."""
    expanded = {
        parameter: getattr(properties, name)
        for name, parameter in _PARAMETERS.items()
        if getattr(properties, name) is not None
    }
    if properties.metadata:
        expanded["Metadata"] = dict(properties.metadata)
    return expanded


def expand_checksum(checksum: Checksum) -> dict[str, str]:
    """The parameter that tells S3 the checksum of what is sent, for S3 to check and to store."""
    return {f"Checksum{checksum.algorithm}": checksum.value}


def expand_tags(tags: Tags) -> str:
    """Tags as the header of a write has them."""
    return urlencode(tags)


def expand_encryption(encryption: DesiredEncryption) -> WriteParameters:
    """The encryption parameters of PutObject, CopyObject and CreateMultipartUpload; none at all for the default."""
    return encryption.kind.write_parameters(encryption)


def expand_customer_key(key: CustomerKey | None) -> KeyParameters:
    """The parameters with the key that a request for an object's bytes carries; none without a key."""
    return CUSTOMER_KEY.key_parameters(key)


def expand_source_key(key: CustomerKey | None) -> dict[str, Any]:
    """The parameters with the key that the source of a copy is read with; none without a key."""
    return {f"CopySource{name}": value for name, value in expand_customer_key(key).items()}


def expand_target(target: ObjectId) -> dict[str, Any]:
    """The parameters that say which object is meant."""
    address = {"Bucket": target.bucket, "Key": target.key}
    if target.version_id:
        address["VersionId"] = target.version_id
    if target.expected_bucket_owner:
        address["ExpectedBucketOwner"] = target.expected_bucket_owner
    return address


def name_of(target: ObjectId) -> str:
    """The object as a person reads it."""
    version = f" (version {target.version_id})" if target.version_id else ""
    return f"{target.bucket}/{target.key}{version}"


def flatten_lock(answer: Mapping[str, Any]) -> ObjectLock | None:
    """The lock of HeadObject's answer, as far as it is in force at the moment of the answer; None: none.

    S3 goes on reporting a retention that is over, and refuses to write one.
    """
    until: datetime | None = answer.get("ObjectLockRetainUntilDate")
    retained = bool(answer.get("ObjectLockMode")) and until is not None and not _is_over(until, answer)
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


def _is_over(until: datetime, answer: Mapping[str, Any]) -> bool:
    date = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    return bool(date) and until <= parsedate_to_datetime(date)


def flatten_retention(answer: Mapping[str, Any]) -> str | None:
    """The default retention of GetObjectLockConfiguration in words, empty without one; None: no Object Lock."""
    configuration = answer.get("ObjectLockConfiguration")
    if configuration is None:
        return None
    rule = configuration.get("Rule", {}).get("DefaultRetention", {})
    if not rule.get("Mode"):
        return ""
    unit = "Years" if rule.get("Years") else "Days"
    number = rule.get(unit)
    return f"{rule['Mode']} for {number} {unit.lower() if number != 1 else unit.lower()[:-1]}"


def expand_lock(lock: ObjectLock | None) -> dict[str, Any]:
    """The parameters that put a lock on what a write makes."""
    if lock is None:
        return {}
    expanded = {
        "ObjectLockMode": lock.mode,
        "ObjectLockRetainUntilDate": lock.retain_until,
        "ObjectLockLegalHoldStatus": "ON" if lock.legal_hold else None,
        "ObjectLockEventHold": "ON" if lock.event_hold else None,
        "ObjectLockEventHoldDurationDays": lock.event_hold_days,
        "ObjectLockEventHoldDurationYears": lock.event_hold_years,
    }
    return {name: value for name, value in expanded.items() if value is not None}


def flatten_grants(acl: Mapping[str, Any]) -> Grants:
    """All grants of GetObjectAcl's answer; none where the ACL is private, the full control of the owner alone."""
    owner = acl.get("Owner", {}).get("ID")
    grants = tuple(
        Grant(str(grant.get("Permission")), *_grantee(grant.get("Grantee", {}))) for grant in acl.get("Grants", ())
    )
    return () if grants in ((), (Grant("FULL_CONTROL", "id", owner or ""),)) else grants


def _grantee(grantee: Mapping[str, Any]) -> tuple[str, str]:
    for kind, name in (("id", "ID"), ("uri", "URI"), ("emailAddress", "EmailAddress")):
        if grantee.get(name):
            return kind, str(grantee[name])
    return "", str(grantee.get("DisplayName", ""))


_GRANT_PARAMETERS = {
    "FULL_CONTROL": "GrantFullControl",
    "READ": "GrantRead",
    "READ_ACP": "GrantReadACP",
    "WRITE_ACP": "GrantWriteACP",
}


def expand_grants(grants: Grants) -> dict[str, str]:
    """The parameters that give what a write makes this ACL. It is private where they are left out."""
    expanded: dict[str, str] = {}
    for grant in grants:
        name, value = _GRANT_PARAMETERS[grant.permission], f'{grant.kind}="{grant.grantee}"'
        expanded[name] = f"{expanded[name]}, {value}" if name in expanded else value
    return expanded


def _properties(answer: Mapping[str, Any], metadata: Mapping[str, str]) -> Properties:
    read = {name: answer.get(parameter) for name, parameter in _PARAMETERS.items()}
    # The SDK parses Expires where it can; the text itself is what a copy has to carry.
    read["expires"] = answer.get("ExpiresString")
    read["storage_class"] = answer.get("StorageClass") or DEFAULT_STORAGE_CLASS
    return Properties(**read, metadata=tuple(sorted(metadata.items())))


def _checksums(answer: Mapping[str, Any]) -> tuple[Checksum, ...]:
    full = answer.get("ChecksumType", "FULL_OBJECT") == "FULL_OBJECT"
    return tuple(
        Checksum(algorithm, answer[f"Checksum{algorithm}"], full and "-" not in answer[f"Checksum{algorithm}"])
        for algorithm in CHECKSUM_ALGORITHMS
        if answer.get(f"Checksum{algorithm}")
    )

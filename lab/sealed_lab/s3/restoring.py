# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Archived objects, and the temporary copies that RestoreObject makes of them.

Objects of S3 Intelligent-Tiering are archived if the bucket has a configuration with archive tiers. RestoreObject moves
them back, without a copy.
Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/intelligent-tiering-overview.html
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..call import Call, Handler, Output
from ..errors import ServiceError, invalid_argument, not_implemented
from ..protocol.values import rfc822
from ..protocol.xml_shapes import malformed_xml
from .access import authorize, find_bucket
from .state import Bucket, ObjectVersion, Restore
from .versions import find_version

_DAY = 86400.0
_HOUR = 3600.0
# How long a restore takes at most, by storage class and tier.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects-retrieval-options.html
_DURATIONS = {
    ("GLACIER", "Expedited"): 5 * 60.0,
    ("GLACIER", "Standard"): 5 * _HOUR,
    ("GLACIER", "Bulk"): 12 * _HOUR,
    ("DEEP_ARCHIVE", "Standard"): 12 * _HOUR,
    ("DEEP_ARCHIVE", "Bulk"): 48 * _HOUR,
    ("ARCHIVE_ACCESS", "Expedited"): 5 * 60.0,
    ("ARCHIVE_ACCESS", "Standard"): 5 * _HOUR,
    ("ARCHIVE_ACCESS", "Bulk"): 12 * _HOUR,
    ("DEEP_ARCHIVE_ACCESS", "Standard"): 12 * _HOUR,
    ("DEEP_ARCHIVE_ACCESS", "Bulk"): 48 * _HOUR,
}
_ARCHIVES = ("GLACIER", "DEEP_ARCHIVE")
_TIERED = "INTELLIGENT_TIERING"
_SMALLEST_TIERED = 128 * 1024


def archive_tier(bucket: Bucket, version: ObjectVersion, now: float) -> str:
    """Return the archive tier of an object of S3 Intelligent-Tiering: that of the longest period that is over, or "".

    In the lab, the periods begin when the object is written or restored. Reads do not begin them again.
    """
    if version.storage_class != _TIERED or version.size < _SMALLEST_TIERED:
        return ""
    restored = version.restore is not None and version.restore.ready <= now
    idle = now - max(version.modified, version.restore.ready if version.restore is not None and restored else 0.0)
    reached = [
        (tiering["Days"], str(tiering["AccessTier"]))
        for configuration in bucket.collections.get("IntelligentTiering", {}).values()
        if configuration["Status"] == "Enabled" and _selects(configuration.get("Filter", {}), version)
        for tiering in configuration["Tierings"]
        if idle >= tiering["Days"] * _DAY
    ]
    return max(reached)[1] if reached else ""


def _selects(condition: Mapping[str, Any], version: ObjectVersion) -> bool:
    every = condition.get("And", {})
    tags = [*([condition["Tag"]] if "Tag" in condition else []), *every.get("Tags", ())]
    own_tags = dict(version.tags)
    prefix = condition.get("Prefix", every.get("Prefix", ""))
    return version.key.startswith(prefix) and all(own_tags.get(tag["Key"]) == tag["Value"] for tag in tags)


def is_archived(bucket: Bucket, version: ObjectVersion, now: float) -> bool:
    """Return whether the object cannot be read: it is in an archive, and has no restored copy now."""
    restored = version.restore is not None and version.restore.ready <= now < version.restore.expires
    return (version.storage_class in _ARCHIVES and not restored) or bool(archive_tier(bucket, version, now))


def require_readable(bucket: Bucket, version: ObjectVersion, now: float) -> None:
    """Raise InvalidObjectState for an archived object."""
    if is_archived(bucket, version, now):
        message = "The operation is not valid for the object's storage class"
        tier = archive_tier(bucket, version, now)
        if tier:
            message = "The operation is not valid for the object's access tier"
        raise _invalid_state(message, version, tier)


def restore_field(bucket: Bucket, version: ObjectVersion, now: float) -> Output:
    """Return the fields ``x-amz-restore`` and ``x-amz-archive-status`` of a read. An expired copy is not shown."""
    tier = archive_tier(bucket, version, now)
    status = {"ArchiveStatus": tier} if tier else {}
    restore = version.restore
    if restore is None or now >= restore.expires:
        return {**status}
    if now < restore.ready:
        return {**status, "Restore": 'ongoing-request="true"'}
    if version.storage_class == _TIERED:
        return {**status}
    return {"Restore": f'ongoing-request="false", expiry-date="{rfc822(restore.expires)}"'}


def restore_object(call: Call) -> Output:
    """Begin to restore an archived object, or change the period of its copy."""
    bucket = find_bucket(call)
    authorize(call, bucket, "RestoreObject", call["Key"])
    version = find_version(call, bucket, call["Key"], call.get("VersionId"))
    request = call.get("RestoreRequest", {})
    if request.get("Type") is not None:
        raise not_implemented("RestoreObject with a query")
    now = call.now()
    archive = archive_tier(bucket, version, now) or version.storage_class
    if archive in ("ARCHIVE_ACCESS", "DEEP_ARCHIVE_ACCESS"):
        return _move_back(call, version, archive)
    if archive not in _ARCHIVES:
        raise _invalid_state("Restore is not allowed for the object's current storage class", version)
    days = request.get("Days", 0)
    if days < 1:
        raise malformed_xml()
    current = version.restore
    if current is not None and now < current.ready:
        raise ServiceError("RestoreAlreadyInProgress", "Object restore is already in progress", 409)
    if current is not None and now < current.expires:
        version.restore = Restore(current.ready, _expiry(now, days))
        return {}
    ready = now + _duration(request, archive)
    version.restore = Restore(ready, _expiry(ready, days))
    call.status = 202
    return {}


def _move_back(call: Call, version: ObjectVersion, archive: str) -> Output:
    """Move an object out of an archive tier. There is no copy, and so no period."""
    request = call.get("RestoreRequest", {})
    if "Days" in request:
        raise malformed_xml()
    if version.restore is not None and call.now() < version.restore.ready:
        raise ServiceError("RestoreAlreadyInProgress", "Object restore is already in progress", 409)
    version.restore = Restore(call.now() + _duration(request, archive), math.inf)
    call.status = 202
    return {}


def _duration(request: Mapping[str, Any], archive: str) -> float:
    tier = request.get("GlacierJobParameters", {}).get("Tier", "Standard")
    duration = _DURATIONS.get((archive, tier))
    if duration is None:
        raise invalid_argument(f"{tier} retrieval is not available for {archive}")
    return duration


def _expiry(start: float, days: int) -> float:
    """Return when a copy is deleted: at the midnight in UTC after its days."""
    return math.ceil(start / _DAY + days) * _DAY


def _invalid_state(message: str, version: ObjectVersion, tier: str = "") -> ServiceError:
    fields = {"StorageClass": version.storage_class, **({"AccessTier": tier} if tier else {})}
    return ServiceError("InvalidObjectState", message, 403, fields=fields)


OPERATIONS: dict[str, Handler] = {"RestoreObject": restore_object}

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Archived objects, and the temporary copies that RestoreObject makes of them.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html
"""

from __future__ import annotations

import math

from ..call import Call, Handler, Output
from ..errors import ServiceError, invalid_argument, not_implemented
from ..protocol.values import rfc822
from ..protocol.xml_shapes import malformed_xml
from .access import authorize, find_bucket
from .state import ObjectVersion, Restore
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
}
_ARCHIVES = ("GLACIER", "DEEP_ARCHIVE")


def is_archived(version: ObjectVersion, now: float) -> bool:
    """Return whether the object cannot be read: it is in an archive, and has no restored copy now."""
    restored = version.restore is not None and version.restore.ready <= now < version.restore.expires
    return version.storage_class in _ARCHIVES and not restored


def require_readable(version: ObjectVersion, now: float) -> None:
    """Raise InvalidObjectState for an archived object."""
    if is_archived(version, now):
        raise _invalid_state("The operation is not valid for the object's storage class", version)


def restore_field(version: ObjectVersion, now: float) -> Output:
    """Return the field ``x-amz-restore`` of a read. An expired copy is not shown."""
    restore = version.restore
    if restore is None or now >= restore.expires:
        return {}
    if now < restore.ready:
        return {"Restore": 'ongoing-request="true"'}
    return {"Restore": f'ongoing-request="false", expiry-date="{rfc822(restore.expires)}"'}


def restore_object(call: Call) -> Output:
    """Begin to restore an archived object, or change the period of its copy."""
    bucket = find_bucket(call)
    authorize(call, bucket, "RestoreObject", call["Key"])
    version = find_version(call, bucket, call["Key"], call.get("VersionId"))
    request = call.get("RestoreRequest", {})
    if request.get("Type") is not None:
        raise not_implemented("RestoreObject with a query")
    if version.storage_class not in _ARCHIVES:
        raise _invalid_state("Restore is not allowed for the object's current storage class", version)
    days = request.get("Days", 0)
    if days < 1:
        raise malformed_xml()
    now = call.now()
    current = version.restore
    if current is not None and now < current.ready:
        raise ServiceError("RestoreAlreadyInProgress", "Object restore is already in progress", 409)
    if current is not None and now < current.expires:
        version.restore = Restore(current.ready, _expiry(now, days))
        return {}
    tier = request.get("GlacierJobParameters", {}).get("Tier", "Standard")
    duration = _DURATIONS.get((version.storage_class, tier))
    if duration is None:
        raise invalid_argument(f"{tier} retrieval is not available for {version.storage_class}")
    version.restore = Restore(now + duration, _expiry(now + duration, days))
    call.status = 202
    return {}


def _expiry(start: float, days: int) -> float:
    """Return when a copy is deleted: at the midnight in UTC after its days."""
    return math.ceil(start / _DAY + days) * _DAY


def _invalid_state(message: str, version: ObjectVersion) -> ServiceError:
    return ServiceError("InvalidObjectState", message, 403, fields={"StorageClass": version.storage_class})


OPERATIONS: dict[str, Handler] = {"RestoreObject": restore_object}

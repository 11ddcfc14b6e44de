# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Object Lock: retention and legal hold (User Guide, "Locking objects with Object Lock")."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..call import Call
from ..errors import ServiceError, invalid_argument, invalid_request
from ..protocol.xml_shapes import malformed_xml
from .access import authorize, denial_message
from .state import Bucket, Lock, ObjectVersion

DAY = 86400.0


_MODES = ("GOVERNANCE", "COMPLIANCE")


_ENCRYPTION_IS_LOCKED = (
    "The encryption type for the specified object can\u2019t be updated because that object is protected by S3 Object "
    "Lock. If the object has a governance-mode retention period or a legal hold, you must first remove the Object Lock "
    "status on the object before you issue your UpdateObjectEncryption request. You can't use the "
    "UpdateObjectEncryption operation with objects that have an Object Lock compliance mode retention period applied "
    "to them."
)


def _locked() -> ServiceError:
    return ServiceError("AccessDenied", "Access Denied because object protected by object lock.", 403)


def _require_future(call: Call, until: float, name: str) -> None:
    if until <= call.now():
        raise invalid_argument("The retain until date must be in the future!", name, pacific_time(until))


def pacific_time(seconds: float) -> str:
    """Format a time as S3's errors do: in Pacific Time, as in ``Tue Dec 31 16:00:00 PST 2019``."""
    try:
        zone: tzinfo = ZoneInfo("America/Los_Angeles")
    except ZoneInfoNotFoundError:  # a machine without the time zone database
        zone = timezone(timedelta(hours=-8), "PST")
    return datetime.fromtimestamp(seconds, zone).strftime("%a %b %d %H:%M:%S %Z %Y")


def lock_from_request(call: Call, bucket: Bucket, params: Mapping[str, Any]) -> Lock | None:
    """Return the lock of a new version: that of the request, else the bucket's default retention."""
    mode = params.get("ObjectLockMode")
    until = params.get("ObjectLockRetainUntilDate")
    legal_hold = params.get("ObjectLockLegalHoldStatus")
    if not bucket.lock_enabled:
        if mode or until or legal_hold:
            raise invalid_request("Bucket is missing Object Lock Configuration")
        return None
    if bool(mode) != bool(until):
        raise invalid_argument(
            "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied",
            "x-amz-object-lock-retain-until-date" if mode else "x-amz-object-lock-mode",
        )
    if mode is not None and mode not in _MODES:
        raise invalid_argument("Unknown wormMode directive.", "x-amz-object-lock-mode", mode)
    if until is not None:
        _require_future(call, until, "x-amz-object-lock-retain-until-date")
    lock = Lock(mode or "", until or 0.0, None if legal_hold is None else legal_hold == "ON")
    if not mode:
        rule = (bucket.documents.get("object-lock") or {}).get("Rule", {}).get("DefaultRetention")
        if rule:
            days = rule["Days"] if "Days" in rule else rule["Years"] * 365
            lock.mode, lock.until = rule["Mode"], call.now() + days * DAY
    return lock if lock.mode or lock.legal_hold is not None else None


def lock_status(lock: Lock | None, now: float) -> str:
    """Return ``GOVERNANCE``, ``COMPLIANCE`` or ``HOLD``, or "" for a version that can be deleted."""
    if lock is None:
        return ""
    if lock.legal_hold:
        return "HOLD"
    if lock.mode and lock.until > now:
        return lock.mode
    return ""


def check_bypass(call: Call, bucket: Bucket) -> None:
    """Refuse the header for the bypass of governance mode, with any value, in a bucket without Object Lock."""
    if call.get("BypassGovernanceRetention") is not None and not bucket.lock_enabled:
        name = "x-amz-bypass-governance-retention"
        raise invalid_argument(f"{name} is only applicable to Object Lock enabled buckets.", name)


def check_deletion(call: Call, bucket: Bucket, version: ObjectVersion) -> None:
    """Refuse to delete a locked version, unless governance mode is bypassed with permission."""
    status = lock_status(version.lock, call.now())
    if not status:
        return
    if status == "GOVERNANCE" and call.get("BypassGovernanceRetention"):
        authorize(call, bucket, "BypassGovernanceRetention", version.key)
        return
    raise _locked()


def check_reencryption(call: Call, version: ObjectVersion) -> None:
    """Refuse UpdateObjectEncryption for every locked version.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_UpdateObjectEncryption.html
    """
    if lock_status(version.lock, call.now()):
        raise ServiceError("AccessDenied", _ENCRYPTION_IS_LOCKED, 403)


def change_retention(call: Call, bucket: Bucket, version: ObjectVersion, retention: Mapping[str, Any]) -> Lock:
    """Return the lock after PutObjectRetention."""
    _require_object_lock(bucket)
    current = version.lock or Lock()
    mode, until = retention.get("Mode", ""), retention.get("RetainUntilDate", 0.0)
    if bool(mode) != bool(until):
        raise malformed_xml()
    if until:
        _require_future(call, until, "RetainUntilDate")
    status = current.mode if current.mode and current.until > call.now() else ""
    weaker = until < current.until or mode != current.mode
    if status == "COMPLIANCE" and weaker:
        raise _locked()
    if status == "GOVERNANCE" and weaker:
        bypass = call.get("BypassGovernanceRetention")
        if not bypass or denial_message(call, bucket, "BypassGovernanceRetention", version.key):
            raise _locked()
    return Lock(mode, until, current.legal_hold)


def change_legal_hold(bucket: Bucket, version: ObjectVersion, status: str) -> Lock:
    """Return the lock after PutObjectLegalHold."""
    _require_object_lock(bucket)
    current = version.lock or Lock()
    return Lock(current.mode, current.until, status == "ON")


def _require_object_lock(bucket: Bucket) -> None:
    if not bucket.lock_enabled:
        raise invalid_request("Bucket is missing Object Lock Configuration")


def lock_fields(lock: Lock | None) -> dict[str, Any]:
    """Return the lock fields of GetObject and HeadObject."""
    if lock is None:
        return {}
    fields: dict[str, Any] = {}
    if lock.mode:
        fields["ObjectLockMode"] = lock.mode
        fields["ObjectLockRetainUntilDate"] = lock.until
    if lock.legal_hold is not None:
        fields["ObjectLockLegalHoldStatus"] = "ON" if lock.legal_hold else "OFF"
    return fields

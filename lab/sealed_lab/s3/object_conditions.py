# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Condition keys that depend on an object: its tags, those of the request, its lock, and whether it is created.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping

from ..call import Call
from .state import Bucket

_DAY = 86400
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
_CREATES_OBJECT = {
    "PutObject": "true",
    "PostObject": "true",
    "CopyObject": "true",
    "CompleteMultipartUpload": "true",
    "CreateMultipartUpload": "false",
    "UploadPart": "false",
    "UploadPartCopy": "false",
}


def existing_tag_conditions(bucket: Bucket, key: str, version_id: str | None) -> dict[str, list[str]]:
    """Return ``s3:ExistingObjectTag`` for the tags of a version, which need not exist."""
    versions = bucket.objects.versions(key)
    existing = next((each for each in versions if version_id in (None, each.version_id)), None)
    return {f"s3:existingobjecttag/{tag.lower()}": [value] for tag, value in (existing.tags if existing else ())}


def requested_tag_conditions(tags: Iterable[Mapping[str, str]]) -> dict[str, list[str]]:
    """Return ``s3:RequestObjectTag`` and ``s3:RequestObjectTagKeys`` for the tags that a request sets."""
    found: dict[str, list[str]] = {}
    for tag in tags:
        found[f"s3:requestobjecttag/{tag['Key'].lower()}"] = [tag.get("Value", "")]
        found.setdefault("s3:requestobjecttagkeys", []).append(tag["Key"])
    return found


def write_conditions(call: Call) -> dict[str, list[str]]:
    """Return the condition keys of the lock that a request sets, and whether the request creates an object."""
    found: dict[str, list[str]] = {}
    creates = _CREATES_OBJECT.get(call.operation.name)
    if creates is not None:
        found["s3:objectcreationoperation"] = [creates]
    retention = call.get("Retention") or {}
    mode = retention.get("Mode") or call.get("ObjectLockMode")
    until = retention.get("RetainUntilDate") or call.get("ObjectLockRetainUntilDate")
    hold = (call.get("LegalHold") or {}).get("Status") or call.get("ObjectLockLegalHoldStatus")
    if mode:
        found["s3:object-lock-mode"] = [mode]
    if until:
        found["s3:object-lock-retain-until-date"] = [time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(until))]
        found["s3:object-lock-remaining-retention-days"] = [str(math.ceil((until - call.now()) / _DAY))]
    if hold:
        found["s3:object-lock-legal-hold"] = [hold]
    return found

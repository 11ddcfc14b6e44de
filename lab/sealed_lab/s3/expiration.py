# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""When a lifecycle rule expires an object or aborts an upload, as responses show it. The lab does neither by itself.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-expire-general-considerations.html
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ..protocol.values import rfc822
from .state import Bucket, ObjectVersion, Upload
from .subresources.lifecycle import rule_tags

_DAY = 86400


def expiration_header(bucket: Bucket, version: ObjectVersion) -> str | None:
    """Return the value of x-amz-expiration for the current version of an object, None if no rule expires it.

    Of several rules, the one with the earliest date applies.
    """
    rules = bucket.documents.get("lifecycle", {}).get("Rules", ())
    dated = [(date, rule["ID"]) for rule in rules if (date := _expiry(rule, version)) is not None]
    if not dated:
        return None
    date, name = min(dated, key=lambda each: each[0])
    return f'expiry-date="{rfc822(date)}", rule-id="{quote(name)}"'


def abort_fields(bucket: Bucket, upload: Upload) -> dict[str, Any]:
    """Return when a rule will abort an upload, and the id of the rule; nothing if no rule does.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html (x-amz-abort-date)
    """
    rules = bucket.documents.get("lifecycle", {}).get("Rules", ())
    dated = [
        (_next_midnight(upload.created, rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"]), rule["ID"])
        for rule in rules
        if rule["Status"] == "Enabled"
        and "AbortIncompleteMultipartUpload" in rule
        and upload.key.startswith(_condition(rule)["Prefix"])
    ]
    if not dated:
        return {}
    date, name = min(dated, key=lambda each: each[0])
    return {"AbortDate": date, "AbortRuleId": name}


def _next_midnight(start: float, days: int) -> float:
    """Return the next midnight UTC after a number of days."""
    return math.ceil(start / _DAY + days) * float(_DAY)


def _condition(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return the conditions of a rule's filter, or its prefix in the first version of the API."""
    found = rule.get("Filter", {})
    return {"Prefix": rule.get("Prefix", ""), **found, **found.get("And", {})}


def _expiry(rule: Mapping[str, Any], version: ObjectVersion) -> float | None:
    expiration = rule.get("Expiration", {})
    if rule["Status"] != "Enabled" or not _applies(rule, version):
        return None
    if "Days" in expiration:
        return _next_midnight(version.modified, expiration["Days"])
    return float(expiration["Date"]) if "Date" in expiration else None


def _applies(rule: Mapping[str, Any], version: ObjectVersion) -> bool:
    condition = _condition(rule)
    tags = dict(version.tags)
    return (
        version.key.startswith(condition["Prefix"])
        and version.size > condition.get("ObjectSizeGreaterThan", -1)
        and version.size < condition.get("ObjectSizeLessThan", math.inf)
        and all(tags.get(tag["Key"]) == tag["Value"] for tag in rule_tags(rule))
    )

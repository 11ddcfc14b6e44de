# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The expiration of an object by a lifecycle rule, as responses show it. The lab deletes nothing by itself.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-expire-general-considerations.html
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ..protocol.values import rfc822
from .state import Bucket, ObjectVersion
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


def _expiry(rule: Mapping[str, Any], version: ObjectVersion) -> float | None:
    expiration = rule.get("Expiration", {})
    if rule["Status"] != "Enabled" or not _applies(rule, version):
        return None
    if "Days" in expiration:
        # The next midnight UTC after the number of days.
        return math.ceil(version.modified / _DAY + int(expiration["Days"])) * float(_DAY)
    return float(expiration["Date"]) if "Date" in expiration else None


def _applies(rule: Mapping[str, Any], version: ObjectVersion) -> bool:
    found = rule.get("Filter", {})
    condition = {**found, **found.get("And", {})}
    prefix = condition.get("Prefix", rule.get("Prefix", ""))
    tags = dict(version.tags)
    return (
        version.key.startswith(prefix)
        and version.size > condition.get("ObjectSizeGreaterThan", -1)
        and version.size < condition.get("ObjectSizeLessThan", math.inf)
        and all(tags.get(tag["Key"]) == tag["Value"] for tag in rule_tags(rule))
    )

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The Resource Groups Tagging API: resources by tag."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any

from .call import Call, Handler, Output
from .errors import ServiceError


def _resources(call: Call) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """(type, ARN, tags) of what has or may have tags in the caller's account and region.

    The tags of keys are told as late as the index is.
    """
    indexed = call.now() - call.lab.world.kms.index_seconds
    realm = call.lab.world.kms.realm(call.account, call.region)
    for key in realm.keys.values():
        if key.manager == "CUSTOMER":
            yield "kms:key", key.arn, key.tags_at(indexed)
    for bucket in call.lab.world.s3.buckets.values():
        if bucket.account == call.account and bucket.region == call.region:
            yield "s3:bucket", bucket.arn, bucket.tags or {}


def _fits_type(kind: str, wanted: list[str]) -> bool:
    return not wanted or any(kind == each or kind.split(":")[0] == each or
                             (each == "s3" and kind == "s3:bucket") for each in wanted)  # fmt: skip


def _fits_tags(tags: Mapping[str, str], filters: list[dict[str, Any]]) -> bool:
    """Every filter's key is there, with one of its values when it names any."""
    return all(
        each["Key"] in tags and (not each.get("Values") or tags[each["Key"]] in each["Values"]) for each in filters
    )


def get_resources(call: Call) -> Output:
    """Tagged resources by type, tags or ARN, in pages."""
    call.lab.authorizer.require(
        call.caller, "tag:GetResources", "*", call.account, code="AccessDeniedException", status=400
    )
    arns = call.get("ResourceARNList")
    if arns is not None and (call.get("TagFilters") or call.get("ResourceTypeFilters")):
        raise ServiceError("InvalidParameterException", "ResourceARNList cannot be combined with other filters.", 400)
    filters = call.get("TagFilters", [])
    start = 0
    token = call.get("PaginationToken")
    if token:
        try:
            start = int(base64.b64decode(token, validate=True))
        except (binascii.Error, ValueError) as exc:
            raise ServiceError("PaginationTokenExpiredException", "The pagination token is not valid.", 400) from exc
    found = sorted(
        (arn, tags)
        for kind, arn, tags in _resources(call)
        if _fits_type(kind, call.get("ResourceTypeFilters", []))
        and (arns is None or arn in arns)
        and (bool(tags) or arns is not None)
        and _fits_tags(tags, filters)
    )  # fmt: skip
    limit = call.get("ResourcesPerPage", 50)
    page = found[start : start + limit]
    more = start + limit < len(found)
    return {
        "PaginationToken": base64.b64encode(str(start + limit).encode()).decode() if more else "",
        "ResourceTagMappingList": [
            {"ResourceARN": arn, "Tags": [{"Key": name, "Value": tags[name]} for name in sorted(tags)]}
            for arn, tags in page
        ],
    }


OPERATIONS: dict[str, Handler] = {"GetResources": get_resources}

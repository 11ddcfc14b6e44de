# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The Resource Groups Tagging API: find resources by tag."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .call import Call, Handler, Output
from .errors import ServiceError
from .identity.permission import require_permission
from .page_tokens import decode_offset, encode_token
from .tags import sorted_tag_list


def _taggable_resources(call: Call) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """Yield type, ARN and tags of the keys and buckets in the caller's account and region.

    The tags of keys are those of ``index_seconds`` ago.
    """
    index_time = call.now() - call.lab.state.kms.index_seconds
    region_state = call.lab.state.kms.region_state(call.account, call.region)
    for key in region_state.keys.values():
        if key.manager == "CUSTOMER":
            yield "kms:key", key.arn, key.tags_at(index_time)
    for bucket in call.lab.state.s3.buckets.values():
        if bucket.account == call.account and bucket.region == call.region:
            yield "s3:bucket", bucket.arn, bucket.tags or {}


def _matches_type(kind: str, filters: list[str]) -> bool:
    return not filters or any(
        each in (kind, kind.partition(":")[0]) or (each == "s3" and kind == "s3:bucket") for each in filters
    )


def _matches_tags(tags: Mapping[str, str], filters: list[dict[str, Any]]) -> bool:
    """Return whether the tags have the key of every filter, with one of its values if it has any."""
    return all(
        each["Key"] in tags and (not each.get("Values") or tags[each["Key"]] in each["Values"]) for each in filters
    )


def get_resources(call: Call) -> Output:
    """Return resources by type, tags or ARN, in pages."""
    require_permission(call, "tag:GetResources")
    arns = call.get("ResourceARNList")
    if arns is not None and (call.get("TagFilters") or call.get("ResourceTypeFilters")):
        raise ServiceError("InvalidParameterException", "ResourceARNList cannot be combined with other filters.", 400)
    filters = call.get("TagFilters", [])
    start = 0
    token = call.get("PaginationToken")
    if token:
        try:
            start = decode_offset(token)
        except ValueError as exc:
            raise ServiceError("PaginationTokenExpiredException", "The pagination token is not valid.", 400) from exc
    resources = sorted(
        (arn, tags)
        for kind, arn, tags in _taggable_resources(call)
        if _matches_type(kind, call.get("ResourceTypeFilters", []))
        and (arns is None or arn in arns)
        and (bool(tags) or arns is not None)
        and _matches_tags(tags, filters)
    )  # fmt: skip
    limit = call.get("ResourcesPerPage", 50)
    page = resources[start : start + limit]
    truncated = start + limit < len(resources)
    return {
        "PaginationToken": encode_token(start + limit) if truncated else "",
        "ResourceTagMappingList": [{"ResourceARN": arn, "Tags": sorted_tag_list(tags)} for arn, tags in page],
    }


OPERATIONS: dict[str, Handler] = {"GetResources": get_resources}

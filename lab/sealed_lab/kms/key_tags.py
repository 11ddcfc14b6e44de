# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Tags of keys."""

from __future__ import annotations

from ..call import Call, Handler, Output
from ..errors import ServiceError
from ..tags import is_tag_text
from .access import ANY_STATE, NOT_DELETED, get_authorized_key, require_customer_managed
from .pagination import paginate


def tag_mapping(tags: list[dict[str, str]]) -> dict[str, str]:
    """Return tags as a mapping. Raise TagException for reserved prefixes, duplicates and other characters."""
    mapping: dict[str, str] = {}
    for tag in tags:
        name = tag["TagKey"]
        if name.lower().startswith("aws:"):
            raise ServiceError("TagException", "Tags beginning with aws: are reserved", 400)
        if not is_tag_text(name + tag["TagValue"]):
            raise ServiceError("TagException", "Invalid tag", 400)
        if name in mapping:
            raise ServiceError("TagException", "Duplicate tag keys", 400)
        mapping[name] = tag["TagValue"]
    _check_number(mapping)
    return mapping


def _check_number(tags: dict[str, str]) -> None:
    if len(tags) > 50:
        raise ServiceError("TagException", "Too many tags", 400)


def tag_resource(call: Call) -> Output:
    """Add or replace tags."""
    key = get_authorized_key(call, states=NOT_DELETED)
    require_customer_managed(key, "TagResource")
    merged = {**key.tags, **tag_mapping(call["Tags"])}
    _check_number(merged)
    key.set_tags(merged, call.now())
    return {}


def untag_resource(call: Call) -> Output:
    """Remove tags. A name that the key does not have is not an error."""
    key = get_authorized_key(call, states=NOT_DELETED)
    require_customer_managed(key, "UntagResource")
    removed = call["TagKeys"]
    key.set_tags({name: value for name, value in key.tags.items() if name not in removed}, call.now())
    return {}


def list_resource_tags(call: Call) -> Output:
    """List the tags, sorted by their keys."""
    key = get_authorized_key(call, states=ANY_STATE)
    tags = [{"TagKey": name, "TagValue": key.tags[name]} for name in sorted(key.tags)]
    fields, page = paginate(call, tags, "tags", 50, 50)
    return {**fields, "Tags": page}


OPERATIONS: dict[str, Handler] = {
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
    "ListResourceTags": list_resource_tags,
}

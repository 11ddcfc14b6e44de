# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Tags of buckets and access points by their ARNs: TagResource, UntagResource, ListTagsForResource.

Recorded from AWS: localstack, TestS3ControlTagging, 2025-11-28.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..call import Call, Handler, Output
from ..errors import ServiceError
from ..tags import is_tag_text, tag_list
from .account_settings import require_own_account

MOST_TAGS = 50
_INVALID = (
    "This request contains a tag key or value that isn't valid. Valid characters include the following: "
    "[a-zA-Z+-=._:/]. Tag keys can contain up to 128 characters. Tag values can contain up to 256 characters."
)


def _find_tags(call: Call, action: str) -> dict[str, str]:
    """Return the tags of the resource, if it exists and the caller may do ``s3:action`` on it."""
    arn = call["ResourceArn"]
    require_own_account(call, action, arn)
    point = call.lab.state.control.access_points.get(arn)
    if point is not None:
        return point.tags
    bucket = call.lab.state.s3.bucket(call.partition, arn.rpartition(":::")[2])
    if bucket is None or bucket.arn != arn or (bucket.account, bucket.region) != (call.account, call.region):
        raise ServiceError("NoSuchResource", "The specified resource doesn't exist.", 404)
    if bucket.tags is None:
        bucket.tags = {}
    return bucket.tags


def checked_tags(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return tags by their names. Raise InvalidTag if one is not valid."""
    found: dict[str, str] = {}
    for tag in tags:
        name, value = tag["Key"], tag["Value"]
        if name.lower().startswith("aws:"):
            raise _invalid_tag(
                'User-defined tag keys can\'t start with "aws:". This prefix is reserved for system tags. '
                'Remove "aws:" from your tag keys and try again.'
            )
        if not name or len(name) > 128 or len(value) > 256 or not is_tag_text(name) or not is_tag_text(value):
            raise _invalid_tag(_INVALID)
        if name in found:
            raise _invalid_tag(
                "There are duplicate tag keys in your request. Remove the duplicate tag keys and try again."
            )
        found[name] = value
    return found


def _invalid_tag(message: str) -> ServiceError:
    return ServiceError("InvalidTag", message, 400)


def tag_resource(call: Call) -> Output:
    """Add or replace tags."""
    new = checked_tags(call["Tags"])
    tags = _find_tags(call, "TagResource")
    if len({**tags, **new}) > MOST_TAGS:
        raise ServiceError("TooManyTags", f"Cannot add more than {MOST_TAGS} tags to the resource.", 400)
    tags.update(new)
    return {}


def untag_resource(call: Call) -> Output:
    """Remove tags. A tag that does not exist is no error."""
    tags = _find_tags(call, "UntagResource")
    for name in call["TagKeys"]:
        tags.pop(name, None)
    return {}


def list_tags_for_resource(call: Call) -> Output:
    """Return the tags."""
    return {"Tags": tag_list(_find_tags(call, "ListTagsForResource"))}


OPERATIONS: dict[str, Handler] = {
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
    "ListTagsForResource": list_tags_for_resource,
}

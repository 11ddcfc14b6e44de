# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The tags of buckets by S3 Control, which adds and removes single tags.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_TagResource.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ..call import Call, Handler, Output
from ..errors import ServiceError, not_implemented
from ..s3.state import Bucket
from .account_settings import require_own_account

_LIMIT = 50
_TEXT = re.compile(r"[\w\s.:/=+@-]*")


def _find_bucket(call: Call) -> Bucket:
    arn = call["ResourceArn"]
    name = arn.partition(":::")[2]
    if not name or "/" in name:
        raise not_implemented(f"tags of {arn}")
    require_own_account(call, call.operation.name, arn)
    bucket = call.lab.state.s3.buckets.get(name)
    if bucket is None or (bucket.account, bucket.region) != (call.account, call.region):
        raise ServiceError("NoSuchResource", "The specified resource doesn't exist.", 404)
    return bucket


def _invalid_tag(message: str) -> ServiceError:
    return ServiceError("InvalidTag", message, 400)


def _read_tags(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return the tags of a request as a mapping. The errors have other words than those of PutBucketTagging."""
    found: dict[str, str] = {}
    for tag in tags:
        name, value = tag["Key"], tag["Value"]
        if name.lower().startswith("aws:"):
            raise _invalid_tag(
                'User-defined tag keys can\'t start with "aws:". This prefix is reserved for system tags. Remove '
                '"aws:" from your tag keys and try again.'
            )
        if not _is_valid(name, 128) or not name or not _is_valid(value, 256):
            raise _invalid_tag(
                "This request contains a tag key or value that isn't valid. Valid characters include the following: "
                "[a-zA-Z+-=._:/]. Tag keys can contain up to 128 characters. "
                "Tag values can contain up to 256 characters."
            )
        if name in found:
            raise _invalid_tag(
                "There are duplicate tag keys in your request. Remove the duplicate tag keys and try again."
            )
        found[name] = value
    return found


def _is_valid(text: str, limit: int) -> bool:
    return len(text) <= limit and _TEXT.fullmatch(text) is not None


def tag_resource(call: Call) -> Output:
    """Add tags to a bucket, or replace their values."""
    bucket = _find_bucket(call)
    tags = {**(bucket.tags or {}), **_read_tags(call["Tags"])}
    if len(tags) > _LIMIT:
        raise ServiceError("BadRequest", f"Bucket tag count cannot be greater than {_LIMIT}", 400)
    bucket.tags = tags
    call.status = 204
    return {}


def untag_resource(call: Call) -> Output:
    """Remove tags of a bucket. A key that it does not have is not an error."""
    bucket = _find_bucket(call)
    removed = set(call["TagKeys"])
    bucket.tags = {name: value for name, value in (bucket.tags or {}).items() if name not in removed} or None
    call.status = 204
    return {}


def list_tags_for_resource(call: Call) -> Output:
    """List the tags of a bucket."""
    bucket = _find_bucket(call)
    return {"Tags": [{"Key": name, "Value": value} for name, value in (bucket.tags or {}).items()]}


OPERATIONS: dict[str, Handler] = {
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
    "ListTagsForResource": list_tags_for_resource,
}

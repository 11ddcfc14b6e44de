# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Tag sets of buckets and objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote_plus

from ..errors import ServiceError, invalid_argument
from ..tags import is_tag_text, tag_list


@dataclass(frozen=True, slots=True)
class TagRules:
    """What differs between the tag sets of S3: how many tags, and the words of two errors."""

    limit: int
    too_many: str
    reserved: str
    names_reserved_key: bool = True


BUCKET_TAGS = TagRules(
    50, "Bucket tag count cannot be greater than 50", "System tags cannot be added/updated by requester"
)
OBJECT_TAGS = TagRules(10, "Object tags cannot be greater than 10", "Your TagKey cannot be prefixed with aws:")
NEW_BUCKET_TAGS = TagRules(
    50,
    BUCKET_TAGS.too_many,
    'User-defined tag keys can\'t start with "aws:". This prefix is reserved for system tags. Remove "aws:" from your '
    "tag keys and try again.",
    names_reserved_key=False,
)


def check_tags(tags: Iterable[Mapping[str, str]], rules: TagRules) -> dict[str, str]:
    """Return a tag set as a mapping. Raise InvalidTag or BadRequest as S3 does."""
    found: dict[str, str] = {}
    for tag in tags:
        name, value = tag["Key"], tag.get("Value", "")
        if not name or _length(name) > 128 or not is_tag_text(name):
            raise _invalid_tag("The TagKey you have provided is invalid", TagKey=name)
        if _length(value) > 256 or not is_tag_text(value):
            raise _invalid_tag("The TagValue you have provided is invalid", TagKey=name, TagValue=value)
        if name.lower().startswith("aws:"):
            fields = {"TagKey": name} if rules.names_reserved_key else {}
            raise _invalid_tag(rules.reserved, **fields)
        if name in found:
            raise _invalid_tag("Cannot provide multiple Tags with the same key", TagKey=name)
        found[name] = value
    if len(found) > rules.limit:
        raise ServiceError("BadRequest", rules.too_many, 400)
    return found


def parse_tagging_header(text: str) -> list[dict[str, str]]:
    """Return the tags of ``x-amz-tagging``, which is a query string. Raise an error for any other format."""
    tags: dict[str, str] = {}
    for pair in filter(None, text.split("&")):
        name, _, value = pair.partition("=")
        key = unquote_plus(name)
        if "=" in value or key in tags:
            raise invalid_argument(
                "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag "
                "name duplicates.",
                "x-amz-tagging",
                text,
            )
        tags[key] = unquote_plus(value)
    return tag_list(tags)


def _length(text: str) -> int:
    """Return the length in UTF-16, which S3 counts.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/tagging-managing.html
    """
    return len(text.encode("utf-16-le")) // 2


def _invalid_tag(message: str, **fields: str) -> ServiceError:
    return ServiceError("InvalidTag", message, 400, fields=fields)

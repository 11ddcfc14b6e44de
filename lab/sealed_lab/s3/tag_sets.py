# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Tag sets of buckets and objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..errors import ServiceError


def check_tags(tags: Iterable[Mapping[str, str]], limit: int) -> dict[str, str]:
    """Return a tag set as a mapping. Raise InvalidTag or BadRequest as S3 does."""
    found: dict[str, str] = {}
    for tag in tags:
        name, value = tag["Key"], tag.get("Value", "")
        if not name or len(name) > 128:
            raise ServiceError("InvalidTag", "The TagKey you have provided is invalid", 400)
        if len(value) > 256:
            raise ServiceError("InvalidTag", "The TagValue you have provided is invalid", 400)
        if name.lower().startswith("aws:"):
            raise ServiceError("InvalidTag", "System tags cannot be added/updated by requester", 400)
        if name in found:
            raise ServiceError("InvalidTag", "Cannot provide multiple Tags with the same key", 400)
        found[name] = value
    if len(found) > limit:
        raise ServiceError("BadRequest", f"Object tags cannot be greater than {limit}", 400)
    return found


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return a tag set as S3 lists it."""
    return [{"Key": name, "Value": value} for name, value in tags.items()]

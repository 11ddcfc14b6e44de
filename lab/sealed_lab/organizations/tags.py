# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Tags of accounts, units and the root."""

from __future__ import annotations

from ..call import Call, Handler, Output
from ..identity.organizations import Organization
from ..tags import sorted_tag_list
from .access import (
    constraint_violation,
    organizations_error,
    paginate,
    read_tags,
    require_administrator,
    require_management,
)

# Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_tagging.html
_MOST = 50


def _tags_of(call: Call, found: Organization) -> dict[str, str]:
    name = call["ResourceId"]
    member, unit = found.members.get(name), found.units.get(name)
    if member is not None and member.exists(call.now()):
        return member.tags
    if unit is None:
        raise organizations_error("TargetNotFoundException", "You specified a target that doesn't exist.")
    return unit.tags


def list_tags(call: Call) -> Output:
    """List the tags by key."""
    tags = _tags_of(call, require_administrator(call))
    return paginate(call, sorted_tag_list(tags), "Tags", _MOST)


def tag(call: Call) -> Output:
    """Add or replace tags."""
    tags, new = _tags_of(call, require_management(call)), read_tags(call["Tags"])
    if len({*tags, *new}) > _MOST:
        raise constraint_violation(
            "MAX_TAG_LIMIT_EXCEEDED", "You have exceeded the number of tags allowed on this resource."
        )
    tags.update(new)
    return {}


def untag(call: Call) -> Output:
    """Remove tags."""
    tags = _tags_of(call, require_management(call))
    for name in call["TagKeys"]:
        tags.pop(name, None)
    return {}


OPERATIONS: dict[str, Handler] = {"ListTagsForResource": list_tags, "TagResource": tag, "UntagResource": untag}

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Organizational units, and the tree of units and accounts."""

from __future__ import annotations

from typing import Any

from ..call import Call, Handler, Output
from ..identity.organizations import Organization, Unit, random_name
from .access import (
    check_parent,
    constraint_violation,
    organizations_error,
    paginate,
    read_tags,
    require_administrator,
    require_management,
)

# Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
_DEEPEST = 5


def create_unit(call: Call) -> Output:
    """Create a unit in a root or unit."""
    found, parent = require_management(call), call["ParentId"]
    check_parent(found, parent)
    _check_name(found, parent, call["Name"])
    if found.path(parent).count("/ou-") >= _DEEPEST:
        raise constraint_violation(
            "OU_DEPTH_LIMIT_EXCEEDED", "You attempted to create an OU tree that is too many levels deep."
        )
    unit_id = f"ou-{found.root.removeprefix('r-')}-{random_name(8)}"
    unit = found.units[unit_id] = Unit(unit_id, call["Name"], parent, read_tags(call.get("Tags")))
    return {"OrganizationalUnit": _fields(found, unit)}


def _check_name(found: Organization, parent: str, name: str) -> None:
    if any(each.parent == parent and each.name == name for each in found.units.values()):
        raise organizations_error("DuplicateOrganizationalUnitException", "An OU with the same name already exists.")


def _fields(found: Organization, unit: Unit) -> dict[str, Any]:
    return {
        "Id": unit.unit_id,
        "Arn": found.arn("ou", unit.unit_id),
        "Name": unit.name,
        "Path": found.path(unit.unit_id),
    }


def _find_unit(call: Call, found: Organization) -> Unit:
    unit = found.units.get(call["OrganizationalUnitId"])
    if unit is None:
        raise organizations_error(
            "OrganizationalUnitNotFoundException", "You specified an organizational unit that doesn't exist."
        )
    return unit


def describe_unit(call: Call) -> Output:
    """Return one unit."""
    found = require_administrator(call)
    return {"OrganizationalUnit": _fields(found, _find_unit(call, found))}


def update_unit(call: Call) -> Output:
    """Rename a unit."""
    found = require_management(call)
    unit, name = _find_unit(call, found), call.get("Name")
    if name is not None and name != unit.name:
        _check_name(found, unit.parent, name)
        unit.name = name
    return {"OrganizationalUnit": _fields(found, unit)}


def delete_unit(call: Call) -> Output:
    """Delete a unit. It must be empty."""
    found = require_management(call)
    unit = _find_unit(call, found)
    parents = {*(each.parent for each in found.units.values()), *(each.parent for each in found.members.values())}
    if unit.unit_id in parents:
        raise organizations_error(
            "OrganizationalUnitNotEmptyException", "The specified OU is not empty. Move all accounts and OUs first."
        )
    del found.units[unit.unit_id]
    return {}


def list_units(call: Call) -> Output:
    """List the units that are directly in a root or unit."""
    found, parent = require_administrator(call), call["ParentId"]
    check_parent(found, parent)
    units = [_fields(found, each) for each in found.units.values() if each.parent == parent]
    return paginate(call, units, "OrganizationalUnits")


def list_parents(call: Call) -> Output:
    """Return the root or unit in which an account or unit is."""
    found, child = require_administrator(call), call["ChildId"]
    member, unit = found.members.get(child), found.units.get(child)
    if member is not None and member.exists(call.now()):
        parent = member.parent
    elif unit is not None:
        parent = unit.parent
    else:
        raise organizations_error("ChildNotFoundException", "You specified a child that doesn't exist.")
    kind = "ROOT" if parent == found.root else "ORGANIZATIONAL_UNIT"
    return paginate(call, [{"Id": parent, "Type": kind}], "Parents")


def list_children(call: Call) -> Output:
    """List the accounts or the units that are directly in a root or unit."""
    found, parent, kind = require_administrator(call), call["ParentId"], call["ChildType"]
    check_parent(found, parent)
    if kind == "ACCOUNT":
        names = [each.number for each in found.live_members(call.now()) if each.parent == parent]
    else:
        names = [each.unit_id for each in found.units.values() if each.parent == parent]
    return paginate(call, [{"Id": name, "Type": kind} for name in names], "Children")


OPERATIONS: dict[str, Handler] = {
    "CreateOrganizationalUnit": create_unit,
    "DescribeOrganizationalUnit": describe_unit,
    "UpdateOrganizationalUnit": update_unit,
    "DeleteOrganizationalUnit": delete_unit,
    "ListOrganizationalUnitsForParent": list_units,
    "ListParents": list_parents,
    "ListChildren": list_children,
}

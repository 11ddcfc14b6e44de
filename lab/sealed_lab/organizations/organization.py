# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The organization itself and its root."""

from __future__ import annotations

from typing import Any

from ..call import Call, Handler, Output
from ..identity.organizations import Member, Organization, Unit, random_name
from ..identity.permission import require_permission
from .access import organizations_error, paginate, require_administrator, require_management, require_member


def create_organization(call: Call) -> Output:
    """Create an organization. The caller's account becomes its management account."""
    require_permission(call, "organizations:CreateOrganization")
    state = call.lab.state.directory.organizations
    if state.of_account(call.account) is not None:
        raise organizations_error(
            "AlreadyInOrganizationException", "The provided account is already a member of an organization."
        )
    root = f"r-{random_name(4)}"
    found = Organization(
        f"o-{random_name(10)}", call.account, call.partition, call.get("FeatureSet", "ALL"), root,
        units={root: Unit(root, "Root")},
    )  # fmt: skip
    email = f"root@{call.account}.example"
    found.members[call.account] = Member(call.account, "management", email, root, call.now(), "INVITED")
    state.organizations[found.organization_id] = found
    return {"Organization": _fields(found)}


def _fields(found: Organization) -> dict[str, Any]:
    scp = {"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}
    return {
        "Id": found.organization_id,
        "Arn": found.arn("organization"),
        "FeatureSet": found.features,
        "MasterAccountArn": found.arn("account", found.management),
        "MasterAccountId": found.management,
        "MasterAccountEmail": found.members[found.management].email,
        "AvailablePolicyTypes": [scp] if found.features == "ALL" else [],
    }


def describe_organization(call: Call) -> Output:
    """Return the organization. Every account in it may call this."""
    return {"Organization": _fields(require_member(call))}


def delete_organization(call: Call) -> Output:
    """Delete the organization. It must have no other account."""
    found = require_management(call)
    if len(found.members) > 1:
        raise organizations_error(
            "OrganizationNotEmptyException",
            "To delete an organization you must first remove all member accounts (except the master).",
        )
    del call.lab.state.directory.organizations.organizations[found.organization_id]
    return {}


def list_roots(call: Call) -> Output:
    """Return the only root."""
    found = require_administrator(call)
    root = found.units[found.root]
    entry = {"Id": root.unit_id, "Arn": found.arn("root", root.unit_id), "Name": root.name, "PolicyTypes": []}
    return paginate(call, [entry], "Roots")


OPERATIONS: dict[str, Handler] = {
    "CreateOrganization": create_organization,
    "DescribeOrganization": describe_organization,
    "DeleteOrganization": delete_organization,
    "ListRoots": list_roots,
}

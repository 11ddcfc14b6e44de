# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""IAM roles and their trust policies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ..call import Call, Handler, Output
from ..errors import ServiceError
from ..policy_language import PolicyKind, parse_document
from ..tags import tag_list
from .access import (
    check_name,
    delete_conflict,
    entity_already_exists,
    find_role,
    get_authorized_account,
    iam_arn,
    is_taken,
    named_policy,
    paginate,
    tag_mapping,
)
from .policy_principals import StoredPrincipals, unknown_principals
from .records import NamedPolicy, Role, unique_id


def create_role(call: Call) -> Output:
    """Create a role with a valid trust policy."""
    name, path = call["RoleName"], call.get("Path", "/")
    check_name(name, "roleName")
    arn = iam_arn(call, f"role{path}{name}")
    account = get_authorized_account(call, arn)
    trust, trust_ids = _read_trust(call, call["AssumeRolePolicyDocument"])
    if is_taken(name, account.roles):
        raise entity_already_exists(f"Role with name {name} already exists.")
    role = Role(
        name,
        path,
        arn,
        unique_id("AROA"),
        call.now(),
        trust,
        trust_ids,
        call.get("Description", ""),
        call.get("MaxSessionDuration", 3600),
        tags=tag_mapping(call.get("Tags")),
    )
    account.roles[name] = role
    return {"Role": {**_role_fields(call, role), **_tag_fields(role)}}


def _read_trust(call: Call, text: str) -> tuple[NamedPolicy, Mapping[str, str]]:
    """Return a trust policy and the unique ids of its users and roles. With enforcement on, they must exist."""
    policy = named_policy(call, "trust", text, PolicyKind.TRUST)
    directory = call.lab.state.directory
    for name in unknown_principals(policy.parsed, directory) if call.lab.enforcing else ():
        raise ServiceError("MalformedPolicyDocument", f'Invalid principal in policy: "AWS":"{name}"', 400)
    principals = StoredPrincipals.of(policy.parsed, directory)
    evaluated = parse_document(principals.for_evaluation(json.loads(text)), PolicyKind.TRUST)
    return NamedPolicy(policy.name, text, evaluated), principals.ids


def _trust_text(call: Call, role: Role) -> str:
    """Return the trust policy, with the unique ids of users and roles that were deleted since."""
    document = json.loads(role.trust.text)
    shown = StoredPrincipals(role.trust_ids).for_reading(document, call.lab.state.directory)
    return role.trust.text if shown == document else json.dumps(shown)


def _role_fields(call: Call, role: Role) -> dict[str, Any]:
    """Return what every operation shows of a role. Policy documents are URL-encoded."""
    entry: dict[str, Any] = {
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.role_id,
        "Arn": role.arn,
        "CreateDate": role.created,
        "AssumeRolePolicyDocument": quote(_trust_text(call, role), safe=""),
    }
    if role.description:
        entry["Description"] = role.description
    return entry


def _tag_fields(role: Role) -> dict[str, Any]:
    return {"Tags": tag_list(role.tags)} if role.tags else {}


def get_role(call: Call) -> Output:
    """Return one role."""
    role = find_role(call)[1]
    fields = {
        **_role_fields(call, role),
        "MaxSessionDuration": role.max_session,
        "RoleLastUsed": {},
        **_tag_fields(role),
    }
    return {"Role": fields}


def list_roles(call: Call) -> Output:
    """List the roles by name, without their tags."""
    account = get_authorized_account(call)
    prefix = call.get("PathPrefix", "/")
    roles = [account.roles[name] for name in sorted(account.roles) if account.roles[name].path.startswith(prefix)]
    return paginate(
        call, [{**_role_fields(call, role), "MaxSessionDuration": role.max_session} for role in roles], "Roles"
    )


def delete_role(call: Call) -> Output:
    """Delete a role. It must have no policies."""
    account, role = find_role(call)
    if role.inline:
        raise delete_conflict("Cannot delete entity, must delete policies first.")
    if role.attached:
        raise delete_conflict("Cannot delete entity, must detach all policies first.")
    del account.roles[role.name]
    return {}


def update_assume_role_policy(call: Call) -> Output:
    """Replace the trust policy."""
    _, role = find_role(call)
    role.trust, role.trust_ids = _read_trust(call, call["PolicyDocument"])
    return {}


def tag_role(call: Call) -> Output:
    """Add or replace tags."""
    find_role(call)[1].tags.update(tag_mapping(call["Tags"]))
    return {}


def untag_role(call: Call) -> Output:
    """Remove tags."""
    role = find_role(call)[1]
    for name in call["TagKeys"]:
        role.tags.pop(name, None)
    return {}


def list_role_tags(call: Call) -> Output:
    """List the tags."""
    return paginate(call, tag_list(find_role(call)[1].tags), "Tags")


OPERATIONS: dict[str, Handler] = {
    "CreateRole": create_role,
    "GetRole": get_role,
    "ListRoles": list_roles,
    "DeleteRole": delete_role,
    "UpdateAssumeRolePolicy": update_assume_role_policy,
    "TagRole": tag_role,
    "UntagRole": untag_role,
    "ListRoleTags": list_role_tags,
}

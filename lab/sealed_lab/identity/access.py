# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""What IAM's operations have in common: permission, names, and its errors."""

from __future__ import annotations

import re
from typing import Any

from ..call import Call
from ..errors import ServiceError
from ..policy_language import Policy, PolicyError, PolicyKind, parse_policy
from .records import Account, ManagedPolicy, NamedPolicy, Role, User

_NAME = re.compile(r"[\w+=,.@-]+")


def get_authorized_account(call: Call, resource: str = "*") -> Account:
    """The caller's account, after asking whether it may do this operation on this resource."""
    call.lab.authorizer.require(call.caller, f"iam:{call.operation.name}", resource, call.account)
    return call.lab.state.directory.account(call.account)


def no_such_entity(message: str) -> ServiceError:
    """IAM's NoSuchEntity."""
    return ServiceError("NoSuchEntity", message, 404)


def entity_already_exists(message: str) -> ServiceError:
    """IAM's EntityAlreadyExists."""
    return ServiceError("EntityAlreadyExists", message, 409)


def delete_conflict(message: str) -> ServiceError:
    """IAM's DeleteConflict."""
    return ServiceError("DeleteConflict", message, 409)


def check_name(name: str, what: str) -> None:
    """Names of users, roles and policies."""
    if not _NAME.fullmatch(name):
        raise ServiceError(
            "ValidationError",
            f"The specified value for {what} is invalid. It must contain only alphanumeric characters and/or the "
            "following: +=,.@_-",
            400,
        )


def read_policy(text: str, kind: PolicyKind = PolicyKind.IDENTITY) -> Policy:
    """A valid document, or MalformedPolicyDocument."""
    try:
        return parse_policy(text, kind)
    except PolicyError as exc:
        raise ServiceError("MalformedPolicyDocument", exc.message, 400) from exc


def named_policy(name: str, text: str, kind: PolicyKind = PolicyKind.IDENTITY) -> NamedPolicy:
    """A policy with its text."""
    return NamedPolicy(name, text, read_policy(text, kind))


def find_user(call: Call) -> tuple[Account, User]:
    """The user that the call names (or the caller itself)."""
    name = call.get("UserName")
    if name is None:
        name = call.caller.arn.rpartition("/")[2]
    user = call.lab.state.directory.account(call.account).users.get(name)
    account = get_authorized_account(call, user.arn if user else f"arn:aws:iam::{call.account}:user/{name}")
    if user is None:
        raise no_such_entity(f"The user with name {name} cannot be found.")
    return account, user


def find_role(call: Call) -> tuple[Account, Role]:
    """The role that the call names."""
    name = call["RoleName"]
    role = call.lab.state.directory.account(call.account).roles.get(name)
    account = get_authorized_account(call, role.arn if role else f"arn:aws:iam::{call.account}:role/{name}")
    if role is None:
        raise no_such_entity(f"The role with name {name} cannot be found.")
    return account, role


def find_managed_policy(call: Call) -> tuple[Account, ManagedPolicy]:
    """The customer managed policy that the call names."""
    account = get_authorized_account(call, call["PolicyArn"])
    policy = account.policies.get(call["PolicyArn"])
    if policy is None:
        raise no_such_entity(f"Policy {call['PolicyArn']} was not found.")
    return account, policy


def tag_list(tags: dict[str, str]) -> list[dict[str, str]]:
    """Tags in an answer."""
    return [{"Key": name, "Value": value} for name, value in tags.items()]


def tag_mapping(tags: list[dict[str, str]] | None) -> dict[str, str]:
    """Tags from a request."""
    return {tag["Key"]: tag["Value"] for tag in tags or []}


def paginate(call: Call, items: list[Any], name: str) -> dict[str, Any]:
    """``MaxItems``, ``Marker`` and ``IsTruncated``."""
    try:
        start = int(call.get("Marker") or 0)
    except ValueError as exc:
        raise ServiceError("ValidationError", "Invalid Marker.", 400) from exc
    limit = call.get("MaxItems") or 100
    result: dict[str, Any] = {name: items[start : start + limit], "IsTruncated": start + limit < len(items)}
    if result["IsTruncated"]:
        result["Marker"] = str(start + limit)
    return result

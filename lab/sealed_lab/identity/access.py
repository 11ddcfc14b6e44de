# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""What the operations of IAM share: permission checks, names, errors and pagination."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ..call import Call
from ..errors import ServiceError
from ..policy_language import Policy, PolicyError, PolicyKind, check_partition, parse_policy
from .records import Account, ManagedPolicy, NamedPolicy, Role, User

_NAME = re.compile(r"[\w+=,.@-]+")


def get_authorized_account(call: Call, resource: str = "*") -> Account:
    """Return the caller's account. Raise AccessDenied unless the caller may do this operation on this resource."""
    call.lab.authorizer.require(call.caller, f"iam:{call.operation.name}", resource, call.account)
    return call.lab.state.directory.account(call.account, call.partition)


def iam_arn(call: Call, name: str) -> str:
    """Return the ARN of something in the caller's account, such as ``user/zoe``."""
    return f"arn:{call.partition}:iam::{call.account}:{name}"


def no_such_entity(message: str) -> ServiceError:
    """Return IAM's NoSuchEntity error."""
    return ServiceError("NoSuchEntity", message, 404)


def entity_already_exists(message: str) -> ServiceError:
    """Return IAM's EntityAlreadyExists error."""
    return ServiceError("EntityAlreadyExists", message, 409)


def delete_conflict(message: str) -> ServiceError:
    """Return IAM's DeleteConflict error."""
    return ServiceError("DeleteConflict", message, 409)


def check_name(name: str, what: str) -> None:
    """Raise ValidationError for an invalid name of a user, role or policy."""
    if not _NAME.fullmatch(name):
        raise ServiceError(
            "ValidationError",
            f"The specified value for {what} is invalid. It must contain only alphanumeric characters and/or the "
            "following: +=,.@_-",
            400,
        )


def read_policy(call: Call, text: str, kind: PolicyKind = PolicyKind.IDENTITY) -> Policy:
    """Parse a policy document. Raise MalformedPolicyDocument if it is not valid in the partition of the call."""
    try:
        policy = parse_policy(text, kind)
        check_partition(policy, call.partition)
        return policy
    except PolicyError as exc:
        raise ServiceError("MalformedPolicyDocument", exc.message, 400) from exc


def named_policy(call: Call, name: str, text: str, kind: PolicyKind = PolicyKind.IDENTITY) -> NamedPolicy:
    """Parse a policy document, and keep its text."""
    return NamedPolicy(name, text, read_policy(call, text, kind))


def find_user(call: Call) -> tuple[Account, User]:
    """Return the user that the request names, or the caller if it names none."""
    name = call.get("UserName")
    if name is None:
        name = call.caller.arn.rpartition("/")[2]
    user = call.lab.state.directory.account(call.account, call.partition).users.get(name)
    account = get_authorized_account(call, user.arn if user else iam_arn(call, f"user/{name}"))
    if user is None:
        raise no_such_entity(f"The user with name {name} cannot be found.")
    return account, user


def find_role(call: Call) -> tuple[Account, Role]:
    """Return the role that the request names."""
    name = call["RoleName"]
    role = call.lab.state.directory.account(call.account, call.partition).roles.get(name)
    account = get_authorized_account(call, role.arn if role else iam_arn(call, f"role/{name}"))
    if role is None:
        raise no_such_entity(f"The role with name {name} cannot be found.")
    return account, role


def find_managed_policy(call: Call) -> tuple[Account, ManagedPolicy]:
    """Return the customer managed policy that the request names."""
    account = get_authorized_account(call, call["PolicyArn"])
    policy = account.policies.get(call["PolicyArn"])
    if policy is None:
        raise no_such_entity(f"Policy {call['PolicyArn']} was not found.")
    return account, policy


def tag_mapping(tags: list[dict[str, str]] | None) -> dict[str, str]:
    """Return the tags of a request as a mapping."""
    return {tag["Key"]: tag["Value"] for tag in tags or []}


def paginate(call: Call, items: list[Any], name: str) -> dict[str, Any]:
    """Return one page with ``IsTruncated`` and ``Marker``, by the parameters ``MaxItems`` and ``Marker``."""
    try:
        start = int(call.get("Marker") or 0)
    except ValueError as exc:
        raise ServiceError("ValidationError", "Invalid Marker.", 400) from exc
    limit = call.get("MaxItems") or 100
    result: dict[str, Any] = {name: items[start : start + limit], "IsTruncated": start + limit < len(items)}
    if result["IsTruncated"]:
        result["Marker"] = str(start + limit)
    return result


def is_taken(name: str, names: Iterable[str]) -> bool:
    """Return whether a name exists. IAM does not distinguish names by case, also not those with different paths.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html
    """
    return name.casefold() in {each.casefold() for each in names}

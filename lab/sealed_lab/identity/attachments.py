# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Inline and attached policies of users and roles."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from ..call import Call, Handler, Output
from ..errors import ServiceError
from .access import check_name, find_role, find_user, named_policy, no_such_entity, paginate
from .records import Account, Role, User

Find = Callable[[Call], tuple[Account, User] | tuple[Account, Role]]


def _inline_policy_handlers(noun: str, find: Find) -> dict[str, Handler]:
    """Return the handlers of PutUserPolicy, PutRolePolicy and the other operations on inline policies."""

    def put(call: Call) -> Output:
        _, holder = find(call)
        check_name(call["PolicyName"], "policyName")
        holder.inline[call["PolicyName"]] = named_policy(call, call["PolicyName"], call["PolicyDocument"])
        return {}

    def get(call: Call) -> Output:
        _, holder = find(call)
        policy = holder.inline.get(call["PolicyName"])
        if policy is None:
            raise no_such_entity(f"The {noun.lower()} policy with name {call['PolicyName']} cannot be found.")
        return {f"{noun}Name": holder.name, "PolicyName": policy.name, "PolicyDocument": quote(policy.text, safe="")}

    def delete(call: Call) -> Output:
        _, holder = find(call)
        if holder.inline.pop(call["PolicyName"], None) is None:
            raise no_such_entity(f"The {noun.lower()} policy with name {call['PolicyName']} cannot be found.")
        return {}

    def list_all(call: Call) -> Output:
        _, holder = find(call)
        return paginate(call, sorted(holder.inline), "PolicyNames")

    return {
        f"Put{noun}Policy": put,
        f"Get{noun}Policy": get,
        f"Delete{noun}Policy": delete,
        f"List{noun}Policies": list_all,
    }


def _attached_policy_handlers(noun: str, find: Find) -> dict[str, Handler]:
    """Return the handlers of AttachUserPolicy, AttachRolePolicy and the other operations on attached policies."""

    def attach(call: Call) -> Output:
        account, holder = find(call)
        arn = call["PolicyArn"]
        if not arn.startswith("arn:"):
            raise ServiceError("ValidationError", "Invalid ARN:  Could not be parsed!", 400)
        if call.lab.state.directory.managed_policy(account, arn) is None:
            raise no_such_entity(f"Policy {arn} does not exist or is not attachable.")
        holder.attached[arn] = None
        return {}

    def detach(call: Call) -> Output:
        _, holder = find(call)
        if call["PolicyArn"] not in holder.attached:
            raise no_such_entity(f"Policy {call['PolicyArn']} was not found.")
        del holder.attached[call["PolicyArn"]]
        return {}

    def list_all(call: Call) -> Output:
        _, holder = find(call)
        entries = [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in holder.attached]
        return paginate(call, entries, "AttachedPolicies")

    return {
        f"Attach{noun}Policy": attach,
        f"Detach{noun}Policy": detach,
        f"ListAttached{noun}Policies": list_all,
    }


OPERATIONS: dict[str, Handler] = {
    **_inline_policy_handlers("User", find_user),
    **_inline_policy_handlers("Role", find_role),
    **_attached_policy_handlers("User", find_user),
    **_attached_policy_handlers("Role", find_role),
}

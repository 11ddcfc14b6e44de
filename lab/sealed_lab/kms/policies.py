# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Key policies: validation, the lockout safety check, reading and writing."""

from __future__ import annotations

from ..call import Call, Handler, Output
from ..errors import ServiceError
from ..identity.directory import Directory
from ..policy_language import Policy, PolicyError, PolicyKind, check_partition, parse_policy, would_lock_out
from .access import get_authorized_key

_INVALID_PRINCIPALS = "Policy contains a statement with one or more invalid principals."
_LOCKOUT = "The new key policy will not allow you to update the key policy in the future."


def read_policy(call: Call, text: str, account: str) -> Policy:
    """Parse a key policy.

    Raise MalformedPolicyDocumentException if it is not valid, or if it locks out the caller.
    """
    try:
        policy = parse_policy(text, PolicyKind.KEY)
        check_partition(policy, call.partition)
    except PolicyError as exc:
        raise ServiceError("MalformedPolicyDocumentException", exc.message, 400) from exc
    _check_principals(call, policy)
    if not call.get("BypassPolicyLockoutSafetyCheck") and would_lock_out(policy, call.caller.principal, account, None):
        raise ServiceError("MalformedPolicyDocumentException", _LOCKOUT, 400)
    return policy


def _check_principals(call: Call, policy: Policy) -> None:
    """Refuse a principal that does not exist.

    Only with enforcement on, and for accounts that the lab knows: named users and roles, and unique ids, must exist.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    if not call.lab.enforcing:
        return
    directory = call.lab.state.directory
    ids = _unique_ids(directory)
    for arn in policy.named_principals():
        if arn.startswith(("AIDA", "AROA")) and arn not in ids:
            raise ServiceError("MalformedPolicyDocumentException", _INVALID_PRINCIPALS, 400)
        arn_parts = arn.split(":", 5)
        if len(arn_parts) != 6 or arn_parts[2] != "iam" or arn_parts[4] not in directory.accounts:
            continue
        account = directory.accounts[arn_parts[4]]
        kind, _, name = arn_parts[5].partition("/")
        entity_name = name.rpartition("/")[2]
        if (kind == "user" and entity_name not in account.users) or (
            kind == "role" and entity_name not in account.roles
        ):
            raise ServiceError("MalformedPolicyDocumentException", _INVALID_PRINCIPALS, 400)


def _unique_ids(directory: Directory) -> set[str]:
    """Return the unique ids of all existing users and roles. AWS accepts them in place of ARNs."""
    return {
        unique_id
        for account in directory.accounts.values()
        for unique_id in (
            *(user.user_id for user in account.users.values()),
            *(role.role_id for role in account.roles.values()),
        )
    }


def get_key_policy(call: Call) -> Output:
    """Return the original text of the policy."""
    key = get_authorized_key(call)
    if call.get("PolicyName", "default") != "default":
        raise ServiceError("NotFoundException", "No such policy exists", 400)
    return {"Policy": key.policy_text, "PolicyName": "default"}


def put_key_policy(call: Call) -> Output:
    """Replace the policy."""
    key = get_authorized_key(call)
    if key.manager == "AWS":
        raise ServiceError(
            "AccessDeniedException",
            f"User: {call.caller.arn} is not authorized to perform: kms:PutKeyPolicy on resource: {key.arn}",
            400,
        )
    if call.get("PolicyName", "default") != "default":
        raise ServiceError("UnsupportedOperationException", "The only valid policy name is default.", 400)
    policy = read_policy(call, call["Policy"], key.account)
    key.policy, key.policy_text = policy, call["Policy"]
    return {}


def list_key_policies(call: Call) -> Output:
    """Return the only policy name, ``default``."""
    get_authorized_key(call)
    return {"PolicyNames": ["default"], "Truncated": False}


OPERATIONS: dict[str, Handler] = {
    "GetKeyPolicy": get_key_policy,
    "PutKeyPolicy": put_key_policy,
    "ListKeyPolicies": list_key_policies,
}

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Key policies: validation, the lockout safety check, reading and writing."""

from __future__ import annotations

from ..call import Call, Handler, Output
from ..errors import ServiceError
from ..identity.policy_principals import unknown_principals
from ..policy_language import Policy, PolicyError, PolicyKind, check_partition, parse_policy, would_lock_out
from .access import get_authorized_key
from .key_policy import KeyPolicy
from .keys import Key

_INVALID_PRINCIPALS = "Policy contains a statement with one or more invalid principals."
_LOCKOUT = "The new key policy will not allow you to update the key policy in the future."


def read_policy(call: Call, text: str, account: str) -> KeyPolicy:
    """Parse a key policy.

    Raise MalformedPolicyDocumentException if it is not valid, or if it locks out the caller, and LimitExceededException
    if it is too long.
    """
    try:
        policy = parse_policy(text, PolicyKind.KEY)
        check_partition(policy, call.partition)
    except PolicyError as exc:
        raise ServiceError(exc.error_code, exc.message, 400) from exc
    _check_principals(call, policy)
    if not call.get("BypassPolicyLockoutSafetyCheck") and would_lock_out(policy, call.caller.principal, account, None):
        raise ServiceError("MalformedPolicyDocumentException", _LOCKOUT, 400)
    return KeyPolicy.store(text, policy, call.lab.state.directory)


def _check_principals(call: Call, policy: Policy) -> None:
    """Refuse a user or role that does not exist. Only with enforcement on, and in accounts that the lab knows.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    if call.lab.enforcing and unknown_principals(policy, call.lab.state.directory):
        raise ServiceError("MalformedPolicyDocumentException", _INVALID_PRINCIPALS, 400)


def shown_policy(call: Call, key: Key) -> str:
    """Return the text of the policy of a key, as KMS returns it."""
    return key.policy.shown(call.lab.state.directory, key.arn.split(":")[1])


def get_key_policy(call: Call) -> Output:
    """Return the text of the policy, with the unique ids of users and roles that were deleted."""
    key = get_authorized_key(call)
    if call.get("PolicyName", "default") != "default":
        raise ServiceError("NotFoundException", "No such policy exists", 400)
    return {"Policy": shown_policy(call, key), "PolicyName": "default"}


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
    key.policy = read_policy(call, call["Policy"], key.account)
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

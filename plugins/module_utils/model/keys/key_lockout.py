# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Detection of key policies that the caller could not change again, before such a policy is written.

KMS has a check of its own, which also knows the caller's IAM policies. A policy that passes both can be managed.
Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#prevent-unmanageable-key
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from ..arn import Arn
from ..errors import Failure, FailureKind, OperationError
from ..iam.policy_document import Statement, normal_statement, parse_policy, statements
from .desired_key import PolicyScope

_ACTION = "kms:putkeypolicy"


def require_manageable(policy: str, scope: PolicyScope, caller: Arn) -> None:
    """Raise OperationError if the caller (the ARN from GetCallerIdentity) could not change this policy again."""
    found = statements(parse_policy(policy))
    allowing = [each for each in found if each.get("Effect") == "Allow" and _applies(each, scope)]
    names = {*_principal_names(caller), scope.account, "*"}
    if any(_principal_matches(statement, names) for statement in allowing):
        denied = [each for each in found if each.get("Effect") == "Deny" and _statement_denies(each, caller, scope)]
        if not denied:
            return
        reason = f"its statement {denied[0].get('Sid') or 'without a Sid'} denies kms:PutKeyPolicy to {caller}"
    elif allowing:
        reason = f"others can change it, but {caller} cannot and would be locked out"
    else:
        reason = "no principal can change it without a condition, so the key could not be managed any more"
    raise OperationError(
        Failure(
            FailureKind.INVALID,
            f"This key policy is not written: {reason}.",
            f"Allow kms:PutKeyPolicy to {scope.root}, or to the principal of these credentials.",
            action="kms:PutKeyPolicy",
        )
    )


def _principal_names(caller: Arn) -> set[str]:
    """The names by which a policy can name the caller.

    For a session these are its own ARN and that of its role. The ARN of a session does not include the path of the
    role, so the last name is a pattern.
    """
    if caller.resource_type != "assumed-role":
        return {str(caller)}
    role = caller.resource_id.partition("/")[0]
    return {
        str(caller),
        str(Arn(caller.partition, "iam", "", caller.account, f"role/{role}")),
        f"*:iam::{caller.account}:role/*/{role}",
    }


def _applies(statement: Statement, scope: PolicyScope) -> bool:
    """Whether a statement covers PutKeyPolicy on this key, without a condition that might not be met."""
    normal = normal_statement(statement)
    prefix = f"arn:{scope.partition}:kms:{scope.region}:{scope.account}:key/"
    resources = normal.get("NotResource", normal.get("Resource"))
    if resources is None:
        return False
    matches = any(resource.startswith(prefix) or fnmatchcase(f"{prefix}id", resource) for resource in resources)
    return (
        _action_matches(normal)
        and matches != ("NotResource" in normal)
        and all(_condition_met(condition, scope) for condition in normal.get("Condition", ()))
    )


def _condition_met(condition: tuple[str, str, frozenset[str]], scope: PolicyScope) -> bool:
    """Whether every caller in the account of the key meets a condition."""
    operator, key, values = condition
    return operator == "StringEquals" and key == "kms:calleraccount" and scope.account in values


def _action_matches(normal: dict[str, Any]) -> bool:
    if "NotAction" in normal:
        return not any(fnmatchcase(_ACTION, pattern) for pattern in normal["NotAction"])
    return any(fnmatchcase(_ACTION, pattern) for pattern in normal.get("Action", ()))


def _principal_matches(statement: Statement, names: set[str]) -> bool:
    principals = normal_statement(statement).get("Principal", ())
    return any(kind == "AWS" and any(_matches_arn(principal, name) for name in names) for kind, principal in principals)


def _statement_denies(statement: Statement, caller: Arn, scope: PolicyScope) -> bool:
    """Whether a statement certainly denies PutKeyPolicy to the caller.

    A statement with a condition that might not be met is left to KMS's own check.
    """
    if not _applies(statement, scope):
        return False
    if "NotPrincipal" in normal_statement(statement):
        return not _not_principal_exempts(statement, caller, scope)
    return _principal_matches(statement, {*_principal_names(caller), scope.account, "*"})


def _not_principal_exempts(statement: Statement, caller: Arn, scope: PolicyScope) -> bool:
    """Whether NotPrincipal exempts the caller. AWS requires both the account and the user or role to be listed.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    """
    listed = {name for kind, name in normal_statement(statement)["NotPrincipal"] if kind == "AWS"}
    if "*" in listed:
        return True
    names = _principal_names(caller)
    by_name = scope.root in names or any(_matches_arn(principal, name) for principal in listed for name in names)
    return by_name and caller.account in listed


def _matches_arn(principal: str, name: str) -> bool:
    """Whether a principal of a policy is this name, or matches it if the name is a pattern."""
    return principal == name or (name.startswith("*:") and fnmatchcase(principal, name))

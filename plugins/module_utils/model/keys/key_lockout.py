# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Key policies that nobody could change again, told before they are written.

KMS makes a check of its own, which knows the caller's IAM policies as well. What passes both can be managed.
Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#prevent-unmanageable-key
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from ..errors import Failure, FailureKind, OperationError
from ..iam.policy_document import Statement, normal_statement, parse_policy, statements
from .key_policy import PolicyScope

_ACTION = "kms:putkeypolicy"


def require_manageable(policy: str, scope: PolicyScope, caller: str) -> None:
    """Raise OperationError where the caller (an ARN as GetCallerIdentity tells it) could not change this policy
    again."""
    found = statements(parse_policy(policy))
    allowing = [statement for statement in found if statement.get("Effect") == "Allow" and _applies(statement, scope)]
    own = _names_of(caller)
    names = own | {scope.account, "*"}
    if any(_means(statement, names) for statement in allowing):
        denied = [each for each in found if each.get("Effect") == "Deny" and _denies(each, own, scope)]
        if not denied:
            return
        reason = f"its statement {denied[0].get('Sid') or 'without a Sid'} denies kms:PutKeyPolicy to {caller}"
    elif allowing:
        reason = f"it lets others change it, but not {caller}, who would be locked out"
    else:
        reason = "it lets nobody change it without a condition, so that nobody could manage the key again"
    raise OperationError(
        Failure(
            FailureKind.INVALID,
            f"This key policy is not written: {reason}.",
            f"Allow kms:PutKeyPolicy to {scope.root}, or to the principal of these credentials.",
            action="kms:PutKeyPolicy",
        )
    )


def _names_of(caller: str) -> set[str]:
    """How a policy can name the caller: its ARN, or for a session also its role, whose path the ARN does not tell."""
    parts = caller.split(":")
    pieces = parts[5].split("/")
    if pieces[0] != "assumed-role":
        return {caller}
    return {caller, f"{':'.join(parts[:2])}:iam::{parts[4]}:role/{pieces[1]}", f"*:iam::{parts[4]}:role/*/{pieces[1]}"}


def _applies(statement: Statement, scope: PolicyScope) -> bool:
    """Whether a statement is about changing this key's policy, with no condition that may not hold."""
    normal = normal_statement(statement)
    own = f"arn:{scope.partition}:kms:{scope.region}:{scope.account}:key/"
    listed = normal.get("NotResource", normal.get("Resource"))
    if listed is None:
        return False
    named = any(resource.startswith(own) or fnmatchcase(f"{own}id", resource) for resource in listed)
    return (
        _acts(normal)
        and named != ("NotResource" in normal)
        and all(_holds(condition, scope) for condition in normal.get("Condition", ()))
    )


def _holds(condition: tuple[str, str, frozenset[str]], scope: PolicyScope) -> bool:
    operator, key, values = condition
    return operator == "StringEquals" and key == "kms:calleraccount" and scope.account in values


def _acts(normal: dict[str, Any]) -> bool:
    if "NotAction" in normal:
        return not any(fnmatchcase(_ACTION, pattern) for pattern in normal["NotAction"])
    return any(fnmatchcase(_ACTION, pattern) for pattern in normal.get("Action", ()))


def _means(statement: Statement, names: set[str]) -> bool:
    principals = normal_statement(statement).get("Principal", ())
    return any(kind == "AWS" and any(_is(principal, name) for name in names) for kind, principal in principals)


def _denies(statement: Statement, own: set[str], scope: PolicyScope) -> bool:
    """Whether a statement surely denies it: one with a condition that may not hold is left to KMS's own check."""
    if not _applies(statement, scope):
        return False
    if "NotPrincipal" in normal_statement(statement):
        return not _spares(statement, own, scope)
    return _means(statement, own | {scope.account, "*"})


def _spares(statement: Statement, own: set[str], scope: PolicyScope) -> bool:
    """Whether a NotPrincipal names the caller, which takes the account besides the user or role.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    """
    listed = {name for kind, name in normal_statement(statement)["NotPrincipal"] if kind == "AWS"}
    if "*" in listed:
        return True
    by_name = scope.root in own or any(_is(principal, name) for principal in listed for name in own)
    return by_name and any(name.split(":")[4] in listed for name in own)


def _is(principal: str, name: str) -> bool:
    return principal == name or (name.startswith("*:") and fnmatchcase(principal, name))

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

from .errors import Failure, FailureKind, Refused
from .key_policy import PolicyScope
from .policy_document import Statement, normal_statement, parse_policy, statements

_ACTION = "kms:putkeypolicy"


def require_manageable(policy: str, scope: PolicyScope, caller: str) -> None:
    """Raise Refused where the caller (an ARN as GetCallerIdentity tells it) could not change this policy again."""
    found = statements(parse_policy(policy))
    allowing = [statement for statement in found if statement.get("Effect") == "Allow" and _applies(statement, scope)]
    names = _names_of(caller) | {scope.account, "*"}
    if any(_means(statement, names) for statement in allowing):
        denied = [each for each in found if each.get("Effect") == "Deny" and _denies(each, names)]
        if not denied:
            return
        reason = f"its statement {denied[0].get('Sid') or 'without a Sid'} denies kms:PutKeyPolicy to {caller}"
    elif allowing:
        reason = f"it lets others change it, but not {caller}, who would be locked out"
    else:
        reason = "it lets nobody change it without a condition, so that nobody could manage the key again"
    raise Refused(
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
    resources = normal.get("Resource", ())
    return (
        _acts(normal)
        and any(resource == "*" or resource.startswith(own) for resource in resources)
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


def _denies(statement: Statement, names: set[str]) -> bool:
    """Whether a statement surely denies it: one with a condition is left to KMS's own check."""
    normal = normal_statement(statement)
    if not _acts(normal) or normal.get("Condition"):
        return False
    listed = normal.get("NotPrincipal", normal.get("Principal", ()))
    named = any(kind == "AWS" and any(_is(principal, name) for name in names) for kind, principal in listed)
    return named != ("NotPrincipal" in normal)


def _is(principal: str, name: str) -> bool:
    return principal == name or (name.startswith("*:") and fnmatchcase(principal, name))

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Detection of key policies that the caller could not change again, before such a policy is written.

KMS has a check of its own, which also knows the caller's IAM policies. A policy that passes both can be managed.
Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#prevent-unmanageable-key
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..arn import Arn
from ..errors import Failure, FailureKind, OperationError
from ..iam.conditions import Condition, Facts, is_met, one_of, wildcard_match
from ..iam.policy_document import Statement, comparable, normal_statement, parse_policy, statements
from .key_management import account_facts, action_matches, covers_management, resource_matches

if TYPE_CHECKING:
    from .desired_key import PolicyScope


def require_manageable(policy: str, scope: PolicyScope, caller: Arn, current: str | None = None) -> None:
    """Raise OperationError if the caller (the ARN from GetCallerIdentity) could not change this policy again."""
    reason = find_lockout(policy, scope, caller, current)
    if reason:
        raise lockout_error(reason, scope)


def lockout_error(reason: str, scope: PolicyScope) -> OperationError:
    """The exception for a policy that the caller could not change again, for this reason."""
    return OperationError(
        Failure(
            FailureKind.INVALID,
            f"This key policy is not written: {reason}.",
            f"Allow kms:PutKeyPolicy to {scope.root}, or to the principal of these credentials; or set "
            "bypass_policy_lockout_safety_check: true if others are to manage the key.",
            action="kms:PutKeyPolicy",
        )
    )


def find_lockout(policy: str, scope: PolicyScope, caller: Arn, current: str | None = None) -> str | None:
    """Why the caller could not change a policy again; None if it can.

    A policy under which the same principals can change it as under the `current` one locks out no one. KMS itself
    checks whether the caller meets the conditions.
    """
    found = statements(parse_policy(policy))
    before = _management(statements(parse_policy(current)), scope) if current else frozenset()
    if before and before == _management(found, scope):
        return None
    return _reason(found, scope, caller)


def lockout_warning(reason: str, arn: str) -> str:
    """The warning about a policy that is written although it locks out the caller."""
    return (
        f"The new policy of the key {arn} is written although {reason}, because bypass_policy_lockout_safety_check is "
        "set. The next run with these credentials may be refused."
    )


def _management(found: list[Statement], scope: PolicyScope) -> frozenset[str]:
    """The statements that decide who can change the policy."""
    return frozenset(comparable(each) for each in found if covers_management(each, scope))


def _reason(found: list[Statement], scope: PolicyScope, caller: Arn) -> str | None:
    allowing = [each for each in found if each.get("Effect") == "Allow" and _applies(each, scope, caller)]
    names = {*_principal_names(caller), scope.account, "*"}
    if any(_principal_matches(statement, names) for statement in allowing):
        denied = [each for each in found if each.get("Effect") == "Deny" and _statement_denies(each, caller, scope)]
        if not denied:
            return None
        return f"its statement {denied[0].get('Sid') or 'without a Sid'} denies kms:PutKeyPolicy to {caller}"
    if allowing:
        return f"others can change it, but {caller} cannot and would be locked out"
    obstacles = "; ".join(_obstacles(found, scope, caller))
    if obstacles:
        return f"no principal can change it for certain, so the key may become unmanageable ({obstacles})"
    return "no principal can change it, so the key could not be managed any more"


def _obstacles(found: list[Statement], scope: PolicyScope, caller: Arn) -> Iterator[str]:
    """Why each statement that allows PutKeyPolicy does not count."""
    for number, statement in enumerate(found, 1):
        normal = normal_statement(statement)
        if normal.get("Effect") != "Allow" or not action_matches(normal):
            continue
        name = f"the statement {normal.get('Sid') or f'number {number}'}"
        if not resource_matches(normal, scope):
            resources = normal.get("NotResource", normal.get("Resource", ()))
            element = "NotResource" if "NotResource" in normal else "Resource"
            yield f"{name} is not for this key, because its {element} is {', '.join(sorted(resources)) or 'missing'}"
            continue
        unmet = [key for operator, key, values in normal.get("Condition", ())
                 if not is_met((operator, key, values), _possible_facts(caller))]  # fmt: skip
        yield f"{name} has a condition on {', '.join(sorted(set(unmet)))}, which may not be met"


def _principal_names(caller: Arn) -> set[str]:
    """The names by which a policy can name the caller.

    For a session these are its own ARN and that of its role. The ARN of a session does not include the path of the
    role, so the last name is a pattern.
    """
    if caller.resource_type != "assumed-role":
        return {str(caller)}
    return {
        str(caller),
        str(Arn(caller.partition, "iam", "", caller.account, f"role/{_role(caller)}")),
        f"*:iam::{caller.account}:role/*/{_role(caller)}",
    }


def _role(caller: Arn) -> str:
    return caller.resource_id.partition("/")[0]


def _certain_facts(caller: Arn) -> Facts:
    """What is known about the caller. The condition key aws:PrincipalArn of a session is the ARN of its role.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    facts = account_facts(caller.account)
    if caller.resource_type != "assumed-role":
        return {**facts, "aws:principalarn": one_of(str(caller))}
    return {**facts, "aws:principalarn": one_of(f"arn:{caller.partition}:iam::{caller.account}:role/{_role(caller)}")}


def _possible_facts(caller: Arn) -> Facts:
    """The same, with every path that the role of a session may have."""
    certain = _certain_facts(caller)
    if caller.resource_type != "assumed-role":
        return certain
    prefix = f"arn:{caller.partition}:iam::{caller.account}:role/"

    def may_be_caller(value: str) -> bool:
        path, slash, name = value.rpartition("/")
        return bool(slash) and wildcard_match(name, _role(caller)) and _may_begin(f"{path}/", prefix)

    exact = certain["aws:principalarn"]
    return {**certain, "aws:principalarn": lambda value: bool(exact and exact(value)) or may_be_caller(value)}


def _may_begin(pattern: str, prefix: str) -> bool:
    """Whether a text that begins with the prefix can match the pattern."""
    literal = pattern.partition("*")[0].partition("?")[0]
    return literal.startswith(prefix) or (prefix.startswith(literal) and literal != pattern)


def _applies(statement: Statement, scope: PolicyScope, caller: Arn) -> bool:
    """Whether a statement covers PutKeyPolicy on this key, without a condition that the caller might not meet."""
    conditions = normal_statement(statement).get("Condition", ())
    facts = _possible_facts(caller)
    return covers_management(statement, scope) and all(is_met(condition, facts) for condition in conditions)


def _certainly_met(condition: Condition, caller: Arn) -> bool:
    """Whether the caller meets a condition, whatever the path of its role is."""
    return bool(is_met(condition, _certain_facts(caller)) and is_met(condition, _possible_facts(caller)))


def _principal_matches(statement: Statement, names: set[str]) -> bool:
    principals = normal_statement(statement).get("Principal", ())
    return any(kind == "AWS" and any(_matches_arn(principal, name) for name in names) for kind, principal in principals)


def _statement_denies(statement: Statement, caller: Arn, scope: PolicyScope) -> bool:
    """Whether a statement certainly denies PutKeyPolicy to the caller.

    A statement with a condition that might not be met is left to KMS's own check.
    """
    normal = normal_statement(statement)
    if not covers_management(statement, scope):
        return False
    if not all(_certainly_met(condition, caller) for condition in normal.get("Condition", ())):
        return False
    if "NotPrincipal" in normal:
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
    return principal == name or (name.startswith("*:") and wildcard_match(name, principal))

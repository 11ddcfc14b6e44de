# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Who can change a key policy: the statements about kms:PutKeyPolicy on one key.

Only principals of the key's own account can: KMS does not accept PutKeyPolicy from other accounts.
Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..arn import Arn
from ..iam.conditions import Facts, is_met, one_of, wildcard_match
from ..iam.policy_document import Statement, normal_statement
from ..iam.policy_principals import is_unique_id

if TYPE_CHECKING:
    from .desired_key import PolicyScope

_ACTION = "kms:putkeypolicy"
# A new key has no id yet, so only a wildcard matches it.
_NEW_KEY = "\0"


def covers_management(statement: Statement, scope: PolicyScope) -> bool:
    """Whether a statement is about PutKeyPolicy on this key, for any principal and under any condition."""
    normal = normal_statement(statement)
    return action_matches(normal) and resource_matches(normal, scope)


def action_matches(normal: dict[str, Any]) -> bool:
    """Whether the actions of a statement include PutKeyPolicy."""
    if "NotAction" in normal:
        return not any(wildcard_match(pattern, _ACTION) for pattern in normal["NotAction"])
    return any(wildcard_match(pattern, _ACTION) for pattern in normal.get("Action", ()))


def resource_matches(normal: dict[str, Any], scope: PolicyScope) -> bool:
    """Whether the resources of a statement include this key. A statement without a resource applies to nothing."""
    resources = normal.get("NotResource", normal.get("Resource"))
    if resources is None:
        return False
    arn = f"arn:{scope.partition}:kms:{scope.region}:{scope.account}:key/{scope.key_id or _NEW_KEY}"
    return any(wildcard_match(resource, arn) for resource in resources) != ("NotResource" in normal)


def account_facts(account: str) -> Facts:
    """What is known about every direct call of a principal of this account to KMS.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    return {
        "kms:calleraccount": one_of(account),
        "aws:principalaccount": one_of(account),
        # KMS accepts TLS only.
        "aws:securetransport": one_of("true"),
        "aws:principalisawsservice": one_of("false"),
        "aws:viaawsservice": one_of("false"),
        "kms:viaservice": None,
        "kms:encryptioncontext:aws:s3:arn": None,
        "aws:sourceaccount": None,
        "aws:sourcearn": None,
    }


def lets_account_administer(statement: Statement, scope: PolicyScope) -> bool:
    """Whether a statement puts the account in charge of the policy: under no condition that may not be met."""
    normal = normal_statement(statement)
    facts = account_facts(scope.account)
    return (
        normal.get("Effect") == "Allow"
        and ("AWS", scope.account) in normal.get("Principal", ())
        and covers_management(statement, scope)
        and all(is_met(condition, facts) for condition in normal.get("Condition", ()))
    )


def can_be_managed(found: Iterable[Statement], scope: PolicyScope) -> bool:
    """Whether any principal may change the policy, if it meets the conditions of the statement that allows it.

    A user or role that was deleted does not count.
    """
    return any(_may_manage(statement, scope) for statement in found)


def _may_manage(statement: Statement, scope: PolicyScope) -> bool:
    normal = normal_statement(statement)
    facts = account_facts(scope.account)
    return (
        normal.get("Effect") == "Allow"
        and covers_management(statement, scope)
        and any(kind == "AWS" and _is_of_account(name, scope) for kind, name in normal.get("Principal", ()))
        and not any(is_met(condition, facts) is False for condition in normal.get("Condition", ()))
    )


def _is_of_account(name: str, scope: PolicyScope) -> bool:
    if name in ("*", scope.account):
        return True
    arn = Arn.try_parse(name)
    return not is_unique_id(name) and arn is not None and arn.account == scope.account

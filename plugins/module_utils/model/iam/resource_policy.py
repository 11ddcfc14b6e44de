# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a policy that is attached to a bucket, a key or a role says about one principal.

IAM's policy simulator does not read such policies for a role. Conditions are evaluated with what is known about a
request.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from ..arn import Arn
from .conditions import Condition, Facts, is_met, wildcard_match
from .policy_document import Statement, normal_statement, parse_policy, statements
from .policy_kind import PolicyKind


class Effect(Enum):
    """What a policy does to a request. Where a condition is not known to be met, it only may do so."""

    DENIES = "denies"
    ALLOWS = "allows"
    MAY_ALLOW = "may allow"
    NOTHING = "neither allows nor denies"


@dataclass(frozen=True, slots=True)
class Request:
    """One IAM action of a principal on one resource.

    `principals` are the names, in the forms of a policy, that stand for the principal: for a role ("AWS", its ARN), for
    a service ("Service", its name). `accounts` are those that stand for its whole account. Such a name alone allows
    nothing, and it denies. `facts` are what the conditions are evaluated with.
    """

    principals: frozenset[tuple[str, str]]
    iam_action: str
    resource: str
    accounts: frozenset[tuple[str, str]] = frozenset()
    facts: Facts | None = None

    def of_account(self) -> Request:
        """The same request, for a policy that lets the policies of the account decide, as those of keys do."""
        return replace(self, principals=self.principals | self.accounts)


def request_of_role(role: Arn, action: str, resource: str, facts: Facts) -> Request:
    """A request with the credentials of a role."""
    own = frozenset({("AWS", str(role)), ("AWS", "*"), ("*", "*")})
    return Request(own, action, resource, frozenset({("AWS", role.account)}), facts)


def effect_on(policy: str, kind: PolicyKind, request: Request) -> tuple[Effect, str]:
    """What a policy (JSON) does to a request, and the Sid of the deciding statement, empty if it has none.

    A statement that denies decides. Resources are compared as texts, so a request for a pattern such as `bucket/*` is
    covered by a statement for the same or a wider pattern.
    """
    found = list(_effects(statements(parse_policy(policy, kind)), request))
    for effect in (Effect.DENIES, Effect.ALLOWS, Effect.MAY_ALLOW):
        for each, sid in found:
            if each is effect:
                return effect, sid
    return Effect.NOTHING, ""


def _effects(policy: Iterable[Statement], request: Request) -> Iterator[tuple[Effect, str]]:
    for statement in policy:
        normal = normal_statement(statement)
        denies = normal.get("Effect") == "Deny"
        if not _names_principal(normal, request, denies=denies) or not _covers(normal, request):
            continue
        met = _are_met(normal.get("Condition", ()), request.facts or {})
        sid = str(normal.get("Sid", ""))
        if denies and met:
            yield Effect.DENIES, sid
        elif not denies and met is not False:
            yield Effect.ALLOWS if met else Effect.MAY_ALLOW, sid


def _names_principal(normal: Mapping[str, Any], request: Request, *, denies: bool) -> bool:
    names = request.principals | (request.accounts if denies else frozenset())
    if "NotPrincipal" in normal:
        excepted = normal["NotPrincipal"]
        # A session of the role may be excepted by its own name, which nobody knows before.
        sessions = any(":assumed-role/" in name for _kind, name in excepted)
        return denies and not sessions and not excepted & (names | request.accounts)
    return bool(normal.get("Principal", frozenset()) & names)


def _covers(normal: Mapping[str, Any], request: Request) -> bool:
    """Whether the action and the resource are those of a statement. A trust policy has no resource."""
    action = request.iam_action.lower()
    if "NotAction" in normal:
        if any(wildcard_match(each, action) for each in normal["NotAction"]):
            return False
    elif not any(wildcard_match(each, action) for each in normal.get("Action", ())):
        return False
    if "NotResource" in normal:
        return not any(wildcard_match(each, request.resource) for each in normal["NotResource"])
    return any(wildcard_match(each, request.resource) for each in normal.get("Resource", ("*",)))


def _are_met(conditions: Iterable[Condition], facts: Facts) -> bool | None:
    """Whether all conditions are met; None if that is not known of one, and none is known not to be met."""
    found = [_is_met(condition, facts) for condition in conditions]
    if False in found:
        return False
    return None if None in found else True


def _is_met(condition: Condition, facts: Facts) -> bool | None:
    _operator, _key, values = condition
    return None if any("${" in value for value in values) else is_met(condition, facts)

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The IAM policy simulator."""

from __future__ import annotations

from typing import Any

from ..call import Call, Handler, Output
from ..errors import ServiceError, not_implemented
from ..policy_language import Policy, PolicyError, PolicyKind, Principal, Request, evaluate, parse_policy
from .access import get_authorized_account, no_such_entity, paginate


def _unsupported(call: Call) -> None:
    for name in ("PermissionsBoundaryPolicyInputList", "OrderedOrganizationPolicyInputList", "PolicyExclusionList"):
        if call.get(name):
            raise not_implemented(name)


def _policies(call: Call) -> list[Policy]:
    try:
        return [parse_policy(text, PolicyKind.IDENTITY) for text in call.get("PolicyInputList") or []]
    except PolicyError as exc:
        raise ServiceError("InvalidInput", exc.message, 400) from exc


def _results(call: Call, principal: Principal, policies: list[Policy]) -> Output:
    context = {
        entry["ContextKeyName"].lower(): list(entry.get("ContextKeyValues") or [])
        for entry in call.get("ContextEntries") or []
    }
    resource_policy = None
    if call.get("ResourcePolicy"):
        try:
            resource_policy = parse_policy(call["ResourcePolicy"], PolicyKind.RESOURCE)
        except PolicyError as exc:
            raise ServiceError("InvalidInput", exc.message, 400) from exc
    owner = call.get("ResourceOwner") or principal.account
    account = owner.split(":")[4] if owner.startswith("arn:") else owner
    results: list[dict[str, Any]] = []
    for action in call["ActionNames"]:
        for resource in call.get("ResourceArns") or ["*"]:
            decision = evaluate(Request(principal, action, resource, account, context), policies, resource_policy)
            matched = [{"SourcePolicyId": decision.sid}] if decision.sid else []
            result: dict[str, Any] = {
                "EvalActionName": action,
                "EvalResourceName": resource,
                "EvalDecision": decision.simulated,
                "EvalDecisionDetails": {},
                "MatchedStatements": matched,
                "MissingContextValues": [],
            }
            if call.lab.state.directory.organizations.of_account(principal.account) is not None:
                result["OrganizationsDecisionDetail"] = {"AllowedByOrganizations": True}
            if resource != "*":
                specific = {
                    "EvalResourceName": resource,
                    "EvalResourceDecision": decision.simulated,
                    "MatchedStatements": matched,
                    "MissingContextValues": [],
                }
                result["ResourceSpecificResults"] = [specific]
            results.append(result)
    return paginate(call, results, "EvaluationResults")


def simulate_custom_policy(call: Call) -> Output:
    """Evaluate actions for a user that has only the policies of the request."""
    _unsupported(call)
    get_authorized_account(call)
    principal = Principal.from_arn(call.get("CallerArn") or f"arn:{call.partition}:iam::{call.account}:user/simulated")
    return _results(call, principal, _policies(call))


def simulate_principal_policy(call: Call) -> Output:
    """Evaluate actions for a user or role with its own policies and those of the request."""
    _unsupported(call)
    arn = call["PolicySourceArn"]
    account = get_authorized_account(call, arn)
    kind, _, path = arn.split(":", 5)[5].partition("/")
    name = path.rpartition("/")[2]
    holder = account.users.get(name) if kind == "user" else account.roles.get(name) if kind == "role" else None
    if holder is None or holder.arn != arn:
        raise no_such_entity(f"The entity with ARN {arn} cannot be found.")
    principal = Principal.from_arn(arn)
    if kind == "role":
        session = f"arn:{call.partition}:sts::{call.account}:assumed-role/{name}/simulated"
        principal = Principal.from_arn(session, role_arn=arn)
    own = call.lab.state.directory.identity_policies(principal)
    return _results(call, principal, [*own, *_policies(call)])


OPERATIONS: dict[str, Handler] = {
    "SimulateCustomPolicy": simulate_custom_policy,
    "SimulatePrincipalPolicy": simulate_principal_policy,
}

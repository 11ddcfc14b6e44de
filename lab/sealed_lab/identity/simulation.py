# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The IAM policy simulator."""

from __future__ import annotations

import json
from dataclasses import replace
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


# The form of the resource of each service, as EvalResourceName shows it. That of S3 depends on whether there is a key.
_BUCKET, _OBJECT = "arn:${Partition}:s3:::${BucketName}", "arn:${Partition}:s3:::${BucketName}/${KeyName}"
_TEMPLATES = {"kms": "arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}"}
_RESTRICTIVENESS = ("allowed", "implicitDeny", "explicitDeny")


def _template(resource: str) -> str:
    service = resource.split(":")[2] if resource.startswith("arn:") else ""
    if service == "s3":
        return _OBJECT if "/" in resource else _BUCKET
    return _TEMPLATES.get(service, "*")


def _missing_keys(policies: list[Policy], request: Request) -> list[str]:
    """Return the condition keys of the statements for this action and resource that the request does not have."""
    context = request.condition_context()
    found: dict[str, None] = {}
    for policy in policies:
        for statement in policy.statements:
            keys = [condition.key for condition in statement.conditions if not context.get(condition.key)]
            if keys and replace(statement, conditions=()).match(
                request.principal, request.action, request.resource, context
            ):
                found.update(dict.fromkeys(keys))
    return list(found)


def _results(call: Call, principal: Principal, policies: list[Policy]) -> Output:
    """Return a result for each action, with one for each resource in it.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html
    """
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
    resources = call.get("ResourceArns") or ["*"]
    results: list[dict[str, Any]] = []
    for action in call["ActionNames"]:
        specific: list[dict[str, Any]] = []
        for resource in resources:
            request = Request(principal, action, resource, account, context)
            decision = evaluate(request, policies, resource_policy)
            specific.append(
                {
                    "EvalResourceName": resource,
                    "EvalResourceDecision": decision.simulated,
                    "MatchedStatements": [{"SourcePolicyId": decision.sid}] if decision.sid else [],
                    "MissingContextValues": _missing_keys(policies, request),
                }
            )
        decisions = [each["EvalResourceDecision"] for each in specific]
        general = resources == ["*"]
        result: dict[str, Any] = {
            "EvalActionName": action,
            "EvalResourceName": "*" if general else _template(resources[0]),
            "EvalDecision": max(decisions, key=_RESTRICTIVENESS.index),
            "EvalDecisionDetails": {},
            "MatchedStatements": list({json.dumps(each): each for every in specific
                                       for each in every["MatchedStatements"]}.values()),
            "MissingContextValues": specific[0]["MissingContextValues"] if general else [],
        }  # fmt: skip
        if call.lab.state.directory.organizations.of_account(principal.account) is not None:
            result["OrganizationsDecisionDetail"] = {"AllowedByOrganizations": True}
        if not general:
            result["ResourceSpecificResults"] = specific
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

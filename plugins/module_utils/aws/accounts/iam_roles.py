# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""IAM's roles, one method per API call.

IAM is a global service: the SDK finds its endpoint by the partition of the task's region. With `endpoint_url`, IAM is
called there, as all services are.
Sources: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html
and https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ...model.iam.iam_role import IamRole, SimulatedAction, Verdict
from ..errors import translate_errors

if TYPE_CHECKING:
    from ..session import Clients

_VERDICTS = {"allowed": Verdict.ALLOWED, "explicitDeny": Verdict.DENIED, "implicitDeny": Verdict.NOT_ALLOWED}
_BOOLEANS = ("true", "false")


class IamRoles:
    """The IAM of a run's session."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def get_role(self, name: str) -> IamRole:
        """GetRole. The SDK decodes the trust policy."""
        with translate_errors("iam", "GetRole", f"role {name}"):
            found = self._clients.get("iam").get_role(RoleName=name)["Role"]
        trust = found.get("AssumeRolePolicyDocument", {})
        return IamRole(found["Arn"], trust if isinstance(trust, str) else json.dumps(trust))

    def simulate_principal_policy(
        self, role_arn: str, actions: tuple[str, ...], resources: tuple[str, ...], context: Mapping[str, str]
    ) -> tuple[SimulatedAction, ...]:
        """SimulatePrincipalPolicy, all pages."""
        entries = [
            {
                "ContextKeyName": name,
                "ContextKeyValues": [value],
                "ContextKeyType": "boolean" if value in _BOOLEANS else "string",
            }
            for name, value in context.items()
        ]
        request = {
            "PolicySourceArn": role_arn,
            "ActionNames": list(actions),
            "ResourceArns": list(resources),
            "ContextEntries": entries,
        }
        found: list[SimulatedAction] = []
        marker: dict[str, str] = {}
        while True:
            with translate_errors("iam", "SimulatePrincipalPolicy", role_arn):
                page = self._clients.get("iam").simulate_principal_policy(**request, **marker)
            for result in page["EvaluationResults"]:
                found += flatten_simulation(result)
            if not page.get("IsTruncated") or not page.get("Marker"):
                return tuple(found)
            marker = {"Marker": page["Marker"]}


def flatten_simulation(result: Mapping[str, Any]) -> Iterator[SimulatedAction]:
    """The verdicts of one EvaluationResult.

    IAM returns one for each action, with a result for each resource in it. Before 2026 it returned one for each pair
    of action and resource.
    """
    specific: list[Mapping[str, Any]] = result.get("ResourceSpecificResults") or [{}]
    for each in specific:
        details = {**result, **each}
        decision = _own_decision(details) or each.get("EvalResourceDecision", result["EvalDecision"])
        yield SimulatedAction(
            result["EvalActionName"],
            details.get("EvalResourceName", "*"),
            _VERDICTS.get(decision, Verdict.NOT_ALLOWED),
            tuple(each.get("MissingContextValues") or result.get("MissingContextValues") or ()),
            _layer(details),
        )


def _own_decision(details: Mapping[str, Any]) -> str:
    """The decision of the role's own policies about a key of another account; empty if it is no other account's.

    The decision as a whole is that nothing allows it, because the simulation has no policy of the key.
    """
    by_policy: Mapping[str, str] = details.get("EvalDecisionDetails") or {}
    own = [decision for policy, decision in by_policy.items() if "resource" not in policy.lower()]
    return next((each for each in ("explicitDeny", "implicitDeny", "allowed") if each in own), "")


def _layer(details: Mapping[str, Any]) -> str:
    """The policy that limits a role whatever its own policies allow."""
    if details.get("OrganizationsDecisionDetail", {}).get("AllowedByOrganizations") is False:
        return "service control policy"
    if details.get("PermissionsBoundaryDecisionDetail", {}).get("AllowedByPermissionsBoundary") is False:
        return "permissions boundary"
    return ""

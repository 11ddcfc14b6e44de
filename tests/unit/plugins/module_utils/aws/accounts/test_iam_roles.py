# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The results of IAM's policy simulator, in the form of 2026 and in the one before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws.accounts.iam_roles import IamRoles, flatten_simulation
from ansible_collections.sealed.s3.plugins.module_utils.aws.session import Clients, Connection
from ansible_collections.sealed.s3.plugins.module_utils.model.iam.iam_role import SimulatedAction, Verdict

KEYS = {"aws_access_key_id": "any", "aws_secret_access_key": "any"}


def result(decision: str, **more: Any) -> dict[str, Any]:
    """An EvaluationResult."""
    return {"EvalActionName": "s3:GetObject", "EvalResourceName": "a", "EvalDecision": decision, **more}


def specific(name: str, decision: str, **more: Any) -> dict[str, Any]:
    """A ResourceSpecificResult."""
    return {"EvalResourceName": name, "EvalResourceDecision": decision, **more}


def action(resource: str, verdict: Verdict, *more: Any) -> SimulatedAction:
    """What the model has for it."""
    return SimulatedAction("s3:GetObject", resource, verdict, *more)


ORGANIZATION = {"OrganizationsDecisionDetail": {"AllowedByOrganizations": False}}
BOUNDARY = {"PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": False}}
CROSS_ACCOUNT = {"EvalDecisionDetails": {"IAM Policy": "allowed", "Resource Policy": "implicitDeny"}}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (result("allowed"), [action("a", Verdict.ALLOWED)]),
        (result("explicitDeny"), [action("a", Verdict.DENIED)]),
        (result("a later word"), [action("a", Verdict.NOT_ALLOWED)]),
        (
            result("implicitDeny", ResourceSpecificResults=[specific("x", "allowed"), specific("y", "implicitDeny")]),
            [action("x", Verdict.ALLOWED), action("y", Verdict.NOT_ALLOWED)],
        ),
        (
            result("implicitDeny", ResourceSpecificResults=[specific("x", "implicitDeny", MissingContextValues=["k"])]),
            [action("x", Verdict.NOT_ALLOWED, ("k",))],
        ),
        (result("implicitDeny", **ORGANIZATION), [action("a", Verdict.NOT_ALLOWED, (), "service control policy")]),
        (
            result("implicitDeny", ResourceSpecificResults=[specific("x", "implicitDeny", **BOUNDARY)]),
            [action("x", Verdict.NOT_ALLOWED, (), "permissions boundary")],
        ),
        (
            result("implicitDeny", ResourceSpecificResults=[specific("x", "implicitDeny", **CROSS_ACCOUNT)]),
            [action("x", Verdict.ALLOWED)],
        ),
    ],
)
def test_results(found: Mapping[str, Any], expected: list[SimulatedAction]) -> None:
    """One for each resource."""
    assert list(flatten_simulation(found)) == expected


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-west-1", "iam.amazonaws.com"),
        ("us-gov-west-1", "iam.us-gov.amazonaws.com"),
        ("cn-north-1", "iam.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_endpoints(region: str, host: str) -> None:
    """IAM has one endpoint for each partition, and it is AWS's own. With a custom endpoint, it is called there."""
    clients = Clients(Connection(region=region, options=KEYS))
    assert clients.get("iam").meta.endpoint_url == f"https://{host}"
    assert not clients.custom_endpoint("iam")
    elsewhere = Clients(Connection(region=region, endpoint_url="http://127.0.0.1:9000", options=KEYS))
    assert elsewhere.get("iam").meta.endpoint_url == "http://127.0.0.1:9000"


def test_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """All pages are read, and values that are booleans are sent as such."""
    sent: list[dict[str, Any]] = []
    pages = [
        {"EvaluationResults": [result("allowed")], "IsTruncated": True, "Marker": "next"},
        {"EvaluationResults": [result("implicitDeny")], "IsTruncated": False},
    ]

    class Client:
        def simulate_principal_policy(self, **request: Any) -> dict[str, Any]:
            """A page for each request."""
            sent.append(request)
            return pages[len(sent) - 1]

    clients = Clients(Connection(region="eu-west-1"))
    monkeypatch.setattr(clients, "get", lambda service: Client())
    context = {"aws:SecureTransport": "true", "kms:ViaService": "s3.eu-west-1.amazonaws.com"}
    found = IamRoles(clients).simulate_principal_policy("role", ("s3:GetObject",), ("a",), context)
    assert [each.verdict for each in found] == [Verdict.ALLOWED, Verdict.NOT_ALLOWED]
    assert [each.get("Marker") for each in sent] == [None, "next"]
    assert [entry["ContextKeyType"] for entry in sent[0]["ContextEntries"]] == ["boolean", "string"]

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Decide whether a caller may do an action on a resource.

With enforcement off, every principal is an administrator of its own account. Only two rules apply then: an explicit
Deny of a bucket policy, and the boundary between accounts, which only the policy of the resource can open. With
enforcement on, identity policies, session policies and key policies decide by the evaluation logic of the IAM User
Guide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..errors import ServiceError
from ..faults import FaultTable
from ..policy_language import ALLOW_EVERYTHING, Decision, Policy, Reason, Request, evaluate, explain, limit_to_session
from .directory import Directory
from .records import Caller

Context = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Resource:
    """The resource of an action, with the account that owns it and the policy that is attached to it."""

    arn: str
    account: str
    policy: Policy | None = None


@dataclass(slots=True)
class Authorizer:
    """Makes the authorization decisions of one lab."""

    directory: Directory
    faults: FaultTable
    enforcing: bool = False

    def decide(self, caller: Caller, request: Request, resource_policy: Policy | None) -> Decision:
        """Return the decision. Session policies are taken into account."""
        principal = request.principal
        owned = principal.account == request.resource_account
        if owned and not self.enforcing and resource_policy is not None and resource_policy.kind.requires_allow:
            return Decision(Reason.ALLOWED)
        own_keys = self.directory.request_context(caller, request.resource_account)
        if own_keys:
            request = replace(request, context={**own_keys, **request.context})
        if not self.enforcing:
            return evaluate(request, [ALLOW_EVERYTHING], resource_policy)
        identity = self.directory.identity_policies(caller.session.issuer or principal)
        decision = evaluate(request, identity, resource_policy)
        return limit_to_session(decision, request, caller.session.policies, resource_policy)

    def denial_message(
        self, caller: Caller, action: str, resource: Resource, context: Context | None = None
    ) -> str | None:
        """Return the message of AWS's access denied error, or None if the action is allowed."""
        request = Request(caller.principal, action, resource.arn, resource.account, context or {})
        if self.faults.denies(action, resource.arn, caller.arn):
            return explain(Decision(Reason.EXPLICIT_DENY_IDENTITY), request)
        decision = self.decide(caller, request, resource.policy)
        return None if decision.allowed else explain(decision, request)

    def require(self, caller: Caller, action: str, arn: str, account: str, context: Context | None = None) -> None:
        """Raise AccessDenied unless the action is allowed on a resource that has no policy of its own."""
        message = self.denial_message(caller, action, Resource(arn, account), context)
        if message is not None:
            raise ServiceError("AccessDenied", message, 403)

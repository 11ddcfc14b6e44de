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
from typing import TYPE_CHECKING

from ..errors import ServiceError
from ..policy_language import ALLOW_EVERYTHING, Decision, Policy, Reason, Request, evaluate, explain, limit_to_session
from .directory import Directory
from .records import Caller

if TYPE_CHECKING:
    from ..call import Call
    from ..faults import FaultTable

Context = Mapping[str, Sequence[str]]


@dataclass(slots=True)
class Authorizer:
    """Makes the authorization decisions of one lab."""

    directory: Directory
    faults: FaultTable
    enforcing: bool = False

    def decide(
        self, caller: Caller, request: Request, resource_policy: Policy | None, *, key_policy: bool = False
    ) -> Decision:
        """Return the decision. Session policies are taken into account."""
        principal = request.principal
        own_keys = self.directory.request_context(caller, request.resource_account)
        if own_keys:
            request = replace(request, context={**own_keys, **request.context})
        if not self.enforcing:
            if key_policy and principal.account == request.resource_account:
                return Decision(Reason.ALLOWED)
            return evaluate(request, [ALLOW_EVERYTHING], resource_policy, key_policy=key_policy)
        identity = self.directory.identity_policies(principal)
        decision = evaluate(request, identity, resource_policy, key_policy=key_policy)
        return limit_to_session(decision, request, caller.session.policies, resource_policy)

    def denial_message(
        self,
        caller: Caller,
        action: str,
        resource: str,
        account: str,
        policy: Policy | None = None,
        *,
        context: Context | None = None,
        key_policy: bool = False,
    ) -> str | None:
        """Return the message of AWS's access denied error, or None if the action is allowed."""
        subject = caller.principal
        request = Request(subject, action, resource, account, context or {})
        if self.faults.denies(action, resource, subject.arn):
            return explain(Decision(Reason.EXPLICIT_DENY_IDENTITY), request)
        decision = self.decide(caller, request, policy, key_policy=key_policy)
        return None if decision.allowed else explain(decision, request)

    def require(
        self,
        caller: Caller,
        action: str,
        resource: str,
        account: str,
        *,
        context: Context | None = None,
        code: str = "AccessDenied",
        status: int = 403,
    ) -> None:
        """Raise AccessDenied unless the action is allowed."""
        message = self.denial_message(caller, action, resource, account, context=context)
        if message is not None:
            raise ServiceError(code, message, status)


def require_permission(call: Call, action: str, resource: str = "*", *, context: Context | None = None) -> None:
    """Raise the AccessDeniedException of KMS, CloudTrail and the tagging API unless the caller may do the action."""
    call.lab.authorizer.require(
        call.caller, action, resource, call.account, context=context, code="AccessDeniedException", status=400
    )

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Evaluate whether a request is allowed.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from .document import Policy, parse_policy
from .kinds import PolicyKind
from .patterns import Context
from .principals import Match, Principal, PrincipalKind

_BUCKET_POLICY_ACTIONS = frozenset({"s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy"})
ALLOW_EVERYTHING = parse_policy(
    '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}', PolicyKind.IDENTITY
)


@dataclass(frozen=True)
class Request:
    """One action of one principal on one resource. The condition keys in ``context`` are in lower case.

    ``context`` can omit the keys that follow from the principal and the resource (aws:PrincipalArn,
    aws:PrincipalAccount, aws:username, aws:ResourceAccount, kms:CallerAccount...). A key in ``context`` overrides them.
    """

    principal: Principal
    action: str
    resource: str
    resource_account: str
    context: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def condition_context(self) -> Context:
        """Return the condition keys of the request, with those that follow from its other parts."""
        found: dict[str, Sequence[str]] = dict(self.principal.context())
        if self.resource_account:
            found["aws:resourceaccount"] = [self.resource_account]
        if self.action.lower().startswith("kms:") and self.principal.account:
            found["kms:calleraccount"] = [self.principal.account]
        found.update(self.context)
        return found


class Reason(Enum):
    """Why a request is allowed or denied."""

    ALLOWED = "allowed"
    EXPLICIT_DENY_IDENTITY = "explicit deny in an identity-based policy"
    EXPLICIT_DENY_RESOURCE = "explicit deny in a resource-based policy"
    EXPLICIT_DENY_SESSION = "explicit deny in a session policy"
    NO_IDENTITY_ALLOW = "no identity-based policy allows"
    NO_SESSION_ALLOW = "no session policy allows"
    NO_RESOURCE_ALLOW = "no resource-based policy allows"


@dataclass(frozen=True)
class Decision:
    """The reason for the result, and the Sid of the deciding statement ("" if there is none)."""

    reason: Reason
    sid: str = ""

    @property
    def allowed(self) -> bool:
        """Whether the request is allowed."""
        return self.reason is Reason.ALLOWED

    @property
    def simulated(self) -> str:
        """The EvalDecision of SimulatePrincipalPolicy and SimulateCustomPolicy."""
        if self.allowed:
            return "allowed"
        return "explicitDeny" if self.reason in _EXPLICIT else "implicitDeny"


_EXPLICIT = (Reason.EXPLICIT_DENY_IDENTITY, Reason.EXPLICIT_DENY_RESOURCE, Reason.EXPLICIT_DENY_SESSION)


def evaluate(
    request: Request, identity: Sequence[Policy], resource: Policy | None, *, key_policy: bool = False
) -> Decision:
    """Evaluate a request by the identity-based policies of the requester and the policy of the resource.

    * A Deny in any policy wins.
    * In the account that owns the resource, one Allow is enough. A key policy or a trust policy must take part,
      however: it allows the requester directly, or it allows the account and an identity-based policy allows the
      requester.
    * From another account, both policies must allow.
    * Services and anonymous requesters have no identity-based policies, so the policy of the resource decides.
    * The root user of an account may do everything with what its account owns, except with keys and roles.

    ``key_policy`` means that the policy of the resource must allow, even if ``resource`` is None.
    """
    context = request.condition_context()
    sid = _find_deny(identity, request, context)
    if sid is not None:
        return Decision(Reason.EXPLICIT_DENY_IDENTITY, sid)
    if resource is not None:
        sid = _find_deny([resource], request, context)
        if sid is not None and not _is_owner_policy_access(request):
            return Decision(Reason.EXPLICIT_DENY_RESOURCE, sid)
    principal = request.principal
    by_resource, resource_sid = _find_allow([resource] if resource is not None else [], request, context)
    if principal.kind in (PrincipalKind.SERVICE, PrincipalKind.ANONYMOUS):
        return _allow_or(by_resource is Match.DIRECT, resource_sid, Reason.NO_RESOURCE_ALLOW)
    if principal.kind is PrincipalKind.ROOT:
        by_identity, identity_sid = True, ""
    else:
        match, identity_sid = _find_allow(identity, request, context)
        by_identity = match is not Match.NONE
    requires_allow = key_policy or (resource is not None and resource.kind.requires_allow)
    if principal.account != request.resource_account or requires_allow:
        if by_resource is Match.NONE:
            return Decision(Reason.NO_RESOURCE_ALLOW)
        if by_resource is Match.DIRECT and principal.account == request.resource_account:
            return Decision(Reason.ALLOWED, resource_sid)
        return _allow_or(by_identity, identity_sid, Reason.NO_IDENTITY_ALLOW)
    if by_identity:
        return Decision(Reason.ALLOWED, identity_sid)
    return _allow_or(by_resource is Match.DIRECT, resource_sid, Reason.NO_IDENTITY_ALLOW)


def limit_to_session(
    decision: Decision, request: Request, session: Sequence[Policy], resource: Policy | None
) -> Decision:
    """Return the decision for a session with session policies, of which one must allow too, and none may deny.

    A policy of the resource that allows the session by its own ARN is not limited by what they omit.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
    """
    if not session or not decision.allowed:
        return decision
    context = request.condition_context()
    sid = _find_deny(session, request, context)
    if sid is not None:
        return Decision(Reason.EXPLICIT_DENY_SESSION, sid)
    if _find_allow(session, request, context)[0] is not Match.NONE:
        return decision
    named = [
        statement
        for statement in (resource.statements if resource is not None else ())
        if statement.principal is not None and request.principal.arn in statement.principal.aws
    ]
    if any(each.allow and each.match(request.principal, request.action, request.resource, context) for each in named):
        return decision
    return Decision(Reason.NO_SESSION_ALLOW)


def explain(decision: Decision, request: Request) -> str:
    """Return the message of an access denied error. For S3 the resource is in quotation marks.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html
    """
    resource = f'"{request.resource}"' if request.action.lower().startswith("s3:") else request.resource
    request_text = f"to perform: {request.action} on resource: {resource}"
    if decision.allowed:
        return f"User: {request.principal.arn} is authorized {request_text}"
    if decision.reason in _EXPLICIT:
        cause = f"with an {decision.reason.value}"
    else:
        cause = f"because {decision.reason.value} the {request.action} action"
    return f"User: {request.principal.arn} is not authorized {request_text} {cause}"


def would_lock_out(
    policy: Policy,
    caller: Principal,
    account: str,
    identity: Sequence[Policy] | None,
    *,
    key_arn: str = "",
    context: Mapping[str, Sequence[str]] | None = None,
) -> bool:
    """Return whether the lockout safety check of KMS refuses this key policy.

    It does if the caller could not call kms:PutKeyPolicy under the policy. Other accounts never can. If ``identity`` is
    None, the caller's own policies are assumed to allow the action, so that only the key policy is checked. ``context``
    has the condition keys of the CreateKey or PutKeyPolicy call.
    https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html (BypassPolicyLockoutSafetyCheck)
    """
    if caller.account != account:
        return True
    partition = caller.arn.split(":", 2)[1]
    request = Request(
        caller,
        "kms:PutKeyPolicy",
        key_arn or f"arn:{partition}:kms:us-east-1:{account}:key/00000000-0000-0000-0000-000000000000",
        account,
        {"aws:securetransport": ["true"]} if context is None else context,
    )
    policies = [ALLOW_EVERYTHING] if identity is None else identity
    return not evaluate(request, policies, policy, key_policy=True).allowed


def _find_deny(policies: Sequence[Policy], request: Request, context: Context) -> str | None:
    """Return the Sid of the first Deny that applies to the requester or to its account, or None."""
    for policy in policies:
        for statement in policy.statements:
            if statement.allow:
                continue
            if statement.match(request.principal, request.action, request.resource, context) is not Match.NONE:
                return statement.sid
    return None


def _find_allow(policies: Sequence[Policy], request: Request, context: Context) -> tuple[Match, str]:
    """Return the strongest match of the Allow statements, and the Sid of that statement."""
    best, sid = Match.NONE, ""
    for policy in policies:
        for statement in policy.statements:
            if statement.allow and best is not Match.DIRECT:
                found = statement.match(request.principal, request.action, request.resource, context)
                if found > best:
                    best, sid = found, statement.sid
    return best, sid


def _allow_or(allowed: bool, sid: str, reason_if_denied: Reason) -> Decision:
    return Decision(Reason.ALLOWED, sid) if allowed else Decision(reason_if_denied)


def _is_owner_policy_access(request: Request) -> bool:
    """Return whether the root user of the owner reads, replaces or deletes the bucket policy. No policy can deny that.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
    """
    return (
        request.principal.kind is PrincipalKind.ROOT
        and request.principal.account == request.resource_account
        and request.action.lower() in _BUCKET_POLICY_ACTIONS
    )

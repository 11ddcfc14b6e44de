# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""AssumeRole: trust policies, sessions of sessions, and the limits of their duration.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html (Role chaining)
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..call import Call, Output
from ..errors import ServiceError
from ..policy_language import Principal, PrincipalKind, Request
from .credentials import credential_fields, issue_credential
from .records import Account, Role, Session, unique_id
from .session_policies import packed_policy_size, read_session_policies
from .session_tags import SessionTags, read_session_tags

_ARN = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:\d{12}:.+")
_ROLE = re.compile(r"arn:(aws[a-z-]*):iam::(\d{12}):role/((?:[^/]+/)*)([\w+=,.@-]+)")
_CHAINED_LIMIT = 3600


@dataclass(frozen=True, slots=True)
class _Target:
    """The role of a request. Its record is None if it was never created."""

    arn: str
    name: str
    account: Account
    role: Role | None


def assume_role(call: Call) -> Output:
    """Return temporary credentials of a role.

    With enforcement off, any role of any account can be assumed, even one that was never created. With enforcement on,
    the role must exist, its trust policy must allow the caller, and the caller's own policies must allow the action.
    """
    target = _find_target(call)
    tags = read_session_tags(call)
    source_identity = call.get("SourceIdentity") or call.caller.session.source_identity
    if call.lab.enforcing:
        _authorize(call, target, tags, source_identity)
    duration = _duration(call, target.role)
    principal = _principal(call, target)
    session = Session(
        policies=read_session_policies(call, target.account),
        context=_session_keys(call, tags, source_identity),
        transitive_tags=tags.transitive,
        source_identity=source_identity,
    )
    size = packed_policy_size(call)
    credential = issue_credential(call, principal, duration, session)
    output: Output = {
        "Credentials": credential_fields(credential),
        "AssumedRoleUser": {"AssumedRoleId": principal.unique_id, "Arn": principal.arn},
    }
    if source_identity:
        output["SourceIdentity"] = source_identity
    return output if size is None else {**output, "PackedPolicySize": size}


def _find_target(call: Call) -> _Target:
    arn = call["RoleArn"]
    match = _ROLE.fullmatch(arn)
    if match is None and not _ARN.fullmatch(arn):
        raise ServiceError("ValidationError", f"{arn} is invalid", 400)
    if match is None or match[1] != call.partition or not call.lab.state.directory.is_usable(match[2]):
        raise _not_authorized(call, "sts:AssumeRole")
    account = call.lab.state.directory.account(match[2], match[1])
    if call.region in account.disabled_regions:
        raise _region_disabled(account.number)
    role = account.roles.get(match[4])
    return _Target(arn, match[4], account, role if role is not None and role.arn == arn else None)


def _authorize(call: Call, target: _Target, tags: SessionTags, source_identity: str) -> None:
    if call.caller.principal.kind is PrincipalKind.ROOT:
        raise ServiceError("AccessDenied", "Roles may not be assumed by root accounts.", 403)
    if call.caller.principal.kind is PrincipalKind.FEDERATED:
        raise _not_authorized(call, "sts:AssumeRole")
    context = {
        "sts:rolesessionname": [call["RoleSessionName"]],
        **tags.request_context(),
    }
    if "ExternalId" in call.params:
        context["sts:externalid"] = [call["ExternalId"]]
    if source_identity:
        context["sts:sourceidentity"] = [source_identity]
    actions = ["sts:AssumeRole"]
    if tags.requested:
        actions.append("sts:TagSession")
    if source_identity:
        actions.append("sts:SetSourceIdentity")
    inherited = call.caller.session.source_identity
    for action in actions:
        changes_identity = action == "sts:SetSourceIdentity" and inherited not in ("", source_identity)
        if target.role is None or changes_identity:
            raise _not_authorized(call, action)
        request = Request(call.caller.principal, action, target.arn, target.account.number, context)
        if not call.lab.authorizer.decide(call.caller, request, target.role.trust.parsed).allowed:
            raise _not_authorized(call, action)


def _not_authorized(call: Call, action: str) -> ServiceError:
    return ServiceError(
        "AccessDenied",
        f"User: {call.caller.arn} is not authorized to perform: {action} on resource: {call['RoleArn']}",
        403,
    )


def _region_disabled(account: str) -> ServiceError:
    """Return the error of STS in a region for an account that has not enabled the region.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html
    """
    return ServiceError(
        "RegionDisabledException",
        f"STS is not activated in this region for account:{account}. Your account administrator can activate STS in "
        "this region using the IAM Console.",
        403,
    )


def _duration(call: Call, role: Role | None) -> int:
    duration: int = call.get("DurationSeconds", 3600)
    if duration > _CHAINED_LIMIT and call.caller.principal.kind is PrincipalKind.ROLE_SESSION:
        raise ServiceError(
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
            400,
        )
    if role is not None and duration > role.max_session:
        raise ServiceError(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            400,
        )
    return duration


def _principal(call: Call, target: _Target) -> Principal:
    session = call["RoleSessionName"]
    role_id = target.role.role_id if target.role is not None else unique_id("AROA")
    prefix = f"arn:{call.partition}:sts::{target.account.number}:assumed-role"
    return Principal.from_arn(
        f"{prefix}/{target.name}/{session}", role_arn=target.arn, unique_id=f"{role_id}:{session}"
    )


def _session_keys(call: Call, tags: SessionTags, source_identity: str) -> dict[str, list[str]]:
    """Return the condition keys of the requests of the new session."""
    found = {"aws:tokenissuetime": [str(int(call.now()))], **tags.principal_context()}
    if source_identity:
        found["aws:sourceidentity"] = [source_identity]
    return found

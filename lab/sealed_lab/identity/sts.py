# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""AWS Security Token Service."""

from __future__ import annotations

import base64
import os
import re
import secrets
from typing import Any

from ..call import Call, Handler, Output
from ..errors import ServiceError
from ..policy_language import Policy, PolicyError, PolicyKind, Principal, Request, parse_policy
from .records import Credential, new_secret, unique_id

_ROLE = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role/((?:[^/]+/)*)([\w+=,.@-]+)")


def get_caller_identity(call: Call) -> Output:
    """Return the identity of the signer. It needs no permission."""
    principal = call.caller.principal
    user_id = principal.unique_id or principal.account
    return {"UserId": user_id, "Account": principal.account, "Arn": principal.arn}


def assume_role(call: Call) -> Output:
    """Return temporary credentials of a role.

    With enforcement off, any role of any account can be assumed, even one that was never created. With enforcement on,
    the role must exist, its trust policy must allow the caller, and the caller's own policies must allow the action.
    """
    arn = call["RoleArn"]
    match = _ROLE.fullmatch(arn)
    if match is None:
        raise ServiceError("ValidationError", f"{arn} is invalid", 400)
    number, _, name = match.groups()
    account = call.lab.state.directory.account(number)
    role = account.roles.get(name)
    if call.lab.enforcing:
        trust = role.trust.parsed if role is not None and role.arn == arn else None
        allowed = False
        if role is not None and trust is not None:
            request = Request(call.caller.principal, "sts:AssumeRole", arn, number, _conditions(call))
            allowed = call.lab.authorizer.decide(call.caller, request, trust).allowed
        if not allowed:
            raise ServiceError(
                "AccessDenied",
                f"User: {call.caller.arn} is not authorized to perform: sts:AssumeRole on resource: {arn}",
                403,
            )
    duration = call.get("DurationSeconds", 3600)
    if role is not None and duration > role.max_session:
        raise ServiceError(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            400,
        )
    session = call["RoleSessionName"]
    role_id = role.role_id if role is not None else unique_id("AROA")
    principal = Principal.from_arn(
        f"arn:aws:sts::{number}:assumed-role/{name}/{session}", role_arn=arn, unique_id=f"{role_id}:{session}"
    )
    credential = Credential(
        unique_id("ASIA")[:20], new_secret(), principal, base64.b64encode(os.urandom(240)).decode(),
        call.now() + duration, created=call.now(), session_policies=_session_policies(call),
    )  # fmt: skip
    call.lab.state.directory.credentials[credential.access_key] = credential
    return {
        "Credentials": _credential_fields(credential),
        "AssumedRoleUser": {"AssumedRoleId": f"{role_id}:{session}", "Arn": principal.arn},
    }


def _conditions(call: Call) -> dict[str, list[str]]:
    result = {**call.transport.conditions(), "sts:rolesessionname": [call["RoleSessionName"]]}
    if "ExternalId" in call.params:
        result["sts:externalid"] = [call["ExternalId"]]
    return result


def _session_policies(call: Call) -> tuple[Policy, ...]:
    text = call.get("Policy")
    if call.get("PolicyArns"):
        raise ServiceError("NotImplemented", "The lab takes session policies inline only.", 501)
    if text is None:
        return ()
    try:
        return (parse_policy(text, PolicyKind.IDENTITY),)
    except PolicyError as exc:
        raise ServiceError("MalformedPolicyDocument", exc.message, 400) from exc


def get_session_token(call: Call) -> Output:
    """Return temporary credentials of the caller."""
    duration = call.get("DurationSeconds", 43200)
    credential = Credential(
        unique_id("ASIA")[:20], new_secret(), call.caller.principal, secrets.token_urlsafe(120),
        call.now() + duration, created=call.now(),
    )  # fmt: skip
    call.lab.state.directory.credentials[credential.access_key] = credential
    return {"Credentials": _credential_fields(credential)}


def _credential_fields(credential: Credential) -> dict[str, Any]:
    return {
        "AccessKeyId": credential.access_key,
        "SecretAccessKey": credential.secret,
        "SessionToken": credential.token,
        "Expiration": credential.expires,
    }


OPERATIONS: dict[str, Handler] = {
    "GetCallerIdentity": get_caller_identity,
    "AssumeRole": assume_role,
    "GetSessionToken": get_session_token,
}

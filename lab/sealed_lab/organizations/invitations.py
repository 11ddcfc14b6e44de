# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Invitations of existing accounts, by their account ids. An invited account gets no OrganizationAccountAccessRole."""

from __future__ import annotations

from typing import Any

from ..call import Call, Handler, Output
from ..errors import not_implemented
from ..identity.organizations import Invitation, Member, Organization, random_name
from ..identity.permission import require_permission
from .access import organizations_error, read_tags, require_management

_OPEN_SECONDS = 15 * 86400


def invite_account(call: Call) -> Output:
    """Invite an account."""
    found, target = require_management(call), call["Target"]
    if target["Type"] != "ACCOUNT":
        raise not_implemented(f"the type {target['Type']} of an invited party")
    if call.lab.state.directory.organizations.of_account(target["Id"]) is not None:
        raise organizations_error(
            "HandshakeConstraintViolationException",
            "The provided account is already a member of an organization.",
            "ALREADY_IN_AN_ORGANIZATION",
        )
    if any(each.account == target["Id"] and each.state == "OPEN" for each in found.invitations.values()):
        raise organizations_error(
            "DuplicateHandshakeException", "A handshake for the same account and action is open already."
        )
    handshake = Invitation(f"h-{random_name(10)}", target["Id"], call.now(), tags=read_tags(call.get("Tags")))
    found.invitations[handshake.handshake_id] = handshake
    return {"Handshake": _fields(found, handshake)}


def _fields(found: Organization, handshake: Invitation) -> dict[str, Any]:
    parties = [
        {"Id": found.organization_id.removeprefix("o-"), "Type": "ORGANIZATION"},
        {"Id": handshake.account, "Type": "ACCOUNT"},
    ]
    return {
        "Id": handshake.handshake_id,
        "Arn": found.arn("handshake", "invite", handshake.handshake_id),
        "Parties": parties,
        "State": handshake.state,
        "RequestedTimestamp": handshake.requested,
        "ExpirationTimestamp": handshake.requested + _OPEN_SECONDS,
        "Action": "INVITE",
        "Resources": [{"Value": found.organization_id, "Type": "ORGANIZATION"}],
    }


def _open_invitation(call: Call) -> tuple[Organization, Invitation]:
    """Return the invitation of the caller's account that the request names."""
    require_permission(call, f"organizations:{call.operation.name}")
    for found in call.lab.state.directory.organizations.organizations.values():
        handshake = found.invitations.get(call["HandshakeId"])
        if handshake is not None and handshake.account == call.account:
            if handshake.state != "OPEN" or call.now() >= handshake.requested + _OPEN_SECONDS:
                raise organizations_error(
                    "InvalidHandshakeTransitionException",
                    "You can't perform the operation on the handshake in its current state.",
                )
            return found, handshake
    raise organizations_error("HandshakeNotFoundException", "We can't find a handshake with the HandshakeId.")


def accept_handshake(call: Call) -> Output:
    """Join the organization."""
    found, handshake = _open_invitation(call)
    if call.lab.state.directory.organizations.of_account(call.account) is not None:
        raise organizations_error(
            "HandshakeConstraintViolationException",
            "The provided account is already a member of an organization.",
            "ALREADY_IN_AN_ORGANIZATION",
        )
    handshake.state = "ACCEPTED"
    email = f"root@{call.account}.example"
    found.members[call.account] = Member(
        call.account, f"account {call.account}", email, found.root, call.now(), "INVITED", tags=dict(handshake.tags)
    )
    return {"Handshake": _fields(found, handshake)}


def decline_handshake(call: Call) -> Output:
    """Refuse an invitation."""
    found, handshake = _open_invitation(call)
    handshake.state = "DECLINED"
    return {"Handshake": _fields(found, handshake)}


OPERATIONS: dict[str, Handler] = {
    "InviteAccountToOrganization": invite_account,
    "AcceptHandshake": accept_handshake,
    "DeclineHandshake": decline_handshake,
}

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Grants on keys."""

from __future__ import annotations

import base64
import os
import secrets
from typing import Any

from ..call import Call, Handler, Output
from ..errors import ServiceError
from ..identity.permission import require_permission
from .access import NOT_DELETED, USABLE, check_dry_run, get_authorized_key
from .keys import Grant, Key
from .pagination import paginate

_CONSTRAINABLE = {
    "Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo",
    "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext", "CreateGrant", "RetireGrant", "DescribeKey",
}  # fmt: skip


def create_grant(call: Call) -> Output:
    """Create a grant to a principal or a service. A repeated request with the same name returns the same grant."""
    key = get_authorized_key(call, states=USABLE, cross_account=True)
    if bool(call.get("GranteePrincipal")) == bool(call.get("GranteeServicePrincipal")):
        raise ServiceError(
            "ValidationException", "Exactly one of GranteePrincipal and GranteeServicePrincipal is required.", 400
        )
    constraints = call.get("Constraints", {})
    if constraints and not set(call["Operations"]) <= _CONSTRAINABLE:
        raise ServiceError("ValidationException", "Grant constraints are not supported for the given operations.", 400)
    check_dry_run(call)
    fields = {
        "issuer": call.account,
        "operations": tuple(call["Operations"]),
        "grantee": call.get("GranteePrincipal", ""),
        "retiring": call.get("RetiringPrincipal", ""),
        "grantee_service": call.get("GranteeServicePrincipal", ""),
        "retiring_service": call.get("RetiringServicePrincipal", ""),
        "name": call.get("Name", ""),
        "constraints": dict(constraints),
    }
    if fields["name"]:
        for existing in key.grants.values():
            if all(getattr(existing, name) == value for name, value in fields.items()):
                return {"GrantToken": existing.token, "GrantId": existing.grant_id}
    grant = Grant(secrets.token_hex(32), base64.b64encode(os.urandom(96)).decode(), key.arn, call.now(), **fields)
    key.grants[grant.grant_id] = grant
    return {"GrantToken": grant.token, "GrantId": grant.grant_id}


def _grant_fields(grant: Grant) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "KeyId": grant.key_arn,
        "GrantId": grant.grant_id,
        "CreationDate": grant.created,
        "IssuingAccount": f"arn:aws:iam::{grant.issuer}:root",
        "Operations": list(grant.operations),
        "Name": grant.name,
    }
    if grant.constraints:
        entry["Constraints"] = grant.constraints
    for name, value in (
        ("GranteePrincipal", grant.grantee),
        ("RetiringPrincipal", grant.retiring),
        ("GranteeServicePrincipal", grant.grantee_service),
        ("RetiringServicePrincipal", grant.retiring_service),
    ):
        if value:
            entry[name] = value
    return entry


def list_grants(call: Call) -> Output:
    """List the grants of one key, by grant id or grantee if requested."""
    key = get_authorized_key(call, cross_account=True)
    grants = [
        grant
        for grant in key.grants.values()
        if call.get("GrantId") in (None, grant.grant_id)
        and call.get("GranteePrincipal") in (None, grant.grantee)
        and call.get("GranteeServicePrincipal") in (None, grant.grantee_service)
    ]
    fields, page = paginate(call, grants, "grants", 50)
    return {**fields, "Grants": [_grant_fields(grant) for grant in page]}


def list_retirable_grants(call: Call) -> Output:
    """List the grants that a principal can retire."""
    require_permission(call, "kms:ListRetirableGrants")
    grants = [
        grant
        for key in call.lab.state.kms.all_keys()
        if key.region == call.region
        for grant in key.grants.values()
        if (call.get("RetiringPrincipal") and grant.retiring == call["RetiringPrincipal"])
        or (call.get("RetiringServicePrincipal") and grant.retiring_service == call["RetiringServicePrincipal"])
    ]
    fields, page = paginate(call, grants, "retirable", 50)
    return {**fields, "Grants": [_grant_fields(grant) for grant in page]}


def _delete_grant(key: Key, grant_id: str) -> None:
    if key.grants.pop(grant_id, None) is None:
        raise ServiceError("NotFoundException", f"Grant ID {grant_id} not found", 400)


def revoke_grant(call: Call) -> Output:
    """Delete a grant, as the owner of the key."""
    key = get_authorized_key(call, states=NOT_DELETED | {"PendingDeletion"}, cross_account=True)
    if call["GrantId"] not in key.grants:
        raise ServiceError("NotFoundException", f"Grant ID {call['GrantId']} not found", 400)
    check_dry_run(call)
    _delete_grant(key, call["GrantId"])
    return {}


def retire_grant(call: Call) -> Output:
    """Delete a grant, as its retiring principal: by token, or by key and grant id."""
    token = call.get("GrantToken")
    if token is not None:
        for key in call.lab.state.kms.all_keys():
            for grant in list(key.grants.values()):
                if grant.token == token:
                    del key.grants[grant.grant_id]
                    return {}
        raise ServiceError("InvalidGrantTokenException", "The grant token is not valid.", 400)
    if "KeyId" not in call.params or "GrantId" not in call.params:
        raise ServiceError("ValidationException", "Specify the grant token, or the key ARN and the grant ID.", 400)
    key = call.lab.state.kms.find(call.account, call.region, call["KeyId"], call.now(), aliases=False)
    _delete_grant(key, call["GrantId"])
    return {}


OPERATIONS: dict[str, Handler] = {
    "CreateGrant": create_grant,
    "ListGrants": list_grants,
    "ListRetirableGrants": list_retirable_grants,
    "RevokeGrant": revoke_grant,
    "RetireGrant": retire_grant,
}

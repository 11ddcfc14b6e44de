# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Grants on keys."""

from __future__ import annotations

import base64
import json
import os
import secrets
from typing import Any

from ..call import Call, Handler, Output
from ..errors import ServiceError
from ..identity.permission import require_permission
from ..identity.policy_principals import StoredPrincipals, unknown_principals
from ..policy_language import PolicyError, PolicyKind, check_partition, parse_policy
from .access import NOT_DELETED, USABLE, KeyUse, authorize_key, check_dry_run, get_authorized_key
from .keys import Grant, Key
from .pagination import paginate

_ANY_KEY = {"CreateGrant", "RetireGrant", "DescribeKey"}
_ENCRYPTION = {"Decrypt", "Encrypt", "ReEncryptFrom", "ReEncryptTo"}
_DATA_KEYS = {
    *("GenerateDataKey", "GenerateDataKeyWithoutPlaintext"),
    *("GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"),
}
# The operations of keys other than symmetric encryption keys, by usage.
_OPERATIONS_OF = {
    "ENCRYPT_DECRYPT": {*_ENCRYPTION, "GetPublicKey"},
    "SIGN_VERIFY": {"Sign", "Verify", "GetPublicKey"},
    "GENERATE_VERIFY_MAC": {"GenerateMac", "VerifyMac"},
    "KEY_AGREEMENT": {"DeriveSharedSecret", "GetPublicKey"},
    "ENCAPSULATE_DECAPSULATE": {"Encapsulate", "Decapsulate", "GetPublicKey"},
}
_STATEMENT = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
_SYMMETRIC = _ANY_KEY | _ENCRYPTION | _DATA_KEYS


def _check_operations(key: Key, operations: set[str]) -> None:
    """Refuse operations that the key does not have.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html (Operations)
    """
    possible = _SYMMETRIC if key.symmetric else _ANY_KEY | _OPERATIONS_OF[key.usage]
    if not operations <= possible:
        names = ", ".join(sorted(operations - possible))
        raise ServiceError("ValidationException", f"The KMS key does not support the grant operations: {names}.", 400)


def _read_principals(call: Call) -> StoredPrincipals:
    """Return the users and roles of a grant. Raise InvalidArnException for what is not a principal."""
    names = [call[parameter] for parameter in ("GranteePrincipal", "RetiringPrincipal") if parameter in call.params]
    ids: dict[str, str] = {}
    for name in names:
        try:
            policy = parse_policy(json.dumps({"Statement": {**_STATEMENT, "Principal": {"AWS": name}}}), PolicyKind.KEY)
            check_partition(policy, call.partition)
        except PolicyError as exc:
            raise _invalid_principal(name) from exc
        if call.lab.enforcing and unknown_principals(policy, call.lab.state.directory):
            raise _invalid_principal(name)
        ids.update(StoredPrincipals.of(policy, call.lab.state.directory).ids)
    return StoredPrincipals(ids)


def _invalid_principal(name: str) -> ServiceError:
    return ServiceError("InvalidArnException", f"ARN does not refer to a valid principal: {name}", 400)


def _shown(call: Call, grant: Grant, name: str) -> str:
    """Return a principal of a grant. A user or role that was deleted is shown by its unique id.

    https://github.com/hashicorp/terraform-provider-aws/issues/29340
    """
    document = {"Statement": {"Principal": {"AWS": name}}}
    shown = grant.principals.for_reading(document, call.lab.state.directory)["Statement"]["Principal"]["AWS"]
    return str(shown)


def create_grant(call: Call) -> Output:
    """Create a grant to a principal or a service. A repeated request with the same name returns the same grant."""
    key = get_authorized_key(call, states=USABLE, cross_account=True)
    if bool(call.get("GranteePrincipal")) == bool(call.get("GranteeServicePrincipal")):
        raise ServiceError(
            "ValidationException", "Exactly one of GranteePrincipal and GranteeServicePrincipal is required.", 400
        )
    principals = _read_principals(call)
    _check_operations(key, set(call["Operations"]))
    constraints = call.get("Constraints", {})
    if constraints and not set(call["Operations"]) <= _SYMMETRIC:
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
    grant.principals = principals
    key.grants[grant.grant_id] = grant
    return {"GrantToken": grant.token, "GrantId": grant.grant_id}


def _grant_fields(call: Call, grant: Grant) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "KeyId": grant.key_arn,
        "GrantId": grant.grant_id,
        "CreationDate": grant.created,
        "IssuingAccount": f"arn:{grant.key_arn.split(':')[1]}:iam::{grant.issuer}:root",
        "Operations": list(grant.operations),
        "Name": grant.name,
    }
    if grant.constraints:
        entry["Constraints"] = grant.constraints
    for name, value in (
        ("GranteePrincipal", _shown(call, grant, grant.grantee)),
        ("RetiringPrincipal", _shown(call, grant, grant.retiring)),
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
    fields, page = paginate(call, grants, "grants", 50, 100)
    return {**fields, "Grants": [_grant_fields(call, grant) for grant in page]}


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
    fields, page = paginate(call, grants, "retirable", 50, 100)
    return {**fields, "Grants": [_grant_fields(call, grant) for grant in page]}


def _find_grant(key: Key, grant_id: str) -> Grant:
    grant = key.grants.get(grant_id)
    if grant is None:
        raise ServiceError("NotFoundException", f"Grant ID {grant_id} not found", 400)
    return grant


def revoke_grant(call: Call) -> Output:
    """Delete a grant, as the owner of the key."""
    key = get_authorized_key(call, states=NOT_DELETED | {"PendingDeletion"}, cross_account=True)
    grant = _find_grant(key, call["GrantId"])
    check_dry_run(call)
    del key.grants[grant.grant_id]
    return {}


def _find_retired_grant(call: Call) -> tuple[Key, Grant]:
    token = call.get("GrantToken")
    if token is not None:
        for key in call.lab.state.kms.all_keys():
            for grant in key.grants.values():
                if grant.token == token:
                    return key, grant
        raise ServiceError("InvalidGrantTokenException", "The grant token is not valid.", 400)
    if "KeyId" not in call.params or "GrantId" not in call.params:
        raise ServiceError("ValidationException", "Specify the grant token, or the key ARN and the grant ID.", 400)
    key = call.lab.state.kms.find(call.account, call.region, call["KeyId"], call.now(), aliases=False)
    return key, _find_grant(key, call["GrantId"])


def retire_grant(call: Call) -> Output:
    """Delete a grant, by token, or by key and grant id.

    The retiring principal may do that, the grantee if the grant has the operation RetireGrant, and who has the
    permission on the key.
    https://docs.aws.amazon.com/kms/latest/APIReference/API_RetireGrant.html
    """
    key, grant = _find_retired_grant(call)
    as_grantee = "RetireGrant" in grant.operations and grant.includes(grant.grantee, call.caller.principal)
    if not as_grantee and not grant.includes(grant.retiring, call.caller.principal):
        authorize_key(call, key, KeyUse("RetireGrant"))
    check_dry_run(call)
    del key.grants[grant.grant_id]
    return {}


OPERATIONS: dict[str, Handler] = {
    "CreateGrant": create_grant,
    "ListGrants": list_grants,
    "ListRetirableGrants": list_retirable_grants,
    "RevokeGrant": revoke_grant,
    "RetireGrant": retire_grant,
}

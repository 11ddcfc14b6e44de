# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Find the key of a call, and check the permission of the caller and the state of the key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..call import Call
from ..errors import ServiceError
from ..identity.authorization import Resource
from ..identity.records import Caller
from ..transport import Transport
from .keys import (
    CREATING,
    DISABLED,
    PENDING_DELETION,
    PENDING_IMPORT,
    PENDING_REPLICA_DELETION,
    UNAVAILABLE,
    Grant,
    Key,
)
from .state import RegionState

ANY_STATE = frozenset(
    {"Enabled", DISABLED, PENDING_DELETION, PENDING_IMPORT, PENDING_REPLICA_DELETION, UNAVAILABLE, CREATING}
)
NOT_DELETED = frozenset({"Enabled", DISABLED, PENDING_IMPORT, UNAVAILABLE})
USABLE = frozenset({"Enabled"})


def get_region_state(call: Call) -> RegionState:
    """Return the keys of the caller's account in the region of the call."""
    return call.lab.state.kms.region_state(call.account, call.region)


@dataclass(frozen=True, slots=True)
class KeyUse:
    """One use of a key: the action, the encryption context, and the service that makes the call for the caller."""

    action: str
    context: Mapping[str, str] = field(default_factory=dict)
    via: str = ""

    def conditions(self) -> dict[str, Sequence[str]]:
        """Return the condition keys that follow from this use."""
        conditions: dict[str, Sequence[str]] = {}
        for name, value in self.context.items():
            conditions[f"kms:encryptioncontext:{name.lower()}"] = [value]
        if self.context:
            conditions["kms:encryptioncontextkeys"] = list(self.context)
        if self.via:
            conditions["kms:viaservice"] = [self.via]
        return conditions


def get_authorized_key(
    call: Call, *, states: frozenset[str] = ANY_STATE, aliases: bool = False, cross_account: bool = False
) -> Key:
    """Return the key that a call of key management names.

    Raise an error unless the caller may do the operation and the key is in one of the states.
    """
    key = call.lab.state.kms.find(call.account, call.region, call["KeyId"], call.now(), aliases=aliases)
    if key.account != call.account and not cross_account:
        raise ServiceError(
            "AccessDeniedException",
            f"User: {call.caller.arn} is not authorized to perform: kms:{call.operation.name} on resource: {key.arn}",
            400,
        )
    authorize_key(call, key, KeyUse(call.operation.name))
    check_state(key, states)
    return key


def get_usable_key(call: Call, use: KeyUse, name: str = "KeyId") -> Key:
    """Return the key that the parameter ``name`` identifies, for a cryptographic operation.

    The parameter can name an alias and a key of another account. Raise an error unless the caller may use the key so
    and the key is enabled.
    """
    key = call.lab.state.kms.find(call.account, call.region, call[name], call.now(), aliases=True)
    authorize_key(call, key, use)
    check_state(key, USABLE)
    return key


def authorize_key(call: Call, key: Key, use: KeyUse) -> None:
    """Raise AccessDeniedException unless the caller may use the key so."""
    call.keys.append(key.arn)
    message = denial_message(call, key, use)
    if message is not None:
        raise ServiceError("AccessDeniedException", message, 400)


# Services call KMS over TLS, from addresses of their own.
_BY_A_SERVICE: Mapping[str, Sequence[str]] = {
    **Transport().conditions(),
    **{"aws:sourceip": (), "aws:sourcevpce": (), "aws:viaawsservice": ("true",)},
}


def denial_message(call: Call, key: Key, use: KeyUse) -> str | None:
    """Return why the caller may not use the key so, or None. A grant allows as much as a policy."""
    # Services call KMS over TLS, and not through the endpoint of their caller.
    connection = _BY_A_SERVICE if use.via else {}
    conditions = {**connection, **use.conditions(), **_key_conditions(call, key)}
    resource = Resource(key.arn, key.account, key.policy.parsed)
    message = call.lab.authorizer.denial_message(call.caller, f"kms:{use.action}", resource, conditions)
    if message is None or "explicit deny" in message:
        return message
    if any(_grant_allows(grant, call.caller, use) for grant in key.grants.values()):
        return None
    return message


def _key_conditions(call: Call, key: Key) -> dict[str, Sequence[str]]:
    """Return the condition keys that follow from the key: its tags and its aliases."""
    conditions: dict[str, Sequence[str]] = {
        f"aws:resourcetag/{name.lower()}": [value] for name, value in key.tags.items()
    }
    aliases = call.lab.state.kms.region_state(key.account, key.region).aliases.values()
    names = [alias.name for alias in aliases if alias.target == key.key_id]
    return {**conditions, "kms:resourcealiases": names} if names else conditions


def _grant_allows(grant: Grant, caller: Caller, use: KeyUse) -> bool:
    if use.action not in grant.operations or not grant.includes(grant.grantee, caller.principal):
        return False
    equal: Any = grant.constraints.get("EncryptionContextEquals")
    subset: Any = grant.constraints.get("EncryptionContextSubset")
    if equal and dict(equal) != dict(use.context):
        return False
    return not subset or all(use.context.get(name) == value for name, value in subset.items())


def check_dry_run(call: Call) -> None:
    """Raise DryRunOperationException if the call would succeed but only has to be checked."""
    if call.get("DryRun"):
        raise ServiceError(
            "DryRunOperationException", "The request would have succeeded, but the DryRun option is set.", 400
        )


def check_state(key: Key, states: frozenset[str]) -> None:
    """Raise the error of KMS for a key that is not in one of these states.

    Developer Guide, "Key states of AWS KMS keys".
    """
    if key.state in states:
        return
    if key.state == DISABLED:
        raise ServiceError("DisabledException", f"{key.arn} is disabled.", 400)
    messages = {
        PENDING_DELETION: "is pending deletion.",
        PENDING_REPLICA_DELETION: "is pending replica deletion.",
        PENDING_IMPORT: "is pending import.",
        UNAVAILABLE: "is unavailable.",
        CREATING: "is creating.",
    }
    raise ServiceError(
        "KMSInvalidStateException", f"{key.arn} {messages.get(key.state, 'is in an invalid state.')}", 400
    )


def require_customer_managed(key: Key, what: str) -> None:
    """Raise AccessDeniedException for a key that AWS manages."""
    if key.manager == "AWS":
        raise ServiceError("AccessDeniedException", f"{what} is not supported on AWS managed keys: {key.arn}", 400)

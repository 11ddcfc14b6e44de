# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Find the key of a call, and check the permission of the caller and the state of the key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..call import Call
from ..errors import ServiceError
from ..identity.records import Caller
from ..lab import Lab
from ..policy_language import PrincipalKind
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


def get_authorized_key(
    call: Call, *, name: str = "KeyId", action: str | None = None, states: frozenset[str] = ANY_STATE,
    aliases: bool = False, context: Mapping[str, str] | None = None, cross_account: bool = False,
) -> Key:  # fmt: skip
    """Return the key that the parameter ``name`` identifies.

    Raise an error unless the caller may do ``action`` (by default the operation itself) and the key is in one of the
    states.
    """
    key = call.lab.state.kms.find(call.account, call.region, call[name], call.now(), aliases=aliases)
    if key.account != call.account and not cross_account:
        raise ServiceError(
            "AccessDeniedException",
            f"User: {call.caller.arn} is not authorized to perform: kms:{call.operation.name} on resource: {key.arn}",
            400,
        )
    authorize_key(call, key, action or call.operation.name, context=context)
    check_state(key, states)
    return key


def condition_context(context: Mapping[str, str] | None, via: str = "") -> dict[str, Sequence[str]]:
    """Return the condition keys of a cryptographic call."""
    conditions: dict[str, Sequence[str]] = {"aws:securetransport": ["true"]}
    for name, value in (context or {}).items():
        conditions[f"kms:encryptioncontext:{name.lower()}"] = [value]
    if context:
        conditions["kms:encryptioncontextkeys"] = list(context)
    if via:
        conditions["kms:viaservice"] = [via]
    return conditions


def authorize_key(call: Call, key: Key, action: str, *, context: Mapping[str, str] | None = None) -> None:
    """Raise AccessDeniedException unless the caller may do ``action`` with this key."""
    call.keys.append(key.arn)
    extra: dict[str, Sequence[str]] = {}
    aliases = [
        each.name for each in call.lab.state.kms.region_state(key.account, key.region).aliases.values()
        if each.target == key.key_id
    ]  # fmt: skip
    if aliases:
        extra["kms:resourcealiases"] = aliases
    for name, value in key.tags.items():
        extra[f"aws:resourcetag/{name.lower()}"] = [value]
    message = denial_message(call.lab, call.caller, key, action, context=context, extra=extra)
    if message is not None:
        raise ServiceError("AccessDeniedException", message, 400)


def denial_message(
    lab: Lab, caller: Caller, key: Key, action: str, *, context: Mapping[str, str] | None = None, via: str = "",
    extra: Mapping[str, Sequence[str]] | None = None,
) -> str | None:  # fmt: skip
    """Return why the caller may not do ``kms:action``, or None. A grant allows as much as a policy."""
    conditions = {**condition_context(context, via), **(extra or {})}
    message = lab.authorizer.denial_message(
        caller, f"kms:{action}", key.arn, key.account, key.policy.parsed, context=conditions, key_policy=True
    )
    if message is None or "explicit deny" in message:
        return message
    if any(_grant_allows(grant, caller, action, context or {}) for grant in key.grants.values()):
        return None
    return message


def names_in_grants(caller: Caller) -> set[str]:
    """Return the principals of a grant that include the caller: itself, its role and its account."""
    principal = caller.principal
    found = {principal.arn, principal.role_arn, principal.root_arn}
    return (found | ({principal.account} if principal.kind is PrincipalKind.ROOT else set())) - {""}


def _grant_allows(grant: Grant, caller: Caller, action: str, context: Mapping[str, str]) -> bool:
    if action not in grant.operations and not (action.startswith("ReEncrypt") and action in grant.operations):
        return False
    if grant.grantee not in names_in_grants(caller):
        return False
    equal: Any = grant.constraints.get("EncryptionContextEquals")
    subset: Any = grant.constraints.get("EncryptionContextSubset")
    if equal and dict(equal) != dict(context):
        return False
    return not subset or all(context.get(name) == value for name, value in subset.items())


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

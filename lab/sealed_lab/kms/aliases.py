# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Aliases of keys."""

from __future__ import annotations

import re

from ..call import Call, Handler, Output
from ..errors import ServiceError
from ..identity.permission import require_permission
from .access import NOT_DELETED, KeyUse, authorize_key, check_state, get_region_state
from .keys import Alias, Key
from .pagination import paginate
from .state import RegionState

_NAME = re.compile(r"alias/[a-zA-Z0-9/_-]+")


def _check_name(name: str) -> None:
    if not name.startswith("alias/"):
        raise ServiceError(
            "ValidationException",
            'Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
            400,
        )
    if not _NAME.fullmatch(name):
        raise ServiceError(
            "ValidationException",
            f"1 validation error detected: Value '{name}' at 'aliasName' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$",
            400,
        )


def _reject_reserved_name(name: str) -> None:
    if name.startswith("alias/aws/"):
        raise ServiceError(
            "NotAuthorizedException", "The alias prefix alias/aws/ is reserved for AWS managed keys.", 400
        )


def _authorize_alias(call: Call, region_state: RegionState, name: str) -> None:
    require_permission(call, f"kms:{call.operation.name}", region_state.alias_arn(name))


def _find_target_key(call: Call, name: str, states: frozenset[str] | None = NOT_DELETED) -> Key:
    key = call.lab.state.kms.find(call.account, call.region, name, call.now(), aliases=False)
    authorize_key(call, key, KeyUse(call.operation.name))
    if states is not None:
        check_state(key, states)
    return key


def create_alias(call: Call) -> Output:
    """Create an alias. The caller needs permission on the alias and on the key."""
    name = call["AliasName"]
    _check_name(name)
    _reject_reserved_name(name)
    region_state = get_region_state(call)
    _authorize_alias(call, region_state, name)
    key = _find_target_key(call, call["TargetKeyId"])
    if key.account != call.account:
        raise ServiceError("AccessDeniedException", "An alias and its KMS key must be in the same account.", 400)
    if name in region_state.aliases:
        raise ServiceError(
            "AlreadyExistsException", f"An alias with the name {region_state.alias_arn(name)} already exists", 400
        )
    if sum(1 for each in region_state.aliases.values() if each.target == key.key_id) >= 50:
        raise ServiceError("LimitExceededException", "A KMS key can have at most 50 aliases.", 400)
    region_state.aliases[name] = Alias(name, key.key_id, call.now(), call.now())
    return {}


def _find_alias(region_state: RegionState, name: str) -> Alias:
    alias = region_state.aliases.get(name)
    if alias is None:
        raise ServiceError("NotFoundException", f"Alias {region_state.alias_arn(name)} is not found.", 400)
    return alias


def update_alias(call: Call) -> Output:
    """Move an alias to another key of the same type and usage."""
    name = call["AliasName"]
    _check_name(name)
    _reject_reserved_name(name)
    region_state = get_region_state(call)
    alias = _find_alias(region_state, name)
    _authorize_alias(call, region_state, name)
    current_target = region_state.keys.get(alias.target)
    key = _find_target_key(call, call["TargetKeyId"])
    if current_target is not None and (current_target.symmetric != key.symmetric or current_target.usage != key.usage):
        raise ServiceError(
            "ValidationException", "The current and new KMS key must be the same type and have the same key usage.", 400
        )
    alias.target, alias.updated = key.key_id, call.now()
    return {}


def delete_alias(call: Call) -> Output:
    """Delete an alias. Its key is not changed."""
    name = call["AliasName"]
    _check_name(name)
    _reject_reserved_name(name)
    region_state = get_region_state(call)
    alias = _find_alias(region_state, name)
    _authorize_alias(call, region_state, name)
    key = region_state.keys.get(alias.target)
    if key is not None:
        authorize_key(call, key, KeyUse("DeleteAlias"))
    del region_state.aliases[name]
    return {}


def list_aliases(call: Call) -> Output:
    """List the aliases of the account and region, or of one key."""
    require_permission(call, "kms:ListAliases")
    region_state = get_region_state(call)
    call.lab.state.kms.delete_expired_keys(region_state, call.now())
    key_id = None
    if "KeyId" in call.params:
        key_id = call.lab.state.kms.find(call.account, call.region, call["KeyId"], call.now(), aliases=False).key_id
    names = sorted(name for name, alias in region_state.aliases.items() if key_id in (None, alias.target))
    fields, page = paginate(call, names, "aliases", 50, 100)
    entries = []
    for name in page:
        alias = region_state.aliases[name]
        entries.append(
            {
                "AliasName": name,
                "AliasArn": region_state.alias_arn(name),
                "TargetKeyId": alias.target,
                "CreationDate": alias.created,
                "LastUpdatedDate": alias.updated,
            }
        )
    return {**fields, "Aliases": entries}


OPERATIONS: dict[str, Handler] = {
    "CreateAlias": create_alias,
    "UpdateAlias": update_alias,
    "DeleteAlias": delete_alias,
    "ListAliases": list_aliases,
}

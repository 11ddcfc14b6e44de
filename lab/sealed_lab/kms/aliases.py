# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Aliases."""

from __future__ import annotations

import re

from ..call import Call, Handler, Output
from ..errors import ServiceError
from .access import NOT_DELETED, authorize_key, check_state, realm_of
from .keys import Alias, Key, Realm
from .paging import page

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


def _not_reserved(name: str) -> None:
    if name.startswith("alias/aws/"):
        raise ServiceError(
            "NotAuthorizedException", "The alias prefix alias/aws/ is reserved for AWS managed keys.", 400
        )


def _authorize_alias(call: Call, realm: Realm, name: str) -> None:
    call.lab.authorizer.require(
        call.caller, f"kms:{call.operation.name}", realm.alias_arn(name), call.account,
        code="AccessDeniedException", status=400,
    )  # fmt: skip


def _target(call: Call, name: str, states: frozenset[str] | None = NOT_DELETED) -> Key:
    key = call.lab.world.kms.find(call.account, call.region, name, call.now(), aliases=False)
    authorize_key(call, key, call.operation.name)
    if states is not None:
        check_state(key, states)
    return key


def create_alias(call: Call) -> Output:
    """A new name for a key; needs permission on both."""
    name = call["AliasName"]
    _check_name(name)
    _not_reserved(name)
    realm = realm_of(call)
    _authorize_alias(call, realm, name)
    key = _target(call, call["TargetKeyId"])
    if key.account != call.account:
        raise ServiceError("AccessDeniedException", "An alias and its KMS key must be in the same account.", 400)
    if name in realm.aliases:
        raise ServiceError(
            "AlreadyExistsException", f"An alias with the name {realm.alias_arn(name)} already exists", 400
        )
    if sum(1 for each in realm.aliases.values() if each.target == key.key_id) >= 50:
        raise ServiceError("LimitExceededException", "A KMS key can have at most 50 aliases.", 400)
    realm.aliases[name] = Alias(name, key.key_id, call.now(), call.now())
    return {}


def _existing(realm: Realm, name: str) -> Alias:
    alias = realm.aliases.get(name)
    if alias is None:
        raise ServiceError("NotFoundException", f"Alias {realm.alias_arn(name)} is not found.", 400)
    return alias


def update_alias(call: Call) -> Output:
    """Point a name at another key of the same type and usage."""
    name = call["AliasName"]
    _check_name(name)
    _not_reserved(name)
    realm = realm_of(call)
    alias = _existing(realm, name)
    _authorize_alias(call, realm, name)
    before = realm.keys.get(alias.target)
    key = _target(call, call["TargetKeyId"])
    if before is not None and (before.symmetric != key.symmetric or before.usage != key.usage):
        raise ServiceError(
            "ValidationException", "The current and new KMS key must be the same type and have the same key usage.", 400
        )
    alias.target, alias.updated = key.key_id, call.now()
    return {}


def delete_alias(call: Call) -> Output:
    """Forget a name; its key stays."""
    name = call["AliasName"]
    _check_name(name)
    _not_reserved(name)
    realm = realm_of(call)
    alias = _existing(realm, name)
    _authorize_alias(call, realm, name)
    key = realm.keys.get(alias.target)
    if key is not None:
        authorize_key(call, key, "DeleteAlias")
    del realm.aliases[name]
    return {}


def list_aliases(call: Call) -> Output:
    """Names of the account and region, or of one key."""
    call.lab.authorizer.require(
        call.caller, "kms:ListAliases", "*", call.account, code="AccessDeniedException", status=400
    )
    realm = realm_of(call)
    call.lab.world.kms.expire(realm, call.now())
    wanted = None
    if "KeyId" in call.params:
        wanted = call.lab.world.kms.find(call.account, call.region, call["KeyId"], call.now(), aliases=False).key_id
    names = sorted(name for name, alias in realm.aliases.items() if wanted in (None, alias.target))
    fields, chosen = page(call, names, "aliases", 50)
    entries = []
    for name in chosen:
        alias = realm.aliases[name]
        entries.append(
            {
                "AliasName": name,
                "AliasArn": realm.alias_arn(name),
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

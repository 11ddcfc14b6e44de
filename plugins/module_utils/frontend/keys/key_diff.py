# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The diff of a KMS key, for a person: each statement by its Sid, and nothing that a new key does not have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...model.diff import difference

if TYPE_CHECKING:
    from ..result import Result

# The same for every key that this module creates, or a part of `aliases`.
_NOT_NEWS = ("alias", "key_spec", "key_usage", "manager")


def key_diff(before: Result | None, after: Result | None, header: str) -> Result:
    """The parts of a key that differ, without statements that do not change, and without empty parts of a new key."""
    diff: Result = difference(_with_named_statements(before), _with_named_statements(after), header)
    new = diff["after"]
    if before is None:
        new = _without_empty({name: value for name, value in new.items() if name not in _NOT_NEWS})
    return {**diff, "before": _with_actions_once(diff["before"]), "after": _with_actions_once(_with_new_replicas(new))}


def _with_named_statements(key: Result | None) -> Result | None:
    """The key, and each of its replicas, with the statements of its policy by their names."""
    if key is None:
        return None
    named = {**key, "policy": _by_name(key.get("policy"))}
    if "replicas" in key:
        named["replicas"] = {
            region: {**replica, "policy": _by_name(replica.get("policy"))}
            for region, replica in key["replicas"].items()
        }
    return named


def _by_name(policy: Result | None) -> Result | None:
    if policy is None:
        return None
    found = policy["Statement"]
    statements: Result = {}
    for statement in found if isinstance(found, list) else [found]:
        name = statement.get("Sid") or "without a Sid"
        number = 1 + sum(each == name or each.startswith(f"{name} (") for each in statements)
        statements[name if number == 1 else f"{name} ({number})"] = {
            element: value for element, value in statement.items() if element != "Sid"
        }
    return {**policy, "Statement": statements}


def _with_new_replicas(key: Result) -> Result:
    """The key without the empty parts of replicas; those of existing ones are parts that change."""
    replicas = key.get("replicas")
    if not replicas:
        return key
    is_new = {region: isinstance(replica, Mapping) and "region" in replica for region, replica in replicas.items()}
    shown = {region: _without_empty(each) if is_new[region] else each for region, each in replicas.items()}
    return {**key, "replicas": shown}


def _without_empty(value: Mapping[str, Any]) -> Result:
    """The value without null and empty parts, at any depth."""
    inner = {name: _without_empty(each) if isinstance(each, Mapping) else each for name, each in value.items()}
    return {name: each for name, each in inner.items() if each is not None and each not in ({}, [], "")}


def _with_actions_once(key: Result) -> Result:
    """The key with each list of actions shown once, and named where it appears again."""
    policy = key.get("policy")
    statements = policy.get("Statement") if isinstance(policy, Mapping) else None
    if not isinstance(policy, Mapping) or not isinstance(statements, Mapping):
        return key
    first: dict[str, str] = {}
    shown = {}
    for name, statement in statements.items():
        actions = statement.get("Action") if isinstance(statement, Mapping) else None
        if isinstance(actions, list) and len(actions) > 1:
            known = first.setdefault(repr(sorted(actions)), name)
            statement = statement if known == name else {**statement, "Action": f"as in {known}"}
        shown[name] = statement
    return {**key, "policy": {**policy, "Statement": shown}}

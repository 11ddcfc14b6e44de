# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Policy documents: read, written, and compared in a normal form, however AWS or a person has written them.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ..arn import Arn
from ..errors import invalid_input

Statement = dict[str, Any]

# What AWS shows for a user or role that was deleted, also where one of the same name has been made since.
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
_UNIQUE_ID = re.compile(r"(AIDA|AROA)[A-Z0-9]{12,124}\Z")


def parse_policy(text: str) -> dict[str, Any]:
    """The policy document of a JSON text; raises OperationError where it is none."""
    try:
        policy = json.loads(text)
    except ValueError:
        policy = None
    if not isinstance(policy, dict) or "Statement" not in policy:
        raise invalid_input("The key policy is not a JSON policy document.", "It needs Version and Statement.")
    return policy


def dump_policy(policy: Mapping[str, Any]) -> str:
    """The JSON text of a policy document, the same for the same document."""
    return json.dumps(policy, sort_keys=True)


def statements(policy: Mapping[str, Any]) -> list[Statement]:
    """The statements of a policy, also where it holds a single one without a list."""
    found = policy.get("Statement", [])
    return [found] if isinstance(found, dict) else list(found)


def same_policy(left: str, right: str) -> bool:
    """Whether two policies mean the same, however AWS or a person has written them.

    Order, repetition, single values or lists, the letter case of actions and condition keys, root ARN or account id,
    and empty Sids make no difference.
    """
    return _normal_policy(left) == _normal_policy(right)


def settled(asked: Statement, current: list[Statement]) -> Statement:
    """The asked statement, with the principals of the current one where AWS shows some of them by their unique ids.

    AWS shows such an id for a principal that was deleted, and refuses a policy that names its ARN until there is one
    again: to write the ARN would fail in every run.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    found = next((each for each in current if _shows_ids_for(each, asked)), None)
    return asked if found is None else {**asked, "Principal": found["Principal"]}


def without_principals(policy: Mapping[str, Any], gone: Collection[str]) -> dict[str, Any]:
    """The policy without the unique ids of principals that were deleted, which AWS refuses to be sent.

    They mean nobody, so it allows and denies as before. A statement that names nobody else goes.
    """
    left = [_without(statement, gone) for statement in statements(policy)]
    return {**policy, "Statement": [statement for statement in left if statement is not None]}


def names_only(statement: Statement, gone: Collection[str]) -> bool:
    """Whether a statement is about deleted principals alone, and so about nobody."""
    named = normal_statement(statement).get("Principal", frozenset())
    return bool(named) and all(kind == "AWS" and name in gone for kind, name in named)


def _without(statement: Statement, gone: Collection[str]) -> Statement | None:
    if names_only(statement, gone):
        return None
    left = dict(statement)
    for element in ("Principal", "NotPrincipal"):
        if isinstance(left.get(element), dict):
            left[element] = _others(left[element], gone)
    if left.get("NotPrincipal") == {}:
        # All but nobody are all. To drop the statement would allow what it denies.
        del left["NotPrincipal"]
        left["Principal"] = "*"
    return left


def _others(principals: Mapping[str, Any], gone: Collection[str]) -> dict[str, Any]:
    """The principals by their kinds, as they are written, but for those that are gone."""
    names = principals.get("AWS")
    if names is None or not any(name in gone for name in _texts(names)):
        return dict(principals)
    left = [name for name in _texts(names) if name not in gone]
    return {kind: left if kind == "AWS" else value for kind, value in principals.items() if kind != "AWS" or left}


def unique_ids(policy: Mapping[str, Any]) -> tuple[str, ...]:
    """The principals that AWS shows by their unique ids, as they were deleted."""
    return tuple(sorted({name for name in iam_principals(policy) if _UNIQUE_ID.match(name)}))


def iam_principals(policy: Mapping[str, Any]) -> Iterator[str]:
    """Every AWS principal that the statements name; an account by its id."""
    return (name for kind, name in _principals(policy) if kind == "AWS")


def new_principals(before: str | None, after: str, account: str) -> tuple[str, ...]:
    """Whom a policy names and the one before it does not: users, roles, other accounts and services that KMS may not
    know (yet). A unique id is always among them, as whom it stands for can be deleted at any time. `account` is the
    key's own, which KMS knows.
    """
    known = set(_principals(parse_policy(before))) if before else set()
    named = set(_principals(parse_policy(after)))
    return tuple(
        sorted(
            name
            for kind, name in named
            if name not in ("*", account) and ((kind, name) not in known or _UNIQUE_ID.match(name))
        )
    )


def _principals(policy: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for statement in statements(policy):
        normal = normal_statement(statement)
        yield from (*normal.get("Principal", ()), *normal.get("NotPrincipal", ()))


def _shows_ids_for(found: Statement, asked: Statement) -> bool:
    """Whether a statement is the asked one, and shows an id for each missing ARN.

    It says the same but for that; or it has the same Sid, and lets some of the asked principals in as well. Where it
    shows nobody but ids the asked ones may be others, and a Deny has to come as it is asked.
    """
    left, right = normal_statement(found), normal_statement(asked)
    there, wanted = left.pop("Principal", frozenset()), right.pop("Principal", frozenset())
    ids = there - wanted
    return (
        (left == right or (right.get("Effect") == "Allow" and bool(there & wanted) and _same_sid(left, right)))
        and bool(ids)
        and len(ids) == len(wanted - there)
        and all(kind == "AWS" and _UNIQUE_ID.match(name) for kind, name in ids)
    )


def _same_sid(left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    return bool(left.get("Sid")) and left.get("Sid") == right.get("Sid")


def _normal_policy(text: str) -> tuple[str, frozenset[str]]:
    policy = parse_policy(text)
    # Without a Version AWS takes the older language, which knows no variables.
    return str(policy.get("Version", "2008-10-17")), frozenset(
        json.dumps({name: _listed(value) for name, value in normal_statement(statement).items()}, sort_keys=True)
        for statement in statements(policy)
    )


def normal_statement(statement: Mapping[str, Any]) -> dict[str, Any]:
    """A statement with sets for lists: principals as (type, name) pairs, conditions as (operator, key, values)."""
    normal: dict[str, Any] = {}
    for name, value in statement.items():
        if name in ("Principal", "NotPrincipal"):
            normal[name] = _normal_principal(value)
        elif name in ("Action", "NotAction"):
            normal[name] = frozenset(action.lower() for action in _texts(value))
        elif name in ("Resource", "NotResource"):
            normal[name] = frozenset(_texts(value))
        elif name == "Condition":
            normal[name] = frozenset(
                (operator, key.lower(), frozenset(_texts(values)))
                for operator, keys in value.items()
                for key, values in keys.items()
            )
        elif value:
            normal[name] = value
    return normal


def _normal_principal(value: Any) -> frozenset[tuple[str, str]]:
    by_type = {"AWS": value} if isinstance(value, str) else value
    return frozenset((kind, _account_of_root(name)) for kind, names in by_type.items() for name in _texts(names))


def _account_of_root(principal: str) -> str:
    arn = Arn.try_parse(principal)
    return arn.account if arn and (arn.service, arn.resource) == ("iam", "root") else principal


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [str(item).lower() if isinstance(item, bool) else str(item) for item in values]


def _listed(value: Any) -> Any:
    if isinstance(value, (frozenset, tuple)):
        listed = [_listed(item) for item in value]
        return sorted(listed, key=json.dumps) if isinstance(value, frozenset) else listed
    return value

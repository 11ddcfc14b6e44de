# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Policy documents: parsed, written, and compared in a normal form.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from ..arn import Arn
from ..errors import OperationError
from .policy_kind import KEY_POLICY, PolicyKind
from .policy_shape import Place, require_shape, require_valid

Statement = dict[str, Any]


def parse_policy(text: str, kind: PolicyKind = KEY_POLICY) -> dict[str, Any]:
    """The policy document of a JSON text; raises OperationError, with the place, if the text is not a policy document.

    Every element of the document has a type that it can have. AWS may refuse the document all the same. `kind` is for
    the sentences.
    """
    policy = _load(text, kind)
    if isinstance(policy, str) and isinstance(_try_load(policy, kind), (dict, list)):
        raise Place(kind).malformed(
            "it is a JSON text within a JSON text", "Leave out one to_json, or give the policy as a dictionary."
        )
    require_shape(policy, kind)
    document: dict[str, Any] = policy
    return document


def parse_valid_policy(text: str) -> dict[str, Any]:
    """The key policy of a JSON text; raises OperationError, with the place, if AWS would refuse its form."""
    policy = parse_policy(text)
    require_valid(policy)
    return policy


def _load(text: str, kind: PolicyKind) -> Any:
    root = Place(kind)

    def refuse_constant(name: str) -> None:
        raise root.malformed(f"it is not JSON ({name})", "Write a text or a number.")

    try:
        return json.loads(text, object_pairs_hook=partial(_without_duplicates, root), parse_constant=refuse_constant)
    except json.JSONDecodeError as error:
        # A dictionary that a template turned into text without to_json.
        python = "Give it as a dictionary, or add to_json." if text.lstrip().startswith("{'") else "Check its syntax."
        place = root / f"line {error.lineno}, column {error.colno}"
        raise place.malformed(f"it is not JSON ({error.msg})", python) from error
    except RecursionError as error:
        raise root.malformed("it is nested too deeply", "Check its syntax.") from error
    except ValueError as error:  # a number with more digits than Python converts
        raise root.malformed(f"it is not JSON ({error})", "Check its syntax.") from error


def _try_load(text: str, kind: PolicyKind) -> Any:
    try:
        return _load(text, kind)
    except OperationError:
        return None


def _without_duplicates(root: Place, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON. The parser of Python would drop the first of two elements of one name, such as a condition."""
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _value in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise (root / double).malformed("an object has this element twice", "Write it once, with all of its values.")
    return found


def dump_policy(policy: Mapping[str, Any]) -> str:
    """The JSON text of a policy document; equal documents have equal texts."""
    return json.dumps(policy, sort_keys=True)


def statements(policy: Mapping[str, Any]) -> list[Statement]:
    """The statements of a policy; a single statement may be written without a list."""
    found = policy.get("Statement", [])
    return [found] if isinstance(found, dict) else list(found)


def same_policy(left: str, right: str, kind: PolicyKind = KEY_POLICY) -> bool:
    """Whether two policies have the same meaning.

    Differences in order, repetition, single values or lists, the letter case of actions and condition keys, root ARN or
    account id, and empty Sids are ignored.
    """
    return _normal_policy(left, kind) == _normal_policy(right, kind)


def differing_statements(left: str, right: str, kind: PolicyKind = KEY_POLICY) -> tuple[str, ...]:
    """The names of the statements that only one of two policies has, in their order; the number if it has no Sid."""
    one, other = _named_statements(left, kind), _named_statements(right, kind)
    names = (*_only_in_first(one, other), *_only_in_first(other, one))
    return tuple(dict.fromkeys(names))


def _only_in_first(first: list[tuple[str, str]], second: list[tuple[str, str]]) -> list[str]:
    others = {text for _name, text in second}
    return [name for name, text in first if text not in others]


def _named_statements(text: str, kind: PolicyKind) -> list[tuple[str, str]]:
    """The name and the normal form of each statement. Several can have one name: S3 accepts a Sid twice."""
    return [
        (str(each.get("Sid") or f"number {number}"), comparable(each))
        for number, each in enumerate(statements(parse_policy(text, kind)), 1)
    ]


def comparable(statement: Statement) -> str:
    """The normal form of a statement as a text. Equal texts have the same meaning."""
    return json.dumps(
        {name: _to_json_value(value) for name, value in normal_statement(statement).items()}, sort_keys=True
    )


def _normal_policy(text: str, kind: PolicyKind) -> tuple[str, frozenset[str]]:
    policy = parse_policy(text, kind)
    # Without a Version AWS applies the older policy language, which has no variables.
    return str(policy.get("Version", "2008-10-17")), frozenset(
        comparable(statement) for statement in statements(policy)
    )


def normal_statement(statement: Mapping[str, Any]) -> dict[str, Any]:
    """A statement with sets in place of lists: principals as (type, name), conditions as (operator, key, values)."""
    normal: dict[str, Any] = {}
    for name, value in statement.items():
        if value is None:
            continue
        if name in ("Principal", "NotPrincipal"):
            normal[name] = _normal_principal(value)
        elif name in ("Action", "NotAction"):
            normal[name] = frozenset(action.lower() for action in as_list(value))
        elif name in ("Resource", "NotResource"):
            normal[name] = frozenset(as_list(value))
        elif name == "Condition":
            conditions = frozenset(
                (operator, key.lower(), frozenset(as_list(values)))
                for operator, keys in value.items()
                for key, values in keys.items()
            )
            if conditions:
                normal[name] = conditions
        elif value:
            normal[name] = value
    return normal


def _normal_principal(value: Any) -> frozenset[tuple[str, str]]:
    by_type = {"AWS": value} if isinstance(value, str) else value
    return frozenset((kind, _account_of_root(name)) for kind, names in by_type.items() for name in as_list(names))


def _account_of_root(principal: str) -> str:
    arn = Arn.try_parse(principal)
    return arn.account if arn and (arn.service, arn.resource) == ("iam", "root") else principal


def as_list(value: Any) -> list[str]:
    """The values of an element, one or a list of them, as texts. Booleans are in JSON's words."""
    values = value if isinstance(value, list) else [value]
    return [str(item).lower() if isinstance(item, bool) else str(item) for item in values]


def _to_json_value(value: Any) -> Any:
    if isinstance(value, (frozenset, tuple)):
        items = [_to_json_value(item) for item in value]
        return sorted(items, key=json.dumps) if isinstance(value, frozenset) else items
    return value

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The form of a policy document: what AWS refuses as malformed, with the place of the error.

`require_shape` accepts every document that code of this collection can read. `require_valid` also refuses what AWS
refuses, before any call.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html,
https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html#key-policy-elements
and https://github.com/ministryofjustice/analytical-platform/issues/7691 (AWS: what KMS requires since August 2025)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import OperationError, invalid_input
from .policy_kind import KEY_POLICY, PolicyKind
from .principals import impossible_principal

_VERSIONS = ("2012-10-17", "2008-10-17")
_ELEMENTS = ("Version", "Id", "Statement")
_EITHER = (("Principal", "NotPrincipal"), ("Action", "NotAction"), ("Resource", "NotResource"))
_STATEMENT_ELEMENTS = ("Sid", "Effect", "Condition", *(name for pair in _EITHER for name in pair))
_LISTS = ("Action", "NotAction", "Resource", "NotResource")

_PRINCIPAL_EXAMPLE = 'Write "*", or {"AWS": "arn:aws:iam::111122223333:role/app"}.'


def type_name(value: Any) -> str:
    """The JSON type of a value, with its article."""
    if value is None:
        return "null"
    names = {
        bool: "true or false",
        int: "a number",
        float: "a number",
        str: "a text",
        list: "a list",
        dict: "an object",
    }
    return names.get(type(value), type(value).__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a policy, for messages. An empty path is the whole policy."""

    kind: PolicyKind
    path: str = ""

    def __truediv__(self, name: str) -> Place:
        """The place of an element in this one."""
        return Place(self.kind, f"{self.path}, {name}" if self.path else name)

    def malformed(self, problem: str, advice: str = "") -> OperationError:
        """The exception for a policy with an error at this place."""
        where = f" at {self.path}" if self.path else ""
        return invalid_input(f"The {self.kind.name} is malformed{where}: {problem}.", advice)


def require_shape(policy: Any, kind: PolicyKind) -> None:
    """Raise OperationError, with the place, unless every element of the document has a type that it can have."""
    root = Place(kind)
    if not isinstance(policy, dict):
        raise root.malformed(f"it is {type_name(policy)}, and not an object", "It needs Version and Statement.")
    if "Statement" not in policy:
        raise root.malformed("it has no Statement", "It needs Version and Statement.")
    _require_text(policy, ("Version", "Id"), root)
    found = policy["Statement"]
    if not isinstance(found, (dict, list)):
        raise (root / "Statement").malformed(f"it is {type_name(found)}", "Write a list of statements.")
    for place, statement in _statements(policy, root):
        if not isinstance(statement, dict):
            raise place.malformed(f"it is {type_name(statement)}, and not an object", "Write a statement as an object.")
        _require_statement_shape(place, statement)


def _statements(policy: Mapping[str, Any], root: Place) -> Iterator[tuple[Place, Any]]:
    """Every statement with its place: its number, and its Sid if it has one."""
    found = policy["Statement"]
    for number, statement in enumerate(found if isinstance(found, list) else [found], 1):
        sid = statement.get("Sid") if isinstance(statement, dict) else None
        yield root / f"statement {number}{f' ({sid})' if sid and isinstance(sid, str) else ''}", statement


def _require_statement_shape(place: Place, statement: Mapping[str, Any]) -> None:
    _require_text(statement, ("Sid", "Effect"), place)
    for name in ("Principal", "NotPrincipal"):
        if name in statement:
            _require_principal_shape(place / name, statement[name])
    for name in _LISTS:
        if statement.get(name) is not None:  # KMS took null for a missing element until August 2025
            _require_texts(place / name, statement[name])
    if "Condition" in statement:
        _require_condition_shape(place / "Condition", statement["Condition"])


def _require_principal_shape(place: Place, value: Any) -> None:
    if isinstance(value, str):
        return
    if not isinstance(value, dict):
        raise place.malformed(f"it is {type_name(value)}", _PRINCIPAL_EXAMPLE)
    for kind, names in value.items():
        _require_scalars(place / kind, names, _PRINCIPAL_EXAMPLE)


def _require_condition_shape(place: Place, value: Any) -> None:
    example = f"Write {place.kind.condition_example}."
    if not isinstance(value, dict):
        raise place.malformed(f"it is {type_name(value)}, and not an object", example)
    for operator, keys in value.items():
        if not isinstance(keys, dict):
            raise (place / operator).malformed(f"it is {type_name(keys)}, and not an object", example)
        for key, values in keys.items():
            _require_scalars(place / operator / key, values, example)


def _require_scalars(place: Place, value: Any, advice: str) -> None:
    """Texts, numbers and booleans, one or a list of them."""
    for each in value if isinstance(value, list) else [value]:
        if not isinstance(each, (str, int, float)):
            raise place.malformed(f"{type_name(each)} is not a value here", advice)


def _require_texts(place: Place, value: Any) -> None:
    for each in value if isinstance(value, list) else [value]:
        if not isinstance(each, str):
            raise place.malformed(f"{type_name(each)} is not a value here", "Write a text, or a list of texts.")


def _require_text(element: Mapping[str, Any], names: tuple[str, ...], place: Place) -> None:
    for name in names:
        if name in element and not isinstance(element[name], str):
            where = place / name
            raise where.malformed(f"it is {type_name(element[name])}, and not a text", f"Write {name} as a text.")


def missing_element(statement: Mapping[str, Any]) -> str | None:
    """The element whose lack makes a statement of a stored policy ineffective; None if it lacks nothing."""
    for pair in (("Action", "NotAction"), ("Resource", "NotResource")):
        if not any(statement.get(name) for name in pair):
            return pair[0]
    return None


def require_valid(policy: Mapping[str, Any]) -> None:
    """Raise OperationError, with the place, for a key policy that AWS refuses as malformed.

    Its shape is known to be right. This includes names of principals that can never exist.
    """
    root = Place(KEY_POLICY)
    unknown = [name for name in policy if name not in _ELEMENTS]
    if unknown:
        raise (root / unknown[0]).malformed("a policy does not have this element", f"It has {', '.join(_ELEMENTS)}.")
    if policy.get("Version", _VERSIONS[0]) not in _VERSIONS:
        raise (root / "Version").malformed(
            f"{policy['Version']!r} is not a version", f"Write {_VERSIONS[0]}, in quotes."
        )
    if policy["Statement"] == []:
        raise (root / "Statement").malformed(
            "it is empty", "Write at least one statement that allows kms:PutKeyPolicy."
        )
    for place, statement in _statements(policy, root):
        _require_valid_statement(place, statement)


def _require_valid_statement(place: Place, statement: Mapping[str, Any]) -> None:
    unknown = [name for name in statement if name not in _STATEMENT_ELEMENTS]
    if unknown:
        names = ", ".join(_STATEMENT_ELEMENTS)
        raise (place / unknown[0]).malformed("a statement does not have this element", f"It can have {names}.")
    if statement.get("Effect") not in ("Allow", "Deny"):
        problem = f"it is {statement['Effect']!r}" if "Effect" in statement else "it is missing"
        raise (place / "Effect").malformed(problem, "Write Allow or Deny, in this letter case.")
    for pair in _EITHER:
        given = [name for name in pair if name in statement]
        if not given:
            needed = " or ".join(name for name in pair if name != "NotResource")
            raise place.malformed(f"it has no {pair[0]}", f"Every statement of a key policy needs {needed}.")
        if len(given) == 2:
            raise place.malformed(f"it has both {' and '.join(pair)}", "Write one of them.")
    if "NotResource" in statement:
        raise (place / "NotResource").malformed("KMS does not accept it in a key policy", 'Write Resource: "*".')
    for name in _LISTS:
        if name in statement and statement[name] is None:
            _require_texts(place / name, None)
        if statement.get(name) in ([], ""):
            raise (place / name).malformed("it is empty", "Write a text, or a list of texts.")
    _require_actions(place, statement)
    _require_principals(place, statement)


def _require_actions(place: Place, statement: Mapping[str, Any]) -> None:
    for name in ("Action", "NotAction"):
        value = statement.get(name, [])
        for action in value if isinstance(value, list) else [value]:
            if action != "*" and ":" not in action:
                raise (place / name).malformed(f"{action!r} has no service", f"Write kms:{action or '*'}.")


def _require_principals(place: Place, statement: Mapping[str, Any]) -> None:
    if "NotPrincipal" in statement and statement["Effect"] == "Allow":
        raise (place / "NotPrincipal").malformed(
            "AWS accepts it with Effect Deny only", "Write Principal with those to allow."
        )
    name = "NotPrincipal" if "NotPrincipal" in statement else "Principal"
    value = statement[name]
    if isinstance(value, str):
        if value != "*":
            raise (place / name).malformed(f"{value!r} has no type", f'Write {{"AWS": "{value}"}}.')
        return
    if not value:
        raise (place / name).malformed("it is empty", _PRINCIPAL_EXAMPLE)
    for kind, names in value.items():
        where = place / name / kind
        if names == []:
            raise where.malformed("it is empty", _PRINCIPAL_EXAMPLE)
        for each in names if isinstance(names, list) else [names]:
            impossible = impossible_principal(kind, each)
            if impossible:
                raise where.malformed(f"{each} {impossible.reason}", impossible.advice)

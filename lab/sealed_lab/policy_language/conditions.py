# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The Condition element of a statement.

Every operator and every key of a block must be met. One matching value of a key is enough. For a negated operator, no
value may match. A condition on a key that the request does not have is not met, except with a negated operator,
with ``...IfExists`` and with ``Null``.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import operator as comparison
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any

from .kinds import PolicyKind, policy_error
from .patterns import Context, arn_match, text_match

_Compare = Callable[[str, str, Context, bool], bool]
"""(the policy's value, the request's value, the context, whether variables are resolved) -> whether they agree."""


class SetOperator(Enum):
    """How several values of one key in the request are compared.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
    """

    NONE = ""
    FOR_ALL_VALUES = "ForAllValues"
    FOR_ANY_VALUE = "ForAnyValue"


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"not a number: {text}") from None
    if not number.is_finite():
        raise ValueError(f"not a number: {text}")
    return number


def _timestamp(text: str) -> Decimal:
    """Return seconds since the epoch, from W3C ISO 8601 or from a number of seconds."""
    try:
        return _number(text)
    except ValueError:
        parsed = datetime.fromisoformat(text[:-1] + "+00:00" if text[-1:] in "Zz" else text)
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=timezone.utc)
    return Decimal(repr(parsed.timestamp()))


def _boolean(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(f"neither true nor false: {text}")
    return text.lower() == "true"


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError(f"not base64: {text}") from None


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(text, strict=False)


def _in_network(network: Any, address: Any) -> bool:
    return network.version == address.version and bool(address.subnet_of(network))


def _compare_as(parse: Callable[[str], Any], predicate: Callable[[Any, Any], bool]) -> _Compare:
    """Compare two texts as values of a type. A text that is not of the type matches nothing."""

    def compare(policy_value: str, request_value: str, context: Context, variables: bool) -> bool:
        try:
            return predicate(parse(policy_value), parse(request_value))
        except ValueError:
            return False

    return compare


def _string(policy_value: str, request_value: str, context: Context, variables: bool) -> bool:
    return text_match(policy_value, request_value, context, variables=variables, wildcards=False)


def _string_ignoring_case(policy_value: str, request_value: str, context: Context, variables: bool) -> bool:
    lowered = (
        {key: [value.lower() for value in values] for key, values in context.items()} if "${" in policy_value else {}
    )
    return text_match(policy_value.lower(), request_value.lower(), lowered, variables=variables, wildcards=False)


def _string_like(policy_value: str, request_value: str, context: Context, variables: bool) -> bool:
    return text_match(policy_value, request_value, context, variables=variables)


def _arn(policy_value: str, request_value: str, context: Context, variables: bool) -> bool:
    return arn_match(policy_value, request_value, context, variables=variables)


@dataclass(frozen=True)
class _Operator:
    compare: _Compare
    parse: Callable[[str], Any] = str
    negated: bool = False


def _ordering_operators(prefix: str, parse: Callable[[str], Any]) -> dict[str, _Operator]:
    """Return the six comparisons of an ordered type. The value of the request is the left operand."""
    table = {
        "Equals": comparison.eq,
        "LessThan": comparison.gt,
        "LessThanEquals": comparison.ge,
        "GreaterThan": comparison.lt,
        "GreaterThanEquals": comparison.le,
    }
    operators = {prefix + name: _Operator(_compare_as(parse, predicate), parse) for name, predicate in table.items()}
    operators[prefix + "NotEquals"] = _Operator(_compare_as(parse, comparison.eq), parse, negated=True)
    return operators


_OPERATORS: Mapping[str, _Operator] = {
    "StringEquals": _Operator(_string),
    "StringNotEquals": _Operator(_string, negated=True),
    "StringEqualsIgnoreCase": _Operator(_string_ignoring_case),
    "StringNotEqualsIgnoreCase": _Operator(_string_ignoring_case, negated=True),
    "StringLike": _Operator(_string_like),
    "StringNotLike": _Operator(_string_like, negated=True),
    "ArnEquals": _Operator(_arn),
    "ArnLike": _Operator(_arn),
    "ArnNotEquals": _Operator(_arn, negated=True),
    "ArnNotLike": _Operator(_arn, negated=True),
    "Bool": _Operator(_compare_as(_boolean, comparison.eq), _boolean),
    "BinaryEquals": _Operator(_compare_as(_bytes, comparison.eq), _bytes),
    "IpAddress": _Operator(_compare_as(_network, _in_network), _network),
    "NotIpAddress": _Operator(_compare_as(_network, _in_network), _network, negated=True),
    "Null": _Operator(_compare_as(_boolean, comparison.eq), _boolean),
    **_ordering_operators("Numeric", _number),
    **_ordering_operators("Date", _timestamp),
}


@dataclass(frozen=True)
class Condition:
    """One key of a Condition block with its operator, its set operator and its values."""

    operator: str
    key: str
    values: tuple[str, ...]
    set_operator: SetOperator = SetOperator.NONE
    if_exists: bool = False

    def is_met(self, context: Context, *, variables: bool) -> bool:
        """Return whether the request meets the condition.

        ``Null`` requires that the key is absent (true) or present (false).
        """
        request_values = context.get(self.key, ())
        if self.operator == "Null":
            return any(_boolean(value) == (not request_values) for value in self.values)
        if not request_values and self.if_exists:
            return True
        operator = _OPERATORS[self.operator]

        def matches(value: str) -> bool:
            matched = any(operator.compare(policy_value, value, context, variables) for policy_value in self.values)
            return matched != operator.negated

        if self.set_operator is SetOperator.FOR_ALL_VALUES:
            return all(matches(value) for value in request_values if value)
        if self.set_operator is SetOperator.FOR_ANY_VALUE:
            return any(matches(value) for value in request_values if value)
        if operator.negated:
            return all(matches(value) for value in request_values)
        return any(matches(value) for value in request_values)


def parse_conditions(block: Any, kind: PolicyKind) -> tuple[Condition, ...]:
    """Parse a Condition element. Raise PolicyError for an unknown operator or a value of the wrong type."""
    if not isinstance(block, dict):
        raise policy_error(kind, "The Condition element must be an object of condition operators.")
    conditions: list[Condition] = []
    for name, keys in block.items():
        set_operator, operator, if_exists = _parse_operator(name, kind)
        if not isinstance(keys, dict):
            raise policy_error(kind, f"The condition operator {name} must hold an object of condition keys.")
        for key, values in keys.items():
            if not key.strip() or (":" not in key):
                raise policy_error(kind, f"Invalid condition key: {key!r} has no service prefix.")
            texts = tuple(_parse_value(value, operator, kind) for value in _as_list(values))
            conditions.append(Condition(operator, key.lower(), texts, set_operator, if_exists))
    return tuple(conditions)


def _parse_operator(name: str, kind: PolicyKind) -> tuple[SetOperator, str, bool]:
    prefix, colon, name_part = name.rpartition(":")
    base = name_part.removesuffix("IfExists")
    if_exists = base != name_part
    known_prefixes = {member.value: member for member in SetOperator}
    wrong_prefix = prefix not in known_prefixes or bool(colon) != bool(prefix)
    if wrong_prefix or base not in _OPERATORS or (base == "Null" and (if_exists or prefix)):
        raise policy_error(kind, f"Invalid Condition type : {name}")
    return known_prefixes[prefix], base, if_exists


def _parse_value(value: Any, operator: str, kind: PolicyKind) -> str:
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, (str, int, float)):
        text = str(value)
    else:
        raise policy_error(
            kind, f"A value of the condition operator {operator} must be a string, a number or a Boolean."
        )
    if operator == "Bool" and "${" in text:
        return text
    try:
        _OPERATORS[operator].parse(text)
    except ValueError:
        raise policy_error(kind, f"Invalid value for the condition operator {operator}: {text}") from None
    return text


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Detection of statements that make a policy public.

AWS calls a policy public unless it allows access to fixed values only: to a principal, or through a condition on the
caller or the source, without wildcards and policy variables. A Deny elsewhere in the policy is not considered.
Sources: https://docs.aws.amazon.com/config/latest/developerguide/kms-key-policy-no-public-access.html
and https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
#access-control-block-public-access-policy-status
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from typing import Any

from ..arn import Arn
from .policy_document import normal_statement, parse_policy, statements
from .policy_kind import KEY_POLICY, PolicyKind
from .policy_shape import missing_element

_EQUALITIES = frozenset({"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "ipaddress"})
# A network with a shorter prefix counts as public. No private range has a shorter one.
_SHORTEST_PREFIX = {4: 8, 6: 32}
# The organization at the beginning of aws:PrincipalOrgPaths, and an account.
_ORGANIZATION = re.compile(r"(o-[a-z0-9]{10,32})/")
_ACCOUNT = re.compile(r"\d{12}\Z")


@dataclass(frozen=True, slots=True)
class LooseValue:
    """A value of a condition on the caller that is not fixed, and why."""

    key: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class PublicStatement:
    """A public statement.

    `loose` are the values of its conditions on the caller that are not fixed; empty if it has no such condition.
    `bounds` is what limits the callers all the same, such as an account in a value with a wildcard. `number` is its
    place in the policy, from 1.
    """

    sid: str | None
    loose: tuple[LooseValue, ...] = ()
    bounds: tuple[str, ...] = ()
    number: int = field(default=0, compare=False, repr=False)


def public_statements(policy: str, kind: PolicyKind = KEY_POLICY) -> tuple[PublicStatement, ...]:
    """The public statements of a policy (JSON) of this kind, in their order."""
    found = []
    for number, statement in enumerate(statements(parse_policy(policy, kind)), 1):
        normal = normal_statement(statement)
        if normal.get("Effect") != "Allow" or not _names_everyone(normal) or missing_element(statement):
            continue
        conditions = sorted(
            (key, sorted(values))
            for operator, key, values in normal.get("Condition", ())
            if _restricts(operator) and key in kind.caller_keys
        )
        if any(all(_is_fixed(value, key, kind) for value in values) for key, values in conditions):
            continue
        names = {key.lower(): key for keys in statement.get("Condition", {}).values() for key in keys}
        loose = tuple(
            LooseValue(names[key], value, reason)
            for key, values in conditions
            for value, reason in ((each, _looseness(each)) for each in values if not _is_fixed(each, key, kind))
            if reason
        )
        found.append(PublicStatement(normal.get("Sid"), loose, _bounds(conditions), number))
    return tuple(found)


def _bounds(conditions: list[tuple[str, list[str]]]) -> tuple[str, ...]:
    """The accounts and organizations that the conditions limit the callers to, by the fixed parts of their values."""
    bounds: list[str] = []
    for _key, values in conditions:
        parts = [_fixed_part(value) for value in values]
        if all(parts):
            bounds += [part for part in parts if part]
    return tuple(dict.fromkeys(bounds))


def _fixed_part(value: str) -> str | None:
    """The account of an ARN, the organization of a path, or a fixed value; None if nothing of the value is fixed."""
    if _looseness(value) is None:
        return value
    organization = _ORGANIZATION.match(value)
    if organization:
        return f"the organization {organization[1]}"
    arn = Arn.try_parse(value)
    return f"the account {arn.account}" if arn and _ACCOUNT.match(arn.account) else None


def _names_everyone(normal: dict[str, Any]) -> bool:
    """Whether the principals are a wildcard, or all principals with exceptions."""
    return "NotPrincipal" in normal or any("*" in name for _kind, name in normal.get("Principal", ()))


def _restricts(operator: str) -> bool:
    """Whether an operator requires one of its values. ForAllValues and IfExists do not: they are met without the
    key."""
    return operator.lower().removeprefix("foranyvalue:") in _EQUALITIES


def _is_fixed(value: str, key: str, kind: PolicyKind) -> bool:
    if key in kind.account_keys and "${" not in value:
        arn = Arn.try_parse(value)
        return arn is not None and _ACCOUNT.match(arn.account) is not None
    return _looseness(value) is None


def _looseness(value: str) -> str | None:
    """Why a value is not fixed; None if it is."""
    if "${" in value:
        return "has a policy variable"
    if "*" in value or "?" in value:
        return "has a wildcard"
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:  # most values are not addresses
        return None
    return None if network.prefixlen >= _SHORTEST_PREFIX[network.version] else "is a very large network"

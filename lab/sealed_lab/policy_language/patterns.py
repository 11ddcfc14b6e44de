# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Wildcards and policy variables.

``*`` matches any sequence of characters, ``?`` matches exactly one. ``${key}`` is the value of a condition key in the
request. ``${key, 'default'}`` is that value or the default. ``${*}``, ``${?}`` and ``${$}`` are these characters
themselves. The value of a variable is always literal: a user named ``*`` is not a wildcard.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

Context = Mapping[str, Sequence[str]]
"""Lower-cased condition key -> its values in the request. An absent key, or one without values, is not present."""


class Wildcard(Enum):
    """The two wildcard characters."""

    ANY_RUN = "*"
    ANY_ONE = "?"


@dataclass(frozen=True)
class Variable:
    """A policy variable: a condition key in lower case, and the default for a request that does not have the key."""

    key: str
    default: str | None = None


Piece = str | Wildcard | Variable
Resolved = str | Wildcard

_TOKEN = re.compile(r"\$\{(?P<inside>[^}]*)\}|(?P<wildcard>[*?])", re.DOTALL)
_ARN_PARTS = 6
_DEFAULT = re.compile(r"(?P<key>[^,]*?)\s*,\s*'(?P<default>[^']*)'\s*", re.DOTALL)


@lru_cache(maxsize=65536)
def split_pattern(text: str, variables: bool, wildcards: bool) -> tuple[Piece, ...]:
    """Split a text of a policy into literals, wildcards and variables.

    If variables or wildcards are disabled, they are literals.
    """
    found: list[Piece] = []
    literal = ""
    position = 0
    for token in _TOKEN.finditer(text):
        inside, wildcard = token["inside"], token["wildcard"]
        piece: Piece = token[0]
        if wildcard is not None and wildcards:
            piece = Wildcard(wildcard)
        elif inside is not None and variables:
            default = _DEFAULT.fullmatch(inside)
            if inside in ("*", "?", "$"):
                piece = inside
            elif default is not None:
                piece = Variable(default["key"].strip().lower(), default["default"])
            else:
                piece = Variable(inside.strip().lower())
        literal += text[position : token.start()]
        position = token.end()
        if isinstance(piece, str):
            literal += piece
            continue
        found += [literal, piece] if literal else [piece]
        literal = ""
    literal += text[position:]
    return (*found, literal) if literal else tuple(found)


def resolve(cut: tuple[Piece, ...], context: Context) -> tuple[Resolved, ...] | None:
    """Replace the variables by the values of the request.

    Return None if a variable has neither a single value nor a default.
    """
    resolved: list[Resolved] = []
    for piece in cut:
        if isinstance(piece, Variable):
            values = context.get(piece.key, ())
            value = values[0] if len(values) == 1 else piece.default if not values else None
            if value is None:
                return None
            resolved.append(value)
        else:
            resolved.append(piece)
    return tuple(resolved)


@lru_cache(maxsize=65536)
def _expression(resolved: tuple[Resolved, ...]) -> re.Pattern[str]:
    """Return a regular expression in which each ``*`` matches as little as possible and is never tried again.

    For ``*`` this is correct, and it keeps the time linear in the length of the text for each wildcard.
    """
    runs: list[str] = [""]
    for piece in resolved:
        if piece is Wildcard.ANY_RUN:
            runs.append("")
        else:
            runs[-1] += "." if isinstance(piece, Wildcard) else re.escape(piece)
    if len(runs) == 1:
        return re.compile(runs[0], re.DOTALL)
    between = enumerate(filter(None, runs[1:-1]))
    middle = "".join(f"(?=(?P<r{number}>.*?{run}))(?P=r{number})" for number, run in between)
    return re.compile(f"{runs[0]}{middle}.*{runs[-1]}", re.DOTALL)


def _matches(resolved: tuple[Resolved, ...], value: str) -> bool:
    return _expression(resolved).fullmatch(value) is not None


def wildcard_match(pattern: str, value: str) -> bool:
    """Return whether the value matches a pattern of ``*`` and ``?`` without variables."""
    if pattern == "*":
        return True
    resolved = resolve(split_pattern(pattern, False, True), {})
    return resolved is not None and _matches(resolved, value)


def text_match(pattern: str, value: str, context: Context, *, variables: bool, wildcards: bool = True) -> bool:
    """Return whether the value matches the pattern after its variables are resolved.

    A variable without a value matches nothing.
    """
    if pattern == value and "$" not in pattern:
        return True
    resolved = resolve(split_pattern(pattern, variables, wildcards), context)
    return resolved is not None and _matches(resolved, value)


def arn_match(pattern: str, value: str, context: Context, *, variables: bool) -> bool:
    """Return whether an ARN matches a pattern. Each of the six parts between colons is compared separately.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    """
    if pattern == "*":
        return True
    resolved = resolve(split_pattern(pattern, variables, True), context)
    if resolved is None:
        return False
    parts = value.split(":", _ARN_PARTS - 1)
    components = _components(resolved)
    return len(parts) == len(components) == _ARN_PARTS and all(map(_matches, components, parts))


@lru_cache(maxsize=65536)
def _components(resolved: tuple[Resolved, ...]) -> tuple[tuple[Resolved, ...], ...]:
    """Split an ARN pattern at its first five colons."""
    components: list[list[Resolved]] = [[]]
    for piece in resolved:
        if isinstance(piece, Wildcard):
            components[-1].append(piece)
            continue
        first, *others = piece.split(":", _ARN_PARTS - len(components))
        components[-1].append(first)
        components += [[other] for other in others]
    return tuple(tuple(component) for component in components)

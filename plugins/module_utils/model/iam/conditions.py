# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Conditions of policy statements, evaluated with what is known about a request. What is not known is None.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

Condition = tuple[str, str, frozenset[str]]
# Whether a value of a policy is that of the request.
Matcher = Callable[[str], bool]
# Condition key in lower case -> the matcher of its value; None for a key that the request does not have.
Facts = Mapping[str, "Matcher | None"]

_POSITIVE = {"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "bool"}
_NEGATIVE = {"stringnotequals", "stringnotequalsignorecase", "stringnotlike", "arnnotequals", "arnnotlike"}


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = (".*" if each == "*" else "." if each == "?" else re.escape(each) for each in pattern)
    return re.compile("".join(parts) + r"\Z", re.DOTALL)


def wildcard_match(pattern: str, text: str) -> bool:
    """Whether a pattern of a policy matches: `*` stands for any text, `?` for one character, and nothing else is
    special."""
    return _compiled(pattern).match(text) is not None


def one_of(*texts: str) -> Matcher:
    """The matcher of a value that is one of these texts."""
    return lambda value: any(wildcard_match(value, text) for text in texts)


def is_met(condition: Condition, facts: Facts) -> bool | None:
    """Whether a condition is met; None if that is not known."""
    operator, key, values = condition
    name = operator.lower().removeprefix("foranyvalue:").removeprefix("forallvalues:")
    if key not in facts:
        return None
    matcher = facts[key]
    if name == "null":
        absent = {"true": matcher is None, "false": matcher is not None}
        return any(absent.get(value.lower(), False) for value in values)
    base = name.removesuffix("ifexists")
    if base not in _POSITIVE | _NEGATIVE:
        return None
    if matcher is None:
        return base in _NEGATIVE or name != base
    return any(matcher(value) for value in values) == (base in _POSITIVE)

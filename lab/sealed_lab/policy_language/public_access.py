# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Whether S3 calls a bucket policy public.

A policy is public unless each of its Allow statements grants access to fixed values only: to named principals, or under
a condition on one of the keys below, without wildcards and without policy variables. Deny statements do not count.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html (The meaning of "public")
"""

from __future__ import annotations

import ipaddress
import re

from .conditions import Condition, SetOperator
from .document import Policy, Statement
from .principals import PrincipalElement

_FIXED_KEYS = frozenset(
    {
        *("aws:principalarn", "aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths"),
        *("aws:principalservicename", "aws:userid"),
        *("aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceowner", "aws:sourceaccount"),
        "s3:dataaccesspointaccount",
    }
)
_OPERATORS = frozenset({"StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike"})
_NOT_FIXED = re.compile(r"[*?]|\$\{")
_ACCESS_POINTS_OF_ACCOUNT = re.compile(r"arn:aws[a-z-]*:s3:[^:$]*:\d{12}:[^$]*")
_BROADEST = {4: 8, 6: 32}


def is_public(policy: Policy) -> bool:
    """Return whether a statement of the policy allows more than fixed values."""
    return any(statement.allow and _is_public(statement) for statement in policy.statements)


def _is_public(statement: Statement) -> bool:
    if statement.principal is not None and _is_fixed(statement.principal):
        return False
    return not any(_limits(condition) for condition in statement.conditions)


def _is_fixed(principal: PrincipalElement) -> bool:
    """Return whether the element names principals. Everybody can sign in at a web identity provider."""
    web_providers = any("." in name and not name.startswith("arn:") for name in principal.others)
    return not (principal.everyone or principal.negated or web_providers)


def _limits(condition: Condition) -> bool:
    """Return whether only requests with fixed values meet the condition. All of its values are alternatives."""
    if condition.if_exists or condition.set_operator is SetOperator.FOR_ALL_VALUES or not condition.values:
        return False
    if condition.key == "aws:sourceip":
        return condition.operator == "IpAddress" and all(map(_is_narrow, condition.values))
    if condition.operator not in _OPERATORS:
        return False
    if condition.key == "s3:dataaccesspointarn":
        return all(_ACCESS_POINTS_OF_ACCOUNT.fullmatch(value) for value in condition.values)
    return condition.key in _FIXED_KEYS and not any(_NOT_FIXED.search(value) for value in condition.values)


def _is_narrow(network: str) -> bool:
    parsed = ipaddress.ip_network(network, strict=False)
    return parsed.prefixlen >= _BROADEST[parsed.version]

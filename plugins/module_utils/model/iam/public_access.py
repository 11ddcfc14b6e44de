# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Detection of statements that make a key policy public.

AWS calls a policy public unless it allows access to fixed values only: to a principal, or through a condition on the
caller or the source, without wildcards and policy variables. A Deny elsewhere in the policy is not considered.
Sources: https://docs.aws.amazon.com/config/latest/developerguide/kms-key-policy-no-public-access.html
and https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
#access-control-block-public-access-policy-status
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any

from .policy_document import normal_statement, parse_policy, statements

# Condition keys about the caller or the source, in lower case. kms:ViaService and the encryption context are not among
# them: every account has buckets in S3.
_CALLER_KEYS = frozenset(
    {
        "kms:calleraccount",
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceowner",
        "aws:sourceip",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
    }
)
_EQUALITIES = frozenset({"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "ipaddress"})
# A network with a shorter prefix counts as public. No private range has a shorter one.
_SHORTEST_PREFIX = {4: 8, 6: 32}


@dataclass(frozen=True, slots=True)
class PublicStatement:
    """A public statement. `loose`: it has a condition on the caller, but with a wildcard or a policy variable."""

    sid: str | None
    loose: bool = False


def public_statements(policy: str) -> tuple[PublicStatement, ...]:
    """The public statements of a policy (JSON), in their order."""
    found = []
    for statement in statements(parse_policy(policy)):
        normal = normal_statement(statement)
        if normal.get("Effect") != "Allow" or not _names_everyone(normal):
            continue
        conditions = [values for operator, key, values in normal.get("Condition", ()) if _restricts(operator, key)]
        if not any(all(_is_fixed(value) for value in values) for values in conditions):
            found.append(PublicStatement(normal.get("Sid"), loose=bool(conditions)))
    return tuple(found)


def _names_everyone(normal: dict[str, Any]) -> bool:
    """Whether the principals are a wildcard, or all principals with exceptions."""
    return "NotPrincipal" in normal or any("*" in name for _kind, name in normal.get("Principal", ()))


def _restricts(operator: str, key: str) -> bool:
    """Whether a condition restricts the caller. ForAllValues and IfExists do not: they are met without the key."""
    plain = operator.lower().removeprefix("foranyvalue:")
    return plain in _EQUALITIES and key in _CALLER_KEYS


def _is_fixed(value: str) -> bool:
    """Whether a value has no wildcard and no policy variable, and is not a very large network."""
    if any(mark in value for mark in ("*", "?", "${")):
        return False
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:  # most values are not addresses
        return True
    return network.prefixlen >= _SHORTEST_PREFIX[network.version]

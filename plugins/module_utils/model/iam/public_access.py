# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Which statements of a key policy let everybody in.

AWS calls a policy public unless it lets in fixed values only: a principal, or a condition on who calls or from where,
without wildcards and policy variables. A Deny elsewhere in the policy is not weighed.
Sources: https://docs.aws.amazon.com/config/latest/developerguide/kms-key-policy-no-public-access.html
and https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
#access-control-block-public-access-policy-status
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any

from .policy_document import normal_statement, parse_policy, statements

# What tells who calls, or from where, in letters as they are compared. kms:ViaService and the encryption context are
# not among them: everybody's bucket is behind S3.
_BOUNDING = frozenset(
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
# Broader ranges count as everybody. No private one is.
_BROADEST = {4: 8, 6: 32}


@dataclass(frozen=True, slots=True)
class PublicStatement:
    """A statement that lets everybody in. `loose`: a condition bounds who, but by wildcards or variables only."""

    sid: str | None
    loose: bool = False


def public_statements(policy: str) -> tuple[PublicStatement, ...]:
    """The statements of a policy's JSON that let everybody in, in its order."""
    found = []
    for statement in statements(parse_policy(policy)):
        normal = normal_statement(statement)
        if normal.get("Effect") != "Allow" or not _means_everybody(normal):
            continue
        bounds = [values for operator, key, values in normal.get("Condition", ()) if _bounds(operator, key)]
        if not any(all(_is_fixed(value) for value in values) for values in bounds):
            found.append(PublicStatement(normal.get("Sid"), loose=bool(bounds)))
    return tuple(found)


def _means_everybody(normal: dict[str, Any]) -> bool:
    """Whether the statement's principals are not a list of some: a wildcard, or all but some."""
    return "NotPrincipal" in normal or any("*" in name for _kind, name in normal.get("Principal", ()))


def _bounds(operator: str, key: str) -> bool:
    """Whether a condition can bound who calls. It holds where the key is missing, with ForAllValues and IfExists."""
    plain = operator.lower().removeprefix("foranyvalue:")
    return plain in _EQUALITIES and key in _BOUNDING


def _is_fixed(value: str) -> bool:
    """Whether a condition's value is no wildcard, no policy variable, and no network that is nearly everybody's."""
    if any(mark in value for mark in ("*", "?", "${")):
        return False
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:  # most values are no addresses
        return True
    return network.prefixlen >= _BROADEST[network.version]

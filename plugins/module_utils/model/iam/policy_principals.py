# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The principals that a policy names: which are new, and which were deleted.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from .policy_document import Statement, as_list, normal_statement, parse_policy, statements
from .policy_kind import KEY_POLICY, PolicyKind

# The unique id that AWS reports for a user or role that was deleted, even if a new one has the same name.
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
_UNIQUE_ID = re.compile(r"(AIDA|AROA)[A-Z0-9]{12,124}\Z")


def keep_deleted_principals(desired: Statement, current: list[Statement]) -> Statement:
    """The desired statement, but with the current principals if AWS reports some of them as unique ids.

    AWS reports the unique id of a user or role that was deleted, and refuses a policy with its ARN until a principal
    with that ARN exists. So writing the ARN would fail in every run.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    found = next((statement for statement in current if _has_ids_of(statement, desired)), None)
    return desired if found is None else {**desired, "Principal": found["Principal"]}


def remove_principals(policy: Mapping[str, Any], deleted: Collection[str]) -> dict[str, Any]:
    """The policy without the unique ids of deleted principals, which AWS refuses in a policy that is written.

    Such ids match no principal, so the policy allows and denies the same as before. A statement that names no other
    principal is removed.
    """
    kept = [_without(statement, deleted) for statement in statements(policy)]
    return {**policy, "Statement": [statement for statement in kept if statement is not None]}


def only_names(statement: Statement, deleted: Collection[str]) -> bool:
    """Whether a statement names deleted principals only, so that it applies to no principal."""
    named = normal_statement(statement).get("Principal", frozenset())
    return bool(named) and all(kind == "AWS" and name in deleted for kind, name in named)


def _without(statement: Statement, deleted: Collection[str]) -> Statement | None:
    if only_names(statement, deleted):
        return None
    kept = dict(statement)
    for element in ("Principal", "NotPrincipal"):
        if isinstance(kept.get(element), dict):
            kept[element] = _without_names(kept[element], deleted)
    if kept.get("NotPrincipal") == {}:
        # A NotPrincipal without exceptions applies to every principal. Removing the statement would allow what it
        # denies.
        del kept["NotPrincipal"]
        kept["Principal"] = "*"
    return kept


def _without_names(principals: Mapping[str, Any], deleted: Collection[str]) -> dict[str, Any]:
    """The principals by type, in their original form, without the deleted ones."""
    names = principals.get("AWS")
    if names is None or not any(name in deleted for name in as_list(names)):
        return dict(principals)
    kept = [name for name in as_list(names) if name not in deleted]
    return {kind: kept if kind == "AWS" else value for kind, value in principals.items() if kind != "AWS" or kept}


def is_unique_id(principal: str) -> bool:
    """Whether a principal is the unique id that AWS reports for a user or role that was deleted."""
    return _UNIQUE_ID.match(principal) is not None


def unique_ids(policy: str | None, kind: PolicyKind = KEY_POLICY) -> tuple[str, ...]:
    """The principals of a policy (JSON; None: no policy) that AWS reports as unique ids, because they were deleted."""
    named = _principals(policy, kind)
    return tuple(sorted({name for type_, name in named if type_ == "AWS" and _UNIQUE_ID.match(name)}))


def named_principals(policy: str | None) -> tuple[str, ...]:
    """The principals of the type AWS that a policy (JSON; None: no policy) names, as they are written."""
    found = []
    for statement in statements(parse_policy(policy)) if policy else ():
        for element in ("Principal", "NotPrincipal"):
            value = statement.get(element, ())
            found += as_list(value.get("AWS", [])) if isinstance(value, dict) else []
    return tuple(dict.fromkeys(found))


def new_principals(before: str | None, after: str | None, account: str) -> tuple[str, ...]:
    """The principals in a policy that are not in the policy before: users, roles, other accounts and services.

    KMS may not know them, or not yet. Unique ids are always included, as their principals can be deleted at any time.
    `account` is the account of the key, which KMS knows.
    """
    known, named = set(_principals(before)), set(_principals(after))
    return tuple(
        sorted(
            name
            for kind, name in named
            if name not in ("*", account) and ((kind, name) not in known or _UNIQUE_ID.match(name))
        )
    )


def _principals(policy: str | None, kind: PolicyKind = KEY_POLICY) -> Iterator[tuple[str, str]]:
    """Every principal that a policy names, as (type, name); an account as its id."""
    for statement in statements(parse_policy(policy, kind)) if policy else ():
        normal = normal_statement(statement)
        yield from (*normal.get("Principal", ()), *normal.get("NotPrincipal", ()))


def _has_ids_of(found: Statement, desired: Statement) -> bool:
    """Whether a current statement is the desired one, with a unique id for each missing ARN.

    Apart from that the two are equal; or both allow, with the same Sid and some common principals. Without common
    principals the ids may belong to others, and a Deny is always written as desired.
    """
    left, right = normal_statement(found), normal_statement(desired)
    current, wanted = left.pop("Principal", frozenset()), right.pop("Principal", frozenset())
    ids = current - wanted
    return (
        (left == right or (right.get("Effect") == "Allow" and bool(current & wanted) and _same_sid(left, right)))
        and bool(ids)
        and len(ids) == len(wanted - current)
        and all(kind == "AWS" and _UNIQUE_ID.match(name) for kind, name in ids)
    )


def _same_sid(left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    return bool(left.get("Sid")) and left.get("Sid") == right.get("Sid")

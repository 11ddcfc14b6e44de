# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The users and roles that a bucket policy or a key policy names.

AWS stores the unique id of a user or role in place of its ARN, and shows the ARN again as long as the user or role
exists. After a deletion it shows the unique id. A user or role of the same name that is created later is another one.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..policy_language import Policy, replace_principals
from .directory import Directory


@dataclass(frozen=True, slots=True)
class StoredPrincipals:
    """The unique ids of the users and roles of a policy, by ARN, at the time when the policy was stored."""

    ids: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, policy: Policy, directory: Directory) -> StoredPrincipals:
        """Find the users and roles of a policy that exist."""
        names = frozenset(policy.named_principals())
        return cls({arn: unique_id for arn, unique_id in _entities(directory, names) if arn in names})

    def for_evaluation(self, document: dict[str, Any]) -> dict[str, Any]:
        """Return the document with unique ids in place of ARNs. Parse this one to decide about requests."""
        return replace_principals(document, lambda name: self.ids.get(name, name))

    def for_reading(self, document: dict[str, Any], directory: Directory) -> dict[str, Any]:
        """Return the document as AWS returns it: with the ARNs of what exists and the unique ids of what was deleted.

        The result is equal to the document that was stored if nothing was deleted since.
        """
        arns = {unique_id: arn for arn, unique_id in _entities(directory)}

        def show(name: str) -> str:
            unique_id = self.ids.get(name, name)
            return arns.get(unique_id, unique_id)

        return replace_principals(document, show)


def unknown_principals(policy: Policy, directory: Directory) -> tuple[str, ...]:
    """Return the users, roles and unique ids of a policy that do not exist.

    Only accounts that the lab knows are checked: all other accounts can have any user and role.
    """
    names = policy.named_principals()
    arns: set[str] = set()
    ids: set[str] = set()
    for arn, unique_id in _entities(directory):
        arns.add(arn)
        ids.add(unique_id)
    return tuple(name for name in names if _is_unknown(name, directory, arns, ids))


def _is_unknown(name: str, directory: Directory, arns: set[str], ids: set[str]) -> bool:
    if name.startswith(("AIDA", "AROA")):
        return name not in ids
    parts = name.split(":", 5)
    is_entity = len(parts) == 6 and parts[2] == "iam" and parts[5].startswith(("user/", "role/"))
    return is_entity and parts[4] in directory.accounts and name not in arns


def _entities(directory: Directory, names: frozenset[str] | None = None) -> Iterator[tuple[str, str]]:
    """Yield the ARN and the unique id of every user and role. With ``names``, of their accounts only."""
    numbers = directory.accounts if names is None else {name.split(":")[4] for name in names if name.count(":") >= 5}
    for number in numbers:
        account = directory.accounts.get(number)
        if account is not None:
            yield from ((user.arn, user.user_id) for user in account.users.values())
            yield from ((role.arn, role.role_id) for role in account.roles.values())

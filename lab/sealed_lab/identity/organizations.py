# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The organizations: their accounts, organizational units and delegated administrators."""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterator
from dataclasses import dataclass, field

# How long a closed account is PENDING_CLOSURE, by the lab's clock, and for how many days it is SUSPENDED after that.
# Source: https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-closing.html (post-closure period)
CLOSING_SECONDS = 60
_SUSPENDED_DAYS = 90
_ALPHABET = string.ascii_lowercase + string.digits


def random_name(length: int) -> str:
    """Return random small letters and digits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


@dataclass(slots=True)
class Member:
    """An account of an organization. ``closed`` is the time of its closure, 0 for an open account."""

    number: str
    name: str
    email: str
    parent: str
    joined: float
    method: str = "CREATED"
    closed: float = 0.0
    tags: dict[str, str] = field(default_factory=dict)
    delegations: dict[str, float] = field(default_factory=dict)  # service principal -> time of the registration

    def state(self, now: float, of_account: str) -> str:
        """Return the value of State. ``of_account`` is the state of an account that was not closed.

        https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_account_state.html
        """
        if not self.closed:
            return of_account
        return "PENDING_CLOSURE" if now < self.closed + CLOSING_SECONDS else "CLOSED"

    def exists(self, now: float) -> bool:
        """Return whether the organization still has the account."""
        return not self.closed or now < self.closed + CLOSING_SECONDS + _SUSPENDED_DAYS * 86400


@dataclass(slots=True)
class Unit:
    """An organizational unit, or the root of the organization."""

    unit_id: str
    name: str
    parent: str = ""
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class AccountRequest:
    """A request of CreateAccount. Its result is visible from the next call on."""

    request_id: str
    name: str
    requested: float
    account: str = ""
    failure: str = ""


@dataclass(slots=True)
class Invitation:
    """An invitation of an account, with the state of its handshake."""

    handshake_id: str
    account: str
    requested: float
    state: str = "OPEN"
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Organization:
    """One organization. The root is the unit without a parent."""

    organization_id: str
    management: str
    partition: str
    features: str
    root: str
    members: dict[str, Member] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    requests: dict[str, AccountRequest] = field(default_factory=dict)
    invitations: dict[str, Invitation] = field(default_factory=dict)
    services: dict[str, float] = field(default_factory=dict)  # trusted service -> time since when

    def arn(self, kind: str, *names: str) -> str:
        """Return the ARN of something in the organization, such as of ``account``."""
        path = "/".join((kind, self.organization_id, *names))
        return f"arn:{self.partition}:organizations::{self.management}:{path}"

    def path(self, unit_id: str) -> str:
        """Return the path of a unit, from the organization on, with a slash at its end."""
        unit = self.units[unit_id]
        return (self.path(unit.parent) if unit.parent else f"{self.organization_id}/") + f"{unit_id}/"

    def live_members(self, now: float) -> Iterator[Member]:
        """Yield the accounts that the organization still has."""
        return (member for member in self.members.values() if member.exists(now))

    def administrators(self) -> set[str]:
        """Return the management account and the delegated administrators."""
        return {self.management, *(each.number for each in self.members.values() if each.delegations)}


@dataclass(slots=True)
class OrganizationsState:
    """All organizations by id."""

    organizations: dict[str, Organization] = field(default_factory=dict)

    def of_account(self, number: str) -> Organization | None:
        """Return the organization of an account, None if it is in none."""
        for each in self.organizations.values():
            if number in each.members:
                return each
        return None

    def is_closed(self, number: str) -> bool:
        """Return whether an account was closed, so that its roles cannot be assumed."""
        found = self.of_account(number)
        return found is not None and bool(found.members[number].closed)

    def context(self, prefix: str, number: str) -> dict[str, list[str]]:
        """Return the condition keys of an account. ``prefix`` is ``principal`` or ``resource``.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
        """
        found = self.of_account(number)
        if found is None:
            return {}
        return {
            f"aws:{prefix}orgid": [found.organization_id],
            f"aws:{prefix}orgpaths": [found.path(found.members[number].parent)],
        }

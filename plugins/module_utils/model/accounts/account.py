# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The accounts that a task works in, and the roles through which it enters them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from ..arn import Arn

# What CloudTrail shows of a session, unless the task names its sessions.
SESSION_NAME = "sealed.s3"
# The role that AWS Organizations makes in each account that it creates. The management account does not have it.
# Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_access-cross-account-role.html
ORGANIZATION_ROLE = "OrganizationAccountAccessRole"


@dataclass(frozen=True, slots=True)
class AssumedRole:
    """A role to assume, and how its session is opened. Without `duration_seconds`, STS says how long it is valid."""

    arn: Arn
    external_id: str | None = None
    session_name: str = SESSION_NAME
    duration_seconds: int | None = None

    @property
    def account_id(self) -> str:
        """The account of the role."""
        return self.arn.account


@dataclass(frozen=True, slots=True)
class Account:
    """An account of a task: its id and its name (empty if it has none), and the roles that lead to it.

    Each of `roles` is assumed with the session of the one before it, and the first with the credentials of the task.
    Without roles, the account is that of these credentials. `regions` are those that the task works in (empty: all that
    have something for it). `place` is the option that names the account, for errors.
    """

    account_id: str
    name: str = ""
    roles: tuple[AssumedRole, ...] = ()
    regions: tuple[str, ...] = ()
    place: str = ""

    @property
    def label(self) -> str:
        """The account for a person, such as `111122223333 (platform)`."""
        return f"{self.account_id} ({self.name})" if self.name else self.account_id

    def matches(self, patterns: tuple[str, ...]) -> bool:
        """Whether the id or the name matches one of these shell patterns."""
        return any(fnmatchcase(text, pattern) for pattern in patterns for text in (self.account_id, self.name) if text)

    def with_own_credentials(self) -> Account:
        """The same account, entered with the credentials of the task itself."""
        return replace(self, roles=())

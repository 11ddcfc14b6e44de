# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""What IAM keeps."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass, field

from ..policy_language import Policy, Principal

_ALPHABET = string.ascii_uppercase + "234567"


def unique_id(prefix: str) -> str:
    """An identifier in IAM's form, e.g. ``AIDA…``."""
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(17))


def new_secret() -> str:
    """A secret access key of the usual length."""
    return secrets.token_urlsafe(30)[:40]


@dataclass(frozen=True, slots=True)
class Credential:
    """A long-lived or temporary key pair. ``expires`` is 0 for a long-lived one."""

    access_key: str
    secret: str
    principal: Principal
    token: str = ""
    expires: float = 0.0
    active: bool = True
    created: float = 0.0
    session_policies: tuple[Policy, ...] = ()


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a call. ``secret`` is None where any secret is accepted."""

    principal: Principal
    access_key: str = ""
    secret: str | None = None
    session_policies: tuple[Policy, ...] = ()

    @property
    def account(self) -> str:
        """The caller's account ("" for an anonymous one)."""
        return self.principal.account

    @property
    def arn(self) -> str:
        """The caller's ARN."""
        return self.principal.arn

    @property
    def anonymous(self) -> bool:
        """Whether the request was not signed."""
        return not self.principal.account


@dataclass(slots=True)
class NamedPolicy:
    """A policy document with its text as it was given."""

    name: str
    text: str
    parsed: Policy


@dataclass(slots=True)
class User:
    """An IAM user."""

    name: str
    path: str
    arn: str
    user_id: str
    created: float
    inline: dict[str, NamedPolicy] = field(default_factory=dict)
    attached: dict[str, None] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Role:
    """An IAM role with its trust policy."""

    name: str
    path: str
    arn: str
    role_id: str
    created: float
    trust: NamedPolicy
    description: str = ""
    max_session: int = 3600
    inline: dict[str, NamedPolicy] = field(default_factory=dict)
    attached: dict[str, None] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class ManagedPolicy:
    """A customer managed policy; its default version decides."""

    name: str
    path: str
    arn: str
    policy_id: str
    created: float
    versions: dict[str, NamedPolicy] = field(default_factory=dict)
    default: str = "v1"
    description: str = ""
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Account:
    """One AWS account's IAM."""

    number: str
    users: dict[str, User] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    policies: dict[str, ManagedPolicy] = field(default_factory=dict)

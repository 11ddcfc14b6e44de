# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The records of IAM."""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ..partitions import DEFAULT_PARTITION
from ..policy_language import Policy, Principal

# The states of an account that was not closed.
ACCOUNT_STATES = ("ACTIVE", "SUSPENDED", "PENDING_ACTIVATION")
_ALPHABET = string.ascii_uppercase + "234567"


def unique_id(prefix: str) -> str:
    """Return an identifier in IAM's format, e.g. ``AIDA…``."""
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(17))


def new_secret() -> str:
    """Return a random secret access key of 40 characters."""
    return secrets.token_urlsafe(30)[:40]


@dataclass(frozen=True, slots=True)
class Session:
    """What temporary credentials have besides their principal.

    ``context`` are the condition keys that all their requests have. ``transitive_tags`` and ``source_identity`` are
    passed on to the sessions that this one creates. ``basic``: its credentials cannot call IAM. ``issuer`` is the user
    whose policies a federated user has.
    """

    policies: tuple[Policy, ...] = ()
    context: Mapping[str, Sequence[str]] = field(default_factory=dict)
    transitive_tags: Mapping[str, str] = field(default_factory=dict)
    source_identity: str = ""
    basic: bool = False
    issuer: Principal | None = None


NO_SESSION = Session()


@dataclass(frozen=True, slots=True)
class Credential:
    """A long-term or temporary access key. ``expires`` is 0 for a long-term one."""

    access_key: str
    secret: str
    principal: Principal
    token: str = ""
    expires: float = 0.0
    active: bool = True
    created: float = 0.0
    session: Session = NO_SESSION


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller of a request. ``secret`` is None if its signature is not checked.

    ``request_conditions`` returns the condition keys that the request has for the actions of every service.
    """

    principal: Principal
    access_key: str = ""
    secret: str | None = None
    session: Session = NO_SESSION
    temporary: bool = False
    request_conditions: Callable[[], Mapping[str, Sequence[str]]] = field(default=dict, compare=False, repr=False)

    @property
    def account(self) -> str:
        """The account of the caller, "" if it is anonymous."""
        return self.principal.account

    @property
    def partition(self) -> str:
        """The partition of the caller's account, ``aws`` if it is anonymous or a service."""
        return self.principal.partition

    @property
    def arn(self) -> str:
        """The ARN of the caller."""
        return self.principal.arn

    @property
    def anonymous(self) -> bool:
        """Whether the request has no signature."""
        return not self.principal.account


@dataclass(slots=True)
class NamedPolicy:
    """A policy document with its original text."""

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
    """An IAM role with its trust policy, and the unique ids of the users and roles that the policy names."""

    name: str
    path: str
    arn: str
    role_id: str
    created: float
    trust: NamedPolicy
    trust_ids: Mapping[str, str] = field(default_factory=dict)
    description: str = ""
    max_session: int = 3600
    inline: dict[str, NamedPolicy] = field(default_factory=dict)
    attached: dict[str, None] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class ManagedPolicy:
    """A customer managed policy. Its default version is in effect."""

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
    """The users, roles and policies of one AWS account. It is of one partition.

    ``state`` is SUSPENDED or PENDING_ACTIVATION if AWS does not let it be used, and otherwise ACTIVE. Whether it was
    closed is known to its organization. ``disabled_regions`` are opt-in regions.
    """

    number: str
    partition: str = DEFAULT_PARTITION
    state: str = "ACTIVE"
    disabled_regions: set[str] = field(default_factory=set)
    users: dict[str, User] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    policies: dict[str, ManagedPolicy] = field(default_factory=dict)

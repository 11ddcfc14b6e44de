# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Requesters, and the Principal and NotPrincipal elements that name them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Any

from .kinds import PolicyError, PolicyKind, policy_error

_ACCOUNT = re.compile(r"\d{12}")
_ARN = re.compile(
    r"arn:aws[a-z-]*:(?:"
    r"iam::\d{12}:(?:root|(?:user|role)/[^*?]+)|"
    r"sts::\d{12}:(?:assumed-role/[^*?/]+/[^*?/]+|federated-user/[^*?/]+))"
)
_ORIGIN_ACCESS_IDENTITY = re.compile(r"arn:aws[a-z-]*:iam::cloudfront:user/CloudFront Origin Access Identity \w+")
_ROOT_ARN = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):root")
_SESSION_ARN = re.compile(r"(arn:aws[a-z-]*):sts::(\d{12}):assumed-role/([^/]+)/([^/]+)")
_SERVICE = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:amazonaws\.com(?:\.cn)?|amazonaws\.eu|amazon\.com)")
_UNIQUE_ID = re.compile(r"(?:AIDA|AROA)[A-Z0-9]{12,124}")
_CANONICAL_USER = re.compile(r"[0-9a-f]{64}")


class PrincipalKind(Enum):
    """The kind of a requester, as aws:PrincipalType names it (services do not have this key)."""

    USER = "User"
    ROLE_SESSION = "AssumedRole"
    ROOT = "Account"
    FEDERATED = "FederatedUser"
    SERVICE = "Service"
    ANONYMOUS = "Anonymous"


@dataclass(frozen=True)
class Principal:
    """A requester.

    It is a user, a session of a role, the root user of an account, a federated user, an AWS service, or anonymous.
    ``arn`` is the service name if it is a service. ``role_arn`` is the role of a session. ``unique_id`` is the AIDA...
    or AROA... identifier of the user or role. The name of the session can follow it after a colon.
    """

    arn: str
    account: str
    kind: PrincipalKind
    role_arn: str = ""
    unique_id: str = ""

    @classmethod
    def from_arn(cls, arn: str, *, role_arn: str = "", unique_id: str = "") -> Principal:
        """Return the principal of an ARN.

        The ARN of a session does not have the path of its role: pass ``role_arn`` if the role has one.
        """
        session = _SESSION_ARN.fullmatch(arn)
        if session is not None:
            role = role_arn or f"{session[1]}:iam::{session[2]}:role/{session[3]}"
            return cls(arn, session[2], PrincipalKind.ROLE_SESSION, role, unique_id)
        account = arn.split(":")[4]
        kind = PrincipalKind.ROOT if _ROOT_ARN.fullmatch(arn) else PrincipalKind.USER
        return cls(arn, account, kind, "", unique_id)

    @classmethod
    def service(cls, name: str) -> Principal:
        """Return an AWS service that calls in its own name, such as ``logging.s3.amazonaws.com``."""
        return cls(name, "", PrincipalKind.SERVICE)

    @classmethod
    def anonymous(cls) -> Principal:
        """Return the requester of a request without credentials."""
        return cls("anonymous", "", PrincipalKind.ANONYMOUS)

    @property
    def root_arn(self) -> str:
        """The ARN of the principal's account, in its own partition."""
        return f"arn:{self.partition}:iam::{self.account}:root" if self.account else ""

    @property
    def partition(self) -> str:
        """The partition of the principal's account, ``aws`` if it has none."""
        return self.arn.split(":", 2)[1] if self.account else "aws"

    @property
    def entity_id(self) -> str:
        """The unique id of the user, or of the role of a session."""
        return self.unique_id.partition(":")[0]

    def context(self) -> dict[str, list[str]]:
        """Return the condition keys that follow from the requester.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
        """
        if self.kind is PrincipalKind.SERVICE:
            return {"aws:principalisawsservice": ["true"], "aws:principalservicename": [self.arn]}
        found = {"aws:principaltype": [self.kind.value]}
        if self.kind is PrincipalKind.ANONYMOUS:
            return found
        found["aws:principalisawsservice"] = ["false"]
        found["aws:principalarn"] = [self.role_arn or self.arn]
        found["aws:principalaccount"] = [self.account]
        if self.kind is PrincipalKind.USER:
            found["aws:username"] = [self.arn.rsplit("/", 1)[-1]]
        if self.kind is PrincipalKind.ROOT:
            found["aws:userid"] = [self.account]
        elif self.unique_id:
            session = f":{self.arn.rsplit('/', 1)[-1]}" if self.kind is PrincipalKind.ROLE_SESSION else ""
            found["aws:userid"] = [self.entity_id + session]
        return found


class Match(IntEnum):
    """How an element names a requester: not at all, only its account, or the requester itself.

    An Allow to an account lets the administrators of the account delegate the permission. It does not allow the users
    and roles of the account by itself.
    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """

    NONE = 0
    ACCOUNT = 1
    DIRECT = 2


@dataclass(frozen=True)
class PrincipalElement:
    """A Principal element, or a NotPrincipal element if ``negated``. ``everyone`` is ``"*"`` or ``{"AWS": "*"}``."""

    everyone: bool = False
    aws: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    negated: bool = False

    def match(self, principal: Principal) -> Match:
        """Return how a statement with this element applies to the requester.

        NotPrincipal exempts a requester only if it lists all of its identities: the account and the user, or the
        account, the role and the session.
        """
        if self.everyone:
            return Match.NONE if self.negated else Match.DIRECT
        if principal.kind is PrincipalKind.SERVICE:
            named = principal.arn in self.services
            return Match.DIRECT if named != self.negated else Match.NONE
        if principal.kind is PrincipalKind.ANONYMOUS:
            return Match.DIRECT if self.negated else Match.NONE
        account = principal.root_arn in self.aws or principal.account in self.aws
        own = {principal.arn} | ({principal.role_arn} if principal.role_arn else set())
        named_by_id = bool(principal.unique_id) and principal.entity_id in self.aws
        if self.negated:
            unnamed = own - self.aws - ({principal.role_arn or principal.arn} if named_by_id else set())
            exempt = account and (principal.kind is PrincipalKind.ROOT or not unnamed)
            return Match.NONE if exempt else Match.DIRECT
        if named_by_id or own & self.aws or (account and principal.kind is PrincipalKind.ROOT):
            return Match.DIRECT
        return Match.ACCOUNT if account else Match.NONE

    def names(self) -> tuple[str, ...]:
        """Return the users, roles, accounts and unique ids. All of them must exist when the policy is stored."""
        return tuple(sorted(self.aws))


def parse_principal(element: Any, kind: PolicyKind, *, negated: bool) -> PrincipalElement:
    """Parse a Principal or NotPrincipal element. Raise PolicyError for a form that AWS refuses.

    A wildcard means everyone: it cannot be a part of an ARN. Groups are not principals.
    """
    if element == "*":
        return PrincipalElement(everyone=True, negated=negated)
    if not isinstance(element, dict) or not element:
        raise _invalid(kind, str(element))
    everyone = False
    found: dict[str, set[str]] = {"AWS": set(), "Service": set(), "Federated": set(), "CanonicalUser": set()}
    for form, value in element.items():
        names = value if isinstance(value, list) else [value]
        if form not in found or not names:
            raise _invalid(kind, str(form))
        for name in names:
            if not isinstance(name, str) or not _is_valid_name(form, name, kind):
                raise _invalid(kind, f'"{form}":"{name}"')
            everyone = everyone or (form == "AWS" and name == "*")
            found[form].add(name)
    found["AWS"].discard("*")
    return PrincipalElement(
        everyone,
        frozenset(found["AWS"]),
        frozenset(found["Service"]),
        frozenset(found["Federated"] | found["CanonicalUser"]),
        negated,
    )


def _is_valid_name(form: str, name: str, kind: PolicyKind) -> bool:
    if form == "Service":
        return _SERVICE.fullmatch(name) is not None
    if form == "CanonicalUser":
        return kind is PolicyKind.RESOURCE and _CANONICAL_USER.fullmatch(name) is not None
    if form == "Federated":
        return bool(name) and "*" not in name
    if kind is PolicyKind.RESOURCE and _ORIGIN_ACCESS_IDENTITY.fullmatch(name):
        return True
    return name == "*" or any(shape.fullmatch(name) for shape in (_ACCOUNT, _ARN, _UNIQUE_ID))


def _invalid(kind: PolicyKind, name: str) -> PolicyError:
    if kind is PolicyKind.KEY:
        return policy_error(kind, "Policy contains a statement with one or more invalid principals.")
    if kind is PolicyKind.RESOURCE:
        return policy_error(kind, "Invalid principal in policy")
    return policy_error(kind, f"Invalid principal in policy: {name}")

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Names of principals that no AWS account can ever have, and what to write instead.

KMS answers the same for a name that cannot exist and for a new role that is not visible everywhere yet. So a name that
cannot exist is refused before any call, and only the others are waited for.
Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
and https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ..arn import Arn

_ACCOUNT = re.compile(r"\d{12}\Z")
_UNIQUE_ID = re.compile(r"(AIDA|AROA)[A-Z0-9]{12,124}\Z")
# The types that the ARN of a principal can have, by service.
_TYPES = {"iam": ("role", "user"), "sts": ("assumed-role", "federated-user")}
_SERVICE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+){1,6}\Z")
# The suffixes of service principals, over all partitions.
_SERVICE_SUFFIXES = (
    ".amazonaws.com",
    ".amazonaws.com.cn",
    ".amazonaws.eu",
    ".amazon.com",
    ".aws.internal",
    ".c2s.ic.gov",
    ".sc2s.sgov.gov",
    ".cloud.adc-e.uk",
    ".csp.hci.ic.gov",
)
_EXAMPLE = "arn:aws:iam::111122223333:role/app"

# What to write instead of the ARN of something that is not a principal, by the type of its resource.
_NO_PRINCIPALS = {
    "group": "is a group, and a group is not a principal",
    "policy": "is a policy, and not a principal",
    "instance-profile": "is an instance profile, and not a principal",
    "saml-provider": "is an identity provider, which is not a principal of the type AWS",
    "oidc-provider": "is an identity provider, which is not a principal of the type AWS",
    "mfa": "is an MFA device, and not a principal",
    "server-certificate": "is a certificate, and not a principal",
}
_INSTEAD = {
    "group": "Name the users of the group, or a role.",
    "policy": "Name the users or roles that have the policy.",
    "instance-profile": "Name the role of the instance profile.",
    "saml-provider": "Name the role that its users get, or write the provider as Federated.",
    "oidc-provider": "Name the role that its users get, or write the provider as Federated.",
}


@dataclass(frozen=True, slots=True)
class ImpossibleName:
    """Why a name can never be that of a principal, to follow the name in a sentence, and what to write instead."""

    reason: str
    advice: str


def impossible_principal(kind: str, name: Any) -> ImpossibleName | None:
    """Why this principal of a key policy can never exist; None if it can. `kind` is its type, such as AWS."""
    if kind == "AWS":
        return impossible_aws_principal(name)
    if kind == "Service":
        return impossible_service(name)
    if kind == "Federated":
        return None if isinstance(name, str) and name else ImpossibleName("is not a text", "Name the provider.")
    if kind == "CanonicalUser":
        return ImpossibleName(
            "is a canonical user ID, which only bucket policies accept",
            f'Name the account or a role of it: "AWS": "{_EXAMPLE}".',
        )
    return ImpossibleName(
        f"has the type {kind}, which does not exist", "Use one of the types AWS, Service and Federated."
    )


def impossible_aws_principal(name: Any) -> ImpossibleName | None:
    """Why this principal of the type AWS can never exist; None if it can."""
    if not isinstance(name, str):
        return _not_a_text(name)
    if name == "*" or _ACCOUNT.match(name) or _UNIQUE_ID.match(name):
        return None
    arn = Arn.try_parse(name)
    if arn is None or not name.startswith("arn:"):
        if name.isdecimal():
            return ImpossibleName(f"has {len(name)} digits", "An account id has 12 digits: write it in quotes.")
        return ImpossibleName(
            "is neither an ARN nor an account id", f"Write an ARN, such as {_EXAMPLE}, or an account id of 12 digits."
        )
    return _impossible_arn(arn, name)


def _impossible_arn(arn: Arn, name: str) -> ImpossibleName | None:
    kind = arn.resource.partition("/")[0]
    if "*" in name or "?" in name:
        return ImpossibleName(
            "has a wildcard, which AWS does not accept in a principal",
            'Write "Principal": {"AWS": "*"} with the condition ArnLike on aws:PrincipalArn, or name each principal.',
        )
    if arn.service in _TYPES and not _ACCOUNT.match(arn.account):
        return ImpossibleName(
            f"has no account id of 12 digits, but {arn.account!r}", "Correct the account id: it may have lost zeros."
        )
    if arn.service == "iam" and arn.resource == "root":
        return None
    if arn.service in _TYPES and kind in _TYPES[arn.service] and "/" in arn.resource and arn.resource_id:
        return None
    if arn.service == "iam" and kind in _NO_PRINCIPALS:
        return ImpossibleName(_NO_PRINCIPALS[kind], _INSTEAD.get(kind, f"Name a role or user, such as {_EXAMPLE}."))
    if arn.service == "iam" and kind in _TYPES["sts"]:
        return ImpossibleName(f"names a session ({kind}), whose service is sts", f"Write arn:{arn.partition}:sts::….")
    if arn.service == "sts" and kind in _TYPES["iam"]:
        return ImpossibleName(f"names a {kind}, whose service is iam", f"Write arn:{arn.partition}:iam::….")
    return ImpossibleName(
        "is not the ARN of a user, a role, a session or an account", f"Write an ARN such as {_EXAMPLE}."
    )


def _not_a_text(name: Any) -> ImpossibleName:
    if isinstance(name, int) and not isinstance(name, bool) and 0 < name < 10**12:
        return ImpossibleName(
            "is a number, which loses its leading zeros", f"Write the account id as a text of 12 digits: '{name:012d}'."
        )
    return ImpossibleName(
        "is not a text", f"Write an ARN, such as {_EXAMPLE}, or an account id of 12 digits in quotes."
    )


def impossible_service(name: Any) -> ImpossibleName | None:
    """Why this service principal can never exist; None if it can."""
    if not isinstance(name, str):
        return ImpossibleName("is not a text", "Write the name of a service, such as cloudtrail.amazonaws.com.")
    if "*" in name or "?" in name:
        return ImpossibleName("has a wildcard, which AWS does not accept in a service", "Name each service.")
    if name.startswith("arn:"):
        return ImpossibleName(
            "is an ARN, and not the name of a service", "Write an ARN as a principal of the type AWS."
        )
    if not _SERVICE.match(name):
        instead = re.sub(r"[^a-z0-9.-]", "", name.lower()) or "s3"
        if instead.endswith(_SERVICE_SUFFIXES):
            return ImpossibleName("is not the name of a service", f"Write {instead}: no spaces or capital letters.")
        return ImpossibleName("is not the name of a service", f"Write it in full, such as {instead}.amazonaws.com.")
    if not name.endswith(_SERVICE_SUFFIXES):
        return ImpossibleName(
            "does not end like the name of a service", "Names of services end in .amazonaws.com, or .amazonaws.com.cn."
        )
    return None

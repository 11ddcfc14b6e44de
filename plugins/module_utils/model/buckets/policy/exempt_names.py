# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The names of those who are exempt from the rules on encryption, as the condition keys compare them.

`aws:PrincipalArn` is the ARN of the IAM user or of the role, never that of a session or a group.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import astuple

from ...arn import Arn
from ...errors import OperationError, invalid_input
from ...iam.conditions import wildcard_match
from ...iam.principals import impossible_service

_ACCOUNT = re.compile(r"\d{12}\Z")
_ROOT = re.compile(r"arn:aws[a-z-]*:iam::(?P<account>\d{12}):root\Z")
# Names of users and roles have these characters; their paths have any printable ones.
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_USER_OR_ROLE = re.compile(r"arn:aws[a-z-]*:iam::[\d*?]{1,12}:(user|role)/[!-#%-z|~]+\Z")
_SESSION = re.compile(r"arn:aws[a-z-]*:sts::(?P<account>\d{12}):assumed-role/(?P<role>[^/]+)/")
_UNIQUE_ID = re.compile(r"A[A-Z]{3}[A-Z0-9]{12,124}\Z")

_FORMS = (
    "Give the ARN of a role or user, such as arn:aws:iam::111122223333:role/backup, in which * and ? stand for any "
    "characters; or an account id of 12 digits in quotes, for all principals of the account."
)


def parse_exempt_principal(text: str) -> str:
    """The ARN of a user or role, or the id of an account; raises OperationError for any other principal."""
    root = _ROOT.match(text)
    if root:
        return root["account"]
    if _ACCOUNT.match(text) or _USER_OR_ROLE.match(text):
        return text
    raise _refused(text)


def parse_exempt_service(text: str) -> str:
    """The service principal; raises OperationError for a text that cannot be one."""
    impossible = impossible_service(text)
    if impossible:
        raise invalid_input(f"exempt_services: {text!r} {impossible.reason}.", impossible.advice)
    return text


def exempt_in_both(left: Collection[str], right: Collection[str]) -> tuple[str, ...]:
    """Those who are exempt by both lists of principals or services, so far as one name stands for the other."""
    found = {name for name in left if any(_stands_for(each, name) for each in right)}
    found |= {name for name in right if any(_stands_for(each, name) for each in left)}
    return tuple(sorted(found))


def _stands_for(wide: str, name: str) -> bool:
    """Whether a name is exempt wherever the wide one is: an account for its users and roles, a pattern for names."""
    if wide == name:
        return True
    pattern, arn = Arn.try_parse(wide), Arn.try_parse(name)
    if arn is None:
        return False
    if pattern is None:
        return arn.account == wide
    if "*" in name and "?" in wide:  # the `?` would match the `*`
        return False
    # ArnNotLike compares each part of an ARN by itself.
    return all(map(wildcard_match, astuple(pattern), astuple(arn)))


def _refused(text: str) -> OperationError:
    name = f"exempt_principals: {text!r}"
    session = _SESSION.match(text)
    if session:
        return invalid_input(
            f"{name} is a session of a role. The condition compares the ARN of the role.",
            f"Write arn:aws:iam::{session['account']}:role/{session['role']}, with the path of the role if it has one.",
        )
    if ":group/" in text:
        return invalid_input(f"{name} is a group, and no request comes from a group.", "Name its users, or a role.")
    if _UNIQUE_ID.match(text):
        return invalid_input(f"{name} is the unique id of a principal. The condition compares its ARN.", _FORMS)
    if text.isdecimal():
        return invalid_input(f"{name} has {len(text)} digits. It may have lost zeros.", _FORMS)
    if set(text) <= {"*", "?"}:
        return invalid_input(
            f"{name} exempts everybody, so that the rules would have no effect.", "Use remove_rules instead."
        )
    return invalid_input(f"{name} is neither the ARN of an IAM user or role nor an account.", _FORMS)

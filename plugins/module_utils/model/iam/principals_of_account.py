# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Principals that a task for many accounts names without an account, such as `role/platform`: one of each account.

A name is the last part of the ARN, with the path, as IAM writes it.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
"""

from __future__ import annotations

import re

from ..arn import Arn
from ..errors import invalid_input
from .principals import impossible_aws_principal

_KINDS = ("role/", "user/")
# A path has printable ASCII characters, and a name fewer. Source:
# https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
_NAME = re.compile(r"(role|user)/([!-.0-~]+/)*[A-Za-z0-9_+=,.@-]{1,64}\Z")
_MOST_PATH = 512


def is_without_account(principal: str) -> bool:
    """Whether a text is meant as a principal of each account: `role/NAME`, `user/NAME`, or `root` for the account."""
    return principal == "root" or principal.startswith(_KINDS)


def require_possible_name(option: str, principal: str) -> None:
    """Raise OperationError for a name without an account that no principal can have."""
    impossible = impossible_aws_principal(in_account(principal, "aws", "111122223333"))
    if impossible:
        raise invalid_input(f"{option}: {principal} {impossible.reason}.", impossible.advice)
    path = principal.partition("/")[2].rpartition("/")[0]
    if principal != "root" and (not _NAME.match(principal) or len(path) + 2 > _MOST_PATH):
        raise invalid_input(
            f"{option}: {principal!r} is not the name of a role or user.",
            "Write role/NAME or user/NAME, with the path if it has one, such as role/teams/platform.",
        )


def in_account(principal: str, partition: str, account_id: str) -> str:
    """The ARN of a principal in an account. A principal with an account of its own stays as it is."""
    if not is_without_account(principal):
        return principal
    return str(Arn(partition, "iam", "", account_id, principal))

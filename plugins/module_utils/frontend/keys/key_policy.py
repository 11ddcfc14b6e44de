# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The options for the key policy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ...model.errors import invalid_input
from ...model.iam.policy_document import parse_valid_policy
from ...model.iam.principals import impossible_aws_principal, impossible_service
from ...model.iam.principals_of_account import is_without_account, require_possible_name
from ...model.keys.desired_key import DesiredPolicy

if TYPE_CHECKING:
    from ..arguments import ArgumentSpec

_ACCOUNT = re.compile(r"\d{12}\Z")
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html (with those of before 2018)
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]\Z")

_BUILT = ("administrators", "users", "services", "allowed_accounts", "buckets")
POLICY_EXCLUSIVE = [("policy", name) for name in _BUILT]

_ARNS = "ARNs of roles, users or accounts, such as arn:aws:iam::111122223333:role/deploy"
# option -> the pattern of its entries, their meaning, and an example
_ENTRIES = {
    "administrators": (re.compile(r"arn:"), "the ARN of an IAM principal", _ARNS),
    "users": (re.compile(r"arn:"), "the ARN of an IAM principal", _ARNS),
    "services": (re.compile(r".+\Z"), "a service principal", "names such as cloudtrail.amazonaws.com"),
    "allowed_accounts": (_ACCOUNT, "an AWS account id", "12 digits in quotes, such as '111122223333'"),
    "buckets": (_BUCKET, "the name of a bucket", "names of buckets, such as orders-raw"),
}
# The options whose principals can be named without an account.
_PRINCIPALS = ("administrators", "users")
# option -> the check whether a principal of this name can exist
_IMPOSSIBLE = {
    "administrators": impossible_aws_principal,
    "users": impossible_aws_principal,
    "services": impossible_service,
}


def policy_arguments() -> ArgumentSpec:
    """The options of the policy."""
    return {
        **{name: {"type": "list", "elements": "str"} for name in _BUILT},
        "through_s3_only": {"type": "bool", "default": True},
        "policy": {"type": "json"},
        "purge_policy_statements": {"type": "bool", "default": False},
        "account_statement": {"type": "str", "choices": ["if_needed", "never"], "default": "if_needed"},
        "bypass_policy_lockout_safety_check": {"type": "bool", "default": False},
    }


def parse_policy_options(params: dict[str, Any], *, in_many_accounts: bool = False) -> DesiredPolicy:
    """The desired policy; raises OperationError for invalid options.

    `in_many_accounts`: principals may be named without an account, for that of each key.
    """
    entries = {name: _entries(name, params[name], in_many_accounts) for name in _BUILT}
    whole, purge = params["policy"], params["purge_policy_statements"]
    if whole is not None:
        parse_valid_policy(whole)
    desired = DesiredPolicy(
        **entries,
        through_s3_only=params["through_s3_only"],
        whole=whole,
        purge=purge,
        never_account=params["account_statement"] == "never",
        bypass_lockout_check=params["bypass_policy_lockout_safety_check"],
    )
    if entries["buckets"] is not None:
        _check_buckets(desired)
    if purge and (whole is not None or desired.names_nothing):
        raise invalid_input(
            "purge_policy_statements has no effect with policy, or without administrators, users, services and "
            "allowed_accounts.",
            "Set one of these options, or omit purge_policy_statements.",
        )
    if desired.never_account and (whole is not None or desired.names_nothing):
        raise invalid_input(
            "account_statement: never has no effect with policy, or without administrators, users, services and "
            "allowed_accounts.",
            "Set one of these options, or omit account_statement.",
        )
    if desired.bypass_lockout_check and desired.names_nothing:
        raise invalid_input(
            "bypass_policy_lockout_safety_check has no effect if the task sets nothing of the policy.",
            "Set policy or another option of the policy, or omit it.",
        )
    return desired


def _check_buckets(desired: DesiredPolicy) -> None:
    if desired.users is None and desired.allowed_accounts is None:
        raise invalid_input(
            "buckets has no effect without users or allowed_accounts.", "Name the users or accounts to restrict."
        )
    if not desired.through_s3_only:
        raise invalid_input(
            "buckets has no effect with through_s3_only: false: direct callers can send any encryption context.",
            "Omit one of them.",
        )


def _entries(option: str, values: list[str] | None, in_many_accounts: bool) -> tuple[str, ...] | None:
    if values is None:
        return None
    pattern, what, example = _ENTRIES[option]
    for value in values:
        if option in _PRINCIPALS and is_without_account(value):
            _require_named(option, value, in_many_accounts)
            continue
        if not pattern.match(value):
            raise invalid_input(f"{option}: {value!r} is not {what}.", f"Give {example}.")
        impossible = _IMPOSSIBLE[option](value) if option in _IMPOSSIBLE else None
        if impossible:
            raise invalid_input(f"{option}: {value} {impossible.reason}.", impossible.advice)
    return tuple(values)


def _require_named(option: str, name: str, in_many_accounts: bool) -> None:
    """Raise OperationError for a name without an account that no principal has, or in a task for one account."""
    require_possible_name(option, name)
    if not in_many_accounts:
        raise invalid_input(
            f"{option}: {name!r} has no account, and only a task with accounts or organization takes such names.",
            f"Give the ARN, such as arn:aws:iam::111122223333:{name}.",
        )

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The options `accounts` and `organization`: many accounts in one task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..arguments import ArgumentSpec, session_arguments

ACCOUNT_CONSTRAINTS: dict[str, Any] = {"mutually_exclusive": [("assume_role", "accounts", "organization")]}

_TEXTS = {"type": "list", "elements": "str"}


def account_arguments() -> ArgumentSpec:
    """The options for many accounts.

    `organization.role_name` has no default in the spec, so that all accounts of an organization are only selected in
    so many words.
    """
    account: ArgumentSpec = {
        "account_id": {"type": "str"},
        "role_arn": _TEXTS,
        "role_name": {"type": "str"},
        "name": {"type": "str"},
        "regions": _TEXTS,
        **session_arguments(),
    }
    organization: ArgumentSpec = {
        "role_name": {"type": "str"},
        "units": _TEXTS,
        "tags": {"type": "dict"},
        "exclude": _TEXTS,
        "regions": _TEXTS,
        **session_arguments(),
    }
    return {
        "accounts": {"type": "list", "elements": "dict", "options": account},
        "organization": {"type": "dict", "options": organization},
    }


def has_accounts(params: Mapping[str, Any]) -> bool:
    """Whether the task works in many accounts."""
    return params.get("accounts") is not None or params.get("organization") is not None

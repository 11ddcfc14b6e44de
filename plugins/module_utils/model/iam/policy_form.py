# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The form in which results and diffs show a policy: the same for a policy that is written and for the one that AWS
reports after it.

AWS reports principals in any order, and a list of one principal as a text.
Sources: https://github.com/hashicorp/terraform-provider-aws/issues/39788
and https://github.com/hashicorp/terraform/issues/13973
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def shown_policy(text: str) -> Any:
    """The policy of a JSON text, with a sorted list for each type of principal. Anything else is returned as it is."""
    policy = json.loads(text)
    if not isinstance(policy, dict):
        return policy
    found = policy.get("Statement")
    shown = [_with_lists(each) for each in found] if isinstance(found, list) else _with_lists(found)
    return {name: shown if name == "Statement" else value for name, value in policy.items()}


def shown_bucket_policy(text: str) -> Any:
    """The policy of a bucket: its other lists are sorted, too, and a list of one value is that value.

    S3 reports them so, but in an order of its own.
    """
    policy = shown_policy(text)
    if not isinstance(policy, dict):
        return policy
    found = policy.get("Statement")
    shown = [_with_sorted_values(each) for each in found] if isinstance(found, list) else _with_sorted_values(found)
    return {name: shown if name == "Statement" else value for name, value in policy.items()}


_LISTS = ("Action", "NotAction", "Resource", "NotResource", "Condition")


def _with_sorted_values(statement: Any) -> Any:
    if not isinstance(statement, Mapping):
        return statement
    return {name: _one_or_sorted(value) if name in _LISTS else value for name, value in statement.items()}


def _one_or_sorted(value: Any) -> Any:
    if isinstance(value, Mapping):  # conditions, by operator and key
        return {name: _one_or_sorted(inner) for name, inner in value.items()}
    if not isinstance(value, list):
        return value
    return value[0] if len(value) == 1 else sorted(value, key=str)


def _with_lists(statement: Any) -> Any:
    if not isinstance(statement, Mapping):
        return statement
    principals = {
        element: {kind: _sorted(names) for kind, names in statement[element].items()}
        for element in ("Principal", "NotPrincipal")
        if isinstance(statement.get(element), Mapping)
    }
    return {name: principals.get(name, value) for name, value in statement.items()}


def _sorted(names: Any) -> list[Any]:
    return sorted(names, key=str) if isinstance(names, list) else [names]

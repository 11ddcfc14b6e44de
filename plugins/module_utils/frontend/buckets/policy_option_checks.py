# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Which options of a bucket policy contradict each other. All is checked before any call."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ...model.buckets.policy.rules import RULES
from ...model.errors import invalid_input
from ...model.kinds.registry import CUSTOMER_KEY


def require_nothing_for_absent(named: Sequence[str], *, minimum: bool) -> None:
    """Raise OperationError for options beside `state: absent`."""
    extra = [*named, *(["minimum"] if minimum else [])]
    if extra:
        raise invalid_input(
            f"state: absent takes every statement of this collection away, so {', '.join(extra)} "
            f"{'has' if len(extra) == 1 else 'have'} no effect.",
            "Leave it out, or set state: present. To take some of the rules away, use remove_rules.",
        )


def require_no_empty_list(name: str, value: Any) -> None:
    """Raise OperationError for an empty list, or for an empty text in a list. Each often is an undefined variable."""
    if value == []:
        advice = "Name a rule" if name == "remove_rules" else f"To take the rule away, write remove_rules: [{name}]"
        raise invalid_input(f"{name} is an empty list.", f"{advice}, or leave it out.")
    if isinstance(value, list) and "" in value:
        raise invalid_input(f"{name}[{value.index('')}] is empty.", "Give it a value, or leave it out.")


def require_no_contradiction(
    params: Mapping[str, Any], removed: Collection[str], kinds: tuple[str, ...] | None
) -> None:
    """Raise OperationError for a rule that is both wanted and not wanted. `kinds` are those that an upload may name."""
    for rule in RULES:
        if rule in removed and params[rule] is not None:
            raise invalid_input(
                f"{rule} is set, and it is in remove_rules, which takes it away.", "Leave one of them out."
            )
    version = params["minimum_tls_version"]
    if version is not None and (params["require_tls"] is False or "require_tls" in removed):
        raise invalid_input(
            f"minimum_tls_version: {version} needs TLS, and the task takes require_tls away. A rule about the version "
            "does not stop plain HTTP, which has none.",
            "Leave minimum_tls_version out, or set require_tls: true.",
        )
    if kinds is None:
        return
    allows, denies = CUSTOMER_KEY.name in kinds, params["deny_customer_keys"]
    if denies is not None and denies == allows:
        raise invalid_input(
            f"allow_encryption {'has' if allows else 'does not have'} {CUSTOMER_KEY.name}, and deny_customer_keys is "
            f"{'true' if denies else 'false'}.",
            "Leave deny_customer_keys out: allow_encryption alone says whether customer keys are denied.",
        )


def require_strict_minimum(params: Mapping[str, Any], removed: Collection[str]) -> None:
    """Raise OperationError for a minimum that takes rules away."""
    off = [f"{rule}: false" for rule in RULES if params[rule] is False]
    if removed:
        off.append("remove_rules")
    if off:
        raise invalid_input(
            f"minimum only makes policies stricter, so {', '.join(off)} cannot apply.",
            "Leave out one of them.",
        )

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The policy of a bucket as a playbook sees it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from ...model.iam.policy_form import shown_bucket_policy
from ..fleet_report import FleetWords

if TYPE_CHECKING:
    from ...model.buckets.policy.policy_state import PolicyState
    from ...model.buckets.policy.rules import PolicyRules
    from ..result import Result


def policy_to_dict(state: PolicyState | None) -> Result | None:
    """The rules of a policy in the names of the module's options, and the whole policy."""
    if state is None:
        return None
    document = None if state.document is None else shown_bucket_policy(state.document)
    return {**(rules_to_dict(state) or {}), "policy": document}


def rules_to_dict(state: PolicyState | None) -> Result | None:
    """The rules of a policy in the names of the module's options."""
    if state is None:
        return None
    values = {field.name: getattr(state.rules, field.name) for field in fields(state.rules)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def policy_to_line(state: PolicyState) -> str:
    """The rules of a policy in one line of a diff."""
    deviating = [f"in another form: {', '.join(state.deviating)}"] if state.deviating else []
    return "; ".join([*_rules_in_words(state.rules), *deviating]) or "no rule on TLS or encryption"


def _rules_in_words(rules: PolicyRules) -> Iterator[str]:
    if rules.require_tls or rules.minimum_tls_version:
        version = f" {rules.minimum_tls_version} or newer" if rules.minimum_tls_version else ""
        yield f"TLS{version}" if rules.require_tls else f"TLS{version}, and plain HTTP"
    for name, values in (
        ("encryption", rules.allow_encryption),
        ("KMS keys", rules.allow_kms_keys),
    ):
        if values is not None:
            yield f"{name}: {', '.join(values) or 'none'}"
    if rules.deny_customer_keys:
        yield "no customer keys"
    if rules.require_encryption_header:
        yield "encryption header required"
    exempt = (*rules.exempt_principals, *rules.exempt_services)
    if exempt:
        yield f"exempt: {', '.join(exempt)}"


POLICIES = FleetWords("bucket", "buckets", policy_to_dict, policy_to_line)
# For rows without the whole policies.
RULES_ONLY = replace(POLICIES, to_dict=rules_to_dict)

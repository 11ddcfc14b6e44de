# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The module bucket_encryption_policy_info."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ...engine.buckets.policy_audit import audit_policy
from ...engine.clock import SYSTEM_CLOCK, Clock
from ...model.buckets.policy.policy_state import PolicyState
from ...model.buckets.policy.rules import RULES, PolicyRules
from ...model.errors import invalid_input
from ..arguments import require_no_placeholder
from ..run import METADATA_TIMEOUTS, ModuleContext, Timeouts, run_module
from .audit_run import audit_arguments, audit_buckets, audit_report, expected_targets
from .bucket_encryption_policy import policy_resources
from .desired_policies import (
    NO_RULES,
    PolicyTarget,
    parse_policy_targets,
    policy_overrides_arguments,
    rule_arguments,
)
from .fleet_run import FLEET_CONSTRAINTS, MOST_LISTED
from .policy_rows import POLICIES, RULES_ONLY

if TYPE_CHECKING:
    from ...aws.session import Clients
    from ...engine.buckets.bucket_audit import BucketAudit
    from ...model.buckets.overrides import Targets
    from ...model.buckets.selection import Bucket
    from ...model.outcome import Outcome
    from ..result import Result


def main(clock: Clock = SYSTEM_CLOCK, timeouts: Timeouts = METADATA_TIMEOUTS) -> None:
    """Run bucket_encryption_policy_info."""
    run_module(
        {
            **audit_arguments({**rule_arguments(), **policy_overrides_arguments()}),
            "include_policy": {"type": "bool"},
        },
        gather_info,
        name="bucket_encryption_policy_info",
        clock=clock,
        timeouts=timeouts,
        **FLEET_CONSTRAINTS,
    )


def gather_info(task: ModuleContext) -> Result:
    """Report what the policy of every chosen bucket says, and what it lacks of the expected rules."""
    began = task.clock.monotonic()
    require_no_placeholder(task.params)
    targets = expected_targets(task, _parse_expected, NO_RULES)
    include = task.params["include_policy"]
    audits = audit_report(task, RULES_ONLY if include is False else POLICIES, PolicyState(PolicyRules()))
    resources = policy_resources(task.clock, targets)

    def make_work(clients: Clients) -> Callable[[Bucket], Outcome[PolicyState, BucketAudit]]:
        make = resources(clients)
        return lambda bucket: audit_policy(make(bucket))

    result = audit_buckets(task, audits, targets, make_work, began)
    return _with_few_policies(result) if include is None else result


def _parse_expected(
    expected: Mapping[str, Any], written: Mapping[str, Any], many_accounts: bool
) -> Targets[PolicyTarget]:
    """The expected rules; raises OperationError where they name nothing to compare."""
    if all(expected[name] is None for name in (*RULES, "remove_rules")):
        raise invalid_input(
            "expected names nothing to compare the buckets with.",
            f"Name at least one of {', '.join(RULES)} and remove_rules in it, or leave it out to only read the "
            "policies.",
        )
    return parse_policy_targets({**expected, "state": "present"}, written, many_accounts=many_accounts)


def _with_few_policies(result: Result) -> Result:
    """The result of a task that does not say whether it wants the whole policies: without them for many buckets."""
    rows = result[POLICIES.plural]
    if len(rows) <= MOST_LISTED:
        return result
    return {**result, POLICIES.plural: [{name: row[name] for name in row if name != "policy"} for row in rows]}

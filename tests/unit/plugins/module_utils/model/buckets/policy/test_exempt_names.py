# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Who remains exempt where a minimum allows some exemptions, and the policy has others."""

from __future__ import annotations

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.desired_policy import DesiredPolicy
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.exempt_names import exempt_in_both
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.model.buckets.policy.policy_strategies import (
    plan,
    planned,
)

ACCOUNT, OTHER = "111122223333", "444455556666"
ROLES = f"arn:aws:iam::{ACCOUNT}:role"
BACKUP = f"{ROLES}/backup"


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ([BACKUP], [BACKUP, OTHER], [BACKUP]),
        ([BACKUP], [f"{ROLES}/app"], []),
        ([f"{ROLES}/*"], [BACKUP, f"{ROLES}/ops/backup"], [BACKUP, f"{ROLES}/ops/backup"]),
        ([f"{ROLES}/b*"], [f"{ROLES}/*"], [f"{ROLES}/b*"]),
        ([f"{ROLES}/backu?"], [BACKUP], [BACKUP]),
        ([ACCOUNT], [BACKUP, f"{ROLES}/*"], [f"{ROLES}/*", BACKUP]),
        ([OTHER], [BACKUP], []),
        (["arn:aws:iam::*:role/backup"], [BACKUP, f"{ROLES}/app"], [BACKUP]),
        # The wildcards of a part end with it.
        (["arn:aws:iam::*:role/backup"], [f"arn:aws:iam::{ACCOUNT}:user/role/backup"], []),
        # One character is not any text.
        ([f"{ROLES}/?"], [f"{ROLES}/*"], [f"{ROLES}/?"]),
        ([f"{ROLES}/?a*"], [f"{ROLES}/*a"], []),
        (
            ["logging.s3.amazonaws.com"],
            ["logging.s3.amazonaws.com", "backup.amazonaws.com"],
            ["logging.s3.amazonaws.com"],
        ),
    ],
)
def test_what_both_exempt(left: list[str], right: list[str], expected: list[str]) -> None:
    assert exempt_in_both(left, right) == tuple(expected)
    assert exempt_in_both(right, left) == tuple(expected)


@pytest.mark.parametrize("allowed", [f"{ROLES}/*", ACCOUNT])
def test_a_minimum_keeps_an_exemption_that_it_allows_by_another_name(allowed: str) -> None:
    """The role would be denied otherwise, although the policy is as strict as the minimum."""
    before = planned(DesiredPolicy(deny_customer_keys=True, exempt_principals=(BACKUP,)), None)
    found = plan(DesiredPolicy(deny_customer_keys=True, exempt_principals=(allowed,), minimum=True), before)
    assert found.steps == ()
    wide = planned(DesiredPolicy(deny_customer_keys=True, exempt_principals=(allowed,)), None)
    found = plan(DesiredPolicy(deny_customer_keys=True, exempt_principals=(BACKUP,), minimum=True), wide)
    assert found.after
    assert found.after.rules.exempt_principals == (BACKUP,)

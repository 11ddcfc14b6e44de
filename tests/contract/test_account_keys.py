# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""One key in each account and region, in a lab that enforces policies: made, changed, reported and deleted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .account_world import HUB, MEMBER_ROLE, MEMBERS, REGION, AccountWorld, make_account_world
from .conftest import LabClock, Result, Task, TestClock

REGIONS = [REGION, "eu-west-1"]
ALIAS = "alias/s3-data"
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


@pytest.fixture
def clock(lab: Any) -> TestClock:
    """The clock of the lab, which a wait moves."""
    return LabClock(lab)


@pytest.fixture
def world(lab: Any, monkeypatch: pytest.MonkeyPatch) -> AccountWorld:
    """The accounts; the task runs as the role of the hub."""
    made, environment = make_account_world(lab)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for account in MEMBERS:
        iam = made.client("iam", account)
        trust = json.dumps(made.document("trust_policy"))
        iam.create_role(RoleName="app", Path="/teams/", AssumeRolePolicyDocument=trust)
        made.permit(account, MEMBER_ROLE, EVERYTHING)
    return made


def members(world: AccountWorld, *names: str, **options: Any) -> list[dict[str, Any]]:
    return [
        {"account_id": world.ids[name], "name": name, "role_name": MEMBER_ROLE, **options} for name in names or MEMBERS
    ]


def test_one_key_in_each_account_and_region(world: AccountWorld, task: Task) -> None:
    options: dict[str, Any] = {"accounts": members(world), "regions": REGIONS, "alias": ALIAS,"administrators": [f"role/{MEMBER_ROLE}"], "users": ["role/teams/app"]}
    planned = task("kms_key_for_s3", check=True, **options)
    print(json.dumps(planned, indent=1)[:6000])
    made = task("kms_key_for_s3", **options)
    print(json.dumps(made, indent=1)[:3000])
    print(made["diff"]["prepared"])
    again = task("kms_key_for_s3", **options)
    print(again["summary"])
    assert 0

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The inventory of accounts: the hosts of its example, its variables and its errors."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.frontend.accounts.account_inventory import list_hosts
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import OperationError

from .conftest import ACCOUNT, REGION
from .test_task_accounts import World, world

__all__ = ["world"]  # a fixture

PLUGIN = Path(__file__).parents[2] / "plugins" / "inventory" / "accounts.py"
# What Ansible gives to the plugin for options that its file does not set.
DEFAULTS: dict[str, Any] = {
    **dict.fromkeys(("units", "tags", "exclude", "access_key", "secret_key", "session_token", "profile")),
    **dict.fromkeys(("endpoint_url", "assume_role_arn")),
    "role_name": "OrganizationAccountAccessRole",
    "hostname": "account_id",
    "include_tags": False,
    "region": REGION,
}


def hosts_of(**options: Any) -> dict[str, dict[str, Any]]:
    """The hosts of an inventory with these options, with their variables."""
    warned: list[str] = []
    hosts = {host.name: dict(host.variables) for host in list_hosts({**DEFAULTS, **options}, warned.append)}
    assert warned == []
    return hosts


def test_the_variables_of_a_host(world: World, calls: Callable[[], list[str]]) -> None:
    hosts = hosts_of()
    assert Counter(calls()) == {
        "ListAccounts": 1,
        "ListOrganizationalUnitsForParent": 3,  # of the root, Workloads and Workloads/Prod
        "GetCallerIdentity": 1,
    }
    logs = world.accounts["logs"]
    assert hosts[logs] == {
        "account_id": logs,
        "account_name": "logs",
        "account_email": "logs@example.com",
        "account_unit": "Security",
        "role_arn": f"arn:aws:iam::{logs}:role/OrganizationAccountAccessRole",
    }
    assert (hosts[ACCOUNT]["account_unit"], hosts[ACCOUNT]["role_arn"]) == ("", None)
    assert hosts[world.accounts["shop"]]["account_unit"] == "Workloads/Prod/Web"
    assert list(hosts) == sorted(world.accounts[name] for name in world.accounts if name != "closed")
    chosen = hosts_of(tags={"stage": "prod"}, units=["Workloads"], include_tags=True, role_name="audit")
    assert Counter(calls())["ListTagsForResource"] == 3
    assert chosen[world.accounts["shop"]]["account_tags"] == {"cost": "7", "stage": "prod"}
    assert [each["role_arn"].rpartition("/")[2] for each in chosen.values()] == ["audit", "audit"]


def test_what_an_inventory_refuses(world: World) -> None:
    request = world.client.create_account(AccountName="logs", Email="other@example.com")["CreateAccountStatus"]
    world.client.describe_create_account_status(CreateAccountRequestId=request["Id"])
    for words, options in (
        ("have the same name, 'logs'. Set hostname: account_id", {"hostname": "account_name"}),
        ("units is empty, so it would not limit the accounts.", {"units": []}),
        ("there is no unit 'Prod' in the organization.", {"units": ["Prod"]}),
        ("assume_role_arn: 'x' is not the ARN of an IAM role.", {"assume_role_arn": "x"}),
    ):
        with pytest.raises(OperationError) as raised:
            hosts_of(**options)
        assert words in raised.value.failure.sentence()


def list_inventory(path: Path) -> subprocess.CompletedProcess[str]:
    """What ansible-inventory prints for a file."""
    return subprocess.run(
        [str(Path(sys.executable).with_name("ansible-inventory")), "-i", str(path), "--list"],
        env={**os.environ, "HOME": str(path.parent), "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_example_makes_hosts_and_groups(world: World, tmp_path: Path) -> None:
    values = [
        ast.literal_eval(node.value)
        for node in ast.parse(PLUGIN.read_text()).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "EXAMPLES"
    ]
    (tmp_path / "prod.accounts.yml").write_text(values[0])
    done = list_inventory(tmp_path / "prod.accounts.yml")
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    groups = {name: sorted(group["hosts"]) for name, group in found.items() if "hosts" in group}
    assert groups == {
        "stage_prod": ["payments", "shop"],
        "stage_test": ["shop-test"],
        "unit_Workloads_Prod": ["payments"],
        "unit_Workloads_Prod_Web": ["shop"],
        "unit_Workloads_Test": ["shop-test"],
    }
    shop = json.dumps(found["_meta"]["hostvars"]["shop"])  # Ansible shows which texts are no templates
    assert world.accounts["shop"] in shop
    assert '"ansible_connection": ' in shop

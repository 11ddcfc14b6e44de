# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Many accounts with the same roles and buckets, in a lab that enforces policies, and modules in their own processes.

account_fleet.py URL ACCOUNTS BUCKETS ACTION…    makes them in a lab that runs elsewhere, and prints them as JSON
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .account_world import MEMBER_ROLE, make_account_world

REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2", "me-south-1")  # the last one is an opt-in region
EXTERNAL_ID = "sealed-fleet"


@dataclass(frozen=True)
class AccountFleet:
    """The ids of the accounts, the number of buckets in each region of each, and the variables of a task of the hub."""

    ids: tuple[str, ...]
    buckets: int
    environment: Mapping[str, str]

    @property
    def per_account(self) -> int:
        """The number of buckets of an account."""
        return self.buckets * len(REGIONS)

    def entries(self) -> list[dict[str, Any]]:
        """The option `accounts`."""
        roles = (f"arn:aws:iam::{each}:role/{MEMBER_ROLE}" for each in self.ids)
        return [{"role_arn": role, "external_id": EXTERNAL_ID} for role in roles]


def make_account_fleet(lab: Any, accounts: int, buckets: int, *actions: str) -> AccountFleet:
    """Create so many accounts, each with so many buckets in each region, and a key with an alias. Enforcement is on.

    Their roles may do what the documents of examples/accounts/ say, and these actions.
    """
    world, environment = make_account_world(lab)
    lab.enforcing = False
    if actions:
        allowed = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": allowed})
        world.client("iam", "production").put_role_policy(
            RoleName=MEMBER_ROLE, PolicyName="more", PolicyDocument=document
        )
    trust = world.document("trust_policy_external_id")
    trust["Statement"][0]["Condition"]["StringEquals"]["sts:ExternalId"] = EXTERNAL_ID
    world.trust("production", trust)
    first = world.ids["production"]
    for region in REGIONS:
        kms = world.client("kms", "production", region)
        kms.create_alias(AliasName="alias/data", TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
        for number in range(buckets):
            world.make_bucket("production", f"data-{first}-{region}-{number:02}", region)
    ids = (first, *(f"4{number:011}" for number in range(1, accounts)))
    lab.add_accounts(first, ids[1:])
    lab.enforcing = True
    return AccountFleet(ids, buckets, environment)


@dataclass(frozen=True)
class ModuleRun:
    """The result of a module that ran in its own process, the seconds of processor time, and its peak memory."""

    result: dict[str, Any]
    cpu: float
    peak_mib: float


# The kernel counts the memory of a process that starts another one for the other one, too, so a small one does it.
_MEASURE = """
import os, sys
process = os.spawnv(os.P_NOWAIT, sys.argv[1], sys.argv[1:])
usage = os.wait4(process, 0)[2]
print(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, file=sys.stderr)
"""


def start_module(
    module: str, options: Mapping[str, Any], environment: Mapping[str, str], *starter: str
) -> subprocess.Popen[bytes]:
    """Start a module in a process of its own, as Ansible starts it."""
    name = f"ansible_collections.sealed.s3.plugins.modules.{module}"
    process = subprocess.Popen(
        [*starter, sys.executable, "-m", name],
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin
    process.stdin.write(json.dumps({"ANSIBLE_MODULE_ARGS": dict(options)}).encode())
    process.stdin.close()
    process.stdin = None  # `communicate` would close it again
    return process


def run_module(module: str, options: Mapping[str, Any], environment: Mapping[str, str]) -> ModuleRun:
    """Run a module to its end, and measure it."""
    process = start_module(module, options, environment, sys.executable, "-S", "-E", "-c", _MEASURE)
    written, measured = process.communicate()
    *_others, last = measured.decode().splitlines()
    cpu, peak_mib = map(float, last.split())
    return ModuleRun(json.loads(written), cpu, peak_mib)


def main(arguments: Sequence[str]) -> None:
    """Run the command line."""
    from sealed_lab import RemoteLab

    url, accounts, buckets, *actions = arguments
    fleet = make_account_fleet(RemoteLab(url), int(accounts), int(buckets), *actions)
    print(json.dumps(asdict(fleet)))


if __name__ == "__main__":
    main(sys.argv[1:])

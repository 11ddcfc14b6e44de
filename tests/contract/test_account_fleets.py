# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""One task for the buckets of many accounts, in a lab that enforces trust policies and session policies."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from .conftest import ACCOUNT, REGION, Result, Task

PROD, TEST, AUDIT = "222222222222", "333333333333", "444444444444"
OTHER_REGION = "eu-west-1"
KMS = {"encryption": "SSE-KMS", "kms_key": "alias/app"}
EVERY = {"names": ["*"]}
BASELINE, REPORT = "bucket_default_encryption", "bucket_default_encryption_info"


def document(action: str | list[str]) -> str:
    """A policy that allows these actions."""
    return json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}})


def trust(principal: str, **condition: Any) -> str:
    """A trust policy."""
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": {**statement, "Condition": condition}})


class World:
    """The user zoe of the hub, and accounts with the role fleet, which trusts her.

    Each account has the alias alias/app in two regions, and the buckets a-ACCOUNT and b-ACCOUNT in them.
    """

    def __init__(self, lab: Any) -> None:
        self.lab = lab
        iam = lab.client("iam", account=ACCOUNT)
        self.zoe: str = iam.create_user(UserName="zoe")["User"]["Arn"]
        iam.put_user_policy(UserName="zoe", PolicyName="p", PolicyDocument=document("sts:AssumeRole"))
        key = iam.create_access_key(UserName="zoe")["AccessKey"]
        self.options = {"access_key": key["AccessKeyId"], "secret_key": key["SecretAccessKey"]}

    def add(self, account: str, **condition: Any) -> dict[str, str]:
        """Create an account; returns the ARNs of its keys by region."""
        iam = self.lab.client("iam", account=account)
        iam.create_role(RoleName="fleet", AssumeRolePolicyDocument=trust(self.zoe, **condition))
        iam.put_role_policy(RoleName="fleet", PolicyName="p", PolicyDocument=document(["s3:*", "kms:*"]))
        keys: dict[str, str] = {}
        for name, region in (("a", REGION), ("b", OTHER_REGION)):
            kms = self.lab.client("kms", region=region, account=account)
            keys[region] = kms.create_key()["KeyMetadata"]["Arn"]
            kms.create_alias(AliasName="alias/app", TargetKeyId=keys[region])
            place = {} if region == REGION else {"CreateBucketConfiguration": {"LocationConstraint": region}}
            self.lab.client("s3", region=region, account=account).create_bucket(Bucket=f"{name}-{account}", **place)
        return keys


def entry(account: str, name: str = "", **more: Any) -> dict[str, Any]:
    """An account of a task."""
    return {"role_arn": f"arn:aws:iam::{account}:role/fleet", **({"name": name} if name else {}), **more}


@pytest.fixture
def world(lab: Any) -> World:
    """Enforcement is on."""
    found = World(lab)
    lab.enforcing = True
    return found


@pytest.fixture
def fleet(world: World, lab: Any) -> dict[str, Any]:
    """The options of a task for two accounts."""
    for account in (PROD, TEST):
        world.add(account)
    lab.calls.clear()
    return {**world.options, "accounts": [entry(PROD, "prod"), entry(TEST)]}


def rows(result: Result) -> list[tuple[Any, ...]]:
    """The buckets of a result, with their accounts."""
    return [(row["account_id"], row["account_name"], row["name"], row["region"]) for row in result["buckets"]]


def test_one_task_for_two_accounts(task: Task, fleet: dict[str, Any], lab: Any) -> None:
    """The alias stands for the key of each account and region. A check run is the same; a second run changes nothing."""
    options = {**fleet, **KMS, "select": EVERY}
    check = task(BASELINE, check=True, **options)
    lab.calls.clear()
    done = task(BASELINE, **options)
    print(json.dumps(done, indent=1))
    print(Counter(lab.calls.operations()))
    assert 0

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""An organization under enforcement, with the IAM documents of the example: one that is refused, then all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.sealed.s3.tests.contract.account_world import (
    MEMBER_ROLE,
    AccountWorld,
    make_account_world,
)

from .conftest import Example

PLAYBOOK = "accounts/accounts.yml"
BUCKETS = {
    "production": {"example-orders": "us-east-1", "example-archive": "eu-west-1", "cdk-assets": "us-east-1"},
    "staging": {"example-partner-1": "us-east-1", "example-access-logs": "us-east-1"},
}


@pytest.fixture
def world(example: Example) -> AccountWorld:
    """The accounts, and the default profile of the person: a session of the hub's role."""
    made, environment = make_account_world(example.lab)
    lines = [f"{name.lower()} = {value}" for name, value in environment.items()]
    (example.home / ".aws" / "config").write_text("\n".join(["[default]", *lines, ""]))
    for account, buckets in BUCKETS.items():
        for name, region in buckets.items():
            made.make_bucket(account, name, region)
    return made


def default_of(world: AccountWorld, account: str, name: str) -> tuple[str, str | None, list[str]]:
    """The algorithm, the key and the blocked types of a bucket."""
    answer = world.client("s3", account, BUCKETS[account][name]).get_bucket_encryption(Bucket=name)
    (rule,) = answer["ServerSideEncryptionConfiguration"]["Rules"]
    default = rule["ApplyServerSideEncryptionByDefault"]
    return (
        default["SSEAlgorithm"],
        default.get("KMSMasterKeyID"),
        [each for each in rule["BlockedEncryptionTypes"]["EncryptionType"] if each != "NONE"],
    )


def key_of(world: AccountWorld, account: str, region: str) -> str:
    """The ARN of the key that the playbook makes."""
    found: str = world.client("kms", account, region).describe_key(KeyId="alias/s3-data")["KeyMetadata"]["Arn"]
    return found


def test_the_accounts(example: Example, world: AccountWorld) -> None:
    world.trust("staging", world.document("trust_policy_external_id"))
    failed = example.run(status=2)
    assert f"1 of 2 accounts could not be entered or listed. {world.ids['staging']} (staging)" in failed.printed
    keys = {region: key_of(world, "production", region) for region in ("us-east-1", "eu-west-1")}
    assert default_of(world, "production", "example-orders") == ("aws:kms", keys["us-east-1"], ["SSE-C"])
    assert default_of(world, "production", "example-archive") == ("aws:kms", keys["eu-west-1"], ["SSE-C"])
    assert default_of(world, "production", "cdk-assets")[0] == "AES256"
    assert default_of(world, "staging", "example-partner-1")[0] == "AES256"
    assert rows_of(example) == {("production", "example-archive"), ("production", "example-orders"), ("staging", None)}

    world.trust("staging", world.document("trust_policy"))
    assert example.run().changed == {"localhost": 3}
    assert {call.account for call in example.lab.calls if call.operation in example.writes()} == {world.ids["staging"]}
    assert default_of(world, "staging", "example-partner-1") == ("aws:kms", key_of(world, "staging", "us-east-1"), [])
    assert default_of(world, "staging", "example-access-logs")[0] == "AES256"
    assert len(rows_of(example)) == 4


def rows_of(example: Example) -> set[tuple[str, str | None]]:
    """The account and the bucket of each row in the file of the report."""
    lines = Path(example.folder, "buckets.jsonl").read_text().splitlines()
    return {(row["account_name"], row.get("name")) for row in map(json.loads, lines)}


def test_the_role_is_that_of_the_other_examples() -> None:
    """The service control policy that protects the guard rails is for the same role."""
    policy = Path(__file__).parents[2] / "examples" / "organization_policies" / "scp_protect_guard_rails.json"
    assert f"role/{MEMBER_ROLE}" in policy.read_text(encoding="utf-8")

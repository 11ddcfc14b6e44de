# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A fleet of two accounts with exceptions: the diff first, a bucket that fails, the run for that bucket, no change.

A bucket for the logs of load balancers keeps its encryption.
"""

from __future__ import annotations

import json
import re
from typing import Any

from .conftest import Example

PLAYBOOK = "fleet/fleet.yml"
BUCKETS = {
    "production": {
        "example-orders": "us-east-1",
        "example-orders-access-logs": "us-east-1",
        "example-legacy-1": "us-east-1",
        "cdk-assets-1": "us-east-1",
        "example-payments-1": "eu-west-1",
        "example-archive": "eu-west-1",
    },
    "staging": {
        "example-partner-1": "us-east-1",
        "example-test": "us-east-1",
        "example-elsewhere": "ap-south-1",
        "example-elb": "us-east-1",
    },
}


def make_buckets(example: Example) -> None:
    for profile, buckets in BUCKETS.items():
        for name, region in buckets.items():
            place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
            example.client("s3", profile, region).create_bucket(Bucket=name, **place)


def let_load_balancers_log(example: Example) -> None:
    """The policy that AWS documents for access logs of Application Load Balancers."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::example-elb/AWSLogs/*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    example.client("s3", "staging").put_bucket_policy(Bucket="example-elb", Policy=policy)


def make_keys(example: Example) -> dict[str, str]:
    """The ARNs of the keys of the account, by their region and alias."""
    keys = {}
    for region in ("us-east-1", "eu-west-1"):
        kms = example.client("kms", "production", region)
        for alias in ("alias/s3-data", "alias/s3-payments"):
            arn = kms.create_key()["KeyMetadata"]["Arn"]
            kms.create_alias(AliasName=alias, TargetKeyId=arn)
            keys[f"{region} {alias}"] = arn
    return keys


def defaults(example: Example) -> dict[str, tuple[Any, ...]]:
    """The algorithm, key and blocked types of each bucket."""
    found = {}
    for profile, buckets in BUCKETS.items():
        for name, region in buckets.items():
            answer = example.client("s3", profile, region).get_bucket_encryption(Bucket=name)
            (rule,) = answer["ServerSideEncryptionConfiguration"]["Rules"]
            default = rule["ApplyServerSideEncryptionByDefault"]
            blocked = rule["BlockedEncryptionTypes"]["EncryptionType"]
            found[name] = (default["SSEAlgorithm"], default.get("KMSMasterKeyID"), *blocked)
    return found


def test_the_fleet(example: Example) -> None:
    make_buckets(example)
    let_load_balancers_log(example)
    keys = make_keys(example)
    before = defaults(example)
    inventory = ("-i", "inventory.yml")

    planned = example.run(*inventory, "--limit", "production", "--check", "--diff")
    assert planned.changed == {"production": 1}
    assert re.search(r"\+ SSE-KMS, key \S+, bucket key on", planned.printed)
    assert defaults(example) == before

    example.lab.faults.add("deny", operation="s3:PutEncryptionConfiguration", resource="*example-archive", times=None)
    failed = example.run(*inventory, status=2)
    assert "example-archive" in failed.printed
    assert "Not changed because of log_targets: 1 bucket: example-elb (statement number 1" in " ".join(
        failed.printed.split()
    )
    saved = example.folder / "failed-production.json"
    assert json.loads(saved.read_text()) == {"fleet_failed_buckets": ["example-archive"]}
    example.lab.faults.clear()

    command = re.search(
        r"ansible-playbook -i inventory.yml fleet.yml (--limit production -e @[^\s\"]+)", failed.printed
    )
    assert command
    again = example.run(*inventory, *command[1].split())
    assert again.changed == {"production": 1}
    assert example.writes() == ["PutBucketEncryption"]

    assert defaults(example) == {
        "example-orders": ("aws:kms", keys["us-east-1 alias/s3-data"], "SSE-C"),
        "example-orders-access-logs": ("AES256", None, "SSE-C"),
        "example-legacy-1": ("AES256", None, "SSE-C"),
        "cdk-assets-1": before["cdk-assets-1"],
        "example-payments-1": ("aws:kms", keys["eu-west-1 alias/s3-payments"], "SSE-C"),
        "example-archive": ("aws:kms", keys["eu-west-1 alias/s3-data"], "SSE-C"),
        "example-partner-1": ("aws:kms", None, "NONE"),
        "example-test": ("aws:kms", None, "SSE-C"),
        "example-elsewhere": before["example-elsewhere"],
        "example-elb": before["example-elb"],
    }
    assert example.run(*inventory).changed == {"production": 0, "staging": 0}

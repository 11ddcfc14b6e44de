# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Default encryption and guard rails of an account with exceptions: set, reported, and not changed again."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError

from .conftest import Example

PLAYBOOK = "guard_rails/guard_rails.yml"
BUCKETS = {
    "example-orders": "us-east-1",
    "example-orders-access-logs": "us-east-1",
    "example-partner-1": "us-east-1",
    "example-website": "us-east-1",
    "cdk-assets-1": "us-east-1",
    "example-archive": "eu-west-1",
}
FOREIGN: dict[str, Any] = {
    "Sid": "Readers of us",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::777788889999:root"},
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::example-orders/*",
}
TLS = ["SealedS3RequireTls", "SealedS3MinimumTlsVersion"]
KEYS = ["SealedS3AllowKmsKeys", "SealedS3AllowKmsKeysKeyRequired", "SealedS3AllowKmsKeysInPlace"]
ALL = [*TLS, "SealedS3AllowEncryption", "SealedS3AllowEncryptionCustomerKeys", *KEYS]


def prepare(example: Example) -> dict[str, str]:
    """Make the buckets, one of them with a policy, and the keys. Return the key ARN of each region."""
    keys = {}
    for region in ("us-east-1", "eu-west-1"):
        kms = example.client("kms", "production", region)
        keys[region] = kms.create_key()["KeyMetadata"]["Arn"]
        kms.create_alias(AliasName="alias/s3-data", TargetKeyId=keys[region])
    for name, region in BUCKETS.items():
        place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        example.client("s3", "production", region).create_bucket(Bucket=name, **place)
    policy = {"Version": "2012-10-17", "Statement": [FOREIGN]}
    example.client("s3", "production").put_bucket_policy(Bucket="example-orders", Policy=json.dumps(policy))
    return keys


def statements(example: Example) -> dict[str, dict[str, Any]]:
    """The statements of each bucket policy by their Sids, in their order."""
    found = {}
    for name, region in BUCKETS.items():
        try:
            text = example.client("s3", "production", region).get_bucket_policy(Bucket=name)["Policy"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchBucketPolicy":
                raise
            text = '{"Statement": []}'
        found[name] = {each["Sid"]: each for each in json.loads(text)["Statement"]}
    return found


def test_the_guard_rails(example: Example) -> None:
    """Set and reported. A policy that somebody deletes is a finding, and alone is changed by the next run."""
    keys = prepare(example)
    inventory = ("-i", "inventory.yml")

    first = example.run(*inventory)
    assert first.changed == {"production": 2}
    assert "have no effect" not in first.printed
    assert "5 checked, 0 with findings, 0 failed." in first.printed
    found = statements(example)
    assert {name: list(policy) for name, policy in found.items()} == {
        "example-orders": [FOREIGN["Sid"], *ALL],
        "example-orders-access-logs": TLS,
        "example-partner-1": [*TLS, "SealedS3AllowEncryption", *KEYS],
        "example-website": [],
        "cdk-assets-1": [],
        "example-archive": ALL,
    }
    assert found["example-orders"][FOREIGN["Sid"]] == FOREIGN
    for name in ("example-orders", "example-archive"):
        assert keys[BUCKETS[name]] in json.dumps(found[name]["SealedS3AllowKmsKeys"])
        assert "role/migration" in json.dumps(found[name]["SealedS3AllowEncryption"])

    example.client("s3", "production", "eu-west-1").delete_bucket_policy(Bucket="example-archive")
    second = example.run(*inventory, "--check", "--diff", status=2)
    assert second.changed == {"production": 1}
    assert example.writes() == []
    assert "5 checked, 1 with findings, 0 failed." in second.printed
    assert "example-archive (eu-west-1)" in second.printed
    assert "S3.5" in second.printed
    planned = second.printed.partition("TASK [Compare")[0]
    assert "example-archive" in planned
    assert "example-orders" not in planned

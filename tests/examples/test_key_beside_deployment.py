# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A key beside a deployment: its policy in the first check run, the key in use, and a run without a change."""

from __future__ import annotations

import json

from .conftest import ACCOUNT, Example

PLAYBOOK = "key_beside_deployment/deploy.yml"
BUCKET = "example-orders-111122223333"


def make_roles(example: Example) -> None:
    """KMS refuses policies with principals that do not exist."""
    principal = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [principal]})
    for name in ("key-admin", "orders", "deploy"):
        example.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)


def test_the_deployment(example: Example) -> None:
    make_roles(example)

    planned = example.run("--check", "--diff")
    assert planned.changed == {"localhost": 3}  # s3_bucket of amazon.aws is skipped in check mode
    for text in ("S3KeyAdministrators", "S3KeyUsers", f"arn:aws:iam::{ACCOUNT}:role/deploy", "kms:ViaService"):
        assert text in planned.printed
    assert example.writes() == []

    assert example.run().changed == {"localhost": 4}
    kms, s3 = example.client("kms"), example.client("s3")
    key = kms.describe_key(KeyId="alias/orders")["KeyMetadata"]
    assert kms.get_key_rotation_status(KeyId=key["Arn"])["RotationPeriodInDays"] == 180
    written = s3.head_object(Bucket=BUCKET, Key="releases/release.json")
    assert (written["ServerSideEncryption"], written["SSEKMSKeyId"]) == ("aws:kms", key["Arn"])
    assert written["BucketKeyEnabled"]

    assert example.run().changed == {"localhost": 0}

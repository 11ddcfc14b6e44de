# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A new default encryption, and the same for the existing objects: looked at, changed from here, and by a job."""

from __future__ import annotations

import json
from typing import Any

from .conftest import Example

PLAYBOOK = "reencryption/reencryption.yml"
BUCKET = "example-orders"
KEYS = ("2025/1.json", "2025/2.json", "2026/1.json")


def prepare(example: Example) -> str:
    """Make the bucket with versions, its objects, one of them twice, and the key. Return the ARN of the key."""
    s3, kms = example.client("s3"), example.client("kms")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    for key in (*KEYS, KEYS[0]):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"{}")
    arn: str = kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/orders", TargetKeyId=arn)
    return arn


def encryption(example: Example) -> list[tuple[str, Any, Any]]:
    """The encryption, the key and the bucket key of each version."""
    s3 = example.client("s3")
    found = []
    for version in s3.list_object_versions(Bucket=BUCKET)["Versions"]:
        head = s3.head_object(Bucket=BUCKET, Key=version["Key"], VersionId=version["VersionId"])
        found.append((head["ServerSideEncryption"], head.get("SSEKMSKeyId"), head.get("BucketKeyEnabled")))
    return found


def allow_jobs(example: Example) -> None:
    """Make the bucket and the role of jobs."""
    example.client("s3").create_bucket(Bucket="example-orders-jobs")
    principal = {"Effect": "Allow", "Principal": {"Service": "batchoperations.s3.amazonaws.com"}}
    trust = {"Version": "2012-10-17", "Statement": [{**principal, "Action": "sts:AssumeRole"}]}
    allowed = {"Effect": "Allow", "Action": ["s3:*", "kms:*"], "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [allowed]}
    iam = example.client("iam")
    iam.create_role(RoleName="s3-batch-operations", AssumeRolePolicyDocument=json.dumps(trust))
    iam.put_role_policy(RoleName="s3-batch-operations", PolicyName="job", PolicyDocument=json.dumps(policy))


def test_the_existing_objects(example: Example) -> None:
    """A look writes nothing. A run goes on and changes versions in place, a job the others, the last run nothing."""
    arn = prepare(example)
    allow_jobs(example)
    planned = example.run("--check", "--diff")
    assert example.writes() == []
    assert planned.changed == {"localhost": 2}
    assert "0 objects are as asked, 4 can be changed in place, 0 have to be copied" in planned.printed

    # An earlier run has ended after the first key.
    ended = example.folder / "resume.json"
    wish = {"bucket": BUCKET, "kms_key": "alias/orders", "prefix": "", "versions": "all"}
    ended.write_text(json.dumps({"wish": wish, "resume": KEYS[0]}))
    first = example.run()
    assert first.changed == {"localhost": 3}
    assert not ended.exists()
    assert example.writes() == ["PutBucketEncryption", *["UpdateObjectEncryption"] * 2]
    assert (example.folder / "not-changed.jsonl").read_text() == ""

    example.client("s3").put_object(Bucket=BUCKET, Key=KEYS[1], Body=b"[]", ServerSideEncryption="AES256")
    prepared = example.run("--tags", "job")
    assert prepared.changed == {"localhost": 1}
    assert "is Suspended." in prepared.printed
    assert ("AES256", None, None) in encryption(example)
    confirmed = example.run("--tags", "job", "-e", "reencryption_confirmed=true")
    assert confirmed.changed == {"localhost": 1}
    assert "is Complete." in confirmed.printed
    assert encryption(example) == [("aws:kms", arn, True)] * 5

    assert example.run("--tags", "all,job").changed == {"localhost": 0}
    assert example.writes() == []

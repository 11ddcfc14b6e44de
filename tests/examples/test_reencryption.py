# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A new default encryption, and the same for the existing objects: looked at, changed from here, and by a job."""

from __future__ import annotations

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


def test_the_existing_objects(example: Example) -> None:
    """A look writes nothing, a run changes all versions in place, and the next run nothing."""
    arn = prepare(example)
    looked = example.run("--tags", "look")
    assert example.writes() == []
    assert "0 objects are as asked, 4 can be changed in place, 0 have to be copied" in looked.printed
    planned = example.run("--check", "--diff")
    assert example.writes() == []
    assert planned.changed == {"localhost": 2}

    first = example.run()
    assert first.changed == {"localhost": 2}
    assert example.writes() == ["PutBucketEncryption", *["UpdateObjectEncryption"] * 4]
    assert encryption(example) == [("aws:kms", arn, True)] * 4
    assert (example.folder / "not-changed.jsonl").read_text() == ""
    assert example.run().changed == {"localhost": 0}

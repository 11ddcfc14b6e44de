# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A baseline of the account of the credentials: an audit that finds what it lacks, and passes after it is made."""

from __future__ import annotations

import json

from .conftest import Example

PLAYBOOK = "audit/baseline.yml"  # variables for two playbooks of the collection
VARIABLES = ("-e", "@baseline.yml")
BUCKETS = {
    "example-orders": "us-east-1",
    "example-access-logs": "us-east-1",
    "example-website": "eu-west-1",
    "cdk-assets": "us-east-1",
}


def test_the_audit(example: Example) -> None:
    """The key is made in each region, and an exception is none for the audit either."""
    for name, region in BUCKETS.items():
        place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        example.client("s3", region=region).create_bucket(Bucket=name, **place)

    example.playbook = "sealed.s3.audit"
    failed = example.run(*VARIABLES, status=2)
    assert example.writes() == []
    assert "There is no KMS key alias/s3-data in us-east-1." in failed.printed
    assert "KMS key alias/s3-data does not exist in us-east-1: CreateKey" in failed.printed
    assert "Keys that differ from the baseline: 2." in failed.printed
    sarif = json.loads((example.folder / "audit.sarif").read_text())
    assert {result["ruleId"] for result in sarif["runs"][0]["results"]} >= {"bucket-policy-tls", "not-read"}

    example.playbook = "sealed.s3.baseline"
    passed = example.run("sealed.s3.audit", *VARIABLES)
    assert passed.changed == {"localhost": 4}  # with the reports
    assert sorted(set(example.writes())) == [
        "CreateAlias",
        "CreateKey",
        "EnableKeyRotation",
        "PutBucketEncryption",
        "PutBucketPolicy",
        "UntagResource",
    ]

    assert "buckets: 3, KMS keys: 2, passed: 5, failed: 0, not read: 0" in passed.printed
    page = (example.folder / "audit.html").read_text()
    assert "example-orders" in page
    assert "cdk-assets" not in page

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""An audit: it fails with findings, shows them, and fails if it found or read nothing. It passes without findings."""

from __future__ import annotations

import json
from typing import Any

from .conftest import Example

PLAYBOOK = "audit/audit.yml"


def tls_policy(bucket: str) -> str:
    """A policy that denies plain HTTP and old versions of TLS, as others write it."""
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
    }
    conditions: list[dict[str, Any]] = [
        {"Bool": {"aws:SecureTransport": "false"}},
        {"NumericLessThan": {"s3:TlsVersion": "1.3"}},
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Condition": each} for each in conditions]})


def test_the_audit(example: Example) -> None:
    nothing = example.run("--tags", "buckets", status=2)
    assert "0 checked, 0 with findings, 0 failed." in nothing.printed

    s3, kms = example.client("s3"), example.client("kms")
    s3.create_bucket(Bucket="example-orders")
    s3.create_bucket(Bucket="example-access-logs")
    s3.put_bucket_policy(Bucket="example-access-logs", Policy=tls_policy("example-access-logs"))
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/orders", TargetKeyId=key_id)

    failed = example.run("-e", "audit_report_file=report.txt", status=2)
    report = (example.folder / "report.txt").read_text()
    assert report == (
        "Buckets\n"
        "2 checked, 1 with findings, 0 failed.\n"
        "  example-orders (us-east-1)\n"
        "    - New objects get SSE-S3 by default, not SSE-KMS. (Security Hub S3.17)\n"
        "\n"
        "Bucket policies\n"
        "2 checked, 1 with findings, 0 failed.\n"
        "  example-orders (us-east-1)\n"
        "    - The bucket policy does not deny requests without TLS. (Security Hub S3.5)\n"
        "    - The bucket policy does not deny versions of TLS below 1.2.\n"
        "\n"
        "KMS keys\n"
        "us-east-1: 1 checked, 1 with findings.\n"
        "  alias/orders\n"
        "    - The key is not rotated. (Security Hub KMS.4)\n"
    )
    assert all(line.strip() in failed.printed for line in report.splitlines())
    assert example.writes() == []

    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    rule["BlockedEncryptionTypes"] = {"EncryptionType": ["SSE-C"]}  # type: ignore[dict-item]
    s3.put_bucket_encryption(Bucket="example-orders", ServerSideEncryptionConfiguration={"Rules": [rule]})
    policies_only = example.run("--tags", "policies", status=2)
    assert "1 of 2 buckets does not comply: The bucket policy does not deny" in policies_only.printed
    s3.put_bucket_policy(Bucket="example-orders", Policy=tls_policy("example-orders"))
    keys_only = example.run("--tags", "keys", status=2)
    assert "The key is not rotated." in keys_only.printed
    assert "Not checked." in keys_only.printed

    kms.enable_key_rotation(KeyId=key_id)
    example.lab.faults.add("deny", operation="kms:GetKeyPolicy", times=None)
    unread = example.run("--tags", "keys", status=2)
    assert "- kms:GetKeyPolicy on " in unread.printed

    example.lab.faults.clear()
    passed = example.run()
    assert "1 checked, 0 with findings." in passed.printed

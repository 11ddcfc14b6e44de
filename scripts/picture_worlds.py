# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What is in the lab when a picture is made."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
from botocore.config import Config
from sealed_lab import RemoteLab

REGION = "us-east-1"
ROLE = "EncryptionAdministration"
HUB = "123456789012"  # the account of the lab's credentials

# The accounts of the picture for many accounts, and the buckets of each.
ACCOUNTS = {"shop": "111122223333", "search": "444455556666", "log-archive": "777788889999"}
UNDER_DEFAULT_OF_S3 = {
    "shop": ("shop-carts", "shop-catalog", "shop-invoices"),
    "search": ("search-index", "search-queries"),
}
UNDER_KEY_OF_AWS = {"shop": ("shop-exports",), "search": ("search-imports",)}
WITHOUT_BLOCKED_TYPES = {"log-archive": ("flow-logs", "trail-logs")}
AS_THE_TASK_WANTS = {"shop": 40, "search": 20}

# The accounts of the report.
AUDITED = {
    "production": "111122223333",
    "staging": "222233334444",
    "analytics": "444455556666",
    "log-archive": "777788889999",
    "sandbox": "888899990000",
}
AUDITED_BUCKETS = {
    "production": ("app-assets", "app-uploads", "backups-daily", "backups-weekly", "customer-exports", "invoices")
    + ("ledger", "orders", "orders-archive", "payments", "terraform-state"),
    "staging": ("staging-app-assets", "staging-app-uploads", "staging-backups", "staging-orders", "staging-payments"),
    "analytics": ("clickstream", "data-lake-curated", "data-lake-raw", "experiments", "ml-features", "ml-models"),
    "log-archive": ("cloudtrail-logs", "config-history", "flow-logs"),
}
WITHOUT_KMS = ("customer-exports", "staging-app-uploads", "experiments")
WITHOUT_TLS = ("backups-weekly", "experiments", "staging-backups", "terraform-state")
WITHOUT_BUCKET_KEY = ("data-lake-raw", "staging-app-assets")
SSE_C_ALLOWED = ("ml-models", "staging-orders")


class Fleet:
    """Buckets of four teams. Most of them are as the task of README.md wants them."""

    def __init__(self, buckets: int) -> None:
        self.s3: Any = boto3.client("s3", config=Config(max_pool_connections=16))
        self.kms: Any = boto3.client("kms")
        self.keys = {alias: _key(self.kms, alias) for alias in ("alias/s3-data", "alias/payments")}
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(self._create_bucket, range(buckets)))

    def _create_bucket(self, number: int) -> None:
        team = ("media", "orders", "payments", "search")[number % 4]
        is_log = number % 50 == 0
        name = f"{team}-{number // 4:04}{'-logs' if is_log else ''}"
        self.s3.create_bucket(Bucket=name)
        if is_log or number % 40 == 1:
            return  # the default of S3
        _set_default(self.s3, name, _under(self.keys["alias/payments" if team == "payments" else "alias/s3-data"]))


def make_accounts(lab: RemoteLab) -> None:
    """Create the accounts, each with a role, a key with an alias, and buckets."""
    for name, number in ACCOUNTS.items():
        iam, s3, kms = (lab.client(each, region=REGION, account=number) for each in ("iam", "s3", "kms"))
        _make_role(iam)
        key = _key(kms, "alias/s3-data")
        for bucket in UNDER_DEFAULT_OF_S3.get(name, ()):
            s3.create_bucket(Bucket=bucket)
        for bucket in UNDER_KEY_OF_AWS.get(name, ()):
            s3.create_bucket(Bucket=bucket)
            _set_default(s3, bucket, {"SSEAlgorithm": "aws:kms"})
        for bucket in WITHOUT_BLOCKED_TYPES.get(name, ()):
            s3.create_bucket(Bucket=bucket)
            _set_default(s3, bucket, {"SSEAlgorithm": "AES256"}, blocked="NONE")
        for count in range(AS_THE_TASK_WANTS.get(name, 0)):
            s3.create_bucket(Bucket=f"{name}-{count:04}")
            _set_default(s3, f"{name}-{count:04}", _under(key))


def _make_role(iam: Any) -> None:
    trusted = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": HUB}}
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps({"Statement": [trusted]}))


def _key(kms: Any, alias: str) -> str:
    arn: str = kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName=alias, TargetKeyId=arn)
    return arn


def _under(key: str) -> dict[str, str]:
    return {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}


def _set_default(
    s3: Any, bucket: str, default: dict[str, str], blocked: str = "SSE-C", has_bucket_key: bool = True
) -> None:
    has_own_key = "KMSMasterKeyID" in default
    rule = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": has_own_key and has_bucket_key}
    rules = [{**rule, "BlockedEncryptionTypes": {"EncryptionType": [blocked]}}]
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": rules})


def make_audited_accounts(lab: RemoteLab) -> None:
    """Create accounts for a report: most of what is in them is as it should be. One account cannot be entered."""
    for name, number in AUDITED.items():
        iam, s3, kms = (lab.client(each, region=REGION, account=number) for each in ("iam", "s3", "kms"))
        _make_role(iam)
        key = _key(kms, "alias/s3-data")
        kms.enable_key_rotation(KeyId=key)
        if name == "analytics":
            _key(kms, "alias/exports")  # is not rotated
        for bucket in AUDITED_BUCKETS.get(name, ()):
            s3.create_bucket(Bucket=bucket)
            if bucket not in WITHOUT_KMS:
                blocked = "NONE" if bucket in SSE_C_ALLOWED else "SSE-C"
                _set_default(s3, bucket, _under(key), blocked, has_bucket_key=bucket not in WITHOUT_BUCKET_KEY)
            if bucket not in WITHOUT_TLS:
                s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(_tls_policy(bucket)))
    lab.set_account_state(AUDITED["sandbox"], "SUSPENDED")


def _tls_policy(bucket: str) -> dict[str, Any]:
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": resources}
    old = {**deny, "Sid": "OldTls", "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}}}
    plain = {**deny, "Sid": "Plain", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    return {"Version": "2012-10-17", "Statement": [plain, old]}

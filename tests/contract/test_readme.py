# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Runs the tasks of README.md, in their order. A second run of each changes nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import ACCOUNT, Task

README = Path(__file__).parents[2] / "README.md"
MODULE_PREFIX = "sealed.s3."

# Buckets for the patterns of the fleet, and what each has to have after the task.
FLEET = {
    "orders-data": ("SSE-KMS", "alias/s3-data"),
    "payments-2026": ("SSE-KMS", "alias/payments"),
    "web-logs": ("SSE-S3", None),
}
SKIPPED_BUCKET = "orders-scratch"
BUCKET = "orders-secrets"  # which the tasks for objects use


def tasks_of_readme(folder: Path) -> list[dict[str, Any]]:
    """All tasks of README.md, with the lab's account and files in this folder."""
    text = README.read_text(encoding="utf-8").replace("111122223333", ACCOUNT)
    text = text.replace("src: files/", f"src: {folder}/").replace("/etc/orders/", f"{folder}/")
    blocks = [yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)]
    return [task for block in blocks if isinstance(block, list) for task in block]


def module_of(task: dict[str, Any]) -> str:
    """The short name of the task's module."""
    (name,) = (name for name in task if name.startswith(MODULE_PREFIX))
    return name.removeprefix(MODULE_PREFIX)


@pytest.fixture
def aliases(lab: Any, tmp_path: Path) -> dict[str, str]:
    """Creates what the tasks need. Returns the ARNs of the keys that exist before, by alias."""
    s3, kms, iam = (lab.client(name, region="us-east-1", account=ACCOUNT) for name in ("s3", "kms", "iam"))
    for bucket in (*FLEET, SKIPPED_BUCKET, BUCKET):
        s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket="orders-data", Key="1.json", Body=b"{}")  # which exists before the default of its bucket
    stronger = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]}
    s3.put_bucket_encryption(Bucket="web-logs", ServerSideEncryptionConfiguration=stronger)
    principal = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    for role in ("app", "platform"):
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps({"Statement": [principal]}))
    (tmp_path / "contracts").mkdir()
    for name in ("licence.pem", "contract.pdf", "contracts/one.pdf"):
        (tmp_path / name).write_text(name)
    arns = {}
    for alias in ("alias/s3-data", "alias/payments", "alias/contracts"):
        arns[alias] = kms.create_key()["KeyMetadata"]["Arn"]
        kms.create_alias(AliasName=alias, TargetKeyId=arns[alias])
    return arns


@pytest.fixture
def organization(lab: Any) -> None:
    """Creates two accounts in the unit Workloads/Prod, each with a bucket and a key."""
    client = lab.client("organizations", region="us-east-1", account=ACCOUNT)
    client.create_organization()
    root = unit = client.list_roots()["Roots"][0]["Id"]
    for name in ("Workloads", "Prod"):
        unit = client.create_organizational_unit(ParentId=unit, Name=name)["OrganizationalUnit"]["Id"]
    for name in ("shop", "log-archive"):
        request = client.create_account(Email=f"{name}@corp.example", AccountName=name)["CreateAccountStatus"]["Id"]
        status = client.describe_create_account_status(CreateAccountRequestId=request)["CreateAccountStatus"]
        client.move_account(AccountId=status["AccountId"], SourceParentId=root, DestinationParentId=unit)
        s3, kms = (lab.client(each, region="us-east-1", account=status["AccountId"]) for each in ("s3", "kms"))
        s3.create_bucket(Bucket=f"of-{name}")
        kms.create_alias(AliasName="alias/s3-data", TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])


@pytest.mark.usefixtures("organization")
def test_tasks_of_the_readme_run(task: Task, aliases: dict[str, str], tmp_path: Path) -> None:
    """A reader can copy any of them. SSE-C is allowed between the task for buckets and those for objects."""
    tasks = tasks_of_readme(tmp_path)
    modules = [module_of(each) for each in tasks]
    assert {"bucket_default_encryption", "bucket_reencryption", "kms_key_for_s3"} <= set(modules)
    assert {"s3_encrypted_object", "s3_encrypted_object_download", "s3_encrypted_sync"} <= set(modules)
    for module, each in zip(modules, tasks, strict=True):
        options = each[MODULE_PREFIX + module]
        first, second = task(module, **options), task(module, **options)
        assert (first["changed"], first.get("failed", False)) == (True, False), first
        assert (second["changed"], second.get("failed", False)) == (False, False), second
        if "organization" in options:
            after = {bucket["account_name"]: bucket["after"]["encryption"] for bucket in first["buckets"]}
            assert after == {"shop": "SSE-KMS"}  # that of log-archive has SSE-S3, as its exception says
        elif module == "bucket_default_encryption":
            assert_is_baseline(first, aliases)
            task("bucket_default_encryption", bucket=BUCKET, blocked_encryption_types=[])


def assert_is_baseline(result: dict[str, Any], aliases: dict[str, str]) -> None:
    """The task for many buckets does what its exceptions say."""
    after = {bucket["name"]: bucket["after"] for bucket in result["buckets"]}
    for name, (encryption, alias) in FLEET.items():
        assert (after[name]["encryption"], after[name]["kms_key"]) == (encryption, aliases.get(alias or ""))
    assert SKIPPED_BUCKET not in after

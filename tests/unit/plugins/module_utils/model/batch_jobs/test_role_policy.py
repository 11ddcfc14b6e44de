# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What the role of a job needs, in each partition, and the ARN of a role."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.arn import Arn
from ansible_collections.sealed.s3.plugins.module_utils.model.batch_jobs.role_policy import (
    JobAccess,
    JobFiles,
    NeededPermission,
    Purpose,
    RoleTask,
    needed_permissions,
    parse_role_arn,
    permissions_policy,
    render_document,
    require_role_of_account,
    role_name,
    trust_policy,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import OperationError

OLD, NEW, LIST = (f"arn:aws:kms:eu-west-1:111122223333:key/{name}" for name in ("old", "new", "list"))
UPDATE = JobAccess(
    RoleTask.UPDATE, "aws", "data", "logs/", JobFiles("lists"), JobFiles("reports", "2026/"), target_key=NEW
)
KEY_ACTIONS = ("kms:Decrypt", "kms:GenerateDataKey", "kms:Encrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo")


def as_pairs(access: JobAccess) -> dict[str, tuple[str, str]]:
    """The permissions by purpose, with actions and resources as texts."""
    return {
        each.purpose.value: (" ".join(each.actions), " ".join(each.resources)) for each in needed_permissions(access)
    }


def test_update_with_a_written_manifest() -> None:
    """The objects below the prefix, the manifest, the report and the key."""
    assert as_pairs(UPDATE) == {
        "ChangeObjects": ("s3:GetObject s3:PutObject s3:UpdateObjectEncryption", "arn:aws:s3:::data/logs/*"),
        "ReadManifest": ("s3:GetObject s3:GetObjectVersion", "arn:aws:s3:::lists/*"),
        "WriteReport": ("s3:PutObject", "arn:aws:s3:::reports/2026/*"),
        "UseKeysOfObjects": (" ".join(KEY_ACTIONS), NEW),
    }


def test_update_with_a_generated_manifest_of_versions() -> None:
    """S3 lists the objects and writes the manifest, under its key, with or without versions. Each key is named once."""
    manifest = JobFiles("lists", "/a/b/", LIST)
    access = replace(
        UPDATE, manifest=manifest, manifest_is_generated=True, names_versions=True, source_keys=(OLD, NEW), report=None
    )
    assert as_pairs(access) == {
        "ChangeObjects": (
            "s3:GetObject s3:GetObjectVersion s3:PutObject s3:UpdateObjectEncryption",
            "arn:aws:s3:::data/logs/*",
        ),
        "ListObjects": ("s3:PutInventoryConfiguration", "arn:aws:s3:::data"),
        "ReadManifest": ("s3:GetObject s3:GetObjectVersion", "arn:aws:s3:::lists/a/b/*"),
        "WriteManifest": ("s3:PutObject", "arn:aws:s3:::lists/a/b/*"),
        "UseKeysOfObjects": (" ".join(KEY_ACTIONS), f"{NEW} {OLD}"),
        "UseKeyOfManifest": ("kms:Decrypt kms:GenerateDataKey", LIST),
    }


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {}),
        ({"source_keys": (OLD,)}, {"ReadUnderKeysOfObjects": ("kms:Decrypt", OLD)}),
        (
            {"target_key": NEW, "source_keys": (OLD,)},
            {
                "ReadUnderKeysOfObjects": ("kms:Decrypt", f"{NEW} {OLD}"),
                "WriteUnderNewKey": ("kms:GenerateDataKey", NEW),
            },
        ),
        ({"manifest": JobFiles("lists", "", LIST)}, {"UseKeyOfManifest": ("kms:Decrypt", LIST)}),
    ],
    ids=["no key", "a former key", "a new key", "a manifest that the task writes"],
)
def test_keys_of_a_copy(changes: dict[str, object], expected: dict[str, tuple[str, str]]) -> None:
    """Only the keys that take part."""
    access = replace(replace(UPDATE, task=RoleTask.COPY, target_key=None), **changes)  # type: ignore[arg-type]
    found = as_pairs(access)
    assert {name: pair for name, pair in found.items() if "kms:" in pair[0]} == expected
    assert found["ChangeObjects"][0] == "s3:GetObject s3:GetObjectTagging s3:PutObject s3:PutObjectTagging"


def test_a_copy_of_versions_reads_their_tags() -> None:
    """By the actions of versions."""
    actions = as_pairs(replace(UPDATE, task=RoleTask.COPY, names_versions=True))["ChangeObjects"][0]
    assert {"s3:GetObjectVersion", "s3:GetObjectVersionTagging"} <= set(actions.split())


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_every_arn_is_of_the_partition(partition: str) -> None:
    """The service principal is the same in all of them."""
    access = replace(UPDATE, partition=partition, target_key=None, manifest_is_generated=True)
    arns = [resource for each in needed_permissions(access) for resource in each.resources]
    assert {Arn.parse(each).partition for each in arns} == {partition}
    assert trust_policy()["Statement"][0]["Principal"] == {"Service": "batchoperations.s3.amazonaws.com"}


def test_a_policy_document() -> None:
    """One statement for each permission, in one line of JSON."""
    needed = (NeededPermission(("s3:PutObject",), ("arn:aws:s3:::reports/*",), Purpose.WRITE_REPORT),)
    assert render_document(permissions_policy(needed)) == (
        '{"Version": "2012-10-17", "Statement": [{"Sid": "WriteReport", "Effect": "Allow", '
        '"Action": ["s3:PutObject"], "Resource": ["arn:aws:s3:::reports/*"]}]}'
    )


def test_a_policy_for_several_jobs() -> None:
    """IAM refuses a policy with the same Sid twice: the actions on the same resources are one statement."""
    copy = replace(UPDATE, task=RoleTask.COPY, source_keys=(OLD,))
    other = replace(UPDATE, manifest=JobFiles("others"))
    needed = [each for access in (UPDATE, copy, other) for each in needed_permissions(access)]
    statements = {each["Sid"]: each for each in permissions_policy(needed)["Statement"]}
    assert len(statements) == len(permissions_policy(needed)["Statement"])
    assert {"s3:UpdateObjectEncryption", "s3:PutObjectTagging"} <= set(statements["ChangeObjects"]["Action"])
    assert statements["ReadManifest2"]["Resource"] == ["arn:aws:s3:::others/*"]
    assert all(len(set(each["Action"])) == len(each["Action"]) for each in statements.values())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("batch", "is not the ARN of a role: 'batch'"),
        ("arn:aws:iam::111122223333:user/batch", "is not the ARN of a role"),
        ("arn:aws:iam::111122223333:role/", "is not the ARN of a role"),
        ("arn:aws:iam:::role/batch", "is not the ARN of a role"),
        ("arn:aws:sts::111122223333:assumed-role/batch/me", "is the ARN of a session, and not of its role"),
    ],
)
def test_an_arn_that_is_not_of_a_role(text: str, message: str) -> None:
    """Is refused before any call."""
    with pytest.raises(OperationError, match=message):
        parse_role_arn(text, "batch.role_arn")


def test_a_role_of_another_account_or_partition() -> None:
    """Cannot be passed to a job."""
    role = parse_role_arn("arn:aws:iam::111122223333:role/path/batch", "batch.role_arn")
    assert role_name(role) == "batch"
    require_role_of_account(role, "111122223333", "aws", "batch.role_arn")
    with pytest.raises(OperationError, match="a role of the account 111122223333, and the job is one of the account"):
        require_role_of_account(role, "444455556666", "aws", "batch.role_arn")
    with pytest.raises(OperationError, match="the job is in the partition aws-cn"):
        require_role_of_account(role, "111122223333", "aws-cn", "batch.role_arn")

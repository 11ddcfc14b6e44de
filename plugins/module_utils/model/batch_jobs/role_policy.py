# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What the role of an S3 Batch Operations job has to be allowed, and the policies that allow it.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-iam-role-policies.html
and https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-update-encryption.html
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from ..arn import Arn
from ..errors import invalid_input

# The service principal is the same in all partitions.
# Source: https://docs.amazonaws.cn/en_us/AmazonS3/latest/userguide/batch-ops-iam-role-policies.html
BATCH_OPERATIONS = "batchoperations.s3.amazonaws.com"

_VERSION = "2012-10-17"


class RoleTask(Enum):
    """What a job does with each object: the operations of S3 Batch Operations, by AWS's names."""

    UPDATE = "S3UpdateObjectEncryption"
    COPY = "S3PutObjectCopy"


class Purpose(Enum):
    """What a permission is for: the Sid of its statement."""

    CHANGE_OBJECTS = "ChangeObjects"
    LIST_OBJECTS = "ListObjects"
    READ_MANIFEST = "ReadManifest"
    WRITE_MANIFEST = "WriteManifest"
    WRITE_REPORT = "WriteReport"
    USE_KEYS = "UseKeysOfObjects"
    READ_UNDER_KEYS = "ReadUnderKeysOfObjects"
    WRITE_NEW_KEY = "WriteUnderNewKey"
    USE_MANIFEST_KEY = "UseKeyOfManifest"


@dataclass(frozen=True, slots=True)
class NeededPermission:
    """Actions that the role needs on each of these resources.

    A resource is an ARN, which may end with `*`. The actions have no wildcards, because IAM's policy simulator takes
    none.
    """

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    purpose: Purpose = Purpose.CHANGE_OBJECTS

    def only(self, actions: Iterable[str], resources: Iterable[str]) -> NeededPermission:
        """A part of this permission, in its order."""
        kept_actions, kept_resources = set(actions), set(resources)
        return replace(
            self,
            actions=tuple(each for each in self.actions if each in kept_actions),
            resources=tuple(each for each in self.resources if each in kept_resources),
        )

    def statement(self) -> dict[str, Any]:
        """The statement of a policy that allows it."""
        return {
            "Sid": self.purpose.value,
            "Effect": "Allow",
            "Action": list(self.actions),
            "Resource": list(self.resources),
        }


@dataclass(frozen=True, slots=True)
class JobFiles:
    """Where the manifest or the report of a job is: a prefix in a bucket, below which S3 or the task chooses the names.

    `kms_key_arn` is the key under which S3 writes a manifest there; None if that needs no KMS key. Reports are always
    encrypted with a key of S3, whatever the default of their bucket.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-job-status.html
    """

    bucket: str
    prefix: str = ""
    kms_key_arn: str | None = None

    def pattern(self, partition: str) -> str:
        """The ARN of everything below the prefix."""
        prefix = self.prefix.strip("/")
        return object_pattern(partition, self.bucket, f"{prefix}/" if prefix else "")


@dataclass(frozen=True, slots=True)
class JobAccess:
    """What a job reads and writes: all that decides which permissions its role needs.

    `prefix` is that of the objects, as S3 compares it. `manifest_is_generated` says that S3 lists the objects itself,
    and writes the manifest. `names_versions` says that the manifest has version ids. `source_keys` are the ARNs of the
    KMS keys that the objects have now, `target_key` that of the new one; None for a target without a KMS key.
    `report` is None for a job without a report.
    """

    task: RoleTask
    partition: str
    bucket: str
    prefix: str
    manifest: JobFiles
    report: JobFiles | None
    manifest_is_generated: bool = False
    names_versions: bool = False
    source_keys: tuple[str, ...] = ()
    target_key: str | None = None


def object_pattern(partition: str, bucket: str, prefix: str) -> str:
    """The ARN of all objects whose key begins with the prefix."""
    return str(Arn(partition, "s3", "", "", f"{bucket}/{prefix}*"))


def bucket_arn(partition: str, bucket: str) -> str:
    """The ARN of a bucket."""
    return str(Arn(partition, "s3", "", "", bucket))


def needed_permissions(access: JobAccess) -> tuple[NeededPermission, ...]:
    """What the role of a job needs, with the purpose of each permission.

    AWS's example for copies also has the actions of ACLs and s3:ListBucket. They are left out: a job of this collection
    sets no ACL, and copies none, and without s3:ListBucket an object that was deleted meanwhile is reported as
    forbidden, and not as missing.
    """
    return tuple(_merged(_needed(access)))


def _needed(access: JobAccess) -> Iterator[NeededPermission]:
    partition = access.partition
    objects = (object_pattern(partition, access.bucket, access.prefix),)
    yield NeededPermission(_actions_on_objects(access), objects)
    if access.manifest_is_generated:
        # Source of the action: the same pages, "S3BatchOperationsPolicyManifestGeneration".
        source = (bucket_arn(partition, access.bucket),)
        yield NeededPermission(("s3:PutInventoryConfiguration",), source, Purpose.LIST_OBJECTS)
    manifest = (access.manifest.pattern(partition),)
    yield NeededPermission(("s3:GetObject", "s3:GetObjectVersion"), manifest, Purpose.READ_MANIFEST)
    if access.manifest_is_generated:
        yield NeededPermission(("s3:PutObject",), manifest, Purpose.WRITE_MANIFEST)
    if access.report is not None:
        yield NeededPermission(("s3:PutObject",), (access.report.pattern(partition),), Purpose.WRITE_REPORT)
    yield from _needed_on_keys(access)


def _actions_on_objects(access: JobAccess) -> tuple[str, ...]:
    """The actions on the objects of a job. Those on a version are needed only if the manifest may name versions."""
    may_name = access.names_versions or access.manifest_is_generated
    # A generated manifest names versions or not, as S3 decides.
    read = (
        *(() if access.names_versions and not access.manifest_is_generated else ("s3:GetObject",)),
        *(("s3:GetObjectVersion",) if may_name else ()),
    )
    if access.task is RoleTask.UPDATE:
        return (*read, "s3:PutObject", "s3:UpdateObjectEncryption")
    tags = ("s3:GetObjectTagging", *(("s3:GetObjectVersionTagging",) if may_name else ()))
    return (*read, *tags, "s3:PutObject", "s3:PutObjectTagging")


def _needed_on_keys(access: JobAccess) -> Iterator[NeededPermission]:
    target = (access.target_key,) if access.target_key else ()
    if access.task is RoleTask.UPDATE:
        # AWS documents kms:ReEncrypt* for both keys, which is these two.
        actions = ("kms:Decrypt", "kms:GenerateDataKey", "kms:Encrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo")
        yield NeededPermission(actions, (*target, *access.source_keys), Purpose.USE_KEYS)
    else:
        # Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html (CopyObject).
        # A write with a bucket key uses a data key of earlier writes, so that it decrypts under the new key, too.
        yield NeededPermission(("kms:Decrypt",), (*target, *access.source_keys), Purpose.READ_UNDER_KEYS)
        yield NeededPermission(("kms:GenerateDataKey",), target, Purpose.WRITE_NEW_KEY)
    if access.manifest.kms_key_arn:
        # S3 needs both actions for a manifest that it generates:
        # https://github.com/ministryofjustice/analytical-platform/pull/10598
        writes = ("kms:GenerateDataKey",) if access.manifest_is_generated else ()
        yield NeededPermission(("kms:Decrypt", *writes), (access.manifest.kms_key_arn,), Purpose.USE_MANIFEST_KEY)


def _merged(needed: Iterable[NeededPermission]) -> Iterator[NeededPermission]:
    """Each permission with each resource once. A permission without a resource is none."""
    for each in needed:
        resources = tuple(dict.fromkeys(each.resources))
        if resources:
            yield replace(each, resources=resources)


def permissions_policy(needed: Iterable[NeededPermission]) -> dict[str, Any]:
    """The policy document that allows these permissions, to be added to a role.

    What several jobs need for the same purpose and resources is one statement. IAM refuses two with the same Sid.
    """
    merged: dict[tuple[Purpose, tuple[str, ...]], dict[str, None]] = {}
    for each in needed:
        merged.setdefault((each.purpose, each.resources), {}).update(dict.fromkeys(each.actions))
    numbers: Counter[Purpose] = Counter()
    statements = []
    for (purpose, resources), actions in merged.items():
        numbers[purpose] += 1
        statement = NeededPermission(tuple(actions), resources, purpose).statement()
        number = numbers[purpose]
        statements.append({**statement, "Sid": f"{purpose.value}{number if number > 1 else ''}"})
    return {"Version": _VERSION, "Statement": statements}


def trust_policy() -> dict[str, Any]:
    """The trust policy that lets S3 Batch Operations assume a role.

    It has no condition: AWS documents none for this service, and S3 might not send the key of a condition. Who may use
    the role for a job is decided by iam:PassRole, which never reaches into another account.
    """
    statement = {"Effect": "Allow", "Principal": {"Service": BATCH_OPERATIONS}, "Action": "sts:AssumeRole"}
    return {"Version": _VERSION, "Statement": [statement]}


def render_document(document: Mapping[str, Any]) -> str:
    """A policy document as JSON in one line, for a message."""
    return json.dumps(document, separators=(", ", ": "))


def parse_role_arn(text: str, option: str) -> Arn:
    """The ARN of a role that a task names in this option; raises OperationError if it is none.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
    """
    arn = Arn.try_parse(text)
    example = "Write its ARN, such as arn:aws:iam::111122223333:role/batch-operations."
    if arn is None:
        raise invalid_input(f"{option} is not the ARN of a role: {text!r}.", example)
    if (arn.service, arn.resource_type) == ("sts", "assumed-role"):
        raise invalid_input(f"{option} is the ARN of a session, and not of its role: {text!r}.", example)
    if (arn.service, arn.region, arn.resource_type) != ("iam", "", "role") or not arn.resource_id or not arn.account:
        raise invalid_input(f"{option} is not the ARN of a role: {text!r}.", example)
    return arn


def require_role_of_account(role: Arn, account: str, partition: str, option: str) -> None:
    """Raise OperationError for a role of another account or partition than those of the job.

    A role can be passed to a service in its own account only.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
    """
    if role.account != account:
        raise invalid_input(
            f"{option} is a role of the account {role.account}, and the job is one of the account {account}.",
            f"Name a role of {account}: S3 Batch Operations accepts only roles of the account of the job.",
            str(role),
        )
    if role.partition != partition:
        raise invalid_input(
            f"{option} is a role of the partition {role.partition}, and the job is in the partition {partition}.",
            f"Name a role whose ARN begins with arn:{partition}:.",
            str(role),
        )


def role_name(role: Arn) -> str:
    """The name of a role, without its path."""
    return role.resource.rpartition("/")[2]

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The check of the role of jobs, before one is created."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ....aws.accounts.iam_roles import IamRoles
from ....aws.buckets.s3_bucket_policies import S3BucketPolicies
from ....aws.keys.key_policies import KeyPolicies
from ....engine.batch_jobs.role_check import ResourcePolicies, RoleCheck, check_role
from ....model.batch_jobs.job_parts import JobPart
from ....model.batch_jobs.job_request import CopyObjects, UpdateEncryption
from ....model.batch_jobs.role_policy import JobAccess, JobFiles, NeededPermission, RoleTask, needed_permissions
from ....model.errors import assert_never
from .batch_options import BatchOptions

if TYPE_CHECKING:
    from ....aws.session import Clients
    from .options import ReencryptionOptions


def check_job_role(
    clients: Clients,
    options: ReencryptionOptions,
    batch: BatchOptions,
    parts: Iterable[tuple[JobPart, bool, tuple[str, ...]]],
    *,
    partition: str,
    manifest_key_arn: str | None,
) -> RoleCheck:
    """Whether the role can do these jobs: each with whether it names versions, and the KMS keys of its objects."""
    needed: dict[NeededPermission, None] = {}
    for part, names_versions, source_keys in parts:
        access = JobAccess(
            task=_task(part),
            partition=partition,
            bucket=options.bucket,
            prefix=options.select.selection.prefix,
            manifest=JobFiles(batch.manifest.bucket, batch.manifest.prefix, manifest_key_arn),
            report=JobFiles(batch.report.bucket, batch.report.prefix),
            manifest_is_generated=batch.is_generated,
            names_versions=names_versions,
            source_keys=source_keys,
            target_key=part.operation.encryption.kms_key_arn,
        )
        needed |= dict.fromkeys(needed_permissions(access))
    policies = ResourcePolicies(S3BucketPolicies(clients), KeyPolicies(clients))
    return check_role(IamRoles(clients), str(batch.role), tuple(needed), policies)


def _task(part: JobPart) -> RoleTask:
    match part.operation:
        case UpdateEncryption():
            return RoleTask.UPDATE
        case CopyObjects():
            return RoleTask.COPY
        case _:
            assert_never(part.operation)

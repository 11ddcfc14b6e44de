# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What is asked of S3 Batch Operations, as values: the operation, its objects, and where the report goes.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_CreateJob.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Union

from ..kinds.encryption import DesiredEncryption
from ..tags import Tags


@dataclass(frozen=True, slots=True)
class UpdateEncryption:
    """S3UpdateObjectEncryption: the encryption changes in place.

    The key and the bucket key are named: a job that does not name the bucket key takes it off.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-update-encryption.html
    """

    encryption: DesiredEncryption


@dataclass(frozen=True, slots=True)
class CopyObjects:
    """S3PutObjectCopy: each object is copied onto itself, and keeps its metadata and tags.

    All copies get the storage class that the job names, so it is that of all its objects. An object that was written
    after `unmodified_since` is not copied: its task fails.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-copy-object.html
    """

    encryption: DesiredEncryption
    storage_class: str
    unmodified_since: datetime | None = None


JobOperation = Union[UpdateEncryption, CopyObjects]


class ManifestFormat(str, Enum):
    """The form of a manifest: a CSV file, or the manifest.json of an inventory.

    S3 reads the first only if it is not encrypted under a KMS key.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-create-job.html
    """

    CSV = "S3BatchOperations_CSV_20180820"
    INVENTORY = "S3InventoryReport_CSV_20161130"


@dataclass(frozen=True, slots=True)
class StoredManifest:
    """A manifest that was written before the job is created. Either all of its rows name versions, or none does."""

    bucket: str
    key: str
    etag: str
    format: ManifestFormat = ManifestFormat.CSV
    names_versions: bool = False


@dataclass(frozen=True, slots=True)
class ManifestFilter:
    """The objects that a generated manifest includes. What is None or empty includes all.

    Prefix, suffix and encryption are one each: the lists of the request take one item. The times and sizes are
    exclusive. `kind` is the name of a kind of encryption, which `kms_key_arn` narrows to one key, and
    `bucket_key_enabled` to objects with or without a bucket key.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_JobManifestGeneratorFilter.html
    """

    kind: str
    kms_key_arn: str | None = None
    bucket_key_enabled: bool | None = None
    prefix: str = ""
    suffix: str = ""
    created_after: datetime | None = None
    created_before: datetime | None = None
    larger_than: int | None = None
    smaller_than: int | None = None
    storage_classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GeneratedManifest:
    """A manifest that S3 makes of a bucket and stores in `bucket` below `prefix`, under a KMS key if one is named."""

    source_bucket: str
    filter: ManifestFilter
    bucket: str
    prefix: str = ""
    kms_key_arn: str | None = None
    expected_bucket_owner: str | None = None


Manifest = Union[StoredManifest, GeneratedManifest]


@dataclass(frozen=True, slots=True)
class ReportLocation:
    """Where the report of a job goes. It lists the failed tasks only: what succeeded is in the numbers of the job."""

    bucket: str
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class JobRequest:
    """One job. `target_bucket` has the objects. Two requests with the same token make one job."""

    operation: JobOperation
    target_bucket: str
    manifest: Manifest
    report: ReportLocation
    role_arn: str
    token: str
    description: str
    tags: Tags
    priority: int = 10
    confirmation_required: bool = False

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Requests of S3 Batch Operations in the SDK's shapes.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_CreateJob.html
"""

from __future__ import annotations

from typing import Any

from ...model.arn import Arn
from ...model.batch_jobs.job_request import (
    CopyObjects,
    GeneratedManifest,
    JobOperation,
    JobRequest,
    Manifest,
    ManifestFilter,
    ManifestFormat,
    ReportLocation,
    StoredManifest,
    UpdateEncryption,
)
from ...model.errors import assert_never
from ...model.kinds.encryption import DesiredEncryption
from ...model.kinds.registry import find_kind


def expand_request(request: JobRequest, account: str, partition: str) -> dict[str, Any]:
    """The parameters of CreateJob."""
    return {
        "AccountId": account,
        "ConfirmationRequired": request.confirmation_required,
        "Operation": expand_operation(request.operation, request.target_bucket, partition),
        "Report": expand_report(request.report, partition),
        "ClientRequestToken": request.token,
        "Description": request.description,
        "Priority": request.priority,
        "RoleArn": request.role_arn,
        "Tags": [{"Key": key, "Value": value} for key, value in request.tags],
        **expand_manifest(request.manifest, partition),
    }


def expand_operation(operation: JobOperation, bucket: str, partition: str) -> dict[str, Any]:
    """The operation. What a copy would change besides the encryption is named: metadata, storage class, annotations."""
    match operation:
        case UpdateEncryption():
            encryption = operation.encryption
            parameters = encryption.kind.update_parameters(encryption)
            return {"S3UpdateObjectEncryption": {"ObjectEncryption": parameters}}
        case CopyObjects():
            copy: dict[str, Any] = {
                "TargetResource": bucket_arn(bucket, partition),
                "MetadataDirective": "COPY",
                "StorageClass": operation.storage_class,
                **_expand_encryption(operation.encryption),
            }
            if operation.unmodified_since:
                copy["UnModifiedSinceConstraint"] = operation.unmodified_since
            return {"S3PutObjectCopy": copy}
        case _:
            assert_never(operation)


def _expand_encryption(encryption: DesiredEncryption) -> dict[str, Any]:
    """The encryption of copies. The algorithm is a part of the new metadata, which are copied otherwise."""
    kind = encryption.kind
    parameters: dict[str, Any] = {"NewObjectMetadata": {"SSEAlgorithm": kind.job_algorithm}}
    if encryption.kms_key_arn:
        parameters["SSEAwsKmsKeyId"] = encryption.kms_key_arn
    if kind.accepts("bucket_key_enabled"):
        parameters["BucketKeyEnabled"] = bool(encryption.bucket_key_enabled)
    return parameters


def expand_report(report: ReportLocation, partition: str) -> dict[str, Any]:
    """The report, with the failed tasks only."""
    prefix = {"Prefix": report.prefix} if report.prefix else {}
    return {
        "Bucket": bucket_arn(report.bucket, partition),
        "Format": "Report_CSV_20180820",
        "Enabled": True,
        "ReportScope": "FailedTasksOnly",
        **prefix,
    }


def expand_manifest(manifest: Manifest, partition: str) -> dict[str, Any]:
    """The manifest, or what S3 makes one of."""
    match manifest:
        case StoredManifest():
            fields = ["Bucket", "Key", *(["VersionId"] if manifest.names_versions else [])]
            # The manifest.json of an inventory names its columns itself.
            columns = {"Fields": fields} if manifest.format is ManifestFormat.CSV else {}
            location = {
                "ObjectArn": f"{bucket_arn(manifest.bucket, partition)}/{manifest.key}",
                "ETag": manifest.etag.strip('"'),
            }
            return {"Manifest": {"Spec": {"Format": manifest.format.value, **columns}, "Location": location}}
        case GeneratedManifest():
            return {"ManifestGenerator": {"S3JobManifestGenerator": _expand_generator(manifest, partition)}}
        case _:
            assert_never(manifest)


def _expand_generator(manifest: GeneratedManifest, partition: str) -> dict[str, Any]:
    key = manifest.kms_key_arn
    output: dict[str, Any] = {
        "Bucket": bucket_arn(manifest.bucket, partition),
        "ManifestFormat": "S3InventoryReport_CSV_20211130",
        "ManifestEncryption": {"SSEKMS": {"KeyId": key}} if key else {"SSES3": {}},
    }
    if manifest.prefix:
        output["ManifestPrefix"] = manifest.prefix
    owner = manifest.expected_bucket_owner
    return {
        **({"ExpectedBucketOwner": owner} if owner else {}),
        "SourceBucket": bucket_arn(manifest.source_bucket, partition),
        "EnableManifestOutput": True,
        "ManifestOutputLocation": output,
        "Filter": expand_filter(manifest.filter),
    }


def expand_filter(chosen: ManifestFilter) -> dict[str, Any]:
    """The filter. Its lists of prefixes, suffixes and encryptions have one item."""
    key: dict[str, Any] = {"KmsKeyArn": chosen.kms_key_arn} if chosen.kms_key_arn else {}
    if chosen.bucket_key_enabled is not None:
        key["BucketKeyEnabled"] = chosen.bucket_key_enabled
    names = {
        **({"MatchAnyPrefix": [chosen.prefix]} if chosen.prefix else {}),
        **({"MatchAnySuffix": [chosen.suffix]} if chosen.suffix else {}),
    }
    parameters = {
        "CreatedAfter": chosen.created_after,
        "CreatedBefore": chosen.created_before,
        "KeyNameConstraint": names or None,
        "ObjectSizeGreaterThanBytes": chosen.larger_than,
        "ObjectSizeLessThanBytes": chosen.smaller_than,
        "MatchAnyStorageClass": list(chosen.storage_classes) or None,
        "MatchAnyObjectEncryption": [{find_kind(chosen.kind).job_filter: key}],
    }
    return {name: value for name, value in parameters.items() if value is not None}


def bucket_arn(bucket: str, partition: str) -> str:
    """The ARN of a bucket."""
    return str(Arn(partition, "s3", "", "", bucket))

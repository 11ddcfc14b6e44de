# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Manifests of Batch Operations: read from CSV or from an inventory, or generated from a bucket."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote_plus

from ..errors import ServiceError
from ..lab import Lab
from ..partitions import partition_of
from ..s3.role_client import RoleClient
from ..s3.state import Bucket, ObjectVersion, Scheme
from .state import Job
from .turns import Turns


@dataclass(frozen=True, slots=True)
class Target:
    """The object of one task. ``version_id`` is None if the manifest has no versions.

    ``decoded`` is whether the key is URL-encoded; if it is not, ``key`` is the text of the manifest.
    """

    bucket: str
    key: str
    version_id: str | None = None
    decoded: bool = True


# https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-create-job.html#specify-batchjob-manifest
_KMS_MANIFEST = "S3 Batch Operations does not support CSV manifest files that are encrypted with AWS KMS keys."


class ManifestError(Exception):
    """The job cannot start. It has a failure code and a reason."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def split_object_arn(arn: str) -> tuple[str, str]:
    """Return the bucket and the key of an object ARN."""
    bucket, _, key = arn.partition(":::")[2].partition("/")
    return bucket, key


def bucket_of_arn(arn: str) -> str:
    """Return the bucket of a bucket ARN."""
    return arn.partition(":::")[2]


async def read_manifest(client: RoleClient, manifest: dict[str, Any], turns: Turns) -> list[Target]:
    """Return the targets of a manifest that the user wrote."""
    location = manifest["Location"]
    bucket, key = split_object_arn(location["ObjectArn"])
    try:
        found = await client.read_object(bucket, key, location.get("ObjectVersionId"))
    except ServiceError as error:
        raise ManifestError(
            "ManifestReadFailed", f"Reading the manifest failed: {error.code}: {error.message}"
        ) from error
    if found.etag != location["ETag"].strip('"'):
        raise ManifestError("ManifestETagMismatch", "The ETag of the manifest object does not match the one given.")
    if manifest["Spec"]["Format"] == "S3BatchOperations_CSV_20180820":
        if found.algorithm != "AES256":
            raise ManifestError("ManifestReadFailed", _KMS_MANIFEST)
        return await turns.collect(_rows(found.data.decode(), manifest["Spec"].get("Fields", ["Bucket", "Key"])))
    return await _inventory(client, found.data, turns)


def _rows(text: str, fields: list[str]) -> Iterator[Target]:
    for number, row in enumerate(csv.reader(io.StringIO(text)), 1):
        if not row:
            continue
        if len(row) != len(fields):
            raise ManifestError(
                "InvalidManifestContent", f"Line {number} of the manifest does not have {len(fields)} columns."
            )
        named = dict(zip(fields, row, strict=True))
        if named.get("IsDeleteMarker") == "true":
            continue
        key, version_id = named["Key"], named.get("VersionId")
        try:
            yield Target(named["Bucket"], unquote_plus(key, errors="strict"), version_id)
        except UnicodeDecodeError:
            yield Target(named["Bucket"], key, version_id, decoded=False)


async def _inventory(client: RoleClient, data: bytes, turns: Turns) -> list[Target]:
    try:
        document = json.loads(data)
        fields = [name.strip() for name in document["fileSchema"].split(",")]
        source = bucket_of_arn(document["destinationBucket"])
        files = [entry["key"] for entry in document["files"]]
    except (ValueError, KeyError) as exc:
        raise ManifestError("InvalidManifestContent", "The inventory's manifest.json is not valid.") from exc
    targets: list[Target] = []
    for key in files:
        compressed = (await client.read_object(source, key)).data
        targets.extend(await turns.collect(_rows(gzip.decompress(compressed).decode(), fields)))
    return targets


# ---------------------------------------------------------------- generated manifests


def _matches_encryption(scheme: Scheme, criterion: dict[str, Any]) -> bool:
    if "SSES3" in criterion:
        return scheme.algorithm == "AES256"
    if "SSEC" in criterion:
        return scheme.algorithm == ""
    if "NOTSSE" in criterion:
        return False
    kind = "SSEKMS" if "SSEKMS" in criterion else "DSSEKMS"
    if scheme.algorithm != {"SSEKMS": "aws:kms", "DSSEKMS": "aws:kms:dsse"}[kind]:
        return False
    arn, bucket_key = criterion[kind].get("KmsKeyArn"), criterion[kind].get("BucketKeyEnabled")
    return arn in (None, scheme.key_arn) and bucket_key in (None, scheme.bucket_key)


def matches(version: ObjectVersion, filters: dict[str, Any]) -> bool:
    """Return whether an object matches the filter: all criteria, and at least one value of each criterion."""
    if filters.get("EligibleForReplication") or filters.get("ObjectReplicationStatuses"):
        raise ManifestError("NotImplemented", "The lab does not replicate.")
    if "CreatedAfter" in filters and version.modified <= filters["CreatedAfter"]:
        return False
    if "CreatedBefore" in filters and version.modified >= filters["CreatedBefore"]:
        return False
    if "ObjectSizeGreaterThanBytes" in filters and version.size <= filters["ObjectSizeGreaterThanBytes"]:
        return False
    if "ObjectSizeLessThanBytes" in filters and version.size >= filters["ObjectSizeLessThanBytes"]:
        return False
    classes = filters.get("MatchAnyStorageClass")
    if classes and version.storage_class not in classes:
        return False
    key_filters = filters.get("KeyNameConstraint", {})
    key_tests = {
        "MatchAnyPrefix": version.key.startswith,
        "MatchAnySuffix": version.key.endswith,
        "MatchAnySubstring": version.key.__contains__,
    }
    for name, key_test in key_tests.items():
        if key_filters.get(name) and not any(key_test(each) for each in key_filters[name]):
            return False
    encryption = filters.get("MatchAnyObjectEncryption")
    assert version.scheme is not None
    scheme = version.scheme
    return not encryption or any(_matches_encryption(scheme, each) for each in encryption)


def find_source(lab: Lab, job: Job, generator: dict[str, Any]) -> Bucket:
    """Return the bucket whose objects a generated manifest lists."""
    name = bucket_of_arn(generator["SourceBucket"])
    bucket = lab.state.s3.bucket(partition_of(job.region), name)
    if bucket is None:
        raise ManifestError("ManifestGenerationFailed", f"The bucket {name} does not exist.")
    expected = generator.get("ExpectedBucketOwner")
    if expected is not None and expected != bucket.account:
        raise ManifestError("ManifestGenerationFailed", f"The bucket {name} is not owned by {expected}.")
    if bucket.region != job.region:
        raise ManifestError("ManifestGenerationFailed", f"The bucket {name} is not in {job.region}.")
    return bucket


def select_objects(bucket: Bucket, filters: dict[str, Any]) -> Iterator[ObjectVersion]:
    """Yield the objects of a bucket that match the filter, of a versioned bucket every version.

    Other calls can change the bucket meanwhile.
    """
    return (each for each in bucket.objects.all_listed() if not each.is_marker and matches(each, filters))


async def write_manifest(client: RoleClient, job: Job, output: dict[str, Any], targets: list[Target]) -> dict[str, str]:
    """Store a generated manifest as gzipped CSV and manifest.json, and return its location."""
    bucket = bucket_of_arn(output["Bucket"])
    prefix = output.get("ManifestPrefix", "").rstrip("/")
    base = f"{prefix}/{job.job_id}" if prefix else job.job_id
    versioned = any(target.version_id is not None for target in targets)
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    for target in targets:
        row = [target.bucket, quote(target.key, safe="/")]
        writer.writerow([*row, target.version_id or ""] if versioned else row)
    compressed = gzip.compress(text.getvalue().encode())
    data_key = f"{base}/data/{uuid.uuid4()}.csv.gz"
    document = {
        "sourceBucket": targets[0].bucket if targets else "",
        "destinationBucket": output["Bucket"],
        "version": "2021-11-30",
        "fileFormat": "CSV",
        "fileSchema": "Bucket, Key, VersionId" if versioned else "Bucket, Key",
        "files": [{"key": data_key, "size": len(compressed), "MD5checksum": hashlib.md5(compressed).hexdigest()}],
    }
    encryption = output.get("ManifestEncryption", {})
    options: dict[str, Any] = {"Bucket": bucket}
    if output.get("ExpectedManifestBucketOwner"):
        options["ExpectedBucketOwner"] = output["ExpectedManifestBucketOwner"]
    if "SSEKMS" in encryption:
        options.update(ServerSideEncryption="aws:kms", SSEKMSKeyId=encryption["SSEKMS"]["KeyId"])
    elif "SSES3" in encryption:
        options.update(ServerSideEncryption="AES256")
    key = f"{base}/manifest.json"
    try:
        await client.invoke("PutObject", {**options, "Key": data_key}, compressed)
        response = await client.invoke("PutObject", {**options, "Key": key}, json.dumps(document).encode())
    except ServiceError as error:
        raise ManifestError(
            "ManifestGenerationFailed", f"Writing the manifest failed: {error.code}: {error.message}"
        ) from error
    return {"ObjectArn": f"{output['Bucket']}/{key}", "ETag": str(response["ETag"]).strip('"')}

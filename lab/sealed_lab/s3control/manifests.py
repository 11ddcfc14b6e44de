# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Manifests of Batch Operations: read from CSV or an inventory, or generated from a bucket."""

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
from ..s3.on_behalf import Actor
from ..s3.state import Bucket, ObjectVersion, Scheme
from .state import Job


@dataclass(frozen=True, slots=True)
class Target:
    """One task of a job."""

    bucket: str
    key: str
    version_id: str = ""


class ManifestError(Exception):
    """The job cannot begin: a failure code and a reason."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def split_object_arn(arn: str) -> tuple[str, str]:
    """Bucket and key of an object ARN."""
    bucket, _, key = arn.partition(":::")[2].partition("/")
    return bucket, key


def bucket_of_arn(arn: str) -> str:
    """The bucket of a bucket ARN."""
    return arn.partition(":::")[2]


async def read_manifest(actor: Actor, manifest: dict[str, Any]) -> list[Target]:
    """The tasks of a manifest that the user wrote."""
    location = manifest["Location"]
    bucket, key = split_object_arn(location["ObjectArn"])
    try:
        data, etag = await actor.read(bucket, key, location.get("ObjectVersionId"))
    except ServiceError as error:
        raise ManifestError(
            "ManifestReadFailed", f"Reading the manifest failed: {error.code}: {error.message}"
        ) from error
    if etag != location["ETag"].strip('"'):
        raise ManifestError("ManifestETagMismatch", "The ETag of the manifest object does not match the one given.")
    if manifest["Spec"]["Format"] == "S3BatchOperations_CSV_20180820":
        return list(_rows(data.decode(), manifest["Spec"].get("Fields", ["Bucket", "Key"])))
    return await _inventory(actor, data)


def _rows(text: str, fields: list[str]) -> Iterator[Target]:
    for number, row in enumerate(csv.reader(io.StringIO(text)), 1):
        if not row:
            continue
        if len(row) != len(fields):
            raise ManifestError(
                "InvalidManifest", f"Line {number} of the manifest does not have {len(fields)} columns."
            )
        named = dict(zip(fields, row, strict=True))
        if named.get("IsDeleteMarker") == "true":
            continue
        yield Target(named["Bucket"], unquote_plus(named["Key"]), named.get("VersionId", ""))


async def _inventory(actor: Actor, data: bytes) -> list[Target]:
    try:
        document = json.loads(data)
        fields = [name.strip() for name in document["fileSchema"].split(",")]
        source = bucket_of_arn(document["destinationBucket"])
        files = [entry["key"] for entry in document["files"]]
    except (ValueError, KeyError) as exc:
        raise ManifestError("InvalidManifest", "The inventory's manifest.json is not valid.") from exc
    found: list[Target] = []
    for key in files:
        packed, _ = await actor.read(source, key)
        found.extend(_rows(gzip.decompress(packed).decode(), fields))
    return found


# ---------------------------------------------------------------- generated


def _matches_encryption(scheme: Scheme, wanted: dict[str, Any]) -> bool:
    if "SSES3" in wanted:
        return scheme.algorithm == "AES256"
    if "SSEC" in wanted:
        return scheme.algorithm == ""
    if "NOTSSE" in wanted:
        return False
    kind = "SSEKMS" if "SSEKMS" in wanted else "DSSEKMS"
    if scheme.algorithm != {"SSEKMS": "aws:kms", "DSSEKMS": "aws:kms:dsse"}[kind]:
        return False
    arn, shared = wanted[kind].get("KmsKeyArn"), wanted[kind].get("BucketKeyEnabled")
    return arn in (None, scheme.key_arn) and shared in (None, scheme.bucket_key)


def matches(version: ObjectVersion, wanted: dict[str, Any]) -> bool:
    """Whether an object passes the filter: every criterion, any alternative within one."""
    if wanted.get("EligibleForReplication") or wanted.get("ObjectReplicationStatuses"):
        raise ManifestError("NotImplemented", "The lab does not replicate.")
    if "CreatedAfter" in wanted and version.modified <= wanted["CreatedAfter"]:
        return False
    if "CreatedBefore" in wanted and version.modified >= wanted["CreatedBefore"]:
        return False
    if "ObjectSizeGreaterThanBytes" in wanted and version.size <= wanted["ObjectSizeGreaterThanBytes"]:
        return False
    if "ObjectSizeLessThanBytes" in wanted and version.size >= wanted["ObjectSizeLessThanBytes"]:
        return False
    classes = wanted.get("MatchAnyStorageClass")
    if classes and version.storage_class not in classes:
        return False
    names = wanted.get("KeyNameConstraint", {})
    tests = {
        "MatchAnyPrefix": version.key.startswith,
        "MatchAnySuffix": version.key.endswith,
        "MatchAnySubstring": version.key.__contains__,
    }
    for name, test in tests.items():
        if names.get(name) and not any(test(each) for each in names[name]):
            return False
    encryption = wanted.get("MatchAnyObjectEncryption")
    assert version.scheme is not None
    scheme = version.scheme
    return not encryption or any(_matches_encryption(scheme, each) for each in encryption)


def generate(lab: Lab, job: Job, generator: dict[str, Any]) -> tuple[Bucket, list[ObjectVersion]]:
    """The source bucket and its current objects (every version of a versioned bucket) that pass the filter."""
    name = bucket_of_arn(generator["SourceBucket"])
    bucket = lab.world.s3.buckets.get(name)
    if bucket is None:
        raise ManifestError("ManifestGenerationFailed", f"The bucket {name} does not exist.")
    expected = generator.get("ExpectedBucketOwner")
    if expected is not None and expected != bucket.account:
        raise ManifestError("ManifestGenerationFailed", f"The bucket {name} is not owned by {expected}.")
    if bucket.region != job.region:
        raise ManifestError("ManifestGenerationFailed", f"The bucket {name} is not in {job.region}.")
    wanted = generator.get("Filter", {})
    return bucket, [each for each in bucket.objects.everything() if not each.is_marker and matches(each, wanted)]


async def write_generated(actor: Actor, job: Job, output: dict[str, Any], targets: list[Target]) -> dict[str, str]:
    """Store a generated manifest: a gzipped CSV and its manifest.json; returns where that is."""
    bucket = bucket_of_arn(output["Bucket"])
    prefix = output.get("ManifestPrefix", "").rstrip("/")
    base = f"{prefix}/{job.job_id}" if prefix else job.job_id
    versioned = any(target.version_id for target in targets)
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    for target in targets:
        row = [target.bucket, quote(target.key, safe="/")]
        writer.writerow([*row, target.version_id] if versioned else row)
    packed = gzip.compress(text.getvalue().encode())
    data_key = f"{base}/data/{uuid.uuid4()}.csv.gz"
    document = {
        "sourceBucket": targets[0].bucket if targets else "",
        "destinationBucket": f"arn:aws:s3:::{bucket}",
        "version": "2021-11-30",
        "fileFormat": "CSV",
        "fileSchema": "Bucket, Key, VersionId" if versioned else "Bucket, Key",
        "files": [{"key": data_key, "size": len(packed), "MD5checksum": hashlib.md5(packed).hexdigest()}],
    }
    encryption = output.get("ManifestEncryption", {})
    options: dict[str, Any] = {"Bucket": bucket}
    if "SSEKMS" in encryption:
        options.update(ServerSideEncryption="aws:kms", SSEKMSKeyId=encryption["SSEKMS"]["KeyId"])
    elif "SSES3" in encryption:
        options.update(ServerSideEncryption="AES256")
    key = f"{base}/manifest.json"
    try:
        await actor.do("PutObject", {**options, "Key": data_key}, packed)
        answer = await actor.do("PutObject", {**options, "Key": key}, json.dumps(document).encode())
    except ServiceError as error:
        raise ManifestError(
            "ManifestGenerationFailed", f"Writing the manifest failed: {error.code}: {error.message}"
        ) from error
    return {"ObjectArn": f"arn:aws:s3:::{bucket}/{key}", "ETag": str(answer["ETag"]).strip('"')}

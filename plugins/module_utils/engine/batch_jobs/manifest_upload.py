# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The upload of a manifest, before its job is created."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING

from ...model.batch_jobs.job_request import ManifestFormat, StoredManifest
from ...model.errors import Failure, FailureKind, OperationError
from ...model.kinds.encryption import DesiredEncryption
from ...model.kinds.registry import KINDS, S3_DEFAULT, find_kind
from ...model.objects.object_state import ObjectId, Properties
from ...model.objects.object_steps import InParts, PutObject
from ...model.objects.parts import DEFAULT_PART, split_into_parts
from ..objects.content_upload import upload_in_parts
from ..transfer.content import Source
from ..transfer.listed_file import ListedFile
from ..transfer.upload_aborted import UploadAborted
from ..transfer.upload_body import open_source
from .manifest_spool import FinishedManifest

if TYPE_CHECKING:
    from ...aws.objects.ports import MultipartPort, ObjectPort

_CONCURRENCY = 4
_CHUNK = 1024 * 1024


@dataclass(frozen=True)
class ManifestUpload:
    """Writes manifests below a prefix of a bucket, whose ARN is `bucket_arn`.

    Without a KMS key, a manifest is a CSV file that S3 encrypts with its own keys, whatever the default of the bucket:
    S3 reads no CSV manifest under a KMS key. With one, it has the form of an inventory, which S3 reads under a key.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-create-job.html
    """

    s3: ObjectPort
    multipart: MultipartPort
    bucket: str
    bucket_arn: str
    prefix: str
    kms_key_arn: str | None = None

    @property
    def format(self) -> ManifestFormat:
        """The form that manifests have."""
        return ManifestFormat.INVENTORY if self.kms_key_arn else ManifestFormat.CSV

    def write(self, manifest: FinishedManifest, source_bucket: str) -> StoredManifest:
        """Write a manifest, unless there is one with the same rows. Raises OperationError."""
        name = f"{source_bucket}-{manifest.digest[:32]}"
        base = f"{self.prefix}/{name}" if self.prefix else name
        if manifest.format is ManifestFormat.CSV:
            key = f"{base}.csv"
            etag = self._put(key, _content_of(manifest, key), "text/csv")
            return StoredManifest(self.bucket, key, etag, manifest.format, manifest.names_versions)
        data_key, key = f"{base}/data.csv.gz", f"{base}/manifest.json"
        self._put(data_key, _content_of(manifest, data_key), "application/gzip")
        etag = self._put(key, Source(data=self._inventory(manifest, source_bucket, data_key)), "application/json")
        return StoredManifest(self.bucket, key, etag, manifest.format, manifest.names_versions)

    def _inventory(self, manifest: FinishedManifest, source_bucket: str, data_key: str) -> bytes:
        """The manifest.json of an inventory with one file.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html
        """
        digest = hashlib.md5(usedforsecurity=False)
        manifest.file.seek(0)
        while chunk := manifest.file.read(_CHUNK):
            digest.update(chunk)
        document = {
            "sourceBucket": source_bucket,
            "destinationBucket": self.bucket_arn,
            "version": "2016-11-30",
            "fileFormat": "CSV",
            "fileSchema": "Bucket, Key, VersionId" if manifest.names_versions else "Bucket, Key",
            "files": [
                {
                    "key": data_key,
                    "size": os.fstat(manifest.file.fileno()).st_size,
                    "MD5checksum": digest.hexdigest(),
                }
            ],
        }
        return json.dumps(document, sort_keys=True).encode("ascii")

    def _put(self, key: str, source: Source, content_type: str) -> str:
        """Write one object, and return its ETag; that of the object with the same name if there is one.

        The name has the digest of the rows. So such an object is the same manifest, of a run that ended before its job
        was created, or of another run at the same time.
        """
        target = ObjectId(self.bucket, key)
        content = source.describe(DEFAULT_PART)
        parts = split_into_parts(content.size, DEFAULT_PART)
        in_parts = InParts(parts, (), content.checksum) if content.size > DEFAULT_PART else None
        step = PutObject(Properties(content_type), (), self._encryption(), content, None, in_parts=in_parts)
        try:
            with open_source(source, content) as body:
                if in_parts is None:
                    answer = self.s3.put_object(target, step, body.slice())
                else:
                    answer, _warning = upload_in_parts(
                        self.multipart, target, step, in_parts, body, concurrency=_CONCURRENCY
                    )
        except UploadAborted as aborted:
            raise OperationError(aborted.failure) from aborted
        except OperationError as error:
            failure = error.failure
            if failure.kind is not FailureKind.CONFLICT and not failure.may_have_been_applied:
                raise OperationError(self._explained(failure)) from error
            return self._etag_of_existing(target, failure)
        return answer.etag or self._etag_of_existing(target, None)

    def _etag_of_existing(self, target: ObjectId, cause: Failure | None) -> str:
        try:
            found = self.s3.head_object(target, None)
        except OperationError as error:
            raise OperationError(cause or error.failure) from error
        return found.etag or ""

    def _encryption(self) -> DesiredEncryption:
        if self.kms_key_arn is None:
            return DesiredEncryption(find_kind(S3_DEFAULT.name))
        kind = next(kind for kind in KINDS if kind.updates_to)
        return DesiredEncryption(kind, self.kms_key_arn, bucket_key_enabled=True)

    def _explained(self, failure: Failure) -> Failure:
        if self.kms_key_arn or failure.kind is not FailureKind.FORBIDDEN:
            return failure
        return failure.with_more_advice(
            "If the policy of the bucket demands a KMS key, name it in batch.manifest.kms_key."
        )


def _content_of(manifest: FinishedManifest, name: str) -> Source:
    descriptor = manifest.file.fileno()
    size = os.fstat(descriptor).st_size
    return Source(option="The manifest", listed=ListedFile.of_archive(descriptor, name, Event(), 0, size))

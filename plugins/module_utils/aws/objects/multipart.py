# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Multipart uploads and multipart copies, one method for each API call.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...model.objects.object_state import Checksum, ObjectId
from ...model.objects.parts import Part, SentPart
from ...model.objects.unfinished_upload import BegunUpload, UnfinishedUpload
from ..buckets.s3_buckets import expand_owner
from ..errors import translate_errors
from .checksum_settings import sends_checksums
from .expand import (
    expand_checksum,
    expand_condition,
    expand_customer_key,
    expand_source,
    expand_tags,
    expand_target,
    expand_write,
    name_of,
)
from .flatten import flatten_write

if TYPE_CHECKING:
    from ...model.objects.object_steps import CopyObject, InParts, ObjectWrite
    from ...model.objects.write_answer import WriteAnswer
    from ...model.secret import CustomerKey
    from ..session import Clients
    from .ports import Body


class Multipart:
    """The multipart uploads of a run's session, with or without a condition on the object that they replace."""

    def __init__(self, clients: Clients, *, conditional_writes: bool = True) -> None:
        self._clients = clients
        self._conditional_writes = conditional_writes

    def create_multipart_upload(self, target: ObjectId, step: ObjectWrite, in_parts: InParts) -> BegunUpload:
        """CreateMultipartUpload, with a checksum of the full object unless the settings of the SDK leave it out."""
        algorithm = {"ChecksumAlgorithm": in_parts.checksum.algorithm, "ChecksumType": "FULL_OBJECT"}
        with translate_errors("s3", "CreateMultipartUpload", name_of(target)):
            answer = self._clients.get("s3").create_multipart_upload(
                **expand_target(target),
                **expand_write(step),
                **({"Tagging": expand_tags(in_parts.tags)} if in_parts.tags else {}),
                **(algorithm if sends_checksums(self._clients) else {}),
            )
        return BegunUpload(str(answer["UploadId"]), repeated=bool(answer["ResponseMetadata"].get("RetryAttempts")))

    def list_unfinished_uploads(self, target: ObjectId) -> tuple[UnfinishedUpload, ...]:
        """ListMultipartUploads with the key as prefix, page by page."""
        found: list[UnfinishedUpload] = []
        with translate_errors("s3", "ListMultipartUploads", name_of(target)):
            pages = self._clients.get("s3").get_paginator("list_multipart_uploads")
            for page in pages.paginate(
                Bucket=target.bucket, Prefix=target.key, **expand_owner(target.expected_bucket_owner)
            ):
                found += [
                    UnfinishedUpload(str(upload["UploadId"]), upload["Initiated"].isoformat())
                    for upload in page.get("Uploads", ())
                    if upload["Key"] == target.key
                ]
        return tuple(found)

    def upload_part(
        self,
        target: ObjectId,
        upload_id: str,
        part: Part,
        body: Body,
        checksum: Checksum,
        customer_key: CustomerKey | None,
    ) -> SentPart:
        """UploadPart. S3 refuses it if the bytes do not match the checksum."""
        with translate_errors("s3", "UploadPart", name_of(target)):
            answer = self._clients.get("s3").upload_part(
                **expand_target(target),
                **expand_customer_key(customer_key),
                **(expand_checksum(checksum) if sends_checksums(self._clients) else {}),
                UploadId=upload_id,
                PartNumber=part.number,
                ContentLength=part.size,
                Body=body,
            )
        return SentPart(part.number, answer["ETag"], _reported_checksum(answer, checksum.algorithm))

    def upload_part_copy(
        self, target: ObjectId, upload_id: str, part: Part, step: CopyObject, in_parts: InParts
    ) -> SentPart:
        """UploadPartCopy of the same range of the source, by default of the object itself."""
        with translate_errors("s3", "UploadPartCopy", name_of(target)):
            answer = self._clients.get("s3").upload_part_copy(
                **expand_target(target),
                **expand_customer_key(step.encryption.request_key),
                **expand_source(target, step),
                UploadId=upload_id,
                PartNumber=part.number,
                CopySourceRange=f"bytes={part.start}-{part.last}",
            )
        copied = answer["CopyPartResult"]
        return SentPart(part.number, copied["ETag"], _reported_checksum(copied, in_parts.checksum.algorithm))

    def complete_multipart_upload(
        self, target: ObjectId, upload_id: str, step: ObjectWrite, in_parts: InParts, sent: list[SentPart]
    ) -> WriteAnswer:
        """CompleteMultipartUpload. S3 refuses it if the object has changed since it was read, or if size or checksum of
        the whole do not match."""
        with translate_errors("s3", "CompleteMultipartUpload", name_of(target)):
            answer = self._clients.get("s3").complete_multipart_upload(
                **expand_target(target),
                **expand_customer_key(step.encryption.request_key),
                **self._integrity(in_parts),
                **(expand_condition(step) if self._conditional_writes else {}),
                UploadId=upload_id,
                MultipartUpload={"Parts": [_completed(part) for part in sorted(sent)]},
            )
        return flatten_write(answer)

    def _integrity(self, in_parts: InParts) -> dict[str, Any]:
        """Checksum and size of the whole. A store that refuses checksums may refuse the header of the size, too."""
        size = {"MpuObjectSize": in_parts.parts.size}
        if not sends_checksums(self._clients):
            return {} if self._clients.custom_endpoint("s3") else size
        checksum = expand_checksum(in_parts.checksum) if in_parts.checksum.value else {}
        return {**size, **checksum, "ChecksumType": "FULL_OBJECT"}

    def abort_multipart_upload(self, target: ObjectId, upload_id: str) -> None:
        """AbortMultipartUpload."""
        with translate_errors("s3", "AbortMultipartUpload", name_of(target)):
            self._clients.get("s3").abort_multipart_upload(**expand_target(target), UploadId=upload_id)


def _reported_checksum(answer: Mapping[str, Any], algorithm: str) -> Checksum | None:
    value = answer.get(f"Checksum{algorithm}")
    return Checksum(algorithm, value, full_object=True) if value else None


def _completed(part: SentPart) -> dict[str, Any]:
    checksum = expand_checksum(part.checksum) if part.checksum else {}
    return {"PartNumber": part.number, "ETag": part.etag, **checksum}

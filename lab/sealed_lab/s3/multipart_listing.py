# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""ListParts and ListMultipartUploads."""

from __future__ import annotations

from typing import Any

from ..call import Call, Handler, Output
from ..errors import ServiceError
from .access import authorize, find_bucket
from .customer_keys import read_customer_key
from .encryption import check_customer_key
from .multipart import find_upload
from .names import canonical_id
from .state import Upload, UploadedPart


def list_parts(call: Call) -> Output:
    """List the uploaded parts."""
    bucket = find_bucket(call)
    authorize(call, bucket, "ListMultipartUploadParts", call["Key"])
    upload = find_upload(call, bucket)
    if not upload.scheme.algorithm and call.get("SSECustomerAlgorithm") is not None:
        check_customer_key(upload.scheme, upload.wrapped_key, read_customer_key(call.params))
    limit = min(int(call.get("MaxParts", 1000)), 1000)
    marker = int(call.get("PartNumberMarker", 0) or 0)
    numbers = [number for number in sorted(upload.parts) if number > marker]
    page = numbers[:limit]
    owner = {"ID": canonical_id(bucket.account)}
    output: Output = {
        "Bucket": bucket.name, "Key": upload.key, "UploadId": upload.upload_id, "PartNumberMarker": marker,
        "MaxParts": limit, "IsTruncated": len(numbers) > limit, "Initiator": owner, "Owner": owner,
        "StorageClass": upload.template.storage_class,
        "Parts": [_part_entry(upload, upload.parts[number]) for number in page],
    }  # fmt: skip
    if page:
        output["NextPartNumberMarker"] = page[-1]
    if upload.explicit_checksum:
        output["ChecksumAlgorithm"], output["ChecksumType"] = upload.algorithm, upload.checksum_type
    return output


def _part_entry(upload: Upload, part: UploadedPart) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "PartNumber": part.number,
        "LastModified": float(int(part.modified)),
        "ETag": f'"{part.etag}"',
        "Size": part.size,
    }
    if upload.explicit_checksum:
        entry[f"Checksum{upload.algorithm}"] = part.checksums[upload.algorithm]
    return entry


def list_multipart_uploads(call: Call) -> Output:
    """List the uploads in progress by key."""
    bucket = find_bucket(call)
    authorize(call, bucket, "ListBucketMultipartUploads")
    prefix = call.get("Prefix", "")
    limit = min(int(call.get("MaxUploads", 1000)), 1000)
    marker = (call.get("KeyMarker", ""), call.get("UploadIdMarker", ""))
    uploads = sorted(bucket.uploads.values(), key=lambda each: (each.key, each.created, each.upload_id))
    if marker[0]:
        uploads = [
            each for each in uploads
            if each.key > marker[0] or (marker[1] and each.key == marker[0] and each.upload_id > marker[1])
        ]  # fmt: skip
    uploads = [each for each in uploads if each.key.startswith(prefix)]
    if call.get("Delimiter"):
        raise ServiceError("NotImplemented", "ListMultipartUploads with a delimiter", 501)
    page = uploads[:limit]
    owner = {"ID": canonical_id(bucket.account)}
    output: Output = {
        "Bucket": bucket.name, "KeyMarker": marker[0], "UploadIdMarker": marker[1], "Prefix": prefix,
        "MaxUploads": limit, "IsTruncated": len(uploads) > limit,
        "Uploads": [
            {"UploadId": each.upload_id, "Key": each.key, "Initiated": float(int(each.created)),
             "StorageClass": each.template.storage_class, "Owner": owner, "Initiator": owner}
            for each in page
        ],
    }  # fmt: skip
    if output["IsTruncated"]:
        output["NextKeyMarker"], output["NextUploadIdMarker"] = page[-1].key, page[-1].upload_id
    return output


OPERATIONS: dict[str, Handler] = {"ListParts": list_parts, "ListMultipartUploads": list_multipart_uploads}

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""ListParts and ListMultipartUploads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..call import Call, Handler, Output
from ..errors import invalid_argument
from .access import authorize, find_bucket
from .customer_keys import read_customer_key
from .encryption import check_customer_key
from .expiration import abort_fields
from .listing import encoder
from .multipart import find_upload
from .names import canonical_id
from .state import Bucket, Upload, UploadedPart


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
    output: Output = {
        "Bucket": bucket.name, "Key": upload.key, "UploadId": upload.upload_id, "PartNumberMarker": marker,
        "MaxParts": limit, "IsTruncated": len(numbers) > limit, "Initiator": _initiator(upload),
        "Owner": {"ID": canonical_id(bucket.account)}, "NextPartNumberMarker": page[-1] if page else 0,
        "StorageClass": upload.template.storage_class,
        "Parts": [_part_entry(upload, upload.parts[number]) for number in page],
        **abort_fields(bucket, upload),
    }  # fmt: skip
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
    """List the uploads in progress by key, and those of one key by their creation."""
    bucket = find_bucket(call)
    authorize(call, bucket, "ListBucketMultipartUploads")
    encode = encoder(call)
    limit = min(int(call.get("MaxUploads", 1000)), 1000)
    uploads, prefixes, truncated = _select_uploads(call, bucket, limit)
    last = uploads[-1] if uploads else None
    output: Output = {
        "Bucket": bucket.name, "KeyMarker": encode(call.get("KeyMarker", "")),
        "UploadIdMarker": call.get("UploadIdMarker", "") if call.get("KeyMarker") else "",
        "NextKeyMarker": encode(last.key) if last else "", "NextUploadIdMarker": last.upload_id if last else "",
        "MaxUploads": limit, "IsTruncated": truncated,
        "Uploads": [_upload_entry(bucket, each, encode) for each in uploads],
        "CommonPrefixes": [{"Prefix": encode(each)} for each in prefixes],
    }  # fmt: skip
    for name in ("Prefix", "Delimiter"):
        if call.get(name):
            output[name] = encode(call[name])
    if call.get("EncodingType"):
        output["EncodingType"] = call["EncodingType"]
    return output


def _select_uploads(call: Call, bucket: Bucket, limit: int) -> tuple[list[Upload], list[str], bool]:
    """Return the uploads and the common prefixes of a page, and whether it is truncated."""
    prefix, delimiter = call.get("Prefix", ""), call.get("Delimiter", "")
    uploads: list[Upload] = []
    prefixes: list[str] = []
    for upload in _uploads_after_marker(call, bucket):
        if not upload.key.startswith(prefix):
            continue
        delimiter_at = upload.key.find(delimiter, len(prefix)) if delimiter else -1
        common = upload.key[: delimiter_at + len(delimiter)] if delimiter_at >= 0 else ""
        if common and (common in prefixes or call.get("KeyMarker", "").startswith(common)):
            continue
        if len(uploads) + len(prefixes) >= limit:
            return uploads, prefixes, True
        if common:
            prefixes.append(common)
        else:
            uploads.append(upload)
    return uploads, prefixes, False


def _uploads_after_marker(call: Call, bucket: Bucket) -> list[Upload]:
    uploads = sorted(bucket.uploads.values(), key=lambda each: (each.key, each.upload_id))
    key, upload_id = call.get("KeyMarker", ""), call.get("UploadIdMarker", "")
    if not key:
        return uploads
    marked = bucket.uploads.get(upload_id)
    if marked is not None and marked.key != key:
        raise invalid_argument("Invalid uploadId marker", "upload-id-marker", upload_id)
    if not upload_id:
        return [each for each in uploads if each.key > key]
    return [each for each in uploads if (each.key, each.upload_id) > (key, upload_id)]


def _upload_entry(bucket: Bucket, upload: Upload, encode: Callable[[str], str]) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "UploadId": upload.upload_id, "Key": encode(upload.key), "Initiated": float(int(upload.created)),
        "StorageClass": upload.template.storage_class, "Owner": {"ID": canonical_id(bucket.account)},
        "Initiator": _initiator(upload),
    }  # fmt: skip
    if upload.explicit_checksum:
        entry["ChecksumAlgorithm"], entry["ChecksumType"] = upload.algorithm, upload.checksum_type
    return entry


def _initiator(upload: Upload) -> dict[str, str]:
    """Return who created the upload: an account as an owner, a user or a session by its ARN and its name.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Initiator.html
    """
    account, resource = upload.initiator.split(":", 5)[4:] if upload.initiator.startswith("arn:") else ("", "")
    _, _, name = resource.partition("/")
    return {"ID": upload.initiator, "DisplayName": name} if name else {"ID": canonical_id(account)}


OPERATIONS: dict[str, Handler] = {"ListParts": list_parts, "ListMultipartUploads": list_multipart_uploads}

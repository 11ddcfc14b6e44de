# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Multipart uploads: creation, parts, and the end without an object."""

from __future__ import annotations

import re
from typing import Any

from ..call import Call, Handler, Output
from ..errors import ServiceError, invalid_argument, invalid_request
from ..storage import BlobWriter
from .access import authorize, encryption_conditions, find_bucket
from .checksums import ALGORITHMS, BY_HEADER, DEFAULT, Algorithm
from .copying import MAX_COPY, open_copy_source, reencrypt, source_version_field
from .customer_keys import read_customer_key
from .encryption import KeyPlan, encryption_fields, plan_write, unwrap_object_key
from .expiration import abort_fields
from .integrity import BodyCheck, select_algorithm
from .names import new_upload_id
from .state import Bucket, Upload, UploadedPart
from .writing import authorize_put, make_etag, receive_body, version_template

_COPY_RANGE = re.compile(r"bytes=(?P<first>[0-9]+)-(?P<last>[0-9]+)")
KEY_REQUIRED = (
    "The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate "
    "encryption parameters."
)


def create_multipart_upload(call: Call) -> Output:
    """Create an upload. The request contains everything but the bytes."""
    bucket = find_bucket(call)
    key = call["Key"]
    authorize_put(call, bucket, key)
    template = version_template(call, bucket, key, call.params)
    declared = call.get("ChecksumAlgorithm")
    algorithm = ALGORITHMS[declared] if declared else DEFAULT
    kind = call.get("ChecksumType") or algorithm.default_type
    if call.get("ChecksumType") and not declared:
        raise invalid_request(
            "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header."
        )
    if (kind == "FULL_OBJECT" and not algorithm.full_object) or (
        kind == "COMPOSITE" and not algorithm.composite_checksum
    ):
        raise invalid_request(
            f"The {kind} checksum type cannot be used with the {algorithm.name.lower()} checksum algorithm."
        )
    plan = plan_write(call, bucket, key)
    upload = Upload(
        new_upload_id(call.lab.state.s3.next_sequence()), key, call.now(), plan.scheme, plan.wrapped_key, template,
        algorithm.name, kind, bool(declared),
        initiator=call.caller.arn,
        conditions=encryption_conditions(call),
        watch=bucket.watch(key),
    )  # fmt: skip
    bucket.uploads[upload.upload_id] = upload
    output: Output = {"Bucket": bucket.name, "Key": key, "UploadId": upload.upload_id, **encryption_fields(plan.scheme)}
    output.update(abort_fields(bucket, upload))
    if plan.wrapped_key.context_header:
        output["SSEKMSEncryptionContext"] = plan.wrapped_key.context_header
    if declared:
        output["ChecksumAlgorithm"], output["ChecksumType"] = algorithm.name, kind
    return output


def find_upload(call: Call, bucket: Bucket) -> Upload:
    upload = bucket.uploads.get(call["UploadId"])
    if upload is None or upload.key != call["Key"]:
        raise ServiceError(
            "NoSuchUpload",
            "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted "
            "or completed.",
            404,
            fields={"UploadId": call["UploadId"]},
        )
    return upload


def forget_upload(bucket: Bucket, upload: Upload) -> None:
    """Remove an upload that is completed or aborted."""
    del bucket.uploads[upload.upload_id]
    bucket.end_watch(upload.key, upload.watch)


def unwrap_upload_key(call: Call, bucket: Bucket, upload: Upload) -> KeyPlan:
    """Return the object key of the upload. SSE-C needs the same customer key, KMS needs kms:Decrypt."""
    customer = read_customer_key(call.params)
    if not upload.scheme.algorithm:
        if customer is None:
            raise invalid_request(KEY_REQUIRED)
        if customer.md5 != upload.scheme.customer_key_md5:
            raise invalid_request("The provided encryption parameters did not match the ones used originally.")
    elif customer is not None:
        raise invalid_request(KEY_REQUIRED)
    return KeyPlan(
        upload.scheme, unwrap_object_key(call, bucket, upload.scheme, upload.wrapped_key, customer), upload.wrapped_key
    )


def _part_number(call: Call) -> int:
    number = int(call["PartNumber"])
    if not 1 <= number <= 10000:
        raise invalid_argument(
            "Part number must be an integer between 1 and 10000, inclusive", "partNumber", str(number)
        )
    return number


def _part_algorithm(call: Call, upload: Upload) -> Algorithm:
    own = select_algorithm(call)
    explicit = any(name in call.request.headers for name in BY_HEADER) or "x-amz-trailer" in call.request.headers
    if explicit and upload.explicit_checksum and own.name != upload.algorithm:
        raise invalid_request(
            f"Checksum Type mismatch occurred, expected checksum Type: {upload.algorithm.lower()}, "
            f"actual checksum Type: {own.name.lower()}"
        )
    return ALGORITHMS[upload.algorithm]


async def upload_part(call: Call) -> Output:
    """Store one part. A part with the same number is replaced."""
    bucket = find_bucket(call)
    upload = find_upload(call, bucket)
    authorize(call, bucket, "PutObject", call["Key"], upload.conditions)
    number = _part_number(call)
    algorithm = _part_algorithm(call, upload)
    plan = unwrap_upload_key(call, bucket, upload)
    check = BodyCheck.for_call(call, algorithm)
    declared = check.declared_algorithm
    writer = BlobWriter(call.lab.store, plan.object_key, plan.scheme.layers)
    await receive_body(call, writer, check)
    blob = writer.finish()
    upload = find_upload(call, find_bucket(call))
    etag = make_etag(plan.scheme.algorithm, check.md5.hexdigest())
    value = check.checksum(algorithm)
    upload.parts[number] = UploadedPart(
        number, etag, check.md5.digest(), check.size, blob, call.now(), {algorithm.name: value}
    )
    output: Output = {"ETag": f'"{etag}"', **encryption_fields(plan.scheme)}
    if upload.explicit_checksum:
        output[algorithm.member] = value
    elif declared is not None:
        output[declared.member] = check.checksum(declared)
    return output


def _parse_copy_range(text: str | None, size: int) -> tuple[int, int]:
    """Return ``[start, end)`` of a part to copy.

    Unlike the range of a read, it has both ends, and both are within the source.
    """
    if text is None:
        return 0, size
    match = _COPY_RANGE.fullmatch(text)
    if match is None or int(match["first"]) > int(match["last"]):
        raise _invalid_range(
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the "
            "zero-based offsets of the first and last bytes to copy",
            text,
        )
    if int(match["first"]) >= size:
        raise invalid_request("The specified copy range is invalid for the source object size")
    if int(match["last"]) >= size:
        raise _invalid_range(f"Range specified is not valid for source object of size: {size}", text)
    return int(match["first"]), int(match["last"]) + 1


def _invalid_range(message: str, text: str) -> ServiceError:
    return invalid_argument(message, "x-amz-copy-source-range", text)


async def upload_part_copy(call: Call) -> Output:
    """Store one part that is copied from an object."""
    bucket = find_bucket(call)
    upload = find_upload(call, bucket)
    authorize(call, bucket, "PutObject", call["Key"], upload.conditions)
    number = _part_number(call)
    source = open_copy_source(call)
    plan = unwrap_upload_key(call, bucket, upload)
    start, end = _parse_copy_range(call.get("CopySourceRange"), source.version.size)
    if end - start > MAX_COPY:
        raise invalid_request(
            f"The specified copy source is larger than the maximum allowable size for a copy source: {MAX_COPY}"
        )
    copied = await reencrypt(call, source, plan, upload.algorithm, start, end)
    upload = find_upload(call, bucket)
    etag = make_etag(plan.scheme.algorithm, copied.md5)
    upload.parts[number] = UploadedPart(
        number, etag, bytes.fromhex(copied.md5), copied.size, copied.blob, call.now(), {upload.algorithm: copied.digest}
    )
    result: dict[str, Any] = {"ETag": f'"{etag}"', "LastModified": float(int(call.now()))}
    if upload.explicit_checksum:
        result[f"Checksum{upload.algorithm}"] = copied.digest
    output: Output = {"CopyPartResult": result, **encryption_fields(plan.scheme)}
    output.update(source_version_field(source))
    return output


def abort_multipart_upload(call: Call) -> Output:
    """Delete the upload and its parts."""
    bucket = find_bucket(call)
    authorize(call, bucket, "AbortMultipartUpload", call["Key"])
    upload = find_upload(call, bucket)
    forget_upload(bucket, upload)
    return {}


OPERATIONS: dict[str, Handler] = {
    "CreateMultipartUpload": create_multipart_upload,
    "UploadPart": upload_part,
    "UploadPartCopy": upload_part_copy,
    "AbortMultipartUpload": abort_multipart_upload,
}

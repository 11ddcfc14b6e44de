# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Multipart uploads, from creation to completion."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

from awscrt import checksums as crt

from ..call import Call, Handler, Output
from ..errors import ServiceError
from ..protocol.xml_shapes import malformed_xml
from ..storage import BlobWriter
from .access import authorize, encryption_conditions, find_bucket
from .checksums import ALGORITHMS, BY_HEADER, DEFAULT, Algorithm, bad_digest, composite_checksum, encode
from .conditions import check_write
from .copying import MAX_COPY, open_copy_source, reencrypt
from .customer_keys import read_customer_key
from .encryption import KeyPlan, encryption_fields, plan_write, unwrap_object_key
from .integrity import BodyCheck, select_algorithm
from .names import new_upload_id
from .state import Bucket, Part, Upload, UploadedPart
from .versions import add_version, next_version_id, visible_version_id
from .writing import authorize_put, make_etag, receive_body, version_template

MIN_PART = 5 * 1024**2
_COPY_RANGE = re.compile(r"bytes=(?P<first>[0-9]+)-(?P<last>[0-9]+)")
_COMBINE = {"CRC32": crt.combine_crc32, "CRC32C": crt.combine_crc32c, "CRC64NVME": crt.combine_crc64nvme}
_KEY_REQUIRED = (
    "The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate "
    "encryption parameters."
)


def _invalid(message: str) -> ServiceError:
    return ServiceError("InvalidRequest", message, 400)


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
        raise _invalid("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.")
    if (kind == "FULL_OBJECT" and not algorithm.full_object) or (
        kind == "COMPOSITE" and not algorithm.composite_checksum
    ):
        raise _invalid(f"The {kind} checksum type cannot be used with the {algorithm.name.lower()} checksum algorithm.")
    plan = plan_write(call, bucket, key)
    upload = Upload(
        new_upload_id(), key, call.now(), plan.scheme, plan.wrapped_key, template, algorithm.name, kind, bool(declared),
        initiator=call.caller.arn,
        conditions=encryption_conditions(call),
    )  # fmt: skip
    bucket.uploads[upload.upload_id] = upload
    output: Output = {"Bucket": bucket.name, "Key": key, "UploadId": upload.upload_id, **encryption_fields(plan.scheme)}
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


def _unwrap_upload_key(call: Call, bucket: Bucket, upload: Upload) -> KeyPlan:
    """Return the object key of the upload. SSE-C needs the same customer key, KMS needs kms:Decrypt."""
    customer = read_customer_key(call.params)
    if not upload.scheme.algorithm:
        if customer is None:
            raise _invalid(_KEY_REQUIRED)
        if customer.md5 != upload.scheme.customer_key_md5:
            raise _invalid("The provided encryption parameters did not match the ones used originally.")
    elif customer is not None:
        raise _invalid(
            "The multipart upload initiate did not request encryption. Please resend the request without sending "
            "encryption parameters."
        )
    return KeyPlan(
        upload.scheme, unwrap_object_key(call, bucket, upload.scheme, upload.wrapped_key, customer), upload.wrapped_key
    )


def _part_number(call: Call) -> int:
    number = int(call["PartNumber"])
    if not 1 <= number <= 10000:
        raise ServiceError("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive", 400)
    return number


def _part_algorithm(call: Call, upload: Upload) -> Algorithm:
    own = select_algorithm(call)
    explicit = any(name in call.request.headers for name in BY_HEADER) or "x-amz-trailer" in call.request.headers
    if explicit and upload.explicit_checksum and own.name != upload.algorithm:
        raise _invalid(
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
    plan = _unwrap_upload_key(call, bucket, upload)
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
        raise ServiceError(
            "InvalidArgument",
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the "
            "zero-based offsets of the first and last bytes to copy",
            400,
        )
    if int(match["last"]) >= size:
        raise ServiceError("InvalidArgument", f"Range specified is not valid for source object of size: {size}", 400)
    return int(match["first"]), int(match["last"]) + 1


async def upload_part_copy(call: Call) -> Output:
    """Store one part that is copied from an object."""
    bucket = find_bucket(call)
    upload = find_upload(call, bucket)
    authorize(call, bucket, "PutObject", call["Key"], upload.conditions)
    number = _part_number(call)
    source = open_copy_source(call)
    plan = _unwrap_upload_key(call, bucket, upload)
    start, end = _parse_copy_range(call.get("CopySourceRange"), source.version.size)
    if end - start > MAX_COPY:
        raise _invalid(
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
    if source.bucket.versioning:
        output["CopySourceVersionId"] = source.version.version_id
    return output


def _select_parts(call: Call, upload: Upload) -> list[UploadedPart]:
    requested = call.get("MultipartUpload", {}).get("Parts")
    if not requested:
        raise malformed_xml()
    selected: list[UploadedPart] = []
    previous = 0
    invalid_part = ServiceError(
        "InvalidPart",
        "One or more of the specified parts could not be found.  The part may not have been uploaded, or the "
        "specified entity tag may not match the part's entity tag.",
        400,
        fields={"UploadId": upload.upload_id},
    )
    for item in requested:
        number = item.get("PartNumber", 0)
        if number <= previous:
            raise ServiceError(
                "InvalidPartOrder",
                "The list of parts was not in ascending order. Parts must be ordered by part number.",
                400,
            )
        previous = number
        part = upload.parts.get(number)
        if part is None or part.etag != item.get("ETag", "").strip('"'):
            raise invalid_part
        for name in ALGORITHMS:
            checksum = item.get(f"Checksum{name}")
            if checksum is not None and part.checksums.get(name) != checksum:
                raise invalid_part
        if (
            upload.explicit_checksum
            and upload.checksum_type == "COMPOSITE"
            and f"Checksum{upload.algorithm}" not in item
        ):
            raise _invalid(
                f"The upload was created using a {upload.algorithm.lower()} checksum. The complete request must "
                f"include the checksum for each part. It was missing for part {number} in the request."
            )
        selected.append(part)
    for part in selected[:-1]:
        if part.size < MIN_PART:
            raise ServiceError(
                "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", 400,
                fields={"ProposedSize": str(part.size), "MinSizeAllowed": str(MIN_PART),
                        "PartNumber": str(part.number), "ETag": part.etag},
            )  # fmt: skip
    return selected


def _object_checksum(upload: Upload, parts: list[UploadedPart]) -> str:
    algorithm = ALGORITHMS[upload.algorithm]
    if upload.checksum_type == "COMPOSITE":
        return composite_checksum(algorithm, (part.checksums[algorithm.name] for part in parts))
    combine = _COMBINE[algorithm.name]
    value = 0
    for index, part in enumerate(parts):
        number = int.from_bytes(base64.b64decode(part.checksums[algorithm.name]), "big")
        value = number if index == 0 else combine(value, number, part.size)
    return encode(value.to_bytes(algorithm.length, "big"))


def complete_multipart_upload(call: Call) -> Output:
    """Create the object from its parts."""
    bucket = find_bucket(call)
    key = call["Key"]
    upload = find_upload(call, bucket)
    authorize(call, bucket, "PutObject", key, upload.conditions)
    parts = _select_parts(call, upload)
    customer = read_customer_key(call.params)
    if not upload.scheme.algorithm and customer is None and upload.explicit_checksum:
        raise _invalid(_KEY_REQUIRED)
    if customer is not None or upload.scheme.algorithm in ("aws:kms", "aws:kms:dsse"):
        _unwrap_upload_key(call, bucket, upload)
    size = sum(part.size for part in parts)
    if call.get("MpuObjectSize") is not None and call["MpuObjectSize"] != size:
        raise _invalid("The provided 'x-amz-mp-object-size' header does not match what was computed.")
    kind = call.get("ChecksumType")
    if kind is not None and kind != upload.checksum_type:
        raise _invalid(
            f"The upload was created using the {upload.checksum_type} checksum mode. The complete request must use the "
            "same checksum mode."
        )
    algorithm = ALGORITHMS[upload.algorithm]
    value = _object_checksum(upload, parts)
    checksum = call.get(algorithm.member)
    if checksum is not None and checksum not in (value, value.partition("-")[0]):
        raise bad_digest(algorithm)
    check_write(call.params, bucket.objects.latest(key))
    version = upload.template
    version.version_id = next_version_id(bucket)
    version.modified = upload.created
    version.size = size
    version.etag = f"{_multipart_etag(upload, parts)}-{len(parts)}"
    version.scheme, version.wrapped_key = upload.scheme, upload.wrapped_key
    version.blobs = tuple(part.blob for part in parts)
    version.checksums, version.checksum_type = ((algorithm.name, value),), upload.checksum_type
    show_parts = upload.explicit_checksum
    version.parts = tuple(
        Part(part.number, part.size, part.checksums[algorithm.name] if show_parts else "") for part in parts
    )
    add_version(call, bucket, version)
    del bucket.uploads[upload.upload_id]
    output: Output = {
        "Location": f"http://{call.request.header('host')}/{bucket.name}/{key}",
        "Bucket": bucket.name,
        "Key": key,
        "ETag": f'"{version.etag}"',
        algorithm.member: value,
        "ChecksumType": upload.checksum_type,
    }
    output.update(
        {name: value for name, value in encryption_fields(upload.scheme).items() if not name.startswith("SSECustomer")}
    )
    if visible_version_id(bucket, version) is not None:
        output["VersionId"] = version.version_id
    return output


def _multipart_etag(upload: Upload, parts: list[UploadedPart]) -> str:
    """Return the MD5 of the MD5s of the parts for SSE-S3. For other encryption it is another hash."""
    if upload.scheme.algorithm == "AES256":
        return hashlib.md5(b"".join(part.md5 for part in parts)).hexdigest()
    return hashlib.md5("".join(part.etag for part in parts).encode()).hexdigest()


def abort_multipart_upload(call: Call) -> Output:
    """Delete the upload and its parts."""
    bucket = find_bucket(call)
    authorize(call, bucket, "AbortMultipartUpload", call["Key"])
    upload = find_upload(call, bucket)
    del bucket.uploads[upload.upload_id]
    return {}


OPERATIONS: dict[str, Handler] = {
    "CreateMultipartUpload": create_multipart_upload,
    "UploadPart": upload_part,
    "UploadPartCopy": upload_part_copy,
    "CompleteMultipartUpload": complete_multipart_upload,
    "AbortMultipartUpload": abort_multipart_upload,
}

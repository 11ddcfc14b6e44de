# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The completion of a multipart upload: the checks of its parts and checksums, and the object."""

from __future__ import annotations

import base64
import hashlib
from itertools import pairwise
from typing import Any

from awscrt import checksums as crt

from ..call import Call, Handler, Output
from ..errors import ServiceError, invalid_request
from .access import authorize, find_bucket
from .checksums import ALGORITHMS, composite_checksum, encode
from .conditions import check_write
from .customer_keys import read_customer_key
from .encryption import encryption_fields
from .multipart import KEY_REQUIRED, find_upload, forget_upload, unwrap_upload_key
from .state import Bucket, CompletedUpload, ObjectVersion, Part, Upload, UploadedPart
from .versions import add_version, put_version_id

MIN_PART = 5 * 1024**2
_COMBINE = {"CRC32": crt.combine_crc32, "CRC32C": crt.combine_crc32c, "CRC64NVME": crt.combine_crc64nvme}


def complete_multipart_upload(call: Call) -> Output:
    """Create the object from its parts. The same request again has the same response, whatever its conditions are."""
    bucket = find_bucket(call)
    key = call["Key"]
    repeated = _repeated_output(call, bucket)
    if repeated is not None:
        return repeated
    upload = find_upload(call, bucket)
    authorize(call, bucket, "PutObject", key, upload.conditions)
    _check_checksum_type(call, upload)
    parts = _select_parts(call, upload)
    _check_customer_key(call, bucket, upload)
    size = sum(part.size for part in parts)
    declared_size = call.get("MpuObjectSize")
    if declared_size is not None and declared_size != size:
        raise invalid_request(
            f"The provided 'x-amz-mp-object-size' header value {declared_size} does not match what was computed: {size}"
        )
    checksum = _object_checksum(upload, parts)
    _check_object_checksum(call, upload, checksum)
    check_write(call, bucket, key, upload.watch)
    version = _new_version(bucket, upload, parts, checksum)
    forget_upload(bucket, upload)
    add_version(call, bucket, version)
    output = _output(call, bucket, upload, version)
    bucket.completed_uploads[upload.upload_id] = CompletedUpload(key, _requested_parts(call), output)
    return output


# ---------------------------------------------------------------- the request


def _requested_parts(call: Call) -> tuple[tuple[int, str], ...]:
    parts = call.get("MultipartUpload", {}).get("Parts", ())
    return tuple((item.get("PartNumber", 0), item.get("ETag", "").strip('"')) for item in parts)


def _repeated_output(call: Call, bucket: Bucket) -> Output | None:
    """Return the response of the same request if it was executed before."""
    completed = bucket.completed_uploads.get(call["UploadId"])
    if completed is None or completed.key != call["Key"] or completed.parts != _requested_parts(call):
        return None
    authorize(call, bucket, "PutObject", completed.key)
    return completed.output


def _check_checksum_type(call: Call, upload: Upload) -> None:
    kind = call.get("ChecksumType")
    created_with = upload.checksum_type if upload.explicit_checksum else "null"
    if kind is not None and kind != created_with:
        raise invalid_request(
            f"The upload was created using the {created_with} checksum mode. The complete request must use the same "
            "checksum mode."
        )


def _check_customer_key(call: Call, bucket: Bucket, upload: Upload) -> None:
    """Check the customer key, which SSE-C needs only with a checksum. KMS keys need kms:Decrypt."""
    customer = read_customer_key(call.params)
    if not upload.scheme.algorithm and customer is None and upload.explicit_checksum:
        raise invalid_request(KEY_REQUIRED)
    if customer is not None or upload.scheme.algorithm in ("aws:kms", "aws:kms:dsse"):
        unwrap_upload_key(call, bucket, upload)


# ---------------------------------------------------------------- the parts


def _select_parts(call: Call, upload: Upload) -> list[UploadedPart]:
    requested = call.get("MultipartUpload", {}).get("Parts")
    if not requested:
        raise invalid_request("You must specify at least one part")
    numbers = [item.get("PartNumber", 0) for item in requested]
    if numbers[0] < 1 or any(after <= before for before, after in pairwise(numbers)):
        raise ServiceError(
            "InvalidPartOrder",
            "The list of parts was not in ascending order. Parts must be ordered by part number.",
            400,
            fields={"UploadId": upload.upload_id},
        )
    selected = [_select_part(upload, item) for item in requested]
    for part in selected[:-1]:
        if part.size < MIN_PART:
            raise ServiceError(
                "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", 400,
                fields={"ProposedSize": str(part.size), "MinSizeAllowed": str(MIN_PART),
                        "PartNumber": str(part.number), "ETag": part.etag},
            )  # fmt: skip
    return selected


def _select_part(upload: Upload, item: dict[str, Any]) -> UploadedPart:
    number, etag = item.get("PartNumber", 0), item.get("ETag", "").strip('"')
    part = upload.parts.get(number)
    checksums = {name: item[f"Checksum{name}"] for name in ALGORITHMS if f"Checksum{name}" in item}
    own = checksums.pop(upload.algorithm, None) if upload.explicit_checksum else None
    if checksums and upload.explicit_checksum:
        other = next(iter(checksums)).lower()
        raise ServiceError(
            "BadDigest", f"The {other} you specified for part {number} did not match what we received.", 400
        )
    if own is None and upload.explicit_checksum and upload.checksum_type == "COMPOSITE":
        raise invalid_request(
            f"The upload was created using a {upload.algorithm.lower()} checksum. The complete request must "
            f"include the checksum for each part. It was missing for part {number} in the request."
        )
    if part is None or part.etag != etag or checksums or own not in (None, part.checksums[upload.algorithm]):
        raise ServiceError(
            "InvalidPart",
            "One or more of the specified parts could not be found.  The part may not have been uploaded, or the "
            "specified entity tag may not match the part's entity tag.",
            400,
            fields={"UploadId": upload.upload_id, "PartNumber": str(number), "ETag": etag},
        )
    return part


# ---------------------------------------------------------------- the checksum


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


def _check_object_checksum(call: Call, upload: Upload, value: str) -> None:
    """Check the checksum of the request. S3 ignores it if the upload was created without an algorithm.

    A full-object checksum needs the type in the request too.
    """
    supplied = {name: call.get(f"Checksum{name}") for name in ALGORITHMS if f"Checksum{name}" in call.params}
    if not supplied or not upload.explicit_checksum:
        return
    valid = supplied in ({upload.algorithm: value}, {upload.algorithm: value.partition("-")[0]})
    if not valid or (upload.checksum_type == "FULL_OBJECT" and call.get("ChecksumType") is None):
        raise ServiceError(
            "BadDigest", f"The {upload.algorithm.lower()} you specified did not match the calculated checksum.", 400
        )


# ---------------------------------------------------------------- the object


def _new_version(bucket: Bucket, upload: Upload, parts: list[UploadedPart], checksum: str) -> ObjectVersion:
    version = upload.template
    version.modified = upload.created
    version.size = sum(part.size for part in parts)
    version.etag = f"{_multipart_etag(upload, parts)}-{len(parts)}"
    version.scheme, version.wrapped_key = upload.scheme, upload.wrapped_key
    version.blobs = tuple(part.blob for part in parts)
    if upload.explicit_checksum or upload.scheme.algorithm:
        # S3 does not compute its own checksum from parts that it cannot decrypt any more.
        version.checksums, version.checksum_type = ((upload.algorithm, checksum),), upload.checksum_type
    version.parts = tuple(
        Part(part.number, part.size, part.checksums[upload.algorithm] if upload.explicit_checksum else "")
        for part in parts
    )
    return version


def _multipart_etag(upload: Upload, parts: list[UploadedPart]) -> str:
    """Return the MD5 of the MD5s of the parts for SSE-S3. For other encryption it is another hash."""
    if upload.scheme.algorithm == "AES256":
        return hashlib.md5(b"".join(part.md5 for part in parts)).hexdigest()
    return hashlib.md5("".join(part.etag for part in parts).encode()).hexdigest()


def _location(call: Call) -> str:
    """Return the URL of the request, without its query."""
    sent = call.request
    scheme = sent.transport.scheme if sent.transport is not None else "http"
    return f"{scheme}://{sent.header('host')}{sent.signed_path or sent.raw_path}"


def _output(call: Call, bucket: Bucket, upload: Upload, version: ObjectVersion) -> Output:
    output: Output = {
        "Location": _location(call),
        "Bucket": bucket.name,
        "Key": version.key,
        "ETag": f'"{version.etag}"',
    }
    fields = encryption_fields(upload.scheme)
    output.update({name: value for name, value in fields.items() if not name.startswith("SSECustomer")})
    if upload.explicit_checksum or upload.scheme.algorithm == "AES256":
        # The checksum that S3 computes itself is not in the response for KMS keys, but in those of reads.
        output.update({f"Checksum{name}": value for name, value in version.checksums})
        output["ChecksumType"] = version.checksum_type
    version_id = put_version_id(bucket, version)
    if version_id is not None:
        output["VersionId"] = version_id
    return output


OPERATIONS: dict[str, Handler] = {"CompleteMultipartUpload": complete_multipart_upload}

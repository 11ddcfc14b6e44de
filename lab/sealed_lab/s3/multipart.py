# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Multipart uploads."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

from awscrt import checksums as crt

from ..call import Call, Handler, Output
from ..errors import ServiceError
from ..storage import BlobWriter
from .access import authorize, encryption_conditions, find_bucket
from .checksums import ALGORITHMS, BY_HEADER, DEFAULT, Algorithm, bad_digest, composite, encode
from .conditions import check_write
from .copying import MAX_COPY, open_source, reencrypt
from .customer_keys import read_customer_key
from .encryption import KeyPlan, check_customer_key, open_key, plan_write
from .encryption import shown as encryption_shown
from .integrity import BodyCheck, chosen_algorithm
from .names import canonical_id, new_upload_id
from .state import Bucket, Part, Upload, UploadedPart
from .versions import next_version_id, put_on_top, shown_id
from .writing import etag_of, put_requirements, take_body, template_of

MIN_PART = 5 * 1024**2
_COPY_RANGE = re.compile(r"bytes=(?P<first>[0-9]+)-(?P<last>[0-9]+)")
_COMBINE = {"CRC32": crt.combine_crc32, "CRC32C": crt.combine_crc32c, "CRC64NVME": crt.combine_crc64nvme}
_NO_KEY = (
    "The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate "
    "encryption parameters."
)


def _invalid(message: str) -> ServiceError:
    return ServiceError("InvalidRequest", message, 400)


def create_multipart_upload(call: Call) -> Output:
    """Begin: everything about the object but its bytes is said here."""
    bucket = find_bucket(call)
    key = call["Key"]
    put_requirements(call, bucket, key)
    template = template_of(call, bucket, key, call.params)
    named = call.get("ChecksumAlgorithm")
    algorithm = ALGORITHMS[named] if named else DEFAULT
    kind = call.get("ChecksumType") or algorithm.default_type
    if call.get("ChecksumType") and not named:
        raise _invalid("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.")
    if (kind == "FULL_OBJECT" and not algorithm.full_object) or (kind == "COMPOSITE" and not algorithm.composite):
        raise _invalid(f"The {kind} checksum type cannot be used with the {algorithm.name.lower()} checksum algorithm.")
    plan = plan_write(call, bucket, key)
    upload = Upload(
        new_upload_id(), key, call.now(), plan.scheme, plan.sealed, template, algorithm.name, kind, bool(named),
        initiator=call.caller.arn,
        conditions=encryption_conditions(call),
    )  # fmt: skip
    bucket.uploads[upload.upload_id] = upload
    output: Output = {"Bucket": bucket.name, "Key": key, "UploadId": upload.upload_id, **encryption_shown(plan.scheme)}
    if plan.sealed.given_context:
        output["SSEKMSEncryptionContext"] = plan.sealed.given_context
    if named:
        output["ChecksumAlgorithm"], output["ChecksumType"] = algorithm.name, kind
    return output


def _find_upload(call: Call, bucket: Bucket) -> Upload:
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


def _open_upload(call: Call, bucket: Bucket, upload: Upload) -> KeyPlan:
    """The upload's object key: SSE-C needs the same key again, KMS needs kms:Decrypt."""
    customer = read_customer_key(call.params)
    if not upload.scheme.algorithm:
        if customer is None:
            raise _invalid(_NO_KEY)
        if customer.md5 != upload.scheme.customer_key_md5:
            raise _invalid("The provided encryption parameters did not match the ones used originally.")
    elif customer is not None:
        raise _invalid(
            "The multipart upload initiate did not request encryption. Please resend the request without sending "
            "encryption parameters."
        )
    return KeyPlan(upload.scheme, open_key(call, bucket, upload.scheme, upload.sealed, customer), upload.sealed)


def _check_number(call: Call) -> int:
    number = int(call["PartNumber"])
    if not 1 <= number <= 10000:
        raise ServiceError("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive", 400)
    return number


def _algorithm_of_part(call: Call, upload: Upload) -> Algorithm:
    own = chosen_algorithm(call)
    explicit = any(name in call.request.headers for name in BY_HEADER) or "x-amz-trailer" in call.request.headers
    if explicit and upload.explicit_checksum and own.name != upload.algorithm:
        raise _invalid(
            f"Checksum Type mismatch occurred, expected checksum Type: {upload.algorithm.lower()}, "
            f"actual checksum Type: {own.name.lower()}"
        )
    return ALGORITHMS[upload.algorithm]


async def upload_part(call: Call) -> Output:
    """One part; the same number again replaces it."""
    bucket = find_bucket(call)
    upload = _find_upload(call, bucket)
    authorize(call, bucket, "PutObject", call["Key"], upload.conditions)
    number = _check_number(call)
    algorithm = _algorithm_of_part(call, upload)
    plan = _open_upload(call, bucket, upload)
    check = BodyCheck.for_call(call, algorithm)
    named = check.named
    writer = BlobWriter(call.lab.store, plan.object_key, plan.scheme.layers)
    await take_body(call, writer, check)
    blob = writer.finish()
    upload = _find_upload(call, find_bucket(call))
    etag = etag_of(plan.scheme.algorithm, check.md5.hexdigest())
    value = check.value(algorithm)
    upload.parts[number] = UploadedPart(
        number, etag, check.md5.digest(), check.size, blob, call.now(), {algorithm.name: value}
    )
    output: Output = {"ETag": f'"{etag}"', **encryption_shown(plan.scheme)}
    if upload.explicit_checksum:
        output[algorithm.member] = value
    elif named is not None:
        output[named.member] = check.value(named)
    return output


def _copy_range(text: str | None, size: int) -> tuple[int, int]:
    """``[start, end)`` of a part to copy: unlike a range to read, both ends are named and are within the source."""
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
    """One part from an object that exists."""
    bucket = find_bucket(call)
    upload = _find_upload(call, bucket)
    authorize(call, bucket, "PutObject", call["Key"], upload.conditions)
    number = _check_number(call)
    source = open_source(call)
    plan = _open_upload(call, bucket, upload)
    start, end = _copy_range(call.get("CopySourceRange"), source.version.size)
    if end - start > MAX_COPY:
        raise _invalid(
            f"The specified copy source is larger than the maximum allowable size for a copy source: {MAX_COPY}"
        )
    moved = await reencrypt(call, source, plan, upload.algorithm, start, end)
    upload = _find_upload(call, bucket)
    etag = etag_of(plan.scheme.algorithm, moved.md5)
    upload.parts[number] = UploadedPart(
        number, etag, bytes.fromhex(moved.md5), moved.size, moved.blob, call.now(), {upload.algorithm: moved.digest}
    )
    result: dict[str, Any] = {"ETag": f'"{etag}"', "LastModified": float(int(call.now()))}
    if upload.explicit_checksum:
        result[f"Checksum{upload.algorithm}"] = moved.digest
    output: Output = {"CopyPartResult": result, **encryption_shown(plan.scheme)}
    if source.bucket.versioning:
        output["CopySourceVersionId"] = source.version.version_id
    return output


def _chosen_parts(call: Call, upload: Upload) -> list[UploadedPart]:
    wanted = call.get("MultipartUpload", {}).get("Parts")
    if not wanted:
        raise ServiceError(
            "MalformedXML",
            "The XML you provided was not well-formed or did not validate against our published schema",
            400,
        )
    chosen: list[UploadedPart] = []
    previous = 0
    bad = ServiceError(
        "InvalidPart",
        "One or more of the specified parts could not be found.  The part may not have been uploaded, or the "
        "specified entity tag may not match the part's entity tag.",
        400,
        fields={"UploadId": upload.upload_id},
    )
    for item in wanted:
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
            raise bad
        for name in ALGORITHMS:
            given = item.get(f"Checksum{name}")
            if given is not None and part.checksums.get(name) != given:
                raise bad
        if (
            upload.explicit_checksum
            and upload.checksum_type == "COMPOSITE"
            and f"Checksum{upload.algorithm}" not in item
        ):
            raise _invalid(
                f"The upload was created using a {upload.algorithm.lower()} checksum. The complete request must "
                f"include the checksum for each part. It was missing for part {number} in the request."
            )
        chosen.append(part)
    for part in chosen[:-1]:
        if part.size < MIN_PART:
            raise ServiceError(
                "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", 400,
                fields={"ProposedSize": str(part.size), "MinSizeAllowed": str(MIN_PART),
                        "PartNumber": str(part.number), "ETag": part.etag},
            )  # fmt: skip
    return chosen


def _checksum(upload: Upload, parts: list[UploadedPart]) -> str:
    algorithm = ALGORITHMS[upload.algorithm]
    if upload.checksum_type == "COMPOSITE":
        return composite(algorithm, (part.checksums[algorithm.name] for part in parts))
    combine = _COMBINE[algorithm.name]
    value = 0
    for index, part in enumerate(parts):
        number = int.from_bytes(base64.b64decode(part.checksums[algorithm.name]), "big")
        value = number if index == 0 else combine(value, number, part.size)
    return encode(value.to_bytes(algorithm.length, "big"))


def complete_multipart_upload(call: Call) -> Output:
    """The parts become one object."""
    bucket = find_bucket(call)
    key = call["Key"]
    upload = _find_upload(call, bucket)
    authorize(call, bucket, "PutObject", key, upload.conditions)
    parts = _chosen_parts(call, upload)
    customer = read_customer_key(call.params)
    if not upload.scheme.algorithm and customer is None and upload.explicit_checksum:
        raise _invalid(_NO_KEY)
    if customer is not None or upload.scheme.algorithm in ("aws:kms", "aws:kms:dsse"):
        _open_upload(call, bucket, upload)
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
    value = _checksum(upload, parts)
    given = call.get(algorithm.member)
    if given is not None and given not in (value, value.partition("-")[0]):
        raise bad_digest(algorithm)
    check_write(call.params, bucket.objects.latest(key))
    version = upload.template
    version.version_id = next_version_id(bucket)
    version.modified = upload.created
    version.size = size
    version.etag = f"{_etag(upload, parts)}-{len(parts)}"
    version.scheme, version.sealed = upload.scheme, upload.sealed
    version.blobs = tuple(part.blob for part in parts)
    version.checksums, version.checksum_type = ((algorithm.name, value),), upload.checksum_type
    show_parts = upload.explicit_checksum
    version.parts = tuple(
        Part(part.number, part.size, part.checksums[algorithm.name] if show_parts else "") for part in parts
    )
    put_on_top(call, bucket, version)
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
        {name: shown for name, shown in encryption_shown(upload.scheme).items() if not name.startswith("SSECustomer")}
    )
    if shown_id(bucket, version) is not None:
        output["VersionId"] = version.version_id
    return output


def _etag(upload: Upload, parts: list[UploadedPart]) -> str:
    """MD5 of the parts' MD5s for SSE-S3; something else of the same form otherwise."""
    if upload.scheme.algorithm == "AES256":
        return hashlib.md5(b"".join(part.md5 for part in parts)).hexdigest()
    return hashlib.md5("".join(part.etag for part in parts).encode()).hexdigest()


def abort_multipart_upload(call: Call) -> Output:
    """Forget the parts."""
    bucket = find_bucket(call)
    authorize(call, bucket, "AbortMultipartUpload", call["Key"])
    upload = _find_upload(call, bucket)
    del bucket.uploads[upload.upload_id]
    return {}


def list_parts(call: Call) -> Output:
    """Parts that have arrived."""
    bucket = find_bucket(call)
    authorize(call, bucket, "ListMultipartUploadParts", call["Key"])
    upload = _find_upload(call, bucket)
    if not upload.scheme.algorithm and call.get("SSECustomerAlgorithm") is not None:
        check_customer_key(upload.scheme, upload.sealed, read_customer_key(call.params))
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
    """Uploads in progress by key."""
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


OPERATIONS: dict[str, Handler] = {
    "CreateMultipartUpload": create_multipart_upload,
    "UploadPart": upload_part,
    "UploadPartCopy": upload_part_copy,
    "CompleteMultipartUpload": complete_multipart_upload,
    "AbortMultipartUpload": abort_multipart_upload,
    "ListParts": list_parts,
    "ListMultipartUploads": list_multipart_uploads,
}

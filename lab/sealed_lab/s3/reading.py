# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Reading objects: GetObject and HeadObject."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator

from ..call import Call, Handler, Output
from ..errors import ServiceError, invalid_request
from ..storage import DecryptionError
from .access import authorize, denial_message, find_bucket
from .conditions import check_read
from .customer_keys import read_customer_key
from .encryption import check_customer_key, encryption_fields, unwrap_object_key
from .expiration import expiration_header
from .object_conditions import existing_tag_conditions
from .object_lock import lock_fields
from .response_overrides import response_overrides
from .restoring import require_readable, restore_field
from .state import Bucket, ObjectVersion
from .user_metadata import encode_value
from .versions import find_version, visible_version_id


def object_fields(call: Call, bucket: Bucket, version: ObjectVersion) -> Output:
    """Return the fields that GetObject and HeadObject share."""
    assert version.scheme is not None
    found: Output = {
        "AcceptRanges": "bytes",
        "LastModified": float(int(version.modified)),
        "ETag": f'"{version.etag}"',
        "Metadata": {name: encode_value(value) for name, value in version.metadata},
        "ContentLength": version.size,
        **dict(version.headers),
        **encryption_fields(version.scheme),
        **_visible_lock_fields(call, bucket, version),
    }
    expires = found.pop("Expires", None)
    if expires is not None:
        call.extra_headers["Expires"] = expires
    if version.storage_class != "STANDARD":
        found["StorageClass"] = version.storage_class
    found.update(restore_field(bucket, version, call.now()))
    if version.replication:
        found["ReplicationStatus"] = version.replication
    version_id = visible_version_id(bucket, version)
    if version_id is not None:
        found["VersionId"] = version_id
    if call.get("VersionId") is None:
        found["Expiration"] = expiration_header(bucket, version)
    if version.tags and denial_message(call, bucket, "GetObjectTagging", version.key) is None:
        found["TagCount"] = len(version.tags)
    return found


def _visible_lock_fields(call: Call, bucket: Bucket, version: ObjectVersion) -> Output:
    """Return retention and legal hold, each only if the caller may see it (API Reference, HeadObject)."""
    found = lock_fields(version.lock)
    if not found:
        return found
    refused = [
        kind
        for kind in ("Retention", "LegalHold")
        if denial_message(call, bucket, f"GetObject{kind}", version.key) is not None
    ]
    names = {"ObjectLockMode": "Retention", "ObjectLockRetainUntilDate": "Retention"}
    return {name: value for name, value in found.items() if names.get(name, "LegalHold") not in refused}


_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def parse_range(text: str | None, size: int) -> tuple[int, int] | None:
    """Return ``[start, end)`` of a single range, or None for the whole object.

    Raise 416 for a range that cannot be satisfied. Any other text is ignored.
    """
    if text is None:
        return None
    match = _RANGE.fullmatch(text.strip())
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if first == "":
        start, end = max(size - int(last), 0), size
        if int(last) == 0:
            raise _unsatisfiable(text, size)
    else:
        start = int(first)
        end = size if last == "" else min(int(last) + 1, size)
        if last != "" and int(last) < start:
            return None
    if start >= size:
        raise _unsatisfiable(text, size)
    return start, end


def _unsatisfiable(text: str, size: int) -> ServiceError:
    return ServiceError(
        "InvalidRange", "The requested range is not satisfiable", 416,
        fields={"RangeRequested": text, "ActualObjectSize": str(size)}, headers={"Content-Range": f"bytes */{size}"},
    )  # fmt: skip


def plaintext(version: ObjectVersion, object_key: bytes, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """Yield the bytes of the object from all its parts."""
    stop = version.size if end is None else end
    position = 0
    for blob in version.blobs:
        low, high = max(start - position, 0), min(stop - position, blob.size)
        if low < high:
            yield from blob.read(object_key, low, high)
        position += blob.size


async def _stream(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def find_readable_version(call: Call, action: str) -> tuple[Bucket, ObjectVersion]:
    """Return the version that a request reads. Permissions are checked."""
    bucket = find_bucket(call)
    key, version_id = call["Key"], call.get("VersionId")
    name = action if version_id is None else action.replace("Object", "ObjectVersion", 1)
    authorize(call, bucket, name, key, existing_tag_conditions(bucket, key, version_id))
    return bucket, find_version(call, bucket, key, version_id)


def _part_range(call: Call, version: ObjectVersion) -> tuple[int, int] | None:
    number = call.get("PartNumber")
    if number is None:
        return None
    if call.get("Range") is not None:
        raise invalid_request("Cannot specify both Range header and partNumber query parameter")
    parts = version.parts
    if parts is None and number == 1:
        return 0, version.size
    position = 0
    for part in parts or ():
        if part.number == number:
            return position, position + part.size
        position += part.size
    raise ServiceError(
        "InvalidPartNumber", "The requested partnumber is not satisfiable", 416,
        fields={"PartNumberRequested": str(number), "ActualPartCount": str(1 if parts is None else len(parts))},
    )  # fmt: skip


def _add_content_range(output: Output, span: tuple[int, int] | None, size: int) -> None:
    if span is not None:
        start, end = span
        output["ContentLength"] = end - start
        output["ContentRange"] = f"bytes {start}-{end - 1}/{size}"


def get_object(call: Call) -> Output:
    """Return the bytes of an object."""
    bucket, version = find_readable_version(call, "GetObject")
    customer = read_customer_key(call.params, reading=True)
    assert version.scheme is not None
    assert version.wrapped_key is not None
    if not version.scheme.algorithm or customer is not None:
        check_customer_key(version.scheme, version.wrapped_key, customer)
    check_read(call.params, version, call.now())
    require_readable(bucket, version, call.now())
    span = _part_range(call, version) or parse_range(call.get("Range"), version.size)
    object_key = unwrap_object_key(call, bucket, version.scheme, version.wrapped_key, customer)
    output = {**object_fields(call, bucket, version), **response_overrides(call)}
    start, end = span or (0, version.size)
    if call.get("ChecksumMode") == "ENABLED":
        output.update(_read_checksum_fields(call, version, span))
    if call.get("PartNumber") is not None and version.parts is not None:
        output["PartsCount"] = len(version.parts)
    _add_content_range(output, span, version.size)
    chunks = plaintext(version, object_key, start, end)
    call.stream, call.stream_length = _stream(_require_decryptable(chunks)), end - start
    if span is not None:
        call.status = 206
    return output


def _require_decryptable(chunks: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from chunks
    except DecryptionError as exc:
        raise RuntimeError("stored bytes cannot be decrypted with their own key") from exc


def checksum_fields(version: ObjectVersion) -> Output:
    """Return the stored checksums and their type."""
    found: Output = {f"Checksum{name}": value for name, value in version.checksums}
    if found:
        found["ChecksumType"] = version.checksum_type
    return found


def _read_checksum_fields(call: Call, version: ObjectVersion, span: tuple[int, int] | None) -> Output:
    """Return the checksum of what is read: of the whole object, also as a range or a part, or of a composite part."""
    number = call.get("PartNumber")
    if number is not None and version.checksum_type == "COMPOSITE":
        checksum = next(part.checksum for part in version.parts or () if part.number == number)
        return {f"Checksum{version.checksums[0][0]}": checksum, "ChecksumType": "COMPOSITE"}
    if span is not None and span != (0, version.size):
        return {}
    return checksum_fields(version)


def head_object(call: Call) -> Output:
    """Return everything but the bytes.

    KMS is called only for checksums, which are encrypted under the object's key too.
    """
    bucket, version = find_readable_version(call, "GetObject")
    assert version.scheme is not None
    assert version.wrapped_key is not None
    check_customer_key(version.scheme, version.wrapped_key, read_customer_key(call.params, reading=True))
    check_read(call.params, version, call.now())
    span = _part_range(call, version) or parse_range(call.get("Range"), version.size)
    output = {**object_fields(call, bucket, version), **response_overrides(call)}
    if call.get("ChecksumMode") == "ENABLED":
        if version.checksums and version.scheme.algorithm.startswith("aws:kms"):
            unwrap_object_key(call, bucket, version.scheme, version.wrapped_key, None)
        output.update(_read_checksum_fields(call, version, span))
    if call.get("PartNumber") is not None and version.parts is not None:
        output["PartsCount"] = len(version.parts)
    _add_content_range(output, span, version.size)
    if span is not None:
        call.status = 206
    return output


OPERATIONS: dict[str, Handler] = {
    "GetObject": get_object,
    "HeadObject": head_object,
}

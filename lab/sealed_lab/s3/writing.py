# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Writing objects: properties from the headers, bytes from the body. PutObject."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from ..call import Call, Handler, Output
from ..errors import ServiceError, invalid_request
from ..protocol.values import rfc822
from ..storage import BlobWriter
from .access import authorize, find_bucket
from .acl_permissions import owner_of_upload
from .acls import acl_from_headers, check_acl_permission, refuse_public_acl
from .conditions import check_write, watch_key
from .encryption import KeyPlan, encryption_fields, plan_write
from .integrity import BodyCheck, select_algorithm
from .object_conditions import requested_tag_conditions
from .object_lock import lock_from_request
from .state import Bucket, KeyWatch, ObjectVersion
from .tag_sets import OBJECT_TAGS, check_tags, parse_tagging_header
from .user_metadata import decode_value
from .versions import add_version, put_version_id

MAX_PUT = 5 * 1024**3
_METADATA_LIMIT = 2048
CONTENT_HEADERS = (
    "ContentType",
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "Expires",
    "WebsiteRedirectLocation",
)


_STORAGE_CLASSES = {
    "STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "DEEP_ARCHIVE",
    "GLACIER_IR",
}  # fmt: skip


def check_storage_class(name: str) -> None:
    """Refuse the storage classes that general purpose buckets do not have."""
    if name not in _STORAGE_CLASSES:
        raise ServiceError(
            "InvalidStorageClass", "The storage class you specified is not valid", 400,
            fields={"StorageClassRequested": name},
        )  # fmt: skip


def _without_chunked(encodings: str) -> str:
    """Return a content encoding without ``aws-chunked``, which is only how the body is sent."""
    kept = [each for each in encodings.split(",") if each.strip() != "aws-chunked"]
    return ",".join(kept).strip()


def version_template(call: Call, bucket: Bucket, key: str, params: Mapping[str, Any]) -> ObjectVersion:
    """Return a version with all properties from the headers, without bytes."""
    if len(key.encode()) > 1024:
        raise ServiceError("KeyTooLongError", "Your key is too long", 400, fields={"MaxSizeAllowed": "1024"})
    metadata: dict[str, str] = params.get("Metadata", {})
    if call.upload is None:  # a form is Unicode text, which S3 does not decode
        metadata = {name: decode_value(value) for name, value in metadata.items()}
    if sum(len(name.encode()) + len(value.encode()) for name, value in metadata.items()) > _METADATA_LIMIT:
        raise ServiceError(
            "MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size", 400,
            fields={"MaxSizeAllowed": str(_METADATA_LIMIT)},
        )  # fmt: skip
    headers: list[tuple[str, str]] = []
    for name in CONTENT_HEADERS:
        value = params.get(name)
        if name == "ContentEncoding" and value is not None:
            value = _without_chunked(value) or None
        if value is not None:
            headers.append((name, rfc822(value) if isinstance(value, float) else str(value)))
    if params.get("ContentType") is None:
        headers.insert(0, ("ContentType", "binary/octet-stream"))
    tags: tuple[tuple[str, str], ...] = ()
    if params.get("Tagging"):
        tags = tuple(check_tags(parse_tagging_header(params["Tagging"]), OBJECT_TAGS).items())
        authorize(call, bucket, "PutObjectTagging", key, _requested_tags(call))
    check_storage_class(params.get("StorageClass") or "STANDARD")
    lock = lock_from_request(call, bucket, params)
    owner = owner_of_upload(call, bucket)
    acl = acl_from_headers(bucket, owner, params, by_owner=call.account == bucket.account)
    refuse_public_acl(call, bucket, bucket.object_arn(key), acl)
    return ObjectVersion(
        key, "", 0.0, storage_class=params.get("StorageClass") or "STANDARD", headers=tuple(headers),
        metadata=tuple(metadata.items()), tags=tags, lock=lock, owner=owner, acl=acl,
    )  # fmt: skip


def authorize_put(call: Call, bucket: Bucket, key: str) -> None:
    """Check the permissions for a write."""
    authorize(call, bucket, "PutObject", key, _requested_tags(call))
    check_acl_permission(call, bucket, key)
    if call.get("ObjectLockMode"):
        authorize(call, bucket, "PutObjectRetention", key)
    if call.get("ObjectLockLegalHoldStatus"):
        authorize(call, bucket, "PutObjectLegalHold", key)


def _requested_tags(call: Call) -> dict[str, list[str]]:
    tagging = call.get("Tagging")
    return requested_tag_conditions(parse_tagging_header(tagging)) if tagging else {}


async def receive_body(call: Call, writer: BlobWriter, check: BodyCheck, limit: int = MAX_PUT) -> None:
    """Write the request body into a blob, and verify its hashes. The blob is discarded on any error."""
    try:
        length = _declared_length(call)
        if length.isdigit() and int(length) > limit:
            raise _too_large(int(length), limit)
        if call.body is not None:
            async for piece in call.body:
                check.update(piece)
                writer.write(piece)
        if check.size > limit:
            raise _too_large(check.size, limit)
        check.finish(call)
    except BaseException:
        writer.discard()
        raise


def _declared_length(call: Call) -> str:
    """Return the length of the object that the headers declare, which S3 requires. A form has none."""
    request = call.request
    length = request.header("x-amz-decoded-content-length")
    if not length and request.header("transfer-encoding"):
        raise ServiceError(
            "NotImplemented", "A header you provided implies functionality that is not implemented", 501,
            fields={"Header": "Transfer-Encoding"},
        )  # fmt: skip
    if not request.header("x-amz-content-sha256").startswith("STREAMING-"):
        length = length or request.header("content-length")
    if not length and call.upload is None:
        raise ServiceError("MissingContentLength", "You must provide the Content-Length HTTP header.", 411)
    return length


def _too_large(size: int, limit: int) -> ServiceError:
    return ServiceError(
        "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", 400,
        fields={"ProposedSize": str(size), "MaxSizeAllowed": str(limit)},
    )  # fmt: skip


def make_etag(plan_algorithm: str, md5_hex: str) -> str:
    """Return the MD5 for SSE-S3.

    For all other encryption it is a random value in the same format (API Reference, Object).
    """
    return md5_hex if plan_algorithm == "AES256" else secrets.token_hex(16)


async def put_object(call: Call) -> Output:
    """Store one object."""
    bucket = find_bucket(call)
    with watch_key(bucket, call["Key"]) as watch:
        return await _put_object(call, bucket, watch)


async def _put_object(call: Call, bucket: Bucket, watch: KeyWatch) -> Output:
    key = call["Key"]
    authorize_put(call, bucket, key)
    if call.get("WriteOffsetBytes") is not None:
        raise ServiceError("NotImplemented", "Appending works in directory buckets only.", 501)
    template = version_template(call, bucket, key, call.params)
    algorithm = select_algorithm(call)
    check_write(call, bucket, key)
    if bucket.lock_enabled and template.lock is not None and not _has_integrity(call):
        raise invalid_request(
            "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters"
        )
    plan = plan_write(call, bucket, key)
    check = BodyCheck.for_call(call, algorithm)
    writer = BlobWriter(call.lab.store, plan.object_key, plan.scheme.layers)
    await receive_body(call, writer, check)
    blob = writer.finish()
    bucket = find_bucket(call)
    check_write(call, bucket, key, watch)
    version = template
    version.modified = call.now()
    version.etag = make_etag(plan.scheme.algorithm, check.md5.hexdigest())
    version.size = check.size
    version.scheme, version.wrapped_key, version.blobs = plan.scheme, plan.wrapped_key, (blob,)
    version.checksums = ((algorithm.name, check.checksum(algorithm)),)
    version.checksum_type = "FULL_OBJECT"
    add_version(call, bucket, version)
    return {
        **write_fields(bucket, version, plan),
        algorithm.member: check.checksum(algorithm),
        "ChecksumType": "FULL_OBJECT",
    }


def _has_integrity(call: Call) -> bool:
    return BodyCheck.for_call(call).has_digest


def write_fields(bucket: Bucket, version: ObjectVersion, plan: KeyPlan) -> Output:
    """Return the fields that responses to writes share."""
    found: Output = {"ETag": f'"{version.etag}"', **encryption_fields(plan.scheme)}
    if plan.wrapped_key.context_header:
        found["SSEKMSEncryptionContext"] = plan.wrapped_key.context_header
    version_id = put_version_id(bucket, version)
    if version_id is not None:
        found["VersionId"] = version_id
    return found


OPERATIONS: dict[str, Handler] = {"PutObject": put_object}

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""CopyObject: create another object, or change the encryption of an object by copying it onto itself.

The API reference defines what is copied: metadata and tags by their directives, but never storage class, encryption,
ACL and Object Lock. A copy of an object onto itself must change something.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from ..call import Call, Handler, Output
from ..errors import ServiceError, invalid_argument, invalid_request
from ..host_names import parse_plain_host_name
from ..storage import Blob, BlobWriter
from .access import access_denied, authorize, find_bucket, is_expected_owner, no_such_bucket
from .checksums import ALGORITHMS, DEFAULT, encode
from .conditions import check_copy_source, check_write, watch_key
from .customer_keys import read_customer_key
from .encryption import KeyPlan, encryption_fields, plan_write, unwrap_object_key
from .object_annotations import copy_annotations
from .object_conditions import existing_tag_conditions
from .object_table import NULL_VERSION
from .reading import plaintext
from .restoring import is_archived
from .state import Bucket, KeyWatch, ObjectVersion
from .user_metadata import encode_value
from .versions import add_version, find_version, visible_version_id
from .writing import CONTENT_HEADERS, authorize_put, make_etag, version_template

MAX_COPY = 5 * 1024**3


@dataclass(frozen=True, slots=True)
class CopySource:
    """The source of a copy, and its object key."""

    bucket: Bucket
    version: ObjectVersion
    object_key: bytes


def parse_copy_source(text: str) -> tuple[str, str, str | None]:
    """Return bucket, key and version id of ``x-amz-copy-source``."""
    # S3 decodes a plus sign as a space.
    path, _, query = text.replace("+", " ").partition("?")
    version_id = None
    if query:
        name, _, value = query.partition("=")
        if name != "versionId":
            raise invalid_argument("Unsupported copy source parameter.")
        version_id = unquote(value)
    decoded = unquote(_path_of_url(path))
    bucket, _, key = decoded.removeprefix("/").partition("/")
    if bucket.startswith("arn:"):
        raise ServiceError("NotImplemented", "The lab has no access points.", 501)
    if not bucket or not key:
        raise invalid_argument("Invalid copy source object key", "x-amz-copy-source", "x-amz-copy-source")
    return bucket, key, version_id


def _path_of_url(text: str) -> str:
    """Return the path of a URL with a host name of S3, and every other text as it is.

    Not documented. Recorded from AWS: localstack, test_s3_timestamp_precision.
    """
    url = urlsplit(text)
    name = parse_plain_host_name(url.netloc.lower()) if url.scheme in ("http", "https") else None
    if name is None:
        return text
    return f"/{name.bucket}{url.path}" if name.bucket else url.path


def open_copy_source(call: Call) -> CopySource:
    """Return the source of a copy. Permissions and conditions are checked, and its object key is unwrapped."""
    name, key, version_id = parse_copy_source(call["CopySource"])
    bucket = call.lab.state.s3.bucket(call.partition, name)
    if bucket is None:
        raise no_such_bucket(name)
    if not is_expected_owner(call, bucket, "ExpectedSourceBucketOwner"):
        raise access_denied()
    action = "GetObject" if version_id is None else "GetObjectVersion"
    authorize(call, bucket, action, key, existing_tag_conditions(bucket, key, version_id))
    try:
        version = find_version(call, bucket, key, version_id)
    except ServiceError as error:
        if error.code == "MethodNotAllowed":
            raise invalid_request(
                "The source of a copy request may not specifically refer to a delete marker by version id."
            ) from error
        raise
    if is_archived(bucket, version, call.now()):
        raise ServiceError(
            "ObjectNotInActiveTierError",
            "The source object of the COPY action is not in the active tier and is only stored in Amazon S3 Glacier.",
            403,
        )
    assert version.scheme is not None
    assert version.wrapped_key is not None
    customer = read_customer_key(call.params, source=True)
    object_key = unwrap_object_key(call, bucket, version.scheme, version.wrapped_key, customer)
    check_copy_source(call.params, version, call.now())
    return CopySource(bucket, version, object_key)


def _check_in_place(call: Call, source: CopySource, target: Bucket) -> None:
    """Refuse a copy of an object onto itself that changes nothing (API Reference, CopyObject).

    S3 accepts it if the request names a version, if the object is not encrypted with SSE-S3, which is what a request
    without encryption selects, and in a bucket whose default encryption was ever put, whatever it is.
    """
    if source.bucket is not target or source.version.key != call["Key"]:
        return
    _, _, version_id = parse_copy_source(call["CopySource"])
    if version_id is not None or target.encryption_was_put:
        return
    assert source.version.scheme is not None
    if source.version.scheme.algorithm != "AES256":
        return
    change_parameters = (
        "ServerSideEncryption",
        "SSECustomerAlgorithm",
        "StorageClass",
        "WebsiteRedirectLocation",
        "ChecksumAlgorithm",
        "ObjectLockMode",
        "ObjectLockLegalHoldStatus",
    )
    if any(call.get(name) for name in change_parameters) or call.get("MetadataDirective") == "REPLACE":
        return
    raise invalid_request(
        "This copy request is illegal because it is trying to copy an object to itself without changing the "
        "object's metadata, storage class, website redirect location or encryption attributes."
    )


def _merge_params(call: Call, source: ObjectVersion) -> dict[str, Any]:
    """Return the parameters of the new object.

    They are those of the request, and those of the source where a directive is COPY.
    """
    params = dict(call.params)
    if call.get("MetadataDirective", "COPY") == "COPY":
        params["Metadata"] = {name: encode_value(value) for name, value in source.metadata}
        redirect = params.get("WebsiteRedirectLocation")
        for name in CONTENT_HEADERS:
            params.pop(name, None)
        params.update({name: value for name, value in source.headers if name != "WebsiteRedirectLocation"})
        if redirect is not None:
            params["WebsiteRedirectLocation"] = redirect
    if call.get("TaggingDirective", "COPY") == "COPY":
        params.pop("Tagging", None)
    return params


@dataclass(slots=True)
class ReencryptedData:
    """The result of copying bytes from one object key to another."""

    blob: Blob
    md5: str
    size: int
    digest: str


async def reencrypt(
    call: Call, source: CopySource, plan: KeyPlan, algorithm: str, start: int = 0, end: int | None = None
) -> ReencryptedData:
    """Decrypt with the key of the source and encrypt with the key of the plan. Other calls can run meanwhile."""
    writer = BlobWriter(call.lab.store, plan.object_key, plan.scheme.layers)
    md5 = hashlib.md5()
    checksum = ALGORITHMS[algorithm].new_digest()
    copied = 0
    try:
        for piece in plaintext(source.version, source.object_key, start, end):
            writer.write(piece)
            md5.update(piece)
            checksum.update(piece)
            copied += len(piece)
            if copied % (4 * 1024 * 1024) < len(piece):
                await asyncio.sleep(0)
    except BaseException:
        writer.discard()
        raise
    return ReencryptedData(writer.finish(), md5.hexdigest(), copied, encode(checksum.digest()))


def _checksum_algorithm(call: Call, source: ObjectVersion) -> str:
    """Return the checksum algorithm of the request, else of the source, else S3's default.

    The checksum of a copy is always full-object, even if that of the source is composite.
    """
    requested = call.get("ChecksumAlgorithm")
    if requested:
        return str(requested)
    if source.checksums:
        return source.checksums[0][0]
    return DEFAULT.name


async def copy_object(call: Call) -> Output:
    """Copy up to 5 GB in one request."""
    target = find_bucket(call)
    with watch_key(target, call["Key"]) as watch:
        return await _copy_object(call, target, watch)


async def _copy_object(call: Call, target: Bucket, watch: KeyWatch) -> Output:
    key = call["Key"]
    source = open_copy_source(call)
    authorize_put(call, target, key)
    if source.version.size > MAX_COPY:
        raise invalid_request(
            f"The specified copy source is larger than the maximum allowable size for a copy source: {MAX_COPY}"
        )
    _check_in_place(call, source, target)
    params = _merge_params(call, source.version)
    version = version_template(call, target, key, params)
    if call.get("TaggingDirective", "COPY") == "COPY":
        version.tags = _copy_tags(call, source, target)
    plan = plan_write(call, target, key)
    version.annotations = copy_annotations(call, source.bucket, source.version, target, plan.scheme.algorithm)
    check_write(call, target, key)
    algorithm = _checksum_algorithm(call, source.version)
    copied = await reencrypt(call, source, plan, algorithm)
    check_write(call, target, key, watch)
    version.modified = call.now()
    version.etag = make_etag(plan.scheme.algorithm, copied.md5)
    version.size = copied.size
    version.scheme, version.wrapped_key, version.blobs = plan.scheme, plan.wrapped_key, (copied.blob,)
    version.checksums = ((algorithm, copied.digest),)
    version.checksum_type = "FULL_OBJECT"
    add_version(call, target, version)
    result: dict[str, Any] = {
        "ETag": f'"{version.etag}"',
        "LastModified": float(int(version.modified)),
        f"Checksum{algorithm}": copied.digest,
        "ChecksumType": "FULL_OBJECT",
    }
    output: Output = {"CopyObjectResult": result, **encryption_fields(plan.scheme)}
    if plan.wrapped_key.context_header:
        output["SSEKMSEncryptionContext"] = plan.wrapped_key.context_header
    if visible_version_id(target, version) is not None:
        output["VersionId"] = version.version_id
    output.update(source_version_field(source))
    return output


def source_version_field(source: CopySource) -> Output:
    """Return the version id of a source. S3 returns it in a bucket with versioning, but never ``null``."""
    version_id = source.version.version_id
    if not source.bucket.versioning or version_id == NULL_VERSION:
        return {}
    return {"CopySourceVersionId": version_id}


def _copy_tags(call: Call, source: CopySource, target: Bucket) -> tuple[tuple[str, str], ...]:
    if not source.version.tags:
        return ()
    tags = existing_tag_conditions(source.bucket, source.version.key, source.version.version_id)
    authorize(call, source.bucket, "GetObjectTagging", source.version.key, tags)
    authorize(call, target, "PutObjectTagging", call["Key"])
    return source.version.tags


OPERATIONS: dict[str, Handler] = {"CopyObject": copy_object}

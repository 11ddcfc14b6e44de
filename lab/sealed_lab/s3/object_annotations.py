# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Annotations: named texts of one version of an object (API Reference, PutObjectAnnotation)."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator

from ..call import Call, Handler, Output
from ..errors import ServiceError, invalid_request
from ..protocol.wire import read_body
from .access import authorize, find_bucket
from .integrity import BodyCheck
from .state import Annotation, Bucket, ObjectVersion
from .versions import find_version, visible_version_id

_MAX_COUNT, _MAX_SIZE, _MAX_NAME_BYTES = 1000, 1024 * 1024, 512


def _find_authorized_version(call: Call, action: str) -> tuple[Bucket, ObjectVersion]:
    bucket = find_bucket(call)
    authorize(call, bucket, action, call["Key"])
    return bucket, find_version(call, bucket, call["Key"], call.get("VersionId"))


def _version_id_field(bucket: Bucket, version: ObjectVersion) -> Output:
    version_id = visible_version_id(bucket, version)
    return {} if version_id is None else {"ObjectVersionId": version_id}


def _check_match(call: Call, version: ObjectVersion) -> None:
    expected = call.get("ObjectIfMatch")
    if expected is not None and expected.strip('"') != version.etag:
        raise ServiceError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412)


async def put_object_annotation(call: Call) -> Output:
    """Set an annotation. It has the encryption of its object. An object with SSE-C cannot have one."""
    name = call["AnnotationName"]
    if len(name.encode()) > _MAX_NAME_BYTES:
        raise ServiceError("AnnotationNameTooLong", "The annotation name exceeds 512 bytes.", 400)
    if not name:
        raise ServiceError("InvalidAnnotationName", "The annotation name you provided is invalid.", 400)
    assert call.body is not None
    data = await read_body(call.body, _MAX_SIZE)
    check = BodyCheck.for_call(call)
    check.update(data)
    check.finish(call)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ServiceError("UnsupportedMediaType", "The payload is not valid UTF-8 encoded text.", 415) from error
    bucket, version = _find_authorized_version(call, "PutObjectAnnotation")
    _check_match(call, version)
    assert version.scheme is not None
    if not version.scheme.algorithm:
        raise invalid_request("Objects encrypted with SSE-C cannot have annotations.")
    if not data:
        raise invalid_request("An annotation has at least one byte.")
    others = tuple(each for each in version.annotations if each.name != name)
    if len(others) >= _MAX_COUNT:
        raise ServiceError("AnnotationLimitExceeded", "An object has at most 1000 annotations.", 400)
    annotation = Annotation(name, data, call.now())
    version.annotations = (*others, annotation)
    return {"Key": version.key, "AnnotationName": name, "ETag": _etag(annotation), **_version_id_field(bucket, version)}


def _etag(annotation: Annotation) -> str:
    return f'"{hashlib.md5(annotation.data).hexdigest()}"'


async def _single_chunk(data: bytes) -> AsyncIterator[bytes]:
    yield data


def get_object_annotation(call: Call) -> Output:
    """Return one annotation."""
    bucket, version = _find_authorized_version(call, "GetObjectAnnotation")
    for found in version.annotations:
        if found.name == call["AnnotationName"]:
            call.stream, call.stream_length = _single_chunk(found.data), len(found.data)
            return {
                "LastModified": float(int(found.modified)),
                "ContentLength": len(found.data),
                "ETag": _etag(found),
                **_version_id_field(bucket, version),
            }
    raise ServiceError("NoSuchAnnotation", "The specified annotation does not exist on this object.", 404)


def list_object_annotations(call: Call) -> Output:
    """List the annotations by prefix, in pages."""
    bucket, version = _find_authorized_version(call, "ListObjectAnnotations")
    limit = int(call.get("MaxAnnotationResults") or _MAX_COUNT)
    prefix, after = call.get("AnnotationPrefix") or "", call.get("ContinuationToken") or ""
    found = sorted(version.annotations, key=lambda each: each.name)
    remaining = [each for each in found if each.name.startswith(prefix) and each.name > after]
    page = remaining[:limit]
    output: Output = {
        "Bucket": bucket.name,
        "Key": version.key,
        "MaxAnnotationResults": limit,
        "AnnotationCount": len(page),
        "Annotations": [
            {
                "AnnotationName": each.name,
                "LastModified": float(int(each.modified)),
                "ETag": _etag(each),
                "Size": len(each.data),
            }
            for each in page
        ],
        **_version_id_field(bucket, version),
    }
    if len(remaining) > limit:
        output["NextContinuationToken"] = page[-1].name
    return output


def delete_object_annotation(call: Call) -> Output:
    """Delete one annotation."""
    bucket, version = _find_authorized_version(call, "DeleteObjectAnnotation")
    _check_match(call, version)
    version.annotations = tuple(each for each in version.annotations if each.name != call["AnnotationName"])
    return _version_id_field(bucket, version)


def copy_annotations(
    call: Call, source_bucket: Bucket, source: ObjectVersion, target: Bucket, algorithm: str
) -> tuple[Annotation, ...]:
    """Return the annotations of a copy: all, unless the directive is EXCLUDE. A copy with SSE-C cannot have any."""
    if call.get("AnnotationDirective", "COPY") != "COPY" or not source.annotations:
        return ()
    authorize(call, source_bucket, "GetObjectAnnotation", source.key)
    authorize(call, target, "PutObjectAnnotation", call["Key"])
    if not algorithm:
        raise invalid_request("Objects encrypted with SSE-C cannot have annotations.")
    return source.annotations


OPERATIONS: dict[str, Handler] = {
    "PutObjectAnnotation": put_object_annotation,
    "GetObjectAnnotation": get_object_annotation,
    "ListObjectAnnotations": list_object_annotations,
    "DeleteObjectAnnotation": delete_object_annotation,
}

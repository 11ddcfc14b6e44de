# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""DeleteObject and DeleteObjects, with versions and delete markers."""

from __future__ import annotations

from typing import Any

from ..call import Call, Handler, Output
from ..errors import ServiceError
from ..protocol.xml_shapes import malformed_xml
from .access import authorize, find_bucket
from .conditions import precondition_failed, unsupported_condition
from .object_lock import check_bypass, check_deletion
from .state import Bucket, ObjectVersion
from .versions import add_version, check_version_id


def _delete(call: Call, bucket: Bucket, key: str, version_id: str | None, etag: str | None = None) -> Output:
    """Delete a version, delete the object, or add a delete marker."""
    authorize(call, bucket, "DeleteObject" if version_id is None else "DeleteObjectVersion", key)
    if version_id is not None:
        return _delete_version(call, bucket, key, version_id)
    if etag is not None and etag.strip() != "*":
        # Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-delete-enforce.html
        authorize(call, bucket, "GetObject", key)
    latest = bucket.objects.latest(key)
    if etag is not None:
        if latest is None or latest.is_marker:
            raise ServiceError("NoSuchKey", "The specified key does not exist.", 404, fields={"Key": key})
        if etag.strip() != "*" and latest.etag != etag.strip().strip('"'):
            raise precondition_failed("If-Match")
    if not bucket.versioning:
        if latest is not None:
            _remove(bucket, latest)
        return {}
    marker = ObjectVersion(key, "", call.now(), owner=bucket.account)
    add_version(call, bucket, marker)
    return {"DeleteMarker": True, "VersionId": marker.version_id}


def _delete_version(call: Call, bucket: Bucket, key: str, version_id: str) -> Output:
    for version in bucket.objects.versions(key):
        if version.version_id == version_id:
            if not version.is_marker:
                check_deletion(call, bucket, version)
            _remove(bucket, version)
            output: Output = {"VersionId": version_id}
            if version.is_marker:
                output["DeleteMarker"] = True
            return output
    check_version_id(version_id)
    return {"VersionId": version_id}


def _remove(bucket: Bucket, version: ObjectVersion) -> None:
    bucket.objects.remove(version)
    bucket.note_change(version.key)


_DIRECTORY_BUCKET_CONDITIONS = {
    "IfMatchLastModifiedTime": "x-amz-if-match-last-modified-time",
    "IfMatchSize": "x-amz-if-match-size",
}


def delete_object(call: Call) -> Output:
    """Delete one object or version. A key that does not exist is not an error."""
    bucket = find_bucket(call)
    check_bypass(call, bucket)
    for name, header in _DIRECTORY_BUCKET_CONDITIONS.items():
        if name in call.params:
            raise unsupported_condition(header)
    return _delete(call, bucket, call["Key"], call.get("VersionId"), call.get("IfMatch"))


def delete_objects(call: Call) -> Output:
    """Delete up to 1,000 objects. Each has its own result."""
    bucket = find_bucket(call)
    check_bypass(call, bucket)
    requested = call["Delete"]["Objects"]
    if not 1 <= len(requested) <= 1000:
        raise malformed_xml()
    deleted: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    for item in requested:
        key, version_id = item["Key"], item.get("VersionId")
        try:
            outcome = _delete(call, bucket, key, version_id, item.get("ETag"))
        except ServiceError as error:
            code, message = error.code, error.message
            if version_id is not None and code == "InvalidArgument":
                # Only DeleteObject reports that the id is invalid.
                code, message = "NoSuchVersion", "The specified version does not exist."
            entry = {"Key": key, "Code": code, "Message": message}
            if version_id is not None:
                entry["VersionId"] = version_id
            errors.append(entry)
            continue
        entry = {"Key": key}
        if version_id is not None:
            entry["VersionId"] = version_id
        if outcome.get("DeleteMarker"):
            entry["DeleteMarker"] = True
            entry["DeleteMarkerVersionId"] = outcome["VersionId"]
        deleted.append(entry)
    return {"Deleted": [] if call["Delete"].get("Quiet") else deleted, "Errors": errors}


OPERATIONS: dict[str, Handler] = {"DeleteObject": delete_object, "DeleteObjects": delete_objects}

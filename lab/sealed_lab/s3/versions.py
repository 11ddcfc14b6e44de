# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Find a version to read, and add a new version."""

from __future__ import annotations

from ..call import Call
from ..errors import ServiceError, invalid_argument
from .access import denial_message
from .expiration import expiration_header
from .names import is_version_id, new_version_id
from .object_table import NULL_VERSION
from .replication_status import replication_status
from .state import Bucket, ObjectVersion


def no_such_key(key: str) -> ServiceError:
    """Return the error for a key that does not exist."""
    return ServiceError("NoSuchKey", "The specified key does not exist.", 404, fields={"Key": key})


def _not_allowed(call: Call, marker: ObjectVersion) -> ServiceError:
    """Return the error for a request to a delete marker."""
    return ServiceError(
        "MethodNotAllowed",
        "The specified method is not allowed against this resource.",
        405,
        fields={"Method": call.request.method, "ResourceType": "DeleteMarker"},
        headers={"x-amz-delete-marker": "true", "x-amz-version-id": marker.version_id, "Allow": "DELETE"},
    )


def refuse_current_marker(call: Call, bucket: Bucket) -> None:
    """Refuse a request without a version id if the current version is a delete marker.

    S3 refuses tag sets and a new ACL so. All other requests find no object there.
    """
    latest = bucket.objects.latest(call["Key"])
    if call.get("VersionId") is None and latest is not None and latest.is_marker:
        raise _not_allowed(call, latest)


def find_version(call: Call, bucket: Bucket, key: str, version_id: str | None) -> ObjectVersion:
    """Return the version that a read requests. Raise the errors of S3 for a delete marker and for a missing object.

    Without s3:ListBucket S3 does not reveal that a key does not exist: it returns 403 instead of 404.
    """
    if version_id is None:
        latest = bucket.objects.latest(key)
        if latest is None or latest.is_marker:
            message = denial_message(call, bucket, "ListBucket")
            if message is not None:
                raise ServiceError("AccessDenied", message, 403)
            error = no_such_key(key)
            if latest is not None:
                error.headers = {"x-amz-delete-marker": "true", "x-amz-version-id": latest.version_id}
            raise error
        return latest
    for version in bucket.objects.versions(key):
        if version.version_id == version_id:
            if version.is_marker:
                raise _not_allowed(call, version)
            return version
    check_version_id(version_id)
    raise ServiceError(
        "NoSuchVersion", "The specified version does not exist.", 404, fields={"Key": key, "VersionId": version_id}
    )


def check_version_id(version_id: str) -> None:
    """Refuse a version id that S3 never issues."""
    if version_id != NULL_VERSION and not is_version_id(version_id):
        raise invalid_argument("Invalid version id specified", "versionId", version_id)


def add_version(call: Call, bucket: Bucket, version: ObjectVersion) -> None:
    """Store a finished version as the newest one, with a version id.

    The response shows when a lifecycle rule will expire it.
    """
    version.sequence = call.lab.state.s3.next_sequence()
    version.version_id = new_version_id(version.sequence) if bucket.versioning == "Enabled" else NULL_VERSION
    version.replication = replication_status(bucket, version)
    bucket.objects.add(version)
    bucket.note_change(version.key)
    expiration = None if version.is_marker else expiration_header(bucket, version)
    if expiration is not None:
        call.extra_headers["x-amz-expiration"] = expiration


def visible_version_id(bucket: Bucket, version: ObjectVersion) -> str | None:
    """Return the version id for a response, None for an unversioned bucket."""
    return version.version_id if bucket.versioning else None


def put_version_id(bucket: Bucket, version: ObjectVersion) -> str | None:
    """Return the version id for the response to PutObject and CompleteMultipartUpload.

    It has none in a bucket with suspended versioning, unlike CopyObject and DeleteObject, which return ``null``.
    """
    return version.version_id if bucket.versioning == "Enabled" else None

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Versioning and tags of buckets."""

from __future__ import annotations

from ..call import Call, Handler, Output
from ..errors import ServiceError
from ..tags import tag_list
from .access import get_authorized_bucket
from .tag_sets import BUCKET_TAGS, check_tags


def put_bucket_versioning(call: Call) -> Output:
    """Enable or suspend versioning. A bucket cannot return to the unversioned state."""
    bucket = get_authorized_bucket(call, "PutBucketVersioning")
    status = call["VersioningConfiguration"].get("Status")
    if call["VersioningConfiguration"].get("MFADelete") == "Enabled":
        raise ServiceError("NotImplemented", "The lab has no MFA devices.", 501)
    if status is None:
        raise ServiceError("IllegalVersioningConfigurationException", "The Versioning element must be specified", 400)
    if bucket.lock_enabled and status != "Enabled":
        raise ServiceError(
            "InvalidBucketState",
            "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.",
            409,
        )
    if "replication" in bucket.documents and status != "Enabled":
        raise ServiceError(
            "InvalidBucketState",
            "A replication configuration is present on this bucket, so you cannot change the versioning state. To "
            "change the versioning state, first delete the replication configuration.",
            409,
        )
    bucket.versioning = status
    return {}


def get_bucket_versioning(call: Call) -> Output:
    """Return the status, nothing for an unversioned bucket."""
    bucket = get_authorized_bucket(call, "GetBucketVersioning")
    return {"Status": bucket.versioning} if bucket.versioning else {}


def put_bucket_tagging(call: Call) -> Output:
    """Replace the tag set."""
    bucket = get_authorized_bucket(call, "PutBucketTagging")
    bucket.tags = check_tags(call["Tagging"].get("TagSet", ()), BUCKET_TAGS)
    call.status = 204
    return {}


def get_bucket_tagging(call: Call) -> Output:
    """Return the tag set. Raise NoSuchTagSet if there is none."""
    bucket = get_authorized_bucket(call, "GetBucketTagging")
    if not bucket.tags:
        raise ServiceError("NoSuchTagSet", "The TagSet does not exist", 404, fields={"BucketName": bucket.name})
    return {"TagSet": tag_list(bucket.tags)}


def delete_bucket_tagging(call: Call) -> Output:
    """Remove the tag set."""
    get_authorized_bucket(call, "PutBucketTagging").tags = None
    return {}


OPERATIONS: dict[str, Handler] = {
    "PutBucketVersioning": put_bucket_versioning,
    "GetBucketVersioning": get_bucket_versioning,
    "PutBucketTagging": put_bucket_tagging,
    "GetBucketTagging": get_bucket_tagging,
    "DeleteBucketTagging": delete_bucket_tagging,
}

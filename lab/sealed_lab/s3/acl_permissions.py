# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""What the ACLs of buckets and objects allow to other accounts and to everybody.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html (mapping of ACL permissions)
"""

from __future__ import annotations

from collections.abc import Iterable

from ..call import Call
from .names import canonical_id
from .public_access import blocks
from .state import Bucket, Grant, ObjectVersion

_GROUPS = "http://acs.amazonaws.com/groups/global/"
ALL_USERS, AUTHENTICATED = f"{_GROUPS}AllUsers", f"{_GROUPS}AuthenticatedUsers"
_OF_BUCKETS = {
    "ListBucket": "READ",
    "ListBucketVersions": "READ",
    "ListBucketMultipartUploads": "READ",
    "PutObject": "WRITE",
    "GetBucketAcl": "READ_ACP",
    "PutBucketAcl": "WRITE_ACP",
}
_OF_OBJECTS = {
    "GetObject": "READ",
    "GetObjectVersion": "READ",
    "GetObjectAcl": "READ_ACP",
    "GetObjectVersionAcl": "READ_ACP",
    "PutObjectAcl": "WRITE_ACP",
    "PutObjectVersionAcl": "WRITE_ACP",
}


def object_ownership(bucket: Bucket) -> str:
    """Return BucketOwnerEnforced, BucketOwnerPreferred or ObjectWriter.

    The last is the default of a bucket without this setting.
    """
    rules = (bucket.documents.get("ownershipControls") or {}).get("Rules")
    return str(rules[0]["ObjectOwnership"]) if rules else "ObjectWriter"


def acl_allows(call: Call, bucket: Bucket, action: str, key: str | None) -> bool:
    """Return whether the ACL of the bucket or of the object grants ``s3:action`` to the caller."""
    if object_ownership(bucket) == "BucketOwnerEnforced":
        return False
    version = _version(call, bucket, key) if key is not None else None
    owned = version is not None and version.owner == call.account
    if action == "PutObjectAcl" and call.operation.name != "PutObjectAcl":
        action = "PutObject"  # the writer of an object owns it, and can give it an ACL
    if action in _OF_BUCKETS or (action == "DeleteObject" and owned):
        return _grants(call, bucket, bucket.acl, _OF_BUCKETS.get(action, "WRITE"))
    if action not in _OF_OBJECTS or key is None:
        return False
    if version is None or version.is_marker:
        # Who may list the bucket learns that the object does not exist.
        return _OF_OBJECTS[action] == "READ" and _grants(call, bucket, bucket.acl, "READ")
    return (owned and not version.acl) or _grants(call, bucket, version.acl, _OF_OBJECTS[action])


def owner_of_upload(call: Call, bucket: Bucket) -> str:
    """Return the account that owns a new object, "" for an anonymous writer.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
    """
    ownership = object_ownership(bucket)
    to_bucket_owner = ownership == "BucketOwnerPreferred" and call.get("ACL") == "bucket-owner-full-control"
    return bucket.account if ownership == "BucketOwnerEnforced" or to_bucket_owner else call.account


def _version(call: Call, bucket: Bucket, key: str) -> ObjectVersion | None:
    version_id = call.get("VersionId")
    if version_id is None:
        return bucket.objects.latest(key)
    return next((each for each in bucket.objects.versions(key) if each.version_id == version_id), None)


def _grants(call: Call, bucket: Bucket, acl: Iterable[Grant], permission: str) -> bool:
    grantees = {each.grantee for each in acl if each.permission in (permission, "FULL_CONTROL")}
    if canonical_id(call.account) in grantees:
        return True
    public = {ALL_USERS} if call.caller.anonymous else {ALL_USERS, AUTHENTICATED}
    return bool(grantees & public) and not blocks(call.lab.state, bucket, "IgnorePublicAcls")

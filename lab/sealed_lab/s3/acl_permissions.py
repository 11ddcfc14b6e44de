# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""What the ACL of a bucket or an object allows.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#permissions
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..call import Call
from ..policy_language import ALLOW_EVERYTHING, Policy, PolicyKind
from .names import canonical_id
from .public_access import blocks
from .state import Bucket, Grant

GROUPS = "http://acs.amazonaws.com/groups/"
ALL_USERS, AUTHENTICATED = f"{GROUPS}global/AllUsers", f"{GROUPS}global/AuthenticatedUsers"

# The actions of a permission: in the ACL of a bucket, and in the ACL of an object.
_BUCKET_ACTIONS = {
    "READ": {"ListBucket", "ListBucketVersions", "ListBucketMultipartUploads"},
    "WRITE": {"PutObject"},
    "READ_ACP": {"GetBucketAcl"},
    "WRITE_ACP": {"PutBucketAcl"},
}
_OBJECT_ACTIONS = {
    "READ": {"GetObject", "GetObjectVersion"},
    "READ_ACP": {"GetObjectAcl", "GetObjectVersionAcl"},
    "WRITE_ACP": {"PutObjectAcl", "PutObjectVersionAcl"},
}
# A statement without a principal applies to everyone.
_FOR_EVERYONE = replace(ALLOW_EVERYTHING, kind=PolicyKind.RESOURCE)


def object_ownership(bucket: Bucket) -> str:
    """Return BucketOwnerEnforced, BucketOwnerPreferred or ObjectWriter.

    The last is the default of a bucket without this setting.
    """
    rules = (bucket.documents.get("ownershipControls") or {}).get("Rules")
    return str(rules[0]["ObjectOwnership"]) if rules else "ObjectWriter"


def acl_allows(call: Call, bucket: Bucket, action: str, key: str | None) -> bool:
    """Return whether an ACL allows the action of S3. It is not enough for a user whose own policies do not allow it."""
    if object_ownership(bucket) == "BucketOwnerEnforced":
        return False
    if _allows(call, bucket, bucket.acl, _BUCKET_ACTIONS, action):
        return True
    if key is None:
        return False
    version_id = call.get("VersionId")
    versions = bucket.objects.versions(key)
    version = next((each for each in reversed(versions) if version_id in (None, each.version_id)), None)
    if version is None:
        # Who may list the bucket learns that there is no such object.
        reads = action in _OBJECT_ACTIONS["READ"]
        return reads and _allows(call, bucket, bucket.acl, _BUCKET_ACTIONS, "ListBucket")
    return _allows(call, bucket, version.acl, _OBJECT_ACTIONS, action)


def with_acl(policy: Policy | None) -> Policy:
    """Return the policy of a bucket with a statement for what an ACL allows. Its denials apply all the same."""
    if policy is None:
        return _FOR_EVERYONE
    return replace(policy, statements=(*policy.statements, *_FOR_EVERYONE.statements))


def _allows(
    call: Call, bucket: Bucket, acl: Sequence[Grant], actions: dict[str, set[str]], action: str
) -> bool:  # fmt: skip
    permissions = {name for name, allowed in actions.items() if action in allowed}
    if not permissions:
        return False
    grantees = {each.grantee for each in acl if each.permission in {*permissions, "FULL_CONTROL"}}
    names = {ALL_USERS} if call.caller.anonymous else {ALL_USERS, AUTHENTICATED}
    if blocks(call.lab.state, bucket, "IgnorePublicAcls"):
        names = set()
    if not call.caller.anonymous:
        names.add(canonical_id(call.account))
    return bool(grantees & names)

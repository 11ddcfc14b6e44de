# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The ACL of a bucket, and its object ownership, which decides whether ACLs are supported."""

from __future__ import annotations

from ..call import Call, Handler, Output
from ..errors import ServiceError
from ..protocol.xml_shapes import malformed_xml
from .access import get_authorized_bucket
from .acls import acl_document, acl_from_request


def get_bucket_acl(call: Call) -> Output:
    """Return the ACL: the full control of the owner, and all other grants."""
    bucket = get_authorized_bucket(call, "GetBucketAcl")
    return acl_document(bucket, bucket.account, bucket.acl)


def put_bucket_acl(call: Call) -> Output:
    """Replace the grants by a document or by headers."""
    bucket = get_authorized_bucket(call, "PutBucketAcl")
    bucket.acl = acl_from_request(call, bucket, bucket.account)
    return {}


def put_bucket_ownership_controls(call: Call) -> Output:
    """Set the object ownership. ACLs cannot be disabled while the ACL of the bucket grants access to others."""
    bucket = get_authorized_bucket(call, "PutBucketOwnershipControls")
    rules = call["OwnershipControls"].get("Rules", ())
    if len(rules) != 1:
        raise malformed_xml()
    if rules[0]["ObjectOwnership"] == "BucketOwnerEnforced" and bucket.acl:
        raise acl_with_enforced_ownership()
    bucket.documents["ownershipControls"] = call["OwnershipControls"]
    return {}


def acl_with_enforced_ownership() -> ServiceError:
    """Return the error for a bucket with an ACL that its object ownership does not support."""
    return ServiceError(
        "InvalidBucketAclWithObjectOwnership",
        "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
        400,
    )


OPERATIONS: dict[str, Handler] = {
    "GetBucketAcl": get_bucket_acl,
    "PutBucketAcl": put_bucket_acl,
    "PutBucketOwnershipControls": put_bucket_ownership_controls,
}

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Access control lists of objects (User Guide, "Access control list (ACL) overview").

They are stored and returned, but not enforced.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..call import Call
from ..errors import ServiceError
from .access import access_denied, authorize
from .names import canonical_id
from .public_access import blocks
from .state import Bucket, Grant

_GROUPS = "http://acs.amazonaws.com/groups/"
ALL_USERS, AUTHENTICATED = f"{_GROUPS}global/AllUsers", f"{_GROUPS}global/AuthenticatedUsers"
_KNOWN_GROUPS = (ALL_USERS, AUTHENTICATED, f"{_GROUPS}s3/LogDelivery")
_PERMISSIONS = {
    "GrantFullControl": "FULL_CONTROL",
    "GrantRead": "READ",
    "GrantReadACP": "READ_ACP",
    "GrantWrite": "WRITE",
    "GrantWriteACP": "WRITE_ACP",
}
# The canonical user of EC2. The canned ACL aws-exec-read lets it read machine images.
_EC2 = "6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c"
_GRANTEE = re.compile(r'\s*(?P<kind>id|uri|emailAddress)="?(?P<name>[^",]+)"?\s*', re.IGNORECASE)
_CANONICAL = re.compile(r"[0-9a-f]{64}")


def has_acl_parameters(params: Mapping[str, Any]) -> bool:
    """Return whether a request sets an ACL."""
    return any(params.get(name) for name in ("ACL", *_PERMISSIONS))


def object_ownership(bucket: Bucket) -> str:
    """Return BucketOwnerEnforced, BucketOwnerPreferred or ObjectWriter.

    The last is the default of a bucket without this setting.
    """
    rules = (bucket.documents.get("ownershipControls") or {}).get("Rules")
    return str(rules[0]["ObjectOwnership"]) if rules else "ObjectWriter"


def acl_from_headers(bucket: Bucket, owner: str, params: Mapping[str, Any]) -> tuple[Grant, ...]:
    """Return the grants of a request's headers. A private ACL, which is the default of a write, is empty."""
    explicit = [name for name in _PERMISSIONS if params.get(name)]
    canned = params.get("ACL")
    if object_ownership(bucket) == "BucketOwnerEnforced":
        if explicit or canned not in (None, "bucket-owner-full-control"):
            raise ServiceError("AccessControlListNotSupported", "The bucket does not allow ACLs", 400)
        return ()
    if explicit and canned:
        raise ServiceError("InvalidRequest", "Specifying both Canned ACLs and Header Grants is not allowed", 400)
    grants = tuple(grant for name in explicit for grant in _parse_header(_PERMISSIONS[name], params[name]))
    grants = grants or _canned_grants(str(canned or "private"), canonical_id(owner), canonical_id(bucket.account))
    return () if grants == (Grant("FULL_CONTROL", canonical_id(owner)),) else grants


def acl_from_document(bucket: Bucket, owner: str, document: Mapping[str, Any]) -> tuple[Grant, ...]:
    """Return the grants of the body of PutObjectAcl."""
    own = Grant("FULL_CONTROL", canonical_id(owner))
    grants = []
    for grant in document.get("Grants", ()):
        grantee = grant.get("Grantee", {})
        if grantee.get("EmailAddress"):
            raise _email_not_supported()
        grants.append(_validated(Grant(grant["Permission"], grantee.get("URI") or grantee.get("ID", ""))))
    if object_ownership(bucket) == "BucketOwnerEnforced" and grants != [own]:
        raise ServiceError("AccessControlListNotSupported", "The bucket does not allow ACLs", 400)
    return () if grants == [own] else tuple(grants)


def acl_document(bucket: Bucket, owner: str, grants: tuple[Grant, ...]) -> dict[str, Any]:
    """Return the response of GetObjectAcl."""
    if object_ownership(bucket) == "BucketOwnerEnforced":
        owner, grants = bucket.account, ()
    own = canonical_id(owner)
    return {
        "Owner": {"ID": own},
        "Grants": [_grant_document(grant) for grant in grants or (Grant("FULL_CONTROL", own),)],
    }


def _grant_document(grant: Grant) -> dict[str, Any]:
    if grant.grantee.startswith("http"):
        return {"Grantee": {"URI": grant.grantee, "Type": "Group"}, "Permission": grant.permission}
    return {"Grantee": {"ID": grant.grantee, "Type": "CanonicalUser"}, "Permission": grant.permission}


def _canned_grants(name: str, owner: str, bucket_owner: str) -> tuple[Grant, ...]:
    own = Grant("FULL_CONTROL", owner)
    extra = {
        "private": (),
        "public-read": (Grant("READ", ALL_USERS),),
        "public-read-write": (Grant("READ", ALL_USERS), Grant("WRITE", ALL_USERS)),
        "authenticated-read": (Grant("READ", AUTHENTICATED),),
        "aws-exec-read": (Grant("READ", _EC2),),
        "bucket-owner-read": (Grant("READ", bucket_owner),),
        "bucket-owner-full-control": (Grant("FULL_CONTROL", bucket_owner),),
    }[name]
    return (own, *(grant for grant in extra if grant.grantee != owner))


def _parse_header(permission: str, text: str) -> list[Grant]:
    grants = []
    for piece in text.split(","):
        match = _GRANTEE.fullmatch(piece)
        if match is None:
            raise ServiceError("InvalidArgument", "Argument format not recognized", 400)
        if match["kind"].lower() == "emailaddress":
            raise _email_not_supported()
        grants.append(_validated(Grant(permission, match["name"])))
    return grants


def _validated(grant: Grant) -> Grant:
    if grant.grantee.startswith("http"):
        if grant.grantee not in _KNOWN_GROUPS:
            raise ServiceError("InvalidArgument", "Invalid group uri", 400)
    elif _CANONICAL.fullmatch(grant.grantee) is None:
        raise ServiceError("InvalidArgument", "Invalid id", 400)
    return grant


def _email_not_supported() -> ServiceError:
    return ServiceError("MethodNotAllowed", "The specified method is not allowed against this resource.", 405)


def refuse_public_acl(call: Call, bucket: Bucket, key: str, grants: tuple[Grant, ...]) -> None:
    """Raise AccessDenied for a public ACL if the bucket or its account blocks them.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html
    """
    public = any(grant.grantee in (ALL_USERS, AUTHENTICATED) for grant in grants)
    if public and blocks(call.lab.state, bucket, "BlockPublicAcls"):
        raise access_denied(
            f"User: {call.caller.arn} is not authorized to perform: s3:{call.operation.name} on resource: "
            f'"{bucket.object_arn(key)}" because public ACLs are prevented by the BlockPublicAcls setting in S3 Block '
            "Public Access."
        )


def check_acl_permission(call: Call, bucket: Bucket, key: str) -> None:
    """Require s3:PutObjectAcl for a write that sets an ACL."""
    if has_acl_parameters(call.params):
        authorize(call, bucket, "PutObjectAcl", key)

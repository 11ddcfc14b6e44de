# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Access control lists of buckets and objects (User Guide, "Access control list (ACL) overview")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..call import Call
from ..errors import ServiceError, invalid_argument, invalid_request
from ..protocol.xml_shapes import malformed_acl
from .access import access_denied, authorize
from .acl_permissions import ALL_USERS, AUTHENTICATED, object_ownership
from .names import canonical_id
from .public_access import blocks
from .state import Bucket, Grant

_GROUPS = "http://acs.amazonaws.com/groups/"
_KNOWN_GROUPS = (ALL_USERS, AUTHENTICATED, f"{_GROUPS}s3/LogDelivery")
_HEADERS = {
    "GrantFullControl": ("FULL_CONTROL", "x-amz-grant-full-control"),
    "GrantRead": ("READ", "x-amz-grant-read"),
    "GrantReadACP": ("READ_ACP", "x-amz-grant-read-acp"),
    "GrantWrite": ("WRITE", "x-amz-grant-write"),
    "GrantWriteACP": ("WRITE_ACP", "x-amz-grant-write-acp"),
}
# The canonical user of EC2. The canned ACL aws-exec-read lets it read machine images.
_EC2 = "6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c"
_GRANTEE = re.compile(r'\s*(?P<kind>id|uri|emailAddress)="?(?P<name>[^",]+)"?\s*', re.IGNORECASE)
_CANONICAL = re.compile(r"[0-9a-f]{64}")


def has_acl_parameters(params: Mapping[str, Any]) -> bool:
    """Return whether a request sets an ACL."""
    return any(params.get(name) for name in ("ACL", *_HEADERS))


def acl_from_headers(
    bucket: Bucket, owner: str, params: Mapping[str, Any], *, by_owner: bool = True
) -> tuple[Grant, ...]:
    """Return the grants of a request's headers. A private ACL, which is the default of a write, is empty.

    ``by_owner`` is whether the bucket's own account sends the request.
    """
    explicit = [name for name in _HEADERS if params.get(name)]
    canned = params.get("ACL")
    if explicit and canned:
        raise invalid_request("Specifying both Canned ACLs and Header Grants is not allowed")
    grants = tuple(grant for name in explicit for grant in _parse_header(*_HEADERS[name], params[name]))
    if object_ownership(bucket) == "BucketOwnerEnforced":
        # "private" is the ACL that the bucket owner's objects have anyway.
        allowed = (None, "bucket-owner-full-control", "private") if by_owner else (None, "bucket-owner-full-control")
        if explicit or canned not in allowed:
            raise _not_supported()
        return ()
    grants = grants or _canned_grants(str(canned or "private"), canonical_id(owner), canonical_id(bucket.account))
    return () if grants == (Grant("FULL_CONTROL", canonical_id(owner)),) else grants


def acl_from_document(bucket: Bucket, owner: str, document: Mapping[str, Any]) -> tuple[Grant, ...]:
    """Return the grants of the body of PutObjectAcl or PutBucketAcl."""
    if "ID" not in document.get("Owner", {}) or "Grants" not in document:
        raise malformed_acl()
    _check_canonical(document["Owner"]["ID"], "CanonicalUser/ID")
    own = Grant("FULL_CONTROL", canonical_id(owner))
    grants = [_grant_from_document(grant) for grant in document["Grants"]]
    if object_ownership(bucket) == "BucketOwnerEnforced" and grants != [own]:
        raise _not_supported()
    return () if grants == [own] else tuple(grants)


def _grant_from_document(grant: Mapping[str, Any]) -> Grant:
    grantee = grant.get("Grantee", {})
    kind, permission = grantee.get("Type"), grant.get("Permission", "")
    if kind == "AmazonCustomerByEmail" and grantee.get("EmailAddress"):
        raise _email_not_supported()
    if kind == "Group" and grantee.get("URI"):
        _check_group(grantee["URI"], "Group/URI")
        return Grant(permission, grantee["URI"])
    if kind == "CanonicalUser" and grantee.get("ID"):
        _check_canonical(grantee["ID"], "CanonicalUser/ID")
        return Grant(permission, grantee["ID"])
    raise malformed_acl()


def acl_from_request(call: Call, bucket: Bucket, owner: str) -> tuple[Grant, ...]:
    """Return the grants of PutObjectAcl or PutBucketAcl, which has either a document or headers."""
    document = call.get("AccessControlPolicy")
    if document is not None and has_acl_parameters(call.params):
        raise ServiceError("UnexpectedContent", "This request does not support content", 400)
    if document is None and not has_acl_parameters(call.params):
        raise ServiceError(
            "MissingSecurityHeader", "Your request was missing a required header", 400,
            fields={"MissingHeaderName": "x-amz-acl"},
        )  # fmt: skip
    if document is not None:
        grants = acl_from_document(bucket, owner, document)
    else:
        grants = acl_from_headers(bucket, owner, call.params, by_owner=call.account == bucket.account)
    refuse_public_acl(call, bucket, bucket.object_arn(call["Key"]) if "Key" in call.params else bucket.arn, grants)
    return grants


def _not_supported() -> ServiceError:
    return ServiceError("AccessControlListNotSupported", "The bucket does not allow ACLs", 400)


def acl_document(bucket: Bucket, owner: str, grants: tuple[Grant, ...]) -> dict[str, Any]:
    """Return the response of GetObjectAcl and GetBucketAcl."""
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


def _parse_header(permission: str, header: str, text: str) -> list[Grant]:
    grants = []
    for piece in text.split(","):
        match = _GRANTEE.fullmatch(piece)
        if match is None:
            raise invalid_argument("Argument format not recognized", header, text)
        kind, name = match["kind"], match["name"]
        if kind.lower() == "emailaddress":
            raise _email_not_supported()
        if kind.lower() == "uri":
            _check_group(name, kind)
        else:
            _check_canonical(name, kind)
        grants.append(Grant(permission, name))
    return grants


def _check_group(uri: str, argument: str) -> None:
    if uri not in _KNOWN_GROUPS:
        raise invalid_argument("Invalid group uri", argument, uri)


def _check_canonical(name: str, argument: str) -> None:
    if _CANONICAL.fullmatch(name) is None:
        raise invalid_argument("Invalid id", argument, name)


def _email_not_supported() -> ServiceError:
    return ServiceError("MethodNotAllowed", "The specified method is not allowed against this resource.", 405)


def is_public(grants: tuple[Grant, ...]) -> bool:
    """Return whether an ACL grants a permission to everyone, or to every AWS account."""
    return any(grant.grantee in (ALL_USERS, AUTHENTICATED) for grant in grants)


def refuse_public_acl(call: Call, bucket: Bucket, arn: str, grants: tuple[Grant, ...]) -> None:
    """Raise AccessDenied for a public ACL of a bucket or an object if the bucket or its account blocks them.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html
    """
    if is_public(grants) and blocks(call.lab.state, bucket, "BlockPublicAcls"):
        raise access_denied(
            f"User: {call.caller.arn} is not authorized to perform: s3:{call.operation.name} on resource: "
            f'"{arn}" because public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access.'
        )


def check_acl_permission(call: Call, bucket: Bucket, key: str) -> None:
    """Require s3:PutObjectAcl for a write that sets an ACL."""
    if has_acl_parameters(call.params):
        authorize(call, bucket, "PutObjectAcl", key)

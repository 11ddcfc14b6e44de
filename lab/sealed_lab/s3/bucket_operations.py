# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Buckets: create, delete, list, head and location."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..call import Call, Handler, Output
from ..errors import ServiceError, invalid_argument
from ..page_tokens import decode_token, encode_token
from ..partitions import DEFAULT_PARTITION, domain_of, is_opt_in, partition_of
from .access import (
    access_denied,
    authorize_in_account,
    denial_message,
    get_authorized_bucket,
    illegal_location,
    is_expected_owner,
    no_such_bucket,
    wrong_region,
)
from .acls import acl_from_headers, has_acl_parameters, is_public
from .bucket_acls import acl_with_enforced_ownership
from .bucket_encryption import encryption_of_new_bucket
from .names import canonical_id, check_bucket_name
from .state import Bucket, Grant
from .tag_sets import NEW_BUCKET_TAGS, check_tags

_ACCOUNT = re.compile(r"\d{12}")

# Since April 2023 a new bucket blocks public access and has no ACLs.
_ALL_BLOCKED = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}


def create_bucket(call: Call) -> Output:
    """Create a bucket in the region of the request. In us-east-1 the request can name any region."""
    name = call["Bucket"]
    if call.caller.anonymous:
        raise access_denied()
    configuration = call.get("CreateBucketConfiguration", {})
    _authorize_creation(call, configuration)
    check_bucket_name(name)
    if configuration.get("Bucket") or configuration.get("Location"):
        raise ServiceError("NotImplemented", "The lab has no directory buckets.", 501)
    region = _requested_region(call, configuration.get("LocationConstraint", ""))
    existing = call.lab.state.s3.bucket(call.partition, name)
    if existing is not None:
        return _repeated_creation(call, existing, region, bool(configuration.get("Tags")))
    object_ownership = _requested_ownership(call)
    bucket = Bucket(name, call.account, region, call.now(), encryption=encryption_of_new_bucket(call))
    bucket.documents["publicAccessBlock"] = _ALL_BLOCKED
    bucket.documents["ownershipControls"] = {"Rules": [{"ObjectOwnership": object_ownership}]}
    bucket.acl = _requested_acl(call, bucket)
    bucket.location = configuration.get("LocationConstraint", "")
    bucket.tags = check_tags(configuration.get("Tags", ()), NEW_BUCKET_TAGS) or None
    if call.get("ObjectLockEnabledForBucket"):
        bucket.lock_enabled, bucket.versioning = True, "Enabled"
    call.lab.state.s3.add_bucket(bucket)
    location = f"/{name}" if region == "us-east-1" else _location(bucket)
    return {"Location": location, "BucketArn": bucket.arn}


def _authorize_creation(call: Call, configuration: Mapping[str, Any]) -> None:
    """Check the permission to create a bucket, and those for what the request sets at the same time.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html (Permissions)
    """
    actions = ["CreateBucket"]
    if _sets_acl(call):
        actions.append("PutBucketAcl")
    if call.get("ObjectLockEnabledForBucket"):
        actions += ["PutBucketObjectLockConfiguration", "PutBucketVersioning"]
    if call.get("ObjectOwnership"):
        actions.append("PutBucketOwnershipControls")
    constraint = configuration.get("LocationConstraint")
    extra = {"s3:locationconstraint": [constraint]} if constraint else {}
    for action in actions:
        authorize_in_account(call, action, call["Bucket"], extra)


def _sets_acl(call: Call) -> bool:
    return has_acl_parameters({**call.params, "ACL": None}) or call.get("ACL", "private") != "private"


def _requested_ownership(call: Call) -> str:
    """Return the object ownership of a new bucket. The default has no ACLs."""
    requested = call.get("ObjectOwnership")
    if requested is None or requested == "BucketOwnerEnforced":
        if _sets_acl(call):
            raise acl_with_enforced_ownership()
        return "BucketOwnerEnforced"
    if requested not in ("BucketOwnerPreferred", "ObjectWriter"):
        raise invalid_argument(f"Invalid x-amz-object-ownership header: {requested}", "x-amz-object-ownership")
    return str(requested)


def _requested_acl(call: Call, bucket: Bucket) -> tuple[Grant, ...]:
    """Return the grants of a new bucket. They cannot be public, because it blocks public access."""
    grants = acl_from_headers(bucket, bucket.account, call.params)
    if is_public(grants):
        raise ServiceError(
            "InvalidBucketAclWithBlockPublicAccessError",
            "Bucket cannot have public ACLs set with BlockPublicAccess enabled",
            400,
        )
    return grants


def _requested_region(call: Call, constraint: str) -> str:
    """Return the region of a new bucket. EU is an old name of eu-west-1."""
    location = {"EU": "eu-west-1"}.get(constraint, constraint)
    if call.region != "us-east-1" and location != call.region:
        raise illegal_location(constraint or "unspecified")
    shape = call.operation.model.input_shape.members["CreateBucketConfiguration"].members["LocationConstraint"]
    known = [each for each in shape.metadata["enum"] if partition_of(each) == call.partition or each == "EU"]
    if location == "us-east-1" or (constraint and constraint not in (*known, call.region)):
        raise ServiceError(
            "InvalidLocationConstraint",
            "The specified location-constraint is not valid",
            400,
            fields={"LocationConstraint": constraint},
        )
    if location and location != call.region and is_opt_in(location):
        raise illegal_location(constraint)
    return location or "us-east-1"


def _repeated_creation(call: Call, existing: Bucket, region: str, with_tags: bool) -> Output:
    """Answer a request for a bucket that exists. In us-east-1 the owner may repeat it, but not with tags."""
    fields = {"BucketName": existing.name}
    if existing.account != call.account:
        raise ServiceError(
            "BucketAlreadyExists",
            "The requested bucket name is not available. The bucket namespace is shared by all users of the "
            "system. Please select a different name and try again.",
            409,
            fields=fields,
        )
    if existing.region == "us-east-1" == region and not with_tags:
        return {"Location": f"/{existing.name}", "BucketArn": existing.arn}
    raise ServiceError(
        "BucketAlreadyOwnedByYou",
        "Your previous request to create the named bucket succeeded and you already own it.",
        409,
        fields=fields,
    )


def _location(bucket: Bucket) -> str:
    """The address of a bucket. Other partitions have no address without a region."""
    region = "" if partition_of(bucket.region) == DEFAULT_PARTITION else f".{bucket.region}"
    return f"http://{bucket.name}.s3{region}.{domain_of(bucket.region)}/"


def delete_bucket(call: Call) -> Output:
    """Delete a bucket. It must be empty."""
    bucket = get_authorized_bucket(call, "DeleteBucket")
    if len(bucket.objects):
        message = "The bucket you tried to delete is not empty"
        if bucket.versioning:
            message += ". You must delete all versions in the bucket."
        raise ServiceError("BucketNotEmpty", message, 409, fields={"BucketName": bucket.name})
    if any(point.bucket_arn == bucket.arn for point in call.lab.state.control.access_points.values()):
        raise ServiceError(
            "BucketHasAccessPointsAttached",
            "The bucket you tried to delete has access points attached. Delete your access points and try again.",
            400,
            fields={"BucketName": bucket.name},
        )
    call.lab.state.s3.delete_bucket(bucket)
    return {}


def head_bucket(call: Call) -> Output:
    """Check existence and access, and return the region. Responses with 301 and 403 have the region too."""
    bucket = call.lab.state.s3.bucket(call.partition, call["Bucket"])
    if bucket is None:
        raise no_such_bucket(call["Bucket"])
    if bucket.region != call.region and not call.caller.anonymous:
        raise wrong_region(call, bucket)
    if not is_expected_owner(call, bucket) or denial_message(call, bucket, "ListBucket") is not None:
        raise ServiceError("Forbidden", "Forbidden", 403, headers={"x-amz-bucket-region": bucket.region})
    call.extra_headers["Content-Type"] = "application/xml"
    return {"BucketRegion": bucket.region, "AccessPointAlias": False, "BucketArn": bucket.arn}


def get_bucket_location(call: Call) -> Output:
    """Return the region, nothing for us-east-1, and EU for a bucket that was created with it.

    The request can be sent to any region.
    """
    bucket = get_authorized_bucket(call, "GetBucketLocation", any_region=True)
    return {"LocationConstraint": None if bucket.region == "us-east-1" else bucket.location or bucket.region}


def list_buckets(call: Call) -> Output:
    """List the caller's buckets by name, in pages, by prefix and by region if requested."""
    if call.caller.anonymous:
        raise access_denied()
    authorize_in_account(call, "ListAllMyBuckets", "*")
    prefix, region = call.get("Prefix"), call.get("BucketRegion")
    if region is not None and region != call.region:
        raise invalid_argument(f"Argument value {region} is not a valid AWS Region", "bucket-region")
    limit = call.get("MaxBuckets")
    if limit is not None and not 1 <= limit <= 10000:
        raise invalid_argument("Argument max-buckets must be an integer between 1 and 10000")
    start_after = _last_of_previous_page(call.get("ContinuationToken"))
    buckets = {
        bucket.name: bucket
        for bucket in call.lab.state.s3.buckets.values()
        if bucket.account == call.account
        and (prefix is None or bucket.name.startswith(prefix))
        and (region is None or bucket.region == region)
        and bucket.name > start_after
    }
    names = sorted(buckets)
    page = names if limit is None else names[:limit]
    with_region = any(name in call.params for name in ("Prefix", "BucketRegion", "MaxBuckets", "ContinuationToken"))
    output: Output = {
        "Buckets": [_bucket_entry(buckets[name], with_region) for name in page],
        "Owner": {"ID": canonical_id(call.account)},
    }
    if prefix is not None:
        output["Prefix"] = prefix
    if len(page) < len(names):
        output["ContinuationToken"] = encode_token(page[-1])
    return output


def _bucket_entry(bucket: Bucket, with_region: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {"Name": bucket.name, "CreationDate": float(int(bucket.created))}
    if with_region:
        entry["BucketRegion"] = bucket.region
    entry["BucketArn"] = bucket.arn
    return entry


def _last_of_previous_page(token: str | None) -> str:
    if not token:  # an empty token is that of the first page
        return ""
    try:
        return decode_token(token)
    except ValueError as exc:
        raise invalid_argument("The continuation token provided is incorrect") from exc


OPERATIONS: dict[str, Handler] = {
    "CreateBucket": create_bucket,
    "DeleteBucket": delete_bucket,
    "HeadBucket": head_bucket,
    "GetBucketLocation": get_bucket_location,
    "ListBuckets": list_buckets,
}

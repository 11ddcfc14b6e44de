# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Bucket configurations that S3 stores and gives back: one table, few rules of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..call import Call, Handler, Output
from ..errors import ServiceError
from ..policy_language import PolicyError, PolicyKind, parse_policy
from .access import bucket_for
from .names import canonical_id
from .tag_sets import check_tags
from .tag_sets import shown as tags_shown


@dataclass(frozen=True, slots=True)
class Configuration:
    """One subresource that holds one document."""

    name: str
    put: str
    get: str
    delete: str
    member: str
    put_action: str
    get_action: str
    missing: tuple[str, str] | None
    default: Any = None


_TABLE = [
    Configuration(
        "publicAccessBlock", "PutPublicAccessBlock", "GetPublicAccessBlock", "DeletePublicAccessBlock",
        "PublicAccessBlockConfiguration", "PutBucketPublicAccessBlock", "GetBucketPublicAccessBlock",
        ("NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found"),
    ),
    Configuration(
        "ownershipControls", "PutBucketOwnershipControls", "GetBucketOwnershipControls",
        "DeleteBucketOwnershipControls", "OwnershipControls", "PutBucketOwnershipControls",
        "GetBucketOwnershipControls",
        ("OwnershipControlsNotFoundError", "The bucket ownership controls were not found"),
    ),
    Configuration(
        "cors", "PutBucketCors", "GetBucketCors", "DeleteBucketCors", "CORSConfiguration", "PutBucketCORS",
        "GetBucketCORS", ("NoSuchCORSConfiguration", "The CORS configuration does not exist"),
    ),
    Configuration(
        "lifecycle", "PutBucketLifecycleConfiguration", "GetBucketLifecycleConfiguration", "DeleteBucketLifecycle",
        "LifecycleConfiguration", "PutLifecycleConfiguration", "GetLifecycleConfiguration",
        ("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"),
    ),
    Configuration(
        "replication", "PutBucketReplication", "GetBucketReplication", "DeleteBucketReplication",
        "ReplicationConfiguration", "PutReplicationConfiguration", "GetReplicationConfiguration",
        ("ReplicationConfigurationNotFoundError", "The replication configuration was not found"),
    ),
    Configuration(
        "website", "PutBucketWebsite", "GetBucketWebsite", "DeleteBucketWebsite", "WebsiteConfiguration",
        "PutBucketWebsite", "GetBucketWebsite",
        ("NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration"),
    ),
    Configuration(
        "logging", "PutBucketLogging", "GetBucketLogging", "", "BucketLoggingStatus", "PutBucketLogging",
        "GetBucketLogging", None, {},
    ),
    Configuration(
        "requestPayment", "PutBucketRequestPayment", "GetBucketRequestPayment", "", "RequestPaymentConfiguration",
        "PutBucketRequestPayment", "GetBucketRequestPayment", None, {"Payer": "BucketOwner"},
    ),
    Configuration(
        "accelerate", "PutBucketAccelerateConfiguration", "GetBucketAccelerateConfiguration", "",
        "AccelerateConfiguration", "PutAccelerateConfiguration", "GetAccelerateConfiguration", None, {},
    ),
    Configuration(
        "notification", "PutBucketNotificationConfiguration", "GetBucketNotificationConfiguration", "",
        "NotificationConfiguration", "PutBucketNotification", "GetBucketNotification", None, {},
    ),
]  # fmt: skip

_MINIMUM = "all_storage_classes_128K"


def _handlers(one: Configuration) -> dict[str, Handler]:
    def put(call: Call) -> Output:
        bucket = bucket_for(call, one.put_action)
        bucket.documents[one.name] = call[one.member]
        if one.name == "lifecycle":
            bucket.documents["lifecycle-minimum"] = call.get("TransitionDefaultMinimumObjectSize", _MINIMUM)
            return {"TransitionDefaultMinimumObjectSize": bucket.documents["lifecycle-minimum"]}
        return {}

    def get(call: Call) -> Output:
        bucket = bucket_for(call, one.get_action)
        document = bucket.documents.get(one.name)
        if document is None:
            if one.missing is not None:
                raise ServiceError(one.missing[0], one.missing[1], 404, fields={"BucketName": bucket.name})
            document = one.default
        if one.name == "lifecycle":
            document = {**document, "TransitionDefaultMinimumObjectSize": bucket.documents["lifecycle-minimum"]}
        shape = call.operation.model.output_shape
        if one.member in shape.members:
            return {one.member: document}
        return dict(document)

    def delete(call: Call) -> Output:
        bucket = bucket_for(call, one.put_action)
        bucket.documents.pop(one.name, None)
        return {}

    handlers: dict[str, Handler] = {one.put: put, one.get: get}
    if one.delete:
        handlers[one.delete] = delete
    return handlers


# ---------------------------------------------------------------- with rules of their own


def put_bucket_versioning(call: Call) -> Output:
    """Enabled or Suspended; never back to never."""
    bucket = bucket_for(call, "PutBucketVersioning")
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
    bucket.versioning = status
    return {}


def get_bucket_versioning(call: Call) -> Output:
    """Nothing for a bucket that never had it."""
    bucket = bucket_for(call, "GetBucketVersioning")
    return {"Status": bucket.versioning} if bucket.versioning else {}


def put_bucket_tagging(call: Call) -> Output:
    """Replace the tag set."""
    bucket = bucket_for(call, "PutBucketTagging")
    bucket.tags = check_tags(call["Tagging"]["TagSet"], 50)
    return {}


def get_bucket_tagging(call: Call) -> Output:
    """NoSuchTagSet when there is none."""
    bucket = bucket_for(call, "GetBucketTagging")
    if not bucket.tags:
        raise ServiceError("NoSuchTagSet", "The TagSet does not exist", 404, fields={"BucketName": bucket.name})
    return {"TagSet": tags_shown(bucket.tags)}


def delete_bucket_tagging(call: Call) -> Output:
    """Remove the tag set."""
    bucket_for(call, "PutBucketTagging").tags = None
    return {}


def put_bucket_policy(call: Call) -> Output:
    """A valid policy about this bucket, or MalformedPolicy."""
    bucket = bucket_for(call, "PutBucketPolicy")
    try:
        policy = parse_policy(call["Policy"], PolicyKind.RESOURCE, bucket=bucket.name)
    except PolicyError as exc:
        raise ServiceError("MalformedPolicy", exc.message, 400) from exc
    bucket.policy, bucket.policy_text = policy, call["Policy"]
    return {}


def get_bucket_policy(call: Call) -> Output:
    """The policy as it was written."""
    bucket = bucket_for(call, "GetBucketPolicy")
    if bucket.policy is None:
        raise ServiceError(
            "NoSuchBucketPolicy", "The bucket policy does not exist", 404, fields={"BucketName": bucket.name}
        )
    call.extra_headers["Content-Type"] = "application/json"
    return {"Policy": bucket.policy_text}


def delete_bucket_policy(call: Call) -> Output:
    """Remove it."""
    bucket = bucket_for(call, "DeleteBucketPolicy")
    bucket.policy, bucket.policy_text = None, ""
    return {}


def get_bucket_acl(call: Call) -> Output:
    """The owner's full control."""
    bucket = bucket_for(call, "GetBucketAcl")
    owner = {"ID": canonical_id(bucket.account)}
    grant = {"Grantee": {"ID": owner["ID"], "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}
    return {"Owner": owner, "Grants": [grant]}


def put_object_lock_configuration(call: Call) -> Output:
    """A default retention; versioning must be on."""
    bucket = bucket_for(call, "PutBucketObjectLockConfiguration")
    if bucket.versioning != "Enabled":
        raise ServiceError(
            "InvalidBucketState", "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration", 409
        )
    bucket.lock_enabled = True
    bucket.documents["object-lock"] = call.get("ObjectLockConfiguration", {})
    return {}


def get_object_lock_configuration(call: Call) -> Output:
    """The default retention of a bucket with Object Lock."""
    bucket = bucket_for(call, "GetBucketObjectLockConfiguration")
    if not bucket.lock_enabled:
        raise ServiceError(
            "ObjectLockConfigurationNotFoundError", "Object Lock configuration does not exist for this bucket", 404,
            fields={"BucketName": bucket.name},
        )  # fmt: skip
    document = {"ObjectLockEnabled": "Enabled", **bucket.documents.get("object-lock", {})}
    return {"ObjectLockConfiguration": document}


# ---------------------------------------------------------------- several by id


def _collection(noun: str, kind: str, put_action: str, get_action: str, missing: str) -> dict[str, Handler]:
    """Configurations kept by id: inventory, analytics, metrics, intelligent tiering."""
    member = f"{kind}Configuration"

    def put(call: Call) -> Output:
        bucket = bucket_for(call, put_action)
        if call[member].get("Id") != call["Id"]:
            raise ServiceError("IdMismatch", "Document ID does not match the specified configuration ID.", 400)
        bucket.collections.setdefault(noun, {})[call["Id"]] = call[member]
        return {}

    def get(call: Call) -> Output:
        bucket = bucket_for(call, get_action)
        found = bucket.collections.get(noun, {}).get(call["Id"])
        if found is None:
            raise ServiceError(missing, "The specified configuration does not exist.", 404)
        return {member: found}

    def delete(call: Call) -> Output:
        bucket = bucket_for(call, put_action)
        if bucket.collections.get(noun, {}).pop(call["Id"], None) is None:
            raise ServiceError(missing, "The specified configuration does not exist.", 404)
        return {}

    def listing(call: Call) -> Output:
        bucket = bucket_for(call, get_action)
        found = bucket.collections.get(noun, {})
        return {f"{member}List": [found[name] for name in sorted(found)], "IsTruncated": False}

    return {
        f"PutBucket{member}": put,
        f"GetBucket{member}": get,
        f"DeleteBucket{member}": delete,
        f"ListBucket{member}s": listing,
    }


OPERATIONS: dict[str, Handler] = {
    "PutBucketVersioning": put_bucket_versioning,
    "GetBucketVersioning": get_bucket_versioning,
    "PutBucketTagging": put_bucket_tagging,
    "GetBucketTagging": get_bucket_tagging,
    "DeleteBucketTagging": delete_bucket_tagging,
    "PutBucketPolicy": put_bucket_policy,
    "GetBucketPolicy": get_bucket_policy,
    "DeleteBucketPolicy": delete_bucket_policy,
    "GetBucketAcl": get_bucket_acl,
    "PutObjectLockConfiguration": put_object_lock_configuration,
    "GetObjectLockConfiguration": get_object_lock_configuration,
    **_collection(
        "inventory", "Inventory", "PutInventoryConfiguration", "GetInventoryConfiguration", "NoSuchConfiguration"
    ),
    **_collection("metrics", "Metrics", "PutMetricsConfiguration", "GetMetricsConfiguration", "NoSuchConfiguration"),
    **_collection(
        "analytics", "Analytics", "PutAnalyticsConfiguration", "GetAnalyticsConfiguration", "NoSuchConfiguration"
    ),
    **_collection(
        "tiering",
        "IntelligentTiering",
        "PutIntelligentTieringConfiguration",
        "GetIntelligentTieringConfiguration",
        "NoSuchConfiguration",
    ),
}
for _one in _TABLE:
    OPERATIONS.update(_handlers(_one))

__all__ = ["OPERATIONS", "Callable"]

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Bucket configurations that S3 only stores and returns, in one table, and those with rules of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..call import Call, Handler, Output
from ..errors import ServiceError
from .access import get_authorized_bucket
from .public_access import complete_block
from .tag_sets import BUCKET_TAGS, check_tags, tag_list


@dataclass(frozen=True, slots=True)
class Configuration:
    """A subresource that contains one document."""

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


def _document_handlers(configuration: Configuration) -> dict[str, Handler]:
    def put(call: Call) -> Output:
        bucket = get_authorized_bucket(call, configuration.put_action)
        bucket.documents[configuration.name] = call[configuration.member]
        if configuration.name == "publicAccessBlock":
            bucket.documents[configuration.name] = complete_block(call[configuration.member])
        if configuration.name == "lifecycle":
            bucket.documents["lifecycle-minimum"] = call.get("TransitionDefaultMinimumObjectSize", _MINIMUM)
            return {"TransitionDefaultMinimumObjectSize": bucket.documents["lifecycle-minimum"]}
        return {}

    def get(call: Call) -> Output:
        bucket = get_authorized_bucket(call, configuration.get_action)
        document = bucket.documents.get(configuration.name)
        if document is None:
            if configuration.missing is not None:
                raise ServiceError(
                    configuration.missing[0], configuration.missing[1], 404, fields={"BucketName": bucket.name}
                )
            document = configuration.default
        if configuration.name == "lifecycle":
            document = {**document, "TransitionDefaultMinimumObjectSize": bucket.documents["lifecycle-minimum"]}
        shape = call.operation.model.output_shape
        if configuration.member in shape.members:
            return {configuration.member: document}
        return dict(document)

    def delete(call: Call) -> Output:
        bucket = get_authorized_bucket(call, configuration.put_action)
        bucket.documents.pop(configuration.name, None)
        return {}

    handlers: dict[str, Handler] = {configuration.put: put, configuration.get: get}
    if configuration.delete:
        handlers[configuration.delete] = delete
    return handlers


# ---------------------------------------------------------------- configurations with rules of their own


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


# ---------------------------------------------------------------- configurations with ids


def _collection_handlers(noun: str, kind: str, put_action: str, get_action: str, missing: str) -> dict[str, Handler]:
    """Return the handlers of configurations with ids: inventory, analytics, metrics, intelligent tiering."""
    member = f"{kind}Configuration"

    def put(call: Call) -> Output:
        bucket = get_authorized_bucket(call, put_action)
        if call[member].get("Id") != call["Id"]:
            raise ServiceError("IdMismatch", "Document ID does not match the specified configuration ID.", 400)
        bucket.collections.setdefault(noun, {})[call["Id"]] = call[member]
        return {}

    def get(call: Call) -> Output:
        bucket = get_authorized_bucket(call, get_action)
        found = bucket.collections.get(noun, {}).get(call["Id"])
        if found is None:
            raise ServiceError(missing, "The specified configuration does not exist.", 404)
        return {member: found}

    def delete(call: Call) -> Output:
        bucket = get_authorized_bucket(call, put_action)
        if bucket.collections.get(noun, {}).pop(call["Id"], None) is None:
            raise ServiceError(missing, "The specified configuration does not exist.", 404)
        return {}

    def list_all(call: Call) -> Output:
        bucket = get_authorized_bucket(call, get_action)
        found = bucket.collections.get(noun, {})
        return {f"{member}List": [found[name] for name in sorted(found)], "IsTruncated": False}

    return {
        f"PutBucket{member}": put,
        f"GetBucket{member}": get,
        f"DeleteBucket{member}": delete,
        f"ListBucket{member}s": list_all,
    }


OPERATIONS: dict[str, Handler] = {
    "PutBucketVersioning": put_bucket_versioning,
    "GetBucketVersioning": get_bucket_versioning,
    "PutBucketTagging": put_bucket_tagging,
    "GetBucketTagging": get_bucket_tagging,
    "DeleteBucketTagging": delete_bucket_tagging,
    **_collection_handlers(
        "inventory", "Inventory", "PutInventoryConfiguration", "GetInventoryConfiguration", "NoSuchConfiguration"
    ),
    **_collection_handlers(
        "metrics", "Metrics", "PutMetricsConfiguration", "GetMetricsConfiguration", "NoSuchConfiguration"
    ),
    **_collection_handlers(
        "analytics", "Analytics", "PutAnalyticsConfiguration", "GetAnalyticsConfiguration", "NoSuchConfiguration"
    ),
    **_collection_handlers(
        "tiering",
        "IntelligentTiering",
        "PutIntelligentTieringConfiguration",
        "GetIntelligentTieringConfiguration",
        "NoSuchConfiguration",
    ),
}
for _configuration in _TABLE:
    OPERATIONS.update(_document_handlers(_configuration))

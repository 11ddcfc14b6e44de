# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Which S3 actions a bucket policy grants on the bucket and which on its objects.

PutBucketPolicy refuses a statement that has an action for which it has no resource of the right type.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
"""

from __future__ import annotations

from .patterns import wildcard_match


def _actions(names: str) -> tuple[str, ...]:
    return tuple(f"s3:{name}" for name in names.lower().split())


_OBJECT_ACTIONS = _actions(
    """
    AbortMultipartUpload BypassGovernanceRetention DeleteObject DeleteObjectAnnotation DeleteObjectTagging
    DeleteObjectVersion DeleteObjectVersionTagging GetObject GetObjectAcl GetObjectAnnotation GetObjectAttributes
    GetObjectLegalHold GetObjectRetention
    GetObjectTagging GetObjectTorrent GetObjectVersion GetObjectVersionAcl GetObjectVersionAttributes
    GetObjectVersionForReplication GetObjectVersionTagging GetObjectVersionTorrent InitiateReplication
    ListMultipartUploadParts ListObjectAnnotations ObjectOwnerOverrideToBucketOwner PutObject PutObjectAcl
    PutObjectAnnotation PutObjectLegalHold
    PutObjectRetention PutObjectTagging PutObjectVersionAcl PutObjectVersionTagging ReplicateDelete
    ReplicateObject ReplicateTags RestoreObject UpdateObjectEncryption
    """
)

_BUCKET_ACTIONS = _actions(
    """
    CreateBucket DeleteBucket DeleteBucketPolicy DeleteBucketWebsite GetAccelerateConfiguration
    GetAnalyticsConfiguration GetBucketAcl GetBucketCORS GetBucketLocation GetBucketLogging GetBucketNotification
    GetBucketObjectLockConfiguration GetBucketOwnershipControls GetBucketPolicy GetBucketPolicyStatus
    GetBucketPublicAccessBlock GetBucketRequestPayment GetBucketTagging GetBucketVersioning GetBucketWebsite
    GetEncryptionConfiguration GetIntelligentTieringConfiguration GetInventoryConfiguration
    GetLifecycleConfiguration GetMetricsConfiguration GetReplicationConfiguration ListBucket
    ListBucketMultipartUploads ListBucketVersions PutAccelerateConfiguration PutAnalyticsConfiguration
    PutBucketAcl PutBucketCORS PutBucketLogging PutBucketNotification PutBucketObjectLockConfiguration
    PutBucketOwnershipControls PutBucketPolicy PutBucketPublicAccessBlock PutBucketRequestPayment PutBucketTagging
    PutBucketVersioning PutBucketWebsite PutEncryptionConfiguration PutIntelligentTieringConfiguration
    PutInventoryConfiguration PutLifecycleConfiguration PutMetricsConfiguration PutReplicationConfiguration
    """
)


def action_applies(action: str, resources: tuple[str, ...]) -> bool:
    """Whether the action, or one that the pattern fits, works on one of these resources; an unknown action may."""
    pattern = action.lower()
    on_objects = any(wildcard_match(pattern, name) for name in _OBJECT_ACTIONS)
    on_buckets = any(wildcard_match(pattern, name) for name in _BUCKET_ACTIONS)
    if not on_objects and not on_buckets:
        return True
    names = [resource.split(":", 5)[5] for resource in resources]
    return (on_objects and any("/" in name or "*" in name for name in names)) or (
        on_buckets and any("/" not in name for name in names)
    )


def is_in_bucket(resource: str, bucket: str) -> bool:
    """Whether a resource of a bucket policy is this bucket or lies in it."""
    parts = resource.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or parts[2:5] != ["s3", "", ""]:
        return False
    name = parts[5]
    return name == bucket or (name.startswith(bucket) and name[len(bucket)] in "/*?")

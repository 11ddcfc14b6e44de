# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The S3 actions that apply to buckets, and those that apply to objects.

PutBucketPolicy refuses a statement with an action that does not apply to any of its resources.
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
    CreateBucket CreateBucketMetadataTableConfiguration DeleteBucket DeleteBucketMetadataTableConfiguration
    DeleteBucketPolicy DeleteBucketWebsite GetAccelerateConfiguration GetAnalyticsConfiguration GetBucketAbac
    GetBucketAcl GetBucketCORS GetBucketLocation GetBucketLogging GetBucketMetadataTableConfiguration
    GetBucketNotification
    GetBucketObjectLockConfiguration GetBucketOwnershipControls GetBucketPolicy GetBucketPolicyStatus
    GetBucketPublicAccessBlock GetBucketRequestPayment GetBucketTagging GetBucketVersioning GetBucketWebsite
    GetEncryptionConfiguration GetIntelligentTieringConfiguration GetInventoryConfiguration
    GetLifecycleConfiguration GetMetricsConfiguration GetReplicationConfiguration ListBucket
    ListBucketMultipartUploads ListBucketVersions ListTagsForResource PauseReplication
    PutAccelerateConfiguration PutAnalyticsConfiguration
    PutBucketAbac PutBucketAcl PutBucketCORS PutBucketLogging PutBucketNotification PutBucketObjectLockConfiguration
    PutBucketOwnershipControls PutBucketPolicy PutBucketPublicAccessBlock PutBucketRequestPayment PutBucketTagging
    PutBucketVersioning PutBucketWebsite PutEncryptionConfiguration PutIntelligentTieringConfiguration
    PutInventoryConfiguration PutLifecycleConfiguration PutMetricsConfiguration PutReplicationConfiguration
    TagResource UntagResource UpdateBucketMetadataInventoryTableConfiguration
    UpdateBucketMetadataJournalTableConfiguration
    """
)


def actions_on(pattern: str, resources: tuple[str, ...]) -> frozenset[str]:
    """Return the known actions in lower case that match a pattern and apply to one of the resources."""
    names = [resource.split(":", 5)[5] for resource in resources]
    found: list[str] = []
    if any("/" in name or "*" in name for name in names):
        found += _OBJECT_ACTIONS
    if any("/" not in name for name in names):
        found += _BUCKET_ACTIONS
    return frozenset(each for each in found if wildcard_match(pattern.lower(), each))


def action_applies(action: str, resources: tuple[str, ...]) -> bool:
    """Return whether an action that matches the pattern applies to one of the resources.

    An unknown action applies to all.
    """
    known = any(wildcard_match(action.lower(), name) for name in (*_OBJECT_ACTIONS, *_BUCKET_ACTIONS))
    return not known or bool(actions_on(action, resources))


def is_in_bucket(resource: str, bucket: str) -> bool:
    """Return whether a resource of a policy is this bucket or something in it."""
    parts = resource.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or parts[2:5] != ["s3", "", ""]:
        return False
    name = parts[5]
    return name == bucket or (name.startswith(bucket) and name[len(bucket)] in "/*?")

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The session policies of roles: a session may do what its role allows, and what its session policy allows.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
"""

from __future__ import annotations

import json

# What the session of a role that only leads to other roles may do.
ENTER_ACCOUNTS = ("sts:AssumeRole",)


# For the buckets that a task selects, and for its KMS keys.
_SELECTED_BUCKETS = (
    "kms:DescribeKey",
    "s3:GetBucketTagging",
    "s3:ListAllMyBuckets",
    "tag:GetResources",
)
# For an object that a task writes.
_OBJECT = (
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:ReEncrypt*",
    "s3:AbortMultipartUpload",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:GetBucketObjectLockConfiguration",
    "s3:GetEncryptionConfiguration",
    "s3:GetObject",
    "s3:GetObjectAcl",
    "s3:GetObjectAnnotation",
    "s3:GetObjectAttributes",
    "s3:GetObjectLegalHold",
    "s3:GetObjectRetention",
    "s3:GetObjectTagging",
    "s3:GetObjectVersion",
    "s3:GetObjectVersionTagging",
    "s3:ListBucket",
    "s3:ListBucketMultipartUploads",
    "s3:ListBucketVersions",
    "s3:ListObjectAnnotations",
    "s3:PutObject",
    "s3:PutObjectAcl",
    "s3:PutObjectAnnotation",
    "s3:PutObjectLegalHold",
    "s3:PutObjectRetention",
    "s3:PutObjectTagging",
    "s3:UpdateObjectEncryption",
)
# Each action of docs/permissions.md for the module, also of the rows that apply if another action is missing.
_ACTIONS: dict[str, tuple[str, ...]] = {
    "bucket_default_encryption": (
        *_SELECTED_BUCKETS,
        "kms:GetKeyPolicy",
        "s3:GetBucketAcl",
        "s3:GetBucketPolicy",
        "s3:GetEncryptionConfiguration",
        "s3:PutEncryptionConfiguration",
    ),
    "bucket_default_encryption_info": (
        *_SELECTED_BUCKETS,
        "s3:GetEncryptionConfiguration",
    ),
    "bucket_encryption_policy": (
        *_SELECTED_BUCKETS,
        "s3:DeleteBucketPolicy",
        "s3:GetBucketPolicy",
        "s3:GetBucketWebsite",
        "s3:GetEncryptionConfiguration",
        "s3:PutBucketPolicy",
    ),
    "bucket_encryption_policy_info": (
        *_SELECTED_BUCKETS,
        "s3:GetBucketPolicy",
        "s3:GetEncryptionConfiguration",
    ),
    "bucket_reencryption_info": (
        "s3:DescribeJob",
        "s3:GetBucketObjectLockConfiguration",
        "s3:GetJobTagging",
        "s3:GetObject",
        "s3:GetObjectLegalHold",
        "s3:GetObjectRetention",
        "s3:GetObjectVersion",
        "s3:ListBucket",
        "s3:ListBucketVersions",
        "s3:ListJobs",
    ),
    "s3_encrypted_object": (*_OBJECT,),
    "s3_encrypted_object_info": (
        "kms:Decrypt",
        "kms:DescribeKey",
        "s3:GetObject",
        "s3:GetObjectTagging",
        "s3:GetObjectVersion",
        "s3:GetObjectVersionTagging",
        "s3:ListBucket",
    ),
    "s3_encrypted_object_download": (
        "kms:Decrypt",
        "kms:DescribeKey",
        "s3:GetObject",
        "s3:GetObjectAttributes",
        "s3:GetObjectVersion",
        "s3:ListBucket",
    ),
    "s3_encrypted_sync": (
        *_OBJECT,
        "s3:GetBucketOwnershipControls",
    ),
    "bucket_reencryption": (
        *_OBJECT,
        "iam:GetRole",
        "iam:PassRole",
        "iam:SimulatePrincipalPolicy",
        "kms:GetKeyPolicy",
        "s3:CreateJob",
        "s3:DescribeJob",
        "s3:GetBucketOwnershipControls",
        "s3:GetBucketPolicy",
        "s3:GetBucketVersioning",
        "s3:GetJobTagging",
        "s3:GetReplicationConfiguration",
        "s3:ListJobs",
        "s3:PutJobTagging",
        "s3:UpdateJobStatus",
    ),
    "kms_key_for_s3": (
        "iam:CreateServiceLinkedRole",
        "kms:CancelKeyDeletion",
        "kms:CreateAlias",
        "kms:CreateKey",
        "kms:DescribeKey",
        "kms:DisableKey",
        "kms:DisableKeyRotation",
        "kms:EnableKey",
        "kms:EnableKeyRotation",
        "kms:GetKeyLastUsage",
        "kms:GetKeyPolicy",
        "kms:GetKeyRotationStatus",
        "kms:ListAliases",
        "kms:ListKeyRotations",
        "kms:ListKeys",
        "kms:ListResourceTags",
        "kms:PutKeyPolicy",
        "kms:ReplicateKey",
        "kms:RotateKeyOnDemand",
        "kms:ScheduleKeyDeletion",
        "kms:TagResource",
        "kms:UntagResource",
        "kms:UpdateAlias",
        "kms:UpdateKeyDescription",
        "s3:GetEncryptionConfiguration",
        "s3:ListAllMyBuckets",
        "tag:GetResources",
    ),
    "kms_key_for_s3_info": (
        "cloudtrail:LookupEvents",
        "kms:DescribeKey",
        "kms:GetKeyLastUsage",
        "kms:GetKeyPolicy",
        "kms:GetKeyRotationStatus",
        "kms:ListAliases",
        "kms:ListGrants",
        "kms:ListKeyRotations",
        "kms:ListKeys",
        "kms:ListResourceTags",
        "s3:GetEncryptionConfiguration",
        "s3:ListAllMyBuckets",
    ),
}


def session_policy(actions: tuple[str, ...]) -> str:
    """The policy that allows these actions, as the role does, and no other."""
    statement = {"Effect": "Allow", "Action": sorted(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": statement}, separators=(",", ":"))


def session_actions(module: str) -> tuple[str, ...]:
    """The actions that a module calls or needs for its calls, such as the use of a KMS key through S3."""
    return _ACTIONS[module]

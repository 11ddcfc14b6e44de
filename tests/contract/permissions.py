# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The IAM actions that each module needs: the source of docs/permissions.md.

tests/contract/test_permissions.py runs tasks in a lab that enforces policies: with the actions of their rows a task
succeeds, and without one of them it fails with an error that names the action.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Optional:
    """An action without which a task still succeeds. `otherwise` completes the sentence "Without it, …"."""

    action: str
    otherwise: str


@dataclass(frozen=True)
class Need:
    """One row: the actions that a task needs for one purpose. `why` completes the text after the required ones.

    `elsewhere` are actions that the lab does not enforce, or that another account or region has to allow.
    """

    purpose: str
    required: tuple[str, ...] = ()
    optional: tuple[Optional, ...] = ()
    why: str = ""
    elsewhere: tuple[str, ...] = ()


_ENCRYPTED = "an object under `SSE-KMS` or `DSSE-KMS`"
_UNDER_CSE_KMS = "an object under `CSE-KMS`"
_OTHER_PARTS = Need(
    "content for an object whose parts have different sizes",
    optional=(Optional("s3:GetObjectAttributes", "more calls find out the sizes"),),
)

_MANY_ACCOUNTS = Need(
    "`accounts` or `organization`, in each account",
    ("s3:ListAllMyBuckets",),
    why="also with `buckets`",
)

# What the credentials of a task need that works in other accounts.
HUB: tuple[Need, ...] = (
    Need(
        "each role that is assumed",
        ("sts:AssumeRole",),
        why="on the first role; in a chain, each role needs it on the next one",
    ),
    Need("`organization`", ("organizations:ListAccounts",)),
    Need(
        "`organization` with a path in `units`",
        ("organizations:ListRoots", "organizations:ListOrganizationalUnitsForParent"),
    ),
    Need(
        "`organization` with the id of a unit that has no accounts",
        ("organizations:ListOrganizationalUnitsForParent",),
    ),
    Need(
        "`organization` with `units`, if the SDK does not report the units of accounts",
        ("organizations:ListAccountsForParent", "organizations:ListOrganizationalUnitsForParent"),
    ),
    Need("`organization` with `tags`", ("organizations:ListTagsForResource",)),
)

PERMISSIONS: dict[str, tuple[Need, ...]] = {
    "bucket_default_encryption": (
        Need("every run", ("s3:GetEncryptionConfiguration",)),
        Need("a change", ("s3:PutEncryptionConfiguration",)),
        Need(
            "a change from an encryption without a KMS key to `SSE-KMS` or `DSSE-KMS`, unless `log_targets: ignore`",
            optional=(
                Optional(
                    "s3:GetBucketPolicy", "the task warns that the logs which the policy lets AWS deliver are not known"
                ),
                Optional(
                    "s3:GetBucketAcl", "the task warns that the logs which the ACL lets AWS deliver are not known"
                ),
            ),
        ),
        Need(
            "the same with a key of your own, for a bucket that `delivery.logs.amazonaws.com` may write to",
            optional=(Optional("kms:GetKeyPolicy", "the task warns that these logs may stop"),),
        ),
        Need("`kms_key` as key ID, alias or alias ARN", ("kms:DescribeKey",)),
        Need(
            "`kms_key` as key ARN",
            optional=(Optional("kms:DescribeKey", "the key is used without a check, and the task warns"),),
        ),
        _MANY_ACCOUNTS,
        Need("`select`", ("s3:ListAllMyBuckets",)),
        Need(
            "`select` with `tags`",
            optional=(Optional("tag:GetResources", "the task needs `s3:GetBucketTagging` on each bucket instead"),),
        ),
        Need("`select` with `tags`, without `tag:GetResources`", ("s3:GetBucketTagging",)),
    ),
    "bucket_default_encryption_info": (
        Need("every run", ("s3:GetEncryptionConfiguration",)),
        Need("`kms_key` in `expected` as key ID, alias or alias ARN", ("kms:DescribeKey",)),
        _MANY_ACCOUNTS,
        Need("`select`", ("s3:ListAllMyBuckets",)),
        Need(
            "`select` with `tags`",
            optional=(Optional("tag:GetResources", "the task needs `s3:GetBucketTagging` on each bucket instead"),),
        ),
        Need("`select` with `tags`, without `tag:GetResources`", ("s3:GetBucketTagging",)),
    ),
    "bucket_encryption_policy": (
        Need("every run", ("s3:GetBucketPolicy",)),
        Need("a change", ("s3:PutBucketPolicy",)),
        Need("a change after which no statement remains", ("s3:DeleteBucketPolicy",)),
        Need(
            "TLS becomes required",
            optional=(
                Optional("s3:GetBucketWebsite", "the task warns that it does not know whether a website would stop"),
            ),
        ),
        Need(
            "a change of `allow_encryption` or `allow_kms_keys`",
            optional=(
                Optional(
                    "s3:GetEncryptionConfiguration",
                    "the task warns that it does not know whether the policy allows the bucket's own default",
                ),
            ),
        ),
        Need("`allow_kms_keys` with a key ID, alias or alias ARN", ("kms:DescribeKey",)),
        Need(
            "`allow_kms_keys` with a key ARN",
            optional=(Optional("kms:DescribeKey", "the key is used without a check, and the task warns"),),
        ),
        _MANY_ACCOUNTS,
        Need("`select`", ("s3:ListAllMyBuckets",)),
        Need(
            "`select` with `tags`",
            optional=(Optional("tag:GetResources", "the task needs `s3:GetBucketTagging` on each bucket instead"),),
        ),
        Need("`select` with `tags`, without `tag:GetResources`", ("s3:GetBucketTagging",)),
    ),
    "bucket_encryption_policy_info": (
        Need("every run", ("s3:GetBucketPolicy",)),
        Need(
            "`allow_encryption` or `allow_kms_keys` in `expected`",
            ("s3:GetEncryptionConfiguration",),
            why="because the default encryption of the bucket has to be in the list, too",
        ),
        Need("`allow_kms_keys` in `expected` as key ID, alias or alias ARN", ("kms:DescribeKey",)),
        Need(
            "`allow_kms_keys` in `expected` as key ARN",
            optional=(Optional("kms:DescribeKey", "a key ARN is not known to be that of the AWS managed key of S3"),),
        ),
        _MANY_ACCOUNTS,
        Need("`select`", ("s3:ListAllMyBuckets",)),
        Need(
            "`select` with `tags`",
            optional=(Optional("tag:GetResources", "the task needs `s3:GetBucketTagging` on each bucket instead"),),
        ),
        Need("`select` with `tags`, without `tag:GetResources`", ("s3:GetBucketTagging",)),
    ),
    "bucket_reencryption_info": (
        Need("every run, unless it counts `versions: all`", ("s3:ListBucket",)),
        Need("a count of objects", ("s3:GetObject",)),
        Need("a count of `versions: all`", ("s3:ListBucketVersions", "s3:GetObjectVersion")),
        Need(
            "a count in a bucket with versioning",
            optional=(
                Optional("s3:GetBucketObjectLockConfiguration", "the task needs the next row to know about locks"),
            ),
        ),
        Need(
            "a count in a bucket with Object Lock",
            optional=(
                Optional("s3:GetObjectRetention", "the number of locked objects is `null`, and the task warns"),
                Optional("s3:GetObjectLegalHold", "the number of locked objects is `null`, and the task warns"),
            ),
        ),
        Need(
            "`jobs`",
            ("s3:ListJobs", "s3:GetJobTagging", "s3:DescribeJob"),
            why="the first one on `*`, and the others on `arn:aws:s3:REGION:ACCOUNT:job/*`",
        ),
        Need("`job_id`", ("s3:DescribeJob",)),
        Need(
            "the report of a job with failed tasks",
            optional=(Optional("s3:GetObject", "the task warns that it could not read the report"),),
        ),
    ),
    "s3_encrypted_object": (
        Need("every run", ("s3:GetObject",)),
        Need("an object that does not exist", ("s3:ListBucket",)),
        Need("a write", ("s3:PutObject",)),
        Need(
            "new content for an existing object, unless `tags` replaces all tags",
            ("s3:GetObjectTagging",),
            why="because S3 reports the number of tags only to a caller who may read them",
        ),
        Need(
            "a write over an existing object",
            optional=(
                Optional(
                    "s3:GetObjectAcl",
                    "the task needs `s3:GetBucketOwnershipControls`, which shows whether ACLs are disabled for the "
                    "bucket. Without both, it warns that grants may be lost",
                ),
            ),
        ),
        Need("a write over an object whose ACL is not private", ("s3:PutObjectAcl",)),
        Need(f"{_ENCRYPTED}, also after a copy", ("kms:Decrypt",)),
        Need("a write under `SSE-KMS` or `DSSE-KMS`", ("kms:GenerateDataKey",)),
        Need("`kms_key` as key ID, alias or alias ARN", ("kms:DescribeKey",)),
        Need(
            "`kms_key` as key ARN",
            optional=(Optional("kms:DescribeKey", "the key is used without a check, and the task warns"),),
        ),
        Need("`tags` of a new object", ("s3:PutObjectTagging",)),
        Need("`tags` of an existing object", ("s3:GetObjectTagging", "s3:PutObjectTagging")),
        Need(
            "`encryption: SSE-C`",
            optional=(
                Optional(
                    "s3:GetEncryptionConfiguration",
                    "S3 refuses the write if the bucket blocks SSE-C, and does not name this cause",
                ),
            ),
        ),
        Need(
            "an upload without `encryption` over an object under `SSE-KMS`, `DSSE-KMS` or `SSE-C`",
            optional=(
                Optional("s3:GetEncryptionConfiguration", "the task warns that the encryption may become weaker"),
            ),
        ),
        Need(
            "an upload under `SSE-KMS` or `DSSE-KMS`, without `kms_key` and `expected_bucket_owner`",
            optional=(
                Optional(
                    "s3:GetEncryptionConfiguration",
                    "the task does not warn that the owner of the bucket cannot use the AWS managed key of the caller",
                ),
            ),
        ),
        Need(
            "a change of the encryption in place",
            (
                "s3:UpdateObjectEncryption",
                "s3:PutObject",
                "kms:Encrypt",
                "kms:Decrypt",
                "kms:GenerateDataKey",
                "kms:ReEncrypt*",
            ),
        ),
        Need(
            "a change in place of an object under SSE-S3, without `bucket_key_enabled`",
            ("s3:GetEncryptionConfiguration",),
        ),
        Need(
            "a copy in a bucket with versioning",
            optional=(
                Optional(
                    "s3:GetBucketObjectLockConfiguration",
                    "the default retention of the bucket is not known, and the task needs the next row",
                ),
            ),
        ),
        Need(
            "a copy in a bucket with Object Lock",
            optional=(
                Optional("s3:GetObjectRetention", "the task warns that a retention may be lost"),
                Optional("s3:GetObjectLegalHold", "the task warns that a legal hold may be lost"),
            ),
        ),
        Need("a copy of an object with tags", ("s3:GetObjectTagging", "s3:PutObjectTagging")),
        Need("a copy of an object with a retention", ("s3:PutObjectRetention",)),
        Need("a copy of an object with a legal hold", ("s3:PutObjectLegalHold",)),
        Need("a copy of an object with annotations", ("s3:GetObjectAnnotation", "s3:PutObjectAnnotation")),
        Need(
            "a copy that changes an object to SSE-C, or of more than 5 GiB",
            optional=(Optional("s3:ListObjectAnnotations", "the task warns that annotations may be lost"),),
        ),
        Need(
            "content larger than `part_size`, and a copy of more than 5 GiB",
            optional=(
                Optional("s3:AbortMultipartUpload", "the parts of a failed upload remain"),
                Optional(
                    "s3:ListBucketMultipartUploads",
                    "an upload that may be left after a lost answer is reported without its ID",
                ),
            ),
        ),
        Need("a copy of more than 5 GiB, unless `tags` replaces all tags", ("s3:GetObjectTagging",)),
        _OTHER_PARTS,
        Need("`copy_src`", ("s3:GetObject",), why="on the source, too; and `kms:Decrypt` on the KMS key of the source"),
        Need(
            "`copy_src` for a new object, unless `tags` replaces all tags",
            ("s3:GetObjectTagging",),
            why="on the source, whose tags the copy gets",
        ),
        Need("`copy_src` of an object with tags, for a new object", ("s3:PutObjectTagging",)),
        Need("`version_id` in `copy_src`", ("s3:GetObjectVersion",), why="on the source"),
        Need(
            "`version_id` in `copy_src` for a new object, unless `tags` replaces all tags",
            ("s3:GetObjectVersionTagging",),
            why="on the source",
        ),
        Need(
            "a key that ends with `.instruction`",
            ("s3:GetObject",),
            why="also on the object without this suffix: without it, the task warns that this object may need the file",
        ),
        Need("`state: absent`", ("s3:DeleteObject",)),
        Need(
            "`state: absent` of an object under `SSE-C`",
            optional=(Optional("s3:GetObjectTagging", "the diff does not show the version"),),
        ),
        Need("`state: absent` with `version_id`", ("s3:GetObjectVersion", "s3:DeleteObjectVersion")),
        Need(_UNDER_CSE_KMS, ("kms:Decrypt",)),
        Need("new content under `CSE-KMS`, and any change to it", ("kms:GenerateDataKey",)),
        Need(
            "a change of KMS key or context under `CSE-KMS`, or an instruction file that is new to the object",
            ("kms:Decrypt", "kms:Encrypt"),
            why="the first one on both keys, the second one on the new key",
        ),
        Need(
            "a change from or to `CSE-KMS` or `CSE-C`",
            ("s3:GetObjectTagging",),
            (Optional("s3:ListObjectAnnotations", "the task warns that annotations may be lost"),),
        ),
        Need(
            "a change to `CSE-KMS` or `CSE-C`, or to `envelope: instruction_file`",
            ("s3:ListBucket",),
            why="because S3 reports only then that there is no instruction file",
        ),
        Need(
            "`state: absent` of an object with an instruction file, and its change from `CSE-KMS` or `CSE-C`",
            ("s3:DeleteObject",),
            (Optional("s3:ListBucketVersions", "the instruction file stays, and the task warns"),),
        ),
    ),
    "s3_encrypted_object_info": (
        Need("every run", ("s3:GetObject",)),
        Need("`prefix`, and an object that does not exist", ("s3:ListBucket",)),
        Need(f"{_ENCRYPTED}, unless `prefix` is set with `expected` or `results: none`", ("kms:Decrypt",)),
        Need("`kms_key` in `expected` as key ID, alias or alias ARN", ("kms:DescribeKey",)),
        Need(
            "an object with tags",
            optional=(Optional("s3:GetObjectTagging", "S3 does not report that the object has tags"),),
        ),
        Need("`version_id`", ("s3:GetObjectVersion",)),
        Need(
            "`version_id` of an object with tags",
            optional=(Optional("s3:GetObjectVersionTagging", "S3 does not report that the version has tags"),),
        ),
    ),
    "s3_encrypted_object_download": (
        Need("every run", ("s3:GetObject",)),
        Need("to find out that an object does not exist", ("s3:ListBucket",)),
        Need(f"{_ENCRYPTED}", ("kms:Decrypt",)),
        Need(_UNDER_CSE_KMS, ("kms:Decrypt",)),
        Need("`kms_key` as key ID, alias or alias ARN", ("kms:DescribeKey",)),
        Need("`version_id`", ("s3:GetObjectVersion",)),
        _OTHER_PARTS,
    ),
    "s3_encrypted_sync": (
        Need(
            "every run",
            ("s3:ListBucket",),
            why="and for each object, with `src` the actions of `s3_encrypted_object`, and with `dest` those of "
            "`s3_encrypted_object_download`",
        ),
        Need(
            "`src`",
            optional=(
                Optional("s3:ListBucketMultipartUploads", "the task does not report unfinished uploads, and warns"),
            ),
        ),
        Need("`src`, a file without an object", ("s3:PutObject",)),
        Need("`src`, a file with an object", ("s3:GetObject",)),
        Need(
            "`src`, a file that differs from its object",
            ("s3:GetObject", "s3:GetObjectTagging", "s3:PutObject"),
            (
                Optional(
                    "s3:GetBucketOwnershipControls",
                    "the task reads the ACL of each object that it writes again, with `s3:GetObjectAcl`",
                ),
            ),
        ),
        Need(
            "`src` with `delete`",
            ("s3:DeleteObject", "s3:GetObject"),
            why="the second one for the condition that the object is the one that was listed",
        ),
        Need("`dest`", ("s3:GetObject",)),
    ),
    "bucket_reencryption": (
        Need("every run, unless `versions: all`", ("s3:ListBucket",)),
        Need("`versions: all`", ("s3:ListBucketVersions",)),
        Need("each object that `select` does not leave out by what the list says", ("s3:GetObject",)),
        Need("each noncurrent version", ("s3:GetObjectVersion",)),
        Need(
            "without `encryption`, and under `SSE-KMS` without `bucket_key_enabled`",
            ("s3:GetEncryptionConfiguration",),
        ),
        Need("`kms_key`, or a key in `select.encryption`, as key ID, alias or alias ARN", ("kms:DescribeKey",)),
        Need(
            "`kms_key` as key ARN",
            optional=(Optional("kms:DescribeKey", "the key is used without a check, and the task warns"),),
        ),
        Need(
            "an object that is changed in place",
            (
                "s3:UpdateObjectEncryption",
                "s3:PutObject",
                "kms:Encrypt",
                "kms:Decrypt",
                "kms:GenerateDataKey",
                "kms:ReEncrypt*",
            ),
            (
                Optional(
                    "s3:GetReplicationConfiguration", "the task warns that it does not know whether objects replicate"
                ),
            ),
            why="on the KMS key that the object has and on the one that it gets",
        ),
        Need(
            "an object that is copied",
            ("s3:PutObject",),
            (
                Optional(
                    "s3:GetBucketOwnershipControls", "the task reads the ACL of each object, with `s3:GetObjectAcl`"
                ),
            ),
            why="and what a copy needs of `s3_encrypted_object`, for its tags, lock, annotations and ACL",
        ),
        Need("a copy of an object under `SSE-KMS` or `DSSE-KMS`", ("kms:Decrypt",)),
        Need("a copy that gets `SSE-KMS` or `DSSE-KMS`", ("kms:GenerateDataKey",)),
        Need(
            "a copy in a bucket with versioning",
            optional=(
                Optional("s3:GetBucketVersioning", "the task needs the row for suspended versioning"),
                Optional("s3:GetBucketObjectLockConfiguration", "the task needs the row for Object Lock"),
            ),
        ),
        Need(
            "a copy in a bucket whose versioning is suspended",
            ("s3:GetObjectVersion",),
            why="to know whether there is a version `null`, which a copy would replace",
        ),
        Need(
            "a copy in a bucket with Object Lock",
            optional=(
                Optional("s3:GetObjectRetention", "the object counts as locked"),
                Optional("s3:GetObjectLegalHold", "the object counts as locked"),
            ),
        ),
        Need("`engine: batch_operations`", ("s3:ListJobs",)),
        Need(
            "a new job",
            ("s3:CreateJob", "s3:PutJobTagging", "s3:DescribeJob", "iam:PassRole"),
            (
                Optional("iam:GetRole", "the task warns that it does not know whether S3 can assume the role"),
                Optional(
                    "iam:SimulatePrincipalPolicy", "the task warns that the role is not checked, with the policy for it"
                ),
                Optional("s3:GetBucketPolicy", "the task warns that policies of buckets may deny the role"),
                Optional("kms:GetKeyPolicy", "the task warns that key policies may deny the role"),
                Optional(
                    "s3:GetReplicationConfiguration", "the task warns that it does not know whether objects replicate"
                ),
                Optional(
                    "s3:GetBucketObjectLockConfiguration",
                    "the report is missing if its bucket gives new objects a retention",
                ),
            ),
            why="the last one on the role",
        ),
        Need("a list of objects that the task writes", ("s3:PutObject",), why="on the bucket of `batch.manifest`"),
        Need("`generated` in `batch.manifest`", ("s3:GetBucketVersioning",)),
        Need("a job with failed tasks", ("s3:GetObject",), why="on the bucket of `batch.report`"),
        Need("a job of an earlier run", ("s3:GetJobTagging", "s3:DescribeJob")),
        Need("a job that waits for its confirmation", ("s3:UpdateJobStatus",)),
    ),
    "kms_key_for_s3": (
        Need(
            "every run",
            ("kms:DescribeKey", "kms:ListAliases"),
            (Optional("kms:ListResourceTags", "the tag of an interrupted run remains"),),
        ),
        Need("a symmetric key", ("kms:GetKeyRotationStatus",)),
        Need(
            "a new key",
            ("kms:CreateKey", "kms:CreateAlias", "kms:TagResource", "kms:UntagResource"),
            (Optional("kms:ListKeys", "the task needs `tag:GetResources`, and takes three seconds longer"),),
        ),
        Need("a new key, unless `rotation_enabled: false`", ("kms:EnableKeyRotation",)),
        Need(
            "a new key with `multi_region` or `replica_regions`",
            why="for the first multi-Region key of the account",
            elsewhere=("iam:CreateServiceLinkedRole",),
        ),
        Need(
            "a new replica",
            ("kms:ReplicateKey", "kms:GetKeyPolicy", "kms:CreateKey", "kms:CreateAlias"),
            why="the last two in the region of the replica, with `kms:TagResource` if there are tags",
        ),
        Need("a key whose rotation is to be enabled", ("kms:EnableKeyRotation",)),
        Need("a key whose rotation is to be disabled", ("kms:DisableKeyRotation",)),
        Need("`rotate_if_older_than_days`, for a key that is older", ("kms:ListKeyRotations", "kms:RotateKeyOnDemand")),
        Need("`description`", ("kms:UpdateKeyDescription",)),
        Need("`enabled: true` for a disabled key", ("kms:EnableKey",)),
        Need("`enabled: false`", ("kms:DisableKey",)),
        Need(
            "`administrators`, `users`, `services`, `allowed_accounts`, `policy`",
            ("kms:GetKeyPolicy", "kms:PutKeyPolicy"),
        ),
        Need("`tags`", ("kms:ListResourceTags", "kms:TagResource", "kms:UntagResource")),
        Need("`alias` with `key_id`, for a new alias", ("kms:CreateAlias",)),
        Need("`alias` with `key_id`, for the alias of another key", ("kms:UpdateAlias",)),
        Need(
            "`state: absent`, unless `force: true`",
            ("kms:GetKeyLastUsage", "s3:ListAllMyBuckets", "s3:GetEncryptionConfiguration"),
            why="the last one on the buckets of the region",
        ),
        Need("`state: absent`", ("kms:ScheduleKeyDeletion",)),
        Need("a key that is scheduled for deletion", ("kms:CancelKeyDeletion", "kms:EnableKey")),
    ),
    "kms_key_for_s3_info": (
        Need("every run", ("kms:DescribeKey",)),
        Need("all keys", ("kms:ListKeys",)),
        Need(
            "the parts of a key",
            optional=(
                Optional("kms:ListAliases", "`errors` of the key names the action"),
                Optional("kms:GetKeyPolicy", "`errors` of the key names the action"),
                Optional("kms:ListResourceTags", "`errors` of the key names the action"),
                Optional("kms:GetKeyRotationStatus", "`errors` of the key names the action"),
            ),
        ),
        Need("`include_grants`", optional=(Optional("kms:ListGrants", "`errors` of the key names the action"),)),
        Need(
            "`include_last_used`", optional=(Optional("kms:GetKeyLastUsage", "`errors` of the key names the action"),)
        ),
        Need(
            "`include_rotations`", optional=(Optional("kms:ListKeyRotations", "`errors` of the key names the action"),)
        ),
        Need("`include_usage`", optional=(Optional("cloudtrail:LookupEvents", "the task warns"),)),
        Need(
            "`include_used_by`",
            optional=(
                Optional("s3:ListAllMyBuckets", "the task warns"),
                Optional("s3:GetEncryptionConfiguration", "the task warns for the buckets that it cannot read"),
            ),
        ),
    ),
}


def render_permissions() -> str:
    """The tables of docs/permissions.md, a section for each module, and one for the hub of many accounts."""
    modules = (_render_module(module, needs) for module, needs in PERMISSIONS.items())
    return "\n\n".join([*modules, _render_hub()])


def _render_module(module: str, needs: tuple[Need, ...]) -> str:
    lines = [f"## {module}", "", "| For | Required | Optional |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {need.purpose} | {_required(need)} | {_optional(need)} |" for need in needs)])


def _render_hub() -> str:
    lines = ["## The hub of many accounts", "", "| For | Required |", "|---|---|"]
    return "\n".join([*lines, *(f"| {need.purpose} | {_required(need)} |" for need in HUB)])


def _required(need: Need) -> str:
    actions = ", ".join(f"`{action}`" for action in (*need.required, *need.elsewhere))
    return f"{actions}, {need.why}" if need.why else actions


def _optional(need: Need) -> str:
    return "; ".join(f"`{each.action}`: without it, {each.otherwise}" for each in need.optional)

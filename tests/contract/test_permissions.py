# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The permissions of docs/permissions.md, in a lab that enforces policies.

Each scenario runs as a user with exactly the actions of its rows, and again without each of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.accounts.session_policy import (
    session_actions,
    session_policy,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.batch_jobs.wish import JobWish

from .conftest import ACCOUNT, REGION, LabClock, Result, Task
from .made_jobs import MadeJobs
from .permissions import PERMISSIONS
from .scale import IS_SOAK

pytestmark = pytest.mark.usefixtures("at_aws")

OWN_KEY = "0123456789abcdef0123456789abcdef"
OTHER_ROLE = f"arn:aws:iam::{ACCOUNT}:root"
MIB = 1 << 20
UNEQUAL_PARTS = (5 * MIB, 6 * MIB, MIB)


@dataclass(frozen=True)
class World:
    """What a scenario prepares and inspects with, as the root user of the account. `name` is new in every run."""

    s3: Any
    kms: Any
    lab: Any
    task: Task
    name: str

    def bucket(self, **options: Any) -> str:
        """A new bucket that does not block SSE-C."""
        self.s3.create_bucket(Bucket=self.name, **options)
        rule = {
            "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
            "BlockedEncryptionTypes": {"EncryptionType": ["NONE"]},
        }
        self.s3.put_bucket_encryption(Bucket=self.name, ServerSideEncryptionConfiguration={"Rules": [rule]})
        return self.name

    def object(self, bucket_options: dict[str, Any] | None = None, **parameters: Any) -> dict[str, Any]:
        """A new object in a new bucket, as options of a task."""
        bucket = self.bucket(**(bucket_options or {}))
        self.s3.put_object(**{"Bucket": bucket, "Key": "a", "Body": b"old", **parameters})
        return {"bucket": bucket, "key": "a"}

    def written(self, **options: Any) -> dict[str, Any]:
        """A new object that the module wrote, as options of a task."""
        where = {"bucket": self.bucket(), "key": "a"}
        result = self.task("s3_encrypted_object", **where, content="old", **options)
        assert result["changed"], result["msg"]
        return where

    def key(self, **parameters: Any) -> str:
        """A new KMS key with an alias; its ARN."""
        arn: str = self.kms.create_key(**parameters)["KeyMetadata"]["Arn"]
        self.kms.create_alias(AliasName=f"alias/{self.name}", TargetKeyId=arn)
        return arn

    @property
    def alias(self) -> str:
        """The alias of the key."""
        return f"alias/{self.name}"


Prepare = Callable[[World], dict[str, Any]]


@dataclass(frozen=True)
class Scenario:
    """A task of a module, the rows whose permissions it needs, and what it is run on.

    `prepare` returns the options. `silent` are optional actions without which the result says nothing, since the task
    does the same. `fallback` are the actions that the user has instead of an optional one. With `per_row`, an error is
    in the row of its object or key, and the task succeeds. With `fails`, the task fails with all actions, too.
    """

    module: str
    purposes: tuple[str, ...]
    prepare: Prepare
    silent: tuple[str, ...] = ()
    fallback: tuple[str, ...] = ()
    per_row: bool = False
    fails: bool = False

    @property
    def required(self) -> tuple[str, ...]:
        """The actions without which the task fails."""
        return tuple(dict.fromkeys(action for need in self._needs for action in need.required))

    @property
    def optional(self) -> tuple[str, ...]:
        """The actions without which the task succeeds."""
        found = dict.fromkeys(each.action for need in self._needs for each in need.optional)
        return tuple(action for action in found if action not in self.required)

    @property
    def _needs(self) -> list[Any]:
        rows = {need.purpose: need for need in PERMISSIONS[self.module]}
        return [rows[purpose] for purpose in self.purposes]


def _kms_object(world: World, **parameters: Any) -> dict[str, Any]:
    return world.object(ServerSideEncryption="aws:kms", SSEKMSKeyId=world.key(), **parameters)


def _sync(world: World, *, key: str = "", content: bytes = b"text", **options: Any) -> dict[str, Any]:
    """A sync of a bucket with this object. SOURCE is a directory with the file `a`, and FOLDER one that is new."""
    bucket = world.bucket()
    if key:
        world.s3.put_object(Bucket=bucket, Key=key, Body=content)
    return {"bucket": bucket, "prefix": "p", **({} if "dest" in options else {"src": "SOURCE"}), **options}


def _customer_key_object(world: World) -> dict[str, Any]:
    return world.object(SSECustomerAlgorithm="AES256", SSECustomerKey=OWN_KEY)


def _versioned(world: World) -> dict[str, Any]:
    options = world.object()
    world.s3.put_bucket_versioning(Bucket=world.name, VersioningConfiguration={"Status": "Enabled"})
    version = world.s3.put_object(Bucket=world.name, Key="a", Body=b"new", Tagging="a=b")["VersionId"]
    return {**options, "version_id": version}


def _current(world: World) -> dict[str, Any]:
    options = world.object()
    world.s3.put_bucket_versioning(Bucket=world.name, VersioningConfiguration={"Status": "Enabled"})
    world.s3.put_object(Bucket=world.name, Key="a", Body=b"new")
    return options


def _under_old_key(world: World) -> dict[str, Any]:
    """An object under another key than that of the alias."""
    old = world.kms.create_key()["KeyMetadata"]["Arn"]
    world.key()
    return world.object(ServerSideEncryption="aws:kms", SSEKMSKeyId=old)


def _kms_version(world: World, versioning: str, **bucket_options: Any) -> str:
    """A bucket with versions, and an object under SSE-KMS, which was written before the last change of versioning."""
    arn, bucket = world.key(), world.bucket(**bucket_options)
    if versioning:
        world.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    world.s3.put_object(Bucket=bucket, Key="a", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId=arn)
    if versioning:
        world.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": versioning})
    return bucket


def _by_job(world: World, bucket_options: dict[str, Any] | None = None, **manifest: Any) -> dict[str, Any]:
    """An object that a job with a role for everything is to change in place."""
    iam = world.lab.client("iam", region=REGION, account=ACCOUNT)
    trust = {"Effect": "Allow", "Principal": {"Service": "batchoperations.s3.amazonaws.com"}}
    everything = {"Effect": "Allow", "Action": ["s3:*", "kms:*"], "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [{**trust, "Action": "sts:AssumeRole"}]}
    iam.create_role(RoleName=world.name, AssumeRolePolicyDocument=json.dumps(document))
    policy = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
    iam.put_role_policy(RoleName=world.name, PolicyName="own", PolicyDocument=policy)
    files = {"bucket": f"{world.name}-files"}
    world.s3.create_bucket(Bucket=files["bucket"])
    role_arn = f"arn:aws:iam::{ACCOUNT}:role/{world.name}"
    return {
        "bucket": world.object(bucket_options)["bucket"],
        "encryption": "SSE-KMS",
        "kms_key": world.key(),
        "bucket_key_enabled": True,
        "engine": "batch_operations",
        "batch": {"role_arn": role_arn, "manifest": {**files, **manifest}, "report": files},
    }


def _by_generated_job(world: World, **bucket_options: Any) -> dict[str, Any]:
    options = _by_job(world, bucket_options, generated=True)
    return {**options, "select": {"encryption": ["SSE-S3"]}}


def _by_failing_job(world: World) -> dict[str, Any]:
    """A locked object, which a generated manifest does not leave out."""
    options = _by_generated_job(world, ObjectLockEnabledForBucket=True)
    world.s3.put_object_legal_hold(Bucket=options["bucket"], Key="a", LegalHold={"Status": "ON"})
    return {**options, "versions": "all", "on_locked": "fail"}


def _by_waiting_job(world: World) -> dict[str, Any]:
    """A job of an earlier run, which waits for its confirmation."""
    options = _by_job(world)
    first = world.task(AGAIN, **{**options, "batch": {**options["batch"], "confirmation_required": True}})
    assert first["changed"], first
    return options


def _in_accounts(world: World) -> dict[str, Any]:
    """A bucket in a list of accounts. That of the credentials is entered without a role."""
    return {"accounts": [{"account_id": ACCOUNT}], "buckets": [world.bucket()]}


def _annotated(world: World) -> dict[str, Any]:
    options = world.object()
    world.s3.put_object_annotation(**_located(options), AnnotationName="labels", AnnotationPayload=b"cat")
    return {**options, "metadata": {"a": "b"}}


def _under_cse_kms(world: World, **options: Any) -> dict[str, Any]:
    """An object under CSE-KMS, with the encryption options that it was written with."""
    under = {"encryption": "CSE-KMS", "kms_key": world.key()}
    return {**world.written(**under, **options), **under}


def _with_another_key(world: World, **options: Any) -> dict[str, Any]:
    arn = world.kms.create_key()["KeyMetadata"]["Arn"]
    return {**_under_cse_kms(world, **options), "kms_key": arn}


def _with_instruction_file(world: World) -> dict[str, Any]:
    return world.written(encryption="CSE-C", customer_key=OWN_KEY, envelope="instruction_file")


def _located(options: dict[str, Any]) -> dict[str, Any]:
    return {"Bucket": options["bucket"], "Key": options["key"]}


def _in_unequal_parts(world: World) -> dict[str, Any]:
    """An object under SSE-KMS with a checksum of its parts, and the same content as option."""
    bucket = world.bucket()
    checksum = {"ChecksumAlgorithm": "SHA256", "ChecksumType": "COMPOSITE"}
    upload = world.s3.create_multipart_upload(Bucket=bucket, Key="a", ServerSideEncryption="AES256", **checksum)
    named = {"Bucket": bucket, "Key": "a", "UploadId": upload["UploadId"]}
    parts = []
    for number, size in enumerate(UNEQUAL_PARTS, 1):
        sent = world.s3.upload_part(**named, PartNumber=number, Body=b"x" * size, ChecksumAlgorithm="SHA256")
        parts.append({"PartNumber": number, "ETag": sent["ETag"], "ChecksumSHA256": sent["ChecksumSHA256"]})
    world.s3.complete_multipart_upload(**named, MultipartUpload={"Parts": parts})
    return {"bucket": bucket, "key": "a"}


def _in_unequal_parts_with_file(world: World) -> dict[str, Any]:
    return {**_in_unequal_parts(world), "dest": "DEST", "present": b"x" * sum(UNEQUAL_PARTS)}


def _locked(world: World, **lock: Any) -> dict[str, Any]:
    options = world.object({"ObjectLockEnabledForBucket": True}, **lock)
    return {**options, "encryption": "SSE-S3", "metadata": {"a": "b"}}


def _two_versions(world: World) -> str:
    bucket: str = _locked(world)["bucket"]
    world.s3.put_object(Bucket=bucket, Key="a", Body=b"new")
    return bucket


def _job(world: World) -> tuple[str, str]:
    """A bucket, and the ID of a job for it with a failed task. No policy is enforced on its role meanwhile."""
    bucket = world.bucket()
    world.lab.enforcing = False
    control = world.lab.client("s3control", region=REGION, account=ACCOUNT)
    jobs = MadeJobs(world.s3, control, bucket, f"{bucket}-jobs", world.key())
    job_id = jobs.create(["absent"], wish=JobWish.of(bucket, {}, ""))
    world.lab.enforcing = True
    return bucket, job_id


def _public(world: World) -> dict[str, Any]:
    bucket = world.bucket(ObjectOwnership="ObjectWriter")
    world.s3.delete_public_access_block(Bucket=bucket)
    world.s3.put_object(Bucket=bucket, Key="a", Body=b"old")
    acl = world.s3.get_object_acl(Bucket=bucket, Key="a")
    everyone = {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}
    grants = [*acl["Grants"], {"Grantee": everyone, "Permission": "READ"}]
    world.s3.put_object_acl(Bucket=bucket, Key="a", AccessControlPolicy={"Grants": grants, "Owner": acl["Owner"]})
    return {"bucket": bucket, "key": "a", "content": "new", "tags": {}}


def _named_key(world: World, **options: Any) -> dict[str, Any]:
    arn = world.key()
    return {"key_id": arn, "rotation_enabled": False, **options}


def _tagged_key(world: World) -> dict[str, Any]:
    options = _named_key(world, tags={"a": "b"})
    world.kms.tag_resource(KeyId=options["key_id"], Tags=[{"TagKey": "old", "TagValue": "x"}])
    return options


def _deletable_key(world: World) -> dict[str, Any]:
    world.bucket()
    return {"key_id": world.key(), "state": "absent"}


def _disabled_key(world: World) -> dict[str, Any]:
    options = _named_key(world, enabled=True)
    world.kms.disable_key(KeyId=options["key_id"])
    return options


def _old_key(world: World) -> dict[str, Any]:
    options = _named_key(world, rotate_if_older_than_days=30)
    world.lab.clock.advance(days=60)
    return options


def _deleted_key(world: World) -> dict[str, Any]:
    options = _named_key(world)
    world.kms.schedule_key_deletion(KeyId=options["key_id"], PendingWindowInDays=7)
    return options


def _rotating_key(world: World) -> dict[str, Any]:
    options = _named_key(world)
    world.kms.enable_key_rotation(KeyId=options["key_id"])
    return options


def _second_alias(world: World) -> dict[str, Any]:
    return _named_key(world, alias=f"second-{world.name}")


def _alias_of_another_key(world: World) -> dict[str, Any]:
    world.key()
    arn = world.kms.create_key()["KeyMetadata"]["Arn"]
    return {"key_id": arn, "alias": world.alias, "rotation_enabled": False}


def _tagged_bucket(world: World) -> dict[str, Any]:
    bucket = world.bucket()
    world.s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "run", "Value": world.name}]})
    return {"select": {"names": ["*"], "tags": {"run": world.name}}}


def _with_policy(world: World) -> str:
    """A new bucket with a statement of the module."""
    result = world.task("bucket_encryption_policy", buckets=[world.bucket()], deny_customer_keys=True)
    assert result["changed"], result
    return world.name


def _key_of_a_bucket(world: World) -> dict[str, Any]:
    bucket, arn = world.bucket(), world.key()
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": arn}
    rules = [{"ApplyServerSideEncryptionByDefault": default}]
    world.s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": rules})
    return {"key_id": arn}


def _log_bucket(world: World) -> dict[str, Any]:
    """A bucket for vended logs, and a key that lets AWS deliver them."""
    service = {"Effect": "Allow", "Principal": {"Service": "delivery.logs.amazonaws.com"}}
    bucket, arn = world.bucket(), world.key()
    write = {**service, "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    world.s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [write]}))
    policy = json.loads(world.kms.get_key_policy(KeyId=arn)["Policy"])
    policy["Statement"].append({**service, "Action": "kms:GenerateDataKey*", "Resource": "*"})
    world.kms.put_key_policy(KeyId=arn, Policy=json.dumps(policy))
    return {"buckets": [bucket], "encryption": "SSE-KMS", "kms_key": arn}


BUCKET = "bucket_default_encryption"
AUDIT = "bucket_default_encryption_info"
POLICY = "bucket_encryption_policy"
POLICY_AUDIT = "bucket_encryption_policy_info"
OBJECT = "s3_encrypted_object"
OBJECT_INFO = "s3_encrypted_object_info"
REENCRYPTION_INFO = "bucket_reencryption_info"
DOWNLOAD = "s3_encrypted_object_download"
SYNC = "s3_encrypted_sync"
DELETE_OTHER: dict[str, Any] = {"delete": True, "delete_all": True, "include": ["other"]}
KEY = "kms_key_for_s3"
KEY_INFO = "kms_key_for_s3_info"
AGAIN = "bucket_reencryption"

TO_KMS = "a change from an encryption without a KMS key to `SSE-KMS` or `DSSE-KMS`, unless `log_targets: ignore`"
VENDED_LOGS = "the same with a key of your own, for a bucket that `delivery.logs.amazonaws.com` may write to"
ALIAS = "`kms_key` as key ID, alias or alias ARN"
ARN = "`kms_key` as key ARN"
EXPECTED_ALIAS = "`kms_key` in `expected` as key ID, alias or alias ARN"
EXPECTED_LISTS = "`allow_encryption` or `allow_kms_keys` in `expected`"
EXPECTED_KEYS = "`allow_kms_keys` in `expected` as key ID, alias or alias ARN"
NEW_CONTENT = "new content for an existing object, unless `tags` replaces all tags"
OVER_EXISTING = "a write over an existing object"
UNDER_KMS = "a write under `SSE-KMS` or `DSSE-KMS`"
KMS_READ = "an object under `SSE-KMS` or `DSSE-KMS`"
CSE_KMS_READ = "an object under `CSE-KMS`"
CSE_KMS_WRITE = "new content under `CSE-KMS`, and any change to it"
CSE_KMS_CHANGE = "a change of KMS key or context under `CSE-KMS`, or an instruction file that is new to the object"
CSE_CHANGE = "a change from or to `CSE-KMS` or `CSE-C`"
FILE_NEEDED = "a change to `CSE-KMS` or `CSE-C`, or to `envelope: instruction_file`"
FILE_DELETION = "`state: absent` of an object with an instruction file, and its change from `CSE-KMS` or `CSE-C`"
LISTED = "every run, unless `versions: all`"
EACH = "each object that `select` does not leave out by what the list says"
FROM_BUCKET = "without `encryption`, and under `SSE-KMS` without `bucket_key_enabled`"
AGAIN_ALIAS = "`kms_key`, or a key in `select.encryption`, as key ID, alias or alias ARN"
AGAIN_IN_PLACE = "an object that is changed in place"
AGAIN_COPY = "an object that is copied"
AGAIN_VERSIONED = "a copy in a bucket with versioning"
BY_JOBS = "`engine: batch_operations`"
MANY_ACCOUNTS = "`accounts` or `organization`, in each account"

SCENARIOS = {
    "bucket, SSE-S3": Scenario(
        BUCKET,
        ("every run", "a change"),
        lambda world: {"buckets": [world.bucket()], "encryption": "SSE-S3", "blocked_encryption_types": ["SSE-C"]},
    ),
    "bucket, alias": Scenario(
        BUCKET,
        ("every run", "a change", TO_KMS, ALIAS),
        lambda world: {
            "buckets": [world.bucket()],
            "encryption": "SSE-KMS",
            "kms_key": world.key() and world.alias,
        },
    ),
    "bucket, key ARN": Scenario(
        BUCKET,
        ("every run", "a change", TO_KMS, ARN),
        lambda world: {"buckets": [world.bucket()], "encryption": "SSE-KMS", "kms_key": world.key()},
    ),
    "bucket, vended logs": Scenario(BUCKET, ("every run", "a change", TO_KMS, VENDED_LOGS, ARN), _log_bucket),
    "buckets by name": Scenario(
        BUCKET,
        ("every run", "`select`"),
        lambda world: {"select": {"names": [world.bucket()]}, "encryption": "SSE-S3"},
    ),
    "buckets by tags": Scenario(
        BUCKET,
        ("every run", "`select`", "`select` with `tags`, without `tag:GetResources`"),
        lambda world: {**_tagged_bucket(world), "encryption": "SSE-S3"},
    ),
    "buckets by tags, from the tagging API": Scenario(
        BUCKET,
        ("every run", "`select`", "`select` with `tags`"),
        lambda world: {**_tagged_bucket(world), "encryption": "SSE-S3"},
        silent=("tag:GetResources",),
        fallback=("s3:GetBucketTagging",),
    ),
    "policy, TLS": Scenario(
        POLICY,
        ("every run", "a change", "TLS becomes required"),
        lambda world: {"buckets": [world.bucket()], "require_tls": True},
    ),
    "policy, alias": Scenario(
        POLICY,
        (
            "every run",
            "a change",
            "a change of `allow_encryption` or `allow_kms_keys`",
            "`allow_kms_keys` with a key ID, alias or alias ARN",
        ),
        lambda world: {"buckets": [world.bucket()], "allow_kms_keys": world.key() and [world.alias]},
    ),
    "policy, key ARN": Scenario(
        POLICY,
        ("every run", "a change", "`allow_kms_keys` with a key ARN"),
        lambda world: {"buckets": [world.bucket()], "allow_kms_keys": [world.key()]},
        fallback=("s3:GetEncryptionConfiguration",),
    ),
    "no policy remains": Scenario(
        POLICY,
        ("every run", "a change after which no statement remains"),
        lambda world: {"buckets": [_with_policy(world)], "state": "absent"},
    ),
    "policies by name": Scenario(
        POLICY,
        ("every run", "a change", "`select`"),
        lambda world: {"select": {"names": [world.bucket()]}, "deny_customer_keys": True},
    ),
    "policies by tags": Scenario(
        POLICY,
        ("every run", "a change", "`select`", "`select` with `tags`, without `tag:GetResources`"),
        lambda world: {**_tagged_bucket(world), "deny_customer_keys": True},
    ),
    "policies by tags, from the tagging API": Scenario(
        POLICY,
        ("every run", "a change", "`select`", "`select` with `tags`"),
        lambda world: {**_tagged_bucket(world), "deny_customer_keys": True},
        silent=("tag:GetResources",),
        fallback=("s3:GetBucketTagging",),
    ),
    "audit": Scenario(AUDIT, ("every run",), lambda world: {"buckets": [world.bucket()]}),
    "audit, alias": Scenario(
        AUDIT,
        ("every run", EXPECTED_ALIAS),
        lambda world: {
            "buckets": [world.bucket()],
            "expected": {"encryption": "SSE-KMS", "kms_key": world.key() and world.alias},
        },
    ),
    "audit by tags": Scenario(
        AUDIT, ("every run", "`select`", "`select` with `tags`, without `tag:GetResources`"), _tagged_bucket
    ),
    "audit by tags, from the tagging API": Scenario(
        AUDIT,
        ("every run", "`select`", "`select` with `tags`"),
        _tagged_bucket,
        silent=("tag:GetResources",),
        fallback=("s3:GetBucketTagging",),
    ),
    "policy audit": Scenario(
        POLICY_AUDIT,
        ("every run",),
        lambda world: {"buckets": [world.bucket()], "expected": {"require_tls": True}},
    ),
    "policy audit, kinds": Scenario(
        POLICY_AUDIT,
        ("every run", EXPECTED_LISTS),
        lambda world: {"buckets": [world.bucket()], "expected": {"allow_encryption": ["SSE-KMS"]}},
    ),
    "policy audit, alias": Scenario(
        POLICY_AUDIT,
        ("every run", EXPECTED_LISTS, EXPECTED_KEYS),
        lambda world: {
            "buckets": [world.bucket()],
            "expected": {"allow_kms_keys": [world.key() and world.alias]},
        },
    ),
    "policy audit, key ARN": Scenario(
        POLICY_AUDIT,
        ("every run", EXPECTED_LISTS, "`allow_kms_keys` in `expected` as key ARN"),
        lambda world: {"buckets": [world.bucket()], "expected": {"allow_kms_keys": [world.key()]}},
        silent=("kms:DescribeKey",),
    ),
    "policy audit by tags": Scenario(
        POLICY_AUDIT, ("every run", "`select`", "`select` with `tags`, without `tag:GetResources`"), _tagged_bucket
    ),
    "policy audit by tags, from the tagging API": Scenario(
        POLICY_AUDIT,
        ("every run", "`select`", "`select` with `tags`"),
        _tagged_bucket,
        silent=("tag:GetResources",),
        fallback=("s3:GetBucketTagging",),
    ),
    "new object": Scenario(
        OBJECT,
        ("every run", "an object that does not exist", "a write"),
        lambda world: {"bucket": world.bucket(), "key": "a", "content": "new"},
    ),
    "new object, tags": Scenario(
        OBJECT,
        ("every run", "an object that does not exist", "a write", "`tags` of a new object"),
        lambda world: {"bucket": world.bucket(), "key": "a", "content": "new", "tags": {"a": "b"}},
    ),
    "new object, alias": Scenario(
        OBJECT,
        ("every run", "an object that does not exist", "a write", UNDER_KMS, ALIAS),
        lambda world: {
            "bucket": world.bucket(),
            "key": "a",
            "content": "new",
            "encryption": "SSE-KMS",
            "kms_key": world.key() and world.alias,
        },
    ),
    "other content": Scenario(
        OBJECT,
        ("every run", "a write", NEW_CONTENT, OVER_EXISTING),
        lambda world: {**world.object(), "content": "new"},
    ),
    "other content of a public object": Scenario(
        OBJECT,
        ("every run", "a write", OVER_EXISTING, "a write over an object whose ACL is not private"),
        _public,
    ),
    "other content without encryption": Scenario(
        OBJECT,
        (
            "every run",
            "a write",
            NEW_CONTENT,
            OVER_EXISTING,
            f"{KMS_READ}, also after a copy",
            "an upload without `encryption` over an object under `SSE-KMS`, `DSSE-KMS` or `SSE-C`",
        ),
        lambda world: {**_kms_object(world), "content": "new"},
    ),
    "copy to a key ARN": Scenario(
        OBJECT,
        ("every run", "a write", OVER_EXISTING, UNDER_KMS, ARN, f"{KMS_READ}, also after a copy"),
        lambda world: {**world.object(), "encryption": "SSE-KMS", "kms_key": world.key(), "change_method": "copy"},
    ),
    "tags": Scenario(
        OBJECT,
        ("every run", "`tags` of an existing object"),
        lambda world: {**world.object(Tagging="a=c"), "tags": {"a": "b"}},
    ),
    "SSE-C": Scenario(
        OBJECT,
        ("every run", "an object that does not exist", "a write", "`encryption: SSE-C`"),
        lambda world: {
            "bucket": world.bucket(),
            "key": "a",
            "content": "new",
            "encryption": "SSE-C",
            "customer_key": OWN_KEY,
        },
        silent=("s3:GetEncryptionConfiguration",),
    ),
    "in place": Scenario(
        OBJECT,
        (
            "every run",
            "a change of the encryption in place",
            "a change in place of an object under SSE-S3, without `bucket_key_enabled`",
            ALIAS,
        ),
        lambda world: {
            **world.object(),
            "encryption": "SSE-KMS",
            "kms_key": world.key() and world.alias,
            "change_method": "update",
        },
    ),
    "copy in a bucket with versioning": Scenario(
        OBJECT,
        ("every run", "a write", OVER_EXISTING, "a copy in a bucket with versioning"),
        lambda world: {**_current(world), "metadata": {"a": "b"}},
        silent=("s3:GetBucketObjectLockConfiguration",),
        fallback=("s3:GetObjectRetention", "s3:GetObjectLegalHold"),
    ),
    "copy of an object with tags": Scenario(
        OBJECT,
        ("every run", "a write", OVER_EXISTING, "a copy of an object with tags"),
        lambda world: {**world.object(Tagging="a=b"), "metadata": {"a": "b"}},
    ),
    "copy of another object": Scenario(
        OBJECT,
        (
            "every run",
            "an object that does not exist",
            "a write",
            "`copy_src`",
            "`copy_src` for a new object, unless `tags` replaces all tags",
            "`copy_src` of an object with tags, for a new object",
        ),
        lambda world: {**(source := world.object(Tagging="a=b")), "copy_src": source, "key": "copy"},
    ),
    "copy of a version": Scenario(
        OBJECT,
        (
            "every run",
            "an object that does not exist",
            "a write",
            "`copy_src`",
            "`copy_src` of an object with tags, for a new object",
            "`version_id` in `copy_src`",
            "`version_id` in `copy_src` for a new object, unless `tags` replaces all tags",
        ),
        lambda world: {"copy_src": (source := _versioned(world)), "bucket": source["bucket"], "key": "copy"},
    ),
    "the key of an instruction file": Scenario(
        OBJECT,
        ("every run", "an object that does not exist", "a write", "a key that ends with `.instruction`"),
        lambda world: {**world.object(), "key": "a.instruction", "content": "text"},
    ),
    "copy of an object with annotations": Scenario(
        OBJECT,
        ("every run", "a write", OVER_EXISTING, "a copy of an object with annotations"),
        _annotated,
    ),
    "copy in a bucket with Object Lock": Scenario(
        OBJECT,
        (
            "every run",
            "a write",
            OVER_EXISTING,
            "a copy in a bucket with versioning",
            "a copy in a bucket with Object Lock",
        ),
        _locked,
        silent=("s3:GetBucketObjectLockConfiguration",),
    ),
    "copy of an object with a retention": Scenario(
        OBJECT,
        (
            "every run",
            "a write",
            OVER_EXISTING,
            "a copy in a bucket with Object Lock",
            "a copy of an object with a retention",
        ),
        lambda world: _locked(
            world, ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=datetime.now(timezone.utc) + timedelta(9)
        ),
    ),
    "copy of a locked object": Scenario(
        OBJECT,
        (
            "every run",
            "a write",
            OVER_EXISTING,
            "a copy in a bucket with Object Lock",
            "a copy of an object with a legal hold",
        ),
        lambda world: _locked(world, ObjectLockLegalHoldStatus="ON"),
    ),
    "copy to SSE-C": Scenario(
        OBJECT,
        (
            "every run",
            "a write",
            OVER_EXISTING,
            "`encryption: SSE-C`",
            "a copy that changes an object to SSE-C, or of more than 5 GiB",
        ),
        lambda world: {**world.object(), "encryption": "SSE-C", "customer_key": OWN_KEY},
        silent=("s3:GetEncryptionConfiguration",),
    ),
    "content under the AWS managed key": Scenario(
        OBJECT,
        (
            "every run",
            "an object that does not exist",
            "a write",
            "an upload under `SSE-KMS` or `DSSE-KMS`, without `kms_key` and `expected_bucket_owner`",
        ),
        lambda world: {"bucket": world.bucket(), "key": "a", "content": "x", "encryption": "SSE-KMS"},
        silent=("s3:GetEncryptionConfiguration",),
    ),
    "content in parts": Scenario(
        OBJECT,
        (
            "every run",
            "an object that does not exist",
            "a write",
            "content larger than `part_size`, and a copy of more than 5 GiB",
        ),
        lambda world: {"bucket": world.bucket(), "key": "a", "content": "x" * (6 * MIB), "part_size": "5MiB"},
        silent=("s3:AbortMultipartUpload", "s3:ListBucketMultipartUploads"),
    ),
    "content for unequal parts": Scenario(
        OBJECT,
        ("every run", "content for an object whose parts have different sizes"),
        lambda world: {**_in_unequal_parts(world), "content": "x" * sum(UNEQUAL_PARTS)},
        silent=("s3:GetObjectAttributes",),
    ),
    "new object, CSE-KMS": Scenario(
        OBJECT,
        ("every run", "an object that does not exist", "a write", CSE_KMS_WRITE, ARN),
        lambda world: {
            "bucket": world.bucket(),
            "key": "a",
            "content": "new",
            "encryption": "CSE-KMS",
            "kms_key": world.key(),
        },
    ),
    "same content, CSE-KMS": Scenario(
        OBJECT, ("every run", CSE_KMS_READ), lambda world: {**_under_cse_kms(world), "content": "old"}
    ),
    "other content, CSE-KMS": Scenario(
        OBJECT,
        ("every run", "a write", NEW_CONTENT, OVER_EXISTING, CSE_KMS_READ, CSE_KMS_WRITE, ARN),
        lambda world: {**_under_cse_kms(world), "content": "new"},
    ),
    "other key, CSE-KMS": Scenario(
        OBJECT, ("every run", "a write", OVER_EXISTING, CSE_KMS_CHANGE, ARN), _with_another_key
    ),
    "other key, CSE-KMS in an instruction file": Scenario(
        OBJECT,
        ("every run", "a write", CSE_KMS_CHANGE, ARN),
        lambda world: _with_another_key(world, envelope="instruction_file"),
    ),
    "to CSE-C": Scenario(
        OBJECT,
        ("every run", "a write", OVER_EXISTING, CSE_CHANGE, FILE_NEEDED),
        lambda world: {**world.object(), "encryption": "CSE-C", "customer_key": OWN_KEY},
    ),
    "to an instruction file": Scenario(
        OBJECT,
        ("every run", "a write", OVER_EXISTING, CSE_KMS_READ, FILE_NEEDED),
        lambda world: {**_under_cse_kms(world), "envelope": "instruction_file"},
    ),
    "from CSE-C": Scenario(
        OBJECT,
        ("every run", "a write", OVER_EXISTING, CSE_CHANGE, FILE_DELETION),
        lambda world: {**_with_instruction_file(world), "encryption": "SSE-S3", "previous_customer_key": OWN_KEY},
    ),
    "deletion of an instruction file": Scenario(
        OBJECT,
        ("every run", "`state: absent`", FILE_DELETION),
        lambda world: {**_with_instruction_file(world), "state": "absent"},
    ),
    "deletion": Scenario(OBJECT, ("every run", "`state: absent`"), lambda world: {**world.object(), "state": "absent"}),
    "deletion under SSE-C": Scenario(
        OBJECT,
        ("every run", "`state: absent`", "`state: absent` of an object under `SSE-C`"),
        lambda world: {**_customer_key_object(world), "state": "absent"},
        silent=("s3:GetObjectTagging",),
    ),
    "deletion of a version": Scenario(
        OBJECT, ("`state: absent` with `version_id`",), lambda world: {**_versioned(world), "state": "absent"}
    ),
    "count of objects": Scenario(
        REENCRYPTION_INFO,
        ("every run, unless it counts `versions: all`", "a count of objects", "a count in a bucket with versioning"),
        lambda world: {"bucket": _current(world)["bucket"]},
        silent=("s3:GetBucketObjectLockConfiguration",),
        fallback=("s3:GetObjectRetention", "s3:GetObjectLegalHold"),
    ),
    "count of versions": Scenario(
        REENCRYPTION_INFO,
        (
            "a count of objects",
            "a count of `versions: all`",
            "a count in a bucket with versioning",
            "a count in a bucket with Object Lock",
        ),
        lambda world: {"bucket": _two_versions(world), "versions": "all"},
        silent=("s3:GetBucketObjectLockConfiguration",),
    ),
    "jobs": Scenario(
        REENCRYPTION_INFO,
        ("every run, unless it counts `versions: all`", "`jobs`", "the report of a job with failed tasks"),
        lambda world: {"bucket": _job(world)[0], "jobs": True},
    ),
    "one job": Scenario(
        REENCRYPTION_INFO,
        ("every run, unless it counts `versions: all`", "`job_id`", "the report of a job with failed tasks"),
        lambda world: dict(zip(("bucket", "job_id"), _job(world), strict=True)),
    ),
    "object": Scenario(
        OBJECT_INFO,
        ("every run", f"{KMS_READ}, unless `prefix` is set with `expected` or `results: none`"),
        _kms_object,
    ),
    "objects of a prefix": Scenario(
        OBJECT_INFO,
        ("every run", "`prefix`, and an object that does not exist"),
        lambda world: {"bucket": world.object()["bucket"], "prefix": ""},
        per_row=True,
    ),
    "objects of a prefix, audit": Scenario(
        OBJECT_INFO,
        ("every run", "`prefix`, and an object that does not exist", EXPECTED_ALIAS),
        lambda world: {
            "bucket": _kms_object(world)["bucket"],
            "prefix": "",
            "expected": {"encryption": "SSE-KMS", "kms_key": world.alias},
        },
    ),
    "object with tags": Scenario(
        OBJECT_INFO,
        ("every run", "an object with tags"),
        lambda world: world.object(Tagging="a=b"),
        silent=("s3:GetObjectTagging",),
    ),
    "version": Scenario(
        OBJECT_INFO,
        ("`version_id`", "`version_id` of an object with tags"),
        _versioned,
        silent=("s3:GetObjectVersionTagging",),
    ),
    "download": Scenario(DOWNLOAD, ("every run", KMS_READ), lambda world: {**_kms_object(world), "dest": "DEST"}),
    "download, CSE-KMS": Scenario(
        DOWNLOAD, ("every run", CSE_KMS_READ), lambda world: {**_under_cse_kms(world), "dest": "DEST"}
    ),
    "download, CSE-KMS with an alias": Scenario(
        DOWNLOAD,
        ("every run", CSE_KMS_READ, ALIAS),
        lambda world: {**_under_cse_kms(world), "kms_key": world.alias, "dest": "DEST"},
    ),
    "download of an absent object": Scenario(
        DOWNLOAD,
        ("every run", "to find out that an object does not exist"),
        lambda world: {"bucket": world.bucket(), "key": "a", "dest": "DEST"},
        fails=True,
    ),
    "download over unequal parts": Scenario(
        DOWNLOAD,
        ("every run", "content for an object whose parts have different sizes"),
        _in_unequal_parts_with_file,
        silent=("s3:GetObjectAttributes",),
    ),
    "accounts: default encryption": Scenario(
        BUCKET, ("every run", MANY_ACCOUNTS), lambda world: {**_in_accounts(world), "encryption": "SSE-S3"}
    ),
    "accounts: default encryption info": Scenario(
        AUDIT, ("every run", MANY_ACCOUNTS), lambda world: _in_accounts(world)
    ),
    "accounts: policy": Scenario(
        POLICY, ("every run", MANY_ACCOUNTS), lambda world: {**_in_accounts(world), "remove_rules": ["require_tls"]}
    ),
    "accounts: policy info": Scenario(POLICY_AUDIT, ("every run", MANY_ACCOUNTS), lambda world: _in_accounts(world)),
    "sync: new object": Scenario(SYNC, ("every run", "`src`", "`src`, a file without an object"), _sync),
    "sync: unchanged object": Scenario(
        SYNC, ("every run", "`src`", "`src`, a file with an object"), lambda world: _sync(world, key="p/a")
    ),
    "sync: changed object": Scenario(
        SYNC,
        ("every run", "`src`, a file that differs from its object"),
        lambda world: _sync(world, key="p/a", content=b"other"),
        silent=("s3:GetBucketOwnershipControls",),
        fallback=("s3:GetObjectAcl",),
    ),
    "sync: deletion": Scenario(
        SYNC, ("every run", "`src` with `delete`"), lambda world: _sync(world, key="p/other", **DELETE_OTHER)
    ),
    "sync: download": Scenario(SYNC, ("every run", "`dest`"), lambda world: _sync(world, key="p/a", dest="FOLDER")),
    "download of a version": Scenario(DOWNLOAD, ("`version_id`",), lambda world: {**_versioned(world), "dest": "DEST"}),
    "again, in place": Scenario(
        AGAIN,
        (LISTED, EACH, FROM_BUCKET, AGAIN_ALIAS, AGAIN_IN_PLACE),
        lambda world: {
            "bucket": _under_old_key(world)["bucket"],
            "encryption": "SSE-KMS",
            "kms_key": world.alias,
        },
    ),
    "again, key ARN": Scenario(
        AGAIN,
        (LISTED, EACH, "`kms_key` as key ARN", AGAIN_IN_PLACE),
        lambda world: {
            "bucket": _under_old_key(world)["bucket"],
            "encryption": "SSE-KMS",
            "kms_key": world.kms.describe_key(KeyId=world.alias)["KeyMetadata"]["Arn"],
            "bucket_key_enabled": True,
        },
    ),
    "again, versions": Scenario(
        AGAIN,
        ("`versions: all`", EACH, "each noncurrent version", FROM_BUCKET),
        lambda world: {"bucket": _current(world)["bucket"], "versions": "all"},
    ),
    "again, copy": Scenario(
        AGAIN,
        (LISTED, EACH, AGAIN_COPY, "a copy of an object under `SSE-KMS` or `DSSE-KMS`"),
        lambda world: {"bucket": _kms_object(world)["bucket"], "encryption": "SSE-S3"},
        silent=("s3:GetBucketOwnershipControls",),
        fallback=("s3:GetObjectAcl",),
    ),
    "again, copy under a key": Scenario(
        AGAIN,
        (LISTED, EACH, AGAIN_COPY, "a copy that gets `SSE-KMS` or `DSSE-KMS`", "`kms_key` as key ARN"),
        lambda world: {"bucket": world.object()["bucket"], "encryption": "DSSE-KMS", "kms_key": world.key()},
        silent=("s3:GetBucketOwnershipControls",),
        fallback=("s3:GetObjectAcl",),
    ),
    "again, copy with versions": Scenario(
        AGAIN,
        (LISTED, EACH, AGAIN_COPY, "a copy of an object under `SSE-KMS` or `DSSE-KMS`", AGAIN_VERSIONED),
        lambda world: {"bucket": _kms_version(world, "Enabled"), "encryption": "SSE-S3"},
        silent=("s3:GetBucketOwnershipControls", "s3:GetBucketVersioning", "s3:GetBucketObjectLockConfiguration"),
        fallback=("s3:GetObjectAcl", "s3:GetObjectVersion", "s3:GetObjectRetention", "s3:GetObjectLegalHold"),
    ),
    "again, copy without new versions": Scenario(
        AGAIN,
        (
            LISTED,
            EACH,
            AGAIN_COPY,
            "a copy of an object under `SSE-KMS` or `DSSE-KMS`",
            AGAIN_VERSIONED,
            "a copy in a bucket whose versioning is suspended",
        ),
        lambda world: {"bucket": _kms_version(world, "Suspended"), "encryption": "SSE-S3"},
        silent=("s3:GetBucketOwnershipControls", "s3:GetBucketVersioning", "s3:GetBucketObjectLockConfiguration"),
        fallback=("s3:GetObjectAcl", "s3:GetObjectRetention", "s3:GetObjectLegalHold"),
    ),
    "again, copy in a bucket with Object Lock": Scenario(
        AGAIN,
        (
            LISTED,
            EACH,
            AGAIN_COPY,
            "a copy of an object under `SSE-KMS` or `DSSE-KMS`",
            AGAIN_VERSIONED,
            "a copy in a bucket with Object Lock",
        ),
        lambda world: {"bucket": _kms_version(world, "", ObjectLockEnabledForBucket=True), "encryption": "SSE-S3"},
        silent=(
            "s3:GetBucketOwnershipControls",
            "s3:GetBucketVersioning",
            "s3:GetBucketObjectLockConfiguration",
            "s3:GetObjectRetention",
            "s3:GetObjectLegalHold",
        ),
        fallback=("s3:GetObjectAcl", "s3:GetObjectVersion"),
    ),
    "again, a job": Scenario(
        AGAIN,
        (LISTED, EACH, BY_JOBS, "a new job", "a list of objects that the task writes", "`kms_key` as key ARN"),
        _by_job,
        silent=("s3:GetBucketObjectLockConfiguration",),
    ),
    "again, a generated job": Scenario(
        AGAIN,
        (LISTED, BY_JOBS, "a new job", "`generated` in `batch.manifest`", "`kms_key` as key ARN"),
        lambda world: _by_generated_job(world),
        silent=("s3:GetBucketObjectLockConfiguration", "s3:GetReplicationConfiguration"),
    ),
    "again, a job with failed tasks": Scenario(
        AGAIN,
        (
            LISTED,
            BY_JOBS,
            "a new job",
            "`generated` in `batch.manifest`",
            "a job with failed tasks",
            "`kms_key` as key ARN",
        ),
        _by_failing_job,
        silent=("s3:GetBucketObjectLockConfiguration", "s3:GetReplicationConfiguration"),
        fails=True,
    ),
    "again, a job that waits": Scenario(
        AGAIN,
        (LISTED, BY_JOBS, "a job of an earlier run", "a job that waits for its confirmation", "`kms_key` as key ARN"),
        _by_waiting_job,
        silent=("kms:DescribeKey",),
    ),
    "new key": Scenario(
        KEY,
        ("a new key", "a new key, unless `rotation_enabled: false`"),
        lambda world: {"alias": world.alias},
        silent=("kms:ListKeys",),
        fallback=("tag:GetResources",),
    ),
    "new replica": Scenario(
        KEY,
        ("every run", "a symmetric key", "a new replica"),
        lambda world: {
            "key_id": world.key(MultiRegion=True),
            "alias": world.alias,
            "rotation_enabled": False,
            "replica_regions": ["eu-west-1"],
        },
        silent=("kms:ListResourceTags",),
    ),
    "description": Scenario(
        KEY,
        ("every run", "a symmetric key", "`description`"),
        lambda world: _named_key(world, description="new"),
        silent=("kms:ListResourceTags",),
    ),
    "policy": Scenario(
        KEY,
        ("every run", "a symmetric key", "`administrators`, `users`, `services`, `allowed_accounts`, `policy`"),
        lambda world: _named_key(world, users=[OTHER_ROLE]),
        silent=("kms:ListResourceTags",),
    ),
    "tags of a key": Scenario(
        KEY,
        ("every run", "a symmetric key", "`tags`"),
        _tagged_key,
    ),
    "rotation": Scenario(
        KEY,
        ("every run", "a symmetric key", "a key whose rotation is to be enabled"),
        lambda world: {**_named_key(world), "rotation_enabled": True},
        silent=("kms:ListResourceTags",),
    ),
    "no rotation": Scenario(
        KEY,
        ("every run", "a symmetric key", "a key whose rotation is to be disabled"),
        _rotating_key,
        silent=("kms:ListResourceTags",),
    ),
    "rotation on demand": Scenario(
        KEY,
        ("every run", "a symmetric key", "`rotate_if_older_than_days`, for a key that is older"),
        _old_key,
        silent=("kms:ListResourceTags",),
    ),
    "enabled": Scenario(
        KEY,
        ("every run", "a symmetric key", "`enabled: true` for a disabled key"),
        _disabled_key,
        silent=("kms:ListResourceTags",),
    ),
    "disabled": Scenario(
        KEY,
        ("every run", "a symmetric key", "`enabled: false`"),
        lambda world: _named_key(world, enabled=False),
        silent=("kms:ListResourceTags",),
    ),
    "new alias": Scenario(
        KEY,
        ("every run", "a symmetric key", "`alias` with `key_id`, for a new alias"),
        _second_alias,
        silent=("kms:ListResourceTags",),
    ),
    "alias of another key": Scenario(
        KEY,
        ("every run", "a symmetric key", "`alias` with `key_id`, for the alias of another key"),
        _alias_of_another_key,
        silent=("kms:ListResourceTags",),
    ),
    "deletion of a key": Scenario(
        KEY,
        ("every run", "`state: absent`", "`state: absent`, unless `force: true`"),
        _deletable_key,
        silent=("kms:ListResourceTags",),
    ),
    "cancelled deletion": Scenario(
        KEY,
        (
            "every run",
            "a key that is scheduled for deletion",
            "a key whose rotation is to be disabled",
        ),
        _deleted_key,
        silent=("kms:ListResourceTags",),
    ),
    "key report": Scenario(
        KEY_INFO,
        (
            "every run",
            "the parts of a key",
            "`include_grants`",
            "`include_last_used`",
            "`include_rotations`",
            "`include_usage`",
            "`include_used_by`",
        ),
        lambda world: {**_key_of_a_bucket(world), "include_rotations": True, "include_usage": True},
    ),
    "all keys": Scenario(
        KEY_INFO, ("every run", "all keys", "the parts of a key"), lambda world: {} if world.key() else {}, per_row=True
    ),
}


@dataclass
class Operator:
    """The user whose credentials the tasks have. Its only policy allows a set of actions on everything.

    So does that of its role, which a task assumes instead.
    """

    iam: Any
    user: str
    role: str

    def allow(self, actions: tuple[str, ...], resources: tuple[str, ...] = ("*",)) -> None:
        """Replace the policy."""
        self.iam.put_user_policy(UserName="operator", PolicyName="own", PolicyDocument=_policy(actions, resources))

    def assume_role(self, actions: tuple[str, ...]) -> dict[str, Any]:
        """Allow these actions to the role, and to the user only to assume it. Returns the option of a task that does.

        The role has to trust the user for that.
        """
        self.allow(("sts:AssumeRole",))
        statement = {"Effect": "Allow", "Principal": {"AWS": self.user}, "Action": "sts:AssumeRole"}
        trust = json.dumps({"Version": "2012-10-17", "Statement": statement})
        name = self.role.rpartition("/")[2]
        self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        self.iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=_policy(actions, ("*",)))
        return {"role_arn": [self.role]}


def _policy(actions: tuple[str, ...], resources: tuple[str, ...]) -> str:
    allowed = [*actions, "sts:GetCallerIdentity"]  # which needs no permission; a policy needs an action
    statement = {"Effect": "Allow", "Action": allowed, "Resource": [*resources]}
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


@pytest.fixture
def clock(lab: Any) -> LabClock:
    """The clock of the lab, in which keys become old."""
    return LabClock(lab)


@pytest.fixture
def operator(lab: Any, monkeypatch: pytest.MonkeyPatch) -> Operator:
    """A lab that enforces policies, and the credentials of the user in the environment of the tasks."""
    iam = lab.client("iam", region=REGION, account=ACCOUNT)
    user = iam.create_user(UserName="operator")["User"]["Arn"]
    access = iam.create_access_key(UserName="operator")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", access["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", access["SecretAccessKey"])
    lab.enforcing = True
    return Operator(iam, user, f"arn:aws:iam::{ACCOUNT}:role/operator-of-tasks")


def _removals() -> dict[str, frozenset[str]]:
    """The actions that each scenario runs without. `make soak` runs without each of them everywhere.

    Else an action is left out of the first scenario of its module only: every action once.
    """
    seen: set[tuple[str, str]] = set()
    found = {}
    for name, scenario in SCENARIOS.items():
        actions = {*scenario.required, *scenario.optional}
        found[name] = frozenset(action for action in actions if IS_SOAK or (scenario.module, action) not in seen)
        seen |= {(scenario.module, action) for action in actions}
    return found


REMOVALS = _removals()


@pytest.mark.parametrize("name", SCENARIOS)
def test_each_documented_set_suffices_and_each_action_is_needed(
    task: Task, s3: Any, kms: Any, lab: Any, operator: Operator, tmp_path: Any, name: str
) -> None:
    """With all actions: done. Without a required one: an error that names it. Without an optional one: done.

    The first task assumes a role, so it has all of them from the role, and from the session policy of the module.
    """
    scenario = SCENARIOS[name]
    actions = (*scenario.required, *scenario.optional)

    def run(number: int, missing: str, instead: tuple[str, ...] = ()) -> Result:
        world = World(s3, kms, lab, task, f"example-{number}")
        operator.allow(("s3:*", "kms:*", "iam:*"))
        options = scenario.prepare(world)
        if options.get("src") == "SOURCE":
            source = tmp_path / "source"
            source.mkdir(exist_ok=True)
            (source / "a").write_text("text")
            options["src"] = str(source)
        if options.get("dest") == "FOLDER":
            options["dest"] = str(tmp_path / f"folder-{number}")
        elif options.get("dest"):
            options["dest"] = str(tmp_path / f"{number}")
            Path(options["dest"]).write_bytes(options.pop("present", b""))
        allowed = (*(action for action in actions if action != missing), *instead)
        if not missing:
            role = operator.assume_role(allowed)
            entered = {"accounts": [role]} if "accounts" in options else {"assume_role": role}
            return task(scenario.module, **{**options, **entered})
        operator.allow(allowed)
        return task(scenario.module, **options)

    complete = run(0, "")
    assert bool(complete.get("failed")) is scenario.fails, complete["msg"]
    for number, action in enumerate(scenario.required, 1):
        if action not in REMOVALS[name]:
            continue
        result = run(number, action)
        assert scenario.per_row or result.get("failed"), f"not needed: {action}"
        report = json.dumps(result) if scenario.per_row else result["msg"]
        assert action.rstrip("*") in report, f"without {action}: {report}"
    for number, action in enumerate(scenario.optional, 100):
        if action not in REMOVALS[name]:
            continue
        result = run(number, action, scenario.fallback)
        assert bool(result.get("failed")) is scenario.fails, result["msg"]
        assert action in scenario.silent or action in json.dumps(result), f"without {action}, nothing is reported"


def test_an_instruction_file_is_a_resource_of_its_own(task: Task, bucket: str, operator: Operator) -> None:
    """The actions are those for an object. The error names the file that the policy does not allow."""
    written = {
        "bucket": bucket,
        "key": "a",
        "content": "text",
        "encryption": "CSE-C",
        "customer_key": OWN_KEY,
        "envelope": "instruction_file",
    }
    objects = f"arn:aws:s3:::{bucket}"
    operator.allow(("s3:ListBucket", "s3:GetObject", "s3:PutObject"), (objects, f"{objects}/a"))
    refused = task("s3_encrypted_object", **written)
    assert f"s3:GetObject on {bucket}/a.instruction is forbidden" in refused["msg"]
    operator.allow(
        ("s3:ListBucket", "s3:GetObject", "s3:PutObject"), (objects, f"{objects}/a", f"{objects}/a.instruction")
    )
    assert task("s3_encrypted_object", **written)["changed"]


# Rows that no scenario runs, and why.
NOT_RUN = {
    "a copy of more than 5 GiB, unless `tags` replaces all tags": "objects of that size take too long",
    "a new key with `multi_region` or `replica_regions`": "the lab has no service-linked roles",
}


@pytest.mark.parametrize("module", PERMISSIONS)
def test_every_row_is_run(module: str) -> None:
    """No documented row is without a scenario."""
    run = {purpose for each in SCENARIOS.values() if each.module == module for purpose in each.purposes}
    missing = [need.purpose for need in PERMISSIONS[module] if need.purpose not in run]
    assert sorted(set(missing) - set(NOT_RUN)) == []


# What the documentation of these modules says that they need besides their own rows.
OF_OTHER_MODULES = {
    "bucket_reencryption": ("s3_encrypted_object",),
    "s3_encrypted_sync": ("s3_encrypted_object", "s3_encrypted_object_download"),
}


@pytest.mark.parametrize("module", PERMISSIONS)
def test_a_session_may_do_what_is_documented(module: str) -> None:
    """No more and no less, in a policy that STS accepts."""
    modules = (module, *OF_OTHER_MODULES.get(module, ()))
    needs = [need for each in modules for need in PERMISSIONS[each]]
    documented = {action for need in needs for action in (*need.required, *need.elsewhere)}
    documented |= {each.action for need in needs for each in need.optional}
    documented |= {action for each in SCENARIOS.values() if each.module in modules for action in each.fallback}
    actions = session_actions(module)
    assert sorted(actions) == sorted(documented)
    assert len(session_policy(actions)) <= 2048

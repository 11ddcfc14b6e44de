# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Buckets with objects of every kind for bucket_reencryption: written, and later observed, without our code.

What is right for each object is in reencryption_rules.py.
"""

from __future__ import annotations

import copy
import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from .encryption_client import EncryptionClient

CUSTOMER_KEY, LOST_KEY, ENVELOPE_KEY = "a" * 32, "b" * 32, b"c" * 32
STRANGER = "b" * 64
ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
FIRST, SECOND, MANAGED = "alias/first", "alias/second", "alias/aws/s3"
WIRE = {"SSE-S3": "AES256", "SSE-KMS": "aws:kms", "DSSE-KMS": "aws:kms:dsse"}
CONTENT = b"the content of an object\n"


@dataclass(frozen=True)
class Protection:
    """The encryption by S3. `key` is the alias of the KMS key, or the customer key."""

    kind: str
    key: str = ""
    bucket_key: bool = False

    def parameters(self, arns: Mapping[str, str]) -> dict[str, Any]:
        """The parameters of the SDK for a write."""
        if self.kind == "SSE-C":
            return opened_with(self.key)
        parameters: dict[str, Any] = {"ServerSideEncryption": WIRE[self.kind]}
        if self.key in (FIRST, SECOND):
            parameters["SSEKMSKeyId"] = arns[self.key]
        if self.kind == "SSE-KMS":
            parameters["BucketKeyEnabled"] = self.bucket_key
        return parameters


def opened_with(key: str) -> dict[str, Any]:
    """The parameters of the SDK for a customer key."""
    return {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": key}


@dataclass(frozen=True)
class Source:
    """How an object is encrypted before the run. `envelope` is where client-side encryption keeps its data key."""

    title: str
    protection: Protection
    envelope: str = ""
    is_main: bool = False  # whether it is combined with everything else that an object can have


SSE_S3 = Source("SSE-S3", Protection("SSE-S3"), is_main=True)
SSE_KMS = Source("SSE-KMS", Protection("SSE-KMS", FIRST), is_main=True)
DSSE_KMS = Source("DSSE-KMS", Protection("DSSE-KMS", FIRST), is_main=True)
SSE_C = Source("SSE-C", Protection("SSE-C", CUSTOMER_KEY), is_main=True)
SOURCES = (
    SSE_S3,
    SSE_KMS,
    Source("SSE-KMS, bucket key", Protection("SSE-KMS", FIRST, bucket_key=True)),
    Source("SSE-KMS, second key", Protection("SSE-KMS", SECOND)),
    Source("SSE-KMS, second key, bucket key", Protection("SSE-KMS", SECOND, bucket_key=True), is_main=True),
    Source("SSE-KMS, AWS managed", Protection("SSE-KMS", MANAGED)),
    Source("SSE-KMS, AWS managed, bucket key", Protection("SSE-KMS", MANAGED, bucket_key=True)),
    DSSE_KMS,
    Source("DSSE-KMS, second key", Protection("DSSE-KMS", SECOND)),
    Source("DSSE-KMS, AWS managed", Protection("DSSE-KMS", MANAGED)),
    SSE_C,
    Source("SSE-C, lost key", Protection("SSE-C", LOST_KEY)),
    Source("CSE over SSE-S3", Protection("SSE-S3"), "metadata"),
    Source("CSE over SSE-KMS", Protection("SSE-KMS", FIRST, bucket_key=True), "metadata"),
    Source("CSE in file over SSE-S3", Protection("SSE-S3"), "instruction_file"),
    Source("CSE in file over SSE-KMS", Protection("SSE-KMS", FIRST), "instruction_file"),
)


@dataclass(frozen=True)
class Variant:
    """What else an object has: parameters of the write, and what is done to it afterwards."""

    name: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    content: bytes = CONTENT
    locked: bool = False
    restore: str = ""  # the tier of a restore: one that is complete by the time of the run, or one that is not
    hidden_by: str = ""  # what makes it noncurrent: a `version`, or a delete `marker`
    is_rich: bool = False
    annotated: bool = False
    in_one_part: bool = False  # uploaded in parts, so that its checksum is composite

    @property
    def archived(self) -> bool:
        """Whether it is of an archive class, restored or not."""
        return self.parameters.get("StorageClass") in ("GLACIER", "DEEP_ARCHIVE")


def of_class(name: str, **more: Any) -> Variant:
    """An object of a storage class."""
    return Variant(f"{name.lower()}{' restored' if more else ''}", {"StorageClass": name}, **more)


HEADERS: dict[str, Any] = {
    "ContentType": "text/html", "CacheControl": "no-cache", "ContentDisposition": "inline", "ContentEncoding": "gzip",
    "ContentLanguage": "de", "Expires": datetime.datetime(2044, 12, 1, tzinfo=datetime.timezone.utc),
    "WebsiteRedirectLocation": "/there", "StorageClass": "STANDARD_IA", "ChecksumAlgorithm": "SHA1",
    "Metadata": {"team": "blue", "note": "a b", "word": "=?UTF-8?B?w6k=?="}, "Tagging": "a=1&b%20c=%C3%BC",
}  # fmt: skip
LARGE = bytes(range(256)) * (11 * 4096)  # 11 MiB

PLAIN, RICH = Variant("plain"), Variant("rich", HEADERS, is_rich=True)
CLASSES = (
    *(of_class(name) for name in ("REDUCED_REDUNDANCY", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR")),
    *(of_class(name) for name in ("GLACIER", "DEEP_ARCHIVE")),
    of_class("GLACIER", restore="Expedited"),
)
BODIES = (
    Variant("empty", content=b""),
    Variant("annotated", annotated=True),
    Variant("composite", in_one_part=True),
    *(Variant(name, {"ChecksumAlgorithm": name}) for name in ("SHA256", "CRC64NVME")),
)
VERSIONS = (
    Variant("noncurrent", hidden_by="version"),
    Variant("held", {"ObjectLockLegalHoldStatus": "ON"}, locked=True),
)


def until(days: int) -> datetime.datetime:
    """A retention date, in whole seconds as S3 stores it."""
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    return now + datetime.timedelta(days=days)


def lock_variants() -> tuple[Variant, ...]:
    """Objects under Object Lock, and one whose retention is over when the run begins, a day later."""
    governance = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": until(30)}
    compliance = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": until(30)}
    return (
        Variant("governance", governance, locked=True),
        Variant("compliance", compliance, locked=True),
        Variant("expired", {**governance, "ObjectLockRetainUntilDate": until(1)}),
        Variant("released", {"ObjectLockLegalHoldStatus": "OFF"}),
        Variant("noncurrent and locked", governance, locked=True, hidden_by="version"),
        Variant("noncurrent and archived", {"StorageClass": "GLACIER"}, hidden_by="version"),
        Variant("archived and locked", {**compliance, "StorageClass": "DEEP_ARCHIVE"}, locked=True),
        Variant("under a delete marker", HEADERS, hidden_by="marker"),
    )


@dataclass(frozen=True)
class Placed:
    """One version of an object in the world, and what was seen of it when it was written."""

    bucket: str
    key: str
    version_id: str | None
    source: Source
    variant: Variant
    seen: Mapping[str, Any] = field(default_factory=dict, repr=False)
    noncurrent: bool = False

    @property
    def protection(self) -> Protection:
        """How S3 encrypts it."""
        return self.source.protection

    @property
    def name(self) -> str:
        """In a message of a test."""
        return f"{self.bucket} {self.key} {'noncurrent' if self.noncurrent else ''}"


# The fields of HeadObject that name the encryption.
OF_ENCRYPTION = ("ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled", "SSECustomerAlgorithm", "SSECustomerKeyMD5")


class World:
    """Buckets with objects, two KMS keys of their own and the AWS managed key."""

    def __init__(self, lab: Any, s3: Any, kms: Any) -> None:
        self.lab, self.s3, self.kms = lab, s3, kms
        self.client = EncryptionClient(s3, kms, (ENVELOPE_KEY,))
        self.arns = {alias: kms.create_key()["KeyMetadata"]["Arn"] for alias in (FIRST, SECOND)}
        for alias, arn in self.arns.items():
            kms.create_alias(AliasName=alias, TargetKeyId=arn)
        self.placed: list[Placed] = []
        self.defaults: dict[str, Protection] = {}
        self.versioned: list[str] = []

    def copy(self) -> World:
        """The same world, with a list of objects of its own."""
        copied = copy.copy(self)
        copied.placed, copied.defaults = list(self.placed), dict(self.defaults)
        copied.versioned = list(self.versioned)
        return copied

    def new_bucket(self, name: str, *, versioning: str = "", with_locks: bool = False, with_acls: bool = False) -> str:
        """A bucket that allows SSE-C."""
        more: dict[str, Any] = {"ObjectLockEnabledForBucket": True} if with_locks else {}
        more |= {"ObjectOwnership": "BucketOwnerPreferred"} if with_acls else {}
        self.s3.create_bucket(Bucket=name, **more)
        if with_acls:
            self.s3.delete_public_access_block(Bucket=name)
        if versioning or with_locks:
            self.versioned.append(name)
        if versioning:
            self.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": versioning})
        self.default_to(name, Protection("SSE-S3"))
        return name

    def default_to(self, bucket: str, protection: Protection) -> None:
        """Set the default encryption of a bucket."""
        if self.defaults.get(bucket) == protection:
            return
        self.defaults[bucket] = protection
        by_default = {"SSEAlgorithm": WIRE[protection.kind]}
        if protection.key:
            by_default["KMSMasterKeyID"] = self.arns[protection.key]
        rule = {
            "ApplyServerSideEncryptionByDefault": by_default,
            "BucketKeyEnabled": protection.bucket_key,
            "BlockedEncryptionTypes": {"EncryptionType": ["NONE"]},
        }
        self.s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})

    def place(self, bucket: str, source: Source, variant: Variant, key: str = "", **more: Any) -> Placed:
        """Write an object, and what hides it."""
        key = key or f"{source.title}/{variant.name}"
        parameters = {**variant.parameters, **source.protection.parameters(self.arns), **more}
        if source.envelope:
            self.client.write(
                bucket,
                key,
                variant.content,
                customer_key=ENVELOPE_KEY,
                in_file=source.envelope == "instruction_file",
                metadata=parameters.pop("Metadata", {}),
                **parameters,
            )
            if source.envelope == "instruction_file":
                self._note(bucket, f"{key}.instruction", SSE_S3, PLAIN)
        elif variant.in_one_part:
            self._upload_in_one_part(bucket, key, variant.content, parameters)
        else:
            self.s3.put_object(Bucket=bucket, Key=key, Body=variant.content, **parameters)
        if variant.annotated:
            self.s3.put_object_annotation(Bucket=bucket, Key=key, AnnotationName="labels", AnnotationPayload=b"a cat")
        if variant.restore:
            request = {"Days": 9, "GlacierJobParameters": {"Tier": variant.restore}}
            self.s3.restore_object(Bucket=bucket, Key=key, RestoreRequest=request)
        placed = self._note(bucket, key, source, variant, noncurrent=bool(variant.hidden_by))
        if variant.hidden_by == "marker":
            self.s3.delete_object(Bucket=bucket, Key=key)
        elif variant.hidden_by:
            self.s3.put_object(Bucket=bucket, Key=key, Body=b"newer", ServerSideEncryption="AES256")
            self._note(bucket, key, SSE_S3, PLAIN)
        return placed

    def _upload_in_one_part(self, bucket: str, key: str, content: bytes, parameters: dict[str, Any]) -> None:
        where = {"Bucket": bucket, "Key": key}
        secret = {name: value for name, value in parameters.items() if name.startswith("SSECustomer")}
        made = self.s3.create_multipart_upload(**where, ChecksumAlgorithm="SHA256", **parameters)
        upload = {**where, "UploadId": made["UploadId"]}
        part = self.s3.upload_part(**upload, PartNumber=1, Body=content, ChecksumAlgorithm="SHA256", **secret)
        done = {"PartNumber": 1, "ETag": part["ETag"], "ChecksumSHA256": part["ChecksumSHA256"]}
        self.s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [done]}, **secret)

    def _note(self, bucket: str, key: str, source: Source, variant: Variant, *, noncurrent: bool = False) -> Placed:
        self.placed.append(Placed(bucket, key, None, source, variant, noncurrent=noncurrent))
        return self.placed[-1]

    def see_all(self) -> None:
        """Remember all that is to be seen of each object, and its version id, now that the time of the run has come."""
        ids: dict[tuple[str, str], list[str]] = {}
        for bucket in self.versioned:
            for key, version_id in self.versions(bucket):
                ids.setdefault((bucket, key), []).append(version_id)
        seen = []
        for each in self.placed:  # in the order in which they were written, and a list has the newest first
            version = ids[each.bucket, each.key].pop() if each.bucket in self.versioned else None
            found = self.observe(each.bucket, each.key, version, each.source)
            seen.append(replace(each, version_id=version, seen=found))
        self.placed = seen

    def _secret(self, source: Source) -> dict[str, Any]:
        return opened_with(source.protection.key) if source.protection.kind == "SSE-C" else {}

    def observe(self, bucket: str, key: str, version_id: str | None, source: Source) -> dict[str, Any]:
        """All that S3 says of a version under the encryption of this source: headers, metadata, content, tags, ACL,
        lock and annotations.
        """
        where: dict[str, Any] = {"Bucket": bucket, "Key": key}
        where |= {"VersionId": version_id} if version_id else {}
        opened = {**where, "ChecksumMode": "ENABLED", **self._secret(source)}
        seen: dict[str, Any]
        if "archive" in key or key.endswith(("/glacier", "/deep_archive")):
            seen = self.s3.head_object(**opened)
        else:
            seen = self.s3.get_object(**opened)
            seen["content"] = seen.pop("Body").read()
            seen["TagCount"] = seen.get("TagCount", 0)
        del seen["ResponseMetadata"]
        if seen.get("TagCount"):
            seen["tags"] = self.s3.get_object_tagging(**where)["TagSet"]
        if bucket == VERSIONED and key.endswith(("/plain", "/rich")):
            seen["acl"] = self.s3.get_object_acl(**where)["Grants"]
        if key.endswith("/annotated"):
            found = self.s3.list_object_annotations(**where).get("Annotations", [])
            seen["annotations"] = [each["AnnotationName"] for each in found]
        return seen

    def release(self, placed: Placed) -> None:
        """Take the legal hold of an object away."""
        if placed.seen.get("ObjectLockLegalHoldStatus") == "ON":
            where = {"Bucket": placed.bucket, "Key": placed.key, "VersionId": placed.version_id}
            self.s3.put_object_legal_hold(**where, LegalHold={"Status": "OFF"})

    def learn_managed_key(self) -> None:
        """The ARN of the AWS managed key, which S3 makes with the first object under it."""
        seen = (each.seen for each in self.placed if each.protection == Protection("SSE-KMS", MANAGED))
        self.arns[MANAGED] = next(seen)["SSEKMSKeyId"]

    def versions(self, bucket: str) -> dict[tuple[str, str], bool]:
        """All versions of a bucket, by key and version id: whether each is the current one. No delete markers."""
        pages = self.s3.get_paginator("list_object_versions").paginate(Bucket=bucket)
        found = [version for page in pages for version in page.get("Versions", ())]
        return {(each["Key"], each["VersionId"]): each["IsLatest"] for each in found}


PLAIN_BUCKET, VERSIONED, SUSPENDED = BUCKETS = ("example-plain", "example-versioned", "example-suspended")


def _annotatable(source: Source, variants: Sequence[Variant]) -> Iterator[Variant]:
    """S3 refuses annotations of objects under SSE-C."""
    return (each for each in variants if not (each.annotated and source.protection.kind == "SSE-C"))


def build(lab: Any, s3: Any, kms: Any) -> World:
    """The world of the matrix. A day passes, so that restores are complete, and a retention is over."""
    world = World(lab, s3, kms)
    own = s3.list_buckets()["Owner"]["ID"]
    grants = {
        "GrantFullControl": f'id="{own}"',
        "GrantRead": f'uri="{ALL_USERS}", id="{STRANGER}"',
        "GrantReadACP": f'id="{STRANGER}"',
    }
    world.new_bucket(PLAIN_BUCKET)
    world.new_bucket(VERSIONED, versioning="Enabled", with_locks=True, with_acls=True)
    world.new_bucket(SUSPENDED, versioning="Enabled")
    locks = lock_variants()
    main = [source for source in SOURCES if source.is_main]
    for source in SOURCES:
        world.place(PLAIN_BUCKET, source, PLAIN)
        for variant in (PLAIN, *VERSIONS):
            world.place(VERSIONED, source, variant)
    for source in [*main, *(source for source in SOURCES if source.envelope)]:
        world.place(VERSIONED, source, RICH, **grants)
        world.place(PLAIN_BUCKET, source, RICH)
    for source in main:
        for variant in CLASSES:
            world.place(PLAIN_BUCKET, source, variant)
        for variant in locks:
            world.place(VERSIONED, source, variant)
        world.place(SUSPENDED, source, PLAIN, key=f"{source.title}/older")
    for source in (SSE_S3, DSSE_KMS, SSE_C):
        for variant in _annotatable(source, BODIES):
            world.place(VERSIONED, source, variant)
    s3.put_bucket_versioning(Bucket=SUSPENDED, VersioningConfiguration={"Status": "Suspended"})
    for source in main:
        world.place(SUSPENDED, source, RICH, key=f"{source.title}/null")
    for key in ("a b", "a+b", "100%", "per%20cent", "é/ü", "//", "q?z#f", "..x", "emoji 🗝", "folder/", "a&b<c>"):
        content = b"" if key.endswith("/") else CONTENT
        world.place(PLAIN_BUCKET, SSE_S3, Variant(key, content=content), key=key)
    lab.clock.advance(days=1.5)
    world.see_all()
    world.learn_managed_key()
    return world


@pytest.fixture(scope="session")
def built(lab_server: Any, client_of_service: Callable[[str], Any]) -> tuple[World, Any]:
    """The world of the matrix, and its state in the lab. It is built once."""
    lab_server.reset()
    world = build(lab_server, client_of_service("s3"), client_of_service("kms"))
    return world, lab_server.save()


@pytest.fixture
def world(built: tuple[World, Any], lab: Any) -> World:
    """The world of the matrix, as it was built."""
    world, saved = built
    lab.restore(saved)
    return world.copy()


def without_lost_keys(world: World, customer_key: str) -> None:
    """Delete what a task with this customer key fails for: objects under another one."""
    if customer_key:
        lost = [each for each in world.placed if each.protection.key == LOST_KEY]
        world.placed = [each for each in world.placed if each.protection.key != LOST_KEY]
        for each in lost:
            where = {"VersionId": each.version_id} if each.version_id else {}
            world.release(each)
            world.s3.delete_object(Bucket=each.bucket, Key=each.key, **where)

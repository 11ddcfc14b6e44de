# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""S3 and KMS in memory, as implementations of the engine's ports. They behave as AWS where the engine relies on it.

They refuse what AWS refuses, and reset what a write resets at AWS. They count their calls.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from ansible_collections.sealed.s3.plugins.module_utils.aws.objects.ports import Body
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.content import Source, digest_of_stream
from ansible_collections.sealed.s3.plugins.module_utils.model.arn import Arn
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.bucket_default import BucketDefault
from ansible_collections.sealed.s3.plugins.module_utils.model.caller import Caller
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, OperationError, Reason
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_ref import AWS_MANAGED_S3_ALIAS
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_report import PastRotation
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_rotation import Generation, Rotation
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_state import KeyState
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_steps import CreateKey
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_usage import LastUsage
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.replicas import ReplicateKey
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import (
    DesiredEncryption,
    ObjectEncryption,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import (
    BUCKET_DEFAULT,
    DSSE_KMS,
    SSE_C,
    SSE_KMS,
    SSE_S3,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.change_method import InPlaceSupport
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import (
    Checksum,
    Deleted,
    Grants,
    ObjectId,
    ObjectLock,
    ObjectState,
    Properties,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_steps import (
    CopyObject,
    InParts,
    ObjectWrite,
    PutObject,
    UpdateObjectEncryption,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.parts import Part, PartSize, SentPart
from ansible_collections.sealed.s3.plugins.module_utils.model.secret import CustomerKey
from ansible_collections.sealed.s3.plugins.module_utils.model.tags import Tags, freeze_tags

REGION = "eu-west-1"
ACCOUNT = "111122223333"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"


def key_arn(key_id: str, region: str = REGION) -> str:
    """The ARN of a key of the account."""
    return f"arn:aws:kms:{region}:{ACCOUNT}:key/{key_id}"


AWS_MANAGED = key_arn("aws-managed")


def operation_error(
    kind: FailureKind, message: str, code: str = "", resource: str = "", reason: Reason | None = None
) -> OperationError:
    """The exception of a port."""
    return OperationError(Failure(kind, message, code=code, resource=resource, reason=reason))


class Calls:
    """Records the operations that were called, separately for reads and writes. `failures` makes operations fail."""

    def __init__(self) -> None:
        self.reads: list[str] = []
        self.writes: list[str] = []
        self.failures: dict[str, Failure] = {}

    def read(self, operation: str) -> None:
        """Record a read."""
        self.reads.append(operation)
        self._fail(operation)

    def write(self, operation: str) -> None:
        """Record a write."""
        self.writes.append(operation)
        self._fail(operation)

    def _fail(self, operation: str) -> None:
        if operation in self.failures:
            raise OperationError(self.failures[operation])


class Store(Calls):
    """S3 with the buckets and objects of one account."""

    def __init__(self) -> None:
        super().__init__()
        self.rules: dict[str, BucketDefault] = {}
        self.regions: dict[str, str] = {}
        self.objects: dict[tuple[str, str], ObjectState] = {}
        self.bytes: dict[tuple[str, str], bytes] = {}
        self.parts: dict[tuple[str, str], tuple[int, ...]] = {}
        self.knows_parts = True
        self.versioned = False
        self.in_place = InPlaceSupport.OPT_IN
        self.knows_update = True
        self.grants: Grants = ()
        self.acls_disabled = False
        self.locks = False
        self.hides_locks = False
        self.annotated: bool | None = False
        self.uploads: dict[str, tuple[ObjectWrite, dict[int, bytes]]] = {}
        self._written = 0

    def add_bucket(self, name: str, rule: BucketDefault | None = None, region: str = REGION) -> None:
        """Add a bucket with a rule, by default that of a new bucket."""
        self.rules[name] = BucketDefault(SSE_S3.name) if rule is None else rule
        self.regions[name] = region

    def add_object(self, state: ObjectState, content: bytes) -> None:
        """An object as it is, however it came to be."""
        self.objects[state.bucket, state.key] = replace(state, size=len(content))
        self.bytes[state.bucket, state.key] = content

    # The default encryption of buckets

    def get_bucket_encryption(
        self, bucket: str, expected_bucket_owner: str | None = None, region: str | None = None
    ) -> tuple[BucketDefault, str]:
        """The rule as it was written, without a resolved key."""
        self.read("GetBucketEncryption")
        self._require_bucket(bucket)
        return replace(self.rules[bucket], kms_key_arn=None), self.regions[bucket]

    def put_bucket_encryption(self, bucket: str, rule: BucketDefault, region: str) -> None:
        """Replace the whole rule, and lose blocked types that are not named: AWS does not document that case."""
        self.write("PutBucketEncryption")
        self._require_bucket(bucket)
        self._require_region(bucket, region)
        if rule.kms_key and rule.encryption not in (SSE_KMS.name, DSSE_KMS.name):
            raise operation_error(FailureKind.INVALID, "a key without KMS", "InvalidArgument")
        self.rules[bucket] = replace(rule, kms_key_arn=None)

    def delete_bucket_encryption(self, bucket: str, region: str) -> None:
        """Reset the whole rule to S3's default."""
        self.write("DeleteBucketEncryption")
        self._require_bucket(bucket)
        self._require_region(bucket, region)
        self.rules[bucket] = BucketDefault(SSE_S3.name)

    # Objects

    def bucket_region(self, bucket: str) -> str:
        """The bucket's region."""
        return self.regions.get(bucket, REGION)

    def head_object(self, target: ObjectId, customer_key: CustomerKey | None) -> ObjectState:
        """Bare statuses for refusals; no tags, and nothing that only the engine can tell."""
        self.read("HeadObject")
        state = self.objects.get((target.bucket, target.key))
        if target.bucket not in self.rules or state is None:
            raise operation_error(FailureKind.ABSENT, "HEAD: 404", "404", reason=Reason.UNEXPLAINED_ABSENCE)
        sealed = state.encryption.customer_key_md5
        if sealed and customer_key is None:
            raise operation_error(FailureKind.INVALID, "HEAD: 400", "400", reason=Reason.UNEXPLAINED_BAD_REQUEST)
        if sealed and customer_key and customer_key.md5 != sealed:
            raise operation_error(FailureKind.FORBIDDEN, "HEAD: 403", "403", reason=Reason.UNEXPLAINED_DENIAL)
        if customer_key and not sealed:
            raise operation_error(FailureKind.INVALID, "HEAD: 400", "400", reason=Reason.UNEXPLAINED_BAD_REQUEST)
        lock = None if self.hides_locks else state.lock
        return replace(state, tags=None, tag_count=len(state.tags or ()), envelope="", lock=lock)

    def get_first_byte(self, target: ObjectId, customer_key: CustomerKey | None) -> None:
        """As GetObject, whose refusals have a body."""
        self.read("GetObject")
        self._require_bucket(target.bucket)
        if (target.bucket, target.key) not in self.objects:
            raise operation_error(FailureKind.ABSENT, "no such key", "NoSuchKey", reason=Reason.OBJECT_NOT_FOUND)
        self._open(target, customer_key)

    def head_part(
        self, target: ObjectId, customer_key: CustomerKey | None, if_match: str | None, number: int
    ) -> PartSize:
        """The size of a part; a store that does not know of parts tells that of the whole."""
        self.read("HeadPart")
        self._require_match(self._open(target, customer_key), if_match)
        sizes = self.parts.get((target.bucket, target.key))
        if sizes is None or not self.knows_parts:
            return PartSize(len(self.bytes[target.bucket, target.key]), None)
        return PartSize(sizes[number - 1], len(sizes))

    def list_part_sizes(
        self, target: ObjectId, customer_key: CustomerKey | None, if_match: str | None
    ) -> tuple[int, ...]:
        """All of them, where the upload named a checksum."""
        self.read("GetObjectAttributes")
        state = self._open(target, customer_key)
        listed = any("-" in checksum.value for checksum in state.checksums)
        return self.parts.get((target.bucket, target.key), ()) if listed and state.etag == if_match else ()

    def get_object(
        self,
        target: ObjectId,
        customer_key: CustomerKey | None,
        if_match: str | None,
        chunk_size: int,
        span: tuple[int, int] | None = None,
    ) -> Iterator[bytes]:
        """The bytes in chunks, to whoever has the key."""
        self.read("GetObject")
        state = self._open(target, customer_key)
        self._require_match(state, if_match)
        start, end = span or (0, None)
        content = self.bytes[target.bucket, target.key][start:end]
        return (content[place : place + chunk_size] for place in range(0, len(content), chunk_size))

    def get_object_tagging(self, target: ObjectId) -> Tags:
        """All tags."""
        self.read("GetObjectTagging")
        return self.objects[target.bucket, target.key].tags or ()

    def current_version(self, target: ObjectId) -> str | None:
        """It is asked with the tags."""
        self.read("GetObjectTagging")
        return self.objects[target.bucket, target.key].version_id

    def list_objects(self, bucket: str, prefix: str, owner: str | None, limit: int) -> tuple[list[str], bool]:
        """Keys in their order."""
        self.read("ListObjectsV2")
        keys = sorted(key for name, key in self.objects if name == bucket and key.startswith(prefix))
        return keys[:limit], len(keys) > limit

    def put_object(self, target: ObjectId, step: PutObject, body: Body) -> None:
        """The object as named, and nothing of what was."""
        self.write("PutObject")
        self._require_bucket(target.bucket)
        old = self.objects.get((target.bucket, target.key))
        if step.if_match is None and old is not None:
            raise operation_error(FailureKind.CONFLICT, "there is one", "PreconditionFailed")
        if step.if_match is not None:
            self._require_match(old, step.if_match)
        content = b"".join(iter(body.read, b""))
        if Source(data=content).describe() != replace(step.content, encrypted_as=None):
            raise operation_error(
                FailureKind.CONFLICT, "other bytes than announced", "BadDigest", reason=Reason.BODY_DAMAGED
            )
        self._keep(target, content, step.properties, step.encryption, step.tags)
        self.grants = step.grants

    def copy_object(self, target: ObjectId, step: CopyObject) -> None:
        """The object onto itself; what the directive COPY does not take over is reset, lock and ACL among it."""
        self.write("CopyObject")
        state = self._open(target, step.source_key)
        self._require_match(state, step.if_match)
        if step.replace_properties:
            properties = step.properties
        else:
            properties = replace(
                state.properties,
                storage_class=step.properties.storage_class,
                website_redirect_location=step.properties.website_redirect_location,
            )
        content = self.bytes[target.bucket, target.key]
        self._keep(target, content, properties, step.encryption, state.tags or (), step.lock)
        self.grants = step.grants

    # In parts

    def create_multipart_upload(self, target: ObjectId, step: ObjectWrite, in_parts: InParts) -> str:
        """Nothing of an object yet."""
        self.write("CreateMultipartUpload")
        self._require_bucket(target.bucket)
        self._encrypted(target.bucket, step.encryption)
        self._written += 1
        upload_id = f"upload-{self._written}"
        self.uploads[upload_id] = (step, {})
        return upload_id

    def upload_part(
        self,
        target: ObjectId,
        upload_id: str,
        part: Part,
        body: Body,
        checksum: Checksum,
        customer_key: CustomerKey | None,
    ) -> SentPart:
        """One part, with the key of the upload, and as its checksum says."""
        self.write("UploadPart")
        content = b"".join(iter(body.read, b""))
        if len(content) != part.size or digest_of_stream(io.BytesIO(content), checksum.algorithm) != checksum:
            raise operation_error(
                FailureKind.CONFLICT, "other bytes than announced", "BadDigest", reason=Reason.BODY_DAMAGED
            )
        return self._take_part(upload_id, part, content, customer_key)

    def upload_part_copy(
        self, target: ObjectId, upload_id: str, part: Part, step: CopyObject, in_parts: InParts
    ) -> SentPart:
        """One part of the object as it is, if it is still the one that was read."""
        self.write("UploadPartCopy")
        state = self._open(target, step.source_key)
        self._require_match(state, step.if_match)
        content = self.bytes[target.bucket, target.key][part.start : part.last + 1]
        return self._take_part(upload_id, part, content, step.encryption.customer_key)

    def _take_part(self, upload_id: str, part: Part, content: bytes, key: CustomerKey | None) -> SentPart:
        step, parts = self._upload(upload_id)
        if key != step.encryption.customer_key:
            raise operation_error(FailureKind.INVALID, "another customer key than the upload's", "InvalidRequest")
        parts[part.number] = content
        return SentPart(part.number, hashlib.md5(content).hexdigest(), None)

    def complete_multipart_upload(
        self, target: ObjectId, upload_id: str, step: ObjectWrite, in_parts: InParts, sent: list[SentPart]
    ) -> None:
        """The object, if the parts are all there, and what is there already is what it is to be."""
        self.write("CompleteMultipartUpload")
        _step, parts = self._upload(upload_id)
        old = self.objects.get((target.bucket, target.key))
        if step.if_match is None and old is not None:
            raise operation_error(FailureKind.CONFLICT, "there is one", "PreconditionFailed")
        if step.if_match is not None:
            self._require_match(old, step.if_match)
        if {(part.number, part.etag) for part in sent} != {
            (number, hashlib.md5(content).hexdigest()) for number, content in parts.items()
        }:
            raise operation_error(FailureKind.INVALID, "other parts than sent", "InvalidPart")
        content = b"".join(content for _number, content in sorted(parts.items()))
        checksum = digest_of_stream(io.BytesIO(content), in_parts.checksum.algorithm)
        if len(content) != in_parts.parts.size or in_parts.checksum.value not in ("", checksum.value):
            raise operation_error(
                FailureKind.CONFLICT, "another whole than announced", "BadDigest", reason=Reason.BODY_DAMAGED
            )
        lock = step.lock if isinstance(step, CopyObject) else None
        self._keep(target, content, step.properties, step.encryption, in_parts.tags, lock)
        self.grants = step.grants
        place = target.bucket, target.key
        etag = f'"{hashlib.md5(content).hexdigest()[:-2]}{self._written % 256:02x}-{len(parts)}"'
        self.objects[place] = replace(self.objects[place], checksums=(checksum,), etag=etag)
        del self.uploads[upload_id]

    def abort_multipart_upload(self, target: ObjectId, upload_id: str) -> None:
        """Nothing is left."""
        self.write("AbortMultipartUpload")
        self._upload(upload_id)
        del self.uploads[upload_id]

    def _upload(self, upload_id: str) -> tuple[ObjectWrite, dict[int, bytes]]:
        if upload_id not in self.uploads:
            raise operation_error(FailureKind.ABSENT, "no such upload", "NoSuchUpload", reason=Reason.UPLOAD_NOT_FOUND)
        return self.uploads[upload_id]

    def get_object_acl(self, target: ObjectId) -> Grants:
        """All grants."""
        self.read("GetObjectAcl")
        return self.grants

    def acls_are_disabled(self, bucket: str, expected_bucket_owner: str | None) -> bool:
        """As set."""
        self.read("GetBucketOwnershipControls")
        return self.acls_disabled

    def default_retention(self, bucket: str, expected_bucket_owner: str | None) -> str | None:
        """As set."""
        self.read("GetObjectLockConfiguration")
        return "" if self.locks else None

    def has_annotations(self, target: ObjectId) -> bool | None:
        """As set."""
        self.read("ListObjectAnnotations")
        return self.annotated

    def can_read_retention(self, target: ObjectId) -> bool:
        """As set."""
        self.read("GetObjectRetention")
        return not self.hides_locks

    def can_read_legal_hold(self, target: ObjectId) -> bool:
        """As set."""
        self.read("GetObjectLegalHold")
        return not self.hides_locks

    def update_object_encryption(self, target: ObjectId, step: UpdateObjectEncryption) -> None:
        """Nothing but the encryption changes; a store that does not know the request overwrites the object with it."""
        self.write("UpdateObjectEncryption")
        state = self.objects[target.bucket, target.key]
        if not self.knows_update:
            self._keep(target, b"<ObjectEncryption/>", Properties(), step.encryption, ())
            return
        named = step.encryption.kms_key_arn or ""
        if state.encryption.type not in (SSE_S3.name, SSE_KMS.name) or ":key/" not in named:
            raise operation_error(FailureKind.INVALID, "not from or to this encryption", "InvalidRequest")
        if state.lock:
            raise operation_error(FailureKind.FORBIDDEN, "object lock", "AccessDenied")
        encryption = ObjectEncryption(SSE_KMS.name, named, bool(step.encryption.bucket_key_enabled))
        self.objects[target.bucket, target.key] = replace(state, encryption=encryption)

    def put_object_tagging(self, target: ObjectId, tags: Tags) -> None:
        """All tags are replaced."""
        self.write("PutObjectTagging")
        place = target.bucket, target.key
        self.objects[place] = replace(self.objects[place], tags=tags, tag_count=len(tags))

    def delete_object(self, target: ObjectId) -> Deleted:
        """The object is gone."""
        self.write("DeleteObject")
        self.objects.pop((target.bucket, target.key), None)
        self.bytes.pop((target.bucket, target.key), None)
        return Deleted("marker", True) if self.versioned else Deleted()

    def _keep(
        self,
        target: ObjectId,
        content: bytes,
        properties: Properties,
        encryption: DesiredEncryption,
        tags: Tags,
        lock: ObjectLock | None = None,
    ) -> None:
        self._written += 1
        reported = self._encrypted(target.bucket, encryption)
        digest = hashlib.sha256(content).digest()
        etag = hashlib.md5(content if reported.type == SSE_S3.name else digest + bytes([self._written % 256]))
        self.bytes[target.bucket, target.key] = content
        self.objects[target.bucket, target.key] = ObjectState(
            target.bucket,
            target.key,
            len(content),
            reported,
            replace(
                properties,
                storage_class=properties.storage_class or "STANDARD",
                metadata=properties.metadata or (),
                content_type=properties.content_type or "binary/octet-stream",
            ),
            version_id=f"v{self._written}" if self.versioned else None,
            etag=f'"{etag.hexdigest()}"',
            last_modified=f"2026-11-01T00:00:{self._written:02}+00:00",
            checksums=(Checksum("SHA256", base64.b64encode(digest).decode(), full_object=True),),
            tags=tags,
            tag_count=len(tags),
            lock=lock,
        )

    def _encrypted(self, bucket: str, encryption: DesiredEncryption) -> ObjectEncryption:
        rule = self.rules[bucket]
        if encryption.kind is SSE_C:
            if encryption.customer_key is None or SSE_C.name in (rule.blocked or ()):
                raise operation_error(FailureKind.FORBIDDEN, "no SSE-C here", "AccessDenied")
            return ObjectEncryption(SSE_C.name, customer_key_md5=encryption.customer_key.md5)
        if encryption.customer_key is not None:
            raise operation_error(FailureKind.INVALID, "a customer key beside another encryption", "InvalidArgument")
        name = rule.encryption or SSE_S3.name if encryption.kind is BUCKET_DEFAULT else encryption.kind.name
        if name not in (SSE_KMS.name, DSSE_KMS.name):
            return ObjectEncryption(name)
        by_rule = encryption.kind is BUCKET_DEFAULT
        arn = (rule.kms_key if by_rule else encryption.kms_key_arn) or AWS_MANAGED
        if name == DSSE_KMS.name:
            return ObjectEncryption(name, arn)
        named = encryption.bucket_key_enabled
        return ObjectEncryption(name, arn, rule.bucket_key_enabled if named is None else named)

    def _open(self, target: ObjectId, key: CustomerKey | None) -> ObjectState:
        state = self.objects[target.bucket, target.key]
        if (key is None) != (state.encryption.customer_key_md5 is None):
            raise operation_error(
                FailureKind.FAILED,
                "a customer key is missing or not wanted",
                "InvalidRequest",
                reason=Reason.CUSTOMER_KEY_REQUIRED,
            )
        if key and key.md5 != state.encryption.customer_key_md5:
            raise operation_error(FailureKind.FORBIDDEN, "another key than the object's", "AccessDenied")
        return state

    @staticmethod
    def _require_match(state: ObjectState | None, etag: str | None) -> None:
        if etag is not None and (state is None or state.etag != etag):
            raise operation_error(FailureKind.CONFLICT, "changed meanwhile", "PreconditionFailed")

    def _require_bucket(self, bucket: str) -> None:
        if bucket not in self.rules:
            raise operation_error(FailureKind.ABSENT, f"There is no bucket {bucket}.", "NoSuchBucket", bucket)

    def _require_region(self, bucket: str, region: str) -> None:
        if self.regions[bucket] != region:
            raise operation_error(
                FailureKind.FAILED, "a write to another region than the bucket's", "PermanentRedirect"
            )


class Elsewhere:
    """The KMS of another region, as far as it is asked for the keys that were laid down for it."""

    def __init__(self, vault: Vault, region: str) -> None:
        self._vault = vault
        self.region = region

    def get_key(self, key: str) -> KeyState:
        """What was laid down for this reference and region."""
        found = self._vault.describe_key(key, self.region)
        gone = self.region in self._vault.replicas_gone
        return KeyState(found.key_id, found.arn, "PendingDeletion" if gone else found.state)

    def get_key_last_usage(self, key_id: str) -> LastUsage:
        """The same in each region."""
        return self._vault.get_key_last_usage(key_id)


class Vault(Calls):
    """The KMS of one account, in as many regions as its keys lie in; the keys themselves in the region of the task."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: dict[str, KeyState] = {}
        self.aliases: dict[str, str] = {}
        self.lookups: dict[tuple[str, str], KeyState | Failure] = {}
        self.looked_up: list[tuple[str, str]] = []
        # While a deletion is pending, rotation reads as off; what it was comes back with the key.
        # Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html
        self._made = 0
        self.last_uses: dict[str, LastUsage] = {}
        self.replicas_gone: list[str] = []
        self.generations: dict[str, tuple[Generation, ...]] = {}
        self.now = datetime(2026, 11, 1, tzinfo=timezone.utc)
        # KMS rotates after its answer: for some moments a rotation on demand is under way and not done.
        self.rotations_under_way = False
        self.grants: dict[str, int] = {}
        self.rotations: dict[str, tuple[PastRotation, ...]] = {}

    @property
    def region(self) -> str:
        """The region of the task."""
        return REGION

    def in_region(self, region: str) -> Any:
        """Another region's part of the account."""
        return self if region == REGION else Elsewhere(self, region)

    def add_key(self, key: KeyState) -> None:
        """A key as it is, with its aliases."""
        assert key.key_id
        self.keys[key.key_id] = replace(key, aliases=())
        self.aliases |= dict.fromkeys(key.aliases, key.key_id)

    def whole(self, key_id: str) -> KeyState:
        """All of a key, for a test to look at."""
        return replace(self.keys[key_id], aliases=self._aliases_of(key_id))

    # What a reference stands for

    def describe_key(self, key: str, region: str) -> KeyState:
        """What was laid down for this reference and region, or the key of the region of the task."""
        self.read("DescribeKey")
        self.looked_up.append((key, region))
        found = self.lookups.get((key, region)) or self._described(key, region)
        if isinstance(found, Failure):
            raise OperationError(found)
        return found

    def _described(self, key: str, region: str) -> KeyState | Failure:
        if key == AWS_MANAGED_S3_ALIAS:
            arn = key_arn("aws-managed", region)
            return KeyState("aws-managed", arn, manager="AWS")
        key_id = self._key_id(key)
        if key_id is None or region != REGION:
            return Failure(FailureKind.ABSENT, "no such key", code="NotFoundException")
        return self.get_key_unread(key_id)

    # Keys

    def get_key(self, key: str) -> KeyState:
        """DescribeKey tells nothing of aliases, policy, rotation and tags."""
        self.read("DescribeKey")
        key_id = self._key_id(key)
        if key_id is None:
            raise operation_error(FailureKind.ABSENT, "no such key", "NotFoundException", key)
        return replace(self.keys[key_id], aliases=(), policy=None, rotation=None, tags=None)

    def list_aliases(self, key_id: str) -> tuple[str, ...]:
        """In the order of their names."""
        self.read("ListAliases")
        return self._aliases_of(key_id)

    def list_region_aliases(self) -> dict[str, tuple[str, ...]]:
        """Of keys that have one."""
        self.read("ListAliases")
        return {key_id: self._aliases_of(key_id) for key_id in self.aliases.values()}

    def count_grants(self, key_id: str) -> int:
        """What was laid down."""
        self.read("ListGrants")
        return self.grants.get(key_id, 0)

    def list_key_rotations(self, key_id: str) -> tuple[PastRotation, ...]:
        """What was laid down."""
        self.read("ListKeyRotations")
        return self.rotations.get(key_id, ())

    def list_key_material(self, key_id: str, *, imported: bool) -> tuple[Generation, ...]:
        """The first one, and what was laid down or made since."""
        self.read("ListKeyRotations")
        return (Generation(), *self.generations.get(key_id, ()))

    def rotate_key_on_demand(self, key_id: str) -> None:
        """Of enabled keys only, 25 times, and not while one is under way."""
        self.write("RotateKeyOnDemand")
        if self.keys[key_id].state != "Enabled":
            raise operation_error(FailureKind.KEY_UNUSABLE, "the key is not enabled", "DisabledException")
        known = self.generations.get(key_id, ())
        if sum(each.on_demand for each in known) >= 25:
            raise operation_error(FailureKind.FAILED, "25 times is all", "LimitExceededException")
        if self.rotations_under_way:
            rotation = self.keys[key_id].rotation or Rotation(False)
            if rotation.on_demand_since:
                raise operation_error(FailureKind.CONFLICT, "one is under way", "ConflictException")
            self._change(key_id, rotation=replace(rotation, on_demand_since=self.now))
        else:
            self.generations[key_id] = (*known, Generation(self.now, on_demand=True))

    def list_keys(self) -> list[str]:
        """All ids."""
        self.read("ListKeys")
        return list(self.keys)

    def get_key_policy(self, key_id: str) -> str:
        """As AWS writes it: single values instead of lists of one, and the fields in an order of its own."""
        self.read("GetKeyPolicy")
        policy = json.loads(self.keys[key_id].policy or "")
        return json.dumps(_simplified(policy), indent=2)

    def get_key_rotation_status(self, key_id: str) -> Rotation:
        """Off while a deletion is pending."""
        self.read("GetKeyRotationStatus")
        key = self.keys[key_id]
        return key.rotation if key.rotation and key.state != "PendingDeletion" else Rotation(False)

    def list_resource_tags(self, key_id: str) -> Tags:
        """All tags."""
        self.read("ListResourceTags")
        if key_id not in self.keys:
            raise operation_error(FailureKind.ABSENT, "no such key", "NotFoundException", key_id)
        return self.keys[key_id].tags or ()

    def find_keys_by_tag(self, name: str, value: str) -> tuple[str, ...]:
        """By the tagging API."""
        self.read("GetResources")
        return tuple(key_id for key_id, key in self.keys.items() if (name, value) in (key.tags or ()))

    def create_key(self, step: CreateKey) -> KeyState:
        """A new key, enabled, without rotation."""
        self.write("CreateKey")
        _require_own_tags(dict(step.tags))
        self._made += 1
        key_id = f"made-{self._made}"
        self.keys[key_id] = KeyState(
            key_id,
            key_arn(key_id),
            description=step.description,
            policy=step.policy or DEFAULT_POLICY,
            rotation=Rotation(False),
            tags=step.tags,
            creation_date="2026-11-01T00:00:00+00:00",
        )
        return self.get_key_unread(key_id)

    def get_key_unread(self, key_id: str) -> KeyState:
        """What CreateKey answers, which is what DescribeKey would."""
        return replace(self.keys[key_id], aliases=(), policy=None, rotation=None, tags=None)

    def replicate_key(self, key_id: str, step: ReplicateKey) -> KeyState:
        """Not modelled here: the lab has replicas."""
        raise NotImplementedError

    def set_alias(self, operation: str, alias: str, key_id: str) -> None:
        """CreateAlias for a new alias only, UpdateAlias for one that there is."""
        self.write(operation)
        self._require_not_pending(key_id)
        if (operation == "UpdateAlias") != (alias in self.aliases):
            raise operation_error(FailureKind.INVALID, "AlreadyExists or NotFound", "AlreadyExistsException")
        self.aliases[alias] = key_id

    def set_state(self, operation: str, key_id: str) -> None:
        """A deletion is cancelled before anything else, and leaves the key disabled."""
        self.write(operation)
        if (operation == "CancelKeyDeletion") != self.keys[key_id].is_pending_deletion:
            raise operation_error(FailureKind.KEY_UNUSABLE, "not in this state", "KMSInvalidStateException")
        self._change(key_id, state="Enabled" if operation == "EnableKey" else "Disabled", deletion_date=None)

    def get_key_last_usage(self, key_id: str) -> LastUsage:
        """What was laid down; a key that was made within the record and never used otherwise."""
        self.read("GetKeyLastUsage")
        made = datetime(2026, 10, 1, tzinfo=timezone.utc)
        return self.last_uses.get(key_id, LastUsage(None, made, made))

    def schedule_key_deletion(self, key_id: str, region: str, window_in_days: int) -> str | None:
        """A date, but for a key that has replicas yet; once only."""
        self.write("ScheduleKeyDeletion")
        if region != REGION:
            self.replicas_gone.append(region)
            return "2026-12-01T00:00:00+00:00"
        self._require_not_pending(key_id)
        waits = set(self.keys[key_id].replica_regions) - set(self.replicas_gone)
        if waits:
            raise operation_error(FailureKind.KEY_UNUSABLE, "replicas first", "KMSInvalidStateException")
        replicas = self.keys[key_id].replica_regions
        date = None if replicas else "2026-12-01T00:00:00+00:00"
        self._change(key_id, state="PendingReplicaDeletion" if replicas else "PendingDeletion", deletion_date=date)
        return date

    def update_key_description(self, key_id: str, description: str) -> None:
        """The description."""
        self.write("UpdateKeyDescription")
        self._require_not_pending(key_id)
        self._change(key_id, description=description)

    def put_key_policy(self, key_id: str, policy: str) -> None:
        """The whole policy."""
        self.write("PutKeyPolicy")
        self._require_not_pending(key_id)
        self._change(key_id, policy=policy)

    def set_rotation(self, operation: str, key_id: str, period_in_days: int | None) -> None:
        """Of enabled keys only; 365 days where nothing is named.

        Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
        """
        self.write(operation)
        if self.keys[key_id].state != "Enabled":
            raise operation_error(FailureKind.KEY_UNUSABLE, "the key is not enabled", "DisabledException")
        enabled = operation == "EnableKeyRotation"
        self._change(key_id, rotation=Rotation(True, period_in_days or 365) if enabled else Rotation(False))

    def tag_resource(self, key_id: str, tags: Tags) -> None:
        """Set these."""
        self.write("TagResource")
        self._require_not_pending(key_id)
        _require_own_tags(dict(tags))
        self._change(key_id, tags=freeze_tags({**dict(self.keys[key_id].tags or ()), **dict(tags)}))

    def untag_resource(self, key_id: str, keys: tuple[str, ...]) -> None:
        """Take these away."""
        self.write("UntagResource")
        self._require_not_pending(key_id)
        _require_own_tags(dict.fromkeys(keys, ""))
        self._change(key_id, tags=tuple(tag for tag in self.keys[key_id].tags or () if tag[0] not in keys))

    def get_caller_identity(self) -> Caller:
        """A role of the account."""
        self.read("GetCallerIdentity")
        return Caller(ACCOUNT, Arn("aws", "sts", "", ACCOUNT, "assumed-role/deploy/session"))

    def _key_id(self, key: str) -> str | None:
        key_id = self.aliases.get(key, key.rpartition("key/")[2])
        return key_id if key_id in self.keys else None

    def _aliases_of(self, key_id: str) -> tuple[str, ...]:
        return tuple(sorted(alias for alias, target in self.aliases.items() if target == key_id))

    def _change(self, key_id: str, **changes: Any) -> None:
        self.keys[key_id] = replace(self.keys[key_id], **changes)

    def _require_not_pending(self, key_id: str) -> None:
        if self.keys[key_id].is_pending_deletion:
            raise operation_error(FailureKind.KEY_UNUSABLE, "the key is pending deletion", "KMSInvalidStateException")


DEFAULT_POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Enable IAM User Permissions",
                "Effect": "Allow",
                "Principal": {"AWS": ROOT},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }
)


def _simplified(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: inner if name == "Statement" and not isinstance(inner, list) else _simplified(inner)
            for name, inner in sorted(value.items(), reverse=True)
        }
    if isinstance(value, list):
        listed = [_simplified(item) for item in value]
        return listed[0] if len(listed) == 1 and isinstance(listed[0], str) else listed
    return value


def _require_own_tags(tags: dict[str, str]) -> None:
    if any(name.startswith("aws:") for name in tags):
        raise operation_error(FailureKind.INVALID, "tags of AWS", "TagException")

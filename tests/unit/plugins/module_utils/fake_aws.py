# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""In-memory S3 and KMS, as implementations of the engine's ports. They behave as AWS where the engine relies on it.

They refuse what AWS refuses, and reset what a write resets at AWS. They record their calls.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from ansible_collections.sealed.s3.plugins.module_utils.aws.objects.ports import Body
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.content import Source, digest_of_stream
from ansible_collections.sealed.s3.plugins.module_utils.model.arn import Arn
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.bucket_default import BucketDefault
from ansible_collections.sealed.s3.plugins.module_utils.model.caller import Caller
from ansible_collections.sealed.s3.plugins.module_utils.model.envelope import Texts
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, OperationError, Reason
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_ref import AWS_MANAGED_S3_ALIAS
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_rotation import (
    Generation,
    PastRotation,
    Rotation,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_state import KeyState
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_steps import CreateKey, PutKeyPolicy
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.last_usage import LastUsage
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
    UNENCRYPTED,
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
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.unfinished_upload import (
    BegunUpload,
    UnfinishedUpload,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.write_answer import WriteAnswer
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


class CallRecorder:
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


class FakeS3(CallRecorder):
    """S3 with the buckets and objects of one account."""

    def __init__(self) -> None:
        super().__init__()
        self.rules: dict[str, BucketDefault] = {}
        self.regions: dict[str, str] = {}
        self.objects: dict[tuple[str, str], ObjectState] = {}
        self.bytes: dict[tuple[str, str], bytes] = {}
        self.parts: dict[tuple[str, str], tuple[int, ...]] = {}
        # Whether this is a store that is not AWS, and what it keeps of a written rule.
        self.custom_endpoint = False
        self.kept_rule: Callable[[BucketDefault], BucketDefault] = lambda rule: rule
        self.knows_parts = True
        self.versioned = False
        self.in_place = InPlaceSupport.OPT_IN
        self.conditional_writes = True
        self.sends_checksums = True
        self.reads_checksums = True
        self.knows_update = True
        self.grants: Grants = ()
        self.acls_disabled = False
        self.locks = False
        self.locks_are_hidden = False
        self.has_object_annotations: bool | None = False
        self.uploads: dict[str, tuple[ObjectWrite, dict[int, bytes]]] = {}
        self.creates_uploads_twice = False
        self._written = 0

    def add_bucket(self, name: str, rule: BucketDefault | None = None, region: str = REGION) -> None:
        """Add a bucket with a rule. The default is that of a new bucket."""
        self.rules[name] = BucketDefault(SSE_S3.name) if rule is None else rule
        self.regions[name] = region

    def add_object(self, state: ObjectState, content: bytes) -> None:
        """Add an object with this state."""
        self.objects[state.bucket, state.key] = replace(state, size=len(content))
        self.bytes[state.bucket, state.key] = content

    # The default encryption of buckets

    def get_bucket_encryption(
        self, bucket: str, expected_bucket_owner: str | None = None, region: str | None = None
    ) -> tuple[BucketDefault, str]:
        """The rule as it was written; its key is not resolved."""
        self.read("GetBucketEncryption")
        self._require_bucket(bucket)
        return replace(self.rules[bucket], kms_key_arn=None), self.regions[bucket]

    def put_bucket_encryption(self, bucket: str, rule: BucketDefault, region: str) -> None:
        """Replace the whole rule, and lose blocked types that are not named: AWS does not document that case."""
        self.write("PutBucketEncryption")
        self._require_bucket(bucket)
        self._require_region(bucket, region)
        if rule.kms_key and rule.encryption not in (SSE_KMS.name, DSSE_KMS.name):
            raise operation_error(FailureKind.INVALID, "a key without a KMS encryption", "InvalidArgument")
        self.rules[bucket] = self.kept_rule(replace(rule, kms_key_arn=None))

    def delete_bucket_encryption(self, bucket: str, region: str) -> None:
        """Reset the whole rule to S3's default."""
        self.write("DeleteBucketEncryption")
        self._require_bucket(bucket)
        self._require_region(bucket, region)
        self.rules[bucket] = self.kept_rule(BucketDefault(SSE_S3.name))

    # Objects

    def bucket_region(self, bucket: str) -> str:
        """The bucket's region."""
        return self.regions.get(bucket, REGION)

    def head_object(self, target: ObjectId, customer_key: CustomerKey | None) -> ObjectState:
        """Refusals are bare statuses. The state has no tags, and nothing that only the engine finds out."""
        self.read("HeadObject")
        state = self.objects.get((target.bucket, target.key))
        if target.bucket not in self.rules or state is None:
            raise operation_error(FailureKind.ABSENT, "HEAD: 404", "404", reason=Reason.UNEXPLAINED_ABSENCE)
        key_md5 = state.encryption.customer_key_md5
        if key_md5 and customer_key is None:
            raise operation_error(FailureKind.INVALID, "HEAD: 400", "400", reason=Reason.UNEXPLAINED_BAD_REQUEST)
        if key_md5 and customer_key and customer_key.md5 != key_md5:
            raise operation_error(FailureKind.FORBIDDEN, "HEAD: 403", "403", reason=Reason.UNEXPLAINED_DENIAL)
        if customer_key and not key_md5:
            raise operation_error(FailureKind.INVALID, "HEAD: 400", "400", reason=Reason.UNEXPLAINED_BAD_REQUEST)
        lock = None if self.locks_are_hidden else state.lock
        return replace(state, tags=None, tag_count=len(state.tags or ()), lock=lock)

    def get_first_byte(self, target: ObjectId, customer_key: CustomerKey | None) -> None:
        """As GetObject: its refusals have a body."""
        self.read("GetObject")
        self._require_bucket(target.bucket)
        if (target.bucket, target.key) not in self.objects:
            raise operation_error(
                FailureKind.ABSENT, "The key does not exist.", "NoSuchKey", reason=Reason.OBJECT_NOT_FOUND
            )
        self._decrypt(target, customer_key)

    def head_part(
        self, target: ObjectId, customer_key: CustomerKey | None, if_match: str | None, number: int
    ) -> PartSize:
        """The size of a part. A store that does not know parts returns the size of the object."""
        self.read("HeadPart")
        self._require_match(self._decrypt(target, customer_key), if_match)
        sizes = self.parts.get((target.bucket, target.key))
        if sizes is None or not self.knows_parts:
            return PartSize(len(self.bytes[target.bucket, target.key]), None)
        return PartSize(sizes[number - 1], len(sizes))

    def list_part_sizes(
        self, target: ObjectId, customer_key: CustomerKey | None, if_match: str | None
    ) -> tuple[int, ...]:
        """All parts, if the upload named a checksum."""
        self.read("GetObjectAttributes")
        state = self._decrypt(target, customer_key)
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
        """The bytes in chunks, if the key is right."""
        self.read("GetObject")
        state = self._decrypt(target, customer_key)
        self._require_match(state, if_match)
        start, end = span or (0, None)
        content = self.bytes[target.bucket, target.key][start:end]
        return (content[place : place + chunk_size] for place in range(0, len(content), chunk_size))

    def get_object_tagging(self, target: ObjectId) -> Tags:
        """All tags."""
        self.read("GetObjectTagging")
        return self.objects[target.bucket, target.key].tags or ()

    def current_version(self, target: ObjectId) -> str | None:
        """From the response for the tags."""
        self.read("GetObjectTagging")
        return self.objects[target.bucket, target.key].version_id

    def list_objects(self, bucket: str, prefix: str, owner: str | None, limit: int) -> tuple[list[str], bool]:
        """The sorted keys."""
        self.read("ListObjectsV2")
        keys = sorted(key for name, key in self.objects if name == bucket and key.startswith(prefix))
        return keys[:limit], len(keys) > limit

    def put_object(self, target: ObjectId, step: PutObject, body: Body) -> WriteAnswer:
        """Write the object as named, and nothing of the former one."""
        self.write("PutObject")
        self._require_bucket(target.bucket)
        old = self.objects.get((target.bucket, target.key))
        if step.if_match is None and old is not None:
            raise operation_error(FailureKind.CONFLICT, "the object exists", "PreconditionFailed")
        if step.if_match is not None:
            self._require_match(old, step.if_match)
        content = b"".join(iter(body.read, b""))
        if Source(data=content).describe() != replace(step.content, encrypted_as=None):
            raise operation_error(
                FailureKind.CONFLICT, "other bytes than described", "BadDigest", reason=Reason.BODY_DAMAGED
            )
        self._keep(target, content, step.properties, step.encryption, step.tags, step.lock, step.envelope_fields)
        self.grants = step.grants
        return self._answer(target)

    def _answer(self, target: ObjectId) -> WriteAnswer:
        state = self.objects[target.bucket, target.key]
        return WriteAnswer(state.encryption, state.etag, state.version_id, state.checksums)

    def copy_object(self, target: ObjectId, step: CopyObject) -> None:
        """Copy the object onto itself. What the directive COPY does not preserve is reset, such as lock and ACL."""
        self.write("CopyObject")
        state = self._decrypt(target, step.source_key)
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
        fields = step.envelope_fields if step.replace_properties else state.envelope_fields
        self._keep(target, content, properties, step.encryption, state.tags or (), step.lock, fields)
        self.grants = step.grants

    # Multipart uploads

    def create_multipart_upload(self, target: ObjectId, step: ObjectWrite, in_parts: InParts) -> BegunUpload:
        """Create an upload, or two, as if the first answer was lost. The object does not exist yet."""
        self.write("CreateMultipartUpload")
        self._require_bucket(target.bucket)
        self._encrypted(target.bucket, step.encryption.of_server_side)
        if self.creates_uploads_twice:
            self._new_upload(step)
        return BegunUpload(self._new_upload(step), repeated=self.creates_uploads_twice)

    def _new_upload(self, step: ObjectWrite) -> str:
        self._written += 1
        upload_id = f"upload-{self._written}"
        self.uploads[upload_id] = (step, {})
        return upload_id

    def list_unfinished_uploads(self, target: ObjectId) -> tuple[UnfinishedUpload, ...]:
        """All uploads: a test uploads one object."""
        self.read("ListMultipartUploads")
        return tuple(UnfinishedUpload(upload_id, "2026-11-01T00:00:00+00:00") for upload_id in self.uploads)

    def upload_part(
        self,
        target: ObjectId,
        upload_id: str,
        part: Part,
        body: Body,
        checksum: Checksum,
        customer_key: CustomerKey | None,
    ) -> SentPart:
        """Store a part, if its checksum and the customer key match."""
        self.write("UploadPart")
        content = b"".join(iter(body.read, b""))
        if len(content) != part.size or digest_of_stream(io.BytesIO(content), checksum.algorithm) != checksum:
            raise operation_error(
                FailureKind.CONFLICT, "other bytes than described", "BadDigest", reason=Reason.BODY_DAMAGED
            )
        return self._store_part(upload_id, part, content, customer_key)

    def upload_part_copy(
        self, target: ObjectId, upload_id: str, part: Part, step: CopyObject, in_parts: InParts
    ) -> SentPart:
        """Copy a part of the object, if the object is still the one that was read."""
        self.write("UploadPartCopy")
        state = self._decrypt(target, step.source_key)
        self._require_match(state, step.if_match)
        content = self.bytes[target.bucket, target.key][part.start : part.last + 1]
        return self._store_part(upload_id, part, content, step.encryption.request_key)

    def _store_part(self, upload_id: str, part: Part, content: bytes, key: CustomerKey | None) -> SentPart:
        step, parts = self._upload(upload_id)
        if key != step.encryption.request_key:
            raise operation_error(FailureKind.INVALID, "another customer key than the upload's", "InvalidRequest")
        parts[part.number] = content
        return SentPart(part.number, hashlib.md5(content).hexdigest(), None)

    def complete_multipart_upload(
        self, target: ObjectId, upload_id: str, step: ObjectWrite, in_parts: InParts, sent: list[SentPart]
    ) -> WriteAnswer:
        """Write the object, if all parts exist and the current object is the expected one."""
        self.write("CompleteMultipartUpload")
        _step, parts = self._upload(upload_id)
        old = self.objects.get((target.bucket, target.key))
        if step.if_match is None and old is not None:
            raise operation_error(FailureKind.CONFLICT, "the object exists", "PreconditionFailed")
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
                FailureKind.CONFLICT, "another object than described", "BadDigest", reason=Reason.BODY_DAMAGED
            )
        fields = step.envelope_fields
        self._keep(target, content, step.properties, step.encryption, in_parts.tags, step.lock, fields)
        self.grants = step.grants
        place = target.bucket, target.key
        etag = f'"{hashlib.md5(content).hexdigest()[:-2]}{self._written % 256:02x}-{len(parts)}"'
        self.objects[place] = replace(self.objects[place], checksums=(checksum,), etag=etag)
        del self.uploads[upload_id]
        answer = self._answer(target)
        is_hidden = step.encryption.kind is SSE_C  # this answer does not report a customer key
        return replace(answer, encryption=ObjectEncryption(UNENCRYPTED.name)) if is_hidden else answer

    def abort_multipart_upload(self, target: ObjectId, upload_id: str) -> None:
        """Delete the upload and its parts."""
        self.write("AbortMultipartUpload")
        self._upload(upload_id)
        del self.uploads[upload_id]

    def _upload(self, upload_id: str) -> tuple[ObjectWrite, dict[int, bytes]]:
        if upload_id not in self.uploads:
            raise operation_error(
                FailureKind.ABSENT, "The upload does not exist.", "NoSuchUpload", reason=Reason.UPLOAD_NOT_FOUND
            )
        return self.uploads[upload_id]

    def get_object_acl(self, target: ObjectId) -> Grants:
        """All grants."""
        self.read("GetObjectAcl")
        return self.grants

    def acls_are_disabled(self, bucket: str, expected_bucket_owner: str | None) -> bool:
        """The value that the test has set."""
        self.read("GetBucketOwnershipControls")
        return self.acls_disabled

    def keeps_versions(self, bucket: str, expected_bucket_owner: str | None) -> bool:
        """No bucket here has versioning."""
        self.read("GetBucketVersioning")
        return False

    def replicates(self, bucket: str, expected_bucket_owner: str | None) -> bool:
        """No bucket here is replicated."""
        self.read("GetBucketReplication")
        return False

    def default_retention(self, bucket: str, expected_bucket_owner: str | None) -> str | None:
        """The value that the test has set."""
        self.read("GetObjectLockConfiguration")
        return "" if self.locks else None

    def has_annotations(self, target: ObjectId) -> bool | None:
        """The value that the test has set."""
        self.read("ListObjectAnnotations")
        return self.has_object_annotations

    def can_read_retention(self, target: ObjectId) -> bool:
        """The value that the test has set."""
        self.read("GetObjectRetention")
        return not self.locks_are_hidden

    def can_read_legal_hold(self, target: ObjectId) -> bool:
        """The value that the test has set."""
        self.read("GetObjectLegalHold")
        return not self.locks_are_hidden

    def update_object_encryption(self, target: ObjectId, step: UpdateObjectEncryption) -> None:
        """Only the encryption changes. A store that does not know the request overwrites the object with it."""
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

    def delete_object(self, target: ObjectId, if_match: str | None = None) -> Deleted:
        """Delete the object."""
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
        fields: Texts = (),
    ) -> None:
        self._written += 1
        reported = self._encrypted(target.bucket, encryption.of_server_side)
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
            envelope_fields=fields,
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

    def _decrypt(self, target: ObjectId, key: CustomerKey | None) -> ObjectState:
        state = self.objects[target.bucket, target.key]
        if (key is None) != (state.encryption.customer_key_md5 is None):
            raise operation_error(
                FailureKind.FAILED,
                "a customer key is missing or not needed",
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
            raise operation_error(
                FailureKind.ABSENT,
                f"There is no bucket {bucket}.",
                "NoSuchBucket",
                bucket,
                reason=Reason.BUCKET_NOT_FOUND,
            )

    def _require_region(self, bucket: str, region: str) -> None:
        if self.regions[bucket] != region:
            raise operation_error(
                FailureKind.FAILED, "a write to another region than the bucket's", "PermanentRedirect"
            )


class RegionalFakeKms:
    """The KMS of another region, with the keys that the test has set for it."""

    def __init__(self, kms: FakeKms, region: str) -> None:
        self._kms = kms
        self.region = region

    def get_key(self, key: str) -> KeyState:
        """The key that the test has set for this reference and region."""
        found = self._kms.describe_key(key, self.region)
        is_deleted = self.region in self._kms.deleted_replicas
        return KeyState(found.key_id, found.arn, "PendingDeletion" if is_deleted else found.state)

    def get_key_last_usage(self, key_id: str) -> LastUsage:
        """The same in every region."""
        return self._kms.get_key_last_usage(key_id)


class FakeKms(CallRecorder):
    """The KMS of one account. The keys are in the region of the task; `lookups` has those of other regions."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: dict[str, KeyState] = {}
        self.aliases: dict[str, str] = {}
        self.lookups: dict[tuple[str, str], KeyState | Failure] = {}
        self.described: list[tuple[str, str]] = []
        self.at_store = False
        # While a deletion is pending, rotation is reported as disabled. It is restored with the key.
        # Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html
        self._made = 0
        self.last_uses: dict[str, LastUsage] = {}
        self.deleted_replicas: list[str] = []
        self.generations: dict[str, tuple[Generation, ...]] = {}
        self.now = datetime(2026, 11, 1, tzinfo=timezone.utc)
        # KMS rotates after its response: for a short time, a rotation on demand is in progress.
        self.rotations_in_progress = False
        self.grants: dict[str, int] = {}
        self.rotations: dict[str, tuple[PastRotation, ...]] = {}

    @property
    def region(self) -> str:
        """The region of the task."""
        return REGION

    def in_region(self, region: str) -> Any:
        """The KMS of a region."""
        return self if region == REGION else RegionalFakeKms(self, region)

    def add_key(self, key: KeyState) -> None:
        """Add a key with its aliases."""
        assert key.key_id
        self.keys[key.key_id] = replace(key, aliases=())
        self.aliases |= dict.fromkeys(key.aliases, key.key_id)

    def stored_key(self, key_id: str) -> KeyState:
        """The complete state of a key, for assertions."""
        return replace(self.keys[key_id], aliases=self._aliases_of(key_id))

    # References to keys

    def describe_key(self, key: str, region: str) -> KeyState:
        """The key that the test has set for this reference and region, or a key of the region of the task."""
        self.read("DescribeKey")
        self.described.append((key, region))
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
            return Failure(FailureKind.ABSENT, "The key does not exist.", code="NotFoundException")
        return self._describe(key_id)

    # Keys

    def get_key(self, key: str) -> KeyState:
        """DescribeKey does not return aliases, policy, rotation and tags."""
        self.read("DescribeKey")
        key_id = self._key_id(key)
        if key_id is None:
            raise operation_error(FailureKind.ABSENT, "The key does not exist.", "NotFoundException", key)
        return replace(self.keys[key_id], aliases=(), policy=None, rotation=None, tags=None)

    def list_aliases(self, key_id: str) -> tuple[str, ...]:
        """The sorted names."""
        self.read("ListAliases")
        return self._aliases_of(key_id)

    def list_region_aliases(self) -> dict[str, tuple[str, ...]]:
        """The aliases of all keys that have one."""
        self.read("ListAliases")
        return {key_id: self._aliases_of(key_id) for key_id in self.aliases.values()}

    def keys_with_alias(self, most: int) -> frozenset[str] | None:
        """The keys of all aliases, if they are not too many."""
        self.read("ListAliases")
        return frozenset(self.aliases.values()) if len(self.aliases) <= most else None

    def count_grants(self, key_id: str) -> int:
        """The value that the test has set."""
        self.read("ListGrants")
        return self.grants.get(key_id, 0)

    def list_key_rotations(self, key_id: str) -> tuple[PastRotation, ...]:
        """The value that the test has set."""
        self.read("ListKeyRotations")
        return self.rotations.get(key_id, ())

    def list_key_material(self, key_id: str, *, imported: bool) -> tuple[Generation, ...]:
        """The first material, and those that the test has set or a rotation has added."""
        self.read("ListKeyRotations")
        return (Generation(), *self.generations.get(key_id, ()))

    def rotate_key_on_demand(self, key_id: str) -> None:
        """Only for enabled keys, 25 times, and not while a rotation is in progress."""
        self.write("RotateKeyOnDemand")
        if self.keys[key_id].state != "Enabled":
            raise operation_error(FailureKind.KEY_UNUSABLE, "the key is not enabled", "DisabledException")
        known = self.generations.get(key_id, ())
        if sum(each.on_demand for each in known) >= 25:
            raise operation_error(FailureKind.FAILED, "25 times is the limit", "LimitExceededException")
        if self.rotations_in_progress:
            rotation = self.keys[key_id].rotation or Rotation(False)
            if rotation.on_demand_since:
                raise operation_error(FailureKind.CONFLICT, "a rotation is in progress", "ConflictException")
            self._change(key_id, rotation=replace(rotation, on_demand_since=self.now))
        else:
            self.generations[key_id] = (*known, Generation(self.now, on_demand=True))

    def list_keys(self) -> list[str]:
        """All ids."""
        self.read("ListKeys")
        return list(self.keys)

    def get_key_policy(self, key_id: str) -> str:
        """In the format of AWS: single values instead of lists with one item, and another order of the fields."""
        self.read("GetKeyPolicy")
        policy = json.loads(self.keys[key_id].policy or "")
        return json.dumps(_reformatted(policy), indent=2)

    def get_key_rotation_status(self, key_id: str) -> Rotation:
        """Disabled while a deletion is pending."""
        self.read("GetKeyRotationStatus")
        key = self.keys[key_id]
        return key.rotation if key.rotation and key.state != "PendingDeletion" else Rotation(False)

    def list_resource_tags(self, key_id: str) -> Tags:
        """All tags."""
        self.read("ListResourceTags")
        if key_id not in self.keys:
            raise operation_error(FailureKind.ABSENT, "The key does not exist.", "NotFoundException", key_id)
        return self.keys[key_id].tags or ()

    def find_keys_by_tag(self, name: str, value: str) -> tuple[str, ...]:
        """The result of the tagging API."""
        self.read("GetResources")
        return tuple(key_id for key_id, key in self.keys.items() if (name, value) in (key.tags or ()))

    def create_key(self, step: CreateKey) -> KeyState:
        """A new key, enabled, without rotation."""
        self.write("CreateKey")
        _refuse_reserved_tags(dict(step.tags))
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
        return self._describe(key_id)

    def _describe(self, key_id: str) -> KeyState:
        """The response of CreateKey, which is that of DescribeKey."""
        return replace(self.keys[key_id], aliases=(), policy=None, rotation=None, tags=None)

    def replicate_key(self, key_id: str, step: ReplicateKey) -> KeyState:
        """Not implemented here: the lab has replicas."""
        raise NotImplementedError

    def set_alias(self, operation: str, alias: str, key_id: str) -> None:
        """CreateAlias accepts only a new alias, UpdateAlias only an existing one."""
        self.write(operation)
        self._require_not_pending(key_id)
        if (operation == "UpdateAlias") != (alias in self.aliases):
            raise operation_error(FailureKind.INVALID, "AlreadyExists or NotFound", "AlreadyExistsException")
        self.aliases[alias] = key_id

    def set_state(self, operation: str, key_id: str) -> None:
        """A pending deletion has to be cancelled first. After that, the key is disabled."""
        self.write(operation)
        if (operation == "CancelKeyDeletion") != self.keys[key_id].is_pending_deletion:
            raise operation_error(FailureKind.KEY_UNUSABLE, "not in this state", "KMSInvalidStateException")
        self._change(key_id, state="Enabled" if operation == "EnableKey" else "Disabled", deletion_date=None)

    def get_key_last_usage(self, key_id: str) -> LastUsage:
        """The value that the test has set. The default is a key that was created within the record and never used."""
        self.read("GetKeyLastUsage")
        made = datetime(2026, 10, 1, tzinfo=timezone.utc)
        return self.last_uses.get(key_id, LastUsage(None, made, made))

    def schedule_key_deletion(self, key_id: str, region: str, window_in_days: int) -> str | None:
        """Returns a date, unless the key has replicas. A second call is refused."""
        self.write("ScheduleKeyDeletion")
        if region != REGION:
            self.deleted_replicas.append(region)
            return "2026-12-01T00:00:00+00:00"
        self._require_not_pending(key_id)
        remaining = set(self.keys[key_id].replica_regions) - set(self.deleted_replicas)
        if remaining:
            raise operation_error(FailureKind.KEY_UNUSABLE, "replicas first", "KMSInvalidStateException")
        replicas = self.keys[key_id].replica_regions
        date = None if replicas else "2026-12-01T00:00:00+00:00"
        self._change(key_id, state="PendingReplicaDeletion" if replicas else "PendingDeletion", deletion_date=date)
        return date

    def update_key_description(self, key_id: str, description: str) -> None:
        """Set the description."""
        self.write("UpdateKeyDescription")
        self._require_not_pending(key_id)
        self._change(key_id, description=description)

    def put_key_policy(self, key_id: str, step: PutKeyPolicy) -> None:
        """Replace the whole policy."""
        self.write("PutKeyPolicy")
        self._require_not_pending(key_id)
        self._change(key_id, policy=step.policy)

    def set_rotation(self, operation: str, key_id: str, period_in_days: int | None) -> None:
        """Only for enabled keys. The default period is 365 days.

        Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
        """
        self.write(operation)
        if self.keys[key_id].state != "Enabled":
            raise operation_error(FailureKind.KEY_UNUSABLE, "the key is not enabled", "DisabledException")
        enabled = operation == "EnableKeyRotation"
        self._change(key_id, rotation=Rotation(True, period_in_days or 365) if enabled else Rotation(False))

    def tag_resource(self, key_id: str, tags: Tags) -> None:
        """Add or replace these tags."""
        self.write("TagResource")
        self._require_not_pending(key_id)
        _refuse_reserved_tags(dict(tags))
        self._change(key_id, tags=freeze_tags({**dict(self.keys[key_id].tags or ()), **dict(tags)}))

    def untag_resource(self, key_id: str, keys: tuple[str, ...]) -> None:
        """Remove these tags."""
        self.write("UntagResource")
        self._require_not_pending(key_id)
        _refuse_reserved_tags(dict.fromkeys(keys, ""))
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


def _reformatted(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: inner if name == "Statement" and not isinstance(inner, list) else _reformatted(inner)
            for name, inner in sorted(value.items(), reverse=True)
        }
    if isinstance(value, list):
        listed = [_reformatted(item) for item in value]
        return listed[0] if len(listed) == 1 and isinstance(listed[0], str) else listed
    return value


def _refuse_reserved_tags(tags: dict[str, str]) -> None:
    if any(name.startswith("aws:") for name in tags):
        raise operation_error(FailureKind.INVALID, "tags that AWS reserves", "TagException")

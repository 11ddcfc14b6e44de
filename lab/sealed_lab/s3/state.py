# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The records of buckets and objects."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..identity.policy_principals import StoredPrincipals
from ..partitions import DEFAULT_PARTITION, partition_of
from ..policy_language import Policy
from ..storage import Blob
from .object_table import ObjectTable


@dataclass(frozen=True, slots=True)
class DefaultEncryption:
    """The default encryption of a bucket.

    A new bucket has SSE-S3 and blocks SSE-C (S3 User Guide, since April 2026).
    """

    algorithm: str = "AES256"
    key_id: str = ""
    bucket_key: bool = False
    blocked: tuple[str, ...] = ("SSE-C",)


@dataclass(frozen=True, slots=True)
class Scheme:
    """The encryption of an object as HeadObject shows it.

    Objects with equal values share one instance to save memory.
    """

    algorithm: str  # AES256, aws:kms, aws:kms:dsse, or "" for SSE-C
    key_arn: str = ""
    bucket_key: bool = False
    customer_key_md5: str = ""

    @property
    def layers(self) -> int:
        """How many times the bytes are encrypted."""
        return 2 if self.algorithm == "aws:kms:dsse" else 1


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """An object key that is wrapped by S3's own key, a KMS key or the customer's key."""

    wrapped: bytes
    context: tuple[tuple[str, str], ...] = ()
    context_header: str = ""


@dataclass(slots=True)
class Part:
    """One part of a completed multipart object."""

    number: int
    size: int
    checksum: str


@dataclass(slots=True)
class Lock:
    """The Object Lock settings of one version. ``legal_hold`` is None if it was never set."""

    mode: str = ""
    until: float = 0.0
    legal_hold: bool | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """One grant of an ACL, to a canonical user or to a group (by its URI)."""

    permission: str
    grantee: str


@dataclass(frozen=True, slots=True)
class Annotation:
    """An annotation of one version."""

    name: str
    data: bytes
    modified: float


@dataclass(frozen=True, slots=True)
class Restore:
    """The temporary copy of an archived object: when it is complete, and when it is deleted."""

    ready: float
    expires: float


@dataclass(slots=True)
class ObjectVersion:
    """One version of an object, or a delete marker (``scheme`` is None)."""

    key: str
    version_id: str
    modified: float
    etag: str = ""
    size: int = 0
    scheme: Scheme | None = None
    wrapped_key: WrappedKey | None = None
    blobs: tuple[Blob, ...] = ()
    checksums: tuple[tuple[str, str], ...] = ()
    checksum_type: str = ""
    storage_class: str = "STANDARD"
    headers: tuple[tuple[str, str], ...] = ()
    metadata: tuple[tuple[str, str], ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    parts: tuple[Part, ...] | None = None
    lock: Lock | None = None
    owner: str = ""
    acl: tuple[Grant, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    restore: Restore | None = None
    sequence: int = 0
    replication: str = ""

    @property
    def is_marker(self) -> bool:
        """Whether it is a delete marker."""
        return self.scheme is None


@dataclass(slots=True)
class UploadedPart:
    """A part of an upload in progress."""

    number: int
    etag: str
    md5: bytes
    size: int
    blob: Blob
    modified: float
    checksums: dict[str, str]


@dataclass(slots=True)
class KeyWatch:
    """Whether a key was written or deleted since a conditional write of it began."""

    changed: bool = False


@dataclass(slots=True)
class Upload:
    """A multipart upload in progress. Everything but the bytes is known since its creation."""

    upload_id: str
    key: str
    created: float
    scheme: Scheme
    wrapped_key: WrappedKey
    template: ObjectVersion
    algorithm: str = ""
    checksum_type: str = ""
    explicit_checksum: bool = False
    conditions: dict[str, Sequence[str]] = field(default_factory=dict)
    parts: dict[int, UploadedPart] = field(default_factory=dict)
    initiator: str = ""
    watch: KeyWatch = field(default_factory=KeyWatch)


@dataclass(frozen=True, slots=True)
class CompletedUpload:
    """A completed upload: S3 answers the same request to complete it with the same response."""

    key: str
    parts: tuple[tuple[int, str], ...]
    output: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StoredPolicy:
    """A bucket policy as S3 returns it, its users and roles, and whether it is public."""

    document: dict[str, Any]
    principals: StoredPrincipals
    public: bool


@dataclass(slots=True)
class Bucket:
    """One bucket."""

    name: str
    account: str
    region: str
    created: float
    location: str = ""
    encryption: DefaultEncryption = field(default_factory=DefaultEncryption)
    versioning: str = ""
    lock_enabled: bool = False
    policy: Policy | None = None  # as it is evaluated, with unique ids of users and roles
    stored_policy: StoredPolicy | None = None
    tags: dict[str, str] | None = None
    acl: tuple[Grant, ...] = ()
    documents: dict[str, Any] = field(default_factory=dict)
    collections: dict[str, dict[str, Any]] = field(default_factory=dict)
    objects: ObjectTable[ObjectVersion] = field(default_factory=ObjectTable)
    uploads: dict[str, Upload] = field(default_factory=dict)
    completed_uploads: dict[str, CompletedUpload] = field(default_factory=dict)
    watches: dict[str, list[KeyWatch]] = field(default_factory=dict)
    encryption_was_put: bool = False

    def __deepcopy__(self, memo: dict[int, Any]) -> Bucket:
        """Copy what can change. The rest, which is most of an empty bucket, is shared."""
        changing = ("documents", "collections", "uploads", "completed_uploads", "watches")
        copies = {name: copy.deepcopy(found, memo) if (found := getattr(self, name)) else {} for name in changing}
        tags = None if self.tags is None else dict(self.tags)
        objects = copy.deepcopy(self.objects, memo) if len(self.objects) else ObjectTable()
        return replace(self, tags=tags, objects=objects, **copies)

    @property
    def arn(self) -> str:
        """The ARN of the bucket."""
        return f"arn:{partition_of(self.region)}:s3:::{self.name}"

    def object_arn(self, key: str) -> str:
        """Return the ARN of an object."""
        return f"{self.arn}/{key}"

    def watch(self, key: str) -> KeyWatch:
        """Begin to watch a key. The watch is removed by ``end_watch``."""
        watch = KeyWatch()
        self.watches.setdefault(key, []).append(watch)
        return watch

    def end_watch(self, key: str, watch: KeyWatch) -> None:
        """Remove a watch."""
        remaining = [each for each in self.watches.get(key, ()) if each is not watch]
        if remaining:
            self.watches[key] = remaining
        else:
            self.watches.pop(key, None)

    def note_change(self, key: str) -> None:
        """Mark all watches of a key that was written or deleted."""
        for watch in self.watches.get(key, ()):
            watch.changed = True


@dataclass(slots=True)
class S3State:
    """All buckets. Their names are unique across all accounts of a partition.

    The keys of ``buckets`` are names, with the partition in front where it is not ``aws``.
    """

    buckets: dict[str, Bucket] = field(default_factory=dict)
    sequence: int = 0

    def bucket(self, partition: str, name: str) -> Bucket | None:
        """Return a bucket of a partition, None if it does not exist."""
        return self.buckets.get(_table_key(partition, name))

    def add_bucket(self, bucket: Bucket) -> None:
        """Store a new bucket."""
        self.buckets[_table_key(partition_of(bucket.region), bucket.name)] = bucket

    def delete_bucket(self, bucket: Bucket) -> None:
        """Delete a bucket."""
        del self.buckets[_table_key(partition_of(bucket.region), bucket.name)]

    def next_sequence(self) -> int:
        """Return a number that increases with every new version."""
        self.sequence += 1
        return self.sequence


def _table_key(partition: str, name: str) -> str:
    return name if partition == DEFAULT_PARTITION else f"{partition}/{name}"

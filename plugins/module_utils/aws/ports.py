# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What the engine may ask of AWS: one method per API call, in the model's own values.

Every method raises Refused, with the cause told, when AWS or the SDK refuses.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple, Protocol

from ..model.acl import Grants
from ..model.bucket_default import BucketDefault
from ..model.encrypted_object import (
    Checksum,
    CopyObject,
    InParts,
    ObjectState,
    ObjectWrite,
    PutObject,
    UpdateObjectEncryption,
)
from ..model.key_ref import KmsKey
from ..model.key_report import PastRotation
from ..model.key_rotation import Generation, Rotation
from ..model.key_usage import KeyEvent
from ..model.kms_key import CreateKey, KeyState
from ..model.operations import AliasOperation, KeyStateOperation, RotationOperation
from ..model.parts import Part
from ..model.replicas import ReplicateKey
from ..model.routes import InPlace
from ..model.secret import CustomerKey
from ..model.selection import Bucket
from ..model.tags import Tags


class ObjectId(NamedTuple):
    """Which object, or which version of it, in whose bucket."""

    bucket: str
    key: str
    version_id: str | None = None
    expected_bucket_owner: str | None = None


class Deleted(NamedTuple):
    """What a deletion did: the version that it deleted or made (None: the bucket keeps none), and whether that is a
    delete marker."""

    version_id: str | None = None
    delete_marker: bool = False


class Caller(NamedTuple):
    """Who the credentials are."""

    account: str
    arn: str

    @property
    def partition(self) -> str:
        """The AWS partition of the account, such as aws or aws-cn."""
        return self.arn.split(":")[1]


class PartSize(NamedTuple):
    """One part of an object: its size in bytes, and how many parts the object has (None: it was not sent in parts)."""

    size: int
    of: int | None


class LastUse(NamedTuple):
    """When a key was last used (None: not since the record begins), since when that is recorded, when it was made, and
    what it was used for."""

    last_used: datetime | None
    tracked_since: datetime
    created: datetime
    operation: str | None = None


class Body(Protocol):
    """A stream of what is to be sent. The SDK rewinds it, to sign it and to send it again."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go to a place; the place."""

    def tell(self) -> int:
        """The place."""


class SentPart(NamedTuple):
    """A part that S3 has: its number, its ETag, and its checksum, where S3 told it."""

    number: int
    etag: str
    checksum: Checksum | None


class BucketListPort(Protocol):
    """Which buckets there are."""

    def list_buckets(self, prefix: str, region: str | None) -> Iterator[Bucket]:
        """The account's buckets with their regions, filtered by the service."""

    def find_buckets_by_tags(self, tags: Tags, region: str) -> Iterator[str]:
        """The names of one region's buckets with all of these tags, in bulk."""

    def get_bucket_tagging(self, bucket: Bucket) -> Tags:
        """All tags of one bucket."""


class BucketEncryptionPort(Protocol):
    """The default encryption of buckets."""

    def get_bucket_encryption(
        self, bucket: str, expected_bucket_owner: str | None = None, region: str | None = None
    ) -> tuple[BucketDefault, str]:
        """The rule, and the region of the bucket: that of the task is asked first, or the one named."""

    def put_bucket_encryption(self, bucket: str, rule: BucketDefault, region: str) -> None:
        """Replace the whole rule."""

    def delete_bucket_encryption(self, bucket: str, region: str) -> None:
        """Give S3's own default back."""


class ObjectPort(Protocol):
    """Objects. `customer_key` is the caller's key that goes with the request, for S3 to encrypt or decrypt with."""

    def get_bucket_encryption(
        self, bucket: str, expected_bucket_owner: str | None = None, region: str | None = None
    ) -> tuple[BucketDefault, str]:
        """The rule of the bucket's default encryption, which also says what the bucket blocks, and its region."""

    def bucket_region(self, bucket: str) -> str:
        """The region that answered the last look at an object of this bucket; that of the task before any."""

    def head_object(self, target: ObjectId, customer_key: CustomerKey | None) -> ObjectState:
        """What S3 tells of the object, with its checksums.

        Raises Refused with an unexplained status (400, 403, 404) as its reason, as HEAD has no body to say more.
        """

    def probe_object(self, target: ObjectId, customer_key: CustomerKey | None) -> None:
        """Read the first byte, for the error that says why HEAD was refused."""

    def head_part(
        self, target: ObjectId, customer_key: CustomerKey | None, if_match: str | None, number: int
    ) -> PartSize:
        """One part of the object, the first being 1."""

    def list_part_sizes(
        self, target: ObjectId, customer_key: CustomerKey | None, if_match: str | None
    ) -> tuple[int, ...]:
        """The sizes of all parts; empty where S3 does not list them, as for an upload that named no checksum."""

    def get_object(
        self,
        target: ObjectId,
        customer_key: CustomerKey | None,
        if_match: str | None,
        chunk_size: int,
        span: tuple[int, int] | None = None,
    ) -> Iterator[bytes]:
        """The object's bytes in order, in chunks of at most `chunk_size`: all, or those of `span`, [start, end).

        Raises Refused at once where there is no answer, and from the iterator where the answer breaks off.
        """

    def get_object_tagging(self, target: ObjectId) -> Tags:
        """All tags of the object."""

    def current_version(self, target: ObjectId) -> str | None:
        """The version of an object whose customer key is not at hand; None: the bucket keeps none."""

    def list_objects(self, bucket: str, prefix: str, owner: str | None, limit: int) -> tuple[list[str], bool]:
        """At most `limit` keys in S3's order, and whether there are more."""

    @property
    def in_place(self) -> InPlace:
        """Whether UpdateObjectEncryption can be called here."""

    def get_object_acl(self, target: ObjectId) -> Grants:
        """All grants of the object; none where it is private."""

    def acls_are_disabled(self, bucket: str, expected_bucket_owner: str | None) -> bool:
        """Whether the bucket's owner owns every object of it, and no ACL counts."""

    def default_retention(self, bucket: str, expected_bucket_owner: str | None) -> str | None:
        """The retention that the bucket gives new versions, in words, and empty where it gives none.

        None: objects of the bucket cannot be locked.
        """

    def has_annotations(self, target: ObjectId) -> bool | None:
        """Whether the object has any; other stores than AWS have none.

        None: there is no telling, as it is forbidden, or the SDK or the service does not know the question.
        """

    def may_see_retention(self, target: ObjectId) -> bool:
        """Whether HeadObject would tell of the object's retention."""

    def may_see_legal_hold(self, target: ObjectId) -> bool:
        """Whether HeadObject would tell of the object's legal hold."""

    def update_object_encryption(self, target: ObjectId, step: UpdateObjectEncryption) -> None:
        """Encrypt the object in place under another KMS key.

        Raises Refused with the reason KEY_OF_ANOTHER_ACCOUNT where only a copy can do that.
        """

    def put_object(self, target: ObjectId, step: PutObject, body: Body) -> None:
        """Upload the whole content in one part, with its checksum."""

    def copy_object(self, target: ObjectId, step: CopyObject) -> None:
        """Copy the object onto itself."""

    def put_object_tagging(self, target: ObjectId, tags: Tags) -> None:
        """Replace all tags of the object."""

    def delete_object(self, target: ObjectId) -> Deleted:
        """Delete the version named, or put a delete marker."""


class MultipartPort(Protocol):
    """Objects that are too large for one request, in parts."""

    def create_multipart_upload(self, target: ObjectId, step: ObjectWrite, in_parts: InParts) -> str:
        """Say all of the object but its content; the id of the upload."""

    def upload_part(
        self,
        target: ObjectId,
        upload_id: str,
        part: Part,
        body: Body,
        checksum: Checksum,
        customer_key: CustomerKey | None,
    ) -> SentPart:
        """Send one part."""

    def upload_part_copy(
        self, target: ObjectId, upload_id: str, part: Part, step: CopyObject, in_parts: InParts
    ) -> SentPart:
        """Let S3 copy one part of the object, if it is still the one that was read."""

    def complete_multipart_upload(
        self, target: ObjectId, upload_id: str, step: ObjectWrite, in_parts: InParts, sent: list[SentPart]
    ) -> None:
        """Make the parts one object, if what is there is still what was read, or still nothing."""

    def abort_multipart_upload(self, target: ObjectId, upload_id: str) -> None:
        """Give the parts up."""


class KeyLookupPort(Protocol):
    """What a key reference stands for."""

    def describe_key(self, key: str, region: str) -> KmsKey:
        """The key of an id, ARN, alias or alias ARN, as one region's KMS knows it."""


class KmsPort(KeyLookupPort, Protocol):
    """Keys themselves, in the region of the task."""

    @property
    def region(self) -> str:
        """The region of the task."""

    def get_key(self, key: str) -> KeyState:
        """DescribeKey, in full."""

    def list_aliases(self, key_id: str) -> tuple[str, ...]:
        """The aliases of this key only."""

    def list_keys(self) -> list[str]:
        """The ids of all keys."""

    def get_key_policy(self, key_id: str) -> str:
        """The JSON of the key's policy."""

    def get_key_rotation_status(self, key_id: str) -> Rotation:
        """Automatic rotation."""

    def list_key_material(self, key_id: str, *, imported: bool) -> tuple[Generation, ...]:
        """The generations of key material; of imported material also the one that waits."""

    def rotate_key_on_demand(self, key_id: str) -> None:
        """Have new key material made, or the imported one that waits taken; sent once only."""

    def list_resource_tags(self, key_id: str) -> Tags:
        """All tags of the key."""

    def find_keys_by_tag(self, name: str, value: str) -> tuple[str, ...]:
        """The ids of the keys with this tag, in one call whatever the account holds."""

    def create_key(self, step: CreateKey) -> KeyState:
        """Make a key; sent once only, as a repeated request would make another."""

    def in_region(self, region: str) -> KmsPort:
        """The same account's KMS in another region."""

    def replicate_key(self, key_id: str, step: ReplicateKey) -> KeyState:
        """Make a replica of a primary key of this region; the replica, which is being made yet."""

    def set_alias(self, operation: AliasOperation, alias: str, key_id: str) -> None:
        """CreateAlias or UpdateAlias."""

    def set_state(self, operation: KeyStateOperation, key_id: str) -> None:
        """EnableKey, DisableKey or CancelKeyDeletion."""

    def get_key_last_usage(self, key_id: str) -> LastUse:
        """The key's last cryptographic use; Refused as UNSUPPORTED where SDK or service do not know the operation."""

    def schedule_key_deletion(self, key_id: str, region: str, window_in_days: int) -> str | None:
        """Let the key go after so many days; the date, which KMS does not know yet for a key with replicas."""

    def update_key_description(self, key_id: str, description: str) -> None:
        """Write the description."""

    def put_key_policy(self, key_id: str, policy: str) -> None:
        """Replace the whole policy."""

    def set_rotation(self, operation: RotationOperation, key_id: str, period_in_days: int | None) -> None:
        """EnableKeyRotation or DisableKeyRotation."""

    def tag_resource(self, key_id: str, tags: Tags) -> None:
        """Set these tags."""

    def untag_resource(self, key_id: str, keys: tuple[str, ...]) -> None:
        """Take these tags away."""

    def get_caller_identity(self) -> Caller:
        """Who the credentials are."""


class KeyReportPort(KmsPort, Protocol):
    """What there is to know of keys, beside what a plan compares."""

    def list_region_aliases(self) -> dict[str, tuple[str, ...]]:
        """All aliases of the region, by the id of their key."""

    def count_grants(self, key_id: str) -> int:
        """How many grants the key has, page by page: AWS services make thousands on some keys."""

    def list_key_rotations(self, key_id: str) -> tuple[PastRotation, ...]:
        """The rotations that are done."""


class KeyEventPort(Protocol):
    """What was done with a key, and by whom."""

    def lookup_events(
        self, key_arn: str, start: datetime | None, token: str | None
    ) -> tuple[list[KeyEvent], str | None]:
        """One page of a key's events since `start`, the latest first, and the token of the next page, if there is one.

        Raises Refused as UNSUPPORTED where there is no CloudTrail that is known to have seen the key.
        """

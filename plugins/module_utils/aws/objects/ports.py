# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The API calls for objects, as the engine uses them: one method for each, in values of the model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from ...model.objects.acl import Grants
from ...model.objects.change_method import InPlaceSupport
from ...model.objects.object_id import Deleted, ObjectId
from ...model.objects.object_state import Checksum, ObjectState
from ...model.objects.object_steps import CopyObject, InParts, ObjectWrite, PutObject, UpdateObjectEncryption
from ...model.objects.parts import Part, PartSize, SentPart
from ...model.secret import CustomerKey
from ...model.tags import Tags


class Body(Protocol):
    """A stream of what is to be sent. The SDK rewinds it, to sign it and to send it again."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go to a place; the place."""

    def tell(self) -> int:
        """The place."""


class ObjectPort(Protocol):
    """Objects. `customer_key` is the caller's key that goes with the request, for S3 to encrypt or decrypt with."""

    def bucket_region(self, bucket: str) -> str:
        """The region that answered the last look at an object of this bucket; that of the task before any."""

    def head_object(self, target: ObjectId, customer_key: CustomerKey | None) -> ObjectState:
        """What S3 tells of the object, with its checksums.

        Raises OperationError with an unexplained status (400, 403, 404) as its reason, as HEAD has no body to say more.
        """

    def get_first_byte(self, target: ObjectId, customer_key: CustomerKey | None) -> None:
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

        Raises OperationError at once where there is no answer, and from the iterator where the answer breaks off.
        """

    def get_object_tagging(self, target: ObjectId) -> Tags:
        """All tags of the object."""

    def current_version(self, target: ObjectId) -> str | None:
        """The version of an object whose customer key is not at hand; None: the bucket keeps none."""

    def list_objects(self, bucket: str, prefix: str, owner: str | None, limit: int) -> tuple[list[str], bool]:
        """At most `limit` keys in S3's order, and whether there are more."""

    @property
    def in_place(self) -> InPlaceSupport:
        """Whether UpdateObjectEncryption can be called here."""

    def get_object_acl(self, target: ObjectId) -> Grants:
        """All grants of the object; none where it is private."""

    def has_annotations(self, target: ObjectId) -> bool | None:
        """Whether the object has any; other stores than AWS have none.

        None: there is no telling, as it is forbidden, or the SDK or the service does not know the question.
        """

    def can_read_retention(self, target: ObjectId) -> bool:
        """Whether HeadObject would tell of the object's retention."""

    def can_read_legal_hold(self, target: ObjectId) -> bool:
        """Whether HeadObject would tell of the object's legal hold."""

    def update_object_encryption(self, target: ObjectId, step: UpdateObjectEncryption) -> None:
        """Encrypt the object in place under another KMS key.

        Raises OperationError with the reason KEY_OF_ANOTHER_ACCOUNT where only a copy can do that.
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

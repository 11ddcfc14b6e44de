# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The API calls for objects as the engine uses them: one method for each call, with values of the model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from ...model.kinds.encryption import DesiredEncryption
    from ...model.objects.change_method import InPlaceSupport
    from ...model.objects.listed_object import ListedObject, ListedUpload
    from ...model.objects.object_state import Checksum, Deleted, Grants, InstructionFile, ObjectId, ObjectState
    from ...model.objects.object_steps import CopyObject, InParts, ObjectWrite, PutObject, UpdateObjectEncryption
    from ...model.objects.parts import Part, PartSize, SentPart
    from ...model.objects.unfinished_upload import BegunUpload, UnfinishedUpload
    from ...model.objects.write_answer import WriteAnswer
    from ...model.secret import CustomerKey
    from ...model.tags import Tags


class Body(Protocol):
    """The body of a request. The SDK rewinds it to sign it and to send it again."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Change the position, and return it."""

    def tell(self) -> int:
        """The position."""


class ObjectStream(NamedTuple):
    """An object as the answer to GetObject describes it, and its bytes in chunks, which are not read yet.

    `close` ends the connection of an answer whose bytes are not needed. Bytes that are read to their end need none.
    """

    state: ObjectState
    chunks: Iterator[bytes]
    close: Callable[[], None]


class ObjectPort(Protocol):
    """Objects. `customer_key` is the caller's key that is sent with the request, for S3 to encrypt or decrypt with."""

    @property
    def custom_endpoint(self) -> bool:
        """Whether the endpoint is not AWS's own, so that a write is proven by reading it back."""

    @property
    def sends_checksums(self) -> bool:
        """Whether uploads have a checksum, which S3 verifies."""

    @property
    def reads_checksums(self) -> bool:
        """Whether HeadObject reports the checksums of objects."""

    @property
    def conditional_writes(self) -> bool:
        """Whether writes have a condition on the object that they replace."""

    def bucket_region(self, bucket: str) -> str:
        """The region that answered the last request for this bucket; before that, the region of the task."""

    def head_object(self, target: ObjectId, customer_key: CustomerKey | None) -> ObjectState:
        """The object as S3 reports it, with its checksums.

        Raises OperationError with an unexplained status (400, 403, 404) as its reason: HEAD responses have no body.
        """

    def get_first_byte(self, target: ObjectId, customer_key: CustomerKey | None) -> None:
        """Read the first byte: its error says why HeadObject was refused."""

    def head_part(
        self, target: ObjectId, customer_key: CustomerKey | None, if_match: str | None, number: int
    ) -> PartSize:
        """One part of the object. The number of the first is 1."""

    def list_part_sizes(
        self, target: ObjectId, customer_key: CustomerKey | None, if_match: str | None
    ) -> tuple[int, ...]:
        """The sizes of all parts; empty if S3 does not list them, as for an upload without a checksum."""

    def get_object(
        self,
        target: ObjectId,
        customer_key: CustomerKey | None,
        if_match: str | None,
        chunk_size: int,
        span: tuple[int, int] | None = None,
    ) -> Iterator[bytes]:
        """The bytes in chunks of at most `chunk_size`: all, or those of `span` from its first number up to its second.

        Raises OperationError if there is no response, and from the iterator if the connection breaks.
        """

    def get_object_tagging(self, target: ObjectId) -> Tags:
        """All tags of the object."""

    def current_version(self, target: ObjectId) -> str | None:
        """The current version of an object, which needs no customer key. None: the bucket has no versioning."""

    @property
    def in_place(self) -> InPlaceSupport:
        """Whether UpdateObjectEncryption can be called at this endpoint."""

    def get_object_acl(self, target: ObjectId) -> Grants:
        """All grants of the object; empty if its ACL is private."""

    def has_annotations(self, target: ObjectId) -> bool | None:
        """Whether the object has annotations. Only AWS has them.

        None: unknown, as the call is forbidden, or the SDK or the service does not support it.
        """

    def can_read_retention(self, target: ObjectId) -> bool:
        """Whether HeadObject would report a retention of the object."""

    def can_read_legal_hold(self, target: ObjectId) -> bool:
        """Whether HeadObject would report a legal hold of the object."""

    def update_object_encryption(self, target: ObjectId, step: UpdateObjectEncryption) -> None:
        """Encrypt the object in place under another KMS key.

        Raises OperationError with the reason KEY_OF_ANOTHER_ACCOUNT if only a copy can do that.
        """

    def put_object(self, target: ObjectId, step: PutObject, body: Body) -> WriteAnswer:
        """Upload the whole content in one part, with its checksum, and return what S3 reports of the new object."""

    def copy_object(self, target: ObjectId, step: CopyObject) -> None:
        """Let S3 copy the object onto itself, or another object to it."""

    def put_object_tagging(self, target: ObjectId, tags: Tags) -> None:
        """Replace all tags of the object."""

    def delete_object(self, target: ObjectId, if_match: str | None = None) -> Deleted:
        """Delete the named version, or add a delete marker, at AWS only if the object has this ETag."""


class ObjectStreamPort(ObjectPort, Protocol):
    """Objects, for a client that reads many of them as a whole."""

    def open_object(self, target: ObjectId, customer_key: CustomerKey | None, chunk_size: int) -> ObjectStream:
        """All of the object as it is now: one call for what `head_object` and `get_object` return.

        Raises OperationError if there is no response; the chunks do as those of `get_object`. The state does not say
        whether the object is archived, as an archived object is not returned.
        """


class ObjectListPort(Protocol):
    """Lists of objects and uploads. A list that the store ends early raises OperationError, like one that fails."""

    def list_objects(
        self, bucket: str, prefix: str, owner: str | None, page_size: int = 1000, start_after: str = ""
    ) -> Iterator[ListedObject]:
        """All objects whose key begins with the prefix and follows `start_after`, in the order of S3, page by page."""

    def list_versions(
        self, bucket: str, prefix: str, owner: str | None, start_after: str = ""
    ) -> Iterator[ListedObject]:
        """All versions of these objects but delete markers, each key with its newest version first."""

    def list_uploads(self, bucket: str, prefix: str, owner: str | None) -> Iterator[ListedUpload]:
        """All uploads in parts below the prefix that are neither completed nor aborted."""


class MultipartPort(Protocol):
    """Multipart uploads, for objects that are too large for one request."""

    def create_multipart_upload(self, target: ObjectId, step: ObjectWrite, in_parts: InParts) -> BegunUpload:
        """Start an upload with all parameters of the object but its content."""

    def list_unfinished_uploads(self, target: ObjectId) -> tuple[UnfinishedUpload, ...]:
        """The uploads of this object that are neither completed nor aborted."""

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
        """Let S3 copy one part of the object, unless it has changed since it was read."""

    def complete_multipart_upload(
        self, target: ObjectId, upload_id: str, step: ObjectWrite, in_parts: InParts, sent: list[SentPart]
    ) -> WriteAnswer:
        """Combine the parts into one object, unless another client has written it since it was read."""

    def abort_multipart_upload(self, target: ObjectId, upload_id: str) -> None:
        """Abort the upload, so that S3 deletes its parts."""


class InstructionFilePort(Protocol):
    """Instruction files. `target` is the object: the port adds the suffix, and ignores the version for the file."""

    def get_instruction_file(self, target: ObjectId) -> InstructionFile | None:
        """The current instruction file of the object. None: it does not exist.

        Raises OperationError of the kind NOT_AUTHENTIC for a file that is too large to be one, and of the kind
        WRONG_KEY for one that S3 decrypts only with a customer key.
        """

    def put_instruction_file(
        self, target: ObjectId, body: bytes, *, if_match: str | None, encryption: DesiredEncryption
    ) -> str:
        """Create the file (None), or replace the file with this ETag. Returns the new ETag.

        Raises OperationError of the kind CONFLICT if it exists already, or is not the file with this ETag.
        """

    def delete_instruction_file(self, target: ObjectId, if_match: str | None = None) -> None:
        """Delete the current file, at AWS only if it has this ETag; else the kind of the error is CONFLICT.

        A file that does not exist is not an error.
        """

    def has_other_versions(self, target: ObjectId) -> bool | None:
        """Whether S3 has a version of the object itself, other than the version that `target` names.

        Delete markers do not count. None: unknown, as the versions may not be listed or are too many.
        """

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The steps that change one object, each with all that its calls need."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Union

from ..errors import assert_never
from ..plan import Plan
from .object_state import Checksum, Grants, ObjectLock, ObjectState, Properties

if TYPE_CHECKING:
    from ..envelope import Texts
    from ..kinds.encryption import DesiredEncryption
    from ..operations import Operations
    from ..secret import CustomerKey
    from ..tags import Tags
    from .copy_source import CopySource
    from .desired_object import Content
    from .parts import Parts
    from .sealing import Rewrap, Sealing

# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/copy-object.html
COPY_LIMIT = 5 * 1024**3


@dataclass(frozen=True, slots=True)
class InParts:
    """The parts of a multipart upload, for an object that is too large for one request.

    A multipart upload keeps nothing of the object that it replaces, so the tags are named here. `checksum` is the
    expected one of the whole object; its value is empty if S3 has not computed it yet.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
    """

    parts: Parts
    tags: Tags
    checksum: Checksum


@dataclass(frozen=True, slots=True)
class PutObject:
    """Upload the content, unless the object has changed since it was read (`if_match`) or, for None, exists by now.

    `grants` are those of the object that it replaces. `in_parts` is set for content that is larger than one part.
    With `sealing`, the content is encrypted before it is sent; `envelope_fields` are then its metadata, which are known
    once that is done. With `rewrites`, the content is read from S3 first: from `source`, or from the object itself,
    whose `lock` then stays.
    """

    properties: Properties
    tags: Tags
    encryption: DesiredEncryption
    content: Content
    if_match: str | None
    grants: Grants = ()
    in_parts: InParts | None = None
    sealing: Sealing | None = None
    envelope_fields: Texts = ()
    rewrites: bool = False
    lock: ObjectLock | None = None
    source: CopySource | None = None

    @property
    def operations(self) -> Operations:
        """PutObject, or the three operations of a multipart upload; after GetObject if the content is read first."""
        read: Operations = ("GetObject",) if self.rewrites else ()
        if self.in_parts is None:
            return (*read, "PutObject")
        return (*read, "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload")


@dataclass(frozen=True, slots=True)
class CopyObject:
    """Copy an object with another encryption or other properties, unless it has changed since it was read.

    The object is copied onto itself, or `source` is copied. S3 copies annotations by itself, and tags onto the same
    object; the copy of a `source` has the `tags` that are named here. S3 does not copy lock and ACL, so they are named.
    `source_key` is the customer key of what is copied. `if_match` is the ETag of the object that is replaced; None: it
    does not exist. `in_parts` is set for an object that is larger than CopyObject accepts. `encryption` is that by S3.
    The `envelope_fields` of client-side encryption stay, or (`rewrap`) are made again.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
    """

    properties: Properties
    replace_properties: bool
    encryption: DesiredEncryption
    source_key: CustomerKey | None
    if_match: str | None
    lock: ObjectLock | None = None
    grants: Grants = ()
    in_parts: InParts | None = None
    envelope_fields: Texts = ()
    rewrap: Rewrap | None = None
    source: CopySource | None = None
    tags: Tags = ()

    @property
    def operations(self) -> Operations:
        """CopyObject, or the three operations of a multipart copy."""
        if self.in_parts is None:
            return ("CopyObject",)
        return ("CreateMultipartUpload", "UploadPartCopy", "CompleteMultipartUpload")


@dataclass(frozen=True, slots=True)
class UpdateObjectEncryption:
    """Encrypt the data key of an object again, under this KMS key. The data and everything else stay.

    The request accepts no condition, so it names the version that was read, if the bucket has versioning.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_UpdateObjectEncryption.html
    """

    encryption: DesiredEncryption
    version_id: str | None
    operations: ClassVar[Operations] = ("UpdateObjectEncryption",)


@dataclass(frozen=True, slots=True)
class PutObjectTagging:
    """Replace all tags."""

    tags: Tags
    operations: ClassVar[Operations] = ("PutObjectTagging",)


@dataclass(frozen=True, slots=True)
class DeleteObject:
    """Delete one version, or add a delete marker (in a bucket without versioning: delete the object).

    With `if_match`, only the object with this ETag is deleted, where the store has that condition.
    """

    version_id: str | None
    if_match: str | None = None
    operations: ClassVar[Operations] = ("DeleteObject",)


@dataclass(frozen=True, slots=True)
class WriteCustomerKeyFile:
    """Write the new customer key of an object to its file, before anything is encrypted with it."""

    path: str
    customer_key: CustomerKey
    operations: ClassVar[Operations] = ("WriteCustomerKeyFile",)


@dataclass(frozen=True, slots=True)
class PutInstructionFile:
    """Write the instruction file of an object: unless there is one by now (`if_match` is None), or it has changed.

    `encryption` is that of the object. Without `rewrap`, a new data key is made, for the upload that follows. The
    `body` is known once that is done. With `is_copy`, it is the body of another object's instruction file.
    """

    encryption: DesiredEncryption
    if_match: str | None = None
    rewrap: Rewrap | None = None
    body: bytes = field(default=b"", repr=False)
    is_copy: bool = False
    operations: ClassVar[Operations] = ("PutInstructionFile",)


@dataclass(frozen=True, slots=True)
class DeleteInstructionFile:
    """Delete the instruction file of an object, if no version of the object remains that needs it.

    `etag` is that of the file, if it was read. `after_object` says that the object was deleted before, so that no
    version of it exists, unless another client has written it again.
    """

    etag: str | None = None
    after_object: bool = False
    operations: ClassVar[Operations] = ("DeleteInstructionFile",)


# The steps that write the whole object again, which resets everything that they do not name.
ObjectWrite = Union[PutObject, CopyObject]
# The steps that write something beside the object.
OtherFileStep = Union[WriteCustomerKeyFile, PutInstructionFile, DeleteInstructionFile]
ObjectStep = Union[PutObject, CopyObject, UpdateObjectEncryption, PutObjectTagging, DeleteObject, OtherFileStep]
ObjectPlan = Plan[ObjectState, ObjectStep]


def as_write(step: ObjectStep) -> ObjectWrite | None:
    """The step, if it writes the whole object again; otherwise None."""
    match step:
        case PutObject() | CopyObject():
            return step
        case (
            UpdateObjectEncryption()
            | PutObjectTagging()
            | DeleteObject()
            | WriteCustomerKeyFile()
            | PutInstructionFile()
            | DeleteInstructionFile()
        ):
            return None
        case _:
            assert_never(step)


def as_deletion(step: ObjectStep) -> DeleteObject | None:
    """The step, if it deletes the object; otherwise None."""
    match step:
        case DeleteObject():
            return step
        case (
            PutObject()
            | CopyObject()
            | UpdateObjectEncryption()
            | PutObjectTagging()
            | WriteCustomerKeyFile()
            | PutInstructionFile()
            | DeleteInstructionFile()
        ):
            return None
        case _:
            assert_never(step)


def as_update(step: ObjectStep) -> UpdateObjectEncryption | None:
    """The step, if it changes the encryption in place; otherwise None."""
    match step:
        case UpdateObjectEncryption():
            return step
        case (
            PutObject()
            | CopyObject()
            | PutObjectTagging()
            | DeleteObject()
            | WriteCustomerKeyFile()
            | PutInstructionFile()
            | DeleteInstructionFile()
        ):
            return None
        case _:
            assert_never(step)


def source_of(step: ObjectStep) -> CopySource | None:
    """The other object whose content the step writes; None if the content is that of the object, or of the task."""
    write = as_write(step)
    return write.source if write else None


def as_copy(step: ObjectStep) -> CopyObject | None:
    """The step, if S3 copies the object onto itself, or another object; otherwise None."""
    write = as_write(step)
    match write:
        case CopyObject():
            return write
        case PutObject() | None:
            return None
        case _:
            assert_never(write)


def as_upload(step: ObjectStep) -> PutObject | None:
    """The step, if it uploads a content; otherwise None."""
    write = as_write(step)
    match write:
        case PutObject():
            return write
        case CopyObject() | None:
            return None
        case _:
            assert_never(write)


def as_tagging(step: ObjectStep) -> PutObjectTagging | None:
    """The step, if it writes the tags only; otherwise None."""
    match step:
        case PutObjectTagging():
            return step
        case (
            PutObject()
            | CopyObject()
            | UpdateObjectEncryption()
            | DeleteObject()
            | WriteCustomerKeyFile()
            | PutInstructionFile()
            | DeleteInstructionFile()
        ):
            return None
        case _:
            assert_never(step)

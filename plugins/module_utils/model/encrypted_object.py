# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""An object in S3: state, desire, and the plan between them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import Enum
from typing import ClassVar, Union

from .acl import Grants
from .archive import Archive, require_readable
from .encryption import DesiredEncryption, ObjectEncryption
from .errors import Failure, FailureKind, Refused, assert_never
from .kinds.kind import Kind
from .kinds.registry import find_kind
from .object_lock import ObjectLock
from .operations import Operations
from .parts import Parts
from .plan import Plan
from .routes import Change, ChangeMethod, InPlace, goes_in_place, obstacle
from .secret import CustomerKey
from .tags import Tags, merge_tags
from .weakening import LeftToS3, weakenings

# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/copy-object.html
COPY_LIMIT = 5 * 1024**3

DEFAULT_STORAGE_CLASS = "STANDARD"


class Overwrite(str, Enum):
    """When the content of an object that exists already is uploaded again."""

    DIFFERENT = "different"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Checksum:
    """A checksum that S3 stores: the base64 of the digest, over the full object or composed of those of its parts.

    The value is empty in a plan where S3 is yet to compute it.
    """

    algorithm: str
    value: str
    full_object: bool


class Unseen(str, Enum):
    """What an object may have, and a write may lose, where the task may not look."""

    ACL = "acl"
    ANNOTATIONS = "annotations"
    LOCK = "object_lock"


@dataclass(frozen=True, slots=True)
class Properties:
    """What an object carries beside its content. None: not set, or in a desire: not named, so kept.

    `expires` and `website_redirect_location` are never named; they are here to be kept, as every write resets them.
    """

    content_type: str | None = None
    cache_control: str | None = None
    content_disposition: str | None = None
    content_encoding: str | None = None
    content_language: str | None = None
    expires: str | None = None
    website_redirect_location: str | None = None
    metadata: tuple[tuple[str, str], ...] | None = None
    storage_class: str | None = None

    def over(self, kept: Properties) -> Properties:
        """These, with what they do not name taken from `kept`."""
        own = {field.name: getattr(self, field.name) for field in fields(self)}
        return replace(kept, **{name: value for name, value in own.items() if value is not None})


@dataclass(frozen=True, slots=True)
class ObjectState:
    """One version of an object as HeadObject tells it. None: not reported, or (in a plan) not known before the write.

    `tags` are None where they were not read; `tag_count` says how many there are, and is None where a
    store does not tell. `envelope` names the format of the
    client-side encryption that the metadata shows, and is empty where there is none. `archive` is where the content
    lies that has to be restored before it can be read. `unseen` is what a write may lose, and nobody could look at.
    """

    bucket: str
    key: str
    size: int | None
    encryption: ObjectEncryption
    properties: Properties = Properties()
    version_id: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    checksums: tuple[Checksum, ...] = ()
    tags: Tags | None = None
    tag_count: int | None = 0
    lock: ObjectLock | None = None
    envelope: str = ""
    archive: Archive | None = None
    unseen: tuple[Unseen, ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """The content to have: its size in bytes, and the checksum over all of it that S3 is to store with it.

    `encrypted_as` is the client-side kind under which it has been encrypted, so that both describe the ciphertext.
    None: it is the plaintext.
    """

    size: int
    checksum: Checksum
    encrypted_as: Kind | None = None


@dataclass(frozen=True, slots=True)
class DesiredObject:
    """What a playbook asks for. None: not named, so kept.

    `new_content_type` is what a new object gets where `properties` name none.
    """

    bucket: str
    key: str
    absent: bool = False
    content: Content | None = None
    encryption: DesiredEncryption = DesiredEncryption()
    properties: Properties = Properties()
    new_content_type: str | None = None
    tags: Tags | None = None
    purge_tags: bool = True
    overwrite: Overwrite = Overwrite.DIFFERENT
    change_method: ChangeMethod = ChangeMethod.AUTO
    version_id: str | None = None


@dataclass(frozen=True, slots=True)
class ObjectReading:
    """What a plan starts from: the object, if there is one, whether its content is the desired one, the customer key
    that opened it, whether the store can encrypt in place, what a write would leave to S3, and whose the bucket is,
    where that is known."""

    object: ObjectState | None
    same_content: bool = False
    opened_with: CustomerKey | None = None
    in_place: InPlace = InPlace.ON_REQUEST
    left_to_s3: LeftToS3 = LeftToS3()
    bucket_owner: str | None = None


@dataclass(frozen=True, slots=True)
class InParts:
    """How an object that is too large for one request is written: by a multipart upload, in these parts.

    A new upload takes nothing over from the object that it replaces, so the tags are named here. `checksum` is what S3
    is to find for the whole object; its value is empty where S3 has none of the whole yet.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
    """

    parts: Parts
    tags: Tags
    checksum: Checksum


@dataclass(frozen=True, slots=True)
class PutObject:
    """Upload the content, if the object is still the one that was read (`if_match`), or still none.

    `grants` are those of the object that it replaces. `in_parts` is for content that is larger than one part.
    """

    properties: Properties
    tags: Tags
    encryption: DesiredEncryption
    content: Content
    if_match: str | None
    grants: Grants = ()
    in_parts: InParts | None = None

    @property
    def operations(self) -> Operations:
        """PutObject, or the three of a multipart upload."""
        return ("CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload") if self.in_parts else ("PutObject",)


@dataclass(frozen=True, slots=True)
class CopyObject:
    """Write the object onto itself under another encryption or with other properties, if it is still the one read.

    S3 carries tags and annotations over by itself. Lock and ACL it does not, so they are named. `in_parts` is for an
    object that is larger than CopyObject takes.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
    """

    properties: Properties
    replace_properties: bool
    encryption: DesiredEncryption
    source_key: CustomerKey | None
    if_match: str
    lock: ObjectLock | None = None
    grants: Grants = ()
    in_parts: InParts | None = None

    @property
    def operations(self) -> Operations:
        """CopyObject, or the three of a multipart copy."""
        if self.in_parts is None:
            return ("CopyObject",)
        return ("CreateMultipartUpload", "UploadPartCopy", "CompleteMultipartUpload")


@dataclass(frozen=True, slots=True)
class UpdateObjectEncryption:
    """Wrap the key of an object's data anew, under this KMS key. The data and all else stay as they are.

    It takes no condition, so the version that was read is named where the bucket keeps versions.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_UpdateObjectEncryption.html
    """

    encryption: DesiredEncryption
    version_id: str | None
    operations: ClassVar[Operations] = ("UpdateObjectEncryption",)


@dataclass(frozen=True, slots=True)
class PutObjectTagging:
    """Write the whole set of tags."""

    tags: Tags
    operations: ClassVar[Operations] = ("PutObjectTagging",)


@dataclass(frozen=True, slots=True)
class DeleteObject:
    """Remove one version, or put a delete marker (in a bucket without versioning: remove the object)."""

    version_id: str | None
    operations: ClassVar[Operations] = ("DeleteObject",)


@dataclass(frozen=True, slots=True)
class WriteCustomerKeyFile:
    """Keep a key that was made for this object in its file, before anything is encrypted with it."""

    path: str
    customer_key: CustomerKey
    operations: ClassVar[Operations] = ("WriteCustomerKeyFile",)


# The steps that write the whole object anew, and with it all that S3 resets with such a write.
ObjectWrite = Union[PutObject, CopyObject]
ObjectStep = Union[PutObject, CopyObject, UpdateObjectEncryption, PutObjectTagging, DeleteObject, WriteCustomerKeyFile]
ObjectPlan = Plan[ObjectState, ObjectStep]


def as_write(step: ObjectStep) -> ObjectWrite | None:
    """The step, if it writes the whole object anew; otherwise None."""
    match step:
        case PutObject() | CopyObject():
            return step
        case UpdateObjectEncryption() | PutObjectTagging() | DeleteObject() | WriteCustomerKeyFile():
            return None
        case _:
            assert_never(step)


def as_update(step: ObjectStep) -> UpdateObjectEncryption | None:
    """The step, if it changes the encryption in place; otherwise None."""
    match step:
        case UpdateObjectEncryption():
            return step
        case PutObject() | CopyObject() | PutObjectTagging() | DeleteObject() | WriteCustomerKeyFile():
            return None
        case _:
            assert_never(step)


def as_copy(step: ObjectStep) -> CopyObject | None:
    """The step, if it copies the object onto itself; otherwise None."""
    write = as_write(step)
    match write:
        case CopyObject():
            return write
        case PutObject() | None:
            return None
        case _:
            assert_never(write)


def require_encrypted(encryption: DesiredEncryption, content: Content | None, resource: str) -> None:
    """Raise Refused where S3 would get a plaintext under a client-side kind.

    No content means a copy, which S3 makes without the client-side key.
    """
    kind = encryption.kind
    if not kind.is_client_side or (content and content.encrypted_as is kind):
        return
    why = "nothing here has encrypted the content" if content else "S3 cannot do that by a copy"
    raise Refused(
        Failure(
            FailureKind.UNSUPPORTED,
            f"encryption: {kind.name} encrypts before the upload, and {why}. Nothing was sent.",
            "Choose an encryption that the store applies, or encrypt with another client.",
            resource=resource,
        )
    )


def plan_encrypted_object(desired: DesiredObject, reading: ObjectReading) -> ObjectPlan:
    """The calls that bring an object to what is asked, moving no more data than it takes.

    Raises Refused where there is nothing to upload, or where the change would lose what cannot be kept.
    """
    before = reading.object
    if desired.absent:
        return _plan_removal(desired, before)
    if desired.content:  # also where it seems to be there already: a mark is no proof that it is encrypted
        require_encrypted(desired.encryption, desired.content, f"{desired.bucket}/{desired.key}")
    if before is None:
        return _plan_upload(desired, reading)
    if desired.overwrite is Overwrite.NEVER:
        return Plan(before, (), before)
    if desired.content and (desired.overwrite is Overwrite.ALWAYS or not reading.same_content):
        return _plan_upload(desired, reading)
    return _plan_change(desired, before, reading)


def _plan_removal(desired: DesiredObject, before: ObjectState | None) -> ObjectPlan:
    """A version that is locked stays. The lock of the current version is none to a delete marker, which only hides it.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
    """
    if before is None:
        return Plan(None, (), None)
    if desired.version_id and before.lock:
        raise _refused(
            before,
            f"cannot be deleted: its version {desired.version_id} is under Object Lock ({before.lock.told()})",
            "Release the lock with the tool that set it, or wait until it is over.",
        )
    return Plan(before, (DeleteObject(desired.version_id),), None)


def _plan_upload(desired: DesiredObject, reading: ObjectReading) -> ObjectPlan:
    content, before = desired.content, reading.object
    if content is None:
        raise Refused(
            Failure(
                FailureKind.ABSENT,
                f"There is no object {desired.key!r} in the bucket {desired.bucket}.",
                "Name its content with src, content or content_base64.",
                resource=f"{desired.bucket}/{desired.key}",
            )
        )
    if before:
        _require_no_envelope(before)
    kept = before.properties if before else Properties(content_type=desired.new_content_type)
    properties = desired.properties.over(kept)
    tags = merge_tags((before.tags if before else None) or (), desired.tags, desired.purge_tags)
    encryption = desired.encryption.to_keep(before.encryption if before else None)
    after = ObjectState(
        bucket=desired.bucket,
        key=desired.key,
        size=content.size,
        encryption=desired.encryption.after_writing(before.encryption if before else None),
        properties=replace(properties, storage_class=properties.storage_class or DEFAULT_STORAGE_CLASS),
        checksums=(content.checksum,),
        tags=tags,
        tag_count=len(tags),
    )
    step = PutObject(properties, tags, encryption, content, before.etag if before else None)
    warnings = _warnings(before, after, reading) if before else ()
    return Plan(before, (step,), after, (*_lock_left_behind(before), *warnings))


def _plan_change(desired: DesiredObject, before: ObjectState, reading: ObjectReading) -> ObjectPlan:
    """Keep the content, and bring the rest to what is asked: nothing, the tags alone, the encryption alone in place, or
    a copy onto itself."""
    steps: list[ObjectStep] = []
    after = before
    if _updates_in_place(desired, before, reading):
        update, after = _plan_update(desired, before)
        steps.append(update)
    elif not desired.encryption.satisfied_by(before.encryption) or _changes_properties(desired, before):
        copy, after = _plan_copy(desired, before, reading.opened_with)
        steps.append(copy)
    if desired.tags is not None:
        tags = merge_tags(before.tags or (), desired.tags, desired.purge_tags)
        if tags != (before.tags or ()):
            steps.append(PutObjectTagging(tags))
        after = replace(after, tags=tags, tag_count=len(tags))
    return Plan(before, tuple(steps), after, _warnings(before, after, reading))


def _changes_properties(desired: DesiredObject, before: ObjectState) -> bool:
    return desired.properties.over(before.properties) != before.properties


def _updates_in_place(desired: DesiredObject, before: ObjectState, reading: ObjectReading) -> bool:
    """Whether the encryption differs and is to be changed in place; raises Refused where it is asked for in vain."""
    if desired.encryption.satisfied_by(before.encryption):
        return False
    kept = desired.encryption.to_keep(before.encryption)
    others, locked = _changes_properties(desired, before), before.lock is not None
    change = Change(before.encryption, kept, others, locked, reading.bucket_owner)
    if goes_in_place(change, desired.change_method, reading.in_place):
        return True
    if desired.change_method is not ChangeMethod.UPDATE:
        return False
    if reason := obstacle(change):
        raise _refused(before, f"cannot be encrypted in place: {reason}", "Set change_method: auto, or copy.")
    raise Refused(
        Failure(
            FailureKind.UNSUPPORTED,
            "The installed boto3 does not know UpdateObjectEncryption.",
            "Install a newer boto3 on the host that runs the task, or set change_method: auto.",
            "s3:UpdateObjectEncryption",
            f"{before.bucket}/{before.key}",
        )
    )


def _plan_update(desired: DesiredObject, before: ObjectState) -> tuple[UpdateObjectEncryption, ObjectState]:
    """In place. A bucket key that is not named is kept, and off for an object that has none."""
    kept = desired.encryption.to_keep(before.encryption)
    kept = replace(kept, bucket_key_enabled=bool(kept.bucket_key_enabled))
    step = UpdateObjectEncryption(kept, before.version_id)
    return step, replace(before, encryption=kept.after_writing(before.encryption))


def _plan_copy(
    desired: DesiredObject, before: ObjectState, opened_with: CustomerKey | None
) -> tuple[CopyObject, ObjectState]:
    """Onto itself, with everything named that a copy does not take over by itself."""
    _require_copyable(before)
    properties = desired.properties.over(before.properties)
    encrypted_as_asked = desired.encryption.satisfied_by(before.encryption)
    encryption = desired.encryption if not encrypted_as_asked else _as_it_is(before, desired, opened_with)
    step = CopyObject(
        properties,
        properties != before.properties,
        encryption.to_keep(before.encryption),
        opened_with,
        before.etag or "",
        before.lock,
    )
    require_encrypted(step.encryption, None, f"{before.bucket}/{before.key}")
    return step, replace(
        before,
        version_id=None,
        etag=None,
        last_modified=None,
        properties=properties,
        encryption=encryption.after_writing(before.encryption),
        checksums=tuple(_copied(checksum) for checksum in before.checksums),
    )


def _copied(checksum: Checksum) -> Checksum:
    """CopyObject writes an object in one piece, so that a checksum composed of those of parts becomes one of the whole.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
    """
    return checksum if checksum.full_object else Checksum(checksum.algorithm, "", full_object=True)


def _as_it_is(before: ObjectState, desired: DesiredObject, opened_with: CustomerKey | None) -> DesiredEncryption:
    """The encryption that an object has, named in full: a copy takes nothing over from its source by itself."""
    kind = find_kind(before.encryption.type)
    if not kind.choosable:
        return desired.encryption
    return DesiredEncryption(
        kind,
        before.encryption.kms_key_arn,
        encryption_context=desired.encryption.encryption_context,
        customer_key=opened_with,
    )


def _require_no_envelope(before: ObjectState) -> None:
    if before.envelope:
        raise _refused(
            before,
            f"is encrypted on the client side ({before.envelope}): writing it again here would leave it unreadable",
            "Delete it first (state: absent) if it is to be replaced, or change it with the client that wrote it.",
        )


def _require_copyable(before: ObjectState) -> None:
    _require_no_envelope(before)
    require_readable(before.bucket, before.key, before.archive, "copied")


def _refused(before: ObjectState, reason: str, advice: str) -> Refused:
    resource = f"{before.bucket}/{before.key}"
    message = f"The object {before.key!r} in the bucket {before.bucket} {reason}."
    return Refused(Failure(FailureKind.INVALID, message, advice, resource=resource))


def _warnings(before: ObjectState, after: ObjectState, reading: ObjectReading) -> tuple[str, ...]:
    """What one may not expect of another encryption: that it protects less, or that former versions keep theirs."""
    if after.encryption == before.encryption:
        return ()
    found = weakenings(before.key, before.encryption, after.encryption, reading.left_to_s3)
    # An encryption in place keeps the version. What the bucket's default makes of an upload is not known yet.
    if before.version_id and after.version_id is None and after.encryption.type:
        found = (
            *found,
            f"The bucket keeps versions: the version {before.version_id} of {before.key!r} stays as it was, "
            f"under {before.encryption.type}.",
        )
    return found


def _lock_left_behind(before: ObjectState | None) -> tuple[str, ...]:
    """New content is a new version, which nobody has locked yet."""
    if before is None or before.lock is None:
        return ()
    return (
        f"{before.key!r} is under Object Lock ({before.lock.told()}). That stays on the version {before.version_id}, "
        "and is not carried over to the new content, which gets the default retention of the bucket, if it has one.",
    )

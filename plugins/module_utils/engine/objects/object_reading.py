# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a plan for an object starts from: the completed desired state, and the current state."""

from __future__ import annotations

from dataclasses import replace

from ...envelope.content_cipher import ContentCipher
from ...model.errors import Failure, FailureKind, OperationError
from ...model.keys.key_ref import AWS_MANAGED_S3_ALIAS, KeyRef
from ...model.kinds.encryption import ObjectEncryption
from ...model.kinds.registry import UNENCRYPTED, find_kind
from ...model.objects.client_side_plan import needs_rewrite
from ...model.objects.desired_object import Content, DesiredObject, ObjectReading, Overwrite
from ...model.objects.downgrade_warnings import ImplicitDefaults, needs_default
from ...model.objects.object_state import Checksum, ObjectState
from ...model.plan import NotThereYet
from ...model.tags import Tags
from ..transfer.content import Source
from .comparison import StoredContent
from .head_object import FoundObject
from .kms_keys import KmsKeys
from .object_access import ObjectAccess


def resolve_kms_keys(
    access: ObjectAccess, desired: DesiredObject, kms_keys: KmsKeys
) -> tuple[DesiredObject, tuple[NotThereYet, ...]]:
    """The desired state with the ARNs of the named KMS keys in the bucket's region, and those that do not exist."""
    encryption = desired.encryption
    missing: tuple[NotThereYet, ...] = ()
    if kms_keys.of_s3:
        key = access.keys.resolve(kms_keys.of_s3, access.region)
        encryption, missing = encryption.with_server_side_key(key.arn), key.not_there_yet
    if kms_keys.of_client:
        key = access.keys.resolve(kms_keys.of_client, access.region)
        encryption, missing = replace(encryption, kms_key_arn=key.arn), (*missing, *key.not_there_yet)
    return replace(desired, encryption=encryption), missing


def measure_content(
    desired: DesiredObject, source: Source | None, current: ObjectState | None, part_size: int
) -> DesiredObject:
    """The desired state with size and checksum of its content, unless the content is never compared or uploaded.

    A content that is encrypted first has a checksum only then.
    """
    if source is None or (current is not None and desired.overwrite is Overwrite.NEVER):
        return desired
    if desired.encryption.kind.is_client_side:
        return replace(desired, content=Content(source.size(), Checksum("", "", full_object=True)))
    return replace(desired, content=source.describe(part_size))


def measure_size(
    desired: DesiredObject, source: Source | None, _current: ObjectState | None, _part_size: int
) -> DesiredObject:
    """The desired state with the size of its content alone, which is not read."""
    if source is None:
        return desired
    return replace(desired, content=Content(source.size(), Checksum("", "", full_object=True)))


def read_object(
    access: ObjectAccess,
    desired: DesiredObject,
    kms_key: KeyRef | None,
    source: Source | None,
    found: FoundObject,
    *,
    same_content: bool | None = None,
) -> ObjectReading:
    """The current state of an object that HeadObject was called for, with whatever else the plan needs to know.

    `same_content` is set if it is known already whether it has the desired content: by size and time, or as a copy.
    """
    if found.object is None:
        return ObjectReading(None, found_file=found.found_file)
    rewrites = needs_rewrite(desired.encryption, found.object, found.opened)
    # A content that the task has needs not be read from the object to be written again.
    compares = desired.content is not None and not rewrites
    same = compares and (has_content(access, desired, source, found) if same_content is None else same_content)
    writes_content = rewrites or (desired.content is not None and (not same or desired.overwrite is Overwrite.ALWAYS))
    tags = _needed_tags(access, desired, found.object, writes_content)
    current = found.object if tags == found.object.tags else replace(found.object, tags=tags)
    return ObjectReading(
        current,
        same,
        found.decrypted_with,
        access.s3.in_place,
        resolve_implicit_defaults(access, desired, kms_key, current, writes_content),
        # S3 would have refused HeadObject if another account owned the bucket.
        access.target.expected_bucket_owner,
        found.opened,
        found.found_file,
    )


def has_content(access: ObjectAccess, desired: DesiredObject, source: Source | None, found: FoundObject) -> bool:
    """Whether the object has the desired content.

    A content under client-side encryption is not decrypted to be compared: the desired content is encrypted again with
    the data key and the message id of the object, which stays in this process.
    """
    content, current = desired.content, found.object
    if content is None or source is None or current is None:
        raise AssertionError("contents are compared only where the task names one, and the object exists")
    stored = StoredContent(access.s3, access.target, found.decrypted_with, current)
    if current.envelope is None:
        known = content.checksum if content.checksum.value else None
        return content.size == current.size and stored.equals(source, known)
    if found.opened is None:
        return False
    return stored.equals_encrypted(source, ContentCipher.open(current.envelope, found.opened.data_key))


def read_tags(access: ObjectAccess) -> Tags:
    """All tags, where a write would lose those that it does not name. A store without tags has none.

    Raises OperationError with advice where they cannot be read.
    """
    return _tags_of_store(access) or ()


def _tags_of_store(access: ObjectAccess) -> Tags | None:
    """All tags; None for a store without tags."""
    try:
        return access.s3.get_object_tagging(access.target)
    except OperationError as error:
        failure = error.failure
    if failure.kind is FailureKind.UNSUPPORTED:
        return None
    failure = replace(failure, message=f"{failure.message} The write would lose the tags.")
    raise OperationError(
        failure.with_alternative("Allow s3:GetObjectTagging", "name all tags in tags (tags: {} for none)")
    )


def _needed_tags(
    access: ObjectAccess, desired: DesiredObject, current: ObjectState, writes_content: bool
) -> Tags | None:
    """The tags, if they are compared, or if an upload would lose them. None: there are some, which are not needed.

    HeadObject reports the number of tags only to callers who may read them: no number can mean no permission. So tags
    are read where the number is missing or 0, too.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
    """
    if desired.tags is None:
        if writes_content:
            return read_tags(access)
        return () if current.tag_count == 0 else None
    if writes_content and desired.purge_tags:  # the upload replaces them: only the diff shows the tags of before
        return () if current.tag_count == 0 else _tags_if_readable(access)
    if current.tag_count == 0 and not desired.tags and not writes_content:
        return ()
    return _comparable_tags(access, desired)


def _tags_if_readable(access: ObjectAccess) -> Tags | None:
    try:
        return access.s3.get_object_tagging(access.target)
    except OperationError:
        return None


def _comparable_tags(access: ObjectAccess, desired: DesiredObject) -> Tags:
    """All tags, to compare them. Raises OperationError if the task names tags and the store has none.

    A store that does not know PutObjectTagging, which is `PUT /key?tagging`, overwrites the object with the request.
    """
    tags = _tags_of_store(access)
    if tags is not None or not desired.tags:
        return tags or ()
    raise OperationError(
        Failure(
            FailureKind.UNSUPPORTED,
            f"The tags of {access.name} cannot be set: the store at this endpoint has no tags.",
            "Leave out tags.",
            "s3:PutObjectTagging",
            access.name,
        )
    )


def resolve_implicit_defaults(
    access: ObjectAccess, desired: DesiredObject, kms_key: KeyRef | None, current: ObjectState, writes_content: bool
) -> ImplicitDefaults:
    """The bucket's default for an upload that names no encryption, and the AWS managed key where no key is named.

    This costs at most one GetBucketEncryption and one DescribeKey, and nothing for objects that are encrypted with a
    key of S3 itself. What cannot be read is omitted.
    """
    before, wanted = current.encryption, desired.encryption
    if before.client_side and wanted.kind.is_client_side:  # only the encryption of the ciphertext by S3 may be weaker
        before, wanted = before.server_side, wanted.of_server_side
    after = ObjectEncryption(wanted.kind.name, wanted.kms_key_arn)
    default: ObjectEncryption | None = None
    if desired.overwrite is Overwrite.NEVER or not needs_default(before):
        return ImplicitDefaults()
    if wanted.kind.defers_to_bucket:
        default = bucket_default(access) if writes_content else None
        if default is None:
            return ImplicitDefaults()
        after = default
    takes_managed_key = kms_key is not None and kms_key.is_aws_managed_s3
    if after.kms_key_arn is None and find_kind(after.type).has_managed_key:
        # If the encryption type stays, a key that is not named stays as well.
        takes_managed_key = default is not None or after.type != before.type
    return ImplicitDefaults(default, managed_key(access) if before.kms_key_arn and takes_managed_key else None)


def bucket_default(access: ObjectAccess) -> ObjectEncryption | None:
    """The bucket's default encryption, without a key if that is the AWS managed key. None: it cannot be read."""
    try:
        rule = access.buckets.default_encryption(access.target.bucket)
    except OperationError:  # the plan then warns that the default cannot be read
        return None
    is_managed = (rule.kms_key or "").endswith(AWS_MANAGED_S3_ALIAS)
    return ObjectEncryption(rule.encryption or UNENCRYPTED.name, None if is_managed else rule.kms_key)


def managed_key(access: ObjectAccess) -> str | None:
    """The ARN of the AWS managed key of the caller. None: it cannot be read."""
    try:
        return access.keys.arn(KeyRef.parse(AWS_MANAGED_S3_ALIAS), access.region)
    except OperationError:  # a new account does not have this key yet, and not every caller may describe it
        return None

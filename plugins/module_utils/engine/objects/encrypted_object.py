# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""One object, between the plan and S3."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from ...aws.objects.ports import MultipartPort, ObjectPort
from ...model.errors import Failure, FailureKind, OperationError, Reason, assert_never, invalid_input
from ...model.keys.key_ref import KeyRef
from ...model.kinds.kind import Kind
from ...model.kinds.registry import CUSTOMER_KEY, find_kind
from ...model.objects.change_method import ChangeMethod
from ...model.objects.desired_object import DesiredObject, ObjectReading, Overwrite
from ...model.objects.encrypted_object import plan_encrypted_object
from ...model.objects.encryption import ObjectEncryption
from ...model.objects.large_objects import Limits, needs_multipart_copy, to_multipart
from ...model.objects.object_id import Deleted, ObjectId
from ...model.objects.object_state import ObjectState
from ...model.objects.object_steps import (
    CopyObject,
    DeleteObject,
    ObjectPlan,
    ObjectStep,
    PutObject,
    PutObjectTagging,
    UpdateObjectEncryption,
    WriteCustomerKeyFile,
    as_update,
    as_write,
    require_encrypted,
)
from ...model.plan import Replanned
from ...model.secret import CustomerKey
from ...model.tags import Tags
from ..keys.key_resolver import KeyResolver
from ..transfer.atomic_file import write_atomically
from ..transfer.content import Source
from ..transfer.digests import WHOLE_OF_PARTS
from ..transfer.upload_body import UploadAborted, open_source
from .blocked_encryption import explain_blocked, require_unblocked
from .comparison import StoredContent
from .head_object import FoundObject, find_object
from .implicit_defaults import resolve_implicit_defaults
from .in_place_update import require_unmoved
from .multipart import copy_in_parts, upload_in_parts
from .preserved_attributes import explain_missing_permissions, preserve_acl_and_lock
from .write_verification import as_conflict, was_applied


@dataclass
class EncryptedObjectResource:
    """An object with a content, properties and encryption. One HeadObject where nothing differs."""

    desired: DesiredObject
    kms_key: KeyRef | None
    previous_key: CustomerKey | None
    source: Source | None
    s3: ObjectPort
    multipart: MultipartPort
    keys: KeyResolver
    limits: Limits = Limits()
    concurrency: int = 8
    expected_bucket_owner: str | None = None
    new_key_file: Path | None = None
    decrypted_with: CustomerKey | None = None
    updated: ObjectState | None = None
    planned: ObjectState | None = None
    reading: ObjectReading = ObjectReading(None)
    before: ObjectState | None = None
    deleted: Deleted | None = None

    @property
    def target(self) -> ObjectId:
        """The object that is meant."""
        desired = self.desired
        return ObjectId(desired.bucket, desired.key, desired.version_id, self.expected_bucket_owner)

    @property
    def _name(self) -> str:
        return f"{self.desired.bucket}/{self.desired.key}"

    def plan(self) -> ObjectPlan:
        """Compare; content is read and hashed only where an object is there, or is to be."""
        if self.desired.absent:
            return self._plan_removal()
        # A key that is only now made has opened nothing yet.
        key_at_hand = None if self.new_key_file else self.desired.encryption.request_key
        found = find_object(self.s3, self.target, key_at_hand, self.previous_key)
        self.decrypted_with = found.decrypted_with
        self.desired = self._completed(found)
        self.reading = self._reading(found)
        plan = self._whole_plan()
        key = self.desired.encryption.customer_key
        if plan.steps and self.new_key_file and key:
            return replace(plan, steps=(WriteCustomerKeyFile(str(self.new_key_file), key), *plan.steps))
        return plan

    def _whole_plan(self) -> ObjectPlan:
        plan = self._in_parts(self._plan_for(self.reading))
        for step in plan.steps:
            written = as_write(step) or as_update(step)
            if written:
                self._require_writable(written.encryption.kind)
        plan = preserve_acl_and_lock(self.s3, self.target, plan)
        self.before, self.planned = plan.before, plan.after
        return plan

    def apply(self, step: ObjectStep) -> None:
        """Make the one call of a step. A failure that leaves in doubt whether it was done is none if it was."""
        try:
            self._call(step)
        except OperationError as error:
            compare = self._same_content if self.desired.content else None
            if not error.failure.may_have_been_applied or not was_applied(
                self.s3, self.target, step, self.before, compare
            ):
                raise OperationError(self._explained(error.failure, step)) from error

    def _explained(self, failure: Failure, step: ObjectStep) -> Failure:
        """A failure of a step, with what AWS does not say of its cause."""
        failure = explain_missing_permissions(failure, step)
        failure = explain_blocked(failure, self.s3, self.target, step)
        return as_conflict(failure, step)

    def _call(self, step: ObjectStep) -> None:
        match step:
            case PutObject():
                self._put(step)
            case CopyObject():
                self._copy(step)
            case UpdateObjectEncryption():
                self._update(step)
            case PutObjectTagging():
                self.s3.put_object_tagging(self.target, step.tags)
            case DeleteObject():
                self.deleted = self.s3.delete_object(self.target)
            case WriteCustomerKeyFile():
                _write_key_file(step)
            case _:
                assert_never(step)

    def _update(self, step: UpdateObjectEncryption) -> None:
        """In place, or with change_method auto by a copy where the key is of another account, of which S3 tells only
        when it refuses it. Raises Replanned then."""
        try:
            self.s3.update_object_encryption(self.target, step)
        except OperationError as error:
            failure = error.failure
            is_foreign = failure.reason is Reason.KEY_OF_ANOTHER_ACCOUNT
            if not is_foreign or self.desired.change_method is not ChangeMethod.AUTO:
                raise
            try:
                plan = self._copy_instead()
            except OperationError as no_copy:
                advice = f"Nor can the object be copied: {no_copy.failure.sentence()}"
                raise OperationError(failure.with_advice(advice)) from error
            raise Replanned(plan) from error

    def _copy_instead(self) -> ObjectPlan:
        self.desired = replace(self.desired, change_method=ChangeMethod.COPY)
        plan = self._whole_plan()
        told = (
            f"S3 does not encrypt {self.desired.bucket}/{self.desired.key} in place under a KMS key of another account "
            "than the bucket's, so the object is copied onto itself. With expected_bucket_owner a check run foretells "
            "that."
        )
        return replace(plan, warnings=(*plan.warnings, told))

    def verify(self, step: ObjectStep) -> None:
        """After a change in place, whether it was one: a store that does not know the request overwrites the object.

        Tags may be written after it, and fail: that is not to hide it. UpdateObjectEncryption is for objects without a
        customer key.
        """
        if as_update(step) and self.planned:
            state = self.s3.head_object(self.target, None)
            require_unmoved(self.planned, state)
            self.updated = state

    def read_back(self, planned: ObjectState | None) -> ObjectState | None:
        """The object as S3 has it now. Some stores take an encryption and do not apply it: that is a failure."""
        if planned is None:
            return None
        reads_with_key = find_kind(planned.encryption.type).key_in_requests
        key = self.desired.encryption.request_key or (self.decrypted_with if reads_with_key else None)
        # Tags, which may have been written since a change in place, are as they were sent.
        state = self.updated or self.s3.head_object(self.target, key)
        if planned.encryption.type and not self.desired.encryption.is_satisfied_by(state.encryption):
            raise OperationError(
                Failure(
                    FailureKind.UNVERIFIED,
                    f"{planned.bucket}/{planned.key} was written as {_shown(planned.encryption)}, but is reported as "
                    f"{_shown(state.encryption)}.",
                    "The store at this endpoint does not apply this encryption; do not rely on it.",
                    resource=f"{planned.bucket}/{planned.key}",
                )
            )
        if planned.lock and state.lock is None:
            raise OperationError(
                Failure(
                    FailureKind.UNVERIFIED,
                    f"The copy of {planned.bucket}/{planned.key} was to be locked as the object was "
                    f"({planned.lock.told()}), but is reported without a lock.",
                    "The store at this endpoint does not lock a copy: lock the object again.",
                    resource=f"{planned.bucket}/{planned.key}",
                )
            )
        return replace(state, tags=planned.tags, tag_count=planned.tag_count if self.updated else state.tag_count)

    def _put(self, step: PutObject) -> None:
        require_encrypted(step.encryption, step.content, self._name)
        try:
            with open_source(self._content_source(), step.content) as source:
                if step.in_parts:
                    upload_in_parts(
                        self.multipart, self.target, step, step.in_parts, source, concurrency=self.concurrency
                    )
                else:
                    self.s3.put_object(self.target, step, source.window())
        except UploadAborted as unsent:
            raise OperationError(unsent.failure) from unsent

    def _copy(self, step: CopyObject) -> None:
        require_encrypted(step.encryption, None, self._name)
        if step.in_parts:
            copy_in_parts(self.multipart, self.target, step, step.in_parts, concurrency=self.concurrency)
        else:
            self.s3.copy_object(self.target, step)

    def _in_parts(self, plan: ObjectPlan) -> ObjectPlan:
        """The plan with what is too large for one request in parts. A copy in parts has to name the tags to keep."""
        if needs_multipart_copy(plan, self.limits) and plan.before and plan.after and self.desired.tags is None:
            tags = self._read_tags()
            plan = replace(plan, before=replace(plan.before, tags=tags), after=replace(plan.after, tags=tags))
        return to_multipart(plan, self.limits, WHOLE_OF_PARTS)

    def _plan_for(self, reading: ObjectReading) -> ObjectPlan:
        """The plan. A write that names no bucket key gets that of the bucket's default. UpdateObjectEncryption
        does not, and has to be told.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_SSEKMSEncryption.html
        """
        plan = plan_encrypted_object(self.desired, reading)
        encryption, before = self.desired.encryption, plan.before
        in_place = any(as_update(step) for step in plan.steps)
        named = encryption.bucket_key_enabled is not None
        if not in_place or named or before is None or find_kind(before.encryption.type).takes("bucket_key_enabled"):
            return plan
        bucket_key = self._default_bucket_key()
        self.desired = replace(self.desired, encryption=replace(encryption, bucket_key_enabled=bucket_key))
        return plan_encrypted_object(self.desired, reading)

    def _default_bucket_key(self) -> bool:
        try:
            rule, _region = self.s3.get_bucket_encryption(self.desired.bucket, self.expected_bucket_owner)
        except OperationError as error:
            advice = "Allow s3:GetEncryptionConfiguration, or name bucket_key_enabled."
            raise OperationError(error.failure.with_advice(advice)) from error
        return bool(rule.bucket_key_enabled)

    def _plan_removal(self) -> ObjectPlan:
        """A deletion needs no key: of an object under a customer key no more is to be known than that it is there, and
        which version a delete marker would hide."""
        try:
            found = find_object(self.s3, self.target, None, self.previous_key)
        except OperationError as error:
            if error.failure.kind is not FailureKind.WRONG_KEY:
                raise
            unread = ObjectState(self.desired.bucket, self.desired.key, None, ObjectEncryption(CUSTOMER_KEY.name))
            unread = replace(unread, version_id=self.desired.version_id or self._current_version())
            return plan_encrypted_object(self.desired, ObjectReading(unread))
        if found.delete_marker:
            marker = ObjectState(self.desired.bucket, self.desired.key, None, ObjectEncryption(None))
            return plan_encrypted_object(self.desired, ObjectReading(marker))
        return plan_encrypted_object(self.desired, ObjectReading(found.object))

    def _current_version(self) -> str | None:
        """For the diff alone, so that whoever may not ask deletes all the same."""
        try:
            return self.s3.current_version(self.target)
        except OperationError:
            return None

    def _require_writable(self, kind: Kind) -> None:
        """Raise OperationError where S3 would refuse the encryption, named or kept, so that a check run foretells
        that too."""
        if self.kms_key:
            self.keys.require_usable(self.kms_key, self.s3.bucket_region(self.desired.bucket))
        require_unblocked(self.s3, self.target, kind)

    def _completed(self, found: FoundObject) -> DesiredObject:
        """The desire with its key resolved in the bucket's region, and its content measured where it matters."""
        desired = self.desired
        if self.kms_key:
            arn = self.keys.arn(self.kms_key, self.s3.bucket_region(desired.bucket))
            desired = replace(desired, encryption=replace(desired.encryption, kms_key_arn=arn))
        if self.source and (found.object is None or desired.overwrite is not Overwrite.NEVER):
            desired = replace(desired, content=self.source.describe(self.limits.part_size))
        return desired

    def _reading(self, found: FoundObject) -> ObjectReading:
        actual, desired = found.object, self.desired
        if actual is None:
            return ObjectReading(None)
        same = desired.content is not None and self._same_content(actual, found.decrypted_with)
        writes_content = desired.content is not None and (not same or desired.overwrite is Overwrite.ALWAYS)
        actual = replace(actual, tags=self._tags(actual, writes_content))
        left = resolve_implicit_defaults(self.s3, self.keys, self.target, desired, self.kms_key, actual, writes_content)
        owner = self.expected_bucket_owner  # S3 has answered, so it is the owner
        return ObjectReading(actual, same, found.decrypted_with, self.s3.in_place, left, owner)

    def _tags(self, actual: ObjectState, writes_content: bool) -> Tags | None:
        """The object's tags where they are compared, or would be lost with an upload. None: there, and not read.

        HeadObject tells their number only to those who may read them, so that none may be told where there are some. So
        they are read, too, where they seem to be missing, and where a store does not tell the number.
        """
        desired = self.desired
        keeps_all = writes_content and (desired.tags is None or not desired.purge_tags)
        compared = bool(desired.tags) and not writes_content
        if not keeps_all and not compared and (desired.tags is None or actual.tag_count == 0):
            return () if actual.tag_count == 0 else None
        return self._read_tags()

    def _read_tags(self) -> Tags:
        try:
            return self.s3.get_object_tagging(self.target)
        except OperationError as error:
            failure = error.failure
        if failure.kind is FailureKind.UNSUPPORTED:
            return ()
        advice = "Allow s3:GetObjectTagging, or name all tags in tags (tags: {} for none)."
        failure = replace(failure, message=f"{failure.message} The write would lose the tags.")
        raise OperationError(failure.with_advice(advice))

    def _same_content(self, actual: ObjectState, decrypted_with: CustomerKey | None) -> bool:
        content = self.desired.content
        if content is None:
            raise AssertionError("contents are compared only where the task names one")
        if content.size != actual.size:
            return False
        stored = StoredContent(self.s3, self.target, decrypted_with, actual)
        return stored.equals(self._content_source(), content.checksum)

    def _content_source(self) -> Source:
        if self.source is None:
            raise AssertionError("contents are compared and uploaded only where the task names one")
        return self.source


def _write_key_file(step: WriteCustomerKeyFile) -> None:
    content = (step.customer_key.base64.encode("ascii"), b"\n")
    try:
        write_atomically(Path(step.path), content, private=True, exclusive=True)
    except FileExistsError:
        message = f"customer_key_file {step.path} has been made by another run meanwhile."
        raise OperationError(Failure(FailureKind.CONFLICT, message, "Run the task again, to use its key.")) from None
    except OSError as error:
        raise invalid_input(
            f"customer_key_file {step.path} cannot be written: {error.strerror or error}.",
            "Check the folder, its permissions and the space left.",
        ) from error


def _shown(encryption: ObjectEncryption) -> str:
    """An encryption in words, with all that two of the same type may differ in."""
    parts = [
        str(encryption.type),
        f"with the key {encryption.kms_key_arn}" if encryption.kms_key_arn else "",
        "with a bucket key" if encryption.bucket_key_enabled else "",
        f"with the customer key whose MD5 is {encryption.customer_key_md5}" if encryption.customer_key_md5 else "",
    ]
    return " ".join(filter(None, parts))

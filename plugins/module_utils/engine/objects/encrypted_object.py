# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""One object in S3, as a resource that is reconciled."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ...model.errors import Failure, FailureKind, OperationError, Reason
from ...model.objects.change_method import ChangeMethod
from ...model.objects.client_side_plan import needs_rewrite
from ...model.objects.copy_source import CopySource
from ...model.objects.desired_object import DesiredObject, ObjectReading
from ...model.objects.large_objects import Limits
from ...model.objects.limits import require_within_limits
from ...model.objects.object_state import ObjectId, ObjectState
from ...model.objects.object_steps import (
    ObjectPlan,
    ObjectStep,
    WriteCustomerKeyFile,
    as_copy,
    as_update,
    as_upload,
    source_of,
)
from ...model.objects.sync.comparison import is_unmodified
from ...model.plan import Applied, NotThereYet, PreparedPlan
from .blocked_encryption import explain_blocked, warn_of_new_bucket
from .client_side.client_side_reading import ClientSideReading
from .client_side.key_opening import KeysOfTask
from .content_diff import compare_texts
from .content_upload import ContentUpload
from .copy_reading import Copying, compare_with_source
from .head_object import FoundObject, KnownObject, find_object, missing_bucket
from .kms_keys import KmsKeys
from .object_access import ObjectAccess
from .object_context import ObjectContext
from .object_planning import complete_bucket_key, plan_object, plan_removal
from .object_reading import has_content, measure_content, measure_size, read_object, resolve_kms_keys
from .object_writer import ObjectWriter, StepAnswer
from .preserved_attributes import explain_missing_permissions
from .read_back import ReadBack, read_written
from .refused_write import (
    explain_condition,
    explain_named_encryption,
    explain_required_encryption,
    explain_source,
)
from .store_proof import require_copied, require_customer_key_needed
from .stored_bytes import digest_of_stored
from .write_verification import Written, as_conflict, require_key_reported, require_unmoved, was_applied

if TYPE_CHECKING:
    from ...aws.objects.ports import MultipartPort, ObjectPort
    from ...model.secret import CustomerKey
    from ..buckets.bucket_settings import BucketSettings
    from ..clock import Clock
    from ..keys.key_resolver import KeyResolver
    from ..transfer.content import Source
    from .client_side.envelope_reading import ClientSidePorts

PreparedObjectPlan = PreparedPlan[ObjectState, ObjectStep, ObjectContext]


@dataclass(frozen=True)
class EncryptedObjectResource:
    """An object with its content, properties and encryption. If nothing differs, one HeadObject is all that is called.

    `new_key_file` is where the customer key is to be written that was made for this object. With `shows_content`, the
    context has the texts of an upload, for the diff. `known` is what a list says of the object. With `key_is_new`, the
    customer key was made in this run, for several objects. `modified_ns` is the time of the source, if an object of the
    same size that is not older counts as equal. `copied_from` is another object whose content is the desired one, and
    `copied_from_key` the customer key of that object.
    """

    desired: DesiredObject
    kms_keys: KmsKeys
    previous_key: CustomerKey | None
    source: Source | None
    s3: ObjectPort
    multipart: MultipartPort
    buckets: BucketSettings
    keys: KeyResolver
    client_side: ClientSidePorts
    clock: Clock
    limits: Limits = Limits()
    concurrency: int = 8
    expected_bucket_owner: str | None = None
    new_key_file: Path | None = None
    shows_content: bool = False
    copied_from: ObjectId | None = None
    copied_from_key: CustomerKey | None = None
    known: KnownObject = KnownObject()
    key_is_new: bool = False
    modified_ns: int | None = None

    @cached_property
    def access(self) -> ObjectAccess:
        """The object, and what is called for it."""
        desired = self.desired
        target = ObjectId(desired.bucket, desired.key, desired.version_id, self.expected_bucket_owner)
        return ObjectAccess(target, self.s3, self.buckets, self.keys, self.client_side)

    @property
    def _own_keys(self) -> tuple[CustomerKey, ...]:
        """The customer keys of the task that may open an envelope. Nothing is encrypted yet with one made just now."""
        key = self.desired.encryption.customer_key
        own = key if self.desired.encryption.kind.is_client_side and not self._has_new_key else None
        return tuple(filter(None, (own, self.previous_key)))

    @property
    def _has_new_key(self) -> bool:
        """Whether nothing can be encrypted yet with the customer key, because it was made in this run."""
        return self.key_is_new or self.new_key_file is not None

    def plan(self) -> PreparedObjectPlan:
        """Compare. The content is read and hashed only if it may have to be uploaded."""
        access = self.access
        require_within_limits(self.desired, at_aws=not self.s3.custom_endpoint)
        if self.desired.absent:
            plan = plan_removal(access, self.desired, self.previous_key)
            return PreparedPlan(plan, ObjectContext(self.desired, ObjectReading(plan.before)))
        if self.known.missing_bucket:
            return self._plan_in_new_bucket(self.known.missing_bucket)
        if self.known.is_absent:
            return self._compare(FoundObject(None))
        key = None if self._has_new_key else self.desired.encryption.request_key
        try:
            found = find_object(self.s3, access.target, key, self.previous_key)
        except OperationError as error:
            missing = missing_bucket(access.target, error.failure)
            if not missing:
                raise
            return self._plan_in_new_bucket(missing)
        return self._compare(found)

    def plan_found(self, found: FoundObject) -> PreparedObjectPlan:
        """The plan for an object that was read already, and whose content and envelope stay as they are."""
        access = self.access
        desired, missing = resolve_kms_keys(access, self.desired, self.kms_keys)
        reading = read_object(access, desired, self.kms_keys.of_s3, None, found)
        prepared = self._prepare(complete_bucket_key(access, desired, reading), reading, checks_key=not missing)
        return replace(prepared, plan=replace(prepared.plan, not_there_yet=missing)) if missing else prepared

    @property
    def _upload(self) -> ContentUpload:
        return ContentUpload(self.access, self.multipart, self.concurrency, self.limits.part_size, self.clock)

    @property
    def _copying(self) -> Copying | None:
        if self.copied_from is None:
            return None
        return Copying(self.copied_from, self.copied_from_key, self._upload, self._own_keys)

    def apply(self, step: ObjectStep, context: ObjectContext) -> Applied[ObjectContext] | PreparedObjectPlan:
        """Carry out one step. If its answer is lost, S3's current state decides whether it succeeded."""
        context = self._with_sample(step, context)
        answer = self._write(step, context)
        if failure := answer.failure:
            if failure.reason is Reason.KEY_OF_ANOTHER_ACCOUNT and self.desired.change_method is ChangeMethod.AUTO:
                return self._plan_copy_instead(context, OperationError(failure))
            sent = answer.sent or step
            if not failure.may_have_been_applied or not self._was_applied(sent, context):
                if loss := self._find_loss(failure, sent, context):
                    return Applied(context, loss)
                raise OperationError(self._explain(failure, sent))
        context = context.after(step, answer)
        return Applied(context, answer.unproven) if answer.unproven else self._verify_update(step, context)

    def _write(self, step: ObjectStep, context: ObjectContext) -> StepAnswer:
        access = self.access
        return ObjectWriter(access, self._upload, self.source, context.reading, context.sealed).write(step)

    def read_back(self, planned: ObjectState | None, context: ObjectContext) -> ObjectState | None:
        """The object as it is now; raises OperationError where the store did not apply what it accepted."""
        return ReadBack(self.access, self.source, context).state(planned)

    def _require_proven(self, found: ObjectState | None) -> None:
        """Raise OperationError if the desired encryption is reported and not applied, so that nothing more is sent."""
        kind = self.desired.encryption.kind
        if found is None or not (kind.defers_to_bucket or kind.name == found.encryption.type):
            return
        require_key_reported(found)
        if self.s3.custom_endpoint:
            require_customer_key_needed(self.access.s3, self.access.target, found)

    def _compare(self, found: FoundObject) -> PreparedObjectPlan:
        self._require_proven(found.object)
        access = self.access
        desired, missing = resolve_kms_keys(access, self.desired, self.kms_keys)
        is_timed = self.modified_ns is not None and found.object is not None
        desired = (measure_size if is_timed else measure_content)(
            desired, self.source, found.object, self.limits.part_size
        )
        comparison, missing_source = compare_with_source(self._copying, desired, found.object)
        desired = comparison.desired
        # A key that does not exist yet has not encrypted anything.
        kms_key_arn = None if missing else desired.encryption.kms_key_arn
        client_side = self._reading_of_client_side(desired, kms_key_arn, found)
        client_side = replace(client_side, content_is_compared=comparison.is_copy is not None)
        comparison, found = comparison.complete(client_side.complete(found))
        desired, same_content = comparison.desired, comparison.is_copy
        if is_timed:
            same_content = self._is_unmodified(desired, found) or None
            desired = (
                desired if same_content else measure_content(desired, self.source, found.object, self.limits.part_size)
            )
        reading = read_object(access, desired, self.kms_keys.of_s3, self.source, found, same_content=same_content)
        prepared = self._prepare(complete_bucket_key(access, desired, reading), reading, checks_key=not missing)
        missing = (*missing, *missing_source)
        return replace(prepared, plan=replace(prepared.plan, not_there_yet=missing)) if missing else prepared

    def _is_unmodified(self, desired: DesiredObject, found: FoundObject) -> bool:
        """Whether size and time show that the object has the content, so that it needs not be read."""
        state, content = found.object, desired.content
        if state is None or content is None or self.modified_ns is None:
            return False
        if needs_rewrite(desired.encryption, state, found.opened):
            return False
        return is_unmodified(state, content.size, self.modified_ns)

    def _reading_of_client_side(
        self, desired: DesiredObject, kms_key_arn: str | None, found: FoundObject
    ) -> ClientSideReading:
        access = self.access
        keys = KeysOfTask(
            access.region,
            kms_key_arn if desired.encryption.kind.is_client_side else None,
            self._own_keys,
            bucket_owner=self.expected_bucket_owner,
        )
        # A previous key that S3 did not need is one for an envelope.
        has_unused_key = self.previous_key is not None and found.decrypted_with is None
        file_is_absent = self.known.has_instruction_file is False
        return ClientSideReading(
            self.client_side, access.target, desired, keys, has_unused_key, file_is_absent=file_is_absent
        )

    def _plan_in_new_bucket(self, missing: tuple[NotThereYet, ...]) -> PreparedObjectPlan:
        """The plan for a bucket that does not exist yet, and so has no object yet."""
        try:
            prepared = self._compare(FoundObject(None))
        except OperationError as error:
            context = ObjectContext(self.desired, ObjectReading(None))
            return PreparedPlan.failed(error.failure, context, missing)
        plan = prepared.plan
        warnings = (*plan.warnings, *warn_of_new_bucket(self.access, self.desired.encryption.kind))
        plan = replace(plan, warnings=warnings, not_there_yet=(*missing, *plan.not_there_yet))
        return replace(prepared, plan=plan)

    def _prepare(
        self, desired: DesiredObject, reading: ObjectReading, *, checks_key: bool = True
    ) -> PreparedObjectPlan:
        kms_keys = self.kms_keys if checks_key else KmsKeys()
        plan = plan_object(self.access, desired, kms_keys, reading, self.limits)
        context = ObjectContext(desired, reading, plan.before, plan.after)
        if self.shows_content and self.source and any(map(as_upload, plan.steps)):
            context = replace(context, content_diff=compare_texts(self.access, desired, reading, self.source))
        return PreparedPlan(self._with_key_file(plan), context)

    def _with_key_file(self, plan: ObjectPlan) -> ObjectPlan:
        key = self.desired.encryption.customer_key
        if not plan.steps or self.new_key_file is None or key is None:
            return plan
        return replace(plan, steps=(WriteCustomerKeyFile(str(self.new_key_file), key), *plan.steps))

    def _plan_copy_instead(self, context: ObjectContext, refusal: OperationError) -> PreparedObjectPlan:
        """The plan of a copy, where S3 refuses to encrypt in place under a KMS key of another account.

        Raises OperationError with both causes where the object cannot be copied either.
        """
        try:
            prepared = self._prepare(replace(context.desired, change_method=ChangeMethod.COPY), context.reading)
        except OperationError as no_copy:
            advice = f"Nor can the object be copied: {no_copy.failure.sentence()}"
            raise OperationError(refusal.failure.with_advice(advice)) from refusal
        warning = (
            f"S3 does not encrypt {self.access.name} in place under a KMS key of another account than the bucket's, so "
            "the object is copied onto itself. With expected_bucket_owner, check mode reports that, too."
        )
        plan = prepared.plan
        return replace(prepared, plan=replace(plan, warnings=(*plan.warnings, warning)))

    def _with_sample(self, step: ObjectStep, context: ObjectContext) -> ObjectContext:
        """The context with a digest of bytes that a store other than AWS may break when it encrypts them again."""
        if not self.s3.custom_endpoint:
            return context
        copied = source_of(step) or self._changed(context)
        if copied is None or copied.state.archive or not (as_copy(step) or as_update(step)):
            return context
        try:
            sample = digest_of_stored(self.s3, copied.id, copied.decrypted_with, copied.state)
        except OperationError as error:  # reading changes nothing
            raise OperationError(replace(error.failure, may_have_been_applied=False)) from error
        return replace(context, sample=sample)

    def _changed(self, context: ObjectContext) -> CopySource | None:
        """The object itself as it was read, if the plan changes its encryption."""
        before, planned = context.before, context.planned
        if before is None or planned is None or before.encryption == planned.encryption:
            return None
        return CopySource(self.access.target, before, context.reading.decrypted_with)

    def _was_applied(self, step: ObjectStep, context: ObjectContext) -> bool:
        access, desired, copying, copied = self.access, context.desired, self._copying, source_of(step)

        def compare(state: ObjectState, key: CustomerKey | None) -> bool:
            if copying and copied:
                return copying.has_stored_bytes(copied, state, key)
            return has_content(access, desired, self.source, FoundObject(state, key))

        is_compared = self.source or (copied and as_copy(step))
        written = Written(step, context.before, compare if is_compared else None)
        return was_applied(self.s3, self.client_side.files, access.target, written)

    def _find_loss(self, failure: Failure, step: ObjectStep, context: ObjectContext) -> Failure | None:
        """The loss of the content by a store that does not know CopyObject, and takes it for an upload of nothing."""
        is_unknown = (
            failure.kind in (FailureKind.UNSUPPORTED, FailureKind.UNREACHABLE) and failure.may_have_been_applied
        )
        before, source = context.before, source_of(step)
        copied = source.state if source else before
        if not (is_unknown and self.s3.custom_endpoint and as_copy(step) and copied):
            return None
        try:
            now = self.s3.head_object(self.access.target, None)
            if source and before and now.etag == before.etag:  # nothing was written
                return None
            # The content alone shows it: an upload of nothing.
            require_copied(copied, now, keeps_tags=False)
        except OperationError as error:
            loss = error.failure
            if loss.kind is FailureKind.UNVERIFIED:
                return replace(loss, message=f"{failure.message} {loss.message}")
        return None

    def _explain(self, failure: Failure, step: ObjectStep) -> Failure:
        """A failure of a step, with possible causes that S3's answer does not name."""
        failure = explain_missing_permissions(failure, step)
        failure = explain_blocked(failure, self.access, step)
        failure = explain_required_encryption(failure, step)
        failure = explain_named_encryption(failure, step)
        failure = explain_condition(failure, self.access, step)
        failure = explain_source(failure, step)
        return as_conflict(failure, step)

    def _verify_update(self, step: ObjectStep, context: ObjectContext) -> Applied[ObjectContext]:
        """Check directly after a change in place that it was one: a store that does not know it overwrites the object.

        A later step may fail, and must not hide that. No object under a customer key is changed in place. AWS changes
        nothing else, and its answer proves the change.
        Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/update-sse-encryption.html
        """
        if as_update(step) is None or context.planned is None:
            return Applied(context)
        if not self.s3.custom_endpoint:
            return Applied(replace(context, updated=context.planned))
        try:
            state = read_written(self.access, None)
            require_unmoved(context.planned, state)
        except OperationError as error:
            return Applied(context, error.failure)
        return Applied(replace(context, updated=state))

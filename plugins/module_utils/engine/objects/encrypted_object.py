# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""One object in S3, as a resource that is reconciled."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from ...aws.objects.ports import MultipartPort, ObjectPort
from ...model.errors import Failure, OperationError, Reason
from ...model.keys.key_ref import KeyRef
from ...model.kinds.registry import find_kind
from ...model.objects.change_method import ChangeMethod
from ...model.objects.desired_object import DesiredObject, ObjectReading
from ...model.objects.large_objects import Limits
from ...model.objects.object_state import Deleted, ObjectId, ObjectState
from ...model.objects.object_steps import ObjectPlan, ObjectStep, WriteCustomerKeyFile, as_update
from ...model.plan import Applied, PreparedPlan
from ...model.secret import CustomerKey
from ..buckets.bucket_settings import BucketSettings
from ..keys.key_resolver import KeyResolver
from ..transfer.content import Source
from .blocked_encryption import explain_blocked
from .head_object import find_object
from .object_access import ObjectAccess
from .object_planning import complete_bucket_key, plan_object, plan_removal
from .object_reading import has_content, measure_content, read_object, resolve_kms_key
from .object_writer import ObjectWriter
from .preserved_attributes import explain_missing_permissions
from .refused_write import explain_condition, explain_required_encryption
from .write_verification import as_conflict, require_as_planned, require_unmoved, was_applied


@dataclass(frozen=True)
class ObjectContext:
    """What the plan of an object read, and what its steps returned.

    `desired` is completed with the KMS key's ARN and with size and checksum of the content. `updated` is the state
    after a change in place, and `deleted` what a deletion deleted.
    """

    desired: DesiredObject
    reading: ObjectReading
    before: ObjectState | None = None
    planned: ObjectState | None = None
    updated: ObjectState | None = None
    deleted: Deleted | None = None


PreparedObjectPlan = PreparedPlan[ObjectState, ObjectStep, ObjectContext]


@dataclass(frozen=True)
class EncryptedObjectResource:
    """An object with its content, properties and encryption. If nothing differs, one HeadObject is all that is called.

    `new_key_file` is where the customer key is to be written that was made for this object.
    """

    desired: DesiredObject
    kms_key: KeyRef | None
    previous_key: CustomerKey | None
    source: Source | None
    s3: ObjectPort
    multipart: MultipartPort
    buckets: BucketSettings
    keys: KeyResolver
    limits: Limits = Limits()
    concurrency: int = 8
    expected_bucket_owner: str | None = None
    new_key_file: Path | None = None

    @property
    def access(self) -> ObjectAccess:
        """The object, and what is called for it."""
        desired = self.desired
        target = ObjectId(desired.bucket, desired.key, desired.version_id, self.expected_bucket_owner)
        return ObjectAccess(target, self.s3, self.buckets, self.keys)

    def plan(self) -> PreparedObjectPlan:
        """Compare. The content is read and hashed only if it may have to be uploaded."""
        access = self.access
        if self.desired.absent:
            plan = plan_removal(access, self.desired, self.previous_key)
            return PreparedPlan(plan, ObjectContext(self.desired, ObjectReading(plan.before)))
        # Nothing can be encrypted yet with a key that was made just now.
        key = None if self.new_key_file else self.desired.encryption.request_key
        found = find_object(self.s3, access.target, key, self.previous_key)
        desired = resolve_kms_key(access, self.desired, self.kms_key)
        desired = measure_content(desired, self.source, found.object, self.limits.part_size)
        reading = read_object(access, desired, self.kms_key, self.source, found)
        return self._prepare(complete_bucket_key(access, desired, reading), reading)

    def apply(self, step: ObjectStep, context: ObjectContext) -> Applied[ObjectContext] | PreparedObjectPlan:
        """Carry out one step. If its answer is lost, S3's current state decides whether it succeeded."""
        try:
            deleted = ObjectWriter(self.access, self.multipart, self.source, self.concurrency).write(step)
        except OperationError as error:
            failure = error.failure
            if failure.reason is Reason.KEY_OF_ANOTHER_ACCOUNT and self.desired.change_method is ChangeMethod.AUTO:
                return self._plan_copy_instead(context, error)
            if not failure.may_have_been_applied or not self._was_applied(step, context):
                raise OperationError(self._explain(failure, step)) from error
            deleted = None
        return self._verify_update(step, replace(context, deleted=deleted))

    def read_back(self, planned: ObjectState | None, context: ObjectContext) -> ObjectState | None:
        """The object as S3 reports it now; raises OperationError where the store did not apply what it accepted."""
        if planned is None:
            return None
        access, encryption = self.access, context.desired.encryption
        needs_key = find_kind(planned.encryption.type).key_in_requests
        key = encryption.request_key or (context.reading.decrypted_with if needs_key else None)
        state = context.updated or self.s3.head_object(access.target, key)
        require_as_planned(planned, state, encryption)
        # HeadObject reports the number of tags only, and tags may have been written after a change in place.
        tag_count = planned.tag_count if context.updated else state.tag_count
        return replace(state, tags=planned.tags, tag_count=tag_count)

    def _prepare(self, desired: DesiredObject, reading: ObjectReading) -> PreparedObjectPlan:
        plan = plan_object(self.access, desired, self.kms_key, reading, self.limits)
        return PreparedPlan(self._with_key_file(plan), ObjectContext(desired, reading, plan.before, plan.after))

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

    def _was_applied(self, step: ObjectStep, context: ObjectContext) -> bool:
        access, desired = self.access, context.desired

        def compare(state: ObjectState, key: CustomerKey | None) -> bool:
            return has_content(access, desired, self.source, state, key)

        return was_applied(self.s3, access.target, step, context.before, compare if desired.content else None)

    def _explain(self, failure: Failure, step: ObjectStep) -> Failure:
        """A failure of a step, with possible causes that S3's answer does not name."""
        failure = explain_missing_permissions(failure, step)
        failure = explain_blocked(failure, self.access, step)
        failure = explain_required_encryption(failure, step)
        failure = explain_condition(failure, self.access, step)
        return as_conflict(failure, step)

    def _verify_update(self, step: ObjectStep, context: ObjectContext) -> Applied[ObjectContext]:
        """Check directly after a change in place that it was one: a store that does not know it overwrites the object.

        A later step may fail, and must not hide that. No object under a customer key is changed in place.
        """
        if as_update(step) is None or context.planned is None:
            return Applied(context)
        try:
            state = self.s3.head_object(self.access.target, None)
            require_unmoved(context.planned, state)
        except OperationError as error:
            return Applied(context, error.failure)
        return Applied(replace(context, updated=state))

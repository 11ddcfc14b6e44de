# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Reads each listed object, and decides what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ....model.arn import Arn
from ....model.errors import Failure, FailureKind, OperationError
from ....model.kinds.encryption import ObjectEncryption
from ....model.kinds.registry import CUSTOMER_KEY
from ....model.objects.listed_object import ListedObject
from ....model.objects.object_state import ObjectId, ObjectState
from ....model.objects.reencryption.decision import NOT_SELECTED, Decision, ReencryptionRules, Route, SkipReason, decide
from ...buckets.bucket_settings import BucketSettings
from ..head_object import FoundObject
from ..object_inspector import ObjectInspector
from .encryption_reader import target_of

# The owner of a bucket which is not that of the KMS key, and not known otherwise.
ANOTHER_ACCOUNT = ""
# The version id of an object that was written while versioning was off or suspended.
_NULL_VERSION = "null"


@dataclass(frozen=True, slots=True)
class Examined:
    """One listed object as it was read, and what becomes of it.

    Without a decision and a failure, it was deleted after it was listed. `found` is None for an object that S3 reads
    only with a customer key that the task has not.
    """

    listed: ListedObject
    found: FoundObject | None = None
    decision: Decision | None = None
    failure: Failure | None = None

    @property
    def encryption(self) -> ObjectEncryption | None:
        """The encryption by S3 that the object had when it was read; None if it is not known."""
        if self.found and self.found.object:
            return self.found.object.encryption.server_side
        return ObjectEncryption(CUSTOMER_KEY.name) if self.decision else None

    @property
    def has_version(self) -> bool:
        """Whether the object has a version id, so that there may be other versions of it."""
        state = self.found.object if self.found else None
        return state is not None and (state.version_id is not None or state.is_null_version)


@dataclass(frozen=True)
class Examination:
    """Reads objects with one HeadObject each, and decides by the rules. Safe for threads.

    Without `has_customer_key`, an object that needs one is skipped. `is_owner` says whether an account owns the bucket.
    """

    inspector: ObjectInspector
    buckets: BucketSettings
    rules: ReencryptionRules
    bucket: str
    expected_bucket_owner: str | None = None
    has_customer_key: bool = False
    is_owner: Callable[[str], bool] = lambda account: True

    def target(self, listed: ListedObject) -> ObjectId:
        """The object, as it is read and changed."""
        return target_of(listed, self.bucket, self.expected_bucket_owner)

    def examine(self, listed: ListedObject) -> Examined:
        """Read one object. The failure is in the result."""
        try:
            found = self.inspector.find(self.target(listed))
        except OperationError as error:
            return self._unread(listed, error.failure)
        if found.object is None:
            return Examined(listed)
        try:
            return Examined(listed, found, self._exact(listed, self._decide(listed, found.object), found.object))
        except OperationError as error:
            return Examined(listed, found, failure=error.failure)

    def _unread(self, listed: ListedObject, failure: Failure) -> Examined:
        """An object without its customer key is skipped, if the task has none and selects it."""
        if failure.kind is not FailureKind.WRONG_KEY or self.has_customer_key:
            return Examined(listed, failure=failure)
        if not self.rules.selection.selects_encryption(ObjectEncryption(CUSTOMER_KEY.name)):
            return Examined(listed, decision=NOT_SELECTED)
        return Examined(listed, decision=Decision(skipped=SkipReason.NO_CUSTOMER_KEY))

    def _decide(self, listed: ListedObject, found: ObjectState) -> Decision:
        """The decision. Whether the bucket and the KMS key have one owner is found out once it matters."""
        rules = self.rules
        decision = decide(rules, listed, found)
        if decision.route is not Route.UPDATE or rules.bucket_owner:
            return decision
        key = Arn.try_parse(rules.written.kms_key_arn or "")
        if key is None or self.is_owner(key.account):
            return decision
        return decide(replace(rules, bucket_owner=ANOTHER_ACCOUNT), listed, found)

    def _exact(self, listed: ListedObject, decision: Decision, found: ObjectState) -> Decision:
        """The decision about a copy, with what the versioning of the bucket does to it.

        While versioning is suspended, a write gets the version id `null`, and replaces the version that has it.
        Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/AddingObjectstoVersionSuspendedBuckets.html
        """
        if not decision.makes_version:
            return decision
        keeps = self._keeps_versions()
        if found.is_null_version:
            return decision if keeps is None else replace(decision, makes_version=keeps)
        if keeps or not self._has_null_version(listed):
            return decision
        return Decision(skipped=SkipReason.NULL_VERSION)

    def _keeps_versions(self) -> bool | None:
        """Whether versioning is enabled, and not suspended. None: that cannot be read."""
        try:
            return self.buckets.keeps_versions(self.bucket)
        except OperationError:
            return None

    def _has_null_version(self, listed: ListedObject) -> bool:
        target = self.target(listed)._replace(version_id=_NULL_VERSION)
        try:
            return self.inspector.find(target).object is not None
        except OperationError as error:
            if error.failure.kind is not FailureKind.WRONG_KEY:
                raise
            return True

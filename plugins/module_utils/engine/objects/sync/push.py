# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A directory and the objects of a prefix: what differs is written, and what has no file is deleted."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from threading import Lock

from ....aws.objects.ports import ObjectListPort
from ....model.errors import FailureKind, OperationError, assert_never, invalid_input
from ....model.objects.envelope_fields import IS_INSTRUCTION_FILE
from ....model.objects.listed_object import ListedObject, ListedUpload
from ....model.objects.object_state import ObjectId
from ....model.objects.sync.comparison import Compare
from ....model.objects.sync.pairing import in_order
from ....model.outcome import Outcome
from ....model.plan import NotThereYet
from ..client_side.required_file import require_file_not_in_use
from ..encrypted_object import EncryptedObjectResource
from ..head_object import KnownObject, find_object, missing_bucket
from .local_files import LocalList
from .push_items import Deletion, FailedItem, PushItem, PushItems, Upload
from .pushed_object import DeletedObject, ObjectOutcome, PushedObject, Run, push_object


@dataclass(frozen=True)
class PushRules:
    """What a task says of all objects. `default_content_type` is that of a name which says nothing."""

    items: PushItems
    delete_all: bool
    compare: Compare
    default_content_type: str


class Push:
    """One push. `template` is the resource of an object without a key, and `before_write` is called before each write.

    With `plans_new_bucket`, a bucket that does not exist is one that an earlier task may create, so it has no objects.
    Safe for threads. `left` are the keys of instruction files that are neither counted nor deleted, because they belong
    to an object, and `orphans` those without an object.
    """

    def __init__(
        self,
        template: EncryptedObjectResource,
        lists: ObjectListPort,
        rules: PushRules,
        *,
        run: Run,
        before_write: Callable[[], None],
        plans_new_bucket: bool,
    ) -> None:
        self._template = template
        self._lists = lists
        self._rules = rules
        self._run = run
        self._before_write = before_write
        self._plans_new_bucket = plans_new_bucket
        self._lock = Lock()
        self._with_instruction_file: set[str] = set()
        self._missing_bucket: tuple[NotThereYet, ...] = ()
        self.left: set[str] = set()
        self.orphans: list[str] = []

    def require_source(self, local: LocalList) -> LocalList:
        """The list. Raises OperationError for a deletion of everything that the task does not ask for.

        If no entry can be sent, each of them is reported, and the list counts as one that is not complete.
        """
        rules = self._rules
        if not rules.items.delete or rules.delete_all or local.files:
            return local
        if not local.failed:
            raise invalid_input(
                "src has no file that include and exclude select, so delete: true would delete all objects that they "
                "select.",
                "Check src, include and exclude. If this is meant, set delete_all: true.",
            )
        return replace(local, is_complete=False)

    def items(self, local: LocalList) -> Iterator[PushItem]:
        """What is to be done, in the order of the keys. Raises OperationError where the list of objects fails."""
        desired = self._template.desired
        owner = self._template.expected_bucket_owner
        listed = self._lists.list_objects(desired.bucket, self._rules.items.prefix, owner)
        return self._rules.items(local, in_order(self._existing(listed), at_aws=not self._template.s3.custom_endpoint))

    def unfinished_uploads(self) -> tuple[ListedUpload, ...]:
        """The uploads below the prefix that are neither completed nor aborted. Raises OperationError."""
        desired = self._template.desired
        owner = self._template.expected_bucket_owner
        return tuple(self._lists.list_uploads(desired.bucket, self._rules.items.prefix, owner))

    def work(self, item: PushItem) -> ObjectOutcome:
        """Do one item. The failure is in the outcome."""
        match item:
            case FailedItem():
                return Outcome(failure=item.failure)
            case Upload():
                return self._upload(item)
            case Deletion():
                return self._delete(item)
            case _:
                assert_never(item)

    def is_left(self, item: PushItem, outcome: ObjectOutcome) -> bool:
        """Whether the item is an instruction file, which is no object of its own."""
        return item.key in self.left

    def _existing(self, listed: Iterator[ListedObject]) -> Iterator[ListedObject]:
        """The objects. Of a bucket that an earlier task may create there are none."""
        try:
            first = next(listed, None)
        except OperationError as error:
            missing = missing_bucket(ObjectId(self._template.desired.bucket, ""), error.failure)
            if not missing or not self._plans_new_bucket:
                raise
            self._missing_bucket = missing
            return
        if first is not None:
            yield first
            yield from listed

    def _upload(self, item: Upload) -> ObjectOutcome:
        template = self._template
        new_type = mimetypes.guess_type(item.file.path)[0] or self._rules.default_content_type
        resource = replace(
            template,
            desired=replace(template.desired, key=item.key, new_content_type=new_type),
            source=item.file.source,
            known=KnownObject(not item.is_listed, self._missing_bucket, item.has_instruction_file),
            modified_ns=item.file.mtime_ns if self._rules.compare is Compare.SIZE_MTIME else None,
        )
        outcome = push_object(PushedObject(resource, self._before_write), self._run)
        if outcome.before and outcome.before.instruction_file:
            with self._lock:
                self._with_instruction_file.add(item.key)
        return outcome

    def _delete(self, item: Deletion) -> ObjectOutcome:
        try:
            if item.owner and self._is_instruction_file(item):
                return Outcome()
        except OperationError as error:
            return Outcome(failure=error.failure)
        resource = replace(self._template, desired=replace(self._template.desired, key=item.key, absent=True))
        is_read = self._template.s3.custom_endpoint or item.has_instruction_file is not False or item.owner is not None
        return self._run(DeletedObject(resource, item.listed, is_read))

    def _is_instruction_file(self, item: Deletion) -> bool:
        """Whether the object is the instruction file of client-side encryption, which is left alone.

        The clients mark it. One whose object was read in this run needs not be read itself.
        """
        owner = item.owner
        if owner is None:
            return False
        with self._lock:
            is_known = owner.key in self._with_instruction_file
        if not is_known and not self._has_mark(item.key) and not (owner.is_listed and self._is_in_use(item.key)):
            return False
        with self._lock:
            self.left.add(item.key)
            if not owner.is_listed and not owner.is_local:
                self.orphans.append(item.key)
        return True

    def _is_in_use(self, key: str) -> bool:
        """Whether the object that is listed beside this one has its data key in it, although it has no mark."""
        resource = self._resource(key)
        try:
            require_file_not_in_use(resource.s3, resource.client_side.files, resource.access.target)
        except OperationError as error:
            if error.failure.kind is not FailureKind.INVALID:
                raise
            return True
        return False

    def _has_mark(self, key: str) -> bool:
        """HeadObject. An object that is gone was deleted with its own object; one under a customer key has no mark."""
        resource = self._resource(key)
        try:
            found = find_object(resource.s3, resource.access.target, None, resource.previous_key)
        except OperationError as error:
            if error.failure.kind is not FailureKind.WRONG_KEY:
                raise
            return False
        return found.object is None or any(name == IS_INSTRUCTION_FILE for name, _value in found.object.envelope_fields)

    def _resource(self, key: str) -> EncryptedObjectResource:
        return replace(self._template, desired=replace(self._template.desired, key=key))

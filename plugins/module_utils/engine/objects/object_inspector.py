# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Reads objects without a change: one by its key, or many that were listed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

from ...aws.objects.ports import InstructionFilePort, ObjectPort
from ...model.errors import Failure, FailureKind, OperationError
from ...model.kinds.encryption import ObjectEncryption
from ...model.kinds.registry import CUSTOMER_KEY
from ...model.objects.listed_object import ListedObject
from ...model.objects.listed_pairs import ListedEntry
from ...model.objects.object_state import ObjectId, ObjectState
from ...model.outcome import Outcome
from ...model.secret import CustomerKey
from ...model.tags import Tags
from .client_side.envelope_reading import with_envelope
from .head_object import find_object, require_no_key_needed
from .store_proof import require_customer_key_needed

# So many objects in a row have to need a key that the task does not have before it is expected of the next one.
_IN_A_ROW = 2


class ObjectInspector:
    """Reads objects with their envelopes, and with their tags if `reads_tags`. Safe for threads.

    It remembers how the last object was read. So if all objects need the same customer key, or one that the task does
    not have, each costs one request.
    """

    def __init__(
        self, s3: ObjectPort, files: InstructionFilePort, customer_key: CustomerKey | None, *, reads_tags: bool = True
    ) -> None:
        self._s3 = s3
        self._files = files
        self._customer_key = customer_key
        self._reads_tags = reads_tags
        # The key that S3 decrypted the last object with. S3 has it since then, so it may get it with other requests.
        self._last_key: CustomerKey | None = None
        self._missing_in_a_row = 0

    def inspect(self, target: ObjectId, *, has_file: bool = False) -> ObjectState | None:
        """The object; None if it does not exist. Raises OperationError, of the kind WRONG_KEY if it needs another key.

        `has_file` says that there is an object with the name of its instruction file, which is read where the metadata
        has no envelope.
        """
        found = self._find(target)
        if found is None:
            return None
        if self._customer_key and self._s3.custom_endpoint:
            require_customer_key_needed(self._s3, target, found)
        found = with_envelope(self._files, target, found, reads_file=has_file)
        return replace(found, tags=self._tags(target, found)) if self._reads_tags else found

    def _find(self, target: ObjectId) -> ObjectState | None:
        if self._missing_in_a_row >= _IN_A_ROW and self._customer_key is None:
            require_no_key_needed(self._s3, target)
        try:
            answer = find_object(self._s3, target, self._last_key, self._customer_key)
        except OperationError as error:
            self._missing_in_a_row += error.failure.kind is FailureKind.WRONG_KEY
            raise
        answer.require_protected()
        if answer.object:
            self._last_key, self._missing_in_a_row = answer.decrypted_with, 0
        return answer.object

    def _tags(self, target: ObjectId, found: ObjectState) -> Tags | None:
        """The tags, unless there are none. None: the store does not report their number, and they cannot be read."""
        if found.tag_count == 0:
            return ()
        try:
            return self._s3.get_object_tagging(target)
        except OperationError as error:
            if found.tag_count:
                raise
            return () if error.failure.kind is FailureKind.UNSUPPORTED else None


class FileUse(Enum):
    """What an object with the name of an instruction file is."""

    USED = "the instruction file of its object"
    NOT_USED = "the current version of its object does not need it"
    NO_OWNER = "its object does not exist"


@dataclass(frozen=True, slots=True)
class InspectedObject:
    """One listed object, as it was read. Without a state and a failure, it was deleted after it was listed.

    `needs_other_key` is true if S3 reads it only with a customer key that the task does not have. `file_use` is None
    for any other name than that of an instruction file, and where the use is not known.
    """

    position: int
    listed: ListedObject
    state: ObjectState | None = None
    failure: Failure | None = None
    needs_other_key: bool = False
    file_use: FileUse | None = None

    @property
    def encryption(self) -> ObjectEncryption | None:
        """The encryption. It is also known for an object that needs another customer key."""
        if self.state:
            return self.state.encryption
        return ObjectEncryption(CUSTOMER_KEY.name) if self.needs_other_key else None


# The objects of one entry of the list.
Inspection = Outcome[ObjectState, tuple[InspectedObject, ...]]


@dataclass(frozen=True, slots=True)
class ListInspector:
    """Reads the objects of a list. An instruction file that its object uses is read only if `reads_used_files`."""

    inspector: ObjectInspector
    bucket: str
    expected_bucket_owner: str | None = None
    reads_used_files: bool = False

    def inspect(self, entry: ListedEntry) -> Inspection:
        """The object, and the one with the name of its instruction file.

        The failure is the first one of an object whose encryption is not known.
        """
        found = tuple(self._inspect(entry, FileUse.NO_OWNER if entry.has_no_owner else None))
        failures = (each.failure for each in found if each.failure and each.encryption is None)
        return Outcome(failure=next(failures, None), context=found)

    def _inspect(self, entry: ListedEntry, use: FileUse | None) -> Iterator[InspectedObject]:
        file = entry.file
        is_read = use is not FileUse.USED or self.reads_used_files
        found = self._read(entry, use) if is_read else InspectedObject(entry.position, entry.listed, file_use=use)
        yield found
        if file is None:
            return
        if found.state:
            yield from self._inspect(file, FileUse.USED if found.state.needs_file else FileUse.NOT_USED)
        else:  # an object that cannot be read may need its file, so nothing is said about that
            yield from self._inspect(file, None if found.failure or not is_read else FileUse.NO_OWNER)

    def _read(self, entry: ListedEntry, use: FileUse | None) -> InspectedObject:
        target = ObjectId(self.bucket, entry.listed.key, None, self.expected_bucket_owner)
        try:
            state = self.inspector.inspect(target, has_file=entry.file is not None)
        except OperationError as error:
            failure = error.failure
            # A failure about the instruction file names that one.
            needs_key = failure.kind is FailureKind.WRONG_KEY and failure.resource == target.name
            return InspectedObject(entry.position, entry.listed, None, failure, needs_key, use)
        return InspectedObject(entry.position, entry.listed, state, file_use=use)

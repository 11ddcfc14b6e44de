# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Reads the objects of a list, each with the object that has the name of its instruction file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from ...model.errors import Failure, FailureKind, OperationError
from ...model.kinds.encryption import ObjectEncryption
from ...model.kinds.registry import CUSTOMER_KEY
from ...model.objects.listed_object import ListedObject
from ...model.objects.listed_pairs import ListedEntry
from ...model.objects.object_state import ObjectId, ObjectState
from ...model.outcome import Outcome
from .object_inspector import ObjectInspector


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

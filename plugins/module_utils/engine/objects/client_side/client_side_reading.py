# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The client-side encryption of an object that the plan starts from: its envelope, and its data key where needed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ....envelope.parsing import parse_instruction_file
from ....model.envelope import EnvelopePlace, Format
from ....model.errors import FailureKind, OperationError, Reason
from ....model.kinds.kind import KeyHolder, ObjectEncryption
from ....model.kinds.registry import UNREADABLE_CLIENT_SIDE
from ....model.objects.desired_object import DesiredObject, Overwrite
from ....model.objects.object_state import InstructionFile, ObjectId, ObjectState
from ....model.objects.sealing import FoundFile
from ..head_object import FoundObject
from .envelope_reading import ClientSidePorts, with_envelope
from .key_opening import KeysOfTask, decrypt_data_key, open_object, with_opened_key

# Why the data key of an instruction file cannot be kept. Any other failure may pass, so that it ends the task.
_NOT_KEPT = (
    FailureKind.WRONG_KEY,
    FailureKind.NOT_AUTHENTIC,
    FailureKind.KEY_UNUSABLE,
    FailureKind.ABSENT,
    FailureKind.FORBIDDEN,
    FailureKind.UNSUPPORTED,
)


@dataclass(frozen=True)
class ClientSideReading:
    """Reads the client-side encryption of one object for a task that may change it.

    `has_unused_key` says that S3 returned the object without the previous customer key of the task, and
    `content_is_compared` that it is known already whether the object has the desired content. `file_is_absent` says
    that a list has no instruction file for it.
    """

    ports: ClientSidePorts
    target: ObjectId
    desired: DesiredObject
    keys: KeysOfTask
    has_unused_key: bool = False
    content_is_compared: bool = False
    file_is_absent: bool = False

    def complete(self, found: FoundObject) -> FoundObject:
        """The object with its envelope, its data key and the instruction file, as far as the plan needs them."""
        state, opened = found.object, None
        if state is not None:
            state = self._with_envelope(state)
            if state.envelope and self._opens:
                opened = open_object(self.ports, self.keys, state)
                state = with_opened_key(state, opened)
        if state is not found.object or opened is not None:
            found = replace(found, object=state, opened=opened)
        file = self._file(found)
        return replace(found, found_file=file) if file else found

    @property
    def _replaces_unread(self) -> bool:
        """Whether the object is kept or replaced whatever it is, so that an envelope needs not be readable."""
        overwrite = self.desired.overwrite
        return overwrite is Overwrite.NEVER or (overwrite is Overwrite.ALWAYS and self.desired.content is not None)

    @property
    def _opens(self) -> bool:
        """Whether the plan compares the content, or may encrypt the data key or the content again."""
        encryption = self.desired.encryption
        if self._replaces_unread:
            # The KMS key that is kept for a new data key is known only once it has opened the envelope.
            keeps_key = encryption.kind.key_holder is KeyHolder.KMS and encryption.kms_key_arn is None
            return encryption.kind.is_client_side and keeps_key and self.desired.overwrite is Overwrite.ALWAYS
        compares = self.desired.content is not None and not self.content_is_compared
        return compares or not self.desired.encryption.kind.defers_to_bucket

    def _with_envelope(self, state: ObjectState) -> ObjectState:
        is_client_side = self.desired.encryption.kind.is_client_side
        reads_file = is_client_side or self.has_unused_key
        try:
            return with_envelope(self.ports.files, self.target, state, reads_file=reads_file)
        except OperationError as error:
            # A task for server-side encryption needs no permission for instruction files.
            needs_file = is_client_side or state.envelope_fields
            if not needs_file and error.failure.kind is FailureKind.FORBIDDEN:
                return state
            if not self._replaces_unread:
                raise
            return replace(state, encryption=ObjectEncryption(UNREADABLE_CLIENT_SIDE))

    def _file(self, found: FoundObject) -> FoundFile | None:
        """The instruction file that is there already, for a task that names this place for the envelope."""
        if self.desired.encryption.envelope is not EnvelopePlace.INSTRUCTION_FILE:
            return None
        if found.object and self.desired.overwrite is Overwrite.NEVER:
            return None
        state = found.object
        if state and state.instruction_file and state.envelope and found.opened:
            if state.envelope.format is not Format.V3:
                return FoundFile(state.instruction_file, problem=_old_format(state.envelope.format))
            return FoundFile(state.instruction_file, state.envelope, found.opened)
        file = (state.instruction_file if state else None) or self._existing_file()
        return None if file is None else self._opened_file(file)

    def _existing_file(self) -> InstructionFile | None:
        if self.file_is_absent:
            return None
        try:
            return self.ports.files.get_instruction_file(self.target)
        except OperationError as error:
            # A check run plans for a bucket that an earlier task makes.
            if error.failure.reason is not Reason.BUCKET_NOT_FOUND:
                raise
            return None

    def _opened_file(self, file: InstructionFile) -> FoundFile:
        try:
            envelope = parse_instruction_file(file.body)
            if envelope.format is not Format.V3:
                return FoundFile(file, problem=_old_format(envelope.format))
            return FoundFile(file, envelope, decrypt_data_key(self.ports, self.keys, envelope))
        except OperationError as error:
            if error.failure.kind not in _NOT_KEPT:
                raise
            return FoundFile(file, problem=error.failure.message)


def _old_format(file_format: Format) -> str:
    return f"it has the older format {file_format.value}, whose data keys are not kept"

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Reads objects without a change.

What only some objects need is imported where it is needed, so that a task for one object starts fast.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...model.errors import FailureKind, OperationError
from .head_object import find_object, require_no_key_needed

if TYPE_CHECKING:
    from ...aws.objects.ports import InstructionFilePort, ObjectPort
    from ...model.objects.object_state import ObjectId, ObjectState
    from ...model.secret import CustomerKey
    from ...model.tags import Tags
    from .head_object import FoundObject

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
        found = self.find(target).object
        if found is None:
            return None
        if self._customer_key and self._s3.custom_endpoint:
            from .store_proof import require_customer_key_needed

            require_customer_key_needed(self._s3, target, found)
        if found.envelope_fields or has_file:
            from .client_side.envelope_reading import with_envelope

            found = with_envelope(self._files, target, found, reads_file=has_file)
        return replace(found, tags=self._tags(target, found)) if self._reads_tags else found

    def find(self, target: ObjectId) -> FoundObject:
        """The object as HeadObject reports it, without its envelope and its tags. Raises OperationError."""
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
        return answer

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

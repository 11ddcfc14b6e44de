# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""An object of a list that is read: found with one call, compared with the named encryption, and opened."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from ....aws.objects.ports import ObjectStreamPort
from ....model.errors import FailureKind, OperationError, Reason
from ....model.kinds.registry import find_kind
from ....model.objects.listed_object import ListedObject
from ....model.objects.object_state import ObjectId, ObjectState
from ....model.secret import CustomerKey
from ...transfer.content import CHUNK
from ...transfer.encrypted_stream import Cipher
from ..client_side.envelope_reading import with_envelope
from ..head_object import FoundObject
from ..object_opening import ObjectOpening, OpenedObject


@dataclass
class LastKey:
    """The customer key that opened the last object at S3, which is tried first for the next one. None: no key.

    Until the first object has shown whether its key is needed, `lock` lets the others wait for that.
    """

    key: CustomerKey | None = None
    is_known: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True)
class SourceObject:
    """An object that was found and opened. `chunks` are its bytes, if they have been requested already.

    `close` ends that request; it may be called more than once.
    """

    state: ObjectState
    decrypted_with: CustomerKey | None = None
    cipher: Cipher | None = field(default=None, repr=False)
    chunks: Iterator[bytes] | None = field(default=None, repr=False)
    close: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class ObjectSource:
    """One listed object. `opening` finds it without the list, and has the named encryption and the keys of the task.

    `streams` says that an object of at most `part_size` bytes which is needed in any case is requested with its bytes.
    It is false where no bytes are needed, as in a plan that is not carried out.
    """

    listed: ListedObject
    opening: ObjectOpening
    s3: ObjectStreamPort
    last_key: LastKey
    part_size: int
    streams: bool = True

    @property
    def target(self) -> ObjectId:
        """The object."""
        return self.opening.target

    @property
    def names_context(self) -> bool:
        """Whether the task names an encryption context."""
        return bool(self.opening.named.encryption_context)

    def open(self, *, is_needed: bool) -> SourceObject:
        """The object, with what decrypts it: one call to S3, and one to KMS for a data key.

        `is_needed` says that the bytes are needed whatever the object is. Raises OperationError, with the reason
        OBJECT_NOT_FOUND for an object that has been deleted since it was listed.
        """
        found = self._found_out(is_needed=is_needed and self.streams and self.listed.size <= self.part_size)
        try:
            opened = OpenedObject(self._with_envelope(found.state), found.decrypted_with)
            opened = self.opening.open(opened)
        except BaseException:
            found.close()
            raise
        return replace(found, state=opened.state, cipher=opened.cipher)

    @property
    def _own_key(self) -> CustomerKey | None:
        """The customer key that S3 may get. One for client-side encryption is never sent."""
        named = self.opening.named
        return None if named.kind.is_client_side else named.customer_key

    def _found_out(self, *, is_needed: bool) -> SourceObject:
        """The answer of S3. The first object of a run shows whether S3 needs the customer key."""
        if self.last_key.is_known or self._own_key is None or self.opening.named.request_key:
            return (self._streamed() if is_needed else None) or self._found()
        with self.last_key.lock:
            try:
                return (self._streamed() if is_needed else None) or self._found()
            finally:
                self.last_key.is_known = True

    def _streamed(self) -> SourceObject | None:
        """The answer to GetObject. None: S3 refuses the key, or the store is to prove that it needs one."""
        key = self.last_key.key or self.opening.named.request_key
        if key and self.s3.custom_endpoint:
            return None
        try:
            return self._requested(key)
        except OperationError as error:
            is_missing = key is None and error.failure.reason is Reason.CUSTOMER_KEY_REQUIRED
            if key is None and not is_missing:
                raise
        if not is_missing or self._own_key is None or self.s3.custom_endpoint:
            return None
        try:
            found = self._requested(self._own_key)
        except OperationError:  # HeadObject and what follows it find the cause
            return None
        self.last_key.key = self._own_key
        return found

    def _requested(self, key: CustomerKey | None) -> SourceObject:
        stream = self.s3.open_object(self.target, key, CHUNK)
        try:
            found = _protected(stream.state, key)
        except OperationError:
            stream.close()
            raise
        return replace(found, chunks=stream.chunks, close=stream.close)

    def _found(self) -> SourceObject:
        """The answer to HeadObject, with the key that opens the object, also if that is another one than the last."""
        if self.last_key.key and not self.s3.custom_endpoint:
            try:
                return _protected(self.s3.head_object(self.target, self.last_key.key), self.last_key.key)
            except OperationError:  # what follows finds another key, or the cause
                pass
        try:
            found = self.opening.find()
        except OperationError as error:
            if error.failure.kind is not FailureKind.ABSENT or error.failure.reason is not None:
                raise
            raise OperationError(replace(error.failure, reason=Reason.OBJECT_NOT_FOUND)) from error
        self.last_key.key = found.decrypted_with
        return SourceObject(found.state, found.decrypted_with)

    def _with_envelope(self, state: ObjectState) -> ObjectState:
        try:
            return with_envelope(self.opening.client_side.files, self.target, state, reads_file=True)
        except OperationError as error:
            # Who reads under server-side encryption needs no permission for instruction files.
            is_client_side = self.opening.named.kind.is_client_side or bool(state.envelope_fields)
            if is_client_side or error.failure.kind is not FailureKind.FORBIDDEN:
                raise
            return state


def _protected(state: ObjectState, key: CustomerKey | None) -> SourceObject:
    """The object that S3 returned with this key. Raises OperationError if it should have refused that.

    AWS refuses a key that the object does not need. Another store may ignore it, or the need for one.
    """
    used = key if find_kind(state.encryption.type).key_in_requests else None
    FoundObject(state, used).require_protected()
    return SourceObject(state, used)

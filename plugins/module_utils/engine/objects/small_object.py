# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A small object, read into memory and verified."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...model.envelope import least_plaintext_size, plaintext_size
from ...model.errors import OperationError, invalid_input
from ...model.objects.archive import require_readable
from ...model.objects.download_plan import unused_context
from ...model.objects.object_state import ObjectState
from ..clock import Clock
from ..transfer.content import CHUNK
from ..transfer.encrypted_stream import Cipher
from .comparison import StoredContent
from .object_fetch import ObjectFetch
from .object_opening import ObjectOpening


@dataclass(frozen=True, slots=True)
class Plaintext:
    """The content of an object. Its repr omits it."""

    data: bytes = field(repr=False)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class SmallObject:
    """One object whose plaintext has at most `max_size` bytes."""

    opening: ObjectOpening
    max_size: int
    clock: Clock

    def read(self) -> Plaintext:
        """The plaintext, verified as in a download. The calls are HeadObject and, if the object may be read, GetObject.

        Raises OperationError, before a key is used or the content is requested, for an object that does not exist, has
        another encryption than the named one, is larger than `max_size`, or is archived; and for a content that is not
        the one that S3 reports, or not authentic.
        """
        found = self.opening.with_envelope(self.opening.find())
        self.opening.require_kind(found)
        self._require_small(found.state)
        require_readable(found.state.bucket, found.state.key, found.state.archive, "read")
        opened = self.opening.open(found)
        stored = StoredContent(self.opening.s3, self.opening.target, opened.decrypted_with, opened.state)
        data = self._fetch(stored, opened.cipher).in_memory(stored)
        if len(data) > self.max_size:  # only the padding of CBC has hidden this
            raise self._too_large(opened.state, f"{len(data)} bytes")
        return Plaintext(data, unused_context(opened.state) if self.opening.named.encryption_context else ())

    def _fetch(self, stored: StoredContent, cipher: Cipher | None) -> ObjectFetch:
        return ObjectFetch(
            stored.s3, stored.target, stored.customer_key, stored.state, self.clock, CHUNK, 1, cipher=cipher
        )

    def _require_small(self, state: ObjectState) -> None:
        """Raise OperationError if the plaintext is larger than `max_size`, by the size that S3 reports."""
        size, envelope = state.size or 0, state.envelope
        least = least_plaintext_size(envelope.format, size) if envelope else size
        if least > self.max_size:
            is_known = envelope is None or plaintext_size(envelope.format, size) is not None
            raise self._too_large(state, f"{least} bytes" if is_known else f"at least {least} bytes")

    def _too_large(self, state: ObjectState, size: str) -> OperationError:
        return invalid_input(
            f"The object {state.key!r} in the bucket {state.bucket} has {size}, and max_size is {self.max_size} bytes.",
            "Set a larger max_size, or download it with the module s3_encrypted_object_download.",
            state.name,
        )

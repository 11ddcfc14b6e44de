# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Bytes of an object, read to prove that a store can still decrypt them: all of a small one, a range of a large one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..transfer.content import CHUNK, Source

if TYPE_CHECKING:
    from ...aws.objects.ports import ObjectPort
    from ...model.objects.object_state import ObjectId, ObjectState
    from ...model.secret import CustomerKey
    from ..transfer.encrypted_stream import EncryptedSource

# An object of at most this size is read as a whole. Of a larger one, the first SAMPLE bytes are.
WHOLE = 8 * CHUNK
SAMPLE = CHUNK


def digest_of_stored(s3: ObjectPort, target: ObjectId, key: CustomerKey | None, state: ObjectState) -> str:
    """A digest of the object's bytes that are read. Raises OperationError if they cannot be read."""
    return _digest(s3.get_object(target, key, state.etag, CHUNK, _span(state.size)), state.size)


def digest_of_source(source: Source | EncryptedSource, object_size: int | None) -> str:
    """The same digest of the same bytes of the content that an object of this size should have."""
    span = _span(object_size)
    with source.open() as stream:
        return _digest(iter([stream.read(span[1] if span else -1)]), object_size)


def _span(object_size: int | None) -> tuple[int, int] | None:
    return None if (object_size or 0) <= WHOLE else (0, SAMPLE)


def _digest(chunks: Iterator[bytes], object_size: int | None) -> str:
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
    return f"{size} of {object_size}: {digest.hexdigest()}"

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The text of an object before and after an upload, for a task that requests it in its diff."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ...envelope.content_cipher import ContentCipher
from ...model.errors import OperationError
from ...model.kinds.kind import KeyHolder
from ...model.kinds.registry import find_kind
from ...model.objects.desired_object import DesiredObject, ObjectReading
from ...model.objects.object_state import ObjectState
from ...model.objects.sealing import OpenedKey
from ..transfer.content import CHUNK, Source
from .object_access import ObjectAccess

# The limit of ansible.builtin.copy, by Ansible's default of MAX_FILE_SIZE_FOR_DIFF.
MAX_SIZE = 104_448


@dataclass(frozen=True)
class ContentDiff:
    """Both texts; `before` is None for a new object. `not_shown` is why there are none; empty if there are."""

    before: str | None = None
    after: str = ""
    not_shown: str = ""


def compare_texts(access: ObjectAccess, desired: DesiredObject, reading: ObjectReading, source: Source) -> ContentDiff:
    """Read the object and the content, unless they are too large, or are encrypted with a key that the caller holds."""
    before = reading.object
    names = (desired.encryption.kind.name, before.encryption.type if before else None)
    if any(find_kind(name).key_holder is KeyHolder.CALLER for name in names if name):
        return ContentDiff(not_shown="a customer key protects it")
    sizes = (source.size(), (before.size or 0) if before else 0)
    if before and before.archive:
        return ContentDiff(not_shown="the object is archived")
    if max(sizes) > MAX_SIZE:
        return ContentDiff(not_shown=f"it has more than {MAX_SIZE:,} bytes")
    with source.open() as stream:
        after = stream.read()
    try:
        stored = _read(access, before, reading.opened) if before else b""
    except OperationError:
        return ContentDiff(not_shown="the object cannot be read")
    if stored is None:
        return ContentDiff(not_shown="its data key was not decrypted")
    try:
        texts = (stored.decode("utf-8"), after.decode("utf-8"))
    except UnicodeDecodeError:
        return ContentDiff(not_shown="it is not text in UTF-8")
    if any("\0" in text for text in texts):
        return ContentDiff(not_shown="it is not text in UTF-8")
    return ContentDiff(texts[0] if before else None, texts[1])


def _read(access: ObjectAccess, before: ObjectState, opened: OpenedKey | None) -> bytes | None:
    """The plaintext of the object. None: its data key is needed, and the run did not decrypt it."""
    decrypt: Callable[[Iterator[bytes]], Iterator[bytes]] = iter
    if before.envelope or before.envelope_fields:
        if before.envelope is None or opened is None:
            return None
        decrypt = ContentCipher.open(before.envelope, opened.data_key).decrypt
    return b"".join(decrypt(access.s3.get_object(access.target, None, before.etag, CHUNK)))

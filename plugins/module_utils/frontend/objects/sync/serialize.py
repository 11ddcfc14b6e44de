# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Objects of a sync as its diff shows them: in words that are equal for all objects with the same change."""

from __future__ import annotations

from ....model.kinds.encryption import ObjectEncryption
from ....model.objects.object_state import ObjectState
from ....model.objects.sync.sync_state import SyncState
from ..object_properties import PROPERTIES

Values = dict[str, str]


def describe_change(
    before: ObjectState | None, planned: ObjectState, *, content_changes: bool, key_is_new: bool = False
) -> tuple[SyncState | None, SyncState]:
    """Both sides of a change. Of a new object only the encryption, because the rest is that of its file.

    `key_is_new` says that the customer key is made in this run, so that its MD5 is not known in a check run.
    """
    old = None if before is None else {"encryption": describe_encryption(before.encryption)}
    new = {"encryption": describe_encryption(planned.encryption, key_is_new=key_is_new)}
    if before is not None and old is not None:
        if content_changes:
            old["content"], new["content"] = "another", "that of the file"
        for name, left, right in _differences(before, planned):
            old[name], new[name] = left, right
    return None if old is None else SyncState(tuple(old.items())), SyncState(tuple(new.items()))


def describe_encryption(encryption: ObjectEncryption, *, key_is_new: bool = False) -> str:
    """The encryption in one line."""
    if encryption.type is None:
        return "the bucket's default"
    words = encryption.type
    if encryption.kms_key_arn:
        words += f" with key {encryption.kms_key_arn}"
    if encryption.customer_key_md5:
        words += " with the key " + ("that is created" if key_is_new else f"of MD5 {encryption.customer_key_md5}")
    if encryption.bucket_key_enabled is not None:
        words += f", bucket key {'on' if encryption.bucket_key_enabled else 'off'}"
    if encryption.client_side:
        own = encryption.client_side
        words += f", format {own.format.value}, envelope in {own.envelope.value.replace('_', ' ')}"
        words += "".join(f", context {name}={value}" for name, value in own.context or ())
        words += f", over {describe_encryption(own.server_side)}"
    return words


def _differences(before: ObjectState, planned: ObjectState) -> list[tuple[str, str, str]]:
    """The properties and tags that change: name, current value and new value."""
    pairs = [(name, getattr(before.properties, name), getattr(planned.properties, name)) for name in PROPERTIES]
    pairs.append(("metadata", before.properties.metadata or (), planned.properties.metadata or ()))
    if planned.tags is not None:
        pairs.append(("tags", before.tags or (), planned.tags))
    return [(name, _text(left), _text(right)) for name, left, right in pairs if left != right]


def _text(value: str | tuple[tuple[str, str], ...] | None) -> str:
    if not value:
        return "none"
    return value if isinstance(value, str) else " ".join(f"{name}={text}" for name, text in value)

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Warnings about a change of an object: what it protects less, and what stays on noncurrent versions."""

from __future__ import annotations

from .downgrade_warnings import ImplicitDefaults, downgrade_warnings
from .object_state import ObjectState


def change_warnings(before: ObjectState, after: ObjectState, implicit_defaults: ImplicitDefaults) -> tuple[str, ...]:
    """Warnings about a change of encryption: it protects less, or noncurrent versions keep theirs."""
    if after.encryption == before.encryption:
        return ()
    found = downgrade_warnings(before.key, before.encryption, after.encryption, implicit_defaults)
    # A change in place keeps the version. The encryption that the bucket's default gives an upload is not known yet.
    if before.version_id and after.version_id is None and after.encryption.type:
        found = (
            *found,
            f"The bucket keeps versions: the version {before.version_id} of {before.key!r} stays "
            f"under {before.encryption.type}.",
        )
    return found


def lock_left_behind(before: ObjectState | None) -> tuple[str, ...]:
    """A warning that the new version of a locked object is not locked."""
    if before is None or before.lock is None:
        return ()
    return (
        f"{before.key!r} is under Object Lock ({before.lock.describe()}). The lock stays on the version "
        f"{before.version_id}. The new content gets only the default retention of the bucket, if it has one.",
    )

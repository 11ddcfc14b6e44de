# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The buckets that reference a KMS key in their default encryption."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# The number of names in a sentence, so that it stays readable.
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class KeyReferences:
    """The buckets whose default encryption names a key.

    The default encryption of the buckets in `unreadable` could not be read, so they may reference the key too.
    """

    buckets: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()


def list_names(names: Sequence[str], unit: str = "") -> str:
    """Names for a sentence: all of a few; of many the first ones, and how many more there are (of this unit)."""
    shown, more = ", ".join(names[:_SHOWN]), len(names) - _SHOWN
    if more <= 0:
        return shown
    return " ".join(filter(None, (shown, f"and {more} more", unit)))

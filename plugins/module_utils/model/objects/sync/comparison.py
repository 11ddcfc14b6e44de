# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""How contents are compared, and the comparison without reading them."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from ..object_state import ObjectState

_NANOSECONDS = 1_000_000_000


class Compare(str, Enum):
    """How the content of a file and its object are compared."""

    CHECKSUM = "checksum"
    SIZE_MTIME = "size_mtime"


def is_unmodified(state: ObjectState, size: int, modified_ns: int) -> bool:
    """Whether the object has the size of the file, and was written in the second of its last change or later.

    The size is that of the plaintext. S3 reports times in seconds.
    """
    client_side = state.encryption.client_side
    plaintext_size = state.size if client_side is None else client_side.plaintext_size
    if plaintext_size != size or not state.last_modified:
        return False
    return datetime.fromisoformat(state.last_modified).timestamp() >= modified_ns // _NANOSECONDS

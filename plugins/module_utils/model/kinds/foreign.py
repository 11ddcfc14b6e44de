# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""An algorithm that this collection does not implement, such as aws:fsx: reported by its own name, and kept."""

from __future__ import annotations

from functools import lru_cache

from .kind import KeyHolder, Kind, Side
from .server_side import ServerSideKind


@lru_cache(maxsize=64)
def foreign_kind(wire: str) -> Kind:
    """The kind for an unknown value of the header x-amz-server-side-encryption."""
    return ServerSideKind(
        name=wire,
        key_holder=KeyHolder.UNKNOWN,
        side=Side.SERVER,
        encrypted_by="unknown",
        summary="An algorithm that this collection does not know.",
        source="https://docs.aws.amazon.com/AmazonS3/latest/API/API_ServerSideEncryptionByDefault.html",
        wire=wire,
        has_annotations=True,
    )

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Pagination by ``Limit``, ``Marker``, ``NextMarker`` and ``Truncated``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from ..call import Call
from ..errors import ServiceError
from ..page_tokens import decode_offset, encode_token

T = TypeVar("T")


def paginate(
    call: Call, items: Sequence[T], name: str, default: int = 100, maximum: int = 1000
) -> tuple[dict[str, Any], list[T]]:
    """Return the pagination fields of the response, and the items of the page.

    The API reference has lower limits for some operations than the model.
    """
    start = 0
    marker = call.get("Marker")
    if marker is not None:
        try:
            start = decode_offset(marker, name)
        except ValueError as exc:
            raise ServiceError("InvalidMarkerException", "Could not deserialize the marker.", 400) from exc
    limit = call.get("Limit", default)
    if limit > maximum:
        raise ServiceError(
            "ValidationException",
            f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: "
            f"Member must have value less than or equal to {maximum}",
            400,
        )
    page = list(items[start : start + limit])
    truncated = start + limit < len(items)
    fields: dict[str, Any] = {"Truncated": truncated}
    if truncated:
        fields["NextMarker"] = encode_token(start + limit, name)
    return fields, page

# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The tokens of paginated lists: where the next page begins."""

from __future__ import annotations

import base64


def encode_token(position: object, label: str = "") -> str:
    """Return the token of a position. It is valid only for the list with this label, which has no colon."""
    return base64.b64encode(f"{label}:{position}".encode()).decode()


def decode_token(token: str, label: str = "") -> str:
    """Return the position. Raise ValueError for a text that is no token of this list."""
    found, _, position = base64.b64decode(token, validate=True).decode().partition(":")
    if found != label or not position:
        raise ValueError(f"no token of the list {label!r}")
    return position


def decode_offset(token: str, label: str = "") -> int:
    """Return a position that is a number of items. Raise ValueError as ``decode_token``."""
    position = decode_token(token, label)
    if not position.isdecimal():
        raise ValueError("the position is no number")
    return int(position)

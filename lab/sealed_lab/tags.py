# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The characters of tags, and the form in which most services list them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

_SYMBOLS = frozenset("_.:/=+-@")
_CATEGORIES = ("L", "N", "Z")


def is_tag_text(text: str) -> bool:
    """Return whether a tag can have this text: letters, numbers, spaces and some symbols.

    Source: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html (naming limits)
    """
    return all(each in _SYMBOLS or unicodedata.category(each)[0] in _CATEGORIES for each in text)


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return tags as all services but KMS list them."""
    return [{"Key": name, "Value": value} for name, value in tags.items()]


def sorted_tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return tags in the order of their keys."""
    return tag_list(dict(sorted(tags.items())))

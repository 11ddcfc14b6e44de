# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Differences between two shown states, as Ansible's diff mode wants them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Shown = Mapping[str, Any]


def difference(before: Shown | None, after: Shown | None, header: str = "") -> dict[str, Any]:
    """The parts of two states that differ, as Ansible's `before` and `after`; empty dicts where nothing differs.

    A state that is None does not exist: the other is then shown whole. `header` names the resource in the output.
    """
    old, new = _prune(before, after)
    shown: dict[str, Any] = {"before": old, "after": new}
    if header:
        shown |= {"before_header": header, "after_header": header}
    return shown


def _prune(before: Shown | None, after: Shown | None) -> tuple[dict[str, Any], dict[str, Any]]:
    old: dict[str, Any] = {}
    new: dict[str, Any] = {}
    for name in sorted({*(before or {}), *(after or {})}):
        left, right = (before or {}).get(name), (after or {}).get(name)
        if left == right:
            continue
        if isinstance(left, Mapping) and isinstance(right, Mapping):
            left, right = _prune(left, right)
        if before is not None:
            old[name] = left
        if after is not None:
            new[name] = right
    return old, new

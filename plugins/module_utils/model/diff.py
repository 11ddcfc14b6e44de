# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The difference of two states, for Ansible's diff mode."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

StateDict = Mapping[str, Any]


def difference(before: StateDict | None, after: StateDict | None, header: str = "") -> dict[str, Any]:
    """The parts of two states that differ, as Ansible's `before` and `after`; empty dicts if nothing differs.

    None is a resource that does not exist: all of the other state is then shown. `header` names the resource in the
    output.
    """
    old, new = _prune(before, after)
    diff: dict[str, Any] = {"before": old, "after": new}
    if header:
        diff |= {"before_header": header, "after_header": header}
    return diff


def _prune(before: StateDict | None, after: StateDict | None) -> tuple[dict[str, Any], dict[str, Any]]:
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

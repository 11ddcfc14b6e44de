# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A fair sample of a list of unknown length, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

ItemT = TypeVar("ItemT")


def draw_sample(items: Iterable[ItemT], size: int, random: Callable[[], float]) -> list[ItemT]:
    """At most `size` of the items, in their order. Each set of so many items is equally probable.

    It keeps no more than these. `random` returns numbers from 0 up to 1. An exception of the list is raised: the items
    that came before it are no fair sample.
    Source: https://dl.acm.org/doi/10.1145/3147.3165 (algorithm R)
    """
    drawn: list[tuple[int, ItemT]] = []
    for position, item in enumerate(items):
        if position < size:
            drawn.append((position, item))
            continue
        place = int(random() * (position + 1))
        if place < size:
            drawn[place] = (position, item)
    return [item for _position, item in sorted(drawn, key=lambda each: each[0])]

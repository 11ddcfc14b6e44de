# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The sample is fair, has the order of the list, and keeps no more than it needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from random import Random

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.reencryption.sampling import draw_sample


def test_each_set_of_objects_is_as_probable() -> None:
    """10,000 samples of three of six objects: 20 sets, each expected 500 times, with a chi square test."""
    random = Random(1).random
    drawn = Counter(tuple(draw_sample(range(6), 3, random)) for _number in range(10_000))
    assert set(drawn) == set(combinations(range(6), 3))
    # 19 degrees of freedom: 99.9 of 100 fair samplers are below 43.8.
    assert sum((count - 500) ** 2 / 500 for count in drawn.values()) < 43.8


@pytest.mark.parametrize("number", [0, 1, 4, 5, 6, 1000])
def test_size_and_order(number: int) -> None:
    drawn = draw_sample(range(number), 5, Random(2).random)
    assert drawn == sorted(set(drawn))
    assert len(drawn) == min(number, 5)
    assert drawn == draw_sample(range(number), 5, Random(2).random)


def test_a_list_that_fails_has_no_fair_sample() -> None:
    def failing() -> Iterator[int]:
        yield from range(10)
        raise OSError("the list ended")

    with pytest.raises(OSError, match="the list ended"):
        draw_sample(failing(), 5, Random(3).random)

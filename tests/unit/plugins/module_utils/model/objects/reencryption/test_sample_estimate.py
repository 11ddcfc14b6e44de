# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a sample says of all objects, compared with every sample that there can be."""

from __future__ import annotations

from math import comb

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.objects.reencryption.sample_estimate import (
    CONFIDENCE,
    estimate,
    percent,
    probability_of_at_most,
)


def share_of_samples(count: int, marked: int, sampled: int, population: int) -> float:
    """The share of all samples of a population that have exactly `count` of its marked objects."""
    return comb(marked, count) * comb(population - marked, sampled - count) / comb(population, sampled)


@pytest.mark.parametrize("population", [1, 2, 3, 10, 24])
def test_at_least_95_of_100_samples_have_the_truth_in_their_interval(population: int) -> None:
    """For every number of objects that are alike, and every size of a sample."""
    for sampled in range(1, population + 1):
        found = [estimate(counted, sampled, population) for counted in range(sampled + 1)]
        for marked in range(population + 1):
            right = sum(
                share_of_samples(each.counted, marked, sampled, population)
                for each in found
                if each.low <= marked <= each.high
            )
            assert right >= CONFIDENCE / 100, (sampled, marked)


@pytest.mark.parametrize(
    ("marked", "sampled", "population"), [(10, 20, 100), (50, 20, 100), (95, 20, 100), (3, 3, 7), (300, 250, 1000)]
)
def test_the_probability_is_that_of_the_hypergeometric_distribution(marked: int, sampled: int, population: int) -> None:
    exact = 0.0
    for count in range(sampled + 1):
        exact += share_of_samples(count, marked, sampled, population)
        assert probability_of_at_most(count, marked, sampled, population) == pytest.approx(exact, abs=1e-9)
    assert probability_of_at_most(-1, marked, sampled, population) == 0


@pytest.mark.parametrize(
    ("counted", "sampled", "population", "low", "high"),
    [
        pytest.param(5, 10, 10, 5, 5, id="all objects"),
        pytest.param(0, 10, 10, 0, 0, id="all objects, none of them"),
        pytest.param(1, 1, 2, 1, 2, id="one of two"),
        pytest.param(0, 1000, 1_000_000, 0, 3_680, id="none"),
        pytest.param(1000, 1000, 1_000_000, 996_320, 1_000_000, id="each"),
        pytest.param(120, 1000, 1_000_000, 100_511, 141_756, id="some"),
        pytest.param(880, 1000, 1_000_000, 858_244, 899_489, id="the others"),
        pytest.param(1, 100_000, 20_000_000_000, 5_064, 1_114_299, id="one of the largest sample"),
    ],
)
def test_the_interval_as_numbers_of_objects(counted: int, sampled: int, population: int, low: int, high: int) -> None:
    found = estimate(counted, sampled, population)
    assert found.low == pytest.approx(low, rel=1e-3)
    assert found.high == pytest.approx(high, rel=1e-3)
    assert found.low <= found.objects <= found.high
    assert found.share_low <= found.share <= found.share_high


def test_a_larger_sample_is_more_exact_whatever_the_size_of_the_bucket() -> None:
    """The figures of the documentation of the module."""
    for population in (200_000, 20_000_000_000):
        for sampled, points in ((100, 10), (1_000, 3.2), (10_000, 1)):
            found = estimate(sampled // 2, sampled, population)
            margin = max(found.share_high - found.share, found.share - found.share_low) * 100
            assert points * 0.9 < margin < points * 1.05, (population, sampled)


@pytest.mark.parametrize(
    ("counted", "sampled", "population", "text"),
    [
        (3, 3, 3, "3 of 3 objects: the sample has all of them."),
        (1, 1, 1, "1 of 1 object: the sample has all of them."),
        (
            120,
            1000,
            1_000_000,
            "About 12.0 % of 1,000,000 objects, which are 120,000. With 95 % confidence, it is 10.1 % to 14.2 %, which "
            "are 100,511 to 141,756.",
        ),
        (
            0,
            1000,
            1_000_000,
            "None of the 1,000 objects of the sample. With 95 % confidence, at most 0.4 % of 1,000,000 objects, which "
            "are 3,680.",
        ),
        (
            999,
            1000,
            10**9,
            "About 99.9 % of 1,000,000,000 objects, which are 999,000,000. With 95 % confidence, it is 99.444 % to "
            "99.997 %, which are 994,441,082 to 999,974,684.",
        ),
    ],
)
def test_an_estimate_in_words(counted: int, sampled: int, population: int, text: str) -> None:
    """Millions of objects are the same within a millionth, whatever the logarithms of a platform."""
    found = estimate(counted, sampled, population).text
    assert found[:60] == text[:60]
    assert len(found) == len(text)
    assert found.split("which are")[0] == text.split("which are")[0]


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0 %"), (1, "100 %"), (0.5, "50.0 %"), (0.0004, "0.04 %"), (0.99999, "99.999 %"), (1e-12, "0.00000000 %")],
)
def test_a_share_is_never_shown_as_none_or_all(share: float, text: str) -> None:
    assert percent(share) == text

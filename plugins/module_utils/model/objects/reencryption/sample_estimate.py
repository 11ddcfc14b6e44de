# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a random sample of objects says of all objects, with a margin that holds for at least 95 of 100 samples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, lgamma

# The confidence of every interval in percent, and the probability that is left to each side of it.
CONFIDENCE = 95
_EACH_SIDE = (1 - CONFIDENCE / 100) / 2


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many of `population` objects are like `counted` of `sampled` ones, from `low` to `high`.

    The interval has no number that the sample excludes: it begins at what was counted, and leaves room for what was
    counted as something else.
    """

    counted: int
    sampled: int
    population: int
    low: int
    high: int

    @property
    def share(self) -> float:
        """The estimated share of all objects, from 0 to 1."""
        return self.counted / self.sampled

    @property
    def share_low(self) -> float:
        """The lower end of the interval as a share."""
        return self.low / self.population

    @property
    def share_high(self) -> float:
        """The upper end of the interval as a share."""
        return self.high / self.population

    @property
    def objects(self) -> int:
        """The estimated number of objects."""
        return min(max(round(self.share * self.population), self.low), self.high)

    @property
    def text(self) -> str:
        """The estimate in words."""
        if self.sampled == self.population:
            return f"{self.counted:,} of {_objects(self.population)}: the sample has all of them."
        if not self.counted:
            return (
                f"None of the {_objects(self.sampled)} of the sample. With {CONFIDENCE} % confidence, at most "
                f"{percent(self.share_high)} of {_objects(self.population)}, which are {self.high:,}."
            )
        low, high = _percents(self.share_low, self.share_high)
        return (
            f"About {percent(self.share)} of {_objects(self.population)}, which are {self.objects:,}. With "
            f"{CONFIDENCE} % confidence, it is {low} to {high}, which are {self.low:,} to {self.high:,}."
        )


def estimate(counted: int, sampled: int, population: int) -> Estimate:
    """What `counted` of `sampled` objects, which were drawn without a preference and without a repetition, say of all.

    `sampled` is at least 1, and at most the population. The interval has every number of objects for which the sample
    is not among the improbable ones of either side, by the hypergeometric distribution. So it is sound for any share
    and any size, and exact once the sample has all objects.
    Source: https://www.itl.nist.gov/div898/software/dataplot/refman2/auxillar/hypcdf.htm
    """
    most = population - (sampled - counted)

    def is_possible_below(number: int) -> bool:
        return 1 - probability_of_at_most(counted - 1, number, sampled, population) > _EACH_SIDE

    def is_impossible_above(number: int) -> bool:
        return probability_of_at_most(counted, number, sampled, population) <= _EACH_SIDE

    low = _first(counted, most, is_possible_below)
    high = _first(counted, most + 1, is_impossible_above) - 1
    return Estimate(counted, sampled, population, low, max(low, high))


def _first(start: int, end: int, holds: Callable[[int], bool]) -> int:
    """The first number from `start` on for which it holds, as it does for all that follow; `end` if for none before."""
    while start < end:
        middle = (start + end) // 2
        if holds(middle):
            end = middle
        else:
            start = middle + 1
    return start


def probability_of_at_most(count: int, marked: int, sampled: int, population: int) -> float:
    """The probability that a sample has at most `count` of the `marked` objects of the population."""
    least, most = max(0, sampled - (population - marked)), min(sampled, marked)
    if count < least:
        return 0.0
    if count >= most:
        return 1.0
    if count < sampled * marked // population:
        return _tail(count, -1, marked, sampled, population)
    return max(0.0, 1 - _tail(count + 1, 1, marked, sampled, population))


def _tail(count: int, direction: int, marked: int, sampled: int, population: int) -> float:
    """The probabilities from `count` on, down or up. Each is computed from the one before, until they add nothing."""
    others = population - marked - sampled
    term = exp(
        _log_choices(marked, count) + _log_choices(population - marked, sampled - count)
        - _log_choices(population, sampled)
    )  # fmt: skip
    total = 0.0
    while term > total * 1e-12:
        total += term
        if direction < 0:
            term *= count * (others + count) / ((marked - count + 1) * (sampled - count + 1))
        else:
            term *= (marked - count) * (sampled - count) / ((count + 1) * (others + count + 1))
        count += direction
    return min(total, 1.0)


def _log_choices(number: int, chosen: int) -> float:
    return lgamma(number + 1) - lgamma(chosen + 1) - lgamma(number - chosen + 1)


_MOST_DIGITS = 8


def percent(share: float) -> str:
    """A share in percent. One that is not 0 or 1 is not shown as 0 % or 100 %."""
    return _percent(share, _digits(share))


def _percents(low: float, high: float) -> tuple[str, str]:
    """Both ends of an interval, with as many digits as they need to differ."""
    digits = max(_digits(low), _digits(high))
    while digits < _MOST_DIGITS and _percent(low, digits) == _percent(high, digits):
        digits += 1
    return _percent(low, digits), _percent(high, digits)


def _percent(share: float, digits: int) -> str:
    return "0 %" if share == 0 else "100 %" if share == 1 else f"{share * 100:.{digits}f} %"


def _digits(share: float) -> int:
    """One digit, or as many as a share needs that is near 0 or 1."""
    digits = 1
    while 0 < share < 1 and digits < _MOST_DIGITS and float(f"{share * 100:.{digits}f}") in (0.0, 100.0):
        digits += 1
    return digits


def _objects(number: int) -> str:
    return "1 object" if number == 1 else f"{number:,} objects"

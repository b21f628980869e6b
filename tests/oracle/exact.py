"""Exact arithmetic: scores in tenths, rounded once, half up (towards plus infinity), by whole-number square roots."""

from collections.abc import Sequence
from fractions import Fraction
from math import floor, isqrt


def tenths(value: Fraction) -> int:
    """A value in tenths, half up: 34.95 is 350, −0.05 is 0."""
    return floor(value * 10 + Fraction(1, 2))


def mean(values: Sequence[Fraction]) -> Fraction:
    """The mean of at least one value."""
    return sum(values, Fraction(0)) / len(values)


def variance(values: Sequence[Fraction]) -> Fraction:
    """The population variance of at least one value."""
    centre = mean(values)
    return mean([(value - centre) ** 2 for value in values])


def standardised(value: Fraction, centre: Fraction, spread: Fraction) -> int:
    """50 + 10 (value − centre) / √spread in tenths, half up, exactly; 500 where the spread (a variance) is 0."""
    if spread == 0:
        return 500
    # floor(500 + 1/2 + s·√q) = floor((1001 + s·√4q) / 2), and floor(x / 2) = floor(floor(x) / 2)
    square = 4 * (100 * (value - centre)) ** 2 / spread
    if value >= centre:
        return (1001 + isqrt(floor(square))) // 2
    return (1001 - _ceiling_of_root(square)) // 2


def _ceiling_of_root(square: Fraction) -> int:
    """The smallest whole number whose square is at least `square` (> 0)."""
    whole = -floor(-square)
    return isqrt(whole - 1) + 1

"""A published figure beside ours: both as text with the same number of decimals, so that equal means to the last digit."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True)
class Figure:
    """One figure. name: data set, group and what it is; expected: as published; computed: ours, as many decimals."""

    name: str
    expected: str
    computed: str

    @property
    def same(self) -> bool:
        """Whether ours is the published one to the last digit."""
        return self.expected == self.computed


def figure(name: str, expected: str, exact: Fraction | int) -> Figure:
    """Ours rounded to the decimals that were published, halves away from zero."""
    _, _, decimals = expected.partition(".")
    return Figure(name, expected, _rounded(Fraction(exact), len(decimals)))


def _rounded(exact: Fraction, places: int) -> str:
    scaled = abs(exact) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return str(Decimal(-whole if exact < 0 else whole).scaleb(-places))


def as_table(figures: Iterable[Figure]) -> str:
    """The figures as lines of text, a mark at the end of each."""
    rows = [("figure", "expected", "computed", "")]
    rows += [(each.name, each.expected, each.computed, "ok" if each.same else "DIFFERS") for each in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join(
        f"{name:<{widths[0]}}  {expected:>{widths[1]}}  {computed:>{widths[2]}}  {mark}".rstrip()
        for name, expected, computed, mark in rows
    )

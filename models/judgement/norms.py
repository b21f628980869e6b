"""Exact standardisation: a norm is whole-number sums, a score is rounded once, half up, from the exact value.

A score is a fraction num/den. The sums of a group are taken in units of 1/den, den being the least common multiple of
the denominators that occur in it, so that they are whole numbers of any size (Python's own), whatever the order of rows.
50 + 10·(x − mean)/SD is irrational in general, yet its floor is not hard: with whole numbers, floor(√(p/q)) is
isqrt(p // q). Only the few distinct values of a group are computed and joined back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isqrt, lcm

import polars as pl

MEAN, SD = 500, 100  # tenths: deviation scores and t have mean 50 and SD 10

# Whole-number sums as text: they have no greatest value. Null survey_id: all surveys of the fiscal year together.
NORMS_SCHEMA = pl.Schema(
    {
        "kind": pl.String,  # academic | life
        "survey_id": pl.String,
        "fy": pl.Int32,
        "grade": pl.String,
        "measure": pl.String,  # subject or scale
        "n": pl.Int64,
        "den": pl.String,  # the sums are in units of 1/den
        "sum": pl.String,
        "sum_squares": pl.String,  # in units of 1/den²
    }
)
NO_NORMS = pl.DataFrame(schema=NORMS_SCHEMA)
_SUMS = pl.Schema({name: NORMS_SCHEMA[name] for name in ("n", "den", "sum", "sum_squares")})


def written(norms: pl.DataFrame) -> bytes:
    """A norm set in its canonical form, the same whatever the order of its rows: what its digest is over."""
    return norms.sort(NORMS_SCHEMA.names()).write_csv().encode()


def read(text: bytes) -> pl.DataFrame:
    """The norm set that was written so."""
    return pl.read_csv(text, schema=NORMS_SCHEMA)


@dataclass(frozen=True, slots=True)
class Norm:
    """Of n scores in units of 1/den: their sum and the sum of their squares."""

    n: int
    den: int
    total: int
    squares: int

    def sums(self) -> tuple[int, str, str, str]:
        """n, den, sum and sum_squares of NORMS_SCHEMA."""
        return self.n, str(self.den), str(self.total), str(self.squares)

    def standardise(self, num: int, den: int) -> int:
        """The t of the score num/den in tenths, half up (towards plus infinity); 500 where all scores are equal.

        den: any; of a score that is in the norm it divides the norm's own
        """
        finer = (
            lcm(self.den, den) // self.den
        )  # so many units of the score and the norm together make one of the norm's
        total, squares = self.total * finer, self.squares * finer**2
        spread = self.n * squares - total**2  # (n·SD)² in units
        distance = self.n * num * (self.den * finer // den) - total  # n·(x − mean) in units
        if spread == 0:
            return MEAN
        return (2 * MEAN + 1 + _floor_of_root_ratio(2 * SD * distance, spread)) // 2  # floor(t + 1/2)


def norm_of(scores: Iterable[tuple[int, int, int]]) -> Norm:
    """The norm of a group of scores, given as (num, den, how many)."""
    scores = list(scores)
    unit = lcm(*(den for _, den, _ in scores))
    in_units = [(num * (unit // den), count) for num, den, count in scores]
    return Norm(
        n=sum(count for _, count in in_units),
        den=unit,
        total=sum(x * count for x, count in in_units),
        squares=sum(x * x * count for x, count in in_units),
    )


def standardise_against(num: int, den: int, *, mean: int, sd: int) -> int:
    """The t in tenths of the score num/den against a given mean and SD (millionths), half up; 500 where sd is 0."""
    if sd == 0:
        return MEAN
    distance = num * 1_000_000 - mean * den  # (x − mean) in units of 1/(den·10⁶)
    return (2 * SD * distance + (2 * MEAN + 1) * sd * den) // (2 * sd * den)


def norms_of(scores: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """The norm of every group: by…, and n, den, sum, sum_squares as in NORMS_SCHEMA; in order of `by`.

    scores: columns `by`, num, den (Int64, den > 0), count (1; 0 for a score whose t is asked but that is not in the norm)
    """
    distinct = scores.group_by(*by, "num", "den").agg(pl.sum("count"))
    groups = distinct.group_by(by).agg("num", "den", "count").sort(by)
    values = groups.select("num", "den", "count").iter_rows()
    rows = [norm_of(zip(nums, dens, counts, strict=True)).sums() for nums, dens, counts in values]
    return groups.select(by).hstack(pl.DataFrame(rows, schema=_SUMS, orient="row"))


def standardise(scores: pl.DataFrame, norms: pl.DataFrame, by: Sequence[str], *, min_n: int) -> pl.DataFrame:
    """The t of every distinct score against its group's norm: by…, num, den, t (Int32 in tenths, or null).

    scores: columns `by`, num, den (Int64, den > 0)
    norms:  columns `by`, n, den, sum, sum_squares; a group may be missing, which gives no t
    min_n:  a norm of fewer scores gives no t
    """
    distinct = scores.select(*by, "num", "den").unique()
    against = distinct.join(norms.rename({"den": "unit"}), on=by, how="left", maintain_order="left")
    columns = zip(*(against[name].to_list() for name in ("num", "den", "n", "unit", "sum", "sum_squares")), strict=True)
    tenths = [
        None if n is None or n < min_n else Norm(n, int(unit), int(total), int(squares)).standardise(num, den)
        for num, den, n, unit, total, squares in columns
    ]
    return distinct.hstack([pl.Series("t", tenths, dtype=pl.Int32)])


def _floor_of_root_ratio(a: int, b: int) -> int:
    """floor(a / √b), b > 0."""
    if a >= 0:
        return isqrt(a * a // b)
    return -isqrt((a * a - 1) // b) - 1  # minus the ceiling of |a| / √b

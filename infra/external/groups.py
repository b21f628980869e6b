"""What the figures are made of: whole-number sums of groups and deviation scores, by the judgement kernel's own norms."""

from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

import polars as pl

from models.judgement.norms import Norm, norms_of, standardise

PRECISION = 10**12  # roots are taken to so many parts


def norms_by(scores: pl.DataFrame, by: str) -> dict[object, Norm]:
    """The norm of each group. scores: `by`, num, den (of the score num/den)."""
    rows = _norms(scores, by).select(by, "n", "den", "sum", "sum_squares").iter_rows()
    return {name: Norm(n, int(den), int(total), int(squares)) for name, n, den, total, squares in rows}


def mean(norm: Norm) -> Fraction:
    """The exact mean of the group's scores."""
    return Fraction(norm.total, norm.den * norm.n)


def squared_deviations(norm: Norm) -> Fraction:
    """The exact sum of squared deviations from the group's mean."""
    return Fraction(norm.n * norm.squares - norm.total**2, norm.n * norm.den**2)


def root(value: Fraction) -> Fraction:
    """The square root, cut off after twelve decimals."""
    return Fraction(isqrt(value.numerator * PRECISION**2 // value.denominator), PRECISION)


@dataclass(frozen=True)
class Gap:
    """How far the poor group's mean lies from the others'.

    n: pupils; share: of them in the poor group; points: in the score's own unit; in_sd: in sample standard deviations of
    all; deviation: in points of the deviation scores (each rounded to a tenth) that the kernel gives
    """

    n: int
    share: Fraction
    points: Fraction
    in_sd: Fraction
    deviation: Fraction


def poverty_gap(scores: pl.DataFrame) -> Gap:
    """The gap between the groups of `poor` (Boolean). scores: poor, num, den; rows without either are left out."""
    known = scores.drop_nulls(["poor", "num"]).with_columns(everyone=pl.lit("all"))
    whole = norms_by(known, "everyone")["all"]
    points = _difference(known)
    return Gap(
        n=whole.n,
        share=Fraction(int(known["poor"].sum()), whole.n),
        points=points,
        in_sd=points / root(squared_deviations(whole) / (whole.n - 1)),
        deviation=_difference(_deviation_scores(known)),
    )


def _norms(scores: pl.DataFrame, by: str) -> pl.DataFrame:
    return norms_of(scores.drop_nulls([by, "num"]).with_columns(count=pl.lit(1, pl.Int64)), [by])


def _deviation_scores(known: pl.DataFrame) -> pl.DataFrame:
    """poor, num, den of each pupil's deviation score among all."""
    tenths = standardise(known, _norms(known, "everyone"), ["everyone"], min_n=1)
    scored = known.join(tenths, on=["everyone", "num", "den"])
    return scored.select("poor", num=pl.col("t").cast(pl.Int64), den=pl.lit(10, pl.Int64))


def _difference(scores: pl.DataFrame) -> Fraction:
    norms = norms_by(scores, "poor")
    return mean(norms[True]) - mean(norms[False])

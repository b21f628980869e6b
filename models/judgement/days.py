"""Dates that may be imprecise, as the first and last day they stand for (a month, a year; unknown: any up to event_day).

A condition that puts a child under watch holds if it holds for one of these days.
"""

from datetime import date
from functools import cache

import polars as pl

FIRST_DAY = date(1, 1, 1)  # stands for "any day before"


@cache
def is_unknown(name: str) -> pl.Expr:
    """A date is given, but not known at all."""
    return pl.col(f"{name}_precision").eq_missing(pl.lit("unknown"))


@cache
def is_given(name: str) -> pl.Expr:
    """The row has this date, be it unknown; False where it is absent (an open end, a check-up not visited)."""
    return pl.col(name).is_not_null() | is_unknown(name)


@cache
def first(name: str) -> pl.Expr:
    """The first day that the date may be; null where it is absent."""
    return pl.when(is_unknown(name)).then(pl.lit(FIRST_DAY)).otherwise(pl.col(name))


@cache
def last(name: str) -> pl.Expr:
    """The last day that the date may be; null where it is absent."""
    day, precision = pl.col(name), pl.col(f"{name}_precision")
    return (
        pl.when(is_unknown(name))
        .then(pl.col("event_day"))
        .when(precision == "month")
        .then(day.dt.month_end())
        .when(precision == "year")
        .then(pl.date(day.dt.year(), 12, 31))
        .otherwise(day)
    )


def may_be_in_force(start: str, end: str, day: date) -> pl.Expr:
    """start ≤ day, and no end or day ≤ end, for one of the days that they may be."""
    return (first(start) <= day) & (~is_given(end) | (last(end) >= day))


def surely_in_force(start: str, end: str, day: date) -> pl.Expr:
    """start ≤ day, and no end or day ≤ end, for every day that they may be."""
    return (last(start) <= day) & (~is_given(end) | (first(end) >= day))


def may_be_between(name: str, earliest: date, latest: date) -> pl.Expr:
    """One of the days that the date may be is in earliest … latest, both included."""
    return (first(name) <= latest) & (last(name) >= earliest)


def in_effect(day: date) -> pl.Expr:
    """effective_from ≤ day, and no effective_to or day ≤ effective_to: feeds 1, 2 and 4 (reading 2)."""
    end = pl.col("effective_to")
    return (pl.col("effective_from") <= day) & (end.is_null() | (end >= day))

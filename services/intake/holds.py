"""Rules over several columns as expressions over values. The twin of schemas.feeds.rule."""

from datetime import UTC
from functools import singledispatch

import polars as pl

from schemas.feeds.rule import (
    Context,
    DateGiven,
    NotAboveMax,
    NotAfterLoad,
    NotAfterRecord,
    NotTaxSecret,
    OneOf,
    Precision,
    Rule,
)

MAXIMUM = "_max"  # full marks of the row's survey, joined beforehand; null = none
MAXIMUM_KEY = ("survey_id", "fy", "grade", "subject")


@singledispatch
def broken(rule: Rule, context: Context) -> pl.Expr:
    """True where the row breaks the rule; never null."""
    raise NotImplementedError(type(rule))


@broken.register
def _(rule: DateGiven, context: Context) -> pl.Expr:
    return pl.col(rule.column).is_null() & pl.col(f"{rule.column}_precision").ne_missing("unknown")


@broken.register
def _(rule: Precision, context: Context) -> pl.Expr:
    day, precision = pl.col(rule.column), pl.col(f"{rule.column}_precision")
    is_first = (
        pl.when(precision == "unknown")
        .then(False)
        .when(precision == "year")
        .then((day.dt.month() == 1) & (day.dt.day() == 1))
        .when(precision == "month")
        .then(day.dt.day() == 1)
        .otherwise(True)
    )
    return pl.when(day.is_null()).then(precision.is_not_null() & (precision != "unknown")).otherwise(~is_first)


@broken.register
def _(rule: OneOf, context: Context) -> pl.Expr:
    return pl.all_horizontal(pl.col(name).is_null() for name in (rule.column, *rule.others))


@broken.register
def _(rule: NotAfterLoad, context: Context) -> pl.Expr:
    return (pl.col(rule.column) > context.now.astimezone(UTC)).fill_null(False)


@broken.register
def _(rule: NotAfterRecord, context: Context) -> pl.Expr:
    recorded = pl.col("event_time").dt.convert_time_zone("Asia/Tokyo").dt.date()
    return (pl.col(rule.column) > recorded).fill_null(False)


@broken.register
def _(rule: NotTaxSecret, context: Context) -> pl.Expr:
    return pl.col(rule.column).is_in(context.tax_offices).fill_null(False)


@broken.register
def _(rule: NotAboveMax, context: Context) -> pl.Expr:
    return (pl.col(rule.column) > pl.col(MAXIMUM)).fill_null(False)


def maxima_frame(context: Context) -> pl.DataFrame:
    """The full marks as a frame with MAXIMUM_KEY and MAXIMUM."""
    schema = {"survey_id": pl.String(), "fy": pl.Int32(), "grade": pl.String(), "subject": pl.String()}
    rows = [(*key, most) for key, most in context.maxima.items()]
    return pl.DataFrame(rows, schema={**schema, MAXIMUM: pl.Decimal(18, 6)}, orient="row")

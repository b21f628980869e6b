"""Kinds as expressions: the value of a text column, null where the text is none of its kind. The twin of schemas.feeds.kinds."""

from functools import singledispatch

import polars as pl

from schemas.feeds.kinds import (
    FIRST_YEAR,
    LAST_YEAR,
    Boolean,
    Code,
    Day,
    Decimal,
    Integer,
    Kind,
    Month,
    Text,
    TextList,
    Timestamp,
)


@singledispatch
def value_of(kind: Kind, text: pl.Expr) -> pl.Expr:
    """The value, or null where `text` is null or refused."""
    raise NotImplementedError(type(kind))


@value_of.register
def _(kind: Text, text: pl.Expr) -> pl.Expr:
    return pl.when(text.str.len_chars().is_between(kind.shortest, kind.longest)).then(text)


@value_of.register
def _(kind: Code, text: pl.Expr) -> pl.Expr:
    return pl.when(text.is_in(kind.values)).then(text)


@value_of.register
def _(kind: Integer, text: pl.Expr) -> pl.Expr:
    number = _matching(text, kind.pattern).cast(pl.Int32(), strict=False)
    return pl.when(number.is_between(kind.least, kind.most)).then(number)


@value_of.register
def _(kind: Decimal, text: pl.Expr) -> pl.Expr:
    number = _matching(text, kind.pattern).cast(pl.Decimal(18, 6), strict=False)
    return pl.when(number.is_between(kind.least, kind.most)).then(number)


@value_of.register
def _(kind: Day, text: pl.Expr) -> pl.Expr:
    day = _matching(text, kind.pattern).str.to_date("%Y-%m-%d", strict=False)
    return pl.when(day.dt.year().is_between(FIRST_YEAR, LAST_YEAR)).then(day)


@value_of.register
def _(kind: Month, text: pl.Expr) -> pl.Expr:
    month = _matching(text, kind.pattern).cast(pl.Int32(), strict=False)
    return pl.when((month // 100).is_between(FIRST_YEAR, LAST_YEAR)).then(month)


@value_of.register
def _(kind: Boolean, text: pl.Expr) -> pl.Expr:
    return pl.when(text == "true").then(True).when(text == "false").then(False)


@value_of.register
def _(kind: TextList, text: pl.Expr) -> pl.Expr:
    parts = text.str.split("|")
    return pl.when(~parts.list.contains("")).then(parts)


@value_of.register
def _(kind: Timestamp, text: pl.Expr) -> pl.Expr:
    good = _matching(text, kind.pattern).str.replace(" ", "T", literal=True)
    offset = good.str.extract(r"(Z|[+-][0-9]{2}:[0-9]{2})$", 1).replace("Z", "+00:00").fill_null("+09:00")
    local = good.str.replace(r"(Z|[+-][0-9]{2}:[0-9]{2})$", "")
    length = local.str.len_chars()
    whole = (
        pl.when(length == 10).then(local + "T00:00:00").when(length == 16).then(local + ":00").otherwise(local) + offset
    )
    moment = whole.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%:z", time_unit="us", time_zone="UTC", strict=False)
    return pl.when(text.str.slice(0, 4).cast(pl.Int32(), strict=False).is_between(FIRST_YEAR, LAST_YEAR)).then(moment)


def _matching(text: pl.Expr, pattern: str) -> pl.Expr:
    return pl.when(text.str.contains(pattern)).then(text)

"""Why a judgement came out as it did: one row a source row, one reason a (person, code)."""

from collections.abc import Iterable

import polars as pl

# day:    the date the sentence names; null if unknown or if the code has none
# tenths: a score or a difference of scores; count: a whole number; text: a word
# source: batch << 32 | line of the row the reason rests on; null where it rests on none (something is absent)
SCHEMA = {
    "person": pl.Int64(),
    "code": pl.String(),
    "day": pl.Date(),
    "tenths": pl.Int32(),
    "count": pl.Int32(),
    "text": pl.String(),
    "source": pl.Int64(),
}
PARAMETERS = ("day", "tenths", "count", "text")
ORDER = ("person", "code", "source")


def empty() -> pl.DataFrame:
    """No reasons."""
    return pl.DataFrame(schema=SCHEMA)


def shape(frame: pl.DataFrame, *, code: str | pl.Expr) -> pl.DataFrame:
    """Rows with at least `person` as reasons of one code; parameters and source that the frame lacks become null."""
    code_column = pl.lit(code) if isinstance(code, str) else code
    given = frame.with_columns(code_column.alias("code"))
    return given.select(
        (pl.col(name) if name in given.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in SCHEMA.items()
    )


def merge(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """All parts, one set of parameters a (person, code), each source once, in an order that rows' order cannot change.

    Where several rows give the same code its parameters are those of the latest day (null first), then of the greatest
    tenths, count and text.
    """
    rows = pl.concat([empty(), *parts])
    by_day = ["person", "code", *PARAMETERS, "source"]
    of_reason = rows.sort(by_day).with_columns(pl.col(PARAMETERS).last().over("person", "code"))
    return of_reason.unique(ORDER).sort(ORDER)

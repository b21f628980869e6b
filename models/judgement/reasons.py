"""Why a judgement came out as it did: one row a source row, one reason a (person, code)."""

from collections.abc import Iterable

import polars as pl

from schemas.rules.names import SCALES, TEMPLATE_PARAMETERS

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
_SCALED = ("LOW", "VERY_LOW", "DROP")  # a template's name, of which each scale has a code
CODES = sorted(
    {code for code in TEMPLATE_PARAMETERS if code not in _SCALED}
    | {f"{flag}_{scale.upper()}" for flag in _SCALED for scale in SCALES}
)
CODE = pl.Enum(CODES)  # in order as text is, and many times faster
FOUND = SCHEMA | {"code": CODE}  # as the judgements hand them on
PARAMETERS = ("day", "tenths", "count", "text")
ORDER = ("person", "code", "source")
EMPTY = pl.DataFrame(schema=FOUND)  # no reasons


def shape(frame: pl.DataFrame, *, code: str | pl.Expr) -> pl.DataFrame:
    """Rows with at least `person` as FOUND, of one code; parameters and source that the frame lacks become null."""
    if frame.is_empty():
        return EMPTY
    code_column = pl.lit(code) if isinstance(code, str) else code
    given = {name: pl.col(name) for name in SCHEMA if name in frame.columns} | {"code": code_column}
    return frame.select(given.get(name, pl.lit(None)).cast(kind).alias(name) for name, kind in FOUND.items())


def concat(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """All rows of the parts."""
    return pl.concat([part for part in parts if part.height] or [EMPTY])


def merge(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """SCHEMA of all parts, one set of parameters a (person, code), each source once, in an order that rows' order cannot change.

    Where several rows give the same code its parameters are those of the latest day (null first), then of the greatest
    tenths, count and text.
    """
    ordered = _with_one_set(concat(parts).sort(ORDER))
    again = _AS_BEFORE & pl.col("source").eq_missing(pl.col("source").shift())
    return ordered.filter(~again.fill_null(False)).with_columns(pl.col("code").cast(pl.String))


_AS_BEFORE = (pl.col("person") == pl.col("person").shift()) & (pl.col("code") == pl.col("code").shift())
_OTHER = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift()) for name in PARAMETERS)


def _with_one_set(ordered: pl.DataFrame) -> pl.DataFrame:
    """The rows, in ORDER before and after; only reasons whose rows differ in their parameters are looked at again."""
    differing = ordered.filter((_AS_BEFORE & _OTHER).fill_null(False))
    if differing.is_empty():
        return ordered
    reason = ["person", "code"]
    theirs = ordered.join(differing, on=reason, how="semi").sort(*reason, *PARAMETERS, "source")
    of_last = theirs.with_columns(pl.col(PARAMETERS).last().over(reason))
    return pl.concat([ordered.join(differing, on=reason, how="anti"), of_last]).sort(ORDER)

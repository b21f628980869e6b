"""Reasons of the non-cognitive rank: every low, very low or fallen scale and every count of absence found."""

from datetime import date

import polars as pl

from models.judgement import reasons
from models.judgement.facts import Facts
from models.judgement.noncognitive.items import SHEET, item_sources
from schemas.rules.sections import NoncognitiveRules

FLAGS = ("low", "very_low", "drop")  # columns of a scale
_USED = ("person", "code", "tenths", *SHEET[1:], "scale_code", "source")


def explain(
    judged: pl.DataFrame,
    flagged: pl.DataFrame,
    looked: pl.DataFrame,
    missed: pl.DataFrame,
    facts: Facts,
    *,
    as_of: date,
    rules: NoncognitiveRules,
) -> pl.DataFrame:
    """One row a person, code and source row.

    judged:  one row a pupil with valid, absence and noncognitive
    flagged: the scales of the latest surveys, with t, before and FLAGS
    looked:  the scales of the surveys looked at, with `back`
    missed:  the rows of absence looked at (person, days, source)
    """
    used = _used(flagged, looked)
    few = judged.filter(pl.col("noncognitive") == "X").select("person", count="valid")
    return reasons.concat(
        [
            reasons.shape(_with_sources(used, facts, as_of), code=pl.col("code")),
            reasons.shape(few, code="SX_FEW_SCALES"),
            *_absence(judged, missed, rules),
        ]
    )


def _used(flagged: pl.DataFrame, looked: pl.DataFrame) -> pl.DataFrame:
    """_USED of every flag that is up: the scale it is of, and for a fall that of the year before as well."""
    flag, is_drop = pl.col("flag"), pl.col("flag") == "drop"
    kept = [name for name in flagged.columns if name not in FLAGS]
    up = flagged.unpivot(FLAGS, index=kept, variable_name="flag").filter("value")
    if up.is_empty():
        return pl.DataFrame(schema=dict.fromkeys(_USED, pl.Null()))
    found = up.with_columns(
        code=pl.concat_str(flag, pl.col("scale_code").cast(pl.String), separator="_").str.to_uppercase(),
        tenths=pl.col("t") - pl.when(is_drop).then("before").otherwise(0),
    )
    fell = found.filter(is_drop).select("person", "scale_code", "code", "tenths")
    before = fell.join(looked.filter(pl.col("back") == 1), on=["person", "scale_code"])
    return pl.concat([found.select(_USED), before.select(_USED)])


def _with_sources(used: pl.DataFrame, facts: Facts, as_of: date) -> pl.DataFrame:
    """A scale without one source rests on several rows of answers."""
    by_items = used.filter(pl.col("source").is_null()).drop("source")
    if by_items.is_empty():
        return used
    wanted = by_items.select(*SHEET, "scale_code").unique()
    sources = item_sources(facts.frame("life_answer"), facts.frame("instrument_key"), wanted, as_of=as_of)
    found = by_items.join(sources, on=[*SHEET, "scale_code"])
    return pl.concat([used.drop_nulls("source"), found.select(_USED)])


def _absence(judged: pl.DataFrame, missed: pl.DataFrame, rules: NoncognitiveRules) -> list[pl.DataFrame]:
    """Rests on the rows that have an absence."""
    cuts = {"ABSENCE_15": rules.absence_low_days, "ABSENCE_30": rules.absence_rank3_days}
    often = judged.filter(pl.col("absence") >= min(cuts.values())).select("person", count="absence")
    if often.is_empty():
        return []
    rows = often.join(missed.filter(pl.col("days") > 0), on="person", how="left")
    return [reasons.shape(rows.filter(pl.col("count") >= cut), code=code) for code, cut in cuts.items()]

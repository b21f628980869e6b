"""Reasons of the non-cognitive rank: every low, very low or fallen scale and every count of absence found."""

from collections.abc import Iterator
from datetime import date

import polars as pl

from models.judgement import reasons
from models.judgement.facts import Facts
from models.judgement.noncognitive.items import SCALE, SHEET, item_sources
from schemas.rules.names import SCALES
from schemas.rules.sections import NoncognitiveRules

FLAGS = ("low", "very_low", "drop")  # columns of a pupil, one a scale


def explain(
    judged: pl.DataFrame,
    now: pl.DataFrame,
    before: pl.DataFrame,
    missed: pl.DataFrame,
    facts: Facts,
    *,
    as_of: date,
    rules: NoncognitiveRules,
) -> pl.DataFrame:
    """One row a person, code and source row.

    judged:      one row a pupil with t_, before_, low_, very_low_ and drop_SCALE, valid, absence and noncognitive
    now, before: the scales of the surveys looked at (columns of Scales.t)
    missed:      the rows of absence looked at (person, days, source)
    """
    found = _found(judged)
    dropped = found.filter(pl.col("code").str.starts_with("DROP_"))
    used = pl.concat([_use(found, now), _use(dropped, before)])
    few = judged.filter(pl.col("noncognitive") == "X").select("person", pl.col("valid").alias("count"))
    return pl.concat(
        [
            reasons.shape(_with_sources(used, facts, as_of), code=pl.col("code")),
            reasons.shape(few, code="SX_FEW_SCALES"),
            *_absence(judged, missed, rules),
        ]
    )


def _found(judged: pl.DataFrame) -> pl.DataFrame:
    """person, scale_code, code, tenths of every flag that is up."""
    name = pl.col("name")
    up = _long(judged, [f"{flag}_{scale}" for flag in FLAGS for scale in SCALES]).filter("value")
    flags = up.select(
        "person",
        name.str.replace(f"^({'|'.join(FLAGS)})_", "").cast(SCALE).alias("scale_code"),
        name.str.to_uppercase().alias("code"),
    )
    for column in ("t", "before"):
        scores = _long(judged, [f"{column}_{scale}" for scale in SCALES])
        scale = name.str.strip_prefix(f"{column}_").cast(SCALE).alias("scale_code")
        flags = flags.join(scores.select("person", scale, pl.col("value").alias(column)), on=["person", "scale_code"])
    change = pl.col("t") - pl.when(pl.col("code").str.starts_with("DROP_")).then("before").otherwise(0)
    return flags.select("person", "scale_code", "code", change.alias("tenths"))


def _long(judged: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """person, name, value: one row a pupil and column."""
    return judged.unpivot(columns, index="person", variable_name="name")


def _use(found: pl.DataFrame, scales: pl.DataFrame) -> pl.DataFrame:
    return found.join(scales.drop("t"), on=["person", "scale_code"])


def _with_sources(used: pl.DataFrame, facts: Facts, as_of: date) -> pl.DataFrame:
    """A scale without one source rests on several rows of answers."""
    direct = used.filter(pl.col("source").is_not_null())
    by_items = used.filter(pl.col("source").is_null()).drop("source")
    wanted = by_items.select(*SHEET, "scale_code").unique()
    sources = item_sources(facts.frame("life_answer"), facts.frame("instrument_key"), wanted, as_of=as_of)
    indirect = by_items.join(sources, on=[*SHEET, "scale_code"])
    columns = ["person", "code", "tenths", "source"]
    return pl.concat([direct.select(columns), indirect.select(columns)])


def _absence(judged: pl.DataFrame, missed: pl.DataFrame, rules: NoncognitiveRules) -> Iterator[pl.DataFrame]:
    """Rests on the rows that have an absence."""
    rows = missed.filter(pl.col("days") > 0).select("person", "source")
    cuts = {"ABSENCE_15": rules.absence_low_days, "ABSENCE_30": rules.absence_rank3_days}
    for code, cut in cuts.items():
        reached = judged.filter(pl.col("absence") >= cut).select("person", pl.col("absence").alias("count"))
        yield reasons.shape(reached.join(rows, on="person", how="left"), code=code)

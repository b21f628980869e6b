"""The scales that a judgement looks at: those of the latest survey, and of the fiscal year before (reading 16)."""

from datetime import date

import polars as pl

from models.calendar import earliest_within
from models.judgement.newest import newest
from models.judgement.noncognitive.items import SCALE, SURVEY
from models.judgement.noncognitive.scales import Scales

HEALTH = pl.lit("health", SCALE)


def looked_at(
    scales: Scales, physical: pl.DataFrame, pupils: pl.DataFrame, *, as_of: date, months: int
) -> pl.DataFrame:
    """Columns of Scales.t and `back`: 0 for each pupil's latest survey that is (or may be) at most `months` before
    `as_of`, 1 for that of the fiscal year before it, however old.

    Where 健康・体力 is missing beside another scale, the total_dev of that fiscal year (feed 8) is its t.
    """
    surveys = scales.surveys.join(pupils, on="person", how="semi")
    chosen = _chosen(surveys, as_of=as_of, months=months)
    asked = scales.t.join(chosen, on=SURVEY)
    if physical.is_empty() or asked.is_empty():
        return asked
    return pl.concat([asked, _measured(asked, physical)], how="diagonal")


def _chosen(surveys: pl.DataFrame, *, as_of: date, months: int) -> pl.DataFrame:
    """person, survey_id, fy and back of the surveys looked at."""
    recent = surveys.filter(pl.col("last") >= earliest_within(as_of, months))
    now = newest(recent, ["person"], ("first", "known_at", "survey_id")).select(*SURVEY, back=0)
    year_before = now.select("person", pl.col("fy") - 1)
    return pl.concat([now, surveys.join(year_before, on=["person", "fy"], how="semi").select(*SURVEY, back=1)])


def _measured(asked: pl.DataFrame, physical: pl.DataFrame) -> pl.DataFrame:
    """健康・体力 of the surveys that lack it, from the year's measurement; without form and key version."""
    lacks = (pl.col("scale_code") != HEALTH).all()
    without = asked.group_by(*SURVEY, "back").agg(lacks.alias("lacks")).filter("lacks")
    found = physical.drop_nulls("total_dev").join(without, on=["person", "fy"])
    latest = newest(found, ["person", "fy"], ("known_at", "tie", "source"))
    return latest.select(*SURVEY, "back", "source", scale_code=HEALTH, t="total_dev")

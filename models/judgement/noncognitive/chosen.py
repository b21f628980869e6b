"""The scales that a judgement looks at: those of the latest survey, and of the fiscal year before (reading 16)."""

from datetime import date

import polars as pl

from models.calendar import earliest_within
from models.judgement.noncognitive.items import SURVEY
from models.judgement.noncognitive.scales import Scales

HEALTH = "health"


def latest_survey(surveys: pl.DataFrame, *, as_of: date, months: int) -> pl.DataFrame:
    """person, survey_id, fy of each pupil's latest survey that is (or may be) at most `months` before `as_of`."""
    recent = surveys.filter(pl.col("last") >= earliest_within(as_of, months))
    ordered = recent.sort("first", "known_at", "survey_id")
    return ordered.unique("person", keep="last", maintain_order=True).select(SURVEY)


def survey_before(chosen: pl.DataFrame, surveys: pl.DataFrame) -> pl.DataFrame:
    """person, survey_id, fy of the survey of the fiscal year before, however old."""
    return chosen.select("person", pl.col("fy") - 1).join(surveys, on=["person", "fy"]).select(SURVEY)


def scales_of(chosen: pl.DataFrame, scales: Scales, physical: pl.DataFrame) -> pl.DataFrame:
    """Columns of Scales.t, of the chosen surveys.

    Where 健康・体力 is missing beside another scale, the total_dev of that fiscal year (feed 8) is its t.
    """
    asked = scales.t.join(chosen, on=SURVEY, how="semi")
    without = asked.filter(~(pl.col("scale_code") == HEALTH).any().over("person")).select(SURVEY).unique()
    measured = (
        physical.drop_nulls("total_dev")
        .join(without, on=["person", "fy"])
        .sort("known_at", "tie", "source")
        .unique("person", keep="last", maintain_order=True)
        .select(
            *SURVEY,
            pl.lit(HEALTH).cast(asked.schema["scale_code"]).alias("scale_code"),
            pl.col("total_dev").alias("t"),
            "source",
        )
    )
    return pl.concat([asked, measured], how="diagonal")

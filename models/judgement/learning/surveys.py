"""A pupil's T in a survey, and which surveys a judgement looks at (reading 13)."""

from datetime import date

import polars as pl

from models.calendar import earliest_within
from models.judgement.engine import engine_of
from models.judgement.newest import newest

ORDER = ("first", "known_at", "survey_id")  # of surveys: the last is the latest
SURVEY = ("person", "survey_id", "fy")


def mean_scores(rows: pl.DataFrame, *, min_subjects: int) -> pl.DataFrame:
    """T (tenths, the exact mean half up) of every pupil and survey with enough subjects, in order of date.

    rows: one score a pupil, survey and subject; the last dated one dates the survey
    Returns person, survey_id, fy, t, first and last day the survey may be of, known_at.
    """
    total, n = pl.col("total").cast(pl.Int64), pl.col("n").cast(pl.Int64)
    return (
        rows.lazy()
        .group_by(SURVEY)
        .agg(
            pl.sum("score").alias("total"),
            pl.len().alias("n"),
            pl.max("first", "last", "known_at"),
        )
        .filter(pl.col("n") >= min_subjects)
        .select(*SURVEY, ((2 * total + n) // (2 * n)).cast(pl.Int32).alias("t"), "first", "last", "known_at")
        .sort(ORDER)
        .collect(engine=engine_of(rows))
    )


def latest(surveys: pl.DataFrame, *, as_of: date, months: int) -> pl.DataFrame:
    """Each pupil's latest survey that is (or may be) at most `months` before `as_of`."""
    recent = surveys.filter(pl.col("last") >= earliest_within(as_of, months))
    return recent.unique("person", keep="last", maintain_order=True)


def latest_of_year(surveys: pl.DataFrame) -> pl.DataFrame:
    """Each pupil's latest survey of every fiscal year, however old."""
    return newest(surveys, ("person", "fy"), ORDER)

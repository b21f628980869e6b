"""A pupil's T in a survey, and which surveys a judgement looks at (reading 13)."""

from datetime import date

import polars as pl

from models.calendar import earliest_within
from models.judgement.engine import MANY, Frame
from models.judgement.newest import newest

ORDER = ("first", "known_at", "survey_id")  # of surveys: the last is the latest
SURVEY = ("person", "survey_id", "fy")
_TOTAL, _N = pl.sum("score").cast(pl.Int64), pl.len().cast(pl.Int64)


def mean_scores(rows: pl.DataFrame, *, min_subjects: int) -> pl.DataFrame:
    """T (tenths, the exact mean half up) of every pupil and survey with enough subjects.

    rows: one score a pupil, survey and subject; the last dated one dates the survey
    Returns person, survey_id, fy, t, n (subjects), first and last day the survey may be of, known_at.
    """
    if rows.height < MANY:
        return _means(rows, min_subjects)
    return _means(rows.lazy(), min_subjects).collect(engine="streaming")


def _means(rows: Frame, min_subjects: int) -> Frame:
    t = (2 * _TOTAL + _N) // (2 * _N)
    surveys = rows.group_by(SURVEY).agg(t.cast(pl.Int32).alias("t"), _N.alias("n"), pl.max("first", "last", "known_at"))
    return surveys.filter(pl.col("n") >= min_subjects)


def latest(surveys: pl.DataFrame, *, as_of: date, months: int) -> pl.DataFrame:
    """Each pupil's latest survey that is (or may be) at most `months` before `as_of`."""
    return newest(surveys.filter(pl.col("last") >= earliest_within(as_of, months)), ["person"], ORDER)


def latest_of_year(surveys: pl.DataFrame) -> pl.DataFrame:
    """Each pupil's latest survey of every fiscal year, however old."""
    return newest(surveys, ("person", "fy"), ORDER)

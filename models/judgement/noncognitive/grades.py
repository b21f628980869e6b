"""In which year group a pupil's answers are compared (readings 15 and 22)."""

from datetime import date

import polars as pl

from models.calendar import GRADES, grade_at
from models.judgement.facts import Facts

GRADE = pl.Enum(list(GRADES.values()))


def with_grade(surveys: pl.DataFrame, facts: Facts, *, as_of: date) -> pl.DataFrame:
    """Adds `grade` (GRADE): by birth date at the survey's fiscal year, else of 学齢簿 on its day, else null.

    surveys: person, fy, first (day of the survey); one row a person and fiscal year
    """
    born = surveys.join(_births(facts.frame("resident"), as_of), on="person", how="left").with_columns(
        grade_at(pl.col("birth"), pl.col("fy")).cast(GRADE).alias("grade")
    )
    unborn = born.filter(pl.col("birth").is_null()).drop("birth", "grade")
    listed = unborn.join(_listed(unborn, facts.frame("gakureibo")), on=["person", "fy"], how="left")
    columns = [*surveys.columns, "grade"]
    return pl.concat([born.filter(pl.col("birth").is_not_null()).select(columns), listed.select(columns)])


def _births(residents: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The first day the birth may be, of every person ever registered up to `as_of`: of the row in force, else the last."""
    began = residents.filter(pl.col("effective_from") <= as_of)
    in_force = pl.col("effective_to").is_null() | (pl.col("effective_to") >= as_of)
    return (
        began.sort(in_force, "effective_from", "rireki_no", "known_at", "tie", nulls_last=False)
        .unique("person", keep="last", maintain_order=True)
        .select("person", "birth")
    )


def _listed(surveys: pl.DataFrame, gakureibo: pl.DataFrame) -> pl.DataFrame:
    """person, fy, grade of the row of 学齢簿 in force on the day of the survey; of several the latest."""
    day, end = pl.col("first"), pl.col("effective_to")
    rows = surveys.select("person", "fy", "first").join(gakureibo, on="person")
    return (
        rows.filter(pl.col("effective_from") <= day, end.is_null() | (end >= day))
        .sort("effective_from", "known_at", "tie", nulls_last=False)
        .unique(["person", "fy"], keep="last", maintain_order=True)
        .select("person", "fy", pl.col("grade").cast(GRADE, strict=False))
    )

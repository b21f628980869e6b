"""In which year group a pupil's answers are compared (readings 15 and 22)."""

from datetime import date

import polars as pl

from models.calendar import GRADES, grade_at
from models.judgement import days
from models.judgement.facts import Facts
from models.judgement.newest import newest

GRADE = pl.Enum(list(GRADES.values()))
_BY = ("effective_from", "known_at", "tie")


def with_grade(surveys: pl.DataFrame, facts: Facts, *, as_of: date) -> pl.DataFrame:
    """Adds `grade` (GRADE): by birth date at the survey's fiscal year, else of 学齢簿 on its day, else null.

    surveys: person, fy, first (day of the survey); one row a person and fiscal year
    """
    if surveys.is_empty():
        return surveys.with_columns(pl.lit(None, GRADE).alias("grade"))
    birth = pl.col("birth")
    born = surveys.join(_births(facts.frame("resident"), as_of), on="person", how="left").with_columns(
        grade_at(birth, pl.col("fy")).cast(GRADE).alias("grade")
    )
    unborn = born.filter(birth.is_null())
    if unborn.is_empty():
        return born.drop("birth")
    listed = unborn.drop("birth", "grade").join(
        _listed(unborn, facts.frame("gakureibo")), on=["person", "fy"], how="left"
    )
    return pl.concat([born.filter(birth.is_not_null()).drop("birth"), listed])


def _births(residents: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The first day the birth may be, of every person ever registered up to `as_of`: of the row in force, else the last."""
    began = residents.filter(pl.col("effective_from") <= as_of).with_columns(in_force=days.in_effect(as_of))
    return newest(began, ["person"], ("in_force", "effective_from", "rireki_no", "known_at", "tie")).select(
        "person", "birth"
    )


def _listed(surveys: pl.DataFrame, gakureibo: pl.DataFrame) -> pl.DataFrame:
    """person, fy, grade of the row of 学齢簿 in force on the day of the survey; of several the latest."""
    day, end = pl.col("first"), pl.col("effective_to")
    rows = surveys.select("person", "fy", "first").join(gakureibo, on="person")
    in_force = rows.filter(pl.col("effective_from") <= day, end.is_null() | (end >= day))
    return newest(in_force, ["person", "fy"], _BY).select("person", "fy", pl.col("grade").cast(GRADE, strict=False))

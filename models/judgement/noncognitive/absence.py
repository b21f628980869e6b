"""Days of absence in the last whole calendar months (reading 17); 出席停止 and 忌引 are no absence."""

from datetime import date

import polars as pl

from models.calendar import last_whole_months

ABSENT = ("absent_sick", "absent_other", "absent_unknown")


def absences(attendance: pl.DataFrame, *, as_of: date, months: int) -> pl.DataFrame:
    """Rows of the last `months` calendar months whose last day is ≤ `as_of`: person, days (may be 0), source."""
    first, last = last_whole_months(as_of, months)
    window = attendance.filter(pl.col("ym").is_between(first, last))
    return window.select("person", pl.sum_horizontal(ABSENT).cast(pl.Int32).alias("days"), "source")


def total(absences: pl.DataFrame) -> pl.DataFrame:
    """One row a pupil who has any row in the window: person, absence (days, Int32)."""
    return absences.group_by("person").agg(pl.sum("days").cast(pl.Int32).alias("absence"))

"""Which rows of surveys a judgement looks at: without this a run would read every pupil's whole school life."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from models.calendar import earliest_within
from models.judgement import days
from models.judgement.engine import Frame


def dated(rows: Frame) -> Frame:
    """Adds `first` and `last`, the days that `date` may be."""
    return rows.with_columns(days.first("date").alias("first"), days.last("date").alias("last"))


def recent(surveys: Sequence[pl.DataFrame], *, as_of: date, months: int, years_before: int) -> list[pl.DataFrame]:
    """The rows, `dated`, that may be of `as_of` or before, none of them older than this judgement looks back.

    That is `years_before` fiscal years before the first one that has a row at most `months` old in any of the surveys;
    without such a row nothing is left. Fiscal years are those that the rows state, whatever their dates.
    """
    all_rows = [dated(rows) for rows in surveys]
    by_then = pl.col("first") <= as_of
    in_window = pl.col("fy").filter(by_then & (pl.col("last") >= earliest_within(as_of, months)))
    years = [rows.select(in_window.min()).item() for rows in all_rows if rows.height]
    year = min((year for year in years if year is not None), default=None)
    if year is None:
        return [rows.clear() for rows in all_rows]
    return [rows.filter((pl.col("fy") >= year - years_before) & by_then) for rows in all_rows]

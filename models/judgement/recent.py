"""Which fiscal years of surveys a judgement looks at: without this a run would read every pupil's whole school life."""

from collections.abc import Iterable
from datetime import date

import polars as pl

from models.calendar import earliest_within
from models.judgement import days


def first_year(surveys: Iterable[pl.DataFrame], *, as_of: date, months: int) -> int | None:
    """The first fiscal year that has a row at most `months` before `as_of`, of columns fy, date (both forms), event_day.

    None where no row is so recent. Fiscal years are those that the rows state, whatever their dates.
    """
    in_window = days.may_be_between("date", earliest_within(as_of, months), as_of)
    given = (rows for rows in surveys if not rows.is_empty())
    years = (rows.select(pl.col("fy").filter(in_window).min()).item() for rows in given)
    return min((year for year in years if year is not None), default=None)


def since(rows: pl.DataFrame, year: int | None) -> pl.DataFrame:
    """Rows of the fiscal year `year` and later; none for None."""
    return rows.clear() if year is None else rows.filter(pl.col("fy") >= year)

"""Days, months and years as the law and the schools count them. All days are Japanese calendar days.

The fiscal year begins on 1 April. A person attains an age at the end of the day before the birthday
(年齢計算ニ関スル法律), so a school year takes those born from 2 April to the next 1 April.
"""

from calendar import monthrange
from datetime import date, timedelta

import polars as pl

ADULT_AGE = 18  # years; the day it is attained begins the last fiscal year in scope
ENTRY_AGE = 6  # years attained by 31 March before the child enters P1
GRADES = {  # without a gap: grade_at counts on it
    -2: "E1", -1: "E2", 0: "E3",
    1: "P1", 2: "P2", 3: "P3", 4: "P4", 5: "P5", 6: "P6",
    7: "J1", 8: "J2", 9: "J3",
    10: "H1", 11: "H2", 12: "H3",
}  # fmt: skip
_GRADES = pl.lit(pl.Series([None, *GRADES.values(), None]))  # before and after there is none


def plus_months(day: date, months: int) -> date:
    """The corresponding day (応当日) `months` later, or the last day of that month where there is none."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month0 + 1, min(day.day, monthrange(year, month0 + 1)[1]))


def earliest_within(day: date, months: int) -> date:
    """The first day E that is at most `months` ago at `day`: day ≤ E + months. Earlier days are further back.

    Since E + months never falls as E grows, one comparison with this day serves a whole column.
    """
    candidate = plus_months(day, -months)
    return candidate if plus_months(candidate, months) >= day else candidate + timedelta(days=1)


def month_of(day: date) -> int:
    """The month as a whole number, YYYYMM."""
    return day.year * 100 + day.month


def last_whole_months(day: date, months: int) -> tuple[int, int]:
    """First and last (both included) of the last `months` calendar months that ended on or before `day`, as YYYYMM."""
    month_end = monthrange(day.year, day.month)[1]
    last = day if day.day == month_end else plus_months(day.replace(day=1), -1)
    return month_of(plus_months(last.replace(day=1), 1 - months)), month_of(last)


def fiscal_year(day: date) -> int:
    """The fiscal year of a day, named by the calendar year it begins in."""
    return day.year if day.month >= 4 else day.year - 1


def fiscal_year_of(day: pl.Expr) -> pl.Expr:
    """`fiscal_year` over a column of days; null stays null."""
    return day.dt.offset_by("-3mo").dt.year()


def fiscal_year_of_month(month: pl.Expr) -> pl.Expr:
    """The fiscal year of a column of months YYYYMM."""
    return month // 100 - (month % 100 < 4).cast(pl.Int32)


def attained_on(birth: date, age: int) -> date:
    """The day at whose end the person attains `age`: the day before the birthday.

    Born on 29 February, this is 28 February, in a common year too (the day before 1 March).
    """
    try:
        return birth.replace(year=birth.year + age) - timedelta(days=1)
    except ValueError:
        return date(birth.year + age, 2, 28)


def last_day_in_scope(birth: date) -> date:
    """The first 31 March on or after the day of attaining 18; that day is in scope."""
    return date(fiscal_year(attained_on(birth, ADULT_AGE)) + 1, 3, 31)


def first_birth_in_scope(day: date) -> date:
    """The earliest birthday of a child who is still in scope on `day`."""
    return date(fiscal_year(day) - ADULT_AGE, 4, 2)


def school_year_of(birth: pl.Expr) -> pl.Expr:
    """The fiscal year of the day before birth: the same for all who go through school together; null stays null."""
    return birth.dt.offset_by("-3mo1d").dt.year()


def grade_at(birth: pl.Expr, year: int | pl.Expr) -> pl.Expr:
    """The grade by birth date alone in a fiscal year: E1–E3, P1–P6, J1–J3, H1–H3, else (or without a birth) null."""
    first = ENTRY_AGE + min(GRADES)  # years attained in the first of the grades; one less finds the null before it
    return _GRADES.gather((year - (first - 1) - school_year_of(birth)).clip(0, len(GRADES) + 1).cast(pl.UInt32))


def before_school(birth: pl.Expr, day: date) -> pl.Expr:
    """True until 31 March before the child enters P1, that day included; null without a birth."""
    return fiscal_year(day) - school_year_of(birth) <= ENTRY_AGE

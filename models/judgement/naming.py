"""Which rows name a person as the child, and when (readings 6 and 26)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import polars as pl

from models import calendar
from models.judgement import days
from models.judgement.facts import Facts


@dataclass(frozen=True)
class Naming:
    """How one feed names a child.

    column:   the person who is the child
    in_force: whether the row is in force at a day; feeds 6 to 9 and 16 have no end, so their rows hold from their day, month or year on
    year:     the fiscal year the row is about; None where an older child is no oddity
    """

    column: str
    in_force: Callable[[date], pl.Expr]
    year: pl.Expr | None


def _from(name: str) -> Callable[[date], pl.Expr]:
    return lambda day: days.first(name) <= day


def _between(start: str, end: str) -> Callable[[date], pl.Expr]:
    return lambda day: days.may_be_in_force(start, end, day)


def _in_months(day: date) -> pl.Expr:
    month, end = calendar.month_of(day), pl.col("to_month")
    return (pl.col("from_month") <= month) & (end.is_null() | (end >= month))


_FY = pl.col("fy")
NAMINGS: dict[str, Naming] = {
    "gakureibo": Naming("person", days.in_effect, None),
    "academic": Naming("person", _from("date"), _FY),
    "life_answer": Naming("person", _from("date"), _FY),
    "life_scale": Naming("person", _from("date"), _FY),
    "physical": Naming("person", lambda day: _FY <= calendar.fiscal_year(day), _FY),
    "attendance": Naming(
        "person", lambda day: pl.col("ym") <= calendar.month_of(day), calendar.fiscal_year_of_month(pl.col("ym"))
    ),
    "shugaku_enjo": Naming("child", _between("from_date", "to_date"), _FY),
    "jido_fuyo_teate": Naming("child", _in_months, None),
    "boshi_hoken": Naming("child", _from("due_from"), calendar.fiscal_year_of(days.first("due_from"))),
    "hoiku": Naming("child", _between("from_date", "to_date"), calendar.fiscal_year_of(days.first("from_date"))),
    "soudan": Naming("child", _between("received", "closed"), None),
}


def named_in_force(facts: Facts, persons: pl.DataFrame, day: date) -> pl.DataFrame:
    """Those of `persons` (column person) whom a row in force at `day` names as the child."""
    if persons.is_empty():
        return persons
    found = [
        facts.frame(feed).filter(naming.in_force(day)).select(person=naming.column) for feed, naming in NAMINGS.items()
    ]
    return persons.join(pl.concat(found), on="person", how="semi")


def named_past_scope(facts: Facts, persons: pl.DataFrame, day: date) -> pl.DataFrame:
    """Those of `persons` (person, birth) whom a row names as the child in a fiscal year after the last one in scope.

    Rows about a fiscal year after that of `day` do not count.
    """
    born = persons.select("person", last_year=calendar.school_year_of(pl.col("birth")) + calendar.ADULT_AGE)
    older = born.filter(pl.col("last_year") < calendar.fiscal_year(day))  # of the others there is no such row
    found = [
        rows.select(person=naming.column, year=naming.year)
        .join(older, on="person")
        .filter((pl.col("year") > pl.col("last_year")) & (pl.col("year") <= calendar.fiscal_year(day)))
        .select("person")
        for feed, naming in NAMINGS.items()
        if naming.year is not None and not (rows := facts.frame(feed)).is_empty()
    ]
    return pl.concat([persons.clear().select("person"), *found]).unique()

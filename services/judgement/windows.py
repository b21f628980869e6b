"""What a judgement can look at, so that a run does not read every child's whole life.

A window holds for records that were never revised; of the others the snapshot reads all versions. A window may let in more
than the kernel looks at, never less: the kernel decides by itself what counts.
"""

from datetime import date
from typing import Any

from psycopg import Connection, sql

from models import calendar
from schemas.rules import RuleSet

BY_PUPIL = frozenset({"life_answer", "life_scale", "physical", "attendance"})  # rows that bear a 児童生徒番号 alone
BY_EITHER = frozenset({"academic", "edu_support"})  # or a 宛名番号
YEARS_COMPARED = {"academic": 2, "life": 1}  # before the first year with a survey in its window
CHILDHOOD = 8  # years: a check-up counts until school begins


def windows_of(conn: Connection[Any], *, as_of: date, rules: RuleSet) -> dict[str, sql.Composable]:
    """A condition on `facts.FEED f` for each feed that has one; `kept` are numbers whose rows are wanted at any age."""
    month = calendar.month_of(as_of)
    academic = _first_year(conn, "academic", as_of, rules.learning.survey_age_months) - YEARS_COMPARED["academic"]
    age = rules.noncognitive.survey_age_months
    life = min(_first_year(conn, feed, as_of, age) for feed in ("life_answer", "life_scale")) - YEARS_COMPARED["life"]
    conditions = {
        "academic": sql.SQL("f.fy >= {}").format(sql.Literal(academic)),
        **dict.fromkeys(("life_answer", "life_scale", "physical"), sql.SQL("f.fy >= {}").format(sql.Literal(life))),
        # whole years of months, and the month that is not over yet
        "attendance": sql.SQL("f.ym BETWEEN {} AND {}").format(
            sql.Literal(month - 100 * -(-rules.noncognitive.absence_months // 12)), sql.Literal(month)
        ),
    }
    windows: dict[str, sql.Composable] = {feed: _or_kept(feed, condition) for feed, condition in conditions.items()}
    windows["tax_class"] = sql.SQL("f.fy BETWEEN {year} - 1 AND {year}").format(year=sql.Literal(as_of.year))
    windows["household"] = _not_over_before(as_of)
    windows["gakureibo"] = _not_over_before(date(min(academic, life), 4, 1))  # a grade is asked on a survey's date
    windows["boshi_hoken"] = sql.SQL(
        "num_nulls(f.due_to_precision, f.visited_precision) < 2 OR f.child_key = ANY (%(kept)s)"
        " OR greatest(f.due_to, f.visited) >= {}"
    ).format(sql.Literal(as_of.replace(year=as_of.year - CHILDHOOD, day=1)))
    return windows


def _not_over_before(day: date) -> sql.Composable:
    return sql.SQL("f.effective_to_precision IS NOT NULL OR coalesce(f.effective_to, 'infinity') >= {}").format(
        sql.Literal(day)
    )


def _or_kept(feed: str, condition: sql.Composable) -> sql.Composable:
    bearers = ["pupil_key"] if feed in BY_PUPIL else ["pupil_key", "person_key"]
    kept = [sql.SQL("f.{} = ANY (%(kept)s)").format(sql.Identifier(bearer)) for bearer in bearers]
    return sql.SQL(" OR ").join([condition, *kept])


def _first_year(conn: Connection[Any], feed: str, as_of: date, months: int) -> int:
    """The first fiscal year of any row that may be dated in the months before `as_of`; this year where there is none."""
    query = sql.SQL(
        "SELECT min(fy) FROM facts.{} WHERE date IS NULL OR date_precision IS NOT NULL OR date BETWEEN {} AND {}"
    ).format(sql.Identifier(feed), sql.Literal(calendar.earliest_within(as_of, months)), sql.Literal(as_of))
    row = conn.execute(query).fetchone()
    return calendar.fiscal_year(as_of) if row is None or row[0] is None else int(row[0])

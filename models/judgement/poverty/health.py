"""母子保健 (reading 11): missed check-ups and 保健指導 that goes on, until 31 March before the child enters P1."""

from datetime import date, timedelta

import polars as pl

from models import calendar
from models.judgement import days, reasons
from models.judgement.newest import newest
from models.judgement.scope import Scope
from schemas.rules import RuleSet

PREGNANCY = "妊婦"  # a row about the mother, no visit of the child


def of_young_children(rows: pl.DataFrame, scope: Scope, *, as_of: date) -> pl.DataFrame:
    """Rows of the child itself while it is not of school age; a child without a birth date is taken to be young."""
    if rows.is_empty():
        return rows
    young = calendar.before_school(pl.col("birth"), as_of).fill_null(True)
    return scope.of_children(rows).filter(young)


def missed_checkups(rows: pl.DataFrame, *, as_of: date, rules: RuleSet) -> pl.DataFrame:
    """Reasons N1_CHECKUP_MISSED: past the grace, not visited by `as_of`, and the child not reached otherwise.

    rows: of young children
    """
    overdue_before = as_of - timedelta(days=rules.nurturing.checkup_grace_days)
    surely_visited = (days.last("visited") <= as_of).fill_null(False)
    missed = rows.filter(
        pl.col("kind").is_in(rules.nurturing.checkup_kinds)
        & (days.first("due_to") < overdue_before)
        & ~surely_visited
        & ~pl.col("reached_by_other").fill_null(False)
    ).rename({"kind": "text", "due_to": "day"})
    return reasons.shape(missed, code="N1_CHECKUP_MISSED")


def follow_up(rows: pl.DataFrame, *, as_of: date, rules: RuleSet) -> pl.DataFrame:
    """Reasons N1_HOKEN_SHIDO: the latest attended row has a result that asks for more.

    Among imprecise days, a row that asks for more is put on its last day, another on its first: if the former may be
    the latest, it is. A row that asks for nothing and may lie after `as_of` is no proof against it.

    rows: of young children
    """
    asks = pl.col("result").is_in(rules.nurturing.follow_up_results).fill_null(False)
    last_by_then = pl.min_horizontal(days.last("visited"), pl.lit(as_of))
    attended = (
        rows.filter((pl.col("kind") != PREGNANCY) & (days.first("visited") <= as_of))
        .filter(asks | (days.last("visited") <= as_of))
        .with_columns(asks=asks, counted_on=pl.when(asks).then(last_by_then).otherwise(days.first("visited")))
    )
    latest = newest(attended, ["person"], ["counted_on", "known_at", "tie"])
    open_ended = latest.filter("asks").rename({"result": "text", "visited": "day"})
    return reasons.shape(open_ended, code="N1_HOKEN_SHIDO")

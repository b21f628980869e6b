"""児童扶養手当 (reading 9): 全部支給 gives E2, 一部支給 E1; 全部停止 and 資格喪失 give no level."""

from datetime import date

import polars as pl

from models import calendar
from models.judgement import reasons
from models.judgement.newest import newest
from models.judgement.scope import Scope
from models.judgement.tables import value
from schemas.rules import RuleSet

CODES = {"全部支給": "E2_TEATE", "一部支給": "E1_TEATE"}


def findings(rows: pl.DataFrame, scope: Scope, *, as_of: date, rules: RuleSet) -> pl.DataFrame:
    """Reasons E2_TEATE and E1_TEATE of every child whose household has the recipient or the child."""
    month = calendar.month_of(as_of)
    in_force = rows.filter(
        (pl.col("from_month") <= month) & (pl.col("to_month").is_null() | (pl.col("to_month") >= month))
    )
    paid = newest(in_force, ["recipient", "child"], ["from_month", "known_at", "tie"]).filter(
        pl.col("status").is_in(list(CODES))
    )
    if paid.is_empty():
        return reasons.EMPTY
    reason = paid.select(
        "recipient",
        "child",
        "source",
        code=value(CODES, pl.col("status")),
        day=pl.date(pl.col("from_month") // 100, pl.col("from_month") % 100, 1),
    )
    named = reason.unpivot(["recipient", "child"], index=["code", "day", "source"], value_name="person")
    return reasons.shape(scope.of_households(named), code=pl.col("code"))

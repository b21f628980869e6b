"""児童扶養手当 (reading 9): 全部支給 gives E2, 一部支給 E1; 全部停止 and 資格喪失 give no level."""

from datetime import date

import polars as pl

from models import calendar
from models.judgement import reasons
from models.judgement.scope import Scope

CODES = {"全部支給": "E2_TEATE", "一部支給": "E1_TEATE"}


def findings(rows: pl.DataFrame, scope: Scope, *, as_of: date) -> pl.DataFrame:
    """Reasons E2_TEATE and E1_TEATE of every child whose household has the recipient or the child."""
    if rows.is_empty():
        return reasons.empty()
    month = calendar.month_of(as_of)
    paid = (
        rows.filter((pl.col("from_month") <= month) & (pl.col("to_month").is_null() | (pl.col("to_month") >= month)))
        .sort("from_month", "known_at", "tie")
        .unique(["recipient", "child"], keep="last", maintain_order=True)
        .with_columns(code=pl.col("status").replace_strict(CODES, default=None, return_dtype=pl.String))
        .filter(pl.col("code").is_not_null())
        .with_columns(day=pl.date(pl.col("from_month") // 100, pl.col("from_month") % 100, 1))
    )
    named = paid.unpivot(["recipient", "child"], index=["code", "day", "source"], value_name="person")
    return reasons.shape(scope.of_households(named), code=pl.col("code"))

"""就学援助 (readings 10 and 25): 準要保護 in force this school year gives E2; last year's alone gives E1."""

from datetime import date

import polars as pl

from models import calendar
from models.judgement import days, reasons
from models.judgement.scope import Scope
from schemas.rules import RuleSet

GRANTED, ENDED = "認定", "廃止"
SEMI_NEEDY = "準要保護"  # 要保護 gives no E2: 生活保護 itself decides


def findings(rows: pl.DataFrame, scope: Scope, *, as_of: date, rules: RuleSet) -> pl.DataFrame:
    """Reasons E2_ENJO and E1_ENJO_PREVIOUS of every child whose household has the child or the guardian."""
    year = calendar.fiscal_year(as_of)
    counted = rows.filter(_counts() & pl.col("fy").is_between(year - 1, year))
    if counted.is_empty():
        return reasons.EMPTY
    this_year = counted.filter(pl.col("fy") == year)
    now = this_year.filter(
        days.may_be_in_force("from_date", "to_date", as_of) & (pl.col("category") == SEMI_NEEDY),
    )
    still_granted = this_year.filter(days.surely_in_force("from_date", "to_date", as_of)).select("child")
    before = counted.filter((pl.col("fy") == year - 1) & (days.first("from_date") <= as_of))
    only_before = before.join(still_granted, on="child", how="anti")
    return reasons.concat([_reasons(now, scope, "E2_ENJO"), _reasons(only_before, scope, "E1_ENJO_PREVIOUS")])


def _counts() -> pl.Expr:
    """認定, or 廃止 with an end; 申請, 否認定 and 取消 count for nothing."""
    status = pl.col("status")
    return (status == GRANTED) | ((status == ENDED) & days.is_given("to_date"))


def _reasons(rows: pl.DataFrame, scope: Scope, code: str) -> pl.DataFrame:
    if rows.is_empty():
        return reasons.EMPTY
    kept = ["fy", "from_date", "source"]
    named = rows.unpivot(["child", "guardian"], index=kept, value_name="person")
    in_household = scope.of_households(named)
    return reasons.shape(in_household.rename({"fy": "count", "from_date": "day"}), code=code)

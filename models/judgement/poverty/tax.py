"""住民税 class of the household (readings 8 and 25): 非課税 gives E2, 均等割のみ E1. 未申告 and 不明 are no class."""

from datetime import date

import polars as pl

from models.judgement import reasons
from models.judgement.newest import newest
from models.judgement.scope import Scope
from models.judgement.tables import value
from schemas.rules import RuleSet

TAXED, FLAT_ONLY, UNTAXED = "課税", "均等割のみ", "非課税"
NO_CLASS = ("未申告", "不明")
CODES = {UNTAXED: "E2_TAX", FLAT_ONLY: "E1_TAX"}
COLUMNS = ("setai", "class", "source")


def tax_year(as_of: date, rules: RuleSet) -> int:
    """The year whose class counts: the calendar year of `as_of` from June on, else the one before."""
    return as_of.year if as_of.month >= rules.economic.tax_year_month else as_of.year - 1


def classes(rows: pl.DataFrame, scope: Scope, *, as_of: date, rules: RuleSet) -> pl.DataFrame:
    """The rows that make a household's class: setai, class (one a household, never of NO_CLASS), source.

    A household's own row goes before its members' rows, even if it states no class.
    """
    asked = rows.filter((pl.col("fy") == tax_year(as_of, rules)) & (pl.col("effective_from") <= as_of))
    of_households = _latest(asked.filter(pl.col("person").is_null()), "setai")
    of_members = _of_members(asked.drop_nulls("person"), of_households, scope)
    return pl.concat([of_households.filter(~pl.col("class").is_in(NO_CLASS)).select(COLUMNS), of_members])


def _latest(rows: pl.DataFrame, key: str) -> pl.DataFrame:
    return newest(rows, [key], ["effective_from", "known_at", "tie"])


def _of_members(rows: pl.DataFrame, of_households: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """Classes by members' rows: 課税 if any member is; else none if any has no class; else 均等割のみ if any is; else 非課税."""
    if rows.is_empty():
        return rows.select(COLUMNS)
    latest = _latest(rows, "person").select("person", "class", "source").join(scope.members, on="person")
    theirs = latest.join(of_households, on="setai", how="anti")
    found = pl.col("class")
    household = (
        pl.when((found == TAXED).any())
        .then(pl.lit(TAXED))
        .when(found.is_in(NO_CLASS).any())
        .then(None)
        .when((found == FLAT_ONLY).any())
        .then(pl.lit(FLAT_ONLY))
        .otherwise(pl.lit(UNTAXED))
    )
    return theirs.filter(found == household.over("setai")).select(COLUMNS)


def findings(classes: pl.DataFrame, scope: Scope, *, as_of: date, rules: RuleSet) -> pl.DataFrame:
    """Reasons E2_TAX and E1_TAX of every child of a household with such a class."""
    low = classes.filter(pl.col("class").is_in(list(CODES)))
    if low.is_empty():
        return reasons.EMPTY
    counted = scope.of_setai(low).with_columns(count=pl.lit(tax_year(as_of, rules)))
    return reasons.shape(counted, code=value(CODES, pl.col("class")))

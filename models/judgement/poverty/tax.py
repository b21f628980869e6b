"""住民税 class of the household (readings 8 and 25): 非課税 gives E2, 均等割のみ E1. 未申告 and 不明 are no class."""

from datetime import date

import polars as pl

from models.judgement import reasons
from models.judgement.scope import Scope
from schemas.rules import RuleSet

TAXED, FLAT_ONLY, UNTAXED = "課税", "均等割のみ", "非課税"
NO_CLASS = ("未申告", "不明")
CODES = {UNTAXED: "E2_TAX", FLAT_ONLY: "E1_TAX"}


def tax_year(as_of: date, rules: RuleSet) -> int:
    """The year whose class counts: the calendar year of `as_of` from June on, else the one before."""
    return as_of.year if as_of.month >= rules.economic.tax_year_month else as_of.year - 1


def classes(rows: pl.DataFrame, scope: Scope, *, as_of: date, rules: RuleSet) -> pl.DataFrame:
    """The rows that make a household's class: setai, class (one a household, never of NO_CLASS), source.

    A household's own row goes before its members' rows, even if it states no class.
    """
    asked = rows.filter((pl.col("fy") == tax_year(as_of, rules)) & (pl.col("effective_from") <= as_of))
    latest = asked.sort("effective_from", "known_at", "tie")
    of_households = (
        latest.filter(pl.col("person").is_null())
        .unique("setai", keep="last", maintain_order=True)
        .select("setai", "class", "source")
    )
    of_persons = (
        latest.filter(pl.col("person").is_not_null())
        .unique("person", keep="last", maintain_order=True)
        .select("person", "class", "source")
        .join(scope.members, on="person")
        .join(of_households, on="setai", how="anti")
    )
    stated = of_households.filter(~pl.col("class").is_in(NO_CLASS))
    return pl.concat([stated, _of_members(of_persons)])


def _of_members(rows: pl.DataFrame) -> pl.DataFrame:
    """課税 if any member is; else none if any has no class; else 均等割のみ if any is; else 非課税."""
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
    decided = rows.group_by("setai").agg(household.alias("household"))
    deciding = rows.join(decided, on="setai").filter(found == pl.col("household"))
    return deciding.select("setai", "class", "source")


def findings(classes: pl.DataFrame, scope: Scope, *, as_of: date, rules: RuleSet) -> pl.DataFrame:
    """Reasons E2_TAX and E1_TAX of every child of a household with such a class."""
    low = classes.with_columns(
        code=pl.col("class").replace_strict(CODES, default=None, return_dtype=pl.String),
        count=pl.lit(tax_year(as_of, rules)),
    ).filter(pl.col("code").is_not_null())
    return reasons.shape(scope.of_setai(low), code=pl.col("code"))

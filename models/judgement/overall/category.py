"""The category of a run taken by itself: w, the matrix, the look at the data, and the override."""

import polars as pl

from models.judgement import reasons
from models.judgement.tables import cell, value
from schemas.rules import RuleSet

OVERRIDE_CODE = "OVERRIDE_N3"


def categorise(ranks: pl.DataFrame, rules: RuleSet) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Adds w, raw_category and data_check to person, nurturing, poverty, learning, noncognitive.

    The second frame has a reason for each child whose category the override changed.
    """
    by_school = ranks.with_columns(cell(rules.w, pl.col("learning"), pl.col("noncognitive")).alias("w"))
    by_matrix = by_school.with_columns(
        cell(rules.matrix, pl.col("poverty"), pl.col("w")).alias("raw_category"),
        pl.col("poverty").is_in(rules.data_check).alias("data_check"),
    )
    raised = by_matrix.filter(_is_raised(rules))
    if raised.is_empty():
        return by_matrix, reasons.EMPTY
    at_least = pl.when(_is_raised(rules)).then(pl.lit(rules.override.at_least)).otherwise("raw_category")
    return by_matrix.with_columns(raw_category=at_least), reasons.shape(raised, code=OVERRIDE_CODE)


def _is_raised(rules: RuleSet) -> pl.Expr:
    least = rules.heights[rules.override.at_least]
    return (pl.col("nurturing") == rules.override.nurturing) & (value(rules.heights, pl.col("raw_category")) < least)

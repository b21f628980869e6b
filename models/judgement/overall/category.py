"""The category of a run taken by itself: w, the matrix, the look at the data, and the override."""

from collections.abc import Mapping

import polars as pl

from models.judgement import reasons
from models.judgement.tables import cells
from schemas.rules import RuleSet
from schemas.rules.names import Category

OVERRIDE_CODE = "OVERRIDE_N3"


def categorise(ranks: pl.DataFrame, rules: RuleSet) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Adds w, raw_category and data_check to person, nurturing, poverty, learning, noncognitive.

    The second frame has a reason for each child whose category the override changed.
    """
    by_matrix = ranks.join(cells(rules.w, "learning", "noncognitive", "w"), on=["learning", "noncognitive"], how="left")
    by_matrix = by_matrix.join(cells(rules.matrix, "poverty", "w", "raw_category"), on=["poverty", "w"], how="left")
    raised = _is_raised(rules)
    categorised = by_matrix.with_columns(
        raw_category=pl.when(raised).then(pl.lit(rules.override.at_least)).otherwise("raw_category"),
        data_check=pl.col("poverty").is_in(rules.data_check),
    )
    return categorised, reasons.shape(by_matrix.filter(raised), code=OVERRIDE_CODE)


def _is_raised(rules: RuleSet) -> pl.Expr:
    least = rules.heights[rules.override.at_least]
    return (pl.col("nurturing") == rules.override.nurturing) & (height("raw_category", rules.heights) < least)


def height(column: str, heights: Mapping[Category, int]) -> pl.Expr:
    """The height of a column of categories; null stays null."""
    return pl.col(column).replace_strict(dict(heights), default=None, return_dtype=pl.Int32)

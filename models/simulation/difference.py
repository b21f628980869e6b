"""Who would change: from which category to which, and in which groups of children.

`judged` is one run by both rule sets: child_id, before, after (categories), one row a child in scope.
"""

from collections.abc import Mapping

import polars as pl

from schemas.rules.names import Category

UP, DOWN = "up", "down"
GROUPS = ("school", "grade", "sex", "nationality", "area")


def moves(judged: pl.DataFrame) -> dict[tuple[str, str], int]:
    """(category before, category after) → children, those who stay included."""
    counted = judged.group_by("before", "after").len()
    return {(before, after): count for before, after, count in counted.iter_rows()}


def directions(judged: pl.DataFrame, heights: Mapping[Category, int]) -> pl.DataFrame:
    """Adds `direction`: up, down, or null where the height stays the same. heights: of the rule set in force."""
    before, after = (pl.col(name).replace_strict(dict(heights), return_dtype=pl.Int32) for name in ("before", "after"))
    return judged.with_columns(
        direction=pl.when(after > before).then(pl.lit(UP)).when(after < before).then(pl.lit(DOWN))
    )


def by_group(directed: pl.DataFrame, groups: pl.DataFrame, group: str) -> pl.DataFrame:
    """group (String; null = the register does not say), children, up, down; in order of the group's name.

    directed: as `directions` gives it; groups: child_id and a column `group`
    """
    return (
        directed.join(groups.select("child_id", pl.col(group).alias("group")), on="child_id", how="left")
        .group_by("group")
        .agg(
            children=pl.len(),
            up=(pl.col("direction") == UP).sum(),
            down=(pl.col("direction") == DOWN).sum(),
        )
        .sort("group", nulls_last=True)
    )

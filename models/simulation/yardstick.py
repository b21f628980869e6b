"""A yardstick for rule sets: how a logistic regression would have ordered the same children, fitted on earlier runs alone.

It never judges a child: nobody's category, list or page rests on it. It answers one question of a council, whether the
same data would have served better at the same length of list. It sees what a run of its day could have seen: earlier
runs, and outcomes that the city knew by that day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.linear_model import LogisticRegression

from models.judgement.kernel import SCALE_COLUMNS
from models.simulation.outcomes import already_cases, found_after
from schemas.rules.names import ECONOMIC, NURTURING

FEWEST = 10  # children found to need support; with fewer there is nothing to learn from
MIDDLE, SPREAD = 500, 100  # tenths: mean and SD that T and t have
MONTH = 30  # days of absence


@dataclass(frozen=True)
class Past:
    """One run: its as-of date, and of each child child_id, economic, nurturing, t, absence and the scales' t."""

    as_of: date
    children: pl.DataFrame


def ordered(now: Past, earlier: Sequence[Past], outcomes: pl.DataFrame) -> pl.DataFrame | None:
    """child_id of every child of `now`, the most likely to be found in need first; None where too little is known.

    earlier:   runs of any day; those that are not before `now` are not looked at
    outcomes:  models.simulation.outcomes; those known after the as-of date of `now` are not looked at
    """
    known = outcomes.filter(pl.col("known") <= now.as_of, pl.col("day") <= now.as_of)
    learned = [_labelled(each, known) for each in earlier if each.as_of < now.as_of]
    rows = pl.concat(learned) if learned else pl.DataFrame(schema={"need": pl.Boolean()})
    if not FEWEST <= rows["need"].sum() < rows.height:
        return None
    model = LogisticRegression(max_iter=1000).fit(_features(rows), rows["need"].to_numpy())
    score = pl.Series(model.decision_function(_features(now.children)))
    return now.children.with_columns(score=score).sort("score", "child_id", descending=[True, False]).select("child_id")


def _labelled(past: Past, known: pl.DataFrame) -> pl.DataFrame:
    """The children of an earlier run with what was found out since; nothing found counts as no need."""
    return (
        past.children.join(already_cases(known, past.as_of), on="child_id", how="anti")
        .join(found_after(known, past.as_of), on="child_id", how="left")
        .with_columns(pl.col("need").fill_null(value=False))
        .sort("child_id")
    )


def _features(children: pl.DataFrame) -> npt.NDArray[np.float64]:
    """Levels as marks, scores in spreads from the middle with a mark where there is none, absence in months."""
    scores = ("t", *SCALE_COLUMNS)
    return children.select(
        *((pl.col("economic") == level).cast(pl.Float64).alias(level) for level in ECONOMIC),
        *((pl.col("nurturing") == level).cast(pl.Float64).alias(level) for level in NURTURING),
        *(((pl.col(name).fill_null(MIDDLE) - MIDDLE) / SPREAD).alias(name) for name in scores),
        *(pl.col(name).is_null().cast(pl.Float64).alias(f"no_{name}") for name in (*scores, "absence")),
        (pl.col("absence").fill_null(0) / MONTH).alias("absence"),
    ).to_numpy()

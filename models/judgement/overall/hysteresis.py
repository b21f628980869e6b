"""A category rises at once and falls only after a second consecutive lower run (reading 18)."""

from collections.abc import Sequence

import polars as pl

from models.judgement.overall.category import height
from schemas.rules import RuleSet


def settle(current: pl.DataFrame, history: Sequence[pl.DataFrame], rules: RuleSet) -> pl.DataFrame:
    """The category of each child of this run: person, category.

    current: person, raw_category of this run
    history: the same of earlier official runs, in order of as-of date, one per as-of date, one row a child; a child that a frame lacks
             was not judged then, which neither counts nor breaks its sequence
    """
    if rules.hysteresis.lower_runs == 1:
        return current.select("person", category="raw_category")
    none = pl.lit(None, dtype=pl.String)
    state = current.select("person", category=none, pending=none)
    for run in [*history, current]:
        state = _step(state, run.select("person", "raw_category"), rules)
    return state.select("person", "category")


def _step(state: pl.DataFrame, run: pl.DataFrame, rules: RuleSet) -> pl.DataFrame:
    """One run on. `category` is what holds; `pending` is the first lower result since, or null."""
    category, pending, raw = (pl.col(name) for name in ("category", "pending", "raw_category"))
    held, first, now = (height(name, rules.heights) for name in ("category", "pending", "raw_category"))
    joined = state.join(run, on="person", how="left", maintain_order="left")
    not_judged, not_lower = raw.is_null(), category.is_null() | (now >= held)
    first_lower = pending.is_null()
    return joined.select(
        "person",
        category=pl.when(not_judged | (~not_lower & first_lower))
        .then(category)
        .when(not_lower | (now >= first))
        .then(raw)
        .otherwise(pending),
        pending=pl.when(not_judged)
        .then(pending)
        .when(not_lower)
        .then(None)
        .when(first_lower | (now < first))
        .then(raw),
    )

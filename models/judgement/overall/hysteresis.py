"""A category rises at once and falls only after a second consecutive lower run (reading 18)."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from schemas.rules import RuleSet
from schemas.rules.names import CATEGORIES

Places = npt.NDArray[np.int64]  # one a child: the place of its category in CATEGORIES, or NONE
NONE = -1


def settle(current: pl.DataFrame, history: Sequence[pl.DataFrame], rules: RuleSet) -> pl.DataFrame:
    """The category of each child of this run, in its order: person, category.

    current: person, raw_category of this run, by person
    history: the same of earlier official runs, in order of as-of date, one per as-of date, one row a child; a child that a frame lacks
             was not judged then, which neither counts nor breaks its sequence
    """
    if rules.hysteresis.lower_runs == 1:
        return current.select("person", category="raw_category")
    persons = current["person"].to_numpy()
    heights = np.array([*(rules.heights[name] for name in CATEGORIES), NONE])  # the last is that of NONE
    category = pending = np.full(len(persons), NONE)
    for run in [*history, current]:
        category, pending = _step(category, pending, _places(run, persons), heights)
    names = pl.Series("category", CATEGORIES).gather(pl.Series(category, dtype=pl.UInt32))
    return pl.DataFrame([current["person"], names])


def _places(run: pl.DataFrame, persons: npt.NDArray[np.int64]) -> Places:
    """What a run said of these persons, who are in order."""
    places = np.full(len(persons), NONE)
    judged = run["person"].to_numpy()
    at = np.searchsorted(persons, judged)
    known = at < len(persons)
    known[known] = persons[at[known]] == judged[known]
    said = run["raw_category"].cast(pl.Enum(CATEGORIES)).to_physical().to_numpy()
    places[at[known]] = said[known]
    return places


def _step(category: Places, pending: Places, now: Places, heights: Places) -> tuple[Places, Places]:
    """One run on. `category` is what holds; `pending` is the first lower result since, or NONE."""
    lower = (now != NONE) & (heights[now] < heights[category])
    waits = lower & (pending == NONE)  # for a second one
    deeper = lower & ~waits & (heights[now] < heights[pending])  # of the two the higher is what holds
    settled = np.where((now == NONE) | waits, category, np.where(deeper, pending, now))
    return settled, np.where(waits | deeper, now, np.where(now == NONE, pending, NONE))

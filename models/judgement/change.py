"""What is new since the run before: who rose or fell and through which facts, who is named for the first time, whom nobody knew.

A run's `said` is child_id, category, codes (List of String: the set of its reason codes), one row a child.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from models.judgement.days import may_be_in_force
from models.judgement.facts import Facts
from schemas.rules.names import Category

FLAGGED: tuple[Category, ...] = (
    "重点支援Ⅰ",
    "重点支援Ⅱ",
    "見守りⅠ",
    "見守りⅡ",
    "見守りⅡ(教育)",
)  # candidates; the rest is none
ENTERED, LEFT, ROSE, FELL, SAME = "entered", "left", "rose", "fell", "same"
CHANGES = (ENTERED, LEFT, ROSE, FELL, SAME)
SAID = {"child_id": pl.String(), "category": pl.String(), "codes": pl.List(pl.String())}


@dataclass(frozen=True)
class Part:
    """`part` of `whole` children: a share is never told without both."""

    part: int
    whole: int


def changes(now: pl.DataFrame, before: pl.DataFrame, heights: Mapping[Category, int]) -> pl.DataFrame:
    """child_id, change (one of CHANGES), was, category (null where not judged then, now), added, removed; by child_id.

    now, before:  what this run and the run before said
    heights:      of this run's rule set
    added, removed:  reason codes that this run lists and the one before did not, and the other way round; sorted
    """
    earlier = before.select("child_id", was="category", had="codes")
    both = now.select("child_id", "category", "codes").join(earlier, on="child_id", how="full", coalesce=True)
    is_now, had = pl.col("codes").fill_null([]), pl.col("had").fill_null([])
    level, before_level = (
        pl.col(name).replace_strict(dict(heights), default=None, return_dtype=pl.Int32) for name in ("category", "was")
    )
    change = (
        pl.when(pl.col("was").is_null())
        .then(pl.lit(ENTERED))
        .when(pl.col("category").is_null())
        .then(pl.lit(LEFT))
        .when(level > before_level)
        .then(pl.lit(ROSE))
        .when(level < before_level)
        .then(pl.lit(FELL))
        .otherwise(pl.lit(SAME))
    )
    return both.select(
        "child_id",
        "was",
        "category",
        change=change,
        added=is_now.list.set_difference(had).list.sort(),
        removed=had.list.set_difference(is_now).list.sort(),
    ).sort("child_id")


def through(changed: pl.DataFrame, change: str, codes: str) -> dict[str, int]:
    """Reason code → children of this change whose `codes` (added or removed) name it; by code."""
    named = changed.filter(pl.col("change") == change).explode(codes).drop_nulls(codes)
    return dict(named.group_by(codes).len().sort(codes).iter_rows())


def flagged(said: pl.DataFrame) -> pl.DataFrame:
    """child_id of the candidates."""
    return said.filter(pl.col("category").is_in(FLAGGED)).select("child_id")


def on_lists(facts: Facts, as_of: date) -> pl.DataFrame:
    """person of every child whom an office has as a case on the day: feed 18 open, feed 19 in force, ends included."""
    open_cases = facts.frame("soudan").filter(may_be_in_force("received", "closed", as_of))
    in_use = facts.frame("edu_support").filter(may_be_in_force("from_date", "to_date", as_of))
    persons = [open_cases.select(person="child"), in_use.select("person")]
    return pl.concat(persons).drop_nulls().unique()


def unmarked(named: pl.DataFrame, known: pl.DataFrame) -> Part:
    """ノーマーク率: candidates who are on nobody's current list, of all candidates. Both: child_id, the second once or more."""
    return Part(named.join(known, on="child_id", how="anti").height, named.height)

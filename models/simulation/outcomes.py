"""What was found out after a day, and how far a list of that day had it.

Outcomes are rows of: child_id, day (when it was found), known (the day the city knew it), until (the last day it stood;
null = it stands), need (Boolean: a person found that support was needed, or that it was not), by (`casework`, `office`).
A child whom an office has as a case already on the day judged is left out: to name it is no finding.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from models import calendar

FOLLOW_UP_MONTHS = 12  # an outcome counts for a list of at most so many months before; proposal
OUTCOMES = {
    "child_id": pl.String(),
    "day": pl.Date(),
    "known": pl.Date(),
    "until": pl.Date(),
    "need": pl.Boolean(),
    "by": pl.String(),
}


@dataclass(frozen=True)
class Hits:
    """One list against outcomes; all are numbers of children.

    listed:   on the list
    needed, not_needed:  of these, found to need support, found not to; the others have no outcome yet
    missed:   found to need support, and not on the list
    """

    listed: int
    needed: int
    not_needed: int
    missed: int

    @property
    def decided(self) -> int:
        """Children of the list with an outcome."""
        return self.needed + self.not_needed


def found_after(outcomes: pl.DataFrame, day: date) -> pl.DataFrame:
    """child_id, need: what was found in the months after `day` (that day excluded); need goes before no need."""
    last = calendar.plus_months(day, FOLLOW_UP_MONTHS)
    in_time = outcomes.filter((pl.col("day") > day) & (pl.col("day") <= last))
    return (
        in_time.join(already_cases(outcomes, day), on="child_id", how="anti")
        .group_by("child_id")
        .agg(pl.col("need").any())
        .sort("child_id")
    )


def already_cases(outcomes: pl.DataFrame, day: date) -> pl.DataFrame:
    """child_id of children whom an office has as a case on `day`."""
    stands = pl.col("until").is_null() | (pl.col("until") >= day)
    cases = outcomes.filter((pl.col("by") == "office") & pl.col("need") & (pl.col("day") <= day) & stands)
    return cases.select("child_id").unique()


def hits(listed: pl.DataFrame, found: pl.DataFrame) -> Hits:
    """listed: child_id of a list; found: as `found_after` gives it."""
    on_list = found.join(listed, on="child_id", how="semi")
    return Hits(
        listed=listed.height,
        needed=on_list.filter("need").height,
        not_needed=on_list.filter(~pl.col("need")).height,
        missed=found.filter("need").join(listed, on="child_id", how="anti").height,
    )


def total(each: Sequence[Hits]) -> Hits:
    """Over several lists; a child on two of them counts twice."""
    return Hits(
        listed=sum(one.listed for one in each),
        needed=sum(one.needed for one in each),
        not_needed=sum(one.not_needed for one in each),
        missed=sum(one.missed for one in each),
    )

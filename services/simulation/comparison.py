"""Two rule sets over the same past runs, in exact figures; rounding is the tables' business."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from models.simulation.difference import GROUPS, by_group, directions, moves
from models.simulation.outcomes import Hits, found_after, hits
from models.simulation.yardstick import Past, ordered
from schemas.rules import RuleSet
from services.simulation.again import Again, PastRun

LISTED = ("重点支援Ⅰ", "重点支援Ⅱ")  # what is put before caseworkers first, and what the guard limits
BEFORE, AFTER = "before", "after"


@dataclass(frozen=True)
class Measured:
    """One list against outcomes, and the yardstick's list of the same length; None where it could learn nothing."""

    own: Hits
    yardstick: Hits | None


@dataclass(frozen=True)
class RunCompared:
    """One past run by both rule sets.

    sizes:    which rule set → category → children
    held:     which rule sets' guards would have held it
    moves:    (category before, category after) → children
    found:    children found to need support in the months after; the lists are measured against these and who was not
    """

    past: PastRun
    children: int
    sizes: dict[str, dict[str, int]]
    held: frozenset[str]
    moves: dict[tuple[str, str], int]
    found: int
    measured: dict[str, Measured]

    @property
    def changed(self) -> int:
        """Children whose category would be another."""
        return sum(count for (before, after), count in self.moves.items() if before != after)

    def listed(self, which: str) -> int:
        """Children of 重点支援."""
        return sum(self.sizes[which].get(category, 0) for category in LISTED)


@dataclass(frozen=True)
class Comparison:
    """Everything the page shows.

    groups:         kind of group → its rows as models.simulation.difference.by_group gives them, of the last run
    with_casework:  what caseworkers found was used
    """

    before: RuleSet
    after: RuleSet
    runs: tuple[RunCompared, ...]
    groups: dict[str, pl.DataFrame]
    with_casework: bool

    @property
    def last(self) -> RunCompared:
        """The newest run."""
        return self.runs[-1]


def compare(
    before: RuleSet, after: RuleSet, pairs: Sequence[tuple[Again, Again]], *, groups: pl.DataFrame,
    outcomes: pl.DataFrame, with_casework: bool,
) -> Comparison:  # fmt: skip
    """pairs: each run by both rule sets, in order of as-of date, at least one; groups: of the last run's children."""
    inputs = [Past(one.past.as_of, one.children) for one, _ in pairs]  # the yardstick has what the rules in force have
    runs = tuple(_run(one, other, inputs[place], inputs[:place], outcomes) for place, (one, other) in enumerate(pairs))
    directed = directions(_together(*pairs[-1]), before.heights)
    shown = {group: by_group(directed, groups, group) for group in GROUPS}
    return Comparison(before, after, runs, shown, with_casework)


def _together(one: Again, other: Again) -> pl.DataFrame:
    return one.children.select("child_id", before="category").join(
        other.children.select("child_id", after="category"), on="child_id"
    )


def _run(one: Again, other: Again, now: Past, earlier: Sequence[Past], outcomes: pl.DataFrame) -> RunCompared:
    found = found_after(outcomes, one.past.as_of).join(one.children, on="child_id", how="semi")  # who was judged at all
    order = ordered(now, earlier, outcomes)
    both = {BEFORE: one, AFTER: other}
    return RunCompared(
        past=one.past,
        children=one.children.height,
        sizes={which: dict(each.children.group_by("category").len().iter_rows()) for which, each in both.items()},
        held=frozenset(which for which, each in both.items() if each.held),
        moves=moves(_together(one, other)),
        found=found.filter("need").height,
        measured={which: _measured(each, order, found) for which, each in both.items()},
    )


def _measured(again: Again, order: pl.DataFrame | None, found: pl.DataFrame) -> Measured:
    listed = again.children.filter(pl.col("category").is_in(LISTED)).select("child_id")
    own = hits(listed, found)
    return Measured(own, None if order is None else hits(order.head(own.listed), found))

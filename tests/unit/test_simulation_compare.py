"""Two rule sets compared over runs: lists, moves and what was found are told of children who were judged, and of no others."""

from datetime import UTC, date, datetime, timedelta

import polars as pl

from models.judgement.kernel import SCALE_COLUMNS
from models.simulation.difference import GROUPS
from models.simulation.outcomes import OUTCOMES, Hits
from schemas.rules import load_default
from services.simulation.again import Again, PastRun
from services.simulation.comparison import AFTER, BEFORE, compare

DAY = date(2026, 8, 31)


def _again(*categories: str) -> Again:
    children = pl.DataFrame(
        {"child_id": [f"c{n}" for n in range(len(categories))], "category": categories}
    ).with_columns(
        pl.lit("E0").alias("economic"),
        pl.lit("N0").alias("nurturing"),
        *(pl.lit(None, dtype=pl.Int32).alias(name) for name in ("t", "absence", *SCALE_COLUMNS)),
    )
    past = PastRun("run", DAY, datetime(2026, 9, 1, tzinfo=UTC), 1)
    return Again(past, children, held=False, sources=pl.DataFrame())


def test_a_comparison_counts_the_children_of_the_run() -> None:
    later = DAY + timedelta(days=30)
    found = pl.DataFrame(
        [
            {"child_id": child, "day": later, "known": later, "need": need, "by": "casework"}
            for child, need in (("c0", True), ("c1", False), ("c2", True), ("moved away", True))
        ],
        schema=OUTCOMES,
    )
    groups = pl.DataFrame({"child_id": ["c0", "c1", "c2", "c3"]} | {group: ["x", "x", None, "y"] for group in GROUPS})
    pair = (
        _again("重点支援Ⅰ", "重点支援Ⅱ", "見守りⅡ", "対象外"),
        _again("重点支援Ⅰ", "見守りⅡ", "重点支援Ⅱ", "対象外"),
    )
    compared = compare(load_default(), load_default(), [pair], groups=groups, outcomes=found, with_casework=True)
    run = compared.last
    assert (run.children, run.changed, run.found) == (4, 2, 2)
    assert (run.listed(BEFORE), run.listed(AFTER)) == (2, 2)
    assert run.measured[BEFORE].own == Hits(listed=2, needed=1, not_needed=1, missed=1)
    assert run.measured[AFTER].own == Hits(listed=2, needed=2, not_needed=0, missed=0)
    assert run.measured[AFTER].yardstick is None
    assert compared.groups["sex"].rows() == [("x", 2, 0, 1), ("y", 1, 0, 0), (None, 1, 1, 0)]

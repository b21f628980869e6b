"""What happens after the day that is judged changes nothing of that day: any row, dated later, of any feed."""

from datetime import date, timedelta
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.calendar import fiscal_year
from models.judgement.facts import Facts
from models.judgement.kernel import Judged, judge
from schemas.rules import load_default
from tests.oracle.folders import make_city
from tests.oracle.judge import seen_at
from tests.oracle.kernel_facts import Frames
from tests.oracle.store import load_all

RULES = load_default()
# The columns that say from when, and until when, a row of the feed is so.
BEGINS = {
    "resident": "effective_from", "household": "effective_from", "gakureibo": "effective_from", "academic": "date",
    "life_answer": "date", "life_scale": "date", "shugaku_enjo": "from_date", "seikatsu_hogo": "start_date",
    "tax_class": "effective_from", "soudan": "received", "edu_support": "from_date",
}  # fmt: skip
ENDS = ("effective_to", "to_date", "end_date", "closed")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> tuple[Facts, date, Judged]:
    """A generated city on a day in the middle of its records, and what is said of it."""
    made = make_city(Random(6), tmp_path_factory.mktemp("city"), children=24, norms=True)
    day = made.as_ofs[len(made.as_ofs) // 2]
    facts = Frames(seen_at(load_all(made.loads), day, date(2026, 9, 9))).facts()
    assert all(facts.frames[feed].height for feed in BEGINS)
    return facts, day, judge(facts, as_of=day, rules=RULES, history=[])


@settings(max_examples=15)
@given(
    st.dictionaries(st.sampled_from(sorted(BEGINS)), st.integers(0, 999), min_size=1),
    st.integers(1, 800),
)
def test_a_later_fact_changes_nothing_earlier(
    city: tuple[Facts, date, Judged], chosen: dict[str, int], days: int
) -> None:
    facts, day, before = city
    frames = dict(facts.frames)
    for feed, seed in chosen.items():
        frames[feed] = pl.concat([frames[feed], _later(frames[feed], BEGINS[feed], seed, day + timedelta(days=days))])
    after = judge(Facts(frames, facts.missing), as_of=day, rules=RULES, history=[])
    assert after.judgements.equals(before.judgements)
    assert after.reasons.equals(before.reasons)


def _later(rows: pl.DataFrame, begins: str, seed: int, start: date) -> pl.DataFrame:
    """Some of the rows once more, as other records that begin on `start` and have not ended."""
    again = rows.sample(n=min(5, rows.height), seed=seed).with_columns(
        pl.lit(start).alias(begins), source=-1 - pl.int_range(pl.len(), dtype=pl.Int64)
    )
    if "fy" in rows.columns and begins != "effective_from":
        again = again.with_columns(fy=pl.lit(fiscal_year(start), rows.schema["fy"]))
    unsaid = {*ENDS, *(f"{name}_precision" for name in (begins, *ENDS))} & set(rows.columns)
    return again.with_columns(pl.lit(None, rows.schema[name]).alias(name) for name in sorted(unsaid))

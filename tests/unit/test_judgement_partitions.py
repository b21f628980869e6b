"""After the norms, households are independent: judged in parts or one by one, everybody comes out the same."""

from datetime import date
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.judgement.facts import Facts
from models.judgement.kernel import Judged, judge
from models.judgement.norms import read, written
from models.judgement.scope import scope_at
from schemas.rules import load_default
from tests.oracle.folders import make_city
from tests.oracle.judge import seen_at
from tests.oracle.kernel_facts import Frames
from tests.oracle.store import load_all

RULES = load_default()


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> tuple[Facts, date, Judged]:
    """A generated city with a grade large enough for norms, its last day, and what is said of it in one piece."""
    made = make_city(Random(6), tmp_path_factory.mktemp("city"), children=24, norms=True)
    day = made.as_ofs[-1]
    facts = Frames(seen_at(load_all(made.loads), day, date(2026, 9, 9))).facts()
    return facts, day, judge(facts, as_of=day, rules=RULES, history=[])


@settings(max_examples=8)
@given(st.integers(2, 200), st.randoms(use_true_random=False))
def test_parts_and_order_change_nothing(city: tuple[Facts, date, Judged], partitions: int, random: Random) -> None:
    facts, day, whole = city
    seed = random.randrange(1000)
    shuffled = {feed: rows.sample(fraction=1, shuffle=True, seed=seed) for feed, rows in facts.frames.items()}
    parted = judge(Facts(shuffled, facts.missing), as_of=day, rules=RULES, history=[], partitions=partitions)
    assert parted.judgements.equals(whole.judgements)
    assert parted.reasons.equals(whole.reasons)
    assert written(parted.norms) == written(whole.norms)
    assert (parted.warnings, parted.guard, parted.calibration) == (whole.warnings, whole.guard, whole.calibration)


def test_a_household_alone_is_judged_as_among_all(city: tuple[Facts, date, Judged]) -> None:
    """Against the whole city's norms, as they are kept: with the surveys of its own pupils and no others."""
    facts, day, whole = city
    norms = read(written(whole.norms))
    children = scope_at(facts, day).children
    for household in children["setai"].unique().sort().to_list()[::7]:
        persons = children.filter(pl.col("setai") == household)["person"].to_list()
        alone = judge(_of(facts, persons), as_of=day, rules=RULES, history=[], norms=norms, within=[household])
        assert alone.judgements.equals(whole.judgements.filter(pl.col("person").is_in(persons)))
        assert alone.reasons.equals(whole.reasons.filter(pl.col("person").is_in(persons)))


def test_a_pupil_whose_group_the_norms_lack_has_no_score(city: tuple[Facts, date, Judged]) -> None:
    facts, day, whole = city
    alone = judge(facts, as_of=day, rules=RULES, history=[], norms=whole.norms.clear())
    scored = pl.col("t").is_not_null()
    assert alone.judgements.filter(scored).height < whole.judgements.filter(scored).height


def _of(facts: Facts, persons: list[int]) -> Facts:
    """The facts with the surveys of these pupils alone."""
    surveys = ("academic", "life_answer", "life_scale", "physical", "attendance")
    frames = {
        feed: rows.filter(pl.col("person").is_in(persons)) if feed in surveys else rows
        for feed, rows in facts.frames.items()
    }
    return Facts(frames, facts.missing)

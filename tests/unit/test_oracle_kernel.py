"""The judgement kernel against the oracle: generated cities, every judged day, every child, every reason."""

from datetime import date
from fractions import Fraction
from pathlib import Path
from random import Random

import polars as pl
import pytest

from models.judgement.kernel import judge as judge_by_kernel
from schemas.rules import load_default
from tests.oracle.compare import Difference, of_children
from tests.oracle.folders import make_city
from tests.oracle.judge import Official, judge, seen_at
from tests.oracle.kernel_facts import Frames, shown
from tests.oracle.store import Store, load_all

CITIES = [(seed, 40, False) for seed in range(6)] + [(6, 10, True)]
AFTER_ALL = date(2026, 9, 9)


@pytest.mark.parametrize(("seed", "children", "norms"), CITIES)
def test_the_kernel_judges_as_the_oracle_does(tmp_path: Path, seed: int, children: int, norms: bool) -> None:
    city = make_city(Random(seed), tmp_path, children=children, norms=norms)
    store = load_all(city.loads)
    chain: list[Official] = []
    for day in city.as_ofs:
        assert _parted(store, day, AFTER_ALL, chain) == []
        chain.append(Official(day, judge(store, day, known_at=AFTER_ALL).raws))
    for day, known in city.asked:
        assert _parted(store, day, known, []) == []


def _parted(store: Store, day: date, known: date, chain: list[Official]) -> list[Difference]:
    """Where oracle and kernel part on a day, as known at another."""
    run = judge(store, day, known_at=known, chain=chain)
    frames = Frames(seen_at(store, day, known))
    history = [_history(frames, official) for official in chain]
    judged = judge_by_kernel(frames.facts(), as_of=day, rules=load_default(), history=history)
    assert Fraction(run.guarded, run.pupils or 1) == Fraction(judged.guard.part, judged.guard.whole or 1)
    assert judged.held == (run.status == "held")
    return of_children(run, shown(frames, judged))


def _history(frames: Frames, run: Official) -> pl.DataFrame:
    rows = [{"person": frames.number(child), "raw_category": raw} for child, raw in run.raws.items()]
    return pl.DataFrame(rows, schema={"person": pl.Int64(), "raw_category": pl.String()})

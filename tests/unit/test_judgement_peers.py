"""The kernel, and the same work written apart in pandas and in SQL for the bench, find the same to the last digit and source row."""

from collections.abc import Iterator
from types import ModuleType

import pytest

from infra.bench import judgement_duckdb, judgement_kernel, judgement_pandas
from infra.bench.judgement_city import DATES, UNTIL, Frames, make_facts
from infra.bench.judgement_day import RANKS, REASONS, Answer, asked, fingerprint
from schemas.rules import load_default

RULES = load_default()
DAYS = [asked(day, RULES) for day in DATES[-4:]]  # two years: 31 January and 31 August


@pytest.fixture(scope="module")
def frames() -> Frames:
    return make_facts(1500, seed=3)


def _answers(module: ModuleType, frames: Frames) -> Iterator[Answer]:
    return (module.answer_of(found) for found in module.work(module.prepare(frames), DAYS, RULES))


def test_three_engines_find_the_same(frames: Frames) -> None:
    found = {
        module.__name__: sum(fingerprint(answer) for answer in _answers(module, frames))
        for module in (judgement_kernel, judgement_pandas, judgement_duckdb)
    }
    assert len(set(found.values())) == 1, found


def test_what_they_find_is_not_all_alike(frames: Frames) -> None:
    """A comparison of nothing would hold too: every rank, change and code that the facts allow is among it."""
    *_, newest = _answers(judgement_kernel, frames)
    ranks, reasons = newest.ranks.select(list(RANKS)), newest.reasons.select(list(REASONS))
    assert set(ranks["poverty"]) == {"A", "B", "C", "D", "X"}
    assert set(ranks["learning"]) == {"1", "2", "3", "4", "X"}
    assert set(ranks["change"].drop_nulls()) == {"fall", "decline", "flat", "unknown"}
    assert reasons["code"].n_unique() >= 21  # of 22: hardly any pupil has no score
    assert ranks.height == 1500 and DAYS[-1].as_of == UNTIL

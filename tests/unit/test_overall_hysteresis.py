"""A category rises at once and falls only after two lower runs (reading 18)."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.judgement.overall.hysteresis import settle
from schemas.rules import load_default
from schemas.rules.names import CATEGORIES
from tests.rule_text import rules_with

RULES = load_default()
I1, I2, M1, M2, ME = "重点支援Ⅰ", "重点支援Ⅱ", "見守りⅠ", "見守りⅡ", "見守りⅡ(教育)"
DATA, NO, NOTED = "要データ確認", "対象外", "対象外(記録)"


def run(category: str | None) -> pl.DataFrame:
    """A run with one child, or one in which it was not judged."""
    rows = [] if category is None else [(1, category)]
    return pl.DataFrame(rows, schema={"person": pl.Int64, "raw_category": pl.String}, orient="row")


def settled(*categories: str | None) -> str:
    *history, now = [run(category) for category in categories]
    return str(settle(now, history, RULES)["category"].item())


@pytest.mark.parametrize(
    ("categories", "expected"),
    [
        ((NO,), NO),  # the first run is taken as it is
        ((M2, I1), I1),  # up at once
        ((I1, M2), I1),  # down not at once
        ((I1, M2, M2), M2),
        ((I1, M1, M2), M1),  # the higher of the two
        ((I1, M2, M1), M1),
        ((I1, M2, ME), ME),  # of equal ones the later
        ((I1, ME, M2), M2),
        ((I1, M2, I1, M2), I1),  # not consecutive
        ((I1, M1, M2, M2), M2),  # the lower last one was the first of the next step
        ((I1, M1, M2, M1), M1),
        ((I1, M1, M2, NO), M2),
        ((I1, M2, M2, NO), M2),  # a step that was taken whole leaves nothing pending
        ((M2, ME), ME),  # the same height at once
        ((NOTED, NO), NO),
        ((NO, DATA), DATA),
        ((DATA, NO), DATA),
        ((I1, None, M2), I1),
        ((I1, M2, None, M2), M2),  # not judged: neither counts nor breaks
        ((None, M2), M2),
        ((None, I2, NO, None, None, NO), NO),
    ],
)
def test_a_sequence_of_runs_settles(categories: tuple[str | None, ...], expected: str) -> None:
    assert settled(*categories) == expected


def test_a_child_judged_before_and_not_now_is_not_in_the_answer() -> None:
    assert settle(run(None), [run(I1)], RULES).is_empty()


def test_a_rule_set_may_switch_it_off() -> None:
    rules = rules_with(("lower_runs = 2", "lower_runs = 1"))
    assert settle(run(NO), [run(I1)], rules)["category"].to_list() == [NO]


@given(st.lists(st.sampled_from(CATEGORIES), min_size=1, max_size=8))
def test_it_never_holds_less_than_the_run_says_nor_more_than_ever_was(categories: list[str]) -> None:
    heights: dict[str, int] = {str(name): height for name, height in RULES.heights.items()}
    held = heights[settled(*categories)]
    assert heights[categories[-1]] <= held <= max(heights[each] for each in categories)
    if len(categories) > 1 and held > heights[categories[-1]]:
        assert held >= heights[categories[-2]] or heights[categories[-2]] > held

"""Scale scores from items: recoding, two thirds answered, keys, repeated answers; as of 2026-08-31, P4 (fy 2026)."""

from datetime import UTC, date, datetime
from fractions import Fraction
from math import floor
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.rules import load_default
from tests.kernel_rows import Row, Schooled, codes, facts, noncognitive, sources

AS_OF = date(2026, 8, 31)
PUPIL = {"person": 1, "birth": "2016-05-01"}
FORM = {"form_version": "F", "key_version": "1"}
# mean 0, SD 1: t is 50 + 10 · score, so a mean of 2.5 shows as 75.0
NORMS: list[Row] = [
    {"form_version": "F", "scale_code": scale, "grade": "P4", "mean": 0, "sd": 1_000_000}
    for scale in ("habits", "school")
]


def _key(n: int, *reverse: int, scale: str = "habits", **more: Any) -> list[Row]:
    """Items 1 … n of a scale, some of them reverse."""
    return [
        FORM | {"item_code": f"{scale}{i}", "scale_code": scale, "reverse": i in reverse} | more
        for i in range(1, n + 1)
    ]


def _answers(*answers: int | None, scale: str = "habits", **more: Any) -> list[Row]:
    """One sheet: answers to items 1, 2, …"""
    sheet = FORM | {"person": 1, "survey_id": "L", "fy": 2026, "date": "2026-06-01"}
    return [sheet | {"item_code": f"{scale}{i}", "answer": answer} | more for i, answer in enumerate(answers, start=1)]


def _result(score: int, **more: Any) -> Row:
    row = FORM | {"person": 1, "survey_id": "L", "fy": 2026, "date": "2026-06-01", "scale_code": "habits"}
    return row | {"score": score * 1_000_000, "answered": 3, "items": 3} | more


def _judge(key: list[Row], answers: list[Row], results: list[Row] | None = None, **more: Any) -> Schooled:
    given_facts = facts(
        instrument_key=key,
        instrument_norm=NORMS,
        life_answer=answers,
        life_scale=results or [],
        resident=[PUPIL],
        **more,
    )
    return noncognitive(given_facts, as_of=AS_OF, rules=load_default())


def _t(part: Schooled, scale: str = "habits") -> int | None:
    t: int | None = part.frame[f"t_{scale}"].item()
    return t


def test_a_score_is_the_mean_of_the_answers_with_reverse_items_recoded() -> None:
    assert _t(_judge(_key(3), _answers(1, 2, 2))) == 667  # 5/3 = 1.666…
    assert _t(_judge(_key(3, 1, 3), _answers(1, 2, 4))) == 733  # 4, 2, 1


@pytest.mark.parametrize(
    ("answers", "t"),
    [((1, 1, 1, 1, None, None), 600), ((1, 1, 1, None, None, None), None), ((1, 1, 1, 1), 600), ((1, 1, 1), None)],
)
def test_two_thirds_of_the_keys_items_must_be_answered(answers: tuple[int | None, ...], t: int | None) -> None:
    part = _judge(_key(6), _answers(*answers))
    assert _t(part) == t
    assert part.norms["n"].to_list() == ([] if t is None else [1])


@pytest.mark.parametrize(("items", "enough"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 4), (7, 5), (8, 6)])
def test_two_thirds_are_not_rounded(items: int, enough: int) -> None:
    assert _t(_judge(_key(items), _answers(*[1] * enough))) == 600
    assert _t(_judge(_key(items), _answers(*[1] * (enough - 1)))) is None


@pytest.mark.parametrize("answer", [0, 5, None])
def test_an_answer_outside_1_to_4_counts_as_unanswered(answer: int | None) -> None:
    assert _t(_judge(_key(3), _answers(1, 2, answer))) == 650


def test_items_that_the_key_does_not_name_count_for_nothing() -> None:
    part = _judge(_key(2) + _key(1, scale="school"), _answers(1, 2, 4, 4))
    assert (_t(part), _t(part, "school"), part.warnings) == (650, None, {})


def test_a_form_and_key_version_without_a_key_gives_no_scale_and_a_warning() -> None:
    for other in ({"form_version": "G"}, {"key_version": "2"}):
        part = _judge(_key(2), _answers(1, 2, **other))
        assert (_t(part), part.warnings) == (None, {"no_key": 1})
        assert codes(part) == ["SX_FEW_SCALES"]


# == items or scale result (reading 22) ==


def test_items_go_before_the_scale_result_even_if_too_few_are_answered() -> None:
    assert _t(_judge(_key(3), _answers(1, 1, 1), [_result(4)])) == 600
    assert _t(_judge(_key(3), _answers(1, None, None), [_result(4)])) is None


def test_a_result_of_another_key_version_does_not_replace_the_pupils_items() -> None:
    assert _t(_judge(_key(3), _answers(1, None, None), [_result(4, key_version="2")])) is None


def test_a_scale_that_the_key_lacks_comes_from_the_result() -> None:
    part = _judge(_key(3), _answers(1, 1, 1), [_result(4, scale_code="school")])
    assert (_t(part), _t(part, "school")) == (600, 900)


def test_a_result_needs_no_key() -> None:
    part = _judge([], [], [_result(4)])
    assert (_t(part), part.warnings) == (900, {})
    part = _judge([], _answers(1, 1, 1), [_result(4)])
    assert (_t(part), part.warnings) == (900, {"no_key": 1})


def test_a_result_of_a_form_whose_key_has_the_scale_does_not_count_without_answers() -> None:
    assert _t(_judge(_key(3), [], [_result(4)])) is None
    assert _t(_judge(_key(3), [], [_result(4, key_version="2")])) == 900


def test_a_result_of_an_unknown_scale_counts_for_nothing() -> None:
    assert codes(_judge([], [], [_result(4, scale_code="humour")])) == ["SX_FEW_SCALES"]


# == one answer an item ==


def test_of_two_answers_to_an_item_the_latest_counts() -> None:
    first = _answers(1, 1, 1)
    assert _t(_judge(_key(3), [*first, first[0] | {"date": "2026-06-02", "answer": 4}])) == 700
    assert _t(_judge(_key(3), [first[0] | {"date": "2026-06-02", "answer": 4}, *first])) == 700
    assert _t(_judge(_key(3), [*first, first[0] | {"date": "2026-05-31", "answer": 4}])) == 600
    known = datetime(2026, 8, 2, tzinfo=UTC)
    assert _t(_judge(_key(3), [first[0] | {"known_at": known, "answer": 4}, *first])) == 700
    assert _t(_judge(_key(3), [first[0] | {"tie": 1, "answer": 4}, *first])) == 700


def test_a_scale_of_many_items_is_watched_for_repetition_too() -> None:
    first = _answers(*[1] * 75)
    assert _t(_judge(_key(75), first)) == 600
    assert _t(_judge(_key(75), [*first, first[-1] | {"tie": 1, "answer": 4}])) == 604  # 78/75


def test_of_two_forms_in_one_survey_the_latest_counts() -> None:
    other: Row = {"form_version": "G", "date": "2026-06-02"}
    key = _key(3) + _key(3, form_version="G")
    norms = [norm | {"form_version": form} for norm in NORMS for form in "FG"]
    rows = _answers(1, 1, 1) + _answers(2, 2, 2, **other)
    given_facts = facts(instrument_key=key, instrument_norm=norms, life_answer=rows, resident=[PUPIL])
    part = noncognitive(given_facts, as_of=AS_OF, rules=load_default())
    assert _t(part) == 700


def test_an_answer_after_the_day_does_not_count_and_a_blank_dates_nothing() -> None:
    late = _answers(1, 1) + _answers(4, 4, 4, date="2026-09-01")[2:]
    assert _t(_judge(_key(3), late)) == 600
    old: Row = {"fy": 2025, "date": "2025-05-30"}
    assert _t(_judge(_key(3), _answers(1, 1, **old) + _answers(1, 1, None, fy=2025, date="2025-06-01")[2:])) is None


# == sources ==


def _low_norms() -> list[Row]:
    return [norm | {"mean": 3_000_000} for norm in NORMS]


@pytest.mark.parametrize("one_sheet", [True, False])
def test_a_low_scale_leads_to_the_answers_used(one_sheet: bool) -> None:
    rows = _answers(1, 1, None, scale="habits") + _answers(4, 4, 4, scale="school")
    for row in rows * one_sheet:
        row["source"] = 77
    given_facts = facts(
        life_answer=rows,
        instrument_key=_key(3) + _key(3, scale="school"),
        instrument_norm=_low_norms(),
        resident=[PUPIL],
    )
    part = noncognitive(given_facts, as_of=AS_OF, rules=load_default())
    assert (_t(part), codes(part)) == (300, ["LOW_HABITS"])
    assert sources(part, "LOW_HABITS") == ([77] if one_sheet else [1, 2])


@settings(max_examples=25)
@given(
    st.lists(st.one_of(st.none(), st.integers(1, 4)), min_size=1, max_size=9), st.sets(st.integers(1, 9)), st.randoms()
)
def test_any_sheet_in_any_order_gives_the_exact_mean(answers: list[int | None], reverse: set[int], random: Any) -> None:
    rows = _answers(*answers)
    random.shuffle(rows)
    points = [5 - a if i in reverse else a for i, a in enumerate(answers, start=1) if a is not None]
    expected = None
    if 3 * len(points) >= 2 * len(answers):
        expected = floor(500 + 100 * Fraction(sum(points), len(points)) + Fraction(1, 2))
    assert _t(_judge(_key(len(answers), *reverse), rows)) == expected


def test_norms_of_items_are_whole_number_sums() -> None:
    others = [row | {"person": 2} for row in _answers(1, 2, scale="habits")]
    part = _judge(_key(3), _answers(1, 2, 2) + others, gakureibo=[{"person": 2, "grade": "P4"}])
    # 5/3 and 3/2 in sixths: 10 + 9, 100 + 81
    assert part.norms.rows() == [("life", None, 2026, "P4", "habits", 2, "6", "19", "181")]
    assert part.norms.schema["sum"] == pl.String

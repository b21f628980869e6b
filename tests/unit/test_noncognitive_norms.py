"""Norm groups of the scales: who is in them, with which survey and in which grade; as of 2026-08-31."""

import random
from datetime import date
from typing import Any

import polars as pl
import pytest

from schemas.rules import load_default
from tests.kernel_rows import Row, Schooled, codes, facts, noncognitive

AS_OF = date(2026, 8, 31)
PUPIL = {"person": 1, "birth": "2016-05-01"}  # P4 in fy 2026
PUBLISHED = {"form_version": "F", "scale_code": "habits", "grade": "P4", "mean": 4_000_000, "sd": 2_000_000}


def _result(person: int, score: int, **more: Any) -> Row:
    return {
        "person": person,
        "survey_id": "L",
        "form_version": "F",
        "key_version": "0",
        "fy": 2026,
        "date": "2026-06-01",
        "scale_code": "habits",
        "score": score * 1_000_000,
        "answered": 6,
        "items": 6,
    } | more


def _others(n: int, **more: Any) -> list[Row]:
    """n pupils (from number 101), the first of score 4, the next of 2 and so on."""
    return [_result(101 + i, (4, 2)[i % 2], **more) for i in range(n)]


def _listed(n: int, **more: Any) -> list[Row]:
    """The rows of 学齢簿 of these pupils."""
    return [{"person": 101 + i, "grade": "P4"} | more for i in range(n)]


def _judge(results: list[Row], gakureibo: list[Row], as_of: date = AS_OF, **feeds: list[Row]) -> Schooled:
    all_feeds: dict[str, Any] = {"resident": [PUPIL], "life_scale": results, "gakureibo": gakureibo} | feeds
    given = facts(**all_feeds)
    return noncognitive(given, as_of=as_of, rules=load_default())


def _t(part: Schooled, person: int = 1) -> int | None:
    t: int | None = part.frame.filter(person=person)["t_habits"].item()
    return t


@pytest.mark.parametrize(
    ("others", "published", "t"), [(99, [], 400), (99, [PUBLISHED], 400), (98, [], None), (98, [PUBLISHED], 400)]
)
def test_a_group_of_100_is_the_norm_else_the_instruments_own_else_none(
    others: int, published: list[Row], t: int | None
) -> None:
    part = _judge([*_others(others), _result(1, 2)], _listed(99), instrument_norm=published)
    assert _t(part) == t
    assert part.norms["n"].to_list() == [others + 1]
    assert codes(part) == ["SX_FEW_SCALES"]
    assert part.reasons["count"].to_list() == [0 if t is None else 1]


def test_the_instruments_norm_is_of_form_scale_and_grade() -> None:
    for other in ({"form_version": "G"}, {"scale_code": "school"}, {"grade": "P5"}):
        assert _t(_judge([_result(1, 2)], [], instrument_norm=[PUBLISHED | other])) is None
    assert _t(_judge([_result(1, 2)], [], instrument_norm=[PUBLISHED])) == 400


def test_equal_scores_are_all_50() -> None:
    assert _t(_judge([_result(101 + i, 3) for i in range(99)] + [_result(1, 3)], _listed(99))) == 500


def test_pupils_out_of_scope_belong_to_the_norm() -> None:
    moved = [{"person": 101 + i, "birth": "2016-05-01", "status": "転出"} for i in range(99)]
    part = _judge([*_others(99), _result(1, 2)], [], resident=[PUPIL, *moved])
    assert part.frame["person"].to_list() == [1]
    assert _t(part) == 400


def test_the_grade_is_that_of_the_surveys_fiscal_year() -> None:
    # P3 in fy 2025: the pupil is compared with those whom 学齢簿 called P3 in that June
    results = [row | {"fy": 2025, "date": "2025-06-01"} for row in [*_others(99), _result(1, 2)]]
    assert _t(_judge(results, _listed(99, grade="P3"))) == 400
    assert _t(_judge(results, _listed(99, grade="P4"))) is None


def test_the_birth_date_goes_before_gakureibo() -> None:
    born = [{"person": 101 + i, "birth": "2016-05-01", "status": "転出"} for i in range(99)]
    assert _t(_judge([*_others(99), _result(1, 2)], _listed(99, grade="P5"), resident=[PUPIL, *born])) == 400
    unknown = [row | {"birth": "?"} for row in born]
    assert _t(_judge([*_others(99), _result(1, 2)], _listed(99, grade="P5"), resident=[PUPIL, *unknown])) is None
    assert _t(_judge([*_others(99), _result(1, 2)], _listed(99), resident=[PUPIL, *unknown])) == 400


@pytest.mark.parametrize(
    ("period", "in_force"),
    [
        ({"effective_from": "2026-06-01"}, True),
        ({"effective_from": "2026-06-02"}, False),
        ({"effective_from": "2026-04-01", "effective_to": "2026-06-01"}, True),
        ({"effective_from": "2026-04-01", "effective_to": "2026-05-31"}, False),
    ],
)
def test_gakureibo_counts_by_the_row_in_force_on_the_day_of_the_survey(period: Row, in_force: bool) -> None:
    part = _judge([*_others(99), _result(1, 2)], _listed(99, **period))
    assert part.norms["n"].to_list() == [100 if in_force else 1]


def test_of_two_rows_of_gakureibo_in_force_the_later_counts() -> None:
    part = _judge([*_others(99), _result(1, 2)], _listed(99, grade="P3") + _listed(99, effective_from="2026-04-01"))
    assert part.norms["n"].to_list() == [100]


def test_a_pupil_is_in_the_norm_once_with_the_survey_chosen_for_that_year() -> None:
    # the first other pupil answered again, later and otherwise; another survey of the day before does not count
    again = [_result(101, 2, survey_id="M", date="2026-06-02"), _result(102, 4, survey_id="K", date="2026-05-31")]
    part = _judge([*_others(99), _result(1, 2), *again], _listed(99))
    assert part.norms.select("n", "sum").rows() == [(100, str((49 * 4 + 51 * 2) * 10**6))]


def test_the_norm_of_the_year_before_is_of_that_year() -> None:
    now = [*_others(99), _result(1, 2)]
    before = [row | {"fy": 2025, "date": "2025-06-01"} for row in [*_others(99), _result(1, 4)]]
    gakureibo = _listed(99, effective_to="2026-03-31", grade="P3") + _listed(99, effective_from="2026-04-01")
    part = _judge(now + before, gakureibo)
    # 40.0 now; 51 of 100 had the pupil's 4 before: 50 + 10·√(49/51) = 59.8
    assert codes(part) == ["DROP_HABITS", "SX_FEW_SCALES"]
    assert part.reasons.filter(code="DROP_HABITS")["tenths"].unique().to_list() == [400 - 598]
    assert part.norms.select("fy", "grade", "n").rows() == [(2025, "P3", 100), (2026, "P4", 100)]


def test_a_survey_after_the_day_is_in_no_norm() -> None:
    late = [row | {"date": "2026-09-01"} for row in _others(99)]
    assert _judge([*late, _result(1, 2)], _listed(99)).norms["n"].to_list() == [1]


def test_years_that_nobody_is_judged_by_are_left_out() -> None:
    rows = [_result(1, 2), *(_result(1, 2, fy=fy, date=f"{fy}-06-01") for fy in (2025, 2024, 2023))]
    # June 2025 is within 15 months of 31 August 2026, so fy 2025 may be looked at, and fy 2024 beside it
    assert _judge(rows, []).norms["fy"].to_list() == [2024, 2025, 2026]


def test_the_order_of_rows_changes_nothing() -> None:
    chance = random.Random(1)
    results = [
        _result(
            101 + i,
            chance.randrange(1, 5),
            scale_code=scale,
            fy=fy,
            date=f"{fy}-06-01",
            source=chance.randrange(10**9),
        )
        for i in range(130)
        for scale in ("habits", "family", "school", "health", "sociality")
        for fy in (2025, 2026)
    ]
    resident = [{"person": 101 + i, "birth": "2016-05-01"} for i in range(130)]
    one = _judge(results, [], resident=resident)
    other = _judge(chance.sample(results, len(results)), [], resident=resident[::-1])
    by = ["person", "code", "source"]
    assert one.frame.equals(other.frame)
    assert one.norms.equals(other.norms)
    assert one.reasons.sort(by).equals(other.reasons.sort(by))
    assert one.reasons.filter(pl.col("code").cast(pl.String).str.starts_with("DROP_")).height > 0

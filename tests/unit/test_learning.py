"""Judgement 2: bands, changes, which survey and which score count; as of 2026-08-31 for a pupil of P4 (fy 2026)."""

import random
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from models.judgement.facts import Facts
from schemas.rules import RuleSet, load_default
from tests.kernel_rows import Row, Schooled, codes, facts, learning, sources

AS_OF = date(2026, 8, 31)
RULES = load_default()
PUPIL = {"person": 1, "birth": "2016-05-01"}  # P4 in fy 2026


def _with(**switches: Any) -> RuleSet:
    return RULES.model_copy(update={"switches": RULES.switches.model_copy(update=switches)})


def _survey(fy: int, *devs: int | None, day: str = "", person: int = 1, **more: Any) -> list[Row]:
    """One row a subject, in tenths, dated 20 April unless `day` says otherwise."""
    subjects = ("国", "算数", "理", "社", "英")
    return [
        {"person": person, "fy": fy, "date": day or f"{fy}-04-20", "subject": subject, "dev": dev, **more}
        for subject, dev in zip(subjects, devs, strict=False)
    ]


def _judge(
    academic: list[Row], rules: RuleSet = RULES, as_of: date = AS_OF, resident: list[Row] | None = None
) -> Schooled:
    given = facts(resident=resident or [PUPIL], academic=academic)
    return _judged(given, rules, as_of)


def _judged(given: Facts, rules: RuleSet = RULES, as_of: date = AS_OF) -> Schooled:
    return learning(given, as_of=as_of, rules=rules)


def _only(part: Schooled) -> tuple[Any, ...]:
    """t, d1, d2, change, learning of the one child."""
    assert part.frame.height == 1
    return part.frame.row(0)[1:]


# == the table ==


@pytest.mark.parametrize(
    ("t", "band", "ranks"),
    [
        (349, "T_LT35", "444"),
        (350, "T_35_40", "433"),
        (399, "T_35_40", "433"),
        (400, "T_40_45", "432"),
        (449, "T_40_45", "432"),
        (450, "T_45_50", "321"),
        (499, "T_45_50", "321"),
        (500, "T_GE50", "211"),
    ],
)
def test_bands_begin_at_their_cut(t: int, band: str, ranks: str) -> None:
    for change, d1, rank in zip(("fall", "decline", "flat"), (-50, -30, -29), ranks, strict=True):
        part = _judge(_survey(2026, t, t) + _survey(2025, t - d1, t - d1))
        assert _only(part) == (t, d1, None, change, rank)
        assert codes(part) == [f"CHANGE_{change.upper()}", band]


@pytest.mark.parametrize(
    ("d1", "d2", "change"),
    [
        (-29, None, "flat"),
        (-30, None, "decline"),
        (-49, None, "decline"),
        (-50, None, "fall"),
        (-1, -50, "fall"),
        (-1, -49, "flat"),
        (0, -50, "flat"),
        (-30, -49, "decline"),
        (10, 10, "flat"),
    ],
)
def test_changes_begin_at_their_cut(d1: int, d2: int | None, change: str) -> None:
    earlier = [] if d2 is None else _survey(2024, 420 - d2, 420 - d2)
    part = _judge(_survey(2026, 420, 420) + _survey(2025, 420 - d1, 420 - d1) + earlier)
    assert _only(part)[:4] == (420, d1, d2, change)
    assert codes(part) == [f"CHANGE_{change.upper()}", "T_40_45"]


def test_without_a_previous_year_the_change_is_unknown_whatever_two_years_before_says() -> None:
    part = _judge(_survey(2026, 420, 420) + _survey(2024, 600, 600))
    assert _only(part) == (420, None, -180, "unknown", "2")
    assert codes(part) == ["CHANGE_UNKNOWN", "T_40_45"]
    assert part.reasons.filter(code="CHANGE_UNKNOWN")["source"].to_list() == [None]


@pytest.mark.parametrize(
    ("t", "cut_below", "band"),
    [
        (450, True, "T_40_45"),
        (451, True, "T_45_50"),
        (450, False, "T_45_50"),
        (350, True, "T_35_40"),
        (500, True, "T_GE50"),
    ],
)
def test_low_inclusive_moves_the_low_cut_alone(t: int, cut_below: bool, band: str) -> None:
    part = _judge(_survey(2026, t, t), _with(low_inclusive=cut_below))
    assert codes(part) == ["CHANGE_UNKNOWN", band]


def test_reasons_lead_to_the_scores_of_the_surveys_compared() -> None:
    part = _judge(_survey(2026, 420, 420) + _survey(2025, 430, 430) + _survey(2024, 480, 480))
    assert _only(part) == (420, -10, -60, "fall", "4")
    assert sources(part, "T_40_45") == [2, 3]
    assert sources(part, "CHANGE_FALL") == [2, 3, 4, 5, 6, 7]
    assert part.reasons.filter(code="T_40_45")["tenths"].unique().to_list() == [420]
    # Δ1 of −1.0 alone is no fall: the sentence names the difference that makes it
    assert part.reasons.filter(code="CHANGE_FALL")["tenths"].unique().to_list() == [-60]


# == reading 13: which survey ==


def test_t_is_the_mean_of_tenths_half_up() -> None:
    assert _only(_judge(_survey(2026, 349, 350)))[0] == 350  # 34.95 → 35.0
    assert _only(_judge(_survey(2026, 349, 349, 350)))[0] == 349  # 34.933…


def test_half_up_is_towards_plus_infinity_below_zero_too() -> None:
    assert _only(_judge(_survey(2026, -1, 0)))[0] == 0
    assert _only(_judge(_survey(2026, -2, -1)))[0] == -1


def test_one_subject_makes_no_t() -> None:
    part = _judge(_survey(2026, 420))
    assert _only(part) == (None, None, None, None, "X")
    assert codes(part) == ["TX_NO_SCORE"]


@pytest.mark.parametrize(
    ("day", "t"), [("2025-05-31", 420), ("2025-05-30", None), ("2026-08-31", 420), ("2026-09-01", None)]
)
def test_a_survey_counts_up_to_the_day_and_for_15_months(day: str, t: int | None) -> None:
    assert _only(_judge(_survey(int(day[:4]), 420, 420, day=day)))[0] == t


def test_15_months_reach_the_last_day_of_a_month_without_the_corresponding_day() -> None:
    survey = _survey(2024, 420, 420, day="2024-11-30")
    resident = [PUPIL]
    assert _only(_judge(survey, as_of=date(2026, 2, 28), resident=resident))[0] == 420
    assert _only(_judge(survey, as_of=date(2026, 3, 1), resident=resident))[0] is None


def test_the_latest_survey_is_dated_by_its_last_scored_row() -> None:
    early, late = _survey(2026, 400, 400, survey_id="B", day="2026-05-01"), _survey(2026, 500, 500, survey_id="A")
    late[1]["date"] = "2026-05-02"
    assert _only(_judge(early + late))[0] == 500
    late[1]["absent"] = True
    assert _only(_judge(early + late))[0] == 400


def test_a_row_after_the_day_does_not_belong_to_the_survey() -> None:
    rows = _survey(2026, 400, 400, 700)
    rows[2]["date"] = "2026-09-01"
    assert _only(_judge(rows))[0] == 400


def test_two_surveys_of_one_date_the_latest_known_then_the_greater_id() -> None:
    a, b = _survey(2026, 400, 400, survey_id="A"), _survey(2026, 500, 500, survey_id="B")
    assert _only(_judge(b + a))[0] == 500
    for row in a:
        row["known_at"] = datetime(2026, 8, 2, tzinfo=UTC)
    assert _only(_judge(b + a))[0] == 400


def test_the_year_before_is_that_of_the_surveys_fiscal_year_and_its_latest_survey() -> None:
    old = _survey(2025, 600, 600, survey_id="spring") + _survey(
        2025, 450, 450, 451, survey_id="autumn", day="2025-10-01"
    )
    part = _judge(_survey(2026, 420, 420) + old + _survey(2025, 700, survey_id="winter", day="2026-01-10"))
    assert _only(part) == (420, -30, None, "decline", "3")


def test_earlier_years_have_no_age_limit() -> None:
    # as of January the survey of fy 2025 is recent, those of 2024 and 2023 are not
    surveys = _survey(2025, 420, 420) + _survey(2024, 470, 470) + _survey(2023, 480, 480)
    assert _only(_judge(surveys, as_of=date(2026, 1, 31)))[:4] == (420, -50, -60, "fall")


def test_without_a_survey_this_year_the_one_of_last_year_counts_within_15_months() -> None:
    surveys = _survey(2025, 420, 420, day="2025-06-01") + _survey(2024, 430, 430)
    assert _only(_judge(surveys))[:3] == (420, -10, None)


@pytest.mark.parametrize(
    ("day", "t"), [("2025-05", 420), ("2025-04", None), ("2026-08", 420), ("2026-09", None), ("2025", 420), ("?", 420)]
)
def test_an_imprecise_date_stands_for_each_of_its_days(day: str, t: int | None) -> None:
    assert _only(_judge(_survey(2025, 420, 420, day=day)))[0] == t


# == reading 12: which score ==


def _class(n: int, fy: int = 2026, **more: Any) -> list[Row]:
    """n pupils (from number 101), the first with mark 20, the next with 10 and so on, in two subjects."""
    marks = [(20_000_000, 10_000_000)[i % 2] for i in range(n)]
    return [
        {"person": 101 + i, "fy": fy, "date": f"{fy}-04-20", "subject": subject, "raw": mark, **more}
        for i, mark in enumerate(marks)
        for subject in ("国", "算数")
    ]


def _marked(*raws: int | None, **more: Any) -> list[Row]:
    rows = _survey(2026, *(None for _ in raws), **more)
    for row, raw in zip(rows, raws, strict=True):
        row["raw"] = None if raw is None else raw * 1_000_000
    return rows


@pytest.mark.parametrize(("others", "t"), [(98, None), (99, 400)])
def test_an_empty_dev_is_computed_from_100_pupils_on(others: int, t: int | None) -> None:
    part = _judge(_class(others) + _marked(10, 10))
    assert _only(part)[0] == t
    assert part.norms.select("kind", "survey_id", "fy", "grade", "measure", "n").rows() == [
        ("academic", "S", 2026, "P4", "国", others + 1),
        ("academic", "S", 2026, "P4", "算数", others + 1),
    ]


def test_the_norm_is_whole_number_sums() -> None:
    norms = _judge(_class(100)).norms
    assert norms.select("n", "den", "sum", "sum_squares").row(0) == (
        100,
        "1000000",
        str(1500 * 10**6),
        str(50 * (100 + 400) * 10**12),
    )


def test_a_pupil_who_was_absent_has_no_score_and_is_in_no_norm() -> None:
    part = _judge(_class(99) + _marked(10, 10, absent=True))
    assert codes(part) == ["TX_NO_SCORE"]
    assert part.norms["n"].to_list() == [99, 99]
    assert codes(_judge(_survey(2026, 420, 420, absent=True))) == ["TX_NO_SCORE"]


def test_pupils_out_of_scope_and_pupils_with_a_given_dev_belong_to_the_norm() -> None:
    given = _class(99, dev=300)  # none of them is a resident
    assert _only(_judge(given + _marked(10, 10)))[0] == 400


@pytest.mark.parametrize("other", [{"grade": "P5"}, {"survey_id": "T"}, {"fy": 2025}])
def test_norms_are_within_survey_year_grade_and_subject(other: Row) -> None:
    part = _judge([row | other for row in _class(99)] + _marked(10, 10))
    assert codes(part) == ["TX_NO_SCORE"]
    assert sorted(part.norms["n"].to_list()) == [1, 1, 99, 99]


def test_a_given_dev_goes_first_and_the_switch_turns_the_order_round() -> None:
    rows = _class(99) + [row | {"dev": 600} for row in _marked(10, 10)]
    assert _only(_judge(rows))[0] == 600
    assert _only(_judge(rows, _with(dev="computed")))[0] == 400


def test_the_other_one_serves_where_the_first_is_missing() -> None:
    few = [row | {"dev": 600} for row in _marked(10, 10)]
    assert _only(_judge(few, _with(dev="computed")))[0] == 600
    assert _only(_judge(_class(99) + _marked(10, 10), _with(dev="given")))[0] == 400


def test_equal_marks_are_all_50() -> None:
    rows = [row | {"raw": 7_000_000} for row in _class(99)]
    assert _only(_judge(rows + _marked(7, 7)))[0] == 500


def test_a_computed_score_is_rounded_before_the_mean() -> None:
    # 37 of 100 have mark 0: 50 − 10·√(63/37) = 36.95… → 37.0; with 36.9 that is 36.95 → 37.0, unrounded it were 36.9
    language = [row | {"raw": 0 if i < 36 else 2_000_000} for i, row in enumerate(_class(99)[::2])]
    mine = _survey(2026, None, 369)
    mine[0]["raw"] = 0
    assert _only(_judge(language + mine))[0] == 370


@pytest.mark.parametrize(
    ("second", "t"),
    [
        ({"date": "2026-04-21", "dev": 600}, 500),  # the later date
        ({"date": "2026-04-19", "dev": 300}, 400),
        ({"known_at": datetime(2026, 8, 2, tzinfo=UTC), "dev": 600}, 500),  # the later known
        ({"dev": 300}, 350),  # the lower
        ({"dev": 600}, 400),
    ],
)
def test_of_two_scores_in_a_subject_one_counts_and_a_warning_says_so(second: Row, t: int) -> None:
    rows = _survey(2026, 400, 400)
    part = _judge([*rows, rows[0] | second])
    assert _only(part)[0] == t
    assert part.warnings == {"two_scores": 1}


def test_a_row_without_a_score_is_no_second_score() -> None:
    rows = _survey(2026, 400, 400)
    part = _judge([*rows, rows[0] | {"dev": None, "raw": 5_000_000, "date": "2026-04-21"}])
    assert _only(part)[0] == 400
    assert part.warnings == {}


def test_a_pupil_with_two_marks_counts_once_in_the_norm() -> None:
    again = _marked(20)[0] | {"date": "2026-04-21"}
    part = _judge([*_class(99), *_marked(10, 10), again])
    assert part.norms["n"].to_list() == [100, 100]
    # beside 49 of mark 10 and 50 of mark 20 the pupil's mark is 20 in one subject and 10 in the other
    assert part.norms["sum"].to_list() == [str(1510 * 10**6), str(1500 * 10**6)]
    assert _only(part)[0] == 499  # 50 + 10·√(49/51) = 59.8, and 40.0
    assert part.warnings == {"two_scores": 1}


# == who ==


@pytest.mark.parametrize(
    ("birth", "judged"),
    [("2020-04-01", True), ("2020-04-02", False), ("2011-04-02", True), ("2011-04-01", False), ("?", False)],
)
def test_only_p1_to_j3_by_birth_date_are_judged(birth: str, judged: bool) -> None:
    resident = [{"person": 1, "birth": birth, "effective_from": "2005-01-01"}]
    given = facts(resident=resident, academic=_survey(2026, 300, 300), hoiku=[{"child": 1, "from_date": "2020-01-01"}])
    part = _judged(given)
    assert _only(part) == ((300, None, None, "unknown", "4") if judged else (None, None, None, None, "X"))
    assert codes(part) == (["CHANGE_UNKNOWN", "T_LT35"] if judged else [])


def test_a_pupil_without_any_row_is_x() -> None:
    part = _judged(facts(resident=[PUPIL]))
    assert _only(part) == (None, None, None, None, "X")
    assert codes(part) == ["TX_NO_SCORE"]
    assert part.reasons["source"].to_list() == [None]


def test_the_order_of_rows_changes_nothing() -> None:
    chance = random.Random(1)
    rows = _class(150) + _class(150, fy=2025) + _class(40, survey_id="T")
    for row in rows:
        row["raw"] = chance.randrange(0, 100) * 1_000_000
        row["source"] = rows.index(row)
    resident = [{"person": 101 + i, "birth": "2016-05-01"} for i in range(60)]
    one, other = _judge(rows, resident=resident), _judge(chance.sample(rows, len(rows)), resident=resident)
    by = ["person", "code", "source"]
    assert one.frame.equals(other.frame)
    assert one.norms.equals(other.norms)
    assert one.reasons.sort(by).equals(other.reasons.sort(by))
    assert one.frame.schema == pl.Schema(
        {"person": pl.Int64, "t": pl.Int32, "d1": pl.Int32, "d2": pl.Int32, "change": pl.String, "learning": pl.String}
    )

"""The oracle's days and numbers, at the edges the rules name."""

from datetime import date
from fractions import Fraction

import pytest

from tests.oracle.days import (
    Span,
    add_months,
    grade_in,
    in_force,
    known_until,
    last_day_before_school,
    last_day_in_scope,
    months_back,
    within_months,
)
from tests.oracle.exact import standardised, tenths
from tests.oracle.learning import band_of, change_class
from tests.oracle.noncognitive import noncognitive_rank
from tests.oracle.overall import concern, raw_category, settled


@pytest.mark.parametrize(
    ("event", "months", "last"),
    [
        (date(2024, 8, 31), 12, date(2025, 8, 31)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2025, 10, 31), 13, date(2026, 11, 30)),
        (date(2023, 1, 31), 37, date(2026, 2, 28)),
    ],
)
def test_months_end_on_the_corresponding_day_or_the_last_of_the_month(event: date, months: int, last: date) -> None:
    assert add_months(event, months) == last
    assert within_months(event, months, last)
    assert not within_months(event, months, date.fromordinal(last.toordinal() + 1))
    assert not within_months(event, months, date.fromordinal(event.toordinal() - 1))


@pytest.mark.parametrize(
    ("birth", "fy", "grade"),
    [
        (date(2019, 4, 1), 2025, "P1"),
        (date(2019, 4, 2), 2025, None),
        (date(2019, 4, 2), 2026, "P1"),
        (date(2010, 4, 2), 2025, "J3"),
        (date(2010, 4, 1), 2025, "H1"),
        (date(2008, 2, 29), 2025, "H3"),
        (date(2007, 4, 1), 2025, None),
    ],
)
def test_grades_run_from_2_april_to_1_april(birth: date, fy: int, grade: str | None) -> None:
    assert grade_in(birth, fy) == grade


@pytest.mark.parametrize(
    ("birth", "last"),
    [
        (date(2008, 4, 1), date(2026, 3, 31)),  # attains 18 on 31 March 2026, the day before the birthday
        (date(2008, 4, 2), date(2027, 3, 31)),
        (date(2008, 3, 31), date(2026, 3, 31)),
        (date(2008, 2, 29), date(2026, 3, 31)),
    ],
)
def test_scope_ends_on_31_march_after_attaining_18(birth: date, last: date) -> None:
    assert last_day_in_scope(birth) == last


def test_school_begins_after_31_march_of_the_seventh_school_year() -> None:
    assert last_day_before_school(date(2019, 4, 1)) == date(2025, 3, 31)
    assert last_day_before_school(date(2019, 4, 2)) == date(2026, 3, 31)


def test_ends_are_inclusive_and_one_possible_day_is_enough() -> None:
    may = Span(date(2025, 5, 1), date(2025, 5, 31))
    exactly = Span(date(2025, 5, 10), date(2025, 5, 10))
    assert in_force(exactly, exactly, date(2025, 5, 10))
    assert not in_force(exactly, exactly, date(2025, 5, 11))
    assert in_force(may, None, date(2025, 5, 1))
    assert in_force(exactly, may, date(2025, 5, 31))
    assert not in_force(exactly, may, date(2025, 6, 1))


def test_the_attendance_window_ends_with_the_last_whole_month() -> None:
    assert (months_back(date(2026, 8, 31), 12)[0], months_back(date(2026, 8, 31), 12)[-1]) == (202608, 202509)
    assert (months_back(date(2026, 8, 30), 12)[0], months_back(date(2026, 8, 30), 12)[-1]) == (202607, 202508)


def test_known_at_a_date_is_the_end_of_that_day_in_japan() -> None:
    assert known_until(date(2026, 9, 1)).isoformat() == "2026-09-01T23:59:59.999999+09:00"


@pytest.mark.parametrize(
    ("value", "expected"),
    [("34.94", 349), ("34.95", 350), ("44.95", 450), ("-0.05", 0), ("-0.06", -1), ("50", 500)],
)
def test_scores_are_rounded_half_up_to_a_tenth(value: str, expected: int) -> None:
    assert tenths(Fraction(value)) == expected


@pytest.mark.parametrize(
    ("value", "t"),
    [("1.75", 350), ("1.7475", 350), ("1.7474", 349), ("1.5", 300), ("1.4975", 300), ("2.2475", 450), ("3", 600)],
)
def test_t_is_exact_at_ties(value: str, t: int) -> None:
    assert standardised(Fraction(value), Fraction(5, 2), Fraction(1, 4)) == t


def test_t_with_an_irrational_spread_is_rounded_once_and_towards_plus_infinity() -> None:
    two = Fraction(2)  # √2 = 1.41421356…: 50 ± 7.0710678
    assert standardised(Fraction(1), Fraction(0), two) == 571
    assert standardised(Fraction(-1), Fraction(0), two) == 429
    assert standardised(Fraction(3), Fraction(1), Fraction(0)) == 500


@pytest.mark.parametrize(
    ("t", "band"),
    [
        (349, "T_LT35"),
        (350, "T_35_40"),
        (399, "T_35_40"),
        (400, "T_40_45"),
        (449, "T_40_45"),
        (450, "T_45_50"),
        (499, "T_45_50"),
        (500, "T_GE50"),
    ],
)
def test_a_cut_belongs_to_the_upper_band(t: int, band: str) -> None:
    assert band_of(t) == band


@pytest.mark.parametrize(
    ("d1", "d2", "change"),
    [
        (-29, None, "flat"),
        (-30, None, "decline"),
        (-49, -49, "decline"),
        (-50, None, "fall"),
        (-1, -50, "fall"),
        (0, -80, "flat"),
        (-31, -49, "decline"),
        (None, -80, "unknown"),
    ],
)
def test_changes_at_their_cuts(d1: int | None, d2: int | None, change: str) -> None:
    assert change_class(d1, d2) == change


@pytest.mark.parametrize(
    ("codes", "valid", "attended", "rank"),
    [
        ({"LOW_HEALTH", "LOW_HABITS", "LOW_CONFIDENCE"}, 3, False, "4"),
        ({"LOW_FAMILY", "VERY_LOW_FAMILY", "ABSENCE_15"}, 8, True, "4"),
        ({"LOW_HABITS", "VERY_LOW_HABITS", "ABSENCE_15"}, 8, True, "3"),
        ({"LOW_FAMILY", "VERY_LOW_FAMILY"}, 8, True, "2"),
        ({"LOW_HEALTH", "DROP_HEALTH", "DROP_HABITS"}, 8, False, "3"),
        ({"ABSENCE_15", "ABSENCE_30"}, 0, True, "3"),
        ({"ABSENCE_15"}, 0, True, "2"),
        ({"DROP_HEALTH", "DROP_HABITS"}, 2, False, "2"),
        ({"DROP_HEALTH"}, 8, False, "1"),
        (set(), 4, False, "X"),
        (set(), 4, True, "1"),
        (set(), 5, False, "1"),
    ],
)
def test_the_noncognitive_table_in_its_order(codes: set[str], valid: int, attended: bool, rank: str) -> None:
    assert noncognitive_rank(codes, valid=valid, attended=attended) == rank


@pytest.mark.parametrize(
    ("learning", "noncognitive", "w"),
    [
        ("3", "3", "4"),
        ("4", "3", "4"),
        ("4", "1", "3"),
        ("X", "4", "3"),
        ("4", "2", "4"),
        ("3", "1", "3"),
        ("1", "X", "1"),
        ("X", "X", "X"),
    ],
)
def test_school_concern(learning: str, noncognitive: str, w: str) -> None:
    assert concern(learning, noncognitive) == w


def test_the_override_lifts_only_what_is_below() -> None:
    assert raw_category("A", "N3", "4") == ("重点支援Ⅰ", False)
    assert raw_category("A", "N3", "3") == ("重点支援Ⅱ", False)
    assert raw_category("A", "N3", "X") == ("重点支援Ⅱ", True)
    assert raw_category("A", "N0", "X") == ("見守りⅠ", False)


I, II, W1, W2, EDU, DATA, OUT, REC = (
    "重点支援Ⅰ",
    "重点支援Ⅱ",
    "見守りⅠ",
    "見守りⅡ",
    "見守りⅡ(教育)",
    "要データ確認",
    "対象外",
    "対象外(記録)",
)


@pytest.mark.parametrize(
    ("raws", "category"),
    [
        ([W1], W1),
        ([I, W1], I),
        ([I, W1, W2], W1),  # the higher of the two
        ([I, W1, W2, OUT], W2),  # 見守りⅡ was the first lower run of the next step
        ([I, W2, W1], W1),
        ([I, W2, W1, W2], W1),
        ([I, W2, EDU], EDU),  # of equal ones the later
        ([W2, EDU], EDU),  # the same height is taken at once
        ([I, W1, I, W1], I),  # not consecutive
        ([OUT, I], I),
        ([W1, DATA, REC, OUT], OUT),
    ],
)
def test_a_category_falls_only_after_two_lower_runs(raws: list[str], category: str) -> None:
    assert settled(raws) == category

"""Days, months, fiscal years, ages and grades at their edges."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import calendar

DAYS = st.dates(date(1990, 1, 1), date(2040, 12, 31))


def only(expression: pl.Expr, **columns: date | int) -> object:
    return pl.DataFrame({name: [value] for name, value in columns.items()}).select(expression).item()


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2025, 8, 31), 12, date(2026, 8, 31)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 1, 1), -1, date(2025, 12, 1)),
    ],
)
def test_months_lead_to_the_corresponding_day_or_the_last(day: date, months: int, expected: date) -> None:
    assert calendar.plus_months(day, months) == expected


@pytest.mark.parametrize(
    ("day", "months", "earliest"),
    [
        (date(2026, 8, 31), 12, date(2025, 8, 31)),
        (date(2025, 2, 28), 12, date(2024, 2, 28)),  # and 2024-02-29 likewise
        (date(2024, 2, 29), 12, date(2023, 3, 1)),
        (date(2026, 8, 31), 6, date(2026, 3, 1)),  # 28 February + 6 months is 28 August
        (date(2026, 4, 30), 1, date(2026, 3, 30)),
    ],
)
def test_the_earliest_day_within_months(day: date, months: int, earliest: date) -> None:
    assert calendar.earliest_within(day, months) == earliest


@given(event=DAYS, day=DAYS, months=st.integers(0, 40))
def test_one_comparison_says_the_same_as_adding_months_to_each_day(event: date, day: date, months: int) -> None:
    within = day <= calendar.plus_months(event, months)
    assert (event >= calendar.earliest_within(day, months)) == within


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        (date(2026, 8, 31), 202509, 202608),
        (date(2026, 8, 30), 202508, 202607),
        (date(2026, 1, 31), 202502, 202601),
        (date(2024, 2, 28), 202302, 202401),
        (date(2026, 3, 1), 202503, 202602),
    ],
)
def test_the_last_twelve_months_are_those_that_have_ended(day: date, first: int, last: int) -> None:
    assert calendar.last_whole_months(day, 12) == (first, last)


@given(DAYS)
def test_the_fiscal_year_of_columns_is_that_of_days(day: date) -> None:
    assert only(calendar.fiscal_year_of(pl.col("day")), day=day) == calendar.fiscal_year(day)
    month = calendar.month_of(day)
    assert only(calendar.fiscal_year_of_month(pl.col("month")), month=month) == calendar.fiscal_year(day)


@pytest.mark.parametrize(
    ("birth", "age", "day"),
    [
        (date(2008, 4, 1), 18, date(2026, 3, 31)),
        (date(2008, 4, 2), 18, date(2026, 4, 1)),
        (date(2008, 2, 29), 18, date(2026, 2, 28)),
        (date(2008, 3, 1), 18, date(2026, 2, 28)),
    ],
)
def test_an_age_is_attained_the_day_before_the_birthday(birth: date, age: int, day: date) -> None:
    assert calendar.attained_on(birth, age) == day


def test_a_child_born_on_1_april_leaves_scope_a_year_before_one_born_on_2_april() -> None:
    assert calendar.last_day_in_scope(date(2008, 4, 1)) == date(2026, 3, 31)
    assert calendar.last_day_in_scope(date(2008, 4, 2)) == date(2027, 3, 31)


@given(birth=DAYS, day=DAYS)
def test_the_first_birth_in_scope_divides_those_in_scope_from_the_older(birth: date, day: date) -> None:
    assert (birth >= calendar.first_birth_in_scope(day)) == (day <= calendar.last_day_in_scope(birth))


@pytest.mark.parametrize(
    ("birth", "year", "grade"),
    [
        (date(2019, 4, 2), 2026, "P1"),
        (date(2020, 4, 1), 2026, "P1"),
        (date(2020, 4, 2), 2026, "E3"),
        (date(2022, 4, 2), 2026, "E1"),
        (date(2023, 4, 2), 2026, None),
        (date(2011, 4, 2), 2026, "J3"),
        (date(2011, 4, 1), 2026, "H1"),
        (date(2008, 4, 2), 2026, "H3"),
        (date(2008, 4, 1), 2026, None),
    ],
)
def test_the_grade_follows_from_the_birth_date(birth: date, year: int, grade: str | None) -> None:
    assert only(calendar.grade_at(pl.col("birth"), year), birth=birth) == grade


def test_a_child_is_before_school_until_31_march() -> None:
    birth = date(2019, 4, 2)
    assert only(calendar.before_school(pl.col("birth"), date(2026, 3, 31)), birth=birth) is True
    assert only(calendar.before_school(pl.col("birth"), date(2026, 3, 31) + timedelta(days=1)), birth=birth) is False

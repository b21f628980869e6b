"""Quarters of a fiscal year."""

from datetime import date

import pytest

from schemas.errors import UsageError
from services.council.quarter import parse_quarter


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("FY2026Q1", date(2026, 4, 1), date(2026, 6, 30)),
        ("FY2026Q2", date(2026, 7, 1), date(2026, 9, 30)),
        ("FY2026Q3", date(2026, 10, 1), date(2026, 12, 31)),
        ("FY2026Q4", date(2027, 1, 1), date(2027, 3, 31)),
        ("FY2027Q4", date(2028, 1, 1), date(2028, 3, 31)),
    ],
)
def test_a_quarter_of_the_fiscal_year_has_both_its_ends(name: str, first: date, last: date) -> None:
    quarter = parse_quarter(name)
    assert (quarter.first, quarter.last) == (first, last)
    assert quarter.months[0] == first.isoformat()[:7]
    assert quarter.months[2] == last.isoformat()[:7]


@pytest.mark.parametrize("name", ["2026Q2", "FY2026Q5", "FY26Q1", "FY2026Q2 ", "FY0000Q1", "FY２０２６Q2"])
def test_another_form_is_a_usage_error(name: str) -> None:
    with pytest.raises(UsageError, match="FY2026Q2"):
        parse_quarter(name)


def test_people_read_the_quarter_with_its_era_year() -> None:
    assert parse_quarter("FY2026Q2").label == "2026年度（令和8年度）第2四半期"
    assert parse_quarter("FY2018Q4").label == "2018年度第4四半期"

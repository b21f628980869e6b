"""Who is judged, in which household, and which oddities are counted (readings 4, 6, 7 and 26)."""

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from models.judgement.scope import Scope, scope_at
from tests.kernel_rows import Row, facts

AS_OF = date(2026, 8, 31)


def scope(*residents: Row, as_of: date = AS_OF, **feeds: Any) -> Scope:
    return scope_at(facts(resident=list(residents), **feeds), as_of)


def of(feed: str, row: Row) -> dict[str, Any]:
    return {feed: [row]}


def children(found: Scope) -> list[int]:
    return sorted(found.children["person"])


@pytest.mark.parametrize(
    ("birth", "judged"),
    [
        ("2008-04-01", []),  # attained 18 on 31 March 2026
        ("2008-04-02", [1]),  # attains 18 on 1 April 2026
        ("2026-08-31", [1]),
        ("2026-09-01", []),
        ("2008", [1]),  # may be born after 1 April
        ("2008-04", [1]),
        ("2008-03", []),
        ("2026-08", [1]),
        ("2026-09", []),
    ],
)
def test_a_child_is_in_scope_from_birth_to_the_31_march_after_18(birth: str, judged: list[int]) -> None:
    assert children(scope({"person": 1, "birth": birth})) == judged


def test_the_last_31_march_is_in_scope() -> None:
    last_year = {"person": 1, "birth": "2008-04-01"}
    assert children(scope(last_year, as_of=date(2026, 3, 31))) == [1]
    assert children(scope(last_year, as_of=date(2026, 4, 1))) == []


@pytest.mark.parametrize("status", ["転出", "死亡", "消除"])
def test_a_row_that_ends_residence_counts_on_its_own_day(status: str) -> None:
    leaves = {"person": 1, "status": status, "rireki_no": 2, "effective_from": "2026-08-31"}
    assert children(scope({"person": 1}, leaves)) == []
    assert children(scope({"person": 1}, leaves, as_of=date(2026, 8, 30))) == [1]


def test_no_other_row_of_that_day_brings_the_person_back() -> None:
    leaves = {"person": 1, "status": "転出", "rireki_no": 2, "effective_from": "2026-08-31"}
    returns = {"person": 1, "rireki_no": 3, "effective_from": "2026-08-31"}
    assert children(scope(leaves, returns)) == []
    assert children(scope(leaves, returns, as_of=date(2026, 9, 1))) == [1]


def test_the_household_is_that_of_the_latest_row_then_of_the_highest_rireki_no() -> None:
    moved = [
        {"person": 1, "setai": 10, "effective_from": "2026-08-01", "rireki_no": 1},
        {"person": 1, "setai": 20, "effective_from": "2026-08-31", "rireki_no": 2},
        {"person": 1, "setai": 30, "effective_from": "2026-08-31", "rireki_no": 3},
        {"person": 1, "setai": 40, "effective_from": "2026-09-01", "rireki_no": 4},
    ]
    assert scope(*moved).children["setai"].to_list() == [30]
    assert scope(*moved, as_of=date(2026, 8, 30)).children["setai"].to_list() == [10]


def test_of_two_rows_alike_the_latest_known_counts_then_the_greater_record_id() -> None:
    rows = [
        {"person": 1, "setai": 10, "known_at": datetime(2026, 7, 1, tzinfo=UTC), "tie": 9},
        {"person": 1, "setai": 20, "known_at": datetime(2026, 7, 2, tzinfo=UTC), "tie": 2},
        {"person": 1, "setai": 30, "known_at": datetime(2026, 7, 2, tzinfo=UTC), "tie": 1},
    ]
    assert scope(*rows).children["setai"].to_list() == [20]


def test_a_row_is_in_force_to_the_day_it_ends() -> None:
    ends = {"person": 1, "effective_to": "2026-08-31"}
    assert children(scope(ends)) == [1]
    assert children(scope(ends, as_of=date(2026, 9, 1))) == []


def test_older_residents_are_members_and_never_judged() -> None:
    found = scope({"person": 1}, {"person": 2, "birth": "1980-01-01"}, {"person": 3, "status": "転出"})
    assert children(found) == [1]
    assert sorted(found.members["person"]) == [1, 2]


@pytest.mark.parametrize(
    ("birth", "grade", "pupil"),
    [
        ("2020-04-02", "E3", False),
        ("2020-04-01", "P1", True),
        ("2011-04-02", "J3", True),
        ("2011-04-01", "H1", False),
        ("2020", "P1", True),  # the first of its days is 1 January
        ("2025-01-01", None, False),
    ],
)
def test_the_grade_is_by_birth_date_alone(birth: str, grade: str | None, pupil: bool) -> None:
    found = scope({"person": 1, "birth": birth}, gakureibo=[{"person": 1, "grade": "P6"}])
    assert found.children.select("grade", "pupil").row(0) == (grade, pupil)


NAMED: list[tuple[str, Row, Row]] = [  # feed, a row in force, one that is not
    ("gakureibo", {"person": 1}, {"person": 1, "effective_to": "2026-08-30"}),
    ("academic", {"person": 1, "fy": 2026, "date": "2026-08-31"}, {"person": 1, "fy": 2026, "date": "2026-09-01"}),
    ("life_answer", {"person": 1, "fy": 2026, "date": "2026-08-31"}, {"person": 1, "fy": 2026, "date": "2026-09-01"}),
    ("life_scale", {"person": 1, "fy": 2026, "date": "2026-08-31"}, {"person": 1, "fy": 2026, "date": "2026-09-01"}),
    ("physical", {"person": 1, "fy": 2026}, {"person": 1, "fy": 2027}),
    ("attendance", {"person": 1, "ym": 202608}, {"person": 1, "ym": 202609}),
    (
        "shugaku_enjo",
        {"child": 1, "fy": 2026, "from_date": "2026-04-01"},
        {"child": 1, "fy": 2025, "from_date": "2025-04-01", "to_date": "2026-03-31"},
    ),
    ("jido_fuyo_teate", {"child": 1, "to_month": 202608}, {"child": 1, "to_month": 202607}),
    ("boshi_hoken", {"child": 1, "due_from": "2026-08-31"}, {"child": 1, "due_from": "2026-09-01"}),
    ("hoiku", {"child": 1, "from_date": "2026-04-01"}, {"child": 1, "from_date": "2026-09-01"}),
    ("soudan", {"child": 1, "received": "2026-08-31"}, {"child": 1, "received": "2026-01-01", "closed": "2026-08-30"}),
]


@pytest.mark.parametrize(("feed", "in_force", "not_in_force"), NAMED)
def test_a_person_of_unknown_birth_is_in_scope_while_a_row_names_the_child(
    feed: str, in_force: Row, not_in_force: Row
) -> None:
    unknown = {"person": 1, "birth": "?"}
    found = scope(unknown, **of(feed, in_force))
    assert children(found) == [1]
    assert found.children["grade"].to_list() == [None]
    assert children(scope(unknown, **of(feed, not_in_force))) == []
    assert children(scope(unknown)) == []


@pytest.mark.parametrize(
    ("feed", "row", "counts"),
    [
        ("academic", {"person": 1, "fy": 2026, "date": "2026-05-01"}, True),
        ("academic", {"person": 1, "fy": 2025, "date": "2025-05-01"}, False),
        ("attendance", {"person": 1, "ym": 202604}, True),
        ("attendance", {"person": 1, "ym": 202603}, False),
        ("shugaku_enjo", {"child": 1, "fy": 2026, "from_date": "2026-04-01"}, True),
        ("boshi_hoken", {"child": 1, "due_from": "2026-04-01"}, True),
        ("hoiku", {"child": 1, "from_date": "2026-04-01"}, True),
        ("soudan", {"child": 1, "received": "2026-08-01"}, False),  # not among the feeds of reading 6
        ("shugaku_enjo", {"child": 1, "fy": 2027, "from_date": "2027-04-01"}, False),  # after the as-of date
    ],
)
def test_a_child_named_in_a_year_past_18_is_a_warning(feed: str, row: Row, counts: bool) -> None:
    found = scope({"person": 1, "birth": "2008-04-01"}, **of(feed, row))
    assert found.warnings == ({"older_than_18": 1} if counts else {})


@pytest.mark.parametrize(
    ("relation", "warnings"),
    [
        ({"setai": 2}, {"household_disagrees": 1}),
        ({"setai": 1}, {}),
        ({"setai": 2, "effective_to": "2026-08-30"}, {}),
    ],
)
def test_feed_2_only_warns_where_it_disagrees(relation: Row, warnings: dict[str, Any]) -> None:
    found = scope({"person": 1, "setai": 1}, household=[{"person": 1, **relation}])
    assert found.warnings == warnings
    assert found.children["setai"].to_list() == [1]


def test_rows_of_a_household_reach_each_of_its_children() -> None:
    found = scope({"person": 1}, {"person": 2}, {"person": 3, "setai": 9}, {"person": 4, "birth": "1980-01-01"})
    reached = found.of_households(pl.DataFrame({"person": [4], "source": [7]}))
    assert sorted(reached["person"]) == [1, 2]

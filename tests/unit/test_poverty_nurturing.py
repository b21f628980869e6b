"""Nurturing level: every fact, every edge, told by its reasons (readings 3, 4, 5, 11, 23 and 25)."""

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from models.judgement.part import Part
from models.judgement.poverty.judge import judge_poverty
from models.judgement.scope import scope_at
from schemas.rules import load_default
from tests.kernel_rows import Row, codes, facts, sources

AS_OF = date(2026, 8, 31)
PUPIL: Row = {"person": 1, "birth": "2016-05-01"}
INFANT: Row = {"person": 1, "birth": "2023-01-01"}
TAX: Row = {"setai": 1, "class": "課税", "effective_from": "2025-06-01", "source": 900}


def judge(child: Row, as_of: date = AS_OF, missing: tuple[str, ...] = (), **feeds: Any) -> Part:
    years = [{**TAX, "fy": year} for year in (2025, 2026)]
    given = facts(missing=missing, resident=[child, {"person": 2, "birth": "1990-01-01"}], **feeds, tax_class=years)
    return judge_poverty(given, scope_at(given, as_of), as_of=as_of, rules=load_default())


def level(part: Part) -> str:
    found = part.frame.filter(pl.col("person") == 1)["nurturing"].item()
    assert isinstance(found, str)
    return found


# -- 相談・要対協 ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "nurturing", "expected"),
    [
        ("要保護", "N3", ["N3_YOHOGO"]),
        ("虐待通告", "N3", ["N3_ABUSE_12M"]),
        ("要支援", "N2", ["N2_YOSHIEN"]),
        ("特定妊婦", "N2", ["N2_TOKUTEI_NINPU"]),
        ("養育相談", "N1", ["N1_KATEI_SODAN"]),
        ("ヤングケアラー", "N0", []),
        ("その他", "N0", []),
    ],
)
def test_each_kind_has_its_level(kind: str, nurturing: str, expected: list[str]) -> None:
    part = judge(PUPIL, soudan=[{"child": 1, "kind": kind, "received": "2026-05-01"}])
    assert (level(part), codes(part)) == (nurturing, expected)
    assert all(sources(part, code) == [3] for code in expected)


@pytest.mark.parametrize(
    ("received", "closed", "counts"),
    [
        ("2026-08-31", None, True),
        ("2026-09-01", None, False),
        ("2020-01-01", "2026-08-31", True),
        ("2020-01-01", "2026-08-30", False),
        ("2020-01-01", "2026-08", True),
        ("2020-01-01", "?", False),  # any day up to the event, 1 August 2026
        ("?", None, True),
    ],
)
def test_a_registration_is_in_force_from_received_to_closed(received: str, closed: str | None, counts: bool) -> None:
    row: Row = {"child": 1, "kind": "要支援", "received": received, "closed": closed}
    assert codes(judge(PUPIL, soudan=[row])) == (["N2_YOSHIEN"] if counts else [])


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ("2026-09-01", []),
        ("2026-08-31", ["N3_ABUSE_12M"]),
        ("2025-08-31", ["N3_ABUSE_12M"]),  # 12 months
        ("2025-08-30", ["N2_ABUSE_36M"]),  # in the 13th
        ("2025-07-31", ["N2_ABUSE_36M"]),  # 13 months
        ("2023-08-31", ["N2_ABUSE_36M"]),  # 36 months
        ("2023-08-30", []),  # in the 37th
        ("2023-07-31", []),  # 37 months
        ("2025-08", ["N3_ABUSE_12M"]),  # may be within 12 months or before: the former alone
        ("2023-08", ["N2_ABUSE_36M"]),
        ("2025", ["N3_ABUSE_12M"]),
        ("?", ["N3_ABUSE_12M"]),
    ],
)
def test_an_abuse_report_counts_from_its_day(received: str, expected: list[str]) -> None:
    row: Row = {"child": 1, "kind": "虐待通告", "received": received, "closed": received}
    assert codes(judge(PUPIL, soudan=[row])) == expected


def test_a_recent_report_and_an_old_one_are_both_listed() -> None:
    rows = [{"child": 1, "kind": "虐待通告", "received": day} for day in ("2024-01-01", "2026-01-01")]
    assert codes(judge(PUPIL, soudan=rows)) == ["N2_ABUSE_36M", "N3_ABUSE_12M"]


def test_a_row_of_a_sibling_gives_no_level() -> None:
    assert codes(judge(PUPIL, soudan=[{"child": 2, "kind": "要保護", "received": "2026-05-01"}])) == []


@pytest.mark.parametrize(
    ("row", "counts"),
    [
        ({"person": 1, "from_date": "2026-08-31"}, True),
        ({"person": 1, "from_date": "2026-09-01"}, False),
        ({"person": 1, "from_date": "2026-01-01", "to_date": "2026-08-31"}, True),
        ({"person": 1, "from_date": "2026-01-01", "to_date": "2026-08-30"}, False),
        ({"person": 1, "from_date": "2026-01-01", "service": "学習支援"}, False),
        ({"person": 2, "from_date": "2026-01-01"}, False),
    ],
)
def test_a_support_visit_counts_while_in_progress(row: Row, counts: bool) -> None:
    assert codes(judge(PUPIL, edu_support=[row])) == (["N2_VISIT"] if counts else [])


# -- 母子保健 ----------------------------------------------------------------------------------------------------------

MISSED: Row = {"child": 1, "kind": "3y", "due_from": "2026-01-01", "due_to": "2026-06-01"}


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        ({"due_to": "2026-07-01"}, True),  # 61 days before
        ({"due_to": "2026-07-02"}, False),  # 60 days
        ({"due_to": "2026-07"}, True),
        ({"due_to": "?"}, True),
        ({"due_to": None}, False),
        ({"kind": "3-4m"}, True),
        ({"kind": "1.6y"}, True),
        ({"kind": "5y"}, True),
        ({"kind": "新生児訪問"}, False),
        ({"kind": "妊婦"}, False),
        ({"visited": "2026-08-31"}, False),
        ({"visited": "2026-09-01"}, True),
        ({"visited": "2026-08"}, False),
        ({"visited": "2026"}, True),  # may be after the as-of date
        ({"visited": "?"}, False),  # up to the event, 1 August 2026
        ({"reached_by_other": True}, False),
        ({"child": 2}, False),
    ],
)
def test_a_checkup_is_missed_60_days_after_its_period(change: Row, counts: bool) -> None:
    part = judge(INFANT, boshi_hoken=[{**MISSED, **change}])
    assert codes(part) == (["N1_CHECKUP_MISSED"] if counts else [])


@pytest.mark.parametrize(
    ("as_of", "expected"), [(date(2026, 3, 31), ["N1_CHECKUP_MISSED", "N1_HOKEN_SHIDO"]), (date(2026, 4, 1), [])]
)
def test_health_rows_count_until_31_march_before_school(as_of: date, expected: list[str]) -> None:
    enters: Row = {"person": 1, "birth": "2020-04-01"}
    visited: Row = {"child": 1, "visited": "2023-06-01", "result": "要支援", "kind": "1.6y"}
    part = judge(enters, as_of, boshi_hoken=[{**MISSED, "due_to": "2025-06-01"}, visited])
    assert codes(part) == expected


def test_a_child_of_unknown_birth_is_taken_to_be_young() -> None:
    assert codes(judge({"person": 1, "birth": "?"}, boshi_hoken=[MISSED])) == ["N1_CHECKUP_MISSED"]


def visit(day: str, result: str | None, **more: object) -> Row:
    return {"child": 1, "kind": "1.6y", "visited": day, "result": result, **more}


@pytest.mark.parametrize(
    ("rows", "deciding"),
    [
        ([visit("2025-05-01", "要経過観察")], [3]),
        ([visit("2025-05-01", "要支援")], [3]),
        ([visit("2025-05-01", "要精検")], []),
        ([visit("2025-05-01", None)], []),
        ([visit("2025-05-01", "要支援"), visit("2026-05-01", "異常なし")], []),
        ([visit("2026-05-01", "要支援"), visit("2025-05-01", "異常なし")], [3]),
        ([visit("2025-05-01", "異常なし"), visit("2026-08-31", "要支援")], [4]),
        ([visit("2025-05-01", "異常なし"), visit("2026-09-01", "要支援")], []),
        ([visit("2025-05-01", "要支援"), visit("2026-09-01", "異常なし")], [3]),
        ([visit("2025-05-01", "要支援", kind="新生児訪問")], [3]),
        ([visit("2025-05-01", "異常なし"), visit("2026-05-01", "要支援", kind="妊婦")], []),
        ([visit("2025-05", "要支援"), visit("2025-05-15", "異常なし")], [3]),  # may be the later one
        ([visit("2025-05", "異常なし"), visit("2025-05-15", "要支援")], [4]),
        ([visit("2025-04", "要支援"), visit("2025-05-15", "異常なし")], []),
        ([visit("2025-05-01", "要支援"), visit("2026", "異常なし")], [3]),  # may be after the as-of date
        ([visit("2025-05-01", "要支援", tie=1), visit("2025-05-01", "異常なし", tie=2)], []),
        ([visit("2025-05-01", "要支援", tie=2), visit("2025-05-01", "異常なし", tie=1)], [3]),
        (
            [
                visit("2025-05-01", "要支援", tie=2),
                visit("2025-05-01", "異常なし", tie=1, known_at=datetime(2026, 8, 2, tzinfo=UTC)),
            ],
            [],
        ),
    ],
)
def test_follow_up_goes_by_the_latest_attended_row(rows: list[Row], deciding: list[int]) -> None:
    assert sources(judge(INFANT, boshi_hoken=rows), "N1_HOKEN_SHIDO") == deciding


# -- missing feeds -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("missing", "nurturing", "expected"),
    [
        ((), "N0", []),
        (("boshi_hoken",), "NX", ["NX_FEED_MISSING"]),
        (("soudan",), "NX", ["NX_FEED_MISSING"]),
        (("edu_support", "academic"), "N0", []),
    ],
)
def test_without_a_fact_the_level_is_unknown_if_a_feed_is_missing(
    missing: tuple[str, ...], nurturing: str, expected: list[str]
) -> None:
    part = judge(PUPIL, missing=missing)
    assert (level(part), codes(part)) == (nurturing, expected)


def test_a_fact_counts_though_a_feed_is_missing() -> None:
    part = judge(PUPIL, missing=("boshi_hoken",), soudan=[{"child": 1, "kind": "養育相談", "received": "2026-05-01"}])
    assert (level(part), codes(part)) == ("N1", ["N1_KATEI_SODAN"])


def test_the_missing_feeds_are_named() -> None:
    part = judge(PUPIL, missing=("boshi_hoken", "soudan", "academic"))
    assert part.reasons["text"].to_list() == ["母子保健、相談・要対協"]

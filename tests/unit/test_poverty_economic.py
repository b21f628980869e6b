"""Economic level: every fact, every edge, told by its reasons (readings 3, 4, 7 to 10, 23 and 25)."""

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
CHILD: Row = {"person": 1}
PARENT: Row = {"person": 2, "birth": "1985-01-01"}
TAXED: Row = {"setai": 1, "class": "課税", "source": 900}
EARLIER, LATER = datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 7, 2, tzinfo=UTC)


def judge(as_of: date = AS_OF, residents: tuple[Row, ...] = (CHILD, PARENT), **feeds: Any) -> Part:
    given = facts(resident=[*residents], **feeds)
    return judge_poverty(given, scope_at(given, as_of), as_of=as_of, rules=load_default())


def taxed(as_of: date = AS_OF, **feeds: Any) -> Part:
    """Judged with a 課税 row of the years that may be asked, so that what is found besides stands alone."""
    years: list[Row] = [{**TAXED, "fy": year, "effective_from": f"{year}-06-01"} for year in (2025, 2026)]
    return judge(as_of, **feeds, tax_class=years)


def level(part: Part, person: int = 1) -> str:
    found = part.frame.filter(pl.col("person") == person)["economic"].item()
    assert isinstance(found, str)
    return found


# -- 生活保護 ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["開始", "停止", "廃止"])
def test_hogo_in_force_is_e3_whatever_its_status(status: str) -> None:
    part = taxed(seikatsu_hogo=[{"member": 2, "status": status, "start_date": "2024-01-01", "end_date": "2026-08-31"}])
    assert (level(part), codes(part), sources(part, "E3_HOGO")) == ("E3", ["E3_HOGO"], [3])


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-08-31", None, ["E3_HOGO"]),
        ("2026-09-01", None, []),  # the day after counts not yet
        ("2024-01-01", "2026-08-31", ["E3_HOGO"]),
        ("2024-01-01", "2026-08-30", ["E1_HOGO_ENDED"]),
        ("2024-01-01", "2025-08-31", ["E1_HOGO_ENDED"]),  # twelve months ago to the day
        ("2024-01-01", "2025-08-30", []),
        ("2024-01-01", "2025-08", ["E1_HOGO_ENDED"]),  # may be the 31st
        ("2024-01-01", "2026-08", ["E3_HOGO"]),
        ("2024-01-01", "2025-07", []),
        ("2026-08", None, ["E3_HOGO"]),
        ("2026-09", None, []),
        ("?", None, ["E3_HOGO"]),
        ("2024-01-01", "?", ["E1_HOGO_ENDED"]),  # any day up to the event, 1 August 2026
    ],
)
def test_hogo_counts_from_its_start_to_twelve_months_after_its_end(
    start: str, end: str | None, expected: list[str]
) -> None:
    assert codes(taxed(seikatsu_hogo=[{"member": 2, "start_date": start, "end_date": end}])) == expected


OPENED: Row = {"member": 2, "start_date": "2024-01-01"}
ENDED: Row = {"member": 2, "status": "廃止", "start_date": "2026-03-31"}


def test_an_end_without_a_day_of_its_own_ends_the_open_rows_of_case_and_member() -> None:
    part = taxed(seikatsu_hogo=[OPENED, ENDED])
    assert (codes(part), sources(part, "E1_HOGO_ENDED")) == (["E1_HOGO_ENDED"], [3, 4])
    assert part.reasons["day"].to_list() == [date(2026, 3, 31)] * 2


@pytest.mark.parametrize(
    "event",
    [
        {**ENDED, "case": 2},
        {**ENDED, "member": 1},
        {**ENDED, "start_date": "2023-12-31"},  # before the row began
        {**ENDED, "start_date": "2026-09-01"},  # after the as-of date
    ],
)
def test_it_ends_no_other_row(event: Row) -> None:
    assert "E3_HOGO" in codes(taxed(seikatsu_hogo=[OPENED, event]))


def test_a_row_without_a_case_number_has_its_households() -> None:
    rows = [{**row, "case": None, "setai": 1} for row in (OPENED, ENDED)]
    assert codes(taxed(seikatsu_hogo=rows)) == ["E1_HOGO_ENDED"]


def test_on_the_day_of_the_event_it_is_still_in_force() -> None:
    assert codes(taxed(date(2026, 3, 31), seikatsu_hogo=[OPENED, ENDED])) == ["E3_HOGO"]
    assert codes(taxed(date(2026, 4, 1), seikatsu_hogo=[OPENED, ENDED])) == ["E1_HOGO_ENDED"]


def test_what_ended_on_a_day_was_in_force_on_that_day_even_if_no_row_began_it() -> None:
    assert codes(taxed(date(2026, 3, 31), seikatsu_hogo=[ENDED])) == ["E3_HOGO"]
    assert codes(taxed(date(2026, 4, 1), seikatsu_hogo=[ENDED])) == ["E1_HOGO_ENDED"]


def test_overlapping_spells_end_together() -> None:
    rows = [
        {"member": 2, "start_date": "2020-01-01", "end_date": "2025-12-31"},
        {"member": 2, "case": 2, "start_date": "2023-01-01", "end_date": "2025-10-31"},
    ]
    part = taxed(seikatsu_hogo=rows)
    assert (sources(part, "E1_HOGO_ENDED"), part.reasons["day"].to_list()) == ([3], [date(2025, 12, 31)])


def test_a_member_whose_spells_go_on_has_no_ended_one() -> None:
    rows = [
        {"member": 2, "start_date": "2020-01-01", "end_date": "2026-03-31"},
        {"member": 2, "case": 2, "start_date": "2026-05-01"},
    ]
    assert codes(taxed(seikatsu_hogo=rows)) == ["E3_HOGO"]


def test_one_members_spell_may_be_in_force_and_anothers_ended() -> None:
    rows = [
        {"member": 2, "start_date": "2020-01-01", "end_date": "2026-03-31"},
        {"member": 1, "start_date": "2020-01-01"},
    ]
    assert codes(taxed(seikatsu_hogo=rows)) == ["E1_HOGO_ENDED", "E3_HOGO"]


def test_a_fact_is_the_households_of_the_member_at_the_date() -> None:
    hogo: list[Row] = [{"member": 2, "setai": 1, "start_date": "2024-01-01"}]
    moved_in: Row = {**PARENT, "effective_from": "2026-08-31"}
    elsewhere: Row = {**PARENT, "setai": 9}
    gone: Row = {**PARENT, "status": "転出"}
    assert codes(judge(residents=(CHILD, moved_in), seikatsu_hogo=hogo)) == ["E3_HOGO"]
    assert codes(judge(residents=(CHILD, elsewhere), seikatsu_hogo=hogo)) == ["EX_NO_TAX"]
    assert codes(judge(residents=(CHILD, gone), seikatsu_hogo=hogo)) == ["EX_NO_TAX"]


# -- 児童扶養手当 ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "expected"),
    [("全部支給", ["E2_TEATE"]), ("一部支給", ["E1_TEATE"]), ("全部停止", []), ("資格喪失", [])],
)
def test_teate_counts_by_its_status(status: str, expected: list[str]) -> None:
    assert codes(taxed(jido_fuyo_teate=[{"recipient": 2, "child": 1, "status": status}])) == expected


@pytest.mark.parametrize(
    ("first", "last", "counts"),
    [(202608, 202608, True), (202609, None, False), (202501, 202607, False), (202501, 202608, True)],
)
def test_teate_counts_to_the_last_day_of_its_month(first: int, last: int | None, counts: bool) -> None:
    row = {"recipient": 2, "child": 1, "status": "全部支給", "from_month": first, "to_month": last}
    assert codes(taxed(jido_fuyo_teate=[row])) == (["E2_TEATE"] if counts else [])


def test_of_the_rows_of_recipient_and_child_the_latest_from_alone_counts() -> None:
    older = {"recipient": 2, "child": 1, "status": "全部支給", "from_month": 202504, "known_at": LATER}
    newer = {"recipient": 2, "child": 1, "status": "全部停止", "from_month": 202511, "known_at": EARLIER}
    assert codes(taxed(jido_fuyo_teate=[older, newer])) == []
    assert codes(taxed(jido_fuyo_teate=[older, {**newer, "child": 3}])) == ["E2_TEATE"]


def test_of_one_from_the_latest_known_then_the_greater_record_id_counts() -> None:
    full = {"recipient": 2, "child": 1, "status": "全部支給", "known_at": EARLIER, "tie": 5}
    part = {"recipient": 2, "child": 1, "status": "一部支給", "known_at": LATER, "tie": 1}
    assert codes(taxed(jido_fuyo_teate=[full, part])) == ["E1_TEATE"]
    assert codes(taxed(jido_fuyo_teate=[full, {**part, "known_at": EARLIER}])) == ["E2_TEATE"]


@pytest.mark.parametrize("named", [{"recipient": 2, "child": 8}, {"recipient": 8, "child": 1}])
def test_teate_is_the_households_if_recipient_or_child_is_a_member(named: Row) -> None:
    assert codes(taxed(jido_fuyo_teate=[{**named, "status": "全部支給"}])) == ["E2_TEATE"]


# -- 就学援助 ----------------------------------------------------------------------------------------------------------

THIS: Row = {"child": 1, "fy": 2026, "from_date": "2026-04-01", "to_date": "2027-03-31"}
LAST: Row = {"child": 1, "fy": 2025, "from_date": "2025-04-01", "to_date": "2026-03-31"}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (THIS, ["E2_ENJO"]),
        ({**THIS, "to_date": None}, ["E2_ENJO"]),
        ({**THIS, "category": "要保護"}, []),
        ({**THIS, "status": "廃止"}, ["E2_ENJO"]),
        ({**THIS, "status": "廃止", "to_date": "2026-08-31"}, ["E2_ENJO"]),
        ({**THIS, "status": "廃止", "to_date": "2026-08-30"}, []),
        ({**THIS, "status": "廃止", "to_date": None}, []),
        ({**THIS, "status": "取消"}, []),
        ({**THIS, "status": "否認定"}, []),
        ({**THIS, "status": "申請"}, []),
        ({**THIS, "from_date": "2026-09-01"}, []),
        ({**THIS, "from_date": "2026-08"}, ["E2_ENJO"]),
        (LAST, ["E1_ENJO_PREVIOUS"]),
        ({**LAST, "category": "要保護"}, ["E1_ENJO_PREVIOUS"]),
        ({**LAST, "status": "廃止", "to_date": "2025-06-30"}, ["E1_ENJO_PREVIOUS"]),
        ({**LAST, "status": "廃止", "to_date": None}, []),
        ({**LAST, "status": "取消"}, []),
        ({**LAST, "fy": 2024}, []),
    ],
)
def test_enjo_counts_by_status_category_year_and_days(row: Row, expected: list[str]) -> None:
    assert codes(taxed(shugaku_enjo=[row])) == expected


@pytest.mark.parametrize(
    ("this_year", "expected"),
    [
        (THIS, ["E2_ENJO"]),
        ({**THIS, "category": "要保護"}, []),
        ({**THIS, "status": "取消"}, ["E1_ENJO_PREVIOUS"]),
        ({**THIS, "to_date": "2026-08-30"}, ["E1_ENJO_PREVIOUS"]),
        ({**THIS, "child": 3, "guardian": 2}, ["E1_ENJO_PREVIOUS", "E2_ENJO"]),  # a sibling's is another
        ({**THIS, "category": "要保護", "from_date": "2026-08"}, []),
        ({**THIS, "category": "要保護", "to_date": "2026-08"}, ["E1_ENJO_PREVIOUS"]),  # may have ended before
    ],
)
def test_last_years_enjo_counts_unless_the_same_child_has_it_in_force(this_year: Row, expected: list[str]) -> None:
    assert codes(taxed(shugaku_enjo=[LAST, this_year])) == expected


def test_the_school_year_turns_on_1_april() -> None:
    assert codes(taxed(date(2026, 3, 31), shugaku_enjo=[LAST])) == ["E2_ENJO"]
    assert codes(taxed(date(2026, 4, 1), shugaku_enjo=[LAST])) == ["E1_ENJO_PREVIOUS"]


def test_enjo_of_a_sibling_is_the_households_by_its_guardian() -> None:
    assert codes(taxed(shugaku_enjo=[{**THIS, "child": 8, "guardian": 2}])) == ["E2_ENJO"]


# -- 住民税 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "economic", "expected"),
    [
        ("非課税", "E2", ["E2_TAX"]),
        ("均等割のみ", "E1", ["E1_TAX"]),
        ("課税", "E0", []),
        ("未申告", "EX", ["EX_NO_TAX"]),
        ("不明", "EX", ["EX_NO_TAX"]),
    ],
)
def test_the_households_own_class(kind: str, economic: str, expected: list[str]) -> None:
    part = judge(tax_class=[{"setai": 1, "class": kind}])
    assert (level(part), codes(part)) == (economic, expected)


def test_the_year_asked_turns_on_1_june() -> None:
    rows: list[Row] = [
        {"setai": 1, "fy": 2025, "class": "非課税", "effective_from": "2025-06-01"},
        {"setai": 1, "fy": 2026, "class": "均等割のみ", "effective_from": "2026-06-01"},
    ]
    assert codes(judge(date(2026, 5, 31), tax_class=rows)) == ["E2_TAX"]
    assert codes(judge(date(2026, 6, 1), tax_class=rows)) == ["E1_TAX"]
    assert codes(judge(date(2027, 5, 31), tax_class=rows)) == ["E1_TAX"]
    assert codes(judge(date(2027, 6, 1), tax_class=rows)) == ["EX_NO_TAX"]


def test_a_class_counts_from_its_effective_from_and_the_latest_of_a_year_counts() -> None:
    first: Row = {"setai": 1, "class": "課税", "effective_from": "2026-06-01", "known_at": LATER}
    second: Row = {"setai": 1, "class": "非課税", "effective_from": "2026-08-31", "known_at": EARLIER}
    assert codes(judge(tax_class=[first, second])) == ["E2_TAX"]
    assert codes(judge(date(2026, 8, 30), tax_class=[first, second])) == []


@pytest.mark.parametrize(
    ("classes", "economic", "deciding"),  # of the child, the parent and one who is no member
    [
        (("非課税", "非課税", "課税"), "E2", [3, 4]),
        (("非課税", "均等割のみ", "課税"), "E1", [4]),
        (("非課税", "課税", "非課税"), "E0", []),
        (("未申告", "課税", "非課税"), "E0", []),
        (("未申告", "非課税", "非課税"), "EX", []),
        (("不明", "均等割のみ", "非課税"), "EX", []),
        ((None, "非課税", "課税"), "E2", [4]),
        ((None, None, "非課税"), "EX", []),
    ],
)
def test_a_household_without_a_row_has_the_class_of_its_members(
    classes: tuple[str | None, ...], economic: str, deciding: list[int]
) -> None:
    rows: list[Row] = [
        {"person": person, "class": kind, "source": person + 2}
        for person, kind in zip((1, 2, 8), classes, strict=True)
        if kind is not None
    ]
    part = judge(tax_class=rows)
    assert level(part) == economic
    assert sources(part, f"{economic}_TAX") == deciding


@pytest.mark.parametrize(("household", "economic"), [("課税", "E0"), ("未申告", "EX")])
def test_the_households_row_goes_before_its_members(household: str, economic: str) -> None:
    rows: list[Row] = [{"setai": 1, "class": household}, {"person": 2, "class": "非課税"}]
    assert level(judge(tax_class=rows)) == economic


def test_a_row_with_both_numbers_is_the_persons() -> None:
    rows: list[Row] = [{"setai": 1, "person": 2, "class": "非課税"}, {"person": 1, "class": "課税"}]
    assert level(judge(tax_class=rows)) == "E0"


def test_a_positive_fact_needs_no_tax_class() -> None:
    part = judge(shugaku_enjo=[THIS])
    assert (level(part), codes(part)) == ("E2", ["E2_ENJO"])


def test_without_any_fact_the_level_is_unknown_and_says_of_which_year() -> None:
    part = judge()
    assert (level(part), codes(part)) == ("EX", ["EX_NO_TAX"])
    assert part.reasons.select("count", "source").row(0) == (2026, None)


def test_all_facts_found_are_listed() -> None:
    part = judge(
        seikatsu_hogo=[{"member": 1, "start_date": "2024-01-01"}],
        jido_fuyo_teate=[{"recipient": 2, "child": 1, "status": "一部支給"}],
        shugaku_enjo=[THIS, LAST],
        tax_class=[{"setai": 1, "class": "均等割のみ"}],
    )
    assert (level(part), codes(part)) == ("E3", ["E1_TAX", "E1_TEATE", "E2_ENJO", "E3_HOGO"])

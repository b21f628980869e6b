"""The oracle on small folders: what is known when, which version counts, who lives where, and dates at the edges."""

from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.oracle.days import JST
from tests.oracle.folders import make_city
from tests.oracle.judge import Official, judge
from tests.oracle.store import Load, Store, load_all
from tests.oracle.writing import Field, Folders, Record, imprecise

D = date(2026, 8, 31)
LOADS = (datetime(2026, 9, 1, 9, tzinfo=JST), datetime(2026, 9, 3, 9, tzinfo=JST))
CHILD, MOTHER = "1000000001", "1000000002"


class Town:
    """One household of a child (born 2014-05-05: P6 in fiscal year 2026) and its mother, and what is added to it."""

    def __init__(self, root: Path, birth: date = date(2014, 5, 5)) -> None:
        self.root = root
        self.out = Folders(Random(0), list(LOADS))
        self.birth = birth
        self.resident(MOTHER, date(1985, 1, 1))
        self.resident(CHILD, birth)

    def resident(self, atena: str, birth: date, **more: Field) -> Record:
        fields: dict[str, Field] = {
            "atena_no": atena,
            "rireki_no": 1,
            "setai_no": "S1",
            "name_kanji": "見本",
            "name_kana": "ミホン",
            "kana_confirmed": True,
            "birth": birth,
            "lg_code": "999997",
            "addr_joined": "見本市",
            "zokugara": "子",
            "jumin_shubetsu": "日本人",
            "status": "住民",
            "ido_jiyu": "転入",
            "ido_date": max(birth, date(2015, 4, 1)),
        }
        return self.add("resident", max(birth, date(2015, 4, 1)), fields | more)

    def add(self, feed: str, day: date, fields: dict[str, Field], step: int = 0) -> Record:
        return self.out.add(feed, fields, day=day, step=step)

    def soudan(self, kind: str, received: date, more: dict[str, Field] | None = None, step: int = 0) -> Record:
        fields: dict[str, Field] = {
            "case_no": "K1",
            "child_atena_no": CHILD,
            "kind": kind,
            "received": received,
            "status": "受理",
            "office": "子",
        }
        return self.add("soudan", received, fields | (more or {}), step)

    def store(self) -> Store:
        paths = self.out.write(self.root)
        return load_all([Load(path, at, initial=at == LOADS[0]) for path, at in zip(paths, LOADS, strict=True)])

    def child(self, as_of: date = D, *, known_at: date = date(2026, 9, 9)) -> dict[str, Any]:
        return judge(self.store(), as_of, known_at=known_at).children[CHILD]

    def codes(self, as_of: date = D, *, known_at: date = date(2026, 9, 9)) -> set[str]:
        return {reason["code"] for reason in self.child(as_of, known_at=known_at)["reasons"]}


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


@pytest.mark.parametrize(
    ("received", "code"),
    [
        (date(2025, 8, 31), "N3_ABUSE_12M"),
        (date(2025, 8, 30), "N2_ABUSE_36M"),
        (date(2023, 8, 31), "N2_ABUSE_36M"),
        (date(2023, 8, 30), None),
        (date(2026, 8, 31), "N3_ABUSE_12M"),
    ],
)
def test_an_abuse_report_counts_by_months(town: Town, received: date, code: str | None) -> None:
    town.soudan("虐待通告", received)
    found = {c for c in town.codes() if c.startswith("N") and c != "NX_FEED_MISSING"}
    assert found == ({code} if code else set())


@pytest.mark.parametrize(
    ("precision", "code"), [("month", "N3_ABUSE_12M"), ("year", "N3_ABUSE_12M"), ("day", "N2_ABUSE_36M")]
)
def test_an_imprecise_date_counts_if_one_of_its_days_does(town: Town, precision: str, code: str) -> None:
    town.soudan("虐待通告", date(2025, 8, 1), imprecise("received", date(2025, 8, 1), precision))
    assert town.codes() & {"N3_ABUSE_12M", "N2_ABUSE_36M"} == {code}


def test_registration_ends_with_the_day_it_was_closed(town: Town) -> None:
    town.soudan("要保護", date(2026, 1, 1), {"closed": D})
    assert "N3_YOHOGO" in town.codes(D)
    assert "N3_YOHOGO" not in town.codes(date(2026, 9, 1))


def test_a_late_row_is_known_from_its_load_and_a_first_load_from_its_event(town: Town) -> None:
    town.soudan("要保護", date(2026, 2, 1), step=1)
    town.soudan("要支援", date(2026, 1, 10)).said = datetime(2026, 8, 20, 12, tzinfo=JST)
    assert {"N3_YOHOGO", "N2_YOSHIEN"} <= town.codes(known_at=date(2026, 9, 3))
    assert "N3_YOHOGO" not in town.codes(known_at=date(2026, 9, 2))
    assert "N2_YOSHIEN" in town.codes(known_at=date(2026, 8, 20))
    assert "N2_YOSHIEN" not in town.codes(known_at=date(2026, 8, 19))


def test_in_a_delta_the_operation_settles_before_the_recorded_time(town: Town) -> None:
    row = town.soudan("要保護", date(2026, 2, 1))
    early = datetime(2026, 2, 2, tzinfo=JST)
    town.out.revise(row, "D", {}, step=1, said=early)
    town.out.revise(row, "U", {"kind": "要支援"}, step=1, said=datetime(2026, 8, 30, tzinfo=JST))
    assert not {"N3_YOHOGO", "N2_YOSHIEN"} & town.codes()
    assert "N3_YOHOGO" in town.codes(known_at=date(2026, 9, 2))


def test_the_same_bytes_again_are_no_new_version_but_a_new_time_is(town: Town) -> None:
    row = town.soudan("要保護", date(2026, 2, 1))
    town.out.revise(row, "U", {"kind": "要支援"}, step=0)
    town.out.revise(row, "I", {}, step=1, said=row.said, batch="Z9")
    assert "N2_YOSHIEN" in town.codes()
    town.out.revise(row, "U", {}, step=1)
    assert "N3_YOHOGO" in town.codes()


def test_a_refused_row_leaves_what_was_known(town: Town) -> None:
    row = town.soudan("要保護", date(2026, 2, 1))
    town.out.revise(row, "D", {}, step=1, said=datetime(2026, 9, 3, 9, 0, 1, tzinfo=JST))
    assert "N3_YOHOGO" in town.codes()


@pytest.mark.parametrize(
    ("status", "effective_from", "present"),
    [("転出", D, False), ("転出", date(2026, 9, 1), True), ("死亡", date(2026, 8, 30), False), ("住民", D, True)],
)
def test_who_leaves_on_the_day_is_out_of_scope(town: Town, status: str, effective_from: date, present: bool) -> None:
    fields: dict[str, Field] = {"rireki_no": 2, "status": status, "effective_from": effective_from}
    town.resident(CHILD, town.birth, **fields)
    assert (CHILD in judge(town.store(), D, known_at=date(2026, 9, 9)).children) == present


def test_welfare_of_any_member_is_the_households_whenever_it_began(town: Town) -> None:
    hogo: dict[str, Field] = {"case_no": "C1", "member_atena_no": MOTHER, "status": "開始", "start": date(2011, 1, 1)}
    town.add("seikatsu_hogo", date(2011, 1, 1), hogo)
    assert town.child()["economic"] == "E3"
    ended: dict[str, Field] = hogo | {"status": "廃止", "start": date(2025, 8, 31)}
    town.add("seikatsu_hogo", date(2025, 8, 31), ended)
    assert town.codes() & {"E3_HOGO", "E1_HOGO_ENDED"} == {"E1_HOGO_ENDED"}
    assert town.codes(date(2025, 8, 31)) & {"E3_HOGO", "E1_HOGO_ENDED"} == {"E3_HOGO"}
    assert town.child(date(2026, 9, 1))["economic"] == "EX"


def test_the_tax_year_turns_on_1_june_and_a_household_row_goes_first(town: Town) -> None:
    base: dict[str, Field] = {"fy": 2026, "class": "課税", "atena_no": MOTHER}
    town.add("tax_class", date(2026, 6, 1), base)
    assert town.child()["economic"] == "E0"
    assert town.child(date(2026, 5, 31))["economic"] == "EX"
    town.add("tax_class", date(2026, 6, 1), {"fy": 2026, "class": "非課税", "setai_no": "S1"})
    assert town.child()["economic"] == "E2"


def test_aid_of_last_year_counts_unless_the_child_has_aid_now(town: Town) -> None:
    base: dict[str, Field] = {
        "atena_no": CHILD,
        "guardian_atena_no": MOTHER,
        "fy": 2025,
        "status": "廃止",
        "category": "要保護",
        "from": date(2025, 4, 1),
        "to": date(2025, 9, 1),
    }
    town.add("shugaku_enjo", date(2025, 4, 1), base)
    assert "E1_ENJO_PREVIOUS" in town.codes()
    now: dict[str, Field] = {"fy": 2026, "status": "認定", "category": "要保護", "from": date(2026, 4, 1), "to": D}
    town.add("shugaku_enjo", date(2026, 4, 1), base | now)
    assert not {"E1_ENJO_PREVIOUS", "E2_ENJO"} & town.codes()


@pytest.mark.parametrize(("day", "missed"), [(date(2026, 8, 30), False), (date(2026, 8, 31), True)])
def test_a_check_up_is_missed_after_more_than_60_days(tmp_path: Path, day: date, missed: bool) -> None:
    town = Town(tmp_path, birth=date(2022, 1, 1))
    fields: dict[str, Field] = {
        "child_atena_no": CHILD,
        "kind": "3y",
        "due_from": date(2026, 5, 1),
        "due_to": date(2026, 7, 1),
        "reached_by_other": False,
    }
    town.add("boshi_hoken", date(2026, 5, 1), fields)
    assert ("N1_CHECKUP_MISSED" in town.codes(day)) == missed


def test_marks_survive_15_months_and_the_later_of_two_counts(town: Town) -> None:
    row: dict[str, Field] = {
        "atena_no": CHILD,
        "survey_id": "A",
        "fy": 2025,
        "date": date(2025, 5, 31),
        "grade": "P5",
        "absent": False,
        "norm_id": "N",
    }
    town.add("academic", date(2025, 5, 31), row | {"subject": "国", "dev": "30.0"})
    town.add("academic", date(2025, 5, 31), row | {"subject": "算数", "dev": "39.9"})
    assert str(town.child()["t"]) == "35.0"  # 34.95, half up
    assert town.child(date(2026, 9, 1))["t"] is None
    town.add("academic", date(2025, 5, 31), row | {"subject": "国", "dev": "29.8"}).said = row_time()
    assert str(town.child()["t"]) == "34.9"


def row_time() -> datetime:
    """After every other row of the first load."""
    return datetime(2026, 8, 31, 23, tzinfo=JST)


def test_children_before_school_have_no_school_judgements(tmp_path: Path) -> None:
    child = Town(tmp_path, birth=date(2020, 4, 2)).child()
    assert (child["learning"], child["noncognitive"], child["w"]) == ("X", "X", "X")
    assert (child["t"], child["change"], child["absence"], child["scales"]) == (None, None, None, {})


def test_a_missing_feed_is_no_reassurance(town: Town) -> None:
    assert town.child()["nurturing"] == "N0"
    town.out.dropped.add((0, "boshi_hoken"))
    (town.root / "step0" / "boshi_hoken.csv").unlink()
    assert town.child()["nurturing"] == "NX"
    assert town.child()["category"] == "要データ確認"


def test_a_lower_category_waits_for_a_second_run(town: Town) -> None:
    town.add("tax_class", date(2026, 6, 1), {"fy": 2026, "class": "課税", "setai_no": "S1"})
    store = town.store()
    first, second = date(2025, 8, 31), date(2026, 1, 31)
    once = judge(store, D, known_at=D, chain=[Official(second, {CHILD: "見守りⅠ"})])
    twice = [Official(first, {CHILD: "見守りⅠ"}), Official(second, {CHILD: "見守りⅡ"})]
    assert once.children[CHILD]["category"] == "見守りⅠ"
    assert judge(store, D, known_at=D, chain=twice).children[CHILD]["category"] == "見守りⅡ"
    again = [*twice, Official(second, {CHILD: "重点支援Ⅰ"}), Official(date(2026, 9, 1), {CHILD: "重点支援Ⅰ"})]
    assert judge(store, D, known_at=D, chain=again).children[CHILD]["category"] == "重点支援Ⅰ"


@pytest.mark.parametrize("seed", range(3))
def test_the_same_seed_makes_the_same_city(tmp_path: Path, seed: int) -> None:
    assert _bytes(seed, tmp_path / "a") == _bytes(seed, tmp_path / "b")


def _bytes(seed: int, root: Path) -> dict[str, bytes]:
    make_city(Random(seed), root, children=10)
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*.csv"))}

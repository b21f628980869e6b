"""Judgement 3: cuts, ranks, absence and which survey counts; as of 2026-08-31 for a pupil of P4 (fy 2026)."""

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from schemas.rules import load_default
from schemas.rules.names import SCALES
from tests.kernel_rows import Row, Schooled, codes, facts, noncognitive, sources

AS_OF = date(2026, 8, 31)
RULES = load_default()
PUPIL = {"person": 1, "birth": "2016-05-01"}  # P4 in fy 2026
# mean 5, SD 1: a scale result of 5 + (t − 50)/10 has exactly the t wanted
NORMS = [
    {"form_version": "F", "scale_code": scale, "grade": grade, "mean": 5_000_000, "sd": 1_000_000}
    for scale in SCALES
    for grade in ("P3", "P4")
]


def _scales(fy: Any = 2026, day: Any = "", base: Any = 500, **t: Any) -> list[Row]:
    """One result a scale, of t in tenths; `base` where not named; none for None."""
    wanted = {scale: t.get(scale, base) for scale in SCALES}
    return [
        {
            "person": 1,
            "survey_id": "L",
            "form_version": "F",
            "key_version": "0",
            "fy": fy,
            "date": day or f"{fy}-06-01",
            "scale_code": scale,
            "score": 5_000_000 + (value - 500) * 10_000,
            "answered": 6,
            "items": 6,
        }
        for scale, value in wanted.items()
        if value is not None
    ]


def _absent(days: int, ym: int = 202605, **more: Any) -> Row:
    return {"person": 1, "ym": ym, "absent_sick": days, "absent_other": 0, "absent_unknown": 0} | more


def _judge(as_of: date = AS_OF, rules: Any = RULES, **feeds: list[Row]) -> Schooled:
    all_feeds: dict[str, Any] = {"resident": [PUPIL], "instrument_norm": NORMS} | feeds
    given = facts(**all_feeds)
    return noncognitive(given, as_of=as_of, rules=rules)


def _rank(part: Schooled) -> str:
    return str(part.frame["noncognitive"].item())


def _t(part: Schooled, scale: str) -> int | None:
    t: int | None = part.frame[f"t_{scale}"].item()
    return t


# == low, very low, drop ==


@pytest.mark.parametrize(
    ("t", "found"),
    [
        (299, ["LOW_HABITS", "VERY_LOW_HABITS"]),
        (300, ["LOW_HABITS"]),
        (349, ["LOW_HABITS"]),
        (350, []),
    ],
)
def test_low_and_very_low_begin_under_their_cut(t: int, found: list[str]) -> None:
    part = _judge(life_scale=_scales(habits=t))
    assert _t(part, "habits") == t
    assert codes(part) == found
    assert _rank(part) == ("2" if found else "1")


@pytest.mark.parametrize(
    ("before", "t", "found"),
    [
        (549, 449, ["DROP_HABITS"]),
        (550, 450, []),
        (448, 349, ["LOW_HABITS"]),
        (449, 349, ["DROP_HABITS", "LOW_HABITS"]),
        (500, 401, []),
    ],
)
def test_a_drop_is_ten_points_to_under_45(before: int, t: int, found: list[str]) -> None:
    part = _judge(life_scale=_scales(habits=t) + _scales(2025, habits=before))
    assert codes(part) == found


def test_reasons_carry_the_score_the_difference_and_the_rows() -> None:
    part = _judge(life_scale=_scales(habits=290) + _scales(2025, habits=400))
    by_code = {row["code"]: row for row in part.reasons.sort("source").iter_rows(named=True)}
    assert {code: row["tenths"] for code, row in by_code.items()} == {
        "LOW_HABITS": 290,
        "VERY_LOW_HABITS": 290,
        "DROP_HABITS": -110,
    }
    first = 1 + 1 + len(NORMS)  # sources count through the feeds
    now, before = first + SCALES.index("habits"), first + len(SCALES) + SCALES.index("habits")
    assert sources(part, "LOW_HABITS") == [now]
    assert sources(part, "DROP_HABITS") == [now, before]


def test_without_a_value_in_the_year_before_there_is_no_drop() -> None:
    assert codes(_judge(life_scale=_scales(habits=400))) == []
    assert codes(_judge(life_scale=_scales(habits=400) + _scales(2025, habits=None, base=600))) == []
    assert codes(_judge(life_scale=_scales(habits=400) + _scales(2024, habits=600))) == []


# == the table of ranks ==


@pytest.mark.parametrize(
    ("now", "rank"),
    [
        ({"habits": 340, "sociality": 340, "motivation": 340}, "4"),
        ({"family": 299, "habits": 340}, "4"),
        ({"school": 299, "habits": 340}, "4"),
        ({"family": 300, "habits": 340}, "3"),
        ({"confidence": 299, "habits": 299}, "3"),
        ({"family": 290}, "2"),
        ({"habits": 340}, "2"),
        ({}, "1"),
    ],
)
def test_ranks_by_low_scales(now: dict[str, int], rank: str) -> None:
    part = _judge(life_scale=_scales(**now))
    assert _rank(part) == rank
    assert {code for code in codes(part) if code.startswith("LOW_")} == {f"LOW_{scale.upper()}" for scale in now}


@pytest.mark.parametrize(
    ("now", "rank"),
    [
        ({"habits": 340, "sociality": 440}, "3"),  # one low that also fell, and another fall
        ({"habits": 440, "sociality": 440}, "2"),
        ({"habits": 440}, "1"),
    ],
)
def test_ranks_by_drops(now: dict[str, int], rank: str) -> None:
    part = _judge(life_scale=_scales(**now) + _scales(2025, base=550))
    assert _rank(part) == rank
    assert [code for code in codes(part) if code.startswith("DROP_")] == sorted(f"DROP_{s.upper()}" for s in now)


@pytest.mark.parametrize(
    ("days", "found", "rank"),
    [(14, [], "1"), (15, ["ABSENCE_15"], "2"), (29, ["ABSENCE_15"], "2"), (30, ["ABSENCE_15", "ABSENCE_30"], "3")],
)
def test_absence_counts_from_15_and_30_days(days: int, found: list[str], rank: str) -> None:
    part = _judge(life_scale=_scales(), attendance=[_absent(days)])
    assert part.frame["absence"].item() == days
    assert (codes(part), _rank(part)) == (found, rank)
    assert set(part.reasons["count"]) == ({days} if found else set())


def test_absence_is_one_more_low() -> None:
    two_low = _scales(habits=340, sociality=340)
    assert _rank(_judge(life_scale=two_low, attendance=[_absent(14)])) == "3"
    assert _rank(_judge(life_scale=two_low, attendance=[_absent(15)])) == "4"
    assert _rank(_judge(life_scale=_scales(family=299), attendance=[_absent(15)])) == "4"
    assert _rank(_judge(life_scale=_scales(family=300), attendance=[_absent(15)])) == "3"
    falls = _scales(habits=440, sociality=440) + _scales(2025, base=550)
    assert _rank(_judge(life_scale=falls, attendance=[_absent(15)])) == "3"


@pytest.mark.parametrize("valid", [4, 5])
def test_fewer_than_five_scales_and_no_attendance_is_x(valid: int) -> None:
    few = _scales()[:valid]
    part = _judge(life_scale=few)
    assert (_rank(part), codes(part)) == (("X", ["SX_FEW_SCALES"]) if valid < 5 else ("1", []))
    assert part.reasons["count"].to_list() == ([4] if valid < 5 else [])
    with_attendance = _judge(life_scale=few, attendance=[_absent(0)])
    assert (_rank(with_attendance), codes(with_attendance)) == ("1", [])


def test_ranks_4_3_and_2_are_tested_before_x() -> None:
    for low, rank in (("habits",), "2"), (("habits", "sociality"), "3"), (("habits", "sociality", "health"), "4"):
        part = _judge(life_scale=_scales(base=None, **dict.fromkeys(low, 340)))
        assert (_rank(part), codes(part)) == (rank, sorted(f"LOW_{scale.upper()}" for scale in low))


def test_a_pupil_without_any_row_is_x() -> None:
    part = _judge()
    assert part.frame.row(0) == (1, *(None for _ in SCALES), None, "X")
    assert codes(part) == ["SX_FEW_SCALES"]
    assert part.reasons["count"].to_list() == [0]


# == reading 17: absence ==


@pytest.mark.parametrize(
    ("as_of", "ym", "seen"),
    [
        (date(2026, 8, 31), 202608, True),
        (date(2026, 8, 31), 202509, True),
        (date(2026, 8, 31), 202508, False),
        (date(2026, 8, 30), 202608, False),
        (date(2026, 8, 30), 202508, True),
        (date(2026, 8, 30), 202507, False),
    ],
)
def test_absence_looks_at_twelve_whole_months(as_of: date, ym: int, seen: bool) -> None:
    part = _judge(as_of, attendance=[_absent(20, ym)])
    assert part.frame["absence"].item() == (20 if seen else None)
    assert codes(part) == (["ABSENCE_15"] if seen else ["SX_FEW_SCALES"])


def test_absence_adds_kinds_months_and_schools_and_rests_on_the_rows_with_absence() -> None:
    rows = [
        _absent(4, absent_other=3, absent_unknown=2),
        _absent(5),
        _absent(6, 202604),
        _absent(0, 202603),
    ]
    part = _judge(attendance=rows)
    assert part.frame["absence"].item() == 20
    first = 1 + 1 + len(NORMS)
    assert sources(part, "ABSENCE_15") == [first, first + 1, first + 2]


# == readings 16 and 22: which survey ==


@pytest.mark.parametrize(
    ("day", "seen"),
    [
        ("2025-05-31", True),
        ("2025-05-30", False),
        ("2026-08-31", True),
        ("2026-09-01", False),
        ("2025-05", True),
        ("?", True),
    ],
)
def test_a_survey_counts_up_to_the_day_and_for_15_months(day: str, seen: bool) -> None:
    part = _judge(life_scale=_scales(2025, day=day, habits=340))
    assert codes(part) == (["LOW_HABITS"] if seen else ["SX_FEW_SCALES"])


def test_the_latest_survey_with_a_valid_scale_counts() -> None:
    older = _scales(day="2026-05-01", habits=340)
    later = [row | {"survey_id": "M"} for row in _scales(habits=330)]
    assert _t(_judge(life_scale=older + later), "habits") == 330
    unanswered = [row | {"answered": 3} for row in later]
    assert _t(_judge(life_scale=older + unanswered), "habits") == 340


def test_two_surveys_of_one_date_the_latest_known_then_the_greater_id() -> None:
    one, other = _scales(habits=340), [row | {"survey_id": "M"} for row in _scales(habits=330)]
    assert _t(_judge(life_scale=other + one), "habits") == 330
    known = [row | {"known_at": datetime(2026, 8, 2, tzinfo=UTC)} for row in one]
    assert _t(_judge(life_scale=other + known), "habits") == 340


def test_the_year_before_is_that_of_the_chosen_survey_however_old() -> None:
    # in January 2026 the survey of fy 2024 (June 2024) is 19 months old
    rows = _scales(2025, habits=400) + _scales(2024, habits=600)
    norms = [norm | {"grade": grade} for norm in NORMS for grade in ("P2", "P3")]
    assert codes(_judge(date(2026, 1, 31), life_scale=rows, instrument_norm=norms)) == ["DROP_HABITS"]


@pytest.mark.parametrize(("answered", "valid"), [(3, False), (4, True), (6, True)])
def test_a_result_needs_two_thirds_of_its_items(answered: int, valid: bool) -> None:
    rows = [row | {"answered": answered} for row in _scales(habits=340)]
    assert codes(_judge(life_scale=rows)) == (["LOW_HABITS"] if valid else ["SX_FEW_SCALES"])


def test_of_two_results_of_a_scale_the_latest_counts() -> None:
    rows = _scales(habits=340)
    again = [row | {"date": "2026-06-02"} for row in _scales(base=None, habits=330)]
    assert _t(_judge(life_scale=again + rows), "habits") == 330


# == 健康・体力 ==


def _measured(total_dev: int | None, fy: int = 2026, **more: Any) -> Row:
    return {"person": 1, "fy": fy, "total_dev": total_dev} | more


def test_total_dev_stands_in_for_health_beside_another_scale_of_the_survey() -> None:
    without = _scales(health=None)
    part = _judge(life_scale=without, physical=[_measured(None), _measured(340)])
    assert (_t(part, "health"), codes(part)) == (340, ["LOW_HEALTH"])
    assert sources(part, "LOW_HEALTH") == [1 + 1 + len(NORMS) + len(without) + 1]
    assert _t(_judge(physical=[_measured(340)]), "health") is None
    assert _t(_judge(life_scale=_scales(), physical=[_measured(340)]), "health") == 500
    assert _t(_judge(life_scale=without, physical=[_measured(340, 2025)]), "health") is None


def test_total_dev_does_not_stand_beside_missing_scales_alone() -> None:
    part = _judge(life_scale=_scales(base=None, habits=340), physical=[_measured(340)], instrument_norm=[])
    assert (_t(part, "health"), codes(part)) == (None, ["SX_FEW_SCALES"])


def test_total_dev_counts_as_a_valid_scale_and_for_drops() -> None:
    four = _scales(base=None, habits=500, family=500, school=500, sociality=500)
    assert _rank(_judge(life_scale=four, physical=[_measured(500)])) == "1"
    fell = _judge(life_scale=_scales(health=None) + _scales(2025, health=560), physical=[_measured(440)])
    assert codes(fell) == ["DROP_HEALTH"]
    both = [_measured(440), _measured(560, 2025)]
    assert codes(_judge(life_scale=_scales(health=None) + _scales(2025, health=None), physical=both)) == ["DROP_HEALTH"]


def test_of_several_total_devs_the_latest_known_then_the_greater_record_counts() -> None:
    rows = [_measured(400, tie=1), _measured(410, tie=2), _measured(420, tie=0)]
    assert _t(_judge(life_scale=_scales(health=None), physical=rows), "health") == 410
    rows[2]["known_at"] = datetime(2026, 8, 2, tzinfo=UTC)
    assert _t(_judge(life_scale=_scales(health=None), physical=rows), "health") == 420


# == who ==


@pytest.mark.parametrize(
    ("birth", "judged"), [("2020-04-01", True), ("2020-04-02", False), ("2011-04-02", True), ("2011-04-01", False)]
)
def test_only_p1_to_j3_by_birth_date_are_judged(birth: str, judged: bool) -> None:
    resident = [{"person": 1, "birth": birth, "effective_from": "2005-01-01"}]
    part = _judge(resident=resident, attendance=[_absent(30)])
    assert (_rank(part), part.frame["absence"].item()) == (("3", 30) if judged else ("X", None))
    assert codes(part) == (["ABSENCE_15", "ABSENCE_30"] if judged else [])


def test_the_frame_has_its_columns() -> None:
    assert _judge().frame.schema == pl.Schema(
        {
            "person": pl.Int64,
            **{f"t_{scale}": pl.Int32 for scale in SCALES},
            "absence": pl.Int32,
            "noncognitive": pl.String,
        }
    )

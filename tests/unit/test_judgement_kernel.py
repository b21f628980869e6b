"""The whole kernel: what it hands on, and what may not change it."""

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.judgement.facts import Facts
from models.judgement.kernel import JUDGEMENT_COLUMNS, Judged, judge
from models.judgement.overall.guard import Share
from models.judgement.reasons import SCHEMA
from schemas.rules import load_default
from tests.kernel_rows import Row, facts

AS_OF = date(2026, 8, 31)
RULES = load_default()


def academic(person: int, dev: int, fy: int = 2026) -> list[Row]:
    return [
        {"person": person, "fy": fy, "date": f"{fy}-05-01", "subject": subject, "dev": dev}
        for subject in ("国", "算数")
    ]


CITY = facts(
    resident=[
        {"person": 1},
        {"person": 2, "setai": 2},
        {"person": 3, "setai": 3, "birth": "2023-01-01"},
        {"person": 4, "birth": "1985-01-01"},
    ],
    tax_class=[{"setai": 1, "class": "非課税"}, {"person": 2, "class": "課税"}],
    seikatsu_hogo=[
        {"member": 4, "start_date": "2020-01-01"},
        {"member": 4, "status": "廃止", "start_date": "2026-01-31"},
    ],
    jido_fuyo_teate=[{"recipient": 4, "child": 1, "status": "一部支給"}],
    shugaku_enjo=[{"child": 1, "fy": 2025, "from_date": "2025-04-01"}],
    soudan=[{"child": 3, "kind": "虐待通告", "received": "2026-03"}],
    boshi_hoken=[{"child": 3, "due_to": "2026-05-01"}, {"child": 3, "visited": "2025-01-10", "result": "要支援"}],
    edu_support=[{"person": 3, "from_date": "2026-04-01"}],
    academic=[*academic(1, 340), *academic(1, 420, 2025), *academic(2, 510)],
    attendance=[{"person": 2, "ym": 202607, "absent_sick": 9, "absent_other": 8, "absent_unknown": 0}],
)


def judged(given: Facts = CITY, history: tuple[pl.DataFrame, ...] = ()) -> Judged:
    return judge(given, as_of=AS_OF, rules=RULES, history=history)


def test_every_child_in_scope_has_one_row_and_its_ranks() -> None:
    frame = judged().judgements
    assert tuple(frame.columns) == JUDGEMENT_COLUMNS
    ranks = frame.select("person", "poverty", "learning", "noncognitive", "w", "raw_category", "data_check")
    assert ranks.rows() == [
        (1, "B", "4", "X", "3", "見守りⅠ", False),
        (2, "D", "1", "2", "2", "対象外", False),
        (3, "A", "X", "X", "X", "重点支援Ⅱ", False),
    ]


def test_reasons_of_all_judgements_stand_together_once_each() -> None:
    found = judged().reasons
    assert dict(found.schema) == SCHEMA
    of_child = found.filter(pl.col("person") == 3)["code"].unique(maintain_order=True).to_list()
    assert of_child == ["EX_NO_TAX", "N1_CHECKUP_MISSED", "N1_HOKEN_SHIDO", "N2_VISIT", "N3_ABUSE_12M", "OVERRIDE_N3"]
    assert found.select("person", "code", "source").is_unique().all()


def test_earlier_runs_hold_the_category_and_not_the_raw_one() -> None:
    before = pl.DataFrame({"person": [2], "raw_category": ["見守りⅠ"]})
    row = judged(history=(before,)).judgements.filter(pl.col("person") == 2)
    assert row.select("raw_category", "category").row(0) == ("対象外", "見守りⅠ")


def test_guard_and_calibration_are_whole_numbers() -> None:
    found = judged()
    assert (found.guard, found.held) == (Share(0, 2), False)
    assert (found.calibration, found.uncalibrated) == (Share(2, 3), True)


def test_a_guarded_pupil_holds_a_small_city() -> None:
    serious = [{"child": 1, "kind": "要保護", "received": "2026-01-01"}]
    found = judged(facts(resident=[{"person": 1}], soudan=serious))
    assert (found.guard, found.held) == (Share(1, 1), True)


def test_an_empty_city_has_no_judgements() -> None:
    found = judged(Facts({}))
    assert (found.judgements.height, found.reasons.height, found.held, found.uncalibrated) == (0, 0, False, False)


@settings(max_examples=15)
@given(st.randoms(use_true_random=False))
def test_order_and_duplicates_of_rows_change_nothing(random: Any) -> None:
    frames = {}
    for feed, frame in CITY.frames.items():
        picks = [random.randrange(frame.height) for _ in range(random.randrange(3))]
        rows = [*range(frame.height), *picks] if feed not in ("attendance", "academic") else list(range(frame.height))
        frames[feed] = frame[random.sample(rows, len(rows))]
    again, first = judged(Facts(frames)), judged()
    assert again.judgements.equals(first.judgements)
    assert again.reasons.equals(first.reasons)


@pytest.mark.parametrize("feed", ["soudan", "shugaku_enjo", "seikatsu_hogo", "edu_support", "boshi_hoken"])
def test_rows_dated_after_the_as_of_date_change_nothing(feed: str) -> None:
    later: dict[str, Row] = {
        "soudan": {"child": 2, "kind": "要保護", "received": "2026-09-01"},
        "shugaku_enjo": {"child": 2, "fy": 2026, "from_date": "2026-09-01"},
        "seikatsu_hogo": {"member": 2, "start_date": "2026-09-01"},
        "edu_support": {"person": 2, "from_date": "2026-09-01"},
        "boshi_hoken": {"child": 3, "visited": "2026-09-01", "result": "異常なし"},
    }
    extra: dict[str, Any] = {feed: [{**later[feed], "source": 999}]}
    frames = {**CITY.frames, feed: pl.concat([CITY.frames[feed], facts(**extra).frames[feed]])}
    assert judged(Facts(frames)).reasons.equals(judged().reasons)
